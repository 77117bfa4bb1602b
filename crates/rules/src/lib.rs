//! What Linli decides, as pure functions over the model.
//!
//! The widget runs these before it sends, the server runs the same ones again inside
//! its transaction. Time comes in as an argument; there is no chance, no locale, no
//! regular-expression engine and no I/O here.

pub mod ballot;
pub mod desk;
pub mod draft;
#[cfg(feature = "authoring")]
pub mod instruments;
pub mod phase;
#[cfg(feature = "statistics")]
pub mod statistics;
#[cfg(feature = "survey")]
pub mod survey;
#[cfg(feature = "authoring")]
pub mod survey_text;
pub mod tally;
pub mod text;
pub mod work;

pub use ballot::Ballot;
