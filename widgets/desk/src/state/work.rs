//! Commands: from a confirmed dialog or a saved form to what their reply changes.

use super::{Action, Dialog, Doing, Effect, Env, Said, Seat, State, gate};
use crate::editor::{Editor, Misfit};
use crate::route::Route;
use crate::zone;
use linli_model::desk::request::AnswerRequest;
use linli_model::desk::{Command, CommandReply, Decision, DeskRefusal, PlaceNode, Post};
use linli_model::{IdempotencyKey, PlaceId, RequestId, TopicId};
use linli_port::desk::DeskError;

/// Bytes of chance in the identifier of a place that is made here.
const PLACE_ID_BYTES: usize = 6;

/// Asks before doing; what was typed for another dialog is gone.
pub(super) fn opened(state: &mut State, mut dialog: Dialog, env: &Env) -> Vec<Effect> {
    // One name for as long as it is open, so that sending it again adds one place.
    if let Dialog::Place { id, .. } = &mut dialog
        && id.is_empty()
    {
        let chance = env.chance.iter().take(PLACE_ID_BYTES);
        *id = chance.fold(String::from("p-"), |id, byte| format!("{id}{byte:02x}"));
    }

    state.reason.clear();
    state.reason_due = false;
    state.doing = None;
    state.said = None;
    state.dialog = Some(dialog);
    Vec::new()
}

/// Closes the dialog. A command on its way goes on: its reply is told.
pub(super) fn dismissed(state: &mut State) -> Vec<Effect> {
    state.dialog = None;
    if state.doing.as_ref().is_some_and(|doing| !doing.busy) {
        state.doing = None;
    }
    Vec::new()
}

/// The dialog's one button.
pub(super) fn confirmed(state: &mut State, env: &Env) -> Vec<Effect> {
    let Some(dialog) = state.dialog.clone() else {
        return Vec::new();
    };
    if gate::only_tells(&dialog) {
        return dismissed(state);
    }
    if let Dialog::Leave(route) = dialog {
        (state.editor, state.dialog) = (None, None);
        return vec![Effect::Navigate(route)];
    }
    if needs_reason(&dialog) && state.reason.trim().is_empty() {
        state.reason_due = true;
        return vec![Effect::Focus("reason".to_owned())];
    }
    if let Dialog::Answer(request, is_done) = dialog {
        return answer(state, request, is_done, env);
    }
    match command_of(state, &dialog) {
        Some(command) => send(state, command, env),
        None => {
            let fault = DeskRefusal::Invalid {
                path: "closes_at_ms".to_owned(),
                fault: "empty".to_owned(),
            };
            refuse_here(state, fault, env);
            Vec::new()
        }
    }
}

/// Whether the dialog wants to know why.
pub fn needs_reason(dialog: &Dialog) -> bool {
    matches!(
        dialog,
        Dialog::Extend(..)
            | Dialog::Close(_)
            | Dialog::Answer(..)
            | Dialog::ResetFactor(..)
            | Dialog::Decide(_, Decision::Reject)
    )
}

fn command_of(state: &State, dialog: &Dialog) -> Option<Command> {
    let reason = state.reason.trim().to_owned();
    let posts = |drafts: &[super::PostDraft]| -> Vec<Post> {
        drafts.iter().map(super::PostDraft::post).collect()
    };
    Some(match dialog.clone() {
        Dialog::Publish(topic) => Command::OpenPoll { topic },
        Dialog::Delete(topic) => Command::DeleteTopic { topic },
        Dialog::Extend(topic, closes_at) => Command::ExtendPoll {
            topic,
            closes_at_ms: zone::from_field(&closes_at, state.zone())?,
            reason,
        },
        Dialog::Close(topic) => Command::ClosePoll { topic, reason },
        Dialog::Decide(approval, decision) => Command::Decide {
            approval,
            decision,
            reason,
        },
        Dialog::Withdraw(approval) => Command::Withdraw { approval },
        Dialog::Invite(name, drafts) => Command::Invite {
            name: name.trim().to_owned(),
            posts: posts(&drafts),
        },
        Dialog::Revoke(invitation, _) => Command::RevokeInvitation { invitation },
        Dialog::Posts(staff, drafts) => Command::SetPosts {
            staff,
            posts: posts(&drafts),
        },
        Dialog::EndSession(session) => Command::EndSession { session },
        Dialog::Codes {
            place,
            renew,
            topic,
        } => Command::MakeCodes {
            place: PlaceId::parse(&place).ok(),
            renew,
            topic: TopicId::parse(&topic).ok(),
        },
        Dialog::ResetFactor(staff, _) => Command::ResetFactor { staff, reason },
        Dialog::Place { id, name, parent } => Command::PutPlace {
            place: PlaceNode {
                id: PlaceId::parse(&id).ok()?,
                name: name.trim().to_owned(),
                parent: PlaceId::parse(&parent).ok(),
            },
        },
        Dialog::ClosePlace(place) => Command::ClosePlace { place },
        Dialog::Detach(topic, upload, _) => Command::RemoveAttachment { topic, upload },
        Dialog::Adopt { leave_out } => {
            let preview = state.upload.as_ref()?.preview.as_ref()?;
            Command::AdoptRoll {
                kind: linli_model::Electorate::parse(preview.kind.as_str())?,
                draft: preview.draft.clone(),
                leave_out_errors: leave_out,
            }
        }
        // Answers to residents are no commands: those are kept as they were asked.
        Dialog::Answer(..) | Dialog::Invited(..) | Dialog::Leave(_) | Dialog::Keys => return None,
    })
}

/// Sends a command. One whose fate is not known keeps its key: it has one effect.
fn send(state: &mut State, command: Command, env: &Env) -> Vec<Effect> {
    let Some(Seat { token, .. }) = state.seat().cloned() else {
        return Vec::new();
    };
    let known = state
        .doing
        .as_ref()
        .filter(|doing| doing.command == command);
    if known.is_some_and(|doing| doing.busy) {
        return Vec::new();
    }
    let unknown = |doing: &&Doing| {
        !matches!(
            doing.problem,
            Some(DeskError::Refused(_) | DeskError::RollRefused(_))
        )
    };
    let key = known.filter(unknown).map(|doing| doing.key.clone());
    let key = key.unwrap_or_else(|| IdempotencyKey::from_bytes(env.chance));
    state.said = None;
    state.doing = Some(Doing {
        key: key.clone(),
        command: command.clone(),
        busy: true,
        problem: None,
    });
    vec![Effect::Send(token, key, Box::new(command))]
}

/// Shows at the dialog why it cannot be sent.
fn refuse_here(state: &mut State, refusal: DeskRefusal, env: &Env) {
    state.doing = Some(Doing {
        busy: false,
        problem: Some(DeskError::Refused(refusal)),
        ..no_command(env)
    });
}

/// Stands for something of a dialog that is on its way, or was not done, and is no command.
fn no_command(env: &Env) -> Doing {
    Doing {
        key: IdempotencyKey::from_bytes(env.chance),
        command: Command::EndSession {
            session: String::new(),
        },
        busy: true,
        problem: None,
    }
}

/// Sends an answer to a resident. It can be given once, so that it needs no key of its own.
fn answer(state: &mut State, request: RequestId, is_done: bool, env: &Env) -> Vec<Effect> {
    let Some(token) = state.seat().map(|seat| seat.token.clone()) else {
        return Vec::new();
    };
    let doing = no_command(env);
    let key = doing.key.clone();
    state.doing = Some(doing);
    let body = AnswerRequest {
        is_done,
        answer: state.reason.trim().to_owned(),
    };
    vec![Effect::AnswerRequest(token, key, request, body)]
}

pub(super) fn request_settled(
    state: &mut State,
    key: &IdempotencyKey,
    settled: Result<(), DeskError>,
) -> Vec<Effect> {
    if let Err(error) = &settled
        && let Some(effects) = gate::leave_if_signed_out(state, error)
    {
        return effects;
    }
    let is_this = |doing: &&mut Doing| doing.key == *key;
    let Some(doing) = state.doing.as_mut().filter(is_this) else {
        return Vec::new();
    };
    doing.busy = false;
    match settled {
        Ok(()) => {
            (state.dialog, state.doing) = (None, None);
            state.said = Some(super::Said::Answered);
        }
        Err(error) => doing.problem = Some(error),
    }
    state.ask()
}

/// Keeps what is written, or says what does not fit.
pub(super) fn save(state: &mut State, env: &Env) -> Vec<Effect> {
    let zone = state.zone().to_owned();
    let now_ms = state.now_ms;
    let Some(editor) = &mut state.editor else {
        return Vec::new();
    };
    match editor.draft(now_ms, &zone) {
        Ok(topic) => {
            editor.misfits.clear();
            let command = match editor.topic {
                Some(_) => Command::UpdateTopic { topic },
                None => Command::CreateTopic { topic },
            };
            send(state, command, env)
        }
        Err(misfits) => {
            let first = misfits.first().map(|misfit| field_id(&misfit.path));
            editor.misfits = misfits;
            state.doing = None;
            first.map(Effect::Focus).into_iter().collect()
        }
    }
}

/// The element id of the field that a path names.
pub fn field_id(path: &str) -> String {
    let path = path.strip_prefix("topic.").unwrap_or(path);
    format!("f-{}", path.replace('.', "-"))
}

pub(super) fn replied(
    state: &mut State,
    key: &IdempotencyKey,
    reply: Result<CommandReply, DeskError>,
) -> Vec<Effect> {
    let is_this = |doing: &&mut Doing| doing.key == *key;
    let Some(doing) = state.doing.as_mut().filter(is_this) else {
        return Vec::new();
    };
    doing.busy = false;
    let command = doing.command.clone();
    let error = match reply {
        Ok(reply) => {
            state.doing = None;
            return done(state, &command, reply);
        }
        Err(error) => error,
    };
    if let Some(effects) = gate::leave_if_signed_out(state, &error) {
        return effects;
    }
    let mut effects = Vec::new();
    if let (Some(editor), DeskError::Refused(refusal)) = (&mut state.editor, &error) {
        effects.extend(mark(editor, refusal));
    }
    if let Some(doing) = &mut state.doing {
        doing.problem = Some(error);
    }
    // What was refused may have changed meanwhile: show it as it is now.
    effects.extend(state.ask());
    effects
}

/// Puts a refusal to the field that it is about.
fn mark(editor: &mut Editor, refusal: &DeskRefusal) -> Option<Effect> {
    let (path, fault) = match refusal {
        DeskRefusal::Invalid { path, fault } => (path.clone(), fault.clone()),
        DeskRefusal::NameTaken => ("id".to_owned(), "taken".to_owned()),
        _ => return None,
    };
    let focus = Effect::Focus(field_id(&path));
    editor.misfits = vec![Misfit { path, fault }];
    Some(focus)
}

fn done(state: &mut State, command: &Command, reply: CommandReply) -> Vec<Effect> {
    let is_listed = matches!(
        reply,
        CommandReply::Codes { .. } | CommandReply::Invited { .. }
    );
    state.dialog = None;
    let mut effects = Vec::new();
    match reply {
        CommandReply::Waiting { .. } => {
            state.said = Some(Said::Asked);
            if matches!(command, Command::AdoptRoll { .. }) {
                state.upload = None;
            }
        }
        CommandReply::Codes { slips, page } => {
            (state.slips, state.slips_page) = (slips, page);
            state.said = Some(Said::CodesMade);
            effects.push(Effect::FocusHeading);
        }
        CommandReply::Invited {
            token,
            expires_at_ms,
        } => state.dialog = Some(Dialog::Invited(token, expires_at_ms)),
        CommandReply::Done => effects.extend(settled(state, command)),
    }
    if is_listed
        || !effects
            .iter()
            .any(|effect| matches!(effect, Effect::Navigate(_)))
    {
        effects.extend(state.ask());
    }
    effects
}

/// What a command that is done says and leads to.
fn settled(state: &mut State, command: &Command) -> Vec<Effect> {
    let (said, next) = match command {
        Command::CreateTopic { topic } | Command::UpdateTopic { topic } => {
            state.editor = None;
            (Said::Saved, Some(Route::Poll(topic.id.clone())))
        }
        Command::DeleteTopic { .. } => (Said::Deleted, Some(Route::Polls)),
        Command::OpenPoll { .. } => (Said::Published, None),
        Command::ExtendPoll { .. } => (Said::Extended, None),
        Command::Decide { decision, .. } => match decision {
            Decision::Approve => (Said::Approved, None),
            Decision::Reject => (Said::Rejected, None),
        },
        Command::Withdraw { .. } => (Said::Withdrawn, None),
        Command::RevokeInvitation { .. } => (Said::Revoked, None),
        Command::SetPosts { .. } => (Said::PostsSet, None),
        Command::EndSession { .. } => (Said::Ended, None),
        // A repeated command: what it made was shown the first time, or is lost.
        Command::MakeCodes { .. } | Command::Invite { .. } => (Said::ShownOnce, None),
        Command::ClosePoll { .. } | Command::AdoptRoll { .. } | Command::ResetFactor { .. } => {
            (Said::Approved, None)
        }
        Command::AddAttachment { .. } => (Said::Attached, None),
        Command::RemoveAttachment { .. } => (Said::Detached, None),
        Command::PutPlace { .. } => (Said::PlacePut, None),
        Command::ClosePlace { .. } => (Said::PlaceClosed, None),
    };
    state.said = Some(said);
    next.map(Effect::Navigate).into_iter().collect()
}

/// Whether this action is the answer to something that is being done.
pub(super) fn is_busy(state: &State) -> bool {
    state.doing.as_ref().is_some_and(|doing| doing.busy)
}

/// Leaves what is being written only where nothing would be lost.
pub(super) fn may_leave(state: &State, action: &Action) -> bool {
    let Action::Went(route) = action else {
        return true;
    };
    let stays = matches!(route, Route::NewPoll | Route::EditPoll(_));
    let written = state.editor.as_ref().is_some_and(|editor| editor.touched);
    stays || !written || state.seat().is_none()
}
