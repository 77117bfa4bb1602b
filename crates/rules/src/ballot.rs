//! Turns a draft choice into a proven ballot.

use linli_model::{Choice, ChoiceFault, OptionId, Poll, PollKind, PollOption, Refusal};
use serde::Serialize;

/// A choice that fits its poll. Only [`check`] makes one.
///
/// Options are in the poll's order whatever order they were chosen in, so that equal
/// ballots have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Ballot(Choice);

impl Ballot {
    /// The choice, in normal form.
    pub fn choice(&self) -> &Choice {
        &self.0
    }

    /// The choice, in normal form.
    pub fn into_choice(self) -> Choice {
        self.0
    }
}

/// Checks `draft` against `poll`. Does not look at the clock: see [`crate::phase`].
pub fn check(poll: &Poll, draft: &Choice) -> Result<Ballot, Refusal> {
    fit(&poll.kind, draft)
        .map(Ballot)
        .map_err(|fault| Refusal::ChoiceInvalid { fault })
}

/// `draft` in normal form, where only the form of the answer matters.
pub fn fit(kind: &PollKind, draft: &Choice) -> Result<Choice, ChoiceFault> {
    match (kind, draft) {
        (PollKind::Motion, Choice::Motion { stance }) => Ok(Choice::Motion { stance: *stance }),
        (PollKind::SingleChoice { options }, Choice::Options { options: chosen }) => {
            pick(options, chosen, 1, 1)
        }
        (PollKind::MultipleChoice { options, min, max }, Choice::Options { options: chosen }) => {
            pick(options, chosen, *min, *max)
        }
        (PollKind::Motion, Choice::Options { .. })
        | (
            PollKind::SingleChoice { .. } | PollKind::MultipleChoice { .. },
            Choice::Motion { .. },
        ) => Err(ChoiceFault::WrongKind),
    }
}

fn pick(
    offered: &[PollOption],
    chosen: &[OptionId],
    min: u32,
    max: u32,
) -> Result<Choice, ChoiceFault> {
    for (index, option) in chosen.iter().enumerate() {
        if !offered.iter().any(|o| o.id == *option) {
            return Err(ChoiceFault::UnknownOption {
                option: option.clone(),
            });
        }
        if chosen[..index].contains(option) {
            return Err(ChoiceFault::Repeated {
                option: option.clone(),
            });
        }
    }
    let count = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
    if count < min {
        return Err(ChoiceFault::TooFew { min, chosen: count });
    }
    if count > max {
        return Err(ChoiceFault::TooMany { max, chosen: count });
    }
    let options = offered
        .iter()
        .filter(|o| chosen.contains(&o.id))
        .map(|o| o.id.clone())
        .collect();
    Ok(Choice::Options { options })
}
