//! `cargo xtask bench report`: a survey's report over 100,000 and 1,000,000 responses in
//! memory, in turns: 50 questions, 40 places, weights, two cross-tables.
//!
//! Owns the verdict; `crates/rules/examples/report_speed.rs` owns the work and its clock.
//!
//! Flags: `--pairs N` (default 9), `--short` (one pair of a hundredth, judges nothing).

use super::load;
use super::paired::Spread;
use crate::sh;
use anyhow::{Context, Result, bail};
use pico_args::Arguments;
use serde::Deserialize;
use std::path::Path;

/// Responses of the smaller report; the larger has [`TIMES`] as many.
const RESPONSES: u64 = 100_000;
const TIMES: u64 = 10;
/// Longest time of the smaller report.
const GATE_MS: f64 = 1_000.0;
/// Counting the larger may take this many times as long: linear, and a little for chance.
/// What is made of the counts does not grow with the responses.
const RATIO_GATE: f64 = 12.0;

/// The bench.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let is_short = args.contains("--short");
    let pairs: u32 = args
        .opt_value_from_str("--pairs")?
        .unwrap_or(if is_short { 1 } else { 9 });
    sh::no_more(args)?;
    let responses = if is_short { RESPONSES / 100 } else { RESPONSES };
    sh::step("build the report", || {
        let example = ["build", "--release", "--package", "linli-rules"];
        let features = ["--features", "statistics", "--example", "report_speed"];
        sh::run(sh::cargo().args(example).args(features))
    })?;
    let program = sh::target_dir().join("release/examples/report_speed");
    println!("  {}", load::before_the_run());
    let mut small = Vec::new();
    let mut large = Vec::new();
    for _ in 0..pairs {
        small.push(measure(&program, responses)?);
        large.push(measure(&program, responses * TIMES)?);
    }
    println!("\n  responses         counted, ms        reported, ms          all, ms");
    let of_small = show(responses, &small)?;
    show(responses * TIMES, &large)?;
    let pairs = || large.iter().zip(&small);
    let counts = pairs().map(|(large, small)| (large.counted, small.counted));
    let ratio = Spread::of_ratios(counts).context("no pair")?;
    let sums = pairs().map(|(large, small)| (large.sum(), small.sum()));
    let whole = Spread::of_ratios(sums).context("no pair")?;
    println!(
        "  {TIMES} times the responses take {} times as long to count (gate {RATIO_GATE}), {} times in all; gate of the smaller {GATE_MS} ms\n",
        ratio.show(2),
        whole.show(2)
    );
    if !is_short && (of_small.median > GATE_MS || ratio.median > RATIO_GATE) {
        bail!(
            "a report takes {:.0} ms, {:.1} times as long to count for {TIMES} times the responses",
            of_small.median,
            ratio.median
        );
    }
    Ok(())
}

/// Milliseconds of one report.
#[derive(Deserialize)]
struct Took {
    #[serde(rename = "counted_ms")]
    counted: f64,
    #[serde(rename = "report_ms")]
    reported: f64,
}

impl Took {
    fn sum(&self) -> f64 {
        self.counted + self.reported
    }
}

fn measure(program: &Path, responses: u64) -> Result<Took> {
    let said = sh::output(sh::command(&program.to_string_lossy()).arg(responses.to_string()))?;
    serde_json::from_str(&said).with_context(|| format!("it told no times: {said}"))
}

/// Prints a line; gives the whole time.
fn show(responses: u64, all: &[Took]) -> Result<Spread> {
    let of = |figure: fn(&Took) -> f64| Spread::of(all.iter().map(figure)).context("no run");
    let sum = of(Took::sum)?;
    println!(
        "  {responses:>9}{:>20}{:>20}{:>22}",
        of(|one| one.counted)?.show(0),
        of(|one| one.reported)?.show(0),
        sum.show(0)
    );
    Ok(sum)
}
