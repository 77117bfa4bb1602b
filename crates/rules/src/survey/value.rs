//! What an expression computes with: JSON values, `undefined` and dates, compared and
//! converted as ECMAScript and survey-core 3.1.1 do (`helpers.ts`).
//!
//! Left to others: operators (`expression::operator`), the calendar (`date`).

use serde_json::Number;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One value. Cloning is cheap: what can be large is shared.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing was there at all.
    #[default]
    Undefined,
    /// JSON's `null`.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number; `NaN` is empty.
    Number(f64),
    /// Text.
    Text(Arc<str>),
    /// An array.
    List(Arc<Vec<Value>>),
    /// An object.
    Map(Arc<BTreeMap<String, Value>>),
    /// An instant in milliseconds; `NaN` is an invalid date.
    Date(f64),
}

impl Value {
    /// Text from anything that reads as text.
    pub fn text(from: &str) -> Self {
        Self::Text(Arc::from(from))
    }

    /// A list.
    pub fn list(from: Vec<Value>) -> Self {
        Self::List(Arc::new(from))
    }

    /// `undefined` or `null`.
    pub fn is_nullish(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }

    /// What survey-core counts as unanswered: `0` and `false` are answers, `[]`, `""`
    /// and an object of empty values are not.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => true,
            Self::Bool(_) | Self::Date(_) => false,
            Self::Number(number) => number.is_nan(),
            Self::Text(text) => text.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Map(map) => map.values().all(Value::is_empty),
        }
    }

    /// ECMAScript's `!!value`.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(yes) => *yes,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::List(_) | Self::Map(_) | Self::Date(_) => true,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    fn is_object(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_) | Self::Date(_))
    }

    /// survey-core's `getNumber`: the number that a person meant, `NaN` if none.
    pub fn meant_number(&self) -> f64 {
        match self {
            Self::Number(number) if number.is_finite() => *number,
            Self::Text(text) => meant_number(text),
            // `parseFloat([5])` reads the list as text.
            Self::List(list) if list.len() == 1 => {
                let read = parse_float(&self.to_text());
                if self.to_number().is_finite() {
                    read
                } else {
                    f64::NAN
                }
            }
            _ => f64::NAN,
        }
    }

    /// Whether [`Value::meant_number`] finds one.
    pub fn is_number(&self) -> bool {
        !self.meant_number().is_nan()
    }

    /// ECMAScript's `Number(value)`.
    pub fn to_number(&self) -> f64 {
        match self {
            Self::Undefined | Self::Map(_) => f64::NAN,
            Self::Null => 0.0,
            Self::Bool(yes) => f64::from(u8::from(*yes)),
            Self::Number(number) | Self::Date(number) => *number,
            Self::Text(text) => text_to_number(text),
            Self::List(_) => text_to_number(&self.to_text()),
        }
    }

    /// ECMAScript's `String(value)`; an instant is written in ISO 8601.
    pub fn to_text(&self) -> String {
        match self {
            Self::Undefined => "undefined".into(),
            Self::Null => "null".into(),
            Self::Bool(yes) => yes.to_string(),
            Self::Number(number) => number_to_text(*number),
            Self::Text(text) => text.to_string(),
            Self::List(list) => join(list, ","),
            Self::Map(_) => "[object Object]".into(),
            Self::Date(at_ms) => super::date::iso(*at_ms),
        }
    }
}

/// `Array.prototype.join`.
pub(super) fn join(list: &[Value], between: &str) -> String {
    let shown = |one: &Value| {
        if one.is_nullish() {
            String::new()
        } else {
            one.to_text()
        }
    };
    list.iter().map(shown).collect::<Vec<_>>().join(between)
}

impl From<&serde_json::Value> for Value {
    fn from(from: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match from {
            Json::Null => Self::Null,
            Json::Bool(yes) => Self::Bool(*yes),
            Json::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            Json::String(text) => Self::text(text),
            Json::Array(list) => Self::list(list.iter().map(Value::from).collect()),
            Json::Object(map) => Self::Map(Arc::new(
                map.iter()
                    .map(|(key, one)| (key.clone(), Value::from(one)))
                    .collect(),
            )),
        }
    }
}

impl From<&Value> for serde_json::Value {
    /// As `JSON.stringify` writes it: `undefined` and `NaN` become `null`.
    fn from(from: &Value) -> Self {
        match from {
            Value::Undefined | Value::Null => Self::Null,
            Value::Bool(yes) => Self::Bool(*yes),
            Value::Number(number) => json_number(*number),
            Value::Text(text) => Self::String(text.to_string()),
            Value::List(list) => Self::Array(list.iter().map(Self::from).collect()),
            Value::Map(map) => Self::Object(
                map.iter()
                    .filter(|(_, one)| !matches!(one, Value::Undefined))
                    .map(|(key, one)| (key.clone(), Self::from(one)))
                    .collect(),
            ),
            Value::Date(at_ms) => Self::String(super::date::iso(*at_ms)),
        }
    }
}

/// The largest integer that a double holds exactly, plus one.
const INTEGERS_END: f64 = 9_007_199_254_740_992.0;

#[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
fn json_number(number: f64) -> serde_json::Value {
    if number.fract() == 0.0 && number.abs() < INTEGERS_END {
        return serde_json::Value::Number(Number::from(number as i64));
    }
    Number::from_f64(number).map_or(serde_json::Value::Null, serde_json::Value::Number)
}

/// How two values are compared.
#[derive(Debug, Clone, Copy)]
pub struct Compare {
    /// Lists are equal as sets are.
    pub ignores_order: bool,
    /// `2` equals `"2"`.
    pub converts_numbers: bool,
    /// Text is equal in the same case and with the same space around it alone.
    pub is_exact_text: bool,
}

/// What counts as a new answer.
pub(super) const SAME_ANSWER: Compare = Compare {
    ignores_order: false,
    converts_numbers: true,
    is_exact_text: true,
};

/// What counts as a new result.
pub(super) const SAME_RESULT: Compare = Compare {
    ignores_order: false,
    converts_numbers: false,
    is_exact_text: true,
};

/// survey-core's `checkIfValuesEqual`.
pub fn are_equal(x: &Value, y: &Value, how: Compare) -> bool {
    if is_strictly_equal(x, y) {
        return true;
    }
    let pair = |one: &Value, other: &Value| match (one, other) {
        (Value::List(list), Value::Undefined) => list.is_empty(),
        (Value::Undefined | Value::Null, Value::Text(text)) => text.is_empty(),
        _ => false,
    };
    if pair(x, y) || pair(y, x) {
        return true;
    }
    match (x, y) {
        (Value::Text(x), Value::Text(y)) if how.is_exact_text => return x == y,
        (Value::Text(x), Value::Text(y)) => {
            return trimmed(x).to_lowercase() == trimmed(y).to_lowercase();
        }
        (Value::Date(x), Value::Date(y)) => return x == y,
        _ => {}
    }
    if how.converts_numbers && read_as_same_number(x, y) {
        return true;
    }
    if x.is_empty() != y.is_empty() {
        return false;
    }
    match (x, y) {
        (Value::Bool(yes), Value::Text(text)) | (Value::Text(text), Value::Bool(yes)) => {
            return yes.to_string() == text.to_lowercase();
        }
        _ => {}
    }
    let is_number = |one: &Value| matches!(one, Value::Number(_));
    if !x.is_object() && !y.is_object() && (how.converts_numbers || !is_number(x) && !is_number(y))
    {
        return is_loosely_equal(x, y);
    }
    are_objects_equal(x, y, how)
}

fn are_objects_equal(x: &Value, y: &Value, how: Compare) -> bool {
    match (x, y) {
        (Value::List(x), Value::List(y)) => {
            if x.len() != y.len() {
                return false;
            }
            if !how.ignores_order {
                return x.iter().zip(y.iter()).all(|(x, y)| are_equal(x, y, how));
            }
            let (x, y) = (in_text_order(x), in_text_order(y));
            x.iter().zip(y.iter()).all(|(x, y)| are_equal(x, y, how))
        }
        (Value::Map(x), Value::Map(y)) => {
            x.len() == y.len()
                && x.iter()
                    .all(|(key, x)| y.get(key).is_some_and(|y| are_equal(x, y, how)))
        }
        (Value::List(list), Value::Map(map)) | (Value::Map(map), Value::List(list)) => {
            list.is_empty() && map.is_empty()
        }
        _ => false,
    }
}

/// `Array.prototype.sort()`: by text in UTF-16 order, `undefined` last.
fn in_text_order(list: &[Value]) -> Vec<&Value> {
    let mut sorted: Vec<(bool, Vec<u16>, &Value)> = list
        .iter()
        .map(|one| {
            (
                matches!(one, Value::Undefined),
                one.to_text().encode_utf16().collect(),
                one,
            )
        })
        .collect();
    sorted.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    sorted.into_iter().map(|(_, _, one)| one).collect()
}

fn is_strictly_equal(x: &Value, y: &Value) -> bool {
    match (x, y) {
        (Value::List(x), Value::List(y)) => Arc::ptr_eq(x, y),
        (Value::Map(x), Value::Map(y)) => Arc::ptr_eq(x, y),
        (Value::Date(_), Value::Date(_)) => false,
        _ => x == y,
    }
}

fn read_as_same_number(x: &Value, y: &Value) -> bool {
    let convertible = |one: &Value| {
        !one.is_nullish()
            && !matches!(one, Value::List(_) | Value::Bool(_) | Value::Date(_))
            && !one.to_number().is_nan()
    };
    if !convertible(x) || !convertible(y) {
        return false;
    }
    let (x, y) = (x.to_text(), y.to_text());
    parse_int(&x) == parse_int(&y) && parse_float(&x) == parse_float(&y)
}

/// ECMAScript's `==`; lists and objects are compared by identity there, which values of
/// one expression never share unless they are the same answer.
pub fn is_loosely_equal(x: &Value, y: &Value) -> bool {
    match (x, y) {
        (Value::Undefined | Value::Null, Value::Undefined | Value::Null) => true,
        (Value::Undefined | Value::Null, _) | (_, Value::Undefined | Value::Null) => false,
        _ if x.is_object() && y.is_object() => is_strictly_equal(x, y),
        (Value::Text(x), Value::Text(y)) => x == y,
        (Value::Text(x), y @ (Value::List(_) | Value::Map(_) | Value::Date(_)))
        | (y @ (Value::List(_) | Value::Map(_) | Value::Date(_)), Value::Text(x)) => {
            **x == *y.to_text()
        }
        _ => x.to_primitive_number() == y.to_primitive_number(),
    }
}

impl Value {
    fn to_primitive_number(&self) -> f64 {
        match self {
            Self::Date(_) => f64::NAN,
            _ => self.to_number(),
        }
    }
}

/// ECMAScript's relational comparison; nothing when a side is not a number.
pub fn compare(x: &Value, y: &Value) -> Option<Ordering> {
    let as_text = |one: &Value| match one {
        Value::Text(text) => Some(text.to_string()),
        Value::List(_) | Value::Map(_) => Some(one.to_text()),
        _ => None,
    };
    if let (Some(x), Some(y)) = (as_text(x), as_text(y)) {
        return Some(x.encode_utf16().cmp(y.encode_utf16()));
    }
    x.to_number().partial_cmp(&y.to_number())
}

/// `String.prototype.trim`.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(is_space)
}

fn is_space(one: char) -> bool {
    one == '\u{feff}' || (one.is_whitespace() && one != '\u{85}')
}

fn text_to_number(text: &str) -> f64 {
    let text = trimmed(text);
    if text.is_empty() {
        return 0.0;
    }
    for (mark, radix) in [
        ("0x", 16),
        ("0X", 16),
        ("0b", 2),
        ("0B", 2),
        ("0o", 8),
        ("0O", 8),
    ] {
        if let Some(digits) = text.strip_prefix(mark) {
            return whole_in_radix(digits, radix).unwrap_or(f64::NAN);
        }
    }
    match decimal_prefix(text) {
        (number, used) if used == text.len() => number,
        _ => f64::NAN,
    }
}

fn whole_in_radix(digits: &str, radix: u32) -> Option<f64> {
    if digits.is_empty() {
        return None;
    }
    digits.chars().try_fold(0.0, |sum, digit| {
        Some(sum * f64::from(radix) + f64::from(digit.to_digit(radix)?))
    })
}

/// Digits beyond which survey-core takes a text for a code and not for a number.
const NUMBER_DIGITS_MAX: usize = 15;
const HEXADECIMAL_CHARS_MAX: usize = 32;

fn meant_number(text: &str) -> f64 {
    let text = trimmed(text);
    if text.is_empty() {
        return f64::NAN;
    }
    if text.starts_with("0x") {
        return if text.len() > HEXADECIMAL_CHARS_MAX {
            f64::NAN
        } else {
            parse_int(text)
        };
    }
    if text.len() > NUMBER_DIGITS_MAX && text.bytes().all(|one| one.is_ascii_digit()) {
        return f64::NAN;
    }
    // A sign inside answers "no operator" before the others are looked for.
    let has_inner = |sign: char| text.rfind(sign).is_some_and(|at| at > 0);
    if !has_inner('-') && !has_inner('+') && text.contains(['*', '^', '/', '%']) {
        return f64::NAN;
    }
    let dotted = if text.matches(',').count() == 1 {
        text.replace(',', ".")
    } else {
        text.into()
    };
    let read = parse_float(&dotted);
    if read.is_nan() || !text_to_number(&dotted).is_finite() {
        f64::NAN
    } else {
        read
    }
}

/// ECMAScript's `parseInt` without a radix.
pub(super) fn parse_int(text: &str) -> f64 {
    let text = trimmed(text);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    let (digits, radix) = hexadecimal.map_or((digits, 10), |rest| (rest, 16));
    let used = digits
        .find(|one: char| !one.is_digit(radix))
        .unwrap_or(digits.len());
    if radix == 10 {
        // Rust's own reading is exact where repeated multiplication is not.
        return digits[..used]
            .parse::<f64>()
            .map_or(f64::NAN, |number| sign * number);
    }
    whole_in_radix(&digits[..used], radix).map_or(f64::NAN, |number| sign * number)
}

/// ECMAScript's `parseFloat`.
pub(super) fn parse_float(text: &str) -> f64 {
    match decimal_prefix(trimmed(text)) {
        (_, 0) => f64::NAN,
        (number, _) => number,
    }
}

/// The number at the start of the text, and how many bytes it takes (0: none).
fn decimal_prefix(text: &str) -> (f64, usize) {
    let bytes = text.as_bytes();
    let signed = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    if text[signed..].starts_with("Infinity") {
        let sign = if bytes[0] == b'-' { -1.0 } else { 1.0 };
        return (sign * f64::INFINITY, signed + "Infinity".len());
    }
    let digits_from = |at: usize| {
        bytes[at..]
            .iter()
            .take_while(|one| one.is_ascii_digit())
            .count()
    };
    let whole = digits_from(signed);
    let mut end = signed + whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits_from(end + 1);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return (f64::NAN, 0);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits_from((end + 1 + sign).min(bytes.len()));
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    (text[..end].parse().unwrap_or(f64::NAN), end)
}

/// ECMAScript's `Number::toString`.
pub fn number_to_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity".into()
        } else {
            "-Infinity".into()
        };
    }
    if number == 0.0 {
        return "0".into();
    }
    let size = number.abs();
    if (1e-6..1e21).contains(&size) {
        return format!("{number}");
    }
    let scientific = format!("{number:e}");
    if scientific.contains("e-") {
        scientific
    } else {
        scientific.replace('e', "e+")
    }
}
