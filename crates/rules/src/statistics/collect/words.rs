//! Words that people wrote, as many as a person reads. Which ones are kept follows from
//! the words alone, and they are told in their own order, so that neither says who wrote
//! when.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Texts of one item that are kept.
pub const WORDS_MAX: usize = 500;
/// Characters of a text that are kept.
const WORDS_CHARS_MAX: usize = 1_000;

/// Texts by item.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    of_item: Vec<Kept>,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    written: u64,
    /// By hash, the least are kept.
    texts: BTreeMap<(u64, u64), String>,
}

impl Texts {
    pub(super) fn new(items: usize) -> Self {
        Self {
            of_item: vec![Kept::default(); items],
        }
    }

    pub(super) fn add(&mut self, item: usize, text: &str) {
        let text = text.trim();
        let Some(kept) = self.of_item.get_mut(item).filter(|_| !text.is_empty()) else {
            return;
        };
        kept.written += 1;
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let key = (hasher.finish(), kept.written);
        let is_full = kept.texts.len() >= WORDS_MAX;
        if is_full
            && kept
                .texts
                .last_key_value()
                .is_some_and(|(last, _)| *last < key)
        {
            return;
        }
        let cut = text.chars().take(WORDS_CHARS_MAX).collect();
        kept.texts.insert(key, cut);
        if is_full {
            kept.texts.pop_last();
        }
    }

    /// How many wrote something there.
    pub fn written(&self, item: usize) -> u64 {
        self.of_item.get(item).map_or(0, |kept| kept.written)
    }

    /// Some of what they wrote, in the order of the words.
    pub fn of(&self, item: usize) -> Vec<String> {
        let kept = self.of_item.get(item).into_iter();
        let mut texts: Vec<String> = kept.flat_map(|kept| kept.texts.values().cloned()).collect();
        texts.sort_unstable();
        texts
    }
}
