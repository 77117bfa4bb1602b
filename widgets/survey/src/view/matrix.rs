//! One column for each row: a card for each row where there is little room, a table
//! where there is much; the container decides, in the style. A tapped row is drawn again
//! alone.

use super::asked::Asked;
use super::pick::tapped;
use super::rating::longest_word;
use crate::state::{Action, Item, Matrix, Row};
use linli_ui::el::{div, el, says};
use std::rc::Rc;
use yew::prelude::*;
use yew::virtual_dom::{Key, VComp, VNode};

/// Columns whose words are no longer than this stand side by side in a card.
const CHIP_CHARS_MAX: usize = 5;
/// So many do.
const CHIPS_MAX: usize = 6;
/// From so many columns on, they stand two and two in a card.
const MANY: usize = 8;

/// The matrix.
pub(super) fn matrix(asked: &Asked<'_>, matrix: &Matrix) -> Html {
    let columns = &matrix.columns;
    let is_short = |item: &Item| item.text.chars().count() <= CHIP_CHARS_MAX;
    let words = columns.iter().map(|item| longest_word(&item.text)).max();
    let words = words.unwrap_or_default();
    let are_chips = columns.len() <= CHIPS_MAX && columns.iter().all(is_short);
    let class = match columns.len() {
        _ if are_chips && words > 2 => "matrix chips latin",
        _ if are_chips => "matrix chips",
        MANY.. => "matrix many",
        _ => "matrix",
    };
    let heads = columns
        .iter()
        .map(|item| says("span", item.text.clone()).into());
    // Each cell has its column's words itself.
    let head = div("heads")
        .attr("aria-hidden", "true")
        .put(says("span", "").class("of"))
        .put(div("cells").all(heads));
    let rows = matrix.rows.iter().enumerate().map(|(at, row)| {
        let props = RowProps {
            question: asked.card.id,
            at,
            row: row.clone(),
            columns: columns.clone(),
            is_off: asked.card.is_read_only,
            act: asked.act.clone(),
        };
        let key = Key::from(row.key.clone());
        VNode::from(VComp::new::<MatrixRow>(Rc::new(props), Some(key)))
    });
    div(class).put(head).all(rows).into()
}

#[derive(Clone, Properties)]
struct RowProps {
    question: u32,
    at: usize,
    row: Row,
    columns: Rc<Vec<Item>>,
    is_off: bool,
    act: Callback<Action>,
}

impl PartialEq for RowProps {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row
            && self.at == other.at
            && self.is_off == other.is_off
            && Rc::ptr_eq(&self.columns, &other.columns)
            && self.act == other.act
    }
}

struct MatrixRow;

impl Component for MatrixRow {
    type Message = ();
    type Properties = RowProps;

    fn create(_: &Context<Self>) -> Self {
        Self
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &RowProps) -> bool {
        ctx.props() != old
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let (question, row) = (props.question, props.at);
        let name = format!("q{question}r{row}");
        let pick = props.act.reform(move |item| Action::Picked {
            question,
            row,
            item,
        });
        let cells = props.columns.iter().enumerate();
        let cells = cells.map(|(at, item)| cell(props, &name, at, item));
        let class = if props.row.is_missing {
            "mrow missing"
        } else {
            "mrow"
        };
        div(class)
            .attr("role", "radiogroup")
            .attr("aria-labelledby", name.clone())
            .put(
                says("span", props.row.text.clone())
                    .class("of")
                    .id(name.clone()),
            )
            .put(div("cells").all(cells).changed(tapped(pick, false)))
            .into()
    }
}

fn cell(props: &RowProps, name: &str, at: usize, item: &Item) -> Html {
    let is_on = props.row.chosen == Some(at);
    let input = el("input")
        .attr("type", "radio")
        .attr("name", name.to_owned())
        .attr("value", at.to_string())
        .tells("aria-invalid", props.row.is_missing)
        .flag("disabled", props.is_off)
        .checked(is_on);
    el("label")
        .class(if is_on { "cell on" } else { "cell" })
        .put(input)
        .put(says("span", item.text.clone()))
        .into()
}
