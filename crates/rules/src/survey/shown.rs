//! A survey as a view draws it: the current page as a tree, with texts in one language and
//! answers in them.
//!
//! | what a view needs | |
//! |---|---|
//! | the page, or all pages to look over | [`View::page`], [`View::pages`] |
//! | what to draw again after an answer | [`Change::redraw`](super::Change) |
//! | an answer given at a place | [`Session::answer`], [`Session::comment`] |
//! | what is wrong there, in the definition's words | [`Session::faults_at`], [`View::fault`] |
//! | how far one is | [`View::progress`] |
//!
//! Looks such as `colCount` are asked for by [`Shown::look`], texts such as a placeholder
//! by [`ShownElement::text`]. Left to others: values inside texts (`words`).

use super::place::Place;
use super::program::{Child, Owner};
use super::session::{Offer, Role, Session, has_other, is_blank};
use super::validate::{AnswerFault, FaultKind};
use super::value::Value;
use super::words::{Filler, Language, Word, special};
use linli_model::survey::{Choice, LocalText, QuestionKind, Shown, ValidatorKind};

/// A session in one language.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    session: &'a Session,
    filler: Filler<'a>,
}

/// A page, a panel or a question.
#[derive(Debug, Clone)]
pub struct ShownElement<'a> {
    /// Where it is.
    pub place: Place,
    /// Its name.
    pub name: &'a str,
    /// Its title; a question without one goes by its name, a page or panel by none.
    pub title: String,
    /// What is said below.
    pub description: String,
    /// Its number, where questions are numbered.
    pub number: Option<usize>,
    /// Whether an answer is needed.
    pub is_required: bool,
    /// Whether it takes none.
    pub is_read_only: bool,
    /// Its looks, and all its texts as they are written.
    pub shown: &'a Shown,
    /// What it is.
    pub content: Content<'a>,
    filler: Filler<'a>,
}

/// What an element is.
#[derive(Debug, Clone)]
pub enum Content<'a> {
    /// A page or panel, with what shows in it.
    Panel(Vec<ShownElement<'a>>),
    /// A question.
    Question(Box<ShownQuestion<'a>>),
}

/// A question.
#[derive(Debug, Clone)]
pub struct ShownQuestion<'a> {
    /// SurveyJS' word for it.
    pub type_name: &'a str,
    /// What it is.
    pub kind: &'a QuestionKind,
    /// The answer, `null` for none.
    pub value: serde_json::Value,
    /// Whether "other" or a comment beside the answer asks for words.
    pub asks_comment: bool,
    /// Those words.
    pub comment: String,
    /// What is offered: choices, rates, or a matrix' columns.
    pub choices: Vec<ShownChoice<'a>>,
    /// A matrix' rows.
    pub rows: Vec<ShownChoice<'a>>,
}

/// A choice, rate, column or row.
#[derive(Debug, Clone)]
pub struct ShownChoice<'a> {
    /// What is stored.
    pub value: serde_json::Value,
    /// What is read.
    pub text: String,
    /// A picture.
    pub image: Option<&'a str>,
    /// What it does.
    pub role: Role,
}

/// How far one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The page one is on, from 1; 0 for none.
    pub page: usize,
    /// Pages that show.
    pub pages: usize,
    /// Questions that show and have an answer.
    pub answered: usize,
    /// Questions that show and take one.
    pub questions: usize,
}

impl Session {
    /// The session in a language.
    pub fn view<'a>(&'a self, language: Language<'a>) -> View<'a> {
        View {
            session: self,
            filler: Filler::new(self, language),
        }
    }
}

impl<'a> View<'a> {
    /// A text of the survey itself: `title`, `completeText`.
    pub fn text(&self, property: &str) -> Option<String> {
        let text = self.session.program.shown.local(property)?;
        self.filler.local(text)
    }

    /// A look of the survey itself: `showProgressBar`.
    pub fn look(&self, property: &str) -> Option<&'a serde_json::Value> {
        self.session.program.shown.look(property)
    }

    /// The page that a person is on.
    pub fn page(&self) -> Option<ShownElement<'a>> {
        self.session.current_page.map(|at| self.container(at))
    }

    /// All pages that show: what is looked over before it is sent.
    pub fn pages(&self) -> Vec<ShownElement<'a>> {
        let pages = self.session.visible_pages().into_iter();
        pages.map(|at| self.container(at)).collect()
    }

    /// One element by its place, to draw it again; nothing where it does not show.
    pub fn element(&self, place: &Place) -> Option<ShownElement<'a>> {
        match place.element {
            Owner::Question(at) if self.session.is_shown(at) => Some(self.question(at)),
            Owner::Container(at) if self.session.has_content(at) => Some(self.container(at)),
            _ => None,
        }
    }

    /// How far one is.
    pub fn progress(&self) -> Progress {
        let session = self.session;
        let pages = session.visible_pages();
        let place = pages
            .iter()
            .position(|page| Some(*page) == session.current_page);
        let takes_answer = |at: &usize| {
            let kind = &session.program.questions[*at].question.kind;
            !matches!(kind, QuestionKind::Shown | QuestionKind::Expression { .. })
        };
        let shown = (0..session.questions.len()).filter(|at| session.is_shown(*at));
        let questions: Vec<usize> = shown.filter(takes_answer).collect();
        let is_answered = |at: &&usize| !is_blank(&session.answer_of(**at));
        Progress {
            page: place.map_or(0, |place| place + 1),
            pages: pages.len(),
            answered: questions.iter().filter(is_answered).count(),
            questions: questions.len(),
        }
    }

    /// What the definition itself says about a fault, if it does.
    pub fn fault(&self, fault: &AnswerFault) -> Option<String> {
        let program = &self.session.program;
        let shown = |property: &str| match fault.place.element {
            Owner::Question(at) => program.questions[at].question.shown.local(property),
            Owner::Container(at) => program.containers[at].shown.local(property),
        };
        let text: Option<&LocalText> = match (fault.kind, fault.place.element) {
            (FaultKind::Required | FaultKind::OneRequired, _) => shown("requiredErrorText"),
            (FaultKind::OtherEmpty, _) => shown("otherErrorText"),
            (FaultKind::BelowMin, _) => shown("minErrorText"),
            (FaultKind::AboveMax, _) => shown("maxErrorText"),
            (FaultKind::Validator(place), Owner::Question(at)) => {
                program.questions[at].question.validators[place]
                    .text
                    .as_ref()
            }
            (FaultKind::NotNumber, Owner::Question(at)) => {
                let mut all = program.questions[at].question.validators.iter();
                let numeric = all.find(|one| matches!(one.kind, ValidatorKind::Numeric { .. }));
                numeric.and_then(|one| one.text.as_ref())
            }
            _ => None,
        };
        self.filler.local(text?)
    }

    /// The check that says no, where it is one of the definition's.
    pub fn validator(&self, fault: &AnswerFault) -> Option<&'a ValidatorKind> {
        match (fault.kind, fault.place.element) {
            (FaultKind::Validator(place), Owner::Question(at)) => {
                let question = &self.session.program.questions[at].question;
                question.validators.get(place).map(|one| &one.kind)
            }
            _ => None,
        }
    }

    fn container(&self, at: usize) -> ShownElement<'a> {
        let session = self.session;
        let node = &session.program.containers[at];
        let children = node.children.iter().filter_map(|child| match child {
            Child::Question(at) if session.questions[*at].is_visible => Some(self.question(*at)),
            Child::Container(at) if session.has_content(*at) => Some(self.container(*at)),
            _ => None,
        });
        ShownElement {
            place: Place::of(Owner::Container(at)),
            name: &node.name,
            title: self.own(&node.shown, "title").unwrap_or_default(),
            description: self.own(&node.shown, "description").unwrap_or_default(),
            number: None,
            is_required: session.containers[at].is_required,
            is_read_only: session.is_frozen(at),
            shown: &node.shown,
            content: Content::Panel(children.collect()),
            filler: self.filler,
        }
    }

    fn question(&self, at: usize) -> ShownElement<'a> {
        let session = self.session;
        let question = &session.program.questions[at].question;
        let title = self.own(&question.shown, "title");
        let value = session.answer_of(at);
        let has_other = match &question.kind {
            QuestionKind::One(select) | QuestionKind::Some(select) => has_other(select, &value),
            _ => false,
        };
        let shown = ShownQuestion {
            type_name: &question.type_name,
            kind: &question.kind,
            asks_comment: has_other,
            comment: match session.comment_of(at) {
                Value::Undefined => String::new(),
                comment => comment.to_text(),
            },
            choices: self.choices(at),
            rows: match &question.kind {
                QuestionKind::Matrix { rows, .. } => self.listed(rows),
                _ => Vec::new(),
            },
            value: serde_json::Value::from(&value),
        };
        ShownElement {
            place: Place::of(Owner::Question(at)),
            name: &question.name,
            title: title.unwrap_or_else(|| question.name.clone()),
            description: self.own(&question.shown, "description").unwrap_or_default(),
            number: self.number(at),
            is_required: session.questions[at].is_required,
            is_read_only: session.is_read_only(at),
            shown: &question.shown,
            content: Content::Question(Box::new(shown)),
            filler: self.filler,
        }
    }

    fn own(&self, shown: &Shown, property: &str) -> Option<String> {
        self.filler.local(shown.local(property)?)
    }

    fn choices(&self, at: usize) -> Vec<ShownChoice<'a>> {
        let session = self.session;
        match &session.program.questions[at].question.kind {
            QuestionKind::Rating(scale) if scale.has_values() => self.listed(&scale.values),
            QuestionKind::Rating(scale) => {
                let rates = scale.rates().into_iter();
                rates
                    .map(|rate| ShownChoice {
                        text: Value::Number(rate).to_text(),
                        value: serde_json::Value::from(&Value::Number(rate)),
                        image: None,
                        role: Role::Plain,
                    })
                    .collect()
            }
            QuestionKind::Matrix { columns, .. } => self.listed(columns),
            _ => {
                let offers = session.offers(at).into_iter();
                offers.map(|one| self.offer(at, &one)).collect()
            }
        }
    }

    fn offer(&self, at: usize, offer: &Offer<'a>) -> ShownChoice<'a> {
        let word = match offer.role {
            Role::Plain => None,
            Role::Other => Some(Word::Other),
            Role::Exclusive => Some(special(offer.value)),
            Role::All => Some(Word::SelectAll),
        };
        let text = match (word, offer.choice) {
            (Some(word), _) => self.filler.word(at, word),
            (None, Some(choice)) => self.filler.choice(choice),
            (None, None) => String::new(),
        };
        ShownChoice {
            value: offer.value.clone(),
            text,
            image: offer.choice.and_then(|one| one.image.as_deref()),
            role: offer.role,
        }
    }

    fn listed(&self, all: &'a [Choice]) -> Vec<ShownChoice<'a>> {
        all.iter()
            .map(|one| ShownChoice {
                value: one.value.clone(),
                text: self.filler.choice(one),
                image: one.image.as_deref(),
                role: Role::Plain,
            })
            .collect()
    }

    /// Its place among the numbered questions that show, from 1.
    fn number(&self, at: usize) -> Option<usize> {
        let session = self.session;
        let numbers = self.look("showQuestionNumbers")?;
        let is_on = |text: &str| numbers.as_str() == Some(text);
        let by_page = is_on("onPage") || is_on("onpage");
        if !(by_page || is_on("on") || is_on("recursive") || *numbers == true) {
            return None;
        }
        let is_numbered = |at: usize| {
            let shown = &session.program.questions[at].question.shown;
            let hides = |name: &str, value: serde_json::Value| shown.look(name) == Some(&value);
            let has_none = hides("titleLocation", "hidden".into());
            let is_bare = hides("hideNumber", true.into()) || hides("showNumber", false.into());
            let kind = &session.program.questions[at].question.type_name;
            session.is_shown(at) && !has_none && !is_bare && kind != "html" && kind != "image"
        };
        let page = session.page_of(at);
        let before = (0..at).filter(|one| !by_page || session.page_of(*one) == page);
        let count = before.filter(|one| is_numbered(*one)).count();
        is_numbered(at).then_some(count + 1)
    }
}

impl ShownElement<'_> {
    /// A text such as `placeholder` or `minRateDescription`, with answers in it.
    pub fn text(&self, property: &str) -> Option<String> {
        self.filler.local(self.shown.local(property)?)
    }

    /// A look such as `colCount`.
    pub fn look(&self, property: &str) -> Option<&serde_json::Value> {
        self.shown.look(property)
    }
}
