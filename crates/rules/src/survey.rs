//! Surveys: SurveyJS definitions, run.
//!
//! The same engine answers the widget and checks on the server. Time, chance and
//! regular expressions come in as arguments. The oracle is `survey-core` 3.1.1, see
//! `tests/peers/survey`.

pub mod date;
pub mod expression;
pub mod value;

pub use date::Clock;
pub use expression::{Expression, ExpressionFault, Scope};
pub use value::Value;
