//! Numbered schema changes, applied in order, all of them in one transaction. The table
//! `linli_schema` holds the number of the last one applied.
//!
//! A list of our own, as on SQLite, instead of a crate (refinery): one statement per
//! number and an advisory lock is all that is needed, and refinery brings a dozen more
//! crates (time, toml, regex, walkdir …) for reading folders at run time.
//!
//! Servers of the earlier version go on while the first of a newer one migrates: a
//! migration must leave what they use as it is.

use super::error::JobError;
use tokio_postgres::Client;

/// Every migration, oldest first. Published ones are never edited.
pub const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_rolls.sql"),
    include_str!("migrations/0003_staff.sql"),
    include_str!("migrations/0004_uploads.sql"),
    include_str!("migrations/0005_privacy.sql"),
    include_str!("migrations/0006_identity.sql"),
    include_str!("migrations/0007_first_ballot.sql"),
    include_str!("migrations/0008_persons.sql"),
    include_str!("migrations/0009_work.sql"),
    include_str!("migrations/0010_renewals.sql"),
    include_str!("migrations/0011_attachments.sql"),
];

/// Of the lock that servers which start at once wait for: "linli" in ASCII.
const LOCK: i64 = 0x6c_69_6e_6c_69;

/// Applies what the database lacks. Refuses one that a newer version made.
pub(super) async fn apply(client: &Client) -> Result<(), String> {
    let told = |error: JobError| error.to_string();
    let begin = format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})");
    client
        .batch_execute(&begin)
        .await
        .map_err(|error| told(error.into()))?;
    // On an error the connection is given up, and the transaction with it.
    apply_missing(client).await?;
    client
        .batch_execute("COMMIT")
        .await
        .map_err(|error| told(error.into()))
}

async fn apply_missing(client: &Client) -> Result<(), String> {
    let told = |error: tokio_postgres::Error| JobError::from(error).to_string();
    client
        .batch_execute(
            "SET LOCAL client_min_messages = warning;
             CREATE TABLE IF NOT EXISTS linli_schema (version BIGINT NOT NULL)",
        )
        .await
        .map_err(told)?;
    let row = client
        .query_one("SELECT coalesce(max(version), 0) FROM linli_schema", &[])
        .await
        .map_err(told)?;
    let applied = usize::try_from(row.get::<_, i64>(0)).unwrap_or(usize::MAX);
    if applied > MIGRATIONS.len() {
        return Err(format!("made by a newer version (schema {applied})"));
    }
    for migration in &MIGRATIONS[applied..] {
        client.batch_execute(migration).await.map_err(told)?;
    }
    let last = MIGRATIONS.len();
    client
        .batch_execute(&format!(
            "DELETE FROM linli_schema; INSERT INTO linli_schema VALUES ({last})"
        ))
        .await
        .map_err(told)
}
