//! The instant that a value stands for.

use crate::survey::date::Clock;
use crate::survey::value::Value;

/// survey-core's `createDate`: nothing is now, a date without a time is local.
pub(super) fn instant(from: &Value, clock: Clock) -> f64 {
    match from {
        from if !from.is_truthy() => clock.now_ms,
        Value::Date(at_ms) | Value::Number(at_ms) => at_ms.trunc(),
        Value::Bool(_) => 1.0,
        from => read(&from.to_text(), clock),
    }
}

/// survey-core appends a midnight to what has a date and no `T`; with a time behind a
/// space that reads as nothing.
fn read(text: &str, clock: Clock) -> f64 {
    let has_spaced_time = !text.contains('T') && text.trim().contains(' ');
    if has_spaced_time {
        f64::NAN
    } else {
        clock.read(text)
    }
}
