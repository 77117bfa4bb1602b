//! Signing in and out, enrolling, and what is only written down.

use super::{factor, people, written};
use crate::identity::passwords::folded;
use crate::store::staff::{
    Act, ActReply, Decided, DeskState, Effect, Factor, HalfEnrolment, InvitationRecord, NewSession,
    SessionRecord, StaffRecord, Written,
};
use linli_model::StaffId;
use linli_model::desk::{Actor, DeskRefusal, Subject};

type Outcome = Result<Decided, DeskRefusal>;

/// Of everything but commands.
pub(super) fn decide(state: &DeskState, act: &Act) -> Outcome {
    match act {
        Act::SignIn { .. } => sign_in(state, act),
        Act::SignInFailed { staff } => Ok(done(vec![written::by_server("sign_in_failed", staff)])),
        Act::SignOut { token_hash } => {
            let me = state.me(token_hash)?;
            Ok(done(vec![
                Effect::EndSession(*token_hash),
                written::by(me.staff, "signed_out", &me.session.id, String::new()),
                Effect::Tell(Subject::People, String::new()),
            ]))
        }
        Act::BeginEnrolment { invitation, half } => {
            let found = open_invitation(state, invitation)?;
            match &found.renews {
                Some(whose) => {
                    renewed(state, whose, &half.password_phc)?;
                }
                None => free_login(state, &half.login)?,
            }
            Ok(done(vec![Effect::PutInvitation(InvitationRecord {
                half: Some(half.clone()),
                ..found.clone()
            })]))
        }
        Act::Enrol { .. } => enrol(state, act),
        Act::Invite(record) => invite(state, record),
        Act::Renew { staff, link } => {
            let found = state.member(staff).ok_or(DeskRefusal::Unknown)?;
            let mut effects = factor::renewal(state, found, link.clone());
            effects.push(Effect::Audit(Written {
                actor: Actor::Operator,
                action: "reset_factor".to_owned(),
                subject: staff.to_string(),
                detail: detail_of("name", &found.name),
            }));
            Ok(done(effects))
        }
        Act::Note {
            token_hash,
            action,
            subject,
            detail,
        } => {
            let me = state.me(token_hash)?;
            Ok(done(vec![written::by(
                me.staff,
                action,
                subject,
                detail.clone(),
            )]))
        }
        // Decided beside this.
        Act::Command(_) => Err(DeskRefusal::Unknown),
    }
}

fn done(effects: Vec<Effect>) -> Decided {
    Decided {
        effects,
        reply: Ok(ActReply::Done),
        remember: None,
    }
}

/// A right password with a wrong second factor ends as a wrong password does, and is
/// written down: somebody knows the password.
fn sign_in(state: &DeskState, act: &Act) -> Outcome {
    let Act::SignIn {
        staff,
        password_phc,
        factor,
        session,
        settle,
        attempts_left,
    } = act
    else {
        return Err(DeskRefusal::Unknown);
    };
    let failed = DeskRefusal::SignInFailed {
        attempts_left: *attempts_left,
    };
    let found = state.member(staff).filter(|found| {
        // Replaced or revoked since the password was looked at.
        found.password_phc == *password_phc && !found.posts.is_empty()
    });
    let found = found.ok_or(failed.clone())?;
    let (totp_step, spent) = match factor {
        Some(Factor::Totp { step }) if *step > found.totp_step => (*step, None),
        Some(Factor::Recovery { hash }) if found.recovery.contains(hash) => {
            (found.totp_step, Some(*hash))
        }
        _ => {
            return Ok(Decided {
                effects: vec![written::by_server("sign_in_failed", staff)],
                reply: Err(failed),
                remember: None,
            });
        }
    };
    let mut now = found.clone();
    now.signed_in_at_ms = Some(state.now_ms);
    now.totp_step = totp_step;
    now.recovery.retain(|left| Some(*left) != spent);
    let how = if spent.is_some() { "recovery_code" } else { "" };
    let mut effects = vec![
        Effect::SignedIn {
            staff: staff.clone(),
            totp_step,
            spent,
        },
        Effect::AddSession(begun(state, staff, session)),
        Effect::Settle(settle.clone()),
        written::by(found, "signed_in", &session.id, detail_of("with", how)),
        Effect::Tell(Subject::People, String::new()),
    ];
    effects.extend(swept(state));
    Ok(Decided {
        effects,
        reply: Ok(ActReply::Session(Box::new(now))),
        remember: None,
    })
}

fn detail_of(name: &str, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    written::json(&serde_json::json!({ name: value }))
}

fn begun(state: &DeskState, staff: &StaffId, session: &NewSession) -> SessionRecord {
    SessionRecord {
        token_hash: session.token_hash,
        id: session.id.clone(),
        staff: staff.clone(),
        started_at_ms: state.now_ms,
        used_at_ms: state.now_ms - state.now_ms.rem_euclid(60_000),
        device: session.device.clone(),
    }
}

/// What has ended by itself need not be kept.
fn swept(state: &DeskState) -> Vec<Effect> {
    let sessions = state.sessions.iter().filter(|s| !s.holds_at(state.now_ms));
    let sessions = sessions.map(|session| Effect::EndSession(session.token_hash));
    let old = |i: &&InvitationRecord| state.now_ms >= i.expires_at_ms;
    let invitations = state.invitations.iter().filter(old);
    sessions
        .chain(invitations.map(|invitation| Effect::EndInvitation(invitation.token_hash)))
        .collect()
}

fn enrol(state: &DeskState, act: &Act) -> Outcome {
    let Act::Enrol {
        invitation,
        password_phc,
        totp_step,
        staff,
        totp_secret,
        recovery,
        session,
        settle,
    } = act
    else {
        return Err(DeskRefusal::Unknown);
    };
    let found = open_invitation(state, invitation)?;
    let half = found.half.as_ref();
    // Somebody went through the first step anew meanwhile.
    let half: &HalfEnrolment = half
        .filter(|half| half.password_phc == *password_phc)
        .ok_or(DeskRefusal::Conflict)?;
    if let Some(whose) = &found.renews {
        return renew(state, act, found, renewed(state, whose, password_phc)?);
    }
    free_login(state, &half.login)?;
    let record = StaffRecord {
        id: staff.clone(),
        name: found.name.clone(),
        login: half.login.clone(),
        password_phc: half.password_phc.clone(),
        totp_secret: totp_secret.clone(),
        totp_step: *totp_step,
        posts: found.posts.clone(),
        signed_in_at_ms: Some(state.now_ms),
        recovery: recovery.clone(),
    };
    let detail = written::json(&serde_json::json!({
        "invitation": found.id, "invited_by": found.invited_by_name, "posts": found.posts,
    }));
    let effects = vec![
        Effect::AddStaff(Box::new(record.clone())),
        Effect::EndInvitation(*invitation),
        Effect::AddSession(begun(state, staff, session)),
        Effect::Settle(settle.clone()),
        written::by(&record, "enrolled", &staff.to_string(), detail),
        Effect::Tell(Subject::People, String::new()),
    ];
    Ok(Decided {
        effects,
        reply: Ok(ActReply::Session(Box::new(record))),
        remember: None,
    })
}

/// The account that a link renews, while it is as it was: neither its password nor what
/// it is trusted with has gone meanwhile.
fn renewed<'a>(
    state: &'a DeskState,
    whose: &StaffId,
    password_phc: &str,
) -> Result<&'a StaffRecord, DeskRefusal> {
    let found = state.member(whose).filter(|found| !found.posts.is_empty());
    let found = found.ok_or(DeskRefusal::InvitationInvalid)?;
    if found.password_phc != password_phc {
        return Err(DeskRefusal::Conflict);
    }
    Ok(found)
}

/// The second step for an account that exists.
fn renew(state: &DeskState, act: &Act, link: &InvitationRecord, account: &StaffRecord) -> Outcome {
    let Act::Enrol {
        invitation,
        totp_step,
        totp_secret,
        recovery,
        session,
        settle,
        ..
    } = act
    else {
        return Err(DeskRefusal::Unknown);
    };
    let record = StaffRecord {
        totp_secret: totp_secret.clone(),
        totp_step: *totp_step,
        recovery: recovery.clone(),
        signed_in_at_ms: Some(state.now_ms),
        ..account.clone()
    };
    let effects = vec![
        Effect::RenewFactor(Box::new(record.clone())),
        Effect::EndInvitation(*invitation),
        Effect::AddSession(begun(state, &record.id, session)),
        Effect::Settle(settle.clone()),
        written::by(
            &record,
            "enrolled",
            &record.id.to_string(),
            detail_of("renewed_by", &link.id),
        ),
        Effect::Tell(Subject::People, String::new()),
    ];
    Ok(Decided {
        effects,
        reply: Ok(ActReply::Session(Box::new(record))),
        remember: None,
    })
}

/// An invitation that holds: young enough, and of somebody who may still give what it
/// gives.
fn open_invitation<'a>(
    state: &'a DeskState,
    token_hash: &[u8; 32],
) -> Result<&'a InvitationRecord, DeskRefusal> {
    state
        .invitation(token_hash)
        .ok_or(DeskRefusal::InvitationInvalid)
}

fn free_login(state: &DeskState, login: &str) -> Result<(), DeskRefusal> {
    let wanted = folded(login);
    let taken = state
        .staff
        .iter()
        .any(|staff| folded(&staff.login) == wanted);
    if taken {
        return Err(DeskRefusal::LoginTaken);
    }
    Ok(())
}

fn invite(state: &DeskState, record: &InvitationRecord) -> Outcome {
    people::check_invitation(state, &record.name, &record.posts)?;
    let detail = written::json(&serde_json::json!({
        "name": record.name, "posts": record.posts,
    }));
    let mut record = record.clone();
    record.expires_at_ms = state.now_ms + people::INVITATION_MS;
    Ok(done(vec![
        Effect::Audit(Written {
            actor: Actor::Operator,
            action: "invite".to_owned(),
            subject: record.id.clone(),
            detail,
        }),
        Effect::PutInvitation(record),
        Effect::Tell(Subject::People, String::new()),
    ]))
}
