//! Polls as staff see them: cards, and one in full.

use super::{Answer, Desk};
use crate::service::Service;
use crate::service::lately::LARGE_ROLL;
use crate::service::results::told_places;
use crate::store::staff::{Topics, Want};
use crate::store::{Counts, StoredTopic, desk};
use linli_model::desk::{DeskRefusal, Permission, PollCard, PollState, PollView};
use linli_model::{CommunityId, GrantToken, Phase, PlaceId, Poll, Topic, TopicId, Turnout, UtcMs};
use linli_rules::phase;
use std::sync::Arc;

/// What decides who could vote in the poll of a draft: it has no ballots.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::service) struct DraftVoters {
    community: CommunityId,
    place: PlaceId,
    electorate: &'static str,
    with_places: bool,
}

/// A topic, published or not.
pub(super) enum Found {
    Published(Arc<StoredTopic>),
    Draft(Box<StoredTopic>),
}

impl Found {
    pub(super) fn topic(&self) -> &Topic {
        match self {
            Self::Published(stored) => &stored.topic,
            Self::Draft(stored) => &stored.topic,
        }
    }

    pub(super) fn state(&self, now_ms: UtcMs) -> PollState {
        match self {
            Self::Published(stored) => state(&stored.topic.poll, now_ms),
            Self::Draft(_) => PollState::Draft,
        }
    }
}

fn state(poll: &Poll, now_ms: UtcMs) -> PollState {
    match phase::at(poll, now_ms) {
        Phase::Upcoming => PollState::Upcoming,
        Phase::Open => PollState::Open,
        Phase::Closed => PollState::Closed,
    }
}

impl Desk {
    /// Every loaded topic that this person may see.
    pub(super) fn seen(&self) -> Result<Vec<Found>, DeskRefusal> {
        let (state, me) = (&self.state, self.me()?);
        let drafts = state.drafts.iter().filter(|draft| {
            // What was imported under its name stands in its place.
            !state
                .topics
                .iter()
                .any(|stored| stored.topic.id == draft.id)
        });
        let drafts = drafts.filter_map(|draft| {
            let stored = StoredTopic {
                topic: state.topic_of(draft)?,
                origins: Vec::new(),
                notices: Vec::new(),
                version: 0,
            };
            Some(Found::Draft(Box::new(stored)))
        });
        let published = state.topics.iter();
        let published = published.map(|stored| Found::Published(Arc::clone(stored)));
        Ok(published
            .chain(drafts)
            .filter(|found| {
                let place = &found.topic().place.id;
                state.may(&me.posts, Permission::See, Some(place))
            })
            .collect())
    }
}

impl Service {
    /// Every poll that this person may see, the latest closing first.
    pub async fn desk_polls(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        only: Option<PollState>,
    ) -> Answer<Vec<PollCard>> {
        let want = Want {
            topics: Topics::All,
            ..Want::default()
        };
        let desk = self.desk(community, token, want).await?;
        let mut cards = self
            .cards(&desk, |state| only.is_none_or(|only| only == state))
            .await?;
        cards.sort_by(|a, b| (b.closes_at_ms, &a.topic).cmp(&(a.closes_at_ms, &b.topic)));
        Ok(cards)
    }

    /// Cards of what is wanted by its state.
    pub(super) async fn cards(
        &self,
        desk: &Desk,
        wanted: impl Fn(PollState) -> bool,
    ) -> Answer<Vec<PollCard>> {
        let now_ms = desk.state.now_ms;
        let mut cards = Vec::new();
        for found in desk.seen()? {
            let state = found.state(now_ms);
            if !wanted(state) {
                continue;
            }
            let turnout = self.turnout(&found, now_ms).await?;
            let topic = found.topic();
            cards.push(PollCard {
                topic: topic.id.clone(),
                title: topic.title.clone(),
                place: topic.place.clone(),
                state,
                nature: topic.poll.nature,
                electorate: topic.poll.electorate,
                opens_at_ms: topic.poll.opens_at_ms,
                closes_at_ms: topic.poll.closes_at_ms,
                turnout,
            });
        }
        Ok(cards)
    }

    async fn turnout(&self, found: &Found, now_ms: UtcMs) -> Answer<Turnout> {
        Ok(match found {
            Found::Published(stored) => {
                let is_closed = found.state(now_ms) == PollState::Closed;
                let counted = self.counted(stored, false, is_closed).await?;
                counted.counts.turnout
            }
            Found::Draft(stored) => self.draft_counts(stored, false).await?.turnout,
        })
    }

    /// Who could vote in the poll of a draft: by a large roll, as it was a moment ago.
    async fn draft_counts(&self, draft: &StoredTopic, with_places: bool) -> Answer<Arc<Counts>> {
        let key = DraftVoters {
            community: draft.topic.community.id.clone(),
            place: draft.topic.place.id.clone(),
            electorate: draft.topic.poll.electorate.as_str(),
            with_places,
        };
        let is_large = |counts: &Counts| counts.turnout.eligible >= Some(LARGE_ROLL);
        let (store, draft) = (Arc::clone(&self.store), draft.clone());
        let count = async move { store.counts(&draft, with_places).await };
        Ok(self.draft_voters.get(key, is_large, count).await?)
    }

    /// One poll in full.
    pub async fn desk_poll(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        topic: &TopicId,
    ) -> Answer<PollView> {
        let want = Want {
            topics: Topics::One(topic.clone()),
            ..Want::default()
        };
        let desk = self.desk(community, token, want).await?;
        let me = desk.me()?;
        let found = desk.seen()?.into_iter().next();
        let found = found.ok_or(DeskRefusal::Unknown)?;
        let counted;
        let fresh;
        let counts = match &found {
            Found::Published(stored) => {
                let is_closed = found.state(desk.state.now_ms) == PollState::Closed;
                counted = self.counted(stored, true, is_closed).await?;
                &counted.counts
            }
            Found::Draft(stored) => {
                fresh = self.draft_counts(stored, true).await?;
                &fresh
            }
        };
        let places = told_places(counts);
        let hidden = counts.places.len() - places.len();
        // Staff see counts no earlier than residents, so they are asked for in the same way.
        let (result, notices) = match &found {
            Found::Published(stored) => {
                let view = self.topic_view(stored).await?;
                (view.result, stored.notices.clone())
            }
            Found::Draft(_) => (None, Vec::new()),
        };
        let waiting = desk.state.approvals.iter().filter(|approval| {
            desk::topic_of(&approval.command) == Some(topic) && {
                let now = approval.state_at(desk.state.now_ms);
                now == linli_model::desk::ApprovalState::Waiting
            }
        });
        let waiting = waiting.map(|approval| desk::shown_approval(&desk.state, me, approval));
        Ok(PollView {
            state: found.state(desk.state.now_ms),
            turnout: counts.turnout,
            places,
            places_hidden: u32::try_from(hidden).unwrap_or(u32::MAX),
            notices,
            result,
            waiting: waiting.collect(),
            topic: found.topic().clone(),
        })
    }
}
