//! Rounds of surveys where other screens show them: today's work and lists.

use super::card;
use super::el::{El, div, el, says};
use super::ui::Ui;
use crate::route::Route;
use linli_model::desk::PollState;
use linli_model::desk::survey::{Obligation, SurveyCard, WaveCard};
use linli_texts::survey_desk as s;
use yew::prelude::*;

/// Whether something about it is overdue.
pub(crate) fn is_overdue(card: &SurveyCard) -> bool {
    card.waves
        .iter()
        .any(|wave| wave.obligation.is_some_and(|one| one.is_overdue))
}

/// What surveys oblige to, on today's screen.
pub(crate) fn work(ui: &Ui<'_>) -> Option<El> {
    let owed = ui.state.slots.surveys()?.iter().flat_map(|card| {
        let owed = |wave: &&WaveCard| wave.obligation.is_some_and(|one| !one.is_met);
        card.waves.iter().filter(owed).map(move |wave| (card, wave))
    });
    let line = |(card, wave): (&SurveyCard, &WaveCard)| {
        let named = format!("{} · {}", card.title, number(ui, wave.number));
        let obligation = wave.obligation.map(|one| obliged(ui, one));
        el("li")
            .class("card slim")
            .put(
                div("grow")
                    .put(says("strong", named))
                    .put(el("p").some(obligation)),
            )
            .put(ui.link(
                "btn btn-outline fit",
                s::MEND,
                &Route::Mend(wave.poll.topic.clone()),
            ))
            .into()
    };
    let lines: Vec<Html> = owed.map(line).collect();
    let is_owed = !lines.is_empty();
    is_owed.then(|| {
        ui.section(ui.t(s::SURVEY_WORK))
            .put(el("ul").class("cards").all(lines))
    })
}

/// `第 2 轮`.
pub(crate) fn number(ui: &Ui<'_>, number: u32) -> String {
    ui.fill(s::ROUND, &[("n", &number.to_string())])
}

/// A round: its state, how many answered, what it obliges to.
pub(crate) fn line(ui: &Ui<'_>, wave: &WaveCard) -> Html {
    let link = says("a", number(ui, wave.number))
        .attr("href", Route::Poll(wave.poll.topic.clone()).hash());
    let head = el("p")
        .class("kick")
        .put(card::state_tag(ui, wave.poll.state))
        .put(link)
        .put(says("span", card::when(ui, &wave.poll)).class(card::urgency(ui, &wave.poll)));
    let counted = matches!(wave.poll.state, PollState::Open | PollState::Closed);
    let turnout = counted.then(|| card::bar(ui, &wave.poll.turnout));
    let obligation = wave.obligation.map(|one| el("p").put(obliged(ui, one)));
    el("li")
        .key(wave.poll.topic.to_string())
        .put(head)
        .some(turnout)
        .some(obligation)
        .into()
}

/// What a low score obliges to, in plain sight.
pub(crate) fn obliged(ui: &Ui<'_>, one: Obligation) -> El {
    let time = ui.time(one.due_at_ms);
    let (key, class) = match (one.is_met, one.is_overdue) {
        (true, _) => (s::OBLIGED_MET, "obliged met"),
        (false, true) => (s::OBLIGED_OVERDUE, "obliged overdue"),
        (false, false) => (s::OBLIGED, "obliged"),
    };
    says("span", ui.fill(key, &[("time", &time)])).class(class)
}
