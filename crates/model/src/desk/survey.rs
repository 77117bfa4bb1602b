//! Surveys as staff write, ask and follow them.

use super::poll::PollCard;
use crate::UtcMs;
use crate::id::SurveyId;
use crate::place::PlaceRef;
use crate::scoring::Scoring;
use crate::wave::CorrectiveAction;
use serde::{Deserialize, Serialize};

pub use super::survey_draft::{ActionDraft, SurveyDraft};

/// Characters of who is rated.
pub const RATED_CHARS_MAX: usize = 64;
/// Characters of who does what a corrective action says.
pub const WHO_CHARS_MAX: usize = 64;
/// Items that one corrective action is about.
pub const ACTION_ITEMS_MAX: usize = 20;

/// A survey in the list. Answer of `GET …/desk/surveys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SurveyCard {
    /// Its identifier.
    pub id: SurveyId,
    /// One line.
    pub title: String,
    /// Who is rated.
    pub rated: String,
    /// Where.
    pub place: PlaceRef,
    /// The newest version.
    pub version: String,
    /// How many questions take an answer.
    pub questions: u32,
    /// Its rounds, the latest first.
    pub waves: Vec<WaveCard>,
}

/// A round in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WaveCard {
    /// From 1.
    pub number: u32,
    /// The definition that it asks.
    pub version: String,
    /// Its poll.
    pub poll: PollCard,
    /// What its low score obliges to, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obligation: Option<Obligation>,
}

/// A survey in full. Answer of `GET …/desk/surveys/{survey}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SurveyDetail {
    /// As in the list.
    pub card: SurveyCard,
    /// The newest definition.
    pub definition: String,
    /// How it is scored.
    pub scoring: Scoring,
    /// Every version, the latest first.
    pub versions: Vec<VersionRow>,
    /// Corrective actions of all rounds, the latest first.
    pub actions: Vec<CorrectiveAction>,
}

/// A version of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct VersionRow {
    /// SHA-256 of the definition's text.
    pub version: String,
    /// When it was written.
    pub at_ms: UtcMs,
    /// By whom.
    pub by: String,
}

/// A low score obliges the rated body to publish what it will mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Obligation {
    /// By when something is to be published: 15 days after the round closed.
    pub due_at_ms: UtcMs,
    /// Whether something was.
    pub is_met: bool,
    /// Whether the time is over and nothing was, by the server's clock.
    pub is_overdue: bool,
}

/// Body of `POST …/desk/surveys/read`: what could become a survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SurveySource {
    /// One of the shipped instruments.
    Instrument {
        /// Its identifier.
        id: String,
    },
    /// Plain text: a question per line, its type in brackets, choices below.
    Text {
        /// At most 100,000 characters.
        text: String,
    },
    /// SurveyJS JSON.
    Json {
        /// At most 1,000,000 bytes.
        text: String,
    },
}

/// What was read. Answer of `POST …/desk/surveys/read`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SurveyRead {
    /// SurveyJS JSON as text; empty where it could not be read at all.
    pub definition: String,
    /// How it would be scored.
    pub scoring: Scoring,
    /// How many questions take an answer.
    pub questions: u32,
    /// What does not run here; none: it can be asked.
    pub faults: Vec<SourceFault>,
    /// What was guessed and should be looked at.
    pub warnings: Vec<SourceFault>,
}

/// Something about a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SourceFault {
    /// A JSON path, e.g. `$.pages[0].elements[2].type`; or `line 3`.
    pub path: String,
    /// A stable word for what, e.g. `unsupported_property`.
    pub fault: String,
    /// What was found there, shortened.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub found: String,
}

/// A shipped instrument in the list. Answer of `GET …/desk/instruments`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InstrumentCard {
    /// Its identifier.
    pub id: String,
    /// Its name in the desk's language.
    pub title: String,
    /// What it asks about.
    pub about: String,
    /// How many questions take an answer.
    pub questions: u32,
    /// Where items come from.
    pub source: String,
}

/// What hangs in a stairwell: where it leads, and the code to scan. Answer of
/// `GET …/desk/polls/{topic}/posters`: one for the round's place, then one for each place
/// directly below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Poster {
    /// Where it hangs.
    pub place: PlaceRef,
    /// The round's page, told where the reader stands: `https://…/p/{topic}#at={place}`.
    pub address: String,
    /// The address as a QR code: its modules row by row, dark is 1, in hexadecimal digits
    /// of four modules each, as the slips of voting codes have them.
    pub qr: String,
}
