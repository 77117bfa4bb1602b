//! The suite's own table of widgets, read by the build.

/// One widget of the suite.
pub(crate) struct Widget {
    /// Folder under `widgets/`, and the name of its piece.
    pub(crate) name: &'static str,
    /// Custom element.
    pub(crate) tag: &'static str,
    /// Attribute that says what the element is about.
    pub(crate) attribute: &'static str,
    /// Where the HTTP API keeps it: `/api/v1/<collection>/<attribute's value>`.
    pub(crate) collection: &'static str,
    /// Text parts, in the order of the texts file.
    pub(crate) parts: &'static [&'static str],
}

macro_rules! widgets {
    ($($name:ident: $component:path, $tag:literal, $attribute:literal in $collection:literal, [$($part:literal),*];)*) => {
        /// Every widget.
        pub(crate) const WIDGETS: &[super::Widget] = &[$(super::Widget {
            name: stringify!($name),
            tag: $tag,
            attribute: $attribute,
            collection: $collection,
            parts: &[$($part),*],
        }),*];
    };
}

#[path = "../../../suite/src/registry/table.rs"]
mod table;

pub(crate) use table::WIDGETS;
