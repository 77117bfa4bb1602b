//! Deleting what ended, and sealing anew.

use super::SqliteStore;
use crate::seal;
use crate::store::StoreFuture;
use crate::store::retention::{Expiry, RetentionStore, RetentionTurn, SealedColumn, SealedRow};
use linli_model::UtcMs;
use rusqlite::{OptionalExtension, params};

impl RetentionStore for SqliteStore {
    fn expire<'a>(
        &'a self,
        expiry: &'static Expiry,
        community: &'a str,
        before_ms: UtcMs,
        limit: u32,
    ) -> StoreFuture<'a, u64> {
        let community = community.to_owned();
        Box::pin(self.writer.run(move |tx| {
            let (key, table) = (expiry.key_list(), expiry.table);
            let sql = format!(
                "DELETE FROM {table} WHERE ({key}) IN (
                     SELECT {key} FROM {table} WHERE {} LIMIT ?3)",
                expiry.condition("?1", "?2")
            );
            let gone = tx
                .conn
                .prepare_cached(&sql)?
                .execute(params![community, before_ms, limit])?;
            Ok(gone as u64)
        }))
    }

    fn count_expired<'a>(
        &'a self,
        expiry: &'static Expiry,
        community: &'a str,
        before_ms: UtcMs,
    ) -> StoreFuture<'a, u64> {
        let community = community.to_owned();
        Box::pin(self.readers.run(move |conn| {
            let condition = expiry.condition("?1", "?2");
            let sql = format!("SELECT count(*) FROM {} WHERE {condition}", expiry.table);
            Ok(conn.query_row(&sql, params![community, before_ms], |row| row.get(0))?)
        }))
    }

    fn unlink_poll<'a>(&'a self, community: &'a str, poll: &'a str) -> StoreFuture<'a, u64> {
        let (community, poll) = (community.to_owned(), poll.to_owned());
        Box::pin(self.writer.run(move |tx| {
            let key = params![community, poll];
            let known = tx
                .conn
                .prepare_cached(
                    "SELECT 1 FROM poll_unlinked WHERE community_id = ?1 AND poll_id = ?2",
                )?
                .query_row(key, |_| Ok(()))
                .optional()?;
            if known.is_some() {
                return Ok(0);
            }
            let voters: Vec<String> = tx
                .conn
                .prepare_cached(
                    "SELECT voter FROM ballot WHERE community_id = ?1 AND poll_id = ?2",
                )?
                .query_map(key, |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for voter in &voters {
                let nobody = format!("x{}", seal::hex(&seal::chance::<16>()));
                for table in ["ballot", "ballot_superseded"] {
                    let sql = format!(
                        "UPDATE {table} SET voter = ?4
                         WHERE community_id = ?1 AND poll_id = ?2 AND voter = ?3"
                    );
                    let named = params![community, poll, voter, nobody];
                    tx.conn.prepare_cached(&sql)?.execute(named)?;
                }
            }
            tx.conn
                .prepare_cached("DELETE FROM cast_grant WHERE community_id = ?1 AND poll_id = ?2")?
                .execute(key)?;
            tx.conn
                .prepare_cached("INSERT INTO poll_unlinked VALUES (?1, ?2, ?3)")?
                .execute(params![community, poll, tx.now_ms()])?;
            Ok(voters.len() as u64)
        }))
    }

    fn unlinked_polls<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<String>> {
        let community = community.to_owned();
        Box::pin(self.readers.run(move |conn| {
            let sql = "SELECT poll_id FROM poll_unlinked WHERE community_id = ?1";
            let mut select = conn.prepare_cached(sql)?;
            let polls = select.query_map([community], |row| row.get(0))?;
            Ok(polls.collect::<Result<_, _>>()?)
        }))
    }

    fn periods<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<(String, u32)>> {
        let community = community.to_owned();
        Box::pin(self.readers.run(move |conn| {
            let sql = "SELECT what, days FROM retention_period WHERE community_id = ?1";
            let mut select = conn.prepare_cached(sql)?;
            let periods = select.query_map([community], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(periods.collect::<Result<_, _>>()?)
        }))
    }

    fn set_period<'a>(
        &'a self,
        community: &'a str,
        what: &'a str,
        days: Option<u32>,
    ) -> StoreFuture<'a, ()> {
        let (community, what) = (community.to_owned(), what.to_owned());
        Box::pin(self.writer.run(move |tx| {
            tx.conn.execute(
                "DELETE FROM retention_period WHERE community_id = ?1 AND what = ?2",
                params![community, what],
            )?;
            if let Some(days) = days {
                tx.conn.execute(
                    "INSERT INTO retention_period VALUES (?1, ?2, ?3)",
                    params![community, what, days],
                )?;
            }
            Ok(())
        }))
    }

    /// One server writes to the file.
    fn retention_turn(&self) -> StoreFuture<'_, Option<RetentionTurn>> {
        Box::pin(std::future::ready(Ok(Some(RetentionTurn { keeper: None }))))
    }

    fn sealed_rows<'a>(
        &'a self,
        column: &'static SealedColumn,
        community: &'a str,
        after: &'a str,
        limit: u32,
    ) -> StoreFuture<'a, Vec<SealedRow>> {
        let (community, after) = (community.to_owned(), after.to_owned());
        Box::pin(self.readers.run(move |conn| {
            let SealedColumn { table, field, row } = column;
            let sql = format!(
                "SELECT {row}, {field} FROM {table} WHERE community_id = ?1 AND {row} > ?2
                 AND {field} IS NOT NULL ORDER BY {row} LIMIT ?3"
            );
            let mut select = conn.prepare_cached(&sql)?;
            let rows = select.query_map(params![community, after, limit], |row| {
                Ok(SealedRow {
                    row: row.get(0)?,
                    sealed: row.get(1)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
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
        let key = [community.to_owned(), row.to_owned()];
        Box::pin(self.writer.run(move |tx| {
            let SealedColumn { table, field, row } = column;
            let sql = format!(
                "UPDATE {table} SET {field} = ?4
                 WHERE community_id = ?1 AND {row} = ?2 AND {field} = ?3"
            );
            let [community, row] = key;
            let changed = tx
                .conn
                .prepare_cached(&sql)?
                .execute(params![community, row, old, new])?;
            Ok(changed > 0)
        }))
    }
}
