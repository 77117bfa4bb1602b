//! One form that is being filled in: the engine's session, what is drawn of it, and what
//! was typed and is no answer yet.

use super::card::{Ask, Card, Node, flatten};
use super::draw::{Pen, is_same};
use super::keep::{Draft, Fact, PROFILE_NAMES, Profile};
use super::words::language;
use linli_model::ecma;
use linli_model::survey::{Checks, read};
use linli_rules::survey::{
    AnswerFault, Around, Clock, Content, Language, Patterns, Place, Program, Progress, Session,
    ShownElement, ShownQuestion, Stage, Word,
};
use linli_texts::Catalog;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// Which of a question's fields holds the words beside its answer.
pub const COMMENT_FIELD: usize = usize::MAX;

/// Where a form comes from, as far as the person should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Begun now.
    Fresh,
    /// Goes on with a draft.
    Resumed,
    /// Goes on with a draft of the questions as they were before: those are still taken.
    ResumedOld,
    /// What fits of a draft for other questions.
    Carried,
}

/// What going on came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Another page.
    Moved,
    /// All answers, to be looked over.
    Review,
    /// Something is wrong, first with this question.
    Faulty(u32),
    /// All pages are done.
    Done,
}

/// Something typed into a question's field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Typed {
    id: u32,
    field: usize,
    text: String,
}

/// A form.
#[derive(Debug)]
pub struct Form {
    /// The definition that it is filled in by.
    pub version: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it is to replace recorded answers.
    pub is_changing: bool,
    /// What the page shows.
    pub nodes: Vec<Node>,
    /// The page's title and description; may be empty.
    pub heading: [String; 2],
    /// How far one is.
    pub progress: Progress,
    locale: String,
    seed: i64,
    around: Around,
    program: Arc<Program>,
    session: Session,
    cards: BTreeMap<u32, Rc<Card>>,
    ids: Vec<Place>,
    faults: BTreeMap<Place, Vec<AnswerFault>>,
    prefilled: BTreeSet<Place>,
    typed: Option<Typed>,
    /// The draft as it was before the form was done: nothing is lost by looking back.
    before_done: Option<Draft>,
}

/// What a form is begun with.
pub(super) struct Beginning<'a> {
    pub(super) program: Arc<Program>,
    pub(super) version: &'a str,
    pub(super) locale: &'a str,
    pub(super) clock: Clock,
    pub(super) seed: i64,
    pub(super) patterns: &'static dyn Patterns,
    pub(super) texts: &'a Catalog,
}

impl Form {
    /// A definition made ready; nothing where it does not run here.
    pub(super) fn program(definition: &str) -> Option<Arc<Program>> {
        let json = ecma::read(definition)?;
        let program = Program::new(read(&json).ok()?).ok()?;
        Some(Arc::new(program))
    }

    /// How many pages and questions a definition begins with.
    pub(super) fn size(program: &Arc<Program>) -> [usize; 2] {
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
    pub(super) fn fresh(beginning: Beginning<'_>, profile: &Profile) -> Option<Self> {
        let texts = beginning.texts;
        let mut form = Self::new(beginning)?;
        form.prefill(profile);
        form.draw(texts);
        Some(form)
    }

    /// A form with answers in it, open at the draft's page.
    pub(super) fn resumed(beginning: Beginning<'_>, draft: &Draft, origin: Origin) -> Option<Self> {
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

    fn new(beginning: Beginning<'_>) -> Option<Self> {
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
            cards: BTreeMap::new(),
            ids: Vec::new(),
            faults: BTreeMap::new(),
            prefilled: BTreeSet::new(),
            typed: None,
            before_done: None,
        })
    }

    /// What of a profile these questions ask for, where nothing is answered yet and what
    /// is kept is still offered.
    fn prefill(&mut self, profile: &Profile) {
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
                self.prefilled.insert(place);
            }
        }
    }

    /// Takes what a profile filled in out again.
    pub(super) fn forget_prefilled(&mut self, texts: &Catalog) {
        for place in std::mem::take(&mut self.prefilled) {
            let _ = self.session.answer(&place, &Json::Null);
        }
        self.draw(texts);
    }

    /// Draws the page, keeping what has not changed.
    pub(super) fn draw(&mut self, texts: &Catalog) {
        let view = self.session.view(language(texts, &self.locale));
        let mut now = BTreeMap::new();
        let mut pen = Pen {
            texts,
            view: &view,
            ids: &mut self.ids,
            before: &self.cards,
            now: &mut now,
            faults: &self.faults,
            prefilled: &self.prefilled,
        };
        (self.nodes, self.heading) = match view.page() {
            Some(page) => {
                let nodes = pen.nodes(&page);
                (nodes, [page.title, page.description])
            }
            None => (Vec::new(), Default::default()),
        };
        self.progress = view.progress();
        self.cards = now;
    }

    /// All pages, to be looked over: title and questions of each.
    pub fn overview(&self, texts: &Catalog) -> Vec<(String, Vec<Rc<Card>>)> {
        let view = self.session.view(language(texts, &self.locale));
        let (mut ids, mut now) = (self.ids.clone(), BTreeMap::new());
        let mut pages = Vec::new();
        for page in view.pages() {
            let mut pen = Pen {
                texts,
                view: &view,
                ids: &mut ids,
                before: &self.cards,
                now: &mut now,
                faults: &self.faults,
                prefilled: &self.prefilled,
            };
            let mut cards = Vec::new();
            flatten(&pen.nodes(&page), &mut cards);
            pages.push((page.title, cards));
        }
        pages
    }

    /// Numbers for everything that shows on any page, so that the review can name it.
    pub(super) fn number_all(&mut self) {
        let mut places = Vec::new();
        self.each(&mut |element, _| places.push(element.place.clone()));
        for place in places {
            self.id(&place);
        }
    }

    fn id(&mut self, place: &Place) -> Option<u32> {
        let known = self.ids.iter().position(|known| known == place);
        let at = known.unwrap_or_else(|| {
            self.ids.push(place.clone());
            self.ids.len() - 1
        });
        u32::try_from(at).ok()
    }

    /// Every question that shows, on whatever page.
    fn each(&self, seen: &mut dyn FnMut(&ShownElement<'_>, &ShownQuestion<'_>)) {
        let view = self.session.view(language_of_none(&self.locale));
        for page in view.pages() {
            each_question(&page, seen);
        }
    }

    /// A text of the survey itself.
    pub fn text(&self, property: &str, texts: &Catalog) -> Option<String> {
        let view = self.session.view(language(texts, &self.locale));
        view.text(property)
    }

    /// A look of the survey itself.
    pub fn look(&self, property: &str) -> Option<Json> {
        let view = self.session.view(language_of_none(&self.locale));
        view.look(property).cloned()
    }

    /// The next step finishes.
    pub fn is_last(&self) -> bool {
        self.session.completes_here()
    }

    /// Questions of the page with something wrong, first to last.
    pub fn faulty(&self) -> Vec<u32> {
        let mut faulty = Vec::new();
        note_faulty(&self.nodes, &mut faulty);
        faulty
    }

    /// A question of the page.
    pub(super) fn card(&self, id: u32) -> Option<Rc<Card>> {
        self.cards.get(&id).cloned()
    }

    /// Takes an answer.
    pub(super) fn answer(&mut self, card: &Card, value: &Json) {
        let _ = self.session.answer(&card.place, value);
        self.prefilled.remove(&card.place);
    }

    /// Takes words beside an answer.
    pub(super) fn comment(&mut self, card: &Card, text: &str) {
        let _ = self.session.comment(&card.place, text);
    }

    /// What a question was told to be wrong is looked at again.
    pub(super) fn look_again(&mut self, card: &Card, patterns: &dyn Patterns) {
        self.typed = self.typed.take().filter(|typed| typed.id != card.id);
        let is_told = self.faults.contains_key(&card.place);
        if !is_told && self.session.checks() != Checks::Answer {
            return;
        }
        let faults = self.session.faults_at(&card.place, patterns);
        if faults.is_empty() {
            self.faults.remove(&card.place);
        } else {
            self.faults.insert(card.place.clone(), faults);
        }
        // A panel's fault goes with any answer in it.
        let still = |place: &Place| !self.session.faults_at(place, patterns).is_empty();
        let gone: Vec<Place> = self
            .faults
            .iter()
            .filter(|(place, _)| **place != card.place && !still(place))
            .map(|(place, _)| place.clone())
            .collect();
        for place in gone {
            self.faults.remove(&place);
        }
    }

    /// Remembers what is being typed.
    pub(super) fn typing(&mut self, id: u32, field: usize, text: String) {
        self.typed = Some(Typed { id, field, text });
    }

    /// What was typed last and is no answer yet.
    pub(super) fn take_typed(&mut self) -> Option<(u32, usize, String)> {
        let typed = self.typed.take()?;
        Some((typed.id, typed.field, typed.text))
    }

    /// Goes on.
    pub(super) fn next(&mut self, patterns: &dyn Patterns) -> Step {
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
    fn checked_whole(&mut self, patterns: &dyn Patterns) -> Step {
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

    fn blame(&mut self, faults: Vec<AnswerFault>) -> Step {
        self.faults.clear();
        let mut first = None;
        for fault in faults {
            let place = fault.place.clone();
            first = first.or(self.id(&place));
            self.faults.entry(place).or_default().push(fault);
        }
        first.map_or(Step::Moved, Step::Faulty)
    }

    /// Opens a finished form again, as it was.
    pub(super) fn reopen(&mut self) {
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
    pub(super) fn open_question(&mut self, id: u32) {
        let at = usize::try_from(id).unwrap_or(usize::MAX);
        if let Some(place) = self.ids.get(at).cloned() {
            self.open_page_of(&place);
        }
    }

    fn open_page_of(&mut self, place: &Place) {
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

    fn go_to(&mut self, name: &str) {
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
    pub(super) fn back(&mut self) -> bool {
        self.faults.clear();
        self.session.previous_page()
    }

    /// Marks what the backend did not take. False where none of it shows here.
    pub(super) fn refuse(&mut self, names: &[String], patterns: &dyn Patterns) -> Option<u32> {
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

    /// Whether the definition wants all answers looked over before they go.
    pub fn wants_review(&self) -> bool {
        self.session.has_preview()
    }

    /// What is said when all is done; may be empty.
    pub(super) fn ending(&self, texts: &Catalog) -> String {
        let view = self.session.view(language(texts, &self.locale));
        view.ending().unwrap_or_default()
    }

    /// Whether the page before all others is shown.
    pub fn is_start(&self) -> bool {
        self.session.stage() == Stage::Start
    }

    /// Adds a row or panel.
    pub(super) fn add(&mut self, card: &Card) {
        let _ = self.session.add(&card.place);
    }

    /// Takes a row or panel away.
    pub(super) fn remove(&mut self, card: &Card, index: usize) {
        let _ = self.session.remove(&card.place, index);
        // What was wrong in others may be somewhere else now.
        self.faults
            .retain(|place, _| place.outermost() != card.place);
    }

    /// Whether to go on by itself once everything here is answered.
    pub(super) fn advances(&self) -> bool {
        let is_on = self.look("autoAdvanceEnabled") == Some(Json::Bool(true));
        let is_whole = || {
            self.cards
                .values()
                .all(|card| card.is_answered || !card.takes_answer())
        };
        is_on && !self.is_last() && is_whole()
    }

    /// The answers, as they are sent.
    pub(super) fn answers(&self) -> String {
        ecma::write(&self.session.data())
    }

    /// Whether anything is answered.
    pub(super) fn is_begun(&self) -> bool {
        let data = self.session.data();
        data.as_object().is_some_and(|map| !map.is_empty()) || self.typed.is_some()
    }

    /// The form as it is kept on the device.
    pub fn draft(&self) -> Draft {
        if let Some(draft) = &self.before_done {
            return draft.clone();
        }
        let mut data = self.session.data();
        if let (Some(typed), Json::Object(map)) = (&self.typed, &mut data)
            && let Some(card) = self.cards.get(&typed.id)
        {
            keep_typed(map, &card.key, typed);
        }
        Draft {
            version: self.version.clone(),
            answers: ecma::write(&data),
            page: match self.session.stage() {
                Stage::Start => String::new(),
                _ => self.session.current_page().unwrap_or_default().to_owned(),
            },
            seed: self.seed,
            is_changing: self.is_changing,
        }
    }

    /// The facts among the answers that a profile may keep.
    pub(super) fn facts(answers: &str) -> Vec<Fact> {
        let Some(Json::Object(map)) = ecma::read(answers) else {
            return Vec::new();
        };
        let facts = PROFILE_NAMES
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), ecma::write(map.get(*name)?))));
        facts.collect()
    }
}

/// What is typed is kept as if it were the answer, so that a reload does not lose it.
fn keep_typed(map: &mut serde_json::Map<String, Json>, key: &str, typed: &Typed) {
    let text = Json::from(typed.text.clone());
    match typed.field {
        0 => drop(map.insert(key.to_owned(), text)),
        COMMENT_FIELD => drop(map.insert(format!("{key}-Comment"), text)),
        _ => {}
    }
}

/// For what needs no words.
fn language_of_none(locale: &str) -> Language<'_> {
    Language {
        locale,
        words: [""; Word::ALL.len()],
    }
}

fn each_question(
    element: &ShownElement<'_>,
    seen: &mut dyn FnMut(&ShownElement<'_>, &ShownQuestion<'_>),
) {
    match &element.content {
        Content::Panel(children) => {
            for child in children {
                each_question(child, seen);
            }
        }
        Content::Question(question) => seen(element, question),
    }
}

/// Patterns that last as long as the program.
struct Lasting(&'static dyn Patterns);

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

fn note_faulty(nodes: &[Node], faulty: &mut Vec<u32>) {
    for node in nodes {
        match node {
            Node::Panel {
                id, faults, nodes, ..
            } => {
                if !faults.is_empty() {
                    faulty.push(*id);
                }
                note_faulty(nodes, faulty);
            }
            Node::Question(card) => {
                if !card.faults.is_empty() {
                    faulty.push(card.id);
                }
                if let Ask::Groups(groups) = &card.ask {
                    for group in &groups.groups {
                        note_faulty(&group.nodes, faulty);
                    }
                }
            }
        }
    }
}
