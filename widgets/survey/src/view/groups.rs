//! Questions inside a question: named lines close together; rows and panels as cards that
//! can be added and taken away.

use super::asked::Asked;
use crate::state::{Action, Group, Groups, Node};
use linli_ui::el::{El, div, el, list, maybe, says};
use yew::prelude::*;

/// The rows, panels or lines.
pub(super) fn groups(
    asked: &Asked<'_>,
    groups: &Groups,
    inner: &dyn Fn(&[Node]) -> Vec<Html>,
) -> Html {
    let each = groups.groups.iter().enumerate();
    let each = each.map(|(at, group)| one(asked, groups, (at, group), inner(&group.nodes)).into());
    let all = div(if groups.are_lines { "lines" } else { "groups" }).all(each);
    let is_empty = groups.groups.is_empty() && !groups.none.is_empty();
    let none = is_empty.then(|| says("p", groups.none.clone()).class("muted"));
    let question = asked.card.id;
    let add = || {
        says("button", groups.add.clone())
            .attr("type", "button")
            .class("btn btn-soft")
            .click(asked.act.reform(move |_| Action::RowAdded(question)))
    };
    let add = (!groups.add.is_empty()).then(add);
    div("").put(maybe(none)).put(all).put(maybe(add)).into()
}

fn one(asked: &Asked<'_>, groups: &Groups, (at, group): (usize, &Group), inner: Vec<Html>) -> El {
    if groups.are_lines {
        return div("group").key(group.key.to_string()).put(list(inner));
    }
    let id = format!("{}g{}", asked.id(), group.key);
    let title = if group.title.is_empty() {
        (at + 1).to_string()
    } else {
        group.title.clone()
    };
    let (question, index) = (asked.card.id, group.index);
    let remove = || {
        says("button", groups.remove.clone())
            .attr("type", "button")
            .class("quiet")
            .id(format!("{id}-remove"))
            .attr("aria-labelledby", format!("{id}-remove {id}"))
            .click(
                asked
                    .act
                    .reform(move |_| Action::RowRemoved { question, index }),
            )
    };
    let remove = (!groups.remove.is_empty()).then(remove);
    el("div")
        .class("group")
        .attr("role", "group")
        .attr("aria-labelledby", id.clone())
        .key(group.key.to_string())
        .put(says("h4", title).id(id.clone()))
        .put(list(inner))
        .put(maybe(remove))
}
