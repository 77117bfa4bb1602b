//! Parsed topics, kept under their version. Each use asks the database for the version,
//! so that an import from another process is seen by the next transaction.

use super::error::JobError;
use crate::store::StoredTopic;
use linli_model::TopicId;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Default)]
pub(super) struct TopicCache(Mutex<HashMap<TopicId, Arc<StoredTopic>>>);

impl TopicCache {
    /// The topic as `conn` sees it now.
    pub(super) fn load(
        &self,
        conn: &Connection,
        id: &TopicId,
    ) -> Result<Option<Arc<StoredTopic>>, JobError> {
        let found: Option<(String, i64)> = conn
            .prepare_cached(
                "SELECT t.community_id, t.version FROM topic_directory d
                 JOIN topic t ON t.community_id = d.community_id AND t.topic_id = d.topic_id
                 WHERE d.topic_id = ?1",
            )?
            .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((community, version)) = found else {
            return Ok(None);
        };
        if let Some(known) = self.get(id).filter(|known| known.version == version) {
            return Ok(Some(known));
        }
        let parsed = Arc::new(parse(conn, &community, id, version)?);
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(id.clone(), Arc::clone(&parsed));
        Ok(Some(parsed))
    }

    /// Forgets them all.
    pub(super) fn clear(&self) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.clear();
    }

    fn get(&self, id: &TopicId) -> Option<Arc<StoredTopic>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned()
    }
}

fn parse(
    conn: &Connection,
    community: &str,
    id: &TopicId,
    version: i64,
) -> Result<StoredTopic, JobError> {
    let (body, notices): (String, String) = conn
        .prepare_cached(
            "SELECT body, notices FROM topic WHERE community_id = ?1 AND topic_id = ?2",
        )?
        .query_row(params![community, id.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let corrupt =
        |error: serde_json::Error| JobError::Corrupt(format!("stored topic {id}: {error}"));
    let topic = serde_json::from_str(&body).map_err(corrupt)?;
    let notices = serde_json::from_str(&notices).map_err(corrupt)?;
    let origins = conn
        .prepare_cached("SELECT origin FROM community_origin WHERE community_id = ?1")?
        .query_map([community], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(StoredTopic {
        topic,
        origins,
        notices,
        version,
    })
}
