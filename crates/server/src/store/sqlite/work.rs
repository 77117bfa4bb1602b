//! Challenges that let devices in, once each.

use super::error::JobError;
use crate::store::{SpentWait, SpentWork};
use linli_model::{Refusal, Topic, UtcMs};
use linli_rules::work::WAITS_AT_ONCE_MAX;
use rusqlite::{Connection, params};

/// Spends a challenge, in the transaction that issues the grant.
pub(super) fn spend(
    conn: &Connection,
    topic: &Topic,
    work: &SpentWork,
    now_ms: UtcMs,
) -> Result<(), JobError> {
    let community = topic.community.id.as_str();
    if let Some(wait) = &work.wait {
        require_place(conn, community, wait, now_ms)?;
    }
    let waits_until_ms = work
        .wait
        .as_ref()
        .map(|wait| now_ms.saturating_add(wait.wait_ms));
    let spent = conn
        .prepare_cached(
            "INSERT INTO work_spent
             (community_id, poll_id, nonce_hash, expires_at_ms, waiter, waits_until_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            community,
            topic.poll.id.as_str(),
            work.nonce_hash.as_slice(),
            work.expires_at_ms,
            work.wait.as_ref().map(|wait| wait.waiter.as_slice()),
            waits_until_ms
        ])?;
    // After its end its row may be gone: only before does a new row mean the first time.
    if spent == 0 || now_ms >= work.expires_at_ms {
        return Err(Refusal::TokenInvalid.into());
    }
    Ok(())
}

/// Refuses one wait too many of a subscriber: the challenge stays good.
fn require_place(
    conn: &Connection,
    community: &str,
    wait: &SpentWait,
    now_ms: UtcMs,
) -> Result<(), JobError> {
    let (waits, first_ends_at_ms): (u32, Option<UtcMs>) = conn
        .prepare_cached(
            "SELECT count(*), min(waits_until_ms) FROM work_spent
             WHERE community_id = ?1 AND waiter = ?2 AND waits_until_ms > ?3",
        )?
        .query_row(params![community, wait.waiter.as_slice(), now_ms], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    match first_ends_at_ms {
        Some(ends_at_ms) if waits >= WAITS_AT_ONCE_MAX => Err(Refusal::TooManyAttempts {
            retry_after_ms: ends_at_ms - now_ms,
        }
        .into()),
        _ => Ok(()),
    }
}
