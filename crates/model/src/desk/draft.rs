//! Topics as staff write them.

use crate::id::{PlaceId, TopicId};
use crate::topic::Poll;
use serde::{Deserialize, Serialize};

/// A topic as staff write it: the community is that of the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TopicDraft {
    /// Chosen once; in the address of its page.
    pub id: TopicId,
    /// The place that it concerns.
    pub place: PlaceId,
    /// BCP 47 tag.
    pub lang: String,
    /// One line.
    pub title: String,
    /// Plain text.
    #[serde(default)]
    pub summary: String,
    /// The vote.
    pub poll: Poll,
}
