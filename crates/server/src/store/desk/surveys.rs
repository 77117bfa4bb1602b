//! Surveys: writing them, correcting a round, and what is promised after one. Rounds are
//! topics: `polls`, and `waves` for what is particular about them.

use super::waves::{self, invalid};
use super::{Outcome, polls, written};
use crate::store::staff::{Asked, DeskState, Effect, StaffRecord, SurveyState};
use crate::store::surveys::NewSurvey;
use linli_model::desk::survey::{
    ACTION_ITEMS_MAX, ActionDraft, RATED_CHARS_MAX, SurveyDraft, WHO_CHARS_MAX,
};
use linli_model::desk::{Command, CommandReply, DeskRefusal, Notice, Permission, Subject};
use linli_model::wave::{CorrectiveAction, ItemRef, Wave};
use linli_model::{PlaceId, PollKind, RequestId, Topic, TopicId, limits};
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
    waves::asks_again(survey, wave, items)?;
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
