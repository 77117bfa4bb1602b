//! The community's places as staff see them.

use crate::id::PlaceId;
use serde::{Deserialize, Serialize};

/// One place of the tree 村(社区)—网格(小区)—微网格(楼栋). Answer (as a list, parents before
/// their children, siblings by name) of `GET …/desk/places`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlaceNode {
    /// Its identifier.
    pub id: PlaceId,
    /// Its name as residents say it.
    pub name: String,
    /// The place that it is in; absent for a root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<PlaceId>,
}
