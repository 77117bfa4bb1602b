//! Polls as staff see them.

use super::approval::Approval;
use crate::UtcMs;
use crate::id::TopicId;
use crate::place::PlaceRef;
use crate::result::{PlaceTurnout, PollResult, Turnout};
use crate::topic::{Electorate, PollNature, Topic};
use crate::wire::words;
use serde::{Deserialize, Serialize};

/// Where a poll stands for staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum PollState {
    /// Only staff see it.
    Draft,
    /// Published, not yet open.
    Upcoming,
    /// Takes ballots.
    Open,
    /// Takes none any more.
    Closed,
}

words!(PollState { Draft = "draft", Upcoming = "upcoming", Open = "open", Closed = "closed" });

/// A poll in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PollCard {
    /// Its topic.
    pub topic: TopicId,
    /// Its title.
    pub title: String,
    /// Where.
    pub place: PlaceRef,
    /// Where it stands.
    pub state: PollState,
    /// Whether it binds.
    pub nature: PollNature,
    /// Who votes.
    pub electorate: Electorate,
    /// First instant of ballots.
    pub opens_at_ms: UtcMs,
    /// First instant without.
    pub closes_at_ms: UtcMs,
    /// How many have voted.
    pub turnout: Turnout,
}

/// A poll in full. Answer of `GET …/desk/polls/{topic}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PollView {
    /// As residents see it.
    pub topic: Topic,
    /// Where it stands.
    pub state: PollState,
    /// How many have voted.
    pub turnout: Turnout,
    /// Turnout by place; places too small to stay anonymous are left out.
    pub places: Vec<PlaceTurnout>,
    /// Places left out.
    pub places_hidden: u32,
    /// What was changed after publishing, oldest first. Residents see it too.
    pub notices: Vec<Notice>,
    /// Counts, where they may be seen: staff see them no earlier than residents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<PollResult>,
    /// Requests about it that wait for a second person.
    pub waiting: Vec<Approval>,
}

/// A change that residents are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Notice {
    /// The closing was moved.
    Extended {
        /// When that was decided.
        at_ms: UtcMs,
        /// From.
        from_ms: UtcMs,
        /// To.
        to_ms: UtcMs,
        /// Why.
        reason: String,
    },
    /// Closed before its time.
    ClosedEarly {
        /// When.
        at_ms: UtcMs,
        /// The closing that had been announced.
        announced_ms: UtcMs,
        /// Why.
        reason: String,
    },
}
