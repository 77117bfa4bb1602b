//! Parsed topics, kept under their version.

use crate::store::StoredTopic;
use linli_model::TopicId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Default)]
pub(super) struct TopicCache(Mutex<HashMap<TopicId, Arc<StoredTopic>>>);

impl TopicCache {
    pub(super) fn get(&self, id: &TopicId, version: i64) -> Option<Arc<StoredTopic>> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = map.get(id)?;
        (known.version == version).then(|| Arc::clone(known))
    }

    /// As it was last seen, whether or not that still holds.
    pub(super) fn last(&self, id: &TopicId) -> Option<Arc<StoredTopic>> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(id).map(Arc::clone)
    }

    pub(super) fn put(&self, id: &TopicId, parsed: &Arc<StoredTopic>) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(id.clone(), Arc::clone(parsed));
    }
}
