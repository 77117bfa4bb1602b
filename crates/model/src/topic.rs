//! Topics and their polls: what is asked, of whom, until when, and how it is counted.

use crate::UtcMs;
use crate::credential::Credential;
use crate::from_tree;
use crate::id::{OptionId, PollId, TopicId};
use crate::place::{CommunityRef, PlaceRef};
use crate::result::{PollResult, Turnout};
use crate::rule::PollRule;
use crate::wire::{tagged, words};
use serde::{Deserialize, Serialize};

/// A matter put to residents, as staff wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Topic {
    /// Its identifier, also in the address of its page.
    pub id: TopicId,
    /// The community that it belongs to.
    pub community: CommunityRef,
    /// The place that it concerns.
    pub place: PlaceRef,
    /// BCP 47 tag of the language that title, summary and options are written in.
    pub lang: String,
    /// One line, ≤ [`crate::limits::TITLE_CHARS_MAX`] characters.
    pub title: String,
    /// Plain text; a blank line separates paragraphs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// The vote.
    pub poll: Poll,
}

/// A vote inside a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Poll {
    /// Its identifier, unique in its community.
    pub id: PollId,
    /// What is asked. Empty when the topic's title is the question.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// What an answer looks like.
    pub kind: PollKind,
    /// Whether it binds.
    pub nature: PollNature,
    /// Who may vote.
    pub electorate: Electorate,
    /// The weakest credential that it accepts.
    pub credential: Credential,
    /// Whether ballots are stored with their voters.
    pub secrecy: Secrecy,
    /// Whether a cast ballot may be changed.
    pub changes: Changes,
    /// When counts may be seen.
    pub results: ResultsVisibility,
    /// First instant at which ballots are accepted.
    pub opens_at_ms: UtcMs,
    /// First instant at which ballots are no longer accepted.
    pub closes_at_ms: UtcMs,
    /// By what it is decided and held, where more than the most votes is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<PollRule>,
    /// In polls of devices: leading zero bits of the work that each device does before it
    /// is let in, or waits instead. Absent where none is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_bits: Option<u32>,
}

/// The form of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PollKind {
    /// Yes, no or abstain.
    Motion,
    /// Exactly one of the options.
    SingleChoice {
        /// In the order shown.
        options: Vec<PollOption>,
    },
    /// Between `min` and `max` of the options, inclusive.
    MultipleChoice {
        /// In the order shown.
        options: Vec<PollOption>,
        /// Fewest that may be chosen, ≥ 1.
        min: u32,
        /// Most that may be chosen, ≤ the number of options.
        max: u32,
    },
}

#[derive(Deserialize)]
struct PollKindFields {
    #[serde(rename = "type")]
    kind_word: String,
    options: Option<Vec<PollOption>>,
    min: Option<u32>,
    max: Option<u32>,
}

tagged!(PollKind from PollKindFields { kind_word } or default { options, min, max } else Self::Motion);

impl PollKind {
    fn from_fields(fields: PollKindFields) -> Option<Self> {
        let options = fields.options;
        match fields.kind_word.as_str() {
            "motion" => Some(Self::Motion),
            "single_choice" => Some(Self::SingleChoice { options: options? }),
            "multiple_choice" => Some(Self::MultipleChoice {
                options: options?,
                min: fields.min?,
                max: fields.max?,
            }),
            _ => None,
        }
    }
}

impl PollKind {
    /// The options that staff wrote; none for a motion.
    pub fn options(&self) -> &[PollOption] {
        match self {
            Self::Motion => &[],
            Self::SingleChoice { options } | Self::MultipleChoice { options, .. } => options,
        }
    }
}

/// One thing that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PollOption {
    /// Its identifier, unique in the poll.
    pub id: OptionId,
    /// Its name, ≤ [`crate::limits::OPTION_CHARS_MAX`] characters.
    pub text: String,
    /// More about it: cost, place, consequences.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// Whether a poll binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum PollNature {
    /// 意向征询: asks, does not bind.
    Consultation,
    /// 正式表决: binds under a recorded local basis; runs on our own origin only.
    Formal,
}

words!(PollNature { Consultation = "consultation", Formal = "formal" });

/// Whose votes are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Electorate {
    /// One ballot per household on the roll.
    Households,
    /// One ballot per device: a quick show of hands that proves nothing about persons.
    Devices,
    /// One ballot per resident of 18 or more.
    Persons,
    /// One ballot per owner or group of co-owners, whatever they hold.
    Owners,
    /// One ballot per tenant.
    Tenants,
    /// One ballot per member of the collective economic organisation.
    Members,
}

words!(Electorate {
    Households = "households",
    Devices = "devices",
    Persons = "persons",
    Owners = "owners",
    Tenants = "tenants",
    Members = "members",
});

/// Whether a ballot is stored with its voter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Secrecy {
    /// 记名: the ballot is stored with the voter; staff who count can see it.
    Recorded,
    /// The register of who voted and the box of ballots share no key, order or time.
    Secret,
}

words!(Secrecy { Recorded = "recorded", Secret = "secret" });

/// Whether a cast ballot may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Changes {
    /// As often as one likes until closing; the last one counts.
    UntilClosing,
    /// Never.
    Never,
}

words!(Changes { UntilClosing = "until_closing", Never = "never" });

/// When counts may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum ResultsVisibility {
    /// Only after closing, so that nobody votes with the crowd.
    AfterClosing,
    /// At any time, as they come in.
    Live,
}

words!(ResultsVisibility { AfterClosing = "after_closing", Live = "live" });

/// Where a poll stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Phase {
    /// Before `opens_at_ms`.
    Upcoming,
    /// Ballots are accepted.
    Open,
    /// From `closes_at_ms` on.
    Closed,
}

words!(Phase { Upcoming = "upcoming", Open = "open", Closed = "closed" });

/// A topic as a resident receives it: what staff wrote, and where it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TopicView {
    /// What staff wrote.
    pub topic: Topic,
    /// Where the poll stood when the backend answered; its clock decides.
    pub phase: Phase,
    /// How many have voted. Told at any time: it reveals no choice.
    pub turnout: Turnout,
    /// The counts, when they may be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<PollResult>,
}

/// What every version of a topic has. Fields are only ever added to the wire, and words
/// to its enums; a client that meets one it does not know reads this much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicHead {
    /// Its identifier.
    pub id: TopicId,
    /// One line.
    pub title: String,
    /// BCP 47 tag of the language that the title is written in.
    pub lang: String,
}

struct TopicViewHead {
    topic: TopicHead,
}

impl TopicHead {
    /// Reads the JSON of a [`TopicView`] of any version.
    pub fn read_view(json: &str) -> Option<Self> {
        crate::tree::read::<TopicViewHead>(json).map(|view| view.topic)
    }
}

from_tree!(TopicHead { id, title, lang });
from_tree!(TopicViewHead { topic });
from_tree!(Topic { id, community, place, lang, title, poll } or default { summary });
from_tree!(Poll {
    id, kind, nature, electorate, credential, secrecy, changes, results, opens_at_ms, closes_at_ms,
} or default { question, rule, work_bits });
from_tree!(PollOption { id, text } or default { detail });
from_tree!(TopicView { topic, phase, turnout } or default { result });
