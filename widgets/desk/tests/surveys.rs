//! Surveys at the desk, played against the community in memory: from a source to a
//! survey, from a survey to a round, from a round to what it obliges to.

use futures::executor::block_on;
use linli_desk::definition::Definition;
use linli_desk::route::Route;
use linli_desk::state::{
    Action, Dialog, Effect, Env, Field, FrameSaid, Pick, Said, Source, State, SurveyAct,
    SurveyField, SurveyPick, Tastes, reduce,
};
use linli_model::desk::survey::{SurveyDraft, SurveyRead};
use linli_model::desk::{Command, DeskRefusal};
use linli_model::{CommunityId, IdempotencyKey, PollKind, SurveyId, TopicId, UtcMs};
use linli_port::desk::{Desk, DeskError, Told};
use linli_port::memory::{CODE, Fault, MemoryDesk, PASSWORD, TestAmbient};
use std::rc::Rc;

/// 2026-10-31T12:00:00Z
const NOW: UtcMs = 1_793_448_000_000;

const PASTED: &str = "小区食堂，您怎么看？\n只要两分钟。\n1. 您多久去一次？\n每天\n很少\n\
    2. 您给食堂打几分？【打分】*\n3. 还想说什么？【多行文本】";

struct Play {
    state: State,
    backend: MemoryDesk,
    chance: u8,
    seen: Vec<Effect>,
}

impl Play {
    fn signed_in(login: &str) -> Self {
        let tastes = Tastes {
            elder: false,
            theme: linli_ui::Theme::Light,
            keys: true,
        };
        let community = CommunityId::parse("jiangpan").expect("a slug");
        let (state, _) = State::new(community, None, None, Route::Home, tastes);
        let backend = MemoryDesk::sample(Rc::new(TestAmbient::new(NOW, 7)));
        let mut play = Self {
            state,
            backend,
            chance: 0,
            seen: Vec::new(),
        };
        for (field, text) in [
            (Field::Login, login),
            (Field::Password, PASSWORD),
            (Field::Code, CODE),
        ] {
            play.act(Action::Typed(field, text.to_owned()));
        }
        play.act(Action::Entered);
        play
    }

    fn act(&mut self, action: Action) {
        self.chance += 1;
        let env = Env {
            now_ms: NOW,
            chance: [self.chance; 16],
        };
        for effect in reduce(&mut self.state, action, &env) {
            self.perform(effect, &env);
        }
    }

    fn perform(&mut self, effect: Effect, env: &Env) {
        let desk = &self.backend;
        let action = match effect {
            Effect::SignIn(body) => Action::SignedIn(block_on(desk.sign_in(&body))),
            Effect::Ask(token, question) => {
                let answer = block_on(desk.ask(&token, &question));
                Action::Answered(question, answer)
            }
            Effect::Send(token, key, command) => {
                let reply = block_on(desk.command(&token, &key, &command));
                Action::Replied(key, reply)
            }
            Effect::ReadSurvey(token, source) => {
                let read = block_on(desk.read_survey(&token, &source));
                Action::Survey(SurveyAct::Read(read))
            }
            Effect::Survey(act) => {
                for effect in linli_desk::surveys().reduce(&mut self.state, act, env) {
                    self.perform(effect, env);
                }
                return;
            }
            Effect::Navigate(route) => Action::Went(route),
            other => return self.seen.push(other),
        };
        self.act(action);
    }

    fn go(&mut self, route: Route) {
        self.act(Action::Went(route));
    }

    fn survey(&mut self, act: SurveyAct) {
        self.act(Action::Survey(act));
    }

    fn type_in(&mut self, field: SurveyField, text: &str) {
        self.act(Action::Typed(Field::Survey(field), text.to_owned()));
    }

    fn pick(&mut self, pick: SurveyPick) {
        self.act(Action::Picked(Pick::Survey(pick)));
    }

    fn definition(&self) -> &Definition {
        &self
            .state
            .surveys
            .editor
            .as_ref()
            .expect("being written")
            .definition
    }

    /// Pasted, given a place, saved.
    fn canteen(&mut self) -> SurveyId {
        self.go(Route::NewSurvey);
        self.pick(SurveyPick::Source(Source::Text));
        self.type_in(SurveyField::Pasted, PASTED);
        self.survey(SurveyAct::ReadAsked);
        assert_eq!(self.state.route, Route::WriteSurvey);
        self.type_in(SurveyField::Place, "grid-1");
        self.survey(SurveyAct::SaveAsked);
        assert_eq!(self.state.said, Some(Said::SurveySaved));
        match &self.state.route {
            Route::Survey(survey) => survey.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn refusal(&self) -> Option<&DeskError> {
        self.state.doing.as_ref()?.problem.as_ref()
    }
}

fn topic(id: &str) -> TopicId {
    TopicId::parse(id).expect("a slug")
}

fn property() -> SurveyId {
    SurveyId::parse("property").expect("a slug")
}

#[test]
fn pasted_text_becomes_a_survey_that_is_asked() {
    let mut play = Play::signed_in("zhou");
    let survey = play.canteen();
    let detail = play.state.slots.survey(&survey).unwrap();
    assert_eq!(detail.card.title, "小区食堂，您怎么看？");
    assert_eq!(detail.card.questions, 3);
    play.go(Route::Ask(survey.clone()));
    let editor = play.state.editor.clone().unwrap();
    assert_eq!(editor.place, "grid-1");
    play.act(Action::SaveAsked);
    let Route::Poll(round) = play.state.route.clone() else {
        panic!("{:?} {:?}", play.state.route, play.refusal());
    };
    let view = play.state.slots.poll(&round).unwrap();
    assert!(matches!(&view.topic.poll.kind, PollKind::Survey { wave } if wave.number == 1));
    play.act(Action::Opened(Dialog::Publish(round)));
    play.act(Action::ConfirmAsked);
    assert_eq!(play.state.said, Some(Said::Published));
}

#[test]
fn what_is_guessed_and_what_does_not_run_is_told() {
    let mut play = Play::signed_in("zhou");
    play.go(Route::NewSurvey);
    play.pick(SurveyPick::Source(Source::Text));
    play.type_in(SurveyField::Pasted, PASTED);
    play.survey(SurveyAct::ReadAsked);
    let editor = play.state.surveys.editor.as_ref().unwrap();
    assert_eq!(editor.warnings[0].fault, "type_guessed_single");
    assert_eq!(editor.warnings[0].path, "line 3");
    assert_eq!(editor.warnings[0].found, "1. 您多久去一次？");

    play.go(Route::NewSurvey);
    play.act(Action::ConfirmAsked);
    play.survey(SurveyAct::FileRead(
        r#"{"elements":[{"type":"signaturepad","name":"s"}]}"#.to_owned(),
    ));
    let unfit = play.state.surveys.unfit.clone().unwrap();
    assert_eq!(unfit.faults[0].fault, "unsupported_type");
    assert_eq!(unfit.faults[0].found, "signaturepad");
    for nonsense in ["", "no json", "[1]", "{\"pages\":7}"] {
        play.survey(SurveyAct::FileRead(nonsense.to_owned()));
        assert!(play.state.surveys.editor.is_none(), "{nonsense}");
    }
}

#[test]
fn a_question_is_written_and_checked_before_it_is_saved() {
    let mut play = Play::signed_in("zhou");
    play.go(Route::NewSurvey);
    play.survey(SurveyAct::BlankAsked);
    play.survey(SurveyAct::SaveAsked);
    let editor = play.state.surveys.editor.as_ref().unwrap();
    let told: Vec<_> = editor.misfits.iter().map(|one| one.path.as_str()).collect();
    let all = [
        "survey.title",
        "survey.place",
        "q.0.title",
        "q.0.choices.0",
        "q.0.choices.1",
    ];
    assert_eq!(told, all);
    play.type_in(SurveyField::Title, "停车");
    play.type_in(SurveyField::Place, "jiangpan");
    play.type_in(SurveyField::Text(0, "title"), "您有车吗？");
    play.type_in(SurveyField::Item(0, "choices", 0), "有");
    play.type_in(SurveyField::Item(0, "choices", 1), "没有");
    play.type_in(SurveyField::Adding, "comment");
    play.pick(SurveyPick::Add);
    play.type_in(SurveyField::Text(1, "title"), "停在哪里？");
    play.type_in(SurveyField::ConditionQuestion(1), "q1");
    play.type_in(SurveyField::ConditionOp(1), "<>");
    play.type_in(SurveyField::ConditionValue(1), "item2");
    play.pick(SurveyPick::Require(1, true));
    let text = play.definition().text();
    assert!(text.contains(r#""visibleIf":"{q1} <> 'item2'""#), "{text}");
    play.pick(SurveyPick::Shift {
        question: 1,
        up: true,
    });
    assert_eq!(play.definition().questions("")[0].name, "q2");
    play.pick(SurveyPick::Shift {
        question: 0,
        up: false,
    });
    play.survey(SurveyAct::SaveAsked);
    assert_eq!(
        play.state.said,
        Some(Said::SurveySaved),
        "{:?}",
        play.refusal()
    );
}

#[test]
fn what_another_person_wrote_meanwhile_loses_nothing() {
    let mut play = Play::signed_in("zhou");
    play.go(Route::EditSurvey(property()));
    play.type_in(SurveyField::Text(0, "title"), "我的改动");
    let (token, detail) = {
        let seat = play.state.seat().unwrap();
        (
            seat.token.clone(),
            play.state.slots.survey(&property()).unwrap().clone(),
        )
    };
    let mut theirs = Definition::read(&detail.definition).unwrap();
    theirs.write("title", "zh-cn", "对方的改动");
    let command = Command::PutSurvey {
        survey: SurveyDraft {
            id: property(),
            place: detail.card.place.id.clone(),
            title: "对方的改动".to_owned(),
            rated: detail.card.rated.clone(),
            definition: theirs.text(),
            scoring: Some(detail.scoring.clone()),
            based_on: Some(detail.card.version.clone()),
        },
    };
    let key = IdempotencyKey::from_bytes([99; 16]);
    block_on(play.backend.command(&token, &key, &command)).unwrap();

    play.survey(SurveyAct::SaveAsked);
    assert_eq!(
        play.refusal(),
        Some(&DeskError::Refused(DeskRefusal::Conflict))
    );
    assert!(
        play.definition().text().contains("我的改动"),
        "nothing is lost"
    );
    play.survey(SurveyAct::SaveOverAsked);
    assert_eq!(
        play.state.said,
        Some(Said::SurveySaved),
        "{:?}",
        play.refusal()
    );
    let detail = play.state.slots.survey(&property()).unwrap();
    assert_eq!(detail.versions.len(), 3);
    assert!(detail.definition.contains("我的改动"));
    // The instrument's scoring is still there.
    assert!(detail.scoring.low_score_asks.is_some());

    // The open round still asks the first version, until somebody says otherwise and why.
    play.go(Route::Poll(topic("property-2026")));
    let newest = play
        .state
        .slots
        .survey(&property())
        .unwrap()
        .card
        .version
        .clone();
    play.act(Action::Opened(Dialog::Correct(
        topic("property-2026"),
        newest.clone(),
    )));
    play.act(Action::ConfirmAsked);
    assert!(play.state.reason_due);
    play.act(Action::Typed(Field::Reason, "第一题说得更清楚".to_owned()));
    play.act(Action::ConfirmAsked);
    assert_eq!(play.state.said, Some(Said::Corrected));
    let wave = play.state.slots.wave(&topic("property-2026")).unwrap();
    assert_eq!(wave.version, newest);
}

#[test]
fn a_low_score_leads_to_what_is_mended() {
    let mut play = Play::signed_in("zhou");
    let overdue = play.state.slots.surveys().unwrap()[0].waves[1].obligation;
    assert!(overdue.is_some_and(|one| !one.is_met));
    play.go(Route::Mend(topic("property-2025")));
    let mend = &play.state.surveys.mend;
    assert!(!mend.items.is_empty(), "low items are proposed");
    assert_eq!(mend.who, "江畔物业公司");
    play.survey(SurveyAct::MendAsked);
    assert_eq!(play.state.surveys.mend.missing, Some("what"));
    play.type_in(SurveyField::MendWhat, "每天清扫楼道");
    play.type_in(SurveyField::MendDue, "2020-01-01T00:00");
    play.survey(SurveyAct::MendAsked);
    assert_eq!(play.state.surveys.mend.missing, Some("due"));
    play.type_in(SurveyField::MendDue, "2026-12-31T18:00");
    play.survey(SurveyAct::MendAsked);
    assert_eq!(
        play.state.said,
        Some(Said::ActionPublished),
        "{:?}",
        play.refusal()
    );
    play.go(Route::Survey(property()));
    let actions = play
        .state
        .slots
        .survey(&property())
        .unwrap()
        .actions
        .clone();
    assert_eq!(actions[0].what, "每天清扫楼道");
    play.pick(SurveyPick::ReportOn(Some(actions[1].id.clone())));
    play.survey(SurveyAct::OutcomeAsked);
    assert_eq!(
        play.seen.last(),
        Some(&Effect::Focus("f-outcome".to_owned()))
    );
    play.type_in(SurveyField::Outcome, "已经办好");
    play.survey(SurveyAct::OutcomeAsked);
    assert_eq!(play.state.said, Some(Said::ActionReported));
    let actions = &play.state.slots.survey(&property()).unwrap().actions;
    assert!(actions[1].outcome.is_some());
}

#[test]
fn the_frame_is_told_what_is_written() {
    let mut play = Play::signed_in("zhou");
    play.go(Route::EditSurvey(property()));
    play.type_in(SurveyField::Text(0, "title"), "看得到吗？");
    play.seen.clear();
    play.survey(SurveyAct::Frame(FrameSaid::Ready));
    let Some(Effect::Show(told)) = play.seen.last() else {
        panic!("{:?}", play.seen);
    };
    let told: serde_json::Value = serde_json::from_str(told).unwrap();
    assert_eq!(told["mode"], "preview");
    assert!(told["definition"].as_str().unwrap().contains("看得到吗？"));
    // Answers of a preview are nobody's.
    play.survey(SurveyAct::Frame(FrameSaid::Answers(
        "v".to_owned(),
        "{}".to_owned(),
    )));
    assert_eq!(play.state.fill, None);
}

#[test]
fn what_is_written_is_left_only_when_somebody_says_so() {
    let mut play = Play::signed_in("zhou");
    play.go(Route::EditSurvey(property()));
    play.type_in(SurveyField::Rated, "别的公司");
    play.go(Route::Home);
    assert_eq!(play.state.dialog, Some(Dialog::Leave(Route::Home)));
    assert_eq!(play.state.route, Route::EditSurvey(property()));
    play.act(Action::ConfirmAsked);
    assert_eq!(play.state.route, Route::Home);
    assert_eq!(play.state.surveys.editor, None);
}

#[test]
fn a_lost_answer_to_saving_is_sent_again_with_the_same_key() {
    let mut play = Play::signed_in("zhou");
    play.go(Route::EditSurvey(property()));
    play.type_in(SurveyField::Rated, "别的公司");
    // What is read comes; what is saved is done, and its reply is lost.
    play.backend.faults().always(Some(Fault::UnreachableBefore));
    play.survey(SurveyAct::SaveAsked);
    assert_eq!(play.state.surveys.problem, Some(DeskError::Unreachable));
    play.backend.faults().always(Some(Fault::UnreachableAfter));
    play.survey(SurveyAct::Read(Ok(Told::of(SurveyRead::default()))));
    let key = play.state.doing.as_ref().unwrap().key.clone();
    play.backend.faults().always(None);
    play.survey(SurveyAct::Read(Ok(Told::of(SurveyRead::default()))));
    assert_eq!(play.state.said, Some(Said::SurveySaved));
    assert!(play.state.doing.is_none(), "{key:?}");
    let detail = play.state.slots.survey(&property()).unwrap();
    assert_eq!(detail.card.rated, "别的公司");
}
