//! Topics as a transaction sees them. Each use asks the database for the version, so that
//! an import by any server is seen by the next transaction.

use super::db::{Mode, Tx, Work};
use super::error::JobError;
use crate::store::StoredTopic;
use linli_model::{Refusal, TopicId, UtcMs};
use std::sync::Arc;

/// Finds a topic.
pub(super) struct FindTopic(pub(super) TopicId);

impl Work for FindTopic {
    type Output = Option<Arc<StoredTopic>>;
    // Several statements when it changed: body and origins must be of one moment.
    const MODE: Mode = Mode::View;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        find(tx, &self.0).await
    }
}

/// The topic as `tx` sees it now.
pub(super) async fn find(tx: &Tx<'_>, id: &TopicId) -> Result<Option<Arc<StoredTopic>>, JobError> {
    let found = tx
        .opt(
            "SELECT t.community_id, t.version FROM topic_directory d
             JOIN topic t ON t.community_id = d.community_id AND t.topic_id = d.topic_id
             WHERE d.topic_id = $1",
            &[&id.as_str()],
        )
        .await?;
    match found {
        Some(row) => {
            let stored = parsed(tx, row.try_get(0)?, id, row.try_get(1)?).await?;
            Ok(Some(stored))
        }
        None => Ok(None),
    }
}

/// The topic, or the refusal.
pub(super) async fn require(tx: &Tx<'_>, id: &TopicId) -> Result<Arc<StoredTopic>, JobError> {
    Ok(find(tx, id).await?.ok_or(Refusal::TopicUnknown)?)
}

/// A grant as stored.
pub(super) struct Grant {
    pub(super) voter: String,
    pub(super) expires_at_ms: UtcMs,
}

/// The topic and a grant for its poll, in one statement.
pub(super) async fn with_grant(
    tx: &Tx<'_>,
    id: &TopicId,
    token_hash: &[u8; 32],
) -> Result<(Arc<StoredTopic>, Grant), JobError> {
    let found = tx
        .opt(
            "SELECT t.community_id, t.version, g.voter, g.expires_at_ms FROM topic_directory d
             JOIN topic t ON t.community_id = d.community_id AND t.topic_id = d.topic_id
             LEFT JOIN cast_grant g ON g.community_id = t.community_id
             AND g.poll_id = t.poll_id AND g.token_hash = $2
             WHERE d.topic_id = $1",
            &[&id.as_str(), &token_hash.as_slice()],
        )
        .await?
        .ok_or(Refusal::TopicUnknown)?;
    let stored = parsed(tx, found.try_get(0)?, id, found.try_get(1)?).await?;
    let voter: Option<String> = found.try_get(2)?;
    let grant = Grant {
        voter: voter.ok_or(Refusal::GrantInvalid)?,
        expires_at_ms: found.try_get(3)?,
    };
    Ok((stored, grant))
}

async fn parsed(
    tx: &Tx<'_>,
    community: &str,
    id: &TopicId,
    version: i64,
) -> Result<Arc<StoredTopic>, JobError> {
    if let Some(known) = tx.topics().get(id, version) {
        return Ok(known);
    }
    let row = tx
        .row(
            "SELECT version, body, notices FROM topic WHERE community_id = $1 AND topic_id = $2",
            &[&community, &id.as_str()],
        )
        .await?;
    let corrupt =
        |error: serde_json::Error| JobError::Corrupt(format!("stored topic {id}: {error}"));
    let topic = serde_json::from_str(row.try_get(1)?).map_err(corrupt)?;
    let notices = serde_json::from_str(row.try_get(2)?).map_err(corrupt)?;
    let origins = tx
        .rows(
            "SELECT origin FROM community_origin WHERE community_id = $1",
            &[&community],
        )
        .await?;
    let parsed = Arc::new(StoredTopic {
        topic,
        origins: origins
            .iter()
            .map(|row| row.try_get(0))
            .collect::<Result<_, _>>()?,
        notices,
        version: row.try_get(0)?,
    });
    tx.topics().put(id, &parsed);
    Ok(parsed)
}
