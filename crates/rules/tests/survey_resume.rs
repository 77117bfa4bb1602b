//! Going on where one was: the recorded surveys of `survey_sessions`, put away and taken up
//! after each answer.

use linli_model::survey::read;
use linli_rules::survey::{Clock, Patterns, Program, Session};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const CLOCK: Clock = Clock {
    now_ms: 1_795_570_215_250.0,
    ahead_of_utc_minutes: 480,
};

struct NoPatterns;

impl Patterns for NoPatterns {
    fn is_match(&self, _: &str, _: bool, _: &str) -> Option<bool> {
        Some(true)
    }
}

#[derive(Deserialize)]
struct Recording {
    json: Json,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    r#do: String,
    name: Option<String>,
    value: Option<Json>,
}

fn program(json: &Json) -> Arc<Program> {
    Arc::new(Program::new(read(json).expect("a definition")).expect("a program"))
}

fn seen(session: &Session) -> Json {
    json!([
        session.data(),
        session.visible_questions(),
        session.current_page()
    ])
}

/// How many states on the way were put away and taken up, or the first one that was lost.
fn kept(recording: &Recording) -> Result<usize, String> {
    let program = program(&recording.json);
    let mut session = Session::new(program.clone(), CLOCK).expect("a session");
    let mut states = 0;
    for step in &recording.steps {
        let name = step.name.as_deref().unwrap_or_default();
        let value = step.value.clone().unwrap_or(Json::Null);
        let done = match step.r#do.as_str() {
            "answer" => session.set_answer(name, &value).is_ok(),
            "comment" => {
                let comment = value.as_str().unwrap_or_default();
                session.set_comment(name, comment).is_ok()
            }
            "next" => {
                // Faults leave the page as it is, which is a state as well.
                drop(session.next_page(&NoPatterns));
                true
            }
            "previous" => {
                session.previous_page();
                true
            }
            "complete" => false,
            _ => true,
        };
        if !done || session.is_completed() {
            break;
        }
        let spot = session.spot();
        let again = Session::resume(program.clone(), CLOCK, &session.data(), Some(&spot));
        let again = again.map_err(|refusal| format!("{refusal:?}"))?;
        if seen(&again) != seen(&session) {
            return Err(format!(
                "{}\n{}\n{}",
                seen(&session),
                seen(&again),
                recording.json
            ));
        }
        states += 1;
    }
    Ok(states)
}

#[test]
fn answers_are_put_away_and_taken_up() {
    let text = include_str!("vectors/survey_sessions.json");
    let recordings: Vec<Recording> = serde_json::from_str(text).expect("recordings");
    let (mut states, mut lost) = (0, Vec::new());
    for recording in &recordings {
        match kept(recording) {
            Ok(count) => states += count,
            Err(difference) => lost.push(difference),
        }
    }
    lost.sort_by_key(String::len);
    let first = lost.first().map_or("", String::as_str);
    // Random surveys compute from numbers outside of their bounds, and keep results that
    // they would not compute again.
    let few = recordings.len() / 25;
    assert!(lost.len() <= few, "{} lost: {first}", lost.len());
    assert!(states > 1_000, "too few states to say anything: {states}");
}
