//! What is deleted when its time is over, and fields that are sealed anew: the same few
//! statements for every table that a [`Expiry`] or a [`SealedColumn`] names.
//!
//! Names of tables and columns come from constants of the code, never from outside.

use super::StoreFuture;
use linli_model::UtcMs;

/// Deleting and sealing anew, in batches.
pub trait RetentionStore {
    /// Deletes at most `limit` rows of a community that ended before `before_ms`.
    /// Answers how many.
    fn expire<'a>(
        &'a self,
        expiry: &'static Expiry,
        community: &'a str,
        before_ms: UtcMs,
        limit: u32,
    ) -> StoreFuture<'a, u64>;

    /// How many rows [`Self::expire`] would delete in the end.
    fn count_expired<'a>(
        &'a self,
        expiry: &'static Expiry,
        community: &'a str,
        before_ms: UtcMs,
    ) -> StoreFuture<'a, u64>;

    /// Gives every ballot of a device poll another voter's name, by chance. Answers how
    /// many ballots; none when it was done before.
    fn unlink_poll<'a>(&'a self, community: &'a str, poll: &'a str) -> StoreFuture<'a, u64>;

    /// Polls of a community that were unlinked.
    fn unlinked_polls<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<String>>;

    /// Where a community decided otherwise than the map says: what, and days.
    fn periods<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<(String, u32)>>;

    /// Sets or (by `None`) takes back a community's own period.
    fn set_period<'a>(
        &'a self,
        community: &'a str,
        what: &'a str,
        days: Option<u32>,
    ) -> StoreFuture<'a, ()>;

    /// The right to delete, for one server at a time. `None` while another has it.
    fn retention_turn(&self) -> StoreFuture<'_, Option<RetentionTurn>>;

    /// At most `limit` sealed fields after a row of a community, in the order of rows.
    fn sealed_rows<'a>(
        &'a self,
        column: &'static SealedColumn,
        community: &'a str,
        after: &'a str,
        limit: u32,
    ) -> StoreFuture<'a, Vec<SealedRow>>;

    /// Puts `new` where `old` still is. False when it was changed meanwhile.
    fn reseal<'a>(
        &'a self,
        column: &'static SealedColumn,
        community: &'a str,
        row: &'a str,
        old: Vec<u8>,
        new: Vec<u8>,
    ) -> StoreFuture<'a, bool>;
}

/// Rows that end.
#[derive(Debug)]
pub struct Expiry {
    /// The table; its key begins with `community_id`.
    pub table: &'static str,
    /// The rest of its key.
    pub key: &'static [&'static str],
    /// The column that says when they ended: UTC milliseconds, or an expression.
    pub ended_at_ms: &'static str,
}

/// A column that holds sealed fields.
#[derive(Debug)]
pub struct SealedColumn {
    /// The table; its key is `community_id` and [`Self::row`].
    pub table: &'static str,
    /// The column.
    pub field: &'static str,
    /// The text that names a row.
    pub row: &'static str,
}

/// A sealed field.
#[derive(Debug, Clone)]
pub struct SealedRow {
    /// The row.
    pub row: String,
    /// The field.
    pub sealed: Vec<u8>,
}

/// Held by the one who deletes; others may soon after it is dropped, and at once after
/// its [`end`](Self::end).
pub struct RetentionTurn {
    pub(super) keeper: Option<Keeper>,
}

/// Who keeps the turn in the store.
pub(super) struct Keeper {
    /// Tells the keeper to let go.
    pub(super) held: tokio::sync::oneshot::Sender<()>,
    /// Ends when it has.
    pub(super) task: tokio::task::JoinHandle<()>,
}

impl RetentionTurn {
    /// Gives the turn back, and waits until the store has it.
    pub async fn end(self) {
        if let Some(Keeper { held, task }) = self.keeper {
            drop(held);
            if let Err(error) = task.await {
                tracing::debug!(%error, "the turn ended with its keeper");
            }
        }
    }
}

impl Expiry {
    /// Of rows that ended before `$2` in community `$1`.
    pub(super) fn condition(&self, first: &str, second: &str) -> String {
        format!("community_id = {first} AND {} < {second}", self.ended_at_ms)
    }

    /// The whole key as a list.
    pub(super) fn key_list(&self) -> String {
        ["community_id"]
            .iter()
            .chain(self.key)
            .copied()
            .collect::<Vec<_>>()
            .join(", ")
    }
}
