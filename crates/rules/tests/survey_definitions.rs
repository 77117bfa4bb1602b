//! What is kept of a definition beside its behaviour.

use linli_model::survey::{Element, QuestionKind, read};
use serde_json::json;

#[test]
fn texts_are_kept_in_every_language_and_looks_as_they_are_written() {
    let definition = read(&json!({
        "title": { "default": "Lifts", "zh-CN": "电梯" },
        "showProgressBar": true,
        "pages": [{ "title": "One", "elements": [
            { "type": "rating", "name": "q", "title": { "default": "How?", "zh-cn": "如何？" },
              "mininumRateDescription": "bad", "rateMax": 10 },
            { "type": "radiogroup", "name": "r", "colCount": 2,
              "choices": ["a|Anna", { "value": 1, "text": { "default": "one", "zh": "一" } }] },
        ] }],
    }))
    .expect("a definition");
    assert_eq!(definition.shown.text("title", "zh-cn"), Some("电梯"));
    assert_eq!(definition.shown.text("title", "en"), Some("Lifts"));
    assert_eq!(definition.shown.look("showProgressBar"), Some(&json!(true)));
    let page = &definition.pages[0];
    assert_eq!(page.shown.text("title", "zh-cn"), Some("One"));
    let [Element::Question(rating), Element::Question(radio)] = &page.elements[..] else {
        panic!("two questions");
    };
    assert_eq!(rating.shown.text("title", "zh-CN"), Some("如何？"));
    assert_eq!(
        rating.shown.text("minRateDescription", "en"),
        Some("bad"),
        "under the present name"
    );
    assert!(matches!(&rating.kind, QuestionKind::Rating(scale) if scale.max == Some(10.0)));
    assert_eq!(radio.shown.look("colCount"), Some(&json!(2)));
    let QuestionKind::One(select) = &radio.kind else {
        panic!("choices");
    };
    let texts = select.choices.iter().map(|one| {
        let text = one.text.as_ref().and_then(|text| text.in_locale("zh-cn"));
        text.map(str::to_owned)
    });
    let texts: Vec<_> = texts.collect();
    assert_eq!(texts, [Some("Anna".to_owned()), Some("一".to_owned())]);
    let faults = read(&json!({ "title": ["no"], "elements": [] })).expect_err("no text");
    assert_eq!(faults[0].path, "title");
}

#[test]
fn more_decimals_than_survey_core_takes_are_refused() {
    let json =
        json!({ "elements": [{ "type": "expression", "name": "e", "precision": 2_000_000_000 }] });
    let faults = read(&json).expect_err("a fault");
    assert_eq!(faults[0].path, "elements[0].precision");
}
