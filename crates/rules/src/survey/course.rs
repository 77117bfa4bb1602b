//! How one goes through a survey: start page, pages or single elements, a look over it,
//! completion.
//!
//! Left to others: which pages show and what is wrong on them (`page`).

use super::pattern::Patterns;
use super::place::Place;
use super::program::{Child, Owner};
use super::session::Session;
use super::validate::AnswerFault;
use linli_model::survey::{Checks, Paging, Preview};

/// Where one is in a survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// On the page before all others.
    Start,
    /// On a page.
    Page,
    /// Looking over everything.
    Preview,
    /// Done.
    Done,
}

impl Session {
    /// Where one is.
    pub fn stage(&self) -> Stage {
        if self.is_completed {
            Stage::Done
        } else if self.is_in_preview {
            Stage::Preview
        } else if !self.has_started && self.program.start_page.is_some() {
            Stage::Start
        } else {
            Stage::Page
        }
    }

    /// When answers are to be checked by whoever shows the survey.
    pub fn checks(&self) -> Checks {
        self.program.course.checks
    }

    /// Leaves the start page.
    ///
    /// # Errors
    ///
    /// Its faults.
    pub fn start_pages(&mut self, patterns: &dyn Patterns) -> Result<bool, Vec<AnswerFault>> {
        if self.stage() != Stage::Start {
            return Ok(false);
        }
        let page = self.program.start_page;
        let faults = page.map(|page| self.page_faults(page, patterns));
        match faults {
            Some(faults) if !faults.is_empty() => Err(faults),
            _ => {
                self.has_started = true;
                Ok(true)
            }
        }
    }

    /// Whether no page, or no element where one is shown at a time, follows.
    pub fn is_last_page(&self) -> bool {
        match self.steps() {
            Some(steps) => steps.last().copied() == self.current_element,
            None => self.visible_pages().last().copied() == self.current_page,
        }
    }

    /// Whether completing, or looking over it, is the next step: on the last page, or by a
    /// trigger.
    pub fn completes_here(&self) -> bool {
        self.is_last_page() || self.is_completed_by_trigger()
    }

    /// Whether it is looked over before it is completed.
    pub fn has_preview(&self) -> bool {
        self.program.course.preview != Preview::No
    }

    /// Goes to the next page, unless the current one has faults or is the last.
    ///
    /// # Errors
    ///
    /// The faults.
    pub fn next_page(&mut self, patterns: &dyn Patterns) -> Result<bool, Vec<AnswerFault>> {
        if self.stage() != Stage::Page || self.is_last_page() {
            return Ok(false);
        }
        let faults = match self.program.course.checks {
            Checks::End => Vec::new(),
            _ => self.faults_here(patterns),
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        if self.current_element.is_some() {
            return Ok(self.next_element());
        }
        let Some(current) = self.current_page else {
            return Ok(false);
        };
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
        if self.stage() != Stage::Page {
            return false;
        }
        if let Some(steps) = self.steps() {
            let place = steps
                .iter()
                .position(|one| Some(*one) == self.current_element);
            let Some(previous) = place.and_then(|place| place.checked_sub(1)) else {
                return false;
            };
            self.go_to_element(steps[previous]);
            return true;
        }
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

    /// Shows everything before it is sent, where the definition says so.
    ///
    /// # Errors
    ///
    /// The faults of the current page.
    pub fn show_preview(&mut self, patterns: &dyn Patterns) -> Result<bool, Vec<AnswerFault>> {
        if self.stage() != Stage::Page || !self.has_preview() {
            return Ok(false);
        }
        let faults = match self.program.course.checks {
            Checks::End => Vec::new(),
            _ => self.faults_here(patterns),
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        self.is_in_preview = true;
        Ok(true)
    }

    /// Back from the look over: to a page by its place, else to where one was.
    pub fn leave_preview(&mut self, page: Option<&Place>) {
        self.is_in_preview = false;
        if let Some(Place {
            element: Owner::Container(at),
            ..
        }) = page
            && self.visible_pages().contains(at)
        {
            self.current_page = Some(*at);
            let steps = self.steps().unwrap_or_default();
            let first = steps
                .into_iter()
                .find(|one| self.page_of_element(*one) == *at);
            self.current_element = first.or(self.current_element);
        }
    }

    /// Completes: what does not show goes from the answers.
    ///
    /// # Errors
    ///
    /// The faults of the current page; those of all pages where answers are checked at the
    /// end, or after a look over everything.
    pub fn complete(&mut self, patterns: &dyn Patterns) -> Result<(), Vec<AnswerFault>> {
        let is_whole = self.program.course.checks == Checks::End || self.is_in_preview;
        if !is_whole {
            let faults = self.faults_here(patterns);
            if !faults.is_empty() {
                return Err(faults);
            }
            self.finish();
            return Ok(());
        }
        let mut faults = Vec::new();
        for page in self.visible_pages() {
            let here = self.page_faults(page, patterns);
            if faults.is_empty() && !here.is_empty() {
                self.is_in_preview = false;
                self.current_page = Some(page);
                let first = here[0].place.outermost().element;
                let steps = self.steps().unwrap_or_default();
                let step = steps.into_iter().find(|one| self.is_within(first, *one));
                self.current_element = step.or(self.current_element);
            }
            faults.extend(here);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        self.finish();
        Ok(())
    }

    /// What is wrong where one is.
    fn faults_here(&self, patterns: &dyn Patterns) -> Vec<AnswerFault> {
        match (self.current_element, self.current_page) {
            (Some(Owner::Question(at)), _) => {
                self.faults_at(&Place::of(Owner::Question(at)), patterns)
            }
            (Some(Owner::Container(at)), _) | (None, Some(at)) => self.page_faults(at, patterns),
            (None, None) => Vec::new(),
        }
    }

    /// What is shown one after the other, where pages are not.
    pub(super) fn steps(&self) -> Option<Vec<Owner>> {
        let mut steps = Vec::new();
        match self.program.course.paging {
            Paging::Page | Paging::Whole => return None,
            Paging::Element => {
                for page in self.visible_pages() {
                    let children = &self.program.containers[page].children;
                    let children = self.in_order(Owner::Container(page), children);
                    steps.extend(children.into_iter().filter_map(|child| match child {
                        Child::Question(at) if self.questions[*at].is_visible => {
                            Some(Owner::Question(*at))
                        }
                        Child::Container(at) if self.has_content(*at) => {
                            Some(Owner::Container(*at))
                        }
                        _ => None,
                    }));
                }
            }
            Paging::Question => {
                for page in self.visible_pages() {
                    let questions = self.questions_inside(page).into_iter();
                    let shown = questions.filter(|at| self.is_shown(*at));
                    steps.extend(shown.map(Owner::Question));
                }
            }
        }
        Some(steps)
    }

    pub(super) fn page_of_element(&self, element: Owner) -> usize {
        match element {
            Owner::Question(at) => self.page_of(at),
            Owner::Container(mut at) => {
                while let Some(parent) = self.program.containers[at].parent {
                    at = parent;
                }
                at
            }
        }
    }

    /// Whether an element is a step, or inside of it.
    fn is_within(&self, element: Owner, step: Owner) -> bool {
        if element == step {
            return true;
        }
        let parent = match element {
            Owner::Question(at) => Some(self.program.questions[at].parent),
            Owner::Container(at) => self.program.containers[at].parent,
        };
        parent.is_some_and(|at| self.is_within(Owner::Container(at), step))
    }

    pub(super) fn go_to_element(&mut self, element: Owner) {
        self.current_element = Some(element);
        self.current_page = Some(self.page_of_element(element));
    }

    fn next_element(&mut self) -> bool {
        let Some(current) = self.current_element else {
            return false;
        };
        self.leave_element(current);
        if self.is_completed || self.current_element != Some(current) {
            return true;
        }
        let steps = self.steps().unwrap_or_default();
        let place = steps.iter().position(|one| *one == current);
        match place.and_then(|place| steps.get(place + 1)) {
            Some(next) => self.go_to_element(*next),
            None => return false,
        }
        true
    }

    /// Turns to what is before an element that no longer shows.
    pub(super) fn leave_hidden_element(&mut self) {
        let Some(steps) = self.steps() else {
            return;
        };
        let Some(current) = self.current_element else {
            if let Some(first) = steps.first() {
                self.go_to_element(*first);
            }
            return;
        };
        if steps.contains(&current) {
            return;
        }
        let before = steps
            .iter()
            .rev()
            .find(|one| self.is_before(**one, current));
        match before.or(steps.first()) {
            Some(step) => self.go_to_element(*step),
            None => self.current_element = None,
        }
    }

    /// Whether an element is written before another.
    fn is_before(&self, one: Owner, other: Owner) -> bool {
        let first_question = |owner: Owner| match owner {
            Owner::Question(at) => at,
            Owner::Container(at) => self.questions_inside(at).first().copied().unwrap_or(0),
        };
        first_question(one) < first_question(other)
    }

    /// The step that a question is in, to go to it.
    pub(super) fn focus_step(&mut self, question: usize) {
        let steps = self.steps().unwrap_or_default();
        let within = |one: &Owner| self.is_within(Owner::Question(question), *one);
        if let Some(step) = steps.into_iter().find(within) {
            self.current_element = Some(step);
        }
    }
}
