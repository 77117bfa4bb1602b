//! What a ballot asks of its transaction where it is a response to a survey: that its
//! version was asked, where it comes from, and room in the quotas.

use super::db::Tx;
use super::error::JobError;
use crate::store::rolls::{KnownBy, known_by};
use crate::store::surveys::{AREA_VOTERS_MIN, Asked, areas};
use linli_model::desk::roll::RollKind;
use linli_model::wave::Quota;
use linli_model::{Refusal, Secrecy, Topic};

/// Whether the round of `topic` ever asked this version.
pub(super) async fn is_asked(tx: &Tx<'_>, topic: &Topic, version: &str) -> Result<bool, JobError> {
    let found = tx
        .opt(
            "SELECT 1 FROM wave_version
             WHERE community_id = $1 AND topic_id = $2 AND version = $3",
            &[&topic.community.id.as_str(), &topic.id.as_str(), &version],
        )
        .await?;
    Ok(found.is_some())
}

/// The place that a response comes from, coarsely; empty where it cannot be told.
pub(super) async fn area(
    tx: &Tx<'_>,
    topic: &Topic,
    voter: &str,
    asked: &Asked<'_>,
) -> Result<String, JobError> {
    let community = topic.community.id.as_str();
    let Some(kind) = RollKind::of(topic.poll.electorate) else {
        let named = asked.at.map_or("", |at| at.as_str());
        let way = chain(tx, community, named).await?;
        let is_below = way.iter().any(|place| place == topic.place.id.as_str());
        return Ok(if is_below { named } else { "" }.to_owned());
    };
    let Some(place) = place_of(tx, topic, kind, voter).await? else {
        return Ok(String::new());
    };
    let way = chain(tx, community, &place).await?;
    let roots = "SELECT count(*) FROM place WHERE community_id = $1 AND parent_id IS NULL";
    let roots: i64 = tx.row(roots, &[&community]).await?.try_get(0)?;
    for place in areas(&way, roots == 1) {
        if voters(tx, community, kind, place).await? >= i64::from(AREA_VOTERS_MIN) {
            return Ok(place.clone());
        }
    }
    Ok(String::new())
}

/// Responses of a round with quotas are written one after the other: held to the end of
/// the transaction, before the first look at what is there.
pub(super) async fn hold_wave(tx: &Tx<'_>, topic: &Topic) -> Result<(), JobError> {
    let held = tx
        .opt(
            "SELECT 1 FROM survey_wave WHERE community_id = $1 AND topic_id = $2 FOR UPDATE",
            &[&topic.community.id.as_str(), &topic.id.as_str()],
        )
        .await?;
    match held {
        Some(_) => Ok(()),
        None => Err(JobError::Corrupt(format!(
            "{}: a round is missing",
            topic.id
        ))),
    }
}

/// Refuses where more responses are in than a quota takes, the one just written included.
pub(super) async fn require_room(
    tx: &Tx<'_>,
    topic: &Topic,
    quotas: &[Quota],
) -> Result<(), JobError> {
    let table = match topic.poll.secrecy {
        Secrecy::Recorded => "ballot",
        Secrecy::Secret => "ballot_box",
    };
    let of_poll = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {table}
             WHERE community_id = $1 AND poll_id = $2 AND area IS NOT NULL LIMIT $3) AS counted"
    );
    let of_place = format!(
        "WITH RECURSIVE below(place_id) AS (
             SELECT $4::text COLLATE \"C\"
             UNION SELECT p.place_id FROM place p JOIN below b ON p.parent_id = b.place_id
             WHERE p.community_id = $1)
         SELECT count(*) FROM (SELECT 1 FROM {table}
             WHERE community_id = $1 AND poll_id = $2 AND area IS NOT NULL
             AND area IN (SELECT place_id FROM below) LIMIT $3) AS counted"
    );
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    for quota in quotas {
        let enough = i64::from(quota.max) + 1;
        let taken = match &quota.place {
            None => tx.row(&of_poll, &[&community, &poll, &enough]).await?,
            Some(place) => {
                tx.row(&of_place, &[&community, &poll, &enough, &place.as_str()])
                    .await?
            }
        };
        if taken.try_get::<_, i64>(0)? > i64::from(quota.max) {
            return Err(Refusal::QuotaFull.into());
        }
    }
    Ok(())
}

/// Where the voter stands on the roll, of several lines the first place.
async fn place_of(
    tx: &Tx<'_>,
    topic: &Topic,
    kind: RollKind,
    voter: &str,
) -> Result<Option<String>, JobError> {
    let (column, number) = match known_by(kind, voter) {
        Some(KnownBy::Voter(number)) => ("voter_id", number),
        Some(KnownBy::Household(number)) => ("household_id", number),
        None => return Ok(None),
    };
    let sql = format!(
        "SELECT min(place_id) FROM roll_entry
         WHERE community_id = $1 AND kind = $2 AND {column} = $3 AND until_version IS NULL"
    );
    let key = [topic.community.id.as_str(), kind.as_str()];
    let row = tx.row(&sql, &[&key[0], &key[1], &number]).await?;
    Ok(row.try_get(0)?)
}

/// A place and everything above it, the root last; nothing where there is no such place.
async fn chain(tx: &Tx<'_>, community: &str, place: &str) -> Result<Vec<String>, JobError> {
    let rows = tx
        .rows(
            "WITH RECURSIVE up(place_id, parent_id, height) AS (
                 SELECT place_id, parent_id, 0 FROM place
                 WHERE community_id = $1 AND place_id = $2
                 UNION SELECT p.place_id, p.parent_id, u.height + 1 FROM place p
                 JOIN up u ON p.place_id = u.parent_id
                 WHERE p.community_id = $1 AND u.height < 16)
             SELECT place_id FROM up ORDER BY height",
            &[&community, &place],
        )
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Voters on the roll of a place and below, counted up to what is enough.
async fn voters(
    tx: &Tx<'_>,
    community: &str,
    kind: RollKind,
    place: &str,
) -> Result<i64, JobError> {
    let row = tx
        .row(
            "WITH RECURSIVE below(place_id) AS (
                 SELECT $3::text COLLATE \"C\"
                 UNION SELECT p.place_id FROM place p JOIN below b ON p.parent_id = b.place_id
                 WHERE p.community_id = $1)
             SELECT count(*) FROM (SELECT DISTINCT voter_id FROM roll_entry
                 WHERE community_id = $1 AND kind = $2 AND until_version IS NULL
                 AND place_id IN (SELECT place_id FROM below) LIMIT $4) AS counted",
            &[
                &community,
                &kind.as_str(),
                &place,
                &i64::from(AREA_VOTERS_MIN),
            ],
        )
        .await?;
    Ok(row.try_get(0)?)
}
