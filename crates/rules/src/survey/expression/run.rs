//! Runs an expression.
//!
//! Left to others: operators and functions, a file each.

mod function;
mod function_array;
mod function_date;

use super::ast::{Expression, Node};
use super::operator::Operator;
use super::scope::Scope;
use crate::survey::value::{Value, is_loosely_equal};

impl Expression {
    /// The value.
    pub fn run(&self, scope: &dyn Scope) -> Value {
        evaluate(&self.root, scope)
    }

    /// The value as a condition: whether it equals `true` the loose way.
    pub fn holds(&self, scope: &dyn Scope) -> bool {
        is_loosely_equal(&self.run(scope), &Value::Bool(true))
    }
}

/// The value of a part.
pub(super) fn evaluate(node: &Node, scope: &dyn Scope) -> Value {
    match node {
        Node::Nothing => Value::Null,
        Node::Constant(value) => value.clone(),
        Node::Variable { name, is_raw } => variable(name, *is_raw, scope),
        Node::Not(inner) => Value::Bool(!evaluate(inner, scope).is_truthy()),
        Node::IsEmpty { of, wanted } => Value::Bool(evaluate(of, scope).is_empty() == *wanted),
        Node::List(list) => Value::list(list.iter().map(|one| evaluate(one, scope)).collect()),
        Node::Call {
            function,
            parameters,
        } => function.call(parameters, scope),
        Node::Chain { head, tail } => chain(head, tail, scope),
    }
}

fn chain(head: &Node, tail: &[(Operator, Node)], scope: &dyn Scope) -> Value {
    let mut is_strict = is_order_strict(head, scope);
    let mut left = evaluate(head, scope);
    for (operator, operand) in tail {
        is_strict |= is_order_strict(operand, scope);
        left = operator.apply(left, evaluate(operand, scope), is_strict, scope.clock());
    }
    left
}

fn is_order_strict(node: &Node, scope: &dyn Scope) -> bool {
    match node {
        Node::Variable { name, .. } => scope.is_order_strict(name),
        Node::Chain { head, tail } => {
            is_order_strict(head, scope) || tail.iter().any(|(_, one)| is_order_strict(one, scope))
        }
        _ => false,
    }
}

fn variable(name: &str, is_raw: bool, scope: &dyn Scope) -> Value {
    let value = match scope.value(name) {
        Some(value) => value,
        None if name.ends_with(".length") => Value::Number(0.0),
        None => return inline_object(name),
    };
    if is_raw { value } else { as_meant(value) }
}

/// Text that reads as a boolean, a quotation or a number becomes one.
fn as_meant(value: Value) -> Value {
    let Some(text) = value.as_text().filter(|text| !text.is_empty()) else {
        return value;
    };
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return Value::Bool(text.eq_ignore_ascii_case("true"));
    }
    let is_quote = |one: u8| one == b'\'' || one == b'"';
    let bytes = text.as_bytes();
    if bytes.len() > 1 && is_quote(bytes[0]) && is_quote(bytes[bytes.len() - 1]) {
        return Value::text(&text[1..text.len() - 1]);
    }
    if !value.is_number() {
        return value;
    }
    let has_leading_zero = bytes[0] == b'0' && !text.starts_with("0x") && bytes.len() > 1;
    if has_leading_zero && !matches!(bytes[1], b'.' | b',') {
        return value;
    }
    Value::Number(value.meant_number())
}

/// `{"a": 1}` is a variable by its braces; survey-core takes an unknown one for JSON.
fn inline_object(name: &str) -> Value {
    if name.find(':').is_none_or(|at| at < 1) {
        return Value::Null;
    }
    let read: Result<serde_json::Value, _> = serde_json::from_str(&format!("{{{name}}}"));
    read.map_or(Value::Null, |json| Value::from(&json))
}
