//! A file as rows of cells, whatever it was saved as.

use super::cell::{Cell, Origin, Sink};
use super::{text, xlsx};
use linli_model::desk::roll::{COLUMNS_MAX, FILE_BYTES_MAX, FileFault, ROWS_MAX};

/// Rows above the header that are looked at, and blank ones.
const ROWS_ABOVE_MAX: u32 = 1_000;

/// Reads every row with content into `sink`.
pub(super) fn read(bytes: &[u8], sink: &mut Sink<'_>) -> Result<Origin, FileFault> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileFault::TooLarge {
            limit_bytes: FILE_BYTES_MAX as u64,
        });
    }
    // Stops at more rows or columns than a roll can have, before they are kept.
    let mut rows = 0;
    let mut counted = |row: u32, cells: &[Cell]| {
        if cells.iter().all(|cell| *cell == Cell::Empty) {
            return Ok(());
        }
        if cells.len() > COLUMNS_MAX {
            let max = u32::try_from(COLUMNS_MAX).unwrap_or(u32::MAX);
            return Err(FileFault::TooManyColumns { max });
        }
        rows += 1;
        if rows > ROWS_MAX + ROWS_ABOVE_MAX {
            return Err(FileFault::TooManyRows { max: ROWS_MAX });
        }
        sink(row, cells)
    };
    match format(bytes) {
        Format::Nothing => Err(FileFault::Empty),
        Format::Zip => xlsx::read(bytes, &mut counted),
        Format::Text => text::read(bytes, &mut counted),
        Format::Other => Err(FileFault::FormatUnknown),
    }
}

enum Format {
    Nothing,
    Zip,
    Text,
    Other,
}

/// By the first bytes: names lie.
fn format(bytes: &[u8]) -> Format {
    const OTHERS: [&[u8]; 6] = [
        b"\xD0\xCF\x11\xE0", // .xls, and XLSX with a password
        b"%PDF",
        b"\x89PNG",
        b"\xFF\xD8\xFF",
        b"Rar!",
        b"\x1F\x8B",
    ];
    if bytes.iter().all(u8::is_ascii_whitespace) {
        Format::Nothing
    } else if bytes.starts_with(b"PK\x03\x04") {
        Format::Zip
    } else if OTHERS.iter().any(|magic| bytes.starts_with(magic)) {
        Format::Other
    } else {
        Format::Text
    }
}
