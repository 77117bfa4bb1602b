//! Filling in: beginning, answering, turning pages, looking over, and back.

use super::draw::is_same;
use super::form::{Beginning, COMMENT_FIELD, Form, Origin, Step};
use super::{Action, Ask, Card, Draft, Effect, Env, Item, Stage, State};
use linli_model::{Choice, Phase};
use linli_rules::survey::{Clock, Program};
use serde_json::Value as Json;
use std::sync::Arc;

/// What going on leads to.
pub(super) enum Next {
    /// Something to look at.
    Shown(Vec<Effect>),
    /// The answers are ready to be sent.
    Ready,
}

/// Begins, or goes on with the draft.
pub(super) fn start(state: &mut State, env: &Env) -> Vec<Effect> {
    let is_open = state
        .survey()
        .is_some_and(|survey| survey.view.phase == Phase::Open);
    let (Some(program), Some(version)) = (state.program.clone(), state.version()) else {
        return Vec::new();
    };
    if !is_open {
        return Vec::new();
    }
    let version = version.to_owned();
    let form = match state.draft.take() {
        Some(draft) => resume(state, &draft, (program, &version), env),
        None => {
            // 32 bits: in a browser, JSON's numbers are doubles.
            let [a, b, c, d, ..] = env.chance[0];
            let seed = i64::from(u32::from_le_bytes([a, b, c, d]));
            Form::fresh(
                beginning(state, program, &version, seed, env),
                &state.profile,
            )
        }
    };
    let Some(form) = form else {
        return Vec::new();
    };
    state.is_changing = form.is_changing;
    state.form = Some(form);
    state.stage = Stage::Filling;
    vec![Effect::FocusHeading]
}

/// On the definition that the draft was begun with, where it is still here: the backend
/// takes answers to it. Else what fits of the draft.
fn resume(
    state: &State,
    draft: &Draft,
    (program, version): (Arc<Program>, &str),
    env: &Env,
) -> Option<Form> {
    let going_on = |program, version, origin| {
        let beginning = beginning(state, program, version, draft.seed, env);
        Form::resumed(beginning, draft, origin)
    };
    if draft.version == version {
        return going_on(program, version, Origin::Resumed);
    }
    let kept = state.kept.as_ref();
    let old = kept.filter(|(version, _)| *version == draft.version);
    match old.and_then(|(_, definition)| Form::program(definition)) {
        Some(old) => going_on(old, &draft.version, Origin::ResumedOld),
        None => going_on(program, version, Origin::Carried),
    }
}

fn beginning<'a>(
    state: &'a State,
    program: Arc<Program>,
    version: &'a str,
    seed: i64,
    env: &Env,
) -> Beginning<'a> {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds fit in 53 bits")]
    let now_ms = env.now_ms as f64;
    Beginning {
        program,
        version,
        locale: &state.locale,
        clock: Clock {
            now_ms,
            ahead_of_utc_minutes: env.ahead_of_utc_minutes,
        },
        seed,
        patterns: env.patterns,
        texts: &state.texts,
    }
}

/// Takes an answer, a text, or what is being typed.
pub(super) fn answered(state: &mut State, action: Action, env: &Env) -> Vec<Effect> {
    let texts = state.texts.clone();
    let Some(form) = state.form.as_mut() else {
        return Vec::new();
    };
    let (question, value) = match action {
        Action::Typed {
            question,
            field,
            text,
        } => {
            // Not an answer before the field is left: nothing is drawn again under the
            // person's fingers.
            form.typing(question, field, text);
            return keep(state);
        }
        Action::Wrote {
            question,
            field,
            text,
        } => {
            wrote(form, question, field, &text, env);
            form.draw(&texts);
            return keep(state);
        }
        Action::Picked {
            question,
            row,
            item,
        } => (
            question,
            form.card(question)
                .and_then(|card| picked(&card, row, item)),
        ),
        Action::Moved { question, from, to } => (
            question,
            form.card(question).and_then(|card| moved(&card, from, to)),
        ),
        Action::Cleared(question) => (question, Some(Json::Null)),
        Action::RowAdded(question) => {
            if let Some(card) = form.card(question) {
                commit_typed(form, env);
                form.add(&card);
                form.draw(&texts);
            }
            return keep(state);
        }
        Action::RowRemoved { question, index } => {
            if let Some(card) = form.card(question) {
                commit_typed(form, env);
                form.remove(&card, index);
                form.draw(&texts);
            }
            return keep(state);
        }
        _ => return Vec::new(),
    };
    let (Some(card), Some(value)) = (form.card(question), value) else {
        return Vec::new();
    };
    if card.is_read_only {
        return Vec::new();
    }
    commit_typed(form, env);
    form.answer(&card, &value);
    form.look_again(&card, env.patterns);
    form.draw(&texts);
    let is_one_tap = matches!(card.ask, Ask::One(_) | Ask::Rating(_) | Ask::Matrix(_));
    if is_one_tap
        && form.advances()
        && let Next::Shown(mut effects) = next(state, env)
    {
        effects.extend(keep(state));
        return effects;
    }
    keep(state)
}

fn wrote(form: &mut Form, question: u32, field: usize, text: &str, env: &Env) {
    let Some(card) = form.card(question).filter(|card| !card.is_read_only) else {
        return;
    };
    match field {
        COMMENT_FIELD => form.comment(&card, text),
        _ if text.is_empty() => form.answer(&card, &Json::Null),
        _ => form.answer(&card, &Json::from(text)),
    }
    form.look_again(&card, env.patterns);
}

/// What is in a field that the person has not left counts.
fn commit_typed(form: &mut Form, env: &Env) {
    if let Some((question, field, text)) = form.take_typed() {
        wrote(form, question, field, &text, env);
    }
}

/// What an answer becomes when an item is tapped.
fn picked(card: &Card, row: usize, item: usize) -> Option<Json> {
    match &card.ask {
        Ask::One(pick) => Some(pick.items.get(item)?.value.clone()),
        Ask::Rating(scale) => Some(scale.items.get(item)?.value.clone()),
        Ask::Many(pick) => {
            let tapped = pick.items.get(item)?;
            let chosen = |item: &&Item| !item.is_all && item.is_on;
            if tapped.is_all {
                let is_off = !tapped.is_on;
                let all = pick.items.iter().filter(|item| is_off && item.is_plain);
                return Some(all.map(|item| item.value.clone()).collect());
            }
            let is_full = pick.max > 0 && pick.items.iter().filter(chosen).count() >= pick.max;
            if is_full && !tapped.is_on && tapped.is_plain {
                return None;
            }
            let others = pick.items.iter().filter(chosen);
            let others = others.filter(|one| !is_same(&one.value, &tapped.value));
            let mut list: Vec<Json> = others.map(|one| one.value.clone()).collect();
            if !tapped.is_on {
                list.push(tapped.value.clone());
            }
            Some(Json::from(list))
        }
        Ask::Matrix(matrix) => {
            let mut map = serde_json::Map::new();
            for (at, one) in matrix.rows.iter().enumerate() {
                let chosen = if at == row { Some(item) } else { one.chosen };
                if let Some(column) = chosen.and_then(|at| matrix.columns.get(at)) {
                    map.insert(one.key.clone(), column.value.clone());
                }
            }
            Some(Json::from(map))
        }
        _ => None,
    }
}

fn moved(card: &Card, from: usize, to: usize) -> Option<Json> {
    let Ask::Rank(pick) = &card.ask else {
        return None;
    };
    let mut values: Vec<Json> = pick.items.iter().map(|item| item.value.clone()).collect();
    if from >= values.len() || to >= values.len() {
        return None;
    }
    let value = values.remove(from);
    values.insert(to, value);
    Some(Json::from(values))
}

/// Keeps the draft, the first time with its definition: it may be corrected meanwhile.
fn keep(state: &mut State) -> Vec<Effect> {
    let mut effects = vec![Effect::SaveDraft];
    let Some(version) = state.form.as_ref().map(|form| form.version.clone()) else {
        return effects;
    };
    let is_kept = state
        .kept
        .as_ref()
        .is_some_and(|(kept, _)| *kept == version);
    if let Some(survey) = state.survey().filter(|_| !is_kept)
        && state.version() == Some(version.as_str())
    {
        state.kept = Some((version, survey.definition.clone()));
        effects.push(Effect::SaveDefinition);
    }
    effects
}

/// The next page, the review, or ready to be sent.
pub(super) fn next(state: &mut State, env: &Env) -> Next {
    let texts = state.texts.clone();
    let Some(form) = state
        .form
        .as_mut()
        .filter(|_| matches!(state.stage, Stage::Filling | Stage::Review))
    else {
        return Next::Shown(Vec::new());
    };
    commit_typed(form, env);
    let step = form.next(env.patterns);
    form.draw(&texts);
    match step {
        Step::Moved => Next::Shown(vec![Effect::SaveDraft, Effect::FocusHeading]),
        Step::Faulty(question) => {
            state.stage = Stage::Filling;
            Next::Shown(vec![Effect::SaveDraft, Effect::FocusQuestion(question)])
        }
        Step::Review => {
            state.stage = Stage::Review;
            Next::Shown(vec![Effect::SaveDraft, Effect::FocusHeading])
        }
        Step::Done => {
            state.thanks = form.ending(&texts);
            state.ready = Some(Choice::Answers {
                version: form.version.clone(),
                at: state.at.clone(),
                answers: form.answers(),
            });
            Next::Ready
        }
    }
}

/// The page before; from the first one and the review, what came before them.
pub(super) fn back(state: &mut State, env: &Env) -> Vec<Effect> {
    if matches!(state.stage, Stage::Review) {
        return reopen(state);
    }
    let texts = state.texts.clone();
    let Some(form) = state.form.as_mut() else {
        return Vec::new();
    };
    commit_typed(form, env);
    let has_turned = form.back();
    form.draw(&texts);
    if has_turned {
        return vec![Effect::SaveDraft, Effect::FocusHeading];
    }
    if form.is_begun() {
        state.draft = Some(form.draft());
    }
    state.form = None;
    state.stage = Stage::Intro;
    vec![Effect::SaveDraft, Effect::FocusHeading]
}

/// Back into the form, where it was left.
pub(super) fn reopen(state: &mut State) -> Vec<Effect> {
    let texts = state.texts.clone();
    let Some(form) = state.form.as_mut() else {
        return Vec::new();
    };
    form.reopen();
    form.draw(&texts);
    state.stage = Stage::Filling;
    vec![Effect::FocusHeading]
}

/// To a question, on whatever page it is.
pub(super) fn to_question(state: &mut State, question: u32) -> Vec<Effect> {
    let texts = state.texts.clone();
    let Some(form) = state.form.as_mut() else {
        return Vec::new();
    };
    if matches!(state.stage, Stage::Review) {
        form.reopen();
        form.open_question(question);
        form.draw(&texts);
        state.stage = Stage::Filling;
    }
    vec![Effect::FocusQuestion(question)]
}

/// Recorded answers become a form again.
pub(super) fn change(state: &mut State, env: &Env) -> Vec<Effect> {
    let recorded = state.reply().map(|reply| reply.opening.choice.clone());
    let choice = recorded.or_else(|| state.dispatched().cloned());
    state.draft = match choice {
        Some(Choice::Answers {
            version, answers, ..
        }) => Some(Draft {
            version,
            answers,
            page: String::new(),
            seed: 0,
            is_changing: true,
        }),
        _ => None,
    };
    state.is_changing = true;
    (state.form, state.thanks) = (None, String::new());
    let effects = start(state, env);
    if let Some(form) = &mut state.form {
        form.is_changing = true;
    }
    effects
}

/// The backend did not take the answers to these questions: they are shown and marked.
/// Nothing where they are not in the form, or there is no form (any more).
pub(super) fn mark_refused(
    state: &mut State,
    choice: &Choice,
    questions: &[String],
    env: &Env,
) -> Option<Vec<Effect>> {
    if state.form.is_none()
        && let Choice::Answers {
            version, answers, ..
        } = choice
    {
        state.draft = Some(Draft {
            version: version.clone(),
            answers: answers.clone(),
            page: String::new(),
            seed: 0,
            is_changing: state.is_changing,
        });
        start(state, env);
    }
    let texts = state.texts.clone();
    let form = state.form.as_mut()?;
    let question = form.refuse(questions, env.patterns)?;
    form.draw(&texts);
    state.stage = Stage::Filling;
    Some(vec![Effect::SaveDraft, Effect::FocusQuestion(question)])
}

/// The form is done with.
pub(super) fn close(state: &mut State) {
    (state.form, state.ready) = (None, None);
}
