//! `cargo xtask bench desk`: how long the desk's pages take while ballots come in, with a
//! million ballots in the poll beside a thousand.
//!
//! The roll has 100,000 households more than there are ballots, in ten places, each with
//! a code. Owns the verdict, page by page; `tests/peers/throughput` fills the poll, signs
//! in and measures.
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
    casts: u64,
    pages: Vec<Page>,
    server_peak_memory_kib: u64,
}

#[derive(Deserialize)]
struct Page {
    name: String,
    reads: u64,
    first_us: u32,
    latency_us: Latency,
}

/// The bench.
pub(crate) fn run(args: Arguments) -> Result<()> {
    let crowd = Crowd::of(args)?;
    let poll = serve::poll(json!({ "type": "motion" }), "households", "household_code")?;
    let parts = ["--parts".to_owned(), serve::PARTS.to_string()];
    let (small, large) = crowd.measure("desk", &poll, &parts, show)?;
    let worst = compare(&small, &large);
    if !crowd.is_short && worst > GATE {
        bail!("a page takes {worst:.2} times as long beside a large poll, the gate is {GATE}");
    }
    Ok(())
}

/// Tells the ratio of each page, and answers the worst.
fn compare(small: &Report, large: &Report) -> f64 {
    let ratios = small.pages.iter().zip(&large.pages).map(|(small, large)| {
        let ratio = large.latency_us.over(&small.latency_us);
        let name = &large.name;
        println!("  {name}: p95 with the large poll over that with the small one: {ratio:.2} (gate {GATE})");
        ratio
    });
    ratios.fold(0.0, f64::max)
}

fn show(report: &Report) {
    println!(
        "  {} ballots, beside {} casts; peak memory {} MiB",
        report.ballots,
        report.casts,
        report.server_peak_memory_kib / 1024
    );
    for page in &report.pages {
        println!(
            "    {}: p50 / p95 / p99 / max {} ms of {} reads; the first {} ms",
            page.name,
            page.latency_us.line(),
            page.reads,
            ms(page.first_us)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_page_decides() {
        let report = |p95: [u32; 2]| Report {
            ballots: 0,
            casts: 0,
            pages: p95
                .map(|p95| Page {
                    name: String::new(),
                    reads: 1,
                    first_us: 1,
                    latency_us: Latency {
                        p50: 1,
                        p95,
                        p99: p95,
                        max: p95,
                    },
                })
                .into(),
            server_peak_memory_kib: 0,
        };
        assert_eq!(compare(&report([100, 100]), &report([80, 200])), 2.0);
    }
}
