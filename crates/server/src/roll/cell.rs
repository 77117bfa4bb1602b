//! Cells and rows, as every kind of file gives them.

use linli_model::desk::roll::{FileFault, RowFault};

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
