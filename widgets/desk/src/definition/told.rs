//! Answers as they are read back to a household: the question's words and the answer's.

use super::{Definition, Question};
use serde_json::Value;

/// Title and answer of everything that was answered, in the order of questions.
pub fn told(definition: &Definition, answers: &str, lang: &str) -> Vec<(String, String)> {
    let Ok(answers) = serde_json::from_str::<Value>(answers) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for question in definition.questions(lang) {
        let answer = &answers[question.name.as_str()];
        if let Value::Object(rows) = answer
            && question.kind == "matrix"
        {
            let named = definition.items(&question.pointer, "rows", lang);
            for (row, text) in named {
                if let Some(answer) = rows.get(&row) {
                    let answer = one(definition, &question, "columns", answer, lang);
                    lines.push((format!("{} · {text}", question.title), answer));
                }
            }
            continue;
        }
        if !answer.is_null() {
            let list = question.lists().first().copied().unwrap_or("choices");
            let answer = one(definition, &question, list, answer, lang);
            lines.push((question.title.clone(), answer));
        }
    }
    lines
}

fn one(
    definition: &Definition,
    question: &Question,
    list: &str,
    answer: &Value,
    lang: &str,
) -> String {
    match answer {
        Value::Array(several) => {
            let several = several.iter();
            let words = several.map(|answer| one(definition, question, list, answer, lang));
            words.collect::<Vec<_>>().join("、")
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let words = fields.map(|(name, value)| format!("{name} {}", plain(value)));
            words.collect::<Vec<_>>().join("；")
        }
        answer => {
            let value = plain(answer);
            let items = definition.items(&question.pointer, list, lang);
            let found = items.into_iter().find(|(known, _)| *known == value);
            found.map_or(value, |(_, text)| text)
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "✓".to_owned(),
        Value::Bool(false) => "✗".to_owned(),
        other => other.to_string(),
    }
}
