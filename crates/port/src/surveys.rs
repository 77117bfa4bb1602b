//! Rounds of surveys: the port of the survey widget beside [`crate::Deliberations`], which
//! identifies respondents and takes their answers as ballots.

use crate::{LocalFuture, PortError};
use linli_model::TopicId;
use linli_model::wave::SurveyView;

/// A round as a backend serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyAnswer {
    /// The round, its definition, and where it stands.
    pub survey: SurveyView,
    /// The JSON that it was read from, to be kept for when the backend is out of reach.
    /// Empty where the page itself gives it.
    pub text: String,
}

/// A backend for surveys.
pub trait Surveys {
    /// A round of a survey, with the definition that it asks now. The topic of another kind
    /// of poll is [`linli_model::Refusal::TopicUnknown`].
    fn survey<'a>(&'a self, topic: &'a TopicId)
    -> LocalFuture<'a, Result<SurveyAnswer, PortError>>;
}
