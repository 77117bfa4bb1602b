//! Sending finished answers: who is answering, and what comes back. The same way as a
//! vote's: answers are its ballot.

use super::{
    Effect, Env, Form, Keepsake, Problem, Progress, ProgressStep, Recorded, Stage, State, Trouble,
    Voter, fill,
};
use linli_model::{
    BallotSecret, CastBallot, CastReply, Changes, Choice, Credential, Electorate, Grant,
    GrantToken, IdempotencyKey, Refusal, Secrecy, Standing,
};
use linli_port::{CastCommand, PortError, Settlement, Step};

/// A command that has just been made.
pub(super) fn started() -> Stage {
    Stage::Casting(Progress {
        step: ProgressStep::Keeping,
        durable: true,
    })
}

/// Identify, cast, or confirm.
pub(super) fn submitted(state: &mut State, env: &Env) -> Vec<Effect> {
    let (Some(poll), Some(choice)) = (state.poll(), state.ready.clone()) else {
        return Vec::new();
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
        _ => {}
    }
    if state
        .reply()
        .is_some_and(|reply| reply.opening.choice == choice)
    {
        return done(state);
    }
    match (state.usable_grant(env.now_ms), credential) {
        (Some(token), _) => cast(state, choice, token, env),
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

/// Nothing is left to send.
fn done(state: &mut State) -> Vec<Effect> {
    state.stage = Stage::Receipt;
    (state.draft, state.is_changing) = (None, false);
    fill::close(state);
    vec![
        Effect::SaveKeepsakes,
        Effect::SaveDraft,
        Effect::FocusHeading,
    ]
}

fn cast(state: &mut State, choice: Choice, grant: GrantToken, env: &Env) -> Vec<Effect> {
    let Some(survey) = state.survey() else {
        return Vec::new();
    };
    let topic = &survey.view.topic;
    let (id, poll, secrecy) = (topic.id.clone(), topic.poll.id.clone(), topic.poll.secrecy);
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
        topic: id,
        poll,
        grant,
        ballot: CastBallot { choice, secret },
    };
    state.stage = started();
    vec![Effect::Cast(Box::new(command)), Effect::FocusHeading]
}

/// The backend said who this is, or that it is nobody.
pub(super) fn identified(
    state: &mut State,
    answer: Result<Grant, PortError>,
    env: &Env,
) -> Vec<Effect> {
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
    let reply = grant.standing.reply.clone().or(known.reply);
    let recorded = match (grant.standing.voted, reply) {
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
    let (Some(poll), Some(choice)) = (state.poll(), state.ready.clone()) else {
        return Vec::new();
    };
    let (changes, secrecy) = (poll.changes, poll.secrecy);
    let voter = state.voter.as_ref();
    let recorded = voter.and_then(|voter| voter.recorded.clone());
    match (recorded, changes) {
        (None, _) => cast(state, choice, token, env),
        (Some(Recorded::Unseen), _) if secrecy == Secrecy::Secret && !has_secret => {
            refuse(state, Refusal::BallotSecretLost)
        }
        (Some(Recorded::Seen(reply)), _) if reply.opening.choice == choice => {
            state.keepsake_mut().reply = Some(*reply);
            done(state)
        }
        (Some(_), Changes::Never) => refuse(state, Refusal::AlreadyVoted),
        // Who set out to change their own answers has confirmed already.
        (Some(_), Changes::UntilClosing) if state.is_changing => cast(state, choice, token, env),
        (Some(_), Changes::UntilClosing) => {
            state.stage = Stage::Confirming;
            vec![Effect::FocusHeading]
        }
    }
}

/// The backend told where the respondent stands.
pub(super) fn standing_answered(
    state: &mut State,
    answer: Result<Standing, PortError>,
) -> Vec<Effect> {
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
    if matches!(state.stage, Stage::Intro) && !state.is_changing {
        state.stage = Stage::Receipt;
    }
    state.keepsake_mut().reply = Some(reply);
    vec![Effect::SaveKeepsakes]
}

/// A command took a step.
pub(super) fn stepped(
    state: &mut State,
    command: &CastCommand,
    step: Step,
    env: &Env,
) -> Vec<Effect> {
    let durable = match &state.stage {
        Stage::Casting(progress) => progress.durable,
        _ => true,
    };
    let mut show = |step, durable| {
        state.stage = Stage::Casting(Progress { step, durable });
        Vec::new()
    };
    match step {
        Step::Kept { durable } => show(ProgressStep::Keeping, durable),
        Step::Sending => show(ProgressStep::Sending, durable),
        Step::Waiting { offline, .. } => show(ProgressStep::Waiting { offline }, durable),
        Step::Settled(Settlement::Recorded(reply)) => recorded(state, command, *reply),
        Step::Settled(Settlement::Dispatched) => {
            offer_to_keep(state, &command.ballot.choice);
            state.keepsake_mut().dispatched = Some(command.ballot.choice.clone());
            (state.draft, state.is_changing) = (None, false);
            fill::close(state);
            state.stage = Stage::Dispatched;
            vec![
                Effect::SaveKeepsakes,
                Effect::SaveDraft,
                Effect::TellSubmitted { recorded: false },
                Effect::FocusHeading,
            ]
        }
        Step::Settled(Settlement::Refused(refusal)) => {
            settled_refused(state, &command.ballot.choice, refusal, env)
        }
    }
}

fn recorded(state: &mut State, command: &CastCommand, reply: CastReply) -> Vec<Effect> {
    // Two households may answer on one phone: the receipt belongs to whose grant it was.
    let holds = |keepsake: &Keepsake| {
        let grant = keepsake.grant.as_ref();
        grant.is_some_and(|(token, _)| *token == command.grant)
    };
    let mut voters = state.keepsakes.voters.iter();
    let owner = voters.find(|(_, keepsake)| holds(keepsake));
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
    offer_to_keep(state, &command.ballot.choice);
    let voter = state.voter.get_or_insert(Voter {
        label,
        grant: None,
        recorded: None,
    });
    voter.recorded = Some(Recorded::Seen(Box::new(reply.clone())));
    state.keepsake_mut().reply = Some(reply);
    let mut effects = done(state);
    effects.push(Effect::TellSubmitted { recorded: true });
    effects.push(Effect::LoadSurvey);
    if state.profile.may_keep == Some(true) {
        let offer = std::mem::take(&mut state.offer);
        state.profile.learn(offer);
        effects.push(Effect::SaveProfile);
    }
    effects
}

/// Facts among the answers that could be filled in next time, unless the person has
/// said that they do not want that, or they are kept already.
fn offer_to_keep(state: &mut State, choice: &Choice) {
    let Choice::Answers { answers, .. } = choice else {
        return;
    };
    if state.profile.may_keep == Some(false) {
        return;
    }
    let mut facts = Form::facts(answers);
    facts.retain(|fact| !state.profile.facts.contains(fact));
    state.offer = facts;
}

fn settled_refused(state: &mut State, choice: &Choice, refusal: Refusal, env: &Env) -> Vec<Effect> {
    state.ready = Some(choice.clone());
    if let Refusal::AnswersInvalid { questions } = &refusal {
        let code = refusal.code().to_owned();
        if let Some(mut effects) = fill::mark_refused(state, choice, questions, env) {
            effects.push(Effect::TellRefused(code));
            return effects;
        }
    }
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
    // The refusal may mean that the round has moved on: look again.
    effects.push(Effect::LoadSurvey);
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

/// Leaves the present question: back to the answers, or to what is recorded.
pub(super) fn back(state: &mut State) -> Vec<Effect> {
    let is_recorded = state.reply().is_some();
    match &state.stage {
        Stage::Casting(_) => return Vec::new(),
        // Keeping what the household has already answered.
        Stage::Confirming if is_recorded => {
            let reply = state.reply().cloned();
            state.keepsake_mut().reply = reply;
            return done(state);
        }
        _ => {}
    }
    if state.form.is_some() {
        return fill::reopen(state);
    }
    state.stage = if is_recorded {
        Stage::Receipt
    } else if state.dispatched().is_some() {
        Stage::Dispatched
    } else {
        Stage::Intro
    };
    vec![Effect::FocusHeading]
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
