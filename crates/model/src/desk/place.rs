//! The community's places as staff see them.

use crate::id::PlaceId;
use serde::{Deserialize, Serialize};

/// One place of the tree 村(社区)—网格(小区)—微网格(楼栋). Answer (as a list, parents before
/// their children, siblings by name) of `GET …/desk/places`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlaceRow {
    /// Its identifier.
    pub id: PlaceId,
    /// Its name.
    pub name: String,
    /// The place above; absent at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<PlaceId>,
    /// Households at the place itself, without those below.
    #[serde(default)]
    pub households: u64,
}
