//! What every act about surveys does to the state.

use super::{FrameSaid, Mend, Source, SurveyAct, SurveyEditor, SurveyField, SurveyPick};
use crate::definition::{self, Condition, Definition, Op};
use crate::editor::Misfit;
use crate::route::Route;
use crate::state::{Effect, Env, Fill, FillAct, State, work};
use crate::zone;
use linli_model::desk::survey::{ActionDraft, SurveyDetail, SurveyDraft, SurveyRead, SurveySource};
use linli_model::desk::{Command, PollState};
use linli_model::{PlaceId, SurveyId, TopicId};
use linli_port::desk::{DeskError, ItemScore};
use serde_json::json;

/// 整改 is proposed to be done within this time.
const MEND_MS: i64 = 30 * 86_400_000;
/// Means below this are proposed for 整改.
const LOW_SCORE: u8 = 60;
/// Characters of a title.
const TITLE_CHARS_MAX: usize = 120;
/// Characters of who is rated, and of who mends.
const NAME_CHARS_MAX: usize = 64;

pub(crate) fn reduce(state: &mut State, act: SurveyAct, env: &Env) -> Vec<Effect> {
    match act {
        SurveyAct::Sync => {
            state.slots.read_later();
            sync(state, env)
        }
        SurveyAct::Typed(field, text) => typed(state, &field, text),
        SurveyAct::Picked(pick) => picked(state, pick),
        SurveyAct::ReadAsked => {
            let source = match state.surveys.source {
                Source::Text => SurveySource::Text {
                    text: state.surveys.pasted.clone(),
                },
                _ => SurveySource::Json {
                    text: state.surveys.json.clone(),
                },
            };
            read(state, source)
        }
        SurveyAct::InstrumentAsked(id) => read(state, SurveySource::Instrument { id }),
        SurveyAct::BlankAsked => {
            let mut definition = Definition::blank();
            definition.add("radiogroup");
            write(state, definition, SurveyRead::default(), env)
        }
        SurveyAct::FileRead(text) => {
            (state.surveys.source, state.surveys.json) = (Source::Json, text.clone());
            read(state, SurveySource::Json { text })
        }
        SurveyAct::Read(answer) => {
            let read = answer.and_then(|told| told.read().cloned().ok_or(DeskError::Unreachable));
            was_read(state, read, env)
        }
        SurveyAct::SaveAsked => save(state),
        SurveyAct::SaveOverAsked => save_over(state),
        SurveyAct::MendAsked => mend(state, env),
        SurveyAct::OutcomeAsked => match state.surveys.outcome.clone() {
            Some((action, text)) if !text.trim().is_empty() => {
                let text = text.trim().to_owned();
                work::send(state, Command::ReportAction { action, text }, env)
            }
            _ => vec![Effect::Focus("f-outcome".to_owned())],
        },
        SurveyAct::Frame(said) => framed(state, said, env),
    }
}

/// Brings what is written in line with the route and with what was answered.
fn sync(state: &mut State, env: &Env) -> Vec<Effect> {
    match state.route.clone() {
        Route::WriteSurvey if state.surveys.editor.is_none() => {
            return vec![Effect::Navigate(Route::NewSurvey)];
        }
        Route::EditSurvey(id) => {
            let is_it = |editor: &SurveyEditor| editor.id == id;
            if !state.surveys.editor.as_ref().is_some_and(is_it) {
                state.surveys.editor = state.slots.survey(&id).and_then(opened);
                return vec![show(state)];
            }
        }
        Route::Ask(_) => work::begin_round(state, env),
        Route::Mend(topic) => begin_mend(state, &topic),
        Route::Fill(_) => return vec![show(state)],
        _ => {}
    }
    Vec::new()
}

fn opened(detail: &SurveyDetail) -> Option<SurveyEditor> {
    let definition = Definition::read(&detail.definition)?;
    let card = &detail.card;
    let mut editor = SurveyEditor {
        id: card.id.clone(),
        based_on: Some(card.version.clone()),
        place: card.place.id.to_string(),
        rated: card.rated.clone(),
        lang: definition.main_lang().to_owned(),
        definition,
        scoring: detail.scoring.clone(),
        open: None,
        adding: definition::ADDED[0].to_owned(),
        previews: false,
        faults: Vec::new(),
        warnings: Vec::new(),
        misfits: Vec::new(),
        touched: false,
    };
    if editor.definition.shown("title", &editor.lang).is_empty() {
        let lang = editor.lang.clone();
        editor.definition.write("title", &lang, &card.title);
    }
    Some(editor)
}

fn begin_mend(state: &mut State, topic: &TopicId) {
    let is_it = state.surveys.mend.topic.as_ref() == Some(topic);
    let Some(report) = state.slots.report(topic).filter(|_| !is_it) else {
        return;
    };
    let low = report.items.iter().filter(|one| one.score < LOW_SCORE);
    let items = low.map(|one: &ItemScore| one.item.clone()).collect();
    // Who is rated is asked for as well, and proposed as who mends it.
    let wave = state.slots.wave(topic);
    let Some(detail) = wave.and_then(|wave| state.slots.survey(&wave.survey)) else {
        return;
    };
    let rated = detail.card.rated.clone();
    state.surveys.mend = Mend {
        topic: Some(topic.clone()),
        items,
        what: String::new(),
        who: rated,
        due: zone::to_field(state.now_ms + MEND_MS, state.zone()),
        missing: None,
    };
}

fn read(state: &mut State, source: SurveySource) -> Vec<Effect> {
    let token = state.seat().map(|seat| seat.token.clone());
    let Some(token) = token.filter(|_| !state.surveys.is_reading) else {
        return Vec::new();
    };
    let surveys = &mut state.surveys;
    (surveys.is_reading, surveys.problem, surveys.unfit) = (true, None, None);
    vec![Effect::ReadSurvey(token, source)]
}

/// What was read goes to the editor, or says what does not fit. While something is
/// written, it was read to be saved.
fn was_read(state: &mut State, answer: Result<SurveyRead, DeskError>, env: &Env) -> Vec<Effect> {
    state.surveys.is_reading = false;
    let read = match answer {
        Ok(read) => read,
        Err(error) => {
            state.surveys.problem = Some(error);
            return vec![Effect::Focus("survey-problem".to_owned())];
        }
    };
    if let Some(editor) = &mut state.surveys.editor {
        editor.faults.clone_from(&read.faults);
        if !read.faults.is_empty() {
            editor.open = read
                .faults
                .iter()
                .find_map(|fault| editor.definition.at_path(&fault.path));
            return vec![Effect::Focus("survey-problem".to_owned())];
        }
        return put(state, &read, env);
    }
    let definition = Definition::read(&read.definition);
    match definition.filter(|_| read.faults.is_empty()) {
        Some(definition) => write(state, definition, read, env),
        None => {
            state.surveys.unfit = Some(read);
            vec![Effect::Focus("survey-problem".to_owned())]
        }
    }
}

/// Opens the editor on something new.
fn write(state: &mut State, definition: Definition, read: SurveyRead, env: &Env) -> Vec<Effect> {
    let day: String = zone::to_field(state.now_ms, state.zone())
        .chars()
        .filter(char::is_ascii_digit)
        .take(8)
        .collect();
    let id = format!("survey-{day}-{:02x}{:02x}", env.chance[0], env.chance[1]);
    let Ok(id) = SurveyId::parse(&id) else {
        return Vec::new();
    };
    let langs = definition.langs();
    // Plain text is written in the survey's own language.
    let lang = langs.first().cloned().unwrap_or_default();
    state.surveys.editor = Some(SurveyEditor {
        id,
        based_on: None,
        place: String::new(),
        rated: String::new(),
        definition,
        scoring: read.scoring,
        lang,
        open: None,
        adding: definition::ADDED[0].to_owned(),
        previews: false,
        faults: Vec::new(),
        warnings: read.warnings,
        misfits: Vec::new(),
        touched: true,
    });
    vec![Effect::Navigate(Route::WriteSurvey), show(state)]
}

/// Asks the server whether it runs, where nothing is missing.
fn save(state: &mut State) -> Vec<Effect> {
    let Some(editor) = &mut state.surveys.editor else {
        return Vec::new();
    };
    editor.misfits = misfits(editor);
    editor.faults.clear();
    if let Some(first) = editor.misfits.first() {
        let path = first.path.clone();
        let question = path
            .strip_prefix("q.")
            .and_then(|rest| rest.split('.').next());
        if let Some(question) = question.and_then(|index| index.parse().ok()) {
            editor.open = Some(question);
        }
        return vec![Effect::Focus(work::field_id(&path))];
    }
    let text = editor.definition.text();
    read(state, SurveySource::Json { text })
}

/// Saves on top of what another person wrote meanwhile.
fn save_over(state: &mut State) -> Vec<Effect> {
    let Some(editor) = &mut state.surveys.editor else {
        return Vec::new();
    };
    if let Some(detail) = state.slots.survey(&editor.id) {
        editor.based_on = Some(detail.card.version.clone());
    }
    state.doing = None;
    save(state)
}

fn misfits(editor: &SurveyEditor) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    let mut say = |path: String, fault: &str| {
        misfits.push(Misfit {
            path,
            fault: fault.to_owned(),
        });
    };
    let title = editor.definition.shown("title", &editor.lang);
    if title.trim().is_empty() {
        say("survey.title".to_owned(), "empty");
    } else if title.trim().chars().count() > TITLE_CHARS_MAX {
        say("survey.title".to_owned(), "too_long");
    }
    if editor.rated.trim().chars().count() > NAME_CHARS_MAX {
        say("survey.rated".to_owned(), "too_long");
    }
    if PlaceId::parse(&editor.place).is_err() {
        say("survey.place".to_owned(), "empty");
    }
    let questions = editor.definition.questions(&editor.lang);
    if questions.is_empty() {
        say("survey.add".to_owned(), "empty");
    }
    for (index, question) in questions.iter().enumerate() {
        let title = editor.definition.title(&question.pointer, &editor.lang);
        if title.trim().is_empty() && question.kind != "html" && question.kind != "image" {
            say(format!("q.{index}.title"), "empty");
        }
        for list in question.lists() {
            let items = editor
                .definition
                .items(&question.pointer, list, &editor.lang);
            for (at, (_, text)) in items.iter().enumerate() {
                if text.trim().is_empty() {
                    say(format!("q.{index}.{list}.{at}"), "empty");
                }
            }
        }
    }
    misfits
}

fn put(state: &mut State, read: &SurveyRead, env: &Env) -> Vec<Effect> {
    let Some(editor) = &state.surveys.editor else {
        return Vec::new();
    };
    let Ok(place) = PlaceId::parse(&editor.place) else {
        return Vec::new();
    };
    let scoring = definition::kept(&editor.scoring, &read.scoring, &editor.definition);
    let survey = SurveyDraft {
        id: editor.id.clone(),
        place,
        title: editor
            .definition
            .shown("title", &editor.lang)
            .trim()
            .to_owned(),
        rated: editor.rated.trim().to_owned(),
        definition: editor.definition.text(),
        scoring: Some(scoring),
        based_on: editor.based_on.clone(),
    };
    work::send(state, Command::PutSurvey { survey }, env)
}

fn typed(state: &mut State, field: &SurveyField, text: String) -> Vec<Effect> {
    let surveys = &mut state.surveys;
    match field {
        SurveyField::Pasted => surveys.pasted = text,
        SurveyField::Json => surveys.json = text,
        SurveyField::MendWhat => surveys.mend.what = text,
        SurveyField::MendWho => surveys.mend.who = text,
        SurveyField::MendDue => surveys.mend.due = text,
        SurveyField::Outcome => {
            if let Some((_, outcome)) = &mut surveys.outcome {
                *outcome = text;
            }
        }
        _ => {
            let Some(editor) = &mut surveys.editor else {
                return Vec::new();
            };
            typed_in_editor(editor, field, text);
            return vec![show(state)];
        }
    }
    state.surveys.mend.missing = None;
    Vec::new()
}

fn typed_in_editor(editor: &mut SurveyEditor, field: &SurveyField, text: String) {
    let lang = editor.lang.clone();
    let questions = editor.definition.questions(&lang);
    let pointer = |index: usize| questions.get(index).map(|one| one.pointer.as_str());
    let definition = &mut editor.definition;
    match field {
        SurveyField::Title => definition.write("title", &lang, &text),
        SurveyField::Intro => definition.write("description", &lang, &text),
        SurveyField::Rated => editor.rated = text,
        SurveyField::Place => editor.place = text,
        SurveyField::Lang => {
            editor.lang = text;
            return;
        }
        SurveyField::Adding => {
            editor.adding = text;
            return;
        }
        SurveyField::Text(index, property) => {
            if let Some(pointer) = pointer(*index) {
                definition.write_at(pointer, property, &lang, &text);
            }
        }
        SurveyField::Item(index, list, at) => {
            if let Some(pointer) = pointer(*index) {
                definition.write_item(pointer, list, *at, &lang, &text);
            }
        }
        SurveyField::Scale(index) => {
            let ends = text.split_once('-');
            let ends = ends.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
            if let (Some(pointer), Some(ends)) = (pointer(*index), ends) {
                definition.rescale(pointer, ends);
            }
        }
        SurveyField::ConditionQuestion(index)
        | SurveyField::ConditionOp(index)
        | SurveyField::ConditionValue(index) => {
            let Some(question) = questions.get(*index) else {
                return;
            };
            let condition = conditioned(&question.condition, field, text, definition, &lang);
            definition.condition(&question.pointer, &condition);
        }
        _ => return,
    }
    editor.touched = true;
    editor.misfits.clear();
}

/// A condition with one of its three fields changed.
fn conditioned(
    now: &Condition,
    field: &SurveyField,
    text: String,
    definition: &Definition,
    lang: &str,
) -> Condition {
    if let SurveyField::ConditionQuestion(_) = field {
        let questions = definition.questions(lang);
        let Some(other) = questions.iter().find(|one| one.name == text) else {
            return Condition::Always;
        };
        let list = other.lists().first().copied().unwrap_or_default();
        let items = definition.items(&other.pointer, list, lang);
        let value = match (items.into_iter().next(), other.kind.as_str()) {
            (Some((value, _)), _) => value,
            (None, "rating") => definition.scale(&other.pointer).0.to_string(),
            (None, "boolean") => "true".to_owned(),
            _ => String::new(),
        };
        return Condition::When {
            question: text,
            op: SurveyEditor::ops(other.takes_many())[0],
            value,
        };
    }
    match now.clone() {
        Condition::When {
            question,
            op,
            value,
        } => match field {
            SurveyField::ConditionOp(_) => Condition::When {
                op: Op::parse(&text).unwrap_or(op),
                question,
                value,
            },
            _ => Condition::When {
                question,
                op,
                value: text,
            },
        },
        other => other,
    }
}

fn picked(state: &mut State, pick: SurveyPick) -> Vec<Effect> {
    let surveys = &mut state.surveys;
    match pick {
        SurveyPick::Source(source) => {
            (surveys.source, surveys.unfit, surveys.problem) = (source, None, None);
            return Vec::new();
        }
        SurveyPick::MendItem(item) => {
            let items = &mut surveys.mend.items;
            match items.iter().position(|one| *one == item) {
                Some(index) => {
                    items.remove(index);
                }
                None => items.push(item),
            }
            surveys.mend.missing = None;
            return Vec::new();
        }
        SurveyPick::ReportOn(action) => {
            surveys.outcome = action.map(|action| (action, String::new()));
            state.doing = None;
            let is_open = state.surveys.outcome.is_some();
            return is_open
                .then(|| Effect::Focus("f-outcome".to_owned()))
                .into_iter()
                .collect();
        }
        _ => {}
    }
    let Some(editor) = &mut surveys.editor else {
        return Vec::new();
    };
    let focus = picked_in_editor(editor, &pick);
    let mut effects = vec![show(state)];
    effects.extend(focus.map(Effect::Focus));
    effects
}

/// Changes the definition; gives what takes the focus.
fn picked_in_editor(editor: &mut SurveyEditor, pick: &SurveyPick) -> Option<String> {
    let questions = editor.definition.questions(&editor.lang);
    let pointer = |index: usize| questions.get(index).map(|one| one.pointer.clone());
    let definition = &mut editor.definition;
    let mut focus = None;
    match pick {
        SurveyPick::Open(index) => {
            editor.open = (editor.open != Some(*index)).then_some(*index);
            return None;
        }
        SurveyPick::Previews(on) => {
            editor.previews = *on;
            return None;
        }
        SurveyPick::Require(index, on) => definition.require(&pointer(*index)?, *on),
        SurveyPick::Shift { question, up } => {
            let name = &questions.get(*question)?.name;
            definition.shift(&pointer(*question)?, *up);
            let now = definition.questions("");
            let now = now.iter().position(|one| one.name == *name)?;
            editor.open = editor
                .open
                .map(|open| if open == *question { now } else { open });
            let word = if *up { "up" } else { "down" };
            focus = Some(format!("q-{word}-{now}"));
        }
        SurveyPick::Remove(index) => {
            definition.remove(&pointer(*index)?);
            editor.open = None;
            let left = definition.questions("").len();
            focus = Some(match left {
                0 => "f-add".to_owned(),
                left => format!("q-open-{}", (*index).min(left - 1)),
            });
        }
        SurveyPick::Add => {
            definition.add(&editor.adding);
            let last = definition.questions("").len().saturating_sub(1);
            editor.open = Some(last);
            focus = Some(format!("f-q-{last}-title"));
        }
        SurveyPick::AddItem(index, list) => {
            let pointer = pointer(*index)?;
            definition.add_item(&pointer, list);
            let last = definition.items(&pointer, list, "").len().saturating_sub(1);
            focus = Some(format!("f-q-{index}-{list}-{last}"));
        }
        SurveyPick::RemoveItem(index, list, at) => {
            let pointer = pointer(*index)?;
            definition.remove_item(&pointer, list, *at);
            let last = definition.items(&pointer, list, "").len().saturating_sub(1);
            focus = Some(format!("f-q-{index}-{list}-{}", (*at).min(last)));
        }
        SurveyPick::ShiftItem {
            question,
            list,
            index,
            up,
        } => {
            let now = definition.shift_item(&pointer(*question)?, list, *index, *up);
            let word = if *up { "up" } else { "down" };
            focus = Some(format!("i-{word}-{question}-{list}-{now}"));
        }
        SurveyPick::Unconditional(index) => {
            definition.condition(&pointer(*index)?, &Condition::Always);
            focus = Some(format!("f-q-{index}-when"));
        }
        _ => return None,
    }
    editor.touched = true;
    editor.misfits.clear();
    focus
}

fn mend(state: &mut State, env: &Env) -> Vec<Effect> {
    let zone = state.zone().to_owned();
    let now_ms = state.now_ms;
    let mend = &mut state.surveys.mend;
    let Some(topic) = mend.topic.clone() else {
        return Vec::new();
    };
    let due = zone::from_field(&mend.due, &zone).filter(|due| *due > now_ms);
    let missing = [
        ("items", mend.items.is_empty()),
        ("what", mend.what.trim().is_empty()),
        ("who", mend.who.trim().is_empty()),
        ("due", due.is_none()),
    ];
    let missing = missing.into_iter().find(|(_, is_missing)| *is_missing);
    mend.missing = missing.map(|(field, _)| field);
    let (Some(due_at_ms), None) = (due, mend.missing) else {
        let field = mend.missing.unwrap_or("due");
        return vec![Effect::Focus(match field {
            "items" => "mend-item-0".to_owned(),
            field => format!("f-mend-{field}"),
        })];
    };
    let action = ActionDraft {
        items: mend.items.clone(),
        what: mend.what.trim().to_owned(),
        who: mend.who.trim().to_owned(),
        due_at_ms,
    };
    work::send(state, Command::PublishAction { topic, action }, env)
}

fn framed(state: &mut State, said: FrameSaid, env: &Env) -> Vec<Effect> {
    match said {
        FrameSaid::Ready => vec![show(state)],
        FrameSaid::Answers(version, answers) => match &state.route {
            Route::Fill(_) => {
                crate::state::fill_reduce(state, FillAct::Answers(version, answers), env)
            }
            _ => Vec::new(),
        },
    }
}

/// What the frame is told: the definition that is on screen, and what it is for.
fn show(state: &State) -> Effect {
    let (mode, version, definition) = match (&state.route, &state.surveys.editor, &state.fill) {
        (Route::Fill(_), _, Some(fill)) => match filled(state, fill) {
            Some((version, definition)) => ("fill", version, definition),
            None => ("wait", String::new(), String::new()),
        },
        (_, Some(editor), _) => ("preview", String::new(), editor.definition.text()),
        _ => ("wait", String::new(), String::new()),
    };
    let (title, rated) = match (&state.surveys.editor, state.fill_title()) {
        (Some(editor), _) => {
            let title = editor.definition.shown("title", &editor.lang);
            (title, editor.rated.clone())
        }
        (None, title) => (title.unwrap_or_default().to_owned(), String::new()),
    };
    let told = json!({
        "linli": "show",
        "title": title,
        "rated": rated,
        "mode": mode,
        "lang": state.lang,
        "theme": state.tastes.theme.as_str(),
        "version": version,
        "definition": definition,
    });
    Effect::Show(told.to_string())
}

fn filled(state: &State, fill: &Fill) -> Option<(String, String)> {
    fill.voter.as_ref()?;
    let wave = state.fill_wave()?;
    let text = state.slots.definition(&wave.survey, &wave.version)?;
    Some((wave.version.clone(), text.to_owned()))
}

/// Whether a round can be corrected to the survey's newest version.
pub(crate) fn correction(state: &State, topic: &TopicId) -> Option<String> {
    let view = state.slots.poll(topic)?;
    let wave = state.slots.wave(topic)?;
    let newest = &state.slots.survey(&wave.survey)?.card.version;
    let differs = view.state == PollState::Open && *newest != wave.version;
    differs.then(|| newest.clone())
}
