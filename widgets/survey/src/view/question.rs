//! What stands on a page: panels, and questions, each drawn again only when it has
//! changed: title, what answers it, words beside, and what is wrong.

use super::asked::Asked;
use super::{groups, line, markup, matrix, pick, rank, rating};
use crate::state::{Action, Ask, Card, Node};
use linli_texts::{Catalog, survey as k};
use linli_ui::el::{El, div, el, list, maybe, nothing, says};
use std::rc::Rc;
use yew::prelude::*;
use yew::virtual_dom::{Key, VComp};

/// Elements of a page or panel.
pub(super) fn nodes(nodes: &[Node], texts: &Rc<Catalog>, act: &Callback<Action>) -> Vec<Html> {
    nodes.iter().map(|node| element(node, texts, act)).collect()
}

fn element(node: &Node, texts: &Rc<Catalog>, act: &Callback<Action>) -> Html {
    match node {
        Node::Panel {
            id,
            title,
            description,
            faults,
            nodes,
        } => {
            let said = |class: &'static str, words: &String| {
                let words = words.clone();
                (!words.is_empty()).then(|| says("p", words).class(class))
            };
            let heading =
                (!title.is_empty()).then(|| says("h3", title.clone()).id(format!("q{id}-title")));
            let named = (!title.is_empty()).then(|| format!("q{id}-title"));
            div("panel")
                .id(format!("q{id}"))
                .attr("tabindex", "-1")
                .attr("role", "group")
                .maybe("aria-labelledby", named)
                .key(format!("p{id}"))
                .put(maybe(heading))
                .put(maybe(said("muted", description)))
                .put(maybe(faults.first().and_then(|fault| said("wrong", fault))))
                .put(list(self::nodes(nodes, texts, act)))
                .into()
        }
        Node::Question(card) => {
            let key = Key::from(format!("q{}", card.id));
            let props = QuestionProps {
                card: card.clone(),
                texts: texts.clone(),
                act: act.clone(),
            };
            VComp::new::<Question>(Rc::new(props), Some(key)).into()
        }
    }
}

/// Properties.
#[derive(Clone, Properties)]
struct QuestionProps {
    /// What is asked.
    card: Rc<Card>,
    /// The person's words.
    texts: Rc<Catalog>,
    /// Dispatches an action.
    act: Callback<Action>,
}

impl PartialEq for QuestionProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.card, &other.card)
            && Rc::ptr_eq(&self.texts, &other.texts)
            && self.act == other.act
    }
}

/// A question.
struct Question;

impl Component for Question {
    type Message = ();
    type Properties = QuestionProps;

    fn create(_: &Context<Self>) -> Self {
        Self
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &QuestionProps) -> bool {
        ctx.props() != old
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        question(&Asked {
            card: &props.card,
            texts: &props.texts,
            act: &props.act,
        })
    }
}

fn question(asked: &Asked<'_>) -> Html {
    let card = asked.card;
    match &card.ask {
        Ask::Words(html) => {
            return div("words").id(asked.id()).all(markup::nodes(html)).into();
        }
        Ask::Picture { source, alt } => return picture(asked, source, alt),
        _ => {}
    }
    let (is_group, answer) = match &card.ask {
        Ask::Line(one) => (false, line::line(asked, one, 0)),
        Ask::Area(one) => (false, line::area(asked, one, 0)),
        Ask::Groups(groups) => {
            let inner = |inner: &[Node]| nodes(inner, asked.texts, asked.act);
            (true, groups::groups(asked, groups, &inner))
        }
        Ask::One(pick) => pick::one(asked, pick),
        Ask::Many(pick) => (true, pick::many(asked, pick)),
        Ask::Rating(scale) => (true, rating::rating(asked, scale)),
        Ask::Rank(pick) => (true, rank::rank(asked, pick)),
        Ask::Matrix(matrix) => (true, matrix::matrix(asked, matrix)),
        Ask::Computed(text) => (true, says("output", text.clone()).class("computed").into()),
        Ask::Words(_) | Ask::Picture { .. } => (false, nothing()),
    };
    let class = if asked.is_wrong() { "q bad" } else { "q" };
    let frame = if is_group {
        el("fieldset")
            .maybe("aria-describedby", asked.described())
            .put(title(asked, el("legend")))
    } else {
        let label = el("label").attr("for", format!("{}f0", asked.id()));
        el("div").put(title(asked, label))
    };
    frame
        .class(class)
        .id(asked.id())
        .attr("tabindex", "-1")
        .put(maybe(more(asked)))
        .put(maybe(wrong(asked)))
        .put(answer)
        .put(maybe(
            card.comment.as_ref().map(|one| line::comment(asked, one)),
        ))
        .put(maybe(below(asked)))
        .into()
}

fn title(asked: &Asked<'_>, frame: El) -> El {
    let card = asked.card;
    let number = card.number.map(|number| format!("{number}. "));
    let must = (card.is_required && !card.is_read_only)
        .then(|| says("span", asked.texts.text(k::REQUIRED).to_owned()).class("must"));
    frame
        .class("ask")
        .some(number.map(|number| says("span", number).class("number")))
        .put(says("span", card.title.clone()))
        .some(must)
}

fn more(asked: &Asked<'_>) -> Option<El> {
    let words = &asked.card.description;
    let more = || {
        says("p", words.clone())
            .class("muted")
            .id(format!("{}-more", asked.id()))
    };
    (!words.is_empty()).then(more)
}

/// Beside the question, above what answers it: there it is read before trying again.
fn wrong(asked: &Asked<'_>) -> Option<El> {
    let lines = asked.card.faults.iter();
    let lines = lines.map(|fault| says("span", fault.clone()).into());
    let told = el("p")
        .class("wrong")
        .id(format!("{}-wrong", asked.id()))
        .all(lines);
    asked.is_wrong().then_some(told)
}

/// What can be done with an answer that is there.
fn below(asked: &Asked<'_>) -> Option<El> {
    let card = asked.card;
    let question = card.id;
    let quiet = |label, done: Callback<MouseEvent>| {
        says("button", asked.texts.text(label).to_owned())
            .attr("type", "button")
            .class("quiet")
            .click(done)
    };
    if card.is_prefilled {
        return Some(
            div("below")
                .put(says("span", asked.texts.text(k::PREFILLED).to_owned()))
                .put(quiet(k::FORGET, asked.act.reform(|_| Action::ForgetAsked))),
        );
    }
    // A radio button cannot be unticked; an answer by mistake must not stay for that.
    let is_stuck = matches!(card.ask, Ask::One(_) | Ask::Rating(_) | Ask::Matrix(_));
    let may_clear = is_stuck && card.is_answered && !card.is_required && !card.is_read_only;
    let cleared = asked.act.reform(move |_| Action::Cleared(question));
    may_clear.then(|| div("below").put(quiet(k::CLEAR, cleared)))
}

/// Pictures from elsewhere come only by address, never as something to be run.
fn picture(asked: &Asked<'_>, source: &str, alt: &str) -> Html {
    if !markup::is_picture(source) {
        return nothing();
    }
    let alt = if alt.is_empty() {
        asked.card.title.clone()
    } else {
        alt.to_owned()
    };
    el("img")
        .class("picture")
        .id(asked.id())
        .attr("src", source.to_owned())
        .attr("alt", alt)
        .attr("loading", "lazy")
        .into()
}
