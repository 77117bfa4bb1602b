//! A file that a topic is to be shown with: chosen, described, sent.

use super::{Effect, Env, Said, State, gate};
use crate::route::Route;
use linli_model::IdempotencyKey;
use linli_model::TopicId;
use linli_model::desk::attachment::alt_fault;
use linli_model::desk::{Attachment, DeskRefusal};
use linli_port::desk::{DeskError, FileBytes};

/// The element id of the field for the file.
pub(crate) const FILE_ID: &str = "f-attachment-file";
/// The element id of the field for its text alternative.
pub(crate) const ALT_ID: &str = "f-attachment-alt";

/// A file on its way to a topic.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attach {
    /// What was chosen.
    pub file: Option<FileBytes>,
    /// What it shows, as typed.
    pub alt: String,
    /// An answer is awaited.
    pub busy: bool,
    /// Kept while the fate of what was sent is not known.
    pub key: Option<IdempotencyKey>,
    /// Why it was not added, or that it is not known.
    pub problem: Option<DeskError>,
}

/// Takes the file; false where the screen is not about a topic.
pub(super) fn chosen(state: &mut State, file: &FileBytes) -> bool {
    if !matches!(state.route, Route::Poll(_)) {
        return false;
    }
    let attach = &mut state.attach;
    if !attach.busy {
        (attach.file, attach.key, attach.problem) = (Some(file.clone()), None, None);
        state.said = None;
    }
    true
}

pub(super) fn typed(state: &mut State, text: String) {
    if !state.attach.busy {
        (state.attach.alt, state.attach.key) = (text, None);
    }
}

/// Sends it, or says what is missing. One whose fate is not known keeps its key.
pub(super) fn send(state: &mut State, env: &Env) -> Vec<Effect> {
    let token = state.seat().map(|seat| seat.token.clone());
    let (Some(token), Route::Poll(topic)) = (token, state.route.clone()) else {
        return Vec::new();
    };
    let attach = &mut state.attach;
    if attach.busy {
        return Vec::new();
    }
    let Some(file) = attach.file.clone() else {
        return missing(attach, "file", "empty", FILE_ID);
    };
    if let Some(fault) = alt_fault(&attach.alt) {
        return missing(attach, "alt", fault, ALT_ID);
    }
    let key = attach
        .key
        .get_or_insert_with(|| IdempotencyKey::from_bytes(env.chance))
        .clone();
    (attach.busy, attach.problem) = (true, None);
    state.said = None;
    let alt = attach.alt.trim().to_owned();
    vec![Effect::Attach(token, key, topic, alt, file)]
}

fn missing(attach: &mut Attach, path: &str, fault: &str, field: &str) -> Vec<Effect> {
    attach.problem = Some(DeskError::Refused(DeskRefusal::Invalid {
        path: path.to_owned(),
        fault: fault.to_owned(),
    }));
    vec![Effect::Focus(field.to_owned())]
}

pub(super) fn told(
    state: &mut State,
    key: &IdempotencyKey,
    told: Result<Attachment, DeskError>,
) -> Vec<Effect> {
    if let Err(error) = &told
        && let Some(effects) = gate::leave_if_signed_out(state, error)
    {
        return effects;
    }
    if state.attach.key.as_ref() != Some(key) {
        return state.ask();
    }
    state.attach.busy = false;
    match told {
        Ok(_) => {
            state.attach = Attach::default();
            state.said = Some(Said::Attached);
        }
        Err(error) => {
            if matches!(error, DeskError::Refused(_)) {
                state.attach.key = None;
            }
            state.attach.problem = Some(error);
        }
    }
    state.ask()
}

/// What was chosen for one topic is not for another.
pub(super) fn went(state: &mut State, from: &Route) {
    let topic = |route: &Route| -> Option<TopicId> {
        match route {
            Route::Poll(topic) => Some(topic.clone()),
            _ => None,
        }
    };
    if topic(from) != topic(&state.route) {
        state.attach = Attach::default();
    }
}
