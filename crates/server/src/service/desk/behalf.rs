//! 代填 at the desk: whom staff may fill in for, and the note in the audit log, which
//! says for whom and never what.

use super::{Answer, Desk, DeskFailure};
use crate::service::behalf::require_fillable;
use crate::service::{Consent, Service, VoterName};
use crate::store::staff::{Act, Want};
use crate::store::{StoredTopic, VoterSearch};
use linli_model::desk::behalf::{VOTER_SEARCH_CHARS_MAX, VOTERS_FOUND_MAX};
use linli_model::desk::view::Fillable;
use linli_model::desk::{DeskRefusal, FillIn, FilledIn, Permission, VoterHit, VotersFound};
use linli_model::{CommunityId, GrantToken, IdempotencyKey, Phase, PlaceId, Refusal, TopicId};
use linli_rules::phase;
use serde_json::json;
use std::sync::Arc;

/// What the audit log calls it.
const FILLED_IN: &str = "filled_in";

impl Service {
    /// Households of a recorded poll's roll where this person may fill in, by words of
    /// their place and label.
    pub async fn desk_voters(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        topic: &TopicId,
        search: &str,
    ) -> Answer<VotersFound> {
        let (desk, stored) = self.fillable(community, token, topic).await?;
        let (state, me) = (&desk.state, desk.me()?);
        let concerned = state.below(Some(&stored.topic.place.id));
        let permitted = state.places_of(&me.posts, Permission::Behalf);
        let places: Vec<String> = permitted
            .intersection(&concerned)
            .map(|place| (*place).to_owned())
            .collect();
        if places.is_empty() {
            return Err(not_permitted());
        }
        let mut found = Vec::new();
        if let Some(pattern) = pattern(search) {
            let search = VoterSearch {
                places,
                pattern,
                // One more than is told: whether there are more.
                limit: VOTERS_FOUND_MAX as u32 + 1,
            };
            found = self.store.find_voters(&stored, search).await?;
        }
        let more = found.len() > VOTERS_FOUND_MAX;
        found.truncate(VOTERS_FOUND_MAX);
        let hits = found.into_iter().map(|row| VoterHit {
            label: row.label,
            place: row.place,
            voted: row.voted,
        });
        Ok(VotersFound {
            topic: stored.topic.clone(),
            voters: hits.collect(),
            more,
        })
    }

    /// Records what a household chose, on the word of the person whose session this is.
    /// True beside the answer: it had been recorded before.
    pub async fn desk_fill_in(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        topic: &TopicId,
        key: IdempotencyKey,
        body: FillIn,
    ) -> Answer<(FilledIn, bool)> {
        let (desk, stored) = self.fillable(community, token, topic).await?;
        let me = desk.me()?;
        if !desk.may_fill_in(&stored, &body.place)? {
            return Err(not_permitted());
        }
        let facts = json!({
            "place": body.place, "label": body.label, "manner": body.manner.as_str(),
        });
        let voter = VoterName {
            label: body.label,
            place: Some(body.place),
        };
        let consent = Consent {
            manner: body.manner,
            by: body.consenter,
            relation: body.relation,
            given_at_ms: body.consented_at_ms,
        };
        let recorded = self
            .cast_on_behalf(
                community,
                topic,
                voter,
                (key, body.choice),
                consent,
                &me.name,
            )
            .await
            .map_err(|failure| at_the_desk(failure.into()))?;
        let receipt = recorded.reply.receipt;
        self.note_filled_in(&desk, topic, facts, (&receipt.code, recorded.replayed))
            .await?;
        let told = FilledIn {
            code: receipt.code,
            revision: receipt.revision,
            recorded_at_ms: receipt.cast_at_ms,
        };
        Ok((told, recorded.replayed))
    }

    /// The session, and the published poll if it can be filled in for others.
    async fn fillable(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        topic: &TopicId,
    ) -> Answer<(Desk, Arc<StoredTopic>)> {
        let desk = self.desk(community, token, Want::default()).await?;
        let stored = self.fresh(topic).await;
        let stored = stored.map_err(|failure| at_the_desk(failure.into()))?;
        if stored.topic.community.id != *community {
            return Err(DeskRefusal::Unknown.into());
        }
        require_fillable(&stored).map_err(|refusal| at_the_desk(refusal.into()))?;
        Ok((desk, stored))
    }

    /// A ballot that is recorded has its note, also where the server stopped between the
    /// two and the desk sends the same again.
    async fn note_filled_in(
        &self,
        desk: &Desk,
        topic: &TopicId,
        mut facts: serde_json::Value,
        (code, replayed): (&str, bool),
    ) -> Answer<()> {
        let community = &desk.state.community.id;
        if replayed {
            let noted = self.store.audit_before(community, None, code, 1).await?;
            if !noted.is_empty() {
                return Ok(());
            }
        }
        facts["receipt"] = code.into();
        let note = Act::Note {
            token_hash: desk.token_hash,
            action: FILLED_IN.to_owned(),
            subject: topic.to_string(),
            detail: facts.to_string(),
        };
        self.act(community, note).await?;
        Ok(())
    }
}

impl Desk {
    /// Open polls that households of this person's places vote in, where the poll's own
    /// place is above them and so not theirs to see.
    pub(super) fn fillable(&self) -> Result<Vec<Fillable>, DeskRefusal> {
        let (state, me) = (&self.state, self.me()?);
        let permitted = state.places_of(&me.posts, Permission::Behalf);
        let fits = |stored: &&Arc<StoredTopic>| {
            let (topic, place) = (&stored.topic, &stored.topic.place.id);
            phase::at(&topic.poll, state.now_ms) == Phase::Open
                && require_fillable(stored).is_ok()
                && !state.may(&me.posts, Permission::See, Some(place))
                && !permitted.is_disjoint(&state.below(Some(place)))
        };
        let told = state.topics.iter().filter(fits).map(|stored| Fillable {
            topic: stored.topic.id.clone(),
            title: stored.topic.title.clone(),
            closes_at_ms: stored.topic.poll.closes_at_ms,
        });
        Ok(told.collect())
    }

    fn may_fill_in(&self, stored: &StoredTopic, place: &PlaceId) -> Result<bool, DeskRefusal> {
        let me = self.me()?;
        let concerned = self.state.below(Some(&stored.topic.place.id));
        let may = self.state.may(&me.posts, Permission::Behalf, Some(place));
        Ok(may && concerned.contains(place.as_str()))
    }
}

/// Words that stand in this order: `3 301` finds `3 栋 301 室` and not `1 栋 301 室`.
/// None where there is no word.
fn pattern(search: &str) -> Option<String> {
    let text: String = search.chars().take(VOTER_SEARCH_CHARS_MAX).collect();
    // No label holds a NUL, and PostgreSQL takes none.
    let text = text.replace('\0', "").to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return None;
    }
    let mut pattern = String::from("%");
    for word in words {
        for letter in word.chars() {
            if matches!(letter, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern.push('%');
    }
    Some(pattern)
}

fn not_permitted() -> DeskFailure {
    DeskRefusal::NotPermitted {
        needs: Permission::Behalf,
    }
    .into()
}

/// Staff are refused in words about the household, not about themselves.
fn at_the_desk(failure: DeskFailure) -> DeskFailure {
    let DeskFailure::Refused(DeskRefusal::Resident(refusal)) = &failure else {
        return failure;
    };
    match refusal {
        Refusal::AlreadyVoted => DeskRefusal::VotedThemselves.into(),
        Refusal::OnBehalfSecret => DeskRefusal::SecretNotFilledIn.into(),
        Refusal::NotFound | Refusal::TopicUnknown => DeskRefusal::Unknown.into(),
        _ => failure,
    }
}
