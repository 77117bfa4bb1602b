//! For sign-up, report and desk: days of the community's calendar (UTC+8 here).

const DAY_MS: i64 = 86_400_000;
const EAST_MS: i64 = 8 * 3_600_000;

/// The day's number since 1970-01-01.
pub(crate) fn day_of(at_ms: i64) -> i64 {
    (at_ms + EAST_MS).div_euclid(DAY_MS)
}

/// Year, month, day. After Howard Hinnant's `civil_from_days`.
pub(crate) fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// `11月3日 周二`, `Tue 3 Nov`.
pub(crate) fn label(day: i64, is_chinese: bool) -> String {
    const ZH: [&str; 7] = ["四", "五", "六", "日", "一", "二", "三"];
    const EN: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, month, of_month) = civil(day);
    let weekday = usize::try_from(day.rem_euclid(7)).unwrap_or(0);
    if is_chinese {
        format!("{month}月{of_month}日 周{}", ZH[weekday])
    } else {
        let name = MONTHS[usize::try_from(month - 1).unwrap_or(0) % 12];
        format!("{} {of_month} {name}", EN[weekday])
    }
}

/// `3 天前`, `3 d ago`; hours and minutes for what is newer.
pub(crate) fn age(at_ms: i64, now_ms: i64, is_chinese: bool) -> String {
    let minutes = (now_ms - at_ms).max(0) / 60_000;
    let (n, zh, en) = match minutes {
        0..60 => (minutes, "分钟前", "min ago"),
        60..1_440 => (minutes / 60, "小时前", "h ago"),
        _ => (minutes / 1_440, "天前", "d ago"),
    };
    if is_chinese {
        format!("{n} {zh}")
    } else {
        format!("{n} {en}")
    }
}
