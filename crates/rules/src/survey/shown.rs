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

use super::course::Stage;
use super::expression::Expression;
use super::place::Place;
use super::program::{Child, Owner};
use super::session::{Offer, Role, Session, has_other, is_blank};
use super::validate::{AnswerFault, FaultKind};
use super::value::Value;
use super::words::{Filler, Language, Word, special};
use linli_model::survey::{
    Choice, Ending, LocalText, Preview, QuestionKind, Shape, Shown, ValidatorKind,
};

/// A session in one language.
#[derive(Debug, Clone)]
pub struct View<'a> {
    session: &'a Session,
    filler: Filler<'a>,
    /// Inside which rows of which questions.
    inside: Vec<(usize, usize)>,
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
    /// The key of its answer.
    pub value_name: &'a str,
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
    /// Lines, rows or panels of a question that has questions inside.
    pub groups: Vec<ShownGroup<'a>>,
    /// Whether the person may add one.
    pub can_add: bool,
    /// Whether the person may remove one.
    pub can_remove: bool,
}

/// A row or panel of a question, or all its lines.
#[derive(Debug, Clone)]
pub struct ShownGroup<'a> {
    /// The same as long as it exists.
    pub key: usize,
    /// Its place among the others, as [`Session::remove`] takes it.
    pub index: usize,
    /// What it is called; nothing for most.
    pub title: String,
    /// What shows in it.
    pub elements: Vec<ShownElement<'a>>,
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
            inside: Vec::new(),
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

    /// The page that a person is on: its one element where elements are shown one at a time.
    pub fn page(&self) -> Option<ShownElement<'a>> {
        let session = self.session;
        let start = session.program.start_page;
        if let Some(start) = start.filter(|_| session.stage() == Stage::Start) {
            return Some(self.container(start));
        }
        let mut page = self.container(session.current_page?);
        if let Some(element) = session.current_element {
            let only = match element {
                Owner::Question(at) => self.question(at),
                Owner::Container(at) => self.container(at),
            };
            page.content = Content::Panel(vec![only]);
        }
        Some(page)
    }

    /// What is shown at the end: HTML as it is written, with answers in it.
    pub fn ending(&self) -> Option<String> {
        let mut all = self.session.program.endings.iter();
        let holds = |one: &&(Ending, Option<Expression>)| {
            let expression = one.1.as_ref();
            expression.is_some_and(|expression| expression.holds(self.session))
        };
        match all.find(holds) {
            Some((ending, _)) => self.filler.local(&ending.html),
            None => self.text("completedHtml"),
        }
    }

    /// All pages that show: what is looked over before it is sent, only with what is
    /// answered where the definition says so.
    pub fn pages(&self) -> Vec<ShownElement<'a>> {
        let pages = self.session.visible_pages().into_iter();
        let mut pages: Vec<_> = pages.map(|at| self.container(at)).collect();
        if self.session.stage() == Stage::Preview
            && self.session.program.course.preview == Preview::Answered
        {
            pages.retain_mut(is_answered);
        }
        pages
    }

    /// One element by its place, to draw it again; nothing where it does not show.
    pub fn element(&self, place: &Place) -> Option<ShownElement<'a>> {
        if let Some(((question, row), rest)) = place.inside.split_first() {
            let place = Place {
                inside: rest.to_vec(),
                element: place.element,
            };
            return self.inner(*question, *row)?.element(&place);
        }
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
        if let Some(((question, row), rest)) = fault.place.inside.split_first() {
            let place = Place {
                inside: rest.to_vec(),
                element: fault.place.element,
            };
            let inner = self.inner(*question, *row)?;
            if fault.kind == FaultKind::Duplicate && rest.is_empty() {
                let node = &self.session.program.questions[*question].question;
                return self.own(&node.shown, "keyDuplicationError");
            }
            return inner.fault(&AnswerFault {
                place,
                ..fault.clone()
            });
        }
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
            (FaultKind::OffStep, _) => shown("stepErrorText"),
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
        if let Some(((question, row), rest)) = fault.place.inside.split_first() {
            let place = Place {
                inside: rest.to_vec(),
                element: fault.place.element,
            };
            return self.inner(*question, *row)?.validator(&AnswerFault {
                place,
                ..fault.clone()
            });
        }
        match (fault.kind, fault.place.element) {
            (FaultKind::Validator(place), Owner::Question(at)) => {
                let validators = &self.session.program.questions[at].question.validators;
                validators.get(place).map(|one| &one.kind)
            }
            _ => None,
        }
    }

    /// The view into a row or panel of a question.
    fn inner(&self, question: usize, row: usize) -> Option<Self> {
        let session = &self.session.entries(question).get(row)?.session;
        let mut inside = self.inside.clone();
        inside.push((question, row));
        Some(Self {
            session,
            filler: Filler::new(session, self.filler.language),
            inside,
        })
    }

    fn place(&self, element: Owner) -> Place {
        Place {
            inside: self.inside.clone(),
            element,
        }
    }

    fn groups(&self, at: usize) -> Vec<ShownGroup<'a>> {
        let count = self.session.entries(at).len();
        let indices: Vec<usize> = (0..count).collect();
        let order = self.session.in_order(Owner::Question(at), &indices);
        let rows = match self.session.nested(at).map(|nested| &nested.shape) {
            Some(Shape::Rows { rows, .. }) => rows.as_slice(),
            _ => &[],
        };
        let group = |index: &usize| {
            let view = self.inner(at, *index)?;
            let page = *view.session.visible_pages().first()?;
            let row = rows.get(*index).map(|row| self.filler.choice(row));
            let shown = self.session.nested(at).map(|nested| &nested.shown);
            let own = || view.own(shown?, "templateTitle");
            Some(ShownGroup {
                key: self.session.entries(at)[*index].key,
                index: *index,
                title: row.or_else(own).unwrap_or_default(),
                elements: view.children(page),
            })
        };
        order.into_iter().filter_map(group).collect()
    }

    fn children(&self, at: usize) -> Vec<ShownElement<'a>> {
        let session = self.session;
        let children = &session.program.containers[at].children;
        let children = session.in_order(Owner::Container(at), children).into_iter();
        let shown = children.filter_map(|child| match child {
            Child::Question(at) if session.questions[*at].is_visible => Some(self.question(*at)),
            Child::Container(at) if session.has_content(*at) => Some(self.container(*at)),
            _ => None,
        });
        shown.collect()
    }

    fn container(&self, at: usize) -> ShownElement<'a> {
        let session = self.session;
        let node = &session.program.containers[at];
        ShownElement {
            place: self.place(Owner::Container(at)),
            name: &node.name,
            title: self.own(&node.shown, "title").unwrap_or_default(),
            description: self.own(&node.shown, "description").unwrap_or_default(),
            number: None,
            is_required: session.containers[at].is_required,
            is_read_only: session.is_frozen(at),
            shown: &node.shown,
            content: Content::Panel(self.children(at)),
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
            value_name: &question.value_name,
            kind: &question.kind,
            asks_comment: has_other || question.has_comment,
            groups: self.groups(at),
            can_add: session.can_add(at),
            can_remove: session.can_remove(at),
            comment: match session.comment_of(at) {
                Value::Undefined => String::new(),
                comment => comment.to_text(),
            },
            choices: self.choices(at),
            rows: match &question.kind {
                QuestionKind::Matrix { rows, .. } => {
                    let rows = session.in_order(Owner::Question(at), rows);
                    rows.into_iter().map(|row| self.listed_one(row)).collect()
                }
                _ => Vec::new(),
            },
            value: serde_json::Value::from(&value),
        };
        ShownElement {
            place: self.place(Owner::Question(at)),
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
            kind => {
                let offers = session.offers(at).into_iter();
                let offers = offers.map(|one| self.offer(at, &one));
                let offers_all = matches!(kind, QuestionKind::Some(select) if select.offers_all);
                let all = offers_all.then(|| ShownChoice {
                    value: serde_json::Value::from("all"),
                    text: self.filler.word(at, Word::SelectAll),
                    image: None,
                    role: Role::All,
                });
                all.into_iter().chain(offers).collect()
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
        all.iter().map(|one| self.listed_one(one)).collect()
    }

    fn listed_one(&self, one: &'a Choice) -> ShownChoice<'a> {
        ShownChoice {
            value: one.value.clone(),
            text: self.filler.choice(one),
            image: one.image.as_deref(),
            role: Role::Plain,
        }
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

/// Whether something in an element is answered; what is not goes from it.
fn is_answered(element: &mut ShownElement<'_>) -> bool {
    match &mut element.content {
        Content::Panel(elements) => {
            elements.retain_mut(is_answered);
            !elements.is_empty()
        }
        Content::Question(question) => {
            let is_empty = question.value.is_null() || question.value == serde_json::json!([]);
            !is_empty || matches!(question.kind, QuestionKind::Shown)
        }
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
