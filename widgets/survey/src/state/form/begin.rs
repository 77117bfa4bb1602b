//! Beginning: a definition made ready, an empty form, a draft taken up, and what a profile
//! fills in.

use super::super::draw::is_same;
use super::super::keep::{Draft, Profile};
use super::super::words::language;
use super::{Form, Origin, language_of_none};
use linli_model::ecma;
use linli_model::survey::read;
use linli_rules::survey::{Around, Clock, Patterns, Program, Session};
use linli_texts::Catalog;
use serde_json::Value as Json;
use std::sync::Arc;

/// What a form is begun with.
pub(in crate::state) struct Beginning<'a> {
    pub(in crate::state) program: Arc<Program>,
    pub(in crate::state) version: &'a str,
    pub(in crate::state) locale: &'a str,
    pub(in crate::state) clock: Clock,
    pub(in crate::state) seed: i64,
    pub(in crate::state) patterns: &'static (dyn Patterns + Sync),
    pub(in crate::state) texts: &'a Catalog,
}

impl Form {
    /// A definition made ready; nothing where it does not run here.
    pub(in crate::state) fn program(definition: &str) -> Option<Arc<Program>> {
        let json = ecma::read(definition)?;
        let program = Program::new(read(&json).ok()?).ok()?;
        Some(Arc::new(program))
    }

    /// How many pages and questions a definition begins with.
    pub(in crate::state) fn size(program: &Arc<Program>) -> [usize; 2] {
        let clock = Clock {
            now_ms: 0.0,
            ahead_of_utc_minutes: 0,
        };
        let Ok(session) = Session::new(program.clone(), clock) else {
            return [0, 0];
        };
        let progress = session.view(language_of_none("")).progress();
        [progress.pages, progress.questions]
    }

    /// An empty form with what the person's profile knows; nothing where the definition
    /// never comes to rest.
    pub(in crate::state) fn fresh(beginning: Beginning<'_>, profile: &Profile) -> Option<Self> {
        let texts = beginning.texts;
        let mut form = Self::new(beginning)?;
        form.prefill(profile);
        form.draw(texts);
        Some(form)
    }

    /// A form with answers in it, open at the draft's page.
    pub(in crate::state) fn resumed(
        beginning: Beginning<'_>,
        draft: &Draft,
        origin: Origin,
    ) -> Option<Self> {
        let (texts, patterns) = (beginning.texts, beginning.patterns);
        let mut form = Self::new(beginning)?;
        form.origin = origin;
        form.is_changing = draft.is_changing;
        if let Some(Json::Object(map)) = ecma::read(&draft.answers) {
            form.session.take_answers(&map).ok()?;
        }
        if !draft.page.is_empty() {
            let _ = form.session.start_pages(patterns);
        }
        form.go_to(&draft.page);
        form.draw(texts);
        Some(form)
    }

    pub(super) fn new(beginning: Beginning<'_>) -> Option<Self> {
        let around = around(&beginning);
        let session = Session::new(beginning.program.clone(), around.clone()).ok()?;
        let view = session.view(language(beginning.texts, beginning.locale));
        let progress = view.progress();
        Some(Self {
            version: beginning.version.to_owned(),
            origin: Origin::Fresh,
            is_changing: false,
            nodes: Vec::new(),
            heading: Default::default(),
            progress,
            locale: beginning.locale.to_owned(),
            seed: beginning.seed,
            around,
            program: beginning.program,
            session,
            cards: Vec::new(),
            ids: Vec::new(),
            faults: Vec::new(),
            prefilled: Vec::new(),
            typed: None,
            before_done: None,
        })
    }

    /// What of a profile these questions ask for, where nothing is answered yet and what
    /// is kept is still offered.
    pub(super) fn prefill(&mut self, profile: &Profile) {
        let mut known = Vec::new();
        self.each(&mut |element, question| {
            let fact = profile.fact(element.name);
            let Some(value) = fact.or_else(|| profile.fact(question.value_name)) else {
                return;
            };
            let choices = &question.choices;
            let is_offered =
                choices.is_empty() || choices.iter().any(|one| is_same(&one.value, &value));
            if question.value.is_null() && is_offered && !element.is_read_only {
                known.push((element.place.clone(), value));
            }
        });
        for (place, value) in known {
            if self.session.answer(&place, &value).is_ok() {
                self.prefilled.push(place);
            }
        }
    }
}

/// Patterns that last as long as the program.
struct Lasting(&'static (dyn Patterns + Sync));

impl Patterns for Lasting {
    fn is_match(&self, pattern: &str, is_case_insensitive: bool, text: &str) -> Option<bool> {
        self.0.is_match(pattern, is_case_insensitive, text)
    }
}

fn around(beginning: &Beginning<'_>) -> Around {
    Around {
        clock: beginning.clock,
        seed: beginning.seed.cast_unsigned(),
        patterns: Some(Arc::new(Lasting(beginning.patterns))),
    }
}
