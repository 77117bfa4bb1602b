//! Surveys as rows: reading them. What the desk writes of them is in `staff`'s part.

use super::SqliteStore;
use super::error::JobError;
use crate::store::surveys::{
    ActionColumns, RESPONSES_BYTES_MAX, ResponseRow, StoredDefinition, SurveyRow, SurveyStore,
    VersionRecord, WaveRow, area,
};
use crate::store::{StoreFuture, StoredTopic};
use linli_model::wave::CorrectiveAction;
use linli_model::{CommunityId, PlaceId, Secrecy, SurveyId, Topic, TopicId, UtcMs};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;

impl SurveyStore for SqliteStore {
    fn surveys<'a>(
        &'a self,
        community: &'a CommunityId,
        only: Option<&'a SurveyId>,
    ) -> StoreFuture<'a, Vec<SurveyRow>> {
        let (community, only) = (community.to_string(), only.map(SurveyId::to_string));
        Box::pin(
            self.readers
                .run(move |conn| surveys(conn, &community, only.as_deref())),
        )
    }

    fn survey_versions<'a>(
        &'a self,
        community: &'a CommunityId,
        survey: &'a SurveyId,
    ) -> StoreFuture<'a, Vec<VersionRecord>> {
        let key = [community.to_string(), survey.to_string()];
        Box::pin(self.readers.run(move |conn| {
            let mut select = conn.prepare_cached(
                "SELECT version, written_at_ms, written_by FROM survey_version
                 WHERE community_id = ?1 AND survey_id = ?2
                 ORDER BY written_at_ms DESC, version",
            )?;
            let rows = select.query_map([&key[0], &key[1]], |row| {
                Ok(VersionRecord {
                    version: row.get(0)?,
                    written_at_ms: row.get(1)?,
                    written_by: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        }))
    }

    fn survey_version<'a>(
        &'a self,
        community: &'a CommunityId,
        survey: &'a SurveyId,
        version: &'a str,
    ) -> StoreFuture<'a, Option<StoredDefinition>> {
        let key = [
            community.to_string(),
            survey.to_string(),
            version.to_owned(),
        ];
        Box::pin(self.readers.run(move |conn| {
            let found: Option<(Arc<str>, Option<String>)> = conn
                .prepare_cached(
                    "SELECT definition, scoring FROM survey_version
                     WHERE community_id = ?1 AND survey_id = ?2 AND version = ?3",
                )?
                .query_row([&key[0], &key[1], &key[2]], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?;
            let Some((definition, scoring)) = found else {
                return Ok(None);
            };
            let scoring = scoring.map(|text| serde_json::from_str(&text).map_err(corrupt));
            Ok(Some(StoredDefinition {
                definition,
                scoring: scoring.transpose()?,
            }))
        }))
    }

    fn waves<'a>(
        &'a self,
        community: &'a CommunityId,
        only: Option<&'a SurveyId>,
    ) -> StoreFuture<'a, Vec<WaveRow>> {
        let (community, only) = (community.to_string(), only.map(SurveyId::to_string));
        Box::pin(
            self.readers
                .run(move |conn| waves(conn, &community, only.as_deref())),
        )
    }

    fn asked_definition<'a>(
        &'a self,
        topic: &'a StoredTopic,
        version: &'a str,
    ) -> StoreFuture<'a, Option<Arc<str>>> {
        let topic = &topic.topic;
        let key = [
            topic.community.id.to_string(),
            topic.id.to_string(),
            version.to_owned(),
        ];
        Box::pin(self.readers.run(move |conn| {
            let mut select = conn.prepare_cached(
                "SELECT v.definition FROM wave_version a
                 JOIN survey_wave w ON w.community_id = a.community_id AND w.topic_id = a.topic_id
                 JOIN survey_version v ON v.community_id = a.community_id
                     AND v.survey_id = w.survey_id AND v.version = a.version
                 WHERE a.community_id = ?1 AND a.topic_id = ?2 AND a.version = ?3",
            )?;
            let found = select.query_row([&key[0], &key[1], &key[2]], |row| row.get(0));
            Ok(found.optional()?)
        }))
    }

    fn asked_versions<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, Vec<String>> {
        let key = [
            topic.topic.community.id.to_string(),
            topic.topic.id.to_string(),
        ];
        Box::pin(self.readers.run(move |conn| {
            let mut select = conn.prepare_cached(
                "SELECT version FROM wave_version WHERE community_id = ?1 AND topic_id = ?2
                 ORDER BY asked_at_ms, version",
            )?;
            let rows = select.query_map([&key[0], &key[1]], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        }))
    }

    fn corrective_actions<'a>(
        &'a self,
        community: &'a CommunityId,
        survey: &'a SurveyId,
        now_ms: UtcMs,
    ) -> StoreFuture<'a, Vec<CorrectiveAction>> {
        let (community, survey) = (community.to_string(), survey.to_string());
        Box::pin(
            self.readers
                .run(move |conn| actions(conn, &community, &survey, now_ms)),
        )
    }

    fn responses<'a>(
        &'a self,
        topic: &'a StoredTopic,
        after: Option<&'a [u8]>,
        limit: u32,
    ) -> StoreFuture<'a, Vec<ResponseRow>> {
        let (topic, after) = (topic.topic.clone(), after.map(<[u8]>::to_vec));
        Box::pin(
            self.readers
                .run(move |conn| responses(conn, &topic, after.as_deref(), limit)),
        )
    }
}

fn corrupt(error: impl std::fmt::Display) -> JobError {
    JobError::Corrupt(error.to_string())
}

/// Surveys by title.
pub(super) fn surveys(
    conn: &Connection,
    community: &str,
    only: Option<&str>,
) -> Result<Vec<SurveyRow>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT s.survey_id, s.place_id, s.title, s.rated, s.version, v.questions
         FROM survey s JOIN survey_version v ON v.community_id = s.community_id
             AND v.survey_id = s.survey_id AND v.version = s.version
         WHERE s.community_id = ?1 AND (?2 IS NULL OR s.survey_id = ?2)
         ORDER BY s.title, s.survey_id",
    )?;
    let mut rows = select.query(params![community, only])?;
    let mut surveys = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, place): (String, String) = (row.get(0)?, row.get(1)?);
        surveys.push(SurveyRow {
            id: SurveyId::parse(&id).map_err(corrupt)?,
            place: PlaceId::parse(&place).map_err(corrupt)?,
            title: row.get(2)?,
            rated: row.get(3)?,
            version: row.get(4)?,
            questions: row.get(5)?,
        });
    }
    Ok(surveys)
}

/// Published rounds, the latest first.
pub(super) fn waves(
    conn: &Connection,
    community: &str,
    only: Option<&str>,
) -> Result<Vec<WaveRow>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT w.survey_id, w.number, w.topic_id FROM survey_wave w
         JOIN topic t ON t.community_id = w.community_id AND t.topic_id = w.topic_id
         WHERE w.community_id = ?1 AND (?2 IS NULL OR w.survey_id = ?2)
         ORDER BY w.survey_id, w.number DESC",
    )?;
    let mut rows = select.query(params![community, only])?;
    let mut waves = Vec::new();
    while let Some(row) = rows.next()? {
        let (survey, topic): (String, String) = (row.get(0)?, row.get(2)?);
        waves.push(WaveRow {
            survey: SurveyId::parse(&survey).map_err(corrupt)?,
            number: row.get(1)?,
            topic: TopicId::parse(&topic).map_err(corrupt)?,
        });
    }
    Ok(waves)
}

/// Corrective actions of a survey, the latest first.
pub(super) fn actions(
    conn: &Connection,
    community: &str,
    survey: &str,
    now_ms: UtcMs,
) -> Result<Vec<CorrectiveAction>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT action_id, topic_id, wave, items, what, who, due_at_ms, published_at_ms,
             outcome, outcome_at_ms FROM corrective_action
         WHERE community_id = ?1 AND survey_id = ?2
         ORDER BY published_at_ms DESC, action_id",
    )?;
    let mut rows = select.query([community, survey])?;
    let mut actions = Vec::new();
    while let Some(row) = rows.next()? {
        actions.push(columns(row)?.read(now_ms).map_err(corrupt)?);
    }
    Ok(actions)
}

fn columns(row: &Row<'_>) -> rusqlite::Result<ActionColumns> {
    let (outcome, at_ms): (Option<String>, Option<UtcMs>) = (row.get(8)?, row.get(9)?);
    Ok(ActionColumns {
        id: row.get(0)?,
        topic: row.get(1)?,
        wave: row.get(2)?,
        items: row.get(3)?,
        what: row.get(4)?,
        who: row.get(5)?,
        due_at_ms: row.get(6)?,
        published_at_ms: row.get(7)?,
        outcome: outcome.zip(at_ms),
    })
}

fn responses(
    conn: &Connection,
    topic: &Topic,
    after: Option<&[u8]>,
    limit: u32,
) -> Result<Vec<ResponseRow>, JobError> {
    // A voter is text; no byte string comes before the empty one.
    let (sql, after): (_, Box<dyn rusqlite::ToSql>) = match topic.poll.secrecy {
        Secrecy::Recorded => {
            let after = String::from_utf8(after.unwrap_or_default().to_vec());
            (
                "SELECT CAST(voter AS BLOB), area, choice FROM ballot
                 WHERE community_id = ?1 AND poll_id = ?2 AND voter > ?3
                 ORDER BY voter LIMIT ?4",
                Box::new(after.map_err(corrupt)?),
            )
        }
        Secrecy::Secret => (
            "SELECT address, area, choice FROM ballot_box
             WHERE community_id = ?1 AND poll_id = ?2 AND address > ?3
             ORDER BY address LIMIT ?4",
            Box::new(after.unwrap_or_default().to_vec()),
        ),
    };
    let mut select = conn.prepare_cached(sql)?;
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    let mut rows = select.query(params![community, poll, after, limit])?;
    let (mut responses, mut bytes) = (Vec::new(), 0);
    while bytes < RESPONSES_BYTES_MAX
        && let Some(row) = rows.next()?
    {
        let choice: String = row.get(2)?;
        bytes += choice.len();
        responses.push(ResponseRow {
            key: row.get(0)?,
            area: area(row.get(1)?).map_err(corrupt)?,
            choice,
        });
    }
    Ok(responses)
}
