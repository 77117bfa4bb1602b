//! Writing a version of a roll: its entries, its commitment, and the end of the grants
//! of those who left.

use super::error::JobError;
use super::identity;
use super::writer::Tx;
use crate::roll::{self, Plan, Standing};
use crate::seal;
use crate::store::RollContacts;
use crate::store::rolls::{is_tied, voter_word};
use linli_model::CommunityId;
use linli_model::desk::roll::{RollDiff, RollEntry, RollKind, RollVersion};
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet};

/// The version that is made.
pub(super) struct Next<'a> {
    pub(super) community: &'a CommunityId,
    pub(super) kind: RollKind,
    pub(super) version: u32,
    pub(super) by: &'a str,
    pub(super) file_name: &'a str,
}

impl Next<'_> {
    pub(super) fn put(
        &self,
        tx: &Tx<'_>,
        standing: &[Standing],
        (wanted, contacts): (Vec<RollEntry>, Option<RollContacts>),
    ) -> Result<RollVersion, JobError> {
        let (wanted, contacts) = RollContacts::sort(contacts, wanted);
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
        self.write_contacts(tx.conn, &plan, contacts.as_ref())?;
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

    /// Who left can no longer be found; contacts in the file replace those of its kinds.
    fn write_contacts(
        &self,
        conn: &Connection,
        plan: &Plan,
        contacts: Option<&RollContacts>,
    ) -> Result<(), JobError> {
        let (community, kind) = (self.community.as_str(), self.kind);
        identity::forget(conn, community, kind, &plan.removed_voters)?;
        match contacts {
            Some(contacts) => {
                let roll = (community, kind);
                identity::replace_contacts(conn, roll, contacts, &plan.voters_of)
            }
            None => Ok(()),
        }
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
