//! The desk's reducer, played against the community in memory: what a person does, what
//! the world is asked, what is on screen then.

use futures::executor::block_on;
use linli_desk::editor::Kind;
use linli_desk::route::Route;
use linli_desk::state::{
    Action, Dialog, Doing, Effect, Env, Field, FillAct, FillStep, Gate, JoinStep, Line, Pick, Said,
    State, Tastes, reduce,
};
use linli_model::desk::{
    ApprovalState, Command, Decision, DeskRefusal, LiveEvent, Permission, PollState, Subject,
};
use linli_model::{CommunityId, Refusal, TopicId, UtcMs};
use linli_port::desk::{Desk, DeskError, FileBytes, News, Question};
use linli_port::memory::{CODE, Fault, MemoryDesk, PASSWORD, TestAmbient};
use std::rc::Rc;

/// 2026-10-31T12:00:00Z
const NOW: UtcMs = 1_793_448_000_000;

/// Somebody at a desk, and what the edge would do.
struct Play {
    state: State,
    backend: Rc<MemoryDesk>,
    chance: u8,
    /// Effects that need no backend, in order.
    seen: Vec<Effect>,
    /// Questions asked so far.
    asked: Vec<Question>,
    /// Commands are not carried out while this is set.
    holding: bool,
    held: Vec<Effect>,
}

impl Play {
    fn new() -> Self {
        let ambient = Rc::new(TestAmbient::new(NOW, 7));
        let backend = Rc::new(MemoryDesk::sample(ambient));
        let community = CommunityId::parse("jiangpan").expect("a slug");
        let (state, _) = State::new(community, None, None, Route::Home, tastes());
        Self {
            state,
            backend,
            chance: 0,
            seen: Vec::new(),
            asked: Vec::new(),
            holding: false,
            held: Vec::new(),
        }
    }

    fn signed_in(login: &str) -> Self {
        let mut play = Self::new();
        play.sign_in(login);
        play
    }

    fn sign_in(&mut self, login: &str) {
        self.type_in(Field::Login, login);
        self.type_in(Field::Password, PASSWORD);
        self.type_in(Field::Code, CODE);
        self.act(Action::Entered);
        assert!(self.state.seat().is_some(), "{:?}", self.state.gate);
    }

    fn type_in(&mut self, field: Field, text: &str) {
        self.act(Action::Typed(field, text.to_owned()));
    }

    fn act(&mut self, action: Action) {
        self.chance += 1;
        let env = Env {
            now_ms: NOW,
            chance: [self.chance; 16],
        };
        let effects = reduce(&mut self.state, action, &env);
        for effect in effects {
            self.perform(effect);
        }
    }

    /// As the edge does it, at once.
    fn perform(&mut self, effect: Effect) {
        let desk = Rc::clone(&self.backend);
        let action = match effect {
            Effect::Send(..) if self.holding => {
                self.held.push(effect);
                return;
            }
            Effect::SignIn(body) => Action::SignedIn(block_on(desk.sign_in(&body))),
            Effect::Resume(token) => Action::Resumed(block_on(desk.resume(&token))),
            Effect::ReadInvitation(token) => {
                Action::InvitationRead(block_on(desk.invitation(&token)))
            }
            Effect::Accept(token, body) => Action::Accepted(block_on(desk.accept(&token, &body))),
            Effect::Confirm(token, body) => {
                Action::Confirmed(block_on(desk.confirm(&token, &body)))
            }
            Effect::Ask(token, question) => {
                self.asked.push(question.clone());
                let answer = block_on(desk.ask(&token, &question));
                Action::Answered(question, answer)
            }
            Effect::Send(token, key, command) => {
                let reply = block_on(desk.command(&token, &key, &command));
                Action::Replied(key, reply)
            }
            Effect::AnswerRequest(token, key, request, body) => {
                let settled = block_on(desk.answer_request(&token, &request, &body));
                Action::RequestSettled(key, settled)
            }
            Effect::FillIn(token, key, topic, body) => {
                let told = block_on(desk.fill_in(&token, &key, &topic, &body));
                Action::FilledIn(key, told)
            }
            Effect::Attach(token, key, topic, alt, file) => {
                let told = block_on(desk.attach(&token, &key, &topic, &alt, &file));
                Action::Attached(key, told)
            }
            Effect::Preview(token, kind, file) => {
                Action::Previewed(block_on(desk.preview_roll(&token, kind, &file)))
            }
            Effect::Export(token, export) => {
                Action::Exported(block_on(desk.export(&token, &export)))
            }
            Effect::Navigate(route) => Action::Went(route),
            other => return self.seen.push(other),
        };
        self.act(action);
    }

    fn refusal(&self) -> Option<&DeskRefusal> {
        match self.state.doing.as_ref()?.problem.as_ref()? {
            DeskError::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    fn poll(&self, id: &str) -> &linli_model::desk::PollView {
        self.state.slots.poll(&topic(id)).expect("it was asked for")
    }
}

fn tastes() -> Tastes {
    Tastes {
        elder: false,
        theme: linli_ui::Theme::Light,
        keys: true,
    }
}

fn topic(id: &str) -> TopicId {
    TopicId::parse(id).expect("a slug")
}

#[test]
fn signing_in_shows_todays_work_and_listens() {
    let play = Play::signed_in("zhou");
    let home = play.state.slots.home().unwrap();
    assert_eq!(home.to_decide.len(), 1);
    assert!(matches!(play.seen[0], Effect::KeepToken(Some(_))));
    assert!(
        play.seen
            .iter()
            .any(|effect| matches!(effect, Effect::Listen(_)))
    );
    assert_eq!(play.seen.last(), Some(&Effect::FocusHeading));
}

#[test]
fn a_wrong_try_keeps_what_was_typed_but_the_code_and_a_pause_is_told() {
    let mut play = Play::new();
    play.type_in(Field::Login, "zhou");
    play.type_in(Field::Password, "wrong");
    for left in (0..5).rev() {
        play.type_in(Field::Code, "111111");
        play.act(Action::Entered);
        let Gate::Out(form) = &play.state.gate else {
            panic!("{:?}", play.state.gate)
        };
        let attempts_left = if left == 0 { 5 } else { left };
        let failed = DeskRefusal::SignInFailed { attempts_left };
        assert_eq!(
            form.problem,
            Some(DeskError::Refused(failed)),
            "{left} left"
        );
        assert_eq!((form.login.as_str(), form.code.as_str()), ("zhou", ""));
        assert!(!form.busy);
    }
    play.act(Action::Entered);
    let Gate::Out(form) = &play.state.gate else {
        panic!()
    };
    let paused = form.problem.as_ref().unwrap();
    assert!(matches!(
        paused,
        DeskError::Refused(DeskRefusal::Resident(Refusal::TooManyAttempts { .. }))
    ));
}

#[test]
fn an_earlier_session_is_resumed_or_asked_for_again_where_there_is_no_network() {
    let mut play = Play::signed_in("zhou");
    let token = play.state.seat().unwrap().token.clone();
    let community = play.state.community.clone();
    let (state, effects) = State::new(community, None, Some(token), Route::Polls, tastes());
    play.state = state;
    play.backend.faults().next([Fault::UnreachableBefore]);
    effects.into_iter().for_each(|effect| play.perform(effect));
    assert!(matches!(play.state.gate, Gate::ResumeFailed(..)));
    play.act(Action::RetryAsked);
    assert!(
        play.state.slots.polls().is_some(),
        "the screen of the address"
    );
}

#[test]
fn whoever_is_signed_out_elsewhere_finds_the_form_and_their_draft_again() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Went(Route::NewPoll));
    play.type_in(Field::Title, "小区东门晚上几点关？");
    play.act(Action::Heard(News::SignedOut));
    let Gate::Out(form) = &play.state.gate else {
        panic!()
    };
    assert!(form.ended && form.login == "zhou");
    assert!(play.seen.contains(&Effect::KeepToken(None)));
    assert!(play.state.slots.home().is_none(), "nothing of it stays");
    play.sign_in("zhou");
    assert_eq!(
        play.state.editor.as_ref().unwrap().title,
        "小区东门晚上几点关？"
    );
    play.act(Action::Heard(News::SignedOut));
    play.sign_in("wang");
    assert!(play.state.editor.is_none(), "it is nobody else's to read");
}

#[test]
fn joining_goes_through_its_three_steps_and_wants_the_codes_kept() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Opened(Dialog::Invite(
        "陈立".to_owned(),
        vec![linli_desk::state::PostDraft {
            role: linli_model::desk::Role::Moderator,
            place: "grid-1".to_owned(),
        }],
    )));
    play.act(Action::ConfirmAsked);
    let Some(Dialog::Invited(token, _)) = play.state.dialog.clone() else {
        panic!("{:?}", play.state.dialog)
    };
    let community = play.state.community.clone();
    let (state, effects) = State::new(community, Some(token), None, Route::Home, tastes());
    play.state = state;
    effects.into_iter().for_each(|effect| play.perform(effect));
    let step = |play: &Play| match &play.state.gate {
        Gate::Joining(join) => (join.step.clone(), join.problem.clone()),
        other => panic!("{other:?}"),
    };
    assert!(matches!(step(&play), (JoinStep::Choosing, None)));
    play.type_in(Field::Login, "zhou");
    play.type_in(Field::Password, "short");
    play.act(Action::Entered);
    assert_eq!(
        step(&play).1,
        Some(DeskError::Refused(DeskRefusal::LoginTaken))
    );
    play.type_in(Field::Login, "chen");
    play.act(Action::Entered);
    assert!(matches!(
        step(&play).1,
        Some(DeskError::Refused(DeskRefusal::PasswordWeak {
            min_chars: 12
        }))
    ));
    play.type_in(Field::Password, "a sentence of mine");
    play.act(Action::Entered);
    assert!(matches!(step(&play), (JoinStep::Enrolling(_), None)));
    play.type_in(Field::Code, "000000");
    play.act(Action::Entered);
    assert_eq!(
        step(&play).1,
        Some(DeskError::Refused(DeskRefusal::CodeWrong))
    );
    play.type_in(Field::Code, CODE);
    play.act(Action::Entered);
    assert!(matches!(
        step(&play),
        (JoinStep::Saving { saved: false, .. }, None)
    ));
    play.act(Action::Entered);
    assert!(play.state.seat().is_none(), "the codes are not kept yet");
    play.act(Action::SavedTicked(true));
    play.act(Action::Entered);
    assert_eq!(play.state.seat().unwrap().staff.name, "陈立");
    assert!(play.seen.contains(&Effect::LeaveInvitation));
}

#[test]
fn a_poll_is_written_kept_published_and_extended() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Went(Route::NewPoll));
    play.act(Action::SaveAsked);
    let editor = play.state.editor.as_ref().unwrap();
    for path in ["title", "place", "poll.options.0.text"] {
        assert_eq!(editor.fault(path), Some("empty"), "{path}");
    }
    assert_eq!(play.seen.last(), Some(&Effect::Focus("f-place".to_owned())));
    play.type_in(Field::Title, "小区东门晚上几点关？");
    play.type_in(Field::Place, "grid-1");
    play.type_in(Field::OptionText(0), "22:00");
    play.type_in(Field::OptionText(1), "22:00");
    play.act(Action::SaveAsked);
    let editor = play.state.editor.as_ref().unwrap();
    assert_eq!(editor.fault("poll.options.1.text"), Some("duplicate"));
    play.type_in(Field::OptionText(1), "23:00");
    play.type_in(Field::TopicId, "east-gate");
    play.act(Action::SaveAsked);
    assert_eq!(play.state.route, Route::Poll(topic("east-gate")));
    assert_eq!(play.state.said, Some(Said::Saved));
    assert_eq!(play.poll("east-gate").state, PollState::Draft);

    play.act(Action::Opened(Dialog::Publish(topic("east-gate"))));
    play.act(Action::ConfirmAsked);
    assert_eq!(
        (play.state.said, &play.state.dialog),
        (Some(Said::Published), &None)
    );
    assert_eq!(play.poll("east-gate").state, PollState::Upcoming);

    let later = linli_desk::zone::to_field(NOW + 20 * 86_400_000, "Asia/Shanghai");
    play.act(Action::Opened(Dialog::Extend(topic("east-gate"), later)));
    play.act(Action::ConfirmAsked);
    assert!(play.state.reason_due && play.state.dialog.is_some(), "why?");
    play.type_in(Field::Reason, "不少人出差");
    play.act(Action::ConfirmAsked);
    assert_eq!(play.state.said, Some(Said::Extended));
    assert_eq!(play.poll("east-gate").notices.len(), 1);
}

#[test]
fn a_refused_draft_marks_the_field() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Went(Route::NewPoll));
    play.type_in(Field::Title, "又一次");
    play.type_in(Field::Place, "grid-1");
    play.act(Action::Picked(Pick::Kind(Kind::Motion)));
    play.type_in(Field::TopicId, "empty-lot");
    play.act(Action::SaveAsked);
    assert_eq!(play.refusal(), Some(&DeskRefusal::NameTaken));
    assert_eq!(
        play.state.editor.as_ref().unwrap().fault("id"),
        Some("taken")
    );
    assert_eq!(play.seen.last(), Some(&Effect::Focus("f-id".to_owned())));
}

#[test]
fn options_move_by_keyboard_and_the_focus_goes_with_them() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Went(Route::NewPoll));
    play.type_in(Field::OptionText(0), "甲");
    play.type_in(Field::OptionText(1), "乙");
    play.act(Action::Picked(Pick::AddOption));
    assert_eq!(
        play.seen.last(),
        Some(&Effect::Focus("f-poll-options-2-text".to_owned()))
    );
    play.act(Action::Picked(Pick::MoveOption { index: 1, up: true }));
    let texts = |play: &Play| -> Vec<String> {
        let editor = play.state.editor.as_ref().unwrap();
        editor.options.iter().map(|one| one.text.clone()).collect()
    };
    assert_eq!(texts(&play), ["乙", "甲", ""]);
    assert_eq!(play.seen.last(), Some(&Effect::Focus("up-0".to_owned())));
    play.act(Action::Picked(Pick::MoveOption { index: 0, up: true }));
    assert_eq!(texts(&play), ["乙", "甲", ""], "it is the first already");
    play.act(Action::Picked(Pick::RemoveOption(2)));
    play.act(Action::Picked(Pick::RemoveOption(0)));
    assert_eq!(texts(&play).len(), 2, "a choice needs two");
}

#[test]
fn what_is_written_is_not_lost_by_a_stray_tap() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Went(Route::NewPoll));
    play.type_in(Field::Title, "半句话");
    play.act(Action::Went(Route::People));
    assert_eq!(play.state.route, Route::NewPoll);
    assert_eq!(play.state.dialog, Some(Dialog::Leave(Route::People)));
    play.act(Action::Dismissed);
    assert_eq!(play.state.editor.as_ref().unwrap().title, "半句话");
    play.act(Action::Went(Route::People));
    play.act(Action::ConfirmAsked);
    assert_eq!(
        (&play.state.route, &play.state.editor),
        (&Route::People, &None)
    );
}

#[test]
fn two_persons_close_a_poll_early() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Went(Route::Poll(topic("empty-lot"))));
    play.act(Action::Opened(Dialog::Close(topic("empty-lot"))));
    play.type_in(Field::Reason, "已经定了");
    play.act(Action::ConfirmAsked);
    assert_eq!(play.state.said, Some(Said::Asked));
    let waiting = &play.poll("empty-lot").waiting;
    assert_eq!(waiting.len(), 1);
    assert!(
        !waiting[0].may_decide && waiting[0].may_withdraw,
        "one's own"
    );
    let id = waiting[0].id.clone();

    play.act(Action::SignOutAsked);
    assert_eq!(play.state.route, Route::Home, "the next person's own day");
    play.sign_in("wang");
    play.act(Action::Opened(Dialog::Decide(id.clone(), Decision::Reject)));
    play.act(Action::ConfirmAsked);
    assert!(play.state.reason_due, "a refusal needs a reason");
    play.act(Action::Opened(Dialog::Decide(
        id.clone(),
        Decision::Approve,
    )));
    play.act(Action::ConfirmAsked);
    assert_eq!(play.state.said, Some(Said::Approved));
    play.act(Action::Went(Route::Approvals));
    let approvals = play.state.slots.approvals().unwrap();
    let this = approvals.iter().find(|one| one.id == id).unwrap();
    assert_eq!(this.state, ApprovalState::Approved);
    play.act(Action::Opened(Dialog::Decide(id, Decision::Approve)));
    play.act(Action::ConfirmAsked);
    assert_eq!(play.refusal(), Some(&DeskRefusal::AlreadySettled));
    assert!(
        play.state.dialog.is_some(),
        "and says so where it was asked"
    );
}

#[test]
fn a_command_without_an_answer_is_sent_again_with_its_key() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Went(Route::Codes));
    play.act(Action::Opened(Dialog::Codes {
        place: "b3".to_owned(),
        renew: false,
        topic: String::new(),
    }));
    play.backend.faults().next([Fault::UnreachableAfter]);
    play.act(Action::ConfirmAsked);
    let unknown = play.state.doing.clone().unwrap();
    assert_eq!(unknown.problem, Some(DeskError::Unreachable));
    play.holding = true;
    play.act(Action::ConfirmAsked);
    play.act(Action::ConfirmAsked);
    assert_eq!(play.held.len(), 1, "an impatient finger sends once");
    let Effect::Send(_, key, _) = &play.held[0] else {
        panic!()
    };
    assert_eq!(*key, unknown.key);
    play.holding = false;
    let held = play.held.remove(0);
    play.perform(held);
    assert_eq!(play.state.doing, None);
    assert!(!play.state.slips.is_empty() && play.state.dialog.is_none());
    play.act(Action::Went(Route::Home));
    assert!(
        play.state.slips.is_empty(),
        "codes are shown only here and now"
    );
}

#[test]
fn another_command_has_another_key() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Opened(Dialog::Delete(topic("empty-lot"))));
    play.act(Action::ConfirmAsked);
    assert_eq!(play.refusal(), Some(&DeskRefusal::AlreadyPublished));
    let first = play.state.doing.clone().unwrap().key;
    play.act(Action::ConfirmAsked);
    let Doing { key, command, .. } = play.state.doing.clone().unwrap();
    assert!(matches!(command, Command::DeleteTopic { .. }));
    assert_ne!(first, key, "what was refused had no effect");
}

#[test]
fn news_is_asked_for_only_where_it_shows() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Went(Route::People));
    play.asked.clear();
    let changed = |subject, id: &str| {
        Action::Heard(News::Changed(LiveEvent {
            subject,
            id: id.to_owned(),
        }))
    };
    play.act(changed(Subject::Turnout, "empty-lot"));
    assert_eq!(play.asked, [Question::Home]);
    play.asked.clear();
    play.act(Action::Went(Route::Poll(topic("empty-lot"))));
    play.asked.clear();
    play.act(changed(Subject::Turnout, "stair-light"));
    assert_eq!(play.asked, [Question::Home], "another poll's");
    play.asked.clear();
    play.backend.cast(3);
    play.act(changed(Subject::Turnout, "empty-lot"));
    assert_eq!(play.asked.len(), 2);
    assert_eq!(play.poll("empty-lot").turnout.cast, 140);
}

#[test]
fn news_during_an_answer_is_not_lost() {
    let mut play = Play::signed_in("zhou");
    let env = Env {
        now_ms: NOW,
        chance: [200; 16],
    };
    let news = || {
        Action::Heard(News::Changed(LiveEvent {
            subject: Subject::All,
            id: String::new(),
        }))
    };
    let first = reduce(&mut play.state, news(), &env);
    assert_eq!(first.len(), 1);
    assert_eq!(
        reduce(&mut play.state, news(), &env),
        [],
        "one is on its way"
    );
    let home = play.state.slots.home().unwrap().clone();
    let answer = Ok(linli_port::desk::Answer::Home(Box::new(home)));
    let again = reduce(
        &mut play.state,
        Action::Answered(Question::Home, answer),
        &env,
    );
    assert_eq!(
        again.len(),
        1,
        "asked once more, since it may be older than the news"
    );
}

#[test]
fn an_old_answer_stays_while_the_network_is_gone() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Heard(News::Lost));
    assert_eq!(play.state.line, Line::Lost);
    play.backend.faults().always(Some(Fault::UnreachableBefore));
    play.act(Action::RetryAsked);
    let slot = play.state.slots.get(&Question::Home).unwrap();
    assert_eq!(slot.problem, Some(DeskError::Unreachable));
    assert!(slot.answer.is_some());
    play.backend.faults().always(None);
    play.asked.clear();
    play.act(Action::Heard(News::Connected));
    assert_eq!(play.asked, [Question::Home], "what was missed is asked for");
    assert_eq!(play.state.line, Line::Open);
    assert_eq!(play.state.slots.get(&Question::Home).unwrap().problem, None);
}

#[test]
fn a_person_is_offered_what_they_may() {
    let supervisor = Play::signed_in("wang");
    assert!(supervisor.state.may(Permission::Approve));
    assert!(!supervisor.state.may(Permission::Polls));
    let mut moderator = Play::signed_in("li");
    moderator.act(Action::Went(Route::Audit));
    let question = &moderator.state.browse.questions()[0];
    let slot = moderator.state.slots.get(question).unwrap();
    let refused = DeskRefusal::NotPermitted {
        needs: Permission::Audit,
    };
    assert_eq!(slot.problem, Some(DeskError::Refused(refused)));
}

#[test]
fn the_last_owner_stays() {
    let mut play = Play::signed_in("zhou");
    let me = play.state.seat().unwrap().staff.id.clone();
    play.act(Action::Opened(Dialog::Posts(me, Vec::new())));
    play.act(Action::ConfirmAsked);
    assert_eq!(play.refusal(), Some(&DeskRefusal::LastOwner));
}

#[test]
fn a_roll_is_read_first_and_adopted_by_two() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Went(Route::Rolls));
    play.act(Action::FileChosen(linli_port::desk::FileBytes {
        name: "户册.csv".to_owned(),
        media_type: "text/csv".to_owned(),
        bytes: b"x".to_vec(),
    }));
    let preview = play.state.upload.as_ref().unwrap().preview.as_ref();
    assert_eq!(preview.unwrap().file_name, "户册.csv");
    play.act(Action::Opened(Dialog::Adopt { leave_out: false }));
    play.act(Action::Picked(Pick::LeaveOut(true)));
    play.act(Action::ConfirmAsked);
    assert_eq!(
        (play.state.said, &play.state.upload),
        (Some(Said::Asked), &None)
    );
    assert_eq!(play.state.slots.rolls().unwrap()[0].version, 3, "not yet");
}

#[test]
fn the_audit_log_is_read_page_by_page() {
    let mut play = Play::signed_in("zhou");
    for n in 0..25 {
        play.act(Action::Opened(Dialog::Invite(
            format!("同事{n}"),
            Vec::new(),
        )));
        play.act(Action::ConfirmAsked);
    }
    play.act(Action::Went(Route::Audit));
    let first = play.state.browse.questions()[0].clone();
    let next = play.state.slots.audit(&first).unwrap().next_before.unwrap();
    play.act(Action::MoreAsked(next));
    let pages = play.state.browse.questions();
    let count = |question| play.state.slots.audit(question).unwrap().entries.len();
    assert_eq!(pages.iter().map(count).collect::<Vec<_>>(), [20, 6]);
    play.type_in(Field::Search, "同事7");
    play.act(Action::SearchAsked);
    let found = play.state.slots.audit(&play.state.browse.questions()[0]);
    assert_eq!(found.unwrap().entries.len(), 1);
}

fn filled_to_reading(play: &mut Play) {
    play.act(Action::Went(Route::Fill(topic("empty-lot"))));
    play.type_in(Field::FillSearch, "4 栋 404");
    play.act(Action::Fill(FillAct::Search));
    play.act(Action::Fill(FillAct::Voter(0)));
    play.act(Action::Picked(Pick::FillChoice("shed".to_owned())));
    play.type_in(Field::Consenter, " 王桂兰 ");
    play.act(Action::Fill(FillAct::Next));
}

#[test]
fn a_ballot_is_read_back_before_it_is_recorded() {
    let mut play = Play::signed_in("li");
    play.act(Action::Went(Route::Fill(topic("empty-lot"))));
    play.type_in(Field::FillSearch, "4 栋 404");
    play.act(Action::Fill(FillAct::Search));
    // Nothing is chosen, nobody has consented: the first of them takes the focus.
    play.act(Action::Fill(FillAct::Voter(0)));
    play.act(Action::Fill(FillAct::Next));
    assert_eq!(
        play.seen.last(),
        Some(&Effect::Focus("fill-choice-0".to_owned()))
    );
    play.act(Action::Picked(Pick::FillChoice("shed".to_owned())));
    play.act(Action::Fill(FillAct::Next));
    assert_eq!(
        play.seen.last(),
        Some(&Effect::Focus("f-consenter".to_owned()))
    );
    filled_to_reading(&mut play);
    let fill = play.state.fill.as_ref().unwrap();
    let FillStep::Reading(body) = &fill.step else {
        panic!("{fill:?}")
    };
    assert_eq!(
        (body.consenter.as_str(), body.label.as_str()),
        ("王桂兰", "404 室")
    );
    play.act(Action::Fill(FillAct::Go));
    let fill = play.state.fill.as_ref().unwrap();
    assert!(matches!(fill.step, FillStep::Done(_)), "{fill:?}");
    assert!(fill.chosen.is_empty() && fill.consenter.is_empty());
    play.act(Action::Went(Route::Home));
    assert_eq!(play.state.fill, None);
}

#[test]
fn a_ballot_whose_fate_is_not_known_is_sent_again_with_its_key() {
    let mut play = Play::signed_in("li");
    filled_to_reading(&mut play);
    play.backend.faults().next([Fault::UnreachableAfter]);
    play.act(Action::Fill(FillAct::Go));
    let fill = play.state.fill.as_ref().unwrap();
    assert_eq!(fill.problem, Some(DeskError::Unreachable));
    play.act(Action::Fill(FillAct::Go));
    let fill = play.state.fill.as_ref().unwrap();
    let FillStep::Done(told) = &fill.step else {
        panic!("{fill:?}")
    };
    assert_eq!(told.revision, 1, "recorded once");
}

#[test]
fn staff_neither_find_other_grids_nor_replace_a_household_s_own_ballot() {
    let mut play = Play::signed_in("li");
    play.act(Action::Went(Route::Fill(topic("empty-lot"))));
    play.type_in(Field::FillSearch, "栋 101");
    play.act(Action::Fill(FillAct::Search));
    let question = Question::Voters {
        topic: topic("empty-lot"),
        search: "栋 101".to_owned(),
    };
    let found = play.state.slots.voters(&question).unwrap();
    assert!(found.voters.len() > 1);
    for hit in &found.voters {
        let place = hit.place.name.as_str();
        assert!(
            ["3 栋", "4 栋"].contains(&place),
            "of grid 2 alone: {place}"
        );
    }
    play.type_in(Field::FillSearch, "4 栋 101");
    play.act(Action::Fill(FillAct::Search));
    play.act(Action::Fill(FillAct::Voter(0)));
    assert_eq!(
        play.state.fill.as_ref().unwrap().voter,
        None,
        "voted itself"
    );
}

#[test]
fn a_resident_s_request_is_answered_once_and_with_words() {
    let mut play = Play::signed_in("zhou");
    assert_eq!(play.state.slots.home().unwrap().requests, 1);
    play.act(Action::Went(Route::Requests));
    let open = &play.state.slots.requests().unwrap().open;
    let id = open[0].id.clone();
    play.act(Action::Opened(Dialog::Answer(id.clone(), false)));
    play.act(Action::ConfirmAsked);
    assert!(play.state.reason_due, "a resident is owed a reason");
    play.type_in(Field::Reason, " 登记以房产证为准。 ");
    play.act(Action::ConfirmAsked);
    assert_eq!(
        (play.state.said, &play.state.dialog),
        (Some(Said::Answered), &None)
    );
    let view = play.state.slots.requests().unwrap();
    assert!(view.open.is_empty());
    let settled = view.settled.iter().find(|one| one.id == id).unwrap();
    assert_eq!(settled.answer, "登记以房产证为准。");
    assert_eq!(play.state.slots.home().unwrap().requests, 0);
    // Somebody else was faster.
    play.act(Action::Opened(Dialog::Answer(id, true)));
    play.type_in(Field::Reason, "已改。");
    play.act(Action::ConfirmAsked);
    assert_eq!(play.refusal(), Some(&DeskRefusal::AlreadySettled));
    let wang = Play::signed_in("wang");
    assert!(!wang.state.may(Permission::Requests));
    assert_eq!(wang.state.slots.home().unwrap().requests, 0);
}

#[test]
fn a_place_is_added_once_renamed_and_closed() {
    let mut play = Play::signed_in("zhou");
    play.act(Action::Went(Route::Places));
    let open = |id: &str, name: &str, parent: &str| {
        Action::Opened(Dialog::Place {
            id: id.to_owned(),
            name: name.to_owned(),
            parent: parent.to_owned(),
        })
    };
    play.act(open("", "", "grid-1"));
    play.type_in(Field::PlaceName, "九栋");
    // The answer is lost; pressing again adds no second place.
    play.backend.faults().next([Fault::UnreachableAfter]);
    play.act(Action::ConfirmAsked);
    play.act(Action::ConfirmAsked);
    assert_eq!(play.state.said, Some(Said::PlacePut));
    let named = |play: &Play, name: &str| {
        let places = play.state.slots.places().iter();
        let found: Vec<_> = places.filter(|place| place.name == name).cloned().collect();
        found
    };
    let added = named(&play, "九栋");
    assert_eq!(added.len(), 1, "one place");
    let id = added[0].id.clone();
    play.act(open(id.as_str(), "九栋", "grid-1"));
    play.type_in(Field::PlaceName, "9 栋");
    play.type_in(Field::PlaceParent, "");
    play.act(Action::ConfirmAsked);
    assert_eq!(named(&play, "9 栋")[0].parent, None);
    play.act(Action::Opened(Dialog::ClosePlace(id)));
    play.act(Action::ConfirmAsked);
    assert_eq!(play.state.said, Some(Said::PlaceClosed));
    assert!(named(&play, "9 栋").is_empty());
    let used = linli_model::PlaceId::parse("grid-1").unwrap();
    play.act(Action::Opened(Dialog::ClosePlace(used)));
    play.act(Action::ConfirmAsked);
    assert_eq!(play.refusal(), Some(&DeskRefusal::PlaceInUse));
}

#[test]
fn a_roll_is_read_by_place_and_page_and_searched() {
    let mut play = Play::signed_in("zhou");
    let kind = linli_model::desk::RollKind::Households;
    play.act(Action::Went(Route::Roll(kind)));
    let lines = |play: &Play| {
        let questions = play.state.browse.entries(kind);
        let pages = questions
            .iter()
            .map(|one| play.state.slots.entries(one).unwrap());
        pages.map(|page| page.lines.len()).sum::<usize>()
    };
    let first = lines(&play);
    let question = &play.state.browse.entries(kind)[0];
    let next = play.state.slots.entries(question).unwrap().next.unwrap();
    play.act(Action::MoreAsked(u64::try_from(next).unwrap()));
    assert!(lines(&play) > first, "the next page stands below the first");
    play.type_in(Field::RollPlace, "b3");
    let question = &play.state.browse.entries(kind)[0];
    let page = play.state.slots.entries(question).unwrap();
    assert!(
        page.lines
            .iter()
            .all(|line| line.content.place.as_str() == "b3")
    );
    play.type_in(Field::Search, "nobody");
    play.act(Action::SearchAsked);
    assert_eq!(lines(&play), 0);
    play.act(Action::Went(Route::Audit));
    assert!(
        play.state.browse.search.is_empty(),
        "the log is not searched for it"
    );
}

#[test]
fn a_file_is_chosen_described_sent_once_and_removed() {
    let mut play = Play::signed_in("zhou");
    let lot = topic("empty-lot");
    play.act(Action::Went(Route::Poll(lot.clone())));
    let held = |play: &Play| play.state.slots.attachments(&lot).unwrap().to_vec();
    let before = held(&play).len();
    let problem = |play: &Play| match &play.state.attach.problem {
        Some(DeskError::Refused(DeskRefusal::Invalid { path, fault })) => {
            format!("{path} {fault}")
        }
        other => panic!("{other:?}"),
    };
    play.act(Action::AttachAsked);
    assert_eq!(problem(&play), "file empty");
    let file = |media_type: &str| FileBytes {
        name: "东侧.jpg".to_owned(),
        media_type: media_type.to_owned(),
        bytes: vec![1, 2, 3],
    };
    play.act(Action::FileChosen(file("text/plain")));
    play.act(Action::AttachAsked);
    assert_eq!(problem(&play), "alt empty");
    assert_eq!(
        play.seen.last(),
        Some(&Effect::Focus("f-attachment-alt".to_owned()))
    );
    play.type_in(Field::AttachmentAlt, "东侧空地");
    play.act(Action::AttachAsked);
    assert_eq!(problem(&play), "file unsupported");
    // The answer is lost; pressing again adds no second one.
    play.act(Action::FileChosen(file("image/jpeg")));
    play.backend.faults().next([Fault::UnreachableAfter]);
    play.act(Action::AttachAsked);
    assert_eq!(play.state.attach.problem, Some(DeskError::Unreachable));
    play.act(Action::AttachAsked);
    assert_eq!(play.state.said, Some(Said::Attached));
    assert_eq!(held(&play).len(), before + 1, "one");
    assert_eq!(play.state.attach.file, None);
    let added = held(&play).pop().unwrap();
    assert_eq!(added.alt, "东侧空地");
    // What was chosen for this topic is not for another.
    play.act(Action::FileChosen(file("image/jpeg")));
    play.act(Action::Went(Route::Polls));
    play.act(Action::Went(Route::Poll(lot.clone())));
    assert_eq!(play.state.attach.file, None);
    play.act(Action::Opened(Dialog::Detach(
        lot.clone(),
        added.upload.id.clone(),
        added.alt,
    )));
    play.act(Action::ConfirmAsked);
    assert_eq!(play.state.said, Some(Said::Detached));
    assert_eq!(held(&play).len(), before);
    play.act(Action::SignOutAsked);
    assert_eq!(play.state.attach, linli_desk::state::Attach::default());
}
