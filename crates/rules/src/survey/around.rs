//! What a session takes from the world around it.

use super::date::Clock;
use super::pattern::Patterns;
use std::fmt;
use std::sync::Arc;

/// Time, chance and regular expressions. A [`Clock`] alone will do: then nothing is
/// shuffled, and patterns count as accepted where triggers wait for a right answer.
#[derive(Clone)]
pub struct Around {
    /// The moment.
    pub clock: Clock,
    /// What random orders come from; the same seed gives the same order.
    pub seed: u64,
    /// For triggers that wait for a right answer.
    pub patterns: Option<Arc<dyn Patterns>>,
}

impl From<Clock> for Around {
    fn from(clock: Clock) -> Self {
        Self {
            clock,
            seed: 0,
            patterns: None,
        }
    }
}

impl fmt::Debug for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Around")
            .field("clock", &self.clock)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

impl Patterns for Around {
    fn is_match(&self, pattern: &str, is_case_insensitive: bool, text: &str) -> Option<bool> {
        match &self.patterns {
            Some(patterns) => patterns.is_match(pattern, is_case_insensitive, text),
            None => Some(true),
        }
    }
}
