//! Where a new survey comes from: a ready one, pasted text, a file; or nothing.

use super::super::el::{El, div, el, says};
use super::super::kit::Input;
use super::super::ui::Ui;
use super::{back, words};
use crate::state::{Action, Field, Pick, Source, SurveyAct, SurveyField, SurveyPick};
use linli_model::desk::survey::InstrumentCard;
use linli_port::desk::Question;
use linli_texts::survey_desk as s;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The screen.
pub(super) fn source(ui: &Ui<'_>) -> Html {
    let surveys = &ui.state.surveys;
    let way = |source: Source, key| {
        let on = surveys.source == source;
        let pick = Pick::Survey(SurveyPick::Source(source));
        ui.button("chip", ui.t(key), Action::Picked(pick))
            .attr("aria-pressed", if on { "true" } else { "false" })
            .into()
    };
    let ways = div("chips")
        .attr("role", "group")
        .attr("aria-label", ui.t(s::SOURCE))
        .all([
            way(Source::Instruments, s::SOURCE_INSTRUMENTS),
            way(Source::Text, s::SOURCE_TEXT),
            way(Source::Json, s::SOURCE_JSON),
        ])
        .put(ui.quiet(s::SOURCE_BLANK, Action::Survey(SurveyAct::BlankAsked)));
    let content = match surveys.source {
        Source::Instruments => instruments(ui),
        Source::Text => text(ui).into(),
        Source::Json => json(ui).into(),
    };
    let unfit = surveys.unfit.as_ref();
    let unfit = unfit.map(|read| words::unfit(ui, &read.faults));
    let problem = surveys.problem.as_ref().map(|problem| {
        ui.problem(problem)
            .id("survey-problem")
            .attr("tabindex", "-1")
    });
    div("screen wide")
        .put(back(ui))
        .put(ui.heading(ui.t(s::NEW_SURVEY)))
        .put(ways)
        .some(problem)
        .some(unfit)
        .put(content)
        .into()
}

fn instruments(ui: &Ui<'_>) -> Html {
    let question = Question::Instruments(ui.state.lang.clone());
    let cards = ui.state.slots.instruments(&ui.state.lang).map(|all| {
        let cards: Vec<Html> = all.iter().map(|one| instrument(ui, one)).collect();
        el("ul").class("cards shelf").all(cards)
    });
    ui.shown(&question, cards)
}

fn instrument(ui: &Ui<'_>, card: &InstrumentCard) -> Html {
    let take = Action::Survey(SurveyAct::InstrumentAsked(card.id.clone()));
    let named = ui.fill(s::USE_INSTRUMENT_OF, &[("title", &card.title)]);
    let questions = ui.n(s::QUESTIONS_COUNT, u64::from(card.questions));
    let source = ui.fill(s::INSTRUMENT_SOURCE, &[("source", &card.source)]);
    el("li")
        .class("card")
        .key(card.id.clone())
        .put(says("h2", card.title.clone()))
        .put(says("p", card.about.clone()))
        .put(says("p", format!("{questions} · {source}")).class("muted small"))
        .put(
            ui.outline(s::USE_INSTRUMENT, take)
                .attr("aria-label", named)
                .tells("aria-disabled", ui.state.surveys.is_reading),
        )
        .into()
}

fn go(ui: &Ui<'_>) -> El {
    let busy = ui.state.surveys.is_reading;
    let label = if busy { s::READING } else { s::READ };
    ui.primary(label, Action::Survey(SurveyAct::ReadAsked))
        .tells("aria-disabled", busy)
}

fn text(ui: &Ui<'_>) -> El {
    let pasted = Input {
        hint: ui.t(s::PASTED_HINT),
        ..Input::new(
            "f-pasted",
            ui.t(s::PASTED),
            &ui.state.surveys.pasted,
            Field::Survey(SurveyField::Pasted),
        )
    };
    let form = div("card source-card")
        .put(ui.area(pasted))
        .put(div("acts").put(go(ui)));
    let example = el("aside")
        .class("card example")
        .put(says("h2", ui.t(s::EXAMPLE)))
        .put(says("pre", ui.t(s::EXAMPLE_TEXT)));
    div("beside").put(form).put(example)
}

fn json(ui: &Ui<'_>) -> El {
    let pasted = Input {
        hint: ui.t(s::JSON_HINT),
        ..Input::new(
            "f-json",
            ui.t(s::JSON),
            &ui.state.surveys.json,
            Field::Survey(SurveyField::Json),
        )
    };
    let take = ui.file.clone();
    let chosen = Callback::from(move |event: Event| {
        let field = event.target();
        let field = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
        if let Some(file) = field.and_then(|field| field.files()?.get(0)) {
            take.emit(file);
        }
    });
    let file = div("entry")
        .put(says("label", ui.t(s::JSON_FILE)).attr("for", "f-json-file"))
        .put(
            el("input")
                .id("f-json-file")
                .attr("type", "file")
                .attr("accept", ".json,application/json")
                .changed(chosen),
        );
    div("card source-card")
        .put(ui.area(pasted))
        .put(file)
        .put(div("acts").put(go(ui)))
}
