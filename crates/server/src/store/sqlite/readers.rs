//! A small pool of connections that only read, used off the async threads.

use super::error::JobError;
use crate::store::Failure;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

#[derive(Clone)]
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
    size: u32,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        let permits = Arc::new(Semaphore::new(connections.len()));
        let size = u32::try_from(connections.len()).unwrap_or(u32::MAX);
        Self {
            idle: Arc::new(Mutex::new(connections)),
            permits,
            size,
        }
    }

    /// Runs `work` on a connection, in one read transaction.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, JobError> + Send + 'static,
    {
        let closed = |_| Failure::Fault("the store is closed".to_owned());
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(closed)?;
        let idle = Arc::clone(&self.idle);
        let task = tokio::task::spawn_blocking(move || {
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(conn) = taken else {
                return Err(Failure::Fault("no connection to read with".to_owned()));
            };
            let result = one_view(&conn, work);
            idle.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(conn);
            drop(permit);
            result.map_err(Failure::from)
        });
        task.await
            .map_err(|error| Failure::Fault(error.to_string()))?
    }

    /// Waits for the reads under way, then closes every connection.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(self.size).await;
        drop(all);
        self.permits.close();
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// Several statements of one question must see the same moment.
fn one_view<T>(
    conn: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, JobError>,
) -> Result<T, JobError> {
    conn.prepare_cached("BEGIN DEFERRED")?.execute([])?;
    let result = work(conn);
    // A failed read may have ended it already; one that stays open would show the same
    // moment to everybody after.
    if !conn.is_autocommit()
        && let Err(error) = conn.execute_batch("COMMIT")
    {
        conn.execute_batch("ROLLBACK")?;
        return result.and(Err(error.into()));
    }
    result
}
