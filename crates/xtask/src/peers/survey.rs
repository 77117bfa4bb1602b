//! Surveys beside survey-core: its answers to random cases, held against ours.
//!
//! The scripts are `tests/peers/survey/*.mjs`; ours run in the tests of `linli-rules` and
//! `linli-server`, which take the recordings from a file. Seeds are printed, so that a run can be
//! repeated (`LINLI_SEED`). Differences are shown and fail the command.

use crate::sh;
use anyhow::{Context, Result};
use std::time::{SystemTime, UNIX_EPOCH};

struct Kind {
    script: &'static str,
    /// What cargo is to test: package and target.
    package: [&'static str; 2],
    /// The test's name, or a part of it.
    test: &'static str,
    variable: &'static str,
    cases: usize,
}

const KINDS: &[Kind] = &[
    Kind {
        script: "expressions.mjs",
        package: ["linli-rules", "--test=survey_expressions"],
        test: "survey_core",
        variable: "LINLI_SURVEY_EXPRESSIONS",
        cases: 20_000,
    },
    Kind {
        script: "sessions.mjs",
        package: ["linli-rules", "--test=survey_sessions"],
        test: "survey_core",
        variable: "LINLI_SURVEY_SESSIONS",
        cases: 3_000,
    },
    Kind {
        script: "patterns.mjs",
        package: ["linli-server", "--lib"],
        test: "patterns_answer_as_in_node",
        variable: "LINLI_SURVEY_PATTERNS",
        cases: 20_000,
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
        let file = sh::target_dir().join(format!("{}.json", kind.script));
        std::fs::write(&file, recorded)?;
        let mut test = sh::cargo();
        let [package, target] = kind.package;
        test.args(["test", "-q", "-p", package, target, kind.test]);
        let held = sh::run(test.args(["--", "--nocapture"]).env(kind.variable, &file));
        outcome = outcome.and(held);
    }
    outcome
}
