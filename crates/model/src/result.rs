//! Counts, and the sentence they amount to.

use crate::count::Limit;
use crate::from_tree;
use crate::id::OptionId;
use crate::place::PlaceRef;
use crate::verdict::{Measure, Threshold};
use crate::wire::tagged;
use serde::{Deserialize, Serialize};

/// How many have voted, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Turnout {
    /// Ballots in the count (a changed ballot counts once).
    pub cast: u64,
    /// Voters on the roll; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligible: Option<u64>,
}

/// A poll's counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PollResult {
    /// Which rule decided: `plurality`, `approval`, `simple_majority`,
    /// `majority_with_quorum` or `owners_civil_code_278`.
    pub rule: String,
    /// One entry per option in the order shown; a motion's are `yes`, `no`, `abstain`.
    pub counts: Vec<OptionCount>,
    /// Turnout at the count.
    pub turnout: Turnout,
    /// What the counts amount to.
    pub outcome: Outcome,
    /// The rule's thresholds, in the order of the law; none where the most votes decide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<ResultStep>,
    /// Turnout by place. Places too small to stay anonymous are merged or left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<PlaceTurnout>,
    /// False while the poll is open.
    pub is_final: bool,
}

/// One threshold of a poll's rule, as much as a result shows. A verdict's
/// [`crate::verdict::Step`] tells all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ResultStep {
    /// What must be reached.
    pub threshold: Threshold,
    /// By what.
    pub measure: Measure,
    /// The share that must be reached.
    pub limit: Limit,
    /// The figure that the share is taken of.
    pub base: u64,
    /// The figure that there is.
    pub value: u64,
    /// What `value` lacks.
    pub short: u64,
    /// Whether it is reached.
    pub passed: bool,
}

/// Votes for one option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OptionCount {
    /// The option.
    pub option: OptionId,
    /// Ballots that chose it.
    pub votes: u64,
}

/// What a poll's counts amount to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outcome {
    /// Nobody has voted.
    NoBallots,
    /// One option has more votes than any other.
    Leading {
        /// That option.
        option: OptionId,
    },
    /// Several options share the most votes.
    Tied {
        /// All of them, in the order shown.
        options: Vec<OptionId>,
    },
    /// A motion with more yes than no, or with all that its rule asks for.
    Carried,
    /// A motion with no more yes than no, or with too little approval for its rule.
    Lost,
    /// Too few took part for its rule.
    NotQuorate,
    /// Areas are missing, so that its rule has no answer.
    Undetermined,
    /// An outcome that this version does not know.
    Other,
}

#[derive(Deserialize)]
struct OutcomeFields {
    #[serde(rename = "type")]
    kind_word: String,
    option: Option<OptionId>,
    options: Option<Vec<OptionId>>,
}

tagged!(Outcome from OutcomeFields { kind_word } or default { option, options } else Self::Other);

impl Outcome {
    fn from_fields(fields: OutcomeFields) -> Option<Self> {
        Some(match fields.kind_word.as_str() {
            "no_ballots" => Self::NoBallots,
            "leading" => Self::Leading {
                option: fields.option?,
            },
            "tied" => Self::Tied {
                options: fields.options?,
            },
            "carried" => Self::Carried,
            "lost" => Self::Lost,
            "not_quorate" => Self::NotQuorate,
            "undetermined" => Self::Undetermined,
            _ => Self::Other,
        })
    }
}

/// Turnout in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlaceTurnout {
    /// The place.
    pub place: PlaceRef,
    /// Its turnout.
    pub turnout: Turnout,
}

from_tree!(Turnout { cast } or default { eligible });
from_tree!(PollResult { rule, counts, turnout, outcome, is_final } or default { steps, places });
from_tree!(ResultStep {
    threshold,
    measure,
    limit,
    base,
    value,
    short,
    passed
});
from_tree!(OptionCount { option, votes });
from_tree!(PlaceTurnout { place, turnout });
