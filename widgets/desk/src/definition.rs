//! A survey's definition being written: the JSON tree itself, so that properties and
//! languages that the desk has no field for stay as they are.
//!
//! Questions are found by JSON pointers and shown in one list, whatever panel or page
//! they stand in. Whether a definition runs is decided by the server, never here.
//!
//! Left to others: conditions as people write them (`condition`), lists of choices, rows
//! and columns (`items`), what a changed definition leaves of its scoring (`scoring`),
//! answers in words (`told`).

mod condition;
mod items;
mod scoring;
mod told;

pub use condition::{Condition, Op};
pub use scoring::kept;
pub use told::told;

use serde_json::{Map, Value, json};

/// Types that can be added, in the order offered.
pub const ADDED: [&str; 7] = [
    "radiogroup",
    "checkbox",
    "rating",
    "matrix",
    "text",
    "comment",
    "boolean",
];

/// The tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition(Value);

/// A question in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Where it stands in the tree.
    pub pointer: String,
    /// Its name, which never changes here: answers and conditions refer to it.
    pub name: String,
    /// Its type, `radiogroup` …
    pub kind: String,
    /// What respondents read; its name where nothing is written.
    pub title: String,
    /// Whether an answer is needed.
    pub is_required: bool,
    /// When it is asked.
    pub condition: Condition,
}

impl Question {
    /// The lists that it has: `choices`, `rateValues`, `rows`, `columns`.
    pub fn lists(&self) -> &'static [&'static str] {
        match self.kind.as_str() {
            "radiogroup" | "checkbox" | "dropdown" | "tagbox" | "ranking" => &["choices"],
            "matrix" => &["rows", "columns"],
            "rating" => &["rateValues"],
            _ => &[],
        }
    }

    /// Whether several of its choices may be taken.
    pub fn takes_many(&self) -> bool {
        matches!(self.kind.as_str(), "checkbox" | "tagbox")
    }
}

impl Definition {
    /// Reads a text; `None` where it is no JSON object.
    pub fn read(text: &str) -> Option<Self> {
        let tree: Value = serde_json::from_str(text).ok()?;
        tree.is_object().then_some(Self(tree))
    }

    /// One without a question.
    pub fn blank() -> Self {
        Self(json!({ "pages": [{ "name": "page1", "elements": [] }] }))
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// The language that plain strings are in: the survey's own, else `default`.
    pub fn main_lang(&self) -> &str {
        self.0["locale"]
            .as_str()
            .filter(|lang| !lang.is_empty())
            .unwrap_or("default")
    }

    /// Every language that something is written in, the main one first.
    pub fn langs(&self) -> Vec<String> {
        let mut langs = vec![self.main_lang().to_owned()];
        collect(&self.0, &mut langs);
        langs
    }

    /// A text of the survey itself: `title`, `description`.
    pub fn shown(&self, property: &str, lang: &str) -> String {
        text_of(&self.0[property], lang, self.main_lang())
    }

    /// Writes it.
    pub fn write(&mut self, property: &str, lang: &str, text: &str) {
        let main = self.main_lang().to_owned();
        put(&mut self.0, property, lang, &main, text);
    }

    /// All questions, as they are asked.
    pub fn questions(&self, lang: &str) -> Vec<Question> {
        let mut found = Vec::new();
        for pointer in self.homes() {
            self.gather(&pointer, lang, &mut found);
        }
        found
    }

    fn gather(&self, home: &str, lang: &str, found: &mut Vec<Question>) {
        let elements = self.0.pointer(home).and_then(Value::as_array);
        for (index, element) in elements.into_iter().flatten().enumerate() {
            let pointer = format!("{home}/{index}");
            if element["type"] == "panel" {
                let inner = ["elements", "questions"];
                let inner = inner.into_iter().find(|key| element[*key].is_array());
                if let Some(key) = inner {
                    self.gather(&format!("{pointer}/{key}"), lang, found);
                }
                continue;
            }
            let name = element["name"].as_str().unwrap_or_default().to_owned();
            let title = text_of(&element["title"], lang, self.main_lang());
            found.push(Question {
                pointer,
                kind: element["type"].as_str().unwrap_or("text").to_owned(),
                title: if title.is_empty() {
                    name.clone()
                } else {
                    title
                },
                name,
                is_required: element["isRequired"] == true,
                condition: Condition::read(element["visibleIf"].as_str().unwrap_or_default()),
            });
        }
    }

    /// Where elements stand: the pages' lists, or the survey's own.
    fn homes(&self) -> Vec<String> {
        let pages = self.0["pages"].as_array();
        let pages = pages.into_iter().flatten().enumerate();
        let mut homes: Vec<String> = pages
            .filter_map(|(index, page)| {
                let keys = ["elements", "questions"];
                let key = keys.into_iter().find(|key| page[*key].is_array())?;
                Some(format!("/pages/{index}/{key}"))
            })
            .collect();
        for key in ["elements", "questions"] {
            if self.0[key].is_array() {
                homes.push(format!("/{key}"));
            }
        }
        homes
    }

    /// What is written as a question's title.
    pub fn title(&self, pointer: &str, lang: &str) -> String {
        let title = self.0.pointer(pointer).map(|element| &element["title"]);
        title.map_or_else(String::new, |title| text_of(title, lang, self.main_lang()))
    }

    /// Writes a text of a question: `title`, `minRateDescription` …
    pub fn write_at(&mut self, pointer: &str, property: &str, lang: &str, text: &str) {
        let main = self.main_lang().to_owned();
        if let Some(element) = self.0.pointer_mut(pointer) {
            put(element, property, lang, &main, text);
        }
    }

    /// A text of a question.
    pub fn text_at(&self, pointer: &str, property: &str, lang: &str) -> String {
        let value = self.0.pointer(pointer).map(|element| &element[property]);
        value.map_or_else(String::new, |value| text_of(value, lang, self.main_lang()))
    }

    /// Whether an answer is needed.
    pub fn require(&mut self, pointer: &str, on: bool) {
        self.set(pointer, "isRequired", on.then_some(Value::Bool(true)));
    }

    /// When it is asked. What cannot be shown as a simple condition is only ever taken away.
    pub fn condition(&mut self, pointer: &str, condition: &Condition) {
        let text = condition.text();
        let value = (!text.is_empty()).then_some(Value::String(text));
        self.set(pointer, "visibleIf", value);
    }

    /// A rating's ends.
    pub fn scale(&self, pointer: &str) -> (i64, i64) {
        let element = self.0.pointer(pointer);
        let end = |key: &str| element.and_then(|element| element[key].as_i64());
        let from = end("rateMin").unwrap_or(1);
        let count = end("rateCount").map(|count| from + count - 1);
        (from, end("rateMax").or(count).unwrap_or(5))
    }

    /// Sets a rating's ends; the number of steps follows from them.
    pub fn rescale(&mut self, pointer: &str, (from, to): (i64, i64)) {
        self.set(pointer, "rateCount", None);
        self.set(pointer, "rateMin", Some(from.into()));
        self.set(pointer, "rateMax", Some(to.into()));
    }

    fn set(&mut self, pointer: &str, property: &str, value: Option<Value>) {
        let element = self.0.pointer_mut(pointer).and_then(Value::as_object_mut);
        let Some(element) = element else { return };
        match value {
            Some(value) => element.insert(property.to_owned(), value),
            None => element.remove(property),
        };
    }

    /// Takes a question away.
    pub fn remove(&mut self, pointer: &str) {
        if let Some((home, index)) = split(pointer)
            && let Some(list) = self.0.pointer_mut(home).and_then(Value::as_array_mut)
            && index < list.len()
        {
            list.remove(index);
        }
    }

    /// Moves a question up or down, over the edge of its page where there is a next one.
    pub fn shift(&mut self, pointer: &str, up: bool) {
        let Some((home, index)) = split(pointer) else {
            return;
        };
        let Some(list) = self.0.pointer_mut(home).and_then(Value::as_array_mut) else {
            return;
        };
        let other = if up {
            index.checked_sub(1)
        } else {
            index.checked_add(1)
        };
        if let Some(other) = other.filter(|other| *other < list.len()) {
            list.swap(index, other);
            return;
        }
        let homes = self.homes();
        let here = homes.iter().position(|one| one == home);
        let next = here.and_then(|here| {
            if up {
                here.checked_sub(1)
            } else {
                Some(here + 1)
            }
        });
        let Some(next) = next.and_then(|next| homes.get(next)) else {
            return;
        };
        let list = self.0.pointer_mut(home).and_then(Value::as_array_mut);
        let moved = list
            .filter(|list| index < list.len())
            .map(|list| list.remove(index));
        let target = self.0.pointer_mut(next).and_then(Value::as_array_mut);
        if let (Some(moved), Some(target)) = (moved, target) {
            let at = if up { target.len() } else { 0 };
            target.insert(at, moved);
        }
    }

    /// Adds a question of this type at the end of the last page.
    pub fn add(&mut self, kind: &str) {
        let taken: Vec<String> = self.questions("").into_iter().map(|one| one.name).collect();
        let name = (taken.len() + 1..)
            .map(|n| format!("q{n}"))
            .find(|name| !taken.contains(name))
            .unwrap_or_default();
        let mut element = Map::new();
        element.insert("type".to_owned(), kind.into());
        element.insert("name".to_owned(), name.into());
        element.insert("title".to_owned(), "".into());
        match kind {
            "radiogroup" | "checkbox" => {
                element.insert("choices".to_owned(), items::blank());
            }
            "rating" => {
                element.insert("rateMin".to_owned(), 1.into());
                element.insert("rateMax".to_owned(), 5.into());
            }
            "matrix" => {
                element.insert("rows".to_owned(), items::blank());
                element.insert("columns".to_owned(), items::blank());
            }
            _ => {}
        }
        let home = self.homes().pop();
        let home = home.unwrap_or_else(|| {
            if let Some(survey) = self.0.as_object_mut() {
                survey.insert("elements".to_owned(), json!([]));
            }
            "/elements".to_owned()
        });
        if let Some(list) = self.0.pointer_mut(&home).and_then(Value::as_array_mut) {
            list.push(Value::Object(element));
        }
    }

    /// The question that a JSON path of the server is about: `$.pages[0].elements[2].type`.
    pub fn at_path(&self, path: &str) -> Option<usize> {
        let pointer = path.trim_start_matches('$').replace(['.', '['], "/");
        let pointer = pointer.replace(']', "");
        let questions = self.questions("");
        questions.iter().position(|one| {
            pointer == one.pointer || pointer.starts_with(&format!("{}/", one.pointer))
        })
    }
}

/// A list and the place in it.
fn split(pointer: &str) -> Option<(&str, usize)> {
    let (home, index) = pointer.rsplit_once('/')?;
    Some((home, index.parse().ok()?))
}

/// A string, or the one of a language among several.
fn text_of(value: &Value, lang: &str, main: &str) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Object(texts) => {
            let asked = [lang, main, "default"];
            let found = asked.into_iter().find_map(|lang| texts.get(lang)?.as_str());
            let any = || texts.values().find_map(Value::as_str);
            found.or_else(any).unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

/// Writes a text in one language; the others stay.
fn put(owner: &mut Value, property: &str, lang: &str, main: &str, text: &str) {
    let Some(owner) = owner.as_object_mut() else {
        return;
    };
    match owner.get_mut(property) {
        Some(Value::Object(texts)) => {
            texts.insert(lang.to_owned(), text.into());
        }
        Some(Value::String(other)) if lang != main => {
            let mut texts = Map::new();
            // What is plain is in the main language, which `default` stands for.
            texts.insert("default".to_owned(), other.clone().into());
            texts.insert(lang.to_owned(), text.into());
            owner.insert(property.to_owned(), Value::Object(texts));
        }
        _ => {
            owner.insert(property.to_owned(), text.into());
        }
    }
}

/// Languages below `value` that are not known yet.
fn collect(value: &Value, langs: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            // A text in several languages is strings alone, and one is the default.
            let is_text = fields.contains_key("default") && fields.values().all(Value::is_string);
            for (key, inner) in fields {
                if is_text && !langs.contains(key) {
                    langs.push(key.clone());
                }
                collect(inner, langs);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, langs)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
