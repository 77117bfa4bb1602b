//! Surveys beside survey-core: its answers to random cases, held against ours.
//!
//! The scripts are `tests/peers/survey/*.mjs`; ours run in the tests of `linli-rules`,
//! which take the recordings from a file. Seeds are printed, so that a run can be
//! repeated (`LINLI_SEED`). Differences are shown and fail the command.

use crate::sh;
use anyhow::{Context, Result};
use std::time::{SystemTime, UNIX_EPOCH};

struct Kind {
    script: &'static str,
    test: &'static str,
    variable: &'static str,
    cases: usize,
}

const KINDS: &[Kind] = &[
    Kind {
        script: "expressions.mjs",
        test: "survey_expressions",
        variable: "LINLI_SURVEY_EXPRESSIONS",
        cases: 20_000,
    },
    Kind {
        script: "sessions.mjs",
        test: "survey_sessions",
        variable: "LINLI_SURVEY_SESSIONS",
        cases: 3_000,
    },
];

/// The comparison; `is_short` takes a tenth of the cases.
pub(super) fn beside_survey_core(is_short: bool) -> Result<()> {
    let seed = match std::env::var("LINLI_SEED") {
        Ok(seed) => seed.parse().context("LINLI_SEED is a number")?,
        Err(_) => SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos(),
    };
    let mut outcome = Ok(());
    for kind in KINDS {
        let cases = if is_short {
            kind.cases / 10
        } else {
            kind.cases
        };
        println!("{}: seed {seed}, {cases} cases", kind.script);
        let script = sh::root().join("tests/peers/survey").join(kind.script);
        let mut node = sh::command("node");
        let recorded = sh::output(
            node.arg(script)
                .arg(seed.to_string())
                .arg(cases.to_string()),
        )?;
        let file = sh::target_dir().join(format!("{}.json", kind.test));
        std::fs::write(&file, recorded)?;
        let mut test = sh::cargo();
        test.args([
            "test",
            "-q",
            "-p",
            "linli-rules",
            "--test",
            kind.test,
            "survey_core",
        ]);
        let held = sh::run(test.args(["--", "--nocapture"]).env(kind.variable, &file));
        outcome = outcome.and(held);
    }
    outcome
}
