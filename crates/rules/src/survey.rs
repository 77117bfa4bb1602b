//! Surveys: SurveyJS definitions, run.
//!
//! The same engine answers the widget and checks on the server. Time, chance and
//! regular expressions come in as arguments. The oracle is `survey-core` 3.1.1, see
//! `tests/peers/survey`.

pub mod date;
pub mod expression;
mod graph;
mod page;
mod program;
mod session;
mod validate;
pub mod value;

pub use date::Clock;
pub use expression::{Expression, ExpressionFault, Scope};
pub use program::Program;
pub use session::{Change, Session, SurveyRefusal};
pub use validate::{AnswerFault, FaultKind, Patterns};
pub use value::Value;

/// Bytes of JSON that the answers of one person take at most.
pub const ANSWERS_BYTES_MAX: usize = 1_000_000;
