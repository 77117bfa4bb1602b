//! Surveys that mean harm: definitions, answers and pasted text that nobody would write.
//! Everything is refused or runs, within counted work, and nothing panics.
//!
//! `LINLI_HOSTILE_CASES` sets how many random cases there are, `LINLI_SEED` where they begin;
//! a failure prints both the seed and the case. `cargo xtask soak --surveys` runs many.

mod random;

use linli_model::survey::{DefinitionFault, FaultReason, PANEL_DEPTH_MAX, read};
use linli_rules::survey::expression::{EXPRESSION_DEPTH_MAX, Expression, JsonScope};
use linli_rules::survey::{Clock, Patterns, Program, Session, SurveyRefusal, Value};
use random::{Case, Chance, mutate, play, random, seeds, valid};
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;
use std::sync::Arc;

const CLOCK: Clock = Clock {
    now_ms: 1_795_570_215_250.0,
    ahead_of_utc_minutes: 480,
};

/// Takes no time, whatever is asked.
struct NoPatterns;

impl Patterns for NoPatterns {
    fn is_match(&self, _: &str, _: bool, _: &str) -> Option<bool> {
        None
    }
}

fn program(json: &Json) -> Result<Arc<Program>, Vec<DefinitionFault>> {
    read(json).and_then(Program::new).map(Arc::new)
}

fn runs(json: &Json) -> Arc<Program> {
    program(json).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn session(json: &Json) -> Session {
    Session::new(runs(json), CLOCK).expect("a session")
}

#[test]
fn spoilt_definitions_are_refused_or_run() {
    let valid = valid();
    let mut ran = 0;
    for seed in seeds() {
        let mut chance = Chance(seed);
        let mut json = chance.pick(&valid).clone();
        for _ in 0..=chance.below(3) {
            mutate(&mut chance, &mut json, &valid);
        }
        let _case = Case(format!("LINLI_SEED={seed} {json}"));
        match program(&json) {
            Ok(program) => {
                ran += 1;
                play(&mut chance, &program);
            }
            Err(faults) => assert!(!faults.is_empty()),
        }
    }
    println!("{ran} of {} ran", seeds().count());
    assert!(ran * 10 > seeds().count(), "most were refused at once");
}

#[test]
fn any_json_is_refused_or_runs() {
    for seed in seeds() {
        let mut chance = Chance(seed);
        let json = random(&mut chance, 6);
        let _case = Case(format!("LINLI_SEED={seed} {json}"));
        if let Ok(program) = program(&json) {
            play(&mut chance, &program);
        }
    }
}

#[test]
fn conditions_in_a_circle_end() {
    // Each shows when the next does not answer; each takes its answer from the others.
    let element = |at: usize| {
        json!({ "type": "text", "name": format!("q{at}"),
            "visibleIf": format!("{{q{}}} empty", (at + 1) % 12),
            "setValueExpression": format!("{{q{}}} + {{q{}}} + 1", (at + 5) % 12, (at + 7) % 12) })
    };
    let json = json!({ "clearInvisibleValues": "onHidden", "elements": (0..12).map(element).collect::<Vec<_>>() });
    let mut session = session(&json);
    assert_eq!(
        session.set_answer("q0", &json!(1)),
        Err(SurveyRefusal::Restless)
    );
    let all = |at: usize| {
        (0..12)
            .filter(move |other| *other != at)
            .map(|other| format!("{{q{other}}}"))
    };
    let element = |at: usize| {
        json!({ "type": "text", "name": format!("q{at}"),
            "setValueExpression": format!("{} + {at}", all(at).collect::<Vec<_>>().join(" + ")) })
    };
    let json = json!({ "elements": (0..12).map(element).collect::<Vec<_>>() });
    let mut session = self::session(&json);
    assert_eq!(
        session.set_answer("q0", &json!(1)),
        Err(SurveyRefusal::Restless)
    );
}

#[test]
fn ten_thousand_questions_load_and_an_answer_is_followed_alone() {
    let page = |page: usize| {
        let question = |at: usize| {
            json!({ "type": "text", "name": format!("q{at}"),
                "visibleIf": format!("{{q{}}} notempty", at.saturating_sub(1)) })
        };
        json!({ "elements": (page * 1_000..(page + 1) * 1_000).map(question).collect::<Vec<_>>() })
    };
    let paged = json!({ "pages": (0..10).map(page).collect::<Vec<_>>() });
    let mut session = session(&paged);
    let change = session.set_answer("q5000", &json!("x")).expect("an answer");
    assert_eq!(change.evaluations, 1);
    let answers: Map<String, Json> = (0..10_000)
        .map(|at| (format!("q{at}"), json!("x")))
        .collect();
    let (checked, faults) =
        Session::check(runs(&paged), CLOCK, &Json::Object(answers), &NoPatterns).expect("checked");
    assert_eq!(faults, []);
    assert_eq!(checked.data().as_object().map(Map::len), Some(10_000));
    let listed = json!({ "elements": (0..10_000).map(|at| json!({ "type": "text", "name": format!("q{at}") })).collect::<Vec<_>>() });
    let faults = program(&listed).expect_err("too many in one list");
    assert_eq!(faults[0].path, "elements");
    assert!(matches!(faults[0].reason, FaultReason::TooMany { .. }));
}

#[test]
fn nesting_without_end_is_refused() {
    let mut panel = json!({ "type": "text", "name": "q" });
    for depth in 0..PANEL_DEPTH_MAX + 2 {
        panel = json!({ "type": "panel", "name": format!("p{depth}"), "elements": [panel] });
    }
    let faults = program(&json!({ "elements": [panel] })).expect_err("too deep");
    assert!(matches!(faults[0].reason, FaultReason::TooMany { .. }));
    for (open, close) in [
        ("(", ")"),
        ("!", ""),
        ("[", "]"),
        ("iif(", ")"),
        ("(1 + ", ")"),
        ("negate ", ""),
        ("sum([", "])"),
    ] {
        for (inside, ends) in [("1", true), ("1", false), ("@", true), ("{q}", false)] {
            let text = format!(
                "{}{inside}{}",
                open.repeat(10_000 / open.len()),
                if ends {
                    close.repeat(4_000 / close.len().max(1))
                } else {
                    String::new()
                }
            );
            let text: String = text.chars().take(20_000).collect();
            let json = json!({ "elements": [{ "type": "text", "name": "q", "visibleIf": text }] });
            let faults = program(&json).expect_err(&text);
            assert_eq!(faults[0].path, "elements[0].visibleIf");
            assert!(matches!(faults[0].reason, FaultReason::Expression { .. }));
        }
    }
}

#[test]
fn the_deepest_that_is_read_runs() {
    let deepest = (EXPRESSION_DEPTH_MAX / 2) - 1;
    for (open, close) in [
        ("(", ")"),
        ("!", ""),
        ("[", "]"),
        ("iif(", ")"),
        ("(1 + ", ")"),
        ("sum([", "])"),
    ] {
        let deep = (1..=deepest).rev().find_map(|depth| {
            let text = format!("{}{{q}}{}", open.repeat(depth), close.repeat(depth));
            Expression::parse(&text).ok()
        });
        deep.expect(open)
            .run(&JsonScope::new(&json!({ "q": 1 }), CLOCK));
    }
}

/// A session refuses what no expression should do; a second is more than enough for each.
#[test]
fn expressions_that_grow_without_bound_are_refused() {
    let elements = |first: Json, next: &dyn Fn(usize) -> String| {
        let more = (1..60).map(|at| json!({ "type": "expression", "name": format!("q{at}"), "expression": next(at - 1) }));
        json!({ "elements": std::iter::once(first).chain(more).collect::<Vec<_>>() })
    };
    let text = || json!({ "type": "text", "name": "q0" });
    let doubled_text = elements(text(), &|at| format!("{{q{at}}} + {{q{at}}}"));
    let doubled_list = elements(text(), &|at| format!("[{{q{at}}}, {{q{at}}}]"));
    let joined = elements(text(), &|at| format!("[{{q{at}}}] + [{{q{at}}}, 1]"));
    let summed = elements(text(), &|at| format!("sum('x', {{q{at}}}, {{q{at}}})"));
    for json in [doubled_text, doubled_list, joined, summed] {
        let session = Session::new(runs(&json), CLOCK);
        let refused = session.and_then(|mut one| one.set_answer("q0", &json!("long enough")));
        assert_eq!(refused, Err(SurveyRefusal::Restless), "{json}");
    }
    let nested = (1..200).map(|at| json!({ "type": "expression", "name": format!("q{at}"), "expression": format!("[{{q{}}}]", at - 1) }));
    let nested = json!({ "elements": std::iter::once(text()).chain(nested).collect::<Vec<_>>() });
    let session = Session::new(runs(&nested), CLOCK);
    let refused = session.and_then(|mut one| one.set_answer("q0", &json!("x")));
    assert_eq!(refused, Err(SurveyRefusal::Restless));
}

#[test]
fn panels_in_panels_without_end_are_refused() {
    let mut element = json!({ "type": "text", "name": "q" });
    for depth in 0..4 {
        element = json!({ "type": "paneldynamic", "name": format!("p{depth}"), "panelCount": 500, "templateElements": [element] });
    }
    let json = json!({ "elements": [element] });
    let refused = Session::new(runs(&json), CLOCK);
    assert_eq!(refused.map(drop), Err(SurveyRefusal::Restless));
    let rows = json!({ "elements": [{ "type": "matrixdynamic", "name": "m", "rowCount": 0, "columns": [
        { "name": "a", "cellType": "text" },
        { "name": "b", "cellType": "text", "visibleIf": "{row.a} notempty" },
    ] }] });
    let answer: Vec<Json> = (0..20_000).map(|at| json!({ "a": at, "b": at })).collect();
    let program = runs(&rows);
    for answer in [
        json!({ "m": answer }),
        json!({ "m": { "a": [[[[]]]] } }),
        json!({ "m": "x" }),
    ] {
        let checked = Session::check(program.clone(), CLOCK, &answer, &NoPatterns);
        assert!(matches!(
            checked,
            Ok(_) | Err(SurveyRefusal::Restless | SurveyRefusal::TooLarge { .. })
        ));
    }
}

#[test]
fn lists_against_lists_are_refused_beyond_what_is_sensible() {
    let json = json!({ "elements": [
        { "type": "text", "name": "a" },
        { "type": "text", "name": "b" },
        { "type": "text", "name": "c", "visibleIf": "{#a} allof {#b}" },
        { "type": "text", "name": "d", "visibleIf": "countInArray({a}, 'x', countInArray({a}, 'x', countInArray({a}, 'x', {x} > 0) > 0) > 0) > 0" },
    ] });
    // A line joins a list; as a calculated value it stays one.
    let scope = |count: usize| {
        let rows: Vec<Json> = (0..count).map(|at| json!({ "x": at + 1 })).collect();
        JsonScope::new(
            &json!({ "a": rows, "b": (0..count).collect::<Vec<_>>() }),
            CLOCK,
        )
    };
    let run = |text: &str, count: usize| Expression::parse(text).expect(text).run(&scope(count));
    assert_eq!(run("{b} allof {b}", 300), Value::Bool(true));
    assert_eq!(run("{b} allof {b}", 50_000), Value::Undefined);
    let nested = json["elements"][3]["visibleIf"].as_str().expect("text");
    assert_eq!(run(nested, 12), Value::Bool(true));
    assert_eq!(run(nested, 2_000), Value::Undefined);
    session(&json);
}

#[test]
fn an_answer_that_is_a_condition_about_itself_ends() {
    let text = "countInArray({rows}, 'x', {a}) > 0";
    let scope = JsonScope::new(&json!({ "rows": [{ "x": 1 }], "a": text }), CLOCK);
    let expression = Expression::parse(text).expect("read");
    assert_eq!(expression.run(&scope), Value::Bool(false));
}

#[test]
fn a_megabyte_of_answers_is_checked_and_more_is_refused() {
    let readers = (0..100).map(|at| json!({ "type": "text", "name": format!("r{at}"), "visibleIf": format!("{{long}} = 'x{at}' or {{long}} contains 'y{at}'") }));
    let first = json!({ "type": "comment", "name": "long" });
    let json = json!({ "elements": std::iter::once(first).chain(readers).collect::<Vec<_>>() });
    let answers = |bytes: usize| json!({ "long": "a".repeat(bytes) });
    let few = Session::check(runs(&json), CLOCK, &answers(50_000), &NoPatterns);
    assert!(few.is_ok());
    let refused = Session::check(runs(&json), CLOCK, &answers(900_000), &NoPatterns);
    assert_eq!(
        refused.map(drop),
        Err(SurveyRefusal::Restless),
        "each reads all of it"
    );
    let refused = Session::check(runs(&json), CLOCK, &answers(1_100_000), &NoPatterns);
    assert!(matches!(refused, Err(SurveyRefusal::TooLarge { .. })));
    let copy = |at: usize| json!({ "type": "copyvalue", "expression": "{a} notempty", "setToName": format!("b{at}"), "fromName": "a" });
    let copied = json!({
        "elements": [{ "type": "text", "name": "a" }],
        "triggers": (0..1_000).map(copy).collect::<Vec<_>>(),
    });
    let refused = Session::check(
        runs(&copied),
        CLOCK,
        &json!({ "a": "a".repeat(200_000) }),
        &NoPatterns,
    );
    assert!(
        matches!(refused, Err(SurveyRefusal::TooLarge { .. })),
        "{:?}",
        refused.map(drop)
    );
    let kinds = json!({ "elements": [
        { "type": "checkbox", "name": "some", "choices": ["a", "b"], "hasOther": true },
        { "type": "matrix", "name": "matrix", "rows": ["r"], "columns": ["c"] },
        { "type": "rating", "name": "rating" },
        { "type": "radiogroup", "name": "one", "choices": ["a"] },
        { "type": "text", "name": "number", "inputType": "number" },
    ] });
    let wide: Vec<Json> = (0..100_000).map(|at| json!(at)).collect();
    let tall: Map<String, Json> = (0..50_000)
        .map(|at| (format!("k{at}"), json!(at)))
        .collect();
    for name in ["some", "matrix", "rating", "one", "number"] {
        for answer in [json!(wide), json!(tall), json!("9".repeat(500_000))] {
            let mut session = session(&kinds);
            session.set_answer(name, &answer).expect("taken");
            drop(session.complete(&NoPatterns));
            Session::check(runs(&kinds), CLOCK, &json!({ name: answer }), &NoPatterns)
                .expect("checked");
        }
    }
}

#[test]
fn answers_to_what_does_not_show_are_dropped() {
    let json = json!({ "elements": [
        { "type": "text", "name": "a" },
        { "type": "text", "name": "b", "visibleIf": "{a} = 'open'" },
        { "type": "html", "name": "h", "html": "x" },
        { "type": "expression", "name": "e", "expression": "1 + 1" },
    ] });
    let answers = json!({ "a": "shut", "b": "hidden", "b-Comment": "c", "h": 1, "e": 99, "nobody": 1, "__proto__": 1 });
    let (session, faults) =
        Session::check(runs(&json), CLOCK, &answers, &NoPatterns).expect("checked");
    assert_eq!(faults, []);
    assert_eq!(session.data(), json!({ "a": "shut", "e": 2 }));
    let mut session = self::session(&json);
    for name in ["h", "nobody", ""] {
        let refused = session.set_answer(name, &json!(1));
        assert!(matches!(
            refused,
            Err(SurveyRefusal::UnknownQuestion { .. })
        ));
    }
}

#[test]
fn pasted_text_of_any_kind_becomes_a_survey_that_runs_or_a_refusal() {
    let cases =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/survey-text");
    let texts: Vec<String> = std::fs::read_dir(cases)
        .expect("the folder")
        .filter_map(|entry| {
            let path = entry.expect("an entry").path();
            let is_text = path.extension().is_some_and(|ending| ending == "txt");
            is_text.then(|| std::fs::read_to_string(path).expect("a case"))
        })
        .collect();
    let mut ran = 0;
    for seed in seeds() {
        let mut chance = Chance(seed);
        let mut lines: Vec<String> = chance.pick(&texts).lines().map(str::to_owned).collect();
        for _ in 0..chance.below(6) {
            let at = chance.below(lines.len());
            match chance.below(4) {
                0 => drop(lines.remove(at)),
                1 => lines.insert(
                    at,
                    chance.pick(&texts).lines().nth(at).unwrap_or("").to_owned(),
                ),
                2 => {
                    let cut: String = lines[at].chars().take(chance.below(12)).collect();
                    write!(
                        lines[at],
                        "{cut}{}",
                        chance.pick(&["【", "[单选]", "A.", "*", "1-9999", "\u{202e}"])
                    )
                    .expect("text");
                }
                _ => lines[at] = lines[at].chars().rev().collect(),
            }
            if lines.is_empty() {
                break;
            }
        }
        let text = lines.join("\n");
        let _case = Case(format!("LINLI_SEED={seed}\n{text}"));
        if let Ok(found) = linli_rules::survey_text::parse(&text) {
            match program(&found.definition) {
                Ok(program) => {
                    ran += 1;
                    play(&mut chance, &program);
                }
                // What it writes may be ahead of what runs; never a fault of its own making.
                Err(faults) => assert!(
                    faults.iter().all(|fault| matches!(
                        fault.reason,
                        FaultReason::UnsupportedType { .. }
                            | FaultReason::UnsupportedProperty
                            | FaultReason::UnsupportedValue
                    )),
                    "{faults:?}"
                ),
            }
        }
    }
    println!("{ran} of {} ran", seeds().count());
    assert!(ran > 0);
}
