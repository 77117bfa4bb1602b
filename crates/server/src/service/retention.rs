//! Deleting what its time is over, and sealing anew after a change of keys. In batches,
//! each a transaction of its own: whoever votes meanwhile waits for one at most.

use super::Service;
use super::uploads::UNUSED_MS;
use crate::privacy::fields::sealed_by;
use crate::privacy::map::{self, RULES, Rule, SEALED};
use crate::store::Failure;
use crate::store::retention::{Expiry, SealedColumn};
use linli_model::{CommunityId, Credential, Refusal, Secrecy};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of one batch.
const BATCH_MAX: u32 = 500;
const DAY_MS: i64 = 24 * 3_600_000;

/// What was deleted, or would be: how many of what. Nothing that is zero.
pub type Retained = BTreeMap<&'static str, u64>;

impl Service {
    /// Deletes everything whose time is over, in every community. `None` while another
    /// server is at it. With `dry_run` it only counts.
    pub async fn retain(&self, dry_run: bool) -> Result<Option<Retained>, Failure> {
        let turn = if dry_run {
            None
        } else {
            match self.store.retention_turn().await? {
                Some(turn) => Some(turn),
                None => return Ok(None),
            }
        };
        let mut retained = Retained::new();
        for community in self.store.communities().await? {
            let periods = self.store.periods(&community).await?;
            for rule in RULES {
                let count = self.retain_by(rule, &community, &periods, dry_run).await?;
                *retained.entry(rule.what).or_default() += count;
            }
        }
        let blobs = if dry_run {
            let before_ms = self.clock.now_ms() - UNUSED_MS;
            self.store.count_unused_blobs(before_ms).await?
        } else {
            self.sweep_uploads().await?
        };
        retained.insert("upload_blob", blobs);
        retained.retain(|_, count| *count > 0);
        if !dry_run && !retained.is_empty() {
            tracing::info!(deleted = ?retained, "what its time was over is deleted");
        }
        if let Some(turn) = turn {
            turn.end().await;
        }
        Ok(Some(retained))
    }

    /// Sets a community's own period, within the rule's bounds; `None` takes it back.
    pub async fn set_period(
        &self,
        community: &CommunityId,
        what: &str,
        days: Option<u32>,
    ) -> Result<(), String> {
        let rule = map::rule(what).ok_or_else(|| {
            let known: Vec<&str> = RULES.iter().map(|rule| rule.what).collect();
            format!("there is no period {what}; known: {}", known.join(", "))
        })?;
        let (fewest, most) = rule.bounds;
        if days.is_some_and(|days| !(fewest..=most).contains(&days)) {
            return Err(format!("{what} is kept {fewest} to {most} days"));
        }
        let told = |failure: Failure| match failure {
            Failure::Refused(Refusal::NotFound) => format!("there is no community {community}"),
            Failure::Refused(refusal) => refusal.code().to_owned(),
            Failure::Fault(detail) => detail,
        };
        self.community(community).await.map_err(told)?;
        let set = self.store.set_period(community.as_str(), what, days);
        set.await.map_err(told)
    }

    async fn retain_by(
        &self,
        rule: &'static Rule,
        community: &str,
        periods: &[(String, u32)],
        dry_run: bool,
    ) -> Result<u64, Failure> {
        let days = i64::from(map::days(rule, periods));
        let before_ms = self.clock.now_ms() - days * DAY_MS;
        match &rule.expiry {
            Some(expiry) if dry_run => self.store.count_expired(expiry, community, before_ms).await,
            Some(expiry) => self.expire_all(expiry, community, before_ms).await,
            None => self.unlink_devices(community, before_ms, dry_run).await,
        }
    }

    async fn expire_all(
        &self,
        expiry: &'static Expiry,
        community: &str,
        before_ms: i64,
    ) -> Result<u64, Failure> {
        let mut all = 0;
        loop {
            let gone = self
                .store
                .expire(expiry, community, before_ms, BATCH_MAX)
                .await?;
            all += gone;
            if gone < u64::from(BATCH_MAX) {
                return Ok(all);
            }
        }
    }

    /// Removes the link between ballots and devices in polls that closed before
    /// `before_ms`. Ballots of households stay as they are: the records of a poll of the
    /// roll are kept whole.
    async fn unlink_devices(
        &self,
        community: &str,
        before_ms: i64,
        dry_run: bool,
    ) -> Result<u64, Failure> {
        let Ok(id) = CommunityId::parse(community) else {
            return Ok(0);
        };
        let done = self.store.unlinked_polls(community).await?;
        let mut ballots = 0;
        for stored in self.topics(&id).await? {
            let poll = &stored.topic.poll;
            let due = poll.credential == Credential::Device
                && poll.secrecy == Secrecy::Recorded
                && poll.closes_at_ms < before_ms
                && !done.iter().any(|known| known == poll.id.as_str());
            if due && dry_run {
                ballots += self.store.counts(&stored, false).await?.turnout.cast;
            } else if due {
                ballots += self.store.unlink_poll(community, poll.id.as_str()).await?;
            }
        }
        Ok(ballots)
    }

    /// Seals every field anew that another key than the newest sealed. Answers how many.
    pub async fn reseal(&self) -> Result<u64, Failure> {
        let mut resealed = 0;
        for community in self.store.communities().await? {
            for column in SEALED {
                resealed += self.reseal_column(column, &community).await?;
            }
        }
        Ok(resealed)
    }

    /// Takes keys out of the file that no field needs any more. Answers how many.
    pub async fn drop_unused_keys(&self) -> Result<usize, Failure> {
        let mut used = BTreeSet::new();
        for community in self.store.communities().await? {
            for column in SEALED {
                self.each_sealed(column, &community, async |_, sealed| {
                    used.extend(sealed_by(&sealed));
                    Ok(())
                })
                .await?;
            }
        }
        let used: Vec<_> = used.into_iter().collect();
        self.field_keys()?
            .drop_unused(&used)
            .map_err(Failure::Fault)
    }

    async fn reseal_column(
        &self,
        column: &'static SealedColumn,
        community: &str,
    ) -> Result<u64, Failure> {
        let keys = self.field_keys()?;
        let mut resealed = 0;
        self.each_sealed(column, community, async |row, old| {
            let fault = |fault: crate::privacy::SealFault| Failure::Fault(fault.to_string());
            if keys.is_current(&old).map_err(fault)? {
                return Ok(());
            }
            let place = column.of(community, &row);
            let plain = keys.open(place, &old).map_err(fault)?;
            let new = keys.seal(place, &plain).map_err(fault)?;
            let changed = self.store.reseal(column, community, &row, old, new).await?;
            resealed += u64::from(changed);
            Ok(())
        })
        .await?;
        Ok(resealed)
    }

    async fn each_sealed(
        &self,
        column: &'static SealedColumn,
        community: &str,
        mut act: impl AsyncFnMut(String, Vec<u8>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut after = String::new();
        loop {
            let rows = self
                .store
                .sealed_rows(column, community, &after, BATCH_MAX)
                .await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after.clone_from(&last.row);
            for row in rows {
                act(row.row, row.sealed).await?;
            }
        }
    }
}
