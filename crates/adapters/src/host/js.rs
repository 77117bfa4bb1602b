//! The page's object, as JavaScript holds it.

use super::{Answer, Page};
use js_sys::{Function, JSON, Promise, Reflect};
use linli_port::LocalFuture;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// An object of the page. Nothing about it is assumed: getters may throw, methods may
/// be missing or answer at once.
#[derive(Clone)]
pub struct JsPage(JsValue);

impl JsPage {
    /// The value given to `linli.configure({ host })`.
    pub fn new(object: JsValue) -> Self {
        Self(object)
    }

    fn method(&self, name: &str) -> Option<Function> {
        let value = Reflect::get(&self.0, &name.into()).ok()?;
        value.dyn_into().ok()
    }

    async fn settle(&self, method: &str, argument: &str) -> Result<JsValue, JsValue> {
        let function = self.method(method).ok_or(JsValue::NULL)?;
        let answer = function.call1(&self.0, &JSON::parse(argument)?)?;
        JsFuture::from(Promise::resolve(&answer)).await
    }
}

impl Page for JsPage {
    fn has(&self, method: &str) -> bool {
        self.method(method).is_some()
    }

    fn gives_receipts(&self) -> bool {
        let said = Reflect::get(&self.0, &"receipts".into());
        !matches!(said, Ok(said) if said == JsValue::FALSE)
    }

    fn call(&self, method: &'static str, argument: String) -> LocalFuture<'_, Answer> {
        Box::pin(async move {
            match self.settle(method, &argument).await {
                Ok(value) => Answer::Resolved(text(&value)),
                Err(value) => Answer::Rejected(text(&value)),
            }
        })
    }
}

/// JSON text; `null` for what has none, such as `undefined` or a cycle.
fn text(value: &JsValue) -> String {
    let text = JSON::stringify(value).ok();
    let text = text.and_then(|text| JsValue::from(text).as_string());
    text.unwrap_or_else(|| "null".to_owned())
}
