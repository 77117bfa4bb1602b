//! What every action does to the state.

use super::{
    Action, Draft, Effect, Env, Form, Keepsakes, Profile, Recorded, RoundState, Stage, State,
    Trouble, Voter, cast, fill,
};
use linli_model::wave::SurveyView;
use linli_model::{Phase, PollKind, TopicView, UtcMs};
use linli_port::PortError;
use linli_rules::text::{displayable, displayable_topic};

/// Applies `action`; returns what the world is asked to do, in order.
pub fn reduce(state: &mut State, action: Action, env: &Env) -> Vec<Effect> {
    match action {
        Action::SurveyAnswered(answer) => survey_answered(state, answer),
        Action::SurveyRemembered(survey) => {
            if !matches!(
                state.round,
                RoundState::Loaded { .. } | RoundState::Refused(_)
            ) {
                load(state, survey, true);
            }
            Vec::new()
        }
        Action::KeepsakesRead(keepsakes) => keepsakes_read(state, keepsakes, env),
        Action::DraftRead(draft, definition) => draft_read(state, draft, definition),
        Action::ProfileRead(profile) => {
            state.profile = known(profile);
            Vec::new()
        }
        Action::PendingFound(pending) => {
            state.stage = cast::started();
            state.ready = Some(pending.command.ballot.choice);
            Vec::new()
        }
        Action::Started => fill::start(state, env),
        Action::StartedAnew => {
            state.draft = None;
            fill::start(state, env)
        }
        Action::Picked { .. }
        | Action::Moved { .. }
        | Action::Wrote { .. }
        | Action::Typed { .. }
        | Action::RowAdded(_)
        | Action::RowRemoved { .. }
        | Action::Cleared(_) => fill::answered(state, action, env),
        Action::NextAsked => match fill::next(state, env) {
            fill::Next::Shown(effects) => effects,
            fill::Next::Ready => cast::submitted(state, env),
        },
        Action::BackAsked => fill::back(state, env),
        Action::QuestionAsked(question) => fill::to_question(state, question),
        Action::Submitted => cast::submitted(state, env),
        Action::CodeTyped(code) => {
            state.code = code;
            if let Stage::Identifying { problem, .. } = &mut state.stage {
                *problem = None;
            }
            Vec::new()
        }
        Action::Identified(answer) => cast::identified(state, answer, env),
        Action::StandingAnswered(answer) => cast::standing_answered(state, answer),
        Action::Stepped(command, step) => cast::stepped(state, &command, step, env),
        Action::ChangeAsked => fill::change(state, env),
        Action::Back => cast::back(state),
        Action::SwitchAsked => {
            state.voter = None;
            state.keepsakes.current = None;
            state.code.clear();
            (state.form, state.draft, state.ready) = (None, None, None);
            (state.is_changing, state.stage) = (false, Stage::Intro);
            vec![
                Effect::SaveKeepsakes,
                Effect::SaveDraft,
                Effect::FocusHeading,
            ]
        }
        Action::RetryAsked => {
            if state.survey().is_none() {
                state.round = RoundState::Loading;
            }
            vec![Effect::LoadSurvey]
        }
        Action::NudgeAsked => vec![Effect::Nudge],
        Action::KeepAnswered(yes) => {
            state.profile.may_keep = Some(yes);
            let offer = std::mem::take(&mut state.offer);
            if yes {
                state.profile.learn(offer);
            }
            vec![Effect::SaveProfile, Effect::FocusHeading]
        }
        Action::ForgetAsked => {
            // Asked again after the next answers: to forget is not to refuse for good.
            state.profile = Profile::default();
            if let Some(form) = &mut state.form {
                form.forget_prefilled(&state.texts);
            }
            vec![Effect::SaveProfile, Effect::SaveDraft]
        }
    }
}

/// As served, and as kept: what a backend says is shown only without invisible tricks.
fn load(state: &mut State, mut survey: Box<SurveyView>, stale: bool) {
    let PollKind::Survey { .. } = survey.view.topic.poll.kind else {
        state.round = newer(&survey.view);
        return;
    };
    let before = state.survey().map(|before| &before.definition);
    if before != Some(&survey.definition) {
        // What this engine cannot run is not half shown.
        let Some(program) = Form::program(&survey.definition) else {
            state.round = newer(&survey.view);
            return;
        };
        state.size = Form::size(&program);
        state.program = Some(program);
    }
    survey.view = displayable_topic(survey.view);
    survey.rated = displayable(&survey.rated).into_owned();
    for action in &mut survey.actions {
        action.what = displayable(&action.what).into_owned();
        action.who = displayable(&action.who).into_owned();
        if let Some(outcome) = &mut action.outcome {
            outcome.text = displayable(&outcome.text).into_owned();
        }
    }
    state.round = RoundState::Loaded { survey, stale };
}

fn newer(view: &TopicView) -> RoundState {
    RoundState::Newer {
        title: displayable(&view.topic.title).into_owned(),
        lang: view.topic.lang.clone(),
    }
}

fn survey_answered(state: &mut State, answer: Result<Box<SurveyView>, PortError>) -> Vec<Effect> {
    let trouble = match answer {
        Ok(survey) => {
            load(state, survey, false);
            return Vec::new();
        }
        Err(PortError::Refused(refusal)) => {
            let code = refusal.code().to_owned();
            state.round = RoundState::Refused(refusal);
            return vec![Effect::TellRefused(code)];
        }
        Err(PortError::Newer { title, lang }) => {
            let title = displayable(&title).into_owned();
            state.round = RoundState::Newer { title, lang };
            return Vec::new();
        }
        Err(PortError::Unreachable) => Trouble::Unreachable,
        Err(PortError::Fault { incident }) => Trouble::Fault(incident),
    };
    match &mut state.round {
        // A refresh that failed leaves what is on screen, and says that it is old.
        RoundState::Loaded { stale, .. } => *stale = true,
        RoundState::Newer { .. } => {}
        RoundState::Loading | RoundState::Failed(_) | RoundState::Refused(_) => {
            state.round = RoundState::Failed(trouble);
        }
    }
    Vec::new()
}

fn keepsakes_read(state: &mut State, keepsakes: Keepsakes, env: &Env) -> Vec<Effect> {
    let Some(label) = keepsakes.current.clone() else {
        state.keepsakes = keepsakes;
        return Vec::new();
    };
    let keepsake = keepsakes.of(&label).cloned().unwrap_or_default();
    state.keepsakes = keepsakes;
    let recorded = keepsake
        .reply
        .clone()
        .map(|reply| Recorded::Seen(Box::new(reply)));
    let has_receipt = recorded.is_some();
    state.voter = Some(Voter {
        label,
        grant: keepsake.grant,
        recorded,
    });
    if matches!(state.stage, Stage::Intro) {
        if has_receipt {
            state.stage = Stage::Receipt;
        } else if state.dispatched().is_some() {
            state.stage = Stage::Dispatched;
        }
    }
    // Another phone of the household may have answered since, or an answer may have been
    // lost on the way.
    match state.usable_grant(env.now_ms) {
        Some(token) if state.capabilities.standing => {
            vec![Effect::AskStanding(token, keepsake.secret)]
        }
        _ => Vec::new(),
    }
}

fn draft_read(state: &mut State, draft: Draft, definition: Option<String>) -> Vec<Effect> {
    if state.form.is_some() || matches!(state.stage, Stage::Casting(_)) {
        return Vec::new();
    }
    // Changes to recorded answers were begun: the intro offers to go on with them.
    if draft.is_changing && matches!(state.stage, Stage::Receipt | Stage::Dispatched) {
        state.is_changing = true;
        state.stage = Stage::Intro;
    }
    state.kept = definition.map(|text| (draft.version.clone(), text));
    state.draft = Some(draft);
    Vec::new()
}

/// Storage may hold what another version, or somebody else, wrote.
fn known(mut profile: Profile) -> Profile {
    profile
        .facts
        .retain(|(name, _)| super::PROFILE_NAMES.contains(&name.as_str()));
    profile
}

/// Milliseconds until the round is worth asking for again; `None` when it is settled.
///
/// Just after it opens or closes, otherwise every five minutes while it is open: the
/// definition may be corrected, and turnout is no race.
pub fn refresh_in_ms(view: &TopicView, now_ms: UtcMs) -> Option<u32> {
    const MINUTE_MS: i64 = 60_000;
    /// Devices' clocks are a little off; asking early would show nothing new.
    const SLACK_MS: i64 = 1_500;
    let poll = &view.topic.poll;
    let wait = match view.phase {
        Phase::Upcoming => poll.opens_at_ms - now_ms + SLACK_MS,
        Phase::Open => (poll.closes_at_ms - now_ms + SLACK_MS).min(5 * MINUTE_MS),
        Phase::Closed => return None,
    };
    // A browser's timer holds 31 bits; a wrong clock must not make a busy loop.
    u32::try_from(wait.clamp(5_000, 6 * 60 * MINUTE_MS)).ok()
}
