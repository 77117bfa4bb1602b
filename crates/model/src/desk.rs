//! The words of the desk: staff, what they may do, what they ask for and what they see.
//!
//! Residents' widgets use none of this and download none of it. A change that staff ask
//! for is a [`Command`], which is data: the audit log keeps it, and where two persons
//! must agree it waits as it was asked until the second has decided.

pub mod access;
pub mod account;
pub mod approval;
pub mod attachment;
pub mod audit;
pub mod behalf;
pub mod command;
pub mod decision;
pub mod draft;
pub mod place;
pub mod poll;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod roll;
pub mod view;

pub use access::{Permission, Post, Role};
pub use account::{
    AcceptInvitation, ConfirmEnrolment, Enrolled, Enrolment, InvitationView, Session, SessionRow,
    SignIn, StaffSelf,
};
pub use approval::{Approval, ApprovalState};
pub use attachment::Attachment;
pub use audit::{Actor, AuditEntry, AuditPage};
pub use behalf::{FillIn, FilledIn, Manner, Voted, VoterHit, VotersFound};
pub use command::Command;
pub use decision::Decision;
pub use draft::TopicDraft;
pub use place::PlaceNode;
pub use poll::{Notice, PollCard, PollState, PollView};
pub use refusal::DeskRefusal;
pub use reply::{CodeSlip, CommandReply};
pub use roll::{RollKind, RollPreview, RollRefusal, RollVersion};
pub use view::{HomeView, InvitationRow, LiveEvent, PeopleView, StaffRow, Subject};
