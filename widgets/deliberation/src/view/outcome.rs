//! Results: a verdict in a sentence first, then every figure, the table one tap away.

use super::{Looks, foot, head, number, stale_note};
use crate::state::State;
use linli_model::{
    OptionCount, OptionId, Outcome, PollResult, ResultStep, ResultsVisibility, TopicView,
};
use linli_texts::{deliberation as k, grouped};
use linli_ui::Block;
use linli_ui::block::{Bar, Tone, text};
use linli_ui::kit;

/// A closed poll.
pub(super) fn closed(state: &State, view: &TopicView, looks: &Looks<'_>) -> Vec<Block> {
    let closed_at = looks.time(view, view.topic.poll.closes_at_ms);
    let mut when = looks.texts.fill(k::CLOSED_AT, &[("time", &closed_at)]);
    if let Some(turnout) = head::turnout(state, view, looks) {
        when.push_str(" · ");
        when.push_str(&turnout);
    }
    let mut blocks = head::head(view, looks);
    blocks.push(text(Tone::Muted, when));
    blocks.extend(stale_note(state, looks));
    match &view.result {
        Some(result) => blocks.extend(figures(view, result, looks)),
        // Who serves no topics counts nothing, and nothing will come.
        None if state.capabilities.topics => blocks.push(looks.note(k::RESULTS_PENDING)),
        None => {}
    }
    blocks.extend(head::summary(view));
    let sent = state.reply().map(|reply| &reply.opening.choice);
    match sent.or(state.dispatched()) {
        Some(choice) => {
            let choice = looks.choice(&view.topic.poll.kind, choice);
            let mine = looks.texts.fill(k::YOUR_VOTE, &[("choice", &choice)]);
            blocks.push(text(Tone::Title, mine));
            blocks.extend(looks.voter(state));
            blocks.extend(number::code(state, looks));
        }
        None => blocks.push(text(Tone::Muted, looks.text(k::NOT_VOTED_CLOSED))),
    }
    blocks.push(foot(looks, Vec::new()));
    blocks.push(head::who_sees(view, looks));
    blocks
}

/// While open, above the foot of the question: counts only where they may be seen.
pub(super) fn so_far(view: &TopicView, looks: &Looks<'_>) -> Option<Block> {
    let result = view.result.as_ref()?;
    Some(looks.fold(k::OUTCOME_SO_FAR, figures(view, result, looks)))
}

/// On the receipt: counts so far, or why there are none yet.
pub(super) fn after_voting(view: &TopicView, looks: &Looks<'_>) -> Vec<Block> {
    match (&view.result, view.topic.poll.results) {
        (Some(result), _) => {
            let mut blocks = vec![text(Tone::Title, looks.text(k::OUTCOME_SO_FAR))];
            blocks.extend(figures(view, result, looks));
            blocks
        }
        (None, ResultsVisibility::AfterClosing) => {
            vec![text(Tone::Muted, looks.text(k::RESULTS_HIDDEN))]
        }
        (None, ResultsVisibility::Live) => Vec::new(),
    }
}

fn figures(view: &TopicView, result: &PollResult, looks: &Looks<'_>) -> Vec<Block> {
    let bars = result
        .counts
        .iter()
        .map(|count| bar(view, result, count, looks))
        .collect();
    let table = result.counts.iter().map(|count| {
        let name = looks.option(&view.topic.poll.kind, &count.option);
        let share = kit::percent(kit::share_bp(count.votes, result.turnout.cast));
        vec![name, grouped(count.votes), share]
    });
    let head = [k::OPTION, k::VOTES_HEAD, k::SHARE].map(|key| looks.text(key).to_owned());
    let table = Block::Table {
        head: head.into(),
        rows: table.collect(),
    };
    let mut blocks = vec![text(Tone::Strong, verdict(view, result, looks))];
    if !result.steps.is_empty() {
        blocks.push(Block::Bars {
            bars: result
                .steps
                .iter()
                .map(|step| threshold(view, step, looks))
                .collect(),
            lang: looks.texts.tag().to_owned().into(),
            figures: looks.texts.tag().to_owned().into(),
        });
    }
    blocks.extend([
        Block::Bars {
            bars,
            lang: head::lang(view),
            figures: looks.texts.tag().to_owned().into(),
        },
        looks.fold(k::AS_TABLE, vec![table]),
    ]);
    if result.on_behalf > 0 {
        let told = looks.texts.count(k::ON_BEHALF, result.on_behalf, &[]);
        blocks.push(text(Tone::Muted, told));
    }
    blocks.extend(places(result, looks));
    blocks
}

fn verdict(view: &TopicView, result: &PollResult, looks: &Looks<'_>) -> String {
    let name = |id: &OptionId| looks.option(&view.topic.poll.kind, id);
    let share = |votes| kit::percent(kit::share_bp(votes, result.turnout.cast));
    linli_texts::outcome(looks.texts, result, &name, &share)
}

fn bar(view: &TopicView, result: &PollResult, count: &OptionCount, looks: &Looks<'_>) -> Bar {
    let share_bp = kit::share_bp(count.votes, result.turnout.cast);
    let leads = match &result.outcome {
        Outcome::Leading { option } => *option == count.option,
        Outcome::Tied { options } => options.contains(&count.option),
        Outcome::Carried => count.option.as_str() == "yes",
        _ => false,
    };
    let mut figure = looks.texts.count(k::VOTES, count.votes, &[]);
    figure.push_str(" · ");
    figure.push_str(&kit::percent(share_bp));
    Bar {
        name: looks.option(&view.topic.poll.kind, &count.option),
        figure,
        share_bp,
        leads,
        limit: None,
    }
}

/// One requirement of the poll's rule.
fn threshold(view: &TopicView, step: &ResultStep, looks: &Looks<'_>) -> Bar {
    let (name, needed) = linli_texts::threshold(looks.texts, view.topic.poll.electorate, step);
    let share_bp = kit::share_bp(step.value, step.base);
    let (numerator, denominator) = (step.limit.numerator, step.limit.denominator);
    Bar {
        name,
        figure: kit::percent(share_bp),
        share_bp,
        leads: step.passed,
        limit: Some((kit::share_bp(numerator.into(), denominator.into()), needed)),
    }
}

fn places(result: &PollResult, looks: &Looks<'_>) -> Option<Block> {
    if result.places.is_empty() {
        return None;
    }
    let rows = result.places.iter().map(|entry| {
        let cast = entry.turnout.cast;
        let eligible = entry.turnout.eligible.unwrap_or(cast);
        let of = grouped(eligible);
        let figure = looks
            .texts
            .count(k::PLACE_TURNOUT, cast, &[("eligible", &of)]);
        vec![
            entry.place.name.clone(),
            figure,
            kit::percent(kit::share_bp(cast, eligible)),
        ]
    });
    let table = Block::Table {
        head: Vec::new(),
        rows: rows.collect(),
    };
    Some(looks.fold(k::BY_PLACE, vec![table]))
}
