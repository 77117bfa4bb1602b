//! Counting: one file per rule, each order-independent and in integers.
//!
//! A tally takes how often each normal-form choice was cast, so that a store may group
//! ballots before counting.
//!
//! [`count`] is what widgets reach. The rules with thresholds have entries of their own
//! (`majority_quorum::count`, `owners_278::count`, and `options::count` for a whole
//! file), which nothing here calls: a resident does not download them.

pub mod approval;
pub mod decision;
pub mod majority_quorum;
pub mod options;
pub mod owners_278;
pub mod plurality;
pub mod simple_majority;
mod steps;

use linli_model::{Choice, OptionCount, OptionId, Outcome, PollKind, PollResult, Turnout};

/// Counts a poll by the rule of its kind: motions by simple majority, single choices
/// by plurality, multiple choices by approval.
///
/// `choices` holds each cast choice with how many ballots made it; entries may repeat
/// and come in any order.
pub fn count<'a>(
    kind: &PollKind,
    choices: impl IntoIterator<Item = (&'a Choice, u64)>,
    eligible: Option<u64>,
    is_final: bool,
) -> PollResult {
    let ids = option_ids(kind);
    let mut votes = vec![0u64; ids.len()];
    let mut cast = 0u64;
    for (choice, times) in choices {
        cast += times;
        for name in chosen(choice) {
            if let Some(index) = ids.iter().position(|id| id.as_str() == name) {
                votes[index] += times;
            }
        }
    }
    let counts: Vec<OptionCount> = ids
        .into_iter()
        .zip(votes)
        .map(|(option, votes)| OptionCount { option, votes })
        .collect();
    let (rule, outcome) = match kind {
        PollKind::Motion => (simple_majority::NAME, simple_majority::decide(&counts)),
        PollKind::SingleChoice { .. } => (plurality::NAME, plurality::decide(&counts)),
        PollKind::MultipleChoice { .. } => (approval::NAME, approval::decide(&counts)),
    };
    let outcome = if cast == 0 {
        Outcome::NoBallots
    } else {
        outcome
    };
    PollResult {
        rule: rule.to_owned(),
        counts,
        turnout: Turnout { cast, eligible },
        outcome,
        steps: Vec::new(),
        places: Vec::new(),
        on_behalf: 0,
        is_final,
    }
}

/// The identifiers under which a poll's votes are counted, in the order shown.
pub fn option_ids(kind: &PollKind) -> Vec<OptionId> {
    match kind {
        PollKind::Motion => linli_model::Stance::ALL
            .iter()
            .filter_map(|stance| OptionId::parse(stance.as_str()).ok())
            .collect(),
        PollKind::SingleChoice { options } | PollKind::MultipleChoice { options, .. } => {
            options.iter().map(|option| option.id.clone()).collect()
        }
    }
}

fn chosen(choice: &Choice) -> Vec<&str> {
    match choice {
        Choice::Motion { stance } => vec![stance.as_str()],
        Choice::Options { options } => options.iter().map(OptionId::as_str).collect(),
    }
}
