//! What a round of a survey has beside a poll: its survey, posters, report, 整改.

use super::super::el::{El, div, says};
use super::super::kit::only;
use super::super::polls;
use super::super::rounds;
use super::super::ui::Ui;
use super::actions;
use crate::route::Route;
use crate::state::{Action, Dialog, correction};
use linli_model::desk::survey::WaveCard;
use linli_model::desk::{Permission, PollState, PollView};
use linli_texts::{desk as k, survey_desk as s};
use yew::prelude::*;

/// The section of the poll's screen.
pub(super) fn section(ui: &Ui<'_>, view: &PollView) -> El {
    let id = &view.topic.id;
    let Some(wave) = ui.state.slots.wave(id) else {
        return div("part");
    };
    let detail = ui.state.slots.survey(&wave.survey);
    let is = |one: &&WaveCard| one.poll.topic == *id;
    let card = detail.and_then(|detail| detail.card.waves.iter().find(is));
    let obligation = card.and_then(|card| card.obligation);
    let may = ui.state.may(Permission::Polls);
    let is_seen = view.state != PollState::Draft;
    let is_over = view.state == PollState::Closed;
    let posters = (is_seen && !is_over).then(|| {
        let route = Route::Posters(id.clone());
        ui.link("btn btn-outline fit", s::POSTERS, &route)
    });
    let report = is_over.then(|| {
        says("a", ui.t(s::REPORT))
            .class("btn btn-outline fit")
            .attr("href", format!("{}/p/{id}/report", ui.origin))
            .attr("target", "_blank")
            .attr("rel", "noopener")
    });
    let mend = (is_over && may).then(|| {
        let route = Route::Mend(id.clone());
        ui.link("btn btn-outline fit", s::MEND, &route)
    });
    let survey = Route::Survey(wave.survey.clone());
    let acts = div("acts")
        .some(report)
        .some(mend)
        .some(posters)
        .put(ui.link("quiet", s::SEE_SURVEY, &survey));
    ui.section(rounds::number(ui, wave.number)).put(
        div("card")
            .some(obligation.map(|one| actions::obligation(ui, one)))
            .put(only(is_seen && !is_over, || {
                says("p", ui.t(s::REPORT_LATER)).class("muted").into()
            }))
            .some(correction(ui.state, id).filter(|_| may).map(|version| {
                let ask = Dialog::Correct(id.clone(), version);
                div("note row-note")
                    .put(says("span", ui.t(s::ROUND_DIFFERS)))
                    .put(ui.quiet(s::CORRECT, Action::Opened(ask)))
            }))
            .put(acts),
    )
}

/// The tables of a round: who took part now, what they said after it.
pub(super) fn exports(ui: &Ui<'_>, view: &PollView) -> El {
    let told = view.state == PollState::Closed;
    let forms = [
        ("csv", k::AS_CSV),
        ("xlsx", k::AS_XLSX),
        ("json", s::AS_JSON),
    ];
    let rows = [
        ("turnout", k::EXPORT_TURNOUT, true),
        ("report", s::EXPORT_REPORT, told),
        ("responses", s::EXPORT_RESPONSES, told),
        ("codebook", s::EXPORT_CODEBOOK, told),
    ];
    let topic = Some(&view.topic.id);
    let rows = rows.into_iter().filter(|(_, _, on)| *on);
    let rows: Vec<Html> = rows
        .map(|(name, label, _)| polls::export_forms(ui, ui.t(label), name, topic, &forms).into())
        .collect();
    ui.section(ui.t(k::EXPORTS_OF_POLL))
        .put(div("card").all(rows).some(polls::export_problem(ui)))
}
