//! Ballots that somebody filled in for the voter.

use super::SqliteStore;
use super::error::JobError;
use crate::store::behalf::voted;
use crate::store::{
    BehalfRow, BehalfStore, Manner, OnBehalf, Recorder, StoreFuture, StoredTopic, VoterRow,
    VoterSearch,
};
use linli_model::{PlaceId, PlaceRef, Topic, UtcMs};
use rusqlite::{Connection, params};

impl BehalfStore for SqliteStore {
    fn on_behalf<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, Vec<BehalfRow>> {
        let topic = topic.topic.clone();
        Box::pin(self.readers.run(move |conn| rows(conn, &topic)))
    }

    fn find_voters<'a>(
        &'a self,
        topic: &'a StoredTopic,
        search: VoterSearch,
    ) -> StoreFuture<'a, Vec<VoterRow>> {
        let topic = topic.topic.clone();
        Box::pin(self.readers.run(move |conn| found(conn, &topic, &search)))
    }
}

/// Records who filled in this revision of the voter's ballot.
pub(super) fn put(
    conn: &Connection,
    topic: &Topic,
    (voter, revision): (&str, u32),
    by: &OnBehalf,
    now_ms: UtcMs,
) -> Result<(), JobError> {
    let (kind, name) = by.recorder.parts();
    conn.prepare_cached(
        "INSERT INTO ballot_on_behalf (community_id, poll_id, voter, revision, recorder_kind,
         recorder, manner, consenter, relation, consented_at_ms, recorded_at_ms, record_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        topic.community.id.as_str(),
        topic.poll.id.as_str(),
        voter,
        revision,
        kind,
        name,
        by.manner.as_str(),
        by.consenter,
        by.relation,
        by.consented_at_ms,
        now_ms,
        by.record_id
    ])?;
    Ok(())
}

fn rows(conn: &Connection, topic: &Topic) -> Result<Vec<BehalfRow>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT h.label, o.revision, o.recorder_kind, o.recorder, o.manner, o.consenter,
             o.relation, o.consented_at_ms, o.recorded_at_ms, o.record_id
         FROM ballot_on_behalf o JOIN household h ON h.community_id = o.community_id
         AND 'h' || h.household_id = o.voter
         WHERE o.community_id = ?1 AND o.poll_id = ?2
         ORDER BY o.recorded_at_ms, o.voter, o.revision",
    )?;
    let mut rows = select.query([topic.community.id.as_str(), topic.poll.id.as_str()])?;
    let mut told = Vec::new();
    while let Some(row) = rows.next()? {
        let (kind, manner): (String, String) = (row.get(2)?, row.get(4)?);
        let recorder = Recorder::of_parts(&kind, row.get(3)?);
        let (Some(recorder), Some(manner)) = (recorder, Manner::parse(&manner)) else {
            return Err(JobError::Corrupt(format!("{kind} or {manner} on behalf")));
        };
        told.push(BehalfRow {
            label: row.get(0)?,
            revision: row.get(1)?,
            on_behalf: OnBehalf {
                recorder,
                manner,
                record_id: row.get(9)?,
                consenter: row.get(5)?,
                relation: row.get(6)?,
                consented_at_ms: row.get(7)?,
            },
            recorded_at_ms: row.get(8)?,
        });
    }
    Ok(told)
}

fn found(
    conn: &Connection,
    topic: &Topic,
    search: &VoterSearch,
) -> Result<Vec<VoterRow>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT e.label, p.place_id, p.name, b.voter IS NOT NULL, o.recorder_kind
         FROM roll_entry e
         JOIN place p ON p.community_id = e.community_id AND p.place_id = e.place_id
         LEFT JOIN ballot b ON b.community_id = e.community_id AND b.poll_id = ?2
             AND b.voter = 'h' || e.household_id
         LEFT JOIN ballot_on_behalf o ON o.community_id = b.community_id
             AND o.poll_id = b.poll_id AND o.voter = b.voter AND o.revision = b.revision
         WHERE e.community_id = ?1 AND e.kind = 'households' AND e.until_version IS NULL
         AND e.place_id IN (SELECT value FROM json_each(?3))
         AND lower(p.name || ' ' || e.label) LIKE ?4 ESCAPE '\\'
         ORDER BY length(e.label), e.label, p.place_id LIMIT ?5",
    )?;
    let places = serde_json::to_string(&search.places);
    let mut rows = select.query(params![
        topic.community.id.as_str(),
        topic.poll.id.as_str(),
        places.map_err(|e| JobError::Corrupt(e.to_string()))?,
        search.pattern,
        search.limit
    ])?;
    let mut told = Vec::new();
    while let Some(row) = rows.next()? {
        let (place, recorder): (String, Option<String>) = (row.get(1)?, row.get(4)?);
        told.push(VoterRow {
            label: row.get(0)?,
            place: PlaceRef {
                id: PlaceId::parse(&place).map_err(|e| JobError::Corrupt(e.to_string()))?,
                name: row.get(2)?,
            },
            voted: voted(row.get(3)?, recorder.as_deref()),
        });
    }
    Ok(told)
}

/// How many ballots that count were filled in for the voter.
pub(super) fn count(conn: &Connection, topic: &Topic) -> Result<u64, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT count(*) FROM ballot_on_behalf o JOIN ballot b
         ON b.community_id = o.community_id AND b.poll_id = o.poll_id
         AND b.voter = o.voter AND b.revision = o.revision
         WHERE o.community_id = ?1 AND o.poll_id = ?2",
    )?;
    let key = [topic.community.id.as_str(), topic.poll.id.as_str()];
    Ok(select.query_row(key, |row| row.get(0))?)
}
