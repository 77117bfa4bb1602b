//! Counting what is stored: ballots by choice, turnout by place.

use super::behalf;
use super::error::JobError;
use crate::seal;
use crate::store::Counts;
use crate::store::rolls::voter_word;
use crate::store::turnout::{Numbers, Seats};
use linli_model::desk::roll::RollKind;
use linli_model::{Choice, Secrecy, Topic, Turnout};
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;

/// Counts the poll of `topic`.
pub(super) fn count(
    conn: &Connection,
    topic: &Topic,
    with_places: bool,
) -> Result<Counts, JobError> {
    let kind = RollKind::of(topic.poll.electorate);
    let seats = match kind.filter(|_| with_places) {
        Some(kind) => seats(conn, topic, kind)?,
        None => Seats::default(),
    };
    let (choices, places) = match (kind.filter(|_| !seats.is_empty()), topic.poll.secrecy) {
        (Some(kind), Secrecy::Recorded) => {
            let (choices, voted) = choices_and_voters(conn, topic, kind)?;
            let places = seats.turnout(|voter| voted.binary_search(&voter).is_ok());
            (choices, places)
        }
        (Some(kind), Secrecy::Secret) => {
            let marks = marks(conn, topic)?;
            let places = seats.turnout(|voter| {
                let mark = seal::voter_mark(topic, &voter_word(kind, voter));
                marks.binary_search(&mark).is_ok()
            });
            (by_choice(conn, topic)?, places)
        }
        (None, _) => (by_choice(conn, topic)?, Ok(Vec::new())),
    };
    let cast = choices.iter().map(|(_, times)| times).sum();
    let eligible = kind.map(|kind| eligible(conn, topic, kind)).transpose()?;
    Ok(Counts {
        choices,
        turnout: Turnout { cast, eligible },
        places: places.map_err(JobError::Corrupt)?,
        on_behalf: behalf::count(conn, topic)?,
    })
}

/// Choices, and how often each was made.
type Choices = Vec<(Choice, u64)>;

/// How often each choice was made. Counted here: SQLite would sort all ballots to group
/// them.
#[derive(Default)]
struct Tally(BTreeMap<String, u64>);

impl Tally {
    fn add(&mut self, choice: &str) {
        match self.0.get_mut(choice) {
            Some(times) => *times += 1,
            None => {
                self.0.insert(choice.to_owned(), 1);
            }
        }
    }

    fn read(self) -> Result<Choices, JobError> {
        let read = self.0.into_iter().map(|(text, times)| {
            let choice = serde_json::from_str(&text)
                .map_err(|error| JobError::Corrupt(format!("stored choice: {error}")))?;
            Ok((choice, times))
        });
        read.collect()
    }
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, JobError> {
    let value = row.get_ref(column)?;
    value
        .as_str()
        .map_err(|error| JobError::Corrupt(format!("a stored text: {error}")))
}

fn by_choice(conn: &Connection, topic: &Topic) -> Result<Choices, JobError> {
    let sql = match topic.poll.secrecy {
        Secrecy::Recorded => "SELECT choice FROM ballot WHERE community_id = ?1 AND poll_id = ?2",
        Secrecy::Secret => "SELECT choice FROM ballot_box WHERE community_id = ?1 AND poll_id = ?2",
    };
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query([topic.community.id.as_str(), topic.poll.id.as_str()])?;
    let mut tally = Tally::default();
    while let Some(row) = rows.next()? {
        tally.add(text(row, 0)?);
    }
    tally.read()
}

/// Choices, and in order the numbers of those who made them, of a recorded poll: one walk
/// through its ballots.
fn choices_and_voters(
    conn: &Connection,
    topic: &Topic,
    kind: RollKind,
) -> Result<(Choices, Vec<i64>), JobError> {
    let mut select = conn.prepare_cached(
        "SELECT choice, voter FROM ballot WHERE community_id = ?1 AND poll_id = ?2",
    )?;
    let mut rows = select.query([topic.community.id.as_str(), topic.poll.id.as_str()])?;
    let (mut tally, mut voters) = (Tally::default(), Numbers::new(kind));
    while let Some(row) = rows.next()? {
        tally.add(text(row, 0)?);
        voters.add(text(row, 1)?);
    }
    Ok((tally.read()?, voters.sorted()))
}

/// The register of a secret poll, in order.
fn marks(conn: &Connection, topic: &Topic) -> Result<Vec<[u8; 32]>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT voter_mark FROM voted_register WHERE community_id = ?1 AND poll_id = ?2
         ORDER BY voter_mark",
    )?;
    let key = [topic.community.id.as_str(), topic.poll.id.as_str()];
    let marks = select.query_map(key, |row| row.get(0))?;
    Ok(marks.collect::<Result<_, _>>()?)
}

/// Voters on the roll in the place that the topic concerns, and those who voted before
/// they were taken off it: their ballots count.
fn eligible(conn: &Connection, topic: &Topic, kind: RollKind) -> Result<u64, JobError> {
    // Only owners stand on several lines; counting distinct voters takes far longer.
    let counted = match kind {
        RollKind::Owners => "count(DISTINCT voter_id)",
        _ => "count(*)",
    };
    let mut select = conn.prepare_cached(&format!(
        "WITH RECURSIVE concerned(place_id) AS (
             SELECT ?3
             UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
             WHERE p.community_id = ?1)
         SELECT {counted} FROM roll_entry
         WHERE community_id = ?1 AND kind = ?2 AND until_version IS NULL
         AND place_id IN (SELECT place_id FROM concerned)"
    ))?;
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

/// The roll's lines below the topic's place; those further down count for the place that
/// they are under.
fn seats(conn: &Connection, topic: &Topic, kind: RollKind) -> Result<Seats, JobError> {
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
    let mut seats = Seats::default();
    while let Some(row) = rows.next()? {
        seats.add(text(row, 0)?, text(row, 1)?, row.get(2)?, row.get(3)?);
    }
    Ok(seats)
}
