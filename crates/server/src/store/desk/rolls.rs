//! Making a preview the roll in force.

use super::{Outcome, written};
use crate::store::rolls::AdoptRoll;
use crate::store::staff::{DeskState, Effect, StaffRecord};
use linli_model::desk::roll::{RollKind, RollPreview};
use linli_model::desk::{Command, CommandReply, DeskRefusal, Permission, Subject};

pub(super) fn adopt(state: &DeskState, staff: &StaffRecord, command: &Command) -> Outcome {
    let Command::AdoptRoll {
        kind,
        draft,
        leave_out_errors,
    } = command
    else {
        return Err(DeskRefusal::Unknown);
    };
    let needs = Permission::Rolls;
    if !state.may(&staff.posts, needs, None) {
        return Err(DeskRefusal::NotPermitted { needs });
    }
    let preview = state
        .roll
        .as_ref()
        .ok_or_else(|| invalid("draft", "unknown"))?;
    if RollKind::of(*kind) != Some(preview.kind) {
        return Err(invalid("kind", "unsupported"));
    }
    if preview.errors_total > 0 && !leave_out_errors {
        return Err(invalid("leave_out_errors", "unsupported"));
    }
    if preview.entries == 0 {
        return Err(invalid("draft", "empty"));
    }
    let effects = vec![
        Effect::AdoptRoll(AdoptRoll {
            community: state.community.id.clone(),
            draft: draft.clone(),
            leave_out_errors: *leave_out_errors,
            by: staff.name.clone(),
        }),
        written::command(staff, command, preview.kind.as_str()),
        Effect::Tell(Subject::Roll, String::new()),
    ];
    Ok((effects, CommandReply::Done))
}

/// A preview in words of no language: its file and figures.
pub(super) fn about(preview: &RollPreview) -> String {
    let diff = &preview.diff;
    format!(
        "{}: {} (+{} ~{} −{})",
        preview.file_name, preview.entries, diff.added, diff.changed, diff.removed
    )
}

fn invalid(path: &str, fault: &str) -> DeskRefusal {
    DeskRefusal::Invalid {
        path: path.to_owned(),
        fault: fault.to_owned(),
    }
}
