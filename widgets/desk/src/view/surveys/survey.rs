//! One survey: its rounds, what they obliged to, its versions.

use super::super::el::{El, div, el, says};
use super::super::rounds;
use super::super::ui::Ui;
use super::{actions, back};
use crate::route::Route;
use linli_model::SurveyId;
use linli_model::desk::Permission;
use linli_model::desk::survey::{SurveyDetail, VersionRow};
use linli_port::desk::Question;
use linli_texts::{desk as k, survey_desk as s};
use yew::prelude::*;

/// The screen.
pub(super) fn survey(ui: &Ui<'_>, survey: &SurveyId) -> Html {
    let detail = ui.state.slots.survey(survey);
    let title = detail.map_or_else(|| ui.t(s::NAV_SURVEYS), |one| one.card.title.clone());
    let kick = detail.map(|one| {
        let questions = ui.n(s::QUESTIONS_COUNT, u64::from(one.card.questions));
        let rated = &one.card.rated;
        let rated = (!rated.is_empty()).then(|| ui.fill(s::RATES, &[("rated", rated)]));
        el("p")
            .class("kick")
            .put(says("span", one.card.place.name.clone()))
            .put(says("span", questions))
            .some(rated.map(|rated| says("span", rated)))
    });
    div("screen")
        .put(back(ui))
        .put(kick.unwrap_or_else(|| el("p").class("kick")))
        .put(ui.heading(title))
        .put(ui.shown(
            &Question::Survey(survey.clone()),
            detail.map(|detail| content(ui, detail)),
        ))
        .into()
}

fn content(ui: &Ui<'_>, detail: &SurveyDetail) -> El {
    let card = &detail.card;
    let acts = ui.state.may(Permission::Polls).then(|| {
        let ask = if card.waves.is_empty() {
            s::ASK_FIRST
        } else {
            s::ASK_NEXT
        };
        let edit = Route::EditSurvey(card.id.clone());
        div("acts")
            .put(ui.link("btn btn-primary fit", ask, &Route::Ask(card.id.clone())))
            .put(ui.link("btn btn-outline fit", s::EDIT_SURVEY, &edit))
    });
    let lines: Vec<Html> = card
        .waves
        .iter()
        .map(|wave| rounds::line(ui, wave))
        .collect();
    let rounds = if lines.is_empty() {
        says("p", ui.t(s::NEVER_ASKED)).class("muted")
    } else {
        div("card").put(el("ul").class("rounds").all(lines))
    };
    let rated = !card.rated.is_empty() || !detail.actions.is_empty();
    let promised = rated.then(|| {
        ui.section(ui.t(s::ACTIONS))
            .put(actions::list(ui, &detail.actions))
    });
    div("parts")
        .some(acts)
        .put(ui.section(ui.t(s::ROUNDS)).put(rounds))
        .some(promised)
        .put(ui.section(ui.t(s::VERSIONS)).put(versions(ui, detail)))
}

fn versions(ui: &Ui<'_>, detail: &SurveyDetail) -> El {
    let line = |row: &VersionRow| {
        let by = ui.fill(
            s::VERSION_BY,
            &[("time", &ui.time(row.at_ms)), ("name", &row.by)],
        );
        el("li")
            .put(says("span", by))
            .put(says("code", row.version.chars().take(12).collect::<String>()).class("hash"))
            .into()
    };
    let lines: Vec<Html> = detail.versions.iter().map(line).collect();
    let facts = el("ol").class("versions").all(lines);
    div("card").put(facts).put(
        el("details")
            .class("more")
            .put(says("summary", ui.t(k::COMMITMENT)))
            .put(says("p", detail.card.version.clone()).class("hash")),
    )
}
