//! Going on, back and to the end; errors, and the way to where they are.

use super::{Form, Step, each_question, language_of_none};
use linli_model::ecma;
use linli_rules::survey::{AnswerFault, Patterns, Place, Session, ShownElement, Stage};
use serde_json::Value as Json;

impl Form {
    /// Goes on.
    pub(in crate::state) fn next(&mut self, patterns: &dyn Patterns) -> Step {
        let draft = self.draft();
        let session = &mut self.session;
        let gone_on = match session.stage() {
            Stage::Start => session.start_pages(patterns).map(drop),
            Stage::Page if !session.completes_here() => session.next_page(patterns).map(drop),
            Stage::Page if session.has_preview() => session.show_preview(patterns).map(drop),
            Stage::Page | Stage::Preview => session.complete(patterns),
            Stage::Done => Ok(()),
        };
        match gone_on {
            Err(faults) => self.blame(faults),
            Ok(()) if self.session.is_completed() => {
                self.before_done.get_or_insert(draft);
                self.checked_whole(patterns)
            }
            Ok(()) if self.session.stage() == Stage::Preview => {
                self.before_done = Some(draft);
                self.faults.clear();
                self.number_all();
                Step::Review
            }
            Ok(()) => {
                self.faults.clear();
                Step::Moved
            }
        }
    }

    /// Later answers may have made earlier pages wrong; the backend looks at all of them.
    pub(super) fn checked_whole(&mut self, patterns: &dyn Patterns) -> Step {
        let data = self.session.data();
        let clock = self.around.clock;
        let faults = match Session::check(self.program.clone(), clock, &data, patterns) {
            Ok((_, faults)) => faults,
            Err(_) => Vec::new(),
        };
        let Some(first) = faults.first().map(|fault| fault.place.clone()) else {
            return Step::Done;
        };
        self.reopen();
        self.open_page_of(&first);
        self.blame(faults)
    }

    pub(super) fn blame(&mut self, faults: Vec<AnswerFault>) -> Step {
        let mut first = None;
        for fault in &faults {
            first = first.or(self.id(&fault.place));
        }
        self.faults = faults;
        first.map_or(Step::Moved, Step::Faulty)
    }

    /// Opens a finished form again, as it was.
    pub(in crate::state) fn reopen(&mut self) {
        let Some(draft) = self.before_done.take() else {
            return;
        };
        if !self.session.is_completed() {
            self.session.leave_preview(None);
            return;
        }
        let Ok(session) = Session::new(self.program.clone(), self.around.clone()) else {
            return;
        };
        self.session = session;
        if let Some(Json::Object(map)) = ecma::read(&draft.answers) {
            let _ = self.session.take_answers(&map);
        }
        if !draft.page.is_empty() {
            let patterns = self.around.clone();
            let _ = self.session.start_pages(&patterns);
        }
        self.go_to(&draft.page);
    }

    /// Turns to the page of a question.
    pub(in crate::state) fn open_question(&mut self, id: u32) {
        let at = usize::try_from(id).unwrap_or(usize::MAX);
        if let Some(place) = self.ids.get(at).cloned() {
            self.open_page_of(&place);
        }
    }

    pub(super) fn open_page_of(&mut self, place: &Place) {
        let outermost = place.outermost();
        let page = {
            let view = self.session.view(language_of_none(&self.locale));
            let pages = view.pages();
            let mut found = None;
            for page in &pages {
                each_question(page, &mut |element: &ShownElement<'_>, _| {
                    if element.place == outermost {
                        found = Some(page.place.clone());
                    }
                });
            }
            found
        };
        if page.is_some() {
            self.session.leave_preview(page.as_ref());
        }
    }

    pub(super) fn go_to(&mut self, name: &str) {
        let place = {
            let view = self.session.view(language_of_none(&self.locale));
            let pages = view.pages();
            let page = pages.iter().find(|page| page.name == name);
            page.map(|page| page.place.clone())
        };
        if place.is_some() {
            self.session.leave_preview(place.as_ref());
        }
    }

    /// Goes back a page; false on the first.
    pub(in crate::state) fn back(&mut self) -> bool {
        self.faults.clear();
        self.session.previous_page()
    }

    /// Marks what the backend did not take. False where none of it shows here.
    pub(in crate::state) fn refuse(
        &mut self,
        names: &[String],
        patterns: &dyn Patterns,
    ) -> Option<u32> {
        self.reopen();
        let mut places = Vec::new();
        self.each(&mut |element, _| {
            if names.iter().any(|name| name == element.name) {
                places.push(element.place.clone());
            }
        });
        let first = places.first()?.clone();
        self.open_page_of(&first);
        let faults: Vec<AnswerFault> = places
            .iter()
            .flat_map(|place| self.session.faults_at(place, patterns))
            .collect();
        match self.blame(faults) {
            Step::Faulty(id) => Some(id),
            _ => self.id(&first),
        }
    }
}
