//! Contacts and the passwords sent to them: whose they are, and keeping, trying and
//! forgetting passwords.

use super::error::JobError;
use crate::identity::otp;
use crate::store::rolls::own_number;
use linli_model::UtcMs;
use linli_model::desk::roll::RollKind;
use rusqlite::{Connection, OptionalExtension, params};

pub(super) const OWNERS_OF_CONTACT: &str =
    "SELECT voter FROM voter_contact WHERE community_id = ?1 AND contact_index = ?2";
pub(super) const OWNERS_OF_LINK: &str =
    "SELECT voter FROM voter_link WHERE community_id = ?1 AND link_hash = ?2";

/// Whether a password is right, for a poll or for oneself.
pub(super) fn spend(
    conn: &Connection,
    (community, poll, index): (&str, &str, &[u8]),
    password_hash: &[u8; 32],
    now_ms: UtcMs,
) -> Result<bool, JobError> {
    let kept = conn
        .prepare_cached(
            "SELECT password_hash, tries, expires_at_ms FROM one_time_password
             WHERE community_id = ?1 AND poll_id = ?2 AND contact_index = ?3",
        )?
        .query_row(params![community, poll, index], |row| {
            Ok(otp::Kept {
                hash: row.get(0)?,
                tries: row.get(1)?,
                expires_at_ms: row.get(2)?,
            })
        })
        .optional()?;
    let Some(kept) = kept else { return Ok(false) };
    if !otp::is_right(&kept, password_hash, now_ms) {
        conn.prepare_cached(
            "UPDATE one_time_password SET tries = tries + 1
             WHERE community_id = ?1 AND poll_id = ?2 AND contact_index = ?3",
        )?
        .execute(params![community, poll, index])?;
        return Ok(false);
    }
    conn.prepare_cached(
        "DELETE FROM one_time_password
         WHERE community_id = ?1 AND poll_id = ?2 AND contact_index = ?3",
    )?
    .execute(params![community, poll, index])?;
    Ok(true)
}

/// Forgets what nobody came back for.
pub(super) fn drop_ended(
    conn: &Connection,
    (community, poll): (&str, &str),
    now_ms: UtcMs,
) -> Result<(), JobError> {
    conn.prepare_cached(
        "DELETE FROM one_time_password
         WHERE community_id = ?1 AND poll_id = ?2 AND expires_at_ms <= ?3",
    )?
    .execute(params![community, poll, now_ms])?;
    Ok(())
}

/// Keeps a password; an earlier one ends.
pub(super) fn keep(
    conn: &Connection,
    (community, poll, index): (&str, &str, &[u8]),
    password_hash: &[u8; 32],
    now_ms: UtcMs,
) -> Result<(), JobError> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO one_time_password
         (community_id, poll_id, contact_index, password_hash, tries, expires_at_ms)
         VALUES (?1, ?2, ?3, ?4, 0, ?5)",
    )?
    .execute(params![
        community,
        poll,
        index,
        password_hash.as_slice(),
        now_ms.saturating_add(otp::VALID_MS)
    ])?;
    Ok(())
}

/// Everybody whose a contact or link is.
pub(super) fn words(
    conn: &Connection,
    community: &str,
    owners: &str,
    hash: &[u8],
) -> Result<Vec<String>, JobError> {
    let mut select = conn.prepare_cached(owners)?;
    let rows = select.query_map(params![community, hash], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Which of them stand on a roll now; two are as good as many.
pub(super) fn current(
    conn: &Connection,
    (community, kind): (&str, RollKind),
    words: &[String],
) -> Result<Vec<i64>, JobError> {
    let mut stands = conn.prepare_cached(
        "SELECT 1 FROM roll_entry INDEXED BY roll_entry_voter
         WHERE community_id = ?1 AND kind = ?2 AND voter_id = ?3 AND until_version IS NULL",
    )?;
    let mut current = Vec::new();
    for number in words.iter().filter_map(|word| own_number(kind, word)) {
        if stands.exists(params![community, kind.as_str(), number])? {
            current.push(number);
        }
        if current.len() > 1 {
            break;
        }
    }
    Ok(current)
}
