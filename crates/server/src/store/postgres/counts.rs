//! Counting what is stored: ballots by choice, turnout by place; and how many ballots
//! have come in, by which old counts are known.

use super::behalf;
use super::db::{Mode, Tx, Work};
use super::error::JobError;
use crate::seal;
use crate::store::Counts;
use crate::store::rolls::voter_word;
use crate::store::{rolls, turnout};
use linli_model::desk::roll::RollKind;
use linli_model::{Choice, PlaceRef, Secrecy, Topic, Turnout};

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
        let kind = RollKind::of(self.topic.poll.electorate);
        let eligible = match kind {
            Some(kind) => Some(eligible(tx, &self.topic, kind).await?),
            None => None,
        };
        let places = match kind {
            Some(kind) if self.with_places => by_place(tx, &self.topic, kind).await?,
            _ => Vec::new(),
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

/// Voters on the roll in the place that the topic concerns, and those who voted before
/// they were taken off it: their ballots count.
async fn eligible(tx: &Tx<'_>, topic: &Topic, kind: RollKind) -> Result<u64, JobError> {
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    let place = topic.place.id.as_str();
    // Only owners stand on several lines; counting distinct voters takes far longer.
    let counted = match kind {
        RollKind::Owners => "count(DISTINCT voter_id)",
        _ => "count(*)",
    };
    let sql = format!(
        "WITH RECURSIVE concerned(place_id) AS (
             SELECT $3::text COLLATE \"C\"
             UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
             WHERE p.community_id = $1)
         SELECT {counted} FROM roll_entry
         WHERE community_id = $1 AND kind = $2 AND until_version IS NULL
         AND place_id IN (SELECT place_id FROM concerned)"
    );
    let row = tx.row(&sql, &[&community, &kind.as_str(), &place]).await?;
    let on_roll = row.try_get::<_, i64>(0)?.unsigned_abs();
    let removed = tx
        .rows(
            "WITH RECURSIVE concerned(place_id) AS (
                 SELECT $3::text COLLATE \"C\"
                 UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
                 WHERE p.community_id = $1)
             SELECT DISTINCT voter_id FROM roll_entry e
             WHERE community_id = $1 AND kind = $2 AND until_version IS NOT NULL
             AND place_id IN (SELECT place_id FROM concerned)
             AND NOT EXISTS (SELECT 1 FROM roll_entry c WHERE c.community_id = $1
                 AND c.kind = $2 AND c.voter_id = e.voter_id AND c.until_version IS NULL
                 AND c.place_id IN (SELECT place_id FROM concerned))",
            &[&community, &kind.as_str(), &place],
        )
        .await?;
    if removed.is_empty() {
        return Ok(on_roll);
    }
    let words: Result<Vec<String>, JobError> = removed
        .iter()
        .map(|row| Ok(voter_word(kind, row.try_get(0)?)))
        .collect();
    let words = words?;
    let voted = match topic.poll.secrecy {
        Secrecy::Recorded => {
            tx.row(
                "SELECT count(*) FROM ballot
                 WHERE community_id = $1 AND poll_id = $2 AND voter = ANY($3)",
                &[&community, &poll, &words],
            )
            .await?
        }
        Secrecy::Secret => {
            let marks = words
                .iter()
                .map(|word| seal::voter_mark(topic, word).to_vec());
            let marks: Vec<Vec<u8>> = marks.collect();
            tx.row(
                "SELECT count(*) FROM voted_register
                 WHERE community_id = $1 AND poll_id = $2 AND voter_mark = ANY($3)",
                &[&community, &poll, &marks],
            )
            .await?
        }
    };
    Ok(on_roll + voted.try_get::<_, i64>(0)?.unsigned_abs())
}

/// Memory that PostgreSQL may take to sort a roll, instead of the disk.
const SORTING: &str = "SELECT set_config('work_mem', '64MB', true)";

/// Lines of a roll below a topic's place; each counts for the place directly below the
/// topic's. `first` has of each voter the line that they count by: one that holds, then
/// the first place.
const FIRST: &str = "WITH RECURSIVE below(place_id, top_id, name) AS (
         SELECT place_id, place_id, name FROM place
         WHERE community_id = $1 AND parent_id = $3
         UNION SELECT p.place_id, b.top_id, b.name FROM place p
         JOIN below b ON p.parent_id = b.place_id WHERE p.community_id = $1),
     first AS (
         SELECT DISTINCT ON (e.voter_id) e.voter_id, b.top_id, b.name,
             e.until_version IS NULL AS is_current
         FROM roll_entry e JOIN below b ON b.place_id = e.place_id
         WHERE e.community_id = $1 AND e.kind = $2
         ORDER BY e.voter_id, e.until_version IS NOT NULL, b.top_id)";

/// Turnout of each place directly below the topic's. Each voter counts once; who was
/// taken off the roll counts only where a ballot of theirs does. PostgreSQL does it all:
/// a roll has millions of lines.
async fn by_place(
    tx: &Tx<'_>,
    topic: &Topic,
    kind: RollKind,
) -> Result<Vec<(PlaceRef, Turnout)>, JobError> {
    tx.row(SORTING, &[]).await?;
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    let (place, letter) = (topic.place.id.as_str(), rolls::letter(kind).to_string());
    let voted = match topic.poll.secrecy {
        Secrecy::Recorded => {
            "ballot v ON v.community_id = $1 AND v.poll_id = $4
                 AND v.voter = ($5::text || f.voter_id) COLLATE \"C\""
        }
        // As `seal::voter_mark` does it: $6 is what all marks of the poll begin with.
        Secrecy::Secret => {
            "voted_register v ON v.community_id = $1 AND v.poll_id = $4
                 AND v.voter_mark = sha256($6::bytea
                     || int8send(octet_length($5::text || f.voter_id)::bigint)
                     || convert_to($5::text || f.voter_id, 'UTF8'))"
        }
    };
    let sql = format!(
        "{FIRST} SELECT f.top_id, f.name, count(v.community_id),
             count(*) FILTER (WHERE f.is_current OR v.community_id IS NOT NULL)
         FROM first f LEFT JOIN {voted}
         GROUP BY f.top_id, f.name
         HAVING count(*) FILTER (WHERE f.is_current OR v.community_id IS NOT NULL) > 0
         ORDER BY f.top_id"
    );
    let kind = kind.as_str();
    let rows = match topic.poll.secrecy {
        Secrecy::Recorded => {
            tx.rows(&sql, &[&community, &kind, &place, &poll, &letter])
                .await?
        }
        Secrecy::Secret => {
            let begin = seal::voter_marks_begin(topic);
            tx.rows(&sql, &[&community, &kind, &place, &poll, &letter, &begin])
                .await?
        }
    };
    let read = rows.iter().map(|row| {
        let (cast, eligible): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
        let (cast, eligible) = (cast.unsigned_abs(), eligible.unsigned_abs());
        turnout::place_turnout(row.try_get(0)?, row.try_get(1)?, cast, eligible)
            .map_err(JobError::Corrupt)
    });
    read.collect()
}
