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
/// How deep parentheses, lists and calls may be nested in one expression.
pub const EXPRESSION_DEPTH_MAX: usize = 64;
