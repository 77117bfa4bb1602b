//! Where an expression finds its names.
//!
//! Left to others: questions, rows and panels (`survey::engine`), which have scopes of
//! their own.

use super::STEPS_MAX;
use crate::survey::date::Clock;
use crate::survey::value::Value;
use linli_model::ecma::lower;
use std::cell::Cell;

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

    /// Takes steps from what may still be done; whether there were so many left.
    fn spend(&self, _steps: usize) -> bool {
        true
    }

    /// How many conditions that stand in a text are being looked at, one inside the other.
    fn texts_open(&self) -> usize {
        0
    }
}

/// The names of another scope, with the steps that one expression may take.
pub(super) struct Metered<'a> {
    around: &'a dyn Scope,
    left: Cell<usize>,
}

impl<'a> Metered<'a> {
    pub(super) fn new(around: &'a dyn Scope) -> Self {
        let left = Cell::new(STEPS_MAX);
        Self { around, left }
    }
}

impl Scope for Metered<'_> {
    fn value(&self, path: &str) -> Option<Value> {
        self.around.value(path)
    }

    fn clock(&self) -> Clock {
        self.around.clock()
    }

    fn is_order_strict(&self, path: &str) -> bool {
        self.around.is_order_strict(path)
    }

    fn comment(&self, question: &str, item: Option<&Value>) -> Value {
        self.around.comment(question, item)
    }

    fn is_ready(&self, container: &Value, panel: Option<&Value>) -> bool {
        self.around.is_ready(container, panel)
    }

    fn property(&self, question: &Value, property: &Value) -> Value {
        self.around.property(question, property)
    }

    fn is_display_mode(&self) -> Value {
        self.around.is_display_mode()
    }

    fn spend(&self, steps: usize) -> bool {
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or(0));
        match left {
            Some(_) => self.around.spend(steps),
            // Whoever keeps the account of a whole survey hears of it too.
            None => {
                self.around.spend(usize::MAX);
                false
            }
        }
    }

    fn texts_open(&self) -> usize {
        self.around.texts_open()
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
    /// Whether the condition over it stands in a text.
    pub(super) is_of_text: bool,
}

impl Scope for ItemScope<'_> {
    fn value(&self, path: &str) -> Option<Value> {
        look_up(self.item, path).or_else(|| self.around.value(path))
    }

    fn clock(&self) -> Clock {
        self.around.clock()
    }

    fn spend(&self, steps: usize) -> bool {
        self.around.spend(steps)
    }

    fn texts_open(&self) -> usize {
        self.around.texts_open() + usize::from(self.is_of_text)
    }
}

/// Follows a path into a value: names in any case, the longest dotted name first,
/// `[n]` from either end (`VariableGetterContext`).
pub fn look_up(root: &Value, path: &str) -> Option<Value> {
    if !path.contains(['.', '[']) {
        return member(root, path);
    }
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
        Value::List(list) => {
            let index: usize = name.parse().ok()?;
            // `00` is a name that no list has.
            let is_index = index.to_string() == name;
            list.get(index).filter(|_| is_index).cloned()
        }
        Value::Map(map) => map
            .get(name)
            .or_else(|| {
                let wanted = lower(name);
                let is_wanted = |key: &str| {
                    let is_plain = key.is_ascii() && wanted.is_ascii();
                    match is_plain {
                        true => key.eq_ignore_ascii_case(&wanted),
                        false => lower(key) == wanted,
                    }
                };
                map.iter()
                    .find(|(key, _)| is_wanted(key))
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
