//! Reading aloud, for people who would rather listen.

use web_sys::{SpeechSynthesis, SpeechSynthesisUtterance};

/// Whether this browser can speak. In-app browsers often cannot: hide the button then.
pub fn is_available() -> bool {
    cfg!(target_arch = "wasm32") && synthesis().is_some()
}

/// Speaks `text`, ending what was being spoken.
pub fn speak(text: &str, lang: &str) {
    let Some(synthesis) = synthesis() else { return };
    synthesis.cancel();
    if let Ok(utterance) = SpeechSynthesisUtterance::new_with_text(text) {
        utterance.set_lang(lang);
        utterance.set_rate(0.9);
        synthesis.speak(&utterance);
    }
}

/// Ends speaking.
pub fn stop() {
    if let Some(synthesis) = synthesis() {
        synthesis.cancel();
    }
}

fn synthesis() -> Option<SpeechSynthesis> {
    let window = web_sys::window()?;
    let present = js_sys::Reflect::get(&window, &"speechSynthesis".into()).ok()?;
    if present.is_object() {
        window.speech_synthesis().ok()
    } else {
        None
    }
}
