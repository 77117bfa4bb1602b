//! Numbered schema changes, applied in order, each in one transaction. `user_version`
//! holds the number of the last one applied.

use rusqlite::Connection;

/// Every migration, oldest first. Published ones are never edited.
pub const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_rolls.sql"),
    include_str!("migrations/0003_staff.sql"),
    include_str!("migrations/0004_uploads.sql"),
    include_str!("migrations/0005_privacy.sql"),
    include_str!("migrations/0006_identity.sql"),
    include_str!("migrations/0007_persons.sql"),
    include_str!("migrations/0008_work.sql"),
    include_str!("migrations/0009_renewals.sql"),
    include_str!("migrations/0010_attachments.sql"),
];

/// Applies what `conn` lacks. Refuses a file that a newer version made.
pub(super) fn apply(conn: &Connection) -> Result<(), String> {
    let told = |error: rusqlite::Error| error.to_string();
    // The lock first: two processes may start at once.
    conn.execute_batch("BEGIN IMMEDIATE").map_err(told)?;
    let done = apply_missing(conn);
    conn.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })
        .map_err(told)?;
    done
}

fn apply_missing(conn: &Connection) -> Result<(), String> {
    let told = |error: rusqlite::Error| error.to_string();
    let applied: usize = conn
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(told)?;
    if applied > MIGRATIONS.len() {
        return Err(format!("made by a newer version (schema {applied})"));
    }
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(applied) {
        conn.execute_batch(migration).map_err(told)?;
        conn.pragma_update(None, "user_version", index + 1)
            .map_err(told)?;
    }
    Ok(())
}
