//! The staff's desk.

pub mod editor;
pub mod route;
pub mod state;
pub mod zone;
