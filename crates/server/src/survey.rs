//! Surveys on the server: what the rules leave to whoever runs them.
//!
//! The engine is `linli_rules::survey`. Here are definitions as they come in, answers
//! as they come in, and its regular expressions' side.

mod answers;
mod definition;
mod patterns;
mod shown;

pub use answers::{Checked, Checker, Ready, normal_form};
pub use definition::{
    DEFINITION_BYTES_MAX, Prepared, is_version, prepare, scoring_fault, version_of,
};
pub use patterns::{
    EcmaPatterns, PATTERN_CHARS_MAX, PATTERNS_MS_MAX, SUBJECT_UNITS_MAX, pattern_faults,
};
pub use shown::shown;
