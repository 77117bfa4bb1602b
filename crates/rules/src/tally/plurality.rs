//! Plurality: the option with the most votes leads; equal most votes are a tie, which
//! is published, not broken.

use linli_model::{OptionCount, Outcome};

/// The rule's name on the wire.
pub const NAME: &str = "plurality";

/// What `counts` amount to.
pub fn decide(counts: &[OptionCount]) -> Outcome {
    let most = counts.iter().map(|count| count.votes).max().unwrap_or(0);
    if most == 0 {
        return Outcome::NoBallots;
    }
    let mut options: Vec<_> = counts
        .iter()
        .filter(|count| count.votes == most)
        .map(|count| count.option.clone())
        .collect();
    if options.len() == 1 {
        Outcome::Leading {
            option: options.remove(0),
        }
    } else {
        Outcome::Tied { options }
    }
}
