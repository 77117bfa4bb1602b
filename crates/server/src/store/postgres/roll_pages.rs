//! Rolls as they are read: versions, pages, proofs, and what owners' counts are made of.
//! Also the store's side of the desk's trait.

use super::PostgresStore;
use super::db::{Mode, Tx, Work};
use super::error::JobError;
use super::roll::IMPORT_MAX;
use super::{places, rolls};
use crate::roll::Standing;
use crate::seal;
use crate::store::rolls::{
    AdoptRoll, EntriesQuery, RollDraft, RollStore, Told, unit_name, voter_word,
};
use crate::store::{StoreFuture, StoredTopic, owners};
use linli_model::Topic;
use linli_model::desk::roll::{
    OwnersMaterial, PlaceNode, RollDiff, RollKind, RollLine, RollPage, RollPreview, RollProof,
    RollRecord, RollRefusal, RollVersion,
};
use std::time::Duration;
use tokio_postgres::Row;

impl RollStore for PostgresStore {
    fn places<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Told<Vec<PlaceNode>>> {
        Box::pin(self.db.run(places::Places(community.to_owned())))
    }

    fn set_places<'a>(
        &'a self,
        community: &'a str,
        places: Vec<PlaceNode>,
    ) -> StoreFuture<'a, Told<()>> {
        let community = community.to_owned();
        Box::pin(self.db.run(places::SetPlaces { community, places }))
    }

    fn roll_standing<'a>(
        &'a self,
        community: &'a str,
        kind: RollKind,
    ) -> StoreFuture<'a, Told<(u32, Vec<Standing>)>> {
        let community = community.to_owned();
        Box::pin(self.db.run(rolls::RollStanding { community, kind }))
    }

    fn save_roll_draft(&self, draft: RollDraft) -> StoreFuture<'_, Told<()>> {
        Box::pin(self.db.run(draft))
    }

    fn roll_draft<'a>(
        &'a self,
        community: &'a str,
        draft: &'a str,
        now_ms: i64,
    ) -> StoreFuture<'a, Told<RollPreview>> {
        Box::pin(self.db.run(rolls::FindDraft {
            community: community.to_owned(),
            draft: draft.to_owned(),
            now_ms,
        }))
    }

    fn adopt_roll(&self, adopt: AdoptRoll) -> StoreFuture<'_, Told<RollVersion>> {
        Box::pin(self.db.run(adopt))
    }

    fn rolls<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Told<Vec<RollVersion>>> {
        Box::pin(self.db.run(Versions {
            community: community.to_owned(),
            every_of: None,
        }))
    }

    fn roll_versions<'a>(
        &'a self,
        community: &'a str,
        kind: RollKind,
    ) -> StoreFuture<'a, Told<Vec<RollVersion>>> {
        Box::pin(self.db.run(Versions {
            community: community.to_owned(),
            every_of: Some(kind),
        }))
    }

    fn roll_entries(&self, query: EntriesQuery) -> StoreFuture<'_, Told<RollPage>> {
        Box::pin(self.db.run(query))
    }

    fn roll_proof<'a>(
        &'a self,
        community: &'a str,
        kind: RollKind,
        version: Option<u32>,
    ) -> StoreFuture<'a, Told<RollProof>> {
        Box::pin(self.db.run(FindProof {
            community: community.to_owned(),
            kind,
            version,
        }))
    }

    fn owners_material<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, OwnersMaterial> {
        Box::pin(self.db.run(Material(topic.topic.clone())))
    }
}

const VERSION: &str = "SELECT v.kind, v.version, v.adopted_at_ms, v.adopted_by, v.file_name,
    v.entries, v.voters, v.added, v.changed, v.removed, v.unchanged, v.commitment
    FROM roll_version v";

/// The current version of every roll, or every version of one.
struct Versions {
    community: String,
    every_of: Option<RollKind>,
}

impl Work for Versions {
    type Output = Told<Vec<RollVersion>>;
    const MODE: Mode = Mode::View;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        if let Err(refusal) = rolls::known(tx, &self.community).await? {
            return Ok(Err(refusal));
        }
        let rows = match self.every_of {
            None => {
                let sql = format!(
                    "{VERSION} JOIN roll r ON r.community_id = v.community_id
                     AND r.kind = v.kind AND r.version = v.version WHERE v.community_id = $1"
                );
                tx.rows(&sql, &[&self.community]).await?
            }
            Some(kind) => {
                let sql = format!(
                    "{VERSION} WHERE v.community_id = $1 AND v.kind = $2 ORDER BY v.version DESC"
                );
                tx.rows(&sql, &[&self.community, &kind.as_str()]).await?
            }
        };
        let versions: Result<Vec<_>, _> = rows.iter().map(read_version).collect();
        let mut versions = versions?;
        // Stable: versions of one kind stay in their order.
        versions.sort_by_key(|version| version.kind);
        Ok(Ok(versions))
    }
}

fn read_version(row: &Row) -> Result<RollVersion, JobError> {
    let kind: &str = row.try_get(0)?;
    Ok(RollVersion {
        kind: RollKind::parse(kind).ok_or_else(|| JobError::Corrupt(format!("roll {kind}")))?,
        version: rolls::small(row, 1)?,
        adopted_at_ms: row.try_get(2)?,
        adopted_by: row.try_get(3)?,
        file_name: row.try_get(4)?,
        entries: rolls::small(row, 5)?,
        voters: rolls::small(row, 6)?,
        diff: RollDiff {
            added: rolls::small(row, 7)?,
            changed: rolls::small(row, 8)?,
            removed: rolls::small(row, 9)?,
            unchanged: rolls::small(row, 10)?,
        },
        commitment: seal::hex(row.try_get(11)?),
    })
}

impl Work for EntriesQuery {
    type Output = Told<RollPage>;
    const MODE: Mode = Mode::View;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        if let Err(refusal) = rolls::known(tx, &self.community).await? {
            return Ok(Err(refusal));
        }
        let place = self.place.as_ref().map(|place| place.as_str());
        let rows = tx
            .rows(
                "WITH RECURSIVE concerned(place_id) AS (
                     SELECT place_id FROM place WHERE community_id = $1 AND place_id = $4::text
                     UNION SELECT p.place_id FROM place p
                     JOIN concerned c ON p.parent_id = c.place_id WHERE p.community_id = $1)
                 SELECT e.place_id, e.label, e.name, e.owner, e.developer, e.registered_csqm,
                     e.surveyed_csqm, e.contract_csqm, e.entry_id, e.voter_id, p.name
                 FROM roll_entry e
                 JOIN place p ON p.community_id = e.community_id AND p.place_id = e.place_id
                 WHERE e.community_id = $1 AND e.kind = $2 AND e.entry_id > $3
                 AND e.until_version IS NULL
                 AND ($4::text IS NULL OR e.place_id IN (SELECT place_id FROM concerned))
                 AND ($5::text = '' OR position($5 IN e.label) > 0 OR position($5 IN e.name) > 0)
                 ORDER BY e.entry_id LIMIT $6",
                &[
                    &self.community,
                    &self.kind.as_str(),
                    &self.after,
                    &place,
                    &self.search,
                    &(i64::from(self.limit) + 1),
                ],
            )
            .await?;
        let lines: Result<Vec<_>, JobError> = rows
            .iter()
            .map(|row| {
                Ok(RollLine {
                    content: rolls::entry(row)?,
                    entry: row.try_get(8)?,
                    voter: row.try_get(9)?,
                    place_name: row.try_get(10)?,
                })
            })
            .collect();
        Ok(Ok(owners::page(lines?, self.limit)))
    }
}

/// What a commitment was made of.
struct FindProof {
    community: String,
    kind: RollKind,
    version: Option<u32>,
}

impl Work for FindProof {
    type Output = Told<RollProof>;
    const MODE: Mode = Mode::View;
    const LIMIT: Duration = IMPORT_MAX;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let (community, kind) = (self.community.as_str(), self.kind.as_str());
        let id = match rolls::known(tx, community).await? {
            Ok(id) => id,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let version = match self.version {
            Some(version) => version,
            None => rolls::version(tx, community, self.kind).await?,
        };
        let number = i64::from(version);
        let found = tx
            .opt(
                "SELECT salt, commitment FROM roll_version
                 WHERE community_id = $1 AND kind = $2 AND version = $3",
                &[&community, &kind, &number],
            )
            .await?;
        let Some(found) = found else {
            return Ok(Err(RollRefusal::VersionUnknown));
        };
        let rows = tx
            .rows(
                "SELECT place_id, label, name, owner, developer, registered_csqm, surveyed_csqm,
                     contract_csqm FROM roll_entry
                 WHERE community_id = $1 AND kind = $2 AND since_version <= $3
                 AND (until_version IS NULL OR until_version > $3)",
                &[&community, &kind, &number],
            )
            .await?;
        let entries: Result<Vec<_>, _> = rows.iter().map(rolls::entry).collect();
        let mut entries = entries?;
        crate::roll::sort(&mut entries);
        Ok(Ok(RollProof {
            record: RollRecord {
                community: id,
                kind: self.kind,
                version,
                salt: seal::hex(found.try_get(0)?),
                entries,
            },
            commitment: seal::hex(found.try_get(1)?),
        }))
    }
}

/// What an owners' count is made of.
struct Material(Topic);

impl Work for Material {
    type Output = OwnersMaterial;
    const MODE: Mode = Mode::View;
    const LIMIT: Duration = IMPORT_MAX;

    async fn run(&self, tx: &Tx<'_>) -> Result<OwnersMaterial, JobError> {
        let topic = &self.0;
        owners::require(topic)?;
        let (community, kind) = (topic.community.id.as_str(), RollKind::Owners);
        let units = tx
            .rows(
                "WITH RECURSIVE concerned(place_id) AS (
                     SELECT $2::text COLLATE \"C\"
                     UNION SELECT p.place_id FROM place p
                     JOIN concerned c ON p.parent_id = c.place_id WHERE p.community_id = $1)
                 SELECT place_id, label, name, owner, developer, registered_csqm, surveyed_csqm,
                     contract_csqm, voter_id FROM roll_entry
                 WHERE community_id = $1 AND kind = 'owners' AND until_version IS NULL
                 AND place_id IN (SELECT place_id FROM concerned) ORDER BY place_id, label",
                &[&community, &topic.place.id.as_str()],
            )
            .await?;
        let mut sheet = owners::Sheet::new(rolls::version(tx, community, kind).await?);
        for row in &units {
            let entry = rolls::entry(row)?;
            let name = unit_name(entry.place.as_str(), &entry.label);
            sheet.unit(voter_word(kind, row.try_get(8)?), name, entry);
        }
        let ballots = tx
            .rows(
                "SELECT voter, choice FROM ballot WHERE community_id = $1 AND poll_id = $2",
                &[&community, &topic.poll.id.as_str()],
            )
            .await?;
        for row in &ballots {
            let read = sheet.ballot(row.try_get(0)?, row.try_get(1)?);
            read.map_err(JobError::Corrupt)?;
        }
        Ok(sheet.material())
    }
}
