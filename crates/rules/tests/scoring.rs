//! Scoring from definitions alone: instruments come out as their sidecars say, pasted text
//! by the words of its scales.

use linli_model::scoring::{Direction, Scoring};
use linli_model::survey::read;
use linli_rules::{instruments, scoring, survey_text};
use serde_json::{Value, json};

fn of(definition: &Value) -> Scoring {
    scoring::of(&read(definition).expect("it is read"))
}

fn of_text(text: &str) -> Scoring {
    of(&survey_text::parse(text).expect("it is read").definition)
}

#[test]
fn instruments_are_scored_as_their_sidecars_say() {
    for (instrument, definition) in instruments::all() {
        let found = of(&serde_json::from_str(definition).expect("JSON"));
        let said = instrument.scoring();
        assert_eq!(found.headline, said.headline, "{}", instrument.id);
        if found.low_score_asks.is_some() {
            assert_eq!(
                found.low_score_asks, said.low_score_asks,
                "{}",
                instrument.id
            );
        }
        for item in &said.items {
            assert!(found.items.contains(item), "{}: {item:?}", instrument.id);
        }
        for value in &said.dont_know {
            assert!(
                found.dont_know.contains(value),
                "{}: {value}",
                instrument.id
            );
        }
        assert!(found.cross.len() <= 10);
    }
}

#[test]
fn pasted_scales_are_found_by_their_words() {
    let found = of_text(
        "物业满意度\n\
         1. 您家有几辆车？【单选】\n没有\n一辆\n两辆\n\
         2. 您对保洁满意吗？【单选】\n非常满意\n满意\n不满意\n不清楚\n\
         3. 请给物业整体打分【打分】\n1-5\n非常不满意\n非常满意\n\
         4. 请评价【矩阵单选】\n行：保洁，保安\n列：差，中，好\n\
         5. 夜间限停，您同意吗？【单选】\n同意\n不同意\n",
    );
    assert_eq!(found.headline.as_deref(), Some("q3"));
    let items = &found.items;
    let of = |name: &'static str| items.iter().filter(move |item| item.question == name);
    assert_eq!(of("q1").count() + of("q5").count(), 0);
    let cleaning = of("q2").next().expect("a scale");
    assert_eq!((cleaning.least, cleaning.greatest), (1, 3));
    assert_eq!(cleaning.direction, Direction::SmallerIsBetter);
    let whole = of("q3").next().expect("a scale");
    assert_eq!(whole.direction, Direction::GreaterIsBetter);
    assert_eq!(of("q4").count(), 2);
    assert!(of("q4").all(|item| item.direction == Direction::GreaterIsBetter));
    assert_eq!(
        found.cross,
        [("q1".into(), "q3".into()), ("q5".into(), "q3".into())]
    );
}

#[test]
fn levels_get_their_scores() {
    let definition = json!({ "elements": [
        { "type": "radiogroup", "name": "a", "choices": [
            { "value": "vg", "text": "Very satisfied" }, { "value": "g", "text": "Satisfied" },
            { "value": "n", "text": "Neutral" }, { "value": "b", "text": "Dissatisfied" },
            { "value": "x", "text": "Cannot say" } ] },
        { "type": "rating", "name": "r", "rateMin": 0, "rateMax": 10,
          "minRateDescription": "very good", "maxRateDescription": "very bad" },
        { "type": "rating", "name": "huge", "rateMin": 0, "rateMax": 1e18 },
        { "type": "radiogroup", "name": "falling", "choices": [3, 2, 1, "none"] },
        { "type": "radiogroup", "name": "years", "choices": [2024, 2023, 2022] }
    ]});
    let found = of(&definition);
    let item = |name: &str| found.items.iter().find(|item| item.question == name);
    assert_eq!(item("a").expect("a").direction, Direction::SmallerIsBetter);
    assert_eq!(item("r").expect("r").direction, Direction::SmallerIsBetter);
    assert_eq!(item("falling").expect("falling").greatest, 3);
    assert!(item("years").is_none());
    assert_eq!(found.dont_know, ["dontknow", "na", "x", "none"]);
    let read = read(&definition).expect("it is read");
    let questions = scoring::questions(&read);
    let linli_model::survey::QuestionKind::One(select) = &questions[0].0.kind else {
        panic!("a choice")
    };
    let scores = scoring::scores(&select.choices, item("a").expect("a"), &found.dont_know);
    assert_eq!(scores, [Some(4.0), Some(3.0), Some(2.0), Some(1.0), None]);
}

#[test]
fn nothing_to_score_is_no_fault() {
    let found = of(&json!({ "elements": [{ "type": "comment", "name": "c" }] }));
    assert_eq!(found.headline, None);
    assert!(found.items.is_empty() && found.cross.is_empty());
}
