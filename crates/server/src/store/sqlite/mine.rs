//! Who opens their own data by a password, and what stands on rolls about them.

use super::contacts::{self, OWNERS_OF_CONTACT};
use super::error::JobError;
use crate::identity::otp::ONESELF;
use crate::store::privacy::MyEntryRow;
use crate::store::rolls::{VOTERS_OF_ONESELF, kind_of, named_as_own, own_number, voter_word};
use crate::store::{MyPassword, MyVoter};
use linli_model::UtcMs;
use rusqlite::{Connection, params};

/// Keeps a password, if the contact names anybody.
pub(super) fn put_password(
    conn: &Connection,
    password: &MyPassword,
    now_ms: UtcMs,
) -> Result<bool, JobError> {
    let community = password.community.as_str();
    let index = password.contact_index.as_slice();
    contacts::drop_ended(conn, (community, ONESELF), now_ms)?;
    if voters(conn, community, index)?.is_empty() {
        return Ok(false);
    }
    let key = (community, ONESELF, index);
    contacts::keep(conn, key, &password.password_hash, now_ms)?;
    Ok(true)
}

/// Whose data a password opens.
pub(super) fn spend_password(
    conn: &Connection,
    password: &MyPassword,
    now_ms: UtcMs,
) -> Result<Vec<MyVoter>, JobError> {
    let community = password.community.as_str();
    let index = password.contact_index.as_slice();
    let key = (community, ONESELF, index);
    if !contacts::spend(conn, key, &password.password_hash, now_ms)? {
        return Ok(Vec::new());
    }
    voters(conn, community, index)
}

/// Whom a contact names, at most one on each roll.
fn voters(conn: &Connection, community: &str, index: &[u8]) -> Result<Vec<MyVoter>, JobError> {
    let words = contacts::words(conn, community, OWNERS_OF_CONTACT, index)?;
    let mut found = Vec::new();
    for kind in VOTERS_OF_ONESELF {
        let current = contacts::current(conn, (community, kind), &words)?;
        let Some(number) = named_as_own(&current) else {
            continue;
        };
        let word = voter_word(kind, number);
        let entries = entries(conn, community, &word)?;
        let name = entries.first().map(MyEntryRow::called).unwrap_or_default();
        found.push(MyVoter { word, name });
    }
    Ok(found)
}

/// What stands on a roll about a voter now, and how many contacts are kept.
pub(super) fn entries(
    conn: &Connection,
    community: &str,
    word: &str,
) -> Result<Vec<MyEntryRow>, JobError> {
    let Some((kind, number)) = kind_of(word).and_then(|kind| Some((kind, own_number(kind, word)?)))
    else {
        return Ok(Vec::new());
    };
    let mut select = conn.prepare_cached(
        "SELECT e.label, e.name, p.name, e.registered_csqm,
             (SELECT count(*) FROM voter_contact c WHERE c.community_id = ?1 AND c.voter = ?4)
         FROM roll_entry e INDEXED BY roll_entry_voter
         JOIN place p ON p.community_id = e.community_id AND p.place_id = e.place_id
         WHERE e.community_id = ?1 AND e.kind = ?2 AND e.voter_id = ?3
         AND e.until_version IS NULL ORDER BY e.entry_id",
    )?;
    let rows = select.query_map(params![community, kind.as_str(), number, word], |row| {
        Ok(MyEntryRow {
            roll: kind,
            label: row.get(0)?,
            name: row.get(1)?,
            place: row.get(2)?,
            area_csqm: row.get(3)?,
            contacts: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
