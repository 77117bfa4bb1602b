//! How figures came about: weights, methods with their sources, and what data mean.

use super::super::people::plain;
use super::Shown;
use linli_model::report::Method;
use linli_texts::{Key, grouped, report as k, weights_lines};
use maud::{Markup, html};

pub(super) fn card(shown: &Shown<'_>) -> Markup {
    let report = &shown.told.report;
    let min = grouped(report.shown_min);
    html! {
        section class="card" aria-labelledby="methods" {
            h2 id="methods" { (shown.text(k::METHODS_HEAD)) }
            p { (shown.text(k::BY_CHANCE)) }
            p { (shown.fill(k::SUPPRESSED, &[("n", &min)])) }
            @if let Some(weights) = &report.weights {
                h3 { (shown.text(k::WEIGHTS_HEAD)) }
                p { (shown.text(k::WEIGHTS_PLACE)) }
                @for line in weights_lines(&shown.reader.texts, weights) { p { (line) } }
                p { (shown.fill(k::WEIGHTS_SPREAD, &[
                    ("least", &format!("{:.2}", weights.least)), ("greatest", &format!("{:.2}", weights.greatest)),
                ])) }
            }
            details {
                summary { (shown.text(k::METHOD_HEAD)) }
                ul { @for line in &report.methods { li {
                    (shown.text(name(line.method))) small lang="en" { (line.source) }
                } } }
            }
            details {
                summary { (shown.text(k::CODE_BOOK_HEAD)) }
                dl class="codes" { @for line in &report.code_book {
                    dt { code { (plain(&line.name)) } " " (plain(&line.title)) }
                    dd { @for (index, (value, label, score)) in line.codes.iter().enumerate() {
                        @if index > 0 { " · " }
                        code { (plain(value)) }
                        @if label != value { " " (plain(label)) }
                        @if let Some(score) = score.map(|score| score.to_string()) {
                            @if score != *value { " (" (shown.text(k::SCORE_HEAD)) " " (score) ")" }
                        }
                    } }
                } }
            }
        }
    }
}

fn name(method: Method) -> Key {
    match method {
        Method::Wilson => k::METHOD_WILSON,
        Method::WilsonEffective => k::METHOD_WILSON_EFFECTIVE,
        Method::Student => k::METHOD_STUDENT,
        Method::Linearised => k::METHOD_LINEARISED,
        Method::AdjustedWald => k::METHOD_ADJUSTED_WALD,
        Method::IndexDelta => k::METHOD_INDEX_DELTA,
        Method::Welch => k::METHOD_WELCH,
        Method::Paired => k::METHOD_PAIRED,
        Method::RaoScott => k::METHOD_RAO_SCOTT,
        Method::Holm => k::METHOD_HOLM,
    }
}
