//! Pictures and papers that a topic is shown with.

use crate::upload::UploadRef;
use serde::{Deserialize, Serialize};

/// Attachments of one topic.
pub const ATTACHMENTS_MAX: usize = 12;
/// Characters of an attachment's text alternative.
pub const ALT_CHARS_MAX: usize = 200;

/// An upload that a topic is shown with, as staff see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Attachment {
    /// The upload. Its addresses end after an hour; residents have others.
    pub upload: UploadRef,
    /// What it shows, for those who do not see it.
    pub alt: String,
}

/// Whether `alt` can stand for an attachment.
pub fn alt_fault(alt: &str) -> Option<&'static str> {
    if alt.trim().is_empty() {
        return Some("empty");
    }
    if alt.chars().count() > ALT_CHARS_MAX {
        return Some("too_long");
    }
    alt.chars().any(char::is_control).then_some("unsupported")
}
