//! Two persons agree: a command that waits, and how it ended.

use super::command::Command;
use crate::UtcMs;
use crate::id::{ApprovalId, StaffId, TopicId};
use crate::topic::Electorate;
use crate::wire::{unknown_word, words};
use serde::{Deserialize, Deserializer, Serialize};

/// A command that needs a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Approval {
    /// Its identifier.
    pub id: ApprovalId,
    /// What is asked for, exactly as it will be done.
    #[cfg_attr(feature = "schema", schema(no_recursion))]
    #[serde(deserialize_with = "shared_command")]
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

/// The commands that take two persons, as one flat struct: a desk reads no others, and the
/// reader of all of them would be 10 KB of its download.
#[derive(Deserialize)]
struct SharedFields {
    #[serde(rename = "type")]
    word: String,
    reason: Option<String>,
    topic: Option<TopicId>,
    kind: Option<Electorate>,
    draft: Option<String>,
    #[serde(default)]
    leave_out_errors: bool,
    staff: Option<StaffId>,
}

fn shared_command<'de, D: Deserializer<'de>>(from: D) -> Result<Command, D::Error> {
    let fields = SharedFields::deserialize(from)?;
    fields.command().ok_or_else(unknown_word)
}

impl SharedFields {
    fn command(self) -> Option<Command> {
        Some(match self.word.as_str() {
            "close_poll" => Command::ClosePoll {
                topic: self.topic?,
                reason: self.reason?,
            },
            "adopt_roll" => Command::AdoptRoll {
                kind: self.kind?,
                draft: self.draft?,
                leave_out_errors: self.leave_out_errors,
            },
            "reset_factor" => Command::ResetFactor {
                staff: self.staff?,
                reason: self.reason?,
            },
            _ => return None,
        })
    }
}
