//! Results: a verdict in a sentence first, then every figure, the table one tap away.

use super::{Looks, foot, head, number, stale_note};
use crate::state::State;
use linli_model::{Electorate, OptionCount, Outcome, PollResult, ResultsVisibility, TopicView};
use linli_texts::{deliberation as k, grouped};
use linli_ui::kit;
use yew::prelude::*;

/// A closed poll.
pub(super) fn closed(state: &State, view: &TopicView, looks: &Looks<'_>) -> Html {
    let closed_at = looks.time(view, view.topic.poll.closes_at_ms);
    let mine = if let Some(reply) = state.reply() {
        let choice = looks.choice(&view.topic.poll.kind, &reply.opening.choice);
        let voter = state
            .voter
            .as_ref()
            .map(|voter| voter.label.clone())
            .unwrap_or_default();
        html! {
            <>
                <h3>{ looks.texts.fill(k::YOUR_VOTE, &[("choice", &choice)]) }</h3>
                if !voter.is_empty() { <p class="muted">{ voter }</p> }
                { number::code(state, looks) }
            </>
        }
    } else {
        html! { <p class="muted">{ looks.text(k::NOT_VOTED_CLOSED) }</p> }
    };
    let counts = match &view.result {
        Some(result) => figures(view, result, looks),
        None => kit::note(looks.text(k::RESULTS_PENDING)),
    };
    html! {
        <>
            { head::head(view, looks) }
            <p class="muted">{ looks.texts.fill(k::CLOSED_AT, &[("time", &closed_at)]) }{ " · " }{ head::turnout(view, looks) }</p>
            { stale_note(state, looks) }
            { counts }
            { head::summary(view) }
            { mine }
            { foot(looks, Html::default()) }
            { head::who_sees(view, looks) }
        </>
    }
}

/// While open, above the foot of the question: counts only where they may be seen.
pub(super) fn so_far(view: &TopicView, looks: &Looks<'_>) -> Html {
    let Some(result) = &view.result else {
        return Html::default();
    };
    kit::disclosure(looks.text(k::OUTCOME_SO_FAR), figures(view, result, looks))
}

/// On the receipt: counts so far, or why there are none yet.
pub(super) fn after_voting(view: &TopicView, looks: &Looks<'_>) -> Html {
    match (&view.result, view.topic.poll.results) {
        (Some(result), _) => html! {
            <>
                <h3>{ looks.text(k::OUTCOME_SO_FAR) }</h3>
                { figures(view, result, looks) }
            </>
        },
        (None, ResultsVisibility::AfterClosing) => {
            html! { <p class="muted">{ looks.text(k::RESULTS_HIDDEN) }</p> }
        }
        (None, ResultsVisibility::Live) => Html::default(),
    }
}

fn figures(view: &TopicView, result: &PollResult, looks: &Looks<'_>) -> Html {
    html! {
        <>
            <p class="verdict">{ verdict(view, result, looks) }</p>
            <ul class="result" lang={view.topic.lang.clone()}>
                { for result.counts.iter().map(|count| line(view, result, count, looks)) }
            </ul>
            { kit::disclosure(looks.text(k::AS_TABLE), table(view, result, looks)) }
            { places(view, result, looks) }
        </>
    }
}

fn verdict(view: &TopicView, result: &PollResult, looks: &Looks<'_>) -> String {
    let kind = &view.topic.poll.kind;
    let votes = |id: &str| {
        let count = result
            .counts
            .iter()
            .find(|count| count.option.as_str() == id);
        grouped(count.map_or(0, |count| count.votes))
    };
    match &result.outcome {
        Outcome::NoBallots => looks.text(k::OUTCOME_NONE).to_owned(),
        Outcome::Leading { option } => {
            let count = result.counts.iter().find(|count| count.option == *option);
            let votes = count.map_or(0, |count| count.votes);
            let share = kit::percent(kit::share_bp(votes, result.turnout.cast));
            let values = [
                ("choice", looks.option(kind, option)),
                ("votes", grouped(votes)),
                ("share", share),
            ];
            fill(looks, k::OUTCOME_LEADING, &values)
        }
        Outcome::Tied { options } => {
            let names: Vec<String> = options.iter().map(|id| looks.option(kind, id)).collect();
            let each = options
                .first()
                .map(|id| votes(id.as_str()))
                .unwrap_or_default();
            fill(
                looks,
                k::OUTCOME_TIED,
                &[("choices", names.join(looks.text(k::AND))), ("votes", each)],
            )
        }
        Outcome::Carried => fill(
            looks,
            k::OUTCOME_CARRIED,
            &[("yes", votes("yes")), ("no", votes("no"))],
        ),
        Outcome::Lost => fill(
            looks,
            k::OUTCOME_LOST,
            &[("yes", votes("yes")), ("no", votes("no"))],
        ),
        Outcome::Other => looks.text(k::OUTCOME_OTHER).to_owned(),
    }
}

fn fill(looks: &Looks<'_>, key: linli_texts::Key, values: &[(&str, String)]) -> String {
    let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
    looks.texts.fill(key, &values)
}

fn line(view: &TopicView, result: &PollResult, count: &OptionCount, looks: &Looks<'_>) -> Html {
    let share_bp = kit::share_bp(count.votes, result.turnout.cast);
    let leads = match &result.outcome {
        Outcome::Leading { option } => *option == count.option,
        Outcome::Tied { options } => options.contains(&count.option),
        Outcome::Carried => count.option.as_str() == "yes",
        Outcome::Lost | Outcome::NoBallots | Outcome::Other => false,
    };
    let name = looks.option(&view.topic.poll.kind, &count.option);
    let figure = looks.texts.count(k::VOTES, count.votes, &[]);
    html! {
        <li>
            <div class={classes!("line", leads.then_some("lead"))}>
                <span>{ name }</span>
                <span class="figure" lang={looks.texts.tag().to_owned()}>{ figure }{ " · " }{ kit::percent(share_bp) }</span>
            </div>
            { kit::share_bar(share_bp, leads) }
        </li>
    }
}

fn table(view: &TopicView, result: &PollResult, looks: &Looks<'_>) -> Html {
    let row = |count: &OptionCount| {
        html! {
            <tr>
                <th scope="row">{ looks.option(&view.topic.poll.kind, &count.option) }</th>
                <td>{ grouped(count.votes) }</td>
                <td>{ kit::percent(kit::share_bp(count.votes, result.turnout.cast)) }</td>
            </tr>
        }
    };
    html! {
        <table>
            <thead><tr>
                <th scope="col">{ looks.text(k::OPTION) }</th>
                <th scope="col">{ looks.text(k::VOTES_HEAD) }</th>
                <th scope="col">{ looks.text(k::SHARE) }</th>
            </tr></thead>
            <tbody>{ for result.counts.iter().map(row) }</tbody>
        </table>
    }
}

fn places(view: &TopicView, result: &PollResult, looks: &Looks<'_>) -> Html {
    if result.places.is_empty() || view.topic.poll.electorate == Electorate::Devices {
        return Html::default();
    }
    let row = |entry: &linli_model::PlaceTurnout| {
        let eligible = entry.turnout.eligible.unwrap_or(entry.turnout.cast);
        let text = looks.texts.count(
            k::PLACE_TURNOUT,
            entry.turnout.cast,
            &[("eligible", &grouped(eligible))],
        );
        let share = kit::percent(kit::share_bp(entry.turnout.cast, eligible));
        html! { <tr><th scope="row">{ &entry.place.name }</th><td>{ text }</td><td>{ share }</td></tr> }
    };
    let content = html! {
        <table><tbody>{ for result.places.iter().map(row) }</tbody></table>
    };
    kit::disclosure(looks.text(k::BY_PLACE), content)
}
