//! Surveys and rounds, written: by the desk and by imports.

use super::db::Tx;
use super::error::JobError;
use crate::store::surveys::NewSurvey;
use linli_model::{Poll, PollKind, Topic, TopicId, UtcMs};

fn text(value: &impl serde::Serialize) -> Result<String, JobError> {
    serde_json::to_string(value).map_err(|error| JobError::Corrupt(error.to_string()))
}

/// Writes a survey and its newest version.
pub(super) async fn put(
    tx: &Tx<'_>,
    community: &str,
    now_ms: UtcMs,
    new: &NewSurvey,
) -> Result<(), JobError> {
    let (id, version) = (new.id.as_str(), new.prepared.version.as_str());
    tx.execute(
        "INSERT INTO survey (community_id, survey_id, place_id, title, rated, version)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (community_id, survey_id) DO UPDATE
         SET place_id = excluded.place_id, title = excluded.title, rated = excluded.rated,
             version = excluded.version",
        &[
            &community,
            &id,
            &new.place.as_str(),
            &new.title,
            &new.rated,
            &version,
        ],
    )
    .await?;
    tx.execute(
        "INSERT INTO survey_version (community_id, survey_id, version, definition, scoring,
             items, questions, written_at_ms, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (community_id, survey_id, version) DO UPDATE
         SET scoring = excluded.scoring, items = excluded.items,
             questions = excluded.questions, written_at_ms = excluded.written_at_ms,
             written_by = excluded.written_by",
        &[
            &community,
            &id,
            &version,
            &new.definition,
            &new.scoring.as_ref().map(text).transpose()?,
            &text(&new.prepared.items)?,
            &i64::from(new.prepared.questions),
            &now_ms,
            &new.by,
        ],
    )
    .await
    .map(drop)
}

/// Takes the round's number for a topic, or gives one back that it no longer has.
pub(super) async fn put_wave(
    tx: &Tx<'_>,
    community: &str,
    topic: &TopicId,
    poll: &Poll,
) -> Result<(), JobError> {
    drop_wave(tx, community, topic).await?;
    if let PollKind::Survey { wave } = &poll.kind {
        tx.execute(
            "INSERT INTO survey_wave (community_id, survey_id, number, topic_id)
             VALUES ($1, $2, $3, $4)",
            &[
                &community,
                &wave.survey.as_str(),
                &i64::from(wave.number),
                &topic.as_str(),
            ],
        )
        .await?;
    }
    Ok(())
}

/// Gives a topic's number back.
pub(super) async fn drop_wave(
    tx: &Tx<'_>,
    community: &str,
    topic: &TopicId,
) -> Result<(), JobError> {
    tx.execute(
        "DELETE FROM survey_wave WHERE community_id = $1 AND topic_id = $2",
        &[&community, &topic.as_str()],
    )
    .await
    .map(drop)
}

/// Notes that a published round asks its version from now on.
pub(super) async fn ask(
    tx: &Tx<'_>,
    community: &str,
    now_ms: UtcMs,
    topic: &Topic,
) -> Result<(), JobError> {
    if let PollKind::Survey { wave } = &topic.poll.kind {
        tx.execute(
            "INSERT INTO wave_version (community_id, topic_id, version, asked_at_ms)
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            &[&community, &topic.id.as_str(), &wave.version, &now_ms],
        )
        .await?;
    }
    Ok(())
}

/// Puts what an import says of a topic's round. Its number must be free of other topics,
/// and its version there.
pub(super) async fn import_wave(tx: &Tx<'_>, topic: &Topic) -> Result<(), JobError> {
    let (community, id) = (topic.community.id.as_str(), topic.id.as_str());
    if let PollKind::Survey { wave } = &topic.poll.kind {
        let (survey, number) = (wave.survey.as_str(), wave.number);
        let other = tx
            .opt(
                "SELECT topic_id FROM survey_wave
                 WHERE community_id = $1 AND survey_id = $2 AND number = $3 AND topic_id <> $4",
                &[&community, &survey, &i64::from(number), &id],
            )
            .await?;
        if let Some(row) = other {
            let other: &str = row.try_get(0)?;
            return Err(JobError::Corrupt(format!(
                "topic {id}: round {number} of survey {survey} is topic {other}"
            )));
        }
        let known = tx
            .opt(
                "SELECT 1 FROM survey_version
                 WHERE community_id = $1 AND survey_id = $2 AND version = $3",
                &[&community, &survey, &wave.version],
            )
            .await?;
        if known.is_none() {
            return Err(JobError::Corrupt(format!(
                "topic {id}: survey {survey} has no version {}",
                wave.version
            )));
        }
    }
    put_wave(tx, community, &topic.id, &topic.poll).await?;
    ask(tx, community, tx.now_ms(), topic).await
}
