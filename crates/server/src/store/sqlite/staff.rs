//! Staff, their requests and the audit log. What is decided is `store::desk`'s.

mod apply;
mod load;

use super::SqliteStore;
use super::error::JobError;
use super::places;
use super::rolls;
use super::writer::Tx;
use crate::store::audit::Walk;
use crate::store::desk;
use crate::store::staff::{
    Act, ActReply, DeskHead, DeskState, PlaceHouseholds, RecordedBallot, StaffStore, Want,
};
use crate::store::{StoreFuture, StoredTopic};
use linli_model::desk::{AuditEntry, DeskRefusal, LiveEvent, Subject};
use linli_model::{CommunityId, Topic, UtcMs};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;

impl StaffStore for SqliteStore {
    fn desk_state<'a>(
        &'a self,
        community: &'a CommunityId,
        want: Want,
    ) -> StoreFuture<'a, Result<DeskState, DeskRefusal>> {
        let (topics, clock) = (Arc::clone(&self.topics), Arc::clone(&self.clock));
        let community = community.clone();
        Box::pin(self.readers.run(move |conn| {
            let found = load::state(conn, &topics, clock.now_ms(), &community, &want)?;
            Ok(found.ok_or(DeskRefusal::SignedOut))
        }))
    }

    fn place_households<'a>(
        &'a self,
        community: &'a CommunityId,
    ) -> StoreFuture<'a, Vec<PlaceHouseholds>> {
        let community = community.clone();
        Box::pin(
            self.readers
                .run(move |conn| load::place_households(conn, &community)),
        )
    }

    fn desk_act<'a>(
        &'a self,
        community: &'a CommunityId,
        act: Act,
    ) -> StoreFuture<'a, Result<ActReply, DeskRefusal>> {
        let community = community.clone();
        Box::pin(self.writer.run(move |tx| done(tx, &community, &act)))
    }

    fn touch_session<'a>(
        &'a self,
        community: &'a CommunityId,
        token_hash: [u8; 32],
        used_at_ms: UtcMs,
    ) -> StoreFuture<'a, ()> {
        let community = community.clone();
        Box::pin(self.writer.run(move |tx| {
            tx.conn
                .prepare_cached(
                    "UPDATE staff_session SET used_at_ms = ?3
                     WHERE community_id = ?1 AND token_hash = ?2 AND used_at_ms < ?3",
                )?
                .execute(params![
                    community.as_str(),
                    token_hash.as_slice(),
                    used_at_ms
                ])?;
            Ok(())
        }))
    }

    fn audit_before<'a>(
        &'a self,
        community: &'a CommunityId,
        before: Option<u64>,
        search: &'a str,
        limit: u32,
    ) -> StoreFuture<'a, Vec<AuditEntry>> {
        let (community, search) = (community.clone(), search.to_owned());
        let before = before.map_or(i64::MAX, number);
        Box::pin(self.readers.run(move |conn| {
            entries(
                conn,
                "SELECT number, at_ms, actor, action, subject, detail, previous_hash, entry_hash
                 FROM audit WHERE community_id = ?1 AND number < ?2
                 AND (?3 = '' OR instr(actor, ?3) > 0 OR instr(action, ?3) > 0
                      OR instr(subject, ?3) > 0 OR instr(detail, ?3) > 0)
                 ORDER BY number DESC LIMIT ?4",
                params![community.as_str(), before, search, limit],
            )
        }))
    }

    fn audit_after<'a>(
        &'a self,
        community: &'a CommunityId,
        after: u64,
        limit: u32,
    ) -> StoreFuture<'a, Vec<AuditEntry>> {
        let community = community.clone();
        Box::pin(self.readers.run(move |conn| {
            entries(
                conn,
                "SELECT number, at_ms, actor, action, subject, detail, previous_hash, entry_hash
                 FROM audit WHERE community_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
                params![community.as_str(), number(after), limit],
            )
        }))
    }

    fn desk_head<'a>(&'a self, community: &'a CommunityId) -> StoreFuture<'a, DeskHead> {
        let community = community.clone();
        Box::pin(self.readers.run(move |conn| head(conn, &community)))
    }

    fn desk_events<'a>(
        &'a self,
        community: &'a CommunityId,
        after: u64,
    ) -> StoreFuture<'a, Option<Vec<(u64, LiveEvent)>>> {
        let community = community.clone();
        Box::pin(
            self.readers
                .run(move |conn| events(conn, &community, after)),
        )
    }

    fn recorded_ballots<'a>(
        &'a self,
        topic: &'a StoredTopic,
        after: &'a str,
        limit: u32,
    ) -> StoreFuture<'a, Vec<RecordedBallot>> {
        let (topic, after) = (topic.topic.clone(), after.to_owned());
        Box::pin(
            self.readers
                .run(move |conn| ballots(conn, &topic, &after, limit)),
        )
    }
}

/// Loads, decides and does one act.
fn done(
    tx: &mut Tx<'_>,
    community: &CommunityId,
    act: &Act,
) -> Result<Result<ActReply, DeskRefusal>, JobError> {
    let want = desk::want(act);
    let state = load::state(tx.conn, tx.topics(), tx.now_ms(), community, &want)?;
    let Some(state) = state else {
        return Ok(Err(DeskRefusal::SignedOut));
    };
    let decided = desk::decide(&state, act);
    if let Some(adopt) = desk::adopted(&decided)
        && let Err(refusal) = rolls::adopt(tx, adopt)?
    {
        return Ok(Err(desk::not_adopted(&refusal)));
    }
    if let Some(change) = desk::replaced(&decided)
        && let Err(refusal) = places::change(tx.conn, community.as_str(), change)?
    {
        return Ok(Err(refusal));
    }
    apply::effects(tx, community, state.now_ms, &decided.effects)?;
    if let (Some(kept), Act::Command(asked)) = (&decided.remember, act) {
        apply::remember(tx.conn, community, state.now_ms, kept, asked)?;
    }
    Ok(decided.reply)
}

/// The ends of a community's log and changes.
fn head(conn: &Connection, community: &CommunityId) -> Result<DeskHead, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT audit_number, audit_hash, event_number FROM desk_head WHERE community_id = ?1",
    )?;
    let found = select.query_row([community.as_str()], |row| {
        Ok(DeskHead {
            audit_number: row.get(0)?,
            audit_hash: row.get(1)?,
            event_number: row.get(2)?,
        })
    });
    Ok(found.optional()?.unwrap_or_default())
}

/// What is wrong with the audit logs of a file, in words. One of an earlier version has
/// none.
pub(super) fn broken_logs(conn: &Connection) -> Result<Vec<String>, JobError> {
    let has_logs = conn
        .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'desk_head'")?
        .exists([])?;
    if !has_logs {
        return Ok(Vec::new());
    }
    let mut select = conn.prepare("SELECT community_id FROM desk_head ORDER BY community_id")?;
    let communities: Vec<String> = select
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut broken = Vec::new();
    for name in communities {
        let community = CommunityId::parse(&name).map_err(|e| JobError::Corrupt(e.to_string()))?;
        let mut select = conn.prepare(
            "SELECT number, at_ms, actor, action, subject, detail, previous_hash, entry_hash
             FROM audit WHERE community_id = ?1 ORDER BY number",
        )?;
        let mut rows = select.query([&name])?;
        let (mut walk, mut found) = (Walk::default(), Ok(()));
        while let (Some(row), Ok(())) = (rows.next()?, &found) {
            found = walk.step(&entry(row)?);
        }
        let head = head(conn, &community)?;
        if let Err(what) = found.and_then(|()| walk.end(&head)) {
            broken.push(format!("audit log of {name}: {what}"));
        }
    }
    Ok(broken)
}

/// SQLite's numbers end at 2⁶³.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn entries(
    conn: &Connection,
    sql: &str,
    given: &[&dyn rusqlite::ToSql],
) -> Result<Vec<AuditEntry>, JobError> {
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query(given)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(row)?);
    }
    Ok(entries)
}

fn entry(row: &Row<'_>) -> Result<AuditEntry, JobError> {
    let actor: String = row.get(2)?;
    Ok(AuditEntry {
        number: row.get(0)?,
        at_ms: row.get(1)?,
        actor: load::json(&actor)?,
        action: row.get(3)?,
        subject: row.get(4)?,
        detail: row.get(5)?,
        previous: row.get(6)?,
        hash: row.get(7)?,
    })
}

fn events(
    conn: &Connection,
    community: &CommunityId,
    after: u64,
) -> Result<Option<Vec<(u64, LiveEvent)>>, JobError> {
    let newest = head(conn, community)?.event_number;
    let mut select = conn.prepare_cached(
        "SELECT number, subject, subject_id FROM desk_event
         WHERE community_id = ?1 AND number > ?2 ORDER BY number",
    )?;
    let mut rows = select.query(params![community.as_str(), number(after)])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let subject: String = row.get(1)?;
        let event = LiveEvent {
            subject: Subject::parse(&subject).unwrap_or(Subject::All),
            id: row.get(2)?,
        };
        events.push((row.get(0)?, event));
    }
    // Numbers have no gaps: fewer than there were means that some are gone.
    let whole = newest >= after && events.len() as u64 == newest - after;
    Ok(whole.then_some(events))
}

fn ballots(
    conn: &Connection,
    topic: &Topic,
    after: &str,
    limit: u32,
) -> Result<Vec<RecordedBallot>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT b.voter, coalesce(p.name, ''), coalesce(h.label, ''), b.choice, b.revision,
             b.cast_at_ms
         FROM ballot b
         LEFT JOIN household h ON b.voter LIKE 'h%' AND h.community_id = b.community_id
             AND h.household_id = CAST(substr(b.voter, 2) AS INTEGER)
         LEFT JOIN place p ON p.community_id = h.community_id AND p.place_id = h.place_id
         WHERE b.community_id = ?1 AND b.poll_id = ?2 AND b.voter > ?3
         ORDER BY b.voter LIMIT ?4",
    )?;
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    let rows = select.query_map(params![community, poll, after, limit], |row| {
        Ok(RecordedBallot {
            voter: row.get(0)?,
            place: row.get(1)?,
            label: row.get(2)?,
            choice: row.get(3)?,
            revision: row.get(4)?,
            cast_at_ms: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
