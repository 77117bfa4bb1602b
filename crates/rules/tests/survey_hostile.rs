//! Surveys that mean harm: definitions, answers and pasted text that nobody would write.
//! Everything is refused or runs, within counted work, and nothing panics.
//!
//! `LINLI_HOSTILE_CASES` sets how many random cases there are, `LINLI_SEED` where they begin;
//! a failure prints both the seed and the case. `cargo xtask soak --surveys` runs many.

use linli_model::survey::{DefinitionFault, FaultReason, PANEL_DEPTH_MAX, read};
use linli_rules::survey::expression::{EXPRESSION_DEPTH_MAX, Expression, JsonScope};
use linli_rules::survey::{Clock, Patterns, Program, Session, SurveyRefusal, Value};
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

/// Chance with a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end.max(1) as u64).expect("below a usize")
    }

    fn odds(&mut self, of_hundred: usize) -> bool {
        self.below(100) < of_hundred
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    fn word(&mut self) -> &'static str {
        self.pick::<&'static str>(WORDS)
    }
}

/// Seeds of the random cases.
fn seeds() -> impl Iterator<Item = u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first = number("LINLI_SEED").unwrap_or(1);
    (first..).take(usize::try_from(number("LINLI_HOSTILE_CASES").unwrap_or(400)).expect("a count"))
}

/// Says which seed and case it was, should the test end here.
struct Case(String);

impl Drop for Case {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

/// Definitions that run: those of the recordings beside survey-core.
fn valid() -> Vec<Json> {
    let recordings: Vec<Json> =
        serde_json::from_str(include_str!("vectors/survey_sessions.json")).expect("recordings");
    recordings
        .into_iter()
        .map(|mut one| one["json"].take())
        .collect()
}

const WORDS: &[&str] = &[
    "",
    "q1",
    "q2",
    "q3",
    "q1-Comment",
    "{q1}",
    "{q2} + {q3}",
    "[{q1}, {q1}]",
    "{q1} notempty",
    "{q1} = {q1}",
    "q1.q2[0]",
    "sumInArray({q1}, 'a', {q2})",
    "iif({q1}, {q2}, {q3})",
    "text",
    "panel",
    "matrix",
    "checkbox",
    "true",
    "-1",
    "好",
    "\u{0}",
    "other",
    "none",
    "onHidden",
    "setvalue",
    "complete",
    "(((",
    "displayValue('q1')",
    "today()",
    "__proto__",
    "length",
];
const KEYS: &[&str] = &[
    "type",
    "name",
    "valueName",
    "visibleIf",
    "enableIf",
    "requiredIf",
    "expression",
    "choices",
    "defaultValue",
    "defaultValueExpression",
    "setValueExpression",
    "setValueIf",
    "resetValueIf",
    "elements",
    "pages",
    "triggers",
    "calculatedValues",
    "validators",
    "rows",
    "columns",
    "isRequired",
    "clearInvisibleValues",
    "setToName",
    "fromName",
    "gotoName",
    "runExpression",
    "hasOther",
    "rateValues",
    "min",
    "max",
    "title",
];

fn random(chance: &mut Chance, depth: usize) -> Json {
    match chance.below(if depth == 0 { 6 } else { 8 }) {
        0 => Json::Null,
        1 => json!(chance.odds(50)),
        2 => json!(*chance.pick(&[
            0.0,
            -1.0,
            1.0,
            0.5,
            1e308,
            -1e-308,
            5_000.0,
            4_294_967_296.0
        ])),
        3 => json!(chance.below(7)),
        4 | 5 => json!(chance.word()),
        6 => (0..chance.below(4))
            .map(|_| random(chance, depth - 1))
            .collect(),
        _ => {
            let each = (0..chance.below(5))
                .map(|_| ((*chance.pick(KEYS)).to_owned(), random(chance, depth - 1)));
            Json::Object(each.collect::<Map<_, _>>())
        }
    }
}

/// A random place inside.
fn place<'a>(chance: &mut Chance, mut at: &'a mut Json) -> &'a mut Json {
    loop {
        let count = match &*at {
            Json::Array(list) => list.len(),
            Json::Object(map) => map.len(),
            _ => 0,
        };
        if count == 0 || chance.odds(12) {
            return at;
        }
        let index = chance.below(count);
        at = match at {
            Json::Array(list) => &mut list[index],
            Json::Object(map) => map.values_mut().nth(index).expect("counted"),
            _ => unreachable!("it has parts"),
        };
    }
}

/// Changes a definition in one place, more or less sensibly.
fn mutate(chance: &mut Chance, json: &mut Json, others: &[Json]) {
    let mut donor = chance.pick(others).clone();
    let part = match chance.odds(50) {
        true => place(chance, &mut donor).clone(),
        false => random(chance, 3),
    };
    match place(chance, json) {
        Json::Object(map) if chance.odds(70) => {
            map.insert((*chance.pick(KEYS)).to_owned(), part);
        }
        Json::Array(list) if chance.odds(70) => match list.first().cloned() {
            Some(first) if chance.odds(50) => list.push(first),
            _ => list.push(part),
        },
        Json::String(text) if chance.odds(70) => {
            let at = text
                .char_indices()
                .map(|(at, _)| at)
                .nth(chance.below(text.len()));
            text.insert_str(at.unwrap_or(0), chance.word());
        }
        other => *other = part,
    }
}

/// What one answer may lead to for each element; conditions, formulas and triggers included.
const EVALUATIONS_EACH_MAX: usize = 8 * 24 * 4;

/// Answers everything at random, and sends it all to be checked.
fn play(chance: &mut Chance, program: &Arc<Program>) {
    let Ok(mut session) = Session::new(program.clone(), CLOCK) else {
        return;
    };
    let mut all = Map::new();
    for _ in 0..12 {
        let shown = session.visible_questions();
        let name = match shown.is_empty() || chance.odds(10) {
            true => chance.word().to_owned(),
            false => (*chance.pick(&shown)).to_owned(),
        };
        let answer = random(chance, 3);
        all.insert(name.clone(), answer.clone());
        match chance.below(8) {
            0 => drop(session.set_comment(&name, chance.word())),
            1 => drop(session.next_page(&NoPatterns)),
            2 => drop(session.previous_page()),
            3 => drop(session.complete(&NoPatterns)),
            _ => {
                if let Ok(change) = session.set_answer(&name, &answer) {
                    let most = EVALUATIONS_EACH_MAX * (program.len() + 8);
                    assert!(change.evaluations <= most, "{}", change.evaluations);
                }
            }
        }
        assert!(session.data().is_object());
        session.pages();
    }
    for one in [Json::Object(all), random(chance, 4)] {
        if let Ok((session, _)) = Session::check(program.clone(), CLOCK, &one, &NoPatterns) {
            assert!(session.data().is_object());
        }
    }
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
