//! Takes away what PostgreSQL keeps beside the columns: rows that one transaction wrote
//! carry its number (`xmin`), and lie in the order in which they came (`ctid`). In a
//! secret poll both would connect the register with the box.
//!
//! So the rows of a poll are laid anew in the order of their hashes: the register in
//! one transaction, the box in another. That happens soon after ballots came in, and
//! costs at most one part in [`REST`] of the time. It is no part of casting: until it
//! is done, who can query the live database can connect the latest ballots.
//!
//! Written ourselves because nothing that PostgreSQL offers does it: CLUSTER and VACUUM
//! FULL keep `xmin`, and a freeze only marks it.

use super::db::{Db, Lock, Mode, Tx, Work};
use super::error::JobError;
use crate::store::StoredTopic;
use linli_model::{Phase, Secrecy, TopicId};
use linli_rules::phase;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// The shortest pause between two rounds.
const PAUSE: Duration = Duration::from_secs(1);
/// After a round, this many times its length is rest.
const REST: u32 = 20;
/// Polls with more voters are laid anew when they have closed: nobody must wait with a
/// ballot in hand.
const OPEN_VOTERS_MAX: i64 = 50_000;

/// Rows of the register.
const REGISTER: &str = "WITH gone AS (
        DELETE FROM voted_register WHERE community_id = $1 AND poll_id = $2 RETURNING *)
    INSERT INTO voted_register (community_id, poll_id, voter_mark)
    SELECT community_id, poll_id, voter_mark FROM gone ORDER BY voter_mark";

/// Ballots that count.
const BOX: &str = "WITH gone AS (
        DELETE FROM ballot_box WHERE community_id = $1 AND poll_id = $2 RETURNING *)
    INSERT INTO ballot_box (community_id, poll_id, address, revision, cast_key, choice,
        nonce, key_id)
    SELECT community_id, poll_id, address, revision, cast_key, choice, nonce, key_id
    FROM gone ORDER BY address";

/// Ballots that others replaced.
const SUPERSEDED: &str = "WITH gone AS (
        DELETE FROM ballot_box_superseded WHERE community_id = $1 AND poll_id = $2 RETURNING *)
    INSERT INTO ballot_box_superseded (community_id, poll_id, address, revision, cast_key,
        choice, nonce, key_id)
    SELECT community_id, poll_id, address, revision, cast_key, choice, nonce, key_id
    FROM gone ORDER BY address, revision";

type Pending = Mutex<HashMap<TopicId, Arc<StoredTopic>>>;

/// Knows which polls have rows to lay anew, and does it.
pub(super) struct Unlinker {
    pending: Arc<Pending>,
    wake: Arc<Notify>,
    stop: watch::Sender<bool>,
    round: Mutex<Option<JoinHandle<()>>>,
}

impl Unlinker {
    /// Starts. Polls that an earlier process left are found first.
    pub(super) fn start(db: Arc<Db>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let pending = Arc::new(Pending::default());
        let wake = Arc::new(Notify::new());
        let rounds = rounds(db, Arc::clone(&pending), Arc::clone(&wake), stopped);
        Self {
            pending,
            wake,
            stop,
            round: Mutex::new(Some(tokio::spawn(rounds))),
        }
    }

    /// Notes that rows of the topic's poll were written or locked.
    pub(super) fn note(&self, stored: &Arc<StoredTopic>) {
        if stored.topic.poll.secrecy != Secrecy::Secret {
            return;
        }
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.insert(stored.topic.id.clone(), Arc::clone(stored));
        drop(pending);
        self.wake.notify_one();
    }

    /// Does what is left and ends.
    pub(super) async fn finish(&self) {
        let _ = self.stop.send(true);
        let round = self
            .round
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(round) = round {
            let _ = round.await;
        }
    }
}

async fn rounds(
    db: Arc<Db>,
    pending: Arc<Pending>,
    wake: Arc<Notify>,
    mut stopped: watch::Receiver<bool>,
) {
    match db.run(LeftBehind).await {
        Ok(left) => {
            let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
            pending.extend(left.into_iter().map(|one| (one.topic.id.clone(), one)));
        }
        Err(error) => tracing::warn!(?error, "it was not looked for what an earlier server left"),
    }
    loop {
        let started = Instant::now();
        let last = *stopped.borrow();
        let due = std::mem::take(&mut *pending.lock().unwrap_or_else(PoisonError::into_inner));
        let idle = due.is_empty();
        let mut later = Vec::new();
        for (_, stored) in due {
            if !lay_anew(&db, &stored).await {
                later.push(stored);
            }
        }
        let waiting = !later.is_empty();
        {
            let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
            for stored in later {
                pending.entry(stored.topic.id.clone()).or_insert(stored);
            }
        }
        if last {
            return;
        }
        let rest = PAUSE.max(started.elapsed() * REST);
        if idle && !waiting {
            tokio::select! {
                () = wake.notified() => {}
                _ = stopped.wait_for(|stop| *stop) => {}
            }
        }
        // Also gathers those who come together.
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            _ = stopped.wait_for(|stop| *stop) => {}
        }
    }
}

/// False when it is to be tried later.
async fn lay_anew(db: &Arc<Db>, stored: &Arc<StoredTopic>) -> bool {
    let closed = phase::at(&stored.topic.poll, db.clock().now_ms()) == Phase::Closed;
    let register = LayAnew {
        stored: Arc::clone(stored),
        tables: &[REGISTER],
        voters_max: (!closed).then_some(OPEN_VOTERS_MAX),
    };
    let ballots = LayAnew {
        stored: Arc::clone(stored),
        tables: &[BOX, SUPERSEDED],
        voters_max: None,
    };
    match db.run(register).await {
        Ok(true) => {}
        Ok(false) => return false,
        Err(error) => {
            tracing::warn!(?error, "a register was not laid anew");
            return false;
        }
    }
    if let Err(error) = db.run(ballots).await {
        tracing::warn!(?error, "a ballot box was not laid anew");
        return false;
    }
    // What was deleted still lies there until it is cleaned up.
    let cleaned = match db.connection().await {
        Ok(conn) => conn
            .batch_execute("VACUUM (SKIP_LOCKED) voted_register, ballot_box, ballot_box_superseded")
            .await
            .map_err(|error| super::error::told(&error)),
        Err(error) => Err(error),
    };
    if let Err(error) = cleaned {
        tracing::warn!(%error, "deleted rows were not cleaned up");
    }
    true
}

struct LayAnew {
    stored: Arc<StoredTopic>,
    tables: &'static [&'static str],
    voters_max: Option<i64>,
}

impl Work for LayAnew {
    type Output = bool;
    const MODE: Mode = Mode::Again;
    const LIMIT: Duration = Duration::from_secs(300);

    fn lock(&self) -> Option<Lock> {
        Some(Lock::alone(&self.stored.topic.id))
    }

    async fn run(&self, tx: &Tx<'_>) -> Result<bool, JobError> {
        let topic = &self.stored.topic;
        let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
        if let Some(most) = self.voters_max {
            let voters: i64 = tx
                .row(
                    "SELECT count(*) FROM (SELECT 1 FROM voted_register
                     WHERE community_id = $1 AND poll_id = $2 LIMIT $3) AS voters",
                    &[&community, &poll, &(most + 1)],
                )
                .await?
                .try_get(0)?;
            if voters > most {
                return Ok(false);
            }
        }
        for sql in self.tables {
            tx.execute(sql, &[&community, &poll]).await?;
        }
        Ok(true)
    }
}

/// Finds secret polls whose rows several transactions wrote.
struct LeftBehind;

impl Work for LeftBehind {
    type Output = Vec<Arc<StoredTopic>>;
    const MODE: Mode = Mode::View;
    const LIMIT: Duration = Duration::from_secs(300);

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT t.topic_id FROM topic t JOIN (
                     SELECT community_id, poll_id FROM voted_register
                     GROUP BY community_id, poll_id HAVING count(DISTINCT xmin::text) > 1
                     UNION
                     SELECT community_id, poll_id FROM ballot_box
                     GROUP BY community_id, poll_id HAVING count(DISTINCT xmin::text) > 1
                 ) AS left_behind USING (community_id, poll_id)",
                &[],
            )
            .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let id = TopicId::parse(row.try_get(0)?);
            let id = id.map_err(|error| JobError::Corrupt(error.to_string()))?;
            found.extend(super::topics::find(tx, &id).await?);
        }
        Ok(found)
    }
}
