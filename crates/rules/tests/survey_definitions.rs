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

#[test]
fn rows_in_panels_in_panels_are_bounded() {
    let rows = json!({ "type": "matrixdynamic", "name": "m", "rowCount": 1000,
        "columns": ["a", "b", "c"] });
    let panels = |inside: &serde_json::Value| json!({ "type": "paneldynamic", "name": "p", "panelCount": 100, "templateElements": [inside] });
    let fault = |element: &serde_json::Value| {
        let faults = read(&json!({ "elements": [element] })).expect_err("too many");
        faults[0].path.clone()
    };
    assert!(read(&json!({ "elements": [rows] })).is_ok());
    assert_eq!(fault(&panels(&rows)), "elements[0].type");
    let mut deep = json!({ "type": "text", "name": "t" });
    for _ in 0..6 {
        deep = json!({ "type": "paneldynamic", "name": "p", "templateElements": [deep] });
    }
    let path = fault(&deep);
    assert!(path.matches("templateElements").count() == 4, "{path}");
}
