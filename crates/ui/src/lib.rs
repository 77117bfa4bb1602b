//! The kit that every widget is made of.
//!
//! Owns what widgets share on screen: the [`Shell`] that a widget is handed at mount,
//! blocks ([`block`]), the tokens and their styles (`tokens.css`), colour checks, shares,
//! times, speech, saving and copying. It knows no backend and no widget.

pub mod block;
pub mod device;
pub mod kit;
pub mod shell;
pub mod speech;
pub mod task;
pub mod theme;
pub mod time;

pub use block::Block;
pub use shell::{Shell, WidgetEvent};
pub use task::Task;
pub use theme::Theme;
