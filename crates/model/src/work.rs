//! Work that a poll of devices may ask for before it lets one in: a challenge, and why an
//! answer to it was not taken. Whoever cannot compute waits instead.
//!
//! Widgets lead to the hosted page where a poll asks for work ([`crate::Poll::work_bits`]),
//! so that none of this is downloaded with them: it is read by serde alone, and its
//! refusals are not among those of [`crate::Refusal`].

use crate::UtcMs;
use serde::{Deserialize, Serialize};

/// Answer of `POST /api/v1/topics/{topic}/challenges`. Good for one grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Challenge {
    /// 128 hexadecimal digits, signed by the server. Sent back as `Linli-Work`: as it is
    /// by whoever waited; followed by `;` and a decimal counter by whoever computed, so
    /// that SHA-256 over the challenge's digits and the counter's begins with `bits` zero
    /// bits.
    pub challenge: String,
    /// How many.
    pub bits: u32,
    /// After how long it is good without a counter.
    pub wait_ms: i64,
    /// When it stops being good.
    pub expires_at_ms: UtcMs,
}

/// Why a device was not let in. On the wire: `{"code": "work_early", "left_ms": …}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum WorkRefusal {
    /// The poll asks for work, and none was shown.
    WorkMissing,
    /// The challenge is not one of ours for this topic, or the counter does not solve it.
    WorkWrong,
    /// The challenge is no longer good; ask for another.
    WorkExpired,
    /// The challenge has let a device in before; ask for another.
    WorkSpent,
    /// Shown without a counter before its wait was over; the challenge stays good.
    WorkEarly {
        /// How long the wait still is.
        left_ms: i64,
    },
}

impl WorkRefusal {
    /// The stable code, as on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::WorkMissing => "work_missing",
            Self::WorkWrong => "work_wrong",
            Self::WorkExpired => "work_expired",
            Self::WorkSpent => "work_spent",
            Self::WorkEarly { .. } => "work_early",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_wire() {
        for refusal in [
            WorkRefusal::WorkMissing,
            WorkRefusal::WorkWrong,
            WorkRefusal::WorkExpired,
            WorkRefusal::WorkSpent,
            WorkRefusal::WorkEarly { left_ms: 1 },
        ] {
            let wire = serde_json::to_value(refusal).unwrap();
            assert_eq!(wire["code"], refusal.code());
        }
    }
}
