//! How long a topic takes to be told while ballots come in: the poll is filled with so
//! many ballots beside the server, then read over HTTP by a few connections while
//! another casts. What it compares is left to its caller: runs with few and with many.

use crate::fill::Database;
use crate::reader::Reader;
use crate::{Latency, client, electorate, meter, percentiles};
use anyhow::{Result, ensure};
use pico_args::Arguments;
use serde::Serialize;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Connections that read.
const READERS: usize = 4;

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
    let database = Database::read(args)?;
    let electorate = electorate(args)?;
    let ballots: u64 = args.value_from_str("--ballots")?;
    let lasting = Duration::from_secs(args.value_from_str("--seconds")?);
    let casters = database.fill(&electorate, ballots)?;
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
