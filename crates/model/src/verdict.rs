//! What a count comes to, and every step on the way, as figures.
//!
//! Whoever shows a verdict makes its sentences from these (`linli-texts` has them).

use crate::ballot::Stance;
use crate::from_tree;
use crate::rule::{Base, Limit, Silence};
use crate::wire::{tagged, words};
use serde::{Deserialize, Serialize};

/// What a count comes to, with every step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Verdict {
    /// The rule: `majority_with_quorum` or `owners_civil_code_278`.
    pub rule: String,
    /// The article that the rule was given, empty for a template.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub article: String,
    /// What it comes to: `following`'s ruling where there is one, `total`'s otherwise.
    pub ruling: Ruling,
    /// Counted by what people answered alone.
    pub total: Total,
    /// Counted with 从众, where the owners' rules have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub following: Option<Following>,
    /// Units without any figure of area, in the roll's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_areas: Vec<String>,
    /// What each of them was taken to have at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_area_max_csqm: Option<u64>,
    /// Why this cannot be certified as a decision; empty when it can.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
}

/// A total that counts followers with the majority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Following {
    /// The article of the owners' rules that says so.
    pub basis: String,
    /// How it reads people who never answered.
    pub silent: Silence,
    /// The side that was followed: it has more than half by each measure. Absent where
    /// no side has, or where missing areas leave it open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Stance>,
    /// The count.
    pub total: Total,
}

/// One way to add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Total {
    /// What it comes to.
    pub ruling: Ruling,
    /// By heads.
    pub heads: Figures,
    /// By area in 0.01 m², where area counts. Missing areas are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_csqm: Option<Figures>,
    /// Every threshold in the order of the law.
    pub steps: Vec<Step>,
}

/// Who answered what, by one measure. Together they are the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Figures {
    /// In favour.
    pub yes: u64,
    /// Against.
    pub no: u64,
    /// On neither side.
    pub abstain: u64,
    /// Marked 从众 and counted on neither side.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub follow: u64,
    /// Never answered.
    pub silent: u64,
}

fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// One threshold: what it is taken of, what there is, what is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Step {
    /// What must be reached.
    pub threshold: Threshold,
    /// By what.
    pub measure: Measure,
    /// What the share is taken of.
    pub base_of: Base,
    /// The share.
    pub limit: Limit,
    /// The figure that the share is taken of.
    pub base: u64,
    /// The figure that there is.
    pub value: u64,
    /// The least figure that passes at this base.
    pub needed: u64,
    /// What `value` lacks of `needed`.
    pub short: u64,
    /// Whether it is reached; where areas are missing, whatever they are.
    pub passed: bool,
    /// Present where areas are missing: between what the share lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
}

/// Between what a share lies while areas are missing; each threshold taken by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Range {
    /// The least share.
    pub least: Share,
    /// The greatest share.
    pub most: Share,
    /// Whether the greatest share would pass.
    pub passed_at_most: bool,
}

/// A figure out of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Share {
    /// The part.
    pub value: u64,
    /// The whole.
    pub base: u64,
}

/// What a threshold asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Threshold {
    /// Enough take part.
    Participation,
    /// Enough agree.
    Approval,
    /// A threshold that this version does not know.
    Other,
}

words!(Threshold { Participation = "participation", Approval = "approval" } or Other);

/// What is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Measure {
    /// Persons: one per voter.
    Heads,
    /// Exclusive area in 0.01 m².
    Area,
    /// A measure that this version does not know.
    Other,
}

words!(Measure { Heads = "heads", Area = "area" } or Other);

/// Why a count cannot be certified as a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Block {
    /// 意向征询: it asked and does not bind.
    Consultation,
    /// A formal poll without a recorded local basis.
    BasisMissing,
    /// The thresholds are a template: nobody entered article and date.
    CitationMissing,
    /// Some units have no figure of area.
    AreasMissing,
    /// A reason that this version does not know.
    Other,
}

words!(Block {
    Consultation = "consultation",
    BasisMissing = "basis_missing",
    CitationMissing = "citation_missing",
    AreasMissing = "areas_missing",
} or Other);

/// What a total comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Ruling {
    /// Nobody answered.
    NoBallots,
    /// Too few took part.
    NotQuorate,
    /// Enough agreed.
    Carried,
    /// Too few agreed.
    Lost,
    /// Areas are missing, so there is no answer in law.
    Undetermined {
        /// It would be carried whatever the missing areas are.
        carried_at_worst: bool,
        /// There may be areas with which it would be carried.
        carried_at_best: bool,
    },
    /// A ruling that this version does not know.
    Other,
}

#[derive(Deserialize)]
struct RulingFields {
    #[serde(rename = "type")]
    kind_word: String,
    carried_at_worst: Option<bool>,
    carried_at_best: Option<bool>,
}

tagged!(Ruling from RulingFields { kind_word } or default { carried_at_worst, carried_at_best } else Self::Other);

impl Ruling {
    fn from_fields(fields: RulingFields) -> Option<Self> {
        Some(match fields.kind_word.as_str() {
            "no_ballots" => Self::NoBallots,
            "not_quorate" => Self::NotQuorate,
            "carried" => Self::Carried,
            "lost" => Self::Lost,
            "undetermined" => Self::Undetermined {
                carried_at_worst: fields.carried_at_worst?,
                carried_at_best: fields.carried_at_best?,
            },
            _ => Self::Other,
        })
    }
}

from_tree!(Verdict { rule, ruling, total } or default {
    article, following, missing_areas, missing_area_max_csqm, blocks,
});
from_tree!(Following { basis, silent, total } or default { side });
from_tree!(Total { ruling, heads, steps } or default { area_csqm });
from_tree!(Figures { yes, no, abstain, silent } or default { follow });
from_tree!(Step {
    threshold, measure, base_of, limit, base, value, needed, short, passed,
} or default { range });
from_tree!(Range {
    least,
    most,
    passed_at_most
});
from_tree!(Share { value, base });
