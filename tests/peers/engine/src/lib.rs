//! The survey engine as wasm: what a widget does with it, without anything to look at.
//!
//! Not part of the product. `cargo xtask bench engine` builds it, and `measure.mjs` beside
//! it runs it in one process with survey-core.

#![cfg(target_arch = "wasm32")]

use linli_model::survey::read;
use linli_rules::survey::{Clock, Program, Session};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// One person's way through a survey.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Survey(Session);

#[wasm_bindgen]
impl Survey {
    /// Reads a definition and starts.
    ///
    /// # Errors
    ///
    /// What does not run.
    #[wasm_bindgen(constructor)]
    pub fn new(definition: &str) -> Result<Survey, JsError> {
        let json: serde_json::Value = serde_json::from_str(definition)?;
        let told = |fault: &dyn std::fmt::Debug| JsError::new(&format!("{fault:?}"));
        let definition = read(&json).map_err(|faults| told(&faults))?;
        let program = Program::new(definition).map_err(|faults| told(&faults))?;
        let clock = Clock {
            now_ms: 1_795_570_215_250.0,
            ahead_of_utc_minutes: 480,
        };
        let session = Session::new(Arc::new(program), clock).map_err(|refusal| told(&refusal))?;
        Ok(Survey(session))
    }

    /// Takes an answer and asks what shows now, as a view would; how many questions do.
    ///
    /// # Errors
    ///
    /// No such question, or conditions that do not rest.
    pub fn answer(&mut self, question: &str, answer: &str) -> Result<usize, JsError> {
        let answer = serde_json::Value::from(answer);
        self.0
            .set_answer(question, &answer)
            .map_err(|refusal| JsError::new(&format!("{refusal:?}")))?;
        Ok(self.0.visible_questions().len())
    }

    /// The answers as JSON.
    pub fn data(&self) -> String {
        self.0.data().to_string()
    }
}
