//! Comma-separated values.

use super::{Cell, Sheet, Table, harmless, told, zoned};
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
        out.write_record(table.columns)
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
            Cell::Time(at_ms) => match zoned(*at_ms, &self.zone) {
                Some((at, offset)) => {
                    let minutes = offset.seconds() / 60;
                    let sign = if minutes < 0 { '-' } else { '+' };
                    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
                    let at = at.strftime("%Y-%m-%dT%H:%M:%S");
                    format!("{at}{sign}{hours:02}:{minutes:02}")
                }
                None => at_ms.to_string(),
            },
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
