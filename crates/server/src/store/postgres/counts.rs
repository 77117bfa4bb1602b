//! Counting what is stored: ballots by choice, turnout by place; and how many ballots
//! have come in, by which old counts are known.

use super::behalf;
use super::db::{Mode, Tx, Work};
use super::error::JobError;
use crate::seal;
use crate::store::Counts;
use linli_model::{Choice, Electorate, PlaceId, PlaceRef, Secrecy, Topic, Turnout};
use std::collections::{BTreeMap, HashSet};

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
            on_behalf: behalf::count(tx, &self.topic).await?,
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

/// Turnout of each place directly below the topic's; households further down count for
/// the one that they are under.
async fn by_place(tx: &Tx<'_>, topic: &Topic) -> Result<Vec<(PlaceRef, Turnout)>, JobError> {
    let voted = voters(tx, topic).await?;
    let has_voted = |household: i64| {
        let voter = format!("h{household}");
        match topic.poll.secrecy {
            Secrecy::Recorded => voted.contains(voter.as_bytes()),
            Secrecy::Secret => voted.contains(seal::voter_mark(topic, &voter).as_slice()),
        }
    };
    let rows = tx
        .rows(
            "WITH RECURSIVE below(place_id, top_id, name) AS (
                 SELECT place_id, place_id, name FROM place
                 WHERE community_id = $1 AND parent_id = $2
                 UNION SELECT p.place_id, b.top_id, b.name FROM place p
                 JOIN below b ON p.parent_id = b.place_id WHERE p.community_id = $1)
             SELECT b.top_id, b.name, h.household_id FROM household h
             JOIN below b ON b.place_id = h.place_id WHERE h.community_id = $1",
            &[&topic.community.id.as_str(), &topic.place.id.as_str()],
        )
        .await?;
    let mut places: BTreeMap<String, (String, u64, u64)> = BTreeMap::new();
    for row in rows {
        let entry = places
            .entry(row.try_get(0)?)
            .or_insert((row.try_get(1)?, 0, 0));
        entry.1 += u64::from(has_voted(row.try_get(2)?));
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

async fn voters(tx: &Tx<'_>, topic: &Topic) -> Result<HashSet<Vec<u8>>, JobError> {
    let sql = match topic.poll.secrecy {
        Secrecy::Recorded => {
            "SELECT convert_to(voter, 'UTF8') FROM ballot
             WHERE community_id = $1 AND poll_id = $2"
        }
        Secrecy::Secret => {
            "SELECT voter_mark FROM voted_register WHERE community_id = $1 AND poll_id = $2"
        }
    };
    let rows = tx
        .rows(
            sql,
            &[&topic.community.id.as_str(), &topic.poll.id.as_str()],
        )
        .await?;
    let read = rows.iter().map(|row| row.try_get(0));
    Ok(read.collect::<Result<_, _>>()?)
}
