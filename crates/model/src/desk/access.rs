//! Roles, the places that they hold for, and the permissions that they bring.

use crate::id::PlaceId;
use crate::wire::words;
use serde::{Deserialize, Serialize};

/// What a member of staff is trusted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Role {
    /// 负责人: everything but approving their own requests.
    Owner,
    /// 议事主持: topics and polls, residents' statements.
    Moderator,
    /// 志愿服务负责人: shifts and check-in.
    VolunteerLead,
    /// 财务: campaigns, payments, accounts.
    Treasurer,
    /// 监督员 (居务监督委员会, auditor): sees everything, changes nothing, and may be the
    /// second person of an approval.
    Supervisor,
}

words!(Role {
    Owner = "owner",
    Moderator = "moderator",
    VolunteerLead = "volunteer_lead",
    Treasurer = "treasurer",
    Supervisor = "supervisor",
});

/// A role at a place: it holds there and for every place below.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// What they are trusted with.
    pub role: Role,
    /// Where; absent for the whole community.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceId>,
}

/// One thing that may be permitted. Which role brings which is a rule
/// (`linli_rules::desk`), not a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Permission {
    /// See polls, turnout and what waits.
    See,
    /// Write, open, extend and close polls.
    Polls,
    /// Import rolls and change places.
    Rolls,
    /// Make voting codes and see them once.
    Codes,
    /// Invite staff, change their posts, end their sessions.
    People,
    /// Be the second person of a request.
    Approve,
    /// Read and export the audit log.
    Audit,
    /// Export what residents did.
    Export,
    /// Record a ballot for a resident who asked for it (代填).
    Behalf,
    /// Read and answer what residents ask about their own data.
    Requests,
}

words!(Permission {
    See = "see",
    Polls = "polls",
    Rolls = "rolls",
    Codes = "codes",
    People = "people",
    Approve = "approve",
    Audit = "audit",
    Export = "export",
    Behalf = "behalf",
    Requests = "requests",
});
