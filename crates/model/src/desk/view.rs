//! What the desk shows: home, people, and what changed.

use super::access::Post;
use super::account::SessionRow;
use super::approval::Approval;
use super::poll::PollCard;
use crate::UtcMs;
use crate::id::{StaffId, TopicId};
use crate::wire::words;
use serde::{Deserialize, Serialize};

/// Today's work. Answer of `GET …/desk/home`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HomeView {
    /// The server's clock, for "today" and "in 3 hours".
    pub now_ms: UtcMs,
    /// What waits for a second person, oldest first, where this person may decide.
    pub to_decide: Vec<Approval>,
    /// What this person asked for and what still waits.
    pub asked: Vec<Approval>,
    /// Open polls, the first to close first.
    pub open: Vec<PollCard>,
    /// Drafts and polls that have not opened.
    pub coming: Vec<PollCard>,
    /// Closed in the last 30 days, the latest first.
    pub closed: Vec<PollCard>,
    /// Households on the roll, and how many of them have a voting code.
    pub households: u64,
    /// With a code.
    pub households_with_code: u64,
    /// Residents' requests that wait, for who may answer them; at most 200 are counted.
    #[serde(default)]
    pub requests: u64,
    /// Open polls of a larger place that this person does not see here, and may fill in
    /// for their own households (代填).
    #[serde(default)]
    pub fillable: Vec<Fillable>,
}

/// An open poll that may be filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Fillable {
    /// Its topic.
    pub topic: TopicId,
    /// Its title.
    pub title: String,
    /// First instant without ballots.
    pub closes_at_ms: UtcMs,
}

/// Staff, invitations, sessions. Answer of `GET …/desk/people`. Without the permission
/// `people` the lists hold oneself alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PeopleView {
    /// Everyone with an account, by name.
    pub staff: Vec<StaffRow>,
    /// Invitations that have not been used.
    pub invitations: Vec<InvitationRow>,
    /// Sessions that have not ended.
    pub sessions: Vec<SessionRow>,
}

/// One member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StaffRow {
    /// Their identifier.
    pub id: StaffId,
    /// Their name.
    pub name: String,
    /// What they sign in with.
    pub login: String,
    /// What they are trusted with; none: they can no longer sign in.
    pub posts: Vec<Post>,
    /// When they last signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_in_at_ms: Option<UtcMs>,
}

/// One open invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InvitationRow {
    /// Names it without opening it.
    pub id: String,
    /// Who is invited.
    pub name: String,
    /// What they will be trusted with.
    pub posts: Vec<Post>,
    /// Who invites, by name.
    pub invited_by: String,
    /// When it ends.
    pub expires_at_ms: UtcMs,
}

/// Something changed: look again. A line of `GET …/desk/live`, which is a stream in the
/// form of server-sent events (`id`, `data`) that resumes with `Last-Event-ID`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LiveEvent {
    /// What kind of thing.
    pub subject: Subject,
    /// Which, where there is one: a topic's identifier.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Subject {
    /// A poll was written, opened, extended, closed.
    Poll,
    /// Ballots were cast in it.
    Turnout,
    /// A request was made or decided.
    Approval,
    /// A roll, places or codes.
    Roll,
    /// Staff, invitations or sessions.
    People,
    /// Everything: the stream could not tell what was missed.
    All,
}

words!(Subject {
    Poll = "poll",
    Turnout = "turnout",
    Approval = "approval",
    Roll = "roll",
    People = "people",
    All = "all",
});
