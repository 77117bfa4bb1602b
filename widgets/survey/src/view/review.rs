//! All answers once more, before they go, each with a way to change it.

use super::{Looks, foot, head};
use crate::state::{Action, Card, Form, State};
use linli_model::wave::SurveyView;
use linli_texts::survey as k;
use linli_ui::block::{Look, render};
use linli_ui::el::{El, div, el, says};
use yew::prelude::*;

/// The review.
pub(super) fn review(
    state: &State,
    form: &Form,
    survey: &SurveyView,
    looks: &Looks<'_>,
) -> Vec<Html> {
    let mut nodes = render(&[head::kicker(survey, looks), looks.heading(k::REVIEW_TITLE)]);
    for (title, cards) in form.overview(looks.texts) {
        if !title.is_empty() {
            nodes.push(says("h3", title).into());
        }
        let cards = cards.iter().filter(|card| card.takes_answer());
        let each = cards.map(|card| one(card, looks).into());
        nodes.push(el("dl").class("review").all(each).into());
    }
    let send = if state.is_changing {
        k::SEND_CHANGES
    } else {
        k::SEND
    };
    nodes.extend(render(&[
        looks.button(Look::Primary, send, || Action::NextAsked),
        foot(looks, vec![looks.quiet(k::BACK, || Action::BackAsked)]),
    ]));
    nodes
}

fn one(card: &Card, looks: &Looks<'_>) -> El {
    let question = card.id;
    let lines = card.answer_lines();
    let said = if lines.is_empty() {
        says("dd", looks.text(k::NO_ANSWER).to_owned()).class("muted")
    } else {
        let each = lines.into_iter().map(|line| says("span", line).into());
        el("dd").all(each)
    };
    let title = says("dt", card.title.clone()).id(format!("q{}-title", card.id));
    let change = el("dd").class("change").put(
        says("button", looks.text(k::REVIEW_CHANGE).to_owned())
            .attr("type", "button")
            .class("quiet")
            .id(format!("q{}-change", card.id))
            .attr(
                "aria-labelledby",
                format!("q{0}-change q{0}-title", card.id),
            )
            .click(looks.act.reform(move |_| Action::QuestionAsked(question))),
    );
    div("answer").put(title).put(said).put(change)
}
