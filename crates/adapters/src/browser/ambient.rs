//! Clock, chance and connectivity.

use js_sys::{Date, Promise};
use linli_model::UtcMs;
use linli_port::{Ambient, Guard, LocalFuture};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{VisibilityState, Window};

/// The browser's own.
#[derive(Clone, Copy, Default)]
pub struct BrowserAmbient;

impl Ambient for BrowserAmbient {
    fn now_ms(&self) -> UtcMs {
        Date::now() as UtcMs
    }

    fn chance(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        let crypto = web_sys::window().and_then(|window| window.crypto().ok());
        let filled = crypto.map(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
        // Every browser above our floor has it, in insecure contexts too. Going on with
        // a guessable key or secret would be worse than ending here.
        assert!(matches!(filled, Some(Ok(_))), "no source of chance");
        bytes
    }

    fn sleep(&self, ms: u32) -> LocalFuture<'static, ()> {
        Box::pin(sleep(ms))
    }

    fn online(&self) -> bool {
        web_sys::window().is_none_or(|window| window.navigator().on_line())
    }

    fn on_wake(&self, wake: Rc<dyn Fn()>) -> Guard {
        let Some(window) = web_sys::window() else {
            return Guard::new(|| {});
        };
        let shown = window.clone();
        let listener = Closure::<dyn Fn()>::new(move || {
            if is_visible(&shown) {
                wake();
            }
        });
        let function = listener.as_ref().unchecked_ref();
        for event in WAKING {
            // Fails only where `addEventListener` itself was replaced by the page.
            let _ = window.add_event_listener_with_callback_and_bool(event, function, true);
        }
        Guard::new(move || {
            let function = listener.as_ref().unchecked_ref();
            for event in WAKING {
                let _ = window.remove_event_listener_with_callback_and_bool(event, function, true);
            }
        })
    }
}

/// Back online, back from the page cache, back in front (the document's event, which
/// the window hears while it is on its way down). There is no Background Sync in
/// WeChat: these moments are all we get.
const WAKING: [&str; 3] = ["online", "pageshow", "visibilitychange"];

fn is_visible(window: &Window) -> bool {
    let document = window.document();
    document.is_none_or(|document| document.visibility_state() != VisibilityState::Hidden)
}

/// Resolves after `ms` milliseconds; the timer ends with the future.
pub async fn sleep(ms: u32) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let mut timer = Timer { window, id: 0 };
    let due = Promise::new(&mut |resolve, _| {
        let ms = i32::try_from(ms).unwrap_or(i32::MAX);
        let window = &timer.window;
        if let Ok(id) = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms) {
            timer.id = id;
        }
    });
    // The promise is never rejected.
    let _ = JsFuture::from(due).await;
}

struct Timer {
    window: Window,
    id: i32,
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.window.clear_timeout_with_handle(self.id);
    }
}
