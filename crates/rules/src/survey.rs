//! Surveys: SurveyJS definitions, run.
//!
//! The same engine answers the widget and checks on the server. Time, chance and
//! regular expressions come in as arguments. The oracle is `survey-core` 3.1.1, see
//! `tests/peers/survey`. What differs, and why:
//!
//! | survey-core | here |
//! |---|---|
//! | stops a circle of conditions or triggers after eleven rounds, with what it has by then | refused: at reading where values are computed in a circle, else `SurveyRefusal::Restless` |
//! | a variable that a trigger sets takes the place of the answer of the same name | refused when read |
//! | a `skip` or `complete` trigger waits for an answer that its patterns and addresses accept | patterns and addresses count as accepted there |
//! | a trigger that reads a result that is no number runs with every change | runs when the result changes |
//! | after jumps by `skip` triggers | the page that is current may differ; the cause is open (0.2 % of random surveys) |
//! | a default or `setValueExpression` whose result is no choice that is offered | given or not; may differ |

pub mod date;
pub mod expression;
mod graph;
mod page;
mod pattern;
mod program;
mod session;
mod validate;
pub mod value;

pub use date::Clock;
pub use expression::{Expression, ExpressionFault, Scope};
pub use pattern::Patterns;
pub use program::Program;
pub use session::{Change, Session, SurveyRefusal};
pub use validate::{AnswerFault, FaultKind};
pub use value::Value;

/// Bytes of JSON that the answers of one person take at most.
pub const ANSWERS_BYTES_MAX: usize = 1_000_000;
