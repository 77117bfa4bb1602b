//! The widget's one reducer: what is on screen, and what every action does to it.
//!
//! Pure: clock, chance and regular expressions come in with [`Env`], the world is asked
//! through the [`Effect`]s that [`reduce`] returns. Every answer is checked again by the
//! backend; this is for the person's sake.
//!
//! Parts: filling in (`fill`), one running form (`form`), what is drawn of it (`card`,
//! `draw`), sending (`cast`), what the device remembers (`keep`).

mod card;
mod cast;
mod draw;
mod fill;
mod form;
mod keep;
mod reduce;
mod words;

pub use card::{
    Ask, Card, Group, Groups, Input, Item, Line, Look, Matrix, Node, Pick, Row, Scale, Words,
};
pub use cast::code_is_whole;
pub use form::{COMMENT_FIELD, Form, Origin};
pub use keep::{Draft, Fact, Keepsake, Keepsakes, PROFILE_NAMES, Profile};
pub use reduce::{reduce, refresh_in_ms};

use linli_model::wave::SurveyView;
use linli_model::{
    BallotSecret, CastReply, Choice, Credential, Grant, GrantToken, PlaceId, Poll, PollKind,
    PollNature, Refusal, Standing, Turnout, UtcMs,
};
use linli_port::{Capabilities, CastCommand, Pending, PortError, Step};
use linli_rules::survey::{Patterns, Program};
use linli_texts::Catalog;
use std::rc::Rc;
use std::sync::Arc;

/// What a reducer may not make itself.
#[derive(Clone, Copy)]
pub struct Env {
    /// The device's clock.
    pub now_ms: UtcMs,
    /// Minutes that the device's local time is ahead of UTC.
    pub ahead_of_utc_minutes: i32,
    /// Two times 16 bytes of chance, fresh for every action.
    pub chance: [[u8; 16]; 2],
    /// Regular expressions.
    pub patterns: &'static (dyn Patterns + Sync),
}

/// The round, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub enum RoundState {
    /// Asked for, not answered.
    Loading,
    /// Here. `stale` when it is from an earlier visit because there is no network.
    Loaded {
        /// The round, its definition, and where it stands.
        survey: Box<SurveyView>,
        /// Shown from memory.
        stale: bool,
    },
    /// The backend refuses to show it.
    Refused(Refusal),
    /// It did not come.
    Failed(Trouble),
    /// It came, and asks for something that this version cannot show. Its own page can.
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

/// What this moment asks of the person, or the answer to the last thing it asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// What this is about, before the first question.
    Intro,
    /// A page of questions.
    Filling,
    /// All answers once more, before they go.
    Review,
    /// Saying which household this is.
    Identifying {
        /// An answer is awaited.
        busy: bool,
        /// Why the last try did not do.
        problem: Option<Problem>,
    },
    /// Another member of the household has answered already: replace that?
    Confirming,
    /// A command is on its way.
    Casting(Progress),
    /// The answers are recorded and their receipt is here.
    Receipt,
    /// The answers were handed to a backend that gives no receipts.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The last step reported.
    pub step: ProgressStep,
    /// Whether it would survive closing the page.
    pub durable: bool,
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

/// The identified respondent.
#[derive(Debug, Clone, PartialEq)]
pub struct Voter {
    /// `8 栋 2 单元 301`; empty for a device.
    pub label: String,
    /// Permits the cast, while it lasts.
    pub grant: Option<(GrantToken, UtcMs)>,
    /// Answers of theirs that are recorded, as far as they can be seen.
    pub recorded: Option<Recorded>,
}

/// Recorded answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Recorded {
    /// With their receipt.
    Seen(Box<CastReply>),
    /// In the secret box: that they are there is all that is known.
    Unseen,
}

/// The whole state.
#[derive(Debug)]
pub struct State {
    /// What the backend can do.
    pub capabilities: Capabilities,
    /// The words of the person's language.
    pub texts: Rc<Catalog>,
    /// That language, as surveys name languages: `zh-cn`, `en`.
    pub locale: String,
    /// The place that the element or the poster named.
    pub at: Option<PlaceId>,
    /// The round.
    pub round: RoundState,
    /// The present question.
    pub stage: Stage,
    /// The definition that is asked now, ready to run.
    pub program: Option<Arc<Program>>,
    /// Pages and questions that it begins with.
    pub size: [usize; 2],
    /// The form that is being filled in.
    pub form: Option<Form>,
    /// A draft of an earlier visit that has not been taken up.
    pub draft: Option<Draft>,
    /// A version and its definition, kept beside the draft: it may be corrected meanwhile.
    pub kept: Option<(String, String)>,
    /// Finished answers that are to be cast.
    pub ready: Option<Choice>,
    /// The answers are to replace recorded ones.
    pub is_changing: bool,
    /// What has been typed as voting code.
    pub code: String,
    /// Who is answering, once identified.
    pub voter: Option<Voter>,
    /// What this device remembers of this round.
    pub keepsakes: Keepsakes,
    /// What the person lets all widgets fill in.
    pub profile: Profile,
    /// What the definition says when all is done; may be empty.
    pub thanks: String,
    /// Facts of the answers just sent that could be kept for next time.
    pub offer: Vec<Fact>,
}

/// What happens to a survey.
#[derive(Debug)]
pub enum Action {
    /// The backend answered.
    SurveyAnswered(Result<Box<SurveyView>, PortError>),
    /// A copy of an earlier visit was found.
    SurveyRemembered(Box<SurveyView>),
    /// What this device remembers was read.
    KeepsakesRead(Keepsakes),
    /// A draft of an earlier visit, and the definition that it was begun with.
    DraftRead(Draft, Option<String>),
    /// The person's profile was read.
    ProfileRead(Profile),
    /// An unsettled command of an earlier visit.
    PendingFound(Pending),
    /// Begin, or go on with the draft.
    Started,
    /// Throw the draft away and begin.
    StartedAnew,
    /// An item was tapped: a choice, a rate, a matrix' cell.
    Picked {
        /// The question.
        question: u32,
        /// A matrix' row; 0 else.
        row: usize,
        /// Its place among what is offered.
        item: usize,
    },
    /// An item was put elsewhere in a ranking; to its own place: it is right as it is.
    Moved {
        /// The question.
        question: u32,
        /// From which place.
        from: usize,
        /// To which.
        to: usize,
    },
    /// A field was filled in.
    Wrote {
        /// The question.
        question: u32,
        /// Which of its fields; [`COMMENT_FIELD`] for the words beside an answer.
        field: usize,
        /// What it holds.
        text: String,
    },
    /// Something was typed and is not an answer yet.
    Typed {
        /// The question.
        question: u32,
        /// Which of its fields.
        field: usize,
        /// What it holds.
        text: String,
    },
    /// An answer was taken back.
    Cleared(u32),
    /// One more row or panel.
    RowAdded(u32),
    /// A row or panel less.
    RowRemoved {
        /// The question.
        question: u32,
        /// The row's place, as the group has it.
        index: usize,
    },
    /// The next page, or done.
    NextAsked,
    /// The page before, or the intro.
    BackAsked,
    /// To a question: from the review, or since something is wrong with it.
    QuestionAsked(u32),
    /// Send: identify and cast, cast, or confirm.
    Submitted,
    /// The code field changed.
    CodeTyped(String),
    /// The backend answered an identification.
    Identified(Result<Grant, PortError>),
    /// The backend told where the respondent stands.
    StandingAnswered(Result<Standing, PortError>),
    /// A command took a step.
    Stepped(Box<CastCommand>, Step),
    /// Change recorded answers.
    ChangeAsked,
    /// Leave the present question: back to the answers, or to the receipt.
    Back,
    /// Answer for another household on this phone.
    SwitchAsked,
    /// Load again.
    RetryAsked,
    /// Send again now.
    NudgeAsked,
    /// Whether to keep facts for next time.
    KeepAnswered(bool),
    /// Forget what was kept.
    ForgetAsked,
}

/// What the world is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask for the round.
    LoadSurvey,
    /// Identify by what needs no form: the page's word, or this device's random name.
    IdentifyDevice,
    /// Identify by the typed code.
    IdentifyCode(String),
    /// Ask where the respondent stands.
    AskStanding(GrantToken, Option<BallotSecret>),
    /// Remember, then cast: in this order, so that no secret is lost.
    Cast(Box<CastCommand>),
    /// Remember.
    SaveKeepsakes,
    /// Remember the draft, or forget it when there is none.
    SaveDraft,
    /// Remember the definition that the draft was begun with.
    SaveDefinition,
    /// Remember the profile.
    SaveProfile,
    /// Try everything unsent now.
    Nudge,
    /// Tell the host page that a command ended well.
    TellSubmitted {
        /// With a receipt.
        recorded: bool,
    },
    /// Tell the host page that a command was refused.
    TellRefused(String),
    /// Move keyboard and screen reader to the card's heading, and the card into view.
    FocusHeading,
    /// Move them to a question.
    FocusQuestion(u32),
}

impl State {
    /// Before anything is known.
    pub fn new(capabilities: Capabilities, texts: Rc<Catalog>, at: Option<PlaceId>) -> Self {
        Self {
            capabilities,
            locale: survey_locale(texts.tag()),
            texts,
            at,
            round: RoundState::Loading,
            program: None,
            size: [0, 0],
            stage: Stage::Intro,
            form: None,
            draft: None,
            kept: None,
            ready: None,
            is_changing: false,
            code: String::new(),
            voter: None,
            keepsakes: Keepsakes::default(),
            profile: Profile::default(),
            thanks: String::new(),
            offer: Vec::new(),
        }
    }

    /// The round, when it is here.
    pub fn survey(&self) -> Option<&SurveyView> {
        match &self.round {
            RoundState::Loaded { survey, .. } => Some(survey),
            RoundState::Loading
            | RoundState::Refused(_)
            | RoundState::Failed(_)
            | RoundState::Newer { .. } => None,
        }
    }

    /// The poll, when it is here.
    pub fn poll(&self) -> Option<&Poll> {
        self.survey().map(|survey| &survey.view.topic.poll)
    }

    /// The version that is asked now.
    pub fn version(&self) -> Option<&str> {
        match &self.poll()?.kind {
            PollKind::Survey { wave } => Some(&wave.version),
            _ => None,
        }
    }

    /// How many have answered. A backend that serves no topics counts nothing: there,
    /// none means unknown.
    pub fn turnout(&self) -> Option<Turnout> {
        let turnout = self.survey()?.view.turnout;
        (self.capabilities.topics || turnout.cast > 0).then_some(turnout)
    }

    /// True where this round may not be answered on this page: see the deliberation.
    pub fn is_elsewhere(&self) -> bool {
        self.poll().is_some_and(|poll| {
            poll.credential == Credential::Otp
                || poll.work_bits.is_some()
                || (poll.nature == PollNature::Formal && !self.capabilities.formal)
        })
    }

    /// The receipt of the present respondent's answers.
    pub fn reply(&self) -> Option<&CastReply> {
        match self.voter.as_ref()?.recorded.as_ref()? {
            Recorded::Seen(reply) => Some(reply),
            Recorded::Unseen => None,
        }
    }

    /// What the present respondent handed to a backend that gives no receipts.
    pub fn dispatched(&self) -> Option<&Choice> {
        let label = self.keepsakes.current.as_deref()?;
        self.keepsakes.of(label)?.dispatched.as_ref()
    }

    /// The draft as it is to be kept; nothing where nothing was begun.
    pub fn draft_to_keep(&self) -> Option<Draft> {
        match &self.form {
            Some(form) => Some(form.draft()),
            None => self.draft.clone(),
        }
    }

    fn usable_grant(&self, now_ms: UtcMs) -> Option<GrantToken> {
        let (token, expires_at_ms) = self.voter.as_ref()?.grant.as_ref()?;
        (now_ms < *expires_at_ms).then(|| token.clone())
    }

    fn keepsake_mut(&mut self) -> &mut Keepsake {
        let voter = self.voter.as_ref();
        let label = voter.map(|voter| voter.label.clone()).unwrap_or_default();
        let keepsakes = &mut self.keepsakes;
        keepsakes.current = Some(label.clone());
        keepsakes.of_mut(&label)
    }
}

/// A language as SurveyJS definitions name it.
fn survey_locale(tag: &str) -> String {
    match tag {
        "zh-Hans" => "zh-cn".to_owned(),
        "zh-Hant" => "zh-tw".to_owned(),
        tag => linli_model::ecma::lower(tag),
    }
}
