//! Approval: every chosen option gets one vote; the most approved leads, ties are
//! published, not broken.

use linli_model::{OptionCount, Outcome};

/// The rule's name on the wire.
pub const NAME: &str = "approval";

/// What `counts` amount to. Once votes are per option, approval and plurality agree.
pub fn decide(counts: &[OptionCount]) -> Outcome {
    super::plurality::decide(counts)
}
