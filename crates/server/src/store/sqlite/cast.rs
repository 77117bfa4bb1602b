//! Casting, changing and finding ballots.
//!
//! The order of decisions, in one transaction: grant, poll, phase, choice; then the
//! insert, which the primary key refuses when the voter has a ballot already. Whatever
//! stands in the way, a command that was recorded before gets its own receipt again,
//! also after closing: its sender may never have received the first answer.

use super::behalf;
use super::error::JobError;
use super::writer::Tx;
use crate::seal;
use crate::store::ballot::{self, Stored};
use crate::store::{CastIntent, CastRecord, StoredStanding, StoredTopic};
use linli_model::{BallotSecret, Refusal, Secrecy, UtcMs};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, ToSql, params};
use std::sync::Arc;

/// Casts or changes a ballot. A first recorded ballot is one statement; whatever takes
/// two is done apart.
pub(super) fn cast(tx: &mut Tx<'_>, intent: &CastIntent) -> Result<CastRecord, JobError> {
    let stored = tx.topic(&intent.topic)?;
    let now_ms = tx.now_ms();
    let grant = find_grant(tx.conn, &stored, &intent.token_hash)?.ok_or(Refusal::GrantInvalid)?;
    let seat = Seat::new(&stored, &grant.voter, intent.secret.as_ref())?;
    let case = Case {
        tx,
        conn: tx.conn,
        stored: &stored,
        seat: &seat,
        intent,
        now_ms,
    };
    let record = match ballot::admit(&stored.topic.poll, grant.expires_at_ms, intent, now_ms) {
        Ok(choice) => case.record(&choice)?,
        Err(refusal) => return case.replay_or(refusal),
    };
    if !record.replayed {
        tx.touch(&intent.topic);
    }
    Ok(record)
}

/// Where the grant's voter stands.
pub(super) fn standing_of_grant(
    conn: &Connection,
    stored: &Arc<StoredTopic>,
    token_hash: &[u8; 32],
    secret: Option<&BallotSecret>,
    now_ms: UtcMs,
) -> Result<StoredStanding, JobError> {
    let voter = voter(conn, stored, token_hash, now_ms)?;
    standing(conn, stored, &voter, secret)
}

/// Whose grant this is, if it still holds.
pub(super) fn voter(
    conn: &Connection,
    stored: &StoredTopic,
    token_hash: &[u8; 32],
    now_ms: UtcMs,
) -> Result<String, JobError> {
    let grant = find_grant(conn, stored, token_hash)?.ok_or(Refusal::GrantInvalid)?;
    if now_ms >= grant.expires_at_ms {
        return Err(Refusal::GrantExpired.into());
    }
    Ok(grant.voter)
}

/// Where `voter` stands. In secret polls the ballot is told only to who shows its secret.
pub(super) fn standing(
    conn: &Connection,
    stored: &Arc<StoredTopic>,
    voter: &str,
    secret: Option<&BallotSecret>,
) -> Result<StoredStanding, JobError> {
    if stored.topic.poll.secrecy == Secrecy::Secret && secret.is_none() {
        let voted = is_registered(conn, stored, &seal::voter_mark(&stored.topic, voter))?;
        return Ok(StoredStanding {
            voted,
            record: None,
        });
    }
    match Seat::new(stored, voter, secret)? {
        Seat::Recorded { voter } => {
            let record = current(conn, stored, &BALLOT, &voter)?.map(|row| row.replay(stored));
            Ok(StoredStanding {
                voted: record.is_some(),
                record,
            })
        }
        Seat::Secret { mark, address } => {
            let voted = is_registered(conn, stored, &mark)?;
            let row = if voted {
                current(conn, stored, &BOX, &address)?
            } else {
                None
            };
            Ok(StoredStanding {
                voted,
                record: row.map(|row| row.replay(stored)),
            })
        }
    }
}

struct Grant {
    voter: String,
    expires_at_ms: UtcMs,
}

fn find_grant(
    conn: &Connection,
    stored: &StoredTopic,
    token_hash: &[u8; 32],
) -> Result<Option<Grant>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT voter, expires_at_ms FROM cast_grant
         WHERE community_id = ?1 AND poll_id = ?2 AND token_hash = ?3",
    )?;
    let key = params![
        stored.topic.community.id.as_str(),
        stored.topic.poll.id.as_str(),
        token_hash.as_slice()
    ];
    let grant = select.query_row(key, |row| {
        Ok(Grant {
            voter: row.get(0)?,
            expires_at_ms: row.get(1)?,
        })
    });
    Ok(grant.optional()?)
}

/// Under what a voter's ballot lies.
enum Seat {
    Recorded { voter: String },
    Secret { mark: [u8; 32], address: [u8; 32] },
}

impl Seat {
    fn new(
        stored: &StoredTopic,
        voter: &str,
        secret: Option<&BallotSecret>,
    ) -> Result<Self, Refusal> {
        match (stored.topic.poll.secrecy, secret) {
            (Secrecy::Recorded, None) => Ok(Self::Recorded {
                voter: voter.to_owned(),
            }),
            (Secrecy::Recorded, Some(_)) => Err(Refusal::BallotSecretUnexpected),
            (Secrecy::Secret, None) => Err(Refusal::BallotSecretMissing),
            (Secrecy::Secret, Some(secret)) => Ok(Self::Secret {
                mark: seal::voter_mark(&stored.topic, voter),
                address: seal::box_address(&stored.topic, secret),
            }),
        }
    }
}

/// The statements of one of the two kinds of ballot.
struct Sheets {
    current: &'static str,
    superseded: &'static str,
    supersede: &'static str,
    replace: &'static str,
}

const BALLOT: Sheets = Sheets {
    current: "SELECT revision, choice, nonce, key_id, cast_key, cast_at_ms,
              EXISTS (SELECT 1 FROM ballot_on_behalf o WHERE o.community_id = b.community_id
              AND o.poll_id = b.poll_id AND o.voter = b.voter AND o.revision = b.revision)
              FROM ballot b WHERE community_id = ?1 AND poll_id = ?2 AND voter = ?3",
    superseded: "SELECT revision, choice, nonce, key_id, cast_key, cast_at_ms,
                 EXISTS (SELECT 1 FROM ballot_on_behalf o WHERE o.community_id = b.community_id
                 AND o.poll_id = b.poll_id AND o.voter = b.voter AND o.revision = b.revision)
                 FROM ballot_superseded b WHERE community_id = ?1 AND poll_id = ?2
                 AND voter = ?3 AND cast_key = ?4",
    supersede: "INSERT INTO ballot_superseded
                (community_id, poll_id, voter, revision, cast_key, choice, nonce, key_id, cast_at_ms)
                SELECT community_id, poll_id, voter, revision, cast_key, choice, nonce, key_id,
                cast_at_ms FROM ballot WHERE community_id = ?1 AND poll_id = ?2 AND voter = ?3",
    replace: "UPDATE ballot SET revision = ?4, cast_key = ?5, choice = ?6, nonce = ?7,
              key_id = ?8, cast_at_ms = ?9
              WHERE community_id = ?1 AND poll_id = ?2 AND voter = ?3",
};

// The NULLs stand where recorded ballots have a time: secret ones have none.
const BOX: Sheets = Sheets {
    current: "SELECT revision, choice, nonce, key_id, cast_key, NULL, 0 FROM ballot_box
              WHERE community_id = ?1 AND poll_id = ?2 AND address = ?3",
    superseded: "SELECT revision, choice, nonce, key_id, cast_key, NULL, 0
                 FROM ballot_box_superseded WHERE community_id = ?1 AND poll_id = ?2
                 AND address = ?3 AND cast_key = ?4",
    supersede: "INSERT INTO ballot_box_superseded
                (community_id, poll_id, address, revision, cast_key, choice, nonce, key_id)
                SELECT community_id, poll_id, address, revision, cast_key, choice, nonce, key_id
                FROM ballot_box WHERE community_id = ?1 AND poll_id = ?2 AND address = ?3",
    replace: "UPDATE ballot_box SET revision = ?4, cast_key = ?5, choice = ?6, nonce = ?7,
              key_id = ?8 WHERE community_id = ?1 AND poll_id = ?2 AND address = ?3
              AND ?9 IS NULL",
};

fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        revision: row.get(0)?,
        choice: row.get(1)?,
        nonce: row.get(2)?,
        key_id: row.get(3)?,
        cast_key: row.get(4)?,
        cast_at_ms: row.get(5)?,
        on_behalf: row.get(6)?,
    })
}

fn current(
    conn: &Connection,
    stored: &StoredTopic,
    sheets: &Sheets,
    seat: &dyn ToSql,
) -> Result<Option<Stored>, JobError> {
    let topic = &stored.topic;
    let key = params![topic.community.id.as_str(), topic.poll.id.as_str(), seat];
    Ok(conn
        .prepare_cached(sheets.current)?
        .query_row(key, read)
        .optional()?)
}

fn is_registered(
    conn: &Connection,
    stored: &StoredTopic,
    mark: &[u8; 32],
) -> Result<bool, JobError> {
    let topic = &stored.topic;
    let key = params![
        topic.community.id.as_str(),
        topic.poll.id.as_str(),
        mark.as_slice()
    ];
    let mut select = conn.prepare_cached(
        "SELECT 1 FROM voted_register
         WHERE community_id = ?1 AND poll_id = ?2 AND voter_mark = ?3",
    )?;
    Ok(select.exists(key)?)
}

/// One command in its transaction.
struct Case<'a> {
    tx: &'a Tx<'a>,
    conn: &'a Connection,
    stored: &'a Arc<StoredTopic>,
    seat: &'a Seat,
    intent: &'a CastIntent,
    now_ms: UtcMs,
}

impl Case<'_> {
    /// Records `choice`: as a first ballot, a replay, or a change.
    fn record(&self, choice: &str) -> Result<CastRecord, JobError> {
        let topic = &self.stored.topic;
        let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
        let (key, nonce) = (
            self.intent.key.as_bytes().as_slice(),
            self.intent.nonce.as_slice(),
        );
        let key_id = &*self.intent.key_id;
        match self.seat {
            Seat::Recorded { voter } => {
                let insert = "INSERT INTO ballot (community_id, poll_id, voter, revision,
                    cast_key, choice, nonce, key_id, cast_at_ms)
                    VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8)";
                let row = params![
                    community,
                    poll,
                    voter,
                    key,
                    choice,
                    nonce,
                    key_id,
                    self.now_ms
                ];
                let first = match &self.intent.on_behalf {
                    None => is_first(self.conn, insert, row)?,
                    Some(by) => self.tx.apart(|| {
                        let first = is_first(self.conn, insert, row)?;
                        if first {
                            behalf::put(self.conn, topic, (voter, 1), by, self.now_ms)?;
                        }
                        Ok(first)
                    })?,
                };
                match first {
                    true => Ok(self.fresh(1, choice, Some(self.now_ms))),
                    false => self.again(&BALLOT, voter, choice, Refusal::AlreadyVoted),
                }
            }
            Seat::Secret { mark, address } => self.tx.apart(|| {
                let enter = "INSERT INTO voted_register (community_id, poll_id, voter_mark)
                    VALUES (?1, ?2, ?3)";
                if !is_first(self.conn, enter, params![community, poll, mark.as_slice()])? {
                    return self.again(&BOX, address, choice, Refusal::BallotSecretLost);
                }
                let insert = "INSERT INTO ballot_box (community_id, poll_id, address, revision,
                    cast_key, choice, nonce, key_id) VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7)";
                let row = params![
                    community,
                    poll,
                    address.as_slice(),
                    key,
                    choice,
                    nonce,
                    key_id
                ];
                match is_first(self.conn, insert, row)? {
                    true => Ok(self.fresh(1, choice, None)),
                    // Refusing undoes the entry in the register.
                    false => Err(Refusal::BallotSecretTaken.into()),
                }
            }),
        }
    }

    /// The voter has a ballot: it is this command's own, or it may be changed, or not.
    fn again(
        &self,
        sheets: &Sheets,
        seat: &dyn ToSql,
        choice: &str,
        missing: Refusal,
    ) -> Result<CastRecord, JobError> {
        let Some(found) = current(self.conn, self.stored, sheets, seat)? else {
            return Err(missing.into());
        };
        if let Some(earlier) = self.earlier(sheets, seat, &found)? {
            return Ok(earlier.same_or_reused(choice, self.stored)?);
        }
        if found.is_of(&self.intent.key) {
            return Ok(found.same_or_reused(choice, self.stored)?);
        }
        ballot::may_replace(&self.stored.topic.poll, &found, self.intent)?;
        self.change(sheets, seat, choice, found.revision + 1)
    }

    /// A superseded ballot that this command's key made.
    fn earlier(
        &self,
        sheets: &Sheets,
        seat: &dyn ToSql,
        found: &Stored,
    ) -> Result<Option<Stored>, JobError> {
        if found.revision == 1 {
            return Ok(None);
        }
        let topic = &self.stored.topic;
        let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
        let key = params![community, poll, seat, self.intent.key.as_bytes().as_slice()];
        Ok(self
            .conn
            .prepare_cached(sheets.superseded)?
            .query_row(key, read)
            .optional()?)
    }

    fn change(
        &self,
        sheets: &Sheets,
        seat: &dyn ToSql,
        choice: &str,
        revision: u32,
    ) -> Result<CastRecord, JobError> {
        let topic = &self.stored.topic;
        let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
        let cast_at_ms = (topic.poll.secrecy == Secrecy::Recorded).then_some(self.now_ms);
        self.tx.apart(|| {
            self.conn
                .prepare_cached(sheets.supersede)?
                .execute(params![community, poll, seat])?;
            self.conn.prepare_cached(sheets.replace)?.execute(params![
                community,
                poll,
                seat,
                revision,
                self.intent.key.as_bytes().as_slice(),
                choice,
                self.intent.nonce.as_slice(),
                &*self.intent.key_id,
                cast_at_ms,
            ])?;
            if let (Some(by), Seat::Recorded { voter }) = (&self.intent.on_behalf, self.seat) {
                behalf::put(self.conn, topic, (voter, revision), by, self.now_ms)?;
            }
            Ok(())
        })?;
        Ok(self.fresh(revision, choice, cast_at_ms))
    }

    /// The receipt of this very command if it was recorded before, else `refusal`.
    fn replay_or(&self, refusal: Refusal) -> Result<CastRecord, JobError> {
        let (sheets, seat): (&Sheets, &dyn ToSql) = match self.seat {
            Seat::Recorded { voter } => (&BALLOT, voter),
            Seat::Secret { mark, address } => {
                if !is_registered(self.conn, self.stored, mark)? {
                    return Err(refusal.into());
                }
                (&BOX, address)
            }
        };
        let Some(found) = current(self.conn, self.stored, sheets, seat)? else {
            return Err(refusal.into());
        };
        let own = match self.earlier(sheets, seat, &found)? {
            Some(earlier) => earlier,
            None if found.is_of(&self.intent.key) => found,
            None => return Err(refusal.into()),
        };
        let draft = ballot::draft(&self.stored.topic.poll, self.intent);
        Ok(own.same_or_reused(&draft, self.stored)?)
    }

    fn fresh(&self, revision: u32, choice: &str, cast_at_ms: Option<UtcMs>) -> CastRecord {
        ballot::fresh(self.stored, self.intent, revision, choice, cast_at_ms)
    }
}

/// Inserts; false when a unique constraint says that there is one already.
fn is_first(conn: &Connection, insert: &str, row: &[&dyn ToSql]) -> Result<bool, JobError> {
    match conn.prepare_cached(insert)?.execute(row) {
        Ok(_) => Ok(true),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
