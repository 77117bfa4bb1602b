//! Importing communities, rolls and topics; reading the roll back for code sheets.

use super::error::JobError;
use super::identity;
use super::rolls;
use super::writer::Tx;
use crate::store::{
    HouseholdCodes, HouseholdRow, ImportReport, PreparedCodes, PreparedCommunity, PreparedImport,
    TypedCodeRow,
};
use linli_model::{Poll, Refusal, Secrecy, Topic};
use rusqlite::{Connection, OptionalExtension, params};

/// Adds and updates everything in `import`. Nothing is removed: a household that is
/// absent from the file keeps its place on the roll and its ballots.
pub(super) fn import(tx: &Tx<'_>, import: &PreparedImport) -> Result<ImportReport, JobError> {
    let conn = tx.conn;
    let mut report = ImportReport {
        changed: true,
        ..ImportReport::default()
    };
    let version: i64 = conn.query_row(
        "SELECT coalesce(max(version), 0) + 1 FROM last_import",
        [],
        |r| r.get(0),
    )?;
    for community in &import.communities {
        put_community(conn, community)?;
        put_households(conn, community, &mut report)?;
        rolls::import(tx, &community.id, &community.households)?;
        identity::put(conn, community)?;
        // Parsed copies hold the community's name and origins.
        conn.execute(
            "UPDATE topic SET version = ?2 WHERE community_id = ?1",
            params![community.id.as_str(), version],
        )?;
    }
    for topic in &import.topics {
        put_topic(conn, topic, version)?;
    }
    let digest = import.digest.unwrap_or_default();
    conn.execute(
        "INSERT OR REPLACE INTO last_import (only_row, version, digest) VALUES (1, ?1, ?2)",
        params![version, digest.as_slice()],
    )?;
    report.communities = import.communities.len();
    report.topics = import.topics.len();
    Ok(report)
}

/// The digest of the last import.
pub(super) fn last_import(conn: &Connection) -> Result<Option<[u8; 32]>, JobError> {
    Ok(conn
        .query_row("SELECT digest FROM last_import", [], |row| row.get(0))
        .optional()?)
}

/// Every typed code of a community.
pub(super) fn typed_codes(
    conn: &Connection,
    community: &str,
) -> Result<Vec<TypedCodeRow>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT h.place_id, h.label, c.selector, c.secret_phc FROM typed_code c
         JOIN household h ON h.community_id = c.community_id AND h.household_id = c.household_id
         WHERE c.community_id = ?1",
    )?;
    let rows = select.query_map([community], |row| {
        Ok(TypedCodeRow {
            place: row.get(0)?,
            label: row.get(1)?,
            selector: row.get(2)?,
            secret_phc: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every household of a community, in the order of its place and label.
pub(super) fn households(
    conn: &Connection,
    community: &str,
) -> Result<Vec<HouseholdRow>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT h.place_id, p.name, h.label,
             EXISTS (SELECT 1 FROM typed_code c WHERE c.community_id = h.community_id
                     AND c.household_id = h.household_id)
             OR EXISTS (SELECT 1 FROM scanned_code c WHERE c.community_id = h.community_id
                     AND c.household_id = h.household_id)
         FROM household h
         JOIN place p ON p.community_id = h.community_id AND p.place_id = h.place_id
         WHERE h.community_id = ?1 ORDER BY h.place_id, h.household_id",
    )?;
    let rows = select.query_map([community], |row| {
        Ok(HouseholdRow {
            place: row.get(0)?,
            place_name: row.get(1)?,
            label: row.get(2)?,
            has_code: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Sets the codes of households on the roll.
pub(super) fn set_codes(
    conn: &Connection,
    community: &str,
    codes: &[HouseholdCodes],
) -> Result<(), JobError> {
    for one in codes {
        let household: i64 = conn
            .prepare_cached(
                "SELECT household_id FROM household
                 WHERE community_id = ?1 AND place_id = ?2 AND label = ?3",
            )?
            .query_row([community, &one.place, &one.label], |row| row.get(0))?;
        put_codes(conn, community, household, &one.codes)?;
    }
    Ok(())
}

fn put_community(conn: &Connection, community: &PreparedCommunity) -> Result<(), JobError> {
    let id = community.id.as_str();
    conn.execute(
        "INSERT OR REPLACE INTO community (community_id, name, time_zone) VALUES (?1, ?2, ?3)",
        params![id, community.name, community.time_zone],
    )?;
    conn.execute("DELETE FROM community_origin WHERE community_id = ?1", [id])?;
    for origin in &community.origins {
        conn.execute(
            "INSERT OR IGNORE INTO community_origin (community_id, origin) VALUES (?1, lower(?2))",
            params![id, origin],
        )?;
    }
    for place in &community.places {
        let parent = place.parent.as_ref().map(|parent| parent.as_str());
        conn.execute(
            "INSERT OR REPLACE INTO place (community_id, place_id, parent_id, name)
             VALUES (?1, ?2, ?3, ?4)",
            params![id, place.id.as_str(), parent, place.name],
        )?;
    }
    Ok(())
}

fn put_households(
    conn: &Connection,
    community: &PreparedCommunity,
    report: &mut ImportReport,
) -> Result<(), JobError> {
    let id = community.id.as_str();
    for household in &community.households {
        let key = params![id, household.place.as_str(), household.label];
        let known: Option<i64> = conn
            .prepare_cached(
                "SELECT household_id FROM household
                 WHERE community_id = ?1 AND place_id = ?2 AND label = ?3",
            )?
            .query_row(key, |row| row.get(0))
            .optional()?;
        let number = match known {
            Some(number) => number,
            None => {
                report.households_added += 1;
                add_household(conn, id, household.place.as_str(), &household.label)?
            }
        };
        if household.area_csqm.is_some() {
            conn.prepare_cached(
                "UPDATE household SET area_csqm = ?3 WHERE community_id = ?1 AND household_id = ?2",
            )?
            .execute(params![id, number, household.area_csqm])?;
        }
        report.codes_set += put_codes(conn, id, number, &household.codes)?;
    }
    report.households += community.households.len();
    Ok(())
}

fn add_household(
    conn: &Connection,
    community: &str,
    place: &str,
    label: &str,
) -> Result<i64, JobError> {
    let number: i64 = conn
        .prepare_cached(
            "SELECT coalesce(max(household_id), 0) + 1 FROM household WHERE community_id = ?1",
        )?
        .query_row([community], |row| row.get(0))?;
    conn.prepare_cached(
        "INSERT INTO household (community_id, household_id, place_id, label)
         VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![community, number, place, label])?;
    Ok(number)
}

/// A household has at most one code of each kind: a new one ends the old one.
fn put_codes(
    conn: &Connection,
    community: &str,
    household: i64,
    codes: &PreparedCodes,
) -> Result<usize, JobError> {
    let mut set = 0;
    if let Some((selector, phc)) = &codes.typed {
        conn.prepare_cached(
            "DELETE FROM typed_code WHERE community_id = ?1 AND household_id = ?2",
        )?
        .execute(params![community, household])?;
        set += conn
            .prepare_cached(
                "INSERT INTO typed_code (community_id, selector, household_id, secret_phc)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![community, selector, household, phc])?;
    }
    if let Some(hash) = &codes.scanned {
        let known = conn
            .prepare_cached(
                "SELECT 1 FROM scanned_code
                 WHERE community_id = ?1 AND code_hash = ?2 AND household_id = ?3",
            )?
            .exists(params![community, hash.as_slice(), household])?;
        if !known {
            conn.prepare_cached(
                "INSERT OR REPLACE INTO scanned_code (community_id, code_hash, household_id)
                 VALUES (?1, ?2, ?3)",
            )?
            .execute(params![community, hash.as_slice(), household])?;
            set += 1;
        }
    }
    Ok(set)
}

fn put_topic(conn: &Connection, topic: &Topic, version: i64) -> Result<(), JobError> {
    let (community, id) = (topic.community.id.as_str(), topic.id.as_str());
    let owner: Option<String> = conn
        .query_row(
            "SELECT community_id FROM topic_directory WHERE topic_id = ?1",
            [id],
            |r| r.get(0),
        )
        .optional()?;
    if owner.as_deref().is_some_and(|owner| owner != community) {
        return Err(JobError::Corrupt(format!(
            "topic {id} belongs to another community"
        )));
    }
    if let Some(earlier) = stored_poll(conn, community, id)? {
        keep_what_was_voted_on(conn, community, &earlier, &topic.poll)?;
    }
    let body = serde_json::to_string(topic)
        .map_err(|error| JobError::Corrupt(format!("topic {id}: {error}")))?;
    // What the file says stands in place of what the desk has drafted.
    conn.execute(
        "DELETE FROM topic_draft WHERE community_id = ?1 AND topic_id = ?2",
        [community, id],
    )?;
    conn.execute(
        "INSERT OR REPLACE INTO topic_directory (topic_id, community_id) VALUES (?1, ?2)",
        [id, community],
    )?;
    conn.execute(
        "INSERT INTO topic (community_id, topic_id, poll_id, version, body)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (community_id, topic_id) DO UPDATE
         SET poll_id = excluded.poll_id, version = excluded.version, body = excluded.body",
        params![community, id, topic.poll.id.as_str(), version, body],
    )?;
    Ok(())
}

fn stored_poll(conn: &Connection, community: &str, topic: &str) -> Result<Option<Poll>, JobError> {
    let body: Option<String> = conn
        .query_row(
            "SELECT body FROM topic WHERE community_id = ?1 AND topic_id = ?2",
            [community, topic],
            |row| row.get(0),
        )
        .optional()?;
    let Some(body) = body else { return Ok(None) };
    let topic: Topic = serde_json::from_str(&body)
        .map_err(|error| JobError::Corrupt(format!("stored topic {topic}: {error}")))?;
    Ok(Some(topic.poll))
}

/// Once someone has voted, what they voted on and how it is kept stays as it is.
fn keep_what_was_voted_on(
    conn: &Connection,
    community: &str,
    earlier: &Poll,
    later: &Poll,
) -> Result<(), JobError> {
    let same = earlier.id == later.id
        && earlier.kind == later.kind
        && earlier.secrecy == later.secrecy
        && earlier.electorate == later.electorate
        && earlier.nature == later.nature
        && earlier.question == later.question;
    if same {
        return Ok(());
    }
    let table = match earlier.secrecy {
        Secrecy::Recorded => "SELECT 1 FROM ballot WHERE community_id = ?1 AND poll_id = ?2",
        Secrecy::Secret => "SELECT 1 FROM ballot_box WHERE community_id = ?1 AND poll_id = ?2",
    };
    if conn
        .prepare(table)?
        .exists([community, earlier.id.as_str()])?
    {
        tracing::warn!(poll = %earlier.id, "an import tried to change a poll that has ballots");
        return Err(Refusal::AlreadyVoted.into());
    }
    Ok(())
}
