//! Codes, wrong tries and grants.

use super::cast;
use super::error::JobError;
use super::writer::Tx;
use super::{identity, seat, work};
use crate::identity::attempts::{self, Limit, Tries};
use crate::seal;
use crate::store::rolls::{Found, takes_household_codes};
use crate::store::{Bearer, IssueGrant, IssuedGrant, StoredTopic, Subject};
use linli_model::desk::roll::RollKind;
use linli_model::{Refusal, UtcMs};
use linli_rules::phase;
use rusqlite::{Connection, OptionalExtension, params};

/// How long a grant lasts, if the poll does not close before.
const GRANT_MS: i64 = 24 * 3_600_000;

/// The hash under a selector.
pub(super) fn typed_code(
    conn: &Connection,
    community: &str,
    selector: &str,
) -> Result<Option<String>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT secret_phc FROM typed_code WHERE community_id = ?1 AND selector = ?2",
    )?;
    Ok(select
        .query_row([community, selector], |row| row.get(0))
        .optional()?)
}

/// Charges every subject, or none when one of them must wait.
pub(super) fn charge(
    tx: &Tx<'_>,
    community: &str,
    subjects: &[(Subject, Limit)],
) -> Result<u32, JobError> {
    let now_ms = tx.now_ms();
    let mut charged = Vec::with_capacity(subjects.len());
    let mut wait_ms = None;
    for (subject, limit) in subjects {
        match attempts::charge(tries(tx.conn, community, subject)?, *limit, now_ms) {
            Ok(tries) => charged.push((subject, tries, attempts::left(tries, *limit))),
            Err(ms) => wait_ms = wait_ms.max(Some(ms)),
        }
    }
    if let Some(retry_after_ms) = wait_ms {
        return Err(Refusal::TooManyAttempts { retry_after_ms }.into());
    }
    for (subject, tries, _) in &charged {
        keep(tx.conn, community, subject, *tries)?;
    }
    Ok(charged
        .iter()
        .map(|(_, _, left)| *left)
        .min()
        .unwrap_or(u32::MAX))
}

/// Forgets tries that turned out right: of the first subject altogether, of the others
/// by one.
pub(super) fn settle(
    tx: &Tx<'_>,
    community: &str,
    subjects: &[(Subject, Limit)],
) -> Result<(), JobError> {
    for (index, (subject, limit)) in subjects.iter().enumerate() {
        let known = tries(tx.conn, community, subject)?;
        let settled = if index == 0 {
            Tries::default()
        } else {
            attempts::settle(known, *limit)
        };
        keep(tx.conn, community, subject, settled)?;
    }
    Ok(())
}

/// Issues a grant. An unknown bearer is charged and comes back as the inner refusal,
/// because the charge must be committed.
pub(super) fn issue(
    tx: &Tx<'_>,
    issue: &IssueGrant,
) -> Result<Result<IssuedGrant, Refusal>, JobError> {
    let stored = tx.topic(&issue.topic)?;
    let (topic, now_ms) = (&stored.topic, tx.now_ms());
    phase::require_open(&topic.poll, now_ms)?;
    let community = topic.community.id.as_str();
    let found = bearer(tx.conn, &stored, &issue.bearer, now_ms)?;
    if matches!(found, Found::Nobody) {
        let attempts_left = match issue.charged_left {
            Some(left) => left,
            None => charge(tx, community, &issue.charge)?,
        };
        return Ok(Err(Refusal::CodeUnknown { attempts_left }));
    }
    settle(tx, community, &issue.settle)?;
    // The code was right, so the tries are settled: this is told through the commit.
    let Found::Voter { word: voter, label } = found else {
        return Ok(Err(Refusal::CodeAmbiguous));
    };
    let expires_at_ms: UtcMs = topic.poll.closes_at_ms.min(now_ms.saturating_add(GRANT_MS));
    tx.conn
        .prepare_cached(
            "INSERT INTO cast_grant (community_id, poll_id, token_hash, voter, expires_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            community,
            topic.poll.id.as_str(),
            issue.token_hash.as_slice(),
            voter,
            expires_at_ms
        ])?;
    let standing = cast::standing(tx.conn, &stored, &voter, None)?;
    Ok(Ok(IssuedGrant {
        voter: label,
        expires_at_ms,
        standing,
    }))
}

/// The voter whom a proof names. What ties them to the roll must lie in the place that
/// the topic concerns.
fn bearer(
    conn: &Connection,
    stored: &StoredTopic,
    bearer: &Bearer,
    now_ms: UtcMs,
) -> Result<Found, JobError> {
    let topic = &stored.topic;
    let community = topic.community.id.as_str();
    if matches!(
        bearer,
        Bearer::TypedCode { .. } | Bearer::ScannedCode { .. }
    ) {
        takes_household_codes(RollKind::of(topic.poll.electorate).ok_or(Refusal::Unsupported)?)?;
    }
    let voter: Option<String> = match bearer {
        Bearer::Device(hash) => {
            return Ok(Found::Voter {
                word: format!("d{}", seal::hex(hash)),
                label: String::new(),
            });
        }
        Bearer::WorkedDevice { device, work } => {
            work::spend(conn, topic, work, now_ms)?;
            return Ok(Found::Voter {
                word: format!("d{}", seal::hex(device)),
                label: String::new(),
            });
        }
        // The hash is compared again: the code may have been replaced since.
        Bearer::TypedCode {
            selector,
            secret_phc,
        } => conn
            .prepare_cached(
                "SELECT 'h' || household_id FROM typed_code
                 WHERE community_id = ?1 AND selector = ?2 AND secret_phc = ?3",
            )?
            .query_row([community, selector, secret_phc], |row| row.get(0))
            .optional()?,
        Bearer::ScannedCode { code_hash } => conn
            .prepare_cached(
                "SELECT 'h' || household_id FROM scanned_code
                 WHERE community_id = ?1 AND code_hash = ?2",
            )?
            .query_row(params![community, code_hash.as_slice()], |row| row.get(0))
            .optional()?,
        Bearer::OneTimePassword {
            contact_index,
            password_hash,
        } => identity::spend_password(conn, topic, contact_index, password_hash, now_ms)?,
        Bearer::Household { label, place } => identity::one_household(conn, topic, label, place)?,
        Bearer::HostToken(token) => {
            let found = identity::spend_token(conn, topic, token, now_ms)?;
            let (word, label) = found.ok_or(Refusal::TokenInvalid)?;
            return Ok(Found::Voter { word, label });
        }
    };
    match voter {
        Some(voter) => seat::find(conn, topic, &voter),
        None => Ok(Found::Nobody),
    }
}

fn tries(conn: &Connection, community: &str, subject: &Subject) -> Result<Tries, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT failures, blocked_until_ms, last_at_ms FROM attempt
         WHERE community_id = ?1 AND subject = ?2",
    )?;
    let found = select.query_row(params![community, subject.as_slice()], |row| {
        Ok(Tries {
            failures: row.get(0)?,
            blocked_until_ms: row.get(1)?,
            last_at_ms: row.get(2)?,
        })
    });
    Ok(found.optional()?.unwrap_or_default())
}

fn keep(
    conn: &Connection,
    community: &str,
    subject: &Subject,
    tries: Tries,
) -> Result<(), JobError> {
    if tries.failures == 0 {
        conn.prepare_cached("DELETE FROM attempt WHERE community_id = ?1 AND subject = ?2")?
            .execute(params![community, subject.as_slice()])?;
        return Ok(());
    }
    conn.prepare_cached(
        "INSERT OR REPLACE INTO attempt
         (community_id, subject, failures, blocked_until_ms, last_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        community,
        subject.as_slice(),
        tries.failures,
        tries.blocked_until_ms,
        tries.last_at_ms
    ])?;
    Ok(())
}
