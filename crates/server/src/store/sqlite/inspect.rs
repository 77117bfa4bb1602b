//! What a database file says about itself. Reads only.

use super::migrations::MIGRATIONS;
use crate::store::Inspection;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Looks at the file at `path`, also while a server uses it.
pub fn inspect(path: &Path) -> Result<Inspection, String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let told = |error: rusqlite::Error| format!("{}: {error}", path.display());
    let conn = Connection::open_with_flags(path, flags).map_err(told)?;
    let ask = |name: &str| -> rusqlite::Result<String> {
        conn.query_row(&format!("PRAGMA {name}"), [], |row| {
            Ok(match row.get::<_, rusqlite::types::Value>(0)? {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                _ => String::new(),
            })
        })
    };
    let schema = ask("user_version").map_err(told)?;
    let journal = ask("journal_mode").map_err(told)?;
    Ok(Inspection {
        engine: format!("SQLite {}", rusqlite::version()),
        schema: schema.parse().unwrap_or(0),
        schema_known: MIGRATIONS.len() as u64,
        now_ms: None,
        settings: vec![("journal_mode".to_owned(), journal)],
    })
}
