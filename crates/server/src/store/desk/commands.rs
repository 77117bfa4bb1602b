//! Commands that one person gives, and what a second one agrees to: whether they are
//! permitted and possible, and what they change.

use super::{Outcome, attachments, factor, people, places, polls, rolls};
use crate::store::staff::{Asked, DeskState, StaffRecord};
use linli_model::desk::{Command, DeskRefusal};
use linli_model::{PlaceId, UtcMs};

/// What `command` of `staff` comes to. `asked` is the request that is answered: the
/// command itself, or the decision on it.
pub(super) fn run(
    state: &DeskState,
    staff: &StaffRecord,
    asked: &Asked,
    command: &Command,
) -> Outcome {
    match command {
        Command::CreateTopic { .. }
        | Command::UpdateTopic { .. }
        | Command::DeleteTopic { .. }
        | Command::OpenPoll { .. }
        | Command::ClosePoll { .. }
        | Command::ExtendPoll { .. } => polls::run(state, staff, command),
        Command::AddAttachment { .. } | Command::RemoveAttachment { .. } => {
            attachments::run(state, staff, command)
        }
        Command::AdoptRoll { .. } => rolls::adopt(state, staff, command),
        Command::PutPlace { .. } | Command::ClosePlace { .. } => places::run(state, staff, command),
        Command::MakeCodes { .. }
        | Command::Invite { .. }
        | Command::RevokeInvitation { .. }
        | Command::SetPosts { .. }
        | Command::EndSession { .. } => people::run(state, staff, asked, command),
        Command::ResetFactor {
            staff: whose,
            reason,
        } => factor::reset(state, staff, asked, whose, reason),
        // A request is not asked for by another request.
        Command::Decide { .. } | Command::Withdraw { .. } => Err(DeskRefusal::Unknown),
    }
}

/// Where a request is at home, what it concerns in words, and when that is gone.
pub(super) fn home(state: &DeskState, command: &Command) -> Result<Home, DeskRefusal> {
    if let Some(topic) = super::topic_of(command) {
        let topic = &polls::published(state, topic)?.topic;
        return Ok(Home {
            place: Some(topic.place.id.clone()),
            about: topic.title.clone(),
            gone_at_ms: None,
        });
    }
    if let Command::ResetFactor { staff, .. } = command {
        let found = state.member(staff).ok_or(DeskRefusal::Unknown)?;
        return Ok(Home {
            place: None,
            about: found.name.clone(),
            gone_at_ms: None,
        });
    }
    let preview = state.roll.as_ref();
    Ok(Home {
        place: None,
        about: preview.map(rolls::about).unwrap_or_default(),
        gone_at_ms: preview.map(|preview| preview.expires_at_ms),
    })
}

/// Where a request is at home.
pub(super) struct Home {
    /// Where it is decided; absent: the whole community.
    pub(super) place: Option<PlaceId>,
    /// What it concerns, in words.
    pub(super) about: String,
    /// When there will be nothing left to decide on.
    pub(super) gone_at_ms: Option<UtcMs>,
}
