//! What every action does to the state.

use super::{
    Action, Effect, Env, Keepsake, Keepsakes, Problem, Progress, ProgressStep, Recorded, Stage,
    State, TopicState, Trouble, Voter, to_draft,
};
use linli_model::{
    BallotSecret, CastBallot, CastReply, Changes, Choice, Credential, Electorate, Grant,
    GrantToken, IdempotencyKey, OptionId, Phase, PollKind, Refusal, Secrecy, Standing, TopicView,
    UtcMs,
};
use linli_port::{CastCommand, PortError, Settlement, Step};
use linli_rules::ballot;

/// Applies `action`; returns what the world is asked to do, in order.
pub fn reduce(state: &mut State, action: Action, env: &Env) -> Vec<Effect> {
    match action {
        Action::TopicAnswered(answer) => topic_answered(state, answer),
        Action::TopicRemembered(view) => {
            if !matches!(
                state.topic,
                TopicState::Loaded { .. } | TopicState::Refused(_)
            ) {
                let view = displayable(view);
                state.topic = TopicState::Loaded { view, stale: true };
            }
            Vec::new()
        }
        Action::KeepsakesRead(keepsakes) => keepsakes_read(state, keepsakes, env),
        Action::DraftRead(draft) => {
            if state.draft.is_empty() && matches!(state.stage, Stage::Choosing { .. }) {
                state.draft = draft;
            }
            Vec::new()
        }
        Action::PendingFound(pending) => {
            let choice = pending.command.ballot.choice;
            state.draft = to_draft(&choice);
            let step = ProgressStep::Keeping;
            state.stage = Stage::Casting(Progress {
                step,
                durable: true,
                choice,
            });
            Vec::new()
        }
        Action::Toggled(option) => toggled(state, option),
        Action::Submitted => submitted(state, env),
        Action::CodeTyped(code) => {
            state.code = code;
            if let Stage::Identifying { problem, .. } = &mut state.stage {
                *problem = None;
            }
            Vec::new()
        }
        Action::Identified(answer) => identified(state, answer, env),
        Action::StandingAnswered(answer) => standing_answered(state, answer),
        Action::Stepped(command, step) => stepped(state, &command, step),
        Action::ChangeAsked => {
            if let Some(reply) = state.reply() {
                state.draft = to_draft(&reply.opening.choice);
            }
            state.stage = Stage::Choosing { changing: true };
            vec![Effect::FocusHeading]
        }
        Action::Back => back(state),
        Action::SwitchAsked => {
            state.voter = None;
            state.keepsakes.current = None;
            state.draft.clear();
            state.code.clear();
            state.stage = Stage::Choosing { changing: false };
            vec![
                Effect::SaveKeepsakes,
                Effect::SaveDraft,
                Effect::FocusHeading,
            ]
        }
        Action::RetryAsked => {
            if state.view().is_none() {
                state.topic = TopicState::Loading;
            }
            vec![Effect::LoadTopic]
        }
        Action::NudgeAsked => vec![Effect::Nudge],
    }
}

/// As served, and as kept: what a backend says is shown only without invisible tricks.
fn displayable(view: Box<TopicView>) -> Box<TopicView> {
    Box::new(linli_rules::text::displayable_topic(*view))
}

fn topic_answered(state: &mut State, answer: Result<Box<TopicView>, PortError>) -> Vec<Effect> {
    let trouble = match answer {
        Ok(view) => {
            let view = displayable(view);
            keep_known_options(&mut state.draft, &view.topic.poll.kind);
            state.topic = TopicState::Loaded { view, stale: false };
            return Vec::new();
        }
        Err(PortError::Refused(refusal)) => {
            let code = refusal.code().to_owned();
            state.topic = TopicState::Refused(refusal);
            return vec![Effect::TellRefused(code)];
        }
        Err(PortError::Newer { title, lang }) => {
            let title = linli_rules::text::displayable(&title).into_owned();
            state.topic = TopicState::Newer { title, lang };
            return Vec::new();
        }
        Err(PortError::Unreachable) => Trouble::Unreachable,
        Err(PortError::Fault { incident }) => Trouble::Fault(incident),
    };
    match &mut state.topic {
        // A refresh that failed leaves what is on screen, and says that it is old.
        TopicState::Loaded { stale, .. } => *stale = true,
        TopicState::Newer { .. } => {}
        TopicState::Loading | TopicState::Failed(_) | TopicState::Refused(_) => {
            state.topic = TopicState::Failed(trouble);
        }
    }
    Vec::new()
}

/// Staff may have corrected the options since the draft was made.
fn keep_known_options(draft: &mut Vec<OptionId>, kind: &PollKind) {
    let known = linli_rules::tally::option_ids(kind);
    draft.retain(|option| known.contains(option));
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
    if matches!(state.stage, Stage::Choosing { .. }) {
        if has_receipt {
            state.stage = Stage::Receipt;
        } else {
            show_dispatched(state);
        }
    }
    // Another phone of the household may have changed the vote since, or an answer
    // may have been lost on the way.
    match state.usable_grant(env.now_ms) {
        Some(token) if state.capabilities.standing => {
            vec![Effect::AskStanding(token, keepsake.secret)]
        }
        _ => Vec::new(),
    }
}

fn toggled(state: &mut State, option: OptionId) -> Vec<Effect> {
    let Some(kind) = state.poll().map(|poll| poll.kind.clone()) else {
        return Vec::new();
    };
    state.draft_fault = None;
    match kind {
        PollKind::Motion | PollKind::SingleChoice { .. } => state.draft = vec![option],
        PollKind::MultipleChoice { .. } => {
            if let Some(index) = state.draft.iter().position(|chosen| *chosen == option) {
                state.draft.remove(index);
            } else {
                state.draft.push(option);
            }
        }
    }
    vec![Effect::SaveDraft]
}

fn submitted(state: &mut State, env: &Env) -> Vec<Effect> {
    let (Some(poll), Some(choice)) = (state.poll(), state.draft_choice()) else {
        return Vec::new();
    };
    let ballot = match ballot::check(poll, &choice) {
        Ok(ballot) => ballot,
        Err(Refusal::ChoiceInvalid { fault }) => {
            state.draft_fault = Some(fault);
            return Vec::new();
        }
        Err(refusal) => return refuse(state, refusal),
    };
    let credential = poll.credential;
    match &mut state.stage {
        Stage::Casting(_) | Stage::Identifying { busy: true, .. } => return Vec::new(),
        Stage::Identifying { busy, problem } => {
            if !code_is_whole(&state.code) {
                *problem = Some(Problem::CodeMalformed);
                return Vec::new();
            }
            (*busy, *problem) = (true, None);
            return vec![Effect::IdentifyCode(state.code.clone())];
        }
        Stage::Choosing { .. }
        | Stage::Confirming
        | Stage::Receipt
        | Stage::Dispatched
        | Stage::Refused(_)
        | Stage::Troubled(_) => {}
    }
    if state
        .reply()
        .is_some_and(|reply| reply.opening.choice == *ballot.choice())
    {
        state.stage = Stage::Receipt;
        return vec![Effect::FocusHeading];
    }
    match (state.usable_grant(env.now_ms), credential) {
        (Some(token), _) => cast(state, ballot.into_choice(), token, env),
        // The page says who this is, where it can; else the backend asks for a code.
        (None, Credential::Device | Credential::HostToken) => {
            state.stage = Stage::Identifying {
                busy: true,
                problem: None,
            };
            vec![Effect::IdentifyDevice]
        }
        (None, Credential::Otp | Credential::HouseholdCode) => {
            state.stage = Stage::Identifying {
                busy: false,
                problem: None,
            };
            vec![Effect::FocusHeading]
        }
    }
}

/// Lengths of the two forms of a voting code, separators apart.
const CODE_CHARS: [usize; 2] = [12, 26];

/// Whether `code` has the length of a voting code. Separators of any kind are skipped,
/// as the backend does.
pub fn code_is_whole(code: &str) -> bool {
    CODE_CHARS.contains(&code.chars().filter(|c| is_code_char(*c)).count())
}

/// ASCII or full-width letters and digits. (Unicode's tables would be downloaded too.)
fn is_code_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
}

fn cast(state: &mut State, choice: Choice, grant: GrantToken, env: &Env) -> Vec<Effect> {
    let Some(view) = state.view() else {
        return Vec::new();
    };
    let (topic, poll, secrecy) = (
        view.topic.id.clone(),
        view.topic.poll.id.clone(),
        view.topic.poll.secrecy,
    );
    let secret = match secrecy {
        Secrecy::Recorded => None,
        Secrecy::Secret => {
            let fresh = BallotSecret::from_bytes(env.chance[1]);
            Some(state.keepsake_mut().secret.get_or_insert(fresh).clone())
        }
    };
    let held = state.voter.as_ref().and_then(|voter| voter.grant.clone());
    state.keepsake_mut().grant = held;
    let command = CastCommand {
        key: IdempotencyKey::from_bytes(env.chance[0]),
        topic,
        poll,
        grant,
        ballot: CastBallot {
            choice: choice.clone(),
            secret,
        },
    };
    let step = ProgressStep::Keeping;
    state.stage = Stage::Casting(Progress {
        step,
        durable: true,
        choice,
    });
    vec![Effect::Cast(Box::new(command)), Effect::FocusHeading]
}

fn identified(state: &mut State, answer: Result<Grant, PortError>, env: &Env) -> Vec<Effect> {
    let is_device = state
        .poll()
        .is_some_and(|poll| poll.electorate == Electorate::Devices);
    let grant = match answer {
        Ok(mut grant) => {
            grant.voter = linli_rules::text::displayable(&grant.voter).into_owned();
            grant
        }
        Err(error) => {
            let problem = match error {
                PortError::Refused(refusal) => Problem::Refused(refusal),
                PortError::Unreachable | PortError::Newer { .. } => {
                    Problem::Trouble(Trouble::Unreachable)
                }
                PortError::Fault { incident } => Problem::Trouble(Trouble::Fault(incident)),
            };
            state.stage = match problem {
                // A device has no form to correct: the card itself says what happened.
                Problem::Refused(refusal) if is_device => Stage::Refused(refusal),
                Problem::Trouble(trouble) if is_device => Stage::Troubled(trouble),
                problem => Stage::Identifying {
                    busy: false,
                    // The form itself says what is needed.
                    problem: Some(problem).filter(|problem| {
                        !matches!(problem, Problem::Refused(Refusal::CredentialTooWeak { .. }))
                    }),
                },
            };
            return Vec::new();
        }
    };
    state.code.clear();
    let known = state
        .keepsakes
        .of(&grant.voter)
        .cloned()
        .unwrap_or_default();
    let recorded = match (
        grant.standing.voted,
        grant.standing.reply.clone().or(known.reply),
    ) {
        (false, _) => None,
        (true, Some(reply)) => Some(Recorded::Seen(Box::new(reply))),
        (true, None) => Some(Recorded::Unseen),
    };
    let held = Some((grant.token.clone(), grant.expires_at_ms));
    state.voter = Some(Voter {
        label: grant.voter,
        grant: held,
        recorded,
    });
    after_identification(state, grant.token, known.secret.is_some(), env)
}

fn after_identification(
    state: &mut State,
    token: GrantToken,
    has_secret: bool,
    env: &Env,
) -> Vec<Effect> {
    let (Some(poll), Some(draft)) = (state.poll(), state.draft_choice()) else {
        return Vec::new();
    };
    let (changes, secrecy) = (poll.changes, poll.secrecy);
    let recorded = state
        .voter
        .as_ref()
        .and_then(|voter| voter.recorded.clone());
    match (recorded, changes) {
        (None, _) => cast(state, draft, token, env),
        (Some(Recorded::Unseen), _) if secrecy == Secrecy::Secret && !has_secret => {
            refuse(state, Refusal::BallotSecretLost)
        }
        (Some(Recorded::Seen(reply)), _) if reply.opening.choice == draft => {
            state.keepsake_mut().reply = Some(*reply);
            state.stage = Stage::Receipt;
            vec![Effect::SaveKeepsakes, Effect::FocusHeading]
        }
        (Some(_), Changes::Never) => refuse(state, Refusal::AlreadyVoted),
        (Some(_), Changes::UntilClosing) => {
            state.stage = Stage::Confirming;
            vec![Effect::FocusHeading]
        }
    }
}

fn standing_answered(state: &mut State, answer: Result<Standing, PortError>) -> Vec<Effect> {
    // Only good news changes anything: what the device remembers is signed.
    let Ok(Standing {
        voted: true,
        reply: Some(reply),
    }) = answer
    else {
        return Vec::new();
    };
    let Some(voter) = &mut state.voter else {
        return Vec::new();
    };
    voter.recorded = Some(Recorded::Seen(Box::new(reply.clone())));
    if matches!(state.stage, Stage::Choosing { changing: false }) {
        state.stage = Stage::Receipt;
    }
    state.keepsake_mut().reply = Some(reply);
    vec![Effect::SaveKeepsakes]
}

fn stepped(state: &mut State, command: &CastCommand, step: Step) -> Vec<Effect> {
    let choice = command.ballot.choice.clone();
    let durable = match &state.stage {
        Stage::Casting(progress) => progress.durable,
        _ => true,
    };
    let progress = |step, durable| {
        Stage::Casting(Progress {
            step,
            durable,
            choice: choice.clone(),
        })
    };
    match step {
        Step::Kept { durable } => {
            state.stage = progress(ProgressStep::Keeping, durable);
            Vec::new()
        }
        Step::Sending => {
            state.stage = progress(ProgressStep::Sending, durable);
            Vec::new()
        }
        Step::Waiting { offline, .. } => {
            state.stage = progress(ProgressStep::Waiting { offline }, durable);
            Vec::new()
        }
        Step::Settled(Settlement::Recorded(reply)) => recorded(state, command, *reply),
        Step::Settled(Settlement::Dispatched) => {
            state.keepsake_mut().dispatched = Some(choice);
            show_dispatched(state);
            vec![
                Effect::SaveKeepsakes,
                Effect::TellSubmitted { recorded: false },
                Effect::FocusHeading,
            ]
        }
        Step::Settled(Settlement::Refused(refusal)) => {
            state.draft = to_draft(&choice);
            settled_refused(state, refusal)
        }
    }
}

/// Where the present voter's ballot was handed over, that is what is shown.
fn show_dispatched(state: &mut State) -> bool {
    let Some(choice) = state.dispatched() else {
        return false;
    };
    state.draft = to_draft(choice);
    state.stage = Stage::Dispatched;
    true
}

fn recorded(state: &mut State, command: &CastCommand, reply: CastReply) -> Vec<Effect> {
    // Two households may vote on one phone: the receipt belongs to whose grant it was.
    let holds = |keepsake: &Keepsake| {
        keepsake
            .grant
            .as_ref()
            .is_some_and(|(token, _)| *token == command.grant)
    };
    let owner = state
        .keepsakes
        .voters
        .iter()
        .find(|(_, keepsake)| holds(keepsake));
    let owner = owner.map(|(label, _)| label.clone());
    let present = state.voter.as_ref().map(|voter| voter.label.clone());
    if let (Some(owner), Some(present)) = (&owner, &present)
        && owner != present
    {
        state.keepsakes.of_mut(owner).reply = Some(reply);
        return vec![
            Effect::SaveKeepsakes,
            Effect::TellSubmitted { recorded: true },
        ];
    }
    let label = present.or(owner).unwrap_or_default();
    let voter = state.voter.get_or_insert(Voter {
        label,
        grant: None,
        recorded: None,
    });
    voter.recorded = Some(Recorded::Seen(Box::new(reply.clone())));
    state.keepsake_mut().reply = Some(reply);
    state.draft.clear();
    state.stage = Stage::Receipt;
    vec![
        Effect::SaveKeepsakes,
        Effect::SaveDraft,
        Effect::TellSubmitted { recorded: true },
        Effect::LoadTopic,
        Effect::FocusHeading,
    ]
}

fn settled_refused(state: &mut State, refusal: Refusal) -> Vec<Effect> {
    let needs_grant = matches!(refusal, Refusal::GrantExpired | Refusal::GrantInvalid);
    let is_code = state
        .poll()
        .is_some_and(|poll| poll.credential == Credential::HouseholdCode);
    if needs_grant {
        if let Some(voter) = &mut state.voter {
            voter.grant = None;
        }
        if is_code {
            let problem = Some(Problem::Refused(refusal.clone()));
            state.stage = Stage::Identifying {
                busy: false,
                problem,
            };
            let told = Effect::TellRefused(refusal.code().to_owned());
            return vec![Effect::SaveDraft, told, Effect::FocusHeading];
        }
    }
    let mut effects = refuse(state, refusal);
    // The refusal may mean that the poll has moved on: look again.
    effects.push(Effect::LoadTopic);
    effects
}

fn refuse(state: &mut State, refusal: Refusal) -> Vec<Effect> {
    let code = refusal.code().to_owned();
    state.stage = Stage::Refused(refusal);
    vec![
        Effect::SaveDraft,
        Effect::TellRefused(code),
        Effect::FocusHeading,
    ]
}

fn back(state: &mut State) -> Vec<Effect> {
    let has_receipt = state.reply().is_some();
    let may_leave = matches!(state.stage, Stage::Choosing { .. } | Stage::Refused(_));
    if may_leave && !has_receipt && show_dispatched(state) {
        return vec![Effect::FocusHeading];
    }
    state.stage = match &state.stage {
        Stage::Choosing { .. } | Stage::Confirming if has_receipt => Stage::Receipt,
        Stage::Refused(_) if has_receipt => Stage::Receipt,
        Stage::Casting(progress) => Stage::Casting(progress.clone()),
        _ => Stage::Choosing { changing: false },
    };
    if state.stage == Stage::Receipt {
        if let Some(reply) = state.reply().cloned() {
            state.keepsake_mut().reply = Some(reply);
        }
        state.draft.clear();
        return vec![
            Effect::SaveKeepsakes,
            Effect::SaveDraft,
            Effect::FocusHeading,
        ];
    }
    vec![Effect::FocusHeading]
}

/// Milliseconds until the topic is worth asking for again; `None` when it is settled.
///
/// Just after the poll opens or closes, otherwise once a minute while it is open.
pub fn refresh_in_ms(view: &TopicView, now_ms: UtcMs) -> Option<u32> {
    const MINUTE_MS: i64 = 60_000;
    /// Devices' clocks are a little off; asking early would show nothing new.
    const SLACK_MS: i64 = 1_500;
    let poll = &view.topic.poll;
    let wait = match view.phase {
        Phase::Upcoming => poll.opens_at_ms - now_ms + SLACK_MS,
        Phase::Open => (poll.closes_at_ms - now_ms + SLACK_MS).min(MINUTE_MS),
        Phase::Closed if view.result.as_ref().is_some_and(|result| result.is_final) => return None,
        Phase::Closed => MINUTE_MS,
    };
    // A browser's timer holds 31 bits; a wrong clock must not make a busy loop.
    u32::try_from(wait.clamp(5_000, 6 * 60 * MINUTE_MS)).ok()
}
