//! A copy of a database file while a server uses it.

use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::Path;

/// Writes one moment of the database at `from` to `to`, an empty file, and syncs it. The
/// copy is written anew: it has no log, and nothing that was deleted.
pub fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let told = |error: rusqlite::Error| format!("{}: {error}", from.display());
    let conn = Connection::open_with_flags(from, flags).map_err(told)?;
    let target = to
        .to_str()
        .ok_or_else(|| format!("{}: not a name in UTF-8", to.display()))?;
    conn.execute("VACUUM INTO ?1", [target]).map_err(told)?;
    let synced = File::open(to).and_then(|file| file.sync_all());
    synced.map_err(|error| format!("{}: {error}", to.display()))
}
