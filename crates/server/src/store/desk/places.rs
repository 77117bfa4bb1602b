//! The tree of places, changed at the desk one place at a time.

use super::{Outcome, written};
use crate::roll::check_tree;
use crate::store::staff::{DeskState, Effect, PlaceChange, StaffRecord};
use linli_model::PlaceId;
use linli_model::desk::roll::RollRefusal;
use linli_model::desk::{
    ApprovalState, Command, CommandReply, DeskRefusal, Permission, PlaceNode, Post, Subject,
};

pub(super) fn run(state: &DeskState, staff: &StaffRecord, command: &Command) -> Outcome {
    let (change, id) = match command {
        Command::PutPlace { place } => {
            may_put(state, staff, place)?;
            (PlaceChange::Put(place.clone()), &place.id)
        }
        Command::ClosePlace { place } => {
            may_close(state, staff, place)?;
            (PlaceChange::Close(place.clone()), place)
        }
        _ => return Err(DeskRefusal::Unknown),
    };
    // The store applies it to the tree as it is then, and asks the same again.
    changed(&state.places, &change)?;
    let effects = vec![
        Effect::ChangePlace(change),
        written::command(staff, command, id.as_str()),
        Effect::Tell(Subject::Roll, String::new()),
    ];
    Ok((effects, CommandReply::Done))
}

fn permit(
    state: &DeskState,
    staff: &StaffRecord,
    place: Option<&PlaceId>,
) -> Result<(), DeskRefusal> {
    let needs = Permission::Rolls;
    if state.may(&staff.posts, needs, place) {
        return Ok(());
    }
    Err(DeskRefusal::NotPermitted { needs })
}

/// A new place needs permission where it is put; one that moves, where it was as well.
/// Otherwise a grid could take a building from another, or make itself a root.
fn may_put(state: &DeskState, staff: &StaffRecord, place: &PlaceNode) -> Result<(), DeskRefusal> {
    let parent = place.parent.as_ref();
    if parent.is_some_and(|parent| state.chain(parent).is_none()) {
        return Err(invalid("place.parent", "unknown"));
    }
    match state.places.iter().find(|known| known.id == place.id) {
        None => permit(state, staff, parent),
        Some(known) if known.parent == place.parent => permit(state, staff, Some(&place.id)),
        Some(known) => {
            permit(state, staff, known.parent.as_ref())?;
            permit(state, staff, parent)
        }
    }
}

/// What the store cannot see in its tables alone: posts, drafts and requests at the place.
fn may_close(state: &DeskState, staff: &StaffRecord, place: &PlaceId) -> Result<(), DeskRefusal> {
    let known = state.places.iter().find(|known| known.id == *place);
    let known = known.ok_or(DeskRefusal::Unknown)?;
    permit(state, staff, known.parent.as_ref())?;
    let holds = |posts: &[Post]| posts.iter().any(|post| post.place.as_ref() == Some(place));
    let posted = state.staff.iter().any(|one| holds(&one.posts))
        || state.invitations.iter().any(|one| holds(&one.posts));
    let drafted = state.drafts.iter().any(|draft| draft.place == *place);
    let asked = state.approvals.iter().any(|approval| {
        approval.place.as_ref() == Some(place)
            && approval.state_at(state.now_ms) == ApprovalState::Waiting
    });
    if posted || drafted || asked {
        return Err(DeskRefusal::PlaceInUse);
    }
    Ok(())
}

/// The tree after a change, if it is one that staff may set.
pub(in crate::store) fn changed(
    places: &[PlaceNode],
    change: &PlaceChange,
) -> Result<Vec<PlaceNode>, DeskRefusal> {
    let mut tree = places.to_vec();
    match change {
        PlaceChange::Put(place) => {
            let twin = tree.iter().any(|other| {
                other.id != place.id
                    && other.parent == place.parent
                    && other.name.trim() == place.name.trim()
            });
            if twin {
                return Err(invalid("place.name", "duplicate"));
            }
            match tree.iter_mut().find(|known| known.id == place.id) {
                Some(known) => *known = place.clone(),
                None => tree.push(place.clone()),
            }
        }
        PlaceChange::Close(place) => {
            let has_below = tree.iter().any(|one| one.parent.as_ref() == Some(place));
            tree.retain(|one| one.id != *place);
            if has_below || tree.is_empty() {
                return Err(DeskRefusal::PlaceInUse);
            }
            if tree.len() == places.len() {
                return Err(DeskRefusal::Unknown);
            }
        }
    }
    check_tree(&tree).map_err(|refusal| refused(&refusal))?;
    Ok(tree)
}

/// A refusal of the tree in the desk's words.
pub(in crate::store) fn refused(refusal: &RollRefusal) -> DeskRefusal {
    match refusal {
        RollRefusal::PlaceInUse { .. } => DeskRefusal::PlaceInUse,
        RollRefusal::PlaceNameInvalid { .. } => invalid("place.name", "unsupported"),
        RollRefusal::PlaceMisplaced { .. } => invalid("place.parent", "unsupported"),
        RollRefusal::PlaceTooDeep { .. } => invalid("place.parent", "too_many"),
        RollRefusal::PlaceCountInvalid { .. } => invalid("place", "too_many"),
        _ => DeskRefusal::Conflict,
    }
}

fn invalid(path: &str, fault: &str) -> DeskRefusal {
    DeskRefusal::Invalid {
        path: path.to_owned(),
        fault: fault.to_owned(),
    }
}
