//! What a topic is shown with: adding and removing.

use super::{Outcome, written};
use crate::store::attachments::{NewAttachment, staff_owner};
use crate::store::staff::{DeskState, Effect, StaffRecord};
use linli_model::desk::attachment::{ATTACHMENTS_MAX, alt_fault};
use linli_model::desk::{Command, CommandReply, DeskRefusal, Permission, Subject};
use linli_model::upload::UploadPurpose;
use linli_model::{PlaceId, TopicId, UploadId};

const NEEDS: Permission = Permission::Polls;

pub(super) fn run(state: &DeskState, staff: &StaffRecord, command: &Command) -> Outcome {
    let (effect, topic) = match command {
        Command::AddAttachment { topic, upload, alt } => {
            (add(state, staff, topic, upload, alt)?, topic)
        }
        Command::RemoveAttachment { topic, upload } => {
            may_edit(state, staff, topic)?;
            if !state.attachments.contains(upload) {
                return Err(DeskRefusal::Unknown);
            }
            let effect = Effect::RemoveAttachment(topic.clone(), upload.clone());
            (effect, topic)
        }
        _ => return Err(DeskRefusal::Unknown),
    };
    let effects = vec![
        effect,
        written::command(staff, command, topic.as_str()),
        Effect::Tell(Subject::Poll, topic.to_string()),
    ];
    Ok((effects, CommandReply::Done))
}

/// Refuses unless `staff` may change the loaded topic, published or not.
pub fn may_edit(
    state: &DeskState,
    staff: &StaffRecord,
    topic: &TopicId,
) -> Result<(), DeskRefusal> {
    let place = place(state, topic).ok_or(DeskRefusal::Unknown)?;
    if state.may(&staff.posts, NEEDS, Some(place)) {
        return Ok(());
    }
    Err(DeskRefusal::NotPermitted { needs: NEEDS })
}

/// Refuses what cannot be said of an attachment.
pub fn check_alt(alt: &str) -> Result<(), DeskRefusal> {
    match alt_fault(alt) {
        None => Ok(()),
        Some(fault) => Err(invalid("alt", fault)),
    }
}

/// Refuses where a topic has `held` already.
pub fn check_room(held: usize) -> Result<(), DeskRefusal> {
    if held < ATTACHMENTS_MAX {
        return Ok(());
    }
    Err(invalid("attachments", "too_many"))
}

fn place<'a>(state: &'a DeskState, topic: &TopicId) -> Option<&'a PlaceId> {
    let published = state.topics.iter().find(|stored| stored.topic.id == *topic);
    if let Some(stored) = published {
        return Some(&stored.topic.place.id);
    }
    let draft = state.drafts.iter().find(|draft| draft.id == *topic);
    draft.map(|draft| &draft.place)
}

fn add(
    state: &DeskState,
    staff: &StaffRecord,
    topic: &TopicId,
    upload: &UploadId,
    alt: &str,
) -> Result<Effect, DeskRefusal> {
    may_edit(state, staff, topic)?;
    check_alt(alt)?;
    let sent = state.upload.as_ref().filter(|row| {
        row.purpose == UploadPurpose::Attachment && row.owner == staff_owner(&staff.id)
    });
    sent.ok_or(DeskRefusal::Unknown)?;
    if state.attachments.contains(upload) {
        return Err(invalid("upload", "duplicate"));
    }
    check_room(state.attachments.len())?;
    Ok(Effect::AddAttachment(NewAttachment {
        topic: topic.clone(),
        upload: upload.clone(),
        alt: alt.trim().to_owned(),
    }))
}

fn invalid(path: &str, fault: &str) -> DeskRefusal {
    DeskRefusal::Invalid {
        path: path.to_owned(),
        fault: fault.to_owned(),
    }
}
