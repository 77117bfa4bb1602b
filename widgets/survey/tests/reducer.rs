//! The reducer, through what people do.

use linli_port::PortError;
use linli_survey::state::{Action, Effect, Env, State, reduce};

const ENV: Env = Env {
    now_ms: 0,
    chance: [[0; 16]; 2],
};

#[test]
fn a_failed_answer_can_be_asked_for_again() {
    let mut state = State::default();
    let failed = Action::SurveyAnswered(Err(PortError::Unreachable));
    assert_eq!(reduce(&mut state, failed, &ENV), []);
    assert_eq!(state, State::Failed(None));
    let effects = reduce(&mut state, Action::RetryAsked, &ENV);
    assert!(effects.contains(&Effect::LoadSurvey));
    assert!(state.is_loading());
}
