//! Answers as their respondent reads them again: a line for each question that has one.

use super::definition::{read, value_text};
use linli_model::survey::{Choice, Definition, Element, Question, QuestionKind};
use serde_json::{Map, Value};

/// Lines of answers that were given to a definition, in the definition's order and words.
/// Without a definition that is read, they stand under their keys.
pub fn shown(definition: Option<&str>, answers: &str, lang: &str) -> Vec<String> {
    let given: Map<String, Value> = serde_json::from_str(answers).unwrap_or_default();
    let definition = definition.and_then(|text| read(text).ok());
    let Some(definition) = definition else {
        let lines = given.iter();
        return lines
            .map(|(key, value)| format!("{key}: {}", value_text(value)))
            .collect();
    };
    let locale = if lang.starts_with("zh") {
        "zh-cn"
    } else {
        "en"
    };
    let mut lines = Vec::new();
    for question in every(&definition) {
        let Some(value) = given.get(&question.value_name) else {
            continue;
        };
        let title = question.shown.text("title", locale);
        let title = title.unwrap_or(&question.name);
        lines.push(format!("{title}: {}", words(question, value, locale)));
        let comment = given.get(&format!("{}-Comment", question.value_name));
        lines.extend(comment.map(|text| format!("{title}: {}", value_text(text))));
    }
    lines
}

/// Every question, computed ones included.
fn every(definition: &Definition) -> Vec<&Question> {
    let pages = definition.pages.iter();
    let mut waiting: Vec<&Element> = pages.flat_map(|page| &page.elements).rev().collect();
    let mut questions = Vec::new();
    while let Some(element) = waiting.pop() {
        match element {
            Element::Panel(panel) => waiting.extend(panel.elements.iter().rev()),
            Element::Question(question) => questions.push(&**question),
        }
    }
    questions
}

fn words(question: &Question, value: &Value, locale: &str) -> String {
    let label = |choices: &[Choice], value: &Value| {
        let found = choices.iter().find(|choice| choice.value == *value);
        let text = found.and_then(|choice| choice.text.as_ref()?.in_locale(locale));
        text.map_or_else(|| value_text(value), str::to_owned)
    };
    match (&question.kind, value) {
        (QuestionKind::Matrix { columns, rows, .. }, Value::Object(given)) => {
            let rows = given.iter().map(|(row, column)| {
                let row = label(rows, &Value::String(row.clone()));
                format!("{row} {}", label(columns, column))
            });
            rows.collect::<Vec<_>>().join(" · ")
        }
        (QuestionKind::One(select) | QuestionKind::Some(select), Value::Array(chosen)) => {
            let chosen = chosen.iter().map(|one| label(&select.choices, one));
            chosen.collect::<Vec<_>>().join(" · ")
        }
        (QuestionKind::One(select) | QuestionKind::Some(select), value) => {
            label(&select.choices, value)
        }
        (QuestionKind::Rating(scale), value) => label(&scale.values, value),
        (_, value) => plain(value),
    }
}

/// A value whose parts have no words of their own here: answers to questions inside of a
/// question stand under their names.
fn plain(value: &Value) -> String {
    match value {
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(plain).collect();
            list.join(" · ")
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| format!("{name}: {}", plain(value)));
            fields.collect::<Vec<_>>().join(", ")
        }
        other => value_text(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_are_read_again_in_the_words_that_were_asked() {
        let definition = json!({ "elements": [
            { "type": "radiogroup", "name": "pet", "title": { "default": "Pet", "zh-cn": "宠物" },
              "choices": [{ "value": "c", "text": { "default": "Cat", "zh-cn": "猫" } }],
              "showOtherItem": true },
            { "type": "matrix", "name": "m", "columns": [{ "value": 1, "text": "good" }],
              "rows": [{ "value": "r", "text": "Roof" }] },
            { "type": "multipletext", "name": "two", "items": [{ "name": "a" }, { "name": "b" }] },
            { "type": "rating", "name": "all" },
            { "type": "comment", "name": "empty" }]})
        .to_string();
        let two = json!({ "a": "x", "b": "y" });
        let answers = json!({ "pet": "c", "m": { "r": 1 }, "two": two, "all": 4 }).to_string();
        assert_eq!(
            shown(Some(&definition), &answers, "zh-Hans"),
            ["宠物: 猫", "m: Roof good", "two: a: x, b: y", "all: 4"]
        );
        let other = json!({ "pet": "other", "pet-Comment": "turtle" }).to_string();
        assert_eq!(
            shown(Some(&definition), &other, "en"),
            ["Pet: other", "Pet: turtle"]
        );
        assert_eq!(shown(None, &answers, "en")[0], "all: 4");
    }
}
