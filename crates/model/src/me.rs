//! "My data": what a resident sees of themselves, asks to have put right, consents to,
//! takes back and deletes.
//!
//! The deliberation widget uses none of this and downloads none of it.

use crate::UtcMs;
use crate::ballot::Choice;
use crate::id::{ConsentId, GrantToken, PollId, RequestId, TopicId, UploadId};
use crate::place::CommunityRef;
use crate::topic::Electorate;
use crate::upload::UploadRef;
use crate::wire::words;
use serde::{Deserialize, Serialize};

/// Characters of what somebody asks for.
pub const REQUEST_CHARS_MAX: usize = 1_000;
/// Characters of how to reach somebody.
pub const CONTACT_CHARS_MAX: usize = 100;
/// Characters of a helper's or witness's name.
pub const NAME_CHARS_MAX: usize = 64;
/// Requests of one person that wait at once.
pub const REQUESTS_OPEN_MAX: u32 = 10;

/// A session of one's own, sent as `Authorization: Bearer …`. It ends after 30 minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MySession {
    /// Opaque.
    pub token: GrantToken,
    /// When it ends.
    pub expires_at_ms: UtcMs,
    /// How the household is called; empty for a device.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// Everything that is kept of the person who asks. Also the export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MyData {
    /// Where.
    pub community: CommunityRef,
    /// When this was put together.
    pub at_ms: UtcMs,
    /// The household's entry on the roll; absent for a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<MyHousehold>,
    /// Entries on the rolls of persons, owners, tenants and members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<MyEntry>,
    /// Permissions to vote that were given out.
    pub grants: Vec<MyGrant>,
    /// Ballots in polls that record who chose what.
    pub ballots: Vec<MyBallot>,
    /// Secret polls in whose register the voter stands. What was chosen is not known.
    pub registered: Vec<MyPoll>,
    /// Files.
    pub uploads: Vec<UploadRef>,
    /// Consents, also those taken back.
    pub consents: Vec<MyConsent>,
    /// What was asked for.
    pub requests: Vec<MyRequest>,
}

/// A household's entry on the roll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MyHousehold {
    /// What staff and paper call it.
    pub label: String,
    /// The place's name.
    pub place: String,
    /// Exclusive area in 0.01 m².
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_csqm: Option<u64>,
    /// Whether a voting code was given out. Only hashes of codes are kept.
    pub has_code: bool,
}

/// An entry on a roll by which one votes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MyEntry {
    /// As whom.
    pub electorate: Electorate,
    /// The household or unit.
    pub label: String,
    /// The name there.
    pub name: String,
    /// The place's name.
    pub place: String,
    /// Area in 0.01 m².
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_csqm: Option<u64>,
    /// How many contacts are kept, as hashes.
    pub contacts: u32,
}

/// A poll by its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MyPoll {
    /// Its topic.
    pub topic: TopicId,
    /// The topic's title.
    pub title: String,
    /// The poll.
    pub poll: PollId,
    /// When it closes or closed.
    pub closes_at_ms: UtcMs,
}

/// A permission to vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MyGrant {
    /// In which poll.
    pub poll: PollId,
    /// Its topic's title.
    pub title: String,
    /// Until when.
    pub expires_at_ms: UtcMs,
}

/// A recorded ballot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MyBallot {
    /// In which poll.
    pub poll: PollId,
    /// Its topic's title.
    pub title: String,
    /// 1 for the first; a later one replaces it.
    pub revision: u32,
    /// What was chosen.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub choice: Choice,
    /// Texts of the options that were chosen, as they are now; none of a motion.
    pub chosen: Vec<String>,
    /// When.
    pub cast_at_ms: UtcMs,
    /// Whether it counts.
    pub counts: bool,
}

/// What a person may consent to; each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum ConsentPurpose {
    /// Staff may reach me by what I left.
    Contact,
    /// Pictures that I send may be shown to everybody.
    Publish,
    /// Somebody may fill in forms for me (代填).
    Helper,
}

words!(ConsentPurpose {
    Contact = "contact",
    Publish = "publish",
    Helper = "helper",
});

/// A consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MyConsent {
    /// Its identifier.
    pub id: ConsentId,
    /// To what.
    pub purpose: ConsentPurpose,
    /// Which version of the notice was read.
    pub version: u32,
    /// When.
    pub given_at_ms: UtcMs,
    /// Who gave it for the person, and who saw it; absent where they did it themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helped: Option<Helped>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at_ms: Option<UtcMs>,
}

/// Who filled in for somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Helped {
    /// The helper's name.
    pub helper: String,
    /// The witness's name: somebody else than the helper.
    pub witness: String,
}

/// Body of `POST …/me/consents`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GiveConsent {
    /// To what.
    pub purpose: ConsentPurpose,
    /// The version of the notice that was shown; the newest, or it is refused.
    pub version: u32,
    /// Absent where they do it themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helped: Option<Helped>,
}

/// What a person may ask staff for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum RequestKind {
    /// Put something right.
    Correct,
    /// Delete something that cannot be deleted by oneself.
    Delete,
    /// Explain.
    Explain,
}

words!(RequestKind {
    Correct = "correct",
    Delete = "delete",
    Explain = "explain",
});

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum RequestState {
    /// Waits for staff.
    Open,
    /// Done.
    Done,
    /// Not done, with the reason.
    Declined,
}

words!(RequestState {
    Open = "open",
    Done = "done",
    Declined = "declined",
});

/// A request as the person, and staff, see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MyRequest {
    /// Its identifier.
    pub id: RequestId,
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
    /// What staff answered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub answer: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at_ms: Option<UtcMs>,
}

/// Body of `POST …/me/requests`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskRequest {
    /// What for.
    pub kind: RequestKind,
    /// 1–1,000 characters.
    pub text: String,
    /// At most 100 characters; needs the consent `contact`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
}

/// Answer of `POST …/me/deletion`: what is gone, and what stays and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MyDeletion {
    /// Files that were deleted.
    pub uploads: Vec<UploadId>,
    /// Permissions to vote that were ended.
    pub grants: u64,
    /// Requests that were settled and are deleted.
    pub requests: u64,
    /// What is not deleted.
    pub kept: Vec<Kept>,
}

/// What is not deleted, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Kept {
    /// A ballot of a poll that is open: it counts. Change it there instead.
    PollOpen {
        /// Which.
        poll: PollId,
    },
    /// A ballot of a closed poll is part of its result, which anybody may have checked.
    PollClosed {
        /// Which.
        poll: PollId,
    },
    /// The register of a secret poll keeps voters from voting twice.
    Registered {
        /// Which.
        poll: PollId,
    },
    /// The roll is the community's; ask staff to put it right.
    OnRoll,
    /// A request that waits.
    RequestOpen {
        /// Which.
        request: RequestId,
    },
    /// Consents are kept as proof, also when they were taken back.
    ConsentProof,
}

/// Why something of one's own was not done. On the wire `{"code": "consent_needed", …}`;
/// what other commands can be refused for as well has the same form as there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum MyRefusal {
    /// No session of one's own, or it has ended: identify again.
    MySessionEnded,
    /// It needs a consent first.
    ConsentNeeded {
        /// To what.
        purpose: ConsentPurpose,
    },
    /// The notice has a newer version: show that one.
    NoticeOutdated {
        /// The newest.
        version: u32,
    },
    /// A text is empty or too long.
    TextInvalid {
        /// Most characters.
        max_chars: u32,
    },
    /// Helper and witness must be two, each with a name.
    WitnessNeeded,
    /// As other commands are refused.
    #[serde(untagged)]
    Other(crate::Refusal),
}

impl MyRefusal {
    /// The stable code, as on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MySessionEnded => "my_session_ended",
            Self::ConsentNeeded { .. } => "consent_needed",
            Self::NoticeOutdated { .. } => "notice_outdated",
            Self::TextInvalid { .. } => "text_invalid",
            Self::WitnessNeeded => "witness_needed",
            Self::Other(refusal) => refusal.code(),
        }
    }
}

impl From<crate::Refusal> for MyRefusal {
    fn from(refusal: crate::Refusal) -> Self {
        Self::Other(refusal)
    }
}
