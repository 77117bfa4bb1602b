//! What a voter chooses, and the command that casts it.

use crate::from_tree;
use crate::id::{BallotSecret, OptionId};
use crate::wire::{tagged, words};
use serde::{Deserialize, Serialize};

/// A choice as it was made, before anyone has checked it against a poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

#[derive(Deserialize)]
struct ChoiceFields {
    #[serde(rename = "type")]
    kind_word: String,
    stance: Option<Stance>,
    options: Option<Vec<OptionId>>,
}

tagged!(Choice from ChoiceFields { kind_word } or default { stance, options } else Self::Options { options: Vec::new() });

impl Choice {
    fn from_fields(fields: ChoiceFields) -> Option<Self> {
        match fields.kind_word.as_str() {
            "motion" => Some(Self::Motion {
                stance: fields.stance?,
            }),
            "options" => Some(Self::Options {
                options: fields.options?,
            }),
            _ => None,
        }
    }
}

/// A position on a motion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Stance {
    /// 同意
    Yes,
    /// 不同意
    No,
    /// 弃权: a returned abstention participates.
    Abstain,
}

words!(Stance { Yes = "yes", No = "no", Abstain = "abstain" });

impl Stance {
    /// Every stance, in the order shown. As [`Stance::as_str`] it names the option under
    /// which results count it.
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Abstain];
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

from_tree!(CastBallot { choice } or default { secret });
