//! What a PostgreSQL says about itself. Reads only.

use super::db;
use super::migrations::MIGRATIONS;
use crate::store::Inspection;

/// What ballots depend on.
const SETTINGS: [&str; 6] = [
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "synchronous_standby_names",
    "max_connections",
    "server_version_num",
];

/// Looks at the database at `url`, as a session of the store sees it.
pub async fn inspect(url: &str) -> Result<Inspection, String> {
    let (client, listening) = db::session(url).await?;
    let told = |error: tokio_postgres::Error| super::error::told(&error);
    let row = client
        .query_one(
            "SELECT current_setting('server_version'),
                 to_regclass('linli_schema') IS NOT NULL,
                 (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
            &[],
        )
        .await
        .map_err(told)?;
    let (version, has_schema, now_ms): (String, bool, i64) = (row.get(0), row.get(1), row.get(2));
    let schema = match has_schema {
        true => client
            .query_one("SELECT coalesce(max(version), 0) FROM linli_schema", &[])
            .await
            .map_err(told)?
            .get::<_, i64>(0),
        false => 0,
    };
    let mut settings = Vec::new();
    for name in SETTINGS {
        let row = client
            .query_one("SELECT current_setting($1)", &[&name])
            .await
            .map_err(told)?;
        settings.push((name.to_owned(), row.get(0)));
    }
    let row = client.query_one(
        "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)::text",
        &[],
    );
    settings.push(("tls".to_owned(), row.await.map_err(told)?.get(0)));
    drop(client);
    let _ = listening.await;
    Ok(Inspection {
        engine: format!("PostgreSQL {version}"),
        schema: schema.unsigned_abs(),
        schema_known: MIGRATIONS.len() as u64,
        now_ms: Some(now_ms),
        settings,
    })
}
