//! Surveys as the desk decides about them, and what it writes of them.

use crate::store::desk;
use crate::store::sqlite::error::JobError;
use crate::store::sqlite::surveys;
use crate::store::staff::{DeskState, SurveyState, WantSurvey};
use linli_model::wave::{CorrectiveAction, ItemRef};
use linli_model::{RequestId, SurveyId, TopicId, UtcMs};
use rusqlite::{Connection, OptionalExtension, params};

/// The survey that is wanted; nothing where none is named.
pub(super) fn load(
    conn: &Connection,
    state: &DeskState,
    want: &WantSurvey,
) -> Result<Option<SurveyState>, JobError> {
    let community = state.community.id.as_str();
    let named = match want {
        WantSurvey::OfAction(action) => of_action(conn, community, action)?,
        want => desk::survey_of(want, state)
            .map(|(survey, version)| (survey.to_string(), version.map(str::to_owned))),
    };
    let Some((survey, version)) = named else {
        return Ok(None);
    };
    let rows = surveys::surveys(conn, community, Some(&survey))?;
    Ok(Some(SurveyState {
        row: rows.into_iter().next(),
        items: match version {
            Some(version) => items(conn, community, &survey, &version)?,
            None => None,
        },
        waves: waves(conn, community, &survey)?,
        actions: surveys::actions(conn, community, &survey, state.now_ms)?,
    }))
}

type Named = (String, Option<String>);

fn of_action(
    conn: &Connection,
    community: &str,
    action: &RequestId,
) -> Result<Option<Named>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT survey_id FROM corrective_action WHERE community_id = ?1 AND action_id = ?2",
    )?;
    let found = select.query_row([community, &action.to_string()], |row| row.get(0));
    Ok(found.optional()?.map(|survey| (survey, None)))
}

fn items(
    conn: &Connection,
    community: &str,
    survey: &str,
    version: &str,
) -> Result<Option<Vec<ItemRef>>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT items FROM survey_version
         WHERE community_id = ?1 AND survey_id = ?2 AND version = ?3",
    )?;
    let found: Option<String> = select
        .query_row([community, survey, version], |row| row.get(0))
        .optional()?;
    found.map(|items| read(&items)).transpose()
}

fn waves(
    conn: &Connection,
    community: &str,
    survey: &str,
) -> Result<Vec<(u32, TopicId, bool)>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT w.number, w.topic_id, EXISTS (SELECT 1 FROM topic t
             WHERE t.community_id = w.community_id AND t.topic_id = w.topic_id)
         FROM survey_wave w WHERE w.community_id = ?1 AND w.survey_id = ?2 ORDER BY w.number",
    )?;
    let mut rows = select.query([community, survey])?;
    let mut waves = Vec::new();
    while let Some(row) = rows.next()? {
        let topic: String = row.get(1)?;
        let topic = TopicId::parse(&topic).map_err(|e| JobError::Corrupt(e.to_string()))?;
        waves.push((row.get(0)?, topic, row.get(2)?));
    }
    Ok(waves)
}

fn read(items: &str) -> Result<Vec<ItemRef>, JobError> {
    serde_json::from_str(items).map_err(|error| JobError::Corrupt(format!("stored JSON: {error}")))
}

fn text(value: &impl serde::Serialize) -> Result<String, JobError> {
    serde_json::to_string(value).map_err(|error| JobError::Corrupt(error.to_string()))
}

/// Publishes a corrective action.
pub(super) fn publish_action(
    conn: &Connection,
    community: &str,
    survey: &SurveyId,
    action: &CorrectiveAction,
    by: &str,
) -> Result<(), JobError> {
    conn.prepare_cached(
        "INSERT INTO corrective_action (community_id, action_id, survey_id, topic_id, wave,
             items, what, who, due_at_ms, published_at_ms, published_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        community,
        action.id.to_string(),
        survey.as_str(),
        action.topic.as_str(),
        action.wave,
        text(&action.items)?,
        action.what,
        action.who,
        action.due_at_ms,
        action.published_at_ms,
        by
    ])?;
    Ok(())
}

/// Tells what came of one.
pub(super) fn report_action(
    conn: &Connection,
    community: &str,
    now_ms: UtcMs,
    action: &RequestId,
    (outcome, by): (&str, &str),
) -> Result<(), JobError> {
    conn.prepare_cached(
        "UPDATE corrective_action SET outcome = ?3, outcome_at_ms = ?4, outcome_by = ?5
         WHERE community_id = ?1 AND action_id = ?2",
    )?
    .execute(params![community, action.to_string(), outcome, now_ms, by])?;
    Ok(())
}
