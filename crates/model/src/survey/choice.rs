//! Reads what is listed: choices, rates, rows, columns.

use super::definition::{Choice, Order};
use super::fault::FaultReason;
use super::object::Object;
use super::shown::LocalText;
use serde_json::{Value, json};

/// Orders by their words.
pub(super) const ORDERS: &[(&str, Order)] = &[
    ("none", Order::Written),
    ("initial", Order::Written),
    ("asc", Order::Ascending),
    ("desc", Order::Descending),
    ("random", Order::Random),
];

/// What is always offered: a condition is a fault.
pub(super) fn without_conditions(object: &Object<'_>, all: Vec<Choice>) -> Vec<Choice> {
    for one in all.iter().filter(|one| one.visible_if.is_some()) {
        let path = format!("{}.visibleIf", one.path);
        object.faults().add(path, FaultReason::UnsupportedProperty);
    }
    all
}

/// `["a", 1, {"value": "b", "text": …}]`
pub(super) fn choices(object: &Object<'_>, names: &[&str]) -> Vec<Choice> {
    let list = object.list(names).into_iter();
    list.filter_map(|(path, one)| choice(object, path, one))
        .collect()
}

fn choice(object: &Object<'_>, path: String, one: &Value) -> Option<Choice> {
    match one {
        Value::String(text) => {
            // `"value|text"` is the shorthand with a text of its own.
            let (value, text) = match text.split_once('|') {
                Some((value, text)) => (value, LocalText::read(&json!(text))),
                None => (text.as_str(), None),
            };
            Some(Choice {
                value: json!(value),
                text,
                visible_if: None,
                image: None,
                path,
            })
        }
        Value::Object(_) => {
            let choice = Object::new(one, path.clone(), object.faults())?;
            choice.ignore(&["color", "icon"]);
            let image = choice.text(&["imageLink"]);
            let text = choice.typed(&["text"], LocalText::read);
            let visible_if = choice.text(&["visibleIf"]);
            let value = choice.take(&["value"]).map(|(_, value)| value.clone());
            choice.finish();
            let Some(value) = value else {
                choice.fault("value", FaultReason::UnsupportedValue);
                return None;
            };
            Some(Choice {
                value,
                text,
                visible_if,
                image,
                path,
            })
        }
        value => Some(Choice {
            value: value.clone(),
            text: None,
            visible_if: None,
            image: None,
            path,
        }),
    }
}
