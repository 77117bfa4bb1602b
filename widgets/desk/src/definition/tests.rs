//! A definition is edited and nothing else of it changes.

use super::*;

/// With what the desk has no field for: panels, other languages, unknown properties.
const RICH: &str = r##"{"locale":"zh-cn","title":{"default":"Services","zh-cn":"服务"},
"widthMode":"static","pages":[{"name":"one","navigationTitle":"x","elements":[
{"type":"rating","name":"overall","title":{"default":"Overall","zh-cn":"总体"},"rateMax":10,"displayMode":"buttons"},
{"type":"panel","name":"p","elements":[
 {"type":"checkbox","name":"why","title":"为什么","visibleIf":"{overall} <= 4","choices":["a",{"value":2,"text":{"default":"B","zh-cn":"乙"},"visibleIf":"{overall} = 1"}]}]}]},
{"name":"two","elements":[{"type":"matrix","name":"m","rows":["r1","r2"],"columns":[1,2],"eachRowRequired":true,
 "visibleIf":"{overall} > 3 and {why} contains 'a'"}]}],
"triggers":[{"type":"complete","expression":"{overall} = 0"}]}"##;

fn rich() -> Definition {
    Definition::read(RICH).unwrap()
}

#[test]
fn questions_of_pages_and_panels_are_one_list() {
    let questions = rich().questions("zh-cn");
    let told: Vec<_> = questions
        .iter()
        .map(|one| (one.pointer.as_str(), one.title.as_str(), one.kind.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("/pages/0/elements/0", "总体", "rating"),
            ("/pages/0/elements/1/elements/0", "为什么", "checkbox"),
            ("/pages/1/elements/0", "m", "matrix"),
        ]
    );
    let when = Condition::When {
        question: "overall".to_owned(),
        op: Op::AtMost,
        value: "4".to_owned(),
    };
    assert_eq!(questions[1].condition, when);
    assert!(matches!(questions[2].condition, Condition::Other(_)));
    assert_eq!(rich().langs(), ["zh-cn", "default"]);
    assert_eq!(
        rich().at_path("$.pages[0].elements[1].elements[0].choices[1]"),
        Some(1)
    );
    assert_eq!(rich().at_path("$.pages[1].elements[0]"), Some(2));
    assert_eq!(rich().at_path("$.triggers[0]"), None);
}

#[test]
fn one_text_is_written_and_everything_else_stays() {
    let mut written = rich();
    written.write_at("/pages/0/elements/0", "title", "zh-cn", "总的来说");
    let mut back = written.clone();
    assert_ne!(back, rich());
    assert_eq!(
        back.0["pages"][0]["elements"][0]["title"]["default"],
        "Overall"
    );
    back.write_at("/pages/0/elements/0", "title", "zh-cn", "总体");
    assert_eq!(back, rich());
    // A plain text is in the main language; another one stands beside it.
    let at = "/pages/0/elements/1/elements/0";
    written.write_at(at, "title", "en", "Why");
    assert_eq!(written.title(at, "zh-cn"), "为什么");
    assert_eq!(written.title(at, "en"), "Why");
}

#[test]
fn what_an_item_is_stored_as_never_changes() {
    let mut written = rich();
    let at = "/pages/0/elements/1/elements/0";
    written.write_item(at, "choices", 0, "zh-cn", "甲");
    written.write_item(at, "choices", 1, "zh-cn", "第二");
    let items = written.items(at, "choices", "zh-cn");
    let items: Vec<_> = items
        .iter()
        .map(|(v, t)| (v.as_str(), t.as_str()))
        .collect();
    assert_eq!(items, [("a", "甲"), ("2", "第二")]);
    let second = &written.0.pointer(at).unwrap()["choices"][1];
    assert_eq!(second["visibleIf"], "{overall} = 1");
    assert_eq!(second["value"], 2);
    written.add_item(at, "choices");
    assert_eq!(written.shift_item(at, "choices", 2, true), 1);
    assert_eq!(written.shift_item(at, "choices", 0, true), 0);
    assert_eq!(written.items(at, "choices", "zh-cn")[1].0, "item3");
    written.remove_item(at, "choices", 9);
    written.remove_item(at, "choices", 1);
    assert_eq!(written.items(at, "choices", "zh-cn").len(), 2);
}

#[test]
fn questions_move_over_the_edge_of_a_page() {
    let names = |one: &Definition| -> Vec<String> {
        one.questions("").into_iter().map(|one| one.name).collect()
    };
    let mut written = rich();
    written.shift("/pages/1/elements/0", true);
    assert_eq!(names(&written), ["overall", "why", "m"]);
    assert_eq!(written.questions("")[2].pointer, "/pages/0/elements/2");
    written.shift("/pages/0/elements/2", false);
    assert_eq!(written, rich(), "there and back");
    written.shift("/pages/0/elements/0", true);
    assert_eq!(written, rich(), "nothing is above the first");
    written.add("radiogroup");
    assert_eq!(names(&written), ["overall", "why", "m", "q4"]);
    written.remove("/pages/1/elements/1");
    assert_eq!(written, rich());
    let mut empty = Definition::read("{}").unwrap();
    empty.add("comment");
    assert_eq!(names(&empty), ["q1"]);
}

#[test]
fn simple_conditions_are_read_and_written_alike() {
    let cases = [
        ("{a} = 'x'", true),
        ("{a} <> 3", true),
        ("{a} <= 2", true),
        ("{a} contains 'b c'", true),
        ("{a} = \"it's\"", true),
        ("{a.b} = 1", false),
        ("{a} = {b}", false),
        ("{a} > 3", false),
        ("{a} = 1 and {b} = 2", false),
        ("{a} = 'x' or {b} = 'y'", false),
        ("iif({a}, 1, 2) = 1", false),
    ];
    for (text, is_simple) in cases {
        let read = Condition::read(text);
        assert_eq!(matches!(read, Condition::When { .. }), is_simple, "{text}");
        assert_eq!(read.text(), text);
    }
    assert_eq!(Condition::read("  "), Condition::Always);
}

#[test]
fn a_scale_keeps_what_it_does_not_set() {
    let mut written = rich();
    assert_eq!(written.scale("/pages/0/elements/0"), (1, 10));
    written.rescale("/pages/0/elements/0", (0, 10));
    assert_eq!(written.scale("/pages/0/elements/0"), (0, 10));
    assert_eq!(
        written.0["pages"][0]["elements"][0]["displayMode"],
        "buttons"
    );
}

#[test]
fn scoring_follows_what_is_asked() {
    use linli_model::scoring::{Direction, LowScore, ScoredItem, Scoring};
    let item = |question: &str, row: Option<&str>| ScoredItem {
        question: question.to_owned(),
        row: row.map(str::to_owned),
        least: 1,
        greatest: 5,
        direction: Direction::GreaterIsBetter,
    };
    let written = Scoring {
        headline: Some("gone".to_owned()),
        low_score_asks: Some(LowScore {
            question: "overall".to_owned(),
            at_most: 2,
            reasons: "gone".to_owned(),
        }),
        items: vec![
            item("overall", None),
            item("m", Some("r1")),
            item("m", Some("r9")),
        ],
        ..Scoring::default()
    };
    let found = Scoring {
        headline: Some("overall".to_owned()),
        items: vec![item("m", Some("r2")), item("new", None)],
        ..Scoring::default()
    };
    let kept = kept(&written, &found, &rich());
    assert_eq!(kept.headline.as_deref(), Some("overall"));
    assert_eq!(kept.low_score_asks, None);
    let names: Vec<_> = kept
        .items
        .iter()
        .map(|one| (one.question.as_str(), one.row.as_deref()))
        .collect();
    assert_eq!(names, [("overall", None), ("m", Some("r1")), ("new", None)]);
}

#[test]
fn answers_are_read_back_in_words() {
    let answers = r#"{"overall":3,"why":[2,"a"],"m":{"r2":1}}"#;
    let lines = told(&rich(), answers, "zh-cn");
    let lines: Vec<_> = lines
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(lines, [("总体", "3"), ("为什么", "乙、a"), ("m · r2", "1")]);
    assert!(told(&rich(), "no json", "").is_empty());
}
