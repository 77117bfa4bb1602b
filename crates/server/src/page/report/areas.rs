//! Areas beside each other, and rounds one after the other.

use super::super::people::plain;
use super::{Shown, chart, figures};
use linli_model::report::AreaReport;
use linli_texts::{grouped, report as k};
use maud::{Markup, html};

/// Areas: responses, how many of those asked answered, satisfaction.
pub(super) fn card(shown: &Shown<'_>) -> Markup {
    let areas = &shown.told.report.areas;
    if areas.len() < 2 {
        return html! {};
    }
    let has_rates = areas.iter().any(|area| area.invited.is_some());
    html! {
        section class="card" aria-labelledby="areas" {
            h2 id="areas" { (shown.text(k::AREAS_HEAD)) }
            div class="rows" { @for area in areas { (row(shown, area)) } }
            details {
                summary { (shown.text(k::TABLE)) }
                div class="wide" tabindex="0" role="region" aria-label=(shown.table_of(k::AREAS_HEAD)) { table {
                    thead { tr {
                        th scope="col" { (shown.text(k::AREA)) }
                        th scope="col" { (shown.text(k::RESPONSES_HEAD)) }
                        @if has_rates { th scope="col" { (shown.text(k::RATE_HEAD)) } }
                        th scope="col" { (shown.text(k::SATISFIED_HEAD)) }
                        th scope="col" { (shown.text(k::INTERVAL_HEAD)) }
                    } }
                    tbody { @for area in areas { tr {
                        th scope="row" { bdi { (plain(&area.name)) } }
                        td { (shown.count(area.responses)) }
                        @if has_rates { td {
                            @match &area.response_rate {
                                Some(rate) => {
                                    (figures::share(rate))
                                    @if let (Some(n), Some(invited)) = (area.responses, area.invited) {
                                        small { (grouped(n)) " / " (grouped(invited)) }
                                    }
                                }
                                None => (shown.count(None)),
                            }
                        } }
                        @match &area.satisfaction {
                            Some(figure) => { td { (figures::share(figure)) } td { (figures::share_range(figure)) } }
                            None => { td { (shown.count(None)) } td { } }
                        }
                    } } }
                } }
            }
        }
    }
}

fn row(shown: &Shown<'_>, area: &AreaReport) -> Markup {
    let name = plain(&area.name);
    html! {
        div class="row" {
            span class="name" { bdi { (name) } }
            @match &area.satisfaction {
                Some(figure) => {
                    @let value = format!("{} ({})", figures::share(figure), figures::share_range(figure));
                    span class="value" { (figures::share(figure)) " " small { "n = " (grouped(figure.n)) } }
                    (chart::share(figure, &shown.fill(k::CHART_SHARE, &[("label", &name), ("value", &value)])))
                }
                None => span class="value" { (shown.count(None)) },
            }
        }
    }
}

/// Rounds as dots with their intervals, the first one on top.
pub(super) fn waves(shown: &Shown<'_>) -> Markup {
    let waves: Vec<_> = shown.told.waves.iter().rev().collect();
    if waves.len() < 2 {
        return html! {};
    }
    let name = |number: u32| shown.fill(k::WAVE, &[("n", &grouped(u64::from(number)))]);
    html! {
        section class="card" aria-labelledby="waves" {
            h2 id="waves" { (shown.text(k::WAVES_HEAD)) }
            div class="rows" { @for wave in &waves {
                @let name = name(wave.number);
                div class={ "row" @if wave.number == shown.told.wave { " own" } } {
                    span class="name" { (name) }
                    @match &wave.satisfaction {
                        Some(figure) => {
                            @let value = format!("{} ({})", figures::share(figure), figures::share_range(figure));
                            span class="value" { (figures::share(figure)) " " small { "n = " (grouped(figure.n)) } }
                            (chart::dot(figure, &shown.fill(k::CHART_SHARE, &[("label", &name), ("value", &value)])))
                        }
                        None => span class="value" { (shown.count(None)) },
                    }
                }
            } }
            details {
                summary { (shown.text(k::TABLE)) }
                div class="wide" tabindex="0" role="region" aria-label=(shown.table_of(k::WAVES_HEAD)) { table {
                    thead { tr {
                        th scope="col" { (shown.text(k::WAVE_HEAD)) }
                        th scope="col" { (shown.text(k::CLOSED_HEAD)) }
                        th scope="col" { (shown.text(k::RESPONSES_HEAD)) }
                        th scope="col" { (shown.text(k::SATISFIED_HEAD)) }
                        th scope="col" { (shown.text(k::INTERVAL_HEAD)) }
                    } }
                    tbody { @for wave in &waves { tr {
                        th scope="row" {
                            a href=(format!("/p/{}/report{}", wave.topic, shown.reader.query(shown.reader.elder, None))) { (name(wave.number)) }
                        }
                        td { (shown.time(wave.closes_at_ms)) }
                        td { (shown.count(wave.responses)) }
                        @match &wave.satisfaction {
                            Some(figure) => { td { (figures::share(figure)) } td { (figures::share_range(figure)) } }
                            None => { td { (shown.count(None)) } td { } }
                        }
                    } } }
                } }
            }
            (paired(shown))
        }
    }
}

/// Changes within the same people.
fn paired(shown: &Shown<'_>) -> Markup {
    let paired = &shown.told.paired;
    if paired.is_empty() {
        return html! {};
    }
    let signed = |x: f64| format!("{}{}", if x >= 0.05 { "+" } else { "" }, figures::tenths(x));
    html! {
        details {
            summary { (shown.text(k::PAIRED_HEAD)) }
            div class="wide" tabindex="0" role="region" aria-label=(shown.text(k::PAIRED_HEAD)) { table {
                thead { tr {
                    th scope="col" { (shown.text(k::QUESTION_HEAD)) }
                    th scope="col" { (shown.text(k::CHANGE_HEAD)) }
                    th scope="col" { (shown.text(k::INTERVAL_HEAD)) }
                    th scope="col" { (shown.text(k::N_HEAD)) }
                } }
                tbody { @for item in paired {
                    @let change = &item.change;
                    tr {
                        th scope="row" { bdi { (plain(&item.title)) } }
                        td { (signed(change.value)) }
                        td { (signed(change.low)) " … " (signed(change.high)) }
                        td { (grouped(item.n)) }
                    }
                } }
            } }
        }
    }
}
