//! Why an element could not be opened. The loader shows the element's own content
//! again and tells the host page with `linli-error`.

use wasm_bindgen::JsValue;

/// Why an element could not be opened or updated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No widget of that name is in this suite.
    UnknownWidget,
    /// An attribute is missing or not what it should be.
    Attribute(&'static str),
    /// The widget's piece of wasm did not load: missing, blocked or tampered with.
    #[cfg_attr(
        not(feature = "split"),
        expect(dead_code, reason = "an unsplit suite has no pieces")
    )]
    Piece,
    /// The texts did not load or are not texts.
    Texts,
    /// An earlier panic ended this instance.
    Poisoned,
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        let text = match failure {
            Failure::UnknownWidget => "unknown widget".to_owned(),
            Failure::Attribute(name) => format!("attribute {name}"),
            Failure::Piece => "piece not loaded".to_owned(),
            Failure::Texts => "texts not loaded".to_owned(),
            Failure::Poisoned => "instance ended".to_owned(),
        };
        js_sys::Error::new(&text).into()
    }
}

#[cfg(feature = "split")]
impl From<wasm_split_helpers::SplitLoaderError> for Failure {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        Self::Piece
    }
}
