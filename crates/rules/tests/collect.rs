//! From stored answers to counts: what each value becomes, what was not asked, versions,
//! and JSON that nobody would store.

use linli_model::scoring::Scoring;
use linli_model::survey::{Definition, read};
use linli_rules::scoring;
use linli_rules::statistics::collect::{Collector, Shape, Unreadable, WORDS_MAX, shape};
use linli_rules::statistics::counts::{Counts, Met};
use linli_rules::statistics::report::Kind;
use proptest::prelude::*;
use serde_json::{Value, json};

fn definition(elements: &Value) -> Definition {
    read(&json!({ "elements": elements })).expect("it is read")
}

fn shape_of(elements: &Value) -> Shape {
    let definition = definition(elements);
    shape(&[&definition], &scoring::of(&definition))
}

fn counted(shape: &Shape, responses: &[Value]) -> Counts {
    let mut collector = Collector::new(shape, 1).expect("it fits");
    for response in responses {
        collector.add(0, &response.to_string()).expect("an object");
    }
    collector.finish().0
}

fn met(answered: u64, dont_know: u64, refused: u64, missing: u64, not_asked: u64) -> Met {
    Met {
        answered,
        dont_know,
        refused,
        missing,
        not_asked,
    }
}

#[test]
fn every_kind_of_answer_is_counted() {
    let shape = shape_of(&json!([
        { "type": "radiogroup", "name": "one", "showDontKnowItem": true, "showRefuseItem": true,
          "showNoneItem": true, "showOtherItem": true, "choices": [1, "b", 2.5] },
        { "type": "checkbox", "name": "some", "choices": ["x", "y"], "showDontKnowItem": true,
          "showOtherItem": true },
        { "type": "matrix", "name": "m", "rows": ["r1", "r2"], "columns": [3, 2, 1, "na"] },
        { "type": "boolean", "name": "yes" },
        { "type": "text", "name": "n", "inputType": "number" },
        { "type": "comment", "name": "words" },
        { "type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10 },
        { "type": "html", "name": "shown", "html": "" }
    ]));
    assert_eq!(shape.len(), 8);
    let counts = counted(
        &shape,
        &[
            json!({ "one": 1, "some": ["x", "y"], "m": { "r1": 3, "r2": "na" }, "yes": true,
                "n": "12.5", "words": "好", "nps": 10, "unasked": [{ "deep": [1] }] }),
            json!({ "one": "1", "some": ["dontknow"], "m": { "r1": 1 }, "yes": false, "n": 7,
                "words": "  ", "nps": 0 }),
            json!({ "one": 2.5, "some": ["x", "other"], "some-Comment": "别的", "n": "many" }),
            json!({ "one": "dontknow", "some": [], "m": null, "nps": 11 }),
            json!({ "one": "refused", "some": "y", "m": [1, 2], "words": 5 }),
            json!({ "one": "other", "one-Comment": "自己", "m": "text" }),
            json!({ "one": "never offered" }),
        ],
    );
    let of = |question, row| shape.find(question, row).expect("an item");
    let one = of("one", None);
    assert_eq!(counts.levels(0, one), [2, 0, 1, 0, 1]);
    assert_eq!(counts.met(0, one), met(4, 1, 1, 1, 0));
    let some = of("some", None);
    assert_eq!(counts.levels(0, some), [2, 2, 1]);
    assert_eq!(counts.met(0, some), met(3, 1, 0, 3, 0));
    assert_eq!(counts.levels(0, of("m", Some("r1"))), [1, 0, 1]);
    assert_eq!(counts.met(0, of("m", Some("r2"))), met(0, 1, 0, 6, 0));
    assert_eq!(counts.levels(0, of("yes", None)), [1, 1]);
    assert_eq!(counts.numbers(of("n", None)).n, 2);
    assert_eq!(counts.numbers(of("n", None)).mean, 9.75);
    assert_eq!(counts.met(0, of("words", None)).answered, 2);
    let nps = of("nps", None);
    assert_eq!(
        (counts.levels(0, nps)[0], counts.levels(0, nps)[10]),
        (1, 1)
    );
    assert_eq!(shape.questions("en")[nps].kind, Kind::Nps);
}

#[test]
fn a_hidden_question_was_not_asked() {
    let shape = shape_of(&json!([
        { "type": "radiogroup", "name": "overall", "choices": [5, 4, 3, 2, 1] },
        { "type": "checkbox", "name": "reasons", "choices": ["a"], "visibleIf": "{overall} <= 2" },
        { "type": "panel", "name": "p", "visibleIf": "{overall} notempty", "elements": [
            { "type": "comment", "name": "inside", "visibleIf": "{reasons} contains 'a'" } ] },
        { "type": "comment", "name": "never", "visible": false },
        { "type": "comment", "name": "clock", "visibleIf": "today() > '2020-01-01'" },
        { "type": "comment", "name": "computed", "visibleIf": "{somewhere} = 1" },
        { "type": "comment", "name": "named", "visibleIf": "{inside} = 'yes'" }
    ]));
    let counts = counted(
        &shape,
        &[
            json!({ "overall": 5 }),
            json!({ "overall": 1 }),
            json!({ "overall": "2", "reasons": ["a"] }),
            json!({ "overall": 2, "reasons": ["a"], "inside": "yes" }),
            json!({}),
            // Not among the choices, so read from the JSON itself.
            json!({ "overall": 0 }),
        ],
    );
    let of = |name| counts.met(0, shape.find(name, None).expect("an item"));
    // Nothing is less than two: as survey-core, an empty value compares with nothing.
    assert_eq!(of("reasons"), met(2, 0, 0, 2, 2));
    assert_eq!(of("inside"), met(1, 0, 0, 1, 4));
    assert_eq!(of("never"), met(0, 0, 0, 0, 6));
    assert_eq!(of("clock"), met(0, 0, 0, 0, 6));
    assert_eq!(of("computed"), met(0, 0, 0, 0, 6));
    assert_eq!(of("named"), met(0, 0, 0, 1, 5));
}

#[test]
fn names_decide_across_versions() {
    let newest = definition(&json!([
        { "type": "radiogroup", "name": "a", "choices": [3, 2, 1], "title": "新" },
        { "type": "comment", "name": "b" }
    ]));
    let older = definition(&json!([
        { "type": "radiogroup", "name": "a", "choices": [4, 3, 2, 1], "title": "旧" },
        { "type": "radiogroup", "name": "b", "choices": ["x"] },
        { "type": "comment", "name": "gone" }
    ]));
    let shape = shape(&[&newest, &older], &scoring::of(&newest));
    let counts = counted(
        &shape,
        &[json!({ "a": 4, "b": "x", "gone": "字" }), json!({ "a": 1 })],
    );
    let questions = shape.questions("zh-cn");
    assert_eq!(questions[0].title, "新");
    let values: Vec<&str> = questions[0]
        .levels
        .iter()
        .map(|(value, _)| value.as_str())
        .collect();
    assert_eq!(values, ["3", "2", "1", "4"]);
    assert_eq!(counts.levels(0, 0), [0, 0, 1, 1]);
    let scale = questions[0].scale.as_ref().expect("a scale");
    assert_eq!(scale.scores, [Some(3.0), Some(2.0), Some(1.0), None]);
    assert_eq!(questions.len(), 3);
}

#[test]
fn words_are_kept_without_their_order_and_not_all() {
    let shape = shape_of(&json!([
        { "type": "radiogroup", "name": "a", "choices": ["x"], "showOtherItem": true },
        { "type": "comment", "name": "c" }
    ]));
    let mut collector = Collector::new(&shape, 1).expect("it fits").with_texts();
    for at in 0..2_000 {
        let text = format!("话{}", (at * 7919) % 2_000);
        let response = json!({ "a": "other", "a-Comment": "  自己 ", "c": text });
        collector.add(0, &response.to_string()).expect("an object");
    }
    let texts = collector.finish().1.expect("kept");
    let kept = texts.of(1);
    assert_eq!((kept.len(), texts.written(1)), (WORDS_MAX, 2_000));
    assert!(kept.is_sorted());
    assert_eq!(texts.of(0)[0], "自己");
}

#[test]
fn long_lists_end_in_a_level_for_the_rest() {
    let choices: Vec<String> = (0..200).map(|at| format!("c{at}")).collect();
    let shape = shape_of(&json!([{ "type": "dropdown", "name": "d", "choices": choices }]));
    let counts = counted(
        &shape,
        &[
            json!({ "d": "c0" }),
            json!({ "d": "c63" }),
            json!({ "d": "c199" }),
        ],
    );
    assert_eq!(counts.levels(0, 0).len(), 64);
    assert_eq!((counts.levels(0, 0)[0], counts.levels(0, 0)[63]), (1, 2));
}

#[test]
fn what_is_no_object_is_not_counted() {
    let shape = shape_of(&json!([{ "type": "comment", "name": "c" }]));
    let mut collector = Collector::new(&shape, 1).expect("it fits");
    let deep = "[".repeat(10_000);
    for text in ["", "null", "[]", "{", "{\"c\":1} x", "{\"c\":1e999}", &deep] {
        assert_eq!(collector.add(0, text), Err(Unreadable), "{text:.20}");
    }
    assert_eq!(collector.add(9, "{}"), Err(Unreadable), "no such cell");
    assert_eq!(collector.add(0, "{}"), Ok(()));
    assert_eq!(collector.unreadable(), 8);
    assert_eq!(collector.finish().0.respondents(), [1]);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c0-9]{0,3}".prop_map(Value::from),
        Just(json!("dontknow")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("one|some|m|r1|r2|n|words|some-Comment|[a-d]", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_counted_once_or_refused(responses in prop::collection::vec(any_json(), 0..20)) {
        let shape = shape_of(&json!([
            { "type": "radiogroup", "name": "one", "choices": [1, "b", 2.5] },
            { "type": "checkbox", "name": "some", "choices": ["a", 1], "visibleIf": "{one} = 1 or {m.r1} > 1" },
            { "type": "matrix", "name": "m", "rows": ["r1", "r2"], "columns": [3, 2, 1] },
            { "type": "text", "name": "n", "inputType": "number", "visibleIf": "{words} notempty" },
            { "type": "comment", "name": "words" }
        ]));
        let mut collector = Collector::new(&shape, 1).unwrap().with_texts();
        let mut taken = 0;
        for response in &responses {
            let is_taken = collector.add(0, &response.to_string()).is_ok();
            prop_assert_eq!(is_taken, response.is_object());
            taken += u64::from(is_taken);
        }
        let (counts, _) = collector.finish();
        for item in 0..shape.len() {
            let met = counts.met(0, item);
            let all = met.answered + met.dont_know + met.refused + met.missing + met.not_asked;
            prop_assert_eq!(all, taken);
        }
    }

    #[test]
    fn any_text_is_no_panic(text in ".{0,200}") {
        let shape = shape_of(&json!([{ "type": "comment", "name": "c" }]));
        let _ = Collector::new(&shape, 1).unwrap().add(0, &text);
    }
}

#[test]
fn scoring_that_names_what_is_not_there_is_left_out() {
    let definition =
        definition(&json!([{ "type": "radiogroup", "name": "a", "choices": [3, 2, 1] }]));
    let scoring = Scoring {
        headline: Some("gone".into()),
        cross: vec![("a".into(), "a".into()), ("a".into(), "gone".into())],
        ..scoring::of(&definition)
    };
    let shape = shape(&[&definition], &scoring);
    assert_eq!((shape.headline, shape.cross.len()), (None, 0));
}
