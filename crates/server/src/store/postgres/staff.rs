//! Staff, their requests and the audit log. What is decided is `store::desk`'s.
//!
//! Acts of a community come one after the other: each first locks the row of the
//! community's head, and reads after that. An act that changes a poll also waits for the
//! ballots that are under way, as an import does.

mod apply;
mod load;

use super::PostgresStore;
use super::db::{ATTEMPT_MAX, Lock, Mode, Tx, Work};
use super::error::JobError;
use super::places;
use super::roll_next::{IMPORT_MAX, one_at_a_time};
use super::rolls;
use crate::store::audit::Walk;
use crate::store::desk;
use crate::store::staff::{
    Act, ActReply, DeskHead, DeskState, PlaceHouseholds, RecordedBallot, StaffStore, Want,
};
use crate::store::{StoreFuture, StoredTopic};
use linli_model::desk::{AuditEntry, Command, DeskRefusal, LiveEvent, Subject};
use linli_model::{CommunityId, Topic, UtcMs};
use std::time::Duration;
use tokio_postgres::Row;

/// Entries of the audit log that are walked at once.
const STEP: u32 = 1_000;

impl StaffStore for PostgresStore {
    fn desk_state<'a>(
        &'a self,
        community: &'a CommunityId,
        want: Want,
    ) -> StoreFuture<'a, Result<DeskState, DeskRefusal>> {
        let community = community.clone();
        Box::pin(async move {
            let found = self.db.run(Look { community, want }).await?;
            Ok(found.ok_or(DeskRefusal::SignedOut))
        })
    }

    fn place_households<'a>(
        &'a self,
        community: &'a CommunityId,
    ) -> StoreFuture<'a, Vec<PlaceHouseholds>> {
        Box::pin(self.db.run(load::CountHouseholds(community.clone())))
    }

    fn desk_act<'a>(
        &'a self,
        community: &'a CommunityId,
        act: Act,
    ) -> StoreFuture<'a, Result<ActReply, DeskRefusal>> {
        let community = community.clone();
        let may_adopt = matches!(&act, Act::Command(asked)
            if matches!(asked.command, Command::Decide { .. } | Command::AdoptRoll { .. }
                | Command::PutPlace { .. } | Command::ClosePlace { .. }));
        Box::pin(async move {
            match may_adopt {
                true => self.db.run(Acting::<true> { community, act }).await,
                false => self.db.run(Acting::<false> { community, act }).await,
            }
        })
    }

    fn touch_session<'a>(
        &'a self,
        community: &'a CommunityId,
        token_hash: [u8; 32],
        used_at_ms: UtcMs,
    ) -> StoreFuture<'a, ()> {
        let community = community.clone();
        Box::pin(self.db.run(Touch {
            community,
            token_hash,
            used_at_ms,
        }))
    }

    fn audit_before<'a>(
        &'a self,
        community: &'a CommunityId,
        before: Option<u64>,
        search: &'a str,
        limit: u32,
    ) -> StoreFuture<'a, Vec<AuditEntry>> {
        Box::pin(self.db.run(AuditBefore {
            community: community.clone(),
            before: before.map_or(i64::MAX, number),
            search: search.to_owned(),
            limit,
        }))
    }

    fn audit_after<'a>(
        &'a self,
        community: &'a CommunityId,
        after: u64,
        limit: u32,
    ) -> StoreFuture<'a, Vec<AuditEntry>> {
        let community = community.clone();
        Box::pin(self.db.run(AuditAfter {
            community,
            after: number(after),
            limit,
        }))
    }

    fn desk_head<'a>(&'a self, community: &'a CommunityId) -> StoreFuture<'a, DeskHead> {
        Box::pin(self.db.run(Head(community.clone())))
    }

    fn desk_events<'a>(
        &'a self,
        community: &'a CommunityId,
        after: u64,
    ) -> StoreFuture<'a, Option<Vec<(u64, LiveEvent)>>> {
        let community = community.clone();
        Box::pin(self.db.run(Events { community, after }))
    }

    fn recorded_ballots<'a>(
        &'a self,
        topic: &'a StoredTopic,
        after: &'a str,
        limit: u32,
    ) -> StoreFuture<'a, Vec<RecordedBallot>> {
        Box::pin(self.db.run(Ballots {
            topic: topic.topic.clone(),
            after: after.to_owned(),
            limit,
        }))
    }
}

/// Loads what a desk shows.
struct Look {
    community: CommunityId,
    want: Want,
}

impl Work for Look {
    type Output = Option<DeskState>;
    const MODE: Mode = Mode::View;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        load::state(tx, &self.community, &self.want).await
    }
}

/// Loads, decides and does one act. Adopting a roll may take as long as an import.
struct Acting<const LONG: bool> {
    community: CommunityId,
    act: Act,
}

impl<const LONG: bool> Work for Acting<LONG> {
    type Output = Result<ActReply, DeskRefusal>;
    const MODE: Mode = Mode::Once;
    const LIMIT: Duration = if LONG { IMPORT_MAX } else { ATTEMPT_MAX };

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let community = &self.community;
        let Some(mut head) = hold_head(tx, community).await? else {
            return Ok(Err(DeskRefusal::SignedOut));
        };
        let want = desk::want(&self.act);
        let Some(state) = load::state_to_change(tx, community, &want).await? else {
            return Ok(Err(DeskRefusal::SignedOut));
        };
        let decided = desk::decide(&state, &self.act);
        if let Some(adopt) = desk::adopted(&decided) {
            tx.lock(vec![one_at_a_time()]).await?;
            if let Err(refusal) = rolls::adopt(tx, adopt).await? {
                return Ok(Err(desk::not_adopted(&refusal)));
            }
        }
        if let Some(change) = desk::replaced(&decided) {
            tx.lock(vec![one_at_a_time()]).await?;
            if let Err(refusal) = places::change(tx, community.as_str(), change).await? {
                return Ok(Err(refusal));
            }
        }
        apply::effects(tx, community, state.now_ms, &mut head, &decided.effects).await?;
        if let (Some(kept), Act::Command(asked)) = (&decided.remember, &self.act) {
            apply::remember(tx, community, state.now_ms, kept, asked).await?;
        }
        Ok(decided.reply)
    }
}

/// The community's head, locked to the end of the transaction; made where it is not
/// there. Nothing where there is no such community.
async fn hold_head(tx: &Tx<'_>, community: &CommunityId) -> Result<Option<DeskHead>, JobError> {
    let first = DeskHead::default();
    tx.execute(
        "INSERT INTO desk_head (community_id, audit_number, audit_hash, event_number)
         SELECT community_id, 0, $2, 0 FROM community WHERE community_id = $1
         ON CONFLICT DO NOTHING",
        &[&community.as_str(), &first.audit_hash],
    )
    .await?;
    let found = tx
        .opt(
            "SELECT audit_number, audit_hash, event_number FROM desk_head
             WHERE community_id = $1 FOR UPDATE",
            &[&community.as_str()],
        )
        .await?;
    found.map(|row| read_head(&row)).transpose()
}

fn read_head(row: &Row) -> Result<DeskHead, JobError> {
    Ok(DeskHead {
        audit_number: row.try_get::<_, i64>(0)?.unsigned_abs(),
        audit_hash: row.try_get(1)?,
        event_number: row.try_get::<_, i64>(2)?.unsigned_abs(),
    })
}

/// What is wrong with the audit logs of a database, in words. One of an earlier version
/// has none.
pub(super) async fn broken_logs(tx: &Tx<'_>) -> Result<Vec<String>, JobError> {
    let has_logs: bool = tx
        .row("SELECT to_regclass('desk_head') IS NOT NULL", &[])
        .await?
        .try_get(0)?;
    if !has_logs {
        return Ok(Vec::new());
    }
    let communities = tx
        .rows(
            "SELECT community_id FROM desk_head ORDER BY community_id",
            &[],
        )
        .await?;
    let mut broken = Vec::new();
    for row in communities {
        let community = CommunityId::parse(row.try_get(0)?);
        let community = community.map_err(|e| JobError::Corrupt(e.to_string()))?;
        if let Err(what) = walked(tx, &community).await? {
            broken.push(format!("audit log of {community}: {what}"));
        }
    }
    Ok(broken)
}

async fn walked(tx: &Tx<'_>, community: &CommunityId) -> Result<Result<(), String>, JobError> {
    let mut walk = Walk::default();
    loop {
        let step = AuditAfter {
            community: community.clone(),
            after: number(walk.at().0),
            limit: STEP,
        };
        let entries = step.run(tx).await?;
        if entries.is_empty() {
            let head = Head(community.clone()).run(tx).await?;
            return Ok(walk.end(&head));
        }
        if let Err(what) = entries.iter().try_for_each(|entry| walk.step(entry)) {
            return Ok(Err(what));
        }
    }
}

/// PostgreSQL's numbers end at 2⁶³.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

struct Touch {
    community: CommunityId,
    token_hash: [u8; 32],
    used_at_ms: UtcMs,
}

impl Work for Touch {
    type Output = ();
    const MODE: Mode = Mode::Again;

    async fn run(&self, tx: &Tx<'_>) -> Result<(), JobError> {
        tx.execute(
            "UPDATE staff_session SET used_at_ms = $3
             WHERE community_id = $1 AND token_hash = $2 AND used_at_ms < $3",
            &[
                &self.community.as_str(),
                &self.token_hash.as_slice(),
                &self.used_at_ms,
            ],
        )
        .await
        .map(drop)
    }
}

struct AuditBefore {
    community: CommunityId,
    before: i64,
    search: String,
    limit: u32,
}

impl Work for AuditBefore {
    type Output = Vec<AuditEntry>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT number, at_ms, actor, action, subject, detail, previous_hash, entry_hash
                 FROM audit WHERE community_id = $1 AND number < $2
                 AND ($3 = '' OR strpos(actor, $3) > 0 OR strpos(action, $3) > 0
                      OR strpos(subject, $3) > 0 OR strpos(detail, $3) > 0)
                 ORDER BY number DESC LIMIT $4",
                &[
                    &self.community.as_str(),
                    &self.before,
                    &self.search,
                    &i64::from(self.limit),
                ],
            )
            .await?;
        rows.iter().map(entry).collect()
    }
}

struct AuditAfter {
    community: CommunityId,
    after: i64,
    limit: u32,
}

impl Work for AuditAfter {
    type Output = Vec<AuditEntry>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT number, at_ms, actor, action, subject, detail, previous_hash, entry_hash
                 FROM audit WHERE community_id = $1 AND number > $2 ORDER BY number LIMIT $3",
                &[
                    &self.community.as_str(),
                    &self.after,
                    &i64::from(self.limit),
                ],
            )
            .await?;
        rows.iter().map(entry).collect()
    }
}

fn entry(row: &Row) -> Result<AuditEntry, JobError> {
    Ok(AuditEntry {
        number: row.try_get::<_, i64>(0)?.unsigned_abs(),
        at_ms: row.try_get(1)?,
        actor: load::json(row.try_get(2)?)?,
        action: row.try_get(3)?,
        subject: row.try_get(4)?,
        detail: row.try_get(5)?,
        previous: row.try_get(6)?,
        hash: row.try_get(7)?,
    })
}

struct Head(CommunityId);

impl Work for Head {
    type Output = DeskHead;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<DeskHead, JobError> {
        let found = tx
            .opt(
                "SELECT audit_number, audit_hash, event_number FROM desk_head
                 WHERE community_id = $1",
                &[&self.0.as_str()],
            )
            .await?;
        match found {
            Some(row) => read_head(&row),
            None => Ok(DeskHead::default()),
        }
    }
}

struct Events {
    community: CommunityId,
    after: u64,
}

impl Work for Events {
    type Output = Option<Vec<(u64, LiveEvent)>>;
    const MODE: Mode = Mode::View;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let newest = Head(self.community.clone()).run(tx).await?.event_number;
        let rows = tx
            .rows(
                "SELECT number, subject, subject_id FROM desk_event
                 WHERE community_id = $1 AND number > $2 ORDER BY number",
                &[&self.community.as_str(), &number(self.after)],
            )
            .await?;
        // Numbers have no gaps: fewer than there were means that some are gone.
        let whole = newest >= self.after && rows.len() as u64 == newest - self.after;
        let read = |row: &Row| {
            let event = LiveEvent {
                subject: Subject::parse(row.try_get(1)?).unwrap_or(Subject::All),
                id: row.try_get(2)?,
            };
            Ok((row.try_get::<_, i64>(0)?.unsigned_abs(), event))
        };
        let events: Result<Vec<_>, JobError> = rows.iter().map(read).collect();
        Ok(whole.then_some(events?))
    }
}

struct Ballots {
    topic: Topic,
    after: String,
    limit: u32,
}

impl Work for Ballots {
    type Output = Vec<RecordedBallot>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let topic = &self.topic;
        let rows = tx
            .rows(
                "SELECT b.voter, coalesce(p.name, ''), coalesce(h.label, ''), b.choice,
                     b.revision, b.cast_at_ms
                 FROM ballot b
                 LEFT JOIN household h ON h.community_id = b.community_id
                     AND h.household_id = CASE WHEN b.voter LIKE 'h%'
                         THEN substr(b.voter, 2)::bigint END
                 LEFT JOIN place p ON p.community_id = h.community_id
                     AND p.place_id = h.place_id
                 WHERE b.community_id = $1 AND b.poll_id = $2 AND b.voter > $3
                 ORDER BY b.voter LIMIT $4",
                &[
                    &topic.community.id.as_str(),
                    &topic.poll.id.as_str(),
                    &self.after,
                    &i64::from(self.limit),
                ],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(RecordedBallot {
                    voter: row.try_get(0)?,
                    place: row.try_get(1)?,
                    label: row.try_get(2)?,
                    choice: row.try_get(3)?,
                    revision: u32::try_from(row.try_get::<_, i64>(4)?).unwrap_or(u32::MAX),
                    cast_at_ms: row.try_get(5)?,
                })
            })
            .collect()
    }
}

/// Ballots on `topic` that are under way are waited for, and others wait for us.
async fn hold_topic(tx: &Tx<'_>, topic: &linli_model::TopicId) -> Result<(), JobError> {
    tx.lock(vec![Lock::alone(topic)]).await
}
