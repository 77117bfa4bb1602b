//! Commands that one person gives, and what a second one agrees to: whether they are
//! permitted and possible, and what they change.

use super::{Outcome, people, polls};
use crate::store::staff::{Asked, DeskState, StaffRecord};
use linli_model::PlaceId;
use linli_model::Refusal;
use linli_model::desk::{Command, DeskRefusal};

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
        Command::AdoptRoll { .. } => adopt_roll(),
        Command::MakeCodes { .. }
        | Command::Invite { .. }
        | Command::RevokeInvitation { .. }
        | Command::SetPosts { .. }
        | Command::EndSession { .. } => people::run(state, staff, asked, command),
        // A request is not asked for by another request.
        Command::Decide { .. } | Command::Withdraw { .. } => Err(DeskRefusal::Unknown),
    }
}

/// Where a request is at home, and what it concerns in words.
pub(super) fn home(
    state: &DeskState,
    command: &Command,
) -> Result<(Option<PlaceId>, String), DeskRefusal> {
    match super::topic_of(command) {
        Some(topic) => {
            let stored = polls::published(state, topic)?;
            Ok((
                Some(stored.topic.place.id.clone()),
                stored.topic.title.clone(),
            ))
        }
        None => Ok((None, String::new())),
    }
}

/// Making an imported roll the one in force: rolls are imported by the operator until
/// drafts of rolls are kept.
fn adopt_roll() -> Outcome {
    Err(Refusal::Unsupported.into())
}
