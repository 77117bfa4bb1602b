//! A topic as residents see it: phase, turnout, and counts where they may be seen.

use super::Service;
use crate::store::{Counts, Failure, StoredTopic};
use linli_model::{Phase, PlaceRef, PlaceTurnout, ResultsVisibility, TopicId, TopicView, Turnout};
use linli_rules::{phase, tally};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Fewest eligible households of which a place's turnout is told.
const PLACE_ELIGIBLE_MIN: u64 = 10;
/// While a large poll is open, counting takes at most one part in this many of the time.
const COUNTING_SHARE: u32 = 20;
/// From so many ballots on a poll is large. Smaller ones are always counted afresh.
const LARGE_POLL_BALLOTS: u64 = 10_000;

impl Service {
    /// A topic and where it stands now.
    pub async fn topic(&self, id: &TopicId) -> Result<TopicView, Failure> {
        let stored = self.fresh(id).await?;
        let poll = &stored.topic.poll;
        let phase = phase::at(poll, self.clock.now_ms());
        let shown = match poll.results {
            ResultsVisibility::Live => phase != Phase::Upcoming,
            ResultsVisibility::AfterClosing => phase == Phase::Closed,
        };
        let counts = self.counted(&stored, shown, phase == Phase::Closed).await?;
        let result = shown.then(|| {
            let choices = counts
                .choices
                .iter()
                .map(|(choice, times)| (choice, *times));
            let is_final = phase == Phase::Closed;
            let mut result = tally::count(&poll.kind, choices, counts.turnout.eligible, is_final);
            result.places = told_places(&counts);
            result.on_behalf = counts.on_behalf;
            result
        });
        Ok(TopicView {
            topic: stored.topic.clone(),
            phase,
            turnout: counts.turnout,
            result,
        })
    }

    /// Counts, fresh unless the poll is large and was counted a moment ago. After closing
    /// they are always of the last ballot.
    async fn counted(
        &self,
        stored: &StoredTopic,
        with_places: bool,
        is_final: bool,
    ) -> Result<Arc<Counts>, Failure> {
        let id = &stored.topic.id;
        // Read before counting: a ballot that comes in between makes this look older
        // than it is, never newer.
        let generation = self.store.generation(stored).await?;
        let mark = Mark {
            generation,
            version: stored.version,
            with_places,
        };
        if let Some(known) = self.counts.get(id, &mark, is_final) {
            return Ok(known);
        }
        let started = Instant::now();
        let counts = Arc::new(self.store.counts(stored, with_places).await?);
        self.counts.put(id, mark, Arc::clone(&counts), started);
        Ok(counts)
    }
}

/// Places large enough to stay anonymous. What is left out must not follow from the
/// total: if it is small too, the smallest place told is left out with it.
fn told_places(counts: &Counts) -> Vec<PlaceTurnout> {
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

#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    generation: u64,
    version: i64,
    with_places: bool,
}

/// The last counts of each topic.
#[derive(Default)]
pub(super) struct CountsCache(Mutex<HashMap<TopicId, Cached>>);

struct Cached {
    mark: Mark,
    counts: Arc<Counts>,
    counted_at: Instant,
    took: Duration,
}

impl CountsCache {
    fn get(&self, id: &TopicId, mark: &Mark, is_final: bool) -> Option<Arc<Counts>> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = map.get(id)?;
        let resting = cached.counts.turnout.cast >= LARGE_POLL_BALLOTS
            && cached.counted_at.elapsed() < cached.took * COUNTING_SHARE;
        let same_question =
            cached.mark.version == mark.version && cached.mark.with_places == mark.with_places;
        let good = cached.mark == *mark || (!is_final && same_question && resting);
        good.then(|| Arc::clone(&cached.counts))
    }

    fn put(&self, id: &TopicId, mark: Mark, counts: Arc<Counts>, started: Instant) {
        let cached = Cached {
            mark,
            counts,
            counted_at: Instant::now(),
            took: started.elapsed(),
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.clone(), cached);
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
