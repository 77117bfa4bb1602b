//! Whom a word names on the roll of a poll.

use super::error::JobError;
use crate::store::rolls::{Found, KnownBy, known_by};
use linli_model::desk::roll::RollKind;
use linli_model::{Refusal, Topic};
use rusqlite::{Connection, params};

/// The voter, if what ties them to the roll lies in the place that the topic concerns.
pub(super) fn find(conn: &Connection, topic: &Topic, word: &str) -> Result<Found, JobError> {
    let kind = RollKind::of(topic.poll.electorate).ok_or(Refusal::Unsupported)?;
    // Without statistics SQLite would read the whole roll: the index is named.
    let (column, index, number) = match known_by(kind, word) {
        Some(KnownBy::Voter(number)) => ("voter_id", "roll_entry_voter", number),
        Some(KnownBy::Household(number)) => ("household_id", "roll_entry_household", number),
        None => return Ok(Found::Nobody),
    };
    let mut select = conn.prepare_cached(&format!(
        "WITH RECURSIVE concerned(place_id) AS (
             SELECT ?4
             UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
             WHERE p.community_id = ?1)
         SELECT voter_id, label FROM roll_entry INDEXED BY {index}
         WHERE community_id = ?1 AND kind = ?2 AND {column} = ?3 AND until_version IS NULL
         AND place_id IN (SELECT place_id FROM concerned)"
    ))?;
    let community = topic.community.id.as_str();
    let key = params![community, kind.as_str(), number, topic.place.id.as_str()];
    let voters = select.query_map(key, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Found::of(kind, voters.collect::<Result<_, _>>()?))
}

/// Word and label of the one voter whom a word names.
pub(super) fn only(
    conn: &Connection,
    topic: &Topic,
    word: &str,
) -> Result<Option<(String, String)>, JobError> {
    Ok(match find(conn, topic, word)? {
        Found::Voter { word, label } => Some((word, label)),
        Found::Nobody | Found::Several => None,
    })
}
