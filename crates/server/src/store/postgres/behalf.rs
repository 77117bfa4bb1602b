//! Ballots that somebody filled in for the voter.

use super::PostgresStore;
use super::db::{Mode, Tx, Work};
use super::error::JobError;
use crate::store::behalf::voted;
use crate::store::{
    BehalfRow, BehalfStore, Manner, OnBehalf, Recorder, StoreFuture, StoredTopic, VoterRow,
    VoterSearch,
};
use linli_model::{PlaceId, PlaceRef, Topic, UtcMs};
use tokio_postgres::Row;

impl BehalfStore for PostgresStore {
    fn on_behalf<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, Vec<BehalfRow>> {
        Box::pin(self.db.run(Rows {
            community: topic.topic.community.id.to_string(),
            poll: topic.topic.poll.id.to_string(),
        }))
    }

    fn find_voters<'a>(
        &'a self,
        topic: &'a StoredTopic,
        search: VoterSearch,
    ) -> StoreFuture<'a, Vec<VoterRow>> {
        Box::pin(self.db.run(Find {
            community: topic.topic.community.id.to_string(),
            poll: topic.topic.poll.id.to_string(),
            search,
        }))
    }
}

/// Records who filled in this revision of the voter's ballot.
pub(super) async fn put(
    tx: &Tx<'_>,
    topic: &Topic,
    (voter, revision): (&str, u32),
    by: &OnBehalf,
    now_ms: UtcMs,
) -> Result<(), JobError> {
    let (kind, name) = by.recorder.parts();
    tx.execute(
        "INSERT INTO ballot_on_behalf (community_id, poll_id, voter, revision, recorder_kind,
         recorder, manner, consenter, relation, consented_at_ms, recorded_at_ms, record_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            &topic.community.id.as_str(),
            &topic.poll.id.as_str(),
            &voter,
            &i64::from(revision),
            &kind,
            &name,
            &by.manner.as_str(),
            &by.consenter,
            &by.relation,
            &by.consented_at_ms,
            &now_ms,
            &by.record_id,
        ],
    )
    .await?;
    Ok(())
}

/// How many ballots that count were filled in for the voter.
pub(super) async fn count(tx: &Tx<'_>, topic: &Topic) -> Result<u64, JobError> {
    let row = tx
        .row(
            "SELECT count(*) FROM ballot_on_behalf o JOIN ballot b
             ON b.community_id = o.community_id AND b.poll_id = o.poll_id
             AND b.voter = o.voter AND b.revision = o.revision
             WHERE o.community_id = $1 AND o.poll_id = $2",
            &[&topic.community.id.as_str(), &topic.poll.id.as_str()],
        )
        .await?;
    Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
}

struct Rows {
    community: String,
    poll: String,
}

impl Work for Rows {
    type Output = Vec<BehalfRow>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT h.label, o.revision, o.recorder_kind, o.recorder, o.manner,
                     o.consenter, o.relation, o.consented_at_ms, o.recorded_at_ms,
                     o.record_id
                 FROM ballot_on_behalf o JOIN household h ON h.community_id = o.community_id
                 AND 'h' || h.household_id = o.voter
                 WHERE o.community_id = $1 AND o.poll_id = $2
                 ORDER BY o.recorded_at_ms, o.voter, o.revision",
                &[&self.community, &self.poll],
            )
            .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<BehalfRow, JobError> {
    let (kind, manner): (&str, &str) = (row.try_get(2)?, row.try_get(4)?);
    let recorder = Recorder::of_parts(kind, row.try_get(3)?);
    let (Some(recorder), Some(manner)) = (recorder, Manner::parse(manner)) else {
        return Err(JobError::Corrupt(format!("{kind} or {manner} on behalf")));
    };
    Ok(BehalfRow {
        label: row.try_get(0)?,
        revision: super::cast::revision(row.try_get(1)?)?,
        on_behalf: OnBehalf {
            recorder,
            manner,
            record_id: row.try_get(9)?,
            consenter: row.try_get(5)?,
            relation: row.try_get(6)?,
            consented_at_ms: row.try_get(7)?,
        },
        recorded_at_ms: row.try_get(8)?,
    })
}

struct Find {
    community: String,
    poll: String,
    search: VoterSearch,
}

impl Work for Find {
    type Output = Vec<VoterRow>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT e.label, p.place_id, p.name, b.voter IS NOT NULL, o.recorder_kind
                 FROM roll_entry e
                 JOIN place p ON p.community_id = e.community_id AND p.place_id = e.place_id
                 LEFT JOIN ballot b ON b.community_id = e.community_id AND b.poll_id = $2
                     AND b.voter = 'h' || e.household_id
                 LEFT JOIN ballot_on_behalf o ON o.community_id = b.community_id
                     AND o.poll_id = b.poll_id AND o.voter = b.voter
                     AND o.revision = b.revision
                 WHERE e.community_id = $1 AND e.kind = 'households'
                 AND e.until_version IS NULL AND e.place_id = ANY($3)
                 AND lower(p.name || ' ' || e.label) LIKE $4
                 ORDER BY length(e.label), e.label, p.place_id LIMIT $5",
                &[
                    &self.community,
                    &self.poll,
                    &self.search.places,
                    &self.search.pattern,
                    &i64::from(self.search.limit),
                ],
            )
            .await?;
        rows.iter().map(read_voter).collect()
    }
}

fn read_voter(row: &Row) -> Result<VoterRow, JobError> {
    let place: &str = row.try_get(1)?;
    Ok(VoterRow {
        label: row.try_get(0)?,
        place: PlaceRef {
            id: PlaceId::parse(place).map_err(|e| JobError::Corrupt(e.to_string()))?,
            name: row.try_get(2)?,
        },
        voted: voted(row.try_get(3)?, row.try_get(4)?),
    })
}
