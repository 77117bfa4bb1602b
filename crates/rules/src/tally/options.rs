//! A whole poll of options or a motion without thresholds, from a file: every ballot is
//! checked again, then [`super::count`] counts.

use crate::ballot;
use linli_model::{CountFault, OptionsCount, PollResult};

/// Counts by plurality, approval or simple majority, as the kind asks; or says
/// everything that stands in the way.
pub fn count(given: &OptionsCount) -> Result<PollResult, Vec<CountFault>> {
    let mut faults = Vec::new();
    let mut choices = Vec::new();
    let mut cast = Some(0u64);
    for (choice, times) in &given.ballots {
        cast = cast.and_then(|sum| sum.checked_add(*times));
        match ballot::fit(&given.kind, choice) {
            Ok(choice) => choices.push((choice, *times)),
            Err(fault) => faults.push(CountFault::ChoiceInvalid { fault }),
        }
    }
    match (cast, given.eligible) {
        (None, _) => faults.push(CountFault::TooLarge),
        (Some(ballots), Some(eligible)) if ballots > eligible => {
            faults.push(CountFault::TooManyBallots { ballots, eligible });
        }
        _ => {}
    }
    if faults.is_empty() {
        let choices = choices.iter().map(|(choice, times)| (choice, *times));
        return Ok(super::count(&given.kind, choices, given.eligible, true));
    }
    faults.sort();
    faults.dedup();
    Err(faults)
}
