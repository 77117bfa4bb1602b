//! What the device may lend: the clipboard, a place to save a file. Each may be absent.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// Copies `text`; false where the page may not.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    let navigator = window.navigator();
    // Absent outside secure contexts and in some in-app browsers.
    let present = js_sys::Reflect::get(&navigator, &"clipboard".into());
    if !present.is_ok_and(|clipboard| clipboard.is_object()) {
        return false;
    }
    JsFuture::from(navigator.clipboard().write_text(text))
        .await
        .is_ok()
}

/// Offers `text` as a file called `name`; false where the browser cannot.
pub fn save_file(name: &str, text: &str) -> bool {
    try_save(name, text).is_some()
}

fn try_save(name: &str, text: &str) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let parts = js_sys::Array::of1(&text.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("application/json");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
    let url = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let link: web_sys::HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    // Not attached to the page: the host's handlers see nothing of it.
    link.click();
    let _ = web_sys::Url::revoke_object_url(&url);
    Some(())
}

/// Offers `bytes` as a file; false where the browser cannot.
pub fn save_bytes(name: &str, media_type: &str, bytes: &[u8]) -> bool {
    let bytes = js_sys::Uint8Array::from(bytes);
    offer(name, media_type, &js_sys::Array::of1(&bytes)).is_some()
}

fn offer(name: &str, media_type: &str, parts: &js_sys::Array) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(parts, &options).ok()?;
    let url = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let link: web_sys::HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    let _ = web_sys::Url::revoke_object_url(&url);
    Some(())
}
