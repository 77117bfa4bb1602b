//! Regular expressions, as somebody else runs them.

/// ECMAScript regular expressions, run by whoever has an engine for them.
pub trait Patterns {
    /// Whether the pattern is found in the text; nothing when it is no pattern or takes
    /// too long.
    fn is_match(&self, pattern: &str, is_case_insensitive: bool, text: &str) -> Option<bool>;
}
