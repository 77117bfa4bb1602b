//! Whom a word names on the roll of a poll.

use super::db::Tx;
use super::error::JobError;
use crate::store::rolls::{Found, KnownBy, known_by};
use linli_model::desk::roll::RollKind;
use linli_model::{Refusal, Topic};

/// The voter, if what ties them to the roll lies in the place that the topic concerns.
pub(super) async fn find(tx: &Tx<'_>, topic: &Topic, word: &str) -> Result<Found, JobError> {
    let kind = RollKind::of(topic.poll.electorate).ok_or(Refusal::Unsupported)?;
    // The statements differ so that each finds its index.
    let (column, number) = match known_by(kind, word) {
        Some(KnownBy::Voter(number)) => ("voter_id", number),
        Some(KnownBy::Household(number)) => ("household_id", number),
        None => return Ok(Found::Nobody),
    };
    let sql = format!(
        "WITH RECURSIVE concerned(place_id) AS (
             SELECT $4::text COLLATE \"C\"
             UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
             WHERE p.community_id = $1)
         SELECT voter_id, label FROM roll_entry
         WHERE community_id = $1 AND kind = $2 AND {column} = $3 AND until_version IS NULL
         AND place_id IN (SELECT place_id FROM concerned)"
    );
    let community = topic.community.id.as_str();
    let place = topic.place.id.as_str();
    let rows = tx
        .rows(&sql, &[&community, &kind.as_str(), &number, &place])
        .await?;
    let voters: Result<Vec<(i64, String)>, JobError> = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect();
    Ok(Found::of(kind, voters?))
}

/// Word and label of the one voter whom a word names.
pub(super) async fn only(
    tx: &Tx<'_>,
    topic: &Topic,
    word: &str,
) -> Result<Option<(String, String)>, JobError> {
    Ok(match find(tx, topic, word).await? {
        Found::Voter { word, label } => Some((word, label)),
        Found::Nobody | Found::Several => None,
    })
}
