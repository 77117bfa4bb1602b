//! `cargo xtask bench report`: how long a survey's report takes, from responses in memory
//! and from a store.
//!
//! Ten times as many responses may take ten times as long (of the processor, in memory),
//! with room for a noisy machine.
//! Owns the verdict; `report_speed` (of the rules) and `report_store` (of the server)
//! make up responses and measure.
//!
//! Flags: `--responses N` (default 100,000), `--postgres` (instead of SQLite), `--short`
//! (a hundredth; judges nothing).

use super::load;
use crate::sh;
use anyhow::{Context, Result, bail};
use pico_args::Arguments;
use serde::Deserialize;

/// From memory, milliseconds for 100,000 responses to 50 questions.
const MEMORY_GATE_MS: f64 = 1_000.0;
/// From a store.
const STORE_GATE_MS: f64 = 5_000.0;
/// Ten times more take at most so many times as long.
const LINEAR_GATE: f64 = 13.0;
const RESPONSES: u64 = 100_000;

#[derive(Deserialize)]
struct InMemory {
    counted_ms: f64,
    report_ms: f64,
    all_ms: f64,
    cpu_ms: Option<f64>,
}

impl InMemory {
    /// Where the processor's time is not known, the wall's.
    fn cost(&self) -> f64 {
        self.cpu_ms.unwrap_or(self.all_ms)
    }
}

#[derive(Deserialize)]
struct FromStore {
    first_ms: f64,
    again_ms: f64,
}

/// The bench.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let is_short = args.contains("--short");
    let is_postgres = args.contains("--postgres");
    let responses: Option<u64> = args.opt_value_from_str("--responses")?;
    let responses = responses.unwrap_or(if is_short { RESPONSES / 100 } else { RESPONSES });
    sh::no_more(args)?;
    sh::step("release build", build)?;
    println!("  {}", load::before_the_run());
    let memory = |responses| measure::<InMemory>("report_speed", responses, false);
    let (some, many) = (memory(responses)?, memory(responses * 10)?);
    for (times, one) in [(1, &some), (10, &many)] {
        println!(
            "  memory, {} responses × 50: {:.0} ms ({:.0} counting, {:.0} the report)",
            responses * times,
            one.all_ms,
            one.counted_ms,
            one.report_ms
        );
    }
    let stored = |responses| measure::<FromStore>("report_store", responses, is_postgres);
    let (few, more) = (stored(responses)?, stored(responses * 10)?);
    for (times, one) in [(1, &few), (10, &more)] {
        println!(
            "  store, {} responses × 50: {:.0} ms; again {:.1} ms",
            responses * times,
            one.first_ms,
            one.again_ms
        );
    }
    let ratios = [many.cost() / some.cost(), more.first_ms / few.first_ms];
    println!(
        "  ten times more: × {:.1} in memory, × {:.1} from the store (gate {LINEAR_GATE})",
        ratios[0], ratios[1]
    );
    if is_short {
        return Ok(());
    }
    if some.all_ms > MEMORY_GATE_MS || few.first_ms > STORE_GATE_MS {
        bail!("gates are {MEMORY_GATE_MS} ms in memory and {STORE_GATE_MS} ms from the store");
    }
    if ratios.iter().any(|ratio| *ratio > LINEAR_GATE) {
        bail!("ten times more responses take more than {LINEAR_GATE} times as long");
    }
    Ok(())
}

fn build() -> Result<()> {
    let rules = ["--package", "linli-rules", "--features", "statistics"];
    let build = ["build", "--release"];
    sh::run(
        sh::cargo()
            .args(build)
            .args(rules)
            .args(["--example", "report_speed"]),
    )?;
    let server = ["--package", "linli-server", "--example", "report_store"];
    sh::run(sh::cargo().args(build).args(server))
}

fn measure<R: serde::de::DeserializeOwned>(
    example: &str,
    responses: u64,
    is_postgres: bool,
) -> Result<R> {
    let program = sh::target_dir().join("release/examples").join(example);
    let mut command = std::process::Command::new(program);
    command.arg(responses.to_string());
    if is_postgres {
        command.arg("--postgres");
    }
    let told = sh::output(&mut command)?;
    let line = told.lines().last().unwrap_or_default();
    serde_json::from_str(line).with_context(|| format!("{example}: {told}"))
}
