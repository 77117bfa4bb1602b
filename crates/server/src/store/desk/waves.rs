//! Rounds of surveys: what a topic must be to be one.

use crate::store::staff::{DeskState, SurveyState};
use linli_model::desk::DeskRefusal;
use linli_model::wave::{ItemRef, Wave};
use linli_model::{Electorate, PlaceId, Poll, PollKind, TopicId};
use std::collections::BTreeSet;

/// What a draft that is a round must be: of a survey that there is, asking a version that
/// there is, under a number that is free, at or below the survey's place. Anything is
/// fine of other topics.
pub(super) fn check_wave(
    state: &DeskState,
    topic: &TopicId,
    place: &PlaceId,
    poll: &Poll,
) -> Result<(), DeskRefusal> {
    let PollKind::Survey { wave } = &poll.kind else {
        return Ok(());
    };
    let survey = state.survey.as_ref();
    let found = survey.and_then(|survey| Some((survey, survey.row.as_ref()?)));
    let unknown = || invalid("poll.kind.wave.survey", "unknown");
    let (survey, row) = found.ok_or_else(unknown)?;
    let chain = state.chain(place).unwrap_or_default();
    if !chain.contains(&row.place) {
        return Err(invalid("place", "unsupported"));
    }
    let items = survey.items.as_ref();
    let items = items.ok_or_else(|| invalid("poll.kind.wave.version", "unknown"))?;
    let is_taken = |one: &(u32, TopicId, bool)| one.0 == wave.number && one.1 != *topic;
    if survey.waves.iter().any(is_taken) {
        return Err(invalid("poll.kind.wave.number", "duplicate"));
    }
    asks_again(survey, wave, items)?;
    check_quotas(state, place, poll, wave)
}

/// Quotas count by the areas of responses, so they are for places that areas can be.
fn check_quotas(
    state: &DeskState,
    place: &PlaceId,
    poll: &Poll,
    wave: &Wave,
) -> Result<(), DeskRefusal> {
    let roots = state.places.iter().filter(|one| one.parent.is_none());
    let levels = if roots.count() == 1 { 2 } else { 1 };
    for (index, quota) in wave.quotas.iter().enumerate() {
        let Some(at) = &quota.place else { continue };
        let path = format!("poll.kind.wave.quotas.{index}.place");
        let chain = state.chain(at).ok_or_else(|| invalid(&path, "unknown"))?;
        let is_concerned = chain.contains(place);
        let is_area = poll.electorate == Electorate::Devices || chain.len() <= levels;
        if !is_concerned || !is_area {
            return Err(invalid(&path, "unsupported"));
        }
    }
    Ok(())
}

/// What will be mended after the round before must be asked about again.
pub(super) fn asks_again(
    survey: &SurveyState,
    wave: &Wave,
    items: &[ItemRef],
) -> Result<(), DeskRefusal> {
    let earlier = survey
        .waves
        .iter()
        .filter(|one| one.2 && one.0 < wave.number);
    let Some(before) = earlier.map(|one| one.0).max() else {
        return Ok(());
    };
    let promised = survey.actions.iter().filter(|action| action.wave == before);
    let promised: BTreeSet<&ItemRef> = promised.flat_map(|action| &action.items).collect();
    let missing: Vec<ItemRef> = promised
        .into_iter()
        .filter(|item| !items.contains(item))
        .cloned()
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(DeskRefusal::ItemsNotAsked { items: missing }),
    }
}

/// Something that does not fit, and where.
pub(super) fn invalid(path: &str, fault: &str) -> DeskRefusal {
    DeskRefusal::Invalid {
        path: path.to_owned(),
        fault: fault.to_owned(),
    }
}
