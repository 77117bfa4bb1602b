//! What a voter chooses, and the command that casts it.

use crate::id::{BallotSecret, OptionId};
use serde::{Deserialize, Serialize};

/// A choice as it was made, before anyone has checked it against a poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Choice {
    /// An answer to a motion.
    Motion {
        /// For, against, or neither.
        stance: Stance,
    },
    /// The chosen options of a single or multiple choice.
    Options {
        /// Each at most once.
        options: Vec<OptionId>,
    },
}

/// A position on a motion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// 同意
    Yes,
    /// 不同意
    No,
    /// 弃权: a returned abstention participates.
    Abstain,
}

impl Stance {
    /// Every stance, in the order shown.
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Abstain];

    /// The option identifier under which results count it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Abstain => "abstain",
        }
    }
}

/// Body of `POST /api/v1/topics/{topic}/ballots`.
///
/// Sent with `Authorization: Bearer <grant>` and `Idempotency-Key: <32 hex digits>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CastBallot {
    /// What is chosen.
    pub choice: Choice,
    /// Present in secret polls, and only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<BallotSecret>,
}
