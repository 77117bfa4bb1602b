//! How answers to a survey become scores: what a report must know beside the definition.

use crate::wire::words;
use serde::{Deserialize, Serialize};

/// Which way a scale runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Direction {
    /// A greater score is a better one.
    GreaterIsBetter,
    /// A smaller score is a better one.
    SmallerIsBetter,
}

words!(Direction {
    GreaterIsBetter = "greater_is_better",
    SmallerIsBetter = "smaller_is_better",
});

/// An item that is scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ScoredItem {
    /// The question's name.
    pub question: String,
    /// A matrix's row.
    #[serde(default)]
    pub row: Option<String>,
    /// The least score.
    pub least: u8,
    /// The greatest.
    pub greatest: u8,
    /// Which end is good.
    pub direction: Direction,
}

/// When a low score is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LowScore {
    /// The question that is scored.
    pub question: String,
    /// Scores up to this one are low.
    pub at_most: u8,
    /// The question about the reason.
    pub reasons: String,
}

/// An index over some items, from 0 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct IndexRule {
    /// Questions' names.
    pub items: Vec<String>,
    /// Each item's share, whole; divided by their sum.
    pub shares: Vec<u32>,
    /// For people who check it.
    pub formula: String,
}

/// How a survey is scored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Scoring {
    /// The question that the first screen of a report shows; absent where none is scored.
    #[serde(default)]
    pub headline: Option<String>,
    /// What a low score asks.
    #[serde(default)]
    pub low_score_asks: Option<LowScore>,
    /// Scored items.
    #[serde(default)]
    pub items: Vec<ScoredItem>,
    /// The index, if there is one.
    #[serde(default)]
    pub index: Option<IndexRule>,
    /// Values that count as "don't know".
    #[serde(default)]
    pub dont_know: Vec<String>,
    /// Pairs of questions that the report shows as cross-tables, at most 10.
    #[serde(default)]
    pub cross: Vec<(String, String)>,
}
