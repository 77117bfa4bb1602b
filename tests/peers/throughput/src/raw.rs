//! The raw engine: the same rows into the same schema over the same kind of connection,
//! in full batches, by one thread with nothing else to do. No HTTP, no rules, no
//! signature, no look at grant or topic: the floor that a server stands on.

use crate::electorate::Electorate;
use crate::meter;
use anyhow::Result;
use linli_server::store::sqlite::{BATCH_MAX, open_to_write};
use rusqlite::{Connection, params};
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

// As long as the server's own.
const KEY_ID: &str = "0123456789abcdef";
const CAST_AT_MS: i64 = 1_800_000_000_000;

/// What a block of inserts came to.
pub(crate) struct Inserts {
    pub(crate) ballots: u64,
    pub(crate) seconds: f64,
    pub(crate) cpu_s: f64,
}

/// A ballot as stored; made before the clock starts.
struct Row {
    voter: String,
    cast_key: [u8; 16],
    choice: String,
    nonce: [u8; 32],
}

/// Inserts ballots of `voters` in their order until `lasting` is over or they have all
/// voted.
pub(crate) fn insert(
    file: &Path,
    electorate: &Electorate,
    voters: Range<u64>,
    lasting: Duration,
) -> Result<Inserts> {
    let conn = open_to_write(file)?;
    let rows: Vec<Row> = voters
        .map(|voter| Row {
            voter: electorate.voter(voter),
            cast_key: electorate.key_bytes(voter),
            choice: electorate.choice(voter),
            nonce: electorate.nonce(voter),
        })
        .collect();
    let mut ballots = 0;
    let me = std::process::id();
    let cpu_before_s = meter::cpu_s(me)?;
    let start = Instant::now();
    for batch in rows.chunks(BATCH_MAX) {
        if start.elapsed() >= lasting {
            break;
        }
        write(&conn, electorate, batch)?;
        ballots += u64::try_from(batch.len())?;
    }
    let seconds = start.elapsed().as_secs_f64();
    Ok(Inserts {
        ballots,
        seconds,
        cpu_s: meter::cpu_s(me)? - cpu_before_s,
    })
}

fn write(conn: &Connection, electorate: &Electorate, batch: &[Row]) -> Result<()> {
    conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut ballot = conn.prepare_cached(
        "INSERT INTO ballot (community_id, poll_id, voter, revision,
            cast_key, choice, nonce, key_id, cast_at_ms)
            VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for row in batch {
        ballot.execute(params![
            electorate.community,
            electorate.poll,
            row.voter,
            row.cast_key,
            row.choice,
            row.nonce,
            KEY_ID,
            CAST_AT_MS,
        ])?;
    }
    conn.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}
