//! Coming in and going out: signing in, accepting an invitation, a session's end.

use super::{Action, Dialog, Effect, Gate, JoinStep, Line, Seat, SignInForm, State, is_signed_out};
use crate::route::Route;
use linli_model::GrantToken;
use linli_model::desk::{
    AcceptInvitation, ConfirmEnrolment, DeskRefusal, Enrolled, Session, SignIn, StaffSelf,
};
use linli_port::desk::DeskError;

/// Applies what concerns the gate; gives back what does not.
pub(super) fn reduce(state: &mut State, action: Action) -> Result<Vec<Effect>, Box<Action>> {
    Ok(match action {
        Action::Resumed(answer) => resumed(state, answer),
        Action::SignedIn(answer) => signed_in(state, answer),
        Action::InvitationRead(_) | Action::Accepted(_) | Action::Confirmed(_) => {
            joined(state, action)
        }
        Action::Entered => entered(state),
        Action::SavedTicked(ticked) => {
            if let Gate::Joining(join) = &mut state.gate
                && let JoinStep::Saving { saved, .. } = &mut join.step
            {
                *saved = ticked;
            }
            Vec::new()
        }
        Action::SignOutAsked => {
            let Gate::In(seat) = &state.gate else {
                return Ok(Vec::new());
            };
            let effect = Effect::SignOut(seat.token.clone());
            let mut effects = vec![effect];
            state.last = None;
            effects.extend(leave(state, false));
            // Whoever comes next begins with their own day.
            effects.push(Effect::Navigate(Route::Home));
            effects
        }
        other => return Err(Box::new(other)),
    })
}

fn resumed(state: &mut State, answer: Result<StaffSelf, DeskError>) -> Vec<Effect> {
    let token = match &state.gate {
        Gate::Resuming(token) | Gate::ResumeFailed(token, _) => token.clone(),
        _ => return Vec::new(),
    };
    match answer {
        Ok(staff) => sit(state, token, staff),
        Err(error @ (DeskError::Unreachable | DeskError::Fault { .. })) => {
            state.gate = Gate::ResumeFailed(token, error);
            Vec::new()
        }
        Err(DeskError::Refused(_) | DeskError::RollRefused(_)) => leave(state, true),
    }
}

fn signed_in(state: &mut State, answer: Result<Session, DeskError>) -> Vec<Effect> {
    match answer {
        Ok(session) => {
            let mut effects = vec![Effect::KeepToken(Some(session.token.clone()))];
            effects.extend(sit(state, session.token, session.staff));
            effects
        }
        Err(error) => {
            if let Gate::Out(form) = &mut state.gate {
                form.busy = false;
                // A code works once: it has to be typed again in any case.
                form.code.clear();
                form.problem = Some(error);
            }
            Vec::new()
        }
    }
}

/// Somebody sits down. What the last person was writing is shown to nobody else.
fn sit(state: &mut State, token: GrantToken, staff: StaffSelf) -> Vec<Effect> {
    if state.last.as_ref().is_some_and(|last| *last != staff.id) {
        state.editor = None;
    }
    state.last = Some(staff.id.clone());
    state.slots.clear();
    let listen = Effect::Listen(token.clone());
    state.gate = Gate::In(Box::new(Seat { token, staff }));
    let mut effects = vec![listen];
    effects.extend(state.ask());
    effects.push(Effect::FocusHeading);
    effects
}

/// Nobody sits here any more. `ended`: by itself, and the person is told.
pub(super) fn leave(state: &mut State, ended: bool) -> Vec<Effect> {
    let login = state
        .seat()
        .map_or_else(String::new, |seat| seat.staff.login.clone());
    state.gate = Gate::Out(SignInForm {
        login: if ended { login } else { String::new() },
        ended,
        ..SignInForm::default()
    });
    if !ended {
        state.editor = None;
    }
    state.slots.clear();
    state.slips.clear();
    state.fill = None;
    state.attach = super::Attach::default();
    (state.dialog, state.doing, state.upload) = (None, None, None);
    (state.said, state.line) = (None, Line::Quiet);
    state.reason.clear();
    state.browse = super::Browse::default();
    vec![
        Effect::StopListening,
        Effect::KeepToken(None),
        Effect::FocusHeading,
    ]
}

/// Leaves where `error` says that nobody is signed in.
pub(super) fn leave_if_signed_out(state: &mut State, error: &DeskError) -> Option<Vec<Effect>> {
    is_signed_out(error).then(|| leave(state, true))
}

fn joined(state: &mut State, action: Action) -> Vec<Effect> {
    let Gate::Joining(join) = &mut state.gate else {
        return Vec::new();
    };
    join.busy = false;
    join.problem = None;
    let (problem, effects) = match action {
        Action::InvitationRead(Ok(invitation)) => {
            join.invitation = Some(invitation);
            (None, vec![Effect::FocusHeading])
        }
        Action::Accepted(Ok(enrolment)) => {
            join.step = JoinStep::Enrolling(Box::new(enrolment));
            join.code.clear();
            (None, vec![Effect::FocusHeading])
        }
        Action::Confirmed(Ok(enrolled)) => {
            join.password.clear();
            join.step = JoinStep::Saving {
                enrolled: Box::new(enrolled),
                saved: false,
            };
            (None, vec![Effect::FocusHeading])
        }
        Action::InvitationRead(Err(error))
        | Action::Accepted(Err(error))
        | Action::Confirmed(Err(error)) => {
            join.code.clear();
            (Some(error), Vec::new())
        }
        _ => (None, Vec::new()),
    };
    join.problem = problem;
    effects
}

/// The one form of the gate was submitted.
fn entered(state: &mut State) -> Vec<Effect> {
    match &mut state.gate {
        Gate::Out(form) if !form.busy => {
            (form.busy, form.problem, form.ended) = (true, None, false);
            vec![Effect::SignIn(SignIn {
                login: form.login.trim().to_owned(),
                password: form.password.clone(),
                code: form.code.trim().to_owned(),
            })]
        }
        Gate::Joining(join) if !join.busy => {
            (join.busy, join.problem) = (true, None);
            let token = join.token.clone();
            match &join.step {
                JoinStep::Choosing if join.invitation.is_none() => {
                    vec![Effect::ReadInvitation(token)]
                }
                JoinStep::Choosing => {
                    let body = AcceptInvitation {
                        login: join.login.trim().to_owned(),
                        password: join.password.clone(),
                    };
                    vec![Effect::Accept(token, body)]
                }
                JoinStep::Enrolling(_) => {
                    let body = ConfirmEnrolment {
                        password: join.password.clone(),
                        code: join.code.trim().to_owned(),
                    };
                    vec![Effect::Confirm(token, body)]
                }
                JoinStep::Saving { enrolled, saved } => {
                    join.busy = false;
                    if !saved {
                        return Vec::new();
                    }
                    let Enrolled { session, .. } = (**enrolled).clone();
                    let mut effects = vec![
                        Effect::KeepToken(Some(session.token.clone())),
                        Effect::LeaveInvitation,
                    ];
                    effects.extend(sit(state, session.token, session.staff));
                    effects
                }
            }
        }
        _ => Vec::new(),
    }
}

/// Whether an invitation cannot be used at all.
pub(crate) fn is_dead(problem: Option<&DeskError>) -> bool {
    let dead = DeskError::Refused(DeskRefusal::InvitationInvalid);
    problem.is_some_and(|problem| *problem == dead)
}

/// A dialog that only tells something.
pub(super) fn only_tells(dialog: &Dialog) -> bool {
    matches!(dialog, Dialog::Keys | Dialog::Invited(..))
}
