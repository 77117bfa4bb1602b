//! Choices, rows and columns: strings, numbers, or `{value, text}`. What an item is
//! stored as never changes once it is there: answers and conditions refer to it.

use super::{Definition, put, text_of};
use serde_json::{Value, json};

/// Two empty ones.
pub(super) fn blank() -> Value {
    json!([{ "value": "item1", "text": "" }, { "value": "item2", "text": "" }])
}

impl Definition {
    fn list(&self, pointer: &str, list: &str) -> &[Value] {
        let found = self.0.pointer(pointer).and_then(|one| one[list].as_array());
        found.map_or(&[], Vec::as_slice)
    }

    fn list_mut(&mut self, pointer: &str, list: &str) -> Option<&mut Vec<Value>> {
        let element = self.0.pointer_mut(pointer)?.as_object_mut()?;
        element.get_mut(list)?.as_array_mut()
    }

    /// Value and text of each item.
    pub fn items(&self, pointer: &str, list: &str, lang: &str) -> Vec<(String, String)> {
        let main = self.main_lang();
        let item = |item: &Value| {
            let value = text_of(value_of(item), lang, main);
            let text = match item {
                Value::Object(fields) if fields.contains_key("text") => {
                    text_of(&fields["text"], lang, main)
                }
                _ => value.clone(),
            };
            (value, text)
        };
        self.list(pointer, list).iter().map(item).collect()
    }

    /// Writes an item's text.
    pub fn write_item(&mut self, pointer: &str, list: &str, index: usize, lang: &str, text: &str) {
        let main = self.main_lang().to_owned();
        let item = self
            .list_mut(pointer, list)
            .and_then(|list| list.get_mut(index));
        let Some(item) = item else { return };
        if !item.is_object() {
            let value = item.take();
            let text = text_of(&value, "", "");
            *item = json!({ "value": value, "text": text });
        }
        put(item, "text", lang, &main, text);
    }

    /// One more, with a value that none has.
    pub fn add_item(&mut self, pointer: &str, list: &str) {
        let taken: Vec<String> = self
            .list(pointer, list)
            .iter()
            .map(|item| text_of(value_of(item), "", ""))
            .collect();
        let value = (taken.len() + 1..)
            .map(|n| format!("item{n}"))
            .find(|value| !taken.contains(value));
        if let Some(list) = self.list_mut(pointer, list) {
            list.push(json!({ "value": value.unwrap_or_default(), "text": "" }));
        }
    }

    /// One less.
    pub fn remove_item(&mut self, pointer: &str, list: &str, index: usize) {
        if let Some(list) = self.list_mut(pointer, list)
            && index < list.len()
        {
            list.remove(index);
        }
    }

    /// Up or down; gives where it is now.
    pub fn shift_item(&mut self, pointer: &str, list: &str, index: usize, up: bool) -> usize {
        let Some(list) = self.list_mut(pointer, list) else {
            return index;
        };
        let other = if up {
            index.checked_sub(1)
        } else {
            index.checked_add(1)
        };
        match other.filter(|other| *other < list.len()) {
            Some(other) if index < list.len() => {
                list.swap(index, other);
                other
            }
            _ => index,
        }
    }
}

fn value_of(item: &Value) -> &Value {
    item.get("value").unwrap_or(item)
}
