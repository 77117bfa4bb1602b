//! Two persons agree: asking, deciding, taking back.

use super::{Outcome, commands, factor, polls, written};
use crate::identity::passwords::folded;
use crate::store::staff::{ApprovalRecord, Asked, DeskState, Effect, Me, StaffRecord};
use linli_model::ApprovalId;
use linli_model::desk::{
    Approval, ApprovalState, Command, CommandReply, Decision, DeskRefusal, Permission, Subject,
};
use linli_rules::draft;
use serde_json::json;

/// How long a request waits.
const WAITS_MS: i64 = 7 * 24 * 3_600_000;

/// Keeps a command for a second person, if it could be done now.
pub(super) fn ask(state: &DeskState, me: Me<'_>, asked: &Asked) -> Outcome {
    commands::run(state, me.staff, asked, &asked.command)?;
    let home = commands::home(state, &asked.command)?;
    let lapses_at_ms = state.now_ms + WAITS_MS;
    let waits = |approval: &&ApprovalRecord| {
        approval.state_at(state.now_ms) == ApprovalState::Waiting
            && is_same(&approval.command, &asked.command)
    };
    if state.approvals.iter().find(waits).is_some() {
        return Err(DeskRefusal::AlreadyAsked);
    }
    let record = ApprovalRecord {
        id: ApprovalId::from_bytes(asked.fresh),
        command: asked.command.clone(),
        about: home.about,
        place: home.place,
        asked_by: me.staff.id.clone(),
        asked_by_name: me.staff.name.clone(),
        asked_at_ms: state.now_ms,
        expires_at_ms: home
            .gone_at_ms
            .map_or(lapses_at_ms, |gone| gone.min(lapses_at_ms)),
        state: ApprovalState::Waiting,
        decided_by_name: String::new(),
        decided_at_ms: None,
        reason: String::new(),
    };
    let id = record.id.to_string();
    let reply = CommandReply::Waiting {
        approval: Box::new(shown(state, me.staff, &record)),
    };
    let effects = vec![
        written::by(me.staff, "asked", &id, written::json(&asked.command)),
        Effect::PutApproval(Box::new(record)),
        Effect::Tell(Subject::Approval, id),
    ];
    Ok((effects, reply))
}

/// Decides on what another person asked for. What is agreed to is done at once, if it
/// still can be and the other person may still ask for it.
pub(super) fn settle(
    state: &DeskState,
    me: Me<'_>,
    asked: &Asked,
    approval: &ApprovalId,
    decision: Decision,
    reason: &str,
) -> Outcome {
    let record = find(state, approval)?;
    let needs = Permission::Approve;
    if !state.may(&me.staff.posts, needs, record.place.as_ref()) {
        return Err(DeskRefusal::NotPermitted { needs });
    }
    if is_own(me.staff, record) {
        return Err(DeskRefusal::OwnRequest);
    }
    may_settle(state, me.staff, record)?;
    if record.state_at(state.now_ms) != ApprovalState::Waiting {
        return Err(DeskRefusal::AlreadySettled);
    }
    let too_long = !reason.is_empty() && !draft::is_reason(reason);
    if too_long || decision == Decision::Reject && !draft::is_reason(reason) {
        return Err(polls::reason_needed());
    }
    let (word, settled) = match decision {
        Decision::Approve => ("approved", ApprovalState::Approved),
        Decision::Reject => ("rejected", ApprovalState::Rejected),
    };
    let detail = written::json(&json!({ "command": record.command, "reason": reason }));
    let mut effects = vec![written::by(me.staff, word, &record.id.to_string(), detail)];
    let mut reply = CommandReply::Done;
    if decision == Decision::Approve {
        let asker = state.member(&record.asked_by);
        let asker = asker.ok_or(DeskRefusal::Conflict)?;
        let (done, shown) =
            commands::run(state, asker, asked, &record.command).map_err(of_the_asker)?;
        effects.extend(done);
        // A link is told to whoever made it come about.
        reply = shown;
    }
    effects.extend(end(state, record, settled, &me.staff.name, reason));
    Ok((effects, reply))
}

/// What a second person needs besides approving at all: a lost second factor is renewed by
/// somebody who could give the account what it holds, and never by its owner.
fn may_settle(
    state: &DeskState,
    staff: &StaffRecord,
    record: &ApprovalRecord,
) -> Result<(), DeskRefusal> {
    let Command::ResetFactor { staff: whose, .. } = &record.command else {
        return Ok(());
    };
    if *whose == staff.id {
        return Err(DeskRefusal::OwnRequest);
    }
    factor::may_reset(state, staff, whose).map(drop)
}

/// Takes back what one asked for oneself.
pub(super) fn withdraw(state: &DeskState, me: Me<'_>, approval: &ApprovalId) -> Outcome {
    let record = find(state, approval)?;
    // Others' requests are not this person's to know of.
    if record.asked_by != me.staff.id {
        return Err(DeskRefusal::Unknown);
    }
    if record.state_at(state.now_ms) != ApprovalState::Waiting {
        return Err(DeskRefusal::AlreadySettled);
    }
    let id = record.id.to_string();
    let mut effects = vec![written::by(
        me.staff,
        "withdrawn",
        &id,
        written::json(&record.command),
    )];
    effects.extend(end(
        state,
        record,
        ApprovalState::Withdrawn,
        &me.staff.name,
        "",
    ));
    Ok((effects, CommandReply::Done))
}

/// A request as `staff` see it.
pub fn shown(state: &DeskState, staff: &StaffRecord, record: &ApprovalRecord) -> Approval {
    let now = record.state_at(state.now_ms);
    let waits = now == ApprovalState::Waiting;
    let may = state.may(&staff.posts, Permission::Approve, record.place.as_ref());
    Approval {
        id: record.id.clone(),
        command: record.command.clone(),
        about: record.about.clone(),
        asked_by: record.asked_by.clone(),
        asked_by_name: record.asked_by_name.clone(),
        asked_at_ms: record.asked_at_ms,
        expires_at_ms: record.expires_at_ms,
        state: now,
        decided_by_name: record.decided_by_name.clone(),
        decided_at_ms: record.decided_at_ms,
        reason: record.reason.clone(),
        may_decide: waits
            && may
            && !is_own(staff, record)
            && may_settle(state, staff, record).is_ok(),
        may_withdraw: waits && record.asked_by == staff.id,
    }
}

fn find<'a>(state: &'a DeskState, id: &ApprovalId) -> Result<&'a ApprovalRecord, DeskRefusal> {
    let found = state.approvals.iter().find(|approval| approval.id == *id);
    found.ok_or(DeskRefusal::Unknown)
}

/// Whether a request is one's own: by the account, or by a second one of the same name.
fn is_own(staff: &StaffRecord, record: &ApprovalRecord) -> bool {
    staff.id == record.asked_by || folded(&staff.name) == folded(&record.asked_by_name)
}

/// Whether two requests are about the same thing.
fn is_same(one: &Command, other: &Command) -> bool {
    match (one, other) {
        (Command::AdoptRoll { kind: one, .. }, Command::AdoptRoll { kind: other, .. }) => {
            one == other
        }
        (Command::ResetFactor { staff: one, .. }, Command::ResetFactor { staff: other, .. }) => {
            one == other
        }
        _ => one.word() == other.word() && super::topic_of(one) == super::topic_of(other),
    }
}

/// What the asking person lost is not the deciding one's to be told as their own lack.
fn of_the_asker(refusal: DeskRefusal) -> DeskRefusal {
    match refusal {
        DeskRefusal::NotPermitted { .. } => DeskRefusal::Conflict,
        other => other,
    }
}

fn end(
    state: &DeskState,
    record: &ApprovalRecord,
    settled: ApprovalState,
    by: &str,
    reason: &str,
) -> [Effect; 2] {
    let record = ApprovalRecord {
        state: settled,
        decided_by_name: by.to_owned(),
        decided_at_ms: Some(state.now_ms),
        reason: reason.to_owned(),
        ..record.clone()
    };
    let id = record.id.to_string();
    [
        Effect::PutApproval(Box::new(record)),
        Effect::Tell(Subject::Approval, id),
    ]
}
