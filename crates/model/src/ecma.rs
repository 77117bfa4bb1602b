//! Numbers, lower case and JSON as ECMAScript has them, for surveys.
//!
//! In a browser the browser does it: tables for floats and letters would be over 30 KB of
//! wasm that a resident downloads for what is there already. Elsewhere Rust does it, with
//! the same results; `tests/ecma.rs` holds them on either side of every difference.

use serde_json::{Number, Value};

/// ECMAScript allows so many decimals.
const DECIMALS_MAX: usize = 100;
/// The largest integer that a double holds exactly, plus one.
const INTEGERS_END: f64 = 9_007_199_254_740_992.0;

/// `String.prototype.toLowerCase`.
pub fn lower(text: &str) -> String {
    if text.chars().all(has_plain_case) {
        return text.to_ascii_lowercase();
    }
    host::lower(text)
}

/// Whether two texts are the same in lower case.
pub fn is_alike(one: &str, other: &str) -> bool {
    one == other || lower(one) == lower(other)
}

/// A letter without tables: ASCII, and the characters of China and Japan, which have no
/// case.
fn has_plain_case(one: char) -> bool {
    one.is_ascii() || ('\u{2e80}'..'\u{a640}').contains(&one)
}

/// `Number::toString`.
pub fn digits(number: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    if number.fract() == 0.0 && number.abs() < INTEGERS_END {
        return (number as i64).to_string();
    }
    host::digits(number)
}

/// A decimal literal: digits, sign, point, exponent; `None` where the text is none.
pub fn decimal(text: &str) -> Option<f64> {
    let is_one = |one: u8| one.is_ascii_digit() || b"+-.eE".contains(&one);
    if text.is_empty() || !text.bytes().all(is_one) {
        return None;
    }
    host::decimal(text)
}

/// `Number.prototype.toFixed`, read again; exactly half goes away from zero.
pub fn fixed(number: f64, decimals: usize) -> f64 {
    host::fixed(number, decimals.min(DECIMALS_MAX))
}

/// Reads JSON; `None` where the text is none or too deep.
pub fn read(json: &str) -> Option<Value> {
    host::read(json)
}

/// Writes JSON as `JSON.stringify` does.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    write_to(value, &mut out);
    out
}

fn write_to(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::String(text) => out.push_str(&quoted(text)),
        Value::Array(list) => {
            out.push('[');
            for (index, one) in list.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_to(one, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (index, (name, one)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(name));
                out.push(':');
                write_to(one, out);
            }
            out.push('}');
        }
    }
}

/// A number of JSON, as it is written.
pub fn number_text(number: &Number) -> String {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => whole.to_string(),
        (None, Some(number)) => digits(number),
        (None, None) => "null".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A number of JSON; whole ones stay whole.
#[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
pub fn json_number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < INTEGERS_END {
        return Value::Number(Number::from(number as i64));
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// By the browser.
#[cfg(target_arch = "wasm32")]
mod host {
    use super::{Value, json_number};
    use js_sys::{Array, JSON, JsString, Number, Object};
    use serde_json::Map;
    use wasm_bindgen::{JsCast, JsValue};

    /// Deeper JSON is refused, as `serde_json` does.
    const DEPTH_MAX: u32 = 127;

    pub(super) fn lower(text: &str) -> String {
        String::from(JsString::from(text).to_lower_case())
    }

    pub(super) fn digits(number: f64) -> String {
        let text = Number::from(number).to_string_with_radix(10);
        text.map(String::from).unwrap_or_default()
    }

    pub(super) fn decimal(text: &str) -> Option<f64> {
        let number = JsValue::from_str(text).unchecked_into_f64();
        (!number.is_nan()).then_some(number)
    }

    pub(super) fn fixed(number: f64, decimals: usize) -> f64 {
        let decimals = u8::try_from(decimals).unwrap_or(u8::MAX);
        let text = Number::from(number).to_fixed(decimals);
        text.map_or(f64::NAN, |text| JsValue::from(text).unchecked_into_f64())
    }

    pub(super) fn read(json: &str) -> Option<Value> {
        of(&JSON::parse(json).ok()?, DEPTH_MAX)
    }

    fn of(value: &JsValue, depth: u32) -> Option<Value> {
        let deeper = depth.checked_sub(1)?;
        if let Some(text) = value.as_string() {
            return Some(Value::String(text));
        }
        if let Some(truth) = value.as_bool() {
            return Some(Value::Bool(truth));
        }
        if let Some(number) = value.as_f64() {
            return Some(json_number(number));
        }
        if let Some(array) = value.dyn_ref::<Array>() {
            let mut list = Vec::new();
            for item in array.iter() {
                list.push(of(&item, deeper)?);
            }
            return Some(Value::Array(list));
        }
        let Some(object) = value.dyn_ref::<Object>() else {
            return Some(Value::Null);
        };
        let mut map = Map::new();
        for pair in Object::entries(object).iter() {
            let pair: Array = pair.unchecked_into();
            map.insert(pair.get(0).as_string()?, of(&pair.get(1), deeper)?);
        }
        Some(Value::Object(map))
    }
}

/// By Rust.
#[cfg(not(target_arch = "wasm32"))]
mod host {
    use super::Value;

    pub(super) fn lower(text: &str) -> String {
        text.to_lowercase()
    }

    pub(super) fn digits(number: f64) -> String {
        if number.is_nan() {
            return "NaN".into();
        }
        if number.is_infinite() {
            let text = if number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            };
            return text.into();
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

    pub(super) fn decimal(text: &str) -> Option<f64> {
        text.parse().ok()
    }

    pub(super) fn fixed(number: f64, decimals: usize) -> f64 {
        // A double that is not exactly half way differs from it within these digits.
        const ENOUGH: usize = 24;
        let long = format!("{number:.*}", decimals + ENOUGH);
        let is_half = long.ends_with(&format!("5{}", "0".repeat(ENOUGH - 1)));
        let text = if is_half {
            let more = if number < 0.0 { -1.0 } else { 1.0 };
            let nudged = number + more * 10f64.powi(-i32::try_from(decimals + 3).unwrap_or(0));
            format!("{nudged:.decimals$}")
        } else {
            format!("{number:.decimals$}")
        };
        text.parse().unwrap_or(number)
    }

    pub(super) fn read(json: &str) -> Option<Value> {
        serde_json::from_str(json).ok()
    }
}
