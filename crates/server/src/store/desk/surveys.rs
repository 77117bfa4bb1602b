//! Surveys: writing them, correcting a round, and what is promised after one. Rounds are
//! topics; what is particular about them is asked here by `polls`.

use super::{Outcome, polls, written};
use crate::store::staff::{Asked, DeskState, Effect, StaffRecord, SurveyState};
use crate::store::surveys::NewSurvey;
use linli_model::desk::survey::{
    ACTION_ITEMS_MAX, ActionDraft, RATED_CHARS_MAX, SurveyDraft, WHO_CHARS_MAX,
};
use linli_model::desk::{Command, CommandReply, DeskRefusal, Notice, Permission, Subject};
use linli_model::wave::{CorrectiveAction, ItemRef, Wave};
use linli_model::{Electorate, PlaceId, Poll, PollKind, RequestId, Topic, TopicId, limits};
use linli_rules::{draft, phase};
use std::collections::BTreeSet;

const NEEDS: Permission = Permission::Polls;

pub(super) fn run(
    state: &DeskState,
    staff: &StaffRecord,
    asked: &Asked,
    command: &Command,
) -> Outcome {
    match command {
        Command::PutSurvey { survey } => put(state, staff, asked, survey),
        Command::CorrectWave {
            topic,
            version,
            reason,
        } => correct(state, staff, command, (topic, version, reason)),
        Command::PublishAction { topic, action } => publish(state, staff, asked, (topic, action)),
        Command::ReportAction { action, text } => report(state, staff, command, (action, text)),
        _ => Err(DeskRefusal::Unknown),
    }
}

fn put(state: &DeskState, staff: &StaffRecord, asked: &Asked, draft: &SurveyDraft) -> Outcome {
    let known = state.survey.as_ref().and_then(|found| found.row.as_ref());
    if let Some(row) = known {
        permit(state, staff, &row.place)?;
    }
    if state.chain(&draft.place).is_none() {
        return Err(invalid("survey.place", "unknown"));
    }
    permit(state, staff, &draft.place)?;
    text("survey.title", &draft.title, limits::TITLE_CHARS_MAX)?;
    if !draft.rated.is_empty() {
        text("survey.rated", &draft.rated, RATED_CHARS_MAX)?;
    }
    let prepared = asked.survey.as_ref().ok_or(DeskRefusal::Unknown)?;
    let prepared = prepared.as_ref().map_err(DeskRefusal::clone)?;
    match (known, &draft.based_on) {
        (Some(_), None) => return Err(DeskRefusal::NameTaken),
        (None, Some(_)) => return Err(DeskRefusal::Unknown),
        (Some(row), Some(based_on)) if row.version != *based_on => {
            return Err(DeskRefusal::Conflict);
        }
        _ => {}
    }
    let has_waves = state
        .survey
        .as_ref()
        .is_some_and(|found| !found.waves.is_empty());
    if has_waves && known.is_some_and(|row| row.place != draft.place) {
        return Err(invalid("survey.place", "unsupported"));
    }
    let facts = serde_json::json!({
        "based_on": draft.based_on,
        "place": draft.place,
        "rated": draft.rated.trim(),
        "title": draft.title.trim(),
        "version": prepared.version,
    });
    let effects = vec![
        Effect::PutSurvey(Box::new(NewSurvey {
            id: draft.id.clone(),
            place: draft.place.clone(),
            title: draft.title.trim().to_owned(),
            rated: draft.rated.trim().to_owned(),
            definition: draft.definition.clone(),
            scoring: draft.scoring.clone(),
            prepared: prepared.clone(),
            by: staff.name.clone(),
        })),
        // Without the definition: the version is its hash.
        written::by(
            staff,
            "put_survey",
            draft.id.as_str(),
            written::json(&facts),
        ),
        Effect::Tell(Subject::Survey, draft.id.to_string()),
    ];
    Ok((effects, CommandReply::Done))
}

fn correct(
    state: &DeskState,
    staff: &StaffRecord,
    command: &Command,
    (topic, version, reason): (&TopicId, &str, &str),
) -> Outcome {
    let stored = polls::published(state, topic)?;
    let (survey, wave) = round(state, &stored.topic)?;
    let row = survey.row.as_ref().ok_or(DeskRefusal::Unknown)?;
    permit(state, staff, &row.place)?;
    if !draft::is_reason(reason) {
        return Err(polls::reason_needed());
    }
    phase::require_open(&stored.topic.poll, state.now_ms)?;
    if wave.version == version {
        return Err(invalid("version", "duplicate"));
    }
    let items = survey.items.as_ref();
    let items = items.ok_or_else(|| invalid("version", "unknown"))?;
    asks_again(survey, wave, items)?;
    let mut topic = stored.topic.clone();
    if let PollKind::Survey { wave } = &mut topic.poll.kind {
        version.clone_into(&mut wave.version);
    }
    let mut notices = stored.notices.clone();
    notices.push(Notice::Corrected {
        at_ms: state.now_ms,
        reason: reason.to_owned(),
    });
    let effects = vec![
        Effect::CorrectWave {
            topic: Box::new(topic),
            notices,
        },
        written::command(staff, command, stored.topic.id.as_str()),
        Effect::Tell(Subject::Poll, stored.topic.id.to_string()),
        Effect::Tell(Subject::Survey, row.id.to_string()),
    ];
    Ok((effects, CommandReply::Done))
}

fn publish(
    state: &DeskState,
    staff: &StaffRecord,
    asked: &Asked,
    (topic, action): (&TopicId, &ActionDraft),
) -> Outcome {
    let stored = polls::published(state, topic)?;
    let (survey, wave) = round(state, &stored.topic)?;
    let row = survey.row.as_ref().ok_or(DeskRefusal::Unknown)?;
    permit(state, staff, &row.place)?;
    if state.now_ms < stored.topic.poll.closes_at_ms {
        return Err(DeskRefusal::Conflict);
    }
    text("action.what", &action.what, draft::REASON_CHARS_MAX)?;
    text("action.who", &action.who, WHO_CHARS_MAX)?;
    if action.due_at_ms <= state.now_ms {
        return Err(invalid("action.due_at_ms", "in_the_past"));
    }
    if action.due_at_ms > state.now_ms.saturating_add(draft::CLOSES_MS_MAX) {
        return Err(invalid("action.due_at_ms", "too_long"));
    }
    check_items(survey, &action.items)?;
    let action = CorrectiveAction {
        id: RequestId::from_bytes(asked.fresh),
        topic: topic.clone(),
        wave: wave.number,
        items: action.items.clone(),
        what: action.what.trim().to_owned(),
        who: action.who.trim().to_owned(),
        due_at_ms: action.due_at_ms,
        published_at_ms: state.now_ms,
        outcome: None,
        is_overdue: false,
    };
    let effects = vec![
        written::by(
            staff,
            "publish_action",
            topic.as_str(),
            written::json(&action),
        ),
        Effect::PublishAction {
            survey: row.id.clone(),
            action: Box::new(action),
            by: staff.name.clone(),
        },
        Effect::Tell(Subject::Survey, row.id.to_string()),
    ];
    Ok((effects, CommandReply::Done))
}

fn report(
    state: &DeskState,
    staff: &StaffRecord,
    command: &Command,
    (action, outcome): (&RequestId, &str),
) -> Outcome {
    let survey = state.survey.as_ref().ok_or(DeskRefusal::Unknown)?;
    let row = survey.row.as_ref().ok_or(DeskRefusal::Unknown)?;
    let found = survey.actions.iter().find(|one| one.id == *action);
    let found = found.ok_or(DeskRefusal::Unknown)?;
    permit(state, staff, &row.place)?;
    text("text", outcome, draft::REASON_CHARS_MAX)?;
    if found.outcome.is_some() {
        return Err(DeskRefusal::AlreadySettled);
    }
    let effects = vec![
        Effect::ReportAction {
            action: action.clone(),
            text: outcome.trim().to_owned(),
            by: staff.name.clone(),
        },
        written::command(staff, command, &action.to_string()),
        Effect::Tell(Subject::Survey, row.id.to_string()),
    ];
    Ok((effects, CommandReply::Done))
}

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
fn asks_again(survey: &SurveyState, wave: &Wave, items: &[ItemRef]) -> Result<(), DeskRefusal> {
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

fn check_items(survey: &SurveyState, wanted: &[ItemRef]) -> Result<(), DeskRefusal> {
    if wanted.is_empty() {
        return Err(invalid("action.items", "empty"));
    }
    if wanted.len() > ACTION_ITEMS_MAX {
        return Err(invalid("action.items", "too_many"));
    }
    let items = survey.items.as_deref().unwrap_or_default();
    let mut seen = BTreeSet::new();
    for (index, item) in wanted.iter().enumerate() {
        let path = format!("action.items.{index}");
        if !items.contains(item) {
            return Err(invalid(&path, "unknown"));
        }
        if !seen.insert(item) {
            return Err(invalid(&path, "duplicate"));
        }
    }
    Ok(())
}

/// The survey and the round that a published topic is.
fn round<'a>(
    state: &'a DeskState,
    topic: &'a Topic,
) -> Result<(&'a SurveyState, &'a Wave), DeskRefusal> {
    match (&topic.poll.kind, &state.survey) {
        (PollKind::Survey { wave }, Some(survey)) => Ok((survey, wave)),
        _ => Err(DeskRefusal::Unknown),
    }
}

fn permit(state: &DeskState, staff: &StaffRecord, place: &PlaceId) -> Result<(), DeskRefusal> {
    if state.may(&staff.posts, NEEDS, Some(place)) {
        return Ok(());
    }
    Err(DeskRefusal::NotPermitted { needs: NEEDS })
}

fn text(path: &str, text: &str, chars_max: usize) -> Result<(), DeskRefusal> {
    draft::required(path, text, chars_max).map_err(|fault| invalid(&fault.path, fault.fault))
}

fn invalid(path: &str, fault: &str) -> DeskRefusal {
    DeskRefusal::Invalid {
        path: path.to_owned(),
        fault: fault.to_owned(),
    }
}
