//! What a voter chooses, and the command that casts it.

use crate::id::{BallotSecret, OptionId};
use crate::wire::{need, unknown_word, words};
use serde::{Deserialize, Deserializer, Serialize};

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
    r#type: String,
    stance: Option<Stance>,
    options: Option<Vec<OptionId>>,
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = ChoiceFields::deserialize(from)?;
        match fields.r#type.as_str() {
            "motion" => Ok(Self::Motion {
                stance: need(fields.stance)?,
            }),
            "options" => Ok(Self::Options {
                options: need(fields.options)?,
            }),
            _ => Err(unknown_word()),
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
