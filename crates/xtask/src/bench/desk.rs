//! `cargo xtask bench desk`: how long the desk's pages take while ballots come in, with a
//! million ballots in the poll beside a thousand.
//!
//! The roll has 100,000 households more than there are ballots, in ten places, each with
//! a code. Owns the verdict, page by page; `tests/peers/throughput` fills the poll, signs
//! in and measures.
//!
//! Flags: `--ballots N` (of the large poll, default 1,000,000), `--seconds S` (of each
//! run, default 20), `--postgres`, `--seed N`, `--short` (20,000 ballots, 2 s).

use super::{load, serve};
use crate::sh;
use anyhow::{Context, Result, bail};
use linli_cluster::{Cluster, Durability};
use pico_args::Arguments;
use serde::Deserialize;
use serde_json::json;
use std::process::Command;

/// Beside a large poll a page may take this many times as long.
const GATE: f64 = 1.5;
const SMALL_BALLOTS: u64 = 1_000;

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

#[derive(Deserialize)]
struct Latency {
    p50: u32,
    p95: u32,
    p99: u32,
    max: u32,
}

/// The bench.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let is_short = args.contains("--short");
    let ballots: Option<u64> = args.opt_value_from_str("--ballots")?;
    let ballots = ballots.unwrap_or(if is_short { 20_000 } else { 1_000_000 });
    let seconds: Option<u64> = args.opt_value_from_str("--seconds")?;
    let seconds = seconds.unwrap_or(if is_short { 2 } else { 20 });
    let seed: Option<u64> = args.opt_value_from_str("--seed")?;
    let seed = seed.unwrap_or(20_260_101);
    let is_postgres = args.contains("--postgres");
    sh::no_more(args)?;
    let flags = [
        "--parts".to_owned(),
        serve::PARTS.to_string(),
        "--seconds".to_owned(),
        seconds.to_string(),
        "--seed".to_owned(),
        seed.to_string(),
    ];
    let programs = serve::release(&["linli-throughput"])?;
    println!("  {}", load::before_the_run());
    let measure = |ballots: u64| -> Result<Report> {
        let cluster = match is_postgres {
            true => Some(Cluster::start(Durability::Full).context("no PostgreSQL")?),
            false => None,
        };
        let url = cluster.as_ref().map(Cluster::database);
        let setting = serve::Setting {
            title: "Shall the bicycle shed be built?",
            poll: serve::poll(json!({ "type": "motion" }), "households", "household_code")?,
            origins: &[],
            suite: None,
            database_url: url.as_deref(),
        };
        let server = serve::Served::start(&programs.join("linli"), &setting)?;
        let mut bench = Command::new(programs.join("linli-throughput"));
        bench
            .arg("desk")
            .args(["--server", server.origin().trim_start_matches("http://")])
            .args(["--pid", &server.pid().to_string()])
            .args(["--ballots", &ballots.to_string()])
            .args(serve::NAMES)
            .args(&flags);
        match &url {
            Some(url) => bench.args(["--database-url", url]),
            None => bench.arg("--database").arg(server.database()),
        };
        let report: Report = serde_json::from_str(&sh::output(&mut bench)?)?;
        show(&report);
        Ok(report)
    };
    let small = measure(SMALL_BALLOTS)?;
    let large = measure(ballots)?;
    let worst = compare(&small, &large);
    if !is_short && worst > GATE {
        bail!("a page takes {worst:.2} times as long beside a large poll, the gate is {GATE}");
    }
    Ok(())
}

/// Tells the ratio of each page, and answers the worst.
fn compare(small: &Report, large: &Report) -> f64 {
    let ratios = small.pages.iter().zip(&large.pages).map(|(small, large)| {
        let ratio = f64::from(large.latency_us.p95) / f64::from(small.latency_us.p95);
        let name = &large.name;
        println!("  {name}: p95 with the large poll over that with the small one: {ratio:.2} (gate {GATE})");
        ratio
    });
    ratios.fold(0.0, f64::max)
}

fn show(report: &Report) {
    let ms = |us: u32| format!("{:.2}", f64::from(us) / 1000.0);
    println!(
        "  {} ballots, beside {} casts; peak memory {} MiB",
        report.ballots,
        report.casts,
        report.server_peak_memory_kib / 1024
    );
    for page in &report.pages {
        let Latency { p50, p95, p99, max } = &page.latency_us;
        println!(
            "    {}: p50 / p95 / p99 / max {} ms of {} reads; the first {} ms",
            page.name,
            [*p50, *p95, *p99, *max].map(ms).join(" / "),
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
