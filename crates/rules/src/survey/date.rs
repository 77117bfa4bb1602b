//! Dates as expressions use them: ISO 8601 in, calendar fields out, at a fixed distance
//! from UTC that the caller passes in.
//!
//! Left to others: what "now" is. Formats beside ISO 8601 (and a space for its `T`),
//! which browsers read each in their own way, are invalid dates here.

/// The moment and the place an expression is evaluated at.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Now.
    pub now_ms: f64,
    /// Minutes that local time is ahead of UTC; 480 in China.
    pub ahead_of_utc_minutes: i32,
}

pub(super) const DAY_MS: f64 = 86_400_000.0;
const MINUTE_MS: f64 = 60_000.0;
/// ECMAScript's largest instant.
const INSTANT_MS_MAX: f64 = 8.64e15;

/// A date and a time of day, apart. Months count from 0, as ECMAScript's do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fields {
    pub(super) year: f64,
    pub(super) month: f64,
    pub(super) day: f64,
    pub(super) time_ms: f64,
}

impl Clock {
    fn ahead_ms(self) -> f64 {
        f64::from(self.ahead_of_utc_minutes) * MINUTE_MS
    }

    /// Local fields of an instant; all `NaN` for an invalid one.
    pub(super) fn fields(self, at_ms: f64) -> Fields {
        fields(at_ms + self.ahead_ms())
    }

    /// The instant of local fields, which may lie outside their usual ranges.
    pub(super) fn instant(self, fields: Fields) -> f64 {
        clipped(day_number(fields) * DAY_MS + fields.time_ms - self.ahead_ms())
    }

    /// Midnight before the instant.
    pub(super) fn midnight(self, at_ms: f64) -> f64 {
        self.instant(Fields {
            time_ms: 0.0,
            ..self.fields(at_ms)
        })
    }

    /// The day of the week, Sunday being 0.
    pub(super) fn weekday(self, at_ms: f64) -> f64 {
        (((at_ms + self.ahead_ms()) / DAY_MS).floor() + 4.0).rem_euclid(7.0)
    }

    /// An instant from text, `NaN` if it is none. A date alone is local midnight.
    pub(super) fn read(self, text: &str) -> f64 {
        read(text.trim(), self.ahead_ms()).unwrap_or(f64::NAN)
    }
}

/// Days since 1970 of a date at UTC.
pub(super) fn day_number(date: Fields) -> f64 {
    let year = date.year + (date.month / 12.0).floor();
    let month = date.month.rem_euclid(12.0);
    // Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
    let year = if month < 2.0 { year - 1.0 } else { year };
    let era = (year / 400.0).floor();
    let of_era = year - era * 400.0;
    let shifted = (month + 10.0).rem_euclid(12.0);
    let of_year = ((153.0 * shifted + 2.0) / 5.0).floor() + date.day - 1.0;
    let days = of_era * 365.0 + (of_era / 4.0).floor() - (of_era / 100.0).floor() + of_year;
    era * 146_097.0 + days - 719_468.0
}

fn fields(local_ms: f64) -> Fields {
    let days = (local_ms / DAY_MS).floor();
    let shifted = days + 719_468.0;
    let era = (shifted / 146_097.0).floor();
    let of_era = shifted - era * 146_097.0;
    let year = ((of_era - (of_era / 1_460.0).floor() + (of_era / 36_524.0).floor()
        - (of_era / 146_096.0).floor())
        / 365.0)
        .floor();
    let of_year = of_era - (365.0 * year + (year / 4.0).floor() - (year / 100.0).floor());
    let month = ((5.0 * of_year + 2.0) / 153.0).floor();
    let day = of_year - ((153.0 * month + 2.0) / 5.0).floor() + 1.0;
    let civil = if month < 10.0 {
        month + 2.0
    } else {
        month - 10.0
    };
    let year = year + era * 400.0 + if civil < 2.0 { 1.0 } else { 0.0 };
    Fields {
        year,
        month: civil,
        day,
        time_ms: local_ms - days * DAY_MS,
    }
}

fn clipped(at_ms: f64) -> f64 {
    if at_ms.abs() <= INSTANT_MS_MAX {
        at_ms.trunc()
    } else {
        f64::NAN
    }
}

fn read(text: &str, ahead_ms: f64) -> Option<f64> {
    let (date, time) = match text.find(['T', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1.0), |part| digits(part, 2))?;
    let day = parts.next();
    let has_day = day.is_some();
    let day = day.map_or(Some(1.0), |part| digits(part, 2))?;
    let in_range = (1.0..=12.0).contains(&month) && (1.0..=31.0).contains(&day);
    if parts.next().is_some() || !in_range || (time.is_some() && !has_day) {
        return None;
    }
    let date = Fields {
        year,
        month: month - 1.0,
        day,
        time_ms: 0.0,
    };
    let midnight = day_number(date) * DAY_MS;
    match time {
        // A year or a year and month alone are UTC.
        None => Some(clipped(midnight - if has_day { ahead_ms } else { 0.0 })),
        Some(time) => {
            let (time_ms, zone_ms) = read_time(time)?;
            Some(clipped(midnight + time_ms - zone_ms.unwrap_or(ahead_ms)))
        }
    }
}

fn read_time(text: &str) -> Option<(f64, Option<f64>)> {
    let (clock, zone_ms) = if let Some(clock) = text.strip_suffix('Z') {
        (clock, Some(0.0))
    } else if let Some(at) = text.rfind(['+', '-']) {
        let sign = if text[at..].starts_with('-') {
            -1.0
        } else {
            1.0
        };
        let (hours, minutes) = text[at + 1..].split_once(':')?;
        let minutes = digits(hours, 2)? * 60.0 + digits(minutes, 2)?;
        (&text[..at], Some(sign * minutes * MINUTE_MS))
    } else {
        (text, None)
    };
    let mut parts = clock.split(':');
    let hours = digits(parts.next()?, 2)?;
    let minutes = digits(parts.next()?, 2)?;
    let mut seconds_ms = 0.0;
    if let Some(seconds) = parts.next() {
        let (whole, fraction) = seconds
            .split_once('.')
            .map_or((seconds, None), |(a, b)| (a, Some(b)));
        seconds_ms = digits(whole, 2)? * 1_000.0;
        if let Some(fraction) = fraction {
            digits(fraction, fraction.len())?;
            let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
            seconds_ms += digits(&thousandths, 3)?;
        }
    }
    let is_midnight = hours == 24.0 && minutes == 0.0 && seconds_ms == 0.0;
    let is_inside = hours < 24.0 && minutes < 60.0 && seconds_ms < 60_000.0;
    if parts.next().is_some() || !(is_inside || is_midnight) {
        return None;
    }
    Some((
        hours * 60.0 * MINUTE_MS + minutes * MINUTE_MS + seconds_ms,
        zone_ms,
    ))
}

fn digits(text: &str, count: usize) -> Option<f64> {
    let is_right = text.len() == count && count > 0 && text.bytes().all(|one| one.is_ascii_digit());
    if is_right { text.parse().ok() } else { None }
}

/// `Date.prototype.toISOString`; empty for an invalid date.
pub(super) fn iso(at_ms: f64) -> String {
    if at_ms.is_nan() {
        return String::new();
    }
    let at = fields(at_ms);
    let (seconds, ms) = ((at.time_ms / 1_000.0).floor(), at.time_ms % 1_000.0);
    let (minutes, seconds) = ((seconds / 60.0).floor(), seconds % 60.0);
    let (hours, minutes) = ((minutes / 60.0).floor(), minutes % 60.0);
    format!(
        "{:04}-{:02}-{:02}T{hours:02}:{minutes:02}:{seconds:02}.{ms:03}Z",
        at.year,
        at.month + 1.0,
        at.day
    )
}
