//! Posters of a round, one A4 page for each place.

use super::super::codes;
use super::super::el::{El, div, el, says};
use super::super::ui::Ui;
use super::super::words as desk_words;
use crate::route::Route;
use crate::state::Action;
use linli_model::TopicId;
use linli_model::desk::survey::Poster;
use linli_model::desk::{PollState, PollView};
use linli_port::desk::Question;
use linli_texts::{desk as k, survey_desk as s};
use yew::prelude::*;

/// The screen.
pub(super) fn posters(ui: &Ui<'_>, topic: &TopicId) -> Html {
    let view = ui.state.slots.poll(topic);
    let posters = ui.state.slots.posters(topic);
    let is_draft = view.is_some_and(|view| view.state == PollState::Draft);
    let question = Question::Posters(topic.clone());
    let content = view
        .zip(posters)
        .map(|(view, posters)| sheet(ui, view, posters));
    let shown = if is_draft {
        ui.note(ui.t(s::POSTERS_NONE)).into()
    } else {
        ui.shown(&question, content)
    };
    div("screen wide posters-screen")
        .put(ui.link("back no-print", s::THIS_ROUND, &Route::Poll(topic.clone())))
        .put(ui.heading(ui.t(s::POSTERS_TITLE)).attr("data-print", "no"))
        .put(says("p", ui.t(s::POSTERS_LEAD)).class("muted no-print"))
        .put(shown)
        .into()
}

fn sheet(ui: &Ui<'_>, view: &PollView, posters: &[Poster]) -> El {
    let pages: Vec<Html> = posters.iter().map(|one| poster(ui, view, one)).collect();
    div("parts")
        .put(div("acts no-print").put(ui.primary(k::PRINT, Action::PrintAsked)))
        .put(el("ul").class("posters").all(pages))
}

fn poster(ui: &Ui<'_>, view: &PollView, one: &Poster) -> Html {
    let topic = &view.topic;
    let community = &topic.community.name;
    let place = if one.place.name == *community {
        community.clone()
    } else {
        format!("{community} · {}", one.place.name)
    };
    // People type an address without what stands before and behind it.
    let address = one.address.split_once("://").map_or("", |(_, rest)| rest);
    let address = address.split('#').next().unwrap_or_default();
    let closes = ui.time(topic.poll.closes_at_ms);
    let code = codes::code(&one.qr, ui.t(s::POSTER_CODE));
    el("li")
        .class("poster")
        .key(one.place.id.to_string())
        .attr("lang", topic.lang.clone())
        .put(says("p", place).class("poster-place"))
        .put(says("h2", topic.title.clone()))
        .put(says("p", ui.t(s::POSTER_SCAN)).class("poster-call"))
        .some(code.map(|code| div("poster-code").put(code)))
        .put(says("p", ui.fill(s::POSTER_OPEN, &[("address", address)])))
        .put(says("p", ui.fill(s::POSTER_CLOSES, &[("time", &closes)])).class("poster-closes"))
        .put(says("p", ui.t(desk_words::electorate(topic.poll.electorate))).class("small"))
        .into()
}
