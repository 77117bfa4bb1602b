//! How long a topic takes to be told while ballots come in: the poll is filled with so
//! many ballots beside the server, then read over HTTP by a few connections while
//! another casts. What it compares is left to its caller: runs with few and with many.

use crate::electorate::{Electorate, VOTES};
use crate::postgres::connect;
use crate::{Latency, client, electorate, meter, percentiles};
use anyhow::{Context, Result, bail, ensure};
use linli_server::store::sqlite::open_to_write;
use pico_args::Arguments;
use serde::Serialize;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Connections that read.
const READERS: usize = 4;
/// Voters that cast meanwhile; more than can.
const CASTERS: u64 = 200_000;
const AT_ONCE: u64 = 10_000;

#[derive(Serialize)]
pub(crate) struct Report {
    ballots: u64,
    reads: u64,
    casts: u64,
    /// The first answer after the poll was filled.
    first_us: u32,
    latency_us: Latency,
    server_peak_memory_kib: u64,
}

pub(crate) fn run(args: &mut Arguments) -> Result<Report> {
    let server: SocketAddr = args.value_from_str("--server")?;
    let pid: u32 = args.value_from_str("--pid")?;
    let file: Option<PathBuf> = args.opt_value_from_str("--database")?;
    let url: Option<String> = args.opt_value_from_str("--database-url")?;
    let electorate = electorate(args)?;
    let ballots: u64 = args.value_from_str("--ballots")?;
    let lasting = Duration::from_secs(args.value_from_str("--seconds")?);
    let casters = ballots..ballots + CASTERS;
    match (&file, &url) {
        (Some(file), None) => fill_sqlite(file, &electorate, ballots, casters.clone())?,
        (None, Some(url)) => fill_postgres(url, &electorate, ballots, casters.clone())?,
        _ => bail!("one database, please"),
    }
    let request = format!(
        "GET /api/v1/topics/{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        electorate.topic
    );
    let first_us = Reader::connect(server)?.ask(&request)?;
    let done = AtomicBool::new(false);
    let start = Instant::now();
    thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                scope.spawn(|| {
                    let mut reader = Reader::connect(server)?;
                    let mut latencies = Vec::new();
                    while !done.load(Ordering::Relaxed) {
                        latencies.push(reader.ask(&request)?);
                    }
                    Ok::<_, anyhow::Error>(latencies)
                })
            })
            .collect();
        let cast = client::cast(&[server], &electorate, casters, 1, lasting);
        done.store(true, Ordering::Relaxed);
        let mut latencies = Vec::new();
        for reader in readers {
            let read = reader
                .join()
                .map_err(|_| anyhow::anyhow!("a reader panicked"))?;
            latencies.extend(read?);
        }
        ensure!(start.elapsed() >= lasting, "there were too few voters");
        Ok(Report {
            ballots,
            reads: latencies.len() as u64,
            casts: cast?.ballots,
            first_us,
            latency_us: percentiles(latencies)?,
            server_peak_memory_kib: meter::peak_memory_kib(pid)?,
        })
    })
}

/// A keep-alive connection.
struct Reader {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Reader {
    fn connect(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Vec::new(),
        })
    }

    /// Microseconds to the last byte of a whole answer with status 200.
    fn ask(&mut self, request: &str) -> Result<u32> {
        let sent = Instant::now();
        self.stream.write_all(request.as_bytes())?;
        self.answer.clear();
        let mut part = [0; 16 * 1024];
        loop {
            let read = self.stream.read(&mut part)?;
            ensure!(read > 0, "the server closed a connection");
            self.answer.extend_from_slice(&part[..read]);
            if client::is_whole(&self.answer, 200)?.is_some() {
                return Ok(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
        }
    }
}

fn fill_sqlite(
    file: &Path,
    electorate: &Electorate,
    ballots: u64,
    casters: Range<u64>,
) -> Result<()> {
    let mut conn = open_to_write(file)?;
    for from in (0..casters.end).step_by(usize::try_from(AT_ONCE)?) {
        let some = from..casters.end.min(from + AT_ONCE);
        electorate.enrol(&mut conn, some.clone())?;
        let tx = conn.transaction()?;
        {
            let mut insert = tx.prepare(
                "INSERT INTO ballot (community_id, poll_id, voter, revision, cast_key, choice,
                     nonce, key_id, cast_at_ms)
                 VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, '0123456789abcdef', 1800000000000)",
            )?;
            for voter in some.start..some.end.min(ballots) {
                insert.execute(rusqlite::params![
                    electorate.community,
                    electorate.poll,
                    electorate.voter(voter),
                    electorate.key_bytes(voter),
                    electorate.choice(voter),
                    electorate.nonce(voter),
                ])?;
            }
        }
        tx.commit()?;
    }
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

fn fill_postgres(
    url: &str,
    electorate: &Electorate,
    ballots: u64,
    casters: Range<u64>,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let admin = connect(url).await?;
        for from in (0..casters.end).step_by(usize::try_from(AT_ONCE)?) {
            let some = from..casters.end.min(from + AT_ONCE);
            electorate.enrol_postgres(&admin, some.clone()).await?;
            let voted: Vec<u64> = (some.start..some.end.min(ballots)).collect();
            let voters: Vec<String> = voted.iter().map(|v| electorate.voter(*v)).collect();
            let keys: Vec<Vec<u8>> = voted
                .iter()
                .map(|v| electorate.key_bytes(*v).to_vec())
                .collect();
            let choices: Vec<String> = voted.iter().map(|v| electorate.choice(*v)).collect();
            let nonces: Vec<Vec<u8>> = voted
                .iter()
                .map(|v| electorate.nonce(*v).to_vec())
                .collect();
            admin
                .execute(
                    VOTES,
                    &[
                        &electorate.community,
                        &electorate.poll,
                        &voters,
                        &keys,
                        &choices,
                        &nonces,
                    ],
                )
                .await
                .context("ballots")?;
        }
        admin.batch_execute("VACUUM ANALYZE; CHECKPOINT").await?;
        Ok(())
    })
}
