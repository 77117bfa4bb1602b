//! Workbooks of one sheet. Rows go to a temporary file as they come.

use super::{Cell, Sheet, Table, told, zoned};
use jiff::tz::TimeZone;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::fs::File;
use std::io::{Seek, SeekFrom};

/// Most characters in a cell of a workbook; the rest is cut off.
const CELL_CHARS_MAX: usize = 32_767;
/// Most rows of a sheet, its titles included.
const ROWS_MAX: u32 = 1_048_576;
/// Above this a workbook, which counts in floating point, would round.
const NUMBER_MAX: u64 = 1 << 53;
const COLUMN_WIDTH: f64 = 18.0;

pub(super) struct Xlsx {
    book: Workbook,
    next_row: u32,
    zone: TimeZone,
    time: Format,
}

impl Xlsx {
    pub(super) fn begin(table: &Table, zone: TimeZone) -> Result<Self, String> {
        let mut book = Workbook::new();
        let head = Format::new().set_bold();
        let sheet = book.add_worksheet_with_constant_memory();
        let sheet = sheet.map_err(|error| told(&error))?;
        sheet.set_freeze_panes(1, 0).map_err(|error| told(&error))?;
        for (column, title) in (0_u16..).zip(table.columns) {
            sheet
                .set_column_width(column, COLUMN_WIDTH)
                .and_then(|sheet| sheet.write_string_with_format(0, column, *title, &head))
                .map_err(|error| told(&error))?;
        }
        Ok(Self {
            book,
            next_row: 1,
            zone,
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        })
    }
}

impl Sheet for Xlsx {
    fn row(&mut self, cells: &[Cell]) -> Result<(), String> {
        let row = self.next_row;
        if row >= ROWS_MAX {
            return Err(told(&"more rows than a workbook holds: take CSV"));
        }
        self.next_row += 1;
        let sheet = self.book.worksheet_from_index(0);
        let sheet = sheet.map_err(|error| told(&error))?;
        for (column, cell) in (0_u16..).zip(cells) {
            let written = match cell {
                Cell::Empty => continue,
                // A string stays one here, whatever it begins with.
                Cell::Text(text) => {
                    let text: String = text.chars().take(CELL_CHARS_MAX).collect();
                    sheet.write_string(row, column, text)
                }
                Cell::Number(number) if number.unsigned_abs() <= NUMBER_MAX => {
                    sheet.write_number(row, column, *number as f64)
                }
                Cell::Number(number) => sheet.write_string(row, column, number.to_string()),
                Cell::Time(at_ms) => match local(*at_ms, &self.zone) {
                    Some(at) => sheet.write_datetime_with_format(row, column, at, &self.time),
                    None => sheet.write_string(row, column, at_ms.to_string()),
                },
            };
            written.map_err(|error| told(&error))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<File, String> {
        let mut file = tempfile::tempfile().map_err(|error| told(&error))?;
        self.book
            .save_to_writer(&mut file)
            .map_err(|error| told(&error))?;
        file.seek(SeekFrom::Start(0))
            .map_err(|error| told(&error))?;
        Ok(file)
    }
}

/// Workbooks know no zones: the time on the community's clocks.
fn local(at_ms: i64, zone: &TimeZone) -> Option<ExcelDateTime> {
    let (at, _) = zoned(at_ms, zone)?;
    let part = |number: i8| u8::try_from(number).ok();
    ExcelDateTime::from_ymd(
        u16::try_from(at.year()).ok()?,
        part(at.month())?,
        part(at.day())?,
    )
    .and_then(|day| {
        day.and_hms(
            at.hour().unsigned_abs().into(),
            at.minute().unsigned_abs(),
            f64::from(at.second()),
        )
    })
    .ok()
}
