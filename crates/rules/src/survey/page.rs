//! Pages: which show, what is wrong on them; and the check of answers that came from
//! elsewhere.
//!
//! Left to others: how one moves between them (`course`).

use super::around::Around;
use super::pattern::Patterns;
use super::place::Place;
use super::program::{Child, Owner, Program};
use super::session::{Session, SurveyRefusal};
use super::validate::{AnswerFault, FaultKind};
use super::{ANSWERS_BYTES_MAX, VALUES_BYTES_MAX};
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
        self.leave_hidden_element();
        if self.current_page.is_none_or(|page| !self.has_content(page)) {
            self.current_page = self.visible_pages().first().copied();
        }
    }

    /// What is wrong on a page.
    pub(super) fn page_faults(&self, page: usize, patterns: &dyn Patterns) -> Vec<AnswerFault> {
        let questions = self
            .questions_inside(page)
            .into_iter()
            .filter(|at| self.is_shown(*at));
        let mut faults: Vec<AnswerFault> = questions
            .flat_map(|at| {
                let mut faults = self.faults_of(at, patterns);
                faults.extend(self.faults_inside(at, patterns));
                faults
            })
            .collect();
        // Panels, then the page that is around them.
        let containers = self.containers_inside(page).into_iter().chain([page]);
        let lacking = containers.filter(|at| self.lacks_answers(*at));
        faults.extend(lacking.map(|at| AnswerFault {
            place: Place::of(Owner::Container(at)),
            question: self.program.containers[at].name.clone(),
            kind: FaultKind::OneRequired,
        }));
        faults
    }

    /// What is wrong at one place now.
    pub fn faults_at(&self, place: &Place, patterns: &dyn Patterns) -> Vec<AnswerFault> {
        match place.element {
            _ if !place.inside.is_empty() => self.faults_at_inside(place, patterns),
            Owner::Question(at) if self.is_shown(at) => {
                let mut faults = self.faults_of(at, patterns);
                faults.extend(self.faults_inside(at, patterns));
                faults
            }
            Owner::Container(at) if self.lacks_answers(at) => vec![AnswerFault {
                place: place.clone(),
                question: self.program.containers[at].name.clone(),
                kind: FaultKind::OneRequired,
            }],
            _ => Vec::new(),
        }
    }

    /// The place of a question, or of a question in a row of it, and so on; nothing where
    /// there is none.
    pub fn place_of(&self, question: &str, inside: &[(usize, &str)]) -> Option<Place> {
        let at = self.program.question_by_name(question)?;
        match inside.split_first() {
            None => Some(Place::of(Owner::Question(at))),
            Some(((row, name), rest)) => {
                let inner = &self.entries(at).get(*row)?.session;
                Some(inner.place_of(name, rest)?.inside_of(at, *row))
            }
        }
    }

    /// The name of the question, page or panel that a place is at or inside of.
    pub fn outermost_name(&self, place: &Place) -> &str {
        match place.outermost().element {
            Owner::Question(at) => &self.program.questions[at].question.name,
            Owner::Container(at) => &self.program.containers[at].name,
        }
    }

    fn faults_at_inside(&self, place: &Place, patterns: &dyn Patterns) -> Vec<AnswerFault> {
        let (question, _) = place.inside[0];
        let mut faults = self.faults_inside(question, patterns);
        faults.retain(|one| one.place == *place);
        faults
    }

    /// The page that a question is on.
    pub(super) fn page_of(&self, at: usize) -> usize {
        let mut page = self.program.questions[at].parent;
        while let Some(parent) = self.program.containers[page].parent {
            page = parent;
        }
        page
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

    /// Completes, whatever is wrong.
    pub(super) fn finish(&mut self) {
        if !self.is_completed {
            self.is_completed = true;
            self.clean();
        }
    }

    /// Drops the answers that no visible question gave.
    pub(super) fn clean(&mut self) {
        if self.program.clear_invisible == ClearInvisible::Never {
            return;
        }
        for at in 0..self.questions.len() {
            if self.is_invisible_answer(at) {
                self.clear(at);
            }
            self.drop_unoffered(at);
            self.clean_inside(at);
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
        around: impl Into<Around>,
        answers: &serde_json::Value,
        patterns: &dyn Patterns,
    ) -> Result<(Self, Vec<AnswerFault>), SurveyRefusal> {
        let map = answers.as_object().ok_or(SurveyRefusal::NotAnObject)?;
        if linli_model::ecma::write(answers).len() > ANSWERS_BYTES_MAX {
            return Err(SurveyRefusal::TooLarge {
                bytes_max: ANSWERS_BYTES_MAX,
            });
        }
        let mut session = Self::new(program, around)?;
        session.is_check = true;
        session.take_answers(map)?;
        // What is copied from answer to answer is shared here, and written out for each.
        if !session.values.is_within(VALUES_BYTES_MAX) {
            return Err(SurveyRefusal::TooLarge {
                bytes_max: VALUES_BYTES_MAX,
            });
        }
        let pages = session.visible_pages();
        let faults = session
            .program
            .start_page
            .into_iter()
            .chain(pages)
            .flat_map(|page| session.page_faults(page, patterns))
            .collect();
        session.clean();
        session.is_completed = true;
        Ok((session, faults))
    }

    /// Takes answers over as they were kept, those that are missing as none.
    ///
    /// # Errors
    ///
    /// Conditions that never rest.
    pub fn take_answers(
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
            self.refill(at);
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
