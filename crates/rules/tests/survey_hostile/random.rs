//! Random definitions and answers, out of those that make sense.

use super::{CLOCK, NoPatterns, program};
use linli_rules::survey::{Program, Session};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Chance with a seed.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end.max(1) as u64).expect("below a usize")
    }

    pub(super) fn odds(&mut self, of_hundred: usize) -> bool {
        self.below(100) < of_hundred
    }

    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    fn word(&mut self) -> &'static str {
        self.pick::<&'static str>(WORDS)
    }
}

/// Seeds of the random cases.
pub(super) fn seeds() -> impl Iterator<Item = u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first = number("LINLI_SEED").unwrap_or(1);
    (first..).take(usize::try_from(number("LINLI_HOSTILE_CASES").unwrap_or(400)).expect("a count"))
}

/// Says which seed and case it was, should the test end here.
pub(super) struct Case(pub(super) String);

impl Drop for Case {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

/// Definitions that run: those of the recordings beside survey-core, and some with questions
/// inside questions.
pub(super) fn valid() -> Vec<Json> {
    let recordings: Vec<Json> =
        serde_json::from_str(include_str!("../vectors/survey_sessions.json")).expect("recordings");
    let mut all: Vec<Json> = recordings
        .into_iter()
        .map(|mut one| one["json"].take())
        .collect();
    let columns = json!([
        { "name": "a", "cellType": "text" },
        { "name": "b", "cellType": "checkbox", "choices": ["x", "y"], "visibleIf": "{row.a} notempty" },
    ]);
    let nested = json!({ "elements": [
        { "type": "matrixdynamic", "name": "q1", "rowCount": 2, "columns": columns },
        { "type": "matrixdropdown", "name": "q2", "rows": ["r", "s"], "columns": columns },
        { "type": "paneldynamic", "name": "q3", "panelCount": 2, "templateElements": [
            { "type": "text", "name": "a" },
            { "type": "text", "name": "b", "visibleIf": "{panel.a} = {q4}", "setValueExpression": "{panel.a} + 1" },
            { "type": "paneldynamic", "name": "c", "templateElements": [
                { "type": "expression", "name": "d", "expression": "{parentPanel.a} + {q4}" },
            ] },
        ] },
        { "type": "text", "name": "q4" },
        { "type": "multipletext", "name": "q5", "items": [{ "name": "a" }, { "name": "b" }] },
        { "type": "ranking", "name": "q6", "choices": ["x", "y", "z"] },
        { "type": "expression", "name": "q7", "expression": "sumInArray({q1}, 'a') + sumInArray({q3}, 'b')" },
    ] });
    assert!(program(&nested).is_ok(), "{:?}", program(&nested).err());
    let share = all.len() / 4;
    all.extend(std::iter::repeat_n(nested, share));
    all
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
    "paneldynamic",
    "matrixdynamic",
    "matrixdropdown",
    "multipletext",
    "ranking",
    "{panel.a}",
    "{row.a}",
    "{parentPanel.a}",
    "{prevRow.a}",
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
    "templateElements",
    "panelCount",
    "rowCount",
    "items",
    "cellType",
    "minRowCount",
    "maxRowCount",
    "keyName",
];

pub(super) fn random(chance: &mut Chance, depth: usize) -> Json {
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
pub(super) fn mutate(chance: &mut Chance, json: &mut Json, others: &[Json]) {
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
pub(super) fn play(chance: &mut Chance, program: &Arc<Program>) {
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
