//! The widget's one reducer: what is on screen, and what every action does to it.
//!
//! Pure: clock and chance come in with [`Env`], the world is asked through the
//! [`Effect`]s that [`reduce`] returns.

use linli_model::wave::SurveyView;
use linli_model::{Refusal, UtcMs};
use linli_port::PortError;

/// What a reducer may not make itself.
#[derive(Debug, Clone, Copy)]
pub struct Env {
    /// The device's clock.
    pub now_ms: UtcMs,
    /// Two times 16 bytes of chance, fresh for every action.
    pub chance: [[u8; 16]; 2],
}

/// What the widget knows.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum State {
    /// Asked, not answered.
    #[default]
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
    /// It did not come; with a number where the backend says that it failed.
    Failed(Option<String>),
    /// It asks for something that this version does not know.
    Newer {
        /// The topic's title.
        title: String,
        /// The title's language.
        lang: String,
    },
}

impl State {
    /// Whether there is nothing to show yet.
    pub fn is_loading(&self) -> bool {
        matches!(self, Self::Loading)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// An earlier visit's copy, since the backend is out of reach.
    SurveyRemembered(Box<SurveyView>),
    /// The backend answered, or did not.
    SurveyAnswered(Result<Box<SurveyView>, PortError>),
    /// The person wants to try again.
    RetryAsked,
}

/// What the reducer asks of the world.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask the backend for the round.
    LoadSurvey,
    /// Move the focus to the heading.
    FocusHeading,
}

/// Applies `action`.
pub fn reduce(state: &mut State, action: Action, _env: &Env) -> Vec<Effect> {
    match action {
        Action::SurveyRemembered(survey) => {
            *state = State::Loaded {
                survey,
                stale: true,
            };
        }
        Action::SurveyAnswered(Ok(survey)) => {
            *state = State::Loaded {
                survey,
                stale: false,
            };
        }
        Action::SurveyAnswered(Err(error)) => fail(state, error),
        Action::RetryAsked => {
            *state = State::Loading;
            return vec![Effect::LoadSurvey, Effect::FocusHeading];
        }
    }
    Vec::new()
}

/// What is shown already stays when a later look at it fails.
fn fail(state: &mut State, error: PortError) {
    *state = match (error, &*state) {
        (PortError::Refused(refusal), _) => State::Refused(refusal),
        (PortError::Newer { title, lang }, _) => State::Newer { title, lang },
        (_, State::Loaded { .. }) => return,
        (PortError::Unreachable, _) => State::Failed(None),
        (PortError::Fault { incident }, _) => State::Failed(Some(incident)),
    };
}
