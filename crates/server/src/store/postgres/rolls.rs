//! Rolls: previews that wait, and adopting one as the next version.
//!
//! One change of rolls at a time; the version of a roll is a primary key besides.

use super::db::{Lock, Mode, Tx, Work};
use super::error::JobError;
use super::roll_next::{IMPORT_MAX, Next, one_at_a_time};
use crate::roll::Standing;
use crate::store::rolls::{AdoptRoll, RollDraft, Told, with_imported};
use crate::store::{PreparedHousehold, RollContacts};
use linli_model::desk::roll::{
    DRAFTS_MAX, RollEntry, RollKind, RollPreview, RollRefusal, RollVersion,
};
use linli_model::{CommunityId, PlaceId};
use std::collections::HashSet;
use std::time::Duration;
use tokio_postgres::Row;

/// Who is told to have adopted what came with an import file.
const IMPORTER: &str = "import";

/// Whether the community is there.
pub(super) async fn known(tx: &Tx<'_>, community: &str) -> Result<Told<CommunityId>, JobError> {
    let found = tx
        .opt(
            "SELECT 1 FROM community WHERE community_id = $1",
            &[&community],
        )
        .await?;
    Ok(match CommunityId::parse(community) {
        Ok(id) if found.is_some() => Ok(id),
        _ => Err(RollRefusal::CommunityUnknown),
    })
}

/// The version of a roll; 0 where there is none.
pub(super) async fn version(tx: &Tx<'_>, community: &str, kind: RollKind) -> Result<u32, JobError> {
    let found = tx
        .opt(
            "SELECT version FROM roll WHERE community_id = $1 AND kind = $2",
            &[&community, &kind.as_str()],
        )
        .await?;
    found.map_or(Ok(0), |row| small(&row, 0))
}

/// A count or version.
pub(super) fn small(row: &Row, column: usize) -> Result<u32, JobError> {
    let number: i64 = row.try_get(column)?;
    u32::try_from(number).map_err(|_| JobError::Corrupt(format!("{number} is no count")))
}

/// The latest of each entry, and the version.
pub(super) struct RollStanding {
    pub(super) community: String,
    pub(super) kind: RollKind,
}

impl Work for RollStanding {
    type Output = Told<(u32, Vec<Standing>)>;
    const MODE: Mode = Mode::View;
    const LIMIT: Duration = IMPORT_MAX;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        if let Err(refusal) = known(tx, &self.community).await? {
            return Ok(Err(refusal));
        }
        let version = version(tx, &self.community, self.kind).await?;
        Ok(Ok((version, stands(tx, &self.community, self.kind).await?)))
    }
}

async fn stands(tx: &Tx<'_>, community: &str, kind: RollKind) -> Result<Vec<Standing>, JobError> {
    let rows = tx
        .rows(
            "SELECT DISTINCT ON (entry_id) place_id, label, name, owner, developer,
                 registered_csqm, surveyed_csqm, contract_csqm, entry_id, voter_id,
                 until_version IS NULL
             FROM roll_entry WHERE community_id = $1 AND kind = $2
             ORDER BY entry_id, since_version DESC",
            &[&community, &kind.as_str()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Standing {
                content: entry(row)?,
                entry: row.try_get(8)?,
                voter: row.try_get(9)?,
                is_current: row.try_get(10)?,
            })
        })
        .collect()
}

/// An entry from the first eight columns.
pub(super) fn entry(row: &Row) -> Result<RollEntry, JobError> {
    let place: &str = row.try_get(0)?;
    let area = |column: usize| -> Result<Option<u64>, JobError> {
        let area: Option<i64> = row.try_get(column)?;
        Ok(area.map(i64::unsigned_abs))
    };
    Ok(RollEntry {
        place: PlaceId::parse(place).map_err(|e| JobError::Corrupt(format!("{place}: {e}")))?,
        label: row.try_get(1)?,
        name: row.try_get(2)?,
        owner: row.try_get(3)?,
        developer: row.try_get(4)?,
        registered_csqm: area(5)?,
        surveyed_csqm: area(6)?,
        contract_csqm: area(7)?,
    })
}

/// Keeps a preview.
impl Work for RollDraft {
    type Output = Told<()>;
    const MODE: Mode = Mode::Once;
    const LIMIT: Duration = IMPORT_MAX;

    async fn run(&self, tx: &Tx<'_>) -> Result<Told<()>, JobError> {
        let preview = &self.preview;
        let community = preview.community.as_str();
        if let Err(refusal) = known(tx, community).await? {
            return Ok(Err(refusal));
        }
        let told = |error: serde_json::Error| JobError::Corrupt(error.to_string());
        let body = serde_json::to_string(&self.entries).map_err(told)?;
        let contacts = self.contacts.as_ref().map(serde_json::to_string);
        let contacts = contacts.transpose().map_err(told)?;
        let shown = serde_json::to_string(preview).map_err(told)?;
        tx.execute(
            "DELETE FROM roll_draft WHERE expires_at_ms <= $1",
            &[&tx.now_ms()],
        )
        .await?;
        tx.execute(
            "DELETE FROM roll_draft WHERE community_id = $1 AND draft_id IN (
                 SELECT draft_id FROM roll_draft WHERE community_id = $1
                 ORDER BY expires_at_ms DESC, draft_id OFFSET $2)",
            &[&community, &i64::from(DRAFTS_MAX - 1)],
        )
        .await?;
        tx.execute(
            "INSERT INTO roll_draft (community_id, draft_id, kind, base_version, errors,
                 expires_at_ms, preview, body, contacts)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                &community,
                &preview.draft,
                &preview.kind.as_str(),
                &i64::from(preview.base_version),
                &i64::from(preview.errors_total),
                &preview.expires_at_ms,
                &shown,
                &body,
                &contacts,
            ],
        )
        .await?;
        Ok(Ok(()))
    }
}

/// A preview that waits.
pub(super) struct FindDraft {
    pub(super) community: String,
    pub(super) draft: String,
    pub(super) now_ms: i64,
}

impl Work for FindDraft {
    type Output = Told<RollPreview>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let found = tx
            .opt(
                "SELECT preview FROM roll_draft
                 WHERE community_id = $1 AND draft_id = $2 AND expires_at_ms > $3",
                &[&self.community, &self.draft, &self.now_ms],
            )
            .await?;
        match found {
            None => Ok(Err(RollRefusal::DraftUnknown)),
            Some(row) => Ok(Ok(read_json(row.try_get(0)?)?)),
        }
    }
}

fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, JobError> {
    serde_json::from_str(text).map_err(|error| JobError::Corrupt(format!("stored: {error}")))
}

/// Makes a preview the next version.
impl Work for AdoptRoll {
    type Output = Told<RollVersion>;
    const MODE: Mode = Mode::Once;
    const LIMIT: Duration = IMPORT_MAX;

    fn lock(&self) -> Option<Lock> {
        Some(one_at_a_time())
    }

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        adopt(tx, self).await
    }
}

/// Makes a preview the next version, inside of the caller's transaction, which holds
/// [`one_at_a_time`]. A refusal comes before anything is written.
pub(super) async fn adopt(tx: &Tx<'_>, adopt: &AdoptRoll) -> Result<Told<RollVersion>, JobError> {
    let community = adopt.community.as_str();
    let id = match known(tx, community).await? {
        Ok(id) => id,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let found = tx
        .opt(
            "SELECT kind, base_version, preview, body, contacts FROM roll_draft
             WHERE community_id = $1 AND draft_id = $2 AND expires_at_ms > $3",
            &[&community, &adopt.draft, &tx.now_ms()],
        )
        .await?;
    let Some(draft) = found else {
        return Ok(Err(RollRefusal::DraftUnknown));
    };
    let kind: &str = draft.try_get(0)?;
    let kind = RollKind::parse(kind).ok_or_else(|| JobError::Corrupt(format!("roll {kind}")))?;
    let seen = small(&draft, 1)?;
    let preview: RollPreview = read_json(draft.try_get(2)?)?;
    let errors = preview.errors_total;
    if errors > 0 && !adopt.leave_out_errors {
        return Ok(Err(RollRefusal::DraftHasErrors { errors }));
    }
    let current = version(tx, community, kind).await?;
    if current != seen {
        return Ok(Err(RollRefusal::VersionMoved { seen, current }));
    }
    let wanted: Vec<RollEntry> = read_json(draft.try_get(3)?)?;
    let contacts: Option<&str> = draft.try_get(4)?;
    let contacts: Option<RollContacts> = contacts.map(read_json).transpose()?;
    if wanted.is_empty() {
        return Ok(Err(RollRefusal::RollEmpty));
    }
    let places = tx
        .rows(
            "SELECT place_id FROM place WHERE community_id = $1",
            &[&community],
        )
        .await?;
    let places: HashSet<&str> = places
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?;
    if let Some(gone) = wanted.iter().find(|e| !places.contains(e.place.as_str())) {
        let place = gone.place.clone();
        return Ok(Err(RollRefusal::PlaceGone { place }));
    }
    let standing = stands(tx, community, kind).await?;
    let next = Next {
        community: &id,
        kind,
        version: current + 1,
        by: &adopt.by,
        file_name: &preview.file_name,
    };
    let adopted = next.put(tx, &standing, (wanted, contacts)).await?;
    tx.execute(
        "DELETE FROM roll_draft WHERE community_id = $1 AND draft_id = $2",
        &[&community, &adopt.draft],
    )
    .await?;
    touch_topics(tx, community).await?;
    Ok(Ok(adopted))
}

/// Puts the households of an import on their roll. None is removed.
pub(super) async fn import(
    tx: &Tx<'_>,
    community: &CommunityId,
    households: &[PreparedHousehold],
) -> Result<(), JobError> {
    let kind = RollKind::Households;
    let current = version(tx, community.as_str(), kind).await?;
    let standing = stands(tx, community.as_str(), kind).await?;
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
    next.put(tx, &standing, (wanted, None)).await.map(drop)
}

/// Parsed topics are kept under their version, and counts with them: both are made anew.
pub(super) async fn touch_topics(tx: &Tx<'_>, community: &str) -> Result<(), JobError> {
    let row = tx
        .row(
            "INSERT INTO last_import (only_row, version, digest) VALUES (1, 1, $1)
             ON CONFLICT (only_row) DO UPDATE SET version = last_import.version + 1
             RETURNING version",
            &[&[0_u8; 32].as_slice()],
        )
        .await?;
    let version: i64 = row.try_get(0)?;
    tx.execute(
        "UPDATE topic SET version = $2 WHERE community_id = $1",
        &[&community, &version],
    )
    .await?;
    Ok(())
}
