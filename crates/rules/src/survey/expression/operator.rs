//! The operators between two values (`OperandMaker.binaryFunctions`).
//!
//! Left to others: what is read and in which order (`parse`, `run`).

use crate::survey::date::Clock;
use crate::survey::value::{Compare, Value, are_equal, compare, join, number_to_text};
use std::cmp::Ordering;

/// An operator with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    LessOrEqual,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Less,
    Greater,
    Plus,
    Minus,
    Times,
    Over,
    Remainder,
    Power,
    Contains,
    NotContains,
    AnyOf,
    AllOf,
    NoneOf,
}

type Named = (&'static str, Operator);

/// Signs and words at the start of a text, first match first.
fn read(text: &str, table: &[Named]) -> Option<(Operator, usize)> {
    let (name, operator) = table
        .iter()
        .find(|(name, _)| starts_with_word(text, name))?;
    Some((*operator, name.len()))
}

impl Operator {
    pub(super) fn read_or(text: &str) -> Option<(Self, usize)> {
        read(text, &[("||", Self::Or), ("or", Self::Or)])
    }

    pub(super) fn read_and(text: &str) -> Option<(Self, usize)> {
        read(text, &[("&&", Self::And), ("and", Self::And)])
    }

    pub(super) fn read_comparison(text: &str) -> Option<(Self, usize)> {
        const TABLE: &[Named] = &[
            ("<=", Operator::LessOrEqual),
            ("lessorequal", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("greaterorequal", Operator::GreaterOrEqual),
            ("==", Operator::Equal),
            ("equal", Operator::Equal),
            ("=", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("notequal", Operator::NotEqual),
            ("<", Operator::Less),
            ("less", Operator::Less),
            (">", Operator::Greater),
            ("greater", Operator::Greater),
        ];
        read(text, TABLE)
    }

    pub(super) fn read_sum(text: &str) -> Option<(Self, usize)> {
        read(text, &[("+", Self::Plus), ("-", Self::Minus)])
    }

    pub(super) fn read_product(text: &str) -> Option<(Self, usize)> {
        read(
            text,
            &[
                ("*", Self::Times),
                ("/", Self::Over),
                ("%", Self::Remainder),
            ],
        )
    }

    pub(super) fn read_power(text: &str) -> Option<(Self, usize)> {
        read(text, &[("^", Self::Power), ("power", Self::Power)])
    }

    pub(super) fn read_membership(text: &str) -> Option<(Self, usize)> {
        const TABLE: &[Named] = &[
            ("*=", Operator::Contains),
            ("contains", Operator::Contains),
            ("contain", Operator::Contains),
            ("notcontains", Operator::NotContains),
            ("notcontain", Operator::NotContains),
            ("anyof", Operator::AnyOf),
            ("allof", Operator::AllOf),
            ("noneof", Operator::NoneOf),
        ];
        read(text, TABLE)
    }

    /// The result for two values; `is_order_strict` when a ranking takes part.
    pub(super) fn apply(
        self,
        left: Value,
        right: Value,
        is_order_strict: bool,
        clock: Clock,
    ) -> Value {
        match self {
            Self::Or
            | Self::And
            | Self::Plus
            | Self::Minus
            | Self::Times
            | Self::Over
            | Self::Remainder
            | Self::Power => self.calculate(left, right),
            _ => Value::Bool(self.holds(left, right, is_order_strict, clock)),
        }
    }

    fn calculate(self, left: Value, right: Value) -> Value {
        let left = for_arithmetic(left, &right);
        let right = for_arithmetic(right, &left);
        let number = |from: f64| Value::Number(from);
        let (a, b) = (left.to_number(), right.to_number());
        match self {
            Self::Or => {
                if left.is_truthy() {
                    left
                } else {
                    right
                }
            }
            Self::And => {
                if left.is_truthy() {
                    right
                } else {
                    left
                }
            }
            Self::Plus => sum_of_any(&left, &right),
            Self::Minus => number(rounded_sum(&left, &right, a - b)),
            Self::Times => {
                let digits = decimals(&left) + decimals(&right);
                number(if digits > 0 {
                    fixed(a * b, digits)
                } else {
                    a * b
                })
            }
            Self::Over if right.is_truthy() => number(a / b),
            Self::Remainder if right.is_truthy() => number(a % b),
            Self::Power => number(power(a, b)),
            _ => Value::Null,
        }
    }

    fn holds(self, left: Value, right: Value, is_order_strict: bool, clock: Clock) -> bool {
        let is_equal = || {
            let (left, right) = dates_aligned(left.clone(), right.clone(), clock);
            same(&left, &right, !is_order_strict)
        };
        // Only `=` and `!=` know rankings.
        let is_same = || {
            let (left, right) = dates_aligned(left.clone(), right.clone(), clock);
            same(&left, &right, true)
        };
        match self {
            Self::Equal => is_equal(),
            Self::NotEqual => !is_equal(),
            Self::GreaterOrEqual => is_same() || ordered(left, right, Ordering::Greater, clock),
            Self::LessOrEqual => is_same() || ordered(left, right, Ordering::Less, clock),
            Self::Greater => ordered(left, right, Ordering::Greater, clock),
            Self::Less => ordered(left, right, Ordering::Less, clock),
            Self::Contains => contains(&left, &right, true),
            Self::NotContains => {
                !left.is_truthy() && !right.is_empty() || contains(&left, &right, false)
            }
            Self::AnyOf => any_of(&left, &right),
            Self::NoneOf => !any_of(&left, &right),
            _ => all_of(&left, &right),
        }
    }
}

fn for_arithmetic(value: Value, other: &Value) -> Value {
    if !value.is_empty() {
        return value;
    }
    match (&value, other) {
        (_, Value::Number(_)) => Value::Number(0.0),
        (Value::Text(_), _) => value,
        (_, Value::Text(_)) => Value::text(""),
        (_, Value::List(_)) => Value::list(Vec::new()),
        _ => Value::Number(0.0),
    }
}

/// ECMAScript's `+`.
pub(super) fn plus(left: &Value, right: &Value) -> Value {
    let is_texty = |one: &Value| {
        matches!(
            one,
            Value::Text(_) | Value::List(_) | Value::Map(_) | Value::Date(_)
        )
    };
    if is_texty(left) || is_texty(right) {
        return Value::text(&(left.to_text() + &right.to_text()));
    }
    Value::Number(left.to_number() + right.to_number())
}

fn sum_of_any(left: &Value, right: &Value) -> Value {
    if left.is_number() && right.is_number() {
        return match plus(left, right) {
            Value::Number(sum) => Value::Number(rounded_sum(left, right, sum)),
            text => text,
        };
    }
    match (left, right) {
        (Value::List(a), Value::List(b)) => {
            Value::list(a.iter().chain(b.iter()).cloned().collect())
        }
        (Value::List(list), Value::Text(text)) => Value::text(&(join(list, ", ") + text)),
        (Value::Text(text), Value::List(list)) => {
            Value::text(&(text.to_string() + &join(list, ", ")))
        }
        (Value::List(list), Value::Number(_)) => sum_of_list(list, right),
        (Value::Number(_), Value::List(list)) => sum_of_list(list, left),
        _ => plus(left, right),
    }
}

fn sum_of_list(list: &[Value], last: &Value) -> Value {
    let numbers = list.iter().filter(|one| matches!(one, Value::Number(_)));
    let sum = numbers.chain([last]).fold(0.0, |sum, one| {
        rounded_sum(&Value::Number(sum), one, sum + one.to_number())
    });
    Value::Number(sum)
}

/// survey-core's `correctAfterPlusMinis`: as many decimals as the operands have.
pub(super) fn rounded_sum(left: &Value, right: &Value, sum: f64) -> f64 {
    let digits = decimals(left).max(decimals(right));
    if digits > 0 { fixed(sum, digits) } else { sum }
}

fn decimals(value: &Value) -> usize {
    if !value.is_number() {
        return 0;
    }
    if let Value::Number(number) = value
        && number.fract() == 0.0
    {
        return 0;
    }
    value.to_text().split('.').nth(1).map_or(0, str::len)
}

/// ECMAScript allows 100 decimals.
const DECIMALS_MAX: usize = 100;

fn fixed(number: f64, digits: usize) -> f64 {
    let digits = digits.min(DECIMALS_MAX);
    format!("{number:.digits$}").parse().unwrap_or(f64::NAN)
}

/// ECMAScript's `Math.pow`, which knows no 1 to an unknown power.
fn power(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || base.abs() == 1.0 && exponent.is_infinite() {
        return f64::NAN;
    }
    base.powf(exponent)
}

fn same(left: &Value, right: &Value, ignores_order: bool) -> bool {
    let known = |one: &Value| match one.as_text() {
        Some("undefined") => Value::Undefined,
        _ => one.clone(),
    };
    let how = Compare {
        ignores_order,
        converts_numbers: true,
        is_exact_text: false,
    };
    are_equal(&known(left), &known(right), how)
}

fn ordered(left: Value, right: Value, wanted: Ordering, clock: Clock) -> bool {
    if left.is_nullish() || right.is_nullish() {
        return false;
    }
    let (left, right) = dates_aligned(left, right, clock);
    compare(&left, &right) == Some(wanted)
}

/// Where a date meets a text, the text becomes a date, and what the text leaves out is
/// cut from the date (`convertValForDateCompare`, once for each side).
fn dates_aligned(left: Value, right: Value, clock: Clock) -> (Value, Value) {
    let (left, right) = date_aligned(left, right, clock);
    let (right, left) = date_aligned(right, left, clock);
    (left, right)
}

/// A text of this many characters gives seconds, minutes, hours.
const WITH_SECONDS_CHARS: usize = 17;
const WITH_MINUTES_CHARS: usize = 14;
const WITH_HOURS_CHARS: usize = 11;

fn date_aligned(value: Value, other: Value, clock: Clock) -> (Value, Value) {
    match (&value, &other) {
        (Value::Text(_), Value::Date(at_ms)) => {
            let read_ms = super::instant::instant(&value, clock);
            let other_ms = (at_ms / 1_000.0).floor() * 1_000.0;
            let has_time = clock.fields(other_ms).time_ms > 0.0;

            let read_ms = if has_time {
                read_ms
            } else {
                // `setHours(0, 0, 0)` keeps the milliseconds.
                clock.midnight(read_ms) + read_ms.rem_euclid(1_000.0)
            };
            (Value::Date(read_ms), Value::Date(other_ms))
        }
        (Value::Date(at_ms), Value::Text(text)) => {
            let chars = text.encode_utf16().count();
            let mut fields = clock.fields(*at_ms);
            let mut keep =
                |unit_ms: f64| fields.time_ms = (fields.time_ms / unit_ms).floor() * unit_ms;
            if chars < WITH_SECONDS_CHARS {
                keep(60_000.0);
            }
            if chars < WITH_MINUTES_CHARS {
                keep(3_600_000.0);
            }
            if chars < WITH_HOURS_CHARS {
                keep(crate::survey::date::DAY_MS);
            }
            (Value::Date(clock.instant(fields)), other)
        }
        _ => (value, other),
    }
}

fn contains(left: &Value, right: &Value, wanted: bool) -> bool {
    if left.as_list().is_some_and(<[Value]>::is_empty) {
        return !wanted;
    }
    let is_answer = matches!(left, Value::Number(number) if *number == 0.0)
        || matches!(left, Value::Bool(false));
    if !left.is_truthy() && !is_answer {
        return false;
    }
    let Some(list) = left.as_list() else {
        if !right.is_truthy() {
            return false;
        }
        let text = left.to_text().to_lowercase();
        return text.contains(&right.to_text().to_lowercase()) == wanted;
    };
    let has = |one: &Value| list.iter().any(|item| same(item, one, true));
    let has_all = match right.as_list() {
        Some(wanted) => wanted.iter().all(has),
        None => has(right),
    };
    has_all == wanted
}

fn any_of(left: &Value, right: &Value) -> bool {
    if left.is_empty() {
        return right.is_empty();
    }
    if right.is_empty() {
        return true;
    }
    match (left.as_list(), right.as_list()) {
        (None, _) => contains(right, left, true),
        (_, None) => contains(left, right, true),
        (_, Some(list)) => list.iter().any(|one| contains(left, one, true)),
    }
}

fn all_of(left: &Value, right: &Value) -> bool {
    if !left.is_truthy() && !right.is_empty() {
        return false;
    }
    match right.as_list() {
        None => contains(left, right, true),
        Some(list) => list.iter().all(|one| contains(left, one, true)),
    }
}

/// A number as a text inside a sum with text.
pub(super) fn shown(number: f64) -> Value {
    Value::text(&number_to_text(number))
}

/// Whether a text begins so, in any case; nothing needs to end there.
pub(super) fn starts_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}
