//! What stands above a survey: what it is, who is rated, what was promised before, how far
//! one is.

use crate::page::people::{Reader, plain};
use crate::page::way::{Round, Step, Way};
use linli_model::wave::CorrectiveAction;
use linli_model::{Changes, Electorate, Secrecy, TopicView};
use linli_rules::survey::View;
use linli_texts::{Key, deliberation as k, grouped, survey as s};
use maud::{Markup, html};

/// Above the first page: everything that one wants to know before.
pub(super) fn intro(
    reader: &Reader,
    topic_view: &TopicView,
    way: &Way,
    view: &View<'_>,
    number: u32,
) -> Markup {
    let topic = &topic_view.topic;
    let questions = view.progress().questions as u64;
    let description = view.text("description").unwrap_or_default();
    html! {
        (tag(reader, topic_view))
        h1 lang=(topic.lang) { bdi { (plain(&topic.title)) } }
        @if !way.round.rated.is_empty() {
            p { strong { (reader.texts.fill(s::RATED, &[("rated", &plain(&way.round.rated))])) } }
        }
        @for paragraph in topic.summary.split("\n\n").filter(|text| !text.trim().is_empty()) {
            p lang=(topic.lang) class="summary" { bdi { (plain(paragraph)) } }
        }
        @if !description.is_empty() { p { bdi { (plain(&description)) } } }
        p class="muted" {
            (reader.texts.count(s::SIZE, questions, &[])) " · " (turnout(reader, topic_view))
            @if number > 1 { " · " (reader.texts.fill(s::ROUND, &[("n", &number.to_string())])) }
        }
        (promised(reader, topic_view, &way.round))
    }
}

/// Above the other pages.
pub(super) fn again(reader: &Reader, topic_view: &TopicView, way: &Way) -> Markup {
    let topic = &topic_view.topic;
    let title = html! { bdi { (plain(&topic.title)) } };
    html! {
        @match way.step {
            Step::Page => h1 class="again" lang=(topic.lang) { (title) },
            Step::Review => {
                p class="tag" lang=(topic.lang) { (title) }
                h1 { (reader.text(s::REVIEW_TITLE)) }
            }
        }
    }
}

/// What kind of thing it is, and where.
pub(super) fn tag(reader: &Reader, view: &TopicView) -> Markup {
    html! { p class="tag" { (reader.text(s::KIND)) " · " bdi { (plain(&view.topic.place.name)) } } }
}

/// How far one is.
pub(super) fn progress(reader: &Reader, view: &View<'_>) -> Markup {
    let progress = view.progress();
    let (n, all) = (progress.page.to_string(), progress.pages.to_string());
    html! {
        @if progress.pages > 1 {
            div class="far" {
                p id="far" class="muted" { (reader.texts.fill(s::PAGE_OF, &[("n", &n), ("all", &all)])) }
                progress value=(progress.page) max=(progress.pages) aria-labelledby="far" {}
            }
        }
    }
}

fn promised(reader: &Reader, view: &TopicView, round: &Round) -> Markup {
    html! {
        @if !round.actions.is_empty() {
            section class="promised" {
                h2 { (reader.text(s::ACTIONS)) }
                ul { @for action in &round.actions { li { (action_line(reader, view, action)) } } }
            }
        }
    }
}

fn action_line(reader: &Reader, view: &TopicView, action: &CorrectiveAction) -> Markup {
    let topic = &view.topic;
    let time = reader.time(topic, action.due_at_ms);
    let by = [("who", plain(&action.who)), ("time", time)];
    let by = by.each_ref().map(|(name, value)| (*name, value.as_str()));
    html! {
        bdi { (plain(&action.what)) }
        small { bdi { (reader.texts.fill(s::ACTION_BY, &by)) } }
        small class=[action.is_overdue.then_some("overdue")] {
            @match &action.outcome {
                Some(outcome) => bdi { (reader.texts.fill(s::ACTION_DONE, &[("text", &plain(&outcome.text))])) },
                None if action.is_overdue => (reader.text(s::ACTION_OVERDUE)),
                None => (reader.text(s::ACTION_OPEN)),
            }
        }
    }
}

/// How many have answered.
pub(super) fn turnout(reader: &Reader, view: &TopicView) -> String {
    let cast = view.turnout.cast;
    let (key, eligible) = match (view.topic.poll.electorate, view.turnout.eligible) {
        (Electorate::Devices, _) => (s::TURNOUT_DEVICES, 0),
        (Electorate::Households, None) => (s::TURNOUT_HOUSEHOLDS, 0),
        (_, None) => (s::TURNOUT_DEVICES, 0),
        (Electorate::Households, Some(eligible)) => (s::TURNOUT_OF, eligible),
        (_, Some(eligible)) => (s::TURNOUT_OF_VOTERS, eligible),
    };
    reader
        .texts
        .count(key, cast, &[("eligible", &grouped(eligible))])
}

/// Who answers, until when, whether it can be changed: beside the act.
pub(super) fn terms(reader: &Reader, view: &TopicView) -> String {
    let poll = &view.topic.poll;
    let text = |key: Key| reader.text(key).to_owned();
    let parts = [
        text(match poll.electorate {
            Electorate::Households => s::ONE_PER_HOUSEHOLD,
            Electorate::Devices => s::ONE_PER_DEVICE,
            _ => s::ONE_PER_VOTER,
        }),
        text(match poll.changes {
            Changes::UntilClosing => s::CHANGEABLE,
            Changes::Never => s::NOT_CHANGEABLE,
        }),
        reader.texts.fill(
            k::CLOSES_AT,
            &[("time", &reader.time(&view.topic, poll.closes_at_ms))],
        ),
    ];
    parts.join(" · ")
}

/// Who can see the answers, folded away.
pub(super) fn who_sees(reader: &Reader, view: &TopicView) -> Markup {
    let poll = &view.topic.poll;
    let who = match (poll.electorate, poll.secrecy) {
        (_, Secrecy::Secret) => s::WHO_SEES_SECRET,
        (Electorate::Households, Secrecy::Recorded) => s::WHO_SEES_RECORDED,
        (Electorate::Devices, Secrecy::Recorded) => s::WHO_SEES_DEVICE,
        (_, Secrecy::Recorded) => s::WHO_SEES_RECORDED_VOTER,
    };
    html! {
        details {
            summary { (reader.text(s::WHO_SEES)) }
            p { (reader.text(who)) }
        }
    }
}
