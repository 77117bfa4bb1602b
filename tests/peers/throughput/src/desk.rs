//! How long the desk's pages take while ballots come in: the list of polls, one poll with
//! its turnout by place, and home, read in turn over a few connections that are signed in.
//! What it compares is left to its caller: runs with few ballots and with many.
//!
//! The session is written into the store before, as grants are: signing in is slow on
//! purpose and not what is measured.

use crate::electorate::Electorate;
use crate::fill::Database;
use crate::reader::Reader;
use crate::{Latency, client, electorate, meter, percentiles};
use anyhow::{Result, ensure};
use linli_server::seal;
use pico_args::Arguments;
use serde::Serialize;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Connections that read: staff with the desk open, all asking without a pause.
const READERS: usize = 4;
const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const STAFF: &str = "00112233445566778899aabbccddeeff";

#[derive(Serialize)]
pub(crate) struct Report {
    ballots: u64,
    casts: u64,
    pages: Vec<Page>,
    server_peak_memory_kib: u64,
}

#[derive(Serialize)]
struct Page {
    name: &'static str,
    reads: u64,
    /// The first answer after the poll was filled.
    first_us: u32,
    latency_us: Latency,
}

pub(crate) fn run(args: &mut Arguments) -> Result<Report> {
    let server: SocketAddr = args.value_from_str("--server")?;
    let pid: u32 = args.value_from_str("--pid")?;
    let database = Database::read(args)?;
    let electorate = electorate(args)?;
    let ballots: u64 = args.value_from_str("--ballots")?;
    let lasting = Duration::from_secs(args.value_from_str("--seconds")?);
    let casters = database.fill(&electorate, ballots)?;
    database.execute(&codes_and_session(&database, &electorate)?)?;
    let pages = [
        ("polls", "polls".to_owned()),
        ("one poll", format!("polls/{}", electorate.topic)),
        ("home", "home".to_owned()),
    ];
    let requests = pages.each_ref().map(|(_, path)| {
        format!(
            "GET /api/v1/communities/{}/desk/{path} HTTP/1.1\r\nHost: localhost\r\n\
             Authorization: Bearer {TOKEN}\r\n\r\n",
            electorate.community
        )
    });
    let mut first = Reader::connect(server)?;
    let mut firsts_us = [0; 3];
    for (first_us, request) in firsts_us.iter_mut().zip(&requests) {
        *first_us = first.ask(request)?;
    }
    let done = AtomicBool::new(false);
    let start = Instant::now();
    let (casts, latencies) = thread::scope(|scope| {
        let read = || {
            let mut reader = Reader::connect(server)?;
            let mut latencies = [const { Vec::new() }; 3];
            while !done.load(Ordering::Relaxed) {
                for (latencies, request) in latencies.iter_mut().zip(&requests) {
                    latencies.push(reader.ask(request)?);
                }
            }
            Ok::<_, anyhow::Error>(latencies)
        };
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(read)).collect();
        let cast = client::cast(&[server], &electorate, casters, 1, lasting);
        let took = start.elapsed();
        done.store(true, Ordering::Relaxed);
        let mut all = [const { Vec::new() }; 3];
        for reader in readers {
            let read = reader.join();
            let read = read.map_err(|_| anyhow::anyhow!("a reader panicked"))?;
            for (all, some) in all.iter_mut().zip(read?) {
                all.extend(some);
            }
        }
        ensure!(took >= lasting, "there were too few voters");
        Ok::<_, anyhow::Error>((cast?.ballots, all))
    })?;
    let mut told = Vec::new();
    for (((name, _), first_us), latencies) in pages.into_iter().zip(firsts_us).zip(latencies) {
        told.push(Page {
            name,
            reads: latencies.len() as u64,
            first_us,
            latency_us: percentiles(latencies)?,
        });
    }
    Ok(Report {
        ballots,
        casts,
        pages: told,
        server_peak_memory_kib: meter::peak_memory_kib(pid)?,
    })
}

/// A code for each household, and an owner of the desk who is signed in.
fn codes_and_session(database: &Database, electorate: &Electorate) -> Result<String> {
    let community = &electorate.community;
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let hash = database.bytes(&seal::session_hash(TOKEN));
    let empty = database.bytes(&[]);
    Ok(format!(
        "INSERT INTO typed_code (community_id, selector, household_id, secret_phc)
             SELECT community_id, 'S' || household_id, household_id, '' FROM household;
         INSERT INTO staff (community_id, staff_id, name, login, login_folded, password_phc,
             totp_secret, totp_step, posts)
             VALUES ('{community}', '{STAFF}', 'Bench', 'bench', 'bench', '', {empty}, 0,
                 '[{{\"role\":\"owner\"}}]');
         INSERT INTO staff_session (community_id, token_hash, session_id, staff_id,
             started_at_ms, used_at_ms, device)
             VALUES ('{community}', {hash}, 'bench', '{STAFF}', {now_ms}, {now_ms}, '');"
    ))
}
