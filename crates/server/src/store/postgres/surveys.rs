//! Surveys as rows: reading them. What the desk writes of them is in `staff`'s part.

use super::PostgresStore;
use super::db::{Mode, Tx, Work};
use super::error::JobError;
use crate::store::surveys::{
    ActionColumns, RESPONSES_BYTES_MAX, ResponseRow, StoredDefinition, SurveyRow, SurveyStore,
    VersionRecord, WaveRow, area,
};
use crate::store::{StoreFuture, StoredTopic};
use linli_model::wave::CorrectiveAction;
use linli_model::{CommunityId, PlaceId, Secrecy, SurveyId, Topic, TopicId, UtcMs};
use std::sync::Arc;
use tokio_postgres::Row;

impl SurveyStore for PostgresStore {
    fn surveys<'a>(
        &'a self,
        community: &'a CommunityId,
        only: Option<&'a SurveyId>,
    ) -> StoreFuture<'a, Vec<SurveyRow>> {
        Box::pin(self.db.run(Surveys {
            community: community.to_string(),
            only: only.map(SurveyId::to_string),
        }))
    }

    fn survey_versions<'a>(
        &'a self,
        community: &'a CommunityId,
        survey: &'a SurveyId,
    ) -> StoreFuture<'a, Vec<VersionRecord>> {
        Box::pin(
            self.db
                .run(Versions(community.to_string(), survey.to_string())),
        )
    }

    fn survey_version<'a>(
        &'a self,
        community: &'a CommunityId,
        survey: &'a SurveyId,
        version: &'a str,
    ) -> StoreFuture<'a, Option<StoredDefinition>> {
        Box::pin(self.db.run(Version {
            community: community.to_string(),
            survey: survey.to_string(),
            version: version.to_owned(),
        }))
    }

    fn waves<'a>(
        &'a self,
        community: &'a CommunityId,
        only: Option<&'a SurveyId>,
    ) -> StoreFuture<'a, Vec<WaveRow>> {
        Box::pin(self.db.run(Waves {
            community: community.to_string(),
            only: only.map(SurveyId::to_string),
        }))
    }

    fn asked_definition<'a>(
        &'a self,
        topic: &'a StoredTopic,
        version: &'a str,
    ) -> StoreFuture<'a, Option<Arc<str>>> {
        Box::pin(self.db.run(AskedDefinition {
            topic: topic.topic.clone(),
            version: version.to_owned(),
        }))
    }

    fn asked_versions<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, Vec<String>> {
        Box::pin(self.db.run(AskedVersions(topic.topic.clone())))
    }

    fn corrective_actions<'a>(
        &'a self,
        community: &'a CommunityId,
        survey: &'a SurveyId,
        now_ms: UtcMs,
    ) -> StoreFuture<'a, Vec<CorrectiveAction>> {
        Box::pin(self.db.run(Actions {
            community: community.to_string(),
            survey: survey.to_string(),
            now_ms,
        }))
    }

    fn responses<'a>(
        &'a self,
        topic: &'a StoredTopic,
        after: Option<&'a [u8]>,
        limit: u32,
    ) -> StoreFuture<'a, Vec<ResponseRow>> {
        Box::pin(self.db.run(Responses {
            topic: topic.topic.clone(),
            after: after.unwrap_or_default().to_vec(),
            limit,
        }))
    }
}

fn corrupt(error: impl std::fmt::Display) -> JobError {
    JobError::Corrupt(error.to_string())
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Surveys by title.
pub(super) struct Surveys {
    pub(super) community: String,
    pub(super) only: Option<String>,
}

impl Work for Surveys {
    type Output = Vec<SurveyRow>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT s.survey_id, s.place_id, s.title, s.rated, s.version, v.questions
                 FROM survey s JOIN survey_version v ON v.community_id = s.community_id
                     AND v.survey_id = s.survey_id AND v.version = s.version
                 WHERE s.community_id = $1 AND ($2::text IS NULL OR s.survey_id = $2)
                 ORDER BY s.title COLLATE \"C\", s.survey_id",
                &[&self.community, &self.only],
            )
            .await?;
        let read = |row: &Row| {
            Ok(SurveyRow {
                id: SurveyId::parse(row.try_get(0)?).map_err(corrupt)?,
                place: PlaceId::parse(row.try_get(1)?).map_err(corrupt)?,
                title: row.try_get(2)?,
                rated: row.try_get(3)?,
                version: row.try_get(4)?,
                questions: small(row.try_get(5)?),
            })
        };
        rows.iter().map(read).collect()
    }
}

struct Versions(String, String);

impl Work for Versions {
    type Output = Vec<VersionRecord>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT version, written_at_ms, written_by FROM survey_version
                 WHERE community_id = $1 AND survey_id = $2
                 ORDER BY written_at_ms DESC, version",
                &[&self.0, &self.1],
            )
            .await?;
        let read = |row: &Row| {
            Ok(VersionRecord {
                version: row.try_get(0)?,
                written_at_ms: row.try_get(1)?,
                written_by: row.try_get(2)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

struct Version {
    community: String,
    survey: String,
    version: String,
}

impl Work for Version {
    type Output = Option<StoredDefinition>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let found = tx
            .opt(
                "SELECT definition, scoring FROM survey_version
                 WHERE community_id = $1 AND survey_id = $2 AND version = $3",
                &[&self.community, &self.survey, &self.version],
            )
            .await?;
        let Some(row) = found else { return Ok(None) };
        let scoring: Option<&str> = row.try_get(1)?;
        let scoring = scoring.map(|text| serde_json::from_str(text).map_err(corrupt));
        Ok(Some(StoredDefinition {
            definition: Arc::from(row.try_get::<_, &str>(0)?),
            scoring: scoring.transpose()?,
        }))
    }
}

/// Published rounds, the latest first.
pub(super) struct Waves {
    pub(super) community: String,
    pub(super) only: Option<String>,
}

impl Work for Waves {
    type Output = Vec<WaveRow>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT w.survey_id, w.number, w.topic_id FROM survey_wave w
                 JOIN topic t ON t.community_id = w.community_id AND t.topic_id = w.topic_id
                 WHERE w.community_id = $1 AND ($2::text IS NULL OR w.survey_id = $2)
                 ORDER BY w.survey_id, w.number DESC",
                &[&self.community, &self.only],
            )
            .await?;
        let read = |row: &Row| {
            Ok(WaveRow {
                survey: SurveyId::parse(row.try_get(0)?).map_err(corrupt)?,
                number: small(row.try_get(1)?),
                topic: TopicId::parse(row.try_get(2)?).map_err(corrupt)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

struct AskedDefinition {
    topic: Topic,
    version: String,
}

impl Work for AskedDefinition {
    type Output = Option<Arc<str>>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let (community, topic) = (self.topic.community.id.as_str(), self.topic.id.as_str());
        let found = tx
            .opt(
                "SELECT v.definition FROM wave_version a
                 JOIN survey_wave w ON w.community_id = a.community_id
                     AND w.topic_id = a.topic_id
                 JOIN survey_version v ON v.community_id = a.community_id
                     AND v.survey_id = w.survey_id AND v.version = a.version
                 WHERE a.community_id = $1 AND a.topic_id = $2 AND a.version = $3",
                &[&community, &topic, &self.version],
            )
            .await?;
        let read = |row: Row| Ok(Arc::from(row.try_get::<_, &str>(0)?));
        found.map(read).transpose()
    }
}

struct AskedVersions(Topic);

impl Work for AskedVersions {
    type Output = Vec<String>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT version FROM wave_version WHERE community_id = $1 AND topic_id = $2
                 ORDER BY asked_at_ms, version",
                &[&self.0.community.id.as_str(), &self.0.id.as_str()],
            )
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

/// Corrective actions of a survey, the latest first.
pub(super) struct Actions {
    pub(super) community: String,
    pub(super) survey: String,
    pub(super) now_ms: UtcMs,
}

impl Work for Actions {
    type Output = Vec<CorrectiveAction>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx
            .rows(
                "SELECT action_id, topic_id, wave, items, what, who, due_at_ms,
                     published_at_ms, outcome, outcome_at_ms FROM corrective_action
                 WHERE community_id = $1 AND survey_id = $2
                 ORDER BY published_at_ms DESC, action_id",
                &[&self.community, &self.survey],
            )
            .await?;
        let read = |row: &Row| columns(row)?.read(self.now_ms).map_err(corrupt);
        rows.iter().map(read).collect()
    }
}

fn columns(row: &Row) -> Result<ActionColumns, JobError> {
    let (outcome, at_ms): (Option<String>, Option<UtcMs>) = (row.try_get(8)?, row.try_get(9)?);
    Ok(ActionColumns {
        id: row.try_get(0)?,
        topic: row.try_get(1)?,
        wave: small(row.try_get(2)?),
        items: row.try_get(3)?,
        what: row.try_get(4)?,
        who: row.try_get(5)?,
        due_at_ms: row.try_get(6)?,
        published_at_ms: row.try_get(7)?,
        outcome: outcome.zip(at_ms),
    })
}

struct Responses {
    topic: Topic,
    after: Vec<u8>,
    limit: u32,
}

impl Work for Responses {
    type Output = Vec<ResponseRow>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let (table, seat, key) = match self.topic.poll.secrecy {
            Secrecy::Recorded => (
                "ballot",
                "convert_to(voter, 'UTF8')",
                "voter > convert_from($3::bytea, 'UTF8')",
            ),
            Secrecy::Secret => ("ballot_box", "address", "address > $3::bytea"),
        };
        let order = if table == "ballot" {
            "voter"
        } else {
            "address"
        };
        // Sizes are known without reading what lies beside the table, so that no more is
        // read than is told.
        let sql = format!(
            "SELECT seat, area, choice FROM (
                 SELECT {seat} AS seat, area, choice, octet_length(choice) AS bytes,
                     sum(octet_length(choice)) OVER (ORDER BY {order}) AS total
                 FROM (SELECT * FROM {table} WHERE community_id = $1 AND poll_id = $2
                     AND {key} ORDER BY {order} LIMIT $4) AS batch) AS summed
             WHERE total - bytes < $5 ORDER BY total"
        );
        let bytes_max = i64::try_from(RESPONSES_BYTES_MAX).unwrap_or(i64::MAX);
        let (community, poll) = (
            self.topic.community.id.as_str(),
            self.topic.poll.id.as_str(),
        );
        let rows = tx
            .rows(
                &sql,
                &[
                    &community,
                    &poll,
                    &self.after,
                    &i64::from(self.limit),
                    &bytes_max,
                ],
            )
            .await?;
        let read = |row: &Row| {
            Ok(ResponseRow {
                key: row.try_get(0)?,
                area: area(row.try_get(1)?).map_err(corrupt)?,
                choice: row.try_get(2)?,
            })
        };
        rows.iter().map(read).collect()
    }
}
