//! Ballots per second over HTTP beside the raw engine, in alternating blocks of one run.
//!
//! Owns the load, the raw blocks and the raw figures (JSON on standard output); leaves
//! starting the server, medians and the verdict to `cargo xtask bench server`.
//!
//! `linli-throughput postgres` does the same with PostgreSQL and one server or more,
//! `linli-throughput topics` measures how long a topic takes to be told, and
//! `linli-throughput desk` what staff look at.
//!
//! Every pair of blocks starts from the same rows: the raw engine writes into a copy of
//! the server's database, made just before, on the same disk.

mod client;
mod desk;
mod electorate;
mod fill;
mod meter;
mod postgres;
mod raw;
mod reader;
mod topics;

use anyhow::{Context, Result, ensure};
use electorate::{Electorate, Order};
use linli_server::store::sqlite::{BATCH_MAX, open_to_write};
use pico_args::Arguments;
use rusqlite::Connection;
use serde::Serialize;
use std::fs;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// More than either side can write in a second here: a block ends by the clock.
const VOTERS_PER_S_MAX: u64 = 30_000;
/// What both sides write before anything is measured, and are then compared by.
const WARM_UP: u64 = 1_280;

fn main() -> Result<()> {
    let mut args = Arguments::from_env();
    let report = match args.subcommand()?.as_deref() {
        Some("postgres") => serde_json::to_string(&postgres::run(&mut args)?)?,
        Some("desk") => serde_json::to_string(&desk::run(&mut args)?)?,
        Some("topics") => serde_json::to_string(&topics::run(&mut args)?)?,
        Some(other) => anyhow::bail!("no command named {other}"),
        None => serde_json::to_string(&Run::new(&mut args)?.measure()?)?,
    };
    println!("{report}");
    Ok(())
}

struct Run {
    servers: [SocketAddr; 1],
    pid: u32,
    database: PathBuf,
    scratch: tempfile::TempDir,
    electorate: Electorate,
    connections: usize,
    blocks: u32,
    lasting: Duration,
}

#[derive(Serialize)]
struct Report {
    seed: u64,
    order: Order,
    batch_max: usize,
    connections: usize,
    pairs: Vec<Pair>,
    /// Of all measured ballots.
    latency_us: Latency,
    server_peak_memory_kib: u64,
    /// Calls of fsync and fdatasync. Absent without `perf`.
    syncs_per_ballot: Option<PerBallot>,
    database_bytes: u64,
}

#[derive(Serialize)]
struct Pair {
    first: &'static str,
    raw: Block,
    http: Block,
}

#[derive(Serialize)]
struct Block {
    ballots: u64,
    seconds: f64,
    /// Processor seconds of the raw engine, or of the server.
    cpu_s: f64,
    /// Of the client.
    client_cpu_s: f64,
}

#[derive(Serialize)]
struct PerBallot {
    raw: f64,
    http: f64,
}

#[derive(Serialize)]
struct Latency {
    p50: u32,
    p95: u32,
    p99: u32,
    max: u32,
}

impl Run {
    fn new(args: &mut Arguments) -> Result<Self> {
        let database: PathBuf = args.value_from_str("--database")?;
        // Beside the database: the same disk.
        let beside = database.parent().context("a database in a folder")?;
        Ok(Self {
            servers: [args.value_from_str("--server")?],
            pid: args.value_from_str("--pid")?,
            scratch: tempfile::tempdir_in(beside)?,
            electorate: electorate(args)?,
            connections: args.opt_value_from_str("--connections")?.unwrap_or(64),
            blocks: args.value_from_str("--blocks")?,
            lasting: Duration::from_secs(args.value_from_str("--seconds")?),
            database,
        })
    }

    fn measure(&self) -> Result<Report> {
        let mut enrolled = self.warm_up()?;
        let mut latencies = Vec::new();
        let mut pairs = Vec::new();
        for number in 0..self.blocks {
            let voters = self.enrol(enrolled, VOTERS_PER_S_MAX * self.lasting.as_secs())?;
            enrolled = voters.end;
            let copy = self.copy()?;
            let pair = if number % 2 == 0 {
                let raw = self.raw(&copy, voters.clone())?;
                Pair {
                    first: "raw",
                    raw,
                    http: self.http(voters, &mut latencies)?,
                }
            } else {
                let http = self.http(voters.clone(), &mut latencies)?;
                Pair {
                    first: "http",
                    raw: self.raw(&copy, voters)?,
                    http,
                }
            };
            fs::remove_dir_all(copy.parent().context("a copy in a folder")?)?;
            let rate = |block: &Block| block.ballots as f64 / block.seconds;
            let (http, raw) = (rate(&pair.http), rate(&pair.raw));
            eprintln!(
                "  pair {}: http {http:.0}/s, raw {raw:.0}/s, {:.3}",
                number + 1,
                http / raw
            );
            pairs.push(pair);
        }
        let server_peak_memory_kib = meter::peak_memory_kib(self.pid)?;
        let database_bytes = self.database.metadata()?.len();
        Ok(Report {
            seed: self.electorate.seed,
            order: self.electorate.order,
            batch_max: BATCH_MAX,
            connections: self.connections,
            pairs,
            latency_us: percentiles(latencies)?,
            server_peak_memory_kib,
            syncs_per_ballot: self.syncs(enrolled)?,
            database_bytes,
        })
    }

    /// Both sides write the same few ballots, and must leave the same rows behind:
    /// otherwise the raw engine would be doing another task.
    fn warm_up(&self) -> Result<u64> {
        let voters = self.enrol(0, WARM_UP)?;
        let copy = self.copy()?;
        let forever = Duration::from_secs(3600);
        raw::insert(&copy, &self.electorate, voters.clone(), forever)?;
        let end = voters.end;
        client::cast(
            &self.servers,
            &self.electorate,
            voters,
            self.connections,
            forever,
        )?;
        let (ours, raw) = (footprint(&self.database)?, footprint(&copy)?);
        ensure!(
            ours == raw,
            "the server leaves {ours:?}, the raw engine {raw:?}"
        );
        Ok(end)
    }

    /// Writes the next voters' grants, and leaves an empty log.
    fn enrol(&self, from: u64, count: u64) -> Result<Range<u64>> {
        let voters = from..from + count;
        let mut conn = open_to_write(&self.database)?;
        self.electorate.enrol(&mut conn, voters.clone())?;
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let is_busy: bool = conn.query_row(checkpoint, [], |row| row.get(0))?;
        ensure!(!is_busy, "the log could not be emptied");
        Ok(voters)
    }

    /// The database as it is now, nobody writing, in a folder of its own.
    fn copy(&self) -> Result<PathBuf> {
        let folder = self.scratch.path().join("raw");
        fs::create_dir_all(&folder)?;
        let copy = folder.join("raw.db");
        fs::copy(&self.database, &copy)?;
        // Its pages must not wait to be written while something is measured.
        fs::File::open(&copy)?.sync_all()?;
        Ok(copy)
    }

    fn raw(&self, file: &Path, voters: Range<u64>) -> Result<Block> {
        let done = raw::insert(file, &self.electorate, voters, self.lasting)?;
        Ok(Block {
            ballots: done.ballots,
            seconds: done.seconds,
            cpu_s: done.cpu_s,
            client_cpu_s: 0.0,
        })
    }

    fn http(&self, voters: Range<u64>, latencies: &mut Vec<u32>) -> Result<Block> {
        let me = std::process::id();
        let before = (meter::cpu_s(self.pid)?, meter::cpu_s(me)?, self.ballots()?);
        let done = client::cast(
            &self.servers,
            &self.electorate,
            voters,
            self.connections,
            self.lasting,
        )?;
        let after = (meter::cpu_s(self.pid)?, meter::cpu_s(me)?, self.ballots()?);
        let stored = after.2 - before.2;
        ensure!(
            stored == done.ballots,
            "{} acknowledged, {stored} stored",
            done.ballots
        );
        latencies.extend(done.latencies_us);
        Ok(Block {
            ballots: done.ballots,
            seconds: done.seconds,
            cpu_s: after.0 - before.0,
            client_cpu_s: after.1 - before.1,
        })
    }

    fn ballots(&self) -> Result<u64> {
        let conn = Connection::open(&self.database)?;
        let rows: i64 = conn.query_row("SELECT count(*) FROM ballot", [], |row| row.get(0))?;
        Ok(u64::try_from(rows)?)
    }

    /// A short pair of its own, so that counting disturbs nothing that is timed.
    fn syncs(&self, enrolled: u64) -> Result<Option<PerBallot>> {
        let lasting = Duration::from_secs(2);
        let voters = self.enrol(enrolled, VOTERS_PER_S_MAX * lasting.as_secs())?;
        let copy = self.copy()?;
        let folder = self.scratch.path();
        let Some(counting) = meter::Syncs::start(self.pid, folder)? else {
            return Ok(None);
        };
        let casts = client::cast(
            &self.servers,
            &self.electorate,
            voters.clone(),
            self.connections,
            lasting,
        )?;
        let http = counting.stop()? as f64 / casts.ballots as f64;
        let Some(counting) = meter::Syncs::start(std::process::id(), folder)? else {
            return Ok(None);
        };
        let inserts = raw::insert(&copy, &self.electorate, voters, lasting)?;
        let raw = counting.stop()? as f64 / inserts.ballots as f64;
        Ok(Some(PerBallot { raw, http }))
    }
}

fn electorate(args: &mut Arguments) -> Result<Electorate> {
    let order: Option<String> = args.opt_value_from_str("--order")?;
    let order = match order.as_deref() {
        None | Some("arrival") => Order::Arrival,
        Some("roll") => Order::Roll,
        Some(other) => anyhow::bail!("no order named {other}"),
    };
    Ok(Electorate {
        community: args.value_from_str("--community")?,
        place: args.value_from_str("--place")?,
        parts: args.opt_value_from_str("--parts")?.unwrap_or(0),
        topic: args.value_from_str("--topic")?,
        poll: args.value_from_str("--poll")?,
        order,
        seed: args.value_from_str("--seed")?,
    })
}

/// Rows and bytes of every table that ballots are kept in, without what differs by
/// chance alone: all of it has one length.
fn footprint(database: &Path) -> Result<Vec<(String, i64, i64)>> {
    let conn = Connection::open(database)?;
    let mut tables =
        conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let tables: Vec<String> = tables
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    for table in tables {
        let mut columns = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let columns: Vec<String> = columns
            .query_map([&table], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let bytes: Vec<String> = columns
            .iter()
            .map(|column| format!("coalesce(length(\"{column}\"), 0)"))
            .collect();
        let sql = format!(
            "SELECT count(*), coalesce(sum({}), 0) FROM \"{table}\"",
            bytes.join(" + ")
        );
        let (rows, bytes) = conn.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.push((table, rows, bytes));
    }
    Ok(found)
}

fn percentiles(mut all: Vec<u32>) -> Result<Latency> {
    ensure!(!all.is_empty(), "nothing was measured");
    all.sort_unstable();
    let at = |percent: usize| all[(all.len() - 1) * percent / 100];
    Ok(Latency {
        p50: at(50),
        p95: at(95),
        p99: at(99),
        max: at(100),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_figures() {
        let latency = percentiles((1..=101).rev().collect()).unwrap();
        assert_eq!((latency.p50, latency.p95, latency.p99), (51, 96, 100));
        assert_eq!(latency.max, 101);
        assert!(percentiles(vec![]).is_err());
    }
}
