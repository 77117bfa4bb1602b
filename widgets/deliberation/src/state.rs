//! The widget's one reducer: what is on screen, and what every action does to it.
//!
//! Pure: clock and chance come in with [`Env`], the world is asked through the
//! [`Effect`]s that [`reduce`] returns. Every decision here is made again by the
//! backend; this one is for the person's sake.

use linli_model::BallotSecret;
use linli_model::{
    CastBallot, CastReply, Changes, Choice, ChoiceFault, Credential, Grant, GrantToken,
    IdempotencyKey, OptionId, Phase, Poll, PollKind, PollNature, Refusal, Secrecy, Stance,
    Standing, TopicView, UtcMs,
};
use linli_port::{Capabilities, CastCommand, Pending, PortError, Settlement, Step};
use linli_rules::ballot;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a reducer may not make itself.
#[derive(Debug, Clone, Copy)]
pub struct Env {
    /// The device's clock.
    pub now_ms: UtcMs,
    /// Two times 16 bytes of chance, fresh for every action.
    pub chance: [[u8; 16]; 2],
}

/// The topic, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub enum TopicState {
    /// Asked for, not answered.
    Loading,
    /// Here. `stale` when it is from an earlier visit because there is no network.
    Loaded {
        /// The topic and where it stands.
        view: Box<TopicView>,
        /// Shown from memory.
        stale: bool,
    },
    /// The backend refuses to show it.
    Refused(Refusal),
    /// It did not come.
    Failed(Trouble),
}

/// What went wrong that is nobody's refusal.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// No answer.
    Unreachable,
    /// The backend failed; the number is for its log.
    Fault(String),
}

/// A question that this moment asks, or the answer to the last one.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Choosing. With `changing`, an earlier ballot is recorded and stays until replaced.
    Choosing {
        /// Whether this replaces a recorded ballot.
        changing: bool,
    },
    /// Saying which household this is.
    Identifying {
        /// An answer is awaited.
        busy: bool,
        /// Why the last try did not do.
        problem: Option<Problem>,
    },
    /// Another member of the household has voted already: replace it?
    Confirming,
    /// A command is on its way.
    Casting(Progress),
    /// A ballot of this voter is recorded and its receipt is here.
    Receipt,
    /// A ballot was handed to a backend that gives no receipts.
    Dispatched,
    /// Refused. The draft is kept.
    Refused(Refusal),
    /// The backend failed while identifying. The draft is kept.
    Troubled(Trouble),
}

/// Why identification did not do.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// What was typed cannot be a code.
    CodeMalformed,
    /// The backend refused.
    Refused(Refusal),
    /// The backend could not be reached or failed.
    Trouble(Trouble),
}

/// How far a command has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The last step reported.
    pub step: ProgressStep,
    /// Whether it would survive closing the page.
    pub durable: bool,
    /// What it casts.
    pub choice: Choice,
}

/// Steps before settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressStep {
    /// Written down, or about to be.
    Keeping,
    /// On its way.
    Sending,
    /// Will be tried again by itself.
    Waiting {
        /// The device knows that it is offline.
        offline: bool,
    },
}

/// What this device remembers of one voter in one topic.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Keepsake {
    /// The ballot's receipt and opening, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<CastReply>,
    /// The secret that addresses this voter's ballot in a secret poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<BallotSecret>,
    /// Permits asking and changing, until it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<(GrantToken, UtcMs)>,
}

/// Everything that this device remembers of one topic; voters by their label.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Keepsakes {
    /// The voter shown last. Absent after “vote with another code”.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Label → what is remembered. A device's label is empty.
    #[serde(default)]
    pub voters: BTreeMap<String, Keepsake>,
}

/// The whole state.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What the backend can do.
    pub capabilities: Capabilities,
    /// The topic.
    pub topic: TopicState,
    /// Chosen options in the order chosen; a motion's is its stance.
    pub draft: Vec<OptionId>,
    /// What has been typed as voting code.
    pub code: String,
    /// Who is voting, once identified.
    pub voter: Option<Voter>,
    /// The present question.
    pub stage: Stage,
    /// What this device remembers.
    pub keepsakes: Keepsakes,
    /// Why the draft cannot be cast, when the person tried.
    pub draft_fault: Option<ChoiceFault>,
}

/// The identified voter.
#[derive(Debug, Clone, PartialEq)]
pub struct Voter {
    /// `8 栋 2 单元 301`; empty for a device.
    pub label: String,
    /// Permits the cast, while it lasts.
    pub grant: Option<(GrantToken, UtcMs)>,
    /// A ballot of theirs that is recorded, as far as it can be seen.
    pub recorded: Option<Recorded>,
}

/// A recorded ballot.
#[derive(Debug, Clone, PartialEq)]
pub enum Recorded {
    /// With its receipt.
    Seen(Box<CastReply>),
    /// In the secret box: that it is there is all that is known.
    Unseen,
}

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The topic came, or did not.
    TopicAnswered(Result<Box<TopicView>, PortError>),
    /// The topic as an earlier visit left it.
    TopicRemembered(Box<TopicView>),
    /// What this device remembers.
    KeepsakesRead(Keepsakes),
    /// A draft of an earlier visit.
    DraftRead(Vec<OptionId>),
    /// An unsettled command of an earlier visit.
    PendingFound(Pending),
    /// An option was tapped.
    Toggled(OptionId),
    /// The primary button: cast, identify and cast, or confirm.
    Submitted,
    /// The code field changed.
    CodeTyped(String),
    /// The backend answered an identification.
    Identified(Result<Grant, PortError>),
    /// The backend told where the voter stands.
    StandingAnswered(Result<Standing, PortError>),
    /// A command took a step.
    Stepped(Box<CastCommand>, Step),
    /// Change a recorded ballot.
    ChangeAsked,
    /// Leave the present question: back to the choice, or to the receipt.
    Back,
    /// Vote for another household on this phone.
    SwitchAsked,
    /// Load again.
    RetryAsked,
    /// Send again now.
    NudgeAsked,
}

/// What the world is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask for the topic.
    LoadTopic,
    /// Remember the topic for a visit without network.
    RememberTopic,
    /// Identify by this device's random name.
    IdentifyDevice,
    /// Identify by the typed code.
    IdentifyCode(String),
    /// Ask where the voter stands.
    AskStanding(GrantToken, Option<BallotSecret>),
    /// Remember, then cast: in this order, so that no secret is lost.
    Cast(Box<CastCommand>),
    /// Remember.
    SaveKeepsakes,
    /// Remember the draft, or forget it when empty.
    SaveDraft,
    /// Try everything unsent now.
    Nudge,
    /// Tell the host page that a command ended well.
    TellSubmitted {
        /// With a receipt.
        recorded: bool,
    },
    /// Tell the host page that a command was refused.
    TellRefused(String),
    /// Move keyboard and screen reader to the card's heading.
    FocusHeading,
}

impl State {
    /// Before anything is known.
    pub fn new(capabilities: Capabilities) -> Self {
        Self {
            capabilities,
            topic: TopicState::Loading,
            draft: Vec::new(),
            code: String::new(),
            voter: None,
            stage: Stage::Choosing { changing: false },
            keepsakes: Keepsakes::default(),
            draft_fault: None,
        }
    }

    /// The topic, when it is here.
    pub fn view(&self) -> Option<&TopicView> {
        match &self.topic {
            TopicState::Loaded { view, .. } => Some(view),
            TopicState::Loading | TopicState::Refused(_) | TopicState::Failed(_) => None,
        }
    }

    /// The poll, when it is here.
    pub fn poll(&self) -> Option<&Poll> {
        self.view().map(|view| &view.topic.poll)
    }

    /// True where this poll may not take place on this page.
    pub fn is_elsewhere(&self) -> bool {
        self.poll()
            .is_some_and(|poll| poll.nature == PollNature::Formal)
            && !self.capabilities.formal
    }

    /// The receipt of the present voter's ballot.
    pub fn reply(&self) -> Option<&CastReply> {
        match self.voter.as_ref()?.recorded.as_ref()? {
            Recorded::Seen(reply) => Some(reply),
            Recorded::Unseen => None,
        }
    }

    /// The draft as a choice of the poll's kind.
    pub fn draft_choice(&self) -> Option<Choice> {
        Some(to_choice(&self.poll()?.kind, &self.draft))
    }

    fn usable_grant(&self, now_ms: UtcMs) -> Option<GrantToken> {
        let (token, expires_at_ms) = self.voter.as_ref()?.grant.as_ref()?;
        (now_ms < *expires_at_ms).then(|| token.clone())
    }

    fn keepsake_mut(&mut self) -> &mut Keepsake {
        let label = self
            .voter
            .as_ref()
            .map(|voter| voter.label.clone())
            .unwrap_or_default();
        self.keepsakes.current = Some(label.clone());
        self.keepsakes.voters.entry(label).or_default()
    }
}

/// Chosen options as a choice of `kind`. A motion without a stance has no options.
pub fn to_choice(kind: &PollKind, draft: &[OptionId]) -> Choice {
    if let PollKind::Motion = kind {
        let stance = |id: &OptionId| Stance::ALL.into_iter().find(|s| s.as_str() == id.as_str());
        if let Some(stance) = draft.first().and_then(stance) {
            return Choice::Motion { stance };
        }
    }
    Choice::Options {
        options: draft.to_vec(),
    }
}

/// The options of a choice, a motion's stance among them.
pub fn to_draft(choice: &Choice) -> Vec<OptionId> {
    match choice {
        Choice::Motion { stance } => OptionId::parse(stance.as_str()).into_iter().collect(),
        Choice::Options { options } => options.clone(),
    }
}

/// Applies `action`; returns what the world is asked to do, in order.
pub fn reduce(state: &mut State, action: Action, env: &Env) -> Vec<Effect> {
    match action {
        Action::TopicAnswered(answer) => topic_answered(state, answer),
        Action::TopicRemembered(view) => {
            if !matches!(
                state.topic,
                TopicState::Loaded { .. } | TopicState::Refused(_)
            ) {
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

fn topic_answered(state: &mut State, answer: Result<Box<TopicView>, PortError>) -> Vec<Effect> {
    let trouble = match answer {
        Ok(view) => {
            let view = Box::new(linli_rules::text::displayable_topic(*view));
            keep_known_options(&mut state.draft, &view.topic.poll.kind);
            state.topic = TopicState::Loaded { view, stale: false };
            return vec![Effect::RememberTopic];
        }
        Err(PortError::Refused(refusal)) => {
            let code = refusal.code().to_owned();
            state.topic = TopicState::Refused(refusal);
            return vec![Effect::TellRefused(code)];
        }
        Err(PortError::Unreachable) => Trouble::Unreachable,
        Err(PortError::Fault { incident }) => Trouble::Fault(incident),
    };
    match &mut state.topic {
        // A refresh that failed leaves what is on screen, and says that it is old.
        TopicState::Loaded { stale, .. } => *stale = true,
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
    let keepsake = keepsakes.voters.get(&label).cloned().unwrap_or_default();
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
    if has_receipt && matches!(state.stage, Stage::Choosing { .. }) {
        state.stage = Stage::Receipt;
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
        (None, Credential::Device) => {
            state.stage = Stage::Identifying {
                busy: true,
                problem: None,
            };
            vec![Effect::IdentifyDevice]
        }
        (None, Credential::HouseholdCode) => {
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
    CODE_CHARS.contains(&code.chars().filter(|c| c.is_alphanumeric()).count())
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
        .is_some_and(|poll| poll.credential == Credential::Device);
    let grant = match answer {
        Ok(grant) => grant,
        Err(error) => {
            let problem = match error {
                PortError::Refused(refusal) => Problem::Refused(refusal),
                PortError::Unreachable => Problem::Trouble(Trouble::Unreachable),
                PortError::Fault { incident } => Problem::Trouble(Trouble::Fault(incident)),
            };
            state.stage = match problem {
                // A device has no form to correct: the card itself says what happened.
                Problem::Refused(refusal) if is_device => Stage::Refused(refusal),
                Problem::Trouble(trouble) if is_device => Stage::Troubled(trouble),
                problem => Stage::Identifying {
                    busy: false,
                    problem: Some(problem),
                },
            };
            return Vec::new();
        }
    };
    state.code.clear();
    let known = state
        .keepsakes
        .voters
        .get(&grant.voter)
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
        Step::Settled(Settlement::Recorded(reply)) => {
            let voter = state.voter.get_or_insert_with(|| Voter {
                label: String::new(),
                grant: None,
                recorded: None,
            });
            voter.recorded = Some(Recorded::Seen(reply.clone()));
            state.keepsake_mut().reply = Some(*reply);
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
        Step::Settled(Settlement::Dispatched) => {
            state.stage = Stage::Dispatched;
            state.draft = to_draft(&choice);
            vec![
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
