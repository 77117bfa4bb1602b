//! Rolls: previews that wait, and adopting one as the next version.

use super::error::JobError;
use super::writer::Tx;
use crate::roll::{self, Plan, Standing};
use crate::seal;
use crate::store::PreparedHousehold;
use crate::store::rolls::{AdoptRoll, RollDraft, Told, is_tied, voter_word, with_imported};
use linli_model::desk::roll::{
    DRAFTS_MAX, RollDiff, RollEntry, RollKind, RollPreview, RollRefusal, RollVersion,
};
use linli_model::{CommunityId, PlaceId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::{HashMap, HashSet};

/// Who is told to have adopted what came with an import file.
const IMPORTER: &str = "import";

/// Whether the community is there.
pub(super) fn known(conn: &Connection, community: &str) -> Result<Told<CommunityId>, JobError> {
    let found = conn
        .prepare_cached("SELECT 1 FROM community WHERE community_id = ?1")?
        .exists([community])?;
    Ok(match CommunityId::parse(community) {
        Ok(id) if found => Ok(id),
        _ => Err(RollRefusal::CommunityUnknown),
    })
}

/// The version of a roll; 0 where there is none.
pub(super) fn version(conn: &Connection, community: &str, kind: RollKind) -> Result<u32, JobError> {
    let mut select =
        conn.prepare_cached("SELECT version FROM roll WHERE community_id = ?1 AND kind = ?2")?;
    let found = select.query_row([community, kind.as_str()], |row| row.get(0));
    Ok(found.optional()?.unwrap_or(0))
}

/// The latest of each entry, and the version.
pub(super) fn standing(
    conn: &Connection,
    community: &str,
    kind: RollKind,
) -> Result<Told<(u32, Vec<Standing>)>, JobError> {
    if let Err(refusal) = known(conn, community)? {
        return Ok(Err(refusal));
    }
    let version = version(conn, community, kind)?;
    Ok(Ok((version, stands(conn, community, kind)?)))
}

fn stands(conn: &Connection, community: &str, kind: RollKind) -> Result<Vec<Standing>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT place_id, label, name, owner, developer, registered_csqm, surveyed_csqm,
             contract_csqm, entry_id, voter_id, until_version IS NULL
         FROM roll_entry WHERE community_id = ?1 AND kind = ?2
         ORDER BY entry_id, since_version",
    )?;
    let mut rows = select.query([community, kind.as_str()])?;
    let mut standing: Vec<Standing> = Vec::new();
    while let Some(row) = rows.next()? {
        let one = Standing {
            content: entry(row)?,
            entry: row.get(8)?,
            voter: row.get(9)?,
            is_current: row.get(10)?,
        };
        match standing.last_mut() {
            Some(last) if last.entry == one.entry => *last = one,
            _ => standing.push(one),
        }
    }
    Ok(standing)
}

/// An entry from the first eight columns.
pub(super) fn entry(row: &Row<'_>) -> Result<RollEntry, JobError> {
    let place: String = row.get(0)?;
    Ok(RollEntry {
        place: PlaceId::parse(&place).map_err(|e| JobError::Corrupt(format!("{place}: {e}")))?,
        label: row.get(1)?,
        name: row.get(2)?,
        owner: row.get(3)?,
        developer: row.get(4)?,
        registered_csqm: row.get(5)?,
        surveyed_csqm: row.get(6)?,
        contract_csqm: row.get(7)?,
    })
}

/// Keeps a preview.
pub(super) fn save_draft(tx: &Tx<'_>, draft: &RollDraft) -> Result<Told<()>, JobError> {
    let preview = &draft.preview;
    let community = preview.community.as_str();
    if let Err(refusal) = known(tx.conn, community)? {
        return Ok(Err(refusal));
    }
    let told = |error: serde_json::Error| JobError::Corrupt(error.to_string());
    tx.conn.execute(
        "DELETE FROM roll_draft WHERE expires_at_ms <= ?1",
        [tx.now_ms()],
    )?;
    tx.conn.execute(
        "DELETE FROM roll_draft WHERE community_id = ?1 AND draft_id IN (
             SELECT draft_id FROM roll_draft WHERE community_id = ?1
             ORDER BY expires_at_ms DESC, draft_id LIMIT -1 OFFSET ?2)",
        params![community, DRAFTS_MAX - 1],
    )?;
    tx.conn.execute(
        "INSERT INTO roll_draft (community_id, draft_id, kind, base_version, errors,
             expires_at_ms, preview, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            community,
            preview.draft,
            preview.kind.as_str(),
            preview.base_version,
            preview.errors_total,
            preview.expires_at_ms,
            serde_json::to_string(preview).map_err(told)?,
            serde_json::to_string(&draft.entries).map_err(told)?,
        ],
    )?;
    Ok(Ok(()))
}

/// A preview that waits.
pub(super) fn draft(
    conn: &Connection,
    community: &str,
    draft: &str,
    now_ms: i64,
) -> Result<Told<RollPreview>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT preview FROM roll_draft
         WHERE community_id = ?1 AND draft_id = ?2 AND expires_at_ms > ?3",
    )?;
    let key = params![community, draft, now_ms];
    let found: Option<String> = select.query_row(key, |row| row.get(0)).optional()?;
    match found {
        None => Ok(Err(RollRefusal::DraftUnknown)),
        Some(preview) => Ok(Ok(read_json(&preview)?)),
    }
}

fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, JobError> {
    serde_json::from_str(text).map_err(|error| JobError::Corrupt(format!("stored: {error}")))
}

/// Makes a preview the next version, inside of the caller's transaction. A refusal comes
/// before anything is written.
pub(super) fn adopt(tx: &Tx<'_>, adopt: &AdoptRoll) -> Result<Told<RollVersion>, JobError> {
    let (conn, community) = (tx.conn, adopt.community.as_str());
    let id = match known(conn, community)? {
        Ok(id) => id,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let found: Option<(String, u32, String, String)> = conn
        .query_row(
            "SELECT kind, base_version, preview, body FROM roll_draft
             WHERE community_id = ?1 AND draft_id = ?2 AND expires_at_ms > ?3",
            params![community, adopt.draft, tx.now_ms()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .optional()?;
    let Some((kind, seen, preview, body)) = found else {
        return Ok(Err(RollRefusal::DraftUnknown));
    };
    let kind = RollKind::parse(&kind).ok_or_else(|| JobError::Corrupt(format!("roll {kind}")))?;
    let preview: RollPreview = read_json(&preview)?;
    let errors = preview.errors_total;
    if errors > 0 && !adopt.leave_out_errors {
        return Ok(Err(RollRefusal::DraftHasErrors { errors }));
    }
    let current = version(conn, community, kind)?;
    if current != seen {
        return Ok(Err(RollRefusal::VersionMoved { seen, current }));
    }
    let wanted: Vec<RollEntry> = read_json(&body)?;
    if wanted.is_empty() {
        return Ok(Err(RollRefusal::RollEmpty));
    }
    let places: HashSet<String> = conn
        .prepare_cached("SELECT place_id FROM place WHERE community_id = ?1")?
        .query_map([community], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if let Some(gone) = wanted.iter().find(|e| !places.contains(e.place.as_str())) {
        let place = gone.place.clone();
        return Ok(Err(RollRefusal::PlaceGone { place }));
    }
    let standing = stands(conn, community, kind)?;
    let next = Next {
        community: &id,
        kind,
        version: current + 1,
        by: &adopt.by,
        file_name: &preview.file_name,
    };
    let adopted = next.put(tx, &standing, wanted)?;
    conn.execute(
        "DELETE FROM roll_draft WHERE community_id = ?1 AND draft_id = ?2",
        [community, &adopt.draft],
    )?;
    touch_topics(conn, community)?;
    Ok(Ok(adopted))
}

/// Puts the households of an import on their roll. None is removed.
pub(super) fn import(
    tx: &Tx<'_>,
    community: &CommunityId,
    households: &[PreparedHousehold],
) -> Result<(), JobError> {
    let (conn, kind) = (tx.conn, RollKind::Households);
    let current = version(conn, community.as_str(), kind)?;
    let standing = stands(conn, community.as_str(), kind)?;
    let Some(wanted) = with_imported(current, &standing, households) else {
        return Ok(());
    };
    let next = Next {
        community,
        kind,
        version: current + 1,
        by: IMPORTER,
        file_name: "",
    };
    next.put(tx, &standing, wanted).map(drop)
}

/// Parsed topics are kept under their version, and counts with them: both are made anew.
pub(super) fn touch_topics(conn: &Connection, community: &str) -> Result<(), JobError> {
    conn.execute(
        "INSERT INTO last_import (only_row, version, digest) VALUES (1, 1, zeroblob(32))
         ON CONFLICT (only_row) DO UPDATE SET version = version + 1",
        [],
    )?;
    conn.execute(
        "UPDATE topic SET version = (SELECT version FROM last_import) WHERE community_id = ?1",
        [community],
    )?;
    Ok(())
}

/// The version that is made.
struct Next<'a> {
    community: &'a CommunityId,
    kind: RollKind,
    version: u32,
    by: &'a str,
    file_name: &'a str,
}

impl Next<'_> {
    fn put(
        &self,
        tx: &Tx<'_>,
        standing: &[Standing],
        mut wanted: Vec<RollEntry>,
    ) -> Result<RollVersion, JobError> {
        roll::sort(&mut wanted);
        let households = self.households(tx.conn, &wanted)?;
        let household_of = |entry: &RollEntry| {
            let key = (entry.place.as_str().to_owned(), entry.label.clone());
            is_tied(entry)
                .then(|| households.get(&key).copied())
                .flatten()
        };
        let number_of = |entry: &RollEntry| match self.kind {
            RollKind::Households => household_of(entry),
            _ => None,
        };
        let plan = roll::plan(self.kind, standing, &wanted, number_of);
        self.write_entries(tx.conn, &plan, &wanted, household_of)?;
        self.end_grants(tx.conn, &plan.removed_voters)?;
        self.write_version(tx, &plan, &wanted)
    }

    /// Every household of the community by place and label. Those that the entries name
    /// and nobody knew yet are added, so that they can be given codes.
    fn households(
        &self,
        conn: &Connection,
        wanted: &[RollEntry],
    ) -> Result<HashMap<(String, String), i64>, JobError> {
        let community = self.community.as_str();
        let mut known: HashMap<(String, String), i64> = conn
            .prepare_cached(
                "SELECT place_id, label, household_id FROM household WHERE community_id = ?1",
            )?
            .query_map([community], |row| {
                Ok(((row.get(0)?, row.get(1)?), row.get(2)?))
            })?
            .collect::<Result<_, _>>()?;
        let mut last = known.values().copied().max().unwrap_or(0);
        let mut insert = conn.prepare_cached(
            "INSERT INTO household (community_id, household_id, place_id, label)
             VALUES (?1, ?2, ?3, ?4)",
        )?;
        for entry in wanted.iter().filter(|entry| is_tied(entry)) {
            let key = (entry.place.as_str().to_owned(), entry.label.clone());
            if let std::collections::hash_map::Entry::Vacant(free) = known.entry(key) {
                last += 1;
                insert.execute(params![community, last, entry.place.as_str(), entry.label])?;
                free.insert(last);
            }
        }
        if self.kind == RollKind::Households {
            let mut update = conn.prepare_cached(
                "UPDATE household SET area_csqm = ?4
                 WHERE community_id = ?1 AND place_id = ?2 AND label = ?3
                 AND area_csqm IS NOT ?4",
            )?;
            for entry in wanted.iter().filter(|e| e.registered_csqm.is_some()) {
                let (place, area) = (entry.place.as_str(), entry.registered_csqm);
                update.execute(params![community, place, entry.label, area])?;
            }
        }
        Ok(known)
    }

    fn write_entries(
        &self,
        conn: &Connection,
        plan: &Plan,
        wanted: &[RollEntry],
        household_of: impl Fn(&RollEntry) -> Option<i64>,
    ) -> Result<(), JobError> {
        let (community, kind) = (self.community.as_str(), self.kind.as_str());
        let mut close = conn.prepare_cached(
            "UPDATE roll_entry SET until_version = ?4 WHERE community_id = ?1 AND kind = ?2
             AND entry_id = ?3 AND until_version IS NULL",
        )?;
        for entry in &plan.close {
            close.execute(params![community, kind, entry, self.version])?;
        }
        let mut insert = conn.prepare_cached(
            "INSERT INTO roll_entry (community_id, kind, entry_id, since_version, voter_id,
                 household_id, place_id, label, name, owner, developer, registered_csqm,
                 surveyed_csqm, contract_csqm)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?;
        for put in &plan.put {
            let entry = &wanted[put.index];
            insert.execute(params![
                community,
                kind,
                put.entry,
                self.version,
                put.voter,
                household_of(entry),
                entry.place.as_str(),
                entry.label,
                entry.name,
                entry.owner,
                entry.developer,
                entry.registered_csqm,
                entry.surveyed_csqm,
                entry.contract_csqm,
            ])?;
        }
        Ok(())
    }

    /// Who is no longer on the roll can no longer cast; a ballot that is recorded stays.
    fn end_grants(&self, conn: &Connection, removed: &[i64]) -> Result<(), JobError> {
        if removed.is_empty() {
            return Ok(());
        }
        let community = self.community.as_str();
        let gone: HashSet<String> = removed
            .iter()
            .map(|voter| voter_word(self.kind, *voter))
            .collect();
        let grants: Vec<(String, Vec<u8>, String)> = conn
            .prepare("SELECT poll_id, token_hash, voter FROM cast_grant WHERE community_id = ?1")?
            .query_map([community], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<Result<_, _>>()?;
        let mut end = conn.prepare(
            "DELETE FROM cast_grant
             WHERE community_id = ?1 AND poll_id = ?2 AND token_hash = ?3",
        )?;
        for (poll, token_hash, _) in grants.iter().filter(|(.., voter)| gone.contains(voter)) {
            end.execute(params![community, poll, token_hash])?;
        }
        Ok(())
    }

    fn write_version(
        &self,
        tx: &Tx<'_>,
        plan: &Plan,
        wanted: &[RollEntry],
    ) -> Result<RollVersion, JobError> {
        let (community, kind) = (self.community.as_str(), self.kind.as_str());
        let salt = seal::chance::<32>();
        let (hex, entries) = (seal::hex(&salt), wanted.iter());
        let commitment = roll::commitment(self.community, self.kind, self.version, &hex, entries);
        let entries = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
        let RollDiff {
            added,
            changed,
            removed,
            unchanged,
        } = plan.diff;
        tx.conn.execute(
            "INSERT INTO roll_version (community_id, kind, version, adopted_at_ms, adopted_by,
                 file_name, entries, voters, added, changed, removed, unchanged, salt, commitment)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            params![
                community,
                kind,
                self.version,
                tx.now_ms(),
                self.by,
                self.file_name,
                entries,
                plan.voters,
                added,
                changed,
                removed,
                unchanged,
                salt.as_slice(),
                commitment.as_slice(),
            ],
        )?;
        tx.conn.execute(
            "INSERT INTO roll (community_id, kind, version) VALUES (?1, ?2, ?3)
             ON CONFLICT (community_id, kind) DO UPDATE SET version = excluded.version",
            params![community, kind, self.version],
        )?;
        Ok(RollVersion {
            kind: self.kind,
            version: self.version,
            adopted_at_ms: tx.now_ms(),
            adopted_by: self.by.to_owned(),
            file_name: self.file_name.to_owned(),
            entries,
            voters: plan.voters,
            diff: plan.diff,
            commitment: seal::hex(&commitment),
        })
    }
}
