//! Counting what is stored: ballots by choice, turnout by place.

use super::error::JobError;
use crate::seal;
use crate::store::electorate::{Households, HouseholdsCache};
use crate::store::{Counts, StoredTopic};
use linli_model::{Choice, Electorate, Secrecy, Topic, Turnout};
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Counts the poll of a topic.
pub(super) fn count(
    conn: &Connection,
    cache: &HouseholdsCache,
    stored: &StoredTopic,
    with_places: bool,
) -> Result<Counts, JobError> {
    let topic = &stored.topic;
    let choices = by_choice(conn, topic)?;
    let cast = choices.iter().map(|(_, times)| times).sum();
    if topic.poll.electorate != Electorate::Households {
        let turnout = Turnout {
            cast,
            eligible: None,
        };
        return Ok(Counts {
            choices,
            turnout,
            places: Vec::new(),
        });
    }
    let households = match cache.get(stored) {
        Some(known) => known,
        None => {
            let read = Arc::new(households(conn, topic)?);
            cache.put(stored, &read);
            read
        }
    };
    let by_place = match (with_places, topic.poll.secrecy) {
        (false, _) => Vec::new(),
        (true, Secrecy::Recorded) => recorded_by_place(conn, topic)?,
        (true, Secrecy::Secret) => secret_by_place(conn, topic)?,
    };
    let places = match with_places {
        true => households.turnout(by_place),
        false => Vec::new(),
    };
    let turnout = Turnout {
        cast,
        eligible: Some(households.eligible),
    };
    Ok(Counts {
        choices,
        turnout,
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

/// Every place of the topic, under which of those directly below it (none for the
/// topic's own), and its households.
const PLACES: &str = "WITH RECURSIVE concerned(place_id, top_id, top_name) AS (
        SELECT ?2, NULL, NULL
        UNION SELECT p.place_id, coalesce(c.top_id, p.place_id), coalesce(c.top_name, p.name)
        FROM place p JOIN concerned c ON p.parent_id = c.place_id WHERE p.community_id = ?1)
    SELECT place_id, top_id, top_name, (
        SELECT count(*) FROM household h
        WHERE h.community_id = ?1 AND h.place_id = concerned.place_id)
    FROM concerned ORDER BY top_id, place_id";

fn households(conn: &Connection, topic: &Topic) -> Result<Households, JobError> {
    let mut found = Households::default();
    let mut select = conn.prepare_cached(PLACES)?;
    let mut rows = select.query([topic.community.id.as_str(), topic.place.id.as_str()])?;
    while let Some(row) = rows.next()? {
        let (place, top): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        found
            .add(place, top, row.get(2)?, row.get(3)?)
            .map_err(JobError::Corrupt)?;
    }
    Ok(found)
}

/// Ballots by the place of their voters.
type ByPlace = Vec<(String, u64)>;

fn recorded_by_place(conn: &Connection, topic: &Topic) -> Result<ByPlace, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT h.place_id, count(*) FROM ballot b
         JOIN household h ON h.community_id = b.community_id
             AND h.household_id = CAST(substr(b.voter, 2) AS INTEGER)
         WHERE b.community_id = ?1 AND b.poll_id = ?2 GROUP BY h.place_id",
    )?;
    let key = [topic.community.id.as_str(), topic.poll.id.as_str()];
    let rows = select.query_map(key, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The register holds hashes: no statement can join it.
fn secret_by_place(conn: &Connection, topic: &Topic) -> Result<ByPlace, JobError> {
    let voted = register(conn, topic)?;
    let mut select = conn
        .prepare_cached("SELECT place_id, household_id FROM household WHERE community_id = ?1")?;
    let mut rows = select.query([topic.community.id.as_str()])?;
    let mut places = HashMap::new();
    while let Some(row) = rows.next()? {
        let mark = seal::voter_mark(topic, &format!("h{}", row.get::<_, i64>(1)?));
        if voted.contains(&mark) {
            *places.entry(row.get(0)?).or_default() += 1;
        }
    }
    Ok(places.into_iter().collect())
}

fn register(conn: &Connection, topic: &Topic) -> Result<HashSet<[u8; 32]>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT voter_mark FROM voted_register WHERE community_id = ?1 AND poll_id = ?2",
    )?;
    let key = params![topic.community.id.as_str(), topic.poll.id.as_str()];
    Ok(select
        .query_map(key, |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}
