//! The editor's part for a round of a survey: what is asked, and how many are taken.

use super::el::{El, div, el, says};
use super::form::{input, part};
use super::kit::{Input, only};
use super::ui::Ui;
use super::words;
use crate::editor::{Editor, WaveDraft};
use crate::state::{Action, Field, Pick};
use linli_texts::survey_desk as s;
use yew::prelude::*;

/// The part.
pub(super) fn round(ui: &Ui<'_>, editor: &Editor, draft: &WaveDraft) -> El {
    let wave = &draft.wave;
    let detail = ui.state.slots.survey(&wave.survey);
    let version = detail.and_then(|detail| {
        let is_it = |one: &&linli_model::desk::survey::VersionRow| one.version == wave.version;
        detail.versions.iter().find(is_it)
    });
    let title = detail.map_or(wave.survey.as_str(), |detail| &detail.card.title);
    let by = version.map_or_else(
        || wave.version.chars().take(8).collect(),
        |row| ui.time(row.at_ms),
    );
    let number = wave.number.to_string();
    let asks = ui.fill(
        s::ROUND_ASKS,
        &[("title", title), ("n", &number), ("by", &by)],
    );
    let quota = Input {
        hint: ui.t(s::QUOTA_HINT),
        mode: Some("numeric"),
        ..input(
            ui,
            editor,
            "f-poll-kind-wave-quota",
            "poll.kind.wave.quota",
            s::QUOTA,
            &draft.quota,
            Field::Quota,
        )
    };
    let rows: Vec<Html> = (0..draft.quotas.len())
        .map(|index| place(ui, editor, draft, index))
        .collect();
    part(ui, s::PART_ROUND)
        .put(says("p", asks).class("verdict"))
        .put(only(
            editor.fault("poll.kind.wave.number").is_some(),
            || {
                says("small", ui.t(linli_texts::desk::MISFIT_TAKEN))
                    .class("fault")
                    .into()
            },
        ))
        .put(ui.field(quota))
        .put(el("ul").class("item-list").all(rows))
        .put(ui.quiet(s::ADD_QUOTA, Action::Picked(Pick::AddQuota)))
}

fn place(ui: &Ui<'_>, editor: &Editor, draft: &WaveDraft, index: usize) -> Html {
    let Some((place, max)) = draft.quotas.get(index) else {
        return Html::default();
    };
    let ids = [
        format!("f-quota-{index}"),
        format!("f-poll-kind-wave-quotas-{index}-max"),
    ];
    let path = |field: &str| format!("poll.kind.wave.quotas.{index}.{field}");
    let at = input(
        ui,
        editor,
        &ids[0],
        &path("place"),
        s::QUOTA_PLACE,
        place,
        Field::QuotaPlace(index),
    );
    let most = Input {
        mode: Some("numeric"),
        ..input(
            ui,
            editor,
            &ids[1],
            &path("max"),
            s::QUOTA_MAX,
            max,
            Field::QuotaMax(index),
        )
    };
    let number = (index + 1).to_string();
    let remove = ui.fill(s::REMOVE_QUOTA, &[("n", &number)]);
    el("li")
        .put(
            div("pair")
                .put(ui.choose(at, words::places(ui, ui.t(linli_texts::desk::CHOOSE_PLACE))))
                .put(ui.field(most)),
        )
        .put(ui.button("quiet", remove, Action::Picked(Pick::RemoveQuota(index))))
        .into()
}
