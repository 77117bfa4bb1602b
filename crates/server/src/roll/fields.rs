//! What a cell means: names, areas, dates, yes and no.

use super::cell::Cell;
use crate::identity::contact::{Contact, ContactKind};
use linli_model::desk::roll::{EXCERPT_CHARS_MAX, RollKind, RowFault};
use linli_model::limits::UNIT_AREA_CSQM_MAX;

/// Characters of a cell with contacts.
const CONTACTS_CHARS_MAX: usize = 300;

/// Days of a year and month are checked by `jiff`.
pub(super) type Date = jiff::civil::Date;

/// A cell as text: spaces joined, full-width letters and digits as people type them.
/// Numbers are written without a fraction where they have none: a room is `301`.
pub(super) fn text(cell: &Cell) -> Result<String, RowFault> {
    match cell {
        Cell::Empty => Ok(String::new()),
        Cell::Text(text) => plain(text),
        Cell::Number(number) => Ok(written(*number)),
        Cell::Date { year, month, day } => Ok(format!("{year:04}-{month:02}-{day:02}")),
        Cell::Bad(fault) => Err(fault.clone()),
    }
}

fn plain(text: &str) -> Result<String, RowFault> {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        match c {
            // Marks that show nothing: copied along from other programs.
            '\u{FEFF}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'
            | '\u{2066}'..='\u{2069}' => {}
            c if c.is_whitespace() => gap = !out.is_empty(),
            c if c.is_control() || c == '\u{FFFD}' => return Err(RowFault::NotText),
            c => {
                if gap {
                    out.push(' ');
                    gap = false;
                }
                out.push(narrow(c));
            }
        }
    }
    Ok(out)
}

/// Full-width letters and digits; punctuation stays.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
        }
        c => c,
    }
}

fn written(number: f64) -> String {
    // Shortest form that reads back as the same number.
    format!("{number}")
}

/// At most `max` characters.
pub(super) fn no_longer(text: &str, max: usize) -> Result<(), RowFault> {
    if text.chars().count() > max {
        let max = u32::try_from(max).unwrap_or(u32::MAX);
        return Err(RowFault::TooLong { max });
    }
    Ok(())
}

/// An area in 0.01 m²; `None` where the cell is empty.
pub(super) fn area(cell: &Cell) -> Result<Option<u64>, RowFault> {
    let csqm = match cell {
        Cell::Number(number) => from_number(*number),
        Cell::Date { .. } => None,
        cell => {
            let text = text(cell)?;
            let bare = ["平方米", "㎡", "m²", "m2", "平米", "平"]
                .iter()
                .find_map(|unit| text.strip_suffix(unit))
                .unwrap_or(&text)
                .trim();
            if bare.is_empty() {
                return Ok(None);
            }
            from_digits(bare)
        }
    };
    match csqm {
        Some(csqm) if (1..=UNIT_AREA_CSQM_MAX).contains(&csqm) => Ok(Some(csqm)),
        _ => Err(RowFault::AreaInvalid),
    }
}

/// A spreadsheet computes in binary: 89.1 may be stored a hair beside itself. Anything
/// further off has more than two decimals.
fn from_number(number: f64) -> Option<u64> {
    const HAIR: f64 = 1e-6;
    let (csqm, max) = (number * 100.0, 1e12);
    if !csqm.is_finite() || csqm < 0.0 || csqm > max || (csqm - csqm.round()).abs() > HAIR {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 10^12 and whole"
    )]
    Some(csqm.round() as u64)
}

fn from_digits(text: &str) -> Option<u64> {
    let text = text.replace(',', "");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let part = part.trim_end_matches('0');
    if whole.is_empty() || whole.len() > 9 || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let part: u64 = format!("{part:0<2}").parse().ok()?;
    Some(whole * 100 + part)
}

/// A day: `1990-05-01`, `1990/5/1`, `1990.5.1`, `1990年5月1日`, `19900501`.
pub(super) fn date(cell: &Cell) -> Result<Option<Date>, RowFault> {
    let invalid = RowFault::DateInvalid;
    let (year, month, day) = match cell {
        Cell::Date { year, month, day } => (*year, *month, *day),
        cell => {
            let text = text(cell)?;
            if text.is_empty() {
                return Ok(None);
            }
            let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
                vec![&text[..4], &text[4..6], &text[6..]]
            } else {
                text.trim_end_matches('日')
                    .split(['-', '/', '.', '年', '月'])
                    .collect()
            };
            let [year, month, day] = parts[..] else {
                return Err(invalid);
            };
            let number = |text: &str| {
                text.trim()
                    .parse::<i16>()
                    .map_err(|_| RowFault::DateInvalid)
            };
            let small = |text| number(text).map(|n| i8::try_from(n).unwrap_or(0));
            (number(year)?, small(month)?, small(day)?)
        }
    };
    match Date::new(year, month, day) {
        Ok(date) if year >= 1880 => Ok(Some(date)),
        _ => Err(invalid),
    }
}

/// Whether somebody born on `born` is 18 or older on `today`. Born on 29 February, the
/// 18th birthday of a common year is 1 March.
pub(super) fn is_adult(born: Date, today: Date) -> bool {
    const YEARS: i16 = 18;
    let age = |date: Date| (date.year(), date.month(), date.day());
    let (year, month, day) = age(born);
    (year.saturating_add(YEARS), month, day) <= age(today)
}

/// Yes, no, or nothing said.
pub(super) fn flag(cell: &Cell) -> Result<Option<bool>, RowFault> {
    if let Cell::Number(number) = cell {
        return match *number {
            0.0 => Ok(Some(false)),
            1.0 => Ok(Some(true)),
            _ => Err(RowFault::FlagInvalid),
        };
    }
    match text(cell)?.to_lowercase().as_str() {
        "" => Ok(None),
        "是" | "有" | "√" | "✓" | "yes" | "y" | "true" | "1" => Ok(Some(true)),
        "否" | "不是" | "无" | "×" | "no" | "n" | "false" | "0" => Ok(Some(false)),
        _ => Err(RowFault::FlagInvalid),
    }
}

/// Contacts of one kind: `13800000000；139 0000 0000`. What is neither is not told apart:
/// the text is somebody's.
pub(super) fn contacts(cell: &Cell, kind: ContactKind) -> Result<Vec<Contact>, RowFault> {
    let text = text(cell)?;
    no_longer(&text, CONTACTS_CHARS_MAX)?;
    let read = |text: &str| Contact::read(text).filter(|contact| contact.kind == kind);
    let mut found = Vec::new();
    let parts = text
        .split([';', '；', '、', '/', '／', ',', '，'])
        .map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        // Spaces stand inside of a number as well as between two.
        match read(part) {
            Some(contact) => found.push(contact),
            None => {
                for word in part.split_whitespace() {
                    found.push(read(word).ok_or(RowFault::ContactInvalid)?);
                }
            }
        }
    }
    Ok(found)
}

/// The roll that a word in the column 身份 means.
pub(super) fn group(text: &str) -> Option<RollKind> {
    Some(match text.to_lowercase().as_str() {
        "户" | "住户" | "household" | "households" => RollKind::Households,
        "居民" | "村民" | "成年居民" | "选民" | "person" | "persons" | "resident" => {
            RollKind::Persons
        }
        "业主" | "产权人" | "开发商" | "owner" | "owners" => RollKind::Owners,
        "租户" | "租客" | "承租人" | "tenant" | "tenants" => RollKind::Tenants,
        "成员" | "集体成员" | "股民" | "member" | "members" => RollKind::Members,
        _ => return None,
    })
}

/// One word for the same people, in whichever order a file names them.
pub(super) fn same_people(name: &str) -> String {
    let mut people: Vec<&str> = name
        .split(['、', '，', ',', '/', ';', '；'])
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    people.sort_unstable();
    people.dedup();
    people.join("、")
}

/// What an error shows of a cell.
pub(super) fn excerpt(cell: &Cell) -> String {
    let whole = match cell {
        Cell::Text(text) => text.clone(),
        cell => text(cell).unwrap_or_default(),
    };
    let shown = whole.chars().filter(|c| !c.is_control());
    let mut short: String = shown.clone().take(EXCERPT_CHARS_MAX).collect();
    if shown.count() > EXCERPT_CHARS_MAX {
        short.pop();
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn areas_are_read_to_the_hundredth() {
        let cases = [
            (said("89.5"), Ok(Some(8_950)), "one decimal"),
            (said("89.50㎡"), Ok(Some(8_950)), "with its unit"),
            (said("1,089.05 平方米"), Ok(Some(108_905)), "thousands"),
            (
                said("８９．５"),
                Err(RowFault::AreaInvalid),
                "a full-width point",
            ),
            (said("８９"), Ok(Some(8_900)), "full-width digits"),
            (said("89.500"), Ok(Some(8_950)), "zeros at the end"),
            (said("89.555"), Err(RowFault::AreaInvalid), "three decimals"),
            (said("-1"), Err(RowFault::AreaInvalid), "negative"),
            (said("0"), Err(RowFault::AreaInvalid), "0 is no figure"),
            (said("1e3"), Err(RowFault::AreaInvalid), "an exponent"),
            (
                said("1000001"),
                Err(RowFault::AreaInvalid),
                "more than 1 km²",
            ),
            (said("  "), Ok(None), "blank"),
            (
                Cell::Number(89.100_000_000_000_01),
                Ok(Some(8_910)),
                "a hair off",
            ),
            (
                Cell::Number(89.555),
                Err(RowFault::AreaInvalid),
                "three decimals",
            ),
            (
                Cell::Number(f64::NAN),
                Err(RowFault::AreaInvalid),
                "not a number",
            ),
            (Cell::Number(1e300), Err(RowFault::AreaInvalid), "enormous"),
        ];
        for (cell, expected, reason) in cases {
            assert_eq!(area(&cell), expected, "{reason}: {cell:?}");
        }
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in [
            "1990-05-01",
            "1990/5/1",
            "1990.5.1",
            "1990年5月1日",
            "19900501",
        ] {
            let read = date(&said(text)).unwrap().unwrap();
            assert_eq!(
                (read.year(), read.month(), read.day()),
                (1990, 5, 1),
                "{text}"
            );
        }
        for text in [
            "1990-13-01",
            "1990-02-30",
            "五月",
            "1990",
            "01/05/1990",
            "9999999999",
        ] {
            assert_eq!(date(&said(text)), Err(RowFault::DateInvalid), "{text}");
        }
    }

    #[test]
    fn eighteen_is_reached_on_the_birthday() {
        let day = |year, month, day| Date::new(year, month, day).unwrap();
        let today = day(2026, 3, 1);
        let cases = [
            (day(2008, 3, 1), true, "today"),
            (day(2008, 3, 2), false, "tomorrow"),
            (day(2008, 2, 29), true, "29 February counts from 1 March"),
            (day(1940, 1, 1), true, "long ago"),
        ];
        for (born, expected, reason) in cases {
            assert_eq!(is_adult(born, today), expected, "{reason}");
        }
        assert!(!is_adult(day(2008, 2, 29), day(2026, 2, 28)));
    }

    #[test]
    fn co_owners_are_the_same_people_in_any_order() {
        assert_eq!(same_people("李四、 张三"), same_people("张三,李四"));
        assert_ne!(same_people("张三"), same_people("张三、李四"));
    }

    #[test]
    fn contacts_are_read_one_by_one() {
        let phones = |text: &str| {
            let read = contacts(&said(text), ContactKind::Phone)?;
            Ok(read.into_iter().map(|one| one.value).collect::<Vec<_>>())
        };
        let two = Ok(vec![
            "+8613800000001".to_owned(),
            "+8613900000002".to_owned(),
        ]);
        for text in [
            "13800000001；13900000002",
            "13800000001、139 0000 0002",
            "138-0000-0001 / 139-0000-0002",
            "13800000001 13900000002",
            "138 0000 0001,+86 139 0000 0002;",
        ] {
            assert_eq!(phones(text), two, "{text}");
        }
        assert_eq!(phones(" "), Ok(Vec::new()));
        for bad in ["没有", "13800000001 无", "li@example.cn", "0571-88880000"] {
            assert_eq!(phones(bad), Err(RowFault::ContactInvalid), "{bad}");
        }
        let number = contacts(&Cell::Number(13_800_000_001.0), ContactKind::Phone).unwrap();
        assert_eq!(number[0].value, "+8613800000001");
        let mail = contacts(&said("Li@Example.cn"), ContactKind::Mail).unwrap();
        assert_eq!(mail[0].value, "li@example.cn");
    }

    #[test]
    fn text_keeps_no_marks_that_show_nothing() {
        assert_eq!(
            text(&said("\u{FEFF} 8\u{3000}栋　３０１ ")),
            Ok("8 栋 301".to_owned())
        );
        assert_eq!(text(&said("8\u{0007}")), Err(RowFault::NotText));
        assert_eq!(text(&Cell::Number(301.0)), Ok("301".to_owned()));
    }
}
