//! Surveys as the desk decides about them, and what it writes of them.

use crate::store::desk;
use crate::store::postgres::db::{Tx, Work};
use crate::store::postgres::error::JobError;
use crate::store::postgres::surveys;
use crate::store::staff::{DeskState, SurveyState, WantSurvey};
use linli_model::wave::{CorrectiveAction, ItemRef};
use linli_model::{RequestId, SurveyId, TopicId, UtcMs};

/// The survey that is wanted; nothing where none is named.
pub(super) async fn load(
    tx: &Tx<'_>,
    state: &DeskState,
    want: &WantSurvey,
) -> Result<Option<SurveyState>, JobError> {
    let community = state.community.id.to_string();
    let named = match want {
        WantSurvey::OfAction(action) => of_action(tx, &community, action).await?,
        want => desk::survey_of(want, state)
            .map(|(survey, version)| (survey.to_string(), version.map(str::to_owned))),
    };
    let Some((survey, version)) = named else {
        return Ok(None);
    };
    let items = match version {
        Some(version) => items(tx, &community, &survey, &version).await?,
        None => None,
    };
    let waves = waves(tx, &community, &survey).await?;
    let rows = surveys::Surveys {
        community: community.clone(),
        only: Some(survey.clone()),
    };
    let actions = surveys::Actions {
        community,
        survey,
        now_ms: tx.now_ms(),
    };
    Ok(Some(SurveyState {
        row: rows.run(tx).await?.into_iter().next(),
        items,
        waves,
        actions: actions.run(tx).await?,
    }))
}

type Named = (String, Option<String>);

async fn of_action(
    tx: &Tx<'_>,
    community: &str,
    action: &RequestId,
) -> Result<Option<Named>, JobError> {
    let found = tx
        .opt(
            "SELECT survey_id FROM corrective_action WHERE community_id = $1 AND action_id = $2",
            &[&community, &action.to_string()],
        )
        .await?;
    found.map(|row| Ok((row.try_get(0)?, None))).transpose()
}

async fn items(
    tx: &Tx<'_>,
    community: &str,
    survey: &str,
    version: &str,
) -> Result<Option<Vec<ItemRef>>, JobError> {
    let found = tx
        .opt(
            "SELECT items FROM survey_version
             WHERE community_id = $1 AND survey_id = $2 AND version = $3",
            &[&community, &survey, &version],
        )
        .await?;
    found.map(|row| read(row.try_get(0)?)).transpose()
}

async fn waves(
    tx: &Tx<'_>,
    community: &str,
    survey: &str,
) -> Result<Vec<(u32, TopicId, bool)>, JobError> {
    let rows = tx
        .rows(
            "SELECT w.number, w.topic_id, EXISTS (SELECT 1 FROM topic t
                 WHERE t.community_id = w.community_id AND t.topic_id = w.topic_id)
             FROM survey_wave w WHERE w.community_id = $1 AND w.survey_id = $2
             ORDER BY w.number",
            &[&community, &survey],
        )
        .await?;
    let read = |row: &tokio_postgres::Row| {
        let topic = TopicId::parse(row.try_get(1)?);
        let topic = topic.map_err(|error| JobError::Corrupt(error.to_string()))?;
        let number = u32::try_from(row.try_get::<_, i64>(0)?).unwrap_or(u32::MAX);
        Ok((number, topic, row.try_get(2)?))
    };
    rows.iter().map(read).collect()
}

fn read(items: &str) -> Result<Vec<ItemRef>, JobError> {
    serde_json::from_str(items).map_err(|error| JobError::Corrupt(format!("stored JSON: {error}")))
}

fn text(value: &impl serde::Serialize) -> Result<String, JobError> {
    serde_json::to_string(value).map_err(|error| JobError::Corrupt(error.to_string()))
}

/// Publishes a corrective action.
pub(super) async fn publish_action(
    tx: &Tx<'_>,
    community: &str,
    survey: &SurveyId,
    action: &CorrectiveAction,
    by: &str,
) -> Result<(), JobError> {
    tx.execute(
        "INSERT INTO corrective_action (community_id, action_id, survey_id, topic_id, wave,
             items, what, who, due_at_ms, published_at_ms, published_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &community,
            &action.id.to_string(),
            &survey.as_str(),
            &action.topic.as_str(),
            &i64::from(action.wave),
            &text(&action.items)?,
            &action.what,
            &action.who,
            &action.due_at_ms,
            &action.published_at_ms,
            &by,
        ],
    )
    .await
    .map(drop)
}

/// Tells what came of one.
pub(super) async fn report_action(
    tx: &Tx<'_>,
    community: &str,
    now_ms: UtcMs,
    action: &RequestId,
    (outcome, by): (&str, &str),
) -> Result<(), JobError> {
    tx.execute(
        "UPDATE corrective_action SET outcome = $3, outcome_at_ms = $4, outcome_by = $5
         WHERE community_id = $1 AND action_id = $2",
        &[&community, &action.to_string(), &outcome, &now_ms, &by],
    )
    .await
    .map(drop)
}
