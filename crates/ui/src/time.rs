//! Instants, told in the community's time zone and the person's language.

use linli_model::UtcMs;

/// Its offset has not changed since 1991.
const CHINA: &str = "Asia/Shanghai";
const EAST_MS: i64 = 8 * 3_600_000;

/// `10月31日 20:00`, `Oct 31, 20:00`. Where the platform does not know a time zone, all of
/// China's is used.
pub fn format(at_ms: UtcMs, time_zone: &str, lang: &str) -> String {
    let in_china = || by_hand(at_ms, lang).or_else(|| by_platform(at_ms, CHINA, lang));
    if time_zone == CHINA {
        in_china()
    } else {
        by_platform(at_ms, time_zone, lang).or_else(in_china)
    }
    .unwrap_or_default()
}

#[cfg(target_arch = "wasm32")]
fn by_platform(at_ms: UtcMs, time_zone: &str, lang: &str) -> Option<String> {
    use js_sys::{Array, Date, Function, Intl, Object, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    let options = Object::new();
    let set = |key: &str, value: &str| Reflect::set(&options, &key.into(), &value.into()).ok();
    let month = if lang.starts_with("zh") {
        "long"
    } else {
        "short"
    };
    set("timeZone", time_zone)?;
    set("month", month)?;
    set("day", "numeric")?;
    set("hour", "2-digit")?;
    set("minute", "2-digit")?;
    set("hourCycle", "h23")?;
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: Function = Reflect::get(&intl, &"DateTimeFormat".into())
        .ok()?
        .dyn_into()
        .ok()?;
    // An unknown time zone makes the constructor throw: catch it here.
    let format = Reflect::construct(&constructor, &Array::of2(&lang.into(), &options)).ok()?;
    let format: Intl::DateTimeFormat = format.unchecked_into();
    let date = Date::new(&JsValue::from_f64(at_ms as f64));
    format
        .format()
        .call1(&JsValue::UNDEFINED, &date)
        .ok()?
        .as_string()
}

#[cfg(not(target_arch = "wasm32"))]
fn by_platform(at_ms: UtcMs, _time_zone: &str, lang: &str) -> Option<String> {
    // For tests outside browsers: every time zone is China's.
    by_hand(at_ms, lang)
}

/// In China's time zone, as browsers say it. Their own way takes 30 ms on a slow phone;
/// `Date` takes the instant apart, since our own code for it would be downloaded.
#[cfg(target_arch = "wasm32")]
fn by_hand(at_ms: UtcMs, lang: &str) -> Option<String> {
    let date = js_sys::Date::new(&((at_ms + EAST_MS) as f64).into());
    // `2026-10-31T20:00:00.000Z`, `Sat, 31 Oct 2026 20:00:00 GMT`
    let (iso, utc) = (
        String::from(date.to_iso_string()),
        String::from(date.to_utc_string()),
    );
    let number = |digits: &str| digits.trim_start_matches('0').to_owned();
    let (month, day) = (number(iso.get(5..7)?), number(iso.get(8..10)?));
    told(&month, utc.get(8..11)?, &day, iso.get(11..16)?, lang)
}

/// The same for tests outside browsers.
#[cfg(not(target_arch = "wasm32"))]
fn by_hand(at_ms: UtcMs, lang: &str) -> Option<String> {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let local = at_ms + EAST_MS;
    let (days, rest) = (local.div_euclid(86_400_000), local.rem_euclid(86_400_000));
    let (month, day) = month_and_day(days);
    let clock = format!("{:02}:{:02}", rest / 3_600_000, rest / 60_000 % 60);
    let name = NAMES[usize::try_from(month - 1).unwrap_or(0) % 12];
    told(&month.to_string(), name, &day.to_string(), &clock, lang)
}

fn told(month: &str, name: &str, day: &str, clock: &str, lang: &str) -> Option<String> {
    if lang.starts_with("zh") {
        return Some([month, "月", day, "日 ", clock].concat());
    }
    (lang == "en").then(|| [name, " ", day, ", ", clock].concat())
}

/// Month (1–12) and day (1–31) of a day counted from 1970-01-01, proleptic Gregorian.
/// After Howard Hinnant, *chrono-compatible low-level date algorithms*, `civil_from_days`.
#[cfg(not(target_arch = "wasm32"))]
fn month_and_day(days: i64) -> (i64, i64) {
    let shifted = days + 719_468;
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    (
        if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        },
        day,
    )
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn tells_the_time_without_a_platform() {
        // 2026-10-31T12:00:00Z is 20:00 in UTC+8.
        let at = 1_793_448_000_000;
        assert_eq!(format(at, "Asia/Shanghai", "zh-Hans"), "10月31日 20:00");
        assert_eq!(format(at, "Asia/Shanghai", "en"), "Oct 31, 20:00");
        assert_eq!(
            format(1_709_164_800_000, "Asia/Shanghai", "en"),
            "Feb 29, 08:00"
        );
    }
}
