//! Voting codes: making them, and the one look at the sheet.

use super::el::{El, div, el, says};
use super::kit::only;
use super::ui::Ui;
use crate::state::{Action, Dialog};
use linli_model::desk::CodeSlip;
use linli_port::desk::{FileBytes, Question};
use linli_texts::{desk as k, grouped};
use yew::prelude::*;

/// Modules of white around a QR code.
const QUIET_MODULES: usize = 4;

/// The screen.
pub(crate) fn codes(ui: &Ui<'_>) -> Html {
    if !ui.state.slips.is_empty() {
        return sheet(ui, &ui.state.slips);
    }
    let figures = ui.state.slots.home().map(|home| {
        let make = Action::Opened(Dialog::Codes {
            place: String::new(),
            renew: false,
            topic: String::new(),
        });
        let facts = ui.facts(vec![
            ui.fact(k::HOUSEHOLDS, grouped(home.households)),
            ui.fact(k::WITH_CODE, grouped(home.households_with_code)),
        ]);
        div("card").put(facts).put(ui.primary(k::MAKE_CODES, make))
    });
    div("screen")
        .put(ui.heading(ui.t(k::NAV_CODES)))
        .put(says("p", ui.t(k::CODES_LEAD)).class("muted"))
        .put(ui.shown(&Question::Home, figures))
        .into()
}

fn sheet(ui: &Ui<'_>, slips: &[CodeSlip]) -> Html {
    let community = ui
        .state
        .seat()
        .map_or("", |seat| &seat.staff.community.name);
    let page = &ui.state.slips_page;
    // People type an address without what stands before it.
    let address = page.split_once("://").map_or("", |(_, rest)| rest);
    let slip = |slip: &CodeSlip| {
        el("li")
            .class("slip")
            .put(says("span", format!("{community} · {}", slip.place)).class("muted small"))
            .put(says("strong", slip.label.clone()))
            .some(qr(ui, slip))
            .put(only(!address.is_empty(), || {
                says("span", ui.fill(k::SLIP_OPEN, &[("address", address)])).into()
            }))
            .put(says("code", slip.typed.clone()))
            .put(says("span", ui.t(k::SLIP_NOTE)).class("small"))
            .into()
    };
    let slips_shown: Vec<Html> = slips.iter().map(slip).collect();
    let file = FileBytes {
        name: format!("codes-{}.csv", ui.state.community),
        media_type: "text/csv; charset=utf-8".to_owned(),
        bytes: csv(ui, slips).into_bytes(),
    };
    let acts = div("acts no-print")
        .put(ui.primary(k::PRINT, Action::PrintAsked))
        .put(ui.outline(k::SAVE_CSV, Action::KeepAsked(file)))
        .put(ui.quiet(k::PUT_AWAY, Action::SlipsPutAway));
    let count = ui.n(k::SHEET_TITLE, slips.len() as u64);
    div("screen sheet")
        .put(ui.heading(count))
        .put(once(ui))
        .put(acts)
        .put(el("ul").class("slips").all(slips_shown))
        .into()
}

/// The code to scan, with the white around it that the standard asks for.
fn qr(ui: &Ui<'_>, slip: &CodeSlip) -> Option<El> {
    let (path, side) = modules(&slip.qr)?;
    let around = side + 2 * QUIET_MODULES;
    let box_ = format!("-{QUIET_MODULES} -{QUIET_MODULES} {around} {around}");
    let svg = el("svg")
        .class("slip-qr")
        .attr("viewBox", box_)
        .attr("role", "img")
        .attr("aria-label", ui.t(k::SLIP_QR))
        .put(el("path").attr("d", path));
    Some(svg)
}

/// The dark modules as one path, a run of them a rectangle; and the side of the square.
fn modules(bits: &str) -> Option<(String, usize)> {
    let digits = bits.chars().map(|digit| digit.to_digit(16));
    let digits: Vec<u32> = digits.collect::<Option<_>>()?;
    let dark = |at: usize| {
        digits
            .get(at / 4)
            .is_some_and(|digit| digit & (8 >> (at % 4)) != 0)
    };
    let side = (digits.len() * 4).isqrt();
    let mut path = String::new();
    for row in 0..side {
        let mut column = 0;
        while column < side {
            let run = (column..side)
                .take_while(|at| dark(row * side + at))
                .count();
            if run > 0 {
                path.push_str(&format!("M{column} {row}h{run}v1h-{run}z"));
            }
            column += run + 1;
        }
    }
    (side > 0).then_some((path, side))
}

fn once(ui: &Ui<'_>) -> El {
    div("problem no-print")
        .put(says("strong", ui.t(k::SHOWN_ONCE)))
        .put(says("span", ui.t(k::SHOWN_ONCE_LEAD)))
}

/// As a spreadsheet opens it: a byte order mark, and no cell that is taken for a formula.
fn csv(ui: &Ui<'_>, slips: &[CodeSlip]) -> String {
    let head = [k::PLACE, k::HOUSEHOLD, k::CODE_TYPED, k::CODE_SCANNED].map(|key| ui.t(key));
    let mut out = String::from("\u{feff}");
    let mut line = |cells: [&str; 4]| {
        out.push_str(&cells.map(cell).join(","));
        out.push_str("\r\n");
    };
    line([&head[0], &head[1], &head[2], &head[3]]);
    for slip in slips {
        line([&slip.place, &slip.label, &slip.typed, &slip.scanned]);
    }
    out
}

fn cell(text: &str) -> String {
    let safe = match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text.to_owned(),
    };
    format!("\"{}\"", safe.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::{cell, modules};

    #[test]
    fn modules_are_drawn_in_runs() {
        // 3 × 3, nine bits filled up to twelve: 110 001 111.
        let drawn = modules("c78").unwrap();
        assert_eq!(drawn.1, 3);
        assert_eq!(drawn.0, "M0 0h2v1h-2zM2 1h1v1h-1zM0 2h3v1h-3z");
        assert_eq!((modules(""), modules("zz")), (None, None));
    }

    #[test]
    fn no_cell_is_a_formula() {
        for (text, expected) in [
            ("3 栋", "\"3 栋\""),
            ("=1+1", "\"'=1+1\""),
            ("@x", "\"'@x\""),
            ("a\"b", "\"a\"\"b\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
