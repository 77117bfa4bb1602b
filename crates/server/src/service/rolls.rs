//! Rolls and places for the desk: a file becomes a preview, a preview the next version.

mod contacts;

use super::Service;
use crate::roll::{self, Facts, ParsedRoll, PlaceTree, Standing};
use crate::seal;
use crate::store::{AdoptRoll, EntriesQuery, Failure, RollDraft, Told};
use linli_model::desk::roll::{
    DRAFT_MS, LABEL_CHARS_MAX, OwnersMaterial, PAGE_ENTRIES_MAX, PREVIEW_ROWS_MAX, PlaceNode,
    RollEntry, RollKind, RollPage, RollPreview, RollProof, RollRefusal, RollVersion,
};
use linli_model::{CommunityId, TopicId};
use std::collections::HashMap;

impl Service {
    /// Reads a file as a roll, compares it with the roll of now and keeps it for a day.
    /// Nothing on the roll changes.
    pub async fn preview_roll(
        &self,
        community: &CommunityId,
        kind: RollKind,
        bytes: Vec<u8>,
        file_name: &str,
    ) -> Result<Told<RollPreview>, Failure> {
        let closed = |_| Failure::Fault("the service is closed".to_owned());
        let _one_at_a_time = self.reading.acquire().await.map_err(closed)?;
        let places = match self.store.places(community.as_str()).await? {
            Ok(places) => places,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let today = self.today(&places.time_zone)?;
        let tree = PlaceTree::new(&places.places);
        let read = tokio::task::spawn_blocking(move || {
            let places = &tree;
            let facts = Facts {
                kind,
                places,
                today,
            };
            roll::read(&bytes, &facts)
        });
        let parsed = match read
            .await
            .map_err(|error| Failure::Fault(error.to_string()))?
        {
            Ok(parsed) => parsed,
            Err(fault) => return Ok(Err(RollRefusal::File { fault })),
        };
        let found = self.store.roll_standing(community.as_str(), kind).await?;
        let (base_version, standing) = match found {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let head = Head {
            draft: seal::hex(&seal::chance::<16>()),
            expires_at_ms: self.clock.now_ms().saturating_add(DRAFT_MS),
            community: community.clone(),
            kind,
            file_name: bare_name(file_name),
            base_version,
        };
        let key = self.identity_keys().contact;
        let compared = tokio::task::spawn_blocking(move || head.preview(parsed, &standing, &key));
        let draft = compared
            .await
            .map_err(|error| Failure::Fault(error.to_string()))?;
        let preview = draft.preview.clone();
        let saved = self.store.save_roll_draft(draft).await?;
        Ok(saved.map(|()| preview))
    }

    /// A preview that waits to be adopted.
    pub async fn roll_preview(
        &self,
        community: &CommunityId,
        draft: &str,
    ) -> Result<Told<RollPreview>, Failure> {
        if !is_draft(draft) {
            return Ok(Err(RollRefusal::DraftUnknown));
        }
        let now_ms = self.clock.now_ms();
        self.store
            .roll_draft(community.as_str(), draft, now_ms)
            .await
    }

    /// Makes a preview the roll's next version.
    pub async fn adopt_roll(&self, mut adopt: AdoptRoll) -> Result<Told<RollVersion>, Failure> {
        if !is_draft(&adopt.draft) {
            return Ok(Err(RollRefusal::DraftUnknown));
        }
        adopt.by = bare_name(&adopt.by);
        let adopted = self.store.adopt_roll(adopt).await?;
        self.forget_recent();
        Ok(adopted)
    }

    /// The current version of every roll.
    pub async fn rolls(&self, community: &CommunityId) -> Result<Told<Vec<RollVersion>>, Failure> {
        self.store.rolls(community.as_str()).await
    }

    /// Every version of a roll, the latest first.
    pub async fn roll_versions(
        &self,
        community: &CommunityId,
        kind: RollKind,
    ) -> Result<Told<Vec<RollVersion>>, Failure> {
        self.store.roll_versions(community.as_str(), kind).await
    }

    /// A page of a roll as it is now, at most [`PAGE_ENTRIES_MAX`] entries.
    pub async fn roll_entries(&self, mut query: EntriesQuery) -> Result<Told<RollPage>, Failure> {
        query.limit = query.limit.clamp(1, PAGE_ENTRIES_MAX);
        // What PostgreSQL takes for no text is in no label.
        let search = query.search.trim().chars().filter(|c| !c.is_control());
        query.search = search.take(LABEL_CHARS_MAX).collect();
        self.store.roll_entries(query).await
    }

    /// What a version's commitment was made of.
    pub async fn roll_proof(
        &self,
        community: &CommunityId,
        kind: RollKind,
        version: Option<u32>,
    ) -> Result<Told<RollProof>, Failure> {
        self.store
            .roll_proof(community.as_str(), kind, version)
            .await
    }

    /// The community's places.
    pub async fn places(&self, community: &CommunityId) -> Result<Told<Vec<PlaceNode>>, Failure> {
        let found = self.store.places(community.as_str()).await?;
        Ok(found.map(|found| found.places))
    }

    /// Sets the tree of places. A place that something belongs to cannot be left out.
    pub async fn set_places(
        &self,
        community: &CommunityId,
        places: Vec<PlaceNode>,
    ) -> Result<Told<()>, Failure> {
        if let Err(refusal) = roll::check_tree(&places) {
            return Ok(Err(refusal));
        }
        let set = self.store.set_places(community.as_str(), places).await?;
        self.forget_recent();
        Ok(set)
    }

    /// What an owners' count by area is made of, for a recorded motion of owners. For
    /// staff: it names owners.
    pub async fn owners_count(&self, topic: &TopicId) -> Result<OwnersMaterial, Failure> {
        let stored = self.fresh(topic).await?;
        self.store.owners_material(&stored).await
    }

    /// The day that it is in the community.
    fn today(&self, time_zone: &str) -> Result<jiff::civil::Date, Failure> {
        let told = |error: jiff::Error| Failure::Fault(format!("today: {error}"));
        let now = jiff::Timestamp::from_millisecond(self.clock.now_ms()).map_err(told)?;
        Ok(now.in_tz(time_zone).map_err(told)?.date())
    }
}

/// What a preview is known by.
struct Head {
    draft: String,
    expires_at_ms: i64,
    community: CommunityId,
    kind: RollKind,
    file_name: String,
    base_version: u32,
}

impl Head {
    fn preview(self, parsed: ParsedRoll, standing: &[Standing], key: &[u8; 32]) -> RollDraft {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let plan = roll::plan(self.kind, standing, &parsed.entries, |_| None);
        let ParsedRoll {
            encoding,
            sheet,
            hidden_rows,
            columns_ignored,
            rows,
            entries,
            contacts,
            errors,
            errors_total,
        } = parsed;
        let figures = contacts.as_ref();
        let figures = figures.map(|contacts| contacts::figures(contacts, &plan.voters_of));
        let contacts = contacts.map(|read| contacts::hashed(&read, key, self.community.as_str()));
        let without_area = entries.iter().filter(|e| lacks_area(self.kind, e)).count();
        let preview = RollPreview {
            draft: self.draft,
            expires_at_ms: self.expires_at_ms,
            community: self.community,
            kind: self.kind,
            file_name: self.file_name,
            encoding: encoding.to_owned(),
            sheet,
            hidden_rows,
            columns_ignored,
            rows,
            entries: count(entries.len()),
            voters: plan.voters,
            owners_of_several: owners_of_several(&entries),
            without_area: count(without_area),
            errors_total,
            errors,
            first: entries.iter().take(PREVIEW_ROWS_MAX).cloned().collect(),
            base_version: self.base_version,
            diff: plan.diff,
            contacts: figures,
        };
        RollDraft {
            preview,
            entries,
            contacts,
        }
    }
}

fn owners_of_several(entries: &[RollEntry]) -> u32 {
    let mut units: HashMap<&str, u32> = HashMap::new();
    for entry in entries.iter().filter(|entry| !entry.owner.is_empty()) {
        *units.entry(&entry.owner).or_default() += 1;
    }
    let several = units.values().filter(|count| **count > 1).count();
    u32::try_from(several).unwrap_or(u32::MAX)
}

fn lacks_area(kind: RollKind, entry: &RollEntry) -> bool {
    let areas = [
        entry.registered_csqm,
        entry.surveyed_csqm,
        entry.contract_csqm,
    ];
    match kind {
        RollKind::Households | RollKind::Owners => areas.iter().all(Option::is_none),
        RollKind::Persons | RollKind::Tenants | RollKind::Members => false,
    }
}

/// Names of drafts are chance; what is none cannot be known.
fn is_draft(name: &str) -> bool {
    seal::unhex::<16>(name).is_some()
}

/// The name without its folders.
fn bare_name(name: &str) -> String {
    let bare = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown = bare.chars().filter(|c| !c.is_control());
    shown.take(LABEL_CHARS_MAX).collect()
}
