//! What a ballot asks of its transaction where it is a response to a survey: that its
//! version was asked, where it comes from, and room in the quotas.

use super::error::JobError;
use crate::store::rolls::{KnownBy, known_by};
use crate::store::surveys::{AREA_VOTERS_MIN, Asked, areas};
use linli_model::desk::roll::RollKind;
use linli_model::wave::Quota;
use linli_model::{Refusal, Secrecy, Topic};
use rusqlite::{Connection, params};

/// Whether the round of `topic` ever asked this version.
pub(super) fn is_asked(conn: &Connection, topic: &Topic, version: &str) -> Result<bool, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT 1 FROM wave_version WHERE community_id = ?1 AND topic_id = ?2 AND version = ?3",
    )?;
    Ok(select.exists([topic.community.id.as_str(), topic.id.as_str(), version])?)
}

/// The place that a response comes from, coarsely; empty where it cannot be told.
pub(super) fn area(
    conn: &Connection,
    topic: &Topic,
    voter: &str,
    asked: &Asked<'_>,
) -> Result<String, JobError> {
    let community = topic.community.id.as_str();
    let Some(kind) = RollKind::of(topic.poll.electorate) else {
        let named = asked.at.map_or("", |at| at.as_str());
        let way = chain(conn, community, named)?;
        let is_below = way.iter().any(|place| place == topic.place.id.as_str());
        return Ok(if is_below { named } else { "" }.to_owned());
    };
    let Some(place) = place_of(conn, topic, kind, voter)? else {
        return Ok(String::new());
    };
    let way = chain(conn, community, &place)?;
    let roots: u32 = conn
        .prepare_cached("SELECT count(*) FROM place WHERE community_id = ?1 AND parent_id IS NULL")?
        .query_row([community], |row| row.get(0))?;
    for place in areas(&way, roots == 1) {
        if voters(conn, community, kind, place)? >= AREA_VOTERS_MIN {
            return Ok(place.clone());
        }
    }
    Ok(String::new())
}

/// Refuses where more responses are in than a quota takes, the one just written included.
pub(super) fn require_room(
    conn: &Connection,
    topic: &Topic,
    quotas: &[Quota],
) -> Result<(), JobError> {
    let (table, index) = match topic.poll.secrecy {
        Secrecy::Recorded => ("ballot", "ballot_area"),
        Secrecy::Secret => ("ballot_box", "ballot_box_area"),
    };
    let of_poll = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {table} INDEXED BY {index}
             WHERE community_id = ?1 AND poll_id = ?2 AND area IS NOT NULL LIMIT ?3)"
    );
    let of_place = format!(
        "WITH RECURSIVE below(place_id) AS (
             SELECT ?4
             UNION SELECT p.place_id FROM place p JOIN below b ON p.parent_id = b.place_id
             WHERE p.community_id = ?1)
         SELECT count(*) FROM (SELECT 1 FROM {table} INDEXED BY {index}
             WHERE community_id = ?1 AND poll_id = ?2 AND area IS NOT NULL
             AND area IN (SELECT place_id FROM below) LIMIT ?3)"
    );
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    for quota in quotas {
        let enough = i64::from(quota.max) + 1;
        let taken: i64 = match &quota.place {
            None => conn
                .prepare_cached(&of_poll)?
                .query_row(params![community, poll, enough], |row| row.get(0))?,
            Some(place) => conn
                .prepare_cached(&of_place)?
                .query_row(params![community, poll, enough, place.as_str()], |row| {
                    row.get(0)
                })?,
        };
        if taken > i64::from(quota.max) {
            return Err(Refusal::QuotaFull.into());
        }
    }
    Ok(())
}

/// Where the voter stands on the roll, of several lines the first place.
fn place_of(
    conn: &Connection,
    topic: &Topic,
    kind: RollKind,
    voter: &str,
) -> Result<Option<String>, JobError> {
    let (column, index, number) = match known_by(kind, voter) {
        Some(KnownBy::Voter(number)) => ("voter_id", "roll_entry_voter", number),
        Some(KnownBy::Household(number)) => ("household_id", "roll_entry_household", number),
        None => return Ok(None),
    };
    let mut select = conn.prepare_cached(&format!(
        "SELECT min(place_id) FROM roll_entry INDEXED BY {index}
         WHERE community_id = ?1 AND kind = ?2 AND {column} = ?3 AND until_version IS NULL"
    ))?;
    let key = params![topic.community.id.as_str(), kind.as_str(), number];
    Ok(select.query_row(key, |row| row.get(0))?)
}

/// A place and everything above it, the root last; nothing where there is no such place.
fn chain(conn: &Connection, community: &str, place: &str) -> Result<Vec<String>, JobError> {
    let mut select = conn.prepare_cached(
        "WITH RECURSIVE up(place_id, parent_id, height) AS (
             SELECT place_id, parent_id, 0 FROM place WHERE community_id = ?1 AND place_id = ?2
             UNION SELECT p.place_id, p.parent_id, u.height + 1 FROM place p
             JOIN up u ON p.place_id = u.parent_id
             WHERE p.community_id = ?1 AND u.height < 16)
         SELECT place_id FROM up ORDER BY height",
    )?;
    let places = select.query_map([community, place], |row| row.get(0))?;
    Ok(places.collect::<Result<_, _>>()?)
}

/// Voters on the roll of a place and below, counted up to what is enough.
fn voters(
    conn: &Connection,
    community: &str,
    kind: RollKind,
    place: &str,
) -> Result<u32, JobError> {
    let mut select = conn.prepare_cached(
        "WITH RECURSIVE below(place_id) AS (
             SELECT ?3
             UNION SELECT p.place_id FROM place p JOIN below b ON p.parent_id = b.place_id
             WHERE p.community_id = ?1)
         SELECT count(*) FROM (SELECT DISTINCT voter_id
             FROM roll_entry INDEXED BY roll_entry_place
             WHERE community_id = ?1 AND kind = ?2 AND until_version IS NULL
             AND place_id IN (SELECT place_id FROM below) LIMIT ?4)",
    )?;
    let key = params![community, kind.as_str(), place, AREA_VOTERS_MIN];
    Ok(select.query_row(key, |row| row.get(0))?)
}
