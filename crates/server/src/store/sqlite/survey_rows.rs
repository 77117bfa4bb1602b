//! Surveys and rounds, written: by the desk and by imports.

use super::error::JobError;
use crate::store::surveys::NewSurvey;
use linli_model::{Poll, PollKind, Topic, TopicId, UtcMs};
use rusqlite::{Connection, OptionalExtension, params};

fn text(value: &impl serde::Serialize) -> Result<String, JobError> {
    serde_json::to_string(value).map_err(|error| JobError::Corrupt(error.to_string()))
}

/// Writes a survey and its newest version.
pub(super) fn put(
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
pub(super) fn put_wave(
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
pub(super) fn drop_wave(
    conn: &Connection,
    community: &str,
    topic: &TopicId,
) -> Result<(), JobError> {
    conn.prepare_cached("DELETE FROM survey_wave WHERE community_id = ?1 AND topic_id = ?2")?
        .execute([community, topic.as_str()])?;
    Ok(())
}

/// Notes that a published round asks its version from now on.
pub(super) fn ask(
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

/// Puts what an import says of a topic's round. Its number must be free of other topics,
/// and its version there.
pub(super) fn import_wave(conn: &Connection, now_ms: UtcMs, topic: &Topic) -> Result<(), JobError> {
    let (community, id) = (topic.community.id.as_str(), topic.id.as_str());
    if let PollKind::Survey { wave } = &topic.poll.kind {
        let (survey, number) = (wave.survey.as_str(), wave.number);
        let other: Option<String> = conn
            .query_row(
                "SELECT topic_id FROM survey_wave
                 WHERE community_id = ?1 AND survey_id = ?2 AND number = ?3 AND topic_id <> ?4",
                params![community, survey, number, id],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(other) = other {
            return Err(JobError::Corrupt(format!(
                "topic {id}: round {number} of survey {survey} is topic {other}"
            )));
        }
        let is_known = conn
            .prepare_cached(
                "SELECT 1 FROM survey_version
                 WHERE community_id = ?1 AND survey_id = ?2 AND version = ?3",
            )?
            .exists([community, survey, wave.version.as_str()])?;
        if !is_known {
            return Err(JobError::Corrupt(format!(
                "topic {id}: survey {survey} has no version {}",
                wave.version
            )));
        }
    }
    put_wave(conn, community, &topic.id, &topic.poll)?;
    ask(conn, community, now_ms, topic)
}
