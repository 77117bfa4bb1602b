//! The one thread that writes: takes jobs from a bounded queue, runs up to
//! [`BATCH_MAX`] of them in one transaction, each in a savepoint of its own unless it
//! writes one statement only, and answers only after the commit.
//!
//! After a commit that failed by an I/O error nothing is known about what reached the
//! disk, and later commits can seem to succeed (the kernel reports a failed fsync once).
//! The process therefore aborts and recovers from the log at its next start. A full disk
//! is another matter: it refuses a write before anything depends on it, SQLite takes the
//! transaction back, and everybody in it is told that nothing was done.

use super::error::{JobError, is_full};
use super::topics::TopicCache;
use crate::clock::Clock;
use crate::store::{Failure, StoredTopic};
use linli_model::{Refusal, TopicId, UtcMs};
use rusqlite::{Connection, ErrorCode};
use std::cell::Cell;
use std::collections::HashMap;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Most jobs in one transaction.
pub const BATCH_MAX: usize = 64;
/// Most jobs that wait. A full queue refuses at once: nobody waits without a place.
pub const QUEUE_MAX: usize = 4_096;
/// How long a refused client is asked to wait.
const BUSY_RETRY_MS: i64 = 1_000;

/// Gone once the writer is told to close.
type Queue = mpsc::Sender<Box<dyn Job>>;

/// Hands jobs to the writing thread.
#[derive(Clone)]
pub(super) struct Writer {
    queue: Arc<Mutex<Option<Queue>>>,
    generations: Arc<Generations>,
    /// The last transaction was not kept.
    ails: Arc<AtomicBool>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// What a job sees: the open transaction.
pub(super) struct Tx<'a> {
    pub(super) conn: &'a Connection,
    topics: &'a TopicCache,
    clock: &'a dyn Clock,
    touched: Vec<TopicId>,
    /// Changes that savepoints have taken back: SQLite counts them all the same.
    undone: Cell<u64>,
}

impl Tx<'_> {
    /// Runs `work` so that all that it writes is taken back when it fails.
    pub(super) fn apart<T>(
        &self,
        work: impl FnOnce() -> Result<T, JobError>,
    ) -> Result<T, JobError> {
        let mark = self.enter();
        self.leave(mark, work())
    }

    /// Opens a savepoint; gives the changes kept so far.
    fn enter(&self) -> u64 {
        statement(self.conn, "SAVEPOINT job");
        self.kept()
    }

    fn leave<T>(&self, mark: u64, result: Result<T, JobError>) -> Result<T, JobError> {
        // A full disk or a failed read makes SQLite roll everything back by itself.
        if self.conn.is_autocommit() {
            return result;
        }
        if result.is_err() {
            let undone = self.kept() - mark;
            self.undone.set(self.undone.get() + undone);
            statement(self.conn, "ROLLBACK TO job");
        }
        statement(self.conn, "RELEASE job");
        result
    }

    /// Changes that are kept so far.
    fn kept(&self) -> u64 {
        self.conn.total_changes() - self.undone.get()
    }

    /// The instant that this job decides by.
    pub(super) fn now_ms(&self) -> UtcMs {
        self.clock.now_ms()
    }

    /// The stored topic; parsed only when it changed.
    pub(super) fn topic(&self, id: &TopicId) -> Result<Arc<StoredTopic>, JobError> {
        self.topics
            .load(self.conn, id)?
            .ok_or(JobError::Refused(Refusal::TopicUnknown))
    }

    /// Parsed topics.
    pub(super) fn topics(&self) -> &TopicCache {
        self.topics
    }

    /// Notes that the counts of `topic` change with this job.
    pub(super) fn touch(&mut self, topic: &TopicId) {
        self.touched.push(topic.clone());
    }
}

impl Writer {
    /// Starts the thread on `conn`.
    pub(super) fn start(
        conn: Connection,
        topics: Arc<TopicCache>,
        clock: Arc<dyn Clock>,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let generations = Arc::new(Generations::default());
        let ails = Arc::new(AtomicBool::new(false));
        let told = (Arc::clone(&generations), Arc::clone(&ails));
        let thread = std::thread::Builder::new()
            .name("linli-writer".to_owned())
            .spawn(move || write_all(&conn, receiver, &topics, &*clock, &told.0, &told.1))?;
        Ok(Self {
            queue: Arc::new(Mutex::new(Some(sender))),
            generations,
            ails,
            thread: Arc::new(Mutex::new(Some(thread))),
        })
    }

    /// Runs `work` in a transaction and resolves after its commit.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, JobError> + Send + 'static,
    {
        self.run_bare(move |tx| {
            let mark = tx.enter();
            // A panic in one job must not undo what others have asked for.
            let result = catch_unwind(AssertUnwindSafe(|| work(tx)))
                .unwrap_or_else(|_| Err(JobError::Corrupt("a job panicked".to_owned())));
            tx.leave(mark, result)
        })
        .await
    }

    /// The same without a savepoint, which costs as much as a small statement: for work
    /// that fails only before it has written anything, or writes in [`Tx::apart`].
    pub(super) async fn run_bare<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, JobError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(Work {
            work: Some(work),
            result: None,
            answer,
        });
        self.push(job)?;
        answered
            .await
            .unwrap_or_else(|_| Err(Failure::Fault("the writer has ended".to_owned())))
    }

    fn push(&self, job: Box<dyn Job>) -> Result<(), Failure> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = queue.as_ref().map(|sender| sender.try_send(job));
        match sent {
            Some(Ok(())) => Ok(()),
            // Full, or closing: either way nothing was done.
            Some(Err(_)) | None => Err(busy()),
        }
    }

    /// Takes no more jobs and returns when those accepted are done. Blocks.
    pub(super) fn close_and_wait(&self) {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(Err(_)) = thread.map(JoinHandle::join) {
            tracing::error!("the writing thread panicked");
        }
    }

    /// Resolves when a transaction works. One that writes nothing says little about a
    /// disk that was full a moment ago.
    pub(super) async fn ping(&self) -> Result<(), Failure> {
        let is_doubtful = self.ails.load(Ordering::Acquire);
        self.run(move |tx| {
            if is_doubtful {
                let sql = "PRAGMA user_version";
                let version: i64 = tx.conn.query_row(sql, [], |row| row.get(0))?;
                tx.conn.pragma_update(None, "user_version", version)?;
            }
            Ok(())
        })
        .await
    }

    /// Changes with every committed ballot of `topic`.
    pub(super) fn generation(&self, topic: &TopicId) -> u64 {
        self.generations.of(topic)
    }
}

/// Nothing was done, and sending again may well succeed.
pub(super) fn busy() -> Failure {
    Failure::Refused(Refusal::Busy {
        retry_after_ms: BUSY_RETRY_MS,
    })
}

/// How often each topic's counts have changed in this process.
#[derive(Default)]
struct Generations(Mutex<HashMap<TopicId, Arc<AtomicU64>>>);

impl Generations {
    fn of(&self, topic: &TopicId) -> u64 {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(topic)
            .map_or(0, |count| count.load(Ordering::Acquire))
    }

    fn advance(&self, topics: &[TopicId]) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for topic in topics {
            match map.get(topic) {
                Some(count) => {
                    count.fetch_add(1, Ordering::AcqRel);
                }
                None => {
                    map.insert(topic.clone(), Arc::new(AtomicU64::new(1)));
                }
            }
        }
    }
}

/// Work whose answer waits for the commit.
trait Job: Send {
    /// False when the job must be rolled back.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Sends the answer: another one when the transaction came to nothing.
    fn answer(self: Box<Self>, undone: Option<&Undone>);
}

struct Work<T, F> {
    work: Option<F>,
    result: Option<Result<T, Failure>>,
    answer: oneshot::Sender<Result<T, Failure>>,
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, JobError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        // A panic in one job must not end the thread that everybody's ballots go through.
        let result = catch_unwind(AssertUnwindSafe(|| work(tx)))
            .unwrap_or_else(|_| Err(JobError::Corrupt("a job panicked".to_owned())))
            .map_err(Failure::from);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, undone: Option<&Undone>) {
        let result = match (undone, self.result) {
            (None, Some(result)) => result,
            (Some(Undone::Fault(what)), _) => Err(Failure::Fault((*what).to_owned())),
            (Some(Undone::TakenBack), Some(Err(fault @ Failure::Fault(_)))) => Err(fault),
            // Also instead of a refusal: it was decided by what is no longer so.
            (Some(Undone::TakenBack), _) => Err(busy()),
            (None, None) => Err(Failure::Fault("the job did not run".to_owned())),
        };
        // The client may have gone; its command stands all the same.
        let _ = self.answer.send(result);
    }
}

fn write_all(
    conn: &Connection,
    mut receiver: mpsc::Receiver<Box<dyn Job>>,
    topics: &TopicCache,
    clock: &dyn Clock,
    generations: &Generations,
    ails: &AtomicBool,
) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while let Some(first) = receiver.blocking_recv() {
        batch.push(first);
        while batch.len() < BATCH_MAX
            && let Ok(next) = receiver.try_recv()
        {
            batch.push(next);
        }
        let mut tx = Tx {
            conn,
            topics,
            clock,
            touched: Vec::new(),
            undone: Cell::new(0),
        };
        let undone = write_batch(&mut tx, &mut batch).err();
        ails.store(undone.is_some(), Ordering::Release);
        if let Some(why) = &undone {
            tracing::error!(?why, jobs = batch.len(), "a transaction was not kept");
            // What was parsed inside it may never have been so.
            topics.clear();
        } else {
            generations.advance(&tx.touched);
        }
        for job in batch.drain(..) {
            job.answer(undone.as_ref());
        }
    }
    // What was committed is in the log already; folding it in keeps the file whole for
    // people who copy it.
    if let Err(error) = conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the log was not folded into the database file");
    }
}

/// Why nothing of a batch was kept.
#[derive(Debug)]
enum Undone {
    /// SQLite took it back, mostly because the disk is full.
    TakenBack,
    /// By a fault of ours.
    Fault(&'static str),
}

/// Runs and commits `batch`, or reports why nothing of it was kept.
fn write_batch(tx: &mut Tx<'_>, batch: &mut [Box<dyn Job>]) -> Result<(), Undone> {
    begin(tx.conn)?;
    for job in batch {
        let (touched, kept) = (tx.touched.len(), tx.kept());
        if !job.run(tx) {
            tx.touched.truncate(touched);
            // A full disk or a failed read makes SQLite roll everything back by itself:
            // then no job of this batch was done.
            if tx.conn.is_autocommit() {
                return Err(Undone::TakenBack);
            }
            // A bare job that broke its word: nothing of this batch is kept.
            if tx.kept() != kept {
                statement(tx.conn, "ROLLBACK");
                return Err(Undone::Fault("a job failed in the middle"));
            }
        }
    }
    match tx
        .conn
        .prepare_cached("COMMIT")
        .and_then(|mut s| s.execute([]))
    {
        Ok(_) => Ok(()),
        Err(error) if is_full(&error) => {
            if !tx.conn.is_autocommit() {
                statement(tx.conn, "ROLLBACK");
            }
            Err(Undone::TakenBack)
        }
        Err(error) => abort(&error),
    }
}

/// Another process (an import) may hold the lock for longer than the busy timeout.
fn begin(conn: &Connection) -> Result<(), Undone> {
    loop {
        match conn
            .prepare_cached("BEGIN IMMEDIATE")
            .and_then(|mut s| s.execute([]))
        {
            Ok(_) => return Ok(()),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                tracing::warn!("waiting for another process that writes");
            }
            Err(error) if is_full(&error) => return Err(Undone::TakenBack),
            Err(error) => abort(&error),
        }
    }
}

fn statement(conn: &Connection, sql: &str) {
    if let Err(error) = conn.prepare_cached(sql).and_then(|mut s| s.execute([])) {
        abort(&error);
    }
}

fn abort(error: &rusqlite::Error) -> ! {
    // Whatever becomes of the message: a log on the same disk must not keep it alive.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        tracing::error!(%error, "the store failed; the process ends so that it can recover");
    }));
    let mut out = std::io::stderr();
    let _ = writeln!(
        out,
        "linli: the store failed ({error}); ending so that the next start can recover"
    );
    std::process::abort();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use rusqlite::params;

    fn insert(tx: &Tx<'_>, n: i64) -> Result<(), JobError> {
        tx.conn.execute("INSERT INTO t VALUES (?1)", params![n])?;
        Ok(())
    }

    fn no<T>() -> Result<T, JobError> {
        Err(Refusal::KeyReused.into())
    }

    /// What the table holds after the jobs, in whatever batches the thread makes of them.
    async fn rows(jobs: impl AsyncFnOnce(&Writer)) -> Vec<i64> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t.sqlite");
        let conn = Connection::open(&file).unwrap();
        conn.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        let writer = Writer::start(conn, Arc::default(), Arc::new(SystemClock)).unwrap();
        jobs(&writer).await;
        writer.close_and_wait();
        let conn = Connection::open(&file).unwrap();
        let mut select = conn.prepare("SELECT n FROM t ORDER BY n").unwrap();
        let rows = select.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[tokio::test]
    async fn a_failed_job_leaves_nothing_and_undoes_nobody() {
        let kept = rows(async |writer| {
            let (one, two, three, four) = tokio::join!(
                writer.run(|tx| insert(tx, 1)),
                writer.run(|tx| insert(tx, 2).and_then(|()| no::<()>())),
                writer.run::<(), _>(|tx| {
                    insert(tx, 3)?;
                    panic!("on purpose")
                }),
                writer.run_bare(|tx| insert(tx, 4)),
            );
            assert!(one.is_ok() && four.is_ok());
            assert!(matches!(two, Err(Failure::Refused(Refusal::KeyReused))));
            assert!(matches!(three, Err(Failure::Fault(_))));
        });
        assert_eq!(kept.await, [1, 4]);
    }

    #[tokio::test]
    async fn parts_are_taken_back_also_inside_each_other() {
        let kept = rows(async |writer| {
            let done = writer.run_bare(|tx| {
                let inner = tx.apart(|| {
                    insert(tx, 1)?;
                    let innermost = tx.apart(|| insert(tx, 2).and_then(|()| no::<()>()));
                    assert!(innermost.is_err());
                    insert(tx, 3)?;
                    no::<()>()
                });
                assert!(inner.is_err());
                tx.apart(|| insert(tx, 4))?;
                no::<()>()
            });
            // It failed after a part that it has kept: its word is broken.
            assert!(matches!(done.await, Err(Failure::Fault(_))));
            let done = writer.run_bare(|tx| {
                let inner = tx.apart(|| insert(tx, 5).and_then(|()| no::<()>()));
                assert!(inner.is_err());
                no::<()>()
            });
            assert!(matches!(done.await, Err(Failure::Refused(_))));
            assert!(writer.run_bare(|tx| insert(tx, 6)).await.is_ok());
        });
        assert_eq!(kept.await, [6]);
    }

    #[tokio::test]
    async fn a_bare_job_that_fails_after_writing_is_a_fault_and_leaves_nothing() {
        let kept = rows(async |writer| {
            let job = writer.run_bare(|tx| insert(tx, 1).and_then(|()| no::<()>()));
            assert!(matches!(job.await, Err(Failure::Fault(_))));
            assert!(writer.run(|tx| insert(tx, 2)).await.is_ok());
        });
        assert_eq!(kept.await, [2]);
    }

    /// A file that may not grow is a disk that is full.
    #[tokio::test]
    async fn a_full_disk_refuses_and_works_again_when_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let conn = Connection::open(folder.path().join("t.sqlite")).unwrap();
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER); CREATE TABLE big (n BLOB)",
        )
        .unwrap();
        let writer = Writer::start(conn, Arc::default(), Arc::new(SystemClock)).unwrap();
        let pages = |most: u32| {
            move |tx: &mut Tx<'_>| Ok(tx.conn.pragma_update(None, "max_page_count", most)?)
        };
        writer.run(pages(1)).await.unwrap();
        let (small, big, other) = tokio::join!(
            writer.run(|tx| insert(tx, 1)),
            writer.run(|tx| {
                let sql = "INSERT INTO big VALUES (zeroblob(100000))";
                Ok(tx.conn.execute(sql, [])?)
            }),
            writer.run(|_| no::<()>()),
        );
        // Whatever was in a transaction with it is undone with it, or was not.
        let is_busy = |failure: &Failure| matches!(failure, Failure::Refused(Refusal::Busy { .. }));
        assert!(big.as_ref().is_err_and(is_busy), "{big:?}");
        assert!(other.is_err());
        let kept = u64::from(small.is_ok());
        writer.run(pages(1_000)).await.unwrap();
        assert!(writer.ping().await.is_ok());
        let rows = writer.run(|tx| {
            let count = tx
                .conn
                .query_row("SELECT count(*) FROM t", [], |row| row.get(0));
            Ok::<u64, _>(count?)
        });
        assert_eq!(rows.await.unwrap(), kept);
        writer.close_and_wait();
    }
}
