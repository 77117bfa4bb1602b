//! Rounds of surveys, served from memory as deliberations are.
//!
//! Left to others: what rounds ask, and checking answers (`rounds`).

use super::deliberations::{Household, MemoryDeliberations};
use super::rounds::Asked;
use crate::{LocalFuture, PortError, SurveyAnswer, Surveys};
use linli_model::wave::SurveyView;
use linli_model::{Refusal, Topic, TopicId};
use linli_rules::survey::Patterns;
use std::rc::Rc;

impl MemoryDeliberations {
    /// Adds a round, or replaces it together with its responses. `topic` is one whose poll
    /// asks a survey; its version is set to that of the definition.
    ///
    /// # Errors
    ///
    /// What is wrong: the definition does not run, or the topic asks no survey.
    pub fn add_survey(
        &self,
        mut topic: Topic,
        roll: Vec<Household>,
        asked: Asked,
    ) -> Result<(), String> {
        self.rounds.hold(&mut topic, asked)?;
        self.add(topic, roll);
        Ok(())
    }

    /// Asks another definition from now on; what was asked before is still taken.
    ///
    /// # Errors
    ///
    /// What is wrong: the definition does not run, or there is no such round.
    pub fn correct_survey(&self, id: &TopicId, definition: &str) -> Result<(), String> {
        self.change_topic(id, |topic| self.rounds.correct(topic, definition))
    }

    /// Runs the patterns of definitions from now on. Without it none is run, and answers
    /// that a pattern guards are refused.
    pub fn set_patterns(&self, patterns: Rc<dyn Patterns>) {
        self.rounds.set_patterns(patterns);
    }

    fn round(&self, id: &TopicId) -> Result<SurveyAnswer, Refusal> {
        let (view, asked) = (self.view(id)?, self.rounds.asked(id)?);
        let survey = SurveyView {
            view,
            definition: asked.definition,
            rated: asked.rated,
            actions: asked.actions,
        };
        let text = serde_json::to_string(&survey).unwrap_or_default();
        Ok(SurveyAnswer { survey, text })
    }
}

impl Surveys for MemoryDeliberations {
    fn survey<'a>(
        &'a self,
        topic: &'a TopicId,
    ) -> LocalFuture<'a, Result<SurveyAnswer, PortError>> {
        Box::pin(self.answer(move || self.round(topic)))
    }
}
