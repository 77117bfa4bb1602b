//! Focus and room: where the page goes when the card changes, and that a phone's keyboard
//! never covers the field that is being filled in.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{
    Element, FocusOptions, HtmlElement, ScrollBehavior, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};
use yew::FocusEvent;

/// After so long the keyboard is up, on phones that do not say when.
const KEYBOARD_MS: i32 = 350;
/// Room that is left below a field, so that its error and the next one are seen.
const ROOM_PX: f64 = 24.0;

/// Focus on the heading; the card's top comes into view where it is above it.
pub(crate) fn show_heading(heading: Option<HtmlElement>) {
    let Some(heading) = heading else { return };
    focus_still(&heading);
    if heading.get_bounding_client_rect().top() < 0.0 {
        scroll(&heading, ScrollLogicalPosition::Start);
    }
}

/// Focus on what answers a question, the question in the middle of what is seen.
pub(crate) fn show_question(root: Option<&Element>, question: u32) {
    let found = |selector: &str| root.and_then(|root| root.query_selector(selector).ok()?);
    let Some(frame) = found(&format!("#q{question}")) else {
        return;
    };
    let fields = "input:not([type=hidden]),select,textarea,button,summary";
    let within = |selector: &str| frame.query_selector(selector).ok().flatten();
    let field = within(".missing input").or_else(|| within("input:checked"));
    let field = field.or_else(|| within(fields));
    let field = field.unwrap_or_else(|| frame.clone());
    if let Some(field) = field.dyn_ref::<HtmlElement>() {
        focus_still(field);
    }
    let is_tall = frame.get_bounding_client_rect().height() > seen_height() * 0.8;
    // Of what is taller than the screen, the part that needs an answer.
    let (shown, at) = if is_tall {
        (
            field.parent_element().unwrap_or(field),
            ScrollLogicalPosition::Center,
        )
    } else {
        (frame, ScrollLogicalPosition::Center)
    };
    scroll(&shown, at);
}

/// A field has the focus: once the keyboard is up, it is moved out from under it.
pub(crate) fn make_room(event: FocusEvent) {
    let target = event
        .target()
        .and_then(|one| one.dyn_into::<HtmlElement>().ok());
    let Some(field) = target.filter(is_typed_into) else {
        return;
    };
    let Some(window) = web_sys::window() else {
        return;
    };
    let moved = Closure::once_into_js(move || {
        let place = field.get_bounding_client_rect();
        if place.bottom() + ROOM_PX > seen_height() {
            scroll(&field, ScrollLogicalPosition::Center);
        }
    });
    let _ = window
        .set_timeout_with_callback_and_timeout_and_arguments_0(moved.unchecked_ref(), KEYBOARD_MS);
}

fn is_typed_into(field: &HtmlElement) -> bool {
    let kind = field.get_attribute("type").unwrap_or_default();
    match field.tag_name().as_str() {
        "TEXTAREA" => true,
        "INPUT" => !matches!(kind.as_str(), "radio" | "checkbox" | "range" | "color"),
        _ => false,
    }
}

/// Height of what is seen: without the keyboard, where the browser tells.
fn seen_height() -> f64 {
    let Some(window) = web_sys::window() else {
        return 0.0;
    };
    let visual = window
        .visual_viewport()
        .map(|one| one.offset_top() + one.height());
    let whole = || {
        window
            .inner_height()
            .ok()
            .and_then(|height| height.as_f64())
    };
    visual.or_else(whole).unwrap_or_default()
}

fn focus_still(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}

fn scroll(element: &Element, at: ScrollLogicalPosition) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(at);
    // Those who asked for less motion get none; `auto` is at once.
    options.set_behavior(if likes_motion() {
        ScrollBehavior::Smooth
    } else {
        ScrollBehavior::Auto
    });
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

fn likes_motion() -> bool {
    let query = "(prefers-reduced-motion: no-preference)";
    let list = web_sys::window().and_then(|window| window.match_media(query).ok()?);
    list.is_some_and(|list| list.matches())
}
