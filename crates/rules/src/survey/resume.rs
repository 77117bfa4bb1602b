//! Going on where one was: answers that were put away, and the page one was on.

use super::around::Around;
use super::program::Program;
use super::session::{Session, SurveyRefusal};
use linli_model::survey::QuestionKind;
use std::sync::Arc;

/// How often answers are taken up: what triggers make of the ones before them is put right
/// in the second round.
const ROUNDS: usize = 2;

impl Session {
    /// Takes up answers as [`Session::data`] gave them, on a page that was current then. What
    /// is not among them is empty, defaults included; numbers outside of their bounds never
    /// are, and what is computed is computed anew. Nothing is checked: a page that does not
    /// show is left for the first one that does.
    ///
    /// # Errors
    ///
    /// Answers that are no object, and conditions that never rest.
    pub fn resume(
        program: Arc<Program>,
        around: impl Into<Around>,
        answers: &serde_json::Value,
        page: Option<&str>,
    ) -> Result<Self, SurveyRefusal> {
        let map = answers.as_object().ok_or(SurveyRefusal::NotAnObject)?;
        let mut session = Self::new(program.clone(), around)?;
        for _ in 0..ROUNDS {
            for at in 0..program.questions.len() {
                let question = &program.questions[at].question;
                if matches!(
                    question.kind,
                    QuestionKind::Shown | QuestionKind::Expression { .. }
                ) {
                    continue;
                }
                // Triggers keep the page on which they were pulled.
                session.current_page = Some(session.page_of(at));
                let answer = map.get(&question.value_name);
                let answer = answer.unwrap_or(&serde_json::Value::Null);
                session.set_answer(&question.name, answer)?;
                let comment = map.get(&format!("{}-Comment", question.value_name));
                let comment = comment.and_then(serde_json::Value::as_str);
                session.set_comment(&question.name, comment.unwrap_or_default())?;
            }
        }
        session.current_page = None;
        if let Some(name) = page {
            session.go_to(name);
        }
        session.leave_hidden_page();
        Ok(session)
    }

    /// Goes to a page by its name; false where none of this name shows.
    pub fn go_to(&mut self, page: &str) -> bool {
        let pages = self.visible_pages();
        let named = |at: &&usize| self.program.containers[**at].name == page;
        let found = pages.iter().find(named).copied();
        self.current_page = found.or(self.current_page);
        found.is_some()
    }
}
