//! One round of a survey, as its poll says it.

use crate::from_tree;
use crate::id::{PlaceId, SurveyId};
use serde::{Deserialize, Serialize};

/// Which survey a poll asks, in which round, by which definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Wave {
    /// The survey.
    pub survey: SurveyId,
    /// Its round, from 1; unique in the survey.
    pub number: u32,
    /// The definition that is asked now: SHA-256 of its JSON text, 64 lowercase
    /// hexadecimal digits. It may be corrected while the round is open; answers keep the
    /// version that they were given to.
    pub version: String,
    /// Most responses, here and altogether; none: no bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotas: Vec<Quota>,
}

/// A bound on responses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Quota {
    /// From this place and below; absent: altogether.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceId>,
    /// So many are taken, ≥ 1.
    pub max: u32,
}

from_tree!(Wave { survey, number, version } or default { quotas });
from_tree!(Quota { max } or default { place });
