//! SurveyJS' own functions by name, and those about numbers and text.
//!
//! Left to others: lists of rows (`function_array`), dates (`function_date`).

use super::evaluate;
use crate::survey::expression::ast::Node;
use crate::survey::expression::name::Function;
use crate::survey::expression::operator::{plus, rounded_sum};
use crate::survey::expression::scope::Scope;
use crate::survey::value::{Value, compare};
use std::cmp::Ordering;

impl Function {
    pub(super) fn call(self, parameters: &[Node], scope: &dyn Scope) -> Value {
        let given: Vec<Value> = parameters.iter().map(|one| evaluate(one, scope)).collect();
        match self {
            Self::Sum => sum(&flattened(&given)),
            Self::Min => furthest(flattened(&given), Ordering::Less),
            Self::Max => furthest(flattened(&given), Ordering::Greater),
            Self::Count => count(flattened(&given).len()),
            Self::Avg => average(&flattened(&given)),
            Self::Round => round(&flattened(&given)),
            Self::Trunc => truncate(&flattened(&given)),
            Self::Iif => choose(&given),
            Self::Substring => substring(&given),
            Self::GetComment => match given.first() {
                Some(question) if question.is_truthy() => {
                    let item = given.get(1).filter(|one| !one.is_nullish());
                    scope.comment(&question.to_text(), item)
                }
                _ => Value::Undefined,
            },
            Self::IsContainerReady => Value::Bool(
                given
                    .first()
                    .is_some_and(|one| one.is_truthy() && scope.is_ready(one, given.get(1))),
            ),
            Self::IsDisplayMode => scope.is_display_mode(),
            Self::PropertyValue => match given.as_slice() {
                [question, property] if question.is_truthy() && property.is_truthy() => {
                    scope.property(question, property)
                }
                _ => Value::Undefined,
            },
            Self::InArray(function) => function.call(&given, parameters, scope),
            Self::OfDate(function) => function.call(&given, scope.clock()),
        }
    }
}

/// Everything in nested lists that is there at all, numbers as numbers.
fn flattened(given: &[Value]) -> Vec<Value> {
    let mut flat = Vec::new();
    for one in given {
        match one {
            Value::Undefined | Value::Null => {}
            Value::List(list) => flat.extend(flattened(list)),
            one if one.is_number() => flat.push(Value::Number(one.meant_number())),
            one => flat.push(one.clone()),
        }
    }
    flat
}

fn sum(list: &[Value]) -> Value {
    list.iter()
        .fold(Value::Number(0.0), |so_far, one| match plus(&so_far, one) {
            Value::Number(sum) => Value::Number(rounded_sum(&so_far, one, sum)),
            text => text,
        })
}

fn furthest(list: Vec<Value>, wanted: Ordering) -> Value {
    let further = |best: Value, one: Value| {
        if compare(&one, &best) == Some(wanted) {
            one
        } else {
            best
        }
    };
    list.into_iter().reduce(further).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "no list is that long")]
fn count(items: usize) -> Value {
    Value::Number(items as f64)
}

fn average(list: &[Value]) -> Value {
    if list.is_empty() {
        return Value::Number(0.0);
    }
    Value::Number(sum(list).to_number() / count(list.len()).to_number())
}

fn round(list: &[Value]) -> Value {
    let precision = list.get(1).filter(|one| one.is_truthy());
    let precision = precision.map_or(0.0, Value::meant_number);
    let Some(number) = list.first().map(Value::meant_number) else {
        return Value::Number(f64::NAN);
    };
    if precision.is_nan() {
        return Value::Number(f64::NAN);
    }
    let scale = 10f64.powf(precision);
    let scaled = number * scale * (1.0 + f64::EPSILON);
    Value::Number(half_up(scaled) / scale)
}

/// ECMAScript's `Math.round`.
fn half_up(number: f64) -> f64 {
    let floor = number.floor();
    if number - floor >= 0.5 {
        floor + 1.0
    } else {
        floor
    }
}

/// `trunc` takes digits from the number's text, with a dot that stands for any
/// character, as survey-core's regular expression does.
fn truncate(list: &[Value]) -> Value {
    let nan = Value::Number(f64::NAN);
    let Some(Value::Number(number)) = list.first() else {
        return nan;
    };
    let precision = match list.get(1) {
        Some(one) if one.is_truthy() => one.meant_number(),
        _ => -1.0,
    };
    if precision.is_nan() {
        return nan;
    }
    let text = Value::Number(*number).to_text();
    if !number.is_finite() {
        return nan;
    }
    let signed = usize::from(text.starts_with('-'));
    let digits = |from: usize| {
        text[from..]
            .bytes()
            .take_while(|one| one.is_ascii_digit())
            .count()
    };
    let mut end = signed + digits(signed);
    // `{0,-1}` and `{0,1.5}` are no quantifiers, so nothing after the whole part matches.
    if precision >= 0.0 && precision.fract() == 0.0 && end < text.len() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked"
        )]
        let most = precision as usize;
        end += 1 + digits(end + 1).min(most);
    }
    Value::Number(Value::text(&text[..end]).to_number())
}

fn choose(given: &[Value]) -> Value {
    match given {
        [condition, yes, ..] if condition.is_truthy() => yes.clone(),
        [_, _, no, ..] => no.clone(),
        [_, _] => Value::Undefined,
        _ => Value::Null,
    }
}

/// `String.prototype.substring` in UTF-16 units.
fn substring(given: &[Value]) -> Value {
    let [text, start, ..] = given else {
        return Value::text("");
    };
    let Some(text) = text.as_text().filter(|_| start.is_number()) else {
        return Value::text("");
    };
    let units: Vec<u16> = text.encode_utf16().collect();
    let bound = |at: &Value| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates"
        )]
        let at = at.to_number() as usize;
        at.min(units.len())
    };
    let start = bound(start);
    let end = given
        .get(2)
        .filter(|one| one.is_number())
        .map_or(units.len(), bound);
    Value::text(&String::from_utf16_lossy(
        &units[start.min(end)..start.max(end)],
    ))
}
