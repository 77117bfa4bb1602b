//! A JSON array with an object per row, named by the columns.

use super::{Cell, Sheet, Table, offset_time, told};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

pub(super) struct Json {
    out: BufWriter<File>,
    columns: Vec<String>,
    zone: TimeZone,
    is_first: bool,
}

impl Json {
    pub(super) fn begin(table: &Table, zone: TimeZone) -> Result<Self, String> {
        let file = tempfile::tempfile().map_err(|error| told(&error))?;
        let mut out = BufWriter::new(file);
        out.write_all(b"[").map_err(|error| told(&error))?;
        Ok(Self {
            out,
            columns: table.columns.clone(),
            zone,
            is_first: true,
        })
    }
}

impl Sheet for Json {
    fn row(&mut self, cells: &[Cell]) -> Result<(), String> {
        let value = |cell: &Cell| match cell {
            Cell::Empty => Value::Null,
            Cell::Text(text) => Value::from(text.as_str()),
            Cell::Number(number) => Value::from(*number),
            Cell::Fraction(number) => Value::from(*number),
            Cell::Time(at_ms) => Value::from(offset_time(*at_ms, &self.zone)),
        };
        let named = self.columns.iter().cloned().zip(cells.iter().map(value));
        let row: Map<String, Value> = named.collect();
        let between: &[u8] = if self.is_first { b"\n" } else { b",\n" };
        self.is_first = false;
        self.out
            .write_all(between)
            .map_err(|error| told(&error))
            .and_then(|()| serde_json::to_writer(&mut self.out, &row).map_err(|error| told(&error)))
    }

    fn finish(mut self: Box<Self>) -> Result<File, String> {
        self.out.write_all(b"\n]\n").map_err(|error| told(&error))?;
        let file = self.out.into_inner();
        let mut file = file.map_err(|error| told(error.error()))?;
        file.seek(SeekFrom::Start(0))
            .map_err(|error| told(&error))?;
        Ok(file)
    }
}
