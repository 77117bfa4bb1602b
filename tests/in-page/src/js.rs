//! The town as JavaScript holds it.

use crate::Town;
use js_sys::JSON;
use linli_model::UtcMs;
use serde_json::Value;
use wasm_bindgen::prelude::*;

/// A backend inside the page.
#[wasm_bindgen]
pub struct InPage(Town);

#[wasm_bindgen]
impl InPage {
    /// `seeds` is a JSON list of [`crate::Seed`]; times are milliseconds since 1970.
    #[wasm_bindgen(constructor)]
    pub fn new(seeds: &str, opens_at_ms: f64) -> Result<InPage, JsError> {
        let seeds = serde_json::from_str(seeds)?;
        let town = Town::open(seeds, whole(opens_at_ms));
        Ok(Self(town.map_err(|what| JsError::new(&what))?))
    }

    /// A method of `host.d.ts` at `now_ms`: gives what it resolves with, throws what it
    /// rejects with. `argument` is JSON text.
    pub fn call(&self, method: &str, argument: &str, now_ms: f64) -> Result<JsValue, JsValue> {
        match self.0.call(method, argument, whole(now_ms)) {
            Ok(value) => value_of(&value),
            Err(value) => Err(value_of(&value)?),
        }
    }
}

fn value_of(value: &Value) -> Result<JsValue, JsValue> {
    JSON::parse(&value.to_string())
}

#[expect(clippy::cast_possible_truncation, reason = "dates are far below 2^53")]
fn whole(ms: f64) -> UtcMs {
    ms as UtcMs
}
