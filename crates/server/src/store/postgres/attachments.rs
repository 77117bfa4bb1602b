//! What topics are shown with, as rows.

use super::PostgresStore;
use super::db::{Mode, Tx, Work};
use super::error::JobError;
use super::uploads;
use crate::store::StoreFuture;
use crate::store::attachments::{AttachmentRow, AttachmentStore, NewAttachment};
use linli_model::upload::UploadPurpose;
use linli_model::{CommunityId, TopicId, UploadId, UtcMs};

impl AttachmentStore for PostgresStore {
    fn attachments<'a>(
        &'a self,
        community: &'a CommunityId,
        topic: &'a TopicId,
    ) -> StoreFuture<'a, Vec<AttachmentRow>> {
        Box::pin(self.db.run(Of(community.clone(), topic.clone())))
    }

    fn is_shown<'a>(
        &'a self,
        community: &'a CommunityId,
        upload: &'a UploadId,
    ) -> StoreFuture<'a, bool> {
        Box::pin(self.db.run(Shown(community.clone(), upload.to_string())))
    }

    fn drop_unattached(&self, before_ms: UtcMs) -> StoreFuture<'_, u64> {
        Box::pin(self.db.run(DropUnattached(before_ms)))
    }
}

struct Of(CommunityId, TopicId);

impl Work for Of {
    type Output = Vec<AttachmentRow>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let columns = uploads::columns_of("u");
        let sql = format!(
            "SELECT {columns}, a.alt FROM topic_attachment a
             JOIN upload u ON u.community_id = a.community_id AND u.upload_id = a.upload_id
             WHERE a.community_id = $1 AND a.topic_id = $2 ORDER BY a.position"
        );
        let rows = tx.rows(&sql, &[&self.0.as_str(), &self.1.as_str()]).await?;
        let read = |row| {
            Ok(AttachmentRow {
                upload: uploads::read(row)?,
                alt: row.try_get("alt")?,
            })
        };
        rows.iter().map(read).collect()
    }
}

struct Shown(CommunityId, String);

impl Work for Shown {
    type Output = bool;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<bool, JobError> {
        let found = tx
            .opt(
                "SELECT 1 FROM topic_attachment a
                 JOIN topic t ON t.community_id = a.community_id AND t.topic_id = a.topic_id
                 WHERE a.community_id = $1 AND a.upload_id = $2 LIMIT 1",
                &[&self.0.as_str(), &self.1],
            )
            .await?;
        Ok(found.is_some())
    }
}

struct DropUnattached(UtcMs);

impl Work for DropUnattached {
    type Output = u64;
    const MODE: Mode = Mode::Again;

    async fn run(&self, tx: &Tx<'_>) -> Result<u64, JobError> {
        // One that is being attached just now is locked, and left for the next time.
        tx.execute(
            "DELETE FROM upload AS d USING (
                 SELECT u.community_id, u.upload_id FROM upload u
                 WHERE u.purpose = $1 AND u.created_at_ms < $2
                 AND NOT EXISTS (SELECT 1 FROM topic_attachment a
                     WHERE a.community_id = u.community_id AND a.upload_id = u.upload_id)
                 FOR UPDATE OF u SKIP LOCKED
             ) AS found
             WHERE d.community_id = found.community_id AND d.upload_id = found.upload_id",
            &[&UploadPurpose::Attachment.as_str(), &self.0],
        )
        .await
    }
}

/// Uploads that a topic is shown with.
pub(super) async fn uploads_of_topic(
    tx: &Tx<'_>,
    community: &str,
    topic: &TopicId,
) -> Result<Vec<UploadId>, JobError> {
    let rows = tx
        .rows(
            "SELECT upload_id FROM topic_attachment
             WHERE community_id = $1 AND topic_id = $2 ORDER BY position",
            &[&community, &topic.as_str()],
        )
        .await?;
    let read = |row: &tokio_postgres::Row| {
        let id = UploadId::parse(row.try_get(0)?);
        id.map_err(|error| JobError::Corrupt(error.to_string()))
    };
    rows.iter().map(read).collect()
}

/// Adds one behind the others.
pub(super) async fn add(tx: &Tx<'_>, community: &str, new: &NewAttachment) -> Result<(), JobError> {
    tx.execute(
        "INSERT INTO topic_attachment (community_id, topic_id, position, upload_id, alt)
         SELECT $1, $2, coalesce(max(position), 0) + 1, $3, $4 FROM topic_attachment
         WHERE community_id = $1 AND topic_id = $2",
        &[
            &community,
            &new.topic.as_str(),
            &new.upload.to_string(),
            &new.alt,
        ],
    )
    .await
    .map(drop)
}

/// Removes one, and its upload where no other topic has it.
pub(super) async fn remove(
    tx: &Tx<'_>,
    community: &str,
    topic: &TopicId,
    upload: &UploadId,
) -> Result<(), JobError> {
    let upload = upload.to_string();
    tx.execute(
        "DELETE FROM topic_attachment
         WHERE community_id = $1 AND topic_id = $2 AND upload_id = $3",
        &[&community, &topic.as_str(), &upload],
    )
    .await?;
    tx.execute(
        "DELETE FROM upload WHERE community_id = $1 AND upload_id = $2 AND NOT EXISTS
             (SELECT 1 FROM topic_attachment WHERE community_id = $1 AND upload_id = $2)",
        &[&community, &upload],
    )
    .await
    .map(drop)
}

/// Removes all of a topic. Their uploads go with the next sweep.
pub(super) async fn remove_all(
    tx: &Tx<'_>,
    community: &str,
    topic: &TopicId,
) -> Result<(), JobError> {
    tx.execute(
        "DELETE FROM topic_attachment WHERE community_id = $1 AND topic_id = $2",
        &[&community, &topic.as_str()],
    )
    .await
    .map(drop)
}
