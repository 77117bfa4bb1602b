//! The widget's one reducer: what is on screen, and what every action does to it.
//!
//! Pure: clock and chance come in with [`Env`], the world is asked through the
//! [`Effect`]s that [`reduce`] returns. Every decision here is made again by the
//! backend; this one is for the person's sake.

mod reduce;

pub use reduce::{code_is_whole, reduce, refresh_in_ms};

use linli_model::{
    BallotSecret, CastReply, Choice, ChoiceFault, Credential, Grant, GrantToken, OptionId, Poll,
    PollKind, PollNature, Refusal, Stance, Standing, TopicView, Turnout, UtcMs,
};
use linli_port::{Capabilities, CastCommand, Pending, PortError, Step};
use serde::Serialize;

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
    /// It came, and asks for something that this version does not know. Its own page
    /// can show it.
    Newer {
        /// The topic's title.
        title: String,
        /// The title's language.
        lang: String,
    },
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
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Keepsake {
    /// The ballot's receipt and opening, once known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<CastReply>,
    /// The secret that addresses this voter's ballot in a secret poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<BallotSecret>,
    /// What was handed to a backend that gives no receipts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispatched: Option<Choice>,
    /// Permits asking and changing, until it expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<(GrantToken, UtcMs)>,
}

/// Everything that this device remembers of one topic; voters by their label.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Keepsakes {
    /// The voter shown last. Absent after “vote with another code”.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Label and what is remembered, each label once. A device's label is empty.
    pub voters: Vec<(String, Keepsake)>,
}

impl Keepsakes {
    /// What is remembered of a voter.
    pub fn of(&self, label: &str) -> Option<&Keepsake> {
        let (_, keepsake) = self.voters.iter().find(|(known, _)| known == label)?;
        Some(keepsake)
    }

    /// What is remembered of a voter, to be added to.
    pub fn of_mut(&mut self, label: &str) -> &mut Keepsake {
        let place = self.voters.iter().position(|(known, _)| known == label);
        let place = place.unwrap_or_else(|| {
            self.voters.push((label.to_owned(), Keepsake::default()));
            self.voters.len() - 1
        });
        &mut self.voters[place].1
    }
}

linli_model::from_tree!(Keepsake {} or default { reply, secret, dispatched, grant });
linli_model::from_tree!(Keepsakes { voters } or default { current });

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
    /// Identify by what needs no form: the page's word, or this device's random name.
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
            TopicState::Loading
            | TopicState::Refused(_)
            | TopicState::Failed(_)
            | TopicState::Newer { .. } => None,
        }
    }

    /// The poll, when it is here.
    pub fn poll(&self) -> Option<&Poll> {
        self.view().map(|view| &view.topic.poll)
    }

    /// How many have voted. A backend that serves no topics counts nothing: there, none
    /// means unknown.
    pub fn turnout(&self) -> Option<Turnout> {
        let turnout = self.view()?.turnout;
        (self.capabilities.topics || turnout.cast > 0).then_some(turnout)
    }

    /// True where this poll may not take place on this page: formal ones on others'
    /// pages, those where people give their number, which only the plain form takes, and
    /// those that ask for work, which only the hosted page does.
    pub fn is_elsewhere(&self) -> bool {
        self.poll().is_some_and(|poll| {
            poll.credential == Credential::Otp
                || poll.work_bits.is_some()
                || (poll.nature == PollNature::Formal && !self.capabilities.formal)
        })
    }

    /// The receipt of the present voter's ballot.
    pub fn reply(&self) -> Option<&CastReply> {
        match self.voter.as_ref()?.recorded.as_ref()? {
            Recorded::Seen(reply) => Some(reply),
            Recorded::Unseen => None,
        }
    }

    /// What the present voter handed to a backend that gives no receipts.
    pub fn dispatched(&self) -> Option<&Choice> {
        let label = self.keepsakes.current.as_deref()?;
        self.keepsakes.of(label)?.dispatched.as_ref()
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
        let keepsakes = &mut self.keepsakes;
        keepsakes.current = Some(label.clone());
        keepsakes.of_mut(&label)
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
