//! SurveyJS expressions: read once, run against a [`Scope`].
//!
//! The grammar and its quirks are survey-core 3.1.1's (`expressions/grammar.pegjs`,
//! `expressions.ts`, `functionsfactory.ts`), held to it by the vectors in
//! `tests/survey_expressions.rs`. What differs, and why:
//!
//! | survey-core | here |
//! |---|---|
//! | a text that is no expression evaluates to `null` with a warning | refused when read |
//! | an unknown or an asynchronous function is `null` | refused when read |
//! | `null` inside a list or before `empty` throws | refused when read |
//! | numbers and text in one sum may throw | `NaN` |
//! | `new Date` reads what the browser reads | ISO 8601 only |
//! | `Math.pow` is the browser's | the last digit may differ |
//! | a date inside text is written as the browser writes it | ISO 8601 |
//! | goes on for as long as it takes | ends after [`STEPS_MAX`] steps with nothing; a session refuses to go on |
//! | makes texts and lists of any size | the same beyond [`MADE_BYTES_MAX`] |
//! | a condition in a text may hold texts with conditions without end | no more than [`TEXTS_OPEN_MAX`] are open |

mod ast;
mod instant;
mod name;
mod operator;
mod parse;
mod run;
mod scope;

pub use ast::Expression;
pub use parse::ExpressionFault;
pub use scope::{JsonScope, Scope, look_up};

/// Characters of one expression.
pub const EXPRESSION_CHARS_MAX: usize = 20_000;
/// Steps of one evaluation: a part, an item of a list, [`STEP_BYTES`] of a text; where two
/// lists are held against each other, each item of one with each of the other.
pub const STEPS_MAX: usize = 1_000_000;
/// Bytes of a text that count as one step.
pub const STEP_BYTES: usize = 8;
/// Bytes of a text or a list that an expression makes, each value in it counted.
pub const MADE_BYTES_MAX: usize = 50_000;
/// Conditions in texts that may be open, one inside the other.
pub const TEXTS_OPEN_MAX: usize = 2;
/// How deep parentheses, lists and calls may be nested in one expression.
pub const EXPRESSION_DEPTH_MAX: usize = 64;
