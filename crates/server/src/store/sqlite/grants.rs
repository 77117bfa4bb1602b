//! Codes, wrong tries and grants.

use super::cast;
use super::error::JobError;
use super::writer::Tx;
use crate::identity::attempts::{self, Limit, Tries};
use crate::seal;
use crate::store::{Bearer, IssueGrant, IssuedGrant, StoredTopic, Subject};
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
    let Some((voter, label)) = bearer(tx.conn, &stored, &issue.bearer)? else {
        let attempts_left = match issue.charged_left {
            Some(left) => left,
            None => charge(tx, community, &issue.charge)?,
        };
        return Ok(Err(Refusal::CodeUnknown { attempts_left }));
    };
    settle(tx, community, &issue.settle)?;
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

/// Takes back tries that turned out right: the first is forgotten, the others by one.
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

/// The voter whom a proof names, and what they are called. A household must belong to
/// the place that the topic concerns.
fn bearer(
    conn: &Connection,
    stored: &StoredTopic,
    bearer: &Bearer,
) -> Result<Option<(String, String)>, JobError> {
    let topic = &stored.topic;
    let community = topic.community.id.as_str();
    let household: Option<i64> = match bearer {
        Bearer::Device(hash) => return Ok(Some((format!("d{}", seal::hex(hash)), String::new()))),
        // The hash is compared again: the code may have been replaced since.
        Bearer::TypedCode {
            selector,
            secret_phc,
        } => conn
            .prepare_cached(
                "SELECT household_id FROM typed_code
                 WHERE community_id = ?1 AND selector = ?2 AND secret_phc = ?3",
            )?
            .query_row([community, selector, secret_phc], |row| row.get(0))
            .optional()?,
        Bearer::ScannedCode { code_hash } => conn
            .prepare_cached(
                "SELECT household_id FROM scanned_code
                 WHERE community_id = ?1 AND code_hash = ?2",
            )?
            .query_row(params![community, code_hash.as_slice()], |row| row.get(0))
            .optional()?,
    };
    let Some(household) = household else {
        return Ok(None);
    };
    let label: Option<String> = conn
        .prepare_cached(
            "WITH RECURSIVE concerned(place_id) AS (
                 SELECT ?3
                 UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
                 WHERE p.community_id = ?1)
             SELECT label FROM household WHERE community_id = ?1 AND household_id = ?2
             AND place_id IN (SELECT place_id FROM concerned)",
        )?
        .query_row(
            params![community, household, topic.place.id.as_str()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(label.map(|label| (format!("h{household}"), label)))
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
