//! The staff's desk.

pub mod editor;
pub mod route;
pub mod state;
mod view;
pub mod zone;
