//! The editor of posts, inside a dialog: a role and a place each.

use super::el::{El, div, el, icon, says};
use super::kit::Input;
use super::ui::Ui;
use super::words;
use crate::state::{Action, Field, Pick, PostDraft};
use linli_texts::desk as k;
use yew::prelude::*;

/// The list.
pub(crate) fn posts(ui: &Ui<'_>, posts: &[PostDraft]) -> El {
    let rows = posts
        .iter()
        .enumerate()
        .map(|(index, post)| row(ui, index, post));
    let rows: Vec<Html> = rows.collect();
    let none = rows.is_empty().then(|| ui.note(ui.t(k::NO_POSTS_MEANS)));
    el("fieldset")
        .class("options")
        .put(says("legend", ui.t(k::POSTS)))
        .some(none)
        .put(el("ol").class("option-list").all(rows))
        .put(ui.outline(k::ADD_POST, Action::Picked(Pick::AddPost)))
}

fn row(ui: &Ui<'_>, index: usize, post: &PostDraft) -> Html {
    let number = (index + 1).to_string();
    let named = |key| ui.fill(key, &[("n", &number)]);
    let role_id = format!("f-role-{index}");
    let act = ui.act.clone();
    let changed = Callback::from(move |event: Event| {
        let word = event.target().and_then(|target| super::el::held(&target));
        if let Some(role) = word.and_then(|word| linli_model::desk::Role::parse(&word)) {
            act.emit(Action::Picked(Pick::Role(index, role)));
        }
    });
    let roles = words::ROLES.into_iter().map(|role| {
        says("option", ui.t(words::role(role)))
            .attr("value", role.as_str())
            .selected(role == post.role)
            .into()
    });
    let roles: Vec<Html> = roles.collect();
    let more_id = format!("{role_id}-hint");
    let role = div("entry")
        .put(says("label", named(k::ROLE_OF_POST)).attr("for", role_id.clone()))
        .put(
            el("select")
                .id(role_id)
                .attr("aria-describedby", more_id.clone())
                .all(roles)
                .changed(changed),
        )
        .put(says("small", ui.t(words::role_more(post.role))).id(more_id));
    let place_id = format!("f-post-place-{index}");
    let place = Input::new(
        &place_id,
        named(k::PLACE_OF_POST),
        &post.place,
        Field::PostPlace(index),
    );
    let remove = ui
        .button(
            "icon-button",
            String::new(),
            Action::Picked(Pick::RemovePost(index)),
        )
        .attr("aria-label", named(k::REMOVE_POST))
        .put(icon("M6 6l12 12M18 6L6 18"));
    el("li")
        .class("option-row")
        .put(
            div("option-fields")
                .put(role)
                .put(ui.choose(place, words::places(ui, ui.t(k::EVERYWHERE)))),
        )
        .put(div("option-acts").put(remove))
        .into()
}
