//! This device's local time, for expressions such as `today()`.

/// Minutes that local time is ahead of UTC; China's outside browsers.
#[cfg(target_arch = "wasm32")]
pub(crate) fn ahead_of_utc_minutes() -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "a day has 1440 minutes")]
    let behind = js_sys::Date::new_0().get_timezone_offset() as i32;
    -behind
}

/// Minutes that local time is ahead of UTC; China's outside browsers.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn ahead_of_utc_minutes() -> i32 {
    480
}
