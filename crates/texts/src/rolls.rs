//! What staff are told about rolls and places.

use crate::{Catalog, Key, grouped, roll as k};
use linli_model::desk::roll::{
    FileFault, RollKind, RollPreview, RollRefusal, RollVersion, RowError, RowFault,
};

/// What a kind of roll is called.
pub fn roll_kind(catalog: &Catalog, kind: RollKind) -> &str {
    catalog.text(match kind {
        RollKind::Households => k::HOUSEHOLDS,
        RollKind::Persons => k::PERSONS,
        RollKind::Owners => k::OWNERS,
        RollKind::Tenants => k::TENANTS,
        RollKind::Members => k::MEMBERS,
    })
}

/// A wrong row, in one line.
pub fn row_error(catalog: &Catalog, error: &RowError) -> String {
    let (row, fault) = (error.row.to_string(), row_fault(catalog, &error.kind));
    let values = [
        ("row", row.as_str()),
        ("column", &error.column),
        ("fault", &fault),
        ("value", &error.value_excerpt),
    ];
    match error.value_excerpt.is_empty() {
        true => catalog.fill(k::ROW_ERROR, &values[..3]),
        false => catalog.fill(k::ROW_ERROR_VALUE, &values),
    }
}

fn row_fault(catalog: &Catalog, fault: &RowFault) -> String {
    let plain = |key: Key| catalog.text(key).to_owned();
    match fault {
        RowFault::Missing => plain(k::MISSING),
        RowFault::TooLong { max } => catalog.fill(k::TOO_LONG, &[("max", &max.to_string())]),
        RowFault::NotText => plain(k::NOT_TEXT),
        RowFault::PlaceUnknown => plain(k::PLACE_UNKNOWN),
        RowFault::PlaceAmbiguous => plain(k::PLACE_AMBIGUOUS),
        RowFault::AreaInvalid => plain(k::AREA_INVALID),
        RowFault::DateInvalid => plain(k::DATE_INVALID),
        RowFault::FlagInvalid => plain(k::FLAG_INVALID),
        RowFault::UnderAge => plain(k::UNDER_AGE),
        RowFault::ContactInvalid => plain(k::CONTACT_INVALID),
        RowFault::ContactShared { of_row } => {
            catalog.fill(k::CONTACT_SHARED, &[("row", &of_row.to_string())])
        }
        RowFault::GroupUnknown => plain(k::GROUP_UNKNOWN),
        RowFault::GroupOther { group } => {
            catalog.fill(k::GROUP_OTHER, &[("group", roll_kind(catalog, *group))])
        }
        RowFault::Duplicate { of_row } => {
            catalog.fill(k::DUPLICATE, &[("row", &of_row.to_string())])
        }
        RowFault::FormulaWithoutValue => plain(k::FORMULA_WITHOUT_VALUE),
        RowFault::CellError => plain(k::CELL_ERROR),
    }
}

/// Why the desk did not do something with a roll.
pub fn roll_refusal(catalog: &Catalog, refusal: &RollRefusal) -> String {
    let plain = |key: Key| catalog.text(key).to_owned();
    let about =
        |key: Key, place: &linli_model::PlaceId| catalog.fill(key, &[("place", place.as_str())]);
    match refusal {
        RollRefusal::CommunityUnknown => plain(k::COMMUNITY_UNKNOWN),
        RollRefusal::File { fault } => file_fault(catalog, fault),
        RollRefusal::DraftUnknown => plain(k::DRAFT_UNKNOWN),
        RollRefusal::VersionMoved { seen, current } => {
            let (seen, current) = (seen.to_string(), current.to_string());
            catalog.fill(k::VERSION_MOVED, &[("seen", &seen), ("current", &current)])
        }
        RollRefusal::DraftHasErrors { errors } => {
            catalog.count(k::DRAFT_HAS_ERRORS, u64::from(*errors), &[])
        }
        RollRefusal::RollEmpty => plain(k::ROLL_EMPTY),
        RollRefusal::PlaceGone { place } => about(k::PLACE_GONE, place),
        RollRefusal::VersionUnknown => plain(k::VERSION_UNKNOWN),
        RollRefusal::PlaceMisplaced { place } => about(k::PLACE_MISPLACED, place),
        RollRefusal::PlaceRepeated { place } => about(k::PLACE_REPEATED, place),
        RollRefusal::PlaceTooDeep { place, max } => catalog.fill(
            k::PLACE_TOO_DEEP,
            &[("place", place.as_str()), ("max", &max.to_string())],
        ),
        RollRefusal::PlaceNameInvalid { place } => about(k::PLACE_NAME_INVALID, place),
        RollRefusal::PlaceCountInvalid { max } => {
            catalog.fill(k::PLACE_COUNT_INVALID, &[("max", &max.to_string())])
        }
        RollRefusal::PlaceInUse { place } => about(k::PLACE_IN_USE, place),
    }
}

fn file_fault(catalog: &Catalog, fault: &FileFault) -> String {
    let plain = |key: Key| catalog.text(key).to_owned();
    match fault {
        FileFault::Empty => plain(k::FILE_EMPTY),
        FileFault::FormatUnknown => plain(k::FORMAT_UNKNOWN),
        FileFault::EncodingUnknown => plain(k::ENCODING_UNKNOWN),
        FileFault::Damaged => plain(k::DAMAGED),
        FileFault::UnpacksTooLarge => plain(k::UNPACKS_TOO_LARGE),
        FileFault::TooLarge { limit_bytes } => {
            let mb = (limit_bytes / (1024 * 1024)).to_string();
            catalog.fill(k::FILE_TOO_LARGE, &[("mb", &mb)])
        }
        FileFault::TooManyRows { max } => {
            catalog.fill(k::TOO_MANY_ROWS, &[("max", &grouped(u64::from(*max)))])
        }
        FileFault::TooManyColumns { max } => {
            catalog.fill(k::TOO_MANY_COLUMNS, &[("max", &max.to_string())])
        }
        FileFault::HeaderMissing { columns } => {
            catalog.fill(k::HEADER_MISSING, &[("columns", &columns.join(", "))])
        }
        FileFault::HeaderRepeated { column } => {
            catalog.fill(k::HEADER_REPEATED, &[("column", column)])
        }
    }
}

/// A preview in lines: what was read, what is wrong, what adopting changes.
pub fn preview_lines(catalog: &Catalog, preview: &RollPreview) -> Vec<String> {
    let number = |number: u32| grouped(u64::from(number));
    let (rows, entries) = (number(preview.rows), number(preview.entries));
    let mut lines = vec![
        catalog.fill(
            k::READ_AS,
            &[
                ("kind", roll_kind(catalog, preview.kind)),
                ("encoding", &preview.encoding),
            ],
        ),
        catalog.fill(
            k::ROWS_READ,
            &[
                ("rows", &rows),
                ("entries", &entries),
                ("voters", &number(preview.voters)),
            ],
        ),
    ];
    if !preview.columns_ignored.is_empty() {
        let columns = preview.columns_ignored.join(", ");
        lines.push(catalog.fill(k::COLUMNS_IGNORED, &[("columns", &columns)]));
    }
    let notes = [
        (k::HIDDEN_ROWS, preview.hidden_rows),
        (k::OWNERS_OF_SEVERAL, preview.owners_of_several),
        (k::WITHOUT_AREA, preview.without_area),
        (k::ERRORS, preview.errors_total),
    ];
    for (key, count) in notes.into_iter().filter(|(_, count)| *count > 0) {
        lines.push(catalog.count(key, u64::from(count), &[]));
    }
    lines.extend(contact_lines(catalog, preview));
    let errors = preview.errors.iter();
    lines.extend(errors.map(|error| row_error(catalog, error)));
    let told = u32::try_from(preview.errors.len()).unwrap_or(u32::MAX);
    let more = preview.errors_total.saturating_sub(told);
    if more > 0 {
        lines.push(catalog.count(k::ERRORS_MORE, u64::from(more), &[]));
    }
    let diff = preview.diff;
    lines.push(catalog.fill(
        k::DIFF,
        &[
            ("version", &preview.base_version.to_string()),
            ("added", &number(diff.added)),
            ("changed", &number(diff.changed)),
            ("removed", &number(diff.removed)),
            ("unchanged", &number(diff.unchanged)),
        ],
    ));
    lines
}

fn contact_lines(catalog: &Catalog, preview: &RollPreview) -> Vec<String> {
    let Some(contacts) = &preview.contacts else {
        return Vec::new();
    };
    let entries = grouped(u64::from(preview.entries));
    let counts = [
        (k::WITH_PHONE, contacts.with_phone),
        (k::WITH_MAIL, contacts.with_mail),
    ];
    let told = counts.into_iter().filter_map(|(key, with)| {
        let with = grouped(u64::from(with?));
        Some(catalog.fill(key, &[("with", &with), ("entries", &entries)]))
    });
    let mut lines: Vec<String> = told.collect();
    if contacts.shared > 0 {
        lines.push(catalog.count(k::CONTACTS_SHARED, u64::from(contacts.shared), &[]));
    }
    let warnings = contacts.warnings.iter();
    lines.extend(warnings.map(|warning| row_error(catalog, warning)));
    lines
}

/// An adopted version in lines.
pub fn version_lines(catalog: &Catalog, version: &RollVersion) -> Vec<String> {
    let number = |number: u32| grouped(u64::from(number));
    vec![
        catalog.fill(
            k::ADOPTED,
            &[
                ("version", &version.version.to_string()),
                ("entries", &number(version.entries)),
                ("voters", &number(version.voters)),
            ],
        ),
        catalog.fill(k::COMMITMENT, &[("hash", &version.commitment)]),
    ]
}

#[cfg(all(test, feature = "embed"))]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_row_is_told_in_every_language() {
        let error = RowError {
            row: 7,
            column: "房号".to_owned(),
            kind: RowFault::Duplicate { of_row: 3 },
            value_excerpt: "301".to_owned(),
        };
        let told = |tag: &str| row_error(&Catalog::embedded(tag).unwrap(), &error);
        assert_eq!(told("zh-Hans"), "第 7 行，房号“301”：与第 3 行重复");
        assert_eq!(told("en"), "row 7, 房号 “301”: the same as row 3");
    }
}
