//! Instants as a `datetime-local` field holds them, in the community's time zone.

use linli_model::UtcMs;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Its offset has not changed since 1991.
const CHINA: &str = "Asia/Shanghai";

/// `2026-10-31T20:00`.
pub fn to_field(at_ms: UtcMs, zone: &str) -> String {
    let local = at_ms + offset_ms(at_ms, zone);
    let (days, rest) = (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS));
    let (year, month, day) = civil(days);
    let (hour, minute) = (rest / HOUR_MS, rest / MINUTE_MS % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")
}

/// The instant that a field names; `None` where it names none. Of an hour that the clock
/// shows twice, one of both; of one that it skips, the next.
pub fn from_field(text: &str, zone: &str) -> Option<UtcMs> {
    let (date, time) = text.split_once('T')?;
    let mut date = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let mut time = time.splitn(3, ':').map(str::parse::<i64>);
    let (hour, minute) = (time.next()?.ok()?, time.next()?.ok()?);
    let is_date = (1970..=9999).contains(&year) && (1..=12).contains(&month);
    if !is_date
        || !(1..=31).contains(&day)
        || !(0..24).contains(&hour)
        || !(0..60).contains(&minute)
    {
        return None;
    }
    let local = days(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS;
    // The offset belongs to the instant, which is not yet known: twice is close enough.
    let guess = local - offset_ms(local, zone);
    Some(local - offset_ms(guess, zone))
}

/// Whether both are on one day there.
pub fn same_day(one: UtcMs, other: UtcMs, zone: &str) -> bool {
    let day = |at_ms| (at_ms + offset_ms(at_ms, zone)).div_euclid(DAY_MS);
    day(one) == day(other)
}

/// Days since 1970-01-01, proleptic Gregorian. After Howard Hinnant, *chrono-compatible
/// low-level date algorithms*, `days_from_civil`. A date library would bring its own
/// table of time zones to download; the browser has one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month, day; the way back, `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

fn offset_ms(at_ms: UtcMs, zone: &str) -> i64 {
    if zone == CHINA {
        return 8 * HOUR_MS;
    }
    by_platform(at_ms, zone).unwrap_or(8 * HOUR_MS)
}

/// The difference between what the clock shows there and UTC.
#[cfg(target_arch = "wasm32")]
fn by_platform(at_ms: UtcMs, zone: &str) -> Option<i64> {
    use js_sys::{Array, Date, Function, Intl, Object, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    let options = Object::new();
    let set = |key: &str, value: &str| Reflect::set(&options, &key.into(), &value.into()).ok();
    set("timeZone", zone)?;
    set("hourCycle", "h23")?;
    for key in ["month", "day", "hour", "minute", "second"] {
        set(key, "2-digit")?;
    }
    set("year", "numeric")?;
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: Function = Reflect::get(&intl, &"DateTimeFormat".into())
        .ok()?
        .dyn_into()
        .ok()?;
    // An unknown time zone makes the constructor throw: catch it here. Swedish writes
    // `2026-10-31 20:00:00`.
    let format = Reflect::construct(&constructor, &Array::of2(&"sv-SE".into(), &options)).ok()?;
    let format: Intl::DateTimeFormat = format.unchecked_into();
    let date = Date::new(&JsValue::from_f64(at_ms as f64));
    let shown = format.format().call1(&JsValue::UNDEFINED, &date).ok()?;
    let shown = shown.as_string()?.replace(' ', "T") + "Z";
    let local = Date::parse(&shown);
    local
        .is_finite()
        .then_some(local as i64 - at_ms.div_euclid(1_000) * 1_000)
}

#[cfg(not(target_arch = "wasm32"))]
fn by_platform(_: UtcMs, _: &str) -> Option<i64> {
    // For tests outside browsers: every time zone is China's.
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_instants_are_each_others_inverse() {
        // 2026-10-31T12:00:00Z is 20:00 in UTC+8.
        assert_eq!(to_field(1_793_448_000_000, CHINA), "2026-10-31T20:00");
        for field in [
            "1970-01-02T00:00",
            "2024-02-29T23:59",
            "2026-12-31T08:05",
            "2100-03-01T00:00",
        ] {
            let at_ms = from_field(field, CHINA).unwrap();
            assert_eq!(to_field(at_ms, CHINA), field);
        }
    }

    #[test]
    fn what_is_no_date_names_no_instant() {
        for text in [
            "",
            "2026-10-31",
            "2026-13-01T00:00",
            "2026-10-31T24:00",
            "aT1:2",
        ] {
            assert_eq!(from_field(text, CHINA), None, "{text}");
        }
    }

    #[test]
    fn days_begin_at_midnight_there() {
        let at = |text| from_field(text, CHINA).unwrap();
        let noon = at("2026-10-31T12:00");
        assert!(same_day(noon, at("2026-10-31T00:00"), CHINA));
        assert!(!same_day(noon, at("2026-11-01T00:00"), CHINA));
    }
}
