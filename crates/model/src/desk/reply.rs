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
        /// The page that their QR codes open, without the code; empty where they have none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        page: String,
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
    /// The QR code of `{page}#c={scanned}`, empty where no page was asked for: its modules
    /// row by row as bits, dark ones set, four to a hexadecimal digit, filled up with
    /// zeros. Their number is the square of its side; white around it is not in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub qr: String,
}

impl std::fmt::Debug for CodeSlip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeSlip(…)")
    }
}
