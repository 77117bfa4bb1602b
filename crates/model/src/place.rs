//! Communities and their places, as a topic refers to them.

use crate::id::{CommunityId, PlaceId};
use serde::{Deserialize, Serialize};

/// The community that a topic belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CommunityRef {
    /// Its identifier.
    pub id: CommunityId,
    /// Its name as residents say it: 江畔社区.
    pub name: String,
    /// IANA time zone in which its deadlines are told: `Asia/Shanghai`.
    pub time_zone: String,
}

/// The place that a topic concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlaceRef {
    /// Its identifier.
    pub id: PlaceId,
    /// Its name as residents say it: 二网格.
    pub name: String,
}

crate::from_tree!(CommunityRef {
    id,
    name,
    time_zone
});
crate::from_tree!(PlaceRef { id, name });
