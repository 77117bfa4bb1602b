//! What commands are answered.

use super::approval::Approval;
use crate::UtcMs;
use crate::id::GrantToken;
use serde::{Deserialize, Serialize};

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CommandReply {
    /// It is done.
    Done,
    /// It waits for a second person.
    Waiting {
        /// As it waits.
        approval: Box<Approval>,
    },
    /// Voting codes, this once. A repeated command answers `Done` instead.
    Codes {
        /// One per household.
        slips: Vec<CodeSlip>,
    },
    /// An invitation, this once. A repeated command answers `Done` instead.
    Invited {
        /// The last part of the link `/desk/{community}/join#{token}`.
        token: GrantToken,
        /// When it ends.
        expires_at_ms: UtcMs,
    },
}

/// The codes of one household.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CodeSlip {
    /// Name of its place.
    pub place: String,
    /// Its label.
    pub label: String,
    /// The short code, to be typed, with separators.
    pub typed: String,
    /// The long code, for the QR.
    pub scanned: String,
}

impl std::fmt::Debug for CodeSlip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeSlip(…)")
    }
}
