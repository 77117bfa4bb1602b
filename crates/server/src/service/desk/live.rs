//! What changes, told to desks that are open.
//!
//! A stream looks into the store after each act of this server and once a second, so
//! that what other servers do arrives as well. Ballots are not written down as changes:
//! open polls' counters are compared. Listening is not using: it keeps no session alive.

use super::{Answer, Desk};
use crate::seal;
use crate::service::Service;
use crate::store::StoredTopic;
use crate::store::staff::{Topics, Want};
use linli_model::desk::{DeskRefusal, LiveEvent, PollState, Subject};
use linli_model::{CommunityId, GrantToken, Refusal, TopicId};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

/// Streams that one server keeps open.
pub(in crate::service) const STREAMS_MAX: usize = 1_000;
/// How often the store is looked into without being told to.
const LOOK: Duration = Duration::from_secs(1);
/// Looks between two at the session, the polls and their counters.
const LOOKS_PER_SESSION: u32 = 2;
/// How often something is sent, so that nothing between takes the line for dead.
const BEAT: Duration = Duration::from_secs(15);
const BUSY_RETRY_MS: i64 = 5_000;

/// One line of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Something changed; the number is where to resume.
    Changed(Option<u64>, LiveEvent),
    /// Nothing did, for a while.
    Beat,
}

/// A stream of changes.
pub struct Live {
    service: Arc<Service>,
    community: CommunityId,
    token: GrantToken,
    last: u64,
    counters: HashMap<TopicId, u64>,
    hidden: HashSet<String>,
    waiting: VecDeque<News>,
    looks: u32,
    beat_at: Instant,
    changed: watch::Receiver<u64>,
    ending: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Service {
    /// Begins a stream after the change of that number, or from now on.
    pub async fn desk_live(
        self: &Arc<Self>,
        community: &CommunityId,
        token: &GrantToken,
        after: Option<u64>,
    ) -> Answer<Live> {
        let place = Arc::clone(&self.streams).try_acquire_owned();
        let place = place.map_err(|_| Refusal::Busy {
            retry_after_ms: BUSY_RETRY_MS,
        })?;
        let (changed, ending) = (self.desk_changed.subscribe(), self.ending.subscribe());
        // Before the session is looked at: nothing may fall between.
        let newest = self.store.desk_head(community).await?.event_number;
        let mut live = Live {
            service: Arc::clone(self),
            community: community.clone(),
            token: token.clone(),
            last: after.unwrap_or(newest),
            counters: HashMap::new(),
            hidden: HashSet::new(),
            waiting: VecDeque::from([News::Beat]),
            looks: 0,
            beat_at: Instant::now() + BEAT,
            changed,
            ending,
            _place: place,
        };
        live.refresh().await?;
        live.look().await?;
        Ok(live)
    }

    /// Ends every stream: the server stops.
    pub fn end_streams(&self) {
        self.ending.send_replace(true);
    }
}

impl Live {
    /// The next line; nothing when the session or the server ends.
    pub async fn next(&mut self) -> Option<News> {
        loop {
            if let Some(news) = self.waiting.pop_front() {
                self.beat_at = Instant::now() + BEAT;
                return Some(news);
            }
            let told = tokio::select! {
                told = self.changed.changed() => told.is_ok(),
                () = tokio::time::sleep(LOOK) => true,
                _ = self.ending.wait_for(|ending| *ending) => false,
            };
            if !told {
                return None;
            }
            self.looks += 1;
            let due = self.looks.is_multiple_of(LOOKS_PER_SESSION);
            let looked = match self.look().await {
                Ok(true) => self.refresh().await,
                Ok(false) if due => self.refresh().await,
                Ok(false) => Ok(()),
                Err(failure) => Err(failure),
            };
            // A client that is cut off comes again with the number where it was.
            if looked.is_err() {
                return None;
            }
            if self.waiting.is_empty() && Instant::now() >= self.beat_at {
                self.waiting.push_back(News::Beat);
            }
        }
    }

    /// Takes what was written down. True when there was something.
    async fn look(&mut self) -> Answer<bool> {
        let store = &self.service.store;
        let Some(events) = store.desk_events(&self.community, self.last).await? else {
            self.last = store.desk_head(&self.community).await?.event_number;
            let event = LiveEvent {
                subject: Subject::All,
                id: String::new(),
            };
            self.waiting
                .push_back(News::Changed(Some(self.last), event));
            return Ok(true);
        };
        let some = !events.is_empty();
        if events
            .iter()
            .any(|(_, event)| event.subject == Subject::Poll)
        {
            // Which of them this person may hear of.
            self.refresh().await?;
        }
        for (number, mut event) in events {
            self.last = number;
            if event.subject == Subject::Poll && self.hidden.contains(&event.id) {
                event.id.clear();
            }
            self.waiting.push_back(News::Changed(Some(number), event));
        }
        Ok(some)
    }

    /// Looks whether the session holds, which polls it sees, and at their counters.
    async fn refresh(&mut self) -> Answer<()> {
        let want = Want {
            topics: Topics::All,
            ..Want::default()
        };
        let store = &self.service.store;
        let state = store.desk_state(&self.community, want).await??;
        let desk = Desk {
            state,
            token_hash: seal::session_hash(self.token.as_str()),
        };
        let (open, hidden) = sorted(&desk)?;
        self.hidden = hidden;
        let mut counters = HashMap::with_capacity(open.len());
        for stored in open {
            let id = stored.topic.id.clone();
            let now = store.generation(&stored).await?;
            if self.counters.get(&id).is_some_and(|before| *before != now) {
                let event = LiveEvent {
                    subject: Subject::Turnout,
                    id: id.to_string(),
                };
                self.waiting.push_back(News::Changed(None, event));
            }
            counters.insert(id, now);
        }
        self.counters = counters;
        Ok(())
    }
}

/// Open polls that the session sees, and names of topics that it does not.
fn sorted(desk: &Desk) -> Result<(Vec<Arc<StoredTopic>>, HashSet<String>), DeskRefusal> {
    let now_ms = desk.state.now_ms;
    let seen = desk.seen()?;
    let names: HashSet<&TopicId> = seen.iter().map(|found| &found.topic().id).collect();
    let published = desk.state.topics.iter().map(|stored| &stored.topic.id);
    let drafts = desk.state.drafts.iter().map(|draft| &draft.id);
    let hidden = published.chain(drafts).filter(|id| !names.contains(id));
    let hidden = hidden.map(TopicId::to_string).collect();
    let is_open = |stored: &&Arc<StoredTopic>| {
        let found = seen
            .iter()
            .find(|found| found.topic().id == stored.topic.id);
        found.is_some_and(|found| found.state(now_ms) == PollState::Open)
    };
    let open = desk.state.topics.iter().filter(is_open);
    Ok((open.map(Arc::clone).collect(), hidden))
}
