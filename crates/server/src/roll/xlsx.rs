//! XLSX workbooks: the first visible sheet, row by row.
//!
//! `calamine` reads cell by cell, so that a cell far away costs nothing. It trusts
//! counts that a file names, and may panic on a damaged one: `guard` looks first, and a
//! panic is told as damage. At most [`guard::UNPACKED_BYTES_MAX`] are unpacked.

use super::guard;
use super::table::{Cell, Origin, Sink};
use calamine::{DataRef, Dimensions, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use linli_model::desk::roll::{COLUMNS_MAX, FileFault, RowFault};
use std::collections::HashMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reads every row of the first visible sheet into `sink`.
pub(super) fn read(bytes: &[u8], sink: &mut Sink<'_>) -> Result<Origin, FileFault> {
    let hidden_rows = guard::check(bytes)?;
    let read = catch_unwind(AssertUnwindSafe(|| sheet(bytes, sink)));
    let sheet = read
        .unwrap_or(Err(Stop::Damaged))
        .map_err(|stop| match stop {
            Stop::Damaged => FileFault::Damaged,
            Stop::Fault(fault) => fault,
        })?;
    Ok(Origin {
        encoding: "xlsx",
        sheet,
        hidden_rows,
    })
}

enum Stop {
    Damaged,
    Fault(FileFault),
}

impl From<XlsxError> for Stop {
    fn from(_: XlsxError) -> Self {
        Self::Damaged
    }
}

fn sheet(bytes: &[u8], sink: &mut Sink<'_>) -> Result<String, Stop> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes))?;
    let visible = workbook
        .sheets_metadata()
        .iter()
        .find(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    let name = visible.map(|sheet| sheet.name.clone());
    let name = name.ok_or(Stop::Fault(FileFault::Empty))?;
    let mut merged = Merged::new(workbook.merge_cells_by_sheet_name(&name)?);
    let mut cells = workbook.worksheet_cells_reader(&name)?;
    let mut row = Row::default();
    while let Some(found) = cells.next_cell_with_formula_metadata()? {
        let (number, column) = found.pos;
        if number != row.number {
            row.hand_over(&mut merged, sink)?;
            row.number = number;
        }
        let value = match value(found.value) {
            Cell::Empty if found.formula.is_some() => Cell::Bad(RowFault::FormulaWithoutValue),
            value => value,
        };
        row.put(column as usize, value)?;
    }
    row.hand_over(&mut merged, sink)?;
    Ok(name)
}

#[derive(Default)]
struct Row {
    number: u32,
    cells: Vec<Cell>,
}

impl Row {
    fn put(&mut self, column: usize, value: Cell) -> Result<(), Stop> {
        if value == Cell::Empty {
            return Ok(());
        }
        if column >= COLUMNS_MAX {
            let max = u32::try_from(COLUMNS_MAX).unwrap_or(u32::MAX);
            return Err(Stop::Fault(FileFault::TooManyColumns { max }));
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::Empty);
        }
        self.cells[column] = value;
        Ok(())
    }

    fn hand_over(&mut self, merged: &mut Merged, sink: &mut Sink<'_>) -> Result<(), Stop> {
        if !self.cells.is_empty() {
            merged.fill(self.number, &mut self.cells);
            // Spreadsheets count rows from 1.
            sink(self.number.saturating_add(1), &self.cells).map_err(Stop::Fault)?;
            self.cells.clear();
        }
        Ok(())
    }
}

/// Regions of merged cells. The value of the first cell holds for the rows below it, in
/// its own column; rows with nothing of their own stay empty.
struct Merged {
    /// By their first row, last to come first.
    coming: Vec<Dimensions>,
    /// By column: the last row, and the value.
    open: HashMap<usize, (u32, Cell)>,
}

impl Merged {
    fn new(mut regions: Vec<Dimensions>) -> Self {
        regions.retain(|region| region.end.0 > region.start.0);
        regions.sort_unstable_by_key(|region| std::cmp::Reverse(region.start));
        Self {
            coming: regions,
            open: HashMap::new(),
        }
    }

    fn fill(&mut self, row: u32, cells: &mut Vec<Cell>) {
        self.open.retain(|_, (last, _)| *last >= row);
        for (column, (_, value)) in &self.open {
            if cells.len() <= *column {
                cells.resize(column + 1, Cell::Empty);
            }
            if cells[*column] == Cell::Empty {
                cells[*column] = value.clone();
            }
        }
        while let Some(region) = self.coming.pop_if(|region| region.start.0 <= row) {
            let column = region.start.1 as usize;
            if let Some(value) = cells.get(column)
                && region.start.0 == row
                && *value != Cell::Empty
            {
                self.open.insert(column, (region.end.0, value.clone()));
            }
        }
    }
}

fn value(value: DataRef<'_>) -> Cell {
    let text = |text: &str| match text.trim() {
        "" => Cell::Empty,
        text => Cell::Text(text.to_owned()),
    };
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(string) => text(&string),
        DataRef::SharedString(string) => text(string),
        // Beyond 2^53 a spreadsheet no longer knows the digits.
        #[expect(clippy::cast_precision_loss, reason = "spreadsheets hold no others")]
        DataRef::Int(number) => Cell::Number(number as f64),
        DataRef::Float(number) => Cell::Number(number),
        DataRef::Bool(is_true) => Cell::Text(if is_true { "是" } else { "否" }.to_owned()),
        DataRef::DateTime(date) if date.is_datetime() => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            Cell::Date {
                year: i16::try_from(year).unwrap_or(0),
                month: i8::try_from(month).unwrap_or(0),
                day: i8::try_from(day).unwrap_or(0),
            }
        }
        DataRef::DateTime(duration) => Cell::Number(duration.as_f64()),
        DataRef::DateTimeIso(string) | DataRef::DurationIso(string) => text(&string),
        DataRef::Error(_) => Cell::Bad(RowFault::CellError),
    }
}
