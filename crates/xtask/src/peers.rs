//! `cargo xtask peers`: our widgets beside the software that people would use instead.
//!
//! Each comparison is a module of its own and a line in [`COMPARISONS`]; what peers
//! need (packages, pages, drivers) is under `tests/peers`. Nothing here fails over a
//! figure: gates are in `cargo xtask bench` and `cargo xtask sizes`.
//!
//! Flags: `--short` (one measurement of each), `--only NAME`.

mod survey;

use crate::bench::first_use;
use crate::sh;
use anyhow::{Result, bail};
use pico_args::Arguments;

struct Comparison {
    name: &'static str,
    about: &'static str,
    run: fn(is_short: bool) -> Result<()>,
}

const COMPARISONS: &[Comparison] = &[
    Comparison {
        name: "first-use",
        about: "from an empty cache to the first usable control, and what travels for it: SurveyJS",
        run: first_use_beside_surveyjs,
    },
    Comparison {
        name: "statistics",
        about: "estimates, errors and tests of fresh made-up surveys: R's `survey`",
        run: statistics_beside_r,
    },
    Comparison {
        name: "instruments",
        about: "every shipped survey and every case of pasted text, loaded by SurveyJS 3.1.1",
        run: instruments_in_surveyjs,
    },
    Comparison {
        name: "survey",
        about: "random expressions and surveys, answer by answer: survey-core",
        run: survey::beside_survey_core,
    },
];

/// The command.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let is_short = args.contains("--short");
    let only: Option<String> = args.opt_value_from_str("--only")?;
    sh::no_more(args)?;
    let wanted = |one: &&Comparison| only.as_ref().is_none_or(|name| name == one.name);
    let wanted: Vec<&Comparison> = COMPARISONS.iter().filter(wanted).collect();
    if wanted.is_empty() {
        let names: Vec<&str> = COMPARISONS.iter().map(|one| one.name).collect();
        bail!("no such comparison; there are {}", names.join(", "));
    }
    for one in wanted {
        println!("\n== {}: {}", one.name, one.about);
        (one.run)(is_short)?;
    }
    Ok(())
}

fn first_use_beside_surveyjs(is_short: bool) -> Result<()> {
    let report = first_use::measure(if is_short { 1 } else { 9 })?;
    first_use::show(&report)?;
    first_use::show_bytes(&report)
}

/// New data sets each time the seeds change; the tolerances are the test's.
fn statistics_beside_r(is_short: bool) -> Result<()> {
    let folder = sh::target_dir().join("peers/statistics");
    std::fs::create_dir_all(&folder)?;
    let script = sh::root().join("tests/peers/statistics/vectors.R");
    let seeds = if is_short { 101..=103 } else { 101..=120 };
    for seed in seeds {
        let respondents = (40 + seed * 7).to_string();
        let mut command = sh::command("Rscript");
        command.arg(&script).args([&seed.to_string(), &respondents]);
        let vectors = sh::output(&mut command)?;
        std::fs::write(folder.join(format!("survey-{seed}.json")), vectors)?;
    }
    let test = ["test", "-p", "linli-rules", "--test", "statistics"];
    sh::run(
        sh::cargo()
            .args(test)
            .env("LINLI_STATISTICS_VECTORS", &folder),
    )
}

fn instruments_in_surveyjs(_is_short: bool) -> Result<()> {
    let folder = sh::root().join("tests/peers/instruments");
    sh::run(
        sh::command("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder),
    )?;
    let cases = sh::root().join("tests/cases/survey-text");
    sh::run(
        sh::command("node")
            .arg("check.mjs")
            .arg(cases)
            .current_dir(&folder),
    )
}
