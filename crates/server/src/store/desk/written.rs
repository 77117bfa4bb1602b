//! Entries of the audit log.

use crate::store::staff::{Effect, StaffRecord, Written};
use linli_model::StaffId;
use linli_model::desk::{Actor, Command};
use serde::Serialize;

/// What a member of staff did.
pub(super) fn by(staff: &StaffRecord, action: &str, subject: &str, detail: String) -> Effect {
    Effect::Audit(Written {
        actor: Actor::Staff {
            id: staff.id.clone(),
            name: staff.name.clone(),
        },
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail,
    })
}

/// What a member of staff did, by a command.
pub(super) fn command(staff: &StaffRecord, command: &Command, subject: &str) -> Effect {
    by(staff, command.word(), subject, json(command))
}

/// What nobody in particular did.
pub(super) fn by_server(action: &str, subject: &StaffId) -> Effect {
    Effect::Audit(Written {
        actor: Actor::Server,
        action: action.to_owned(),
        subject: subject.to_string(),
        detail: String::new(),
    })
}

/// JSON text of further facts.
pub(super) fn json(facts: &impl Serialize) -> String {
    // Objects of strings and integers: the canonical form cannot fail.
    serde_json_canonicalizer::to_string(facts).unwrap_or_default()
}
