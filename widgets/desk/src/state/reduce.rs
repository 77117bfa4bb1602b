//! What every action does to the state.

use super::{
    Action, Browse, Dialog, Effect, Env, Field, Gate, Line, Pick, PostDraft, Said, Slots, State,
    Upload, gate, work,
};
use crate::editor::Editor;
use crate::route::Route;
use linli_model::desk::{PollState, Role};
use linli_port::desk::{Answer, DeskError, News, Question};

/// Applies `action`; returns what the world is asked to do, in order.
pub fn reduce(state: &mut State, action: Action, env: &Env) -> Vec<Effect> {
    state.now_ms = env.now_ms + state.ahead_ms;
    if !work::may_leave(state, &action) {
        let Action::Went(route) = action else {
            return Vec::new();
        };
        // The address goes back to what is being written until the person has decided.
        let here = state.route.clone();
        state.dialog = Some(Dialog::Leave(route));
        return vec![Effect::Navigate(here)];
    }
    match gate::reduce(state, action) {
        Ok(effects) => effects,
        Err(action) => inside(state, *action, env),
    }
}

fn inside(state: &mut State, action: Action, env: &Env) -> Vec<Effect> {
    match action {
        Action::Answered(question, answer) => answered(state, question, answer, env),
        Action::Replied(key, reply) => work::replied(state, &key, reply),
        Action::Previewed(answer) => {
            if let Some(upload) = &mut state.upload {
                upload.busy = false;
                match answer {
                    Ok(preview) => upload.preview = Some(Box::new(preview)),
                    Err(error) => upload.problem = Some(error),
                }
            }
            Vec::new()
        }
        Action::Exported(answer) => exported(state, answer),
        Action::FilledIn(key, told) => super::fill::told(state, &key, told),
        Action::Attached(key, told) => super::attach::told(state, &key, told),
        Action::AttachAsked => super::attach::send(state, env),
        Action::RequestSettled(key, settled) => work::request_settled(state, &key, settled),
        Action::Fill(act) => super::fill::reduce(state, act, env),
        Action::Heard(news) => heard(state, news),
        Action::Copied(copied) => {
            state.said = Some(if copied {
                Said::Copied
            } else {
                Said::NotCopied
            });
            Vec::new()
        }
        Action::Ticked => Vec::new(),
        Action::Went(route) => went(state, route, env),
        Action::Typed(field, text) => typed(state, field, text),
        Action::Picked(pick) => picked(state, pick),
        Action::RetryAsked => retry(state),
        Action::Opened(dialog) => work::opened(state, dialog, env),
        Action::Dismissed => work::dismissed(state),
        Action::ConfirmAsked if work::is_busy(state) => Vec::new(),
        Action::ConfirmAsked => work::confirmed(state, env),
        Action::SaveAsked => work::save(state, env),
        Action::SearchAsked => {
            state.browse = Browse {
                search: state.browse.typed.trim().to_owned(),
                typed: state.browse.typed.clone(),
                place: state.browse.place.clone(),
                pages: Vec::new(),
            };
            state.ask()
        }
        Action::MoreAsked(before) => {
            if state.browse.pages.is_empty() {
                state.browse.pages.push(None);
            }
            state.browse.pages.push(Some(before));
            state.ask()
        }
        Action::FileChosen(file) => chosen(state, file),
        Action::UploadDropped => {
            if let Some(upload) = &mut state.upload {
                (upload.preview, upload.problem) = (None, None);
            }
            Vec::new()
        }
        Action::SlipsPutAway => {
            state.slips.clear();
            state.said = None;
            vec![Effect::FocusHeading]
        }
        Action::PrintAsked => vec![Effect::Print],
        Action::CopyAsked(text) => vec![Effect::Copy(text)],
        Action::KeepAsked(file) => vec![Effect::SaveFile(file)],
        Action::ExportAsked(export) => match state.seat() {
            Some(seat) => {
                let effect = Effect::Export(seat.token.clone(), export);
                state.exporting = Some(None);
                vec![effect]
            }
            None => Vec::new(),
        },
        Action::SaidRead => {
            state.said = None;
            Vec::new()
        }
        Action::FocusAsked(id) => vec![Effect::Focus(id)],
        // The gate's own.
        Action::Resumed(_)
        | Action::SignedIn(_)
        | Action::InvitationRead(_)
        | Action::Accepted(_)
        | Action::Confirmed(_)
        | Action::Entered
        | Action::SavedTicked(_)
        | Action::SignOutAsked => Vec::new(),
    }
}

fn answered(
    state: &mut State,
    question: Question,
    answer: Result<Answer, DeskError>,
    env: &Env,
) -> Vec<Effect> {
    if state.seat().is_none() {
        return Vec::new();
    }
    if let Err(error) = &answer
        && let Some(effects) = gate::leave_if_signed_out(state, error)
    {
        return effects;
    }
    if let Ok(Answer::Home(home)) = &answer {
        state.ahead_ms = home.now_ms - env.now_ms;
        state.now_ms = home.now_ms;
    }
    let again = state.slots.end(&question, answer);
    if let Route::EditPoll(topic) = &state.route
        && state.editor.is_none()
        && let Some(view) = state.slots.poll(topic)
        && view.state == PollState::Draft
    {
        state.editor = Some(Editor::of(view));
    }
    if again && state.needs().contains(&question) {
        return state.ask_one(question);
    }
    Vec::new()
}

fn exported(
    state: &mut State,
    answer: Result<linli_port::desk::FileBytes, DeskError>,
) -> Vec<Effect> {
    match answer {
        Ok(file) => {
            state.exporting = None;
            state.said = Some(Said::Exported);
            vec![Effect::SaveFile(file)]
        }
        Err(error) => {
            if let Some(effects) = gate::leave_if_signed_out(state, &error) {
                return effects;
            }
            state.exporting = Some(Some(error));
            Vec::new()
        }
    }
}

fn heard(state: &mut State, news: News) -> Vec<Effect> {
    if state.seat().is_none() {
        return Vec::new();
    }
    match news {
        News::Connected => {
            let was_lost = std::mem::replace(&mut state.line, Line::Open) == Line::Lost;
            // The first connection follows the first questions at once.
            if was_lost { state.ask() } else { Vec::new() }
        }
        News::Changed(event) => {
            let needs = state.needs();
            let due = needs
                .into_iter()
                .filter(|need| Slots::concerns(&event, need));
            let due: Vec<Question> = due.collect();
            due.into_iter()
                .flat_map(|need| state.ask_one(need))
                .collect()
        }
        News::Lost => {
            state.line = Line::Lost;
            Vec::new()
        }
        News::SignedOut => gate::leave(state, true),
    }
}

fn went(state: &mut State, route: Route, env: &Env) -> Vec<Effect> {
    if route == state.route && state.seat().is_some() {
        return Vec::new();
    }
    // What was said about a draft leads here; anything else belongs to the screen before.
    let leads_here = |said: &Said| matches!(said, Said::Saved | Said::Deleted);
    state.said = state.said.filter(leads_here);
    if let Some(place) = read_at(state, &route) {
        state.browse = Browse {
            place,
            ..Browse::default()
        };
    }
    let from = std::mem::replace(&mut state.route, route);
    super::attach::went(state, &from);
    state.slips.clear();
    (state.dialog, state.doing, state.exporting) = (None, None, None);
    super::fill::went(state);
    if state.seat().is_none() {
        return Vec::new();
    }
    match &state.route {
        Route::NewPoll => {
            let is_new = state
                .editor
                .as_ref()
                .is_some_and(|editor| editor.topic.is_none());
            if !is_new {
                state.editor = Some(Editor::blank(state.now_ms, state.zone(), &env.chance));
            }
        }
        Route::EditPoll(topic) => {
            let is_it = |editor: &Editor| editor.topic.as_ref() == Some(topic);
            if !state.editor.as_ref().is_some_and(is_it) {
                state.editor = state
                    .slots
                    .poll(topic)
                    .filter(|view| view.state == PollState::Draft)
                    .map(Editor::of);
            }
        }
        _ => state.editor = None,
    }
    let mut effects = state.ask();
    effects.push(Effect::FocusHeading);
    effects
}

/// Where a roll that is opened or left begins to be read: everywhere, or where this
/// person may. Nothing where no roll is concerned.
fn read_at(state: &State, route: &Route) -> Option<String> {
    match (route, &state.route) {
        (Route::Roll(_), _) => {}
        (_, Route::Roll(_)) => return Some(String::new()),
        _ => return None,
    }
    let posts = &state.seat()?.staff.posts;
    let mut reading = posts.iter().filter(|post| {
        linli_rules::desk::brings(post.role).contains(&linli_model::desk::Permission::Rolls)
    });
    let everywhere = reading.clone().any(|post| post.place.is_none());
    let place = reading.next().and_then(|post| post.place.as_ref());
    let place = place.filter(|_| !everywhere);
    Some(place.map_or_else(String::new, ToString::to_string))
}

fn retry(state: &mut State) -> Vec<Effect> {
    match &state.gate {
        Gate::ResumeFailed(token, _) => {
            let token = token.clone();
            state.gate = Gate::Resuming(token.clone());
            vec![Effect::Resume(token)]
        }
        _ => state.ask(),
    }
}

fn chosen(state: &mut State, file: linli_port::desk::FileBytes) -> Vec<Effect> {
    if super::attach::chosen(state, &file) {
        return Vec::new();
    }
    let Some(token) = state.seat().map(|seat| seat.token.clone()) else {
        return Vec::new();
    };
    let kind = state
        .upload
        .as_ref()
        .map_or(linli_model::desk::RollKind::Households, |upload| {
            upload.kind
        });
    state.upload = Some(Upload {
        kind,
        busy: true,
        preview: None,
        problem: None,
    });
    vec![Effect::Preview(token, kind, file)]
}

fn typed(state: &mut State, field: Field, text: String) -> Vec<Effect> {
    match (&field, &mut state.gate) {
        (Field::Login, Gate::Out(form)) => form.login = text,
        (Field::Password, Gate::Out(form)) => form.password = text,
        (Field::Code, Gate::Out(form)) => form.code = text,
        (Field::Login, Gate::Joining(join)) => join.login = text,
        (Field::Password, Gate::Joining(join)) => join.password = text,
        (Field::Code, Gate::Joining(join)) => join.code = text,
        (Field::Reason, _) => {
            state.reason = text;
            state.reason_due = false;
        }
        (Field::Search, _) => state.browse.typed = text,
        (Field::FillSearch | Field::Consenter | Field::Relation | Field::ConsentedAt, _) => {
            super::fill::typed(state, &field, text);
        }
        (Field::AttachmentAlt, _) => super::attach::typed(state, text),
        (Field::RollPlace, _) => {
            state.browse.place = text;
            state.browse.pages.clear();
            return state.ask();
        }
        (
            Field::ClosesAt
            | Field::InviteName
            | Field::PostPlace(_)
            | Field::CodesPlace
            | Field::CodesTopic
            | Field::PlaceName
            | Field::PlaceParent,
            _,
        ) => {
            typed_in_dialog(state, &field, text);
        }
        _ => typed_in_editor(state, &field, text),
    }
    Vec::new()
}

fn typed_in_dialog(state: &mut State, field: &Field, text: String) {
    match (field, &mut state.dialog) {
        (Field::ClosesAt, Some(Dialog::Extend(_, closes_at))) => *closes_at = text,
        (Field::InviteName, Some(Dialog::Invite(name, _))) => *name = text,
        (Field::CodesPlace, Some(Dialog::Codes { place, .. })) => *place = text,
        (Field::PlaceName, Some(Dialog::Place { name, .. })) => *name = text,
        (Field::PlaceParent, Some(Dialog::Place { parent, .. })) => *parent = text,
        (Field::CodesTopic, Some(Dialog::Codes { topic, .. })) => *topic = text,
        (Field::PostPlace(index), Some(Dialog::Invite(_, posts) | Dialog::Posts(_, posts))) => {
            if let Some(post) = posts.get_mut(*index) {
                post.place = text;
            }
        }
        _ => {}
    }
}

fn typed_in_editor(state: &mut State, field: &Field, text: String) {
    let Some(editor) = &mut state.editor else {
        return;
    };
    let place = match field {
        Field::TopicId => &mut editor.id,
        Field::Title => &mut editor.title,
        Field::Summary => &mut editor.summary,
        Field::Basis => &mut editor.basis,
        Field::Place => &mut editor.place,
        Field::Min => &mut editor.min,
        Field::Max => &mut editor.max,
        Field::OpensAt => &mut editor.opens_at,
        Field::PollClosesAt => &mut editor.closes_at,
        Field::Participation => &mut editor.rule.participation,
        Field::Approval => &mut editor.rule.approval,
        Field::Matter => &mut editor.rule.matter,
        Field::Article => &mut editor.rule.article,
        Field::InForceFrom => &mut editor.rule.in_force_from,
        Field::OptionText(index) | Field::OptionDetail(index) => {
            let Some(option) = editor.options.get_mut(*index) else {
                return;
            };
            match field {
                Field::OptionText(_) => &mut option.text,
                _ => &mut option.detail,
            }
        }
        _ => return,
    };
    *place = text;
    editor.touched = true;
}

fn picked(state: &mut State, pick: Pick) -> Vec<Effect> {
    match pick {
        Pick::Filter(filter) => state.filter = filter,
        Pick::RollKind(kind) => {
            state.upload = Some(Upload {
                kind,
                busy: false,
                preview: None,
                problem: None,
            });
        }
        Pick::Elder(elder) => return taste(state, |tastes| tastes.elder = elder),
        Pick::Theme(theme) => return taste(state, |tastes| tastes.theme = theme),
        Pick::Keys(keys) => return taste(state, |tastes| tastes.keys = keys),
        Pick::FillChoice(_) | Pick::Manner(_) => super::fill::picked(state, pick),
        Pick::AddPost
        | Pick::RemovePost(_)
        | Pick::Role(..)
        | Pick::Renew(_)
        | Pick::LeaveOut(_) => picked_in_dialog(state, &pick),
        pick => return picked_in_editor(state, pick),
    }
    Vec::new()
}

fn taste(state: &mut State, change: impl FnOnce(&mut super::Tastes)) -> Vec<Effect> {
    change(&mut state.tastes);
    vec![Effect::KeepTastes(state.tastes)]
}

fn picked_in_dialog(state: &mut State, pick: &Pick) {
    match &mut state.dialog {
        Some(Dialog::Invite(_, posts) | Dialog::Posts(_, posts)) => match pick {
            Pick::AddPost => posts.push(PostDraft {
                role: Role::Moderator,
                place: String::new(),
            }),
            Pick::RemovePost(index) if *index < posts.len() => {
                posts.remove(*index);
            }
            Pick::Role(index, role) => {
                if let Some(post) = posts.get_mut(*index) {
                    post.role = *role;
                }
            }
            _ => {}
        },
        Some(Dialog::Codes { renew, .. }) => {
            if let Pick::Renew(on) = pick {
                *renew = *on;
            }
        }
        Some(Dialog::Adopt { leave_out }) => {
            if let Pick::LeaveOut(on) = pick {
                *leave_out = *on;
            }
        }
        _ => {}
    }
}

fn picked_in_editor(state: &mut State, pick: Pick) -> Vec<Effect> {
    let Some(editor) = &mut state.editor else {
        return Vec::new();
    };
    editor.touched = true;
    let mut focus = None;
    match pick {
        Pick::Kind(kind) => editor.kind = kind,
        Pick::Nature(nature) => editor.nature = nature,
        Pick::Electorate(electorate) => {
            use linli_model::Electorate;
            editor.electorate = electorate;
            let fitting = linli_rules::draft::credentials(electorate);
            // A show of hands asks nobody who they are; a roll is asked for the most.
            let usual = match electorate {
                Electorate::Devices | Electorate::Persons | Electorate::Members => fitting.first(),
                _ => fitting.last(),
            };
            if let Some(usual) = usual {
                editor.credential = *usual;
            }
        }
        Pick::Method(method) => editor.rule.method = method,
        Pick::Base(base) => editor.rule.base = base,
        Pick::Credential(credential) => editor.credential = credential,
        Pick::Work(on) => editor.work_bits = on.then_some(linli_rules::work::BITS_PROPOSED),
        Pick::Secrecy(secrecy) => editor.secrecy = secrecy,
        Pick::Changes(changes) => editor.changes = changes,
        Pick::Results(results) => editor.results = results,
        Pick::AddOption => {
            editor.add_option();
            focus = editor.options.len().checked_sub(1).map(option_field);
        }
        Pick::RemoveOption(index) => {
            editor.remove_option(index);
            focus = Some(option_field(
                index.min(editor.options.len().saturating_sub(1)),
            ));
        }
        Pick::MoveOption { index, up } => {
            let now = editor.move_option(index, up);
            let word = if up { "up" } else { "down" };
            focus = Some(format!("{word}-{now}"));
        }
        _ => {}
    }
    focus.map(Effect::Focus).into_iter().collect()
}

fn option_field(index: usize) -> String {
    work::field_id(&format!("poll.options.{index}.text"))
}
