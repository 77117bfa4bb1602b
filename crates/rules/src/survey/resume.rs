//! Going on where one was: answers that were put away, and the page one was on.

use super::around::Around;
use super::course::Stage;
use super::program::{Owner, Program};
use super::session::{Session, SurveyRefusal};
use linli_model::survey::QuestionKind;
use std::sync::Arc;

/// How often answers are taken up: what triggers make of the ones before them is put right
/// in the second round.
const ROUNDS: usize = 2;

impl Session {
    /// Takes up answers as [`Session::data`] gave them, on a page that was current then. What
    /// is not among them is empty, defaults included; numbers outside of their bounds never
    /// are, and what is computed is computed anew. Nothing is checked; `spot` is where one
    /// was, and a page that does not show is left for the first one that does.
    ///
    /// # Errors
    ///
    /// Answers that are no object, and conditions that never rest.
    pub fn resume(
        program: Arc<Program>,
        around: impl Into<Around>,
        answers: &serde_json::Value,
        spot: Option<&str>,
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
                session.refill(at);
                let comment = map.get(&format!("{}-Comment", question.value_name));
                let comment = comment.and_then(serde_json::Value::as_str);
                session.set_comment(&question.name, comment.unwrap_or_default())?;
            }
        }
        session.current_page = None;
        session.current_element = None;
        if let Some(spot) = spot {
            session.go_to(spot);
        }
        session.leave_hidden_page();
        Ok(session)
    }

    /// Where one is, for [`Session::go_to`]: empty on the page before all others, else
    /// `page/…`, or `question/…` and `panel/…` where these are shown one at a time.
    pub fn spot(&self) -> String {
        let container = |at: usize| &self.program.containers[at].name;
        match (self.stage(), self.current_element, self.current_page) {
            (Stage::Start, ..) => String::new(),
            (_, Some(Owner::Question(at)), _) => {
                format!("question/{}", self.program.questions[at].question.name)
            }
            (_, Some(Owner::Container(at)), _) => format!("panel/{}", container(at)),
            (_, None, Some(at)) => format!("page/{}", container(at)),
            (_, None, None) => "page/".to_owned(),
        }
    }

    /// Goes to where one was; false where that does not show.
    pub fn go_to(&mut self, spot: &str) -> bool {
        let Some((kind, name)) = spot.split_once('/') else {
            return spot.is_empty();
        };
        self.has_started = true;
        let named = |at: &usize| self.program.containers[*at].name == name;
        if kind == "page" {
            let found = self.visible_pages().into_iter().find(named);
            self.current_page = found.or(self.current_page);
            self.current_element = None;
            self.leave_hidden_page();
            if let (Some(page), Some(steps)) = (found, self.steps()) {
                let mut steps = steps.into_iter();
                let first = steps.find(|one| self.page_of_element(*one) == page);
                self.current_element = first.or(self.current_element);
            }
            return found.is_some();
        }
        let is_it = |owner: &Owner| match owner {
            Owner::Question(at) => {
                kind == "question" && self.program.questions[*at].question.name == name
            }
            Owner::Container(at) => kind == "panel" && named(at),
        };
        let found = self.steps().unwrap_or_default().into_iter().find(is_it);
        if let Some(step) = found {
            self.go_to_element(step);
        }
        found.is_some()
    }
}
