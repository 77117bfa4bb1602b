//! Functions over rows and panels: `sumInArray` and its kin.

use super::evaluate;
use crate::survey::expression::ast::{Expression, Node};
use crate::survey::expression::name::InArray;
use crate::survey::expression::operator::rounded_sum;
use crate::survey::expression::scope::{ItemScope, Scope};
use crate::survey::value::{Value, compare, is_loosely_equal};
use std::cmp::Ordering;

/// The third parameter names a column to return unless it has one of these.
const CONDITION_CHARS: [char; 6] = ['{', '}', '>', '<', '=', '!'];

enum Condition<'a> {
    None,
    Written(&'a Node),
    Read(Option<Expression>),
}

impl Condition<'_> {
    fn holds(&self, scope: &ItemScope<'_>) -> bool {
        match self {
            Self::None => true,
            Self::Written(node) => is_loosely_equal(&evaluate(node, scope), &Value::Bool(true)),
            Self::Read(expression) => expression.as_ref().is_some_and(|one| one.holds(scope)),
        }
    }
}

impl InArray {
    pub(super) fn call(self, given: &[Value], written: &[Node], scope: &dyn Scope) -> Value {
        let items = matching(given, written, scope);
        match self {
            Self::Sum => items.map_or(Value::Number(0.0), |items| Value::Number(items.sum())),
            Self::Count => items.map_or(Value::Number(0.0), |items| Value::Number(items.count())),
            Self::Avg => {
                let count = items.as_ref().map_or(0.0, Items::count);
                let sum = items.as_ref().map_or(0.0, Items::sum);
                Value::Number(if count == 0.0 { 0.0 } else { sum / count })
            }
            Self::Min => items.map_or(Value::Undefined, |items| items.furthest(Ordering::Less)),
            Self::Max => items.map_or(Value::Undefined, |items| items.furthest(Ordering::Greater)),
        }
    }
}

struct Items {
    found: Vec<Value>,
    name: String,
    returned: String,
}

fn field<'a>(of: &'a Value, name: &str) -> &'a Value {
    match of {
        Value::Map(map) => map.get(name).unwrap_or(&Value::Undefined),
        _ => &Value::Undefined,
    }
}

fn as_number(value: &Value) -> Option<Value> {
    match value {
        Value::Text(_) if value.is_number() => Some(Value::Number(value.meant_number())),
        Value::Text(_) | Value::Undefined | Value::Null => None,
        value => Some(value.clone()),
    }
}

impl Items {
    fn sum(&self) -> f64 {
        let numbers = self
            .found
            .iter()
            .filter_map(|one| as_number(field(one, &self.name)));
        numbers.fold(0.0, |sum, one| {
            rounded_sum(&Value::Number(sum), &one, sum + one.to_number())
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "no list is that long")]
    fn count(&self) -> f64 {
        self.found.len() as f64
    }

    fn furthest(&self, wanted: Ordering) -> Value {
        let numbers = self
            .found
            .iter()
            .filter_map(|one| as_number(field(one, &self.name)).map(|number| (one, number)));
        let best = numbers.reduce(|best, one| {
            if compare(&one.1, &best.1) == Some(wanted) {
                one
            } else {
                best
            }
        });
        match best {
            None => Value::Undefined,
            Some((item, _)) if self.returned != self.name => field(item, &self.returned).clone(),
            Some((_, number)) => number,
        }
    }
}

fn matching(given: &[Value], written: &[Node], scope: &dyn Scope) -> Option<Items> {
    if given.len() < 2 || given.len() > 4 || !given[0].is_truthy() {
        return None;
    }
    let name = given[1].as_text()?.to_owned();
    let mut returned = name.clone();
    let mut at = 2;
    if let (Some(third), Some(Node::Constant(_))) =
        (given.get(2).and_then(Value::as_text), written.get(2))
        && !third.contains(CONDITION_CHARS)
    {
        third.clone_into(&mut returned);
        at = 3;
    }
    let condition = match (given.get(at), written.get(at)) {
        (Some(Value::Text(text)), _) if !text.is_empty() => {
            Condition::Read(Expression::parse(text).ok())
        }
        (_, Some(node)) => Condition::Written(node),
        _ => Condition::None,
    };
    let items: Vec<&Value> = match &given[0] {
        Value::List(list) => list.iter().collect(),
        Value::Map(map) => map.values().collect(),
        _ => Vec::new(),
    };
    let kept = items.into_iter().filter(|item| {
        item.is_truthy()
            && !field(item, &name).is_empty()
            && condition.holds(&ItemScope {
                item,
                around: scope,
            })
    });
    Some(Items {
        found: kept.cloned().collect(),
        name,
        returned,
    })
}
