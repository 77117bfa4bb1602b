//! The browser's own regular expressions, as the engine asks for them.

use linli_rules::survey::Patterns;

/// Runs patterns as `RegExp`. Outside browsers it runs none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrowserPatterns;

impl Patterns for BrowserPatterns {
    #[cfg(target_arch = "wasm32")]
    fn is_match(&self, pattern: &str, is_case_insensitive: bool, text: &str) -> Option<bool> {
        use wasm_bindgen::JsCast;
        let flags = if is_case_insensitive { "i" } else { "" };
        // The constructor throws where this is no pattern; js_sys does not catch that.
        let arguments = js_sys::Array::of2(&pattern.into(), &flags.into());
        let constructor = js_sys::Reflect::get(&js_sys::global(), &"RegExp".into()).ok()?;
        let constructor: &js_sys::Function = constructor.dyn_ref()?;
        let made = js_sys::Reflect::construct(constructor, &arguments).ok()?;
        Some(made.dyn_ref::<js_sys::RegExp>()?.test(text))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn is_match(&self, _pattern: &str, _is_case_insensitive: bool, _text: &str) -> Option<bool> {
        None
    }
}
