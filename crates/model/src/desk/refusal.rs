//! Why the desk did not do something.

use super::access::Permission;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// A staff request that was understood and not done. On the wire
/// `{"code": "not_permitted", "needs": "rolls"}`; what residents can be refused as well
/// has the same form as there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum DeskRefusal {
    /// No session, or it has ended: sign in.
    SignedOut,
    /// Login, password or code do not fit, or the code was used before. Which one is
    /// not told.
    SignInFailed {
        /// Tries left before a pause.
        attempts_left: u32,
    },
    /// The invitation is unknown, used, taken back or too old.
    InvitationInvalid,
    /// Somebody else in this community signs in with that.
    LoginTaken,
    /// The password is too short, too long, or among the best known.
    PasswordWeak {
        /// Fewest characters.
        min_chars: u32,
    },
    /// The six digits do not fit the new secret.
    CodeWrong,
    /// None of this person's posts permits it there.
    NotPermitted {
        /// What would.
        needs: Permission,
    },
    /// Two persons must agree, and this one asked for it.
    OwnRequest,
    /// There is no such request, poll, person, session or draft here.
    Unknown,
    /// It was decided, withdrawn or has lapsed.
    AlreadySettled,
    /// A request for the same is waiting.
    AlreadyAsked,
    /// Somebody must stay who can invite others.
    LastOwner,
    /// A reason is needed, of 1 to `max_chars` characters.
    ReasonNeeded {
        /// Most characters.
        max_chars: u32,
    },
    /// Residents have seen it; now it can only be extended or closed.
    AlreadyPublished,
    /// The name is in use.
    NameTaken,
    /// What was sent does not fit; `path` says where (`poll.options.3.text`).
    Invalid {
        /// Where.
        path: String,
        /// A stable word for what: `empty`, `too_long`, `too_many`, `too_few`,
        /// `unknown`, `duplicate`, `in_the_past`, `not_later`, `unsupported`, and of a file
        /// `unreadable` (damaged, or a locked PDF) or `active` (a PDF with programs).
        fault: String,
    },
    /// It changed meanwhile: look again.
    Conflict,
    /// A household, an entry of a roll, a topic, a post or another place belongs to it.
    PlaceInUse,
    /// The idempotency key made another command.
    KeyReused,
    /// 代填: the household has voted itself; staff do not replace that.
    VotedThemselves,
    /// 代填: the poll is secret, and whoever fills in would know the choice.
    SecretNotFilledIn,
    /// As residents are refused.
    #[serde(untagged)]
    Resident(Refusal),
}

impl From<Refusal> for DeskRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Resident(refusal)
    }
}
