//! Challenges that let devices in, once each.

use super::db::{Lock, Tx};
use super::error::JobError;
use crate::store::{SpentWait, SpentWork};
use linli_model::{Refusal, Topic, UtcMs};
use linli_rules::work::WAITS_AT_ONCE_MAX;

/// Spends a challenge, in the transaction that issues the grant. Of those who show the
/// same one at once, the others wait for the first and then find its row.
pub(super) async fn spend(
    tx: &Tx<'_>,
    topic: &Topic,
    work: &SpentWork,
    now_ms: UtcMs,
) -> Result<(), JobError> {
    let community = topic.community.id.as_str();
    if let Some(wait) = &work.wait {
        require_place(tx, community, wait, now_ms).await?;
    }
    let waiter = work.wait.as_ref().map(|wait| wait.waiter.as_slice());
    let waits_until_ms = work
        .wait
        .as_ref()
        .map(|wait| now_ms.saturating_add(wait.wait_ms));
    let spent = tx
        .execute(
            "INSERT INTO work_spent
             (community_id, poll_id, nonce_hash, expires_at_ms, waiter, waits_until_ms)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            &[
                &community,
                &topic.poll.id.as_str(),
                &work.nonce_hash.as_slice(),
                &work.expires_at_ms,
                &waiter,
                &waits_until_ms,
            ],
        )
        .await?;
    // After its end its row may be gone: only before does a new row mean the first time.
    if spent == 0 || now_ms >= work.expires_at_ms {
        return Err(Refusal::TokenInvalid.into());
    }
    Ok(())
}

/// Refuses one wait too many of a subscriber: the challenge stays good. Waits of one
/// subscriber are counted one after the other.
async fn require_place(
    tx: &Tx<'_>,
    community: &str,
    wait: &SpentWait,
    now_ms: UtcMs,
) -> Result<(), JobError> {
    let waiter = wait.waiter.as_slice();
    tx.lock(vec![Lock::of(&[b"waiter", community.as_bytes(), waiter])])
        .await?;
    let row = tx
        .row(
            "SELECT count(*), min(waits_until_ms) FROM work_spent
             WHERE community_id = $1 AND waiter = $2 AND waits_until_ms > $3",
            &[&community, &waiter, &now_ms],
        )
        .await?;
    let (waits, first_ends_at_ms): (i64, Option<UtcMs>) = (row.try_get(0)?, row.try_get(1)?);
    match first_ends_at_ms {
        Some(ends_at_ms) if waits >= i64::from(WAITS_AT_ONCE_MAX) => {
            Err(Refusal::TooManyAttempts {
                retry_after_ms: ends_at_ms - now_ms,
            }
            .into())
        }
        _ => Ok(()),
    }
}
