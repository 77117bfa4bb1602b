//! 整改 after a round: from its low items to what is done, by whom, by when.

use super::super::dialogs;
use super::super::el::{El, div, el, says};
use super::super::kit::{Input, only};
use super::super::rounds;
use super::super::ui::Ui;
use super::actions;
use crate::route::Route;
use crate::state::{Action, Field, Mend, Pick, SurveyAct, SurveyField, SurveyPick};
use linli_model::TopicId;
use linli_model::desk::Permission;
use linli_port::desk::{ItemScore, Question, RoundReport};
use linli_texts::{Key, desk as k, survey_desk as s};
use linli_ui::kit::width;
use yew::prelude::*;

const WHAT_CHARS_MAX: usize = 500;
const WHO_CHARS_MAX: usize = 64;
/// A mean of 100 as basis points of a bar.
const BP_OF_POINT: u64 = 100;

/// The screen.
pub(super) fn mend(ui: &Ui<'_>, topic: &TopicId) -> Html {
    let route = Route::Poll(topic.clone());
    let view = ui.state.slots.poll(topic);
    let kick = view.map(|view| {
        let wave = ui.state.slots.wave(topic);
        let round = wave.map(|wave| says("span", rounds::number(ui, wave.number)));
        el("p")
            .class("kick")
            .put(says("span", view.topic.title.clone()))
            .some(round)
    });
    let question = Question::SurveyReport(topic.clone());
    let report = ui.state.slots.report(topic);
    div("screen")
        .put(ui.link("back", s::THIS_ROUND, &route))
        .put(kick.unwrap_or_else(|| el("p").class("kick")))
        .put(ui.heading(ui.t(s::MEND)))
        .put(says("p", ui.t(s::MEND_LEAD)).class("muted"))
        .put(ui.shown(&question, report.map(|report| content(ui, topic, report))))
        .into()
}

fn content(ui: &Ui<'_>, topic: &TopicId, report: &RoundReport) -> El {
    let wave = ui.state.slots.wave(topic);
    let detail = wave.and_then(|wave| ui.state.slots.survey(&wave.survey));
    let promised = detail.map(|detail| {
        ui.section(ui.t(s::ACTIONS))
            .put(actions::list(ui, &detail.actions))
    });
    let obligation = report.obligation.map(|one| actions::obligation(ui, one));
    div("parts")
        .some(obligation)
        .put(only(report.items.is_empty(), || {
            ui.note(ui.t(s::MEND_NOTHING)).into()
        }))
        .put(only(
            ui.state.may(Permission::Polls) && !report.items.is_empty(),
            || form(ui, report).into(),
        ))
        .some(promised)
}

fn form(ui: &Ui<'_>, report: &RoundReport) -> El {
    let mend = &ui.state.surveys.mend;
    let act = ui.act.clone();
    let go = Callback::from(move |()| act.emit(Action::Survey(SurveyAct::MendAsked)));
    let doing = ui.state.doing.as_ref();
    let problem = doing.and_then(|doing| doing.problem.as_ref());
    let busy = doing.is_some_and(|doing| doing.busy);
    let submit = says(
        "button",
        ui.t(if busy { k::ONE_MOMENT } else { s::MEND_GO }),
    )
    .class("btn btn-primary fit")
    .attr("type", "submit")
    .tells("aria-disabled", busy);
    let what = Input {
        hint: ui.n(s::MEND_WHAT_HINT, WHAT_CHARS_MAX as u64),
        max: Some(WHAT_CHARS_MAX),
        ..field(
            ui,
            mend,
            "what",
            s::MEND_WHAT,
            &mend.what,
            SurveyField::MendWhat,
        )
    };
    let who = Input {
        max: Some(WHO_CHARS_MAX),
        ..field(
            ui,
            mend,
            "who",
            s::MEND_WHO,
            &mend.who,
            SurveyField::MendWho,
        )
    };
    let due = Input {
        kind: "datetime-local",
        fault: (mend.missing == Some("due")).then(|| ui.t(s::MEND_DUE_MISSING)),
        ..field(
            ui,
            mend,
            "due",
            s::MEND_DUE,
            &mend.due,
            SurveyField::MendDue,
        )
    };
    el("form")
        .class("card")
        .flag("novalidate", true)
        .submit(go)
        .put(items(ui, mend, report))
        .put(ui.area(what))
        .put(div("pair").put(ui.field(who)).put(ui.field(due)))
        .some(problem.map(|problem| dialogs::command_problem(ui, problem)))
        .put(div("acts").put(submit))
}

fn field<'a>(
    ui: &Ui<'_>,
    mend: &Mend,
    name: &str,
    label: Key,
    value: &'a str,
    field: SurveyField,
) -> Input<'a> {
    let id = match name {
        "what" => "f-mend-what",
        "who" => "f-mend-who",
        _ => "f-mend-due",
    };
    Input {
        fault: (mend.missing == Some(name)).then(|| ui.t(k::MISFIT_EMPTY)),
        ..Input::new(id, ui.t(label), value, Field::Survey(field))
    }
}

/// The lowest first, with their scores.
fn items(ui: &Ui<'_>, mend: &Mend, report: &RoundReport) -> El {
    let mut all: Vec<&ItemScore> = report.items.iter().collect();
    all.sort_by_key(|one| one.score);
    let row = |(index, one): (usize, &ItemScore)| {
        let on = mend.items.contains(&one.item);
        let id = format!("mend-item-{index}");
        let pick = Pick::Survey(SurveyPick::MendItem(one.item.clone()));
        let tick = el("input")
            .attr("type", "checkbox")
            .id(id.clone())
            .checked(on)
            .changed(ui.picked(pick));
        let score = ui.n(s::SCORE, u64::from(one.score));
        let rect = |class: &'static str, width: String| {
            el("rect")
                .class(class)
                .attr("width", width)
                .attr("height", "6")
                .attr("rx", "3")
        };
        let bar = el("svg")
            .class("bar")
            .attr("width", "100%")
            .attr("height", "6")
            .attr("aria-hidden", "true")
            .put(rect("bar-all", "100%".to_owned()))
            .put(rect("bar-part", width(u64::from(one.score) * BP_OF_POINT)));
        let words = div("choice-words")
            .put(says("label", one.title.clone()).attr("for", id.clone()))
            .put(says("span", score).class("muted").id(format!("{id}-more")))
            .put(bar);
        div("choice tick-box")
            .flag("data-on", on)
            .put(tick.attr("aria-describedby", format!("{id}-more")))
            .put(words)
            .into()
    };
    let rows: Vec<Html> = all.into_iter().enumerate().map(row).collect();
    let missing = only(mend.missing == Some("items"), || {
        says("small", ui.t(s::MEND_ITEMS_MISSING))
            .class("fault")
            .attr("role", "alert")
            .into()
    });
    el("fieldset")
        .class("choices")
        .put(says("legend", ui.t(s::MEND_ITEMS)))
        .all(rows)
        .put(missing)
}
