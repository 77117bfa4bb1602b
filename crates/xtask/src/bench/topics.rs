//! `cargo xtask bench topics`: how long a topic takes to be told while ballots come in,
//! with a million ballots in its poll beside a thousand.
//!
//! Results are live. Voters stand in the topic's own place: spread over places below, the
//! small poll would be counted by the whole roll for each answer, and any large one pass. Owns the
//! verdict; `tests/peers/throughput` fills the poll and measures.
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

/// A large poll may take this many times as long.
const GATE: f64 = 1.5;
const SMALL_BALLOTS: u64 = 1_000;

#[derive(Deserialize)]
struct Report {
    ballots: u64,
    reads: u64,
    casts: u64,
    first_us: u32,
    latency_us: Latency,
    server_peak_memory_kib: u64,
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
        let mut poll = serve::poll(json!({ "type": "motion" }), "households", "household_code")?;
        poll["results"] = json!("live");
        let setting = serve::Setting {
            title: "Shall the bicycle shed be built?",
            poll,
            origins: &[],
            suite: None,
            database_url: url.as_deref(),
        };
        let server = serve::Served::start(&programs.join("linli"), &setting)?;
        let mut bench = Command::new(programs.join("linli-throughput"));
        bench
            .arg("topics")
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
    let ratio = f64::from(large.latency_us.p95) / f64::from(small.latency_us.p95);
    println!("  p95 of the large poll over that of the small one: {ratio:.2} (gate {GATE})");
    if !is_short && ratio > GATE {
        bail!("a large poll takes {ratio:.2} times as long, the gate is {GATE}");
    }
    Ok(())
}

fn show(report: &Report) {
    let ms = |us: u32| format!("{:.2}", f64::from(us) / 1000.0);
    let Latency { p50, p95, p99, max } = &report.latency_us;
    println!(
        "  {} ballots: p50 / p95 / p99 / max {} ms of {} reads beside {} casts; the first {} ms; \
         peak memory {} MiB",
        report.ballots,
        [*p50, *p95, *p99, *max].map(ms).join(" / "),
        report.reads,
        report.casts,
        ms(report.first_us),
        report.server_peak_memory_kib / 1024
    );
}
