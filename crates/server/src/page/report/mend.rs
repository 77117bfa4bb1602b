//! 整改: what a low score obliges to, what was promised, and what came of it. What is late
//! is said in plain sight.

use super::super::people::plain;
use super::{Shown, figures};
use linli_model::report::{FollowedAction, FollowedItem};
use linli_texts::{grouped, report as k};
use maud::{Markup, html};

pub(super) fn card(shown: &Shown<'_>) -> Markup {
    let (obligation, actions) = (shown.told.obligation, &shown.told.actions);
    if obligation.is_none() && actions.is_empty() {
        return html! {};
    }
    html! {
        section class="card" aria-labelledby="mend" {
            h2 id="mend" { (shown.text(k::MEND_HEAD)) }
            @if let Some(obligation) = obligation {
                @let time = shown.time(obligation.due_at_ms);
                @if obligation.is_met {
                    p class="notice calm" { (shown.text(k::MEND_MET)) }
                } @else if obligation.is_overdue {
                    p class="notice late" { strong { (shown.fill(k::MEND_OVERDUE, &[("time", &time)])) } }
                } @else {
                    p class="notice" { (shown.fill(k::MEND_DUE, &[("time", &time)])) }
                }
            }
            @for followed in actions { (action(shown, followed)) }
        }
    }
}

fn action(shown: &Shown<'_>, followed: &FollowedAction) -> Markup {
    let action = &followed.action;
    let (state, class) = match (&action.outcome, action.is_overdue) {
        (Some(_), _) => (k::MEND_DONE, "state done"),
        (None, true) => (k::MEND_LATE, "state late"),
        (None, false) => (k::MEND_OPEN, "state"),
    };
    let wave = grouped(u64::from(action.wave));
    let lang = &shown.topic.lang;
    html! {
        article class="action" {
            p class="head" {
                span class=(class) { (shown.text(state)) }
                " " span class="muted" { (shown.fill(k::MEND_AFTER, &[("n", &wave)])) }
            }
            p class="what" lang=(lang) { bdi { (plain(&action.what)) } }
            dl {
                dt { (shown.text(k::MEND_WHO)) } dd lang=(lang) { bdi { (plain(&action.who)) } }
                dt { (shown.text(k::MEND_BY)) } dd { (shown.time(action.due_at_ms)) }
                @if !followed.items.is_empty() {
                    dt { (shown.text(k::MEND_ITEMS)) }
                    dd { ul { @for item in &followed.items { li { (line(shown, item)) } } } }
                }
                @if let Some(outcome) = &action.outcome {
                    dt { (shown.text(k::MEND_DONE)) }
                    dd lang=(lang) { (shown.fill(k::MEND_DONE_AT, &[("time", &shown.time(outcome.at_ms)), ("text", &plain(&outcome.text))])) }
                }
            }
        }
    }
}

fn line(shown: &Shown<'_>, item: &FollowedItem) -> String {
    let label = plain(&item.label);
    let score = |figure: &linli_model::report::Figure| figures::tenths(figure.value);
    match (&item.then, &item.now) {
        (Some(then), Some(now)) => {
            let values = [
                ("label", &*label),
                ("then", &score(then)),
                ("now", &score(now)),
            ];
            shown.fill(k::MEND_THEN_NOW, &values)
        }
        (Some(then), None) => {
            shown.fill(k::MEND_THEN, &[("label", &label), ("then", &score(then))])
        }
        _ => label,
    }
}
