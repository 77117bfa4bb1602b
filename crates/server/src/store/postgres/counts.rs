//! Counting what is stored: ballots by choice, turnout by place; and how many ballots
//! have come in, by which old counts are known.

use super::db::{Mode, Tx, Work};
use super::error::JobError;
use crate::seal;
use crate::store::Counts;
use linli_model::{Choice, Electorate, PlaceId, PlaceRef, Secrecy, Topic, Turnout};
use std::collections::{BTreeMap, HashSet};
use tokio_postgres::Row;

/// How many ballots a poll has taken, on all servers.
pub(super) struct Generation {
    pub(super) community: String,
    pub(super) poll: String,
}

impl Work for Generation {
    type Output = u64;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<u64, JobError> {
        let row = tx
            .row(
                "SELECT coalesce(sum(ballots), 0)::bigint FROM poll_generation
                 WHERE community_id = $1 AND poll_id = $2",
                &[&self.community, &self.poll],
            )
            .await?;
        Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
    }
}

/// Counts a topic's poll.
pub(super) struct CountPoll {
    pub(super) topic: Topic,
    pub(super) with_places: bool,
}

impl Work for CountPoll {
    type Output = Counts;
    const MODE: Mode = Mode::View;

    async fn run(&self, tx: &Tx<'_>) -> Result<Counts, JobError> {
        let choices = by_choice(tx, &self.topic).await?;
        let cast = choices.iter().map(|(_, times)| times).sum();
        let households = self.topic.poll.electorate == Electorate::Households;
        let eligible = match households {
            true => Some(eligible(tx, &self.topic).await?),
            false => None,
        };
        let places = match households && self.with_places {
            true => by_place(tx, &self.topic).await?,
            false => Vec::new(),
        };
        Ok(Counts {
            choices,
            turnout: Turnout { cast, eligible },
            places,
        })
    }
}

async fn by_choice(tx: &Tx<'_>, topic: &Topic) -> Result<Vec<(Choice, u64)>, JobError> {
    let sql = match topic.poll.secrecy {
        Secrecy::Recorded => {
            "SELECT choice, count(*) FROM ballot
             WHERE community_id = $1 AND poll_id = $2 GROUP BY choice ORDER BY choice"
        }
        Secrecy::Secret => {
            "SELECT choice, count(*) FROM ballot_box
             WHERE community_id = $1 AND poll_id = $2 GROUP BY choice ORDER BY choice"
        }
    };
    let rows = tx
        .rows(
            sql,
            &[&topic.community.id.as_str(), &topic.poll.id.as_str()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let choice = serde_json::from_str(row.try_get(0)?)
                .map_err(|error| JobError::Corrupt(format!("stored choice: {error}")))?;
            Ok((choice, row.try_get::<_, i64>(1)?.unsigned_abs()))
        })
        .collect()
}

async fn eligible(tx: &Tx<'_>, topic: &Topic) -> Result<u64, JobError> {
    let row = tx
        .row(
            "WITH RECURSIVE concerned(place_id) AS (
                 SELECT $2::text COLLATE \"C\"
                 UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
                 WHERE p.community_id = $1)
             SELECT count(*) FROM household
             WHERE community_id = $1 AND place_id IN (SELECT place_id FROM concerned)",
            &[&topic.community.id.as_str(), &topic.place.id.as_str()],
        )
        .await?;
    Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
}

/// The places directly below the topic's, with everything that is under each.
const BELOW: &str = "WITH RECURSIVE below(place_id, top_id, name) AS (
    SELECT place_id, place_id, name FROM place
    WHERE community_id = $1 AND parent_id = $2
    UNION SELECT p.place_id, b.top_id, b.name FROM place p
    JOIN below b ON p.parent_id = b.place_id WHERE p.community_id = $1)";

/// Households, and those that voted, by place.
type ByPlace = BTreeMap<String, (String, Turnout)>;

/// Turnout of each place directly below the topic's; households further down count for
/// the one that they are under.
async fn by_place(tx: &Tx<'_>, topic: &Topic) -> Result<Vec<(PlaceRef, Turnout)>, JobError> {
    let places = match topic.poll.secrecy {
        Secrecy::Recorded => recorded_by_place(tx, topic).await?,
        Secrecy::Secret => secret_by_place(tx, topic).await?,
    };
    places
        .into_iter()
        .map(|(id, (name, turnout))| {
            let id = PlaceId::parse(&id).map_err(|e| JobError::Corrupt(format!("{id}: {e}")))?;
            Ok((PlaceRef { id, name }, turnout))
        })
        .collect()
}

async fn recorded_by_place(tx: &Tx<'_>, topic: &Topic) -> Result<ByPlace, JobError> {
    let sql = format!(
        "{BELOW} SELECT b.top_id, b.name, count(*), count(v.voter) FROM household h
         JOIN below b ON b.place_id = h.place_id
         LEFT JOIN ballot v ON v.community_id = $1 AND v.poll_id = $3
             AND v.voter = 'h' || h.household_id
         WHERE h.community_id = $1 GROUP BY b.top_id, b.name"
    );
    let (community, place) = (topic.community.id.as_str(), topic.place.id.as_str());
    let poll = topic.poll.id.as_str();
    let rows = tx.rows(&sql, &[&community, &place, &poll]).await?;
    let read = |row: &Row| {
        let turnout = Turnout {
            cast: row.try_get::<_, i64>(3)?.unsigned_abs(),
            eligible: Some(row.try_get::<_, i64>(2)?.unsigned_abs()),
        };
        Ok((row.try_get(0)?, (row.try_get(1)?, turnout)))
    };
    rows.iter().map(read).collect()
}

/// The register holds hashes: no statement can join it.
async fn secret_by_place(tx: &Tx<'_>, topic: &Topic) -> Result<ByPlace, JobError> {
    let voted = register(tx, topic).await?;
    let sql = format!(
        "{BELOW} SELECT b.top_id, b.name, h.household_id FROM household h
         JOIN below b ON b.place_id = h.place_id WHERE h.community_id = $1"
    );
    let (community, place) = (topic.community.id.as_str(), topic.place.id.as_str());
    let mut places = ByPlace::new();
    for row in tx.rows(&sql, &[&community, &place]).await? {
        let mark = seal::voter_mark(topic, &format!("h{}", row.try_get::<_, i64>(2)?));
        let none = Turnout {
            cast: 0,
            eligible: Some(0),
        };
        let entry = places
            .entry(row.try_get(0)?)
            .or_insert((row.try_get(1)?, none));
        entry.1.cast += u64::from(voted.contains(mark.as_slice()));
        entry.1.eligible = entry.1.eligible.map(|eligible| eligible + 1);
    }
    Ok(places)
}

async fn register(tx: &Tx<'_>, topic: &Topic) -> Result<HashSet<Vec<u8>>, JobError> {
    let rows = tx
        .rows(
            "SELECT voter_mark FROM voted_register WHERE community_id = $1 AND poll_id = $2",
            &[&topic.community.id.as_str(), &topic.poll.id.as_str()],
        )
        .await?;
    let read = rows.iter().map(|row| row.try_get(0));
    Ok(read.collect::<Result<_, _>>()?)
}
