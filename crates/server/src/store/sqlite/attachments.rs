//! What topics are shown with, as rows.

use super::SqliteStore;
use super::error::JobError;
use super::uploads;
use crate::store::StoreFuture;
use crate::store::attachments::{AttachmentRow, AttachmentStore, NewAttachment};
use linli_model::upload::UploadPurpose;
use linli_model::{CommunityId, TopicId, UploadId, UtcMs};
use rusqlite::{Connection, params};

impl AttachmentStore for SqliteStore {
    fn attachments<'a>(
        &'a self,
        community: &'a CommunityId,
        topic: &'a TopicId,
    ) -> StoreFuture<'a, Vec<AttachmentRow>> {
        let key = [community.to_string(), topic.to_string()];
        Box::pin(self.readers.run(move |conn| {
            let mut select = conn.prepare_cached(
                "SELECT upload_id, alt FROM topic_attachment
                 WHERE community_id = ?1 AND topic_id = ?2 ORDER BY position",
            )?;
            let named =
                select.query_map([&key[0], &key[1]], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let named = named.collect::<Result<Vec<(String, String)>, _>>()?;
            let mut rows = Vec::with_capacity(named.len());
            for (id, alt) in named {
                // Removed between the two: no longer shown.
                if let Some(upload) = uploads::find(conn, &key[0], &id)? {
                    rows.push(AttachmentRow { upload, alt });
                }
            }
            Ok(rows)
        }))
    }

    fn is_shown<'a>(
        &'a self,
        community: &'a CommunityId,
        upload: &'a UploadId,
    ) -> StoreFuture<'a, bool> {
        let key = [community.to_string(), upload.to_string()];
        Box::pin(self.readers.run(move |conn| {
            let sql = "SELECT 1 FROM topic_attachment a
                 JOIN topic t ON t.community_id = a.community_id AND t.topic_id = a.topic_id
                 WHERE a.community_id = ?1 AND a.upload_id = ?2";
            Ok(conn.prepare_cached(sql)?.exists(key)?)
        }))
    }

    fn drop_unattached(&self, before_ms: UtcMs) -> StoreFuture<'_, u64> {
        Box::pin(self.writer.run(move |tx| {
            let sql = "DELETE FROM upload AS u WHERE u.purpose = ?1 AND u.created_at_ms < ?2
                 AND NOT EXISTS (SELECT 1 FROM topic_attachment a
                     WHERE a.community_id = u.community_id AND a.upload_id = u.upload_id)";
            let purpose = UploadPurpose::Attachment.as_str();
            let mut delete = tx.conn.prepare_cached(sql)?;
            Ok(delete.execute(params![purpose, before_ms])? as u64)
        }))
    }
}

/// Uploads that a topic is shown with.
pub(super) fn uploads_of_topic(
    conn: &Connection,
    community: &str,
    topic: &TopicId,
) -> Result<Vec<UploadId>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT upload_id FROM topic_attachment
         WHERE community_id = ?1 AND topic_id = ?2 ORDER BY position",
    )?;
    let ids = select.query_map([community, topic.as_str()], |row| row.get::<_, String>(0))?;
    let mut uploads = Vec::new();
    for id in ids {
        let id = UploadId::parse(&id?);
        uploads.push(id.map_err(|error| JobError::Corrupt(error.to_string()))?);
    }
    Ok(uploads)
}

/// Adds one behind the others.
pub(super) fn add(conn: &Connection, community: &str, new: &NewAttachment) -> Result<(), JobError> {
    let sql = "INSERT INTO topic_attachment (community_id, topic_id, position, upload_id, alt)
         SELECT ?1, ?2, coalesce(max(position), 0) + 1, ?3, ?4 FROM topic_attachment
         WHERE community_id = ?1 AND topic_id = ?2";
    let upload = new.upload.to_string();
    conn.prepare_cached(sql)?
        .execute(params![community, new.topic.as_str(), upload, new.alt])?;
    Ok(())
}

/// Removes one, and its upload where no other topic has it.
pub(super) fn remove(
    conn: &Connection,
    community: &str,
    topic: &TopicId,
    upload: &UploadId,
) -> Result<(), JobError> {
    let upload = upload.to_string();
    conn.prepare_cached(
        "DELETE FROM topic_attachment
         WHERE community_id = ?1 AND topic_id = ?2 AND upload_id = ?3",
    )?
    .execute(params![community, topic.as_str(), upload])?;
    conn.prepare_cached(
        "DELETE FROM upload WHERE community_id = ?1 AND upload_id = ?2 AND NOT EXISTS
             (SELECT 1 FROM topic_attachment WHERE community_id = ?1 AND upload_id = ?2)",
    )?
    .execute(params![community, upload])?;
    Ok(())
}

/// Removes all of a topic. Their uploads go with the next sweep.
pub(super) fn remove_all(
    conn: &Connection,
    community: &str,
    topic: &TopicId,
) -> Result<(), JobError> {
    conn.prepare_cached("DELETE FROM topic_attachment WHERE community_id = ?1 AND topic_id = ?2")?
        .execute([community, topic.as_str()])?;
    Ok(())
}
