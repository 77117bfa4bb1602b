//! A rate of a scale: numbers, stars or faces side by side, words one below the other.
//! Each says where it stands: “3 of 5, 基本满意”.

use super::asked::Asked;
use super::pick::{input, row, tapped};
use crate::state::{Item, Scale, Words};
use linli_texts::survey as k;
use linli_ui::el::{El, div, el, says};
use yew::prelude::*;

/// More rates than this stand in two lines where there is little room.
const ONE_LINE_MAX: usize = 6;
/// Words below a face are no longer than this.
const WORD_CHARS_MAX: usize = 6;
/// A five-pointed star, 24 × 24.
const STAR: &str = "M12 2.6l2.9 5.9 6.5.9-4.7 4.6 1.1 6.5-5.8-3.1-5.8 3.1 1.1-6.5L2.6 9.4l6.5-.9z";

/// The scale.
pub(super) fn rating(asked: &Asked<'_>, scale: &Scale) -> Html {
    let items = scale.items.iter().enumerate();
    let heard = tapped(asked.picks(0), false);
    if scale.words == Words::Long {
        let rows =
            items.map(|(at, item)| row(asked, at, item, false, Some(name(asked, scale, at))));
        return div("rows").all(rows).changed(heard).into();
    }
    let count = scale.items.len();
    let chosen = scale.items.iter().position(|item| item.is_on);
    let look = match scale.words {
        Words::Stars => "stars",
        Words::Faces => "faces",
        Words::Short | Words::Long => "numbers",
    };
    // Faces whose words would be broken stand one below the other.
    let is_wide = scale
        .items
        .iter()
        .any(|item| longest_word(&item.text) > WORD_CHARS_MAX);
    let listed = if scale.words == Words::Faces && is_wide {
        " listed"
    } else {
        ""
    };
    let class = format!("rates {look} c{}{}{listed}", columns(count), lines(count));
    let rates = items.map(|(at, item)| rate(asked, scale, at, item, chosen));
    let rates = el("div").attr("class", class).all(rates).changed(heard);
    div("").put(rates).some(ends(scale)).into()
}

/// Letters of the longest word; between Chinese characters a line may break anywhere.
pub(super) fn longest_word(text: &str) -> usize {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.map(str::len).max().unwrap_or_default()
}

fn columns(count: usize) -> usize {
    if count <= ONE_LINE_MAX {
        return count.max(2);
    }
    count.div_ceil(2).min(ONE_LINE_MAX)
}

fn lines(count: usize) -> &'static str {
    if count > ONE_LINE_MAX { " folds" } else { "" }
}

fn rate(asked: &Asked<'_>, scale: &Scale, at: usize, item: &Item, chosen: Option<usize>) -> Html {
    let is_lit = match scale.words {
        Words::Stars => chosen.is_some_and(|chosen| at <= chosen),
        _ => item.is_on,
    };
    let class = if is_lit { "rate on" } else { "rate" };
    let input = input(asked, "radio", &asked.id(), at, item.is_on)
        .attr("aria-label", name(asked, scale, at));
    let shown = match scale.words {
        Words::Stars => vec![svg(el("path").attr("class", "star").attr("d", STAR))],
        Words::Faces => {
            let mut shown = vec![face(at, scale.items.len())];
            if linli_model::ecma::decimal(&item.text).is_none() {
                shown.push(says("span", item.text.clone()).into());
            }
            shown
        }
        Words::Short | Words::Long => vec![says("span", item.text.clone()).into()],
    };
    el("label")
        .class(class)
        .attr("part", "option")
        .key(at.to_string())
        .put(input)
        .all(shown)
        .into()
}

/// “3 of 5, 基本满意”; the ends of a scale of numbers have their meaning in their names.
fn name(asked: &Asked<'_>, scale: &Scale, at: usize) -> String {
    let item = &scale.items[at];
    let meaning = if at == 0 {
        &scale.least
    } else if at + 1 == scale.items.len() {
        &scale.most
    } else {
        &item.text
    };
    let is_number = linli_model::ecma::decimal(&item.text).is_some();
    // A scale from 0 to 10 is called by its own numbers.
    let (n, all) = if is_number {
        let last = scale.items.last().map(|item| item.text.clone());
        (item.text.clone(), last.unwrap_or_default())
    } else {
        ((at + 1).to_string(), scale.items.len().to_string())
    };
    let text = if is_number { meaning } else { &item.text };
    let mut values = vec![("n", n.as_str()), ("all", all.as_str())];
    if text.is_empty() || *text == n {
        return asked.texts.fill(k::RATE_OF, &values);
    }
    values.push(("text", text));
    asked.texts.fill(k::RATE_OF_NAMED, &values)
}

fn ends(scale: &Scale) -> Option<El> {
    let is_said = !scale.least.is_empty() || !scale.most.is_empty();
    // Said in the names of the first and the last already.
    is_said.then(|| {
        div("ends")
            .attr("aria-hidden", "true")
            .put(says("span", scale.least.clone()))
            .put(says("span", scale.most.clone()))
    })
}

fn svg(inner: El) -> Html {
    frame().put(inner).into()
}

fn frame() -> El {
    el("svg")
        .attr("viewBox", "0 0 24 24")
        .attr("width", "30")
        .attr("height", "30")
        .attr("aria-hidden", "true")
        .attr("focusable", "false")
}

/// From a mouth turned down to one turned up.
fn face(at: usize, count: usize) -> Html {
    /// How far the middle of a mouth is from its corners at the ends of the scale.
    const CURVE: f64 = 7.0;
    #[expect(clippy::cast_precision_loss, reason = "a handful of rates")]
    let part = at as f64 / (count.max(2) - 1) as f64;
    let bend = CURVE * (2.0 * part - 1.0);
    let tenths = |of: f64| linli_model::ecma::digits((of * 10.0).round() / 10.0);
    let mouth = format!("M8 {}q4 {} 8 0", tenths(15.4 - bend / 3.2), tenths(bend));
    let dot = |x: &'static str| {
        el("circle")
            .attr("cx", x)
            .attr("cy", "10")
            .attr("r", "1.2")
            .attr("fill", "currentColor")
    };
    let line = |one: El| {
        one.attr("fill", "none")
            .attr("stroke", "currentColor")
            .attr("stroke-width", "1.8")
            .attr("stroke-linecap", "round")
    };
    frame()
        .put(line(
            el("circle")
                .attr("cx", "12")
                .attr("cy", "12")
                .attr("r", "9.5"),
        ))
        .put(dot("9"))
        .put(dot("15"))
        .put(line(el("path").attr("d", mouth)))
        .into()
}
