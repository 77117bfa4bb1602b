//! Where a poll stands at an instant.

use linli_model::{Phase, Poll, Refusal, UtcMs};

/// The phase of `poll` at `now_ms`: open from `opens_at_ms` on, closed from
/// `closes_at_ms` on.
pub fn at(poll: &Poll, now_ms: UtcMs) -> Phase {
    if now_ms >= poll.closes_at_ms {
        Phase::Closed
    } else if now_ms >= poll.opens_at_ms {
        Phase::Open
    } else {
        Phase::Upcoming
    }
}

/// Refuses unless `poll` accepts ballots at `now_ms`.
pub fn require_open(poll: &Poll, now_ms: UtcMs) -> Result<(), Refusal> {
    match at(poll, now_ms) {
        Phase::Open => Ok(()),
        Phase::Upcoming => Err(Refusal::NotYetOpen {
            opens_at_ms: poll.opens_at_ms,
        }),
        Phase::Closed => Err(Refusal::Closed {
            closed_at_ms: poll.closes_at_ms,
        }),
    }
}
