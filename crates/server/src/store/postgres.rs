//! The store on PostgreSQL, for more than one machine: each intent is one transaction on
//! a pooled connection, and any number of servers may share the database.
//!
//! The same tables and the same meaning as on SQLite. What differs by intent is in the
//! files beside this one.

mod attachments;
mod behalf;
mod cast;
mod check;
mod contacts;
mod counts;
mod db;
mod error;
mod grants;
mod identity;
mod inspect;
mod migrations;
mod mine;
mod parsed;
mod places;
mod privacy;
mod retention;
mod roll;
mod roll_next;
mod roll_pages;
mod rolls;
mod seat;
mod staff;
mod tls;
mod topics;
mod unlink;
mod uploads;
mod work;

pub use check::check;
pub use db::QUEUE_MAX;
pub use inspect::inspect;
pub use migrations::MIGRATIONS;

use super::{
    CastIntent, CastRecord, Charge, Counts, Failure, HouseholdCodes, HouseholdRow, ImportReport,
    IssueGrant, IssuedGrant, PreparedImport, Store, StoreFigures, StoreFuture, StoredStanding,
    StoredTopic, TypedCodeRow,
};
use crate::clock::Clock;
use db::{Db, Mode, Tx, Work};
use error::JobError;
use linli_model::{BallotSecret, TopicId, UtcMs};
use std::sync::Arc;
use unlink::Unlinker;

/// A store in one PostgreSQL database.
pub struct PostgresStore {
    db: Arc<Db>,
    unlinker: Unlinker,
}

impl PostgresStore {
    /// Connects and brings the schema up to date. Errors never hold the address, which
    /// may hold a password.
    pub async fn open(
        url: &str,
        connections: usize,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let told = |error: String| format!("PostgreSQL: {error}");
        let db = Arc::new(Db::new(url, connections, clock).map_err(told)?);
        let conn = db.connection().await.map_err(told)?;
        migrations::apply(&conn).await.map_err(told)?;
        drop(conn);
        Ok(Self {
            unlinker: Unlinker::start(Arc::clone(&db)),
            db,
        })
    }
}

/// Reads and writes nothing, in a transaction like any other.
struct Ping;

impl Work for Ping {
    type Output = ();
    const MODE: Mode = Mode::Again;

    async fn run(&self, tx: &Tx<'_>) -> Result<(), JobError> {
        tx.row("SELECT 1", &[]).await.map(drop)
    }
}

impl Store for PostgresStore {
    fn import(&self, import: PreparedImport) -> StoreFuture<'_, ImportReport> {
        Box::pin(self.db.run(import))
    }

    fn last_import(&self) -> StoreFuture<'_, Option<[u8; 32]>> {
        Box::pin(self.db.run(roll::LastImport))
    }

    fn typed_codes<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<TypedCodeRow>> {
        Box::pin(self.db.run(roll::TypedCodes(community.to_owned())))
    }

    fn households<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<HouseholdRow>> {
        Box::pin(self.db.run(roll::Households(community.to_owned())))
    }

    fn set_codes<'a>(
        &'a self,
        community: &'a str,
        codes: Vec<HouseholdCodes>,
    ) -> StoreFuture<'a, ()> {
        let community = community.to_owned();
        Box::pin(self.db.run(roll::SetCodes { community, codes }))
    }

    fn topic<'a>(&'a self, topic: &'a TopicId) -> StoreFuture<'a, Option<Arc<StoredTopic>>> {
        Box::pin(self.db.run(topics::FindTopic(topic.clone())))
    }

    fn counts<'a>(&'a self, topic: &'a StoredTopic, with_places: bool) -> StoreFuture<'a, Counts> {
        Box::pin(self.db.run(counts::CountPoll {
            topic: topic.topic.clone(),
            with_places,
        }))
    }

    fn generation<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, u64> {
        Box::pin(self.db.run(counts::Generation {
            community: topic.topic.community.id.to_string(),
            poll: topic.topic.poll.id.to_string(),
        }))
    }

    fn typed_code<'a>(
        &'a self,
        community: &'a str,
        selector: &'a str,
    ) -> StoreFuture<'a, Option<String>> {
        Box::pin(self.db.run(grants::TypedCode {
            community: community.to_owned(),
            selector: selector.to_owned(),
        }))
    }

    fn charge(&self, charge: Charge) -> StoreFuture<'_, u32> {
        Box::pin(self.db.run(charge))
    }

    fn issue_grant(&self, issue: IssueGrant) -> StoreFuture<'_, IssuedGrant> {
        Box::pin(async move { self.db.run(issue).await?.map_err(Failure::Refused) })
    }

    fn cast_ballot(&self, cast: CastIntent) -> StoreFuture<'_, CastRecord> {
        Box::pin(async move {
            let first = match cast::CastFirst::of(self.db.topics(), &cast) {
                Some(first) => self.db.run(first).await?,
                None => None,
            };
            let record = match first {
                Some(record) => record,
                None => self.db.run(cast::Cast(cast)).await?,
            };
            self.unlinker.note(&record.topic);
            Ok(record)
        })
    }

    fn standing<'a>(
        &'a self,
        topic: &'a TopicId,
        token_hash: [u8; 32],
        secret: Option<BallotSecret>,
        now_ms: UtcMs,
    ) -> StoreFuture<'a, StoredStanding> {
        let asked = cast::StandingOf {
            topic: topic.clone(),
            token_hash,
            secret,
            now_ms,
        };
        Box::pin(async move {
            let standing = self.db.run(asked).await?;
            if let Some(record) = &standing.record {
                self.unlinker.note(&record.topic);
            }
            Ok(standing)
        })
    }

    fn voter<'a>(
        &'a self,
        topic: &'a TopicId,
        token_hash: [u8; 32],
        now_ms: UtcMs,
    ) -> StoreFuture<'a, String> {
        Box::pin(self.db.run(cast::VoterOf {
            topic: topic.clone(),
            token_hash,
            now_ms,
        }))
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.db.run(Ping))
    }

    fn figures(&self) -> StoreFigures {
        self.db.figures()
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            self.unlinker.finish().await;
            self.db.close().await;
            Ok(())
        })
    }
}
