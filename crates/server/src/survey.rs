//! Surveys on the server: what the rules leave to whoever runs them.
//!
//! The engine is `linli_rules::survey`; here is its regular expressions' side.

mod patterns;

pub use patterns::{
    EcmaPatterns, PATTERN_CHARS_MAX, PATTERNS_MS_MAX, SUBJECT_UNITS_MAX, pattern_faults,
};
