//! What a panic does: this instance of the wasm is over. The loader is told, shows every
//! element's own content again and offers to start a fresh instance. The outbox is on
//! the device and survives.

use crate::failure::Failure;
use js_sys::Function;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;

thread_local! {
    static POISONED: Cell<bool> = const { Cell::new(false) };
    static TELL: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Tells `poisoned(message)` about the first panic.
pub(crate) fn install(poisoned: Function) {
    TELL.set(Some(poisoned));
    yew::set_custom_panic_hook(Box::new(|info| {
        // One panic often causes more: the first one says what happened.
        if !POISONED.replace(true)
            && let Some(tell) = TELL.take()
        {
            let _ = tell.call1(&JsValue::NULL, &info.to_string().into());
        }
    }));
}

/// Refuses to go on in an instance that has panicked.
pub(crate) fn check() -> Result<(), Failure> {
    if POISONED.get() {
        Err(Failure::Poisoned)
    } else {
        Ok(())
    }
}
