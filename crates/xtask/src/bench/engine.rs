//! `cargo xtask bench engine`: loading a survey and taking an answer, our engine in wasm
//! beside survey-core, in turns in one Node process.
//!
//! Owns build, table and verdict; `tests/peers/engine` owns surveys and clock.
//!
//! Flags: `--pairs N` (default 9), `--short` (one pair, judges nothing).

use super::first_use::peers_packages;
use super::load;
use super::paired::Spread;
use crate::dist::pack::STACK_BYTES;
use crate::sh;
use anyhow::{Context, Result, bail};
use pico_args::Arguments;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Milliseconds that an answer may take at the largest size of the chain.
const GATE_MS: f64 = 1.0;
/// The shape and size that the gate is for.
const GATED: (&str, usize) = ("chained", 300);

#[derive(Debug, Deserialize)]
struct Report {
    node: String,
    report: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    shape: String,
    size: usize,
    runs: Vec<Run>,
}

#[derive(Debug, Deserialize)]
struct Run {
    ours: Side,
    theirs: Side,
}

#[derive(Debug, Deserialize)]
struct Side {
    load_ms: f64,
    answer_ms: f64,
    worst_ms: f64,
}

/// The bench.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let is_short = args.contains("--short");
    let pairs: u32 = args
        .opt_value_from_str("--pairs")?
        .unwrap_or(if is_short { 1 } else { 9 });
    sh::no_more(args)?;
    peers_packages()?;
    sh::wasm_target()?;
    let folder = sh::step("build the engine", build)?;
    println!("  {}", load::before_the_run());
    let mut node = sh::command("node");
    node.arg("tests/peers/engine/measure.mjs")
        .arg(&folder)
        .arg(pairs.to_string());
    let report: Report = serde_json::from_str(&sh::output(&mut node)?).context("the report")?;
    let answer = show(&report)?;
    if !is_short && answer.median > GATE_MS {
        bail!(
            "an answer takes {:.2} ms at {} questions, the gate is {GATE_MS}",
            answer.median,
            GATED.1
        );
    }
    Ok(())
}

/// As widgets are built, with their stack, bound for Node; wasm-opt stays out.
fn build() -> Result<PathBuf> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let package = ["rustc", "--package", "linli-engine-trial"];
    let profile = ["--profile", "wasm", "--target", TARGET];
    let stack = format!("-Clink-args=-zstack-size={STACK_BYTES}");
    sh::run(sh::cargo().args(package).args(profile).args(["--", &stack]))?;
    let wasm = sh::target_dir()
        .join(TARGET)
        .join("wasm/linli_engine_trial.wasm");
    let folder = sh::target_dir().join("xtask/engine");
    bind(&wasm, &folder)?;
    Ok(folder)
}

fn bind(wasm: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("engine")
        .typescript(false)
        .nodejs(true)?;
    bindgen.generate(folder)
}

/// Prints every case; gives our time per answer in the gated one.
fn show(report: &Report) -> Result<Spread> {
    println!(
        "\n  Node {}; medians within pairs (min–max), ms",
        report.node
    );
    println!(
        "  {:<12}{:>5}  {:<7}{:>24}{:>24}{:>24}",
        "shape", "size", "", "survey-core", "ours", "ratio"
    );
    let mut gated = None;
    for case in &report.report {
        for (what, of) in FIGURES {
            let of_runs = |side: fn(&Run) -> &Side| {
                Spread::of(case.runs.iter().map(|run| of(side(run)))).context("no pair")
            };
            let theirs = of_runs(|run| &run.theirs)?;
            let ours = of_runs(|run| &run.ours)?;
            let pairs = case.runs.iter().map(|run| (of(&run.ours), of(&run.theirs)));
            let ratio = Spread::of_ratios(pairs).context("no pair")?;
            println!(
                "  {:<12}{:>5}  {what:<7}{:>24}{:>24}{:>24}",
                case.shape,
                case.size,
                theirs.show(2),
                ours.show(3),
                ratio.show(4)
            );
            if *what == "answer" && (case.shape.as_str(), case.size) == GATED {
                gated = Some(ours);
            }
        }
    }
    println!(
        "  gate: {GATE_MS} ms per answer, {} at {}\n",
        GATED.0, GATED.1
    );
    gated.context("the gated case was not measured")
}

/// A figure of one side of a run, with its name.
type Figure = (&'static str, fn(&Side) -> f64);

/// What is shown of a run.
const FIGURES: &[Figure] = &[
    ("load", |side| side.load_ms),
    ("answer", |side| side.answer_ms),
    ("worst", |side| side.worst_ms),
];
