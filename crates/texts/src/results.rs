//! A poll's result in a person's words, wherever it is shown: the sentence first, then
//! what the poll's rule asks for.

use crate::{Catalog, deliberation as k, grouped};
use linli_model::{
    Bound, Electorate, Measure, OptionId, Outcome, PollResult, ResultStep, Threshold,
};

/// What a result amounts to. `name` tells an option's name, `share` so many of the ballots
/// as a percentage.
pub fn outcome(
    catalog: &Catalog,
    result: &PollResult,
    name: &dyn Fn(&OptionId) -> String,
    share: &dyn Fn(u64) -> String,
) -> String {
    let votes = |id: &str| {
        let mut counts = result.counts.iter();
        let count = counts.find(|count| count.option.as_str() == id);
        count.map_or(0, |count| count.votes)
    };
    let by_rule = !result.steps.is_empty();
    let key = match &result.outcome {
        Outcome::NoBallots => k::OUTCOME_NONE,
        Outcome::Leading { option } => {
            let votes = votes(option.as_str());
            let (choice, share, votes) = (name(option), share(votes), grouped(votes));
            let values = [("choice", &*choice), ("votes", &*votes), ("share", &*share)];
            return catalog.fill(k::OUTCOME_LEADING, &values);
        }
        Outcome::Tied { options } => {
            let names: Vec<String> = options.iter().map(name).collect();
            let names = names.join(catalog.text(k::AND));
            let each = grouped(options.first().map_or(0, |id| votes(id.as_str())));
            return catalog.fill(k::OUTCOME_TIED, &[("choices", &names), ("votes", &each)]);
        }
        Outcome::Carried if by_rule => k::OUTCOME_CARRIED_RULE,
        Outcome::Lost if by_rule => k::OUTCOME_LOST_RULE,
        Outcome::Carried => k::OUTCOME_CARRIED,
        Outcome::Lost => k::OUTCOME_LOST,
        Outcome::NotQuorate => k::OUTCOME_NOT_QUORATE,
        Outcome::Undetermined => k::OUTCOME_UNDETERMINED,
        Outcome::Other => k::OUTCOME_OTHER,
    };
    let (yes, no) = (grouped(votes("yes")), grouped(votes("no")));
    catalog.fill(key, &[("yes", &yes), ("no", &no)])
}

/// One requirement of the poll's rule: its name, and what is needed and missing.
pub fn threshold(catalog: &Catalog, electorate: Electorate, step: &ResultStep) -> (String, String) {
    let is_area = step.measure == Measure::Area;
    let measure = catalog.text(match (is_area, electorate) {
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
    let (numerator, denominator) = (step.limit.numerator, step.limit.denominator);
    let share = [&*numerator.to_string(), "/", &denominator.to_string()].concat();
    let mut needed = catalog.fill(need, &[("share", &share)]);
    if !step.passed {
        // Areas are told in whole square metres, rounded up: what is missing is missing.
        let (key, short) = if is_area {
            (k::SHORT_AREA, step.short.div_ceil(100))
        } else {
            (k::SHORT_HEADS, step.short)
        };
        needed.push_str(" · ");
        needed.push_str(&catalog.fill(key, &[("n", &grouped(short))]));
    }
    (catalog.fill(name, &[("measure", measure)]), needed)
}
