//! Deleting what ended, and sealing anew.

use super::PostgresStore;
use super::db::{Mode, Tx, Work};
use super::error::{JobError, told};
use crate::seal;
use crate::store::retention::{
    Expiry, Keeper, RetentionStore, RetentionTurn, SealedColumn, SealedRow,
};
use crate::store::{Failure, StoreFuture};
use linli_model::UtcMs;
use tokio_postgres::Row;

/// Of the lock that one server at a time deletes under: "linlret" in ASCII.
const TURN: i64 = 0x6c_69_6e_6c_72_65_74;

impl RetentionStore for PostgresStore {
    fn expire<'a>(
        &'a self,
        expiry: &'static Expiry,
        community: &'a str,
        before_ms: UtcMs,
        limit: u32,
    ) -> StoreFuture<'a, u64> {
        Box::pin(self.db.run(Expire {
            expiry,
            community: community.to_owned(),
            before_ms,
            limit,
        }))
    }

    fn count_expired<'a>(
        &'a self,
        expiry: &'static Expiry,
        community: &'a str,
        before_ms: UtcMs,
    ) -> StoreFuture<'a, u64> {
        Box::pin(self.db.run(CountExpired {
            expiry,
            community: community.to_owned(),
            before_ms,
        }))
    }

    fn unlink_poll<'a>(&'a self, community: &'a str, poll: &'a str) -> StoreFuture<'a, u64> {
        Box::pin(self.db.run(Unlink(community.to_owned(), poll.to_owned())))
    }

    fn unlinked_polls<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<String>> {
        Box::pin(self.db.run(Unlinked(community.to_owned())))
    }

    fn periods<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<(String, u32)>> {
        Box::pin(self.db.run(Periods(community.to_owned())))
    }

    fn set_period<'a>(
        &'a self,
        community: &'a str,
        what: &'a str,
        days: Option<u32>,
    ) -> StoreFuture<'a, ()> {
        Box::pin(self.db.run(SetPeriod {
            community: community.to_owned(),
            what: what.to_owned(),
            days,
        }))
    }

    /// An advisory lock of a transaction on a connection of its own: it ends with that,
    /// however the server ends.
    fn retention_turn(&self) -> StoreFuture<'_, Option<RetentionTurn>> {
        Box::pin(async {
            let conn = self.db.connection().await.map_err(Failure::Fault)?;
            let fault = |error: tokio_postgres::Error| Failure::Fault(told(&error));
            // It is idle for as long as the work takes.
            let begin = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0";
            conn.batch_execute(begin).await.map_err(fault)?;
            let taken = conn
                .query_one("SELECT pg_try_advisory_xact_lock($1)", &[&TURN])
                .await
                .and_then(|row| row.try_get(0));
            if !matches!(taken, Ok(true)) {
                conn.batch_execute("ROLLBACK").await.map_err(fault)?;
                return taken.map(|_| None).map_err(fault);
            }
            let (held, let_go) = tokio::sync::oneshot::channel::<()>();
            let task = tokio::spawn(async move {
                let _ = let_go.await;
                if let Err(error) = conn.batch_execute("ROLLBACK").await {
                    tracing::debug!(error = told(&error), "the turn ended with its connection");
                }
            });
            let keeper = Some(Keeper { held, task });
            Ok(Some(RetentionTurn { keeper }))
        })
    }

    fn sealed_rows<'a>(
        &'a self,
        column: &'static SealedColumn,
        community: &'a str,
        after: &'a str,
        limit: u32,
    ) -> StoreFuture<'a, Vec<SealedRow>> {
        Box::pin(self.db.run(Sealed {
            column,
            community: community.to_owned(),
            after: after.to_owned(),
            limit,
        }))
    }

    fn reseal<'a>(
        &'a self,
        column: &'static SealedColumn,
        community: &'a str,
        row: &'a str,
        old: Vec<u8>,
        new: Vec<u8>,
    ) -> StoreFuture<'a, bool> {
        Box::pin(self.db.run(Reseal {
            column,
            community: community.to_owned(),
            row: row.to_owned(),
            old,
            new,
        }))
    }
}

struct Expire {
    expiry: &'static Expiry,
    community: String,
    before_ms: UtcMs,
    limit: u32,
}

impl Work for Expire {
    type Output = u64;
    const MODE: Mode = Mode::Again;

    async fn run(&self, tx: &Tx<'_>) -> Result<u64, JobError> {
        let (key, table) = (self.expiry.key_list(), self.expiry.table);
        // Rows that somebody just changes are left for the next time.
        let sql = format!(
            "DELETE FROM {table} WHERE ({key}) IN (
                 SELECT {key} FROM {table} WHERE {} LIMIT $3 FOR UPDATE SKIP LOCKED)",
            self.expiry.condition("$1", "$2")
        );
        let limit = i64::from(self.limit);
        tx.execute(&sql, &[&self.community, &self.before_ms, &limit])
            .await
    }
}

struct CountExpired {
    expiry: &'static Expiry,
    community: String,
    before_ms: UtcMs,
}

impl Work for CountExpired {
    type Output = u64;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<u64, JobError> {
        let condition = self.expiry.condition("$1", "$2");
        let sql = format!(
            "SELECT count(*) FROM {} WHERE {condition}",
            self.expiry.table
        );
        let row = tx.row(&sql, &[&self.community, &self.before_ms]).await?;
        Ok(u64::try_from(row.try_get::<_, i64>(0)?).unwrap_or(0))
    }
}

struct Unlink(String, String);

impl Work for Unlink {
    type Output = u64;
    const MODE: Mode = Mode::Once;

    async fn run(&self, tx: &Tx<'_>) -> Result<u64, JobError> {
        let key: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&self.0, &self.1];
        let first = tx
            .execute(
                "INSERT INTO poll_unlinked (community_id, poll_id, unlinked_at_ms)
                 VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                &[&self.0, &self.1, &tx.now_ms()],
            )
            .await?;
        if first == 0 {
            return Ok(0);
        }
        let voters = tx
            .rows(
                "SELECT voter FROM ballot WHERE community_id = $1 AND poll_id = $2 FOR UPDATE",
                &key,
            )
            .await?;
        for row in &voters {
            let voter: &str = row.try_get(0)?;
            let nobody = format!("x{}", seal::hex(&seal::chance::<16>()));
            for table in ["ballot", "ballot_superseded"] {
                let sql = format!(
                    "UPDATE {table} SET voter = $4
                     WHERE community_id = $1 AND poll_id = $2 AND voter = $3"
                );
                tx.execute(&sql, &[&self.0, &self.1, &voter, &nobody])
                    .await?;
            }
        }
        tx.execute(
            "DELETE FROM cast_grant WHERE community_id = $1 AND poll_id = $2",
            &key,
        )
        .await?;
        Ok(voters.len() as u64)
    }
}

struct Unlinked(String);

impl Work for Unlinked {
    type Output = Vec<String>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let sql = "SELECT poll_id FROM poll_unlinked WHERE community_id = $1";
        let rows = tx.rows(sql, &[&self.0]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

struct Periods(String);

impl Work for Periods {
    type Output = Vec<(String, u32)>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let sql = "SELECT what, days FROM retention_period WHERE community_id = $1";
        let rows = tx.rows(sql, &[&self.0]).await?;
        let read = |row: &Row| {
            let days = u32::try_from(row.try_get::<_, i64>(1)?).unwrap_or(u32::MAX);
            Ok((row.try_get(0)?, days))
        };
        rows.iter().map(read).collect()
    }
}

struct SetPeriod {
    community: String,
    what: String,
    days: Option<u32>,
}

impl Work for SetPeriod {
    type Output = ();
    const MODE: Mode = Mode::Again;

    async fn run(&self, tx: &Tx<'_>) -> Result<(), JobError> {
        tx.execute(
            "DELETE FROM retention_period WHERE community_id = $1 AND what = $2",
            &[&self.community, &self.what],
        )
        .await?;
        if let Some(days) = self.days {
            tx.execute(
                "INSERT INTO retention_period (community_id, what, days) VALUES ($1, $2, $3)
                 ON CONFLICT (community_id, what) DO UPDATE SET days = excluded.days",
                &[&self.community, &self.what, &i64::from(days)],
            )
            .await?;
        }
        Ok(())
    }
}

struct Sealed {
    column: &'static SealedColumn,
    community: String,
    after: String,
    limit: u32,
}

impl Work for Sealed {
    type Output = Vec<SealedRow>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let SealedColumn { table, field, row } = self.column;
        let sql = format!(
            "SELECT {row}, {field} FROM {table} WHERE community_id = $1 AND {row} > $2
             AND {field} IS NOT NULL ORDER BY {row} LIMIT $3"
        );
        let limit = i64::from(self.limit);
        let rows = tx
            .rows(&sql, &[&self.community, &self.after, &limit])
            .await?;
        let read = |row: &Row| {
            Ok(SealedRow {
                row: row.try_get(0)?,
                sealed: row.try_get(1)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

struct Reseal {
    column: &'static SealedColumn,
    community: String,
    row: String,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Work for Reseal {
    type Output = bool;
    const MODE: Mode = Mode::Once;

    async fn run(&self, tx: &Tx<'_>) -> Result<bool, JobError> {
        let SealedColumn { table, field, row } = self.column;
        let sql = format!(
            "UPDATE {table} SET {field} = $4
             WHERE community_id = $1 AND {row} = $2 AND {field} = $3"
        );
        let changed = tx
            .execute(&sql, &[&self.community, &self.row, &self.old, &self.new])
            .await?;
        Ok(changed > 0)
    }
}
