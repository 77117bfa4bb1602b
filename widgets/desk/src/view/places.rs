//! The tree of places: lists within lists, as deep as the tree, each place with what can
//! be done with it.

use super::el::{El, div, el, list, says};
use super::kit::{Input, only};
use super::ui::Ui;
use super::words;
use crate::state::{Action, Dialog, Field};
use linli_model::PlaceId;
use linli_model::desk::PlaceNode;
use linli_model::desk::roll::{PLACE_LEVELS_MAX, PLACE_NAME_CHARS_MAX};
use linli_port::desk::Question;
use linli_texts::{Key, desk as k};
use yew::prelude::*;

/// The screen.
pub(crate) fn places(ui: &Ui<'_>) -> Html {
    let places = ui.state.slots.places();
    let tree = (!places.is_empty()).then(|| {
        div("card").put(branch(ui, places, None, 1).attr("aria-label", ui.t(k::PLACE_TREE)))
    });
    div("screen")
        .put(ui.heading(ui.t(k::NAV_PLACES)))
        .put(says("p", ui.t(k::PLACES_LEAD)).class("muted"))
        .put(ui.shown(&Question::Places, tree))
        .put(ui.outline(k::PLACE_ADD, edit(String::new(), "", None)))
        .into()
}

fn branch(ui: &Ui<'_>, places: &[PlaceNode], above: Option<&PlaceId>, level: usize) -> El {
    let here = places.iter().filter(|place| place.parent.as_ref() == above);
    let rows = here.map(|place| {
        let below = places
            .iter()
            .any(|one| one.parent.as_ref() == Some(&place.id));
        let deeper = level < PLACE_LEVELS_MAX;
        el("li")
            .key(place.id.to_string())
            .put(row(ui, place, deeper))
            .put(only(below && deeper, || {
                branch(ui, places, Some(&place.id), level + 1).into()
            }))
            .into()
    });
    let rows: Vec<Html> = rows.collect();
    el("ul").class("places").all(rows)
}

fn row(ui: &Ui<'_>, place: &PlaceNode, deeper: bool) -> El {
    let named = |key: Key| ui.fill(key, &[("place", &place.name)]);
    // The short word is seen, the whole one heard.
    let act = |label: Key, heard: Key, action: Action| {
        ui.quiet(label, action).attr("aria-label", named(heard))
    };
    let below = edit(String::new(), "", Some(&place.id));
    let change = edit(place.id.to_string(), &place.name, place.parent.as_ref());
    let close = Action::Opened(Dialog::ClosePlace(place.id.clone()));
    let add = deeper.then(|| act(k::PLACE_ADD, k::PLACE_ADD_BELOW, below));
    div("place-row")
        .put(says("strong", place.name.clone()))
        .put(
            div("acts")
                .some(add)
                .put(act(k::PLACE_EDIT, k::PLACE_EDIT_OF, change))
                .put(act(k::PLACE_CLOSE, k::PLACE_CLOSE_OF, close)),
        )
}

fn edit(id: String, name: &str, parent: Option<&PlaceId>) -> Action {
    Action::Opened(Dialog::Place {
        id,
        name: name.to_owned(),
        parent: parent.map_or_else(String::new, PlaceId::to_string),
    })
}

/// The fields of one place.
pub(super) fn fields(ui: &Ui<'_>, id: &str, name: &str, parent: &str) -> Html {
    let name = Input {
        max: Some(PLACE_NAME_CHARS_MAX),
        ..Input::new("f-place-name", ui.t(k::PLACE_NAME), name, Field::PlaceName)
    };
    let above = Input::new(
        "f-place-parent",
        ui.t(k::PLACE_PARENT),
        parent,
        Field::PlaceParent,
    );
    // Nothing is put into itself.
    let mut choices = words::places(ui, ui.t(k::PLACE_ROOT));
    choices.retain(|(value, _)| value != id);
    list([ui.field(name).into(), ui.choose(above, choices).into()])
}
