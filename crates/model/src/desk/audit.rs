//! The audit log: append-only, each entry bound to the one before by its hash.

use crate::UtcMs;
use crate::id::StaffId;
use serde::{Deserialize, Serialize};

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// A member of staff.
    Staff {
        /// Who.
        id: StaffId,
        /// Their name at the time.
        name: String,
    },
    /// Somebody with a shell on the server.
    Operator,
    /// Nobody: a clock or a limit.
    Server,
}

/// One entry.
///
/// `hash` is SHA-256 in hexadecimal over the RFC 8785 JSON of the entry without `hash`;
/// `previous` is the hash of the entry before, 64 zeros for the first. A community has
/// one chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// 1, 2, 3 … in the community.
    pub number: u64,
    /// When.
    pub at_ms: UtcMs,
    /// Who.
    pub actor: Actor,
    /// What: the word of a command, or `signed_in`, `sign_in_failed`, `signed_out`,
    /// `enrolled`, `exported`, `approved`, `rejected` …
    pub action: String,
    /// On what: an identifier, empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// The command or further facts as JSON text. Never a code, a password or a choice.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Hash of the entry before.
    pub previous: String,
    /// Hash of this one.
    pub hash: String,
}

/// Entries, newest first. Answer of `GET …/desk/audit?before=N&search=TEXT`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// At most 50.
    pub entries: Vec<AuditEntry>,
    /// What to give as `before` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_before: Option<u64>,
    /// Number of the newest entry of the whole log.
    pub newest: u64,
}
