//! Contacts and the passwords sent to them: whose they are, and keeping, trying and
//! forgetting passwords.

use super::cast::fixed;
use super::db::Tx;
use super::error::JobError;
use crate::identity::otp;
use crate::store::rolls::own_number;
use linli_model::UtcMs;
use linli_model::desk::roll::RollKind;

pub(super) const OWNERS_OF_CONTACT: &str =
    "SELECT voter FROM voter_contact WHERE community_id = $1 AND contact_index = $2";
pub(super) const OWNERS_OF_LINK: &str =
    "SELECT voter FROM voter_link WHERE community_id = $1 AND link_hash = $2";

/// Whether a password is right, for a poll or for oneself. The row is locked first, so
/// that tries at the same moment are counted one after the other.
pub(super) async fn spend(
    tx: &Tx<'_>,
    (community, poll, index): (&str, &str, &[u8]),
    password_hash: &[u8; 32],
    now_ms: UtcMs,
) -> Result<bool, JobError> {
    let found = tx
        .opt(
            "SELECT password_hash, tries, expires_at_ms FROM one_time_password
             WHERE community_id = $1 AND poll_id = $2 AND contact_index = $3 FOR UPDATE",
            &[&community, &poll, &index],
        )
        .await?;
    let Some(row) = found else { return Ok(false) };
    let kept = otp::Kept {
        hash: fixed(row.try_get(0)?)?,
        tries: u32::try_from(row.try_get::<_, i64>(1)?).unwrap_or(u32::MAX),
        expires_at_ms: row.try_get(2)?,
    };
    if !otp::is_right(&kept, password_hash, now_ms) {
        tx.execute(
            "UPDATE one_time_password SET tries = tries + 1
             WHERE community_id = $1 AND poll_id = $2 AND contact_index = $3",
            &[&community, &poll, &index],
        )
        .await?;
        return Ok(false);
    }
    tx.execute(
        "DELETE FROM one_time_password
         WHERE community_id = $1 AND poll_id = $2 AND contact_index = $3",
        &[&community, &poll, &index],
    )
    .await?;
    Ok(true)
}

/// Forgets what nobody came back for. Rows that somebody is trying are left for later.
pub(super) async fn drop_ended(
    tx: &Tx<'_>,
    (community, poll): (&str, &str),
    now_ms: UtcMs,
) -> Result<(), JobError> {
    tx.execute(
        "DELETE FROM one_time_password p USING (
             SELECT community_id, poll_id, contact_index FROM one_time_password
             WHERE community_id = $1 AND poll_id = $2 AND expires_at_ms <= $3
             FOR UPDATE SKIP LOCKED) AS old
         WHERE p.community_id = old.community_id AND p.poll_id = old.poll_id
         AND p.contact_index = old.contact_index",
        &[&community, &poll, &now_ms],
    )
    .await?;
    Ok(())
}

/// Keeps a password; an earlier one ends.
pub(super) async fn keep(
    tx: &Tx<'_>,
    (community, poll, index): (&str, &str, &[u8]),
    password_hash: &[u8; 32],
    now_ms: UtcMs,
) -> Result<(), JobError> {
    tx.execute(
        "INSERT INTO one_time_password (community_id, poll_id, contact_index,
             password_hash, tries, expires_at_ms)
         VALUES ($1, $2, $3, $4, 0, $5)
         ON CONFLICT (community_id, poll_id, contact_index) DO UPDATE
         SET password_hash = excluded.password_hash, tries = 0,
             expires_at_ms = excluded.expires_at_ms",
        &[
            &community,
            &poll,
            &index,
            &password_hash.as_slice(),
            &now_ms.saturating_add(otp::VALID_MS),
        ],
    )
    .await?;
    Ok(())
}

/// Everybody whose a contact or link is.
pub(super) async fn words(
    tx: &Tx<'_>,
    community: &str,
    owners: &str,
    hash: &[u8],
) -> Result<Vec<String>, JobError> {
    let rows = tx.rows(owners, &[&community, &hash]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Which of them stand on a roll now; two are as good as many.
pub(super) async fn current(
    tx: &Tx<'_>,
    (community, kind): (&str, RollKind),
    words: &[String],
) -> Result<Vec<i64>, JobError> {
    let own = words.iter().filter_map(|word| own_number(kind, word));
    let own: Vec<i64> = own.collect();
    let rows = tx
        .rows(
            "SELECT DISTINCT voter_id FROM roll_entry WHERE community_id = $1 AND kind = $2
             AND voter_id = ANY($3) AND until_version IS NULL LIMIT 2",
            &[&community, &kind.as_str(), &own],
        )
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
