//! Rolls as they are read: versions, pages, proofs, and what owners' counts are made of.
//! Also the store's side of the desk's trait.

use super::SqliteStore;
use super::error::JobError;
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
use rusqlite::{Connection, OptionalExtension, Row, params};

impl RollStore for SqliteStore {
    fn places<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Told<Vec<PlaceNode>>> {
        let community = community.to_owned();
        Box::pin(
            self.readers
                .run(move |conn| places::places(conn, &community)),
        )
    }

    fn set_places<'a>(
        &'a self,
        community: &'a str,
        places: Vec<PlaceNode>,
    ) -> StoreFuture<'a, Told<()>> {
        let community = community.to_owned();
        Box::pin(
            self.writer
                .run(move |tx| places::set(tx.conn, &community, &places)),
        )
    }

    fn roll_standing<'a>(
        &'a self,
        community: &'a str,
        kind: RollKind,
    ) -> StoreFuture<'a, Told<(u32, Vec<Standing>)>> {
        let community = community.to_owned();
        Box::pin(
            self.readers
                .run(move |conn| rolls::standing(conn, &community, kind)),
        )
    }

    fn save_roll_draft(&self, draft: RollDraft) -> StoreFuture<'_, Told<()>> {
        Box::pin(self.writer.run(move |tx| rolls::save_draft(tx, &draft)))
    }

    fn roll_draft<'a>(
        &'a self,
        community: &'a str,
        draft: &'a str,
        now_ms: i64,
    ) -> StoreFuture<'a, Told<RollPreview>> {
        let (community, draft) = (community.to_owned(), draft.to_owned());
        Box::pin(
            self.readers
                .run(move |conn| rolls::draft(conn, &community, &draft, now_ms)),
        )
    }

    fn adopt_roll(&self, adopt: AdoptRoll) -> StoreFuture<'_, Told<RollVersion>> {
        Box::pin(self.writer.run(move |tx| rolls::adopt(tx, &adopt)))
    }

    fn rolls<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Told<Vec<RollVersion>>> {
        let community = community.to_owned();
        Box::pin(self.readers.run(move |conn| current(conn, &community)))
    }

    fn roll_versions<'a>(
        &'a self,
        community: &'a str,
        kind: RollKind,
    ) -> StoreFuture<'a, Told<Vec<RollVersion>>> {
        let community = community.to_owned();
        Box::pin(self.readers.run(move |conn| all(conn, &community, kind)))
    }

    fn roll_entries(&self, query: EntriesQuery) -> StoreFuture<'_, Told<RollPage>> {
        Box::pin(self.readers.run(move |conn| page(conn, &query)))
    }

    fn roll_proof<'a>(
        &'a self,
        community: &'a str,
        kind: RollKind,
        version: Option<u32>,
    ) -> StoreFuture<'a, Told<RollProof>> {
        let community = community.to_owned();
        Box::pin(
            self.readers
                .run(move |conn| proof(conn, &community, kind, version)),
        )
    }

    fn owners_material<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, OwnersMaterial> {
        let topic = topic.topic.clone();
        Box::pin(self.readers.run(move |conn| material(conn, &topic)))
    }
}

const VERSION: &str = "SELECT v.kind, v.version, v.adopted_at_ms, v.adopted_by, v.file_name,
    v.entries, v.voters, v.added, v.changed, v.removed, v.unchanged, v.commitment
    FROM roll_version v";

fn current(conn: &Connection, community: &str) -> Result<Told<Vec<RollVersion>>, JobError> {
    if let Err(refusal) = rolls::known(conn, community)? {
        return Ok(Err(refusal));
    }
    let sql = format!(
        "{VERSION} JOIN roll r ON r.community_id = v.community_id AND r.kind = v.kind
         AND r.version = v.version WHERE v.community_id = ?1"
    );
    let mut select = conn.prepare_cached(&sql)?;
    let mut versions = versions(select.query([community])?)?;
    versions.sort_by_key(|version| version.kind);
    Ok(Ok(versions))
}

fn all(
    conn: &Connection,
    community: &str,
    kind: RollKind,
) -> Result<Told<Vec<RollVersion>>, JobError> {
    if let Err(refusal) = rolls::known(conn, community)? {
        return Ok(Err(refusal));
    }
    let sql =
        format!("{VERSION} WHERE v.community_id = ?1 AND v.kind = ?2 ORDER BY v.version DESC");
    let mut select = conn.prepare_cached(&sql)?;
    Ok(Ok(versions(select.query([community, kind.as_str()])?)?))
}

fn versions(mut rows: rusqlite::Rows<'_>) -> Result<Vec<RollVersion>, JobError> {
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(read_version(row)?);
    }
    Ok(versions)
}

fn read_version(row: &Row<'_>) -> Result<RollVersion, JobError> {
    let kind: String = row.get(0)?;
    let commitment: Vec<u8> = row.get(11)?;
    Ok(RollVersion {
        kind: RollKind::parse(&kind).ok_or_else(|| JobError::Corrupt(format!("roll {kind}")))?,
        version: row.get(1)?,
        adopted_at_ms: row.get(2)?,
        adopted_by: row.get(3)?,
        file_name: row.get(4)?,
        entries: row.get(5)?,
        voters: row.get(6)?,
        diff: RollDiff {
            added: row.get(7)?,
            changed: row.get(8)?,
            removed: row.get(9)?,
            unchanged: row.get(10)?,
        },
        commitment: seal::hex(&commitment),
    })
}

fn page(conn: &Connection, query: &EntriesQuery) -> Result<Told<RollPage>, JobError> {
    let community = query.community.as_str();
    if let Err(refusal) = rolls::known(conn, community)? {
        return Ok(Err(refusal));
    }
    let mut select = conn.prepare_cached(
        "WITH RECURSIVE concerned(place_id) AS (
             SELECT place_id FROM place WHERE community_id = ?1 AND place_id = ?4
             UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
             WHERE p.community_id = ?1)
         SELECT e.place_id, e.label, e.name, e.owner, e.developer, e.registered_csqm,
             e.surveyed_csqm, e.contract_csqm, e.entry_id, e.voter_id, p.name
         FROM roll_entry e
         JOIN place p ON p.community_id = e.community_id AND p.place_id = e.place_id
         WHERE e.community_id = ?1 AND e.kind = ?2 AND e.entry_id > ?3
         AND e.until_version IS NULL
         AND (?4 IS NULL OR e.place_id IN (SELECT place_id FROM concerned))
         AND (?5 = '' OR instr(e.label, ?5) > 0 OR instr(e.name, ?5) > 0)
         ORDER BY e.entry_id LIMIT ?6",
    )?;
    let place = query.place.as_ref().map(|place| place.as_str());
    let mut rows = select.query(params![
        community,
        query.kind.as_str(),
        query.after,
        place,
        query.search,
        query.limit + 1
    ])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(RollLine {
            content: rolls::entry(row)?,
            entry: row.get(8)?,
            voter: row.get(9)?,
            place_name: row.get(10)?,
        });
    }
    Ok(Ok(owners::page(lines, query.limit)))
}

fn proof(
    conn: &Connection,
    community: &str,
    kind: RollKind,
    version: Option<u32>,
) -> Result<Told<RollProof>, JobError> {
    let id = match rolls::known(conn, community)? {
        Ok(id) => id,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let version = match version {
        Some(version) => version,
        None => rolls::version(conn, community, kind)?,
    };
    let found: Option<(Vec<u8>, Vec<u8>)> = conn
        .query_row(
            "SELECT salt, commitment FROM roll_version
             WHERE community_id = ?1 AND kind = ?2 AND version = ?3",
            params![community, kind.as_str(), version],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((salt, commitment)) = found else {
        return Ok(Err(RollRefusal::VersionUnknown));
    };
    let mut select = conn.prepare_cached(
        "SELECT place_id, label, name, owner, developer, registered_csqm, surveyed_csqm,
             contract_csqm FROM roll_entry
         WHERE community_id = ?1 AND kind = ?2 AND since_version <= ?3
         AND coalesce(until_version > ?3, 1)",
    )?;
    let mut rows = select.query(params![community, kind.as_str(), version])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(rolls::entry(row)?);
    }
    crate::roll::sort(&mut entries);
    Ok(Ok(RollProof {
        record: RollRecord {
            community: id,
            kind,
            version,
            salt: seal::hex(&salt),
            entries,
        },
        commitment: seal::hex(&commitment),
    }))
}

fn material(conn: &Connection, topic: &Topic) -> Result<OwnersMaterial, JobError> {
    owners::require(topic)?;
    let (community, kind) = (topic.community.id.as_str(), RollKind::Owners);
    let mut select = conn.prepare_cached(
        "WITH RECURSIVE concerned(place_id) AS (
             SELECT ?2
             UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
             WHERE p.community_id = ?1)
         SELECT place_id, label, name, owner, developer, registered_csqm, surveyed_csqm,
             contract_csqm, voter_id FROM roll_entry
         WHERE community_id = ?1 AND kind = 'owners' AND until_version IS NULL
         AND place_id IN (SELECT place_id FROM concerned) ORDER BY place_id, label",
    )?;
    let mut rows = select.query([community, topic.place.id.as_str()])?;
    let mut sheet = owners::Sheet::new(rolls::version(conn, community, kind)?);
    while let Some(row) = rows.next()? {
        let entry = rolls::entry(row)?;
        let name = unit_name(entry.place.as_str(), &entry.label);
        sheet.unit(voter_word(kind, row.get(8)?), name, entry);
    }
    let mut select = conn.prepare_cached(
        "SELECT voter, choice FROM ballot WHERE community_id = ?1 AND poll_id = ?2",
    )?;
    let mut rows = select.query([community, topic.poll.id.as_str()])?;
    while let Some(row) = rows.next()? {
        let (voter, choice): (String, String) = (row.get(0)?, row.get(1)?);
        sheet.ballot(&voter, &choice).map_err(JobError::Corrupt)?;
    }
    Ok(sheet.material())
}
