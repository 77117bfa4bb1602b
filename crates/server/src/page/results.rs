//! Results on the page: the verdict in a sentence, then every figure in a table.

use super::people::{Reader, plain};
use linli_model::{
    Bound, Electorate, Measure, OptionCount, OptionId, Outcome, Phase, PollResult, ResultStep,
    Stance, Threshold, TopicView,
};
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
            @if !result.places.is_empty() && view.topic.poll.electorate == Electorate::Households {
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
    let is_area = step.measure == Measure::Area;
    let measure = reader.text(match (is_area, view.topic.poll.electorate) {
        (true, _) => k::BY_AREA,
        (false, Electorate::Households) => k::BY_HOUSEHOLDS,
        (false, _) => k::BY_HEADS,
    });
    let name = match step.threshold {
        Threshold::Participation => k::STEP_PARTICIPATION,
        Threshold::Approval | Threshold::Other => k::STEP_APPROVAL,
    };
    let need = match step.limit.bound {
        Bound::AtLeast => k::NEED_AT_LEAST,
        Bound::MoreThan => k::NEED_MORE,
    };
    let share = format!("{}/{}", step.limit.numerator, step.limit.denominator);
    let mut told = vec![
        reader.texts.fill(name, &[("measure", measure)]),
        percent(step.value, step.base),
        reader.texts.fill(need, &[("share", &share)]),
    ];
    if !step.passed {
        let (key, short) = if is_area {
            (k::SHORT_AREA, step.short.div_ceil(100))
        } else {
            (k::SHORT_HEADS, step.short)
        };
        told.push(reader.texts.fill(key, &[("n", &grouped(short))]));
    }
    told.join(" · ")
}

fn verdict(reader: &Reader, view: &TopicView, result: &PollResult) -> String {
    let find = |id: &str| {
        result
            .counts
            .iter()
            .find(|count| count.option.as_str() == id)
    };
    let votes = |id: &str| find(id).map_or(0, |count: &OptionCount| count.votes);
    let fill = |key, values: &[(&str, &str)]| reader.texts.fill(key, values);
    let yes_and_no = (grouped(votes("yes")), grouped(votes("no")));
    let (yes, no) = (yes_and_no.0.as_str(), yes_and_no.1.as_str());
    let by_rule = !result.steps.is_empty();
    match &result.outcome {
        Outcome::NoBallots => reader.text(k::OUTCOME_NONE).to_owned(),
        Outcome::Leading { option } => {
            let votes = votes(option.as_str());
            let values = [
                ("choice", name(reader, view, option)),
                ("votes", grouped(votes)),
                ("share", percent(votes, result.turnout.cast)),
            ];
            let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
            fill(k::OUTCOME_LEADING, &values)
        }
        Outcome::Tied { options } => {
            let names: Vec<String> = options.iter().map(|id| name(reader, view, id)).collect();
            let each = grouped(options.first().map_or(0, |id| votes(id.as_str())));
            fill(
                k::OUTCOME_TIED,
                &[
                    ("choices", &names.join(reader.text(k::AND))),
                    ("votes", &each),
                ],
            )
        }
        Outcome::Carried if by_rule => reader.text(k::OUTCOME_CARRIED_RULE).to_owned(),
        Outcome::Lost if by_rule => reader.text(k::OUTCOME_LOST_RULE).to_owned(),
        Outcome::NotQuorate => reader.text(k::OUTCOME_NOT_QUORATE).to_owned(),
        Outcome::Undetermined => reader.text(k::OUTCOME_UNDETERMINED).to_owned(),
        Outcome::Carried => fill(k::OUTCOME_CARRIED, &[("yes", yes), ("no", no)]),
        Outcome::Lost => fill(k::OUTCOME_LOST, &[("yes", yes), ("no", no)]),
        Outcome::Other => reader.text(k::OUTCOME_OTHER).to_owned(),
    }
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
