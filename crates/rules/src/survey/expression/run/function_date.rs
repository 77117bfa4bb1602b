//! Functions about dates.
//!
//! Left to others: the calendar (`survey::date`).

use crate::survey::date::{Clock, DAY_MS, Fields, day_number};
use crate::survey::expression::instant::instant;
use crate::survey::expression::name::OfDate;
use crate::survey::expression::operator::{plus, shown};
use crate::survey::value::Value;

impl OfDate {
    pub(super) fn call(self, given: &[Value], clock: Clock) -> Value {
        let first = given.first().filter(|one| one.is_truthy());
        let or_today =
            || first.map_or_else(|| clock.midnight(clock.now_ms), |one| instant(one, clock));
        let year_of = |at_ms: f64| Value::Number(clock.fields(at_ms).year);
        match self {
            Self::GetDate => first.map_or(Value::Null, |one| Value::Date(instant(one, clock))),
            Self::Age => first.map_or(Value::Null, |one| {
                let unit = given.get(1).filter(|one| one.is_truthy());
                span(
                    one,
                    None,
                    &unit.map_or_else(|| "years".into(), Value::to_text),
                    clock,
                )
            }),
            Self::DateDiff => difference(given, clock),
            Self::DateAdd => later(given, clock),
            Self::CurrentDate => Value::Date(clock.now_ms),
            Self::Today => {
                let mut today = clock.fields(clock.midnight(clock.now_ms));
                if let [days] = given {
                    today.day = moved(today.day, days);
                }
                Value::Date(clock.instant(today))
            }
            Self::GetYear if given.len() == 1 => {
                first.map_or(Value::Undefined, |one| year_of(instant(one, clock)))
            }
            Self::GetYear => Value::Undefined,
            Self::CurrentYear => year_of(clock.now_ms),
            Self::DiffDays => match given {
                [from, to] if from.is_truthy() && to.is_truthy() => days_between(from, to, clock),
                _ => Value::Number(0.0),
            },
            Self::Year => year_of(or_today()),
            Self::Month => Value::Number(clock.fields(or_today()).month + 1.0),
            Self::Day => Value::Number(clock.fields(or_today()).day),
            Self::Weekday => Value::Number(clock.weekday(or_today())),
        }
    }
}

fn days_between(from: &Value, to: &Value, clock: Clock) -> Value {
    let day = |one: &Value| day_number(clock.fields(instant(one, clock)));
    Value::Number((day(to) - day(from)).abs())
}

/// ECMAScript's `~~number`.
fn to_whole(number: f64) -> f64 {
    if number.is_nan() { 0.0 } else { number.trunc() }
}

fn span(from: &Value, to: Option<&Value>, unit: &str, clock: Clock) -> Value {
    if unit == "days" {
        return to.map_or(Value::Number(0.0), |to| days_between(from, to, clock));
    }
    let from = clock.fields(instant(from, clock));
    let to = clock.fields(to.map_or(clock.now_ms, |to| instant(to, clock)));
    let mut months = (to.year - from.year) * 12.0 + to.month - from.month;
    if to.day < from.day {
        months -= 1.0;
    }
    Value::Number(if unit == "months" {
        months
    } else {
        to_whole(months / 12.0)
    })
}

fn difference(given: &[Value], clock: Clock) -> Value {
    let [from, to, ..] = given else {
        return Value::Null;
    };
    if !from.is_truthy() || !to.is_truthy() {
        return Value::Null;
    }
    let unit = given.get(2).filter(|one| one.is_truthy());
    let unit = unit.map_or_else(|| "days".into(), Value::to_text);
    let unit_ms = match unit.as_str() {
        "hours" => 3_600_000.0,
        "minutes" => 60_000.0,
        "seconds" => 1_000.0,
        _ => return span(from, Some(to), &unit, clock),
    };
    let apart_ms = (instant(to, clock) - instant(from, clock)).abs();
    Value::Number((apart_ms / unit_ms).ceil())
}

/// `number + value`, as a calendar field takes it.
fn moved(number: f64, by: &Value) -> f64 {
    let sum = match by {
        Value::Text(_) | Value::List(_) | Value::Map(_) | Value::Date(_) => {
            plus(&shown(number), by)
        }
        by => Value::Number(number + by.to_number()),
    };
    sum.to_number().trunc()
}

fn later(given: &[Value], clock: Clock) -> Value {
    let [date, by, ..] = given else {
        return Value::Null;
    };
    if !date.is_truthy() || !by.is_truthy() {
        return Value::Null;
    }
    let unit = given.get(2).filter(|one| one.is_truthy());
    let unit = unit.map_or_else(|| "days".into(), Value::to_text);
    let at_ms = instant(date, clock);
    let mut at: Fields = clock.fields(at_ms);
    let mut move_time = |unit_ms: f64, units: f64| {
        let now = (at.time_ms / unit_ms).floor() % units;
        at.time_ms += (moved(now, by) - now) * unit_ms;
    };
    match unit.as_str() {
        "hours" => move_time(3_600_000.0, 24.0),
        "minutes" => move_time(60_000.0, 60.0),
        "seconds" => move_time(1_000.0, 60.0),
        "days" => at.day = moved(at.day, by),
        "months" => at.month = moved(at.month, by),
        "years" => at.year = moved(at.year, by),
        _ => return Value::Date(at_ms),
    }
    // Times outside a day carry over into the date.
    let days = (at.time_ms / DAY_MS).floor();
    at.day += days;
    at.time_ms -= days * DAY_MS;
    Value::Date(clock.instant(at))
}
