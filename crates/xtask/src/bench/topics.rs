//! `cargo xtask bench topics`: how long a topic takes to be told while ballots come in,
//! with a million ballots in its poll beside a thousand.
//!
//! Results are live. Voters stand in the topic's own place: spread over places below, the
//! small poll would be counted by the whole roll for each answer, and any large one pass. Owns the
//! verdict; `tests/peers/throughput` fills the poll and measures.
//!
//! Flags: `--ballots N` (of the large poll, default 1,000,000), `--seconds S` (of each
//! run, default 20), `--postgres`, `--seed N`, `--short` (20,000 ballots, 2 s).

use super::crowd::{Crowd, GATE, Latency, ms};
use super::serve;
use anyhow::{Result, bail};
use pico_args::Arguments;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Report {
    ballots: u64,
    reads: u64,
    casts: u64,
    first_us: u32,
    latency_us: Latency,
    server_peak_memory_kib: u64,
}

/// The bench.
pub(crate) fn run(args: Arguments) -> Result<()> {
    let crowd = Crowd::of(args)?;
    let mut poll = serve::poll(json!({ "type": "motion" }), "households", "household_code")?;
    poll["results"] = json!("live");
    let (small, large) = crowd.measure("topics", &poll, &[], show)?;
    let ratio = large.latency_us.over(&small.latency_us);
    println!("  p95 of the large poll over that of the small one: {ratio:.2} (gate {GATE})");
    if !crowd.is_short && ratio > GATE {
        bail!("a large poll takes {ratio:.2} times as long, the gate is {GATE}");
    }
    Ok(())
}

fn show(report: &Report) {
    println!(
        "  {} ballots: p50 / p95 / p99 / max {} ms of {} reads beside {} casts; the first {} ms; \
         peak memory {} MiB",
        report.ballots,
        report.latency_us.line(),
        report.reads,
        report.casts,
        ms(report.first_us),
        report.server_peak_memory_kib / 1024
    );
}
