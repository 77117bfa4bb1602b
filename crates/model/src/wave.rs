//! Surveys that are asked in rounds: a round is a topic whose poll is of kind `survey`, a
//! response is its ballot. So whatever holds for ballots (grants, receipts, secrecy,
//! 代填, turnout, the outbox) holds for responses.
//!
//! Left to others: what a definition says (`survey`), figures (`report`), what staff do
//! (`desk::survey`).

use crate::UtcMs;
use crate::from_tree;
use crate::id::{RequestId, TopicId};
use crate::topic::TopicView;
use serde::{Deserialize, Serialize};

pub use crate::round::{Quota, Wave};

/// A round of a survey as a respondent receives it. Answer of
/// `GET /api/v1/surveys/{topic}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SurveyView {
    /// The topic whose poll it is, and where that stands.
    pub view: TopicView,
    /// SurveyJS JSON as text, exactly the bytes that the version is the hash of.
    pub definition: String,
    /// Who is rated, e.g. a property company; empty where nobody is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rated: String,
    /// What was promised after earlier rounds, the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<CorrectiveAction>,
}

/// A question, or a row of a matrix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ItemRef {
    /// The question's name.
    pub question: String,
    /// A matrix's row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
}

/// 整改: what the rated body mends after a low score, by when, and who. Public from the
/// moment that it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CorrectiveAction {
    /// Its identifier.
    pub id: RequestId,
    /// The round whose report asks for it.
    pub topic: TopicId,
    /// That round's number.
    pub wave: u32,
    /// The items that it is about, ≥ 1; the next round must ask them again.
    pub items: Vec<ItemRef>,
    /// What will be done, 1–500 characters.
    pub what: String,
    /// Who does it, 1–64 characters.
    pub who: String,
    /// By when.
    pub due_at_ms: UtcMs,
    /// When it was published.
    pub published_at_ms: UtcMs,
    /// What came of it; absent until it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ActionOutcome>,
    /// Whether its time is over and nothing was told, by the server's clock.
    #[serde(default)]
    pub is_overdue: bool,
}

/// What came of a corrective action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ActionOutcome {
    /// What was done, 1–500 characters.
    pub text: String,
    /// When it was told.
    pub at_ms: UtcMs,
}

from_tree!(SurveyView { view, definition } or default { rated, actions });
from_tree!(ItemRef { question } or default { row });
from_tree!(CorrectiveAction {
    id, topic, wave, items, what, who, due_at_ms, published_at_ms,
} or default { outcome, is_overdue });
from_tree!(ActionOutcome { text, at_ms });
