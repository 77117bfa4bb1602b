//! Drafts, publishing, extending, closing.

use super::{Outcome, written};
use crate::store::StoredTopic;
use crate::store::staff::{DeskState, Effect, StaffRecord};
use linli_model::desk::{
    Command, CommandReply, DeskRefusal, Notice, Permission, Subject, TopicDraft,
};
use linli_model::{PlaceId, Topic, TopicId, UtcMs};
use linli_rules::{draft, phase};
use std::sync::Arc;

const NEEDS: Permission = Permission::Polls;

pub(super) fn run(state: &DeskState, staff: &StaffRecord, command: &Command) -> Outcome {
    let (effect, topic) = match command {
        Command::CreateTopic { topic } => (create(state, staff, topic)?, &topic.id),
        Command::UpdateTopic { topic } => (update(state, staff, topic)?, &topic.id),
        Command::DeleteTopic { topic } => {
            let found = drafted(state, topic)?;
            permit(state, staff, &found.place)?;
            (Effect::DropDraft(topic.clone()), topic)
        }
        Command::OpenPoll { topic } => (open(state, staff, topic)?, topic),
        Command::ClosePoll { topic, reason } => (close(state, staff, topic, reason)?, topic),
        Command::ExtendPoll {
            topic,
            closes_at_ms,
            reason,
        } => (extend(state, staff, topic, *closes_at_ms, reason)?, topic),
        _ => return Err(DeskRefusal::Unknown),
    };
    let effects = vec![
        effect,
        written::command(staff, command, topic.as_str()),
        Effect::Tell(Subject::Poll, topic.to_string()),
    ];
    Ok((effects, CommandReply::Done))
}

/// The published topic of that name.
pub(super) fn published<'a>(
    state: &'a DeskState,
    topic: &TopicId,
) -> Result<&'a Arc<StoredTopic>, DeskRefusal> {
    let found = state.topics.iter().find(|stored| stored.topic.id == *topic);
    found.ok_or(DeskRefusal::Unknown)
}

/// The draft of that name. One that has been published is none any more.
fn drafted<'a>(state: &'a DeskState, topic: &TopicId) -> Result<&'a TopicDraft, DeskRefusal> {
    if state.topics.iter().any(|stored| stored.topic.id == *topic) {
        return Err(DeskRefusal::AlreadyPublished);
    }
    let found = state.drafts.iter().find(|draft| draft.id == *topic);
    found.ok_or(DeskRefusal::Unknown)
}

fn permit(state: &DeskState, staff: &StaffRecord, place: &PlaceId) -> Result<(), DeskRefusal> {
    if state.may(&staff.posts, NEEDS, Some(place)) {
        return Ok(());
    }
    Err(DeskRefusal::NotPermitted { needs: NEEDS })
}

fn check(state: &DeskState, topic: &TopicDraft) -> Result<(), DeskRefusal> {
    let place_known = state.chain(&topic.place).is_some();
    draft::check(topic, place_known, state.now_ms).map_err(|fault| DeskRefusal::Invalid {
        path: fault.path,
        fault: fault.fault.to_owned(),
    })
}

fn create(
    state: &DeskState,
    staff: &StaffRecord,
    topic: &TopicDraft,
) -> Result<Effect, DeskRefusal> {
    if state.chain(&topic.place).is_some() {
        permit(state, staff, &topic.place)?;
    }
    check(state, topic)?;
    if state.topic_taken || state.poll_taken {
        return Err(DeskRefusal::NameTaken);
    }
    Ok(Effect::PutDraft(Box::new(topic.clone())))
}

fn update(
    state: &DeskState,
    staff: &StaffRecord,
    topic: &TopicDraft,
) -> Result<Effect, DeskRefusal> {
    let found = drafted(state, &topic.id)?;
    permit(state, staff, &found.place)?;
    if state.chain(&topic.place).is_some() {
        permit(state, staff, &topic.place)?;
    }
    check(state, topic)?;
    if state.poll_taken {
        return Err(DeskRefusal::NameTaken);
    }
    Ok(Effect::PutDraft(Box::new(topic.clone())))
}

fn open(state: &DeskState, staff: &StaffRecord, topic: &TopicId) -> Result<Effect, DeskRefusal> {
    let found = drafted(state, topic)?;
    permit(state, staff, &found.place)?;
    check(state, found)?;
    if state.poll_taken {
        return Err(DeskRefusal::NameTaken);
    }
    let mut topic = state.topic_of(found).ok_or(DeskRefusal::Conflict)?;
    topic.poll.opens_at_ms = topic.poll.opens_at_ms.max(state.now_ms);
    Ok(Effect::Publish {
        topic: Box::new(topic),
    })
}

fn close(
    state: &DeskState,
    staff: &StaffRecord,
    topic: &TopicId,
    reason: &str,
) -> Result<Effect, DeskRefusal> {
    let stored = changeable(state, staff, topic, reason)?;
    let at_ms = state.now_ms;
    let announced_ms = stored.topic.poll.closes_at_ms;
    let notice = Notice::ClosedEarly {
        at_ms,
        announced_ms,
        reason: reason.to_owned(),
    };
    Ok(move_closing(stored, at_ms, notice, Some(at_ms)))
}

fn extend(
    state: &DeskState,
    staff: &StaffRecord,
    topic: &TopicId,
    closes_at_ms: UtcMs,
    reason: &str,
) -> Result<Effect, DeskRefusal> {
    let stored = changeable(state, staff, topic, reason)?;
    let invalid = |fault: &str| DeskRefusal::Invalid {
        path: "closes_at_ms".to_owned(),
        fault: fault.to_owned(),
    };
    let from_ms = stored.topic.poll.closes_at_ms;
    if closes_at_ms <= from_ms {
        return Err(invalid("not_later"));
    }
    if closes_at_ms > state.now_ms.saturating_add(draft::EXTEND_MS_MAX) {
        return Err(invalid("too_long"));
    }
    let notice = Notice::Extended {
        at_ms: state.now_ms,
        from_ms,
        to_ms: closes_at_ms,
        reason: reason.to_owned(),
    };
    Ok(move_closing(stored, closes_at_ms, notice, None))
}

/// A published topic whose poll is open, for somebody who may change it and says why.
fn changeable<'a>(
    state: &'a DeskState,
    staff: &StaffRecord,
    topic: &TopicId,
    reason: &str,
) -> Result<&'a StoredTopic, DeskRefusal> {
    let stored = published(state, topic)?;
    permit(state, staff, &stored.topic.place.id)?;
    if !draft::is_reason(reason) {
        return Err(reason_needed());
    }
    phase::require_open(&stored.topic.poll, state.now_ms)?;
    Ok(stored)
}

/// The refusal of what lacks a reason.
pub(super) fn reason_needed() -> DeskRefusal {
    DeskRefusal::ReasonNeeded {
        max_chars: u32::try_from(draft::REASON_CHARS_MAX).unwrap_or(u32::MAX),
    }
}

fn move_closing(
    stored: &StoredTopic,
    closes_at_ms: UtcMs,
    notice: Notice,
    grants_end_ms: Option<UtcMs>,
) -> Effect {
    let mut topic: Topic = stored.topic.clone();
    topic.poll.closes_at_ms = closes_at_ms;
    let mut notices = stored.notices.clone();
    notices.push(notice);
    Effect::MoveClosing {
        topic: Box::new(topic),
        notices,
        grants_end_ms,
    }
}
