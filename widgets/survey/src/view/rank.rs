//! The person's own order: arrows for everybody, dragging for those who like it.

use super::asked::Asked;
use super::pick::drawing;
use crate::state::{Action, Pick};
use linli_texts::survey as k;
use linli_ui::el::{El, div, el, says};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

const UP: &str = "M6 14.5l6-6 6 6";
const DOWN: &str = "M6 9.5l6 6 6-6";
const GRIP: &str = "M9 6v.01M15 6v.01M9 12v.01M15 12v.01M9 18v.01M15 18v.01";

/// The items in order.
pub(super) fn rank(asked: &Asked<'_>, pick: &Pick) -> Html {
    let list = NodeRef::default();
    let held = Rc::new(Cell::new(None));
    let last = pick.items.len().saturating_sub(1);
    let each = pick.items.iter().enumerate().map(|(at, item)| {
        let up = arrow(asked, k::MOVE_UP, UP, &item.text, at, at.checked_sub(1));
        let down = Some(at + 1).filter(|to| *to <= last);
        let down = arrow(asked, k::MOVE_DOWN, DOWN, &item.text, at, down);
        el("li")
            .key(item.value.to_string())
            .put(
                div("grip")
                    .attr("aria-hidden", "true")
                    .put(drawing(GRIP))
                    .pointer(dragged(asked, &list, &held, at)),
            )
            .put(says("span", (at + 1).to_string()).class("place"))
            .put(says("span", item.text.clone()).class("what"))
            .put(up)
            .put(down)
            .into()
    });
    let list = el("ol").class("rank").node(&list).all(each);
    let hint = says("p", asked.texts.text(k::RANK_HINT).to_owned()).class("muted");
    let question = asked.card.id;
    let keep = || {
        says("button", asked.texts.text(k::RANK_KEEP).to_owned())
            .attr("type", "button")
            .class("btn btn-soft")
            .click(asked.act.reform(move |_| Action::Moved {
                question,
                from: 0,
                to: 0,
            }))
    };
    let done = || {
        says("p", asked.texts.text(k::RANK_DONE).to_owned())
            .class("muted")
            .attr("role", "status")
    };
    // An order that was never touched is no answer: who agrees with it says so.
    let below = if asked.card.is_answered {
        done()
    } else {
        keep()
    };
    div("").put(hint).put(list).put(below).into()
}

fn arrow(
    asked: &Asked<'_>,
    label: linli_texts::Key,
    path: &'static str,
    text: &str,
    from: usize,
    to: Option<usize>,
) -> El {
    let question = asked.card.id;
    let button = el("button")
        .attr("type", "button")
        .class("arrow")
        .attr("aria-label", asked.texts.fill(label, &[("text", text)]))
        .put(drawing(path));
    match to.filter(|_| !asked.card.is_read_only) {
        Some(to) => button.click(
            asked
                .act
                .reform(move |_| Action::Moved { question, from, to }),
        ),
        None => button.tells("aria-disabled", true),
    }
}

/// Follows a finger from row to row; the order changes when it is lifted.
fn dragged(
    asked: &Asked<'_>,
    list: &NodeRef,
    held: &Rc<Cell<Option<i32>>>,
    from: usize,
) -> Callback<PointerEvent> {
    let (act, question) = (asked.act.clone(), asked.card.id);
    let (list, held, is_off) = (list.clone(), held.clone(), asked.card.is_read_only);
    Callback::from(move |event: PointerEvent| {
        let Some(list) = list.cast::<HtmlElement>().filter(|_| !is_off) else {
            return;
        };
        let kind = event.type_();
        if kind == "pointerdown" {
            held.set(Some(event.pointer_id()));
            if let Some(grip) = event
                .target()
                .and_then(|one| one.dyn_into::<Element>().ok())
            {
                let _ = grip.set_pointer_capture(event.pointer_id());
            }
            event.prevent_default();
            return;
        }
        if held.get() != Some(event.pointer_id()) {
            return;
        }
        let to = row_at(&list, f64::from(event.client_y()));
        mark(
            &list,
            to.filter(|_| kind == "pointermove" && to != Some(from)),
        );
        if kind == "pointermove" {
            return;
        }
        held.set(None);
        if let Some(to) = to.filter(|to| kind == "pointerup" && *to != from) {
            act.emit(Action::Moved { question, from, to });
        }
    })
}

fn row_at(list: &HtmlElement, y: f64) -> Option<usize> {
    let rows = list.children();
    let mut nearest = None;
    for at in 0..rows.length() {
        let place = rows.item(at)?.get_bounding_client_rect();
        let distance = (y - (place.top() + place.bottom()) / 2.0).abs();
        if nearest.is_none_or(|(_, least)| distance < least) {
            nearest = Some((at, distance));
        }
    }
    usize::try_from(nearest?.0).ok()
}

/// Shows where the row would go.
fn mark(list: &HtmlElement, to: Option<usize>) {
    let rows = list.children();
    for at in 0..rows.length() {
        let Some(row) = rows.item(at) else { continue };
        let is_it = usize::try_from(at).ok() == to;
        let _ = row.class_list().toggle_with_force("target", is_it);
    }
}
