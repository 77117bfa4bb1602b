//! Writing a version of a roll: its entries, its commitment, and the end of the grants
//! of those who left. Entries go to the database as arrays, a statement for all of them.

use super::db::{Lock, Tx};
use super::error::JobError;
use super::identity;
use crate::roll::{self, Plan, Standing};
use crate::seal;
use crate::store::RollContacts;
use crate::store::rolls::{is_tied, voter_word};
use linli_model::desk::roll::{RollDiff, RollEntry, RollKind, RollVersion};
use linli_model::{CommunityId, TopicId};
use std::collections::HashMap;
use std::time::Duration;

/// Longest time for an import: the rolls of a whole city.
pub(super) const IMPORT_MAX: Duration = Duration::from_secs(600);

/// What changes rolls holds this.
pub(super) fn one_at_a_time() -> Lock {
    Lock::of(&[b"import"])
}

/// The version that is made.
pub(super) struct Next<'a> {
    pub(super) community: &'a CommunityId,
    pub(super) kind: RollKind,
    pub(super) version: u32,
    pub(super) by: &'a str,
    pub(super) file_name: &'a str,
}

type Households = HashMap<(String, String), i64>;

impl Next<'_> {
    pub(super) async fn put(
        &self,
        tx: &Tx<'_>,
        standing: &[Standing],
        (wanted, contacts): (Vec<RollEntry>, Option<RollContacts>),
    ) -> Result<RollVersion, JobError> {
        let (wanted, contacts) = RollContacts::sort(contacts, wanted);
        let households = self.households(tx, &wanted).await?;
        let plan = roll::plan(self.kind, standing, &wanted, |entry| match self.kind {
            RollKind::Households => household_of(&households, entry),
            _ => None,
        });
        self.write_entries(tx, &plan, &wanted, &households).await?;
        self.end_grants(tx, &plan.removed_voters).await?;
        self.write_contacts(tx, &plan, contacts.as_ref()).await?;
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

    /// Who left can no longer be found; contacts in the file replace those of its kinds.
    async fn write_contacts(
        &self,
        tx: &Tx<'_>,
        plan: &Plan,
        contacts: Option<&RollContacts>,
    ) -> Result<(), JobError> {
        let (community, kind) = (self.community.as_str(), self.kind);
        identity::forget(tx, community, kind, &plan.removed_voters).await?;
        match contacts {
            Some(contacts) => {
                let roll = (community, kind);
                identity::replace_contacts(tx, roll, contacts, &plan.voters_of).await
            }
            None => Ok(()),
        }
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
