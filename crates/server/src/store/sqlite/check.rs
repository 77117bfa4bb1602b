//! Checks a database file by itself: every invariant that the tables promise.
//!
//! Reads only; run it on a copy, or on the file of a running server.

use crate::seal;
use crate::store::{Attest, CastRecord, CheckReport, StoredTopic};
use linli_model::{Choice, Electorate, Secrecy, Topic};
use linli_rules::ballot;
use rusqlite::{Connection, OpenFlags, Row, params};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Checks the file at `path`; with `receipts`, each ballot's receipt as well.
pub fn check(path: &Path, receipts: Option<&dyn Attest>) -> Result<CheckReport, String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let told = |error: rusqlite::Error| format!("{}: {error}", path.display());
    let conn = Connection::open_with_flags(path, flags).map_err(told)?;
    let mut check = Check {
        conn: &conn,
        receipts,
        report: CheckReport::default(),
    };
    conn.execute_batch("BEGIN").map_err(told)?;
    check
        .file()
        .and_then(|()| check.polls())
        .and_then(|()| check.strays())
        .map_err(told)?;
    Ok(check.report)
}

struct Check<'a> {
    conn: &'a Connection,
    receipts: Option<&'a dyn Attest>,
    report: CheckReport,
}

/// A ballot of either kind; the seat is a voter or an address.
struct Sheet {
    seat: Vec<u8>,
    revision: u32,
    choice: String,
    nonce: [u8; 32],
    key_id: String,
    cast_at_ms: Option<i64>,
}

impl Check<'_> {
    fn fault(&mut self, what: String) {
        self.report.faults.push(what);
    }

    fn file(&mut self) -> rusqlite::Result<()> {
        let mut select = self.conn.prepare("PRAGMA integrity_check")?;
        let said: Vec<String> = select
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        if said != ["ok"] {
            self.fault(format!("the file is damaged: {}", said.join("; ")));
        }
        Ok(())
    }

    fn polls(&mut self) -> rusqlite::Result<()> {
        let mut select = self.conn.prepare("SELECT topic_id, body FROM topic")?;
        let rows: Vec<(String, String)> = select
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (id, body) in rows {
            self.report.topics += 1;
            match serde_json::from_str::<Topic>(&body) {
                Ok(topic) => self.poll(topic)?,
                Err(error) => self.fault(format!("topic {id} cannot be read: {error}")),
            }
        }
        Ok(())
    }

    fn poll(&mut self, topic: Topic) -> rusqlite::Result<()> {
        let stored = Arc::new(StoredTopic {
            topic,
            origins: Vec::new(),
            version: 0,
        });
        let poll = stored.topic.poll.id.to_string();
        let (now, before) = match stored.topic.poll.secrecy {
            Secrecy::Recorded => (
                "SELECT CAST(voter AS BLOB), revision, choice, nonce, key_id, cast_at_ms FROM ballot",
                "SELECT CAST(voter AS BLOB), revision, choice, nonce, key_id, cast_at_ms
                 FROM ballot_superseded",
            ),
            Secrecy::Secret => (
                "SELECT address, revision, choice, nonce, key_id, NULL FROM ballot_box",
                "SELECT address, revision, choice, nonce, key_id, NULL FROM ballot_box_superseded",
            ),
        };
        let current = self.sheets(&stored, now)?;
        let superseded = self.sheets(&stored, before)?;
        self.report.ballots += current.len() as u64;
        self.report.superseded += superseded.len() as u64;
        let mut earlier: HashMap<&[u8], usize> = HashMap::new();
        for old in &superseded {
            *earlier.entry(&old.seat).or_default() += 1;
        }
        let mut seats = HashSet::new();
        for sheet in &current {
            if !seats.insert(sheet.seat.clone()) {
                self.fault(format!("poll {poll}: two ballots of one voter"));
            }
            let earlier = earlier.get(&*sheet.seat).copied().unwrap_or(0);
            if earlier + 1 != sheet.revision as usize {
                self.fault(format!(
                    "poll {poll}: a ballot of revision {} has {earlier} before it",
                    sheet.revision
                ));
            }
        }
        if superseded.iter().any(|old| !seats.contains(&old.seat)) {
            self.fault(format!(
                "poll {poll}: a replaced ballot without the one that replaced it"
            ));
        }
        for sheet in current.into_iter().chain(superseded) {
            self.sheet(&stored, sheet);
        }
        self.voters(&stored, seats)
    }

    fn sheets(&self, stored: &StoredTopic, select: &str) -> rusqlite::Result<Vec<Sheet>> {
        let sql = format!("{select} WHERE community_id = ?1 AND poll_id = ?2");
        let read = |row: &Row<'_>| {
            Ok(Sheet {
                seat: row.get(0)?,
                revision: row.get(1)?,
                choice: row.get(2)?,
                nonce: row.get(3)?,
                key_id: row.get(4)?,
                cast_at_ms: row.get(5)?,
            })
        };
        let topic = &stored.topic;
        let key = params![topic.community.id.as_str(), topic.poll.id.as_str()];
        self.conn.prepare(&sql)?.query_map(key, read)?.collect()
    }

    fn sheet(&mut self, stored: &Arc<StoredTopic>, sheet: Sheet) {
        let poll = &stored.topic.poll;
        let fits = serde_json::from_str::<Choice>(&sheet.choice).is_ok_and(|choice| {
            ballot::check(poll, &choice)
                .is_ok_and(|b| seal::choice_text(b.choice()) == sheet.choice)
        });
        if !fits {
            self.fault(format!(
                "poll {}: a choice that the poll does not allow",
                poll.id
            ));
        }
        let Some(receipts) = self.receipts else {
            return;
        };
        let record = CastRecord {
            topic: Arc::clone(stored),
            revision: sheet.revision,
            choice: sheet.choice,
            nonce: sheet.nonce,
            key_id: sheet.key_id,
            cast_at_ms: sheet.cast_at_ms,
            replayed: true,
        };
        match receipts.attest(&record) {
            Ok(()) => self.report.receipts += 1,
            Err(what) => self.fault(format!("poll {}: {what}", poll.id)),
        }
    }

    /// Recorded: every voter is known. Secret: as many entries in the register as
    /// ballots in the box, each entry of a household on the roll.
    fn voters(&mut self, stored: &StoredTopic, seats: HashSet<Vec<u8>>) -> rusqlite::Result<()> {
        let topic = &stored.topic;
        let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
        let marks: HashSet<Vec<u8>> = self
            .conn
            .prepare(
                "SELECT voter_mark FROM voted_register WHERE community_id = ?1 AND poll_id = ?2",
            )?
            .query_map([community, poll], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let who = match topic.poll.secrecy {
            Secrecy::Recorded if !marks.is_empty() => {
                self.fault(format!("poll {poll} is recorded, yet has a register"));
                return Ok(());
            }
            Secrecy::Recorded => seats,
            Secrecy::Secret => {
                if marks.len() != seats.len() {
                    self.fault(format!(
                        "poll {poll}: {} in the register, {} in the box",
                        marks.len(),
                        seats.len()
                    ));
                }
                marks
            }
        };
        if topic.poll.electorate != Electorate::Households {
            return Ok(());
        }
        let roll: HashSet<Vec<u8>> = self
            .conn
            .prepare("SELECT household_id FROM household WHERE community_id = ?1")?
            .query_map([community], |row| {
                let voter = format!("h{}", row.get::<_, i64>(0)?);
                Ok(match topic.poll.secrecy {
                    Secrecy::Recorded => voter.into_bytes(),
                    Secrecy::Secret => seal::voter_mark(topic, &voter).to_vec(),
                })
            })?
            .collect::<Result<_, _>>()?;
        let unknown = who.difference(&roll).count();
        if unknown > 0 {
            self.fault(format!("poll {poll}: {unknown} voters are not on the roll"));
        }
        Ok(())
    }

    /// No ballot may belong to a poll that does not exist.
    fn strays(&mut self) -> rusqlite::Result<()> {
        let tables = [
            "ballot",
            "ballot_superseded",
            "voted_register",
            "ballot_box",
            "ballot_box_superseded",
        ];
        for table in tables {
            let stray: u64 = self.conn.query_row(
                &format!(
                    "SELECT count(*) FROM {table} b WHERE NOT EXISTS (SELECT 1 FROM topic t
                     WHERE t.community_id = b.community_id AND t.poll_id = b.poll_id)"
                ),
                [],
                |row| row.get(0),
            )?;
            if stray > 0 {
                self.fault(format!("{stray} rows of {table} belong to no poll"));
            }
        }
        Ok(())
    }
}
