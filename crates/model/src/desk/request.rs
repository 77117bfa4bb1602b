//! Residents' requests about their own data, as staff see and answer them.
//!
//! An answer is no [`Command`](super::Command): commands are kept as they were asked, and
//! what is written to a resident is kept sealed.

use crate::UtcMs;
use crate::id::RequestId;
use crate::me::{RequestKind, RequestState};
use serde::{Deserialize, Serialize};

/// How long staff have to answer: thirty days, GB/T 35273—2020, 8.7.
pub const ANSWER_WITHIN_MS: i64 = 30 * 86_400_000;
/// Open requests that are told at once.
pub const REQUESTS_OPEN_TOLD_MAX: u32 = 200;
/// Settled requests that are told.
pub const REQUESTS_SETTLED_TOLD_MAX: u32 = 50;

/// What residents asked for. Answer of `GET …/desk/requests`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RequestsView {
    /// What waits for an answer, the first due first.
    pub open: Vec<ResidentRequest>,
    /// What was answered, the latest first.
    pub settled: Vec<ResidentRequest>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ResidentRequest {
    /// Its identifier.
    pub id: RequestId,
    /// Place and label of the household; empty where a device asks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub who: String,
    /// What for.
    pub kind: RequestKind,
    /// In their words.
    pub text: String,
    /// How to reach them, if they said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
    /// Where it stands.
    pub state: RequestState,
    /// When they asked.
    pub asked_at_ms: UtcMs,
    /// When it is to be answered at the latest.
    pub due_at_ms: UtcMs,
    /// What staff answered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub answer: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at_ms: Option<UtcMs>,
}

/// Body of `POST …/desk/requests/{request}/answer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    /// Whether it was done; otherwise it is declined, with the reason.
    pub is_done: bool,
    /// What the resident reads, 1–1,000 characters.
    pub answer: String,
}
