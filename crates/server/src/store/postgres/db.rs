//! Connections, and what runs on them: each intent in one transaction, in a task of its
//! own, so that a client that goes away cuts nothing short.
//!
//! READ COMMITTED with unique constraints and row locks, not SERIALIZABLE: an intent
//! touches few rows and knows which, so it can lock them, and a thousand who vote at
//! once do not have to try again because their reads crossed.
//!
//! How a transaction ends decides what may follow. Before COMMIT was sent, nothing was
//! done: it is tried again, or refused as busy. After that, without an answer, it is
//! not known: only an intent that may be done twice (it carries a key) is tried again;
//! anything else is a fault, which tells the client the same. PostgreSQL says "done"
//! with a warning when somebody cancels its wait for a synchronous standby: that is not
//! known either.

use super::error::{JobError, Kind};
use super::parsed::TopicCache;
use crate::address;
use crate::clock::Clock;
use crate::seal;
use crate::store::figures::Tally;
use crate::store::{Failure, StoreFigures};
use deadpool_postgres::tokio_postgres::{self, AsyncMessage, Config, NoTls, Row, Socket};
use deadpool_postgres::{Connect, Manager, ManagerConfig, Object, Pool, PoolError};
use deadpool_postgres::{RecyclingMethod, Runtime, Timeouts};
use futures_util::future::try_join;
use futures_util::stream::{StreamExt, poll_fn};
use linli_model::{Refusal, TopicId, UtcMs};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_postgres::error::Severity;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Connection, config::TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Most intents under way or waiting for a connection. More are refused at once.
pub const QUEUE_MAX: usize = 4_096;
/// How often an intent is tried.
const ATTEMPTS_MAX: u32 = 4;
/// The pause after the first try; each further one doubles it.
const PAUSE: Duration = Duration::from_millis(50);
/// Longest time for one try.
pub(super) const ATTEMPT_MAX: Duration = Duration::from_secs(15);
/// Longest wait for a connection, and for making one.
const CONNECTION_WAIT: Duration = Duration::from_secs(5);
/// How long a refused client is asked to wait.
const BUSY_RETRY_MS: i64 = 1_000;

/// Said on every new connection. An answered ballot is on the disk, whatever the
/// database's default; stricter settings (`remote_apply`) stay. A server of ours that
/// hangs must not keep its locks.
const SESSION: &str = "
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local');
    SET default_transaction_isolation = 'read committed';
    SET idle_in_transaction_session_timeout = '30s';
    SET client_min_messages = warning";

/// How a piece of work stands to transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// One statement that only reads.
    Look,
    /// Several statements that only read, all of the same moment.
    View,
    /// Writes, and may be done twice with the effect of once.
    Again,
    /// Writes.
    Once,
    /// Writes by one statement, which is a transaction by itself, and may be done twice
    /// with the effect of once.
    Single,
}

impl Mode {
    /// Whether it may be done again when it is not known whether it was done.
    const fn is_repeatable(self) -> bool {
        matches!(self, Self::Again | Self::Single)
    }

    const fn writes(self) -> bool {
        matches!(self, Self::Again | Self::Once | Self::Single)
    }

    /// Whether PostgreSQL is told where it begins and ends.
    const fn is_framed(self) -> bool {
        matches!(self, Self::View | Self::Again | Self::Once)
    }
}

/// Work on a connection.
pub(super) trait Work: Send + Sync + 'static {
    /// What it yields.
    type Output: Send + 'static;
    /// How it stands to transactions.
    const MODE: Mode;
    /// Longest time for one try.
    const LIMIT: Duration = ATTEMPT_MAX;
    /// Whether its first statement is sent together with BEGIN and the lock: it runs after
    /// them all the same. Only for work that does not look at the clock before.
    const IS_EAGER: bool = false;

    /// The lock that it takes before it looks at anything.
    fn lock(&self) -> Option<Lock> {
        None
    }

    /// Does it.
    fn run(&self, tx: &Tx<'_>) -> impl Future<Output = Result<Self::Output, JobError>> + Send;
}

/// Held to the end of the transaction, by a number in the database and not on a row:
/// nothing is written for it. Intents on a topic share its lock; what changes the topic
/// itself, or lays its ballots anew, holds it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lock {
    Shared(i64),
    Alone(i64),
}

impl Lock {
    pub(super) fn with_others(topic: &TopicId) -> Self {
        Self::Shared(number(&[b"topic", topic.as_str().as_bytes()]))
    }

    pub(super) fn alone(topic: &TopicId) -> Self {
        Self::Alone(number(&[b"topic", topic.as_str().as_bytes()]))
    }

    /// The lock of anything else.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        Self::Alone(number(parts))
    }

    fn sql(self) -> String {
        match self {
            Self::Shared(number) => format!("SELECT pg_advisory_xact_lock_shared({number})"),
            Self::Alone(number) => format!("SELECT pg_advisory_xact_lock({number})"),
        }
    }

    /// What PostgreSQL calls it.
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Shared(number) | Self::Alone(number) => number,
        }
    }
}

fn number(parts: &[&[u8]]) -> i64 {
    let hash = seal::tagged("linli lock", parts);
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(first)
}

/// What work sees: an open transaction.
pub(super) struct Tx<'a> {
    conn: &'a Object,
    topics: &'a TopicCache,
    clock: &'a dyn Clock,
}

pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Tx<'_> {
    /// The instant that this transaction decides by.
    pub(super) fn now_ms(&self) -> UtcMs {
        self.clock.now_ms()
    }

    pub(super) fn topics(&self) -> &TopicCache {
        self.topics
    }

    pub(super) async fn rows(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, JobError> {
        let statement = self.conn.prepare_cached(sql).await?;
        Ok(self.conn.query(&statement, params).await?)
    }

    pub(super) async fn row(&self, sql: &str, params: Params<'_>) -> Result<Row, JobError> {
        let statement = self.conn.prepare_cached(sql).await?;
        Ok(self.conn.query_one(&statement, params).await?)
    }

    pub(super) async fn opt(&self, sql: &str, params: Params<'_>) -> Result<Option<Row>, JobError> {
        let statement = self.conn.prepare_cached(sql).await?;
        Ok(self.conn.query_opt(&statement, params).await?)
    }

    pub(super) async fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, JobError> {
        let statement = self.conn.prepare_cached(sql).await?;
        Ok(self.conn.execute(&statement, params).await?)
    }

    /// Takes locks in the order of their numbers, so that no two wait for each other.
    pub(super) async fn lock(&self, mut locks: Vec<Lock>) -> Result<(), JobError> {
        locks.sort_unstable_by_key(|lock| lock.number());
        locks.dedup();
        let sql: Vec<String> = locks.into_iter().map(Lock::sql).collect();
        Ok(self.conn.batch_execute(&sql.join("; ")).await?)
    }
}

/// The pool, and the rules of trying again.
pub(super) struct Db {
    pool: Pool,
    places: Arc<Semaphore>,
    warnings: Arc<AtomicU64>,
    tally: Tally,
    topics: TopicCache,
    clock: Arc<dyn Clock>,
}

/// Why a try came to nothing.
enum Miss {
    /// Nothing was done.
    Undone(JobError),
    /// There was no connection, so nothing was done.
    Unconnected(String),
    /// Nobody knows whether it was done.
    Unknown(String),
}

impl Db {
    pub(super) fn new(
        url: &str,
        connections: usize,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let (config, tls) = config(url)?;
        let warnings = Arc::new(AtomicU64::new(0));
        let connector = Connector {
            warnings: Arc::clone(&warnings),
            tls,
        };
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_connect(config, connector, ManagerConfig { recycling_method });
        let pool = Pool::builder(manager)
            .max_size(connections.max(2))
            .timeouts(Timeouts {
                wait: Some(CONNECTION_WAIT),
                // A paused server takes connections and says nothing.
                create: Some(CONNECTION_WAIT),
                recycle: Some(CONNECTION_WAIT),
            })
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            pool,
            places: Arc::new(Semaphore::new(QUEUE_MAX)),
            warnings,
            tally: Tally::default(),
            topics: TopicCache::default(),
            clock,
        })
    }

    /// A connection outside of all rules, for migrations and upkeep.
    pub(super) async fn connection(&self) -> Result<Object, String> {
        self.pool.get().await.map_err(|error| told(&error))
    }

    pub(super) fn figures(&self) -> StoreFigures {
        let free = self.places.available_permits();
        self.tally
            .figures(QUEUE_MAX.saturating_sub(free), QUEUE_MAX)
    }

    pub(super) fn topics(&self) -> &TopicCache {
        &self.topics
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Runs `work` in a transaction and resolves after its commit.
    pub(super) async fn run<W: Work>(self: &Arc<Self>, work: W) -> Result<W::Output, Failure> {
        // Full, or closing: either way nothing was done.
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| busy())?;
        if W::MODE == Mode::Single {
            // Whoever goes away cuts nothing short: PostgreSQL has the statement whole.
            let done = self.attempts(&work).await;
            drop(place);
            return done;
        }
        let db = Arc::clone(self);
        let task = tokio::spawn(async move {
            let done = db.attempts(&work).await;
            drop(place);
            done
        });
        task.await
            .unwrap_or_else(|_| Err(Failure::Fault("a job panicked".to_owned())))
    }

    /// Waits for everything under way, then closes every connection.
    pub(super) async fn close(&self) {
        let all = u32::try_from(QUEUE_MAX).unwrap_or(u32::MAX);
        let waited = self.places.acquire_many(all).await;
        drop(waited);
        self.places.close();
        self.pool.close();
    }

    async fn attempts<W: Work>(&self, work: &W) -> Result<W::Output, Failure> {
        let mut unknown = None;
        let mut pause = PAUSE;
        let mut left = ATTEMPTS_MAX;
        while left > 0 {
            left -= 1;
            let last = left == 0;
            let tried = self.attempt(work).await;
            if W::MODE.writes() {
                match &tried {
                    Ok(_) => self.tally.commit(1),
                    Err(Miss::Undone(JobError::Refused(_))) => {}
                    Err(_) => self.tally.undo(),
                }
            }
            match tried {
                Ok(output) => return Ok(output),
                Err(Miss::Undone(error)) if error.kind() == Kind::Final => return Err(error.into()),
                Err(Miss::Undone(error)) => tracing::warn!(%error, last, "not done"),
                Err(Miss::Unconnected(error)) => tracing::warn!(%error, last, "no connection"),
                Err(Miss::Unknown(error)) => {
                    tracing::warn!(%error, last, "not known whether it was done");
                    unknown = Some(error);
                    if !W::MODE.is_repeatable() {
                        break;
                    }
                }
            }
            if !last {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
        // "Busy" promises that nothing was done.
        Err(match unknown {
            Some(error) => Failure::Fault(error),
            None => busy(),
        })
    }

    async fn attempt<W: Work>(&self, work: &W) -> Result<W::Output, Miss> {
        let conn = self.pool.get().await;
        let conn = conn.map_err(|error| Miss::Unconnected(told(&error)))?;
        let mut lease = Lease {
            conn: Some(conn),
            is_single: W::MODE == Mode::Single,
        };
        let committing = AtomicBool::new(false);
        let whole = self.transaction(&mut lease, work, &committing);
        let ended = tokio::time::timeout(W::LIMIT, whole).await;
        lease.give_up();
        match ended {
            Ok(end) => end,
            // The connection is given up, and with it a transaction whose COMMIT was
            // never sent.
            Err(_) if committing.load(Ordering::Relaxed) => {
                Err(Miss::Unknown("no answer to COMMIT in time".to_owned()))
            }
            Err(_) => Err(Miss::Unconnected("no answer in time".to_owned())),
        }
    }

    async fn transaction<W: Work>(
        &self,
        lease: &mut Lease,
        work: &W,
        committing: &AtomicBool,
    ) -> Result<W::Output, Miss> {
        let Some(conn) = lease.conn.as_ref() else {
            return Err(Miss::Unconnected("no connection".to_owned()));
        };
        let tx = Tx {
            conn,
            topics: &self.topics,
            clock: &*self.clock,
        };
        let warnings = self.warnings.load(Ordering::Acquire);
        committing.store(W::MODE == Mode::Single, Ordering::Relaxed);
        let done = match begin(work) {
            None => work.run(&tx).await,
            Some(begin) => {
                let begun = async { Ok(conn.batch_execute(&begin).await?) };
                match W::IS_EAGER {
                    // Nothing further is sent if the answer to BEGIN is bad.
                    true => try_join(begun, work.run(&tx)).await.map(|both| both.1),
                    false => match begun.await {
                        Ok(()) => work.run(&tx).await,
                        Err(error) => Err(error),
                    },
                }
            }
        };
        let output = match done {
            Ok(output) => output,
            Err(error) if committing.load(Ordering::Relaxed) => {
                // The statement commits by itself. If PostgreSQL has refused it, it came to
                // nothing.
                if error.kind() == Kind::Lost {
                    return Err(Miss::Unknown(error.to_string()));
                }
                lease.give_back();
                return Err(Miss::Undone(error));
            }
            Err(error) => {
                let sound = error.kind() != Kind::Lost;
                if sound && (!W::MODE.is_framed() || conn.batch_execute("ROLLBACK").await.is_ok()) {
                    lease.give_back();
                }
                return Err(Miss::Undone(error));
            }
        };
        if W::MODE.is_framed() {
            committing.store(true, Ordering::Relaxed);
            let committed = conn.batch_execute("COMMIT").await;
            committed.map_err(|error| missed_commit(error.into()))?;
        }
        if W::MODE.writes() && self.warnings.load(Ordering::Acquire) != warnings {
            lease.give_back();
            return Err(Miss::Unknown(
                "committed with a warning: a standby may lack it".to_owned(),
            ));
        }
        lease.give_back();
        Ok(output)
    }
}

/// What an address says, and what it leaves out.
fn config(url: &str) -> Result<(Config, Option<MakeRustlsConnect>), String> {
    let address = address::read(url)?;
    let tls = super::tls::connector(&address.tls)?;
    let mut config = address.config;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECTION_WAIT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(ATTEMPT_MAX);
    }
    if config.get_application_name().is_none() {
        config.application_name("linli");
    }
    // Of several hosts, the primary.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    Ok((config, tls))
}

/// A connection of its own, for looking around. The other part ends with it.
pub(super) async fn session(url: &str) -> Result<(Client, JoinHandle<()>), String> {
    let (config, tls) = config(url)?;
    let warnings = Arc::default();
    let connector = Connector { warnings, tls };
    let connected = tokio::time::timeout(CONNECTION_WAIT, connector.connect(&config)).await;
    let connected = connected.map_err(|_| "no answer in time".to_owned())?;
    connected.map_err(|error| super::error::told(&error))
}

/// The statements that open the transaction and take its lock, in one message.
fn begin(work: &impl Work) -> Option<String> {
    fn mode_of<W: Work>(_: &W) -> Mode {
        W::MODE
    }
    let begin = match mode_of(work) {
        Mode::Look | Mode::Single => return None,
        Mode::View => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Mode::Again | Mode::Once => "BEGIN ISOLATION LEVEL READ COMMITTED",
    };
    Some(match work.lock() {
        Some(lock) => format!("{begin}; {}", lock.sql()),
        None => begin.to_owned(),
    })
}

/// Only a rollback for the sake of others surely is one.
fn missed_commit(error: JobError) -> Miss {
    match error.kind() {
        Kind::Crossed => Miss::Undone(error),
        Kind::Lost | Kind::Final => Miss::Unknown(error.to_string()),
    }
}

fn busy() -> Failure {
    Failure::Refused(Refusal::Busy {
        retry_after_ms: BUSY_RETRY_MS,
    })
}

/// Never the connection string: it may hold a password.
fn told(error: &PoolError) -> String {
    match error {
        PoolError::Backend(error) => super::error::told(error),
        other => other.to_string(),
    }
}

/// A connection that is closed unless it is given back: one in an unknown state must
/// not meet another intent.
struct Lease {
    conn: Option<Object>,
    /// Whether what runs on it is one statement, so that its state is known even when
    /// nobody waits for the answer any more: the next statement queues behind it.
    is_single: bool,
}

impl Lease {
    fn give_back(&mut self) {
        drop(self.conn.take());
    }

    /// Somebody waited to the end: what was not given back is of no use any more.
    fn give_up(&mut self) {
        self.is_single = false;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take()
            && !self.is_single
        {
            drop(Object::take(conn));
        }
    }
}

/// Makes connections that count the warnings they hear. The count is shared by all: a
/// warning that another connection heard at most makes an intent be tried again.
struct Connector {
    warnings: Arc<AtomicU64>,
    tls: Option<MakeRustlsConnect>,
}

type Connected = Result<(Client, JoinHandle<()>), tokio_postgres::Error>;

impl Connect for Connector {
    fn connect(&self, config: &Config) -> Pin<Box<dyn Future<Output = Connected> + Send + '_>> {
        let (config, warnings) = (config.clone(), Arc::clone(&self.warnings));
        let tls = self.tls.clone();
        Box::pin(async move {
            let (client, listening) = match tls {
                None => {
                    let (client, connection) = config.connect(NoTls).await?;
                    (client, tokio::spawn(listen(connection, warnings)))
                }
                Some(tls) => {
                    let (client, connection) = config.connect(tls).await?;
                    (client, tokio::spawn(listen(connection, warnings)))
                }
            };
            client.batch_execute(SESSION).await?;
            Ok((client, listening))
        })
    }
}

async fn listen<S>(mut connection: Connection<Socket, S>, warnings: Arc<AtomicU64>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut messages = poll_fn(move |cx| connection.poll_message(cx));
    while let Some(message) = messages.next().await {
        match message {
            Ok(AsyncMessage::Notice(notice)) => {
                let warned = notice.parsed_severity() == Some(Severity::Warning);
                if warned {
                    warnings.fetch_add(1, Ordering::AcqRel);
                    tracing::warn!(code = notice.code().code(), "{}", notice.message());
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(error = super::error::told(&error), "a connection ended");
                return;
            }
        }
    }
}
