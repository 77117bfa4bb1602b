//! Rolls: previews that wait, and adopting one as the next version.
//!
//! Entries go to the database as arrays, a statement for all of them. One change of
//! rolls at a time; besides, the version is compared and set in one statement.

use super::db::{Lock, Mode, Tx, Work};
use super::error::JobError;
use super::roll::{IMPORT_MAX, one_at_a_time};
use crate::roll::{self, Plan, Standing};
use crate::seal;
use crate::store::PreparedHousehold;
use crate::store::rolls::{AdoptRoll, RollDraft, Told, is_tied, voter_word, with_imported};
use linli_model::desk::roll::{
    DRAFTS_MAX, RollDiff, RollEntry, RollKind, RollPreview, RollRefusal, RollVersion,
};
use linli_model::{CommunityId, PlaceId, TopicId};
use std::collections::{HashMap, HashSet};
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
                 expires_at_ms, preview, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                &community,
                &preview.draft,
                &preview.kind.as_str(),
                &i64::from(preview.base_version),
                &i64::from(preview.errors_total),
                &preview.expires_at_ms,
                &shown,
                &body,
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
            "SELECT kind, base_version, preview, body FROM roll_draft
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
    let adopted = next.put(tx, &standing, wanted).await?;
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
    next.put(tx, &standing, wanted).await.map(drop)
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

/// The version that is made.
struct Next<'a> {
    community: &'a CommunityId,
    kind: RollKind,
    version: u32,
    by: &'a str,
    file_name: &'a str,
}

type Households = HashMap<(String, String), i64>;

impl Next<'_> {
    async fn put(
        &self,
        tx: &Tx<'_>,
        standing: &[Standing],
        mut wanted: Vec<RollEntry>,
    ) -> Result<RollVersion, JobError> {
        roll::sort(&mut wanted);
        let households = self.households(tx, &wanted).await?;
        let plan = roll::plan(self.kind, standing, &wanted, |entry| match self.kind {
            RollKind::Households => household_of(&households, entry),
            _ => None,
        });
        self.write_entries(tx, &plan, &wanted, &households).await?;
        self.end_grants(tx, &plan.removed_voters).await?;
        self.write_version(tx, &plan, &wanted).await
    }

    /// Every household of the community by place and label. Those that the entries name
    /// and nobody knew yet are added, so that they can be given codes.
    async fn households(&self, tx: &Tx<'_>, wanted: &[RollEntry]) -> Result<Households, JobError> {
        let community = self.community.as_str();
        let tied: Vec<&RollEntry> = wanted.iter().filter(|entry| is_tied(entry)).collect();
        let places: Vec<&str> = tied.iter().map(|entry| entry.place.as_str()).collect();
        let labels: Vec<&str> = tied.iter().map(|entry| entry.label.as_str()).collect();
        tx.execute(
            "INSERT INTO household (community_id, household_id, place_id, label)
             SELECT $1, last + row_number() OVER (ORDER BY nth), place_id, label
             FROM (SELECT place_id, label, min(nth) AS nth
                 FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS g(place_id, label, nth)
                 GROUP BY place_id, label) AS given,
             (SELECT coalesce(max(household_id), 0) AS last FROM household
              WHERE community_id = $1) AS numbers
             WHERE NOT EXISTS (SELECT 1 FROM household h WHERE h.community_id = $1
                 AND h.place_id = given.place_id AND h.label = given.label)",
            &[&community, &places, &labels],
        )
        .await?;
        if self.kind == RollKind::Households {
            let areas: Vec<Option<i64>> = tied.iter().map(|e| signed(e.registered_csqm)).collect();
            tx.execute(
                "UPDATE household h SET area_csqm = given.area
                 FROM unnest($2::text[], $3::text[], $4::bigint[]) AS given(place_id, label, area)
                 WHERE h.community_id = $1 AND h.place_id = given.place_id
                 AND h.label = given.label AND given.area IS NOT NULL
                 AND h.area_csqm IS DISTINCT FROM given.area",
                &[&community, &places, &labels, &areas],
            )
            .await?;
        }
        let rows = tx
            .rows(
                "SELECT place_id, label, household_id FROM household WHERE community_id = $1",
                &[&community],
            )
            .await?;
        rows.iter()
            .map(|row| Ok(((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?)))
            .collect()
    }

    async fn write_entries(
        &self,
        tx: &Tx<'_>,
        plan: &Plan,
        wanted: &[RollEntry],
        households: &Households,
    ) -> Result<(), JobError> {
        let (community, kind) = (self.community.as_str(), self.kind.as_str());
        let version = i64::from(self.version);
        tx.execute(
            "UPDATE roll_entry SET until_version = $4 WHERE community_id = $1 AND kind = $2
             AND entry_id = ANY($3) AND until_version IS NULL",
            &[&community, &kind, &plan.close, &version],
        )
        .await?;
        let put: Vec<&RollEntry> = plan.put.iter().map(|put| &wanted[put.index]).collect();
        let entries: Vec<i64> = plan.put.iter().map(|put| put.entry).collect();
        let voters: Vec<i64> = plan.put.iter().map(|put| put.voter).collect();
        let tied: Vec<_> = put.iter().map(|e| household_of(households, e)).collect();
        let places: Vec<&str> = put.iter().map(|e| e.place.as_str()).collect();
        let labels: Vec<&str> = put.iter().map(|e| e.label.as_str()).collect();
        let names: Vec<&str> = put.iter().map(|e| e.name.as_str()).collect();
        let owners: Vec<&str> = put.iter().map(|e| e.owner.as_str()).collect();
        let developers: Vec<bool> = put.iter().map(|e| e.developer).collect();
        let registered: Vec<_> = put.iter().map(|e| signed(e.registered_csqm)).collect();
        let surveyed: Vec<_> = put.iter().map(|e| signed(e.surveyed_csqm)).collect();
        let contract: Vec<_> = put.iter().map(|e| signed(e.contract_csqm)).collect();
        tx.execute(
            "INSERT INTO roll_entry (community_id, kind, entry_id, since_version, voter_id,
                 household_id, place_id, label, name, owner, developer, registered_csqm,
                 surveyed_csqm, contract_csqm)
             SELECT $1, $2, entry_id, $3, voter_id, household_id, place_id, label, name, owner,
                 developer, registered_csqm, surveyed_csqm, contract_csqm
             FROM unnest($4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[],
                 $9::text[], $10::text[], $11::boolean[], $12::bigint[], $13::bigint[],
                 $14::bigint[])
             AS given(entry_id, voter_id, household_id, place_id, label, name, owner, developer,
                 registered_csqm, surveyed_csqm, contract_csqm)",
            &[
                &community,
                &kind,
                &version,
                &entries,
                &voters,
                &tied,
                &places,
                &labels,
                &names,
                &owners,
                &developers,
                &registered,
                &surveyed,
                &contract,
            ],
        )
        .await?;
        Ok(())
    }

    /// Who is no longer on the roll can no longer cast; a ballot that is recorded stays.
    /// Grants are issued under the topics' locks: none can come in between.
    async fn end_grants(&self, tx: &Tx<'_>, removed: &[i64]) -> Result<(), JobError> {
        if removed.is_empty() {
            return Ok(());
        }
        let community = self.community.as_str();
        let rows = tx
            .rows(
                "SELECT topic_id FROM topic WHERE community_id = $1",
                &[&community],
            )
            .await?;
        let mut locks = Vec::with_capacity(rows.len());
        for row in &rows {
            let topic: &str = row.try_get(0)?;
            let topic = TopicId::parse(topic)
                .map_err(|error| JobError::Corrupt(format!("{topic}: {error}")))?;
            locks.push(Lock::alone(&topic));
        }
        tx.lock(locks).await?;
        let gone: Vec<String> = removed
            .iter()
            .map(|voter| voter_word(self.kind, *voter))
            .collect();
        tx.execute(
            "DELETE FROM cast_grant WHERE community_id = $1 AND voter = ANY($2)",
            &[&community, &gone],
        )
        .await?;
        Ok(())
    }

    async fn write_version(
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
        let [entries_64, voters, added, changed, removed, unchanged] =
            [entries, plan.voters, added, changed, removed, unchanged].map(i64::from);
        tx.execute(
            "INSERT INTO roll_version (community_id, kind, version, adopted_at_ms, adopted_by,
                 file_name, entries, voters, added, changed, removed, unchanged, salt, commitment)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            &[
                &community,
                &kind,
                &i64::from(self.version),
                &tx.now_ms(),
                &self.by,
                &self.file_name,
                &entries_64,
                &voters,
                &added,
                &changed,
                &removed,
                &unchanged,
                &salt.as_slice(),
                &commitment.as_slice(),
            ],
        )
        .await?;
        tx.execute(
            "INSERT INTO roll (community_id, kind, version) VALUES ($1, $2, $3)
             ON CONFLICT (community_id, kind) DO UPDATE SET version = excluded.version",
            &[&community, &kind, &i64::from(self.version)],
        )
        .await?;
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

/// Whose code names the entry's voter.
fn household_of(households: &Households, entry: &RollEntry) -> Option<i64> {
    let key = (entry.place.as_str().to_owned(), entry.label.clone());
    is_tied(entry)
        .then(|| households.get(&key).copied())
        .flatten()
}

/// Areas are at most 1 km².
fn signed(area: Option<u64>) -> Option<i64> {
    area.and_then(|area| i64::try_from(area).ok())
}
