//! Texts of a widget in a locale, fetched once per page.

use crate::failure::Failure;
use js_sys::{Function, Promise};
use linli_texts::Catalog;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

type Kept = Vec<(String, Rc<Catalog>)>;

thread_local! {
    static KEPT: RefCell<Kept> = const { RefCell::new(Vec::new()) };
}

/// The catalog of `parts` for `widget`. `load` turns a file of the suite into a promise
/// of its text; the loader has often fetched it before it is asked.
pub(crate) async fn catalog(
    load: &Function,
    widget: &str,
    parts: &[&str],
    locale: &str,
) -> Result<Rc<Catalog>, Failure> {
    let file = format!("texts/{locale}/{widget}.json");
    if let Some(known) = known(&file) {
        return Ok(known);
    }
    let promise = load.call1(&wasm_bindgen::JsValue::NULL, &file.as_str().into());
    let promise: Promise = promise
        .ok()
        .and_then(|p| p.dyn_into().ok())
        .ok_or(Failure::Texts)?;
    let text = JsFuture::from(promise)
        .await
        .ok()
        .and_then(|text| text.as_string());
    let mut catalog = Catalog::new(locale);
    if !catalog.load_all(parts, &text.ok_or(Failure::Texts)?) {
        return Err(Failure::Texts);
    }
    // Two elements may have waited for the same file: both get the first catalog, since
    // widgets compare catalogs by identity.
    Ok(known(&file).unwrap_or_else(|| {
        let catalog = Rc::new(catalog);
        KEPT.with_borrow_mut(|kept| kept.push((file, Rc::clone(&catalog))));
        catalog
    }))
}

fn known(file: &str) -> Option<Rc<Catalog>> {
    KEPT.with_borrow(|kept| {
        kept.iter()
            .find(|(name, _)| name == file)
            .map(|(_, c)| Rc::clone(c))
    })
}
