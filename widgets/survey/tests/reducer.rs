//! The reducer, through its actions: what a person does, what the world answers, and
//! what is on screen then. Clock, chance and patterns are pinned.

use linli_model::wave::{SurveyView, Wave};
use linli_model::*;
use linli_port::{Capabilities, CastCommand, Pending, PortError, Settlement, Step};
use linli_rules::survey::Patterns;
use linli_survey::state::{
    Action, Ask, COMMENT_FIELD, Card, Draft, Effect, Env, Keepsake, Keepsakes, Node, Origin,
    Problem, Profile, ProgressStep, RoundState, Stage, State, Trouble, reduce, refresh_in_ms,
};
use linli_texts::Catalog;
use serde_json::json;
use std::rc::Rc;

const NOW: i64 = 1_793_000_000_000;
const PROPERTY: &str = include_str!("definitions/property.json");

struct Regress;

impl Patterns for Regress {
    fn is_match(&self, pattern: &str, is_case_insensitive: bool, text: &str) -> Option<bool> {
        let flags = if is_case_insensitive { "i" } else { "" };
        let regex = regress::Regex::with_flags(pattern, flags).ok()?;
        Some(regex.find(text).is_some())
    }
}

const ENV: Env = Env {
    now_ms: NOW,
    ahead_of_utc_minutes: 480,
    chance: [[1; 16], [2; 16]],
    patterns: &Regress,
};

fn id<T, E: std::fmt::Debug>(parse: impl Fn(&str) -> Result<T, E>, text: &str) -> T {
    parse(text).expect("test identifiers are valid")
}

fn survey(definition: &str, version: &str) -> SurveyView {
    let wave = Wave {
        survey: id(SurveyId::parse, "property"),
        number: 1,
        version: version.repeat(64),
        quotas: Vec::new(),
    };
    let poll = Poll {
        id: id(PollId::parse, "q"),
        question: String::new(),
        kind: PollKind::Survey { wave },
        nature: PollNature::Consultation,
        electorate: Electorate::Households,
        credential: Credential::HouseholdCode,
        secrecy: Secrecy::Recorded,
        changes: Changes::UntilClosing,
        results: ResultsVisibility::AfterClosing,
        opens_at_ms: 0,
        closes_at_ms: NOW + 3_600_000,
        rule: None,
        work_bits: None,
    };
    let topic = Topic {
        id: id(TopicId::parse, "t"),
        community: CommunityRef {
            id: id(CommunityId::parse, "c"),
            name: "江畔社区".into(),
            time_zone: "Asia/Shanghai".into(),
        },
        place: PlaceRef {
            id: id(PlaceId::parse, "p"),
            name: "二网格".into(),
        },
        lang: "zh-Hans".into(),
        title: "物业服务满意度调查".into(),
        summary: String::new(),
        poll,
    };
    SurveyView {
        view: TopicView {
            topic,
            phase: Phase::Open,
            turnout: Turnout {
                cast: 87,
                eligible: Some(240),
            },
            result: None,
        },
        definition: definition.into(),
        rated: String::new(),
        actions: Vec::new(),
    }
}

fn empty() -> State {
    let texts = Rc::new(Catalog::embedded("zh-Hans").expect("the locale exists"));
    let capabilities = Capabilities {
        topics: true,
        receipts: true,
        standing: true,
        formal: false,
    };
    State::new(capabilities, texts, None)
}

fn act(state: &mut State, action: Action) -> Vec<Effect> {
    reduce(state, action, &ENV)
}

fn serve(state: &mut State, survey: SurveyView) -> Vec<Effect> {
    act(state, Action::SurveyAnswered(Ok(Box::new(survey))))
}

fn loaded(definition: &str) -> State {
    let mut state = empty();
    serve(&mut state, survey(definition, "a"));
    assert!(state.survey().is_some(), "{:?}", state.round);
    state
}

fn begun(definition: &str) -> State {
    let mut state = loaded(definition);
    act(&mut state, Action::Started);
    assert_eq!(state.stage, Stage::Filling);
    state
}

/// A survey of these questions on one page.
fn asking(elements: serde_json::Value) -> State {
    begun(&json!({ "elements": elements }).to_string())
}

fn cards(nodes: &[Node]) -> Vec<Rc<Card>> {
    let mut all = Vec::new();
    for node in nodes {
        match node {
            Node::Panel { nodes, .. } => all.extend(cards(nodes)),
            Node::Question(card) => all.push(card.clone()),
        }
    }
    all
}

fn shown(state: &State) -> Vec<Rc<Card>> {
    cards(&state.form.as_ref().expect("a form").nodes)
}

fn keys(state: &State) -> Vec<String> {
    shown(state).iter().map(|card| card.key.clone()).collect()
}

fn card(state: &State, key: &str) -> Rc<Card> {
    let all = shown(state);
    let found = all.iter().find(|card| card.key == key);
    found
        .unwrap_or_else(|| panic!("no {key} on the page"))
        .clone()
}

fn pick(state: &mut State, key: &str, row: usize, item: usize) -> Vec<Effect> {
    let question = card(state, key).id;
    act(
        state,
        Action::Picked {
            question,
            row,
            item,
        },
    )
}

fn write(state: &mut State, key: &str, field: usize, text: &str) -> Vec<Effect> {
    let (question, text) = (card(state, key).id, text.to_owned());
    act(
        state,
        Action::Wrote {
            question,
            field,
            text,
        },
    )
}

fn answers(state: &State) -> serde_json::Value {
    let draft = state.draft_to_keep().expect("a draft");
    serde_json::from_str(&draft.answers).expect("JSON")
}

fn page(state: &State) -> usize {
    state.form.as_ref().expect("a form").progress.page
}

/// Through all pages of the property survey, up to the code.
fn finish(state: &mut State) -> Vec<Effect> {
    pick(state, "overall", 0, 4);
    act(state, Action::NextAsked);
    for row in 0..3 {
        pick(state, "items", row, 1);
    }
    act(state, Action::NextAsked);
    pick(state, "age_group", 0, 2);
    act(state, Action::NextAsked);
    assert_eq!(state.stage, Stage::Review);
    act(state, Action::NextAsked)
}

fn token(text: &str) -> GrantToken {
    id(GrantToken::parse, text)
}

fn grant(voted: bool, reply: Option<CastReply>) -> Grant {
    Grant {
        token: token("g1"),
        poll: id(PollId::parse, "q"),
        voter: "8 栋 2 单元 301".into(),
        expires_at_ms: NOW + 60_000,
        standing: Standing { voted, reply },
    }
}

fn reply(choice: Choice, revision: u32) -> CastReply {
    CastReply {
        receipt: Receipt {
            version: 1,
            code: "7Q4M-KX2P-9TDA".into(),
            community: id(CommunityId::parse, "c"),
            topic: id(TopicId::parse, "t"),
            poll: id(PollId::parse, "q"),
            secrecy: Secrecy::Recorded,
            revision,
            commitment: "0".repeat(64),
            cast_at_ms: Some(NOW),
            key_id: "k".into(),
            on_behalf: false,
            signature: "s".into(),
        },
        opening: Opening {
            choice,
            nonce: "0".repeat(64),
        },
    }
}

fn command(effects: &[Effect]) -> CastCommand {
    let cast = effects.iter().find_map(|effect| match effect {
        Effect::Cast(command) => Some((**command).clone()),
        _ => None,
    });
    cast.unwrap_or_else(|| panic!("no cast in {effects:?}"))
}

fn identify(state: &mut State) -> CastCommand {
    act(state, Action::CodeTyped("7q4m-kx2p-9tda".into()));
    let asked = act(state, Action::Submitted);
    assert_eq!(asked, [Effect::IdentifyCode("7q4m-kx2p-9tda".into())]);
    let effects = act(state, Action::Identified(Ok(grant(false, None))));
    command(&effects)
}

fn settle(state: &mut State, command: CastCommand, end: Settlement) -> Vec<Effect> {
    act(
        state,
        Action::Stepped(Box::new(command), Step::Settled(end)),
    )
}

fn recorded(state: &mut State, command: CastCommand, revision: u32) -> Vec<Effect> {
    let reply = reply(command.ballot.choice.clone(), revision);
    settle(state, command, Settlement::Recorded(Box::new(reply)))
}

#[test]
fn answers_show_what_they_lead_to_and_are_kept_at_once() {
    let mut state = begun(PROPERTY);
    assert_eq!(keys(&state), ["overall", "nps", "met"]);
    let effects = pick(&mut state, "overall", 0, 1);
    assert_eq!(effects, [Effect::SaveDraft, Effect::SaveDefinition]);
    assert_eq!(keys(&state), ["overall", "why", "nps", "met"]);
    assert_eq!(answers(&state), json!({ "overall": 2 }));
    // The definition is kept once.
    assert_eq!(pick(&mut state, "overall", 0, 4), [Effect::SaveDraft]);
    assert_eq!(keys(&state), ["overall", "nps", "met"]);
}

#[test]
fn only_what_changed_is_drawn_again() {
    let mut state = begun(PROPERTY);
    let before = shown(&state);
    pick(&mut state, "nps", 0, 7);
    let after = shown(&state);
    assert!(Rc::ptr_eq(&before[0], &after[0]));
    assert!(!Rc::ptr_eq(&before[1], &after[1]));
    assert!(Rc::ptr_eq(&before[2], &after[2]));
}

#[test]
fn in_a_matrix_only_the_tapped_row_is_drawn_again() {
    let names: Vec<String> = (0..40).map(|at| format!("n{at}")).collect();
    let element = json!({"type": "matrix", "name": "m", "rows": names, "columns": &names[..20]});
    let mut state = asking(json!([element]));
    let rows = |state: &State| match &card(state, "m").ask {
        Ask::Matrix(matrix) => (matrix.columns.clone(), matrix.rows.clone()),
        other => panic!("{other:?}"),
    };
    let (columns, before) = rows(&state);
    pick(&mut state, "m", 17, 3);
    let (columns_after, after) = rows(&state);
    assert!(Rc::ptr_eq(&columns, &columns_after));
    let changed: Vec<usize> = (0..40).filter(|at| before[*at] != after[*at]).collect();
    assert_eq!(changed, [17]);
    assert_eq!(answers(&state), json!({"m": {"n17": "n3"}}));
}

#[test]
fn what_is_wrong_is_said_beside_it_and_goes_when_it_is_mended() {
    let mut state = begun(PROPERTY);
    let overall = card(&state, "overall").id;
    let effects = act(&mut state, Action::NextAsked);
    assert_eq!(effects, [Effect::SaveDraft, Effect::FocusQuestion(overall)]);
    assert_eq!(page(&state), 1);
    assert_eq!(card(&state, "overall").faults, ["请选一项"]);
    assert_eq!(state.form.as_ref().expect("a form").faulty(), [overall]);
    pick(&mut state, "overall", 0, 4);
    assert!(card(&state, "overall").faults.is_empty());
    act(&mut state, Action::NextAsked);
    pick(&mut state, "items", 0, 0);
    act(&mut state, Action::NextAsked);
    let Ask::Matrix(matrix) = &card(&state, "items").ask else {
        panic!("a matrix");
    };
    let missing: Vec<bool> = matrix.rows.iter().map(|row| row.is_missing).collect();
    assert_eq!(missing, [false, true, true]);
}

#[test]
fn faults_are_told_in_words_that_help() {
    for (element, text, expected) in [
        (
            json!({"type": "text", "name": "q", "isRequired": true}),
            "",
            "请填写",
        ),
        (
            json!({"type": "text", "name": "q", "inputType": "number", "min": 0}),
            "-1",
            "不能小于 0",
        ),
        (
            json!({"type": "text", "name": "q", "inputType": "number", "max": 9.5}),
            "12",
            "不能大于 9.5",
        ),
        (
            json!({"type": "text", "name": "q", "inputType": "email"}),
            "x",
            "请填邮箱，比如 name@example.com",
        ),
        (
            json!({"type": "comment", "name": "q", "validators": [{"type": "text", "minLength": 5, "maxLength": 9}]}),
            "短",
            "请写 5 到 9 个字",
        ),
        (
            json!({"type": "text", "name": "q", "validators": [{"type": "numeric", "minValue": 1, "maxValue": 3}]}),
            "7",
            "请填 1 到 3 之间的数",
        ),
        (
            json!({"type": "text", "name": "q", "validators": [{"type": "numeric"}]}),
            "x",
            "请填数字",
        ),
        (
            json!({"type": "text", "name": "q", "validators": [{"type": "regex", "regex": "^a+$"}]}),
            "b",
            "这个回答请再看一看",
        ),
        (
            json!({"type": "text", "name": "q", "validators": [{"type": "regex", "regex": "^a+$", "text": {"default": "Only a", "zh-cn": "只能填 a"}}]}),
            "b",
            "只能填 a",
        ),
    ] {
        let mut state = asking(json!([element]));
        write(&mut state, "q", 0, text);
        act(&mut state, Action::NextAsked);
        assert_eq!(card(&state, "q").faults, [expected], "{element}");
    }
}

#[test]
fn going_back_loses_nothing() {
    let mut state = begun(PROPERTY);
    pick(&mut state, "overall", 0, 3);
    act(&mut state, Action::NextAsked);
    pick(&mut state, "mend", 0, 0);
    assert_eq!(page(&state), 2);
    act(&mut state, Action::BackAsked);
    assert_eq!(page(&state), 1);
    assert!(card(&state, "overall").items()[3].is_on);
    act(&mut state, Action::BackAsked);
    assert_eq!(state.stage, Stage::Intro);
    assert!(state.draft.is_some());
    act(&mut state, Action::Started);
    assert_eq!(answers(&state), json!({"overall": 4, "mend": ["lift"]}));
    // Thrown away only when asked for.
    act(&mut state, Action::BackAsked);
    act(&mut state, Action::StartedAnew);
    assert_eq!(answers(&state), json!({}));
}

#[test]
fn boxes_keep_to_their_bound_and_to_none() {
    let mut state = begun(PROPERTY);
    pick(&mut state, "overall", 0, 3);
    act(&mut state, Action::NextAsked);
    for item in [0, 1, 2, 3] {
        pick(&mut state, "mend", 0, item);
    }
    assert_eq!(answers(&state)["mend"], json!(["lift", "parking", "pets"]));
    pick(&mut state, "mend", 0, 1);
    assert_eq!(answers(&state)["mend"], json!(["lift", "pets"]));
    let none = card(&state, "mend")
        .items()
        .iter()
        .position(|item| item.value == "none");
    pick(&mut state, "mend", 0, none.expect("none"));
    assert_eq!(answers(&state)["mend"], json!(["none"]));
    // Words beside “other”.
    let other = card(&state, "mend")
        .items()
        .iter()
        .position(|item| item.value == "other");
    pick(&mut state, "mend", 0, other.expect("other"));
    write(&mut state, "mend", COMMENT_FIELD, "垃圾桶");
    assert_eq!(answers(&state)["mend-Comment"], "垃圾桶");
}

#[test]
fn an_answer_by_mistake_can_be_taken_back() {
    let mut state = begun(PROPERTY);
    pick(&mut state, "met", 0, 0);
    assert_eq!(answers(&state), json!({"met": true}));
    let met = card(&state, "met").id;
    act(&mut state, Action::Cleared(met));
    assert_eq!(answers(&state), json!({}));
}

#[test]
fn actions_that_make_no_sense_change_nothing() {
    let mut state = begun(PROPERTY);
    let overall = card(&state, "overall").id;
    for action in [
        Action::Picked {
            question: 999,
            row: 0,
            item: 0,
        },
        Action::Picked {
            question: overall,
            row: 0,
            item: 99,
        },
        Action::Moved {
            question: overall,
            from: 0,
            to: 9,
        },
        Action::Wrote {
            question: 999,
            field: 7,
            text: "x".into(),
        },
        Action::Typed {
            question: 999,
            field: 0,
            text: "x".into(),
        },
        Action::Cleared(999),
        Action::QuestionAsked(999),
        Action::Submitted,
        Action::StandingAnswered(Err(PortError::Unreachable)),
    ] {
        act(&mut state, action);
    }
    assert_eq!(answers(&state), json!({}));
    assert_eq!(state.stage, Stage::Filling);
    let mut nothing = empty();
    for action in [
        Action::Started,
        Action::NextAsked,
        Action::BackAsked,
        Action::ChangeAsked,
    ] {
        act(&mut nothing, action);
    }
    assert_eq!(nothing.round, RoundState::Loading);
}

#[test]
fn what_is_read_only_is_not_changed() {
    let element = json!({"type": "text", "name": "q", "readOnly": true, "defaultValue": "x"});
    let mut state = asking(json!([element]));
    write(&mut state, "q", 0, "y");
    assert_eq!(answers(&state), json!({"q": "x"}));
}

#[test]
fn what_is_typed_and_not_left_yet_survives_and_counts() {
    let element = json!({"type": "comment", "name": "q", "isRequired": true});
    let mut state = asking(json!([element, {"type": "text", "name": "r"}]));
    let before = shown(&state);
    let question = before[0].id;
    let text = "写到一半".to_owned();
    let effects = act(
        &mut state,
        Action::Typed {
            question,
            field: 0,
            text,
        },
    );
    assert!(effects.contains(&Effect::SaveDraft));
    // Nothing is drawn again under the person's fingers.
    assert!(Rc::ptr_eq(&before[0], &shown(&state)[0]));
    assert_eq!(answers(&state), json!({"q": "写到一半"}));
    act(&mut state, Action::NextAsked);
    let ready = state.ready.clone();
    let Some(Choice::Answers { answers, .. }) = ready else {
        panic!("{ready:?}");
    };
    assert_eq!(answers, r#"{"q":"写到一半"}"#);
}

#[test]
fn a_visit_goes_on_where_the_last_one_ended() {
    let mut first = begun(PROPERTY);
    pick(&mut first, "overall", 0, 3);
    act(&mut first, Action::NextAsked);
    pick(&mut first, "items", 0, 1);
    let draft = first.draft_to_keep().expect("a draft");
    let kept = serde_json::to_string(&draft).expect("JSON");
    let draft: Draft = linli_model::tree::read(&kept).expect("what was written is read");
    let mut second = loaded(PROPERTY);
    act(&mut second, Action::DraftRead(draft, Some(PROPERTY.into())));
    assert_eq!(second.stage, Stage::Intro);
    act(&mut second, Action::Started);
    assert_eq!(page(&second), 2);
    assert_eq!(
        answers(&second),
        json!({"overall": 4, "items": {"clean": 4}})
    );
    assert_eq!(
        second.form.as_ref().map(|form| form.origin),
        Some(Origin::Resumed)
    );
}

#[test]
fn a_draft_is_finished_by_the_definition_that_it_was_begun_with() {
    let corrected = PROPERTY.replace("总的来说", "总体");
    let mut first = begun(PROPERTY);
    pick(&mut first, "overall", 0, 3);
    let draft = first.draft_to_keep().expect("a draft");
    let mut second = empty();
    serve(&mut second, survey(&corrected, "b"));
    act(&mut second, Action::DraftRead(draft, Some(PROPERTY.into())));
    act(&mut second, Action::Started);
    let form = second.form.as_ref().expect("a form");
    assert_eq!(form.origin, Origin::ResumedOld);
    assert_eq!(form.heading[0], "总的来说");
    assert_eq!(form.version, "a".repeat(64));
}

#[test]
fn without_its_definition_what_fits_of_a_draft_is_carried_over() {
    let draft = Draft {
        version: "a".repeat(64),
        answers: r#"{"overall":4,"gone":"x","met":true}"#.into(),
        page: "no such page".into(),
        seed: 7,
        is_changing: false,
    };
    let mut state = empty();
    serve(&mut state, survey(PROPERTY, "b"));
    act(&mut state, Action::DraftRead(draft, None));
    act(&mut state, Action::Started);
    assert_eq!(
        state.form.as_ref().map(|form| form.origin),
        Some(Origin::Carried)
    );
    assert_eq!(answers(&state), json!({"overall": 4, "met": true}));
    assert_eq!(
        state.draft_to_keep().map(|draft| draft.version),
        Some("b".repeat(64))
    );
}

#[test]
fn a_correction_meanwhile_does_not_take_the_form_away() {
    let mut state = begun(PROPERTY);
    pick(&mut state, "overall", 0, 3);
    let corrected = PROPERTY.replace("总的来说", "总体");
    serve(&mut state, survey(&corrected, "b"));
    assert_eq!(answers(&state), json!({"overall": 4}));
    act(&mut state, Action::BackAsked);
    act(&mut state, Action::Started);
    let form = state.form.as_ref().expect("a form");
    assert_eq!(
        (form.origin, form.version.as_str()),
        (Origin::ResumedOld, "a".repeat(64).as_str())
    );
}

#[test]
fn from_the_last_page_to_the_receipt() {
    let mut state = begun(PROPERTY);
    let effects = finish(&mut state);
    assert_eq!(effects, [Effect::FocusHeading]);
    assert_eq!(
        state.stage,
        Stage::Identifying {
            busy: false,
            problem: None
        }
    );
    let command = identify(&mut state);
    let Choice::Answers {
        version,
        at,
        answers,
    } = command.ballot.choice.clone()
    else {
        panic!("answers");
    };
    assert_eq!((version, at), ("a".repeat(64), None));
    let answers: serde_json::Value = serde_json::from_str(&answers).expect("JSON");
    assert_eq!(
        answers,
        json!({"overall": 5, "items": {"clean": 4, "guard": 4, "repair": 4}, "age_group": "60+"})
    );
    act(
        &mut state,
        Action::Stepped(Box::new(command.clone()), Step::Kept { durable: true }),
    );
    let step = Step::Waiting {
        retry_at_ms: 0,
        offline: true,
    };
    act(&mut state, Action::Stepped(Box::new(command.clone()), step));
    let Stage::Casting(progress) = &state.stage else {
        panic!("{:?}", state.stage);
    };
    assert_eq!(progress.step, ProgressStep::Waiting { offline: true });
    let effects = recorded(&mut state, command, 1);
    assert_eq!(state.stage, Stage::Receipt);
    assert!(effects.contains(&Effect::TellSubmitted { recorded: true }));
    // The draft is forgotten, and what the definition says is shown.
    assert!(effects.contains(&Effect::SaveDraft));
    assert_eq!(state.draft_to_keep(), None);
    assert!(state.thanks.contains("两周内"), "{}", state.thanks);
    // Facts that could be filled in next time are offered, not kept.
    assert_eq!(
        state.offer,
        [("age_group".to_owned(), "\"60+\"".to_owned())]
    );
    assert!(state.profile.facts.is_empty());
    let effects = act(&mut state, Action::KeepAnswered(true));
    assert!(effects.contains(&Effect::SaveProfile));
    assert_eq!(state.profile.facts.len(), 1);
}

#[test]
fn a_place_on_the_poster_goes_with_the_answers() {
    let mut state = begun(PROPERTY);
    state.at = Some(id(PlaceId::parse, "grid-2"));
    finish(&mut state);
    let Some(Choice::Answers { at, .. }) = &state.ready else {
        panic!("answers");
    };
    assert_eq!(*at, Some(id(PlaceId::parse, "grid-2")));
}

#[test]
fn devices_are_not_asked_for_a_code() {
    let mut state = empty();
    let mut one = survey(PROPERTY, "a");
    one.view.topic.poll.electorate = Electorate::Devices;
    one.view.topic.poll.credential = Credential::Device;
    serve(&mut state, one);
    act(&mut state, Action::Started);
    assert_eq!(finish(&mut state), [Effect::IdentifyDevice]);
    act(&mut state, Action::Identified(Err(PortError::Unreachable)));
    assert_eq!(state.stage, Stage::Troubled(Trouble::Unreachable));
    // Back to the answers, nothing lost.
    act(&mut state, Action::Back);
    assert_eq!(state.stage, Stage::Filling);
    assert_eq!(page(&state), 3);
    assert!(card(&state, "age_group").items()[2].is_on);
}

#[test]
fn a_wrong_code_is_told_in_the_form() {
    let mut state = begun(PROPERTY);
    finish(&mut state);
    act(&mut state, Action::CodeTyped("123".into()));
    assert_eq!(act(&mut state, Action::Submitted), []);
    let problem = Some(Problem::CodeMalformed);
    assert_eq!(
        state.stage,
        Stage::Identifying {
            busy: false,
            problem
        }
    );
    act(&mut state, Action::CodeTyped("7q4m-kx2p-9tda".into()));
    act(&mut state, Action::Submitted);
    let refusal = Refusal::CodeUnknown { attempts_left: 4 };
    act(&mut state, Action::Identified(Err(refusal.clone().into())));
    let problem = Some(Problem::Refused(refusal));
    assert_eq!(
        state.stage,
        Stage::Identifying {
            busy: false,
            problem
        }
    );
}

#[test]
fn answers_that_the_backend_does_not_take_are_marked_where_they_are() {
    let mut state = begun(PROPERTY);
    finish(&mut state);
    let command = identify(&mut state);
    let refusal = Refusal::AnswersInvalid {
        questions: vec!["items".into()],
    };
    let effects = settle(&mut state, command, Settlement::Refused(refusal));
    assert_eq!(state.stage, Stage::Filling);
    assert_eq!(page(&state), 2);
    let items = card(&state, "items").id;
    assert!(
        effects.contains(&Effect::FocusQuestion(items)),
        "{effects:?}"
    );
    assert!(effects.contains(&Effect::TellRefused("answers_invalid".into())));
}

#[test]
fn after_a_reload_refused_answers_become_a_form_again() {
    let mut first = begun(PROPERTY);
    finish(&mut first);
    let command = identify(&mut first);
    let mut state = loaded(PROPERTY);
    let pending = Pending {
        command: command.clone(),
        kept_at_ms: NOW,
        attempts: 3,
    };
    act(&mut state, Action::PendingFound(pending));
    assert!(matches!(state.stage, Stage::Casting(_)));
    let refusal = Refusal::AnswersInvalid {
        questions: vec!["overall".into()],
    };
    settle(&mut state, command, Settlement::Refused(refusal));
    assert_eq!(state.stage, Stage::Filling);
    assert_eq!(page(&state), 1);
    assert!(card(&state, "overall").items()[4].is_on);
}

#[test]
fn other_refusals_keep_the_answers() {
    for refusal in [
        Refusal::QuotaFull,
        Refusal::VersionUnknown,
        Refusal::AlreadyVoted,
    ] {
        let mut state = begun(PROPERTY);
        finish(&mut state);
        let command = identify(&mut state);
        let effects = settle(&mut state, command, Settlement::Refused(refusal.clone()));
        assert_eq!(state.stage, Stage::Refused(refusal));
        assert!(effects.contains(&Effect::LoadSurvey));
        act(&mut state, Action::Back);
        assert_eq!(state.stage, Stage::Filling);
        assert_eq!(answers(&state)["overall"], 5);
    }
}

#[test]
fn an_expired_grant_asks_for_the_code_again() {
    let mut state = begun(PROPERTY);
    finish(&mut state);
    let command = identify(&mut state);
    settle(
        &mut state,
        command,
        Settlement::Refused(Refusal::GrantExpired),
    );
    assert!(matches!(
        state.stage,
        Stage::Identifying { busy: false, .. }
    ));
    identify(&mut state);
}

#[test]
fn recorded_answers_can_be_changed_and_unchanged_ones_are_not_sent() {
    let mut state = begun(PROPERTY);
    finish(&mut state);
    let first = identify(&mut state);
    recorded(&mut state, first, 1);
    act(&mut state, Action::ChangeAsked);
    assert_eq!(
        (state.stage.clone(), state.is_changing),
        (Stage::Filling, true)
    );
    assert!(card(&state, "overall").items()[4].is_on);
    // Nothing changed: nothing is sent.
    for _ in 0..4 {
        act(&mut state, Action::NextAsked);
    }
    assert_eq!(state.stage, Stage::Receipt);
    act(&mut state, Action::ChangeAsked);
    pick(&mut state, "overall", 0, 0);
    write(&mut state, "why", 0, "电梯");
    for _ in 0..3 {
        act(&mut state, Action::NextAsked);
    }
    let effects = act(&mut state, Action::NextAsked);
    // The grant still lasts: no code, and no second question whether it may be replaced.
    let changed = command(&effects);
    let effects = recorded(&mut state, changed, 2);
    assert!(effects.contains(&Effect::TellSubmitted { recorded: true }));
    assert_eq!(
        (state.stage.clone(), state.is_changing),
        (Stage::Receipt, false)
    );
}

#[test]
fn another_member_of_the_household_is_asked_before_replacing() {
    let mut state = begun(PROPERTY);
    finish(&mut state);
    act(&mut state, Action::CodeTyped("7q4m-kx2p-9tda".into()));
    act(&mut state, Action::Submitted);
    let earlier = Choice::Answers {
        version: "a".repeat(64),
        at: None,
        answers: "{}".into(),
    };
    let theirs = grant(true, Some(reply(earlier, 1)));
    act(&mut state, Action::Identified(Ok(theirs)));
    assert_eq!(state.stage, Stage::Confirming);
    let effects = act(&mut state, Action::Submitted);
    command(&effects);
    // Or keeping what is there.
    let mut state = begun(PROPERTY);
    finish(&mut state);
    act(&mut state, Action::CodeTyped("7q4m-kx2p-9tda".into()));
    act(&mut state, Action::Submitted);
    let earlier = Choice::Answers {
        version: "a".repeat(64),
        at: None,
        answers: "{}".into(),
    };
    act(
        &mut state,
        Action::Identified(Ok(grant(true, Some(reply(earlier, 1))))),
    );
    act(&mut state, Action::Back);
    assert_eq!(state.stage, Stage::Receipt);
}

#[test]
fn handed_over_is_never_called_recorded() {
    let mut state = begun(PROPERTY);
    finish(&mut state);
    let command = identify(&mut state);
    let effects = settle(&mut state, command, Settlement::Dispatched);
    assert_eq!(state.stage, Stage::Dispatched);
    assert!(effects.contains(&Effect::TellSubmitted { recorded: false }));
    act(&mut state, Action::ChangeAsked);
    assert!(card(&state, "overall").items()[4].is_on);
}

#[test]
fn keepsakes_bring_the_receipt_back_and_ask_where_it_stands() {
    let mut state = loaded(PROPERTY);
    let choice = Choice::Answers {
        version: "a".repeat(64),
        at: None,
        answers: "{}".into(),
    };
    let keepsake = Keepsake {
        reply: Some(reply(choice, 1)),
        grant: Some((token("g1"), NOW + 1)),
        ..Keepsake::default()
    };
    let keepsakes = Keepsakes {
        current: Some("8 栋".into()),
        voters: vec![("8 栋".into(), keepsake)],
    };
    let kept = serde_json::to_string(&keepsakes).expect("JSON");
    let keepsakes = linli_model::tree::read(&kept).expect("what was written is read");
    let effects = act(&mut state, Action::KeepsakesRead(keepsakes));
    assert_eq!(state.stage, Stage::Receipt);
    assert_eq!(effects, [Effect::AskStanding(token("g1"), None)]);
    act(&mut state, Action::SwitchAsked);
    assert_eq!(state.stage, Stage::Intro);
    assert!(state.voter.is_none());
}

#[test]
fn a_profile_fills_in_what_is_still_offered_and_can_be_forgotten() {
    let profile = Profile {
        may_keep: Some(true),
        facts: vec![
            ("age_group".into(), "\"60+\"".into()),
            ("building".into(), "\"99 栋\"".into()),
            ("name".into(), "\"王五\"".into()),
        ],
    };
    let kept = serde_json::to_string(&profile).expect("JSON");
    let mut state = loaded(PROPERTY);
    let profile = linli_model::tree::read(&kept).expect("what was written is read");
    act(&mut state, Action::ProfileRead(profile));
    // Who somebody is has no place in a profile, whoever wrote it there.
    assert_eq!(state.profile.fact("name"), None);
    act(&mut state, Action::Started);
    assert_eq!(answers(&state), json!({"age_group": "60+"}));
    pick(&mut state, "overall", 0, 4);
    act(&mut state, Action::NextAsked);
    for row in 0..3 {
        pick(&mut state, "items", row, 1);
    }
    act(&mut state, Action::NextAsked);
    assert!(card(&state, "age_group").is_prefilled);
    let effects = act(&mut state, Action::ForgetAsked);
    assert_eq!(effects, [Effect::SaveProfile, Effect::SaveDraft]);
    assert!(!card(&state, "age_group").is_answered);
    assert_eq!(state.profile, Profile::default());
}

#[test]
fn who_does_not_want_facts_kept_is_not_asked_again() {
    let mut state = begun(PROPERTY);
    state.profile.may_keep = Some(false);
    finish(&mut state);
    let command = identify(&mut state);
    recorded(&mut state, command, 1);
    assert!(state.offer.is_empty());
    assert!(state.profile.facts.is_empty());
}

#[test]
fn later_answers_that_make_an_earlier_page_wrong_lead_back_to_it() {
    let definition = json!({"pages": [
        {"name": "one", "elements": [{"type": "text", "name": "a", "requiredIf": "{b} = 'y'"}]},
        {"name": "two", "elements": [{"type": "radiogroup", "name": "b", "choices": ["x", "y"]}]},
    ]});
    let mut state = begun(&definition.to_string());
    act(&mut state, Action::NextAsked);
    pick(&mut state, "b", 0, 1);
    let effects = act(&mut state, Action::NextAsked);
    assert_eq!(page(&state), 1);
    let first = card(&state, "a").id;
    assert!(
        effects.contains(&Effect::FocusQuestion(first)),
        "{effects:?}"
    );
    assert_eq!(card(&state, "a").faults, ["请填写"]);
}

#[test]
fn what_this_engine_cannot_run_is_not_half_shown() {
    for definition in [
        r#"{"elements":[{"type":"signaturepad","name":"s"}]}"#,
        "{",
        "[]",
        r#"{"elements":[{"type":"text","name":"a","visibleIf":"{a"}]}"#,
    ] {
        let mut state = empty();
        serve(&mut state, survey(definition, "a"));
        assert!(
            matches!(state.round, RoundState::Newer { .. }),
            "{definition}"
        );
    }
    let mut state = empty();
    let mut one = survey(PROPERTY, "a");
    one.view.topic.poll.kind = PollKind::Motion;
    serve(&mut state, one);
    assert!(matches!(state.round, RoundState::Newer { .. }));
}

#[test]
fn without_network_the_last_copy_is_shown_and_said_to_be_old() {
    let mut state = empty();
    act(
        &mut state,
        Action::SurveyRemembered(Box::new(survey(PROPERTY, "a"))),
    );
    act(
        &mut state,
        Action::SurveyAnswered(Err(PortError::Unreachable)),
    );
    assert!(matches!(
        state.round,
        RoundState::Loaded { stale: true, .. }
    ));
    act(&mut state, Action::Started);
    assert_eq!(state.stage, Stage::Filling);
    let mut state = empty();
    act(
        &mut state,
        Action::SurveyAnswered(Err(PortError::Unreachable)),
    );
    assert_eq!(state.round, RoundState::Failed(Trouble::Unreachable));
    assert_eq!(act(&mut state, Action::RetryAsked), [Effect::LoadSurvey]);
}

#[test]
fn nothing_begins_before_opening_or_after_closing() {
    for phase in [Phase::Upcoming, Phase::Closed] {
        let mut state = empty();
        let mut one = survey(PROPERTY, "a");
        one.view.phase = phase;
        serve(&mut state, one);
        act(&mut state, Action::Started);
        assert!(state.form.is_none());
    }
}

#[test]
fn a_round_is_asked_for_again_when_it_opens_and_closes() {
    let mut view = survey(PROPERTY, "a").view;
    assert_eq!(refresh_in_ms(&view, NOW), Some(300_000));
    view.topic.poll.closes_at_ms = NOW + 60_000;
    assert_eq!(refresh_in_ms(&view, NOW), Some(61_500));
    view.phase = Phase::Closed;
    assert_eq!(refresh_in_ms(&view, NOW), None);
}

#[test]
fn from_the_review_to_a_question_and_back_nothing_is_lost() {
    let mut state = begun(PROPERTY);
    pick(&mut state, "overall", 0, 4);
    let overall = card(&state, "overall").id;
    act(&mut state, Action::NextAsked);
    for row in 0..3 {
        pick(&mut state, "items", row, 1);
    }
    act(&mut state, Action::NextAsked);
    pick(&mut state, "age_group", 0, 2);
    act(&mut state, Action::NextAsked);
    assert_eq!(state.stage, Stage::Review);
    let overview = state.form.as_ref().expect("a form").overview(&state.texts);
    let titles: Vec<&str> = overview.iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(titles, ["总的来说", "一项一项看", "关于您"]);
    assert_eq!(overview[0].1[0].answer_lines(), ["非常满意"]);
    assert_eq!(overview[1].1[0].answer_lines()[2], "报修处理得快不快: 满意");
    let effects = act(&mut state, Action::QuestionAsked(overall));
    assert_eq!(effects, [Effect::FocusQuestion(overall)]);
    assert_eq!((state.stage.clone(), page(&state)), (Stage::Filling, 1));
    pick(&mut state, "overall", 0, 3);
    for _ in 0..3 {
        act(&mut state, Action::NextAsked);
    }
    assert_eq!(state.stage, Stage::Review);
    act(&mut state, Action::BackAsked);
    assert_eq!((state.stage.clone(), page(&state)), (Stage::Filling, 3));
    assert_eq!(answers(&state)["overall"], 4);
}

#[test]
fn an_order_is_an_answer_once_the_person_has_said_so() {
    let element = json!({"type": "ranking", "name": "r", "choices": ["a", "b", "c"]});
    let mut state = asking(json!([element]));
    assert_eq!(answers(&state), json!({}));
    assert!(!card(&state, "r").is_answered);
    let question = card(&state, "r").id;
    act(
        &mut state,
        Action::Moved {
            question,
            from: 0,
            to: 0,
        },
    );
    assert_eq!(answers(&state), json!({"r": ["a", "b", "c"]}));
    act(
        &mut state,
        Action::Moved {
            question,
            from: 2,
            to: 0,
        },
    );
    assert_eq!(answers(&state), json!({"r": ["c", "a", "b"]}));
    let shown: Vec<String> = card(&state, "r")
        .items()
        .iter()
        .map(|one| one.text.clone())
        .collect();
    assert_eq!(shown, ["c", "a", "b"]);
}

/// Questions inside a question.
fn inside(state: &State, key: &str, group: usize) -> Vec<Rc<Card>> {
    match &card(state, key).ask {
        Ask::Groups(groups) => cards(&groups.groups[group].nodes),
        other => panic!("{other:?}"),
    }
}

#[test]
fn panels_are_added_filled_in_and_taken_away() {
    let element = json!({
        "type": "paneldynamic", "name": "people", "panelAddText": "再加一位",
        "templateElements": [
            {"type": "text", "name": "age", "inputType": "number", "min": 0},
            {"type": "radiogroup", "name": "care", "choices": ["yes", "no"], "isRequired": true},
        ],
    });
    let mut state = asking(json!([element]));
    let people = card(&state, "people").id;
    for _ in 0..2 {
        act(&mut state, Action::RowAdded(people));
    }
    let Ask::Groups(groups) = &card(&state, "people").ask else {
        panic!("panels");
    };
    assert_eq!((groups.groups.len(), groups.add.as_str()), (2, "再加一位"));
    let age = inside(&state, "people", 1)[0].id;
    act(
        &mut state,
        Action::Wrote {
            question: age,
            field: 0,
            text: "82".into(),
        },
    );
    let care = inside(&state, "people", 1)[1].id;
    act(
        &mut state,
        Action::Picked {
            question: care,
            row: 0,
            item: 0,
        },
    );
    assert_eq!(
        answers(&state),
        json!({"people": [{}, {"age": 82, "care": "yes"}]})
    );
    // What is wrong inside is said there.
    act(&mut state, Action::NextAsked);
    assert_eq!(inside(&state, "people", 0)[1].faults, ["请选一项"]);
    let faulty = state.form.as_ref().expect("a form").faulty();
    assert_eq!(faulty, [inside(&state, "people", 0)[1].id]);
    act(
        &mut state,
        Action::RowRemoved {
            question: people,
            index: 0,
        },
    );
    assert_eq!(
        answers(&state),
        json!({"people": [{"age": 82, "care": "yes"}]})
    );
    act(&mut state, Action::NextAsked);
    assert!(state.ready.is_some());
}

#[test]
fn named_lines_are_kept_under_their_names() {
    let element =
        json!({"type": "multipletext", "name": "m", "items": [{"name": "a"}, {"name": "b"}]});
    let mut state = asking(json!([element]));
    let second = inside(&state, "m", 0)[1].id;
    act(
        &mut state,
        Action::Wrote {
            question: second,
            field: 0,
            text: "乙".into(),
        },
    );
    assert_eq!(answers(&state), json!({"m": {"b": "乙"}}));
    assert_eq!(card(&state, "m").answer_lines(), ["b: 乙"]);
}

#[test]
fn random_orders_come_back_with_the_draft() {
    let names: Vec<String> = (0..12).map(|at| format!("c{at}")).collect();
    let element =
        json!({"type": "checkbox", "name": "q", "choices": names, "choicesOrder": "random"});
    let definition = json!({ "elements": [element] }).to_string();
    let order = |state: &State| -> Vec<String> {
        let card = card(state, "q");
        card.items().iter().map(|item| item.text.clone()).collect()
    };
    let mut first = begun(&definition);
    pick(&mut first, "q", 0, 3);
    let mut second = loaded(&definition);
    let draft = first.draft_to_keep().expect("a draft");
    act(&mut second, Action::DraftRead(draft, None));
    act(&mut second, Action::Started);
    assert_eq!(order(&first), order(&second));
    // In a browser, JSON's numbers are doubles: a larger seed would not come back.
    let seed = first.draft_to_keep().expect("a draft").seed;
    assert!((0..1 << 53).contains(&seed), "{seed}");
    let mut other = loaded(&definition);
    let env = Env {
        chance: [[9; 16], [2; 16]],
        ..ENV
    };
    reduce(&mut other, Action::Started, &env);
    assert_ne!(order(&first), order(&other));
}

#[test]
fn a_start_page_comes_before_the_others() {
    let definition = json!({"firstPageIsStartPage": true, "pages": [
        {"name": "start", "elements": [{"type": "text", "name": "a", "isRequired": true}]},
        {"name": "one", "elements": [{"type": "text", "name": "b"}]},
    ]});
    let mut state = begun(&definition.to_string());
    assert_eq!(keys(&state), ["a"]);
    act(&mut state, Action::NextAsked);
    assert_eq!(card(&state, "a").faults, ["请填写"]);
    write(&mut state, "a", 0, "x");
    act(&mut state, Action::NextAsked);
    assert_eq!(keys(&state), ["b"]);
    write(&mut state, "b", 0, "y");
    let draft = state.draft_to_keep().expect("a draft");
    let mut again = loaded(&definition.to_string());
    act(&mut again, Action::DraftRead(draft, None));
    act(&mut again, Action::Started);
    assert_eq!(keys(&again), ["b"]);
}

#[test]
fn one_at_a_time_goes_on_by_itself_where_the_definition_says_so() {
    let definition = json!({"autoAdvanceEnabled": true, "pages": [
        {"elements": [{"type": "boolean", "name": "a"}]},
        {"elements": [{"type": "boolean", "name": "b"}]},
    ]});
    let mut state = begun(&definition.to_string());
    let effects = pick(&mut state, "a", 0, 0);
    assert_eq!(keys(&state), ["b"]);
    assert!(effects.contains(&Effect::FocusHeading));
    // Nothing is sent by itself.
    pick(&mut state, "b", 0, 0);
    assert_eq!(state.stage, Stage::Filling);
}

#[test]
fn single_questions_in_turn() {
    let definition = json!({"questionsOnPageMode": "questionPerPage", "elements": [
        {"type": "boolean", "name": "a"}, {"type": "boolean", "name": "b"},
    ]});
    let mut state = begun(&definition.to_string());
    assert_eq!(keys(&state), ["a"]);
    act(&mut state, Action::NextAsked);
    assert_eq!(keys(&state), ["b"]);
    act(&mut state, Action::BackAsked);
    assert_eq!(keys(&state), ["a"]);
}

#[test]
fn answers_are_checked_at_once_where_the_definition_says_so() {
    let definition = json!({"checkErrorsMode": "onValueChanged", "elements": [
        {"type": "text", "name": "a", "inputType": "email"},
    ]});
    let mut state = begun(&definition.to_string());
    write(&mut state, "a", 0, "x");
    assert_eq!(card(&state, "a").faults.len(), 1);
}
