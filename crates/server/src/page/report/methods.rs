//! How figures came about: weights, methods with their sources, and what data mean.

use super::super::people::plain;
use super::{Shown, figures};
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
                div class="wide" tabindex="0" role="region" aria-label=(shown.text(k::CODE_BOOK_HEAD)) { table class="codes" {
                    thead { tr {
                        th scope="col" { (shown.text(k::NAME_HEAD)) }
                        th scope="col" { (shown.text(k::VALUE_HEAD)) }
                        th scope="col" { (shown.text(k::LEVEL_HEAD)) }
                        th scope="col" { (shown.text(k::SCORE_HEAD)) }
                    } }
                    @for line in &report.code_book { tbody {
                        tr { th scope="rowgroup" colspan="4" { code { (plain(&line.name)) } " " (plain(&line.title)) } }
                        @for (value, label, score) in &line.codes { tr {
                            td { } td { code { (plain(value)) } } td { (plain(label)) }
                            td { @if let Some(score) = score { (figures::tenths(*score)) } }
                        } }
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
