//! Rounds of surveys as they are held.

use linli_model::wave::CorrectiveAction;
use linli_rules::survey::{Patterns, Program};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a round asks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// SurveyJS JSON as text.
    pub definition: String,
    /// Who is rated; empty where nobody is.
    pub rated: String,
    /// What was promised after earlier rounds, the latest first.
    pub actions: Vec<CorrectiveAction>,
}

/// A round that is held here.
pub(super) struct HeldRound {
    pub(super) asked: Asked,
    /// Every version that the round has asked, by its hash.
    pub(super) versions: BTreeMap<String, Arc<Program>>,
}

/// Runs no pattern: what a pattern guards counts as wrong.
pub(super) struct NoPatterns;

impl Patterns for NoPatterns {
    fn is_match(&self, _pattern: &str, _is_case_insensitive: bool, _text: &str) -> Option<bool> {
        None
    }
}
