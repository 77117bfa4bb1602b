//! Turns the table of widgets into split points and a lookup by name.

/// Writes this module's functions from the lines of `registry/table.rs`.
macro_rules! widgets {
    ($($name:ident: $component:path, $tag:literal, $attribute:literal in $collection:literal, [$($part:literal),*];)*) => {
        use crate::app::{Given, Mounted, mount};
        use crate::failure::Failure;
        use crate::props;
        use web_sys::HtmlElement;

        /// The text parts that a widget reads, in the order of its texts file.
        pub(crate) fn text_parts(widget: &str) -> Option<&'static [&'static str]> {
            match widget {
                $(stringify!($name) => Some(&[$($part),*]),)*
                _ => None,
            }
        }

        /// Loads the widget's piece where it is not loaded yet, and mounts it.
        pub(crate) async fn open(
            widget: &str,
            root: HtmlElement,
            given: Given,
        ) -> Result<Box<dyn Mounted>, Failure> {
            match widget {
                $(stringify!($name) => pieces::$name(root, given).await,)*
                _ => Err(Failure::UnknownWidget),
            }
        }

        mod pieces {
            use super::*;

            $(
                #[cfg(feature = "split-widgets")]
                #[wasm_split_helpers::wasm_split($name, fallible)]
                pub(super) fn $name(root: HtmlElement, given: Given) -> Result<Box<dyn Mounted>, Failure> {
                    mount::<$component>(root, given, props::$name)
                }

                #[cfg(not(feature = "split-widgets"))]
                pub(super) async fn $name(root: HtmlElement, given: Given) -> Result<Box<dyn Mounted>, Failure> {
                    mount::<$component>(root, given, props::$name)
                }
            )*
        }
    };
}

mod table;

pub(crate) use table::{open, text_parts};
