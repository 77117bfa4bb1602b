//! Surveys as the desk decides about them, and what it writes of them.

use super::load::json;
use crate::store::desk;
use crate::store::sqlite::error::JobError;
use crate::store::sqlite::surveys;
use crate::store::staff::{DeskState, NewSurvey, SurveyState, WantSurvey};
use linli_model::wave::CorrectiveAction;
use linli_model::{Poll, PollKind, RequestId, SurveyId, Topic, TopicId, UtcMs};
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
) -> Result<Option<Vec<linli_model::wave::ItemRef>>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT items FROM survey_version
         WHERE community_id = ?1 AND survey_id = ?2 AND version = ?3",
    )?;
    let found: Option<String> = select
        .query_row([community, survey, version], |row| row.get(0))
        .optional()?;
    found.map(|items| json(&items)).transpose()
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

fn text(value: &impl serde::Serialize) -> Result<String, JobError> {
    serde_json::to_string(value).map_err(|error| JobError::Corrupt(error.to_string()))
}

/// Writes a survey and its newest version.
pub(in crate::store::sqlite) fn put(
    conn: &Connection,
    community: &str,
    now_ms: UtcMs,
    new: &NewSurvey,
) -> Result<(), JobError> {
    let (id, version) = (new.id.as_str(), new.prepared.version.as_str());
    conn.prepare_cached(
        "INSERT INTO survey (community_id, survey_id, place_id, title, rated, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (community_id, survey_id) DO UPDATE
         SET place_id = excluded.place_id, title = excluded.title, rated = excluded.rated,
             version = excluded.version",
    )?
    .execute([
        community,
        id,
        new.place.as_str(),
        &new.title,
        &new.rated,
        version,
    ])?;
    conn.prepare_cached(
        "INSERT INTO survey_version (community_id, survey_id, version, definition, scoring,
             items, questions, written_at_ms, written_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (community_id, survey_id, version) DO UPDATE
         SET scoring = excluded.scoring, items = excluded.items,
             questions = excluded.questions, written_at_ms = excluded.written_at_ms,
             written_by = excluded.written_by",
    )?
    .execute(params![
        community,
        id,
        version,
        new.definition,
        new.scoring.as_ref().map(text).transpose()?,
        text(&new.prepared.items)?,
        new.prepared.questions,
        now_ms,
        new.by
    ])?;
    Ok(())
}

/// Takes the round's number for a topic, or gives one back that it no longer has.
pub(in crate::store::sqlite) fn put_wave(
    conn: &Connection,
    community: &str,
    topic: &TopicId,
    poll: &Poll,
) -> Result<(), JobError> {
    drop_wave(conn, community, topic)?;
    if let PollKind::Survey { wave } = &poll.kind {
        conn.prepare_cached(
            "INSERT INTO survey_wave (community_id, survey_id, number, topic_id)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            community,
            wave.survey.as_str(),
            wave.number,
            topic.as_str()
        ])?;
    }
    Ok(())
}

/// Gives a topic's number back.
pub(in crate::store::sqlite) fn drop_wave(
    conn: &Connection,
    community: &str,
    topic: &TopicId,
) -> Result<(), JobError> {
    conn.prepare_cached("DELETE FROM survey_wave WHERE community_id = ?1 AND topic_id = ?2")?
        .execute([community, topic.as_str()])?;
    Ok(())
}

/// Notes that a published round asks its version from now on.
pub(in crate::store::sqlite) fn ask(
    conn: &Connection,
    community: &str,
    now_ms: UtcMs,
    topic: &Topic,
) -> Result<(), JobError> {
    if let PollKind::Survey { wave } = &topic.poll.kind {
        conn.prepare_cached(
            "INSERT INTO wave_version (community_id, topic_id, version, asked_at_ms)
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![community, topic.id.as_str(), wave.version, now_ms])?;
    }
    Ok(())
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
