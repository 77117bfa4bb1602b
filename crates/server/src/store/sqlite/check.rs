//! Checks a database file by itself: every invariant that the tables promise.
//!
//! Reads only; run it on a copy, or on the file of a running server.

use crate::store::check::{Judge, OF_POLLS, PollRows, Sheet, UNFOUNDED};
use crate::store::{Attest, CheckReport};
use linli_model::{Secrecy, Topic};
use rusqlite::{Connection, OpenFlags, Row, params};
use std::path::Path;

/// Checks the file at `path`; with `receipts`, each ballot's receipt as well.
pub fn check(path: &Path, receipts: Option<&dyn Attest>) -> Result<CheckReport, String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let told = |error: rusqlite::Error| format!("{}: {error}", path.display());
    let conn = Connection::open_with_flags(path, flags).map_err(told)?;
    let mut judge = Judge::new(receipts);
    conn.execute_batch("BEGIN").map_err(told)?;
    file(&conn, &mut judge)
        .and_then(|()| polls(&conn, &mut judge))
        .and_then(|()| strays(&conn, &mut judge))
        .map_err(told)?;
    let broken = super::staff::broken_logs(&conn);
    for what in broken.map_err(|error| format!("{}: {error:?}", path.display()))? {
        judge.fault(what);
    }
    Ok(judge.report())
}

fn file(conn: &Connection, judge: &mut Judge<'_>) -> rusqlite::Result<()> {
    let mut select = conn.prepare("PRAGMA integrity_check")?;
    let said: Vec<String> = select
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if said != ["ok"] {
        judge.fault(format!("the file is damaged: {}", said.join("; ")));
    }
    Ok(())
}

fn polls(conn: &Connection, judge: &mut Judge<'_>) -> rusqlite::Result<()> {
    let mut select = conn.prepare("SELECT topic_id, body FROM topic")?;
    let rows: Vec<(String, String)> = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, body) in rows {
        if let Some(topic) = judge.topic(&id, &body) {
            let rows = rows_of(conn, &topic)?;
            judge.poll(topic, rows);
        }
    }
    Ok(())
}

fn rows_of(conn: &Connection, topic: &Topic) -> rusqlite::Result<PollRows> {
    let (now, before) = match topic.poll.secrecy {
        Secrecy::Recorded => (
            "SELECT CAST(voter AS BLOB), revision, choice, nonce, key_id, cast_at_ms,
             EXISTS (SELECT 1 FROM ballot_on_behalf o WHERE o.community_id = b.community_id
             AND o.poll_id = b.poll_id AND o.voter = b.voter AND o.revision = b.revision)
             FROM ballot b",
            "SELECT CAST(voter AS BLOB), revision, choice, nonce, key_id, cast_at_ms,
             EXISTS (SELECT 1 FROM ballot_on_behalf o WHERE o.community_id = b.community_id
             AND o.poll_id = b.poll_id AND o.voter = b.voter AND o.revision = b.revision)
             FROM ballot_superseded b",
        ),
        Secrecy::Secret => (
            "SELECT address, revision, choice, nonce, key_id, NULL, 0 FROM ballot_box",
            "SELECT address, revision, choice, nonce, key_id, NULL, 0 FROM ballot_box_superseded",
        ),
    };
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    Ok(PollRows {
        current: sheets(conn, topic, now)?,
        superseded: sheets(conn, topic, before)?,
        marks: conn
            .prepare(
                "SELECT voter_mark FROM voted_register WHERE community_id = ?1 AND poll_id = ?2",
            )?
            .query_map([community, poll], |row| row.get(0))?
            .collect::<Result<_, _>>()?,
        voters: conn
            .prepare(
                "SELECT DISTINCT voter_id FROM roll_entry WHERE community_id = ?1 AND kind = ?2",
            )?
            .query_map([community, topic.poll.electorate.as_str()], |row| {
                row.get(0)
            })?
            .collect::<Result<_, _>>()?,
    })
}

fn sheets(conn: &Connection, topic: &Topic, select: &str) -> rusqlite::Result<Vec<Sheet>> {
    let sql = format!("{select} WHERE community_id = ?1 AND poll_id = ?2");
    let read = |row: &Row<'_>| {
        Ok(Sheet {
            seat: row.get(0)?,
            revision: row.get(1)?,
            choice: row.get(2)?,
            nonce: row.get(3)?,
            key_id: row.get(4)?,
            cast_at_ms: row.get(5)?,
            on_behalf: row.get(6)?,
        })
    };
    let key = params![topic.community.id.as_str(), topic.poll.id.as_str()];
    conn.prepare(&sql)?.query_map(key, read)?.collect()
}

/// No ballot may belong to a poll that does not exist.
fn strays(conn: &Connection, judge: &mut Judge<'_>) -> rusqlite::Result<()> {
    for table in OF_POLLS {
        let stray: u64 = conn.query_row(
            &format!(
                "SELECT count(*) FROM {table} b WHERE NOT EXISTS (SELECT 1 FROM topic t
                 WHERE t.community_id = b.community_id AND t.poll_id = b.poll_id)"
            ),
            [],
            |row| row.get(0),
        )?;
        judge.strays(table, stray);
    }
    judge.unfounded(conn.query_row(UNFOUNDED, [], |row| row.get(0))?);
    Ok(())
}
