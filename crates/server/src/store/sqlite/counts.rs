//! Counting what is stored: ballots by choice, turnout by place.

use super::behalf;
use super::error::JobError;
use crate::seal;
use crate::store::Counts;
use linli_model::{Choice, Electorate, PlaceId, PlaceRef, Secrecy, Topic, Turnout};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, HashSet};

/// Counts the poll of `topic`.
pub(super) fn count(
    conn: &Connection,
    topic: &Topic,
    with_places: bool,
) -> Result<Counts, JobError> {
    let choices = by_choice(conn, topic)?;
    let cast = choices.iter().map(|(_, times)| times).sum();
    let households = topic.poll.electorate == Electorate::Households;
    let eligible = if households {
        Some(eligible(conn, topic)?)
    } else {
        None
    };
    let places = if households && with_places {
        by_place(conn, topic)?
    } else {
        Vec::new()
    };
    Ok(Counts {
        choices,
        turnout: Turnout { cast, eligible },
        places,
        on_behalf: behalf::count(conn, topic)?,
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

fn eligible(conn: &Connection, topic: &Topic) -> Result<u64, JobError> {
    let mut select = conn.prepare_cached(
        "WITH RECURSIVE concerned(place_id) AS (
             SELECT ?2
             UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
             WHERE p.community_id = ?1)
         SELECT count(*) FROM household
         WHERE community_id = ?1 AND place_id IN (SELECT place_id FROM concerned)",
    )?;
    let key = [topic.community.id.as_str(), topic.place.id.as_str()];
    Ok(select.query_row(key, |row| row.get(0))?)
}

/// Turnout of each place directly below the topic's; households further down count for
/// the one that they are under.
fn by_place(conn: &Connection, topic: &Topic) -> Result<Vec<(PlaceRef, Turnout)>, JobError> {
    let voted = voters(conn, topic)?;
    let has_voted = |household: i64| {
        let voter = format!("h{household}");
        match topic.poll.secrecy {
            Secrecy::Recorded => voted.contains(voter.as_bytes()),
            Secrecy::Secret => voted.contains(seal::voter_mark(topic, &voter).as_slice()),
        }
    };
    let mut select = conn.prepare_cached(
        "WITH RECURSIVE below(place_id, top_id, name) AS (
             SELECT place_id, place_id, name FROM place
             WHERE community_id = ?1 AND parent_id = ?2
             UNION SELECT p.place_id, b.top_id, b.name FROM place p
             JOIN below b ON p.parent_id = b.place_id WHERE p.community_id = ?1)
         SELECT b.top_id, b.name, h.household_id FROM household h
         JOIN below b ON b.place_id = h.place_id WHERE h.community_id = ?1",
    )?;
    let mut rows = select.query([topic.community.id.as_str(), topic.place.id.as_str()])?;
    let mut places: BTreeMap<String, (String, u64, u64)> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let entry = places.entry(row.get(0)?).or_insert((row.get(1)?, 0, 0));
        entry.1 += u64::from(has_voted(row.get(2)?));
        entry.2 += 1;
    }
    places
        .into_iter()
        .map(|(id, (name, cast, eligible))| {
            let id = PlaceId::parse(&id).map_err(|e| JobError::Corrupt(format!("{id}: {e}")))?;
            Ok((
                PlaceRef { id, name },
                Turnout {
                    cast,
                    eligible: Some(eligible),
                },
            ))
        })
        .collect()
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
