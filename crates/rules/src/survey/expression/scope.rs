//! Where an expression finds its names.
//!
//! Left to others: questions, rows and panels (`survey::engine`), which have scopes of
//! their own.

use crate::survey::date::Clock;
use crate::survey::value::Value;

/// What an expression may ask for. Whatever a scope does not know is nothing.
pub trait Scope {
    /// The value under a path such as `q`, `q.row`, `q[0].column`.
    fn value(&self, path: &str) -> Option<Value>;

    /// The moment.
    fn clock(&self) -> Clock;

    /// Whether `=` minds the order of the list under this path: rankings.
    fn is_order_strict(&self, _path: &str) -> bool {
        false
    }

    /// `getComment(question, item)`.
    fn comment(&self, _question: &str, _item: Option<&Value>) -> Value {
        Value::Undefined
    }

    /// `isContainerReady(name, panel)`.
    fn is_ready(&self, _container: &Value, _panel: Option<&Value>) -> bool {
        false
    }

    /// `propertyValue(question, property)`.
    fn property(&self, _question: &Value, _property: &Value) -> Value {
        Value::Undefined
    }

    /// `isDisplayMode()`.
    fn is_display_mode(&self) -> Value {
        Value::Undefined
    }
}

/// Names from one JSON object.
#[derive(Debug)]
pub struct JsonScope {
    values: Value,
    clock: Clock,
}

impl JsonScope {
    /// A scope over an object.
    pub fn new(values: &serde_json::Value, clock: Clock) -> Self {
        Self {
            values: Value::from(values),
            clock,
        }
    }
}

impl Scope for JsonScope {
    fn value(&self, path: &str) -> Option<Value> {
        look_up(&self.values, path)
    }

    fn clock(&self) -> Clock {
        self.clock
    }
}

/// One element of a list, before what is around it.
pub(super) struct ItemScope<'a> {
    pub(super) item: &'a Value,
    pub(super) around: &'a dyn Scope,
}

impl Scope for ItemScope<'_> {
    fn value(&self, path: &str) -> Option<Value> {
        look_up(self.item, path).or_else(|| self.around.value(path))
    }

    fn clock(&self) -> Clock {
        self.around.clock()
    }
}

/// Follows a path into a value: names in any case, the longest dotted name first,
/// `[n]` from either end (`VariableGetterContext`).
pub fn look_up(root: &Value, path: &str) -> Option<Value> {
    let steps: Vec<Step<'_>> = path.split('.').map(step).collect();
    let mut value = root.clone();
    let mut at = 0;
    while at < steps.len() {
        // A name ends where an index follows.
        let last = (at..steps.len()).find(|at| steps[*at].index.is_some());
        let last = last.unwrap_or(steps.len() - 1);
        let (found, end) = (at..=last).rev().find_map(|end| {
            let name = steps[at..=end]
                .iter()
                .map(|one| one.name)
                .collect::<Vec<_>>()
                .join(".");
            member(&value, &name).map(|found| (found, end))
        })?;
        value = found;
        if let Some(index) = steps[end].index {
            value = element(&value, index)?;
        }
        at = end + 1;
    }
    Some(value)
}

struct Step<'a> {
    name: &'a str,
    index: Option<f64>,
}

fn step(part: &str) -> Step<'_> {
    let indexed = part
        .strip_suffix(']')
        .and_then(|rest| rest.rsplit_once('['));
    if let Some((name, index)) = indexed {
        let index = Value::text(index).meant_number();
        if !index.is_nan() {
            return Step {
                name,
                index: Some(index),
            };
        }
    }
    Step {
        name: part,
        index: None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "no list is that long")]
fn member(of: &Value, name: &str) -> Option<Value> {
    if name.is_empty() {
        return None;
    }
    match of {
        Value::List(list) if name == "length" => Some(Value::Number(list.len() as f64)),
        Value::Text(text) if name == "length" && !text.is_empty() => {
            Some(Value::Number(text.encode_utf16().count() as f64))
        }
        Value::List(list) => list.get(name.parse::<usize>().ok()?).cloned(),
        Value::Map(map) => map
            .get(name)
            .or_else(|| {
                let wanted = name.to_lowercase();
                map.iter()
                    .find(|(key, _)| key.to_lowercase() == wanted)
                    .map(|(_, one)| one)
            })
            .cloned(),
        _ => None,
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range was checked"
)]
fn element(of: &Value, index: f64) -> Option<Value> {
    let list = of.as_list()?;
    let index = if index < 0.0 {
        index + list.len() as f64
    } else {
        index
    };
    if index <= -1.0 || index >= list.len() as f64 {
        return None;
    }
    if index.fract() != 0.0 {
        return Some(Value::Undefined);
    }
    list.get(index as usize).cloned()
}
