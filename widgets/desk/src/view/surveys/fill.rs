//! 代填 of a survey: the real widget in a frame gives the answers back; they are read to
//! the household in words.

use super::super::el::{El, div, el, says};
use super::super::kit::only;
use super::super::ui::Ui;
use super::frame;
use crate::definition::{Definition, told};
use crate::state::{Field, Fill};
use linli_model::Topic;
use linli_model::desk::FillIn;
use linli_port::desk::Question;
use linli_texts::survey_desk as s;
use yew::prelude::*;

/// Title and answer, line by line.
fn lines(ui: &Ui<'_>, answers: &str) -> Vec<(String, String)> {
    let text = ui.state.fill_wave().and_then(|wave| {
        let slots = &ui.state.slots;
        slots.definition(&wave.survey, &wave.version)
    });
    let definition = text.and_then(Definition::read);
    definition.map_or_else(Vec::new, |definition| {
        told(&definition, answers, definition.main_lang())
    })
}

/// In the place of a poll's options.
pub(super) fn answers(ui: &Ui<'_>, fill: &Fill) -> El {
    let Some(wave) = ui.state.fill_wave() else {
        return div("part");
    };
    let question = Question::Definition(wave.survey.clone(), wave.version.clone());
    let text = ui.state.slots.definition(&wave.survey, &wave.version);
    let count = fill.answers.as_ref();
    let count = count.map_or(0, |(_, answers)| lines(ui, answers).len());
    let missing = fill.due == Some(Field::FillSearch);
    div("part")
        .put(
            says("h3", ui.t(s::FILL_ANSWERS))
                .id("fill-choice-0")
                .attr("tabindex", "-1"),
        )
        .put(says("p", ui.t(s::FILL_ANSWERS_LEAD)).class("muted"))
        .put(ui.shown(&question, text.map(|_| frame::frame(ui))))
        .put(only(fill.answers.is_some(), || {
            ui.note(ui.n(s::FILL_ANSWERS_TAKEN, count as u64))
                .attr("role", "status")
                .into()
        }))
        .put(only(missing, || {
            says("small", ui.t(s::FILL_ANSWERS_MISSING))
                .class("fault")
                .attr("role", "alert")
                .into()
        }))
}

/// What is read back.
pub(super) fn read_back(ui: &Ui<'_>, topic: &Topic, body: &FillIn) -> El {
    let linli_model::Choice::Answers { answers, .. } = &body.choice else {
        return div("part");
    };
    let values = [
        ("label", body.label.as_str()),
        ("title", topic.title.as_str()),
    ];
    let line = |(title, answer): (String, String)| {
        div("fact wide-fact")
            .put(says("dt", title))
            .put(says("dd", answer))
            .into()
    };
    let lines: Vec<Html> = lines(ui, answers).into_iter().map(line).collect();
    div("card")
        .put(says("p", ui.fill(s::FILL_ANSWERS_SENTENCE, &values)).class("read-back"))
        .put(el("dl").class("facts").all(lines))
}
