//! One form that is being filled in: the engine's session, what is drawn of it, and what
//! was typed and is no answer yet.
//!
//! Parts: beginning (`begin`), pages and errors (`turn`).

mod begin;
mod turn;

pub(super) use begin::Beginning;

use super::card::{Ask, Card, Node, flatten};
use super::draw::Pen;
use super::keep::{Draft, Fact, PROFILE_NAMES};
use super::words::language;
use linli_model::ecma;
use linli_model::survey::Checks;
use linli_rules::survey::{
    AnswerFault, Around, Content, Language, Patterns, Place, Program, Progress, Session,
    ShownElement, ShownQuestion, Stage, Word,
};
use linli_texts::Catalog;
use serde_json::Value as Json;
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
    /// Of the page; few, so they are looked through.
    cards: Vec<Rc<Card>>,
    ids: Vec<Place>,
    faults: Vec<AnswerFault>,
    prefilled: Vec<Place>,
    typed: Option<Typed>,
    /// The draft as it was before the form was done: nothing is lost by looking back.
    before_done: Option<Draft>,
}

impl Form {
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
        let mut now = Vec::new();
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
        let (mut ids, mut now) = (self.ids.clone(), Vec::new());
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
        find(&self.cards, id).cloned()
    }

    /// Takes an answer.
    pub(super) fn answer(&mut self, card: &Card, value: &Json) {
        let _ = self.session.answer(&card.place, value);
        self.prefilled.retain(|place| *place != card.place);
    }

    /// Takes words beside an answer.
    pub(super) fn comment(&mut self, card: &Card, text: &str) {
        let _ = self.session.comment(&card.place, text);
    }

    /// What a question was told to be wrong is looked at again.
    pub(super) fn look_again(&mut self, card: &Card, patterns: &dyn Patterns) {
        self.typed = self.typed.take().filter(|typed| typed.id != card.id);
        let session = &self.session;
        let is_told = self.faults.iter().any(|fault| fault.place == card.place);
        // A panel's fault goes with any answer in it.
        self.faults.retain(|fault| {
            fault.place != card.place && !session.faults_at(&fault.place, patterns).is_empty()
        });
        if is_told || session.checks() == Checks::Answer {
            self.faults.extend(session.faults_at(&card.place, patterns));
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
            .retain(|fault| fault.place.outermost() != card.place);
    }

    /// Whether to go on by itself once everything here is answered.
    pub(super) fn advances(&self) -> bool {
        let is_on = self.look("autoAdvanceEnabled") == Some(Json::Bool(true));
        let is_whole = || {
            self.cards
                .iter()
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
            && let Some(card) = find(&self.cards, typed.id)
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

/// The question of this number.
pub(super) fn find(cards: &[Rc<Card>], id: u32) -> Option<&Rc<Card>> {
    cards.iter().find(|card| card.id == id)
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
