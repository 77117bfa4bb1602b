//! What was gathered and made before, until a response changes it.

use super::gather::{Gathered, Seen};
use linli_model::TopicId;
use linli_model::report::{IndexReport, PairedChange, SurveyReport};
use linli_rules::statistics::estimate::Estimate;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Rounds that are remembered; then all are forgotten.
const ROUNDS_MAX: usize = 64;
/// Reports that are remembered, one in each language.
const REPORTS_MAX: usize = 128;

/// What a report was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) gathered: Seen,
    pub(super) before: Option<Seen>,
}

/// A report that was made.
pub(in crate::service) struct Built {
    pub(super) report: SurveyReport,
    pub(super) index: Option<IndexReport>,
    /// Satisfaction, for the next round.
    pub(super) estimate: Option<Estimate>,
    pub(super) gathered: Arc<Gathered>,
}

/// Round, language, whether it is compared with the one before.
type BuiltKey = (TopicId, String, bool);
type PairKey = (TopicId, Seen, TopicId, Seen, String);

/// What is remembered.
#[derive(Default)]
pub(in crate::service) struct Reports {
    gathered: Mutex<HashMap<TopicId, Arc<Gathered>>>,
    built: Mutex<HashMap<BuiltKey, (Mark, Arc<Built>)>>,
    paired: Mutex<HashMap<PairKey, Arc<Vec<PairedChange>>>>,
    turns: Mutex<HashMap<TopicId, Arc<tokio::sync::Mutex<()>>>>,
}

impl Reports {
    pub(super) fn gathered(&self, topic: &TopicId) -> Option<Arc<Gathered>> {
        get(&self.gathered, topic)
    }

    pub(super) fn keep_gathered(&self, gathered: Arc<Gathered>) {
        put(
            &self.gathered,
            ROUNDS_MAX,
            gathered.topic.id.clone(),
            gathered,
        );
    }

    pub(super) fn built(&self, key: &BuiltKey, mark: &Mark) -> Option<Arc<Built>> {
        let (known, built) = get(&self.built, key)?;
        (known == *mark).then_some(built)
    }

    pub(super) fn keep(&self, key: BuiltKey, mark: Mark, built: Arc<Built>) {
        put(&self.built, REPORTS_MAX, key, (mark, built));
    }

    pub(super) fn paired(&self, key: &PairKey) -> Option<Arc<Vec<PairedChange>>> {
        get(&self.paired, key)
    }

    pub(super) fn keep_paired(&self, key: PairKey, paired: Arc<Vec<PairedChange>>) {
        put(&self.paired, ROUNDS_MAX, key, paired);
    }

    /// Whoever gathers a round holds its turn.
    pub(super) fn turn(&self, topic: &TopicId) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() >= ROUNDS_MAX && !turns.contains_key(topic) {
            // Those that nobody holds.
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        Arc::clone(turns.entry(topic.clone()).or_default())
    }
}

fn get<K: Eq + Hash, V: Clone>(map: &Mutex<HashMap<K, V>>, key: &K) -> Option<V> {
    let map = map.lock().unwrap_or_else(PoisonError::into_inner);
    map.get(key).cloned()
}

fn put<K: Eq + Hash, V>(map: &Mutex<HashMap<K, V>>, most: usize, key: K, value: V) {
    let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
    if map.len() >= most && !map.contains_key(&key) {
        map.clear();
    }
    map.insert(key, value);
}
