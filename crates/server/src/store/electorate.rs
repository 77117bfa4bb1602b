//! Who may vote in a topic's poll, by place: it changes only when the topic's version
//! does, so every store keeps it under that instead of counting the roll each time.

use super::StoredTopic;
use linli_model::{PlaceId, PlaceRef, TopicId, Turnout};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The households of a topic's place and of what lies below it.
#[derive(Debug, Default)]
pub(super) struct Households {
    /// All of them.
    pub(super) eligible: u64,
    /// Those of each place directly below, with everything that is under it.
    pub(super) places: Vec<(PlaceRef, u64)>,
    /// Which of `places` each place below is under.
    pub(super) under: HashMap<String, usize>,
}

impl Households {
    /// Adds a place, in the order of `top`, the place directly below the topic's that it
    /// is under.
    pub(super) fn add(
        &mut self,
        place: String,
        top: Option<String>,
        top_name: Option<String>,
        households: u64,
    ) -> Result<(), String> {
        self.eligible += households;
        let Some(top) = top else {
            return Ok(());
        };
        if self
            .places
            .last()
            .is_none_or(|(last, _)| last.id.as_str() != top)
        {
            let id = PlaceId::parse(&top).map_err(|error| format!("{top}: {error}"))?;
            let name = top_name.unwrap_or_default();
            self.places.push((PlaceRef { id, name }, 0));
        }
        if let Some((_, eligible)) = self.places.last_mut() {
            *eligible += households;
        }
        self.under.insert(place, self.places.len() - 1);
        Ok(())
    }

    /// Turnout of each place, from the ballots of each place below.
    pub(super) fn turnout(
        &self,
        cast: impl IntoIterator<Item = (String, u64)>,
    ) -> Vec<(PlaceRef, Turnout)> {
        let mut sums = vec![0; self.places.len()];
        for (place, ballots) in cast {
            if let Some(top) = self.under.get(&place) {
                sums[*top] += ballots;
            }
        }
        let told = self.places.iter().zip(sums);
        told.map(|((place, eligible), cast)| {
            let turnout = Turnout {
                cast,
                eligible: Some(*eligible),
            };
            (place.clone(), turnout)
        })
        .collect()
    }
}

/// The last one of each topic.
#[derive(Default)]
pub(super) struct HouseholdsCache(Mutex<HashMap<TopicId, (i64, Arc<Households>)>>);

impl HouseholdsCache {
    pub(super) fn get(&self, stored: &StoredTopic) -> Option<Arc<Households>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (version, households) = known.get(&stored.topic.id)?;
        (*version == stored.version).then(|| Arc::clone(households))
    }

    pub(super) fn put(&self, stored: &StoredTopic, households: &Arc<Households>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = (stored.version, Arc::clone(households));
        known.insert(stored.topic.id.clone(), kept);
    }
}
