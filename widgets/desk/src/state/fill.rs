//! 代填: from finding the household to the receipt's code. What a household chose is kept
//! only while this screen is open, and nowhere on the device.

use super::{Effect, Env, Field, Pick, State, gate};
use crate::route::Route;
use crate::zone;
use linli_model::desk::{FillIn, FilledIn, Manner, Voted, VoterHit};
use linli_model::{Choice, IdempotencyKey, OptionId, PollKind, Stance, Topic, TopicId};
use linli_port::desk::{DeskError, Question};

/// A ballot being filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Fill {
    /// In which poll.
    pub topic: TopicId,
    /// As typed.
    pub typed: String,
    /// What is searched for.
    pub search: String,
    /// For whom.
    pub voter: Option<VoterHit>,
    /// Identifiers of options, or a stance's word.
    pub chosen: Vec<String>,
    /// How they consented.
    pub manner: Manner,
    /// Who did, as typed.
    pub consenter: String,
    /// What one is to them, as typed.
    pub relation: String,
    /// When, as a field holds it.
    pub consented_at: String,
    /// How far it is.
    pub step: FillStep,
    /// The field that is missing or does not fit.
    pub due: Option<Field>,
    /// Kept until it is known what became of the ballot.
    key: Option<IdempotencyKey>,
    /// An answer is awaited.
    pub busy: bool,
    /// Why it was not recorded, or that it is not known.
    pub problem: Option<DeskError>,
}

/// How far filling in is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FillStep {
    /// Whom, what, by what consent.
    Asking,
    /// It is read back to the household.
    Reading(Box<FillIn>),
    /// It is recorded.
    Done(FilledIn),
}

/// What is done at the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FillAct {
    /// Search for what is typed.
    Search,
    /// That one of the hits.
    Voter(usize),
    /// Somebody else.
    Other,
    /// Read it back.
    Next,
    /// It was not right.
    Back,
    /// They said yes.
    Go,
}

impl Fill {
    fn blank(topic: &TopicId, now: String) -> Self {
        Self {
            topic: topic.clone(),
            typed: String::new(),
            search: String::new(),
            voter: None,
            chosen: Vec::new(),
            manner: Manner::InPerson,
            consenter: String::new(),
            relation: String::new(),
            consented_at: now,
            step: FillStep::Asking,
            due: None,
            key: None,
            busy: false,
            problem: None,
        }
    }
}

/// What the screen must know.
pub(super) fn question(state: &State, topic: &TopicId) -> Question {
    let fill = state.fill.as_ref();
    Question::Voters {
        topic: topic.clone(),
        search: fill.map_or_else(String::new, |fill| fill.search.clone()),
    }
}

/// Begins anew at the screen, and forgets everything elsewhere.
pub(super) fn went(state: &mut State) {
    state.fill = match &state.route {
        Route::Fill(topic) => Some(blank(state, topic)),
        _ => None,
    };
}

fn blank(state: &State, topic: &TopicId) -> Fill {
    Fill::blank(topic, zone::to_field(state.now_ms, state.zone()))
}

pub(super) fn typed(state: &mut State, field: &Field, text: String) {
    let Some(fill) = &mut state.fill else { return };
    match field {
        Field::FillSearch => fill.typed = text,
        Field::Consenter => fill.consenter = text,
        Field::Relation => fill.relation = text,
        _ => fill.consented_at = text,
    }
    if fill.due.as_ref() == Some(field) {
        fill.due = None;
    }
}

pub(super) fn picked(state: &mut State, pick: Pick) {
    let takes_many = topic_of(state)
        .is_some_and(|topic| matches!(topic.poll.kind, PollKind::MultipleChoice { .. }));
    let Some(fill) = &mut state.fill else { return };
    match pick {
        Pick::Manner(manner) => fill.manner = manner,
        Pick::FillChoice(word) => {
            let was = fill.chosen.iter().position(|chosen| *chosen == word);
            match was {
                Some(index) if takes_many => {
                    fill.chosen.remove(index);
                }
                _ if takes_many => fill.chosen.push(word),
                _ => fill.chosen = vec![word],
            }
            fill.due = None;
        }
        _ => {}
    }
}

pub(super) fn reduce(state: &mut State, act: FillAct, env: &Env) -> Vec<Effect> {
    let Route::Fill(topic) = state.route.clone() else {
        return Vec::new();
    };
    if state.fill.as_ref().is_none_or(|fill| fill.busy) {
        return Vec::new();
    }
    match act {
        FillAct::Search => {
            if let Some(fill) = &mut state.fill {
                fill.search = fill.typed.trim().to_owned();
            }
            return state.ask();
        }
        FillAct::Voter(index) => {
            let found = state.slots.voters(&question(state, &topic));
            let hit = found.and_then(|found| found.voters.get(index)).cloned();
            let hit = hit.filter(|hit| hit.voted != Voted::Themselves);
            if let (Some(fill), Some(hit)) = (&mut state.fill, hit) {
                fill.voter = Some(hit);
            }
        }
        FillAct::Other => state.fill = Some(blank(state, &topic)),
        FillAct::Next => return next(state),
        FillAct::Back => {
            if let Some(fill) = &mut state.fill {
                (fill.step, fill.problem, fill.key) = (FillStep::Asking, None, None);
            }
        }
        FillAct::Go => return send(state, env),
    }
    vec![Effect::FocusHeading]
}

/// To reading it back, or to the first field that is missing.
fn next(state: &mut State) -> Vec<Effect> {
    let body = body(state);
    let Some(fill) = &mut state.fill else {
        return Vec::new();
    };
    match body {
        Ok(body) => {
            fill.due = None;
            fill.step = FillStep::Reading(Box::new(body));
            vec![Effect::FocusHeading]
        }
        Err(field) => {
            let id = match &field {
                Field::Consenter => "f-consenter",
                Field::ConsentedAt => "f-consented-at",
                _ => "fill-choice-0",
            };
            fill.due = Some(field);
            vec![Effect::Focus(id.to_owned())]
        }
    }
}

fn body(state: &State) -> Result<FillIn, Field> {
    // The field of the choice is no text: the search stands for it.
    let nothing = Field::FillSearch;
    let (Some(fill), Some(topic)) = (&state.fill, topic_of(state)) else {
        return Err(nothing);
    };
    let voter = fill.voter.as_ref().ok_or(nothing.clone())?;
    let choice = choice(topic, &fill.chosen).ok_or(nothing)?;
    let consenter = fill.consenter.trim();
    if consenter.is_empty() {
        return Err(Field::Consenter);
    }
    let consented_at_ms = zone::from_field(&fill.consented_at, state.zone());
    let consented_at_ms = consented_at_ms.filter(|at_ms| *at_ms <= state.now_ms);
    Ok(FillIn {
        place: voter.place.id.clone(),
        label: voter.label.clone(),
        choice,
        manner: fill.manner,
        consenter: consenter.to_owned(),
        relation: fill.relation.trim().to_owned(),
        consented_at_ms: consented_at_ms.ok_or(Field::ConsentedAt)?,
    })
}

/// A choice that the poll takes.
fn choice(topic: &Topic, chosen: &[String]) -> Option<Choice> {
    let draft = match &topic.poll.kind {
        PollKind::Motion => Choice::Motion {
            stance: Stance::parse(chosen.first()?)?,
        },
        _ => Choice::Options {
            options: chosen
                .iter()
                .filter_map(|id| OptionId::parse(id).ok())
                .collect(),
        },
    };
    let ballot = linli_rules::ballot::check(&topic.poll, &draft).ok()?;
    Some(ballot.into_choice())
}

fn topic_of(state: &State) -> Option<&Topic> {
    let Route::Fill(topic) = &state.route else {
        return None;
    };
    let found = state.slots.voters(&question(state, topic))?;
    Some(&found.topic)
}

/// Sends it. One whose fate is not known keeps its key.
fn send(state: &mut State, env: &Env) -> Vec<Effect> {
    let token = state.seat().map(|seat| seat.token.clone());
    let (Some(token), Some(fill)) = (token, &mut state.fill) else {
        return Vec::new();
    };
    let FillStep::Reading(body) = &fill.step else {
        return Vec::new();
    };
    let body = body.clone();
    let key = fill
        .key
        .get_or_insert_with(|| IdempotencyKey::from_bytes(env.chance))
        .clone();
    (fill.busy, fill.problem) = (true, None);
    vec![Effect::FillIn(token, key, fill.topic.clone(), body)]
}

pub(super) fn told(
    state: &mut State,
    key: &IdempotencyKey,
    told: Result<FilledIn, DeskError>,
) -> Vec<Effect> {
    if let Err(error) = &told
        && let Some(effects) = gate::leave_if_signed_out(state, error)
    {
        return effects;
    }
    let fill = state.fill.as_mut();
    let Some(fill) = fill.filter(|fill| fill.key.as_ref() == Some(key)) else {
        return Vec::new();
    };
    fill.busy = false;
    match told {
        Ok(told) => {
            fill.step = FillStep::Done(told);
            fill.chosen.clear();
            fill.consenter.clear();
            fill.key = None;
            let mut effects = state.ask();
            effects.push(Effect::FocusHeading);
            effects
        }
        Err(error) => {
            if matches!(error, DeskError::Refused(_)) {
                fill.key = None;
            }
            fill.problem = Some(error);
            state.ask()
        }
    }
}
