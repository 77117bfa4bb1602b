//! Pages: which show, how one moves between them, completion; and the check of answers
//! that came from elsewhere.

use super::ANSWERS_BYTES_MAX;
use super::date::Clock;
use super::pattern::Patterns;
use super::program::{Child, Program};
use super::session::{Session, SurveyRefusal};
use super::validate::{AnswerFault, FaultKind};
use linli_model::survey::{ClearInvisible, QuestionKind};
use std::sync::Arc;

impl Session {
    /// A container shows when it may and something in it does.
    pub(super) fn has_content(&self, at: usize) -> bool {
        let shows = |child: &Child| match child {
            Child::Question(at) => self.questions[*at].is_visible,
            Child::Container(at) => self.has_content(*at),
        };
        self.containers[at].is_visible && self.program.containers[at].children.iter().any(shows)
    }

    pub(super) fn questions_inside(&self, at: usize) -> Vec<usize> {
        let children = self.program.containers[at].children.iter();
        children
            .flat_map(|child| match child {
                Child::Question(at) => vec![*at],
                Child::Container(at) => self.questions_inside(*at),
            })
            .collect()
    }

    pub(super) fn visible_pages(&self) -> Vec<usize> {
        self.program
            .pages
            .iter()
            .copied()
            .filter(|page| self.has_content(*page))
            .collect()
    }

    /// Names of the pages that show.
    pub fn pages(&self) -> Vec<&str> {
        self.visible_pages()
            .into_iter()
            .map(|at| self.program.containers[at].name.as_str())
            .collect()
    }

    /// The name of the page that a person is on.
    pub fn current_page(&self) -> Option<&str> {
        self.current_page
            .map(|at| self.program.containers[at].name.as_str())
    }

    /// Names of the questions that show, over all pages.
    pub fn visible_questions(&self) -> Vec<&str> {
        let shown = (0..self.questions.len()).filter(|at| self.is_shown(*at));
        shown
            .map(|at| self.program.questions[at].question.name.as_str())
            .collect()
    }

    /// Whether the survey is done.
    pub fn is_completed(&self) -> bool {
        self.is_completed
    }

    pub(super) fn leave_hidden_page(&mut self) {
        if self.current_page.is_none_or(|page| !self.has_content(page)) {
            self.current_page = self.visible_pages().first().copied();
        }
    }

    /// What is wrong on a page.
    fn page_faults(&self, page: usize, patterns: &dyn Patterns) -> Vec<AnswerFault> {
        let questions = self
            .questions_inside(page)
            .into_iter()
            .filter(|at| self.is_shown(*at));
        let mut faults: Vec<AnswerFault> = questions
            .flat_map(|at| self.faults_of(at, patterns))
            .collect();
        // Panels, then the page that is around them.
        let containers = self.containers_inside(page).into_iter().chain([page]);
        let lacking = containers.filter(|at| self.lacks_answers(*at));
        faults.extend(lacking.map(|at| AnswerFault {
            question: self.program.containers[at].name.clone(),
            kind: FaultKind::OneRequired,
        }));
        faults
    }

    fn containers_inside(&self, at: usize) -> Vec<usize> {
        let children = self.program.containers[at].children.iter();
        let inner = children.filter_map(|child| match child {
            Child::Question(_) => None,
            Child::Container(at) if self.has_content(*at) => Some(*at),
            Child::Container(_) => None,
        });
        inner
            .flat_map(|at| [at].into_iter().chain(self.containers_inside(at)))
            .collect()
    }

    /// Questions that show by their own flags and those of the panels around them.
    pub(super) fn flagged_visible(&self, at: usize) -> Vec<usize> {
        let children = self.program.containers[at].children.iter();
        children
            .flat_map(|child| match child {
                Child::Question(at) if self.questions[*at].is_visible => vec![*at],
                Child::Container(at) if self.containers[*at].is_visible => {
                    self.flagged_visible(*at)
                }
                _ => Vec::new(),
            })
            .collect()
    }

    /// Whether no page follows.
    pub fn is_last_page(&self) -> bool {
        self.visible_pages().last().copied() == self.current_page
    }

    /// Whether completing is the next step: on the last page, or by a trigger.
    pub fn completes_here(&self) -> bool {
        self.is_last_page() || self.is_completed_by_trigger()
    }

    /// Goes to the next page, unless the current one has faults or is the last.
    ///
    /// # Errors
    ///
    /// The faults.
    pub fn next_page(&mut self, patterns: &dyn Patterns) -> Result<bool, Vec<AnswerFault>> {
        let pages = self.visible_pages();
        let place = pages
            .iter()
            .position(|page| Some(*page) == self.current_page);
        let Some(current) = place
            .map(|place| pages[place])
            .filter(|_| !self.is_last_page())
        else {
            return Ok(false);
        };
        let faults = self.page_faults(current, patterns);
        if !faults.is_empty() {
            return Err(faults);
        }
        self.leave_page(current);
        if !self.is_completed && self.current_page == Some(current) {
            let pages = self.visible_pages();
            let place = pages.iter().position(|page| *page == current);
            let next = place.and_then(|place| pages.get(place + 1));
            self.current_page = next.copied().or(self.current_page);
        }
        Ok(true)
    }

    /// Goes back; whatever is wrong stays as it is.
    pub fn previous_page(&mut self) -> bool {
        let pages = self.visible_pages();
        let place = pages
            .iter()
            .position(|page| Some(*page) == self.current_page);
        let Some(previous) = place.and_then(|place| place.checked_sub(1)) else {
            return false;
        };
        if self.jump_back() {
            return true;
        }
        self.current_page = Some(pages[previous]);
        true
    }

    /// Completes on the last page: what does not show goes from the answers.
    ///
    /// # Errors
    ///
    /// The faults of the current page.
    pub fn complete(&mut self, patterns: &dyn Patterns) -> Result<(), Vec<AnswerFault>> {
        let faults = self
            .current_page
            .map(|page| self.page_faults(page, patterns));
        match faults {
            Some(faults) if !faults.is_empty() => return Err(faults),
            _ => self.finish(),
        }
        Ok(())
    }

    /// Completes, whatever is wrong.
    pub(super) fn finish(&mut self) {
        if !self.is_completed {
            self.is_completed = true;
            self.clean();
        }
    }

    /// Drops the answers that no visible question gave.
    fn clean(&mut self) {
        if self.program.clear_invisible == ClearInvisible::Never {
            return;
        }
        for at in 0..self.questions.len() {
            if self.is_invisible_answer(at) {
                self.clear(at);
            }
            self.drop_unoffered(at);
        }
    }

    /// Checks answers that came from elsewhere: the server's side of a survey. Faults of
    /// all visible pages count; answers that no visible question gave are dropped.
    ///
    /// # Errors
    ///
    /// Answers that are no object or too large, and conditions that never rest.
    pub fn check(
        program: Arc<Program>,
        clock: Clock,
        answers: &serde_json::Value,
        patterns: &dyn Patterns,
    ) -> Result<(Self, Vec<AnswerFault>), SurveyRefusal> {
        let map = answers.as_object().ok_or(SurveyRefusal::NotAnObject)?;
        if answers.to_string().len() > ANSWERS_BYTES_MAX {
            return Err(SurveyRefusal::TooLarge {
                bytes_max: ANSWERS_BYTES_MAX,
            });
        }
        let mut session = Self::new(program, clock)?;
        session.take_answers(map)?;
        let pages = session.visible_pages();
        let faults = pages
            .into_iter()
            .flat_map(|page| session.page_faults(page, patterns))
            .collect();
        session.clean();
        session.is_completed = true;
        Ok((session, faults))
    }

    fn take_answers(
        &mut self,
        map: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), SurveyRefusal> {
        for at in 0..self.questions.len() {
            let question = &self.program.questions[at].question;
            if matches!(
                question.kind,
                QuestionKind::Shown | QuestionKind::Expression { .. }
            ) {
                continue;
            }
            let (name, value_name) = (question.name.clone(), question.value_name.clone());
            let answer = map.get(&value_name).unwrap_or(&serde_json::Value::Null);
            self.set_answer(&name, answer)?;
            if let Some(comment) = map
                .get(&format!("{value_name}-Comment"))
                .and_then(|one| one.as_str())
            {
                self.set_comment(&name, comment)?;
            }
        }
        Ok(())
    }
}
