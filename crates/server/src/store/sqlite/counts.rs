//! Counting what is stored: ballots by choice, turnout by place.

use super::error::JobError;
use crate::seal;
use crate::store::Counts;
use crate::store::rolls::voter_word;
use crate::store::turnout::{self, Seat};
use linli_model::desk::roll::RollKind;
use linli_model::{Choice, PlaceRef, Secrecy, Topic, Turnout};
use rusqlite::{Connection, params};
use std::collections::HashSet;

/// Counts the poll of `topic`.
pub(super) fn count(
    conn: &Connection,
    topic: &Topic,
    with_places: bool,
) -> Result<Counts, JobError> {
    let choices = by_choice(conn, topic)?;
    let cast = choices.iter().map(|(_, times)| times).sum();
    let kind = RollKind::of(topic.poll.electorate);
    let eligible = kind.map(|kind| eligible(conn, topic, kind)).transpose()?;
    let places = match kind {
        Some(kind) if with_places => by_place(conn, topic, kind)?,
        _ => Vec::new(),
    };
    Ok(Counts {
        choices,
        turnout: Turnout { cast, eligible },
        places,
    })
}

fn by_choice(conn: &Connection, topic: &Topic) -> Result<Vec<(Choice, u64)>, JobError> {
    let sql = match topic.poll.secrecy {
        Secrecy::Recorded => {
            "SELECT choice, count(*) FROM ballot
             WHERE community_id = ?1 AND poll_id = ?2 GROUP BY choice"
        }
        Secrecy::Secret => {
            "SELECT choice, count(*) FROM ballot_box
             WHERE community_id = ?1 AND poll_id = ?2 GROUP BY choice"
        }
    };
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query([topic.community.id.as_str(), topic.poll.id.as_str()])?;
    let mut choices = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        let choice = serde_json::from_str(&text)
            .map_err(|error| JobError::Corrupt(format!("stored choice: {error}")))?;
        choices.push((choice, row.get(1)?));
    }
    Ok(choices)
}

/// Voters on the roll in the place that the topic concerns, and those who voted before
/// they were taken off it: their ballots count.
fn eligible(conn: &Connection, topic: &Topic, kind: RollKind) -> Result<u64, JobError> {
    let mut select = conn.prepare_cached(
        "WITH RECURSIVE concerned(place_id) AS (
             SELECT ?3
             UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
             WHERE p.community_id = ?1)
         SELECT count(DISTINCT voter_id) FROM roll_entry
         WHERE community_id = ?1 AND kind = ?2 AND until_version IS NULL
         AND place_id IN (SELECT place_id FROM concerned)",
    )?;
    let key = [
        topic.community.id.as_str(),
        kind.as_str(),
        topic.place.id.as_str(),
    ];
    let on_roll: u64 = select.query_row(key, |row| row.get(0))?;
    let mut removed = conn.prepare_cached(
        "WITH RECURSIVE concerned(place_id) AS (
             SELECT ?3
             UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
             WHERE p.community_id = ?1)
         SELECT DISTINCT voter_id FROM roll_entry e
         WHERE community_id = ?1 AND kind = ?2 AND until_version IS NOT NULL
         AND place_id IN (SELECT place_id FROM concerned)
         AND NOT EXISTS (SELECT 1 FROM roll_entry c INDEXED BY roll_entry_voter
             WHERE c.community_id = ?1 AND c.kind = ?2 AND c.voter_id = e.voter_id AND c.until_version IS NULL
             AND c.place_id IN (SELECT place_id FROM concerned))",
    )?;
    let removed: Vec<i64> = removed
        .query_map(key, |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut voted = 0;
    for voter in removed {
        voted += u64::from(has_voted(conn, topic, &voter_word(kind, voter))?);
    }
    Ok(on_roll + voted)
}

fn has_voted(conn: &Connection, topic: &Topic, word: &str) -> Result<bool, JobError> {
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    Ok(match topic.poll.secrecy {
        Secrecy::Recorded => conn
            .prepare_cached(
                "SELECT 1 FROM ballot WHERE community_id = ?1 AND poll_id = ?2 AND voter = ?3",
            )?
            .exists([community, poll, word])?,
        Secrecy::Secret => conn
            .prepare_cached(
                "SELECT 1 FROM voted_register
                 WHERE community_id = ?1 AND poll_id = ?2 AND voter_mark = ?3",
            )?
            .exists(params![community, poll, seal::voter_mark(topic, word)])?,
    })
}

/// Turnout of each place directly below the topic's; voters further down count for the
/// one that they are under, owners of several units for the first.
fn by_place(
    conn: &Connection,
    topic: &Topic,
    kind: RollKind,
) -> Result<Vec<(PlaceRef, Turnout)>, JobError> {
    let voted = voters(conn, topic)?;
    let has_voted = |voter: i64| {
        let word = voter_word(kind, voter);
        match topic.poll.secrecy {
            Secrecy::Recorded => voted.contains(word.as_bytes()),
            Secrecy::Secret => voted.contains(seal::voter_mark(topic, &word).as_slice()),
        }
    };
    let mut select = conn.prepare_cached(
        "WITH RECURSIVE below(place_id, top_id, name) AS (
             SELECT place_id, place_id, name FROM place
             WHERE community_id = ?1 AND parent_id = ?3
             UNION SELECT p.place_id, b.top_id, b.name FROM place p
             JOIN below b ON p.parent_id = b.place_id WHERE p.community_id = ?1)
         SELECT b.top_id, b.name, e.voter_id, e.until_version IS NULL FROM roll_entry e
         JOIN below b ON b.place_id = e.place_id
         WHERE e.community_id = ?1 AND e.kind = ?2",
    )?;
    let key = [
        topic.community.id.as_str(),
        kind.as_str(),
        topic.place.id.as_str(),
    ];
    let mut rows = select.query(key)?;
    let mut seats = Vec::new();
    while let Some(row) = rows.next()? {
        seats.push(Seat {
            place: row.get(0)?,
            name: row.get(1)?,
            voter: row.get(2)?,
            is_current: row.get(3)?,
        });
    }
    turnout::by_place(seats, has_voted).map_err(JobError::Corrupt)
}

fn voters(conn: &Connection, topic: &Topic) -> Result<HashSet<Vec<u8>>, JobError> {
    let sql = match topic.poll.secrecy {
        Secrecy::Recorded => {
            "SELECT CAST(voter AS BLOB) FROM ballot WHERE community_id = ?1 AND poll_id = ?2"
        }
        Secrecy::Secret => {
            "SELECT voter_mark FROM voted_register WHERE community_id = ?1 AND poll_id = ?2"
        }
    };
    let mut select = conn.prepare_cached(sql)?;
    let key = params![topic.community.id.as_str(), topic.poll.id.as_str()];
    Ok(select
        .query_map(key, |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}
