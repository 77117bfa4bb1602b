//! `cargo xtask bench server`: ballots per second over HTTP beside the raw engine.
//!
//! Owns the verdict and the table; `tests/peers/throughput` owns the load and the
//! blocks, `linli serve` is the product as released.
//!
//! Flags: `--blocks N` (pairs, default 9), `--seconds S` (of each block, default 10),
//! `--order arrival|roll` (in which order households vote, default arrival),
//! `--seed N`, `--short` (three pairs of one second), `--postgres` (on PostgreSQL, with
//! one server and then with two).

use super::paired::Spread;
use super::{load, serve};
use crate::sh;
use anyhow::{Context, Result, bail};
use linli_cluster::{Cluster, Durability};
use pico_args::Arguments;
use serde::Deserialize;
use serde_json::json;
use std::process::Command;

/// The server must reach at least this share of the raw engine's rate.
const GATE: f64 = 0.5;

/// The bench.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let is_short = args.contains("--short");
    let number = |args: &mut Arguments, name: &'static str, usual: u64| -> Result<String> {
        Ok(args.opt_value_from_str(name)?.unwrap_or(usual).to_string())
    };
    let blocks = number(&mut args, "--blocks", if is_short { 3 } else { 9 })?;
    let seconds = number(&mut args, "--seconds", if is_short { 1 } else { 10 })?;
    let seed = number(&mut args, "--seed", 20_260_101)?;
    let order: Option<String> = args.opt_value_from_str("--order")?;
    let order = order.unwrap_or_else(|| "arrival".to_owned());
    let is_postgres = args.contains("--postgres");
    sh::no_more(args)?;
    let flags = [
        "--blocks",
        &blocks,
        "--seconds",
        &seconds,
        "--seed",
        &seed,
        "--order",
        &order,
    ];
    if is_postgres {
        // Both figures first, then the verdict.
        let ratios = [on_postgres(1, &flags)?, on_postgres(2, &flags)?];
        return ratios
            .into_iter()
            .try_for_each(|ratio| judge(ratio, is_short));
    }

    let programs = serve::release(&["linli-throughput"])?;
    let setting = serve::Setting {
        title: "Shall the bicycle shed be built?",
        poll: serve::poll(json!({ "type": "motion" }), "households", "household_code")?,
        origins: &[],
        suite: None,
        database_url: None,
    };
    let server = serve::Served::start(&programs.join("linli"), &setting)?;
    println!("  {}", load::before_the_run());
    let mut bench = Command::new(programs.join("linli-throughput"));
    bench
        .args(["--server", server.origin().trim_start_matches("http://")])
        .args(["--pid", &server.pid().to_string()])
        .arg("--database")
        .arg(server.database())
        .args(serve::NAMES)
        .args(flags);
    let report: Report = serde_json::from_str(&sh::output(&mut bench)?)?;
    println!(
        "\n  {} connections, at most {} ballots per commit, order {}, seed {}, {} pairs",
        report.connections,
        report.batch_max,
        report.order,
        report.seed,
        report.pairs.len()
    );
    let ratio = show(
        &report.pairs,
        &report.latency_us,
        report.server_peak_memory_kib,
    )?;
    let syncs = report.syncs_per_ballot.as_ref().map_or_else(
        || "not counted: perf is missing".to_owned(),
        |syncs| format!("raw {:.4}, HTTP {:.4}", syncs.raw, syncs.http),
    );
    line("fsync and fdatasync per ballot", syncs);
    line(
        "database at the end, MB",
        format!("{:.0}\n", report.database_bytes as f64 / 1e6),
    );
    judge(ratio, is_short)
}

/// The same with so many servers on a temporary PostgreSQL.
fn on_postgres(servers: usize, flags: &[&str]) -> Result<Spread> {
    /// The servers' default.
    const DATABASE_CONNECTIONS: &str = "16";
    let programs = serve::release(&["linli-throughput"])?;
    let cluster = Cluster::start(Durability::Full).context("no PostgreSQL")?;
    let url = cluster.database();
    let setting = serve::Setting {
        title: "Shall the bicycle shed be built?",
        poll: serve::poll(json!({ "type": "motion" }), "households", "household_code")?,
        origins: &[],
        suite: None,
        database_url: Some(&url),
    };
    let linli = programs.join("linli");
    let mut served = vec![serve::Served::start(&linli, &setting)?];
    while served.len() < servers {
        let another = served[0].another(&linli, &setting)?;
        served.push(another);
    }
    println!("  {}", load::before_the_run());
    let mut bench = Command::new(programs.join("linli-throughput"));
    bench.arg("postgres").args(["--database-url", &url]);
    bench.args(["--database-connections", DATABASE_CONNECTIONS]);
    for server in &served {
        bench.args(["--server", server.origin().trim_start_matches("http://")]);
        bench.args(["--pid", &server.pid().to_string()]);
    }
    bench.args(serve::NAMES).args(flags);
    let report: OnPostgres = serde_json::from_str(&sh::output(&mut bench)?)?;
    println!(
        "\n  {servers} servers, {} connections to them, {} to PostgreSQL, one ballot per \
         commit, seed {}, {} pairs",
        report.connections,
        report.database_connections,
        report.seed,
        report.pairs.len()
    );
    let ratio = show(
        &report.pairs,
        &report.latency_us,
        report.server_peak_memory_kib,
    )?;
    println!();
    Ok(ratio)
}

fn judge(ratio: Spread, is_short: bool) -> Result<()> {
    if !is_short && ratio.median < GATE {
        bail!(
            "the server reaches {:.2} of the raw engine, the gate is {GATE}",
            ratio.median
        );
    }
    Ok(())
}

#[derive(Deserialize)]
struct OnPostgres {
    seed: u64,
    connections: usize,
    database_connections: usize,
    pairs: Vec<Pair>,
    latency_us: Latency,
    server_peak_memory_kib: u64,
}

#[derive(Deserialize)]
struct Report {
    seed: u64,
    order: String,
    batch_max: usize,
    connections: usize,
    pairs: Vec<Pair>,
    latency_us: Latency,
    server_peak_memory_kib: u64,
    syncs_per_ballot: Option<Syncs>,
    database_bytes: u64,
}

#[derive(Deserialize)]
struct Pair {
    raw: Block,
    http: Block,
}

#[derive(Deserialize)]
struct Block {
    ballots: u64,
    seconds: f64,
    cpu_s: f64,
    client_cpu_s: f64,
}

#[derive(Deserialize)]
struct Latency {
    p50: u32,
    p99: u32,
    max: u32,
}

#[derive(Deserialize)]
struct Syncs {
    raw: f64,
    http: f64,
}

impl Block {
    fn per_s(&self) -> f64 {
        self.ballots as f64 / self.seconds
    }

    fn each_us(&self, seconds: f64) -> f64 {
        seconds * 1e6 / self.ballots as f64
    }
}

fn line(name: &str, value: String) {
    println!("  {name:<34}{value}");
}

fn show(pairs: &[Pair], latency: &Latency, memory_kib: u64) -> Result<Spread> {
    let of = |figure: &dyn Fn(&Pair) -> f64| {
        Spread::of(pairs.iter().map(figure)).context("no pair was measured")
    };
    let ratio = of(&|pair| pair.http.per_s() / pair.raw.per_s())?;
    println!("  {:<34}median (min–max)", "");
    line(
        "raw engine, ballots/s",
        of(&|pair| pair.raw.per_s())?.show(0),
    );
    line(
        "over HTTP, ballots/s",
        of(&|pair| pair.http.per_s())?.show(0),
    );
    line(
        "ratio within pairs",
        format!("{} (gate {GATE})", ratio.show(3)),
    );
    let ms = |us: u32| format!("{:.1}", f64::from(us) / 1000.0);
    let three = [latency.p50, latency.p99, latency.max].map(ms).join(" / ");
    line("latency p50 / p99 / max, ms", three);
    line(
        "processor, raw engine, µs/ballot",
        of(&|pair| pair.raw.each_us(pair.raw.cpu_s))?.show(1),
    );
    line(
        "processor, server, µs/ballot",
        of(&|pair| pair.http.each_us(pair.http.cpu_s))?.show(1),
    );
    line(
        "processor, client, µs/ballot",
        of(&|pair| pair.http.each_us(pair.http.client_cpu_s))?.show(1),
    );
    let memory = memory_kib as f64 / 1024.0;
    line("server's peak memory, MiB", format!("{memory:.0}"));
    Ok(ratio)
}
