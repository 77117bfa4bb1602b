//! Importing communities, rolls and topics; reading the roll back for code sheets.
//!
//! A roll goes to the database as arrays, a statement for all households at once: a
//! statement each would cost a journey over the network each. One import at a time.

use super::db::{Lock, Mode, Tx, Work};
use super::error::JobError;
use super::identity;
use super::roll_next::{IMPORT_MAX, one_at_a_time};
use super::rolls;
use crate::store::{
    HouseholdCodes, HouseholdRow, ImportReport, PreparedCodes, PreparedCommunity, PreparedImport,
    TypedCodeRow,
};
use linli_model::{Poll, Refusal, Secrecy, Topic};
use std::time::Duration;

/// Adds and updates everything in the import. Nothing is removed: a household that is
/// absent from the file keeps its place on the roll and its ballots.
impl Work for PreparedImport {
    type Output = ImportReport;
    const MODE: Mode = Mode::Once;
    const LIMIT: Duration = IMPORT_MAX;

    fn lock(&self) -> Option<Lock> {
        Some(one_at_a_time())
    }

    async fn run(&self, tx: &Tx<'_>) -> Result<ImportReport, JobError> {
        // Nobody votes on a topic while it is looked at whether somebody has.
        let topics = self.topics.iter().map(|topic| Lock::alone(&topic.id));
        tx.lock(topics.collect()).await?;
        let mut report = ImportReport {
            changed: true,
            communities: self.communities.len(),
            topics: self.topics.len(),
            ..ImportReport::default()
        };
        let version: i64 = tx
            .row("SELECT coalesce(max(version), 0) + 1 FROM last_import", &[])
            .await?
            .try_get(0)?;
        for community in &self.communities {
            put_community(tx, community).await?;
            put_households(tx, community, &mut report).await?;
            rolls::import(tx, &community.id, &community.households).await?;
            identity::put(tx, community).await?;
            // Parsed copies hold the community's name and origins.
            tx.execute(
                "UPDATE topic SET version = $2 WHERE community_id = $1",
                &[&community.id.as_str(), &version],
            )
            .await?;
        }
        for topic in &self.topics {
            put_topic(tx, topic, version).await?;
        }
        let digest = self.digest.unwrap_or_default();
        tx.execute(
            "INSERT INTO last_import (only_row, version, digest) VALUES (1, $1, $2)
             ON CONFLICT (only_row) DO UPDATE
             SET version = excluded.version, digest = excluded.digest",
            &[&version, &digest.as_slice()],
        )
        .await?;
        Ok(report)
    }
}

/// The digest of the last import.
pub(super) struct LastImport;

impl Work for LastImport {
    type Output = Option<[u8; 32]>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let found = tx.opt("SELECT digest FROM last_import", &[]).await?;
        match found {
            Some(row) => Ok(Some(super::cast::fixed(row.try_get(0)?)?)),
            None => Ok(None),
        }
    }
}

/// Every typed code of a community.
pub(super) struct TypedCodes(pub(super) String);

impl Work for TypedCodes {
    type Output = Vec<TypedCodeRow>;
    const MODE: Mode = Mode::Look;
    const LIMIT: Duration = IMPORT_MAX;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT h.place_id, h.label, c.selector, c.secret_phc FROM typed_code c
                 JOIN household h ON h.community_id = c.community_id
                 AND h.household_id = c.household_id
                 WHERE c.community_id = $1",
                &[&self.0],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(TypedCodeRow {
                    place: row.try_get(0)?,
                    label: row.try_get(1)?,
                    selector: row.try_get(2)?,
                    secret_phc: row.try_get(3)?,
                })
            })
            .collect()
    }
}

/// Every household of a community, in the order of its place and label.
pub(super) struct Households(pub(super) String);

impl Work for Households {
    type Output = Vec<HouseholdRow>;
    const MODE: Mode = Mode::Look;
    const LIMIT: Duration = IMPORT_MAX;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT h.place_id, p.name, h.label,
                     EXISTS (SELECT 1 FROM typed_code c WHERE c.community_id = h.community_id
                             AND c.household_id = h.household_id)
                     OR EXISTS (SELECT 1 FROM scanned_code c
                             WHERE c.community_id = h.community_id
                             AND c.household_id = h.household_id)
                 FROM household h
                 JOIN place p ON p.community_id = h.community_id AND p.place_id = h.place_id
                 WHERE h.community_id = $1 ORDER BY h.place_id, h.household_id",
                &[&self.0],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(HouseholdRow {
                    place: row.try_get(0)?,
                    place_name: row.try_get(1)?,
                    label: row.try_get(2)?,
                    has_code: row.try_get(3)?,
                })
            })
            .collect()
    }
}

/// Sets the codes of households on the roll.
pub(super) struct SetCodes {
    pub(super) community: String,
    pub(super) codes: Vec<HouseholdCodes>,
}

impl Work for SetCodes {
    type Output = ();
    const MODE: Mode = Mode::Once;
    const LIMIT: Duration = IMPORT_MAX;

    fn lock(&self) -> Option<Lock> {
        Some(one_at_a_time())
    }

    async fn run(&self, tx: &Tx<'_>) -> Result<(), JobError> {
        put_all(tx, &self.community, &self.codes).await
    }
}

/// Sets the codes of households, in a transaction that has begun otherwise.
pub(super) async fn set_codes(
    tx: &Tx<'_>,
    community: &str,
    codes: &[HouseholdCodes],
) -> Result<(), JobError> {
    tx.lock(vec![one_at_a_time()]).await?;
    put_all(tx, community, codes).await
}

async fn put_all(tx: &Tx<'_>, community: &str, codes: &[HouseholdCodes]) -> Result<(), JobError> {
    let codes = codes.iter();
    let codes = codes.map(|one| (one.place.as_str(), one.label.as_str(), &one.codes));
    put_codes(tx, community, codes).await.map(drop)
}

async fn put_community(tx: &Tx<'_>, community: &PreparedCommunity) -> Result<(), JobError> {
    let id = community.id.as_str();
    tx.execute(
        "INSERT INTO community (community_id, name, time_zone) VALUES ($1, $2, $3)
         ON CONFLICT (community_id) DO UPDATE
         SET name = excluded.name, time_zone = excluded.time_zone",
        &[&id, &community.name, &community.time_zone],
    )
    .await?;
    tx.execute(
        "DELETE FROM community_origin WHERE community_id = $1",
        &[&id],
    )
    .await?;
    tx.execute(
        "INSERT INTO community_origin (community_id, origin)
         SELECT $1, lower(origin) FROM unnest($2::text[]) AS given(origin)
         ON CONFLICT DO NOTHING",
        &[&id, &community.origins],
    )
    .await?;
    for place in &community.places {
        let parent = place.parent.as_ref().map(|parent| parent.as_str());
        tx.execute(
            "INSERT INTO place (community_id, place_id, parent_id, name)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (community_id, place_id) DO UPDATE
             SET parent_id = excluded.parent_id, name = excluded.name",
            &[&id, &place.id.as_str(), &parent, &place.name],
        )
        .await?;
    }
    Ok(())
}

async fn put_households(
    tx: &Tx<'_>,
    community: &PreparedCommunity,
    report: &mut ImportReport,
) -> Result<(), JobError> {
    let id = community.id.as_str();
    let households = &community.households;
    let places: Vec<&str> = households.iter().map(|h| h.place.as_str()).collect();
    let labels: Vec<&str> = households.iter().map(|h| h.label.as_str()).collect();
    let areas: Vec<Option<i64>> = households.iter().map(|h| h.area_csqm).collect();
    let added = tx
        .execute(
            "INSERT INTO household (community_id, household_id, place_id, label)
             SELECT $1, last + row_number() OVER (ORDER BY nth), place_id, label
             FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS given(place_id, label, nth),
             (SELECT coalesce(max(household_id), 0) AS last FROM household
              WHERE community_id = $1) AS numbers
             WHERE NOT EXISTS (SELECT 1 FROM household h WHERE h.community_id = $1
                 AND h.place_id = given.place_id AND h.label = given.label)
             ON CONFLICT ON CONSTRAINT household_label DO NOTHING",
            &[&id, &places, &labels],
        )
        .await?;
    tx.execute(
        "UPDATE household h SET area_csqm = given.area
         FROM unnest($2::text[], $3::text[], $4::bigint[]) AS given(place_id, label, area)
         WHERE h.community_id = $1 AND h.place_id = given.place_id AND h.label = given.label
         AND given.area IS NOT NULL AND h.area_csqm IS DISTINCT FROM given.area",
        &[&id, &places, &labels, &areas],
    )
    .await?;
    let codes = households.iter();
    let codes = codes.map(|h| (h.place.as_str(), h.label.as_str(), &h.codes));
    report.codes_set += put_codes(tx, id, codes).await?;
    report.households_added += count(added);
    report.households += households.len();
    Ok(())
}

/// A household has at most one code of each kind: a new one ends the old one. Answers
/// how many were set; a household that is not on the roll is an error.
async fn put_codes<'a>(
    tx: &Tx<'_>,
    community: &str,
    codes: impl Iterator<Item = (&'a str, &'a str, &'a PreparedCodes)> + Clone + Send,
) -> Result<usize, JobError> {
    let typed = codes.clone().filter_map(|(place, label, codes)| {
        let (selector, phc) = codes.typed.as_ref()?;
        Some((place, label, (selector.as_str(), phc.as_str())))
    });
    let scanned = codes.filter_map(|(place, label, codes)| {
        let hash = codes.scanned.as_ref()?;
        Some((place, label, hash.as_slice()))
    });
    let mut set = 0;
    let (numbers, codes) = numbered(tx, community, typed.collect()).await?;
    if !numbers.is_empty() {
        let (selectors, hashes): (Vec<&str>, Vec<&str>) = codes.into_iter().unzip();
        tx.execute(
            "DELETE FROM typed_code WHERE community_id = $1 AND household_id = ANY($2)",
            &[&community, &numbers],
        )
        .await?;
        let added = tx
            .execute(
                "INSERT INTO typed_code (community_id, selector, household_id, secret_phc)
                 SELECT $1, selector, household_id, secret_phc
                 FROM unnest($2::bigint[], $3::text[], $4::text[])
                 AS given(household_id, selector, secret_phc)",
                &[&community, &numbers, &selectors, &hashes],
            )
            .await?;
        set += count(added);
    }
    let (numbers, hashes) = numbered(tx, community, scanned.collect()).await?;
    if !numbers.is_empty() {
        for other in [
            "DELETE FROM scanned_code c
             USING unnest($2::bigint[], $3::bytea[]) AS given(household_id, code_hash)
             WHERE c.community_id = $1
             AND c.household_id = given.household_id AND c.code_hash <> given.code_hash",
            "DELETE FROM scanned_code c
             USING unnest($2::bigint[], $3::bytea[]) AS given(household_id, code_hash)
             WHERE c.community_id = $1
             AND c.household_id <> given.household_id AND c.code_hash = given.code_hash",
        ] {
            tx.execute(other, &[&community, &numbers, &hashes]).await?;
        }
        let added = tx
            .execute(
                "INSERT INTO scanned_code (community_id, code_hash, household_id)
                 SELECT $1, code_hash, household_id
                 FROM unnest($2::bigint[], $3::bytea[]) AS given(household_id, code_hash)
                 ON CONFLICT DO NOTHING",
                &[&community, &numbers, &hashes],
            )
            .await?;
        set += count(added);
    }
    Ok(set)
}

/// The numbers of households, each with what was given for it.
async fn numbered<T: Copy + Send + Sync>(
    tx: &Tx<'_>,
    community: &str,
    given: Vec<(&str, &str, T)>,
) -> Result<(Vec<i64>, Vec<T>), JobError> {
    let places: Vec<&str> = given.iter().map(|(place, _, _)| *place).collect();
    let labels: Vec<&str> = given.iter().map(|(_, label, _)| *label).collect();
    let rows = tx
        .rows(
            "SELECT h.household_id FROM unnest($2::text[], $3::text[])
             WITH ORDINALITY AS given(place_id, label, nth)
             JOIN household h ON h.community_id = $1 AND h.place_id = given.place_id
             AND h.label = given.label ORDER BY nth",
            &[&community, &places, &labels],
        )
        .await?;
    if rows.len() != given.len() {
        return Err(JobError::Corrupt(format!(
            "{} of {} households are not on the roll",
            given.len() - rows.len().min(given.len()),
            given.len()
        )));
    }
    let numbers = rows.iter().map(|row| row.try_get(0));
    let numbers = numbers.collect::<Result<_, _>>()?;
    Ok((numbers, given.into_iter().map(|(_, _, one)| one).collect()))
}

async fn put_topic(tx: &Tx<'_>, topic: &Topic, version: i64) -> Result<(), JobError> {
    let (community, id) = (topic.community.id.as_str(), topic.id.as_str());
    let owner = tx
        .opt(
            "SELECT community_id FROM topic_directory WHERE topic_id = $1",
            &[&id],
        )
        .await?;
    let owner: Option<String> = owner.map(|row| row.try_get(0)).transpose()?;
    if owner.as_deref().is_some_and(|owner| owner != community) {
        return Err(JobError::Corrupt(format!(
            "topic {id} belongs to another community"
        )));
    }
    if let Some(earlier) = stored_poll(tx, community, id).await? {
        keep_what_was_voted_on(tx, community, &earlier, &topic.poll).await?;
    }
    let body = serde_json::to_string(topic)
        .map_err(|error| JobError::Corrupt(format!("topic {id}: {error}")))?;
    // What the file says stands in place of what the desk has drafted.
    tx.execute(
        "DELETE FROM topic_draft WHERE community_id = $1 AND topic_id = $2",
        &[&community, &id],
    )
    .await?;
    tx.execute(
        "INSERT INTO topic_directory (topic_id, community_id) VALUES ($1, $2)
         ON CONFLICT (topic_id) DO NOTHING",
        &[&id, &community],
    )
    .await?;
    tx.execute(
        "INSERT INTO topic (community_id, topic_id, poll_id, version, body)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (community_id, topic_id) DO UPDATE
         SET poll_id = excluded.poll_id, version = excluded.version, body = excluded.body",
        &[&community, &id, &topic.poll.id.as_str(), &version, &body],
    )
    .await?;
    Ok(())
}

async fn stored_poll(tx: &Tx<'_>, community: &str, topic: &str) -> Result<Option<Poll>, JobError> {
    let found = tx
        .opt(
            "SELECT body FROM topic WHERE community_id = $1 AND topic_id = $2",
            &[&community, &topic],
        )
        .await?;
    let Some(row) = found else { return Ok(None) };
    let stored: Topic = serde_json::from_str(row.try_get(0)?)
        .map_err(|error| JobError::Corrupt(format!("stored topic {topic}: {error}")))?;
    Ok(Some(stored.poll))
}

/// Once someone has voted, what they voted on and how it is kept stays as it is.
async fn keep_what_was_voted_on(
    tx: &Tx<'_>,
    community: &str,
    earlier: &Poll,
    later: &Poll,
) -> Result<(), JobError> {
    let same = earlier.id == later.id
        && earlier.kind == later.kind
        && earlier.secrecy == later.secrecy
        && earlier.electorate == later.electorate
        && earlier.nature == later.nature
        && earlier.question == later.question;
    if same {
        return Ok(());
    }
    let any = match earlier.secrecy {
        Secrecy::Recorded => {
            "SELECT 1 FROM ballot WHERE community_id = $1 AND poll_id = $2 LIMIT 1"
        }
        Secrecy::Secret => {
            "SELECT 1 FROM ballot_box WHERE community_id = $1 AND poll_id = $2 LIMIT 1"
        }
    };
    let found = tx.opt(any, &[&community, &earlier.id.as_str()]).await?;
    if found.is_some() {
        tracing::warn!(poll = %earlier.id, "an import tried to change a poll that has ballots");
        return Err(Refusal::AlreadyVoted.into());
    }
    Ok(())
}

fn count(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}
