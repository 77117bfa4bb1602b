//! What staff ask for. Sent to `POST /api/v1/communities/{community}/desk/commands`
//! with an `Idempotency-Key`: the same command and key give the same reply again, for
//! 24 hours.

use super::access::Post;
use super::decision::Decision;
use super::draft::TopicDraft;
use super::place::PlaceNode;
use crate::UtcMs;
use crate::id::{ApprovalId, PlaceId, StaffId, TopicId, UploadId};
use crate::topic::Electorate;
use serde::{Deserialize, Serialize};

/// One change that a member of staff asks for. Reasons are 1–500 characters and are
/// shown to residents where the change concerns a poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Writes a topic that residents do not see yet.
    CreateTopic {
        /// What it says.
        topic: TopicDraft,
    },
    /// Writes it anew. Only before it is published.
    UpdateTopic {
        /// What it says; `id` names the topic.
        topic: TopicDraft,
    },
    /// Throws it away. Only before it is published.
    DeleteTopic {
        /// Which.
        topic: TopicId,
    },
    /// Publishes it. Its poll opens at its own time, or now if that has passed.
    OpenPoll {
        /// Which.
        topic: TopicId,
    },
    /// Closes its poll before its time. Two persons.
    ClosePoll {
        /// Which.
        topic: TopicId,
        /// Why.
        reason: String,
    },
    /// Moves the poll's closing to a later time, while it is open.
    ExtendPoll {
        /// Which.
        topic: TopicId,
        /// The new closing.
        closes_at_ms: UtcMs,
        /// Why.
        reason: String,
    },
    /// Makes an imported roll the one in force. Two persons.
    AdoptRoll {
        /// Which electorate it lists.
        kind: Electorate,
        /// The draft that its preview named.
        draft: String,
        /// Whether rows with errors are left out; otherwise there must be none.
        #[serde(default)]
        leave_out_errors: bool,
    },
    /// Makes voting codes. They are in the reply, once.
    MakeCodes {
        /// Only for the households of this place and below; absent: of the community.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<PlaceId>,
        /// Also replaces codes that exist; those end.
        #[serde(default)]
        renew: bool,
        /// A published poll, whose page the QR codes of the slips open; absent: no QR codes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topic: Option<TopicId>,
    },
    /// Invites a person. The link is in the reply, once, and lasts 7 days.
    Invite {
        /// As colleagues will see it, 1–64 characters.
        name: String,
        /// What they will be trusted with.
        posts: Vec<Post>,
    },
    /// Takes an invitation back.
    RevokeInvitation {
        /// As the list of people names it.
        invitation: String,
    },
    /// Replaces what a person is trusted with; their sessions end. None: they can no
    /// longer sign in.
    SetPosts {
        /// Who.
        staff: StaffId,
        /// What from now on.
        posts: Vec<Post>,
    },
    /// Ends a session: one's own, or with permission anybody's.
    EndSession {
        /// As the list of sessions names it.
        session: String,
    },
    /// Decides on what another person asked for.
    Decide {
        /// Which.
        approval: ApprovalId,
        /// How.
        decision: Decision,
        /// Why; needed to reject.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Takes back what one asked for oneself.
    Withdraw {
        /// Which.
        approval: ApprovalId,
    },
    /// Adds a place to the tree; or renames or moves the one of that identifier, and what
    /// belongs to it follows.
    PutPlace {
        /// As it will be.
        place: PlaceNode,
    },
    /// Takes a lost second factor away: the person's sessions end, and a link in the reply
    /// to whoever agrees, once, lets them set up a new one within 24 hours, with their
    /// password. Two persons.
    ResetFactor {
        /// Whose.
        staff: StaffId,
        /// Why.
        reason: String,
    },
    /// Shows an upload with a topic, published or not. Of the sender's own uploads, those
    /// that were sent for this.
    AddAttachment {
        /// Which topic.
        topic: TopicId,
        /// Which upload.
        upload: UploadId,
        /// What it shows, for those who do not see it: 1–200 characters.
        alt: String,
    },
    /// No longer shows it, and deletes it where no other topic has it.
    RemoveAttachment {
        /// Which topic.
        topic: TopicId,
        /// Which upload.
        upload: UploadId,
    },
    /// Takes a place out of the tree. Only where nothing belongs to it.
    ClosePlace {
        /// Which.
        place: PlaceId,
    },
}

impl Command {
    /// The word on the wire, as the audit log and texts name it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::CreateTopic { .. } => "create_topic",
            Self::UpdateTopic { .. } => "update_topic",
            Self::DeleteTopic { .. } => "delete_topic",
            Self::OpenPoll { .. } => "open_poll",
            Self::ClosePoll { .. } => "close_poll",
            Self::ExtendPoll { .. } => "extend_poll",
            Self::AdoptRoll { .. } => "adopt_roll",
            Self::MakeCodes { .. } => "make_codes",
            Self::Invite { .. } => "invite",
            Self::RevokeInvitation { .. } => "revoke_invitation",
            Self::SetPosts { .. } => "set_posts",
            Self::EndSession { .. } => "end_session",
            Self::Decide { .. } => "decide",
            Self::Withdraw { .. } => "withdraw",
            Self::ResetFactor { .. } => "reset_factor",
            Self::AddAttachment { .. } => "add_attachment",
            Self::RemoveAttachment { .. } => "remove_attachment",
            Self::PutPlace { .. } => "put_place",
            Self::ClosePlace { .. } => "close_place",
        }
    }
}
