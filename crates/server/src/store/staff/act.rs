//! What is done at a desk, and what it changes.

use super::state::{ApprovalRecord, HalfEnrolment, InvitationRecord, SessionRecord, StaffRecord};
use crate::identity::attempts::Limit;
use crate::store::attachments::NewAttachment;
use crate::store::rolls::AdoptRoll;
use crate::store::{HouseholdCodes, Subject};
use linli_model::desk::{
    Actor, Command, CommandReply, DeskRefusal, Notice, PlaceNode, Post, Subject as EventSubject,
    TopicDraft,
};
use linli_model::{IdempotencyKey, PlaceId, StaffId, Topic, TopicId, UploadId, UtcMs};

/// A session that begins.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// Names it without opening it.
    pub id: String,
    /// Family of browser and system.
    pub device: String,
}

/// The second factor that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Factor {
    /// A code of this step of time.
    Totp {
        /// The step.
        step: i64,
    },
    /// A recovery code.
    Recovery {
        /// Its hash.
        hash: [u8; 32],
    },
}

/// Something that staff, or somebody on the way to being staff, do.
#[derive(Debug, Clone)]
pub enum Act {
    /// A password was right, and a second factor is shown.
    SignIn {
        /// Whose password.
        staff: StaffId,
        /// The hash that it was verified against: it may have been replaced since.
        password_phc: String,
        /// The second factor; absent where it is neither code.
        factor: Option<Factor>,
        /// The session that begins.
        session: NewSession,
        /// Tries that were counted as wrong and turned out right.
        settle: Vec<(Subject, Limit)>,
        /// Tries that are left, for the refusal.
        attempts_left: u32,
    },
    /// A password was wrong.
    SignInFailed {
        /// Whose login it was tried with.
        staff: StaffId,
    },
    /// A session is ended by its owner.
    SignOut {
        /// SHA-256 of the token.
        token_hash: [u8; 32],
    },
    /// The first step of an enrolment.
    BeginEnrolment {
        /// SHA-256 of the invitation's token.
        invitation: [u8; 32],
        /// What it leaves.
        half: HalfEnrolment,
    },
    /// The second step.
    Enrol {
        /// SHA-256 of the invitation's token.
        invitation: [u8; 32],
        /// The hash that the password was verified against.
        password_phc: String,
        /// The step of the code shown.
        totp_step: i64,
        /// The new account's identifier.
        staff: StaffId,
        /// The secret of the authenticator, encrypted for that account.
        totp_secret: Vec<u8>,
        /// Hashes of its recovery codes.
        recovery: Vec<[u8; 32]>,
        /// Its first session.
        session: NewSession,
        /// Tries that were counted as wrong and turned out right.
        settle: Vec<(Subject, Limit)>,
    },
    /// An invitation by somebody with a shell on the server.
    Invite(InvitationRecord),
    /// A lost second factor is taken away by somebody with a shell on the server.
    Renew {
        /// Whose.
        staff: StaffId,
        /// The link in its place; whom and until when is filled in.
        link: InvitationRecord,
    },
    /// Something was read that must be written down.
    Note {
        /// Whose session.
        token_hash: [u8; 32],
        /// What.
        action: String,
        /// On what.
        subject: String,
        /// Further facts as JSON.
        detail: String,
    },
    /// A command.
    Command(Box<Asked>),
}

/// A command, and what was made ready for it outside of the transaction.
#[derive(Debug, Clone)]
pub struct Asked {
    /// SHA-256 of the session's token.
    pub token_hash: [u8; 32],
    /// Makes repeated sends one command.
    pub key: IdempotencyKey,
    /// SHA-256 of the command.
    pub command_hash: [u8; 32],
    /// What is asked for.
    pub command: Command,
    /// Chance for an identifier.
    pub fresh: [u8; 16],
    /// The token of an invitation, for its reply.
    pub invitation_token: String,
    /// Hashes of codes that were made.
    pub codes: Vec<HouseholdCodes>,
}

/// What an act came to.
#[derive(Debug)]
pub enum ActReply {
    /// Done.
    Done,
    /// A session has begun.
    Session(Box<StaffRecord>),
    /// A command was answered.
    Command {
        /// The reply.
        reply: CommandReply,
        /// True when it had been answered before.
        replayed: bool,
    },
}

/// One change that an act makes.
#[derive(Debug)]
pub enum Effect {
    /// Writes an account with its recovery codes.
    AddStaff(Box<StaffRecord>),
    /// Notes a signing-in.
    SignedIn {
        /// Whose.
        staff: StaffId,
        /// The last step of time used from now on.
        totp_step: i64,
        /// The recovery code that was used up.
        spent: Option<[u8; 32]>,
    },
    /// Replaces what a person is trusted with.
    SetPosts {
        /// Whose.
        staff: StaffId,
        /// What.
        posts: Vec<Post>,
    },
    /// No code of this person's authenticator is taken any more, and their recovery codes
    /// are gone.
    DropFactor(StaffId),
    /// Writes a person's new authenticator and recovery codes.
    RenewFactor(Box<StaffRecord>),
    /// Begins a session.
    AddSession(SessionRecord),
    /// Ends a session.
    EndSession([u8; 32]),
    /// Writes an invitation, or writes it anew.
    PutInvitation(InvitationRecord),
    /// Ends an invitation.
    EndInvitation([u8; 32]),
    /// Forgets wrong tries that were right.
    Settle(Vec<(Subject, Limit)>),
    /// Writes a request, or how it ended.
    PutApproval(Box<ApprovalRecord>),
    /// Writes a draft, or writes it anew.
    PutDraft(Box<TopicDraft>),
    /// Throws a draft away. What it was shown with goes with the next sweep.
    DropDraft(TopicId),
    /// Shows an upload with a topic, after what it is shown with.
    AddAttachment(NewAttachment),
    /// No longer shows it, and deletes it where no other topic has it.
    RemoveAttachment(TopicId, UploadId),
    /// Publishes a draft.
    Publish {
        /// As residents will see it.
        topic: Box<Topic>,
    },
    /// Moves a poll's closing.
    MoveClosing {
        /// As residents will see it.
        topic: Box<Topic>,
        /// Everything that they are told of changes.
        notices: Vec<Notice>,
        /// When grants for it end at the latest.
        grants_end_ms: Option<UtcMs>,
    },
    /// Sets codes of households.
    SetCodes(Vec<HouseholdCodes>),
    /// Makes a preview the roll in force. It is done before all others, and where the
    /// roll has changed meanwhile nothing is.
    AdoptRoll(AdoptRoll),
    /// Changes the tree of places. As adopting a roll it is done before all others, and
    /// where something belongs to a place that is to go nothing is.
    ChangePlace(PlaceChange),
    /// Adds an entry to the audit log.
    Audit(Written),
    /// Tells open desks.
    Tell(EventSubject, String),
}

/// A change of the tree of places.
#[derive(Debug, Clone)]
pub enum PlaceChange {
    /// This one is there, as it says.
    Put(PlaceNode),
    /// This one is no more.
    Close(PlaceId),
}

/// What is to be written into the audit log.
#[derive(Debug, Clone)]
pub struct Written {
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: String,
    /// On what.
    pub subject: String,
    /// Further facts as JSON.
    pub detail: String,
}

/// What an act comes to.
#[derive(Debug)]
pub struct Decided {
    /// What changes.
    pub effects: Vec<Effect>,
    /// The answer.
    pub reply: Result<ActReply, DeskRefusal>,
    /// Under what the reply is kept, and in which form.
    pub remember: Option<Remembered>,
}

/// A reply that is kept for a day.
#[derive(Debug)]
pub struct Remembered {
    /// Who asked.
    pub staff: StaffId,
    /// The reply, without what is told only once.
    pub reply: CommandReply,
}
