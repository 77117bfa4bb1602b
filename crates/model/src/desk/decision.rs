//! What the second person of a request says.

use crate::wire::words;

/// What the second person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Decision {
    /// Do it.
    Approve,
    /// Do not.
    Reject,
}

words!(Decision { Approve = "approve", Reject = "reject" });
