//! A topic as residents see it: phase, turnout, and counts where they may be seen.

use super::Service;
use super::lately::COUNTING_SHARE;
use crate::store::{Counts, Failure, Store, StoredTopic};
use linli_model::desk::Notice;
use linli_model::{
    Phase, PlaceRef, PlaceTurnout, Refusal, ResultsVisibility, RuleMethod, TopicId, TopicView,
    Turnout, Verdict,
};
use linli_rules::tally::decision;
use linli_rules::{phase, tally};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Fewest eligible households of which a place's turnout is told.
const PLACE_ELIGIBLE_MIN: u64 = 10;
/// From so many ballots on a poll is large: while it is open, it is counted again after
/// [`COUNTING_SHARE`]. Smaller ones are always counted afresh.
const LARGE_POLL_BALLOTS: u64 = 10_000;

/// A topic as residents receive it, with what is told beside it. Clients that do not
/// know the further fields read a [`TopicView`].
#[derive(Debug, Clone, Serialize)]
pub struct ToldTopic {
    /// The topic and where it stands.
    #[serde(flatten)]
    pub view: TopicView,
    /// What was changed after publishing, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

impl Service {
    /// A topic with what is told beside it.
    pub async fn told_topic(&self, id: &TopicId) -> Result<ToldTopic, Failure> {
        let stored = self.fresh(id).await?;
        Ok(ToldTopic {
            view: self.topic_view(&stored).await?,
            notices: stored.notices.clone(),
        })
    }

    /// A topic and where it stands now.
    pub async fn topic(&self, id: &TopicId) -> Result<TopicView, Failure> {
        let stored = self.fresh(id).await?;
        self.topic_view(&stored).await
    }

    /// Where a stored topic stands now.
    pub(super) async fn topic_view(&self, stored: &Arc<StoredTopic>) -> Result<TopicView, Failure> {
        let poll = &stored.topic.poll;
        let phase = phase::at(poll, self.clock.now_ms());
        let shown = match poll.results {
            ResultsVisibility::Live => phase != Phase::Upcoming,
            ResultsVisibility::AfterClosing => phase == Phase::Closed,
        };
        let counted = self.counted(stored, shown, phase == Phase::Closed).await?;
        let counts = &counted.counts;
        let result = shown.then(|| {
            let choices = counts
                .choices
                .iter()
                .map(|(choice, times)| (choice, *times));
            let is_final = phase == Phase::Closed;
            let mut result = tally::count(&poll.kind, choices, counts.turnout.eligible, is_final);
            result.places = told_places(counts);
            result.on_behalf = counts.on_behalf;
            if let Some(verdict) = &counted.verdict {
                decision::tell(&mut result, verdict);
            }
            result
        });
        Ok(TopicView {
            topic: stored.topic.clone(),
            phase,
            turnout: counts.turnout,
            result,
        })
    }

    /// What a poll with thresholds comes to, step by step, where its counts may be seen.
    pub async fn verdict(&self, id: &TopicId) -> Result<Verdict, Failure> {
        let shown = self.topic(id).await?.result.is_some();
        let known = self.counts.get(id).filter(|_| shown);
        let verdict = known.and_then(|known| known.counted.verdict.clone());
        Ok(verdict.ok_or(Refusal::NotFound)?)
    }

    /// Counts, of the last ballot unless the poll is open and large: then those of a
    /// moment ago, while at most one count is under way behind the answers. So no answer
    /// takes longer where a poll has more ballots. Counts by place answer as well who does
    /// not ask for places: residents and staff look at the same poll in turn.
    pub(super) async fn counted(
        &self,
        stored: &Arc<StoredTopic>,
        with_places: bool,
        is_final: bool,
    ) -> Result<Arc<Counted>, Failure> {
        let id = &stored.topic.id;
        let mark = Mark {
            generation: self.store.generation(stored).await?,
            version: stored.version,
            with_places,
        };
        let answers = |known: &Known| known.mark.answers(&mark);
        match self.counts.get(id) {
            Some(known) if answers(&known) => return Ok(known.counted),
            Some(known) if !is_final && known.is_large() && known.mark.covers(&mark) => {
                if known.is_due()
                    && let Ok(turn) = self.counts.turn(id).try_lock_owned()
                {
                    let with_places = known.mark.with_places;
                    self.count_behind(Arc::clone(stored), with_places, turn);
                }
                return Ok(known.counted);
            }
            _ => {}
        }
        // Those who ask at once wait for one count.
        let _turn = self.counts.turn(id).lock_owned().await;
        match self.counts.get(id) {
            Some(known) if answers(&known) => Ok(known.counted),
            _ => count(&*self.store, &self.counts, stored, with_places).await,
        }
    }

    fn count_behind(&self, stored: Arc<StoredTopic>, with_places: bool, turn: Turn) {
        let (store, cache) = (Arc::clone(&self.store), Arc::clone(&self.counts));
        tokio::spawn(async move {
            let counted = count(&*store, &cache, &stored, with_places).await;
            if let Err(error) = counted {
                tracing::warn!(?error, "a large poll was not counted");
            }
            drop(turn);
        });
    }
}

async fn count(
    store: &dyn Store,
    cache: &CountsCache,
    stored: &StoredTopic,
    with_places: bool,
) -> Result<Arc<Counted>, Failure> {
    let started = Instant::now();
    // Read before counting: a ballot that comes in between makes this look older than
    // it is, never newer.
    let mark = Mark {
        generation: store.generation(stored).await?,
        version: stored.version,
        with_places,
    };
    let counts = store.counts(stored, with_places).await?;
    let verdict = verdict(store, stored, &counts).await?;
    let counted = Arc::new(Counted { counts, verdict });
    let known = Known {
        mark,
        counted: Arc::clone(&counted),
        counted_at: Instant::now(),
        took: started.elapsed(),
    };
    cache.put(&stored.topic.id, known);
    Ok(counted)
}

/// What the poll's rule makes of its counts. A roll that the rule cannot count (nobody on
/// it, no area on any unit) leaves the poll without a verdict; the log says why.
async fn verdict(
    store: &dyn Store,
    stored: &StoredTopic,
    counts: &Counts,
) -> Result<Option<Verdict>, Failure> {
    let poll = &stored.topic.poll;
    let method = poll.rule.as_ref().and_then(|rule| rule.method.as_ref());
    let counted = match method {
        None => return Ok(None),
        Some(RuleMethod::MajorityWithQuorum { .. }) => {
            let choices = counts.choices.iter();
            let choices = choices.map(|(choice, times)| (choice, *times));
            let result = tally::count(&poll.kind, choices, counts.turnout.eligible, true);
            decision::majority(poll, &result)
        }
        Some(RuleMethod::OwnersCivilCode278 { .. }) => {
            let material = store.owners_material(stored).await?;
            decision::owners(poll, material.units, material.ballots)
        }
    };
    Ok(counted.and_then(|counted| {
        let told = |faults| {
            let topic = &stored.topic.id;
            tracing::warn!(%topic, ?faults, "the rule cannot count this poll");
        };
        counted.map_err(told).ok()
    }))
}

/// Places large enough to stay anonymous. What is left out must not follow from the
/// total: if it is small too, the smallest place told is left out with it.
pub(super) fn told_places(counts: &Counts) -> Vec<PlaceTurnout> {
    let eligible = |turnout: &Turnout| turnout.eligible.unwrap_or(0);
    let mut told: Vec<(PlaceRef, Turnout)> = counts.places.clone();
    told.retain(|(_, turnout)| eligible(turnout) >= PLACE_ELIGIBLE_MIN);
    let total = counts.turnout.eligible.unwrap_or(0);
    let sum: u64 = told.iter().map(|(_, turnout)| eligible(turnout)).sum();
    let hidden = total.saturating_sub(sum);
    if (1..PLACE_ELIGIBLE_MIN).contains(&hidden)
        && let Some(smallest) = (0..told.len()).min_by_key(|index| eligible(&told[*index].1))
    {
        told.remove(smallest);
    }
    told.into_iter()
        .map(|(place, turnout)| PlaceTurnout { place, turnout })
        .collect()
}

/// What counts are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    generation: u64,
    version: i64,
    with_places: bool,
}

impl Mark {
    /// Whether it is of the same topic, with all that is asked for.
    fn covers(&self, asked: &Self) -> bool {
        self.version == asked.version && self.with_places >= asked.with_places
    }

    /// Whether what was counted then is what is asked for now.
    fn answers(&self, asked: &Self) -> bool {
        self.covers(asked) && self.generation >= asked.generation
    }
}

/// The last counts of each topic, and whose turn it is to count.
#[derive(Default)]
pub(super) struct CountsCache {
    known: Mutex<HashMap<TopicId, Known>>,
    turns: Mutex<HashMap<TopicId, Arc<tokio::sync::Mutex<()>>>>,
}

/// Held by the one that counts.
type Turn = tokio::sync::OwnedMutexGuard<()>;

/// Counts, and what the poll's rule makes of them.
pub(super) struct Counted {
    pub(super) counts: Counts,
    verdict: Option<Verdict>,
}

#[derive(Clone)]
struct Known {
    mark: Mark,
    counted: Arc<Counted>,
    counted_at: Instant,
    took: Duration,
}

impl Known {
    fn is_large(&self) -> bool {
        self.counted.counts.turnout.cast >= LARGE_POLL_BALLOTS
    }

    fn is_due(&self) -> bool {
        self.counted_at.elapsed() >= self.took * COUNTING_SHARE
    }
}

impl CountsCache {
    fn get(&self, id: &TopicId) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).cloned()
    }

    fn put(&self, id: &TopicId, counted: Known) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(id.clone(), counted);
    }

    fn turn(&self, id: &TopicId) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(id.clone()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linli_model::PlaceId;

    fn counts(eligible: &[u64], elsewhere: u64) -> Counts {
        let place = |(index, eligible): (usize, &u64)| {
            let id = PlaceId::parse(&format!("p{index}")).unwrap();
            let turnout = Turnout {
                cast: 1,
                eligible: Some(*eligible),
            };
            (
                PlaceRef {
                    id,
                    name: String::new(),
                },
                turnout,
            )
        };
        let total = eligible.iter().sum::<u64>() + elsewhere;
        Counts {
            choices: Vec::new(),
            turnout: Turnout {
                cast: 3,
                eligible: Some(total),
            },
            places: eligible.iter().enumerate().map(place).collect(),
            on_behalf: 0,
        }
    }

    #[test]
    fn counts_by_place_answer_who_does_not_ask_for_places() {
        let mark = |generation, version, with_places| Mark {
            generation,
            version,
            with_places,
        };
        let known = mark(7, 1, true);
        assert!(known.answers(&mark(7, 1, true)));
        assert!(known.answers(&mark(6, 1, false)));
        assert!(!known.answers(&mark(8, 1, false)), "a ballot came in");
        assert!(!known.answers(&mark(7, 2, false)), "another topic now");
        assert!(!mark(7, 1, false).answers(&mark(7, 1, true)));
    }

    #[test]
    fn small_places_are_neither_told_nor_deducible() {
        let cases: [(&[u64], u64, &[&str], &str); 5] = [
            (&[80, 80, 80], 0, &["p0", "p1", "p2"], "all large"),
            (
                &[80, 9, 40],
                0,
                &["p0"],
                "one small one would follow from the total",
            ),
            (
                &[80, 9, 5, 40],
                0,
                &["p0", "p3"],
                "two small ones hide each other",
            ),
            (
                &[80, 40],
                3,
                &["p0"],
                "a few households outside every place",
            ),
            (&[9], 0, &[], "only small"),
        ];
        for (eligible, elsewhere, expected, reason) in cases {
            let told = told_places(&counts(eligible, elsewhere));
            let ids: Vec<&str> = told.iter().map(|p| p.place.id.as_str()).collect();
            assert_eq!(ids, expected, "{reason}");
        }
    }
}
