//! Instants, told in the community's time zone and the person's language.

use linli_model::UtcMs;

/// `10月31日 20:00`, `31 Oct, 20:00`. Where the platform does not know a time zone, all of
/// China's is used.
#[cfg(target_arch = "wasm32")]
pub fn format(at_ms: UtcMs, time_zone: &str, lang: &str) -> String {
    by_platform(at_ms, time_zone, lang)
        .or_else(|| by_platform(at_ms, "Asia/Shanghai", lang))
        .unwrap_or_default()
}

/// As browsers would say it in China's time zone: for tests outside browsers.
#[cfg(not(target_arch = "wasm32"))]
pub fn format(at_ms: UtcMs, _time_zone: &str, lang: &str) -> String {
    plainly(at_ms, lang)
}

#[cfg(target_arch = "wasm32")]
fn by_platform(at_ms: UtcMs, time_zone: &str, lang: &str) -> Option<String> {
    use js_sys::{Array, Date, Intl, Object, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    let options = Object::new();
    let set = |key: &str, value: JsValue| Reflect::set(&options, &key.into(), &value).ok();
    set("timeZone", time_zone.into())?;
    set(
        "month",
        if lang.starts_with("zh") {
            "long"
        } else {
            "short"
        }
        .into(),
    )?;
    set("day", "numeric".into())?;
    set("hour", "2-digit".into())?;
    set("minute", "2-digit".into())?;
    set("hourCycle", "h23".into())?;
    let constructor = Reflect::get(
        &Intl::DateTimeFormat::new(&Array::new(), &Object::new()),
        &"constructor".into(),
    )
    .ok()?;
    // An unknown time zone makes the constructor throw: catch it here.
    let format = Reflect::construct(
        constructor.dyn_ref::<js_sys::Function>()?,
        &Array::of2(&lang.into(), &options),
    )
    .ok()?;
    let format: Intl::DateTimeFormat = format.unchecked_into();
    let date = Date::new(&JsValue::from_f64(at_ms as f64));
    format
        .format()
        .call1(&JsValue::UNDEFINED, &date)
        .ok()?
        .as_string()
}

#[cfg(not(target_arch = "wasm32"))]
fn plainly(at_ms: UtcMs, lang: &str) -> String {
    const EAST_MS: i64 = 8 * 3_600_000;
    let local = at_ms + EAST_MS;
    let (days, rest) = (local.div_euclid(86_400_000), local.rem_euclid(86_400_000));
    let (month, day) = month_and_day(days);
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    if lang.starts_with("zh") {
        format!("{month}月{day}日 {hour:02}:{minute:02}")
    } else {
        const NAMES: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let name = NAMES[usize::try_from(month - 1).unwrap_or(0) % 12];
        format!("{day} {name}, {hour:02}:{minute:02}")
    }
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
        assert_eq!(format(at, "Asia/Shanghai", "en"), "31 Oct, 20:00");
        assert_eq!(
            format(1_709_164_800_000, "Asia/Shanghai", "en"),
            "29 Feb, 08:00"
        );
    }
}
