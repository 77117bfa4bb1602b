//! The OpenAPI document: operations, what they take, and JSON after their schemas.

use super::{below, refuse_empty};
use anyhow::{Context, Result};
use linli_conformance::lossy::Chance;
use serde_json::{Map, Value, json};

/// Deeper schemas are answered with null.
const DEPTH_MAX: u32 = 12;

pub(super) struct Document {
    pub(super) operations: Vec<Operation>,
    schemas: Map<String, Value>,
}

pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) parameters: Vec<Parameter>,
    /// The schema of its JSON.
    pub(super) body: Option<Value>,
}

pub(super) struct Parameter {
    pub(super) name: String,
    place: String,
}

impl Parameter {
    pub(super) fn is_in(&self, place: &str) -> bool {
        self.place == place
    }
}

impl Document {
    pub(super) fn read(document: &Value) -> Result<Self> {
        let mut operations = Vec::new();
        let paths = document["paths"].as_object().context("no paths")?;
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                let parameters = operation["parameters"].as_array();
                let parameters = parameters.into_iter().flatten().map(|one| Parameter {
                    name: one["name"].as_str().unwrap_or_default().to_owned(),
                    place: one["in"].as_str().unwrap_or_default().to_owned(),
                });
                let body = &operation["requestBody"]["content"]["application/json"]["schema"];
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    parameters: parameters.collect(),
                    body: (!body.is_null()).then(|| body.clone()),
                });
            }
        }
        refuse_empty(&operations)?;
        let schemas = document["components"]["schemas"].as_object();
        Ok(Self {
            operations,
            schemas: schemas.cloned().unwrap_or_default(),
        })
    }

    /// JSON after `schema`; `stock` knows words for the properties of some names.
    pub(super) fn sample(
        &self,
        schema: &Value,
        name: &str,
        stock: &dyn Fn(&str, &mut Chance) -> Option<String>,
        chance: &mut Chance,
        depth: u32,
    ) -> Value {
        if depth > DEPTH_MAX {
            return Value::Null;
        }
        if let Some(target) = schema["$ref"].as_str() {
            let target = target.rsplit('/').next().unwrap_or_default();
            let target = self.schemas.get(target).unwrap_or(&Value::Null);
            return self.sample(target, name, stock, chance, depth + 1);
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(kinds) = schema[choice].as_array().filter(|kinds| !kinds.is_empty()) {
                let kind = &kinds[below(chance, kinds.len())];
                return self.sample(kind, name, stock, chance, depth + 1);
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                if let Value::Object(part) = self.sample(part, name, stock, chance, depth + 1) {
                    whole.extend(part);
                }
            }
            return Value::Object(whole);
        }
        if let Some(words) = schema["enum"].as_array().filter(|words| !words.is_empty()) {
            return words[below(chance, words.len())].clone();
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.first().and_then(Value::as_str),
            kind => kind.as_str(),
        };
        match kind {
            Some("object") => {
                let mut object = Map::new();
                for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                    let is_required = schema_requires(schema, name);
                    if is_required || chance.below(4) != 0 {
                        let value = self.sample(schema, name, stock, chance, depth + 1);
                        object.insert(name.clone(), value);
                    }
                }
                Value::Object(object)
            }
            Some("array") => {
                let one = |chance: &mut Chance| {
                    self.sample(&schema["items"], name, stock, chance, depth + 1)
                };
                (0..chance.below(4)).map(|_| one(chance)).collect()
            }
            Some("string") => match stock(name, chance) {
                Some(word) => json!(word),
                None => json!(format!("{:032x}", chance.below(u64::MAX))),
            },
            Some("integer" | "number") => json!(chance.below(1_000)),
            Some("boolean") => json!(chance.below(2) == 0),
            _ => Value::Null,
        }
    }
}

fn schema_requires(schema: &Value, name: &str) -> bool {
    let required = schema["required"].as_array();
    required.is_some_and(|names| names.iter().any(|one| one == name))
}

/// Makes one thing in `body` wrong, somewhere.
pub(super) fn spoil(body: &mut Value, chance: &mut Chance) {
    match body {
        Value::Object(object) if !object.is_empty() && chance.below(4) != 0 => {
            let names: Vec<String> = object.keys().cloned().collect();
            let name = &names[below(chance, names.len())];
            match chance.below(4) {
                0 => drop(object.remove(name)),
                1 => drop(object.insert(format!("{name}x"), json!(1))),
                _ => {
                    if let Some(inner) = object.get_mut(name) {
                        spoil(inner, chance);
                    }
                }
            }
        }
        Value::Array(list) if !list.is_empty() && chance.below(3) != 0 => {
            let at = below(chance, list.len());
            match chance.below(3) {
                0 => {
                    let again = list[at].clone();
                    let times = usize::try_from(chance.below(600)).unwrap_or(0);
                    list.extend(std::iter::repeat_n(again, times));
                }
                1 => drop(list.remove(at)),
                _ => spoil(&mut list[at], chance),
            }
        }
        other => *other = odd(chance),
    }
}

/// A value that hardly anything takes.
fn odd(chance: &mut Chance) -> Value {
    let texts = [
        "",
        " ",
        "\0",
        "..",
        "/",
        "%",
        "a\u{301}",
        "\u{202e}abc",
        "\u{fffd}",
        "null",
        "0",
        "-1",
        "' OR 1=1 --",
        "<script>",
        "\u{1F3E0}",
        "AAA1-0000-0001",
        "o0iI1l",
        "０",
        "ſ",
    ];
    match chance.below(10) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!([]),
        3 => json!({}),
        4 => json!(-1),
        5 => json!(u64::MAX),
        6 => json!(1.5e300),
        7 => json!("x".repeat(below(chance, 20_000))),
        8 => (0..below(chance, 120)).fold(json!(0), |inner, _| json!([inner])),
        _ => json!(texts[below(chance, texts.len())]),
    }
}
