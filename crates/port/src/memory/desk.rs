//! A desk's backend in memory: a made-up community with staff, polls and requests, under
//! the same rules of who may and what takes two as the server's.
//!
//! It is for tests, screenshots and hot reload. Left out: limits on what is written in a
//! poll, exports of more than a few lines, files of rolls, setting up a renewed second
//! factor.

mod attachments;
mod behalf;
mod commands;
mod sample;

use super::fault::Faults;
use crate::desk::{Answer, Asked, Desk, DeskError, Export, FileBytes, News, Pocket, Question};
use crate::{Ambient, Guard};
use linli_model::desk::request::{AnswerRequest, RequestsView, ResidentRequest};
use linli_model::desk::roll::{EntriesAsked, RollEntry, RollLine, RollPage};
use linli_model::desk::{
    AcceptInvitation, Actor, Approval, ApprovalState, Attachment, AuditEntry, AuditPage, Command,
    CommandReply, ConfirmEnrolment, DeskRefusal, Enrolled, Enrolment, FillIn, FilledIn, HomeView,
    InvitationRow, InvitationView, LiveEvent, PeopleView, Permission, PlaceNode, PollCard,
    PollState, PollView, Post, RollKind, RollPreview, RollVersion, Session, SessionRow, SignIn,
    StaffRow, StaffSelf, Subject, TopicDraft,
};
use linli_model::me::RequestState;
use linli_model::{
    CommunityRef, GrantToken, IdempotencyKey, PlaceId, PlaceRef, PlaceTurnout, Refusal, RequestId,
    StaffId, Topic, TopicId, Turnout, UtcMs,
};
use linli_rules::desk as rule;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::rc::Rc;

/// Everybody's password here.
pub const PASSWORD: &str = "linli-in-memory";
/// The six digits that always fit here.
pub const CODE: &str = "246810";

const SESSION_MS: i64 = 12 * 3_600_000;
const INVITATION_MS: i64 = 7 * 86_400_000;
const APPROVAL_MS: i64 = 7 * 86_400_000;
const ATTEMPTS_MAX: u32 = 5;
const PAUSE_MS: i64 = 60_000;
const PASSWORD_CHARS_MIN: u32 = 12;
const RECENT_MS: i64 = 30 * 86_400_000;
const AUDIT_PAGE: usize = 20;
/// Places with fewer voters are left out of turnouts.
const CELL_MIN: u64 = 5;

/// Implements [`Desk`]. Time and chance are the ambient's.
pub struct MemoryDesk {
    ambient: Rc<dyn Ambient>,
    faults: Faults,
    held: RefCell<Held>,
    listeners: Listeners,
}

type Listeners = Rc<RefCell<Vec<(u64, Rc<dyn Fn(News)>)>>>;

struct Held {
    community: CommunityRef,
    places: Vec<Site>,
    rolls: Vec<RollVersion>,
    drafts: Vec<RollPreview>,
    staff: Vec<Member>,
    invitations: Vec<Invitation>,
    sessions: Vec<OpenSession>,
    topics: Vec<HeldTopic>,
    approvals: Vec<Approval>,
    audit: Vec<AuditEntry>,
    filled: Vec<behalf::Filled>,
    attached: Vec<(IdempotencyKey, Attachment)>,
    requests: Vec<ResidentRequest>,
    replies: Vec<(IdempotencyKey, Command, CommandReply)>,
    households_with_code: u64,
    wrong_tries: u32,
    pause_until_ms: UtcMs,
    listens: u64,
}

/// A place, and the households at it without those below.
struct Site {
    node: PlaceNode,
    households: u64,
}

struct Member {
    row: StaffRow,
    password: String,
}

struct Invitation {
    row: InvitationRow,
    token: GrantToken,
    accepted: Option<AcceptInvitation>,
}

struct OpenSession {
    token: GrantToken,
    row: SessionRow,
    expires_at_ms: UtcMs,
}

struct HeldTopic {
    topic: Topic,
    published: bool,
    places: Vec<PlaceTurnout>,
    notices: Vec<linli_model::desk::Notice>,
    attachments: Vec<Attachment>,
    result: Option<linli_model::PollResult>,
}

impl MemoryDesk {
    /// The made-up community 江畔社区. Three of its staff have accounts: `zhou` (owner), `li`
    /// (moderator of grid 2) and `wang` (supervisor), all with [`PASSWORD`] and [`CODE`].
    pub fn sample(ambient: Rc<dyn Ambient>) -> Self {
        let held = sample::community(ambient.now_ms());
        Self {
            ambient,
            faults: Faults::default(),
            held: RefCell::new(held),
            listeners: Listeners::default(),
        }
    }

    /// What is going to go wrong.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// `count` more households vote in the first open poll, as if from their phones.
    pub fn cast(&self, count: u64) {
        let now_ms = self.ambient.now_ms();
        let mut held = self.held.borrow_mut();
        let open = held
            .topics
            .iter_mut()
            .find(|one| one.state(now_ms) == PollState::Open);
        let Some(place) = open.and_then(|topic| topic.places.first_mut()) else {
            return;
        };
        place.turnout.cast += count;
        drop(held);
        self.tell(Subject::Turnout, "");
    }

    fn tell(&self, subject: Subject, id: &str) {
        let listeners = self.listeners.borrow().clone();
        for (_, hear) in listeners {
            hear(News::Changed(LiveEvent {
                subject,
                id: id.to_owned(),
            }));
        }
    }

    fn answer<'a, T: 'a>(
        &'a self,
        answer: impl FnOnce(&mut Held, &Env) -> Result<T, DeskRefusal> + 'a,
    ) -> Asked<'a, T> {
        Box::pin(async move {
            let latency_ms = self.faults.latency_ms();
            if latency_ms > 0 {
                self.ambient.sleep(latency_ms).await;
            }
            let env = Env {
                now_ms: self.ambient.now_ms(),
                chance: [self.ambient.chance(), self.ambient.chance()],
            };
            let answer = || answer(&mut self.held.borrow_mut(), &env);
            match self.faults.take() {
                None => answer().map_err(DeskError::Refused),
                Some(fault) => fault.instead_of_desk(answer),
            }
        })
    }
}

/// What is decided with besides what is held.
struct Env {
    now_ms: UtcMs,
    chance: [[u8; 16]; 2],
}

impl Env {
    fn token(&self) -> Result<GrantToken, DeskRefusal> {
        GrantToken::parse(&hex(&self.chance.concat())).map_err(|_| DeskRefusal::Unknown)
    }
}

/// Who asks.
struct Caller {
    id: StaffId,
    name: String,
    posts: Vec<Post>,
}

impl Caller {
    fn may(&self, permission: Permission, chain: &[PlaceId]) -> Result<(), DeskRefusal> {
        if rule::may(&self.posts, permission, chain) {
            Ok(())
        } else {
            Err(DeskRefusal::NotPermitted { needs: permission })
        }
    }

    fn may_somewhere(&self, permission: Permission) -> Result<(), DeskRefusal> {
        if rule::permissions(&self.posts).contains(&permission) {
            Ok(())
        } else {
            Err(DeskRefusal::NotPermitted { needs: permission })
        }
    }
}

impl Desk for MemoryDesk {
    fn sign_in<'a>(&'a self, body: &'a SignIn) -> Asked<'a, Session> {
        self.answer(|held, env| held.sign_in(body, env))
    }

    fn resume<'a>(&'a self, token: &'a GrantToken) -> Asked<'a, StaffSelf> {
        self.answer(|held, env| {
            let caller = held.caller(token, env)?;
            held.staff_self(&caller.id)
        })
    }

    fn sign_out<'a>(&'a self, token: &'a GrantToken) -> Asked<'a, ()> {
        self.answer(|held, _| {
            held.sessions.retain(|session| session.token != *token);
            Ok(())
        })
    }

    fn invitation<'a>(&'a self, token: &'a GrantToken) -> Asked<'a, InvitationView> {
        self.answer(|held, env| {
            let row = held.invitation(token, env)?.row.clone();
            Ok(InvitationView {
                community: held.community.clone(),
                name: row.name,
                posts: row.posts,
                expires_at_ms: row.expires_at_ms,
                renews: false,
            })
        })
    }

    fn accept<'a>(
        &'a self,
        token: &'a GrantToken,
        body: &'a AcceptInvitation,
    ) -> Asked<'a, Enrolment> {
        self.answer(|held, env| held.accept(token, body, env))
    }

    fn confirm<'a>(
        &'a self,
        token: &'a GrantToken,
        body: &'a ConfirmEnrolment,
    ) -> Asked<'a, Enrolled> {
        self.answer(|held, env| held.confirm(token, body, env))
    }

    fn ask<'a>(&'a self, token: &'a GrantToken, question: &'a Question) -> Asked<'a, Answer> {
        self.answer(|held, env| {
            let caller = held.caller(token, env)?;
            held.ask(&caller, question, env)
        })
    }

    fn command<'a>(
        &'a self,
        token: &'a GrantToken,
        key: &'a IdempotencyKey,
        command: &'a Command,
    ) -> Asked<'a, CommandReply> {
        Box::pin(async move {
            let reply = self.answer(|held, env| {
                let caller = held.caller(token, env)?;
                held.command(&caller, key, command, env)
            });
            let reply = reply.await;
            if reply.is_ok() {
                self.tell(subject_of(command), "");
            }
            reply
        })
    }

    fn fill_in<'a>(
        &'a self,
        token: &'a GrantToken,
        key: &'a IdempotencyKey,
        topic: &'a TopicId,
        body: &'a FillIn,
    ) -> Asked<'a, FilledIn> {
        Box::pin(async move {
            let told = self.answer(|held, env| {
                let caller = held.caller(token, env)?;
                held.fill_in(&caller, key, (topic, body), env)
            });
            let told = told.await;
            if told.is_ok() {
                self.tell(Subject::Turnout, topic.as_str());
            }
            told
        })
    }

    fn attach<'a>(
        &'a self,
        token: &'a GrantToken,
        key: &'a IdempotencyKey,
        topic: &'a TopicId,
        alt: &'a str,
        file: &'a FileBytes,
    ) -> Asked<'a, Attachment> {
        Box::pin(async move {
            let told = self.answer(|held, env| {
                let caller = held.caller(token, env)?;
                held.attach(&caller, key, (topic, alt, file), env)
            });
            let told = told.await;
            if told.is_ok() {
                self.tell(Subject::Poll, topic.as_str());
            }
            told
        })
    }

    fn answer_request<'a>(
        &'a self,
        token: &'a GrantToken,
        request: &'a RequestId,
        body: &'a AnswerRequest,
    ) -> Asked<'a, ()> {
        self.answer(move |held, env| {
            let caller = held.caller(token, env)?;
            caller.may(Permission::Requests, &[])?;
            let waits =
                |one: &&mut ResidentRequest| one.id == *request && one.state == RequestState::Open;
            let one = held.requests.iter_mut().find(waits);
            let one = one.ok_or(DeskRefusal::AlreadySettled)?;
            one.answer = body.answer.trim().to_owned();
            one.state = match body.is_done {
                true => RequestState::Done,
                false => RequestState::Declined,
            };
            one.settled_at_ms = Some(env.now_ms);
            let id = request.to_string();
            held.record(&caller, "answered_request", &id, "", env.now_ms);
            Ok(())
        })
    }

    fn preview_roll<'a>(
        &'a self,
        token: &'a GrantToken,
        kind: RollKind,
        file: &'a FileBytes,
    ) -> Asked<'a, RollPreview> {
        self.answer(move |held, env| {
            let caller = held.caller(token, env)?;
            caller.may(Permission::Rolls, &[])?;
            let preview = sample::preview(&held.community, kind, &file.name, env.now_ms);
            held.drafts.push(preview.clone());
            Ok(preview)
        })
    }

    fn export<'a>(&'a self, token: &'a GrantToken, export: &'a Export) -> Asked<'a, FileBytes> {
        self.answer(|held, env| {
            let caller = held.caller(token, env)?;
            caller.may_somewhere(Permission::Export)?;
            held.record(&caller, "exported", &export.name, "", env.now_ms);
            let line = |one: &HeldTopic| format!("{},{}\r\n", one.topic.id, one.topic.title);
            let wanted = held.topics.iter().filter(|one| {
                let topic = export.topic.as_ref();
                topic.is_none_or(|topic| *topic == one.topic.id)
            });
            let lines: String = wanted.map(line).collect();
            Ok(FileBytes {
                name: format!("{}.csv", export.name),
                media_type: "text/csv; charset=utf-8".to_owned(),
                bytes: format!("\u{feff}{lines}").into_bytes(),
            })
        })
    }

    fn live(&self, token: &GrantToken, hear: Rc<dyn Fn(News)>) -> Guard {
        let mut held = self.held.borrow_mut();
        held.listens += 1;
        let number = held.listens;
        let known = held.sessions.iter().any(|session| session.token == *token);
        drop(held);
        hear(if known {
            News::Connected
        } else {
            News::SignedOut
        });
        self.listeners.borrow_mut().push((number, hear));
        let listeners = Rc::clone(&self.listeners);
        Guard::new(move || listeners.borrow_mut().retain(|(one, _)| *one != number))
    }
}

const fn subject_of(command: &Command) -> Subject {
    match command {
        Command::CreateTopic { .. }
        | Command::UpdateTopic { .. }
        | Command::DeleteTopic { .. }
        | Command::OpenPoll { .. }
        | Command::ExtendPoll { .. }
        | Command::AddAttachment { .. }
        | Command::RemoveAttachment { .. } => Subject::Poll,
        Command::ClosePoll { .. }
        | Command::ResetFactor { .. }
        | Command::Decide { .. }
        | Command::Withdraw { .. } => Subject::Approval,
        Command::AdoptRoll { .. }
        | Command::MakeCodes { .. }
        | Command::PutPlace { .. }
        | Command::ClosePlace { .. } => Subject::Roll,
        Command::Invite { .. }
        | Command::RevokeInvitation { .. }
        | Command::SetPosts { .. }
        | Command::EndSession { .. } => Subject::People,
    }
}

impl HeldTopic {
    fn state(&self, now_ms: UtcMs) -> PollState {
        let poll = &self.topic.poll;
        match linli_rules::phase::at(poll, now_ms) {
            _ if !self.published => PollState::Draft,
            linli_model::Phase::Upcoming => PollState::Upcoming,
            linli_model::Phase::Open => PollState::Open,
            linli_model::Phase::Closed => PollState::Closed,
        }
    }

    fn turnout(&self) -> Turnout {
        let sum = |one: fn(&PlaceTurnout) -> u64| self.places.iter().map(one).sum();
        Turnout {
            cast: sum(|place| place.turnout.cast),
            eligible: Some(sum(|place| place.turnout.eligible.unwrap_or(0))),
        }
    }

    fn card(&self, now_ms: UtcMs) -> PollCard {
        PollCard {
            topic: self.topic.id.clone(),
            title: self.topic.title.clone(),
            place: self.topic.place.clone(),
            state: self.state(now_ms),
            nature: self.topic.poll.nature,
            electorate: self.topic.poll.electorate,
            opens_at_ms: self.topic.poll.opens_at_ms,
            closes_at_ms: self.topic.poll.closes_at_ms,
            turnout: self.turnout(),
        }
    }
}

impl Held {
    fn caller(&mut self, token: &GrantToken, env: &Env) -> Result<Caller, DeskRefusal> {
        let session = self
            .sessions
            .iter_mut()
            .find(|session| session.token == *token && session.expires_at_ms > env.now_ms)
            .ok_or(DeskRefusal::SignedOut)?;
        session.row.used_at_ms = env.now_ms;
        let id = session.row.staff.clone();
        let member = self.staff.iter().find(|member| member.row.id == id);
        let row = &member.ok_or(DeskRefusal::SignedOut)?.row;
        Ok(Caller {
            id,
            name: row.name.clone(),
            posts: row.posts.clone(),
        })
    }

    fn staff_self(&self, id: &StaffId) -> Result<StaffSelf, DeskRefusal> {
        let member = self.staff.iter().find(|member| member.row.id == *id);
        let row = &member.ok_or(DeskRefusal::SignedOut)?.row;
        Ok(StaffSelf {
            id: row.id.clone(),
            name: row.name.clone(),
            login: row.login.clone(),
            community: self.community.clone(),
            posts: row.posts.clone(),
            permissions: rule::permissions(&row.posts),
            recovery_codes_left: 10,
        })
    }

    fn sign_in(&mut self, body: &SignIn, env: &Env) -> Result<Session, DeskRefusal> {
        if env.now_ms < self.pause_until_ms {
            let retry_after_ms = self.pause_until_ms - env.now_ms;
            return Err(Refusal::TooManyAttempts { retry_after_ms }.into());
        }
        let member = self.staff.iter().find(|member| {
            let row = &member.row;
            row.login.eq_ignore_ascii_case(body.login.trim()) && !row.posts.is_empty()
        });
        let fits = |member: &&Member| member.password == body.password && body.code == CODE;
        let Some(id) = member.filter(fits).map(|member| member.row.id.clone()) else {
            self.wrong_tries += 1;
            if self.wrong_tries >= ATTEMPTS_MAX {
                self.wrong_tries = 0;
                self.pause_until_ms = env.now_ms + PAUSE_MS;
            }
            let attempts_left = ATTEMPTS_MAX - self.wrong_tries;
            return Err(DeskRefusal::SignInFailed { attempts_left });
        };
        self.wrong_tries = 0;
        self.open_session(id, env)
    }

    fn open_session(&mut self, id: StaffId, env: &Env) -> Result<Session, DeskRefusal> {
        let token = env.token()?;
        let expires_at_ms = env.now_ms + SESSION_MS;
        self.sessions.push(OpenSession {
            token: token.clone(),
            row: SessionRow {
                id: format!("s{}", self.audit.len()),
                staff: id.clone(),
                started_at_ms: env.now_ms,
                used_at_ms: env.now_ms,
                device: "Chrome · Android".to_owned(),
                is_this: false,
            },
            expires_at_ms,
        });
        for member in &mut self.staff {
            if member.row.id == id {
                member.row.signed_in_at_ms = Some(env.now_ms);
            }
        }
        let staff = self.staff_self(&id)?;
        let caller = Caller {
            id,
            name: staff.name.clone(),
            posts: Vec::new(),
        };
        self.record(&caller, "signed_in", "", "", env.now_ms);
        Ok(Session {
            token,
            expires_at_ms,
            staff,
        })
    }

    fn invitation(
        &mut self,
        token: &GrantToken,
        env: &Env,
    ) -> Result<&mut Invitation, DeskRefusal> {
        self.invitations
            .iter_mut()
            .find(|one| one.token == *token && one.row.expires_at_ms > env.now_ms)
            .ok_or(DeskRefusal::InvitationInvalid)
    }

    fn accept(
        &mut self,
        token: &GrantToken,
        body: &AcceptInvitation,
        env: &Env,
    ) -> Result<Enrolment, DeskRefusal> {
        let mut known = self.staff.iter();
        if known.any(|member| member.row.login.eq_ignore_ascii_case(body.login.trim())) {
            return Err(DeskRefusal::LoginTaken);
        }
        if body.password.chars().count() < PASSWORD_CHARS_MIN as usize {
            let min_chars = PASSWORD_CHARS_MIN;
            return Err(DeskRefusal::PasswordWeak { min_chars });
        }
        self.invitation(token, env)?.accepted = Some(body.clone());
        Ok(Enrolment {
            secret: "JBSWY3DPEHPK3PXP7I2Q4ZSTKRXW2NDE".to_owned(),
            uri: "otpauth://totp/demo".to_owned(),
            qr_path: sample::qr_path(),
            qr_modules: sample::QR_MODULES,
        })
    }

    fn confirm(
        &mut self,
        token: &GrantToken,
        body: &ConfirmEnrolment,
        env: &Env,
    ) -> Result<Enrolled, DeskRefusal> {
        let invitation = self.invitation(token, env)?;
        let accepted = invitation.accepted.clone();
        let accepted = accepted.filter(|accepted| accepted.password == body.password);
        let accepted = accepted.ok_or(DeskRefusal::InvitationInvalid)?;
        if body.code != CODE {
            return Err(DeskRefusal::CodeWrong);
        }
        let row = invitation.row.clone();
        self.invitations.retain(|one| one.token != *token);
        let id = StaffId::from_bytes(env.chance[1]);
        self.staff.push(Member {
            row: StaffRow {
                id: id.clone(),
                name: row.name,
                login: accepted.login,
                posts: row.posts,
                signed_in_at_ms: None,
            },
            password: accepted.password,
        });
        let session = self.open_session(id, env)?;
        let code = |n: u8| {
            let digest = Sha256::digest([&env.chance[0][..], &[n]].concat());
            let hex = hex(&digest[..10]);
            [&hex[..5], &hex[5..10], &hex[10..15], &hex[15..20]].join("-")
        };
        Ok(Enrolled {
            session,
            recovery_codes: (0..10).map(code).collect(),
        })
    }

    fn ask(
        &mut self,
        caller: &Caller,
        question: &Question,
        env: &Env,
    ) -> Result<Answer, DeskRefusal> {
        Ok(match question {
            Question::Home => Answer::Home(Box::new(self.home(caller, env))),
            Question::Polls => {
                let cards = self.topics.iter().map(|one| one.card(env.now_ms));
                Answer::Polls(cards.collect())
            }
            Question::Poll(id) => {
                let topic = self.topics.iter().find(|one| one.topic.id == *id);
                let topic = topic.ok_or(DeskRefusal::Unknown)?;
                Answer::Poll(Box::new(self.poll(topic, caller, env)))
            }
            Question::Attachments(id) => Answer::Attachments(self.attachments(id)?),
            Question::Approvals => Answer::Approvals(self.approvals_for(caller, |_| true)),
            Question::People => Answer::People(Box::new(self.people(caller))),
            Question::Places => {
                // Above before below: the way from the top, name by name.
                let mut places: Vec<PlaceNode> =
                    self.places.iter().map(|site| site.node.clone()).collect();
                places.sort_by_cached_key(|place| {
                    let mut way = self.chain(&place.id);
                    way.reverse();
                    way
                });
                Answer::Places(places)
            }
            Question::Rolls => Answer::Rolls(self.rolls.clone()),
            Question::Requests => {
                caller.may(Permission::Requests, &[])?;
                let is_open = |one: &ResidentRequest| one.state == RequestState::Open;
                let (open, settled) = self.requests.iter().cloned().partition(is_open);
                Answer::Requests(Box::new(RequestsView { open, settled }))
            }
            Question::Voters { topic, search } => {
                Answer::Voters(Box::new(self.voters(caller, topic, search)?))
            }
            Question::RollEntries(kind, asked) => {
                let chain = asked.place.as_ref().map(|place| self.chain(place));
                caller.may(Permission::Rolls, &chain.unwrap_or_default())?;
                self.record(caller, "roll_read", kind.as_str(), "", env.now_ms);
                Answer::RollEntries(Box::new(self.entries(asked)))
            }
            Question::Audit { before, search } => {
                caller.may_somewhere(Permission::Audit)?;
                Answer::Audit(Box::new(self.audit_page(*before, search)))
            }
        })
    }

    /// Households by number: here a roll is what its places say of it.
    fn entries(&self, asked: &EntriesAsked) -> RollPage {
        let place = asked.place.as_ref();
        let here = self
            .places
            .iter()
            .filter(|site| place.is_none_or(|place| self.chain(&site.node.id).contains(place)));
        let lines = here.flat_map(|site| {
            (1..=site.households).map(|n| RollLine {
                entry: 0,
                voter: 0,
                place_name: site.node.name.clone(),
                content: RollEntry {
                    place: site.node.id.clone(),
                    label: format!("{n} 号"),
                    name: String::new(),
                    owner: String::new(),
                    developer: false,
                    registered_csqm: None,
                    surveyed_csqm: None,
                    contract_csqm: None,
                },
            })
        });
        let numbered = (1_i64..).zip(lines).map(|(number, mut line)| {
            (line.entry, line.voter) = (number, number);
            line
        });
        let mut lines: Vec<RollLine> = numbered
            .filter(|line| line.entry > asked.after && line.content.label.contains(&asked.search))
            .take(AUDIT_PAGE + 1)
            .collect();
        let more = lines.len() > AUDIT_PAGE;
        lines.truncate(AUDIT_PAGE);
        RollPage {
            next: lines.last().filter(|_| more).map(|line| line.entry),
            lines,
        }
    }

    fn home(&self, caller: &Caller, env: &Env) -> HomeView {
        let waits = |one: &Approval| one.state == ApprovalState::Waiting;
        let cards = |states: &[PollState]| {
            let cards = self.topics.iter().map(|one| one.card(env.now_ms));
            cards
                .filter(|card| states.contains(&card.state))
                .collect::<Vec<_>>()
        };
        let mut open = cards(&[PollState::Open]);
        open.sort_by_key(|card| card.closes_at_ms);
        let mut closed = cards(&[PollState::Closed]);
        closed.retain(|card| card.closes_at_ms > env.now_ms - RECENT_MS);
        closed.sort_by_key(|card| -card.closes_at_ms);
        let mut to_decide = self.approvals_for(caller, waits);
        to_decide.retain(|one| one.may_decide);
        let mut asked = self.approvals_for(caller, waits);
        asked.retain(|one| one.asked_by == caller.id);
        HomeView {
            now_ms: env.now_ms,
            to_decide,
            asked,
            open,
            coming: cards(&[PollState::Draft, PollState::Upcoming]),
            closed,
            households: self.places.iter().map(|site| site.households).sum(),
            households_with_code: self.households_with_code,
            // Everybody sees every poll here.
            fillable: Vec::new(),
            requests: match caller.may(Permission::Requests, &[]) {
                Ok(()) => self
                    .requests
                    .iter()
                    .filter(|one| one.answer.is_empty())
                    .count() as u64,
                Err(_) => 0,
            },
        }
    }

    fn approvals_for(&self, caller: &Caller, keep: impl Fn(&Approval) -> bool) -> Vec<Approval> {
        let for_caller = |one: &Approval| {
            let mut one = one.clone();
            let waits = one.state == ApprovalState::Waiting;
            let own = one.asked_by == caller.id;
            let chain = self.chain_of(&one.command);
            one.may_decide = waits && !own && caller.may(Permission::Approve, &chain).is_ok();
            one.may_withdraw = waits && own;
            one
        };
        let kept = self.approvals.iter().filter(|one| keep(one));
        kept.map(for_caller).collect()
    }

    fn poll(&self, held: &HeldTopic, caller: &Caller, env: &Env) -> PollView {
        let is_shown = |place: &&PlaceTurnout| place.turnout.eligible.unwrap_or(0) >= CELL_MIN;
        let places: Vec<PlaceTurnout> = held.places.iter().filter(is_shown).cloned().collect();
        let hidden = held.places.len() - places.len();
        let topic = held.topic.id.clone();
        let is_about = |one: &Approval| {
            let waits = one.state == ApprovalState::Waiting;
            waits && matches!(&one.command, Command::ClosePoll { topic: of, .. } if *of == topic)
        };
        PollView {
            topic: held.topic.clone(),
            state: held.state(env.now_ms),
            turnout: held.turnout(),
            places,
            places_hidden: u32::try_from(hidden).unwrap_or(0),
            notices: held.notices.clone(),
            result: held.result.clone(),
            waiting: self.approvals_for(caller, is_about),
        }
    }

    fn people(&self, caller: &Caller) -> PeopleView {
        let all = caller.may_somewhere(Permission::People).is_ok();
        let staff = self.staff.iter().map(|member| member.row.clone());
        let sessions = self.sessions.iter().map(|session| SessionRow {
            is_this: session.row.staff == caller.id,
            ..session.row.clone()
        });
        let invitations = self.invitations.iter().map(|one| one.row.clone());
        PeopleView {
            staff: staff.filter(|row| all || row.id == caller.id).collect(),
            invitations: invitations.filter(|_| all).collect(),
            sessions: sessions
                .filter(|row| all || row.staff == caller.id)
                .collect(),
        }
    }

    fn audit_page(&self, before: Option<u64>, search: &str) -> AuditPage {
        let found = |entry: &&AuditEntry| {
            let text = serde_json::to_string(entry).unwrap_or_default();
            before.is_none_or(|before| entry.number < before) && text.contains(search)
        };
        let mut found: Vec<AuditEntry> = self.audit.iter().rev().filter(found).cloned().collect();
        let more = found.len() > AUDIT_PAGE;
        found.truncate(AUDIT_PAGE);
        AuditPage {
            next_before: found.last().filter(|_| more).map(|entry| entry.number),
            entries: found,
            newest: self.audit.len() as u64,
        }
    }

    fn record(&mut self, caller: &Caller, action: &str, subject: &str, detail: &str, at: UtcMs) {
        let previous = self.audit.last().map(|entry| entry.hash.clone());
        let mut entry = AuditEntry {
            number: self.audit.len() as u64 + 1,
            at_ms: at,
            actor: Actor::Staff {
                id: caller.id.clone(),
                name: caller.name.clone(),
            },
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: detail.to_owned(),
            previous: previous.unwrap_or_else(|| "0".repeat(64)),
            hash: String::new(),
        };
        let text = serde_json::to_string(&entry).unwrap_or_default();
        entry.hash = hex(&Sha256::digest(text));
        self.audit.push(entry);
    }

    /// A place and everything above it.
    fn chain(&self, place: &PlaceId) -> Vec<PlaceId> {
        let mut chain = Vec::new();
        let mut next = Some(place.clone());
        while let Some(id) = next {
            let site = self.places.iter().find(|site| site.node.id == id);
            next = site.and_then(|site| site.node.parent.clone());
            chain.push(id);
        }
        chain
    }

    fn place_ref(&self, id: &PlaceId) -> Result<PlaceRef, DeskRefusal> {
        let site = self.places.iter().find(|site| site.node.id == *id);
        let site = site.ok_or(DeskRefusal::Invalid {
            path: "place".to_owned(),
            fault: "unknown".to_owned(),
        })?;
        Ok(PlaceRef {
            id: site.node.id.clone(),
            name: site.node.name.clone(),
        })
    }

    fn topic_of(&self, draft: &TopicDraft) -> Result<Topic, DeskRefusal> {
        Ok(Topic {
            id: draft.id.clone(),
            community: self.community.clone(),
            place: self.place_ref(&draft.place)?,
            lang: draft.lang.clone(),
            title: draft.title.clone(),
            summary: draft.summary.clone(),
            poll: draft.poll.clone(),
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps things as long as it lives.
#[derive(Debug, Default)]
pub struct MemoryPocket {
    token: RefCell<Option<GrantToken>>,
    tastes: RefCell<Vec<(String, String)>>,
}

impl Pocket for MemoryPocket {
    fn token(&self) -> Option<GrantToken> {
        self.token.borrow().clone()
    }

    fn keep_token(&self, token: Option<&GrantToken>) {
        *self.token.borrow_mut() = token.cloned();
    }

    fn taste(&self, name: &str) -> Option<String> {
        let tastes = self.tastes.borrow();
        let (_, word) = tastes.iter().find(|(known, _)| known == name)?;
        Some(word.clone())
    }

    fn keep_taste(&self, name: &str, word: &str) {
        let mut tastes = self.tastes.borrow_mut();
        tastes.retain(|(known, _)| known != name);
        tastes.push((name.to_owned(), word.to_owned()));
    }
}
