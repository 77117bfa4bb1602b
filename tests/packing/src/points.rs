//! The split points: one for each stand-in, or for groups of them.

/// Writes this module's functions from the lines of `table.rs`.
macro_rules! stand_ins {
    ($($name:ident: $stand_in:path, $pair:ident, $three:ident;)*) => {
        use crate::app::{Given, Mounted, mount};
        use crate::card::{Card, CardProps};
        use crate::failure::Failure;
        use web_sys::HtmlElement;

        /// Loads the stand-in's piece where it is not loaded yet, and mounts it.
        pub(crate) async fn open(
            widget: &str,
            root: HtmlElement,
            given: Given,
        ) -> Result<Box<dyn Mounted>, Failure> {
            match widget {
                $(stringify!($name) => split::$name(root, given).await,)*
                _ => Err(Failure::UnknownWidget),
            }
        }

        mod split {
            use super::*;

            $(
                #[cfg(all(feature = "split", not(any(feature = "pairs", feature = "threes"))))]
                #[wasm_split_helpers::wasm_split($name, fallible)]
                pub(super) fn $name(root: HtmlElement, given: Given) -> Result<Box<dyn Mounted>, Failure> {
                    mount::<Card<$stand_in>>(root, given, CardProps::of)
                }

                #[cfg(all(feature = "split", feature = "pairs"))]
                #[wasm_split_helpers::wasm_split($pair, fallible)]
                pub(super) fn $name(root: HtmlElement, given: Given) -> Result<Box<dyn Mounted>, Failure> {
                    mount::<Card<$stand_in>>(root, given, CardProps::of)
                }

                #[cfg(all(feature = "split", feature = "threes", not(feature = "pairs")))]
                #[wasm_split_helpers::wasm_split($three, fallible)]
                pub(super) fn $name(root: HtmlElement, given: Given) -> Result<Box<dyn Mounted>, Failure> {
                    mount::<Card<$stand_in>>(root, given, CardProps::of)
                }

                #[cfg(not(feature = "split"))]
                pub(super) async fn $name(root: HtmlElement, given: Given) -> Result<Box<dyn Mounted>, Failure> {
                    mount::<Card<$stand_in>>(root, given, CardProps::of)
                }
            )*
        }
    };
}

#[path = "table.rs"]
mod table;

pub(crate) use table::open;
