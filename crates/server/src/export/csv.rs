//! Comma-separated values.

use super::{Cell, Sheet, Table, harmless, offset_time, told};
use jiff::tz::TimeZone;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

pub(super) struct Csv {
    out: csv::Writer<File>,
    zone: TimeZone,
}

impl Csv {
    pub(super) fn begin(table: &Table, zone: TimeZone) -> Result<Self, String> {
        let mut file = tempfile::tempfile().map_err(|error| told(&error))?;
        file.write_all("\u{feff}".as_bytes())
            .map_err(|error| told(&error))?;
        let mut out = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(file);
        out.write_record(table.columns.iter().map(|title| harmless(title)))
            .map_err(|error| told(&error))?;
        Ok(Self { out, zone })
    }
}

impl Sheet for Csv {
    fn row(&mut self, cells: &[Cell]) -> Result<(), String> {
        let cells = cells.iter().map(|cell| match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) => harmless(text),
            Cell::Number(number) => number.to_string(),
            Cell::Fraction(number) => number.to_string(),
            Cell::Time(at_ms) => offset_time(*at_ms, &self.zone),
        });
        self.out.write_record(cells).map_err(|error| told(&error))
    }

    fn finish(self: Box<Self>) -> Result<File, String> {
        let file = self.out.into_inner();
        let mut file = file.map_err(|error| told(error.error()))?;
        file.seek(SeekFrom::Start(0))
            .map_err(|error| told(&error))?;
        Ok(file)
    }
}
