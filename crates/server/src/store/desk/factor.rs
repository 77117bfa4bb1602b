//! A second factor that is lost: it is taken away by two persons, and a link lets its
//! owner, who must know the password, set up a new one.

use super::{Outcome, people, polls, written};
use crate::seal;
use crate::store::staff::{Asked, DeskState, Effect, InvitationRecord, StaffRecord};
use linli_model::desk::{CommandReply, DeskRefusal, Subject};
use linli_model::{GrantToken, StaffId, UtcMs};
use linli_rules::draft;

/// How long the link lasts.
pub(super) const RENEWAL_MS: i64 = 24 * 3_600_000;

/// What `staff` asks for comes to.
pub(super) fn reset(
    state: &DeskState,
    staff: &StaffRecord,
    asked: &Asked,
    whose: &StaffId,
    reason: &str,
) -> Outcome {
    if !draft::is_reason(reason) {
        return Err(polls::reason_needed());
    }
    let found = may_reset(state, staff, whose)?;
    let record = InvitationRecord {
        token_hash: seal::invitation_hash(&asked.invitation_token),
        id: seal::hex(&asked.fresh),
        name: String::new(),
        posts: Vec::new(),
        invited_by: Some(staff.id.clone()),
        invited_by_name: staff.name.clone(),
        expires_at_ms: 0,
        half: None,
        renews: None,
    };
    let token = GrantToken::parse(&asked.invitation_token).map_err(|_| DeskRefusal::Conflict)?;
    let reply = CommandReply::Invited {
        token,
        expires_at_ms: ends_at_ms(state),
    };
    let mut effects = renewal(state, found, record);
    effects.push(written::by(
        staff,
        "reset_factor",
        &whose.to_string(),
        written::json(&serde_json::json!({ "name": found.name, "reason": reason })),
    ));
    Ok((effects, reply))
}

/// The account, if `staff` may take its second factor: whoever could give what it holds.
/// So nobody takes that of somebody with more rights.
pub(super) fn may_reset<'a>(
    state: &'a DeskState,
    staff: &StaffRecord,
    whose: &StaffId,
) -> Result<&'a StaffRecord, DeskRefusal> {
    let found = state.member(whose).ok_or(DeskRefusal::Unknown)?;
    people::give(state, staff, &found.posts)?;
    // Somebody without posts cannot sign in at all.
    if found.posts.is_empty() {
        return Err(DeskRefusal::Unknown);
    }
    Ok(found)
}

/// Takes the factor away and puts a link in its place: older links for the account end,
/// and so do its sessions.
pub(super) fn renewal(
    state: &DeskState,
    found: &StaffRecord,
    record: InvitationRecord,
) -> Vec<Effect> {
    let record = InvitationRecord {
        name: found.name.clone(),
        posts: found.posts.clone(),
        expires_at_ms: ends_at_ms(state),
        renews: Some(found.id.clone()),
        ..record
    };
    let older = state.invitations.iter();
    let older = older.filter(|one| one.renews.as_ref() == Some(&found.id));
    let sessions = state.sessions.iter().filter(|s| s.staff == found.id);
    let mut effects = vec![Effect::DropFactor(found.id.clone())];
    effects.extend(older.map(|one| Effect::EndInvitation(one.token_hash)));
    effects.extend(sessions.map(|session| Effect::EndSession(session.token_hash)));
    effects.push(Effect::PutInvitation(record));
    effects.push(Effect::Tell(Subject::People, String::new()));
    effects
}

fn ends_at_ms(state: &DeskState) -> UtcMs {
    state.now_ms + RENEWAL_MS
}
