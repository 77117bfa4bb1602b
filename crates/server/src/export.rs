//! Tables that leave the server as files: one mechanism for all of them.
//!
//! A table has typed columns and rows that come in batches, so that its length costs no
//! memory; each form (`csv`, `xlsx`) is a file here. Whoever asks for one decides who
//! may, and writes down that it was taken.

mod csv;
mod xlsx;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use linli_model::UtcMs;
use std::fs::File;
use std::sync::mpsc;

/// Batches that wait to be written: more would only be kept in memory.
const BATCHES_WAITING: usize = 2;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// RFC 4180 in UTF-8 with a byte order mark, which spreadsheets ask for.
    Csv,
    /// Office Open XML.
    Xlsx,
}

impl Form {
    /// By the ending of a file's name.
    pub fn parse(ending: &str) -> Option<Self> {
        match ending {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// As told in `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// A number.
    Number(i64),
    /// An instant, told in the table's time zone.
    Time(UtcMs),
}

impl Cell {
    /// Words; none is an empty cell.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    /// A count.
    pub fn count(count: u64) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// Rows of a table.
pub type Rows = Vec<Vec<Cell>>;

/// A table's head.
#[derive(Debug, Clone)]
pub struct Table {
    /// Titles of its columns, as programs read them: they are in no language.
    pub columns: &'static [&'static str],
    /// IANA time zone that its times are told in.
    pub time_zone: String,
}

/// Takes the rows of a table and makes a file of them, on a thread of its own.
pub struct Writer {
    batches: mpsc::SyncSender<Rows>,
    written: tokio::task::JoinHandle<Result<File, String>>,
}

impl Writer {
    /// Begins a file. It has no name and is gone when it is closed.
    pub fn begin(table: Table, form: Form) -> Self {
        let (batches, coming) = mpsc::sync_channel(BATCHES_WAITING);
        let written = tokio::task::spawn_blocking(move || write(&table, form, &coming));
        Self { batches, written }
    }

    /// Adds rows.
    pub async fn add(&self, rows: Rows) {
        let batches = self.batches.clone();
        // Waiting for the disk must not hold an async thread. Where the writer has
        // failed, `end` tells.
        let _ = tokio::task::spawn_blocking(move || batches.send(rows)).await;
    }

    /// The whole file, from its beginning.
    pub async fn end(self) -> Result<File, String> {
        drop(self.batches);
        self.written.await.map_err(|error| error.to_string())?
    }
}

/// A form's part.
trait Sheet {
    fn row(&mut self, cells: &[Cell]) -> Result<(), String>;
    fn finish(self: Box<Self>) -> Result<File, String>;
}

fn write(table: &Table, form: Form, coming: &mpsc::Receiver<Rows>) -> Result<File, String> {
    let zone = TimeZone::get(&table.time_zone).unwrap_or(TimeZone::UTC);
    let mut sheet: Box<dyn Sheet> = match form {
        Form::Csv => Box::new(csv::Csv::begin(table, zone)?),
        Form::Xlsx => Box::new(xlsx::Xlsx::begin(table, zone)?),
    };
    for rows in coming {
        for row in rows {
            sheet.row(&row)?;
        }
    }
    sheet.finish()
}

/// An instant in a zone; nothing where it is beyond what a calendar holds.
fn zoned(at_ms: UtcMs, zone: &TimeZone) -> Option<(DateTime, Offset)> {
    let at = Timestamp::from_millisecond(at_ms).ok()?;
    Some((zone.to_datetime(at), zone.to_offset(at)))
}

fn told(error: &dyn std::fmt::Display) -> String {
    format!("the file was not written: {error}")
}

/// Spreadsheets run cells that begin like a formula.
pub fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Seek, SeekFrom};

    async fn made(form: Form, rows: Rows) -> Vec<u8> {
        let table = Table {
            columns: &["name", "count", "when"],
            time_zone: "Asia/Shanghai".to_owned(),
        };
        let writer = Writer::begin(table, form);
        for row in rows {
            writer.add(vec![row]).await;
        }
        let mut file = writer.end().await.unwrap();
        assert_eq!(file.stream_position().unwrap(), 0);
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[tokio::test]
    async fn a_csv_is_what_spreadsheets_expect_and_runs_nothing() {
        let rows = vec![
            vec![
                Cell::text("=cmd|' /C calc'!A0"),
                Cell::Number(-5),
                Cell::Time(1_800_000_000_000),
            ],
            vec![Cell::text("二网格,\"东\"\n门"), Cell::Empty, Cell::Empty],
        ];
        let text = String::from_utf8(made(Form::Csv, rows).await).unwrap();
        assert_eq!(
            text,
            "\u{feff}name,count,when\r\n\
             '=cmd|' /C calc'!A0,-5,2027-01-15T16:00:00+08:00\r\n\
             \"二网格,\"\"东\"\"\n门\",,\r\n"
        );
        for (cell, expected) in [("+1", "'+1"), ("＝1", "'＝1"), ("8 栋", "8 栋"), ("", "")] {
            assert_eq!(harmless(cell), expected);
        }
    }

    #[tokio::test]
    async fn an_xlsx_is_one_and_bears_the_longest_cell() {
        let long = "长".repeat(40_000);
        let rows = vec![vec![
            Cell::text(long),
            Cell::Number(i64::MAX),
            Cell::Time(i64::MAX),
        ]];
        let bytes = made(Form::Xlsx, rows).await;
        assert!(bytes.starts_with(b"PK\x03\x04"), "a zip");
    }
}
