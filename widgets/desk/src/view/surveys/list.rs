//! The list of surveys, each with its rounds.

use super::super::el::{El, div, el, says};
use super::super::rounds;
use super::super::ui::Ui;
use crate::route::Route;
use linli_model::desk::Permission;
use linli_model::desk::survey::SurveyCard;
use linli_port::desk::Question;
use linli_texts::survey_desk as s;
use yew::prelude::*;

/// Rounds of a survey that the list shows; the others are on its own screen.
const ROUNDS_SHOWN: usize = 3;

/// The screen.
pub(super) fn list(ui: &Ui<'_>) -> Html {
    let new = ui.state.may(Permission::Polls);
    let new = new.then(|| ui.link("btn btn-primary fit", s::NEW_SURVEY, &Route::NewSurvey));
    let head = div("head").put(ui.heading(ui.t(s::NAV_SURVEYS))).some(new);
    let content = ui.state.slots.surveys().map(|all| cards(ui, all));
    div("screen")
        .put(head)
        .put(says("p", ui.t(s::SURVEYS_LEAD)).class("muted"))
        .put(ui.shown(&Question::Surveys, content))
        .into()
}

fn cards(ui: &Ui<'_>, all: &[SurveyCard]) -> El {
    if all.is_empty() {
        return ui.empty(s::NO_SURVEYS, s::NO_SURVEYS_LEAD);
    }
    let mut all: Vec<&SurveyCard> = all.iter().collect();
    // What is owed first, then what was asked last.
    all.sort_by_key(|card| {
        let newest = card.waves.first().map_or(0, |wave| wave.poll.closes_at_ms);
        (!rounds::is_overdue(card), std::cmp::Reverse(newest))
    });
    let cards: Vec<Html> = all.into_iter().map(|one| card(ui, one)).collect();
    el("ul").class("cards").all(cards)
}

fn card(ui: &Ui<'_>, card: &SurveyCard) -> Html {
    let title = says("a", card.title.clone())
        .class("card-title")
        .attr("href", Route::Survey(card.id.clone()).hash());
    let questions = ui.n(s::QUESTIONS_COUNT, u64::from(card.questions));
    let rated = (!card.rated.is_empty())
        .then(|| says("span", ui.fill(s::RATES, &[("rated", &card.rated)])));
    let kick = el("p")
        .class("kick")
        .put(says("span", card.place.name.clone()))
        .put(says("span", questions))
        .some(rated);
    let shown = card.waves.iter().take(ROUNDS_SHOWN);
    let lines: Vec<Html> = shown.map(|wave| rounds::line(ui, wave)).collect();
    let lines = if lines.is_empty() {
        says("p", ui.t(s::NEVER_ASKED)).class("muted small")
    } else {
        el("ul").class("rounds").all(lines)
    };
    el("li")
        .class("card")
        .key(card.id.to_string())
        .put(kick)
        .put(el("h2").class("card-head").put(title))
        .put(lines)
        .into()
}
