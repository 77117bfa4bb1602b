//! The store on SQLite: one file, one writing thread with group commit, a few readers.
//!
//! Write-ahead log and `synchronous=FULL`: an answered ballot is on the disk. What
//! differs by intent is in the files beside this one.

mod attachments;
mod behalf;
mod cast;
mod check;
mod contacts;
mod copy;
mod counts;
mod error;
mod grants;
mod identity;
mod inspect;
mod migrations;
mod mine;
mod places;
mod privacy;
mod readers;
mod retention;
mod roll;
mod roll_next;
mod roll_pages;
mod rolls;
mod seat;
mod staff;
mod topics;
mod uploads;
mod work;
mod writer;

pub use check::check;
pub use copy::copy;
pub use inspect::inspect;
pub use migrations::MIGRATIONS;
pub use writer::{BATCH_MAX, QUEUE_MAX};

use super::{
    CastIntent, CastRecord, Charge, Counts, Failure, HouseholdCodes, HouseholdRow, ImportReport,
    IssueGrant, IssuedGrant, PreparedImport, Store, StoreFigures, StoreFuture, StoredStanding,
    StoredTopic, TypedCodeRow,
};
use crate::clock::Clock;
use linli_model::{BallotSecret, TopicId, UtcMs};
use readers::Readers;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use topics::TopicCache;
use writer::Writer;

/// How long a connection waits for another process's lock before it asks again.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Compiled statements that a connection keeps.
const STATEMENTS_MAX: usize = 64;

/// A store in one SQLite file.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    topics: Arc<TopicCache>,
    clock: Arc<dyn Clock>,
}

impl SqliteStore {
    /// Opens or creates the file and brings its schema up to date.
    pub fn open(
        path: &Path,
        read_connections: usize,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let told = |error: rusqlite::Error| format!("{}: {error}", path.display());
        let conn = open_to_write(path).map_err(told)?;
        migrations::apply(&conn).map_err(|error| format!("{}: {error}", path.display()))?;
        let readers = (0..read_connections.max(1))
            .map(|_| open_to_read(path))
            .collect::<Result<Vec<_>, _>>()
            .map_err(told)?;
        let topics = Arc::new(TopicCache::default());
        let writer = Writer::start(conn, Arc::clone(&topics), Arc::clone(&clock))
            .map_err(|error| format!("the writing thread did not start: {error}"))?;
        Ok(Self {
            writer,
            readers: Readers::new(readers),
            topics,
            clock,
        })
    }
}

/// A connection as the writing thread uses it. Also what a comparison with the raw
/// engine must use.
pub fn open_to_write(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA cache_size = -65536;
         PRAGMA temp_store = MEMORY;",
    )?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(conn)
}

fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(conn)
}

impl Store for SqliteStore {
    fn import(&self, import: PreparedImport) -> StoreFuture<'_, ImportReport> {
        Box::pin(self.writer.run(move |tx| roll::import(tx, &import)))
    }

    fn last_import(&self) -> StoreFuture<'_, Option<[u8; 32]>> {
        Box::pin(self.readers.run(roll::last_import))
    }

    fn typed_codes<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<TypedCodeRow>> {
        let community = community.to_owned();
        Box::pin(
            self.readers
                .run(move |conn| roll::typed_codes(conn, &community)),
        )
    }

    fn households<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<HouseholdRow>> {
        let community = community.to_owned();
        Box::pin(
            self.readers
                .run(move |conn| roll::households(conn, &community)),
        )
    }

    fn set_codes<'a>(
        &'a self,
        community: &'a str,
        codes: Vec<HouseholdCodes>,
    ) -> StoreFuture<'a, ()> {
        let community = community.to_owned();
        Box::pin(
            self.writer
                .run(move |tx| roll::set_codes(tx.conn, &community, &codes)),
        )
    }

    fn topic<'a>(&'a self, topic: &'a TopicId) -> StoreFuture<'a, Option<Arc<StoredTopic>>> {
        let (topics, topic) = (Arc::clone(&self.topics), topic.clone());
        Box::pin(self.readers.run(move |conn| topics.load(conn, &topic)))
    }

    fn counts<'a>(&'a self, topic: &'a StoredTopic, with_places: bool) -> StoreFuture<'a, Counts> {
        let topic = topic.topic.clone();
        Box::pin(
            self.readers
                .run(move |conn| counts::count(conn, &topic, with_places)),
        )
    }

    /// Counted in this process: one server writes to the file. What an import changes
    /// changes the topic's version.
    fn generation<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, u64> {
        let generation = self.writer.generation(&topic.topic.id);
        Box::pin(std::future::ready(Ok(generation)))
    }

    fn typed_code<'a>(
        &'a self,
        community: &'a str,
        selector: &'a str,
    ) -> StoreFuture<'a, Option<String>> {
        let (community, selector) = (community.to_owned(), selector.to_owned());
        Box::pin(
            self.readers
                .run(move |conn| grants::typed_code(conn, &community, &selector)),
        )
    }

    fn charge(&self, charge: Charge) -> StoreFuture<'_, u32> {
        Box::pin(
            self.writer
                .run(move |tx| grants::charge(tx, &charge.community, &charge.subjects)),
        )
    }

    fn issue_grant(&self, issue: IssueGrant) -> StoreFuture<'_, IssuedGrant> {
        let done = self.writer.run(move |tx| grants::issue(tx, &issue));
        // A wrong try is an effect that must stay, so it travels as a value through the
        // commit and becomes a refusal here.
        Box::pin(async move { done.await?.map_err(Failure::Refused) })
    }

    fn cast_ballot(&self, cast: CastIntent) -> StoreFuture<'_, CastRecord> {
        Box::pin(self.writer.run_bare(move |tx| cast::cast(tx, &cast)))
    }

    fn standing<'a>(
        &'a self,
        topic: &'a TopicId,
        token_hash: [u8; 32],
        secret: Option<BallotSecret>,
        now_ms: UtcMs,
    ) -> StoreFuture<'a, StoredStanding> {
        let (topics, topic) = (Arc::clone(&self.topics), topic.clone());
        Box::pin(self.readers.run(move |conn| {
            let found = topics.load(conn, &topic)?;
            let stored = found.ok_or(linli_model::Refusal::TopicUnknown)?;
            cast::standing_of_grant(conn, &stored, &token_hash, secret.as_ref(), now_ms)
        }))
    }

    fn voter<'a>(
        &'a self,
        topic: &'a TopicId,
        token_hash: [u8; 32],
        now_ms: UtcMs,
    ) -> StoreFuture<'a, String> {
        let (topics, topic) = (Arc::clone(&self.topics), topic.clone());
        Box::pin(self.readers.run(move |conn| {
            let found = topics.load(conn, &topic)?;
            let stored = found.ok_or(linli_model::Refusal::TopicUnknown)?;
            cast::voter(conn, &stored, &token_hash, now_ms)
        }))
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            self.writer.ping().await?;
            self.readers
                .run(|conn| Ok(conn.query_row("SELECT 1", [], |_| Ok(()))?))
                .await
        })
    }

    fn figures(&self) -> StoreFigures {
        self.writer.figures()
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            self.readers.close().await;
            let writer = self.writer.clone();
            tokio::task::spawn_blocking(move || writer.close_and_wait())
                .await
                .map_err(|error| Failure::Fault(error.to_string()))
        })
    }
}
