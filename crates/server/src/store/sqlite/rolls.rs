//! Rolls: previews that wait, and adopting one as the next version.

use super::error::JobError;
use super::roll_next::Next;
use super::writer::Tx;
use crate::roll::Standing;
use crate::store::rolls::{AdoptRoll, RollDraft, Told, with_imported};
use crate::store::{PreparedHousehold, RollContacts};
use linli_model::desk::roll::{
    DRAFTS_MAX, RollEntry, RollKind, RollPreview, RollRefusal, RollVersion,
};
use linli_model::{CommunityId, PlaceId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashSet;

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
    let contacts = draft.contacts.as_ref().map(serde_json::to_string);
    let contacts = contacts.transpose().map_err(told)?;
    tx.conn.execute(
        "INSERT INTO roll_draft (community_id, draft_id, kind, base_version, errors,
             expires_at_ms, preview, body, contacts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            community,
            preview.draft,
            preview.kind.as_str(),
            preview.base_version,
            preview.errors_total,
            preview.expires_at_ms,
            serde_json::to_string(preview).map_err(told)?,
            serde_json::to_string(&draft.entries).map_err(told)?,
            contacts,
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
    type Draft = (String, u32, String, String, Option<String>);
    let found: Option<Draft> = conn
        .query_row(
            "SELECT kind, base_version, preview, body, contacts FROM roll_draft
             WHERE community_id = ?1 AND draft_id = ?2 AND expires_at_ms > ?3",
            params![community, adopt.draft, tx.now_ms()],
            |row| Draft::try_from(row),
        )
        .optional()?;
    let Some((kind, seen, preview, body, contacts)) = found else {
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
    let contacts: Option<RollContacts> = contacts.as_deref().map(read_json).transpose()?;
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
    let adopted = next.put(tx, &standing, (wanted, contacts))?;
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
    next.put(tx, &standing, (wanted, None)).map(drop)
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
