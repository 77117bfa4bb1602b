//! How far somebody is in a survey.

use linli_model::PlaceId;
use linli_model::wave::CorrectiveAction;
use linli_rules::survey::{AnswerFault, Clock, Place, Program};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a round asks, ready to run.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) version: String,
    pub(super) program: Arc<Program>,
    pub(super) clock: Clock,
    /// Who is rated; empty where nobody is.
    pub(super) rated: String,
    /// What was promised after earlier rounds, the latest first.
    pub(super) actions: Vec<CorrectiveAction>,
}

/// How far one person is. The engine itself stays on one thread, and is run again from
/// this wherever it is needed.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) round: Arc<Round>,
    /// The place that the link or poster named.
    pub(super) at: Option<PlaceId>,
    /// What random orders come from.
    pub(super) seed: u64,
    pub(super) answers: Arc<serde_json::Value>,
    /// Where one is; none: where the survey begins.
    pub(super) spot: Option<String>,
    pub(super) step: Step,
    /// Whether it is the page before all others.
    pub(super) is_start: bool,
    /// Whether completing is next.
    pub(super) is_last: bool,
    /// Whether nothing was filled in yet.
    pub(super) is_fresh: bool,
    /// What is wrong on the page.
    pub(super) faults: Vec<AnswerFault>,
    /// Questions of which more is chosen than may be, or whose order is unfinished.
    pub(super) unfit: Vec<Place>,
    /// Paths of questions that have come up on the page by its answers.
    pub(super) new: Vec<String>,
    /// What was typed into fields of the page, by their names.
    pub(super) typed: BTreeMap<String, String>,
}

/// Which form it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The current page of the survey.
    Page,
    /// All answers, to be looked over and sent.
    Review,
}
