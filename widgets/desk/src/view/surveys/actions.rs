//! 整改: what was promised, by when, and what came of it; overdue in plain sight.

use super::super::dialogs;
use super::super::el::{El, div, el, says};
use super::super::kit::Input;
use super::super::rounds;
use super::super::ui::Ui;
use crate::state::{Action, Field, Pick, SurveyAct, SurveyField, SurveyPick};
use linli_model::desk::Permission;
use linli_model::wave::CorrectiveAction;
use linli_texts::{desk as k, survey_desk as s};
use yew::prelude::*;

const TEXT_CHARS_MAX: usize = 500;

/// The list.
pub(super) fn list(ui: &Ui<'_>, all: &[CorrectiveAction]) -> El {
    if all.is_empty() {
        return says("p", ui.t(s::NO_ACTIONS)).class("muted");
    }
    let mut all: Vec<&CorrectiveAction> = all.iter().collect();
    // What is late, what is under way, what is done.
    all.sort_by_key(|one| (one.outcome.is_some(), !one.is_overdue, one.due_at_ms));
    let lines: Vec<Html> = all.into_iter().map(|one| action(ui, one)).collect();
    el("ul").class("cards").all(lines)
}

fn action(ui: &Ui<'_>, one: &CorrectiveAction) -> Html {
    let (state, class) = match (&one.outcome, one.is_overdue) {
        (Some(_), _) => (s::ACTION_DONE, "tag tag-open"),
        (None, true) => (s::ACTION_OVERDUE, "tag tag-late"),
        (None, false) => (s::ACTION_OPEN, "tag"),
    };
    let due = ui.fill(
        s::ACTION_DUE,
        &[("who", &one.who), ("time", &ui.time(one.due_at_ms))],
    );
    // Rounds count from 1; an earlier one is not kept here.
    let after = (one.wave > 0).then(|| {
        let after = ui.fill(s::ACTION_AFTER, &[("n", &one.wave.to_string())]);
        says("span", after)
    });
    let kick = el("p")
        .class("kick")
        .put(says("span", ui.t(state)).class(class))
        .put(says("span", due))
        .some(after);
    let outcome = one.outcome.as_ref().map(|outcome| {
        el("blockquote")
            .class("reason")
            .put(says("p", outcome.text.clone()))
            .put(says("p", ui.time(outcome.at_ms)).class("muted small"))
    });
    let may = one.outcome.is_none() && ui.state.may(Permission::Polls);
    let writing = ui.state.surveys.outcome.as_ref();
    let writing = writing.filter(|(id, _)| *id == one.id);
    let report = match writing {
        Some((_, text)) => Some(report(ui, text)),
        None => may.then(|| {
            let open = Pick::Survey(SurveyPick::ReportOn(Some(one.id.clone())));
            let named = ui.fill(s::REPORT_ON_OF, &[("what", &one.what)]);
            ui.outline(s::REPORT_ON, Action::Picked(open))
                .attr("aria-label", named)
        }),
    };
    el("li")
        .class("card")
        .key(one.id.to_string())
        .put(kick)
        .put(says("p", one.what.clone()).class("resident-words"))
        .some(outcome)
        .some(report)
        .into()
}

fn report(ui: &Ui<'_>, text: &str) -> El {
    let act = ui.act.clone();
    let told = Callback::from(move |()| act.emit(Action::Survey(SurveyAct::OutcomeAsked)));
    let field = Input {
        max: Some(TEXT_CHARS_MAX),
        required: true,
        ..Input::new(
            "f-outcome",
            ui.t(s::OUTCOME),
            text,
            Field::Survey(SurveyField::Outcome),
        )
    };
    let problem = ui
        .state
        .doing
        .as_ref()
        .and_then(|doing| doing.problem.as_ref());
    let go = says("button", ui.t(s::OUTCOME_GO))
        .class("btn btn-primary fit")
        .attr("type", "submit");
    let drop = Pick::Survey(SurveyPick::ReportOn(None));
    el("form")
        .flag("novalidate", true)
        .submit(told)
        .put(ui.area(field))
        .some(problem.map(|problem| dialogs::command_problem(ui, problem)))
        .put(
            div("acts")
                .put(go)
                .put(ui.quiet(k::CANCEL, Action::Picked(drop))),
        )
}

/// The way to what obliges.
pub(super) fn obligation(ui: &Ui<'_>, one: linli_model::desk::survey::Obligation) -> El {
    el("p").put(rounds::obliged(ui, one))
}
