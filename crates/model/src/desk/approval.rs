//! Two persons agree: a command that waits, and how it ended.

use super::command::Command;
use crate::UtcMs;
use crate::id::{ApprovalId, StaffId};
use crate::wire::words;
use serde::{Deserialize, Serialize};

/// A command that needs a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Approval {
    /// Its identifier.
    pub id: ApprovalId,
    /// What is asked for, exactly as it will be done.
    #[cfg_attr(feature = "schema", schema(no_recursion))]
    pub command: Command,
    /// What it concerns in words: a topic's title, a roll's name and figures.
    pub about: String,
    /// Who asked.
    pub asked_by: StaffId,
    /// Their name at the time.
    pub asked_by_name: String,
    /// When.
    pub asked_at_ms: UtcMs,
    /// When it lapses without a decision.
    pub expires_at_ms: UtcMs,
    /// Where it stands.
    pub state: ApprovalState,
    /// Who decided, by name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub decided_by_name: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at_ms: Option<UtcMs>,
    /// Why, where they said so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Whether the asking person may decide on it.
    pub may_decide: bool,
    /// Whether the asking person may take it back.
    pub may_withdraw: bool,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum ApprovalState {
    /// Waits for a decision.
    Waiting,
    /// Agreed and done.
    Approved,
    /// Not agreed.
    Rejected,
    /// Taken back.
    Withdrawn,
    /// Nobody decided in time.
    Lapsed,
}

words!(ApprovalState {
    Waiting = "waiting",
    Approved = "approved",
    Rejected = "rejected",
    Withdrawn = "withdrawn",
    Lapsed = "lapsed",
});
