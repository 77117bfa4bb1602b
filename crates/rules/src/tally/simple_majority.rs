//! Simple majority of a motion: carried when yes exceeds no. Abstentions are counted
//! and shown but weigh on neither side; equal figures do not carry.

use linli_model::{OptionCount, Outcome, Stance};

/// The rule's name on the wire.
pub const NAME: &str = "simple_majority";

/// What `counts` amount to.
pub fn decide(counts: &[OptionCount]) -> Outcome {
    let votes = |stance: Stance| {
        counts
            .iter()
            .find(|c| c.option.as_str() == stance.as_str())
            .map_or(0, |c| c.votes)
    };
    if votes(Stance::Yes) > votes(Stance::No) {
        Outcome::Carried
    } else {
        Outcome::Lost
    }
}
