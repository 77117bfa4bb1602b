//! Ballots per second over HTTP on PostgreSQL beside PostgreSQL itself: the same rows by
//! the same statement into copies of the same tables, one ballot per transaction, over
//! as many connections as the servers have. PostgreSQL gathers the commits of both.

use crate::electorate::Electorate;
use crate::{Block, Latency, Pair, client, electorate, meter, percentiles};
use anyhow::{Context, Result, ensure};
use futures_util::TryStreamExt;
use futures_util::stream::FuturesUnordered;
use pico_args::Arguments;
use serde::Serialize;
use std::cell::Cell;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

/// More than either side can write in a second here: a block ends by the clock.
const VOTERS_PER_S_MAX: u64 = 12_000;
const WARM_UP: u64 = 640;
/// Rows in one statement while nothing is measured.
const ENROL_AT_ONCE: u64 = 10_000;
const KEY_ID: &str = "0123456789abcdef";
const CAST_AT_MS: i64 = 1_800_000_000_000;

/// What the server runs for a first ballot, into other tables.
const INSERT: &str = "WITH first AS (
        INSERT INTO raw_ballot (community_id, poll_id, voter, revision, cast_key, choice,
            nonce, key_id, cast_at_ms)
        VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING 1),
    counted AS (
        INSERT INTO raw_generation (community_id, poll_id, slot, ballots)
        SELECT $1, $2, pg_backend_pid() % 64, 1 FROM first
        ON CONFLICT (community_id, poll_id, slot)
        DO UPDATE SET ballots = raw_generation.ballots + 1)
    SELECT count(*) FROM first";

const COPY: &str = "DROP TABLE IF EXISTS raw_ballot, raw_generation;
    CREATE TABLE raw_ballot (LIKE ballot INCLUDING ALL);
    CREATE TABLE raw_generation (LIKE poll_generation INCLUDING ALL) WITH (fillfactor = 50);
    INSERT INTO raw_ballot SELECT * FROM ballot;
    INSERT INTO raw_generation SELECT * FROM poll_generation;
    ANALYZE raw_ballot, raw_generation; CHECKPOINT";

#[derive(Serialize)]
pub(crate) struct Report {
    seed: u64,
    connections: usize,
    database_connections: usize,
    pairs: Vec<Pair>,
    latency_us: Latency,
    server_peak_memory_kib: u64,
}

struct Run {
    runtime: Runtime,
    url: String,
    servers: Vec<SocketAddr>,
    pids: Vec<u32>,
    electorate: Electorate,
    connections: usize,
    database_connections: usize,
    lasting: Duration,
}

pub(crate) fn run(args: &mut Arguments) -> Result<Report> {
    let servers: Vec<SocketAddr> = args.values_from_str("--server")?;
    let run = Run {
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?,
        url: args.value_from_str("--database-url")?,
        pids: args.values_from_str("--pid")?,
        electorate: electorate(args)?,
        connections: args.opt_value_from_str("--connections")?.unwrap_or(64),
        database_connections: args.value_from_str("--database-connections")?,
        lasting: Duration::from_secs(args.value_from_str("--seconds")?),
        servers,
    };
    let blocks: u32 = args.value_from_str("--blocks")?;
    run.measure(blocks)
}

impl Run {
    fn measure(&self, blocks: u32) -> Result<Report> {
        let mut latencies = Vec::new();
        let mut enrolled = self.enrol(0, WARM_UP)?.end;
        self.http(0..enrolled, &mut Vec::new())?;
        let mut pairs = Vec::new();
        for number in 0..blocks {
            let voters = self.enrol(enrolled, VOTERS_PER_S_MAX * self.lasting.as_secs())?;
            enrolled = voters.end;
            self.runtime.block_on(async {
                let admin = connect(&self.url).await?;
                Ok::<_, anyhow::Error>(admin.batch_execute(COPY).await?)
            })?;
            let pair = if number % 2 == 0 {
                let raw = self.raw(voters.clone())?;
                let http = self.http(voters, &mut latencies)?;
                Pair {
                    first: "raw",
                    raw,
                    http,
                }
            } else {
                let http = self.http(voters.clone(), &mut latencies)?;
                let raw = self.raw(voters)?;
                Pair {
                    first: "http",
                    raw,
                    http,
                }
            };
            let rate = |block: &Block| block.ballots as f64 / block.seconds;
            let (http, raw) = (rate(&pair.http), rate(&pair.raw));
            eprintln!(
                "  pair {}: http {http:.0}/s, raw {raw:.0}/s, {:.3}",
                number + 1,
                http / raw
            );
            pairs.push(pair);
        }
        let memory = self.pids.iter().map(|pid| meter::peak_memory_kib(*pid));
        let memory = memory.collect::<Result<Vec<_>>>()?;
        Ok(Report {
            seed: self.electorate.seed,
            connections: self.connections,
            database_connections: self.database_connections * self.servers.len(),
            pairs,
            latency_us: percentiles(latencies)?,
            server_peak_memory_kib: memory.into_iter().max().context("no server")?,
        })
    }

    /// Writes households and grants of the next voters.
    fn enrol(&self, from: u64, count: u64) -> Result<Range<u64>> {
        let voters = from..from + count;
        self.runtime.block_on(async {
            let admin = connect(&self.url).await?;
            let mut next = voters.start;
            while next < voters.end {
                let some = next..voters.end.min(next + ENROL_AT_ONCE);
                next = some.end;
                self.electorate.enrol_postgres(&admin, some).await?;
            }
            admin
                .batch_execute("ANALYZE cast_grant; CHECKPOINT")
                .await?;
            Ok::<_, anyhow::Error>(())
        })?;
        Ok(voters)
    }

    fn raw(&self, voters: Range<u64>) -> Result<Block> {
        let me = std::process::id();
        let before_s = meter::cpu_s(me)?;
        let next = Cell::new(voters.start);
        let next = &next;
        let work = async {
            let mut clients = Vec::new();
            for _ in 0..self.database_connections * self.servers.len() {
                clients.push(connect(&self.url).await?);
            }
            let start = Instant::now();
            let inserting: FuturesUnordered<_> = clients
                .iter()
                .map(|client| async move {
                    let insert = client.prepare(INSERT).await?;
                    let mut done = 0u64;
                    while start.elapsed() < self.lasting && next.get() < voters.end {
                        let voter = next.replace(next.get() + 1);
                        let electorate = &self.electorate;
                        client
                            .query(
                                &insert,
                                &[
                                    &electorate.community,
                                    &electorate.poll,
                                    &electorate.voter(voter),
                                    &electorate.key_bytes(voter).as_slice(),
                                    &electorate.choice(voter),
                                    &electorate.nonce(voter).as_slice(),
                                    &KEY_ID,
                                    &CAST_AT_MS,
                                ],
                            )
                            .await?;
                        done += 1;
                    }
                    Ok::<_, anyhow::Error>(done)
                })
                .collect();
            let done: Vec<u64> = inserting.try_collect().await?;
            Ok::<_, anyhow::Error>((done.iter().sum(), start.elapsed().as_secs_f64()))
        };
        let (ballots, seconds): (u64, f64) = self.runtime.block_on(work)?;
        Ok(Block {
            ballots,
            seconds,
            cpu_s: meter::cpu_s(me)? - before_s,
            client_cpu_s: 0.0,
        })
    }

    fn http(&self, voters: Range<u64>, latencies: &mut Vec<u32>) -> Result<Block> {
        let me = std::process::id();
        let used = || {
            let servers = self.pids.iter().map(|pid| meter::cpu_s(*pid));
            let servers = servers.sum::<Result<f64>>()?;
            Ok::<_, anyhow::Error>((servers, meter::cpu_s(me)?, self.ballots()?))
        };
        let before = used()?;
        let done = client::cast(
            &self.servers,
            &self.electorate,
            voters,
            self.connections,
            self.lasting,
        )?;
        let after = used()?;
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
        self.runtime.block_on(async {
            let admin = connect(&self.url).await?;
            let row = admin.query_one("SELECT count(*) FROM ballot", &[]).await?;
            Ok(row.get::<_, i64>(0).unsigned_abs())
        })
    }
}

/// A session as strict as the server's.
pub(crate) async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute("SET synchronous_commit = on").await?;
    Ok(client)
}
