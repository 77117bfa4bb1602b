//! Counting what is stored: ballots by choice, turnout by place; and how many ballots
//! have come in, by which old counts are known.

use super::db::{Mode, Tx, Work};
use super::error::JobError;
use crate::seal;
use crate::store::electorate::{Households, HouseholdsCache};
use crate::store::{Counts, StoredTopic};
use linli_model::{Choice, Electorate, Secrecy, Topic, Turnout};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
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
    pub(super) stored: StoredTopic,
    pub(super) with_places: bool,
    pub(super) cache: Arc<HouseholdsCache>,
}

impl Work for CountPoll {
    type Output = Counts;
    const MODE: Mode = Mode::View;

    async fn run(&self, tx: &Tx<'_>) -> Result<Counts, JobError> {
        let topic = &self.stored.topic;
        let choices = by_choice(tx, topic).await?;
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
        let households = match self.cache.get(&self.stored) {
            Some(known) => known,
            None => {
                let read = Arc::new(households(tx, topic).await?);
                self.cache.put(&self.stored, &read);
                read
            }
        };
        let places = match (self.with_places, topic.poll.secrecy) {
            (false, _) => Vec::new(),
            (true, Secrecy::Recorded) => households.turnout(recorded_by_place(tx, topic).await?),
            (true, Secrecy::Secret) => households.turnout(secret_by_place(tx, topic).await?),
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

/// Every place of the topic, under which of those directly below it (none for the
/// topic's own), and its households.
const PLACES: &str = "WITH RECURSIVE concerned(place_id, top_id, top_name) AS (
        SELECT $2::text COLLATE \"C\", NULL::text COLLATE \"C\", NULL::text
        UNION SELECT p.place_id, coalesce(c.top_id, p.place_id), coalesce(c.top_name, p.name)
        FROM place p JOIN concerned c ON p.parent_id = c.place_id WHERE p.community_id = $1)
    SELECT place_id, top_id, top_name, (
        SELECT count(*) FROM household h
        WHERE h.community_id = $1 AND h.place_id = concerned.place_id)
    FROM concerned ORDER BY top_id, place_id";

async fn households(tx: &Tx<'_>, topic: &Topic) -> Result<Households, JobError> {
    let mut found = Households::default();
    let (community, place) = (topic.community.id.as_str(), topic.place.id.as_str());
    for row in tx.rows(PLACES, &[&community, &place]).await? {
        let eligible = row.try_get::<_, i64>(3)?.unsigned_abs();
        found
            .add(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, eligible)
            .map_err(JobError::Corrupt)?;
    }
    Ok(found)
}

/// Ballots by the place of their voters.
type ByPlace = Vec<(String, u64)>;

async fn recorded_by_place(tx: &Tx<'_>, topic: &Topic) -> Result<ByPlace, JobError> {
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    let rows = tx
        .rows(
            "SELECT h.place_id, count(*) FROM ballot b
             JOIN household h ON h.community_id = b.community_id
                 AND h.household_id = substr(b.voter, 2)::bigint
             WHERE b.community_id = $1 AND b.poll_id = $2 GROUP BY h.place_id",
            &[&community, &poll],
        )
        .await?;
    let read = |row: &Row| Ok((row.try_get(0)?, row.try_get::<_, i64>(1)?.unsigned_abs()));
    rows.iter().map(read).collect()
}

/// The register holds hashes: no statement can join it.
async fn secret_by_place(tx: &Tx<'_>, topic: &Topic) -> Result<ByPlace, JobError> {
    let voted = register(tx, topic).await?;
    let rows = tx
        .rows(
            "SELECT place_id, household_id FROM household WHERE community_id = $1",
            &[&topic.community.id.as_str()],
        )
        .await?;
    let mut places = HashMap::new();
    for row in rows {
        let mark = seal::voter_mark(topic, &format!("h{}", row.try_get::<_, i64>(1)?));
        if voted.contains(mark.as_slice()) {
            *places.entry(row.try_get(0)?).or_default() += 1;
        }
    }
    Ok(places.into_iter().collect())
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
