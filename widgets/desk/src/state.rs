//! The desk's one reducer: who sits at it, what is on screen, and what every action does.
//!
//! Pure: clock and chance come in with [`Env`], the world is asked through the
//! [`Effect`]s that [`reduce`] returns. What may be done is decided again by the
//! backend; here it decides what is offered.

mod attach;
mod fill;
mod gate;
mod reduce;
mod slots;
mod work;

pub use attach::Attach;
pub use fill::{Fill, FillAct, FillStep};
pub use reduce::reduce;
pub use slots::{Slot, Slots};
pub use work::{field_id, needs_reason};

pub(crate) use attach::{ALT_ID, FILE_ID};
pub(crate) use gate::is_dead;

use crate::editor::Editor;
use crate::route::Route;
use linli_model::desk::request::AnswerRequest;
use linli_model::desk::roll::EntriesAsked;
use linli_model::desk::{
    AcceptInvitation, Approval, Attachment, CodeSlip, Command, CommandReply, ConfirmEnrolment,
    Decision, DeskRefusal, Enrolled, Enrolment, FillIn, FilledIn, InvitationView, Manner,
    Permission, PollState, Post, Role, RollKind, RollPreview, Session, SignIn, StaffSelf,
};
use linli_model::{
    ApprovalId, Base, Changes, CommunityId, Credential, Electorate, GrantToken, IdempotencyKey,
    PlaceId, PollNature, RequestId, ResultsVisibility, Secrecy, StaffId, TopicId, UploadId, UtcMs,
};
use linli_port::desk::{Answer, DeskError, Export, FileBytes, News, Question};

/// What a reducer may not make itself.
#[derive(Debug, Clone, Copy)]
pub struct Env {
    /// The device's clock.
    pub now_ms: UtcMs,
    /// 16 bytes of chance, fresh for every action.
    pub chance: [u8; 16],
}

/// Who sits at the desk.
#[derive(Debug, Clone, PartialEq)]
pub enum Gate {
    /// A session of an earlier page is being looked up.
    Resuming(GrantToken),
    /// It could not be: no answer.
    ResumeFailed(GrantToken, DeskError),
    /// Nobody.
    Out(SignInForm),
    /// Somebody with an invitation.
    Joining(Box<Join>),
    /// A member of staff.
    In(Box<Seat>),
}

/// Who is signed in, and by which session.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    /// Sent with everything.
    pub token: GrantToken,
    /// Who.
    pub staff: StaffSelf,
}

/// The form for signing in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SignInForm {
    /// As typed.
    pub login: String,
    /// As typed.
    pub password: String,
    /// As typed.
    pub code: String,
    /// An answer is awaited.
    pub busy: bool,
    /// Why the last try did not do.
    pub problem: Option<DeskError>,
    /// A session had been open and has ended by itself.
    pub ended: bool,
}

/// Accepting an invitation.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// The link's last part.
    pub token: GrantToken,
    /// What it says, once read.
    pub invitation: Option<InvitationView>,
    /// How far it is.
    pub step: JoinStep,
    /// As typed.
    pub login: String,
    /// As typed.
    pub password: String,
    /// As typed.
    pub code: String,
    /// An answer is awaited.
    pub busy: bool,
    /// Why the last try did not do.
    pub problem: Option<DeskError>,
}

/// The steps of accepting an invitation.
#[derive(Debug, Clone, PartialEq)]
pub enum JoinStep {
    /// Login and password.
    Choosing,
    /// The authenticator.
    Enrolling(Box<Enrolment>),
    /// The recovery codes, shown once. `saved`: the person says that they are kept.
    Saving {
        /// The account and its first session.
        enrolled: Box<Enrolled>,
        /// Ticked.
        saved: bool,
    },
}

/// Something that asks before it does something.
#[derive(Debug, Clone, PartialEq)]
pub enum Dialog {
    /// Show a draft to residents.
    Publish(TopicId),
    /// Throw a draft away.
    Delete(TopicId),
    /// Move the closing; holds the new one as a field does.
    Extend(TopicId, String),
    /// Close before the time.
    Close(TopicId),
    /// Decide on a request.
    Decide(ApprovalId, Decision),
    /// Take one's own request back.
    Withdraw(ApprovalId),
    /// Invite somebody.
    Invite(String, Vec<PostDraft>),
    /// The link, this once.
    Invited(GrantToken, UtcMs),
    /// Take an invitation back; its id and name.
    Revoke(String, String),
    /// Change what somebody is trusted with.
    Posts(StaffId, Vec<PostDraft>),
    /// End a session; its id.
    EndSession(String),
    /// Make codes for a place (empty: everywhere), replacing existing ones or not.
    Codes {
        /// The place's identifier, or nothing.
        place: String,
        /// Replace those that exist.
        renew: bool,
        /// The poll whose page their QR codes open; empty for slips without.
        topic: String,
    },
    /// Ask for a roll to be adopted.
    Adopt {
        /// Leave out rows with errors.
        leave_out: bool,
    },
    /// Answer a resident's request: done, or declined.
    Answer(RequestId, bool),
    /// Ask for somebody's lost second factor to be taken away; whose, and their name.
    ResetFactor(StaffId, String),
    /// Add a place, or rename or move one.
    Place {
        /// Its identifier; empty until the dialog opens for a new one.
        id: String,
        /// As typed.
        name: String,
        /// The identifier of what it is part of; empty for the top.
        parent: String,
    },
    /// Take a place out of the tree.
    ClosePlace(PlaceId),
    /// No longer show a file with a topic; by its text alternative.
    Detach(TopicId, UploadId, String),
    /// Leave what is being written.
    Leave(Route),
    /// Which keys do what.
    Keys,
}

/// A post as it is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostDraft {
    /// What they are trusted with.
    pub role: Role,
    /// The place's identifier; empty for the whole community.
    pub place: String,
}

impl PostDraft {
    /// As it is being written.
    pub fn of(post: &Post) -> Self {
        Self {
            role: post.role,
            place: post
                .place
                .as_ref()
                .map_or_else(String::new, PlaceId::to_string),
        }
    }

    /// As it is sent.
    pub fn post(&self) -> Post {
        Post {
            role: self.role,
            place: PlaceId::parse(&self.place).ok(),
        }
    }
}

/// A command on its way, or the last one that did not do.
#[derive(Debug, Clone, PartialEq)]
pub struct Doing {
    /// Repeats have one effect.
    pub key: IdempotencyKey,
    /// What is asked for.
    pub command: Command,
    /// An answer is awaited.
    pub busy: bool,
    /// Why it was not done, or that it is not known.
    pub problem: Option<DeskError>,
}

/// What has just been done, to be told in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The draft is kept.
    Saved,
    /// The draft is gone.
    Deleted,
    /// Residents see it.
    Published,
    /// The closing has moved.
    Extended,
    /// It waits for a second person.
    Asked,
    /// Agreed, and done.
    Approved,
    /// Not agreed.
    Rejected,
    /// Taken back.
    Withdrawn,
    /// The posts are changed.
    PostsSet,
    /// The invitation is taken back.
    Revoked,
    /// The session has ended.
    Ended,
    /// Codes are there.
    CodesMade,
    /// What a repeated command would have shown once is gone.
    ShownOnce,
    /// The link is in the clipboard.
    Copied,
    /// It is not: copy by hand.
    NotCopied,
    /// The file was handed to the browser.
    Exported,
    /// The resident has an answer.
    Answered,
    /// The place is as it was written.
    PlacePut,
    /// The place is gone.
    PlaceClosed,
    /// A topic is shown with one more file.
    Attached,
    /// It is shown without that file.
    Detached,
}

/// Whether changes are heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Not yet.
    Quiet,
    /// Yes.
    Open,
    /// It is cut; what is shown may be old.
    Lost,
}

/// Reading the audit log, or a roll.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Browse {
    /// As typed.
    pub typed: String,
    /// What is searched for.
    pub search: String,
    /// Of a roll: the place's identifier, empty for the whole community.
    pub place: String,
    /// Where each page that is shown begins, the newest first.
    pub pages: Vec<Option<u64>>,
}

/// A file that is to become a roll.
#[derive(Debug, Clone, PartialEq)]
pub struct Upload {
    /// Which roll.
    pub kind: RollKind,
    /// An answer is awaited.
    pub busy: bool,
    /// What was read.
    pub preview: Option<Box<RollPreview>>,
    /// Why it was not.
    pub problem: Option<DeskError>,
}

/// How somebody likes the desk to look and feel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tastes {
    /// Larger type and targets.
    pub elder: bool,
    /// The palette.
    pub theme: linli_ui::Theme,
    /// Letters do something.
    pub keys: bool,
}

/// The whole state.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The community, as the address names it.
    pub community: CommunityId,
    /// Who sits here.
    pub gate: Gate,
    /// Who sat here last: what they were writing is theirs alone.
    pub last: Option<StaffId>,
    /// The screen.
    pub route: Route,
    /// What was answered.
    pub slots: Slots,
    /// What is being written.
    pub editor: Option<Editor>,
    /// Which polls are listed; absent: all.
    pub filter: Option<PollState>,
    /// The audit log.
    pub browse: Browse,
    /// A roll's file.
    pub upload: Option<Upload>,
    /// A file that a topic is to be shown with.
    pub attach: Attach,
    /// A ballot being filled in for a household.
    pub fill: Option<Fill>,
    /// What asks.
    pub dialog: Option<Dialog>,
    /// A reason being typed.
    pub reason: String,
    /// The reason is missing.
    pub reason_due: bool,
    /// A command.
    pub doing: Option<Doing>,
    /// Codes that were just made: on screen only here and now.
    pub slips: Vec<CodeSlip>,
    /// The page that their QR codes open; empty where they have none.
    pub slips_page: String,
    /// What was just done.
    pub said: Option<Said>,
    /// An export is awaited, or did not come.
    pub exporting: Option<Option<DeskError>>,
    /// Whether changes are heard of.
    pub line: Line,
    /// Looks.
    pub tastes: Tastes,
    /// The server's clock as far as it is known.
    pub now_ms: UtcMs,
    /// What the server's clock is ahead of the device's.
    pub ahead_ms: i64,
}

/// What is typed where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field of its name")]
pub enum Field {
    Login,
    Password,
    Code,
    Reason,
    ClosesAt,
    InviteName,
    PostPlace(usize),
    CodesPlace,
    CodesTopic,
    PlaceName,
    PlaceParent,
    Search,
    RollPlace,
    TopicId,
    Title,
    Summary,
    Basis,
    Place,
    OptionText(usize),
    OptionDetail(usize),
    Min,
    Max,
    OpensAt,
    PollClosesAt,
    FillSearch,
    AttachmentAlt,
    Consenter,
    Relation,
    ConsentedAt,
    Participation,
    Approval,
    Matter,
    Article,
    InForceFrom,
}

/// What is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the choice of its name")]
pub enum Pick {
    Kind(crate::editor::Kind),
    Nature(PollNature),
    Electorate(Electorate),
    Credential(Credential),
    Work(bool),
    Secrecy(Secrecy),
    Changes(Changes),
    Results(ResultsVisibility),
    AddOption,
    RemoveOption(usize),
    MoveOption { index: usize, up: bool },
    AddPost,
    RemovePost(usize),
    Role(usize, Role),
    Renew(bool),
    LeaveOut(bool),
    Filter(Option<PollState>),
    RollKind(RollKind),
    Elder(bool),
    Theme(linli_ui::Theme),
    Keys(bool),
    FillChoice(String),
    Manner(Manner),
    Method(crate::rule::Method),
    Base(Base),
}

/// Everything that happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// An answer.
    Answered(Question, Result<Answer, DeskError>),
    /// Whose the earlier session is.
    Resumed(Result<StaffSelf, DeskError>),
    /// Signing in.
    SignedIn(Result<Session, DeskError>),
    /// What an invitation says.
    InvitationRead(Result<InvitationView, DeskError>),
    /// Login and password were taken.
    Accepted(Result<Enrolment, DeskError>),
    /// The account exists.
    Confirmed(Result<Enrolled, DeskError>),
    /// A command's reply.
    Replied(IdempotencyKey, Result<CommandReply, DeskError>),
    /// A file was read.
    Previewed(Result<RollPreview, DeskError>),
    /// A table came.
    Exported(Result<FileBytes, DeskError>),
    /// A ballot was filled in, or not.
    FilledIn(IdempotencyKey, Result<FilledIn, DeskError>),
    /// A file was added to a topic, or not.
    Attached(IdempotencyKey, Result<Attachment, DeskError>),
    /// Add the chosen file to the topic.
    AttachAsked,
    /// A resident's request was answered, or not.
    RequestSettled(IdempotencyKey, Result<(), DeskError>),
    /// Something changed elsewhere.
    Heard(News),
    /// The clipboard took it.
    Copied(bool),
    /// A minute has passed.
    Ticked,

    /// The address names another screen.
    Went(Route),
    /// Typed.
    Typed(Field, String),
    /// Chosen.
    Picked(Pick),
    /// The form of the gate was submitted.
    Entered,
    /// The recovery codes are kept.
    SavedTicked(bool),
    /// Sign out.
    SignOutAsked,
    /// What failed is to be asked for again.
    RetryAsked,
    /// Ask before doing.
    Opened(Dialog),
    /// Not now.
    Dismissed,
    /// Yes.
    ConfirmAsked,
    /// Keep what is written.
    SaveAsked,
    /// Search the audit log for what is typed.
    SearchAsked,
    /// More of the audit log.
    MoreAsked(u64),
    /// A file was chosen.
    FileChosen(FileBytes),
    /// The preview is not wanted.
    UploadDropped,
    /// The codes are put away.
    SlipsPutAway,
    /// Print what is on screen.
    PrintAsked,
    /// Copy a text.
    CopyAsked(String),
    /// Save a text as a file.
    KeepAsked(FileBytes),
    /// Take a table away.
    ExportAsked(Export),
    /// What was said has been read.
    SaidRead,
    /// Go to an element of the page.
    FocusAsked(String),
    /// A step of filling in.
    Fill(FillAct),
}

/// What the world is asked to do.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Effect {
    SignIn(SignIn),
    Resume(GrantToken),
    SignOut(GrantToken),
    ReadInvitation(GrantToken),
    Accept(GrantToken, AcceptInvitation),
    Confirm(GrantToken, ConfirmEnrolment),
    Ask(GrantToken, Question),
    Send(GrantToken, IdempotencyKey, Box<Command>),
    FillIn(GrantToken, IdempotencyKey, TopicId, Box<FillIn>),
    Attach(GrantToken, IdempotencyKey, TopicId, String, FileBytes),
    AnswerRequest(GrantToken, IdempotencyKey, RequestId, AnswerRequest),
    Preview(GrantToken, RollKind, FileBytes),
    Export(GrantToken, Export),
    KeepToken(Option<GrantToken>),
    KeepTastes(Tastes),
    Listen(GrantToken),
    StopListening,
    /// Show this screen; the address follows.
    Navigate(Route),
    /// The page of the desk itself, without an invitation in the address.
    LeaveInvitation,
    /// Once drawn, the heading takes the focus.
    FocusHeading,
    /// Once drawn, the element with this id takes it.
    Focus(String),
    Copy(String),
    SaveFile(FileBytes),
    Print,
}

impl State {
    /// At the start: with an invitation, with the session of an earlier page, or nobody.
    pub fn new(
        community: CommunityId,
        invitation: Option<GrantToken>,
        token: Option<GrantToken>,
        route: Route,
        tastes: Tastes,
    ) -> (Self, Vec<Effect>) {
        let (gate, effect) = match (invitation, token) {
            (Some(token), _) => {
                let join = Join {
                    token: token.clone(),
                    invitation: None,
                    step: JoinStep::Choosing,
                    login: String::new(),
                    password: String::new(),
                    code: String::new(),
                    busy: true,
                    problem: None,
                };
                let effect = Effect::ReadInvitation(token);
                (Gate::Joining(Box::new(join)), Some(effect))
            }
            (None, Some(token)) => (Gate::Resuming(token.clone()), Some(Effect::Resume(token))),
            (None, None) => (Gate::Out(SignInForm::default()), None),
        };
        let state = Self {
            community,
            gate,
            last: None,
            route,
            slots: Slots::default(),
            editor: None,
            filter: None,
            browse: Browse::default(),
            upload: None,
            attach: Attach::default(),
            fill: None,
            dialog: None,
            reason: String::new(),
            reason_due: false,
            doing: None,
            slips: Vec::new(),
            slips_page: String::new(),
            said: None,
            exporting: None,
            line: Line::Quiet,
            tastes,
            now_ms: 0,
            ahead_ms: 0,
        };
        (state, effect.into_iter().collect())
    }

    /// Who sits here.
    pub fn seat(&self) -> Option<&Seat> {
        match &self.gate {
            Gate::In(seat) => Some(seat),
            _ => None,
        }
    }

    /// Whether the person may do that somewhere.
    pub fn may(&self, permission: Permission) -> bool {
        let seat = self.seat();
        seat.is_some_and(|seat| seat.staff.permissions.contains(&permission))
    }

    /// The community's time zone.
    pub fn zone(&self) -> &str {
        match &self.gate {
            Gate::In(seat) => &seat.staff.community.time_zone,
            Gate::Joining(join) => join
                .invitation
                .as_ref()
                .map_or("Asia/Shanghai", |invitation| {
                    &invitation.community.time_zone
                }),
            _ => "Asia/Shanghai",
        }
    }

    /// What the screen needs to know.
    pub fn needs(&self) -> Vec<Question> {
        let mut needs = match &self.route {
            Route::Home | Route::More => Vec::new(),
            Route::Polls => vec![Question::Polls],
            Route::Poll(topic) => vec![
                Question::Poll(topic.clone()),
                Question::Attachments(topic.clone()),
            ],
            Route::NewPoll => vec![Question::Places],
            Route::EditPoll(topic) => vec![Question::Poll(topic.clone()), Question::Places],
            Route::Fill(topic) => vec![fill::question(self, topic)],
            Route::Approvals => vec![Question::Approvals],
            Route::Rolls => vec![Question::Rolls, Question::Places],
            Route::Roll(kind) => {
                let mut needs = self.browse.entries(*kind);
                needs.push(Question::Places);
                needs
            }
            Route::Codes => vec![Question::Places],
            Route::People => vec![Question::People, Question::Places],
            Route::Requests => vec![Question::Requests],
            Route::Audit => self.browse.questions(),
            Route::Places => vec![Question::Places],
        };
        // The count of what waits stands in the bar of every screen.
        needs.push(Question::Home);
        needs
    }

    /// Asks for everything that the screen needs, where no answer is awaited.
    fn ask(&mut self) -> Vec<Effect> {
        let needs = self.needs();
        let asked = needs.into_iter().map(|need| self.ask_one(need));
        asked.collect::<Vec<_>>().concat()
    }

    fn ask_one(&mut self, question: Question) -> Vec<Effect> {
        let token = self.seat().map(|seat| seat.token.clone());
        match token {
            Some(token) if self.slots.begin(&question) => vec![Effect::Ask(token, question)],
            _ => Vec::new(),
        }
    }

    /// The request that a dialog is about.
    pub fn approval(&self, id: &ApprovalId) -> Option<&Approval> {
        let all = self.slots.approvals().into_iter().flatten();
        let home = self.slots.home();
        let home = home
            .into_iter()
            .flat_map(|home| home.to_decide.iter().chain(&home.asked));
        let poll = match &self.route {
            Route::Poll(topic) => self.slots.poll(topic),
            _ => None,
        };
        let poll = poll.into_iter().flat_map(|poll| &poll.waiting);
        all.chain(home).chain(poll).find(|one| one.id == *id)
    }
}

impl Browse {
    /// A question for every page that is shown.
    pub fn questions(&self) -> Vec<Question> {
        let question = |before: &Option<u64>| Question::Audit {
            before: *before,
            search: self.search.clone(),
        };
        match self.pages.as_slice() {
            [] => vec![question(&None)],
            pages => pages.iter().map(question).collect(),
        }
    }
}

impl Browse {
    /// The same of a roll: pages begin after a number.
    pub fn entries(&self, kind: RollKind) -> Vec<Question> {
        let question = |after: &Option<u64>| {
            let asked = EntriesAsked {
                place: PlaceId::parse(&self.place).ok(),
                search: self.search.clone(),
                after: after
                    .and_then(|after| i64::try_from(after).ok())
                    .unwrap_or(0),
            };
            Question::RollEntries(kind, asked)
        };
        match self.pages.as_slice() {
            [] => vec![question(&None)],
            pages => pages.iter().map(question).collect(),
        }
    }
}

/// Whether an error says that nobody is signed in any more.
pub(crate) fn is_signed_out(error: &DeskError) -> bool {
    *error == DeskError::Refused(DeskRefusal::SignedOut)
}
