//! What people see first: how satisfied, where it is worst, what changed, what is next.

use super::super::people::plain;
use super::{Shown, chart, figures};
use linli_model::Phase;
use linli_model::report::{Method, Sampling};
use linli_texts::{grouped, report as k, report_lines};
use maud::{Markup, html};

pub(super) fn card(shown: &Shown<'_>) -> Markup {
    let report = &shown.told.report;
    let lines = report_lines(&shown.reader.texts, report);
    // The first line is the figure itself, the last says how far it reaches.
    let (first, rest) = lines
        .split_first()
        .map_or(("", &[][..]), |(a, b)| (a.as_str(), b));
    let (sampling, rest) = rest
        .split_last()
        .map_or(("", &[][..]), |(a, b)| (a.as_str(), b));
    let number = grouped(u64::from(shown.told.wave));
    html! {
        article class="card first" {
            p class="tag" { (shown.fill(k::TAG, &[("n", &number)])) " · " bdi { (plain(&shown.topic.place.name)) } }
            h1 lang=(shown.topic.lang) { bdi { (plain(&shown.told.title)) } }
            @if !shown.told.rated.is_empty() {
                p lang=(shown.topic.lang) { (shown.fill(k::RATED, &[("name", &plain(&shown.told.rated))])) }
            }
            @if let Some(figure) = &report.first.satisfaction {
                div class="headline" {
                    p class="big" { strong { (figures::share(figure)) } " " span { (shown.text(k::SATISFIED)) } }
                    (chart::share(figure, first))
                    div class="ends" aria-hidden="true" { span { "0%" } span { "50%" } span { "100%" } }
                    p class="muted" {
                        (shown.fill(k::INTERVAL, &[("low", &low(figure)), ("high", &high(figure))]))
                        " · " (shown.reader.texts.count(k::ANSWERS, figure.n, &[]))
                        @if figure.method == Method::WilsonEffective { " · " (shown.text(k::WEIGHTED)) }
                    }
                }
            } @else {
                p class="verdict" { (first) }
            }
            ul class="told-lines" { @for line in rest { li { (line) } } }
            @if report.sampling == Sampling::OpenLink { p class="notice" { (sampling) } }
            @else { p class="muted" { (sampling) } }
            p class="muted" {
                (shown.fill(k::UNTIL, &[("time", &shown.time(report.as_of_ms))]))
                @if is_open(shown) { " · " (shown.text(k::LIVE)) }
            }
        }
    }
}

fn low(figure: &linli_model::report::Figure) -> String {
    figure
        .low
        .map_or_else(|| "?".to_owned(), linli_texts::percent)
}

fn high(figure: &linli_model::report::Figure) -> String {
    figure
        .high
        .map_or_else(|| "?".to_owned(), linli_texts::percent)
}

fn is_open(shown: &Shown<'_>) -> bool {
    let at_ms = shown.told.report.as_of_ms;
    linli_rules::phase::at(&shown.topic.poll, at_ms) != Phase::Closed
}
