//! What the staff's desk may ask of the world.
//!
//! What is shown is asked for by a [`Question`], what changes something is a
//! [`Command`] with a key; both are values, so that a desk can keep, compare and repeat
//! them. A session's token is given to every call: the desk owns it, nobody else keeps
//! it.

use crate::{Ambient, Guard, LocalFuture};
use linli_model::desk::request::{AnswerRequest, RequestsView};
use linli_model::desk::roll::{EntriesAsked, RollPage};
use linli_model::desk::{
    AcceptInvitation, Approval, Attachment, AuditPage, Command, CommandReply, ConfirmEnrolment,
    DeskRefusal, Enrolled, Enrolment, FillIn, FilledIn, HomeView, InvitationView, LiveEvent,
    PeopleView, PlaceNode, PollCard, PollView, RollKind, RollPreview, RollRefusal, RollVersion,
    Session, SignIn, StaffSelf, VotersFound,
};
use linli_model::{GrantToken, IdempotencyKey, RequestId, TopicId};
use std::rc::Rc;

/// Why a question of the desk got no answer, or a command no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskError {
    /// Understood and not done. No effect.
    Refused(DeskRefusal),
    /// The same, about a roll.
    RollRefused(RollRefusal),
    /// No answer came, or one that makes no sense. **Whether a command had an effect is
    /// not known**; send it again with the same key.
    Unreachable,
    /// The backend failed and says so. Whether a command had an effect is not known.
    Fault {
        /// For the backend's log; shown small, so that a person can quote it.
        incident: String,
    },
}

impl From<DeskRefusal> for DeskError {
    fn from(refusal: DeskRefusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What comes of asking.
pub type Asked<'a, T> = LocalFuture<'a, Result<T, DeskError>>;

/// Something that the desk shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Question {
    /// Today's work.
    Home,
    /// Every poll.
    Polls,
    /// One poll in full.
    Poll(TopicId),
    /// What a topic is shown with.
    Attachments(TopicId),
    /// Requests for a second person, whatever became of them.
    Approvals,
    /// Staff, invitations, sessions.
    People,
    /// The tree of places, parents before their children.
    Places,
    /// The rolls in force.
    Rolls,
    /// A page of a roll. That it was read is written down.
    RollEntries(RollKind, EntriesAsked),
    /// A page of the audit log.
    Audit {
        /// Entries before this number; absent for the newest.
        before: Option<u64>,
        /// Only entries with this text in them; empty for all.
        search: String,
    },
    /// Households of a poll that this person may fill in for.
    Voters {
        /// Which poll.
        topic: TopicId,
        /// Words of their place and label; empty: the poll alone.
        search: String,
    },
    /// What residents asked for about their own data.
    Requests,
}

/// The answer to the [`Question`] of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each is the answer to the question of its name"
)]
pub enum Answer {
    Home(Box<HomeView>),
    Polls(Vec<PollCard>),
    Poll(Box<PollView>),
    Attachments(Vec<Attachment>),
    Approvals(Vec<Approval>),
    People(Box<PeopleView>),
    Places(Vec<PlaceNode>),
    Rolls(Vec<RollVersion>),
    RollEntries(Box<RollPage>),
    Audit(Box<AuditPage>),
    Voters(Box<VotersFound>),
    Requests(Box<RequestsView>),
}

/// A table to be taken away as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// `audit`, `polls`, `turnout` …
    pub name: String,
    /// `csv` or `xlsx`.
    pub form: &'static str,
    /// Of this poll alone; absent: of all.
    pub topic: Option<TopicId>,
}

/// A file in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileBytes {
    /// Its name, with an ending.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What is heard while listening for changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Listening works (again): what is on screen may have changed meanwhile.
    Connected,
    /// Something changed.
    Changed(LiveEvent),
    /// The line is cut; it is tried again by itself.
    Lost,
    /// The session has ended.
    SignedOut,
}

/// A backend for one community's desk.
pub trait Desk {
    /// Opens a session.
    fn sign_in<'a>(&'a self, body: &'a SignIn) -> Asked<'a, Session>;
    /// Whose session this is, if it is one still.
    fn resume<'a>(&'a self, token: &'a GrantToken) -> Asked<'a, StaffSelf>;
    /// Ends the session.
    fn sign_out<'a>(&'a self, token: &'a GrantToken) -> Asked<'a, ()>;
    /// What an invitation says.
    fn invitation<'a>(&'a self, token: &'a GrantToken) -> Asked<'a, InvitationView>;
    /// First step of accepting it: login and password.
    fn accept<'a>(
        &'a self,
        token: &'a GrantToken,
        body: &'a AcceptInvitation,
    ) -> Asked<'a, Enrolment>;
    /// Second step: a code of the authenticator.
    fn confirm<'a>(
        &'a self,
        token: &'a GrantToken,
        body: &'a ConfirmEnrolment,
    ) -> Asked<'a, Enrolled>;
    /// Something to show.
    fn ask<'a>(&'a self, token: &'a GrantToken, question: &'a Question) -> Asked<'a, Answer>;
    /// Something to change. The same command and key have one effect, however often sent.
    fn command<'a>(
        &'a self,
        token: &'a GrantToken,
        key: &'a IdempotencyKey,
        command: &'a Command,
    ) -> Asked<'a, CommandReply>;
    /// Records what a household chose, with the consent that it gave. No [`Command`]: those
    /// are written down as they were asked. The same key has one effect.
    fn fill_in<'a>(
        &'a self,
        token: &'a GrantToken,
        key: &'a IdempotencyKey,
        topic: &'a TopicId,
        body: &'a FillIn,
    ) -> Asked<'a, FilledIn>;
    /// Shows a file with a topic. The same file, words and key have one effect. No longer
    /// showing it is a [`Command`].
    fn attach<'a>(
        &'a self,
        token: &'a GrantToken,
        key: &'a IdempotencyKey,
        topic: &'a TopicId,
        alt: &'a str,
        file: &'a FileBytes,
    ) -> Asked<'a, Attachment>;
    /// Answers a resident's request, once.
    fn answer_request<'a>(
        &'a self,
        token: &'a GrantToken,
        request: &'a RequestId,
        body: &'a AnswerRequest,
    ) -> Asked<'a, ()>;
    /// Reads a file as a roll of that kind; nothing is changed by it.
    fn preview_roll<'a>(
        &'a self,
        token: &'a GrantToken,
        kind: RollKind,
        file: &'a FileBytes,
    ) -> Asked<'a, RollPreview>;
    /// A table as a file.
    fn export<'a>(&'a self, token: &'a GrantToken, export: &'a Export) -> Asked<'a, FileBytes>;
    /// Calls `hear` for what changes, until the guard is dropped.
    fn live(&self, token: &GrantToken, hear: Rc<dyn Fn(News)>) -> Guard;
}

/// The little that a desk keeps on the device. Either may be forgotten at any time.
pub trait Pocket {
    /// The session's token; forgotten when the tab is closed.
    fn token(&self) -> Option<GrantToken>;
    /// Keeps it, or forgets it.
    fn keep_token(&self, token: Option<&GrantToken>);
    /// How this person likes the desk to look, as one word under a name.
    fn taste(&self, name: &str) -> Option<String>;
    /// Keeps that.
    fn keep_taste(&self, name: &str, word: &str);
}

/// Everything that the desk may use, put together by its page.
#[derive(Clone)]
pub struct DeskWorld {
    /// The backend.
    pub desk: Rc<dyn Desk>,
    /// What is kept on the device.
    pub pocket: Rc<dyn Pocket>,
    /// Clock and chance.
    pub ambient: Rc<dyn Ambient>,
}

impl PartialEq for DeskWorld {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.desk, &other.desk)
            && Rc::ptr_eq(&self.pocket, &other.pocket)
            && Rc::ptr_eq(&self.ambient, &other.ambient)
    }
}
