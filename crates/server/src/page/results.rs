//! Results on the page: the verdict in a sentence, then every figure in a table.

use super::people::{Reader, plain};
use linli_model::{OptionId, Phase, PollResult, ResultStep, Stance, TopicView};
use linli_texts::{deliberation as k, grouped, page as p};
use maud::{Markup, html};

/// Verdict, counts, turnout by place.
pub(super) fn table(reader: &Reader, view: &TopicView, result: &PollResult) -> Markup {
    let title = if view.phase == Phase::Closed {
        p::RESULTS
    } else {
        k::OUTCOME_SO_FAR
    };
    let most = result.turnout.cast.max(1);
    html! {
        section class="results" {
            h2 { (reader.text(title)) }
            p class="verdict" { (verdict(reader, view, result)) }
            @if let Some(rule) = &view.topic.poll.rule {
                @if !rule.article.is_empty() {
                    p { (reader.texts.fill(k::BY_RULE, &[("article", &plain(&rule.article))])) }
                }
            }
            @if !result.steps.is_empty() {
                ul { @for step in &result.steps { li { (threshold(reader, view, step)) } } }
            }
            table {
                thead { tr {
                    th scope="col" { (reader.text(k::OPTION)) }
                    th scope="col" { (reader.text(k::VOTES_HEAD)) }
                    th scope="col" { (reader.text(k::SHARE)) }
                } }
                tbody { @for count in &result.counts { tr {
                    th scope="row" lang=(view.topic.lang) {
                        bdi { (name(reader, view, &count.option)) }
                        progress value=(count.votes) max=(most) aria-hidden="true" {}
                    }
                    td { (grouped(count.votes)) }
                    td { (percent(count.votes, result.turnout.cast)) }
                } } }
            }
            @if result.on_behalf > 0 {
                p class="muted" { (reader.texts.count(k::ON_BEHALF, result.on_behalf, &[])) }
            }
            @if !result.places.is_empty() {
                h3 { (reader.text(k::BY_PLACE)) }
                ul { @for entry in &result.places {
                    @let eligible = grouped(entry.turnout.eligible.unwrap_or(0));
                    li { bdi { (plain(&entry.place.name)) } " — "
                        (reader.texts.count(k::PLACE_TURNOUT, entry.turnout.cast, &[("eligible", &eligible)])) }
                } }
            }
        }
    }
}

/// One requirement of the poll's rule, as the widget tells it.
fn threshold(reader: &Reader, view: &TopicView, step: &ResultStep) -> String {
    let electorate = view.topic.poll.electorate;
    let (name, needed) = linli_texts::threshold(&reader.texts, electorate, step);
    [name, percent(step.value, step.base), needed].join(" · ")
}

fn verdict(reader: &Reader, view: &TopicView, result: &PollResult) -> String {
    let name = |id: &OptionId| name(reader, view, id);
    let share = |votes| percent(votes, result.turnout.cast);
    linli_texts::outcome(&reader.texts, result, &name, &share)
}

fn name(reader: &Reader, view: &TopicView, id: &OptionId) -> String {
    let option = view
        .topic
        .poll
        .kind
        .options()
        .iter()
        .find(|option| option.id == *id);
    let stance = Stance::ALL
        .into_iter()
        .find(|stance| stance.as_str() == id.as_str());
    match (option, stance) {
        (Some(option), _) => plain(&option.text),
        (None, Some(stance)) => reader.stance(stance).to_owned(),
        (None, None) => id.to_string(),
    }
}

/// Tenths of a percent, rounded down, by integers.
fn percent(votes: u64, of: u64) -> String {
    let tenths = (votes * 1_000).checked_div(of).unwrap_or(0);
    format!("{}.{}%", tenths / 10, tenths % 10)
}
