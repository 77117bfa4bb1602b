//! A file as rows of cells, whatever it was saved as.

use super::{text, xlsx};
use linli_model::desk::roll::{COLUMNS_MAX, FILE_BYTES_MAX, FileFault, ROWS_MAX, RowFault};

/// Rows above the header that are looked at, and blank ones.
const ROWS_ABOVE_MAX: u32 = 1_000;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Empty,
    Text(String),
    Number(f64),
    /// A date that the spreadsheet marks as one.
    Date {
        year: i16,
        month: i8,
        day: i8,
    },
    /// A cell that holds no value that could be used.
    Bad(RowFault),
}

/// What is told of a file besides its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) encoding: &'static str,
    pub(super) sheet: String,
    pub(super) hidden_rows: u32,
}

/// Takes rows as they come: its number and its cells, never only empty ones.
pub(super) type Sink<'a> = dyn FnMut(u32, &[Cell]) -> Result<(), FileFault> + 'a;

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
