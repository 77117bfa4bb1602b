//! Whole surveys beside survey-core 3.1.1, step by step: what `tests/peers/survey/sessions.mjs`
//! recorded. `LINLI_SURVEY_SESSIONS=FILE` runs other recordings.

use linli_model::survey::{FaultReason, read};
use linli_rules::survey::{
    AnswerFault, Clock, FaultKind, Patterns, Program, Session, SurveyRefusal,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const CLOCK: Clock = Clock {
    now_ms: 1_795_570_215_250.0,
    ahead_of_utc_minutes: 480,
};

struct EcmaScript;

impl Patterns for EcmaScript {
    fn is_match(&self, pattern: &str, is_case_insensitive: bool, text: &str) -> Option<bool> {
        let flags = if is_case_insensitive { "i" } else { "" };
        Some(
            regress::Regex::with_flags(pattern, flags)
                .ok()?
                .find(text)
                .is_some(),
        )
    }
}

#[derive(Debug, Deserialize)]
struct Recording {
    json: Json,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct Step {
    r#do: String,
    name: Option<String>,
    value: Option<Json>,
    after: After,
}

#[derive(Debug, Deserialize)]
struct After {
    pages: Json,
    questions: Json,
    current: Json,
    data: Json,
    errors: Vec<(String, String)>,
    done: Option<bool>,
}

fn error_type(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Required => "required",
        FaultKind::OneRequired => "requireoneanswer",
        FaultKind::OtherEmpty => "otherempty",
        FaultKind::RowRequired => "requiredinallrowserror",
        FaultKind::RowNotUnique => "eachrowuniqueeerror",
        FaultKind::NotNumber => "requirenumeric",
        FaultKind::Range | FaultKind::TooFew | FaultKind::Validator(_) | FaultKind::Email => {
            "custom"
        }
    }
}

fn named(faults: Vec<AnswerFault>) -> Vec<(String, String)> {
    faults
        .into_iter()
        .map(|one| (one.question, error_type(one.kind).to_owned()))
        .collect()
}

fn program(json: &Json) -> Arc<Program> {
    let definition = read(json).unwrap_or_else(|faults| panic!("{faults:?}\n{json}"));
    Arc::new(Program::new(definition).unwrap_or_else(|faults| panic!("{faults:?}\n{json}")))
}

fn take(session: &mut Session, step: &Step) -> Result<Vec<(String, String)>, SurveyRefusal> {
    let name = step.name.as_deref().unwrap_or_default();
    let value = step.value.clone().unwrap_or(Json::Null);
    match step.r#do.as_str() {
        "answer" => {
            session.set_answer(name, &value)?;
        }
        "comment" => {
            session.set_comment(name, value.as_str().unwrap_or_default())?;
        }
        "next" => {
            return Ok(session
                .next_page(&EcmaScript)
                .err()
                .map(named)
                .unwrap_or_default());
        }
        "previous" => drop(session.previous_page()),
        "complete" => {
            return Ok(session
                .complete(&EcmaScript)
                .err()
                .map(named)
                .unwrap_or_default());
        }
        _ => {}
    }
    Ok(Vec::new())
}

/// JSON numbers are equal by value, however they are written.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// What tells of a circle that survey-core gives up on after some rounds and we refuse.
const CIRCLE: &str = "Restless";

fn difference(recording: &Recording) -> Option<String> {
    let mut session = match Session::new(program(&recording.json), CLOCK) {
        Ok(session) => session,
        Err(refusal) => return Some(format!("{refusal:?} {}", recording.json)),
    };
    for (at, step) in recording.steps.iter().enumerate() {
        let errors = match take(&mut session, step) {
            Ok(errors) => errors,
            Err(refusal) => return Some(format!("{refusal:?} {}", recording.json)),
        };
        let after = &step.after;
        let pairs = [
            ("data", session.data(), after.data.clone()),
            (
                "questions",
                json!(session.visible_questions()),
                after.questions.clone(),
            ),
            ("pages", json!(session.pages()), after.pages.clone()),
            ("errors", json!(errors), json!(after.errors)),
            (
                "current",
                json!(session.current_page()),
                after.current.clone(),
            ),
            (
                "done",
                json!(session.is_completed()),
                json!(after.done.unwrap_or(false)),
            ),
        ];
        for (what, ours, theirs) in pairs {
            if !same(&ours, &theirs) {
                let did: Vec<String> = recording.steps[..=at]
                    .iter()
                    .map(|one| format!("{} {:?} {:?}", one.r#do, one.name, one.value))
                    .collect();
                return Some(format!(
                    "{what}: ours {ours}, theirs {theirs}\n  {did:?}\n  {}",
                    recording.json
                ));
            }
        }
    }
    None
}

#[test]
fn surveys_go_as_survey_core_goes() {
    let text = match std::env::var("LINLI_SURVEY_SESSIONS") {
        Ok(path) => std::fs::read_to_string(path).expect("the recordings"),
        Err(_) => include_str!("vectors/survey_sessions.json").into(),
    };
    let recordings: Vec<Recording> = serde_json::from_str(&text).expect("recordings");
    let mut differences: Vec<String> = recordings.iter().filter_map(difference).collect();
    let circles = differences
        .extract_if(.., |one| one.starts_with(CIRCLE))
        .count();
    println!("{circles} circles through triggers, refused here");
    differences.sort_by_key(String::len);
    let steps: usize = recordings.iter().map(|one| one.steps.len()).sum();
    println!("{} surveys, {steps} steps", recordings.len());
    let shown = differences
        .iter()
        .take(12)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{shown}",
        differences.len(),
        recordings.len()
    );
}

fn chained(count: usize) -> Json {
    let question = |at: usize| match at {
        0 => json!({ "type": "text", "name": "q0" }),
        at => {
            json!({ "type": "text", "name": format!("q{at}"), "visibleIf": format!("{{q{}}} notempty", at - 1) })
        }
    };
    json!({ "elements": (0..count).map(question).collect::<Vec<_>>() })
}

#[test]
fn an_answer_is_followed_only_by_what_depends_on_it() {
    let mut session = Session::new(program(&chained(300)), CLOCK).expect("a session");
    for at in 0..299 {
        let change = session
            .set_answer(&format!("q{at}"), &json!("x"))
            .expect("an answer");
        assert_eq!(change.evaluations, 1, "only q{} reads q{at}", at + 1);
    }
    assert_eq!(session.visible_questions().len(), 300);
}

#[test]
fn a_chain_of_computed_values_settles_at_once_however_long() {
    let sum = |at: usize| json!({ "type": "expression", "name": format!("e{at}"), "expression": format!("{{e{}}} + 1", at - 1) });
    let mut elements = vec![json!({ "type": "text", "name": "e0", "inputType": "number" })];
    elements.extend((1..5_000).map(sum));
    let mut session =
        Session::new(program(&json!({ "elements": elements })), CLOCK).expect("a session");
    let change = session.set_answer("e0", &json!(1)).expect("an answer");
    assert_eq!(change.evaluations, 4_999);
    assert_eq!(session.data()["e4999"], json!(5_000));
}

#[test]
fn circles_are_refused_with_their_path() {
    let json = json!({ "elements": [
        { "type": "expression", "name": "a", "expression": "{b} + 1" },
        { "type": "expression", "name": "b", "expression": "{a} + 1" },
    ] });
    let faults = Program::new(read(&json).expect("read")).expect_err("a circle");
    assert_eq!(faults[0].reason, FaultReason::Circle);
    assert_eq!(faults[0].path, "elements[0].expression");
}

#[test]
fn a_long_chain_of_set_values_is_refused_and_does_not_end_the_process() {
    let set = |at: usize| json!({ "type": "text", "name": format!("s{at}"), "setValueExpression": format!("{{s{}}}", at - 1) });
    let mut elements = vec![json!({ "type": "text", "name": "s0" })];
    elements.extend((1..5_000).map(set));
    let json = json!({ "elements": elements });
    let mut session = Session::new(program(&json), CLOCK).expect("a session");
    let refused = session.set_answer("s0", &json!("x"));
    assert_eq!(refused, Err(SurveyRefusal::Restless));
}

#[test]
fn a_variable_takes_no_answers_place() {
    let json = json!({
        "elements": [{ "type": "text", "name": "q" }],
        "triggers": [{ "type": "setvalue", "setToName": "Q", "setValue": 1, "isVariable": true }],
    });
    let faults = Program::new(read(&json).expect("read")).expect_err("a fault");
    assert_eq!(faults[0].path, "triggers[0].setToName");
    assert_eq!(faults[0].reason, FaultReason::Name);
}

#[test]
fn what_is_unsupported_is_refused_by_path() {
    let json = json!({ "pages": [{ "elements": [
        { "type": "file", "name": "f" },
        { "type": "text", "name": "t", "mystery": 1 },
        { "type": "dropdown", "name": "d", "choicesByUrl": { "url": "x" } },
    ] }], "triggers": [{ "type": "visible" }] });
    let faults = read(&json).expect_err("faults");
    let paths: Vec<&str> = faults.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "pages[0].elements[0].type",
            "pages[0].elements[1].mystery",
            "pages[0].elements[2].choicesByUrl",
            "triggers[0].type",
        ]
    );
}

#[test]
fn answers_from_elsewhere_are_checked_and_cleaned() {
    let json = json!({ "elements": [
        { "type": "radiogroup", "name": "a", "choices": ["x", "y"], "isRequired": true },
        { "type": "text", "name": "b", "visibleIf": "{a} = 'y'" },
    ] });
    let checked = Session::check(
        program(&json),
        CLOCK,
        &json!({ "a": "x", "b": "hidden", "c": 1 }),
        &EcmaScript,
    );
    let (session, faults) = checked.expect("checked");
    assert_eq!((session.data(), faults), (json!({ "a": "x" }), vec![]));
    let (_, faults) =
        Session::check(program(&json), CLOCK, &json!({}), &EcmaScript).expect("checked");
    assert_eq!(
        faults,
        [AnswerFault {
            question: "a".into(),
            kind: FaultKind::Required
        }]
    );
    let refused = Session::check(
        program(&json),
        CLOCK,
        &json!({ "a": "x".repeat(1_100_000) }),
        &EcmaScript,
    );
    assert!(matches!(refused, Err(SurveyRefusal::TooLarge { .. })));
    let refused = Session::check(program(&json), CLOCK, &json!([]), &EcmaScript);
    assert!(matches!(refused, Err(SurveyRefusal::NotAnObject)));
}
