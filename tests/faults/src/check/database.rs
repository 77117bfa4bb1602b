//! The database, read as a whole and only read.

use super::commands::Command;
use anyhow::{Context, Result};
use linli_model::{IdempotencyKey, Secrecy, Topic};
use linli_server::seal;
use rusqlite::{Connection, OpenFlags};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Whether a ballot counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Current,
    Superseded,
}

/// A ballot of either kind.
pub(super) struct Row {
    pub(super) held: Held,
    pub(super) topic: String,
    /// The voter's name, or the ballot's address in the box.
    pub(super) seat: Vec<u8>,
    pub(super) revision: u32,
    pub(super) key: IdempotencyKey,
    pub(super) choice: String,
    pub(super) nonce: [u8; 32],
    pub(super) key_id: String,
    pub(super) cast_at_ms: Option<i64>,
}

pub(super) struct Database {
    pub(super) topics: Vec<Topic>,
    pub(super) rows: Vec<Row>,
    /// Household numbers by community and label.
    households: HashMap<(String, String), i64>,
    registers: HashMap<String, HashSet<[u8; 32]>>,
}

/// Each table with what it calls the seat, and whether it has times.
const TABLES: [(&str, &str, &str, Held); 4] = [
    ("ballot", "CAST(voter AS BLOB)", "cast_at_ms", Held::Current),
    (
        "ballot_superseded",
        "CAST(voter AS BLOB)",
        "cast_at_ms",
        Held::Superseded,
    ),
    ("ballot_box", "address", "NULL", Held::Current),
    ("ballot_box_superseded", "address", "NULL", Held::Superseded),
];

impl Database {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let told = || path.display().to_string();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags).with_context(told)?;
        conn.execute_batch("BEGIN")?;
        let mut database = Self {
            topics: topics(&conn)?,
            rows: Vec::new(),
            households: HashMap::new(),
            registers: HashMap::new(),
        };
        for (table, seat, cast_at_ms, held) in TABLES {
            let sql = format!(
                "SELECT t.topic_id, {seat}, revision, cast_key, choice, nonce, key_id, {cast_at_ms}
                 FROM {table} JOIN topic t USING (community_id, poll_id)"
            );
            let mut select = conn.prepare(&sql)?;
            let rows = select.query_map([], |row| {
                Ok(Row {
                    held,
                    topic: row.get(0)?,
                    seat: row.get(1)?,
                    revision: row.get(2)?,
                    key: IdempotencyKey::from_bytes(row.get(3)?),
                    choice: row.get(4)?,
                    nonce: row.get(5)?,
                    key_id: row.get(6)?,
                    cast_at_ms: row.get(7)?,
                })
            })?;
            for row in rows {
                database.rows.push(row?);
            }
        }
        let mut select = conn.prepare("SELECT community_id, label, household_id FROM household")?;
        let rows = select.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        database.households = rows.collect::<Result<_, _>>()?;
        let mut select = conn.prepare(
            "SELECT t.topic_id, voter_mark FROM voted_register
             JOIN topic t USING (community_id, poll_id)",
        )?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for row in rows {
            let (topic, mark) = row?;
            database.registers.entry(topic).or_default().insert(mark);
        }
        Ok(database)
    }

    /// The same from PostgreSQL, through its own client: as JSON, bytes in hexadecimal.
    pub(super) fn read_postgres(url: &str) -> Result<Self> {
        let mut database = Self {
            topics: Vec::new(),
            rows: Vec::new(),
            households: HashMap::new(),
            registers: HashMap::new(),
        };
        let ask = |columns: &str, from: &str| {
            let sql = format!("SELECT json_build_array({columns}) FROM {from}");
            linli_cluster::sql(url, &sql)
        };
        for line in ask("body", "topic").lines() {
            let (body,): (String,) = serde_json::from_str(line)?;
            database.topics.push(serde_json::from_str(&body)?);
        }
        for (table, _, cast_at_ms, held) in TABLES {
            let seat = match cast_at_ms {
                "NULL" => "address",
                _ => "convert_to(voter, 'UTF8')",
            };
            let columns = format!(
                "t.topic_id, encode({seat}, 'hex'), revision, encode(cast_key, 'hex'), choice,
                 encode(nonce, 'hex'), key_id, {cast_at_ms}"
            );
            let from = format!("{table} JOIN topic t USING (community_id, poll_id)");
            for line in ask(&columns, &from).lines() {
                database.rows.push(row(held, line)?);
            }
        }
        for line in ask("community_id, label, household_id", "household").lines() {
            let (community, label, number) = serde_json::from_str(line)?;
            database.households.insert((community, label), number);
        }
        let from = "voted_register JOIN topic t USING (community_id, poll_id)";
        for line in ask("t.topic_id, encode(voter_mark, 'hex')", from).lines() {
            let (topic, mark): (String, String) = serde_json::from_str(line)?;
            let register = database.registers.entry(topic).or_default();
            register.insert(array(&mark)?);
        }
        Ok(database)
    }

    pub(super) fn secret(&self) -> impl Iterator<Item = &Topic> {
        let is_secret = |topic: &&Topic| topic.poll.secrecy == Secrecy::Secret;
        self.topics.iter().filter(is_secret)
    }

    /// Under what a command's ballot lies; `None` when the household or topic is unknown.
    pub(super) fn seat(&self, command: &Command) -> Option<Vec<u8>> {
        let sent = &command.command;
        let topic = self.topics.iter().find(|topic| topic.id == sent.topic)?;
        match (topic.poll.secrecy, &sent.ballot.secret) {
            (Secrecy::Recorded, None) => Some(self.voter(topic, &command.household)?.into_bytes()),
            (Secrecy::Secret, Some(secret)) => Some(seal::box_address(topic, secret).to_vec()),
            _ => None,
        }
    }

    /// What a household leaves in a secret poll's register.
    pub(super) fn mark(&self, topic: &Topic, household: &str) -> Option<[u8; 32]> {
        Some(seal::voter_mark(topic, &self.voter(topic, household)?))
    }

    pub(super) fn register(&self, topic: &str) -> HashSet<[u8; 32]> {
        self.registers.get(topic).cloned().unwrap_or_default()
    }

    fn voter(&self, topic: &Topic, household: &str) -> Option<String> {
        let roll = (topic.community.id.to_string(), household.to_owned());
        Some(format!("h{}", self.households.get(&roll)?))
    }
}

fn row(held: Held, line: &str) -> Result<Row> {
    type Columns = (
        String,
        String,
        u32,
        String,
        String,
        String,
        String,
        Option<i64>,
    );
    let columns: Columns = serde_json::from_str(line).with_context(|| line.to_owned())?;
    let (topic, seat, revision, key, choice, nonce, key_id, cast_at_ms) = columns;
    Ok(Row {
        held,
        topic,
        seat: bytes(&seat)?,
        revision,
        key: IdempotencyKey::from_bytes(array(&key)?),
        choice,
        nonce: array(&nonce)?,
        key_id,
        cast_at_ms,
    })
}

fn array<const N: usize>(hex: &str) -> Result<[u8; N]> {
    let bytes = bytes(hex)?;
    bytes.try_into().ok().context("bytes of another length")
}

fn bytes(hex: &str) -> Result<Vec<u8>> {
    let byte = |at| u8::from_str_radix(hex.get(at..at + 2).unwrap_or_default(), 16);
    let bytes = (0..hex.len()).step_by(2).map(byte);
    Ok(bytes.collect::<Result<_, _>>()?)
}

fn topics(conn: &Connection) -> Result<Vec<Topic>> {
    let mut select = conn.prepare("SELECT body FROM topic")?;
    let bodies = select.query_map([], |row| row.get::<_, String>(0))?;
    let read = |body: rusqlite::Result<String>| Ok(serde_json::from_str(&body?)?);
    bodies.map(read).collect()
}
