//! What staff write of a survey.

use crate::UtcMs;
use crate::id::{PlaceId, SurveyId};
use crate::scoring::Scoring;
use crate::wave::ItemRef;
use serde::{Deserialize, Serialize};

/// A survey as staff write it. What it asks has versions; rounds ask one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SurveyDraft {
    /// Chosen once.
    pub id: SurveyId,
    /// The place that it concerns.
    pub place: PlaceId,
    /// One line.
    pub title: String,
    /// Who is rated, at most 64 characters; empty where nobody is.
    #[serde(default)]
    pub rated: String,
    /// SurveyJS JSON as text, at most 1,000,000 bytes.
    pub definition: String,
    /// How it is scored; absent: by what the definition shows (its scales).
    #[serde(default)]
    pub scoring: Option<Scoring>,
    /// The version that this one was written from; absent for a new survey. Where another
    /// person wrote one meanwhile it is refused, and nothing is lost.
    #[serde(default)]
    pub based_on: Option<String>,
}

/// A corrective action as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ActionDraft {
    /// What it is about, 1–20 items of the round's definition.
    pub items: Vec<ItemRef>,
    /// What will be done, 1–500 characters.
    pub what: String,
    /// Who does it, 1–64 characters.
    pub who: String,
    /// By when; later than now.
    pub due_at_ms: UtcMs,
}
