//! The kit that every widget is made of.
//!
//! Owns what widgets share on screen: the [`Shell`] that a widget is handed at mount,
//! primitives, and the tokens in `tokens.css`. It knows no backend and no widget.

pub mod shell;

pub use shell::{Shell, WidgetEvent};
