//! What topics are shown with. Adding and removing are acts of staff (`store::desk`).

use super::StoreFuture;
use super::uploads::UploadRow;
use linli_model::{CommunityId, StaffId, TopicId, UploadId, UtcMs};

/// Attachments of topics.
pub trait AttachmentStore {
    /// What a topic is shown with, in its order.
    fn attachments<'a>(
        &'a self,
        community: &'a CommunityId,
        topic: &'a TopicId,
    ) -> StoreFuture<'a, Vec<AttachmentRow>>;

    /// Whether a published topic is shown with this upload.
    fn is_shown<'a>(
        &'a self,
        community: &'a CommunityId,
        upload: &'a UploadId,
    ) -> StoreFuture<'a, bool>;

    /// Deletes uploads that came before `before_ms` to be attached and that no topic is
    /// shown with. Answers how many.
    fn drop_unattached(&self, before_ms: UtcMs) -> StoreFuture<'_, u64>;
}

/// An upload that a topic is shown with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// The upload.
    pub upload: UploadRow,
    /// Its text alternative.
    pub alt: String,
}

/// An attachment to be added.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    /// Of which topic.
    pub topic: TopicId,
    /// Which upload.
    pub upload: UploadId,
    /// Its text alternative.
    pub alt: String,
}

/// A member of staff as uploads name them.
pub fn staff_owner(staff: &StaffId) -> String {
    format!("staff:{staff}")
}
