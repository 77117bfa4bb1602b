//! What residents will see: the same blocks as their card, for looking at only.

use super::el::{El, div, el, says};
use super::ui::Ui;
use crate::editor::{Editor, Kind};
use crate::zone;
use linli_model::{
    Changes, Electorate, Poll, PollKind, PollNature, ResultsVisibility, Secrecy, Topic,
};
use linli_texts::{Key, deliberation as d, desk as k};
use linli_ui::Block;
use linli_ui::block::{Look, Options, Row, Tone, render, text};
use yew::prelude::*;

/// What of a topic stands on a resident's card.
pub(crate) struct Sketch {
    title: String,
    summary: String,
    place: String,
    lang: String,
    rows: Vec<(String, String)>,
    many: Option<(u32, u32)>,
    nature: PollNature,
    electorate: Electorate,
    secrecy: Secrecy,
    changes: Changes,
    results: ResultsVisibility,
    closes: String,
}

impl Sketch {
    /// Of what is being written.
    pub(crate) fn of_editor(ui: &Ui<'_>, editor: &Editor) -> Self {
        let place = ui
            .state
            .slots
            .places()
            .iter()
            .find(|one| one.id.as_str() == editor.place);
        let closes = zone::from_field(&editor.closes_at, ui.state.zone());
        let rows = match editor.kind {
            Kind::Motion => stances(ui),
            _ => editor
                .options
                .iter()
                .map(|option| {
                    (
                        or(ui, &option.text, k::PREVIEW_OPTION),
                        option.detail.clone(),
                    )
                })
                .collect(),
        };
        let number = |text: &str| text.trim().parse().unwrap_or(1);
        Self {
            title: or(ui, &editor.title, k::PREVIEW_TITLE),
            summary: editor.summary.clone(),
            place: place.map_or_else(String::new, |place| place.name.clone()),
            lang: editor.lang.clone(),
            rows,
            many: (editor.kind == Kind::Multiple)
                .then(|| (number(&editor.min), number(&editor.max))),
            nature: editor.nature,
            electorate: editor.electorate,
            secrecy: editor.secrecy,
            changes: editor.changes,
            results: editor.results,
            closes: closes.map(|at_ms| ui.time(at_ms)).unwrap_or_default(),
        }
    }

    /// Of what is written.
    pub(crate) fn of_topic(ui: &Ui<'_>, topic: &Topic) -> Self {
        let poll: &Poll = &topic.poll;
        let options = poll.kind.options().iter();
        let rows: Vec<(String, String)> = match &poll.kind {
            PollKind::Motion => stances(ui),
            _ => options
                .map(|one| (one.text.clone(), one.detail.clone()))
                .collect(),
        };
        Self {
            title: topic.title.clone(),
            summary: topic.summary.clone(),
            place: topic.place.name.clone(),
            lang: topic.lang.clone(),
            rows,
            many: match &poll.kind {
                PollKind::MultipleChoice { min, max, .. } => Some((*min, *max)),
                _ => None,
            },
            nature: poll.nature,
            electorate: poll.electorate,
            secrecy: poll.secrecy,
            changes: poll.changes,
            results: poll.results,
            closes: ui.time(poll.closes_at_ms),
        }
    }
}

fn stances(ui: &Ui<'_>) -> Vec<(String, String)> {
    let stances = [d::STANCE_YES, d::STANCE_NO, d::STANCE_ABSTAIN];
    stances.map(|key| (ui.t(key), String::new())).into()
}

fn or(ui: &Ui<'_>, text: &str, otherwise: Key) -> String {
    if text.trim().is_empty() {
        ui.t(otherwise)
    } else {
        text.to_owned()
    }
}

/// The card in a frame. Nothing in it can be pressed.
pub(crate) fn preview(ui: &Ui<'_>, sketch: &Sketch) -> El {
    let card = el("section").class("card").all(render(&blocks(ui, sketch)));
    el("figure")
        .class("phone")
        .put(says("figcaption", ui.t(k::PREVIEW)))
        .put(
            div("phone-screen")
                .flag("inert", true)
                .attr("lang", sketch.lang.clone())
                .put(card),
        )
}

fn blocks(ui: &Ui<'_>, sketch: &Sketch) -> Vec<Block> {
    let community = ui
        .state
        .seat()
        .map_or("", |seat| &seat.staff.community.name);
    let at = if sketch.place.is_empty() || sketch.place == community {
        community.to_owned()
    } else {
        format!("{community} · {}", sketch.place)
    };
    let nature = match sketch.nature {
        PollNature::Consultation => d::CONSULTATION,
        PollNature::Formal => d::FORMAL,
    };
    let lang = AttrValue::from(sketch.lang.clone());
    let mut blocks = vec![
        Block::Kicker {
            tag: ui.t(nature),
            text: at,
            lang: lang.clone(),
        },
        Block::Text {
            tone: Tone::Title,
            text: sketch.title.clone(),
            lang: Some(lang.clone()),
        },
        text(Tone::Muted, terms(ui, sketch)),
    ];
    if !sketch.summary.trim().is_empty() {
        blocks.push(Block::Text {
            tone: Tone::Body,
            text: sketch.summary.clone(),
            lang: Some(lang.clone()),
        });
    }
    let row = |(index, (text, detail)): (usize, &(String, String))| Row {
        value: format!("preview-{index}"),
        text: text.clone(),
        detail: detail.clone(),
        on: false,
    };
    let hint = sketch.many.map(|(min, max)| {
        let (min, max) = (min.to_string(), max.to_string());
        ui.fill(d::CHOOSE_BETWEEN, &[("min", &min), ("max", &max)])
    });
    blocks.push(Block::Options(Options {
        legend: sketch.title.clone(),
        hint: hint.unwrap_or_default(),
        many: sketch.many.is_some(),
        lang: Some(lang),
        rows: sketch.rows.iter().enumerate().map(row).collect(),
        pick: Callback::noop(),
    }));
    blocks.push(Block::Button {
        look: Look::Primary,
        label: ui.t(d::CHOOSE_FIRST),
        off: true,
        tap: Some(Callback::noop()),
    });
    let sees = match (sketch.electorate, sketch.secrecy) {
        (Electorate::Devices, _) => d::WHO_SEES_DEVICE,
        (_, Secrecy::Recorded) => d::WHO_SEES_RECORDED,
        (_, Secrecy::Secret) => d::WHO_SEES_SECRET,
    };
    blocks.push(text(Tone::Muted, ui.t(sees)));
    blocks
}

/// `每户一票，截止前可以修改。10月31日 20:00 截止，之后公布结果。`
pub(crate) fn terms(ui: &Ui<'_>, sketch: &Sketch) -> String {
    // By word: the model is about to know more rolls.
    let one = match sketch.electorate.as_str() {
        "devices" => ui.t(d::ONE_PER_DEVICE),
        "households" => ui.t(d::ONE_PER_HOUSEHOLD),
        _ => ui.t(super::words::electorate(sketch.electorate)),
    };
    let changes = match sketch.changes {
        Changes::UntilClosing => d::CHANGEABLE,
        Changes::Never => d::NOT_CHANGEABLE,
    };
    let results = match sketch.results {
        ResultsVisibility::AfterClosing => d::RESULTS_AFTER_CLOSING,
        ResultsVisibility::Live => d::RESULTS_LIVE,
    };
    let closes = ui.fill(d::CLOSES_AT, &[("time", &sketch.closes)]);
    ui.fill(
        k::TERMS,
        &[
            ("one", &one),
            ("changes", &ui.t(changes)),
            ("closes", &closes),
            ("results", &ui.t(results)),
        ],
    )
}
