//! Regular expressions of surveys on the server, with `RegExp`'s answers and within bounds.
//!
//! A definition comes from outside and so does the text, and browsers run the same pattern
//! with a backtracking engine. Here a pattern without a back reference takes time in
//! proportion to its length times the text's, `(a+)+$` included. Back references can take
//! longer, and one check of answers has [`PATTERNS_MS_MAX`] for all its patterns together:
//! what is not decided by then, and what passes a limit of length, is no match, so the
//! answer is refused as if it did not fit. `regress`, the other engine for these patterns,
//! has no bound, and holds this one to its answers in tests.

use corvus_regex_ecma262::{Edition, Regex, RegexBuilder};
use linli_model::survey::{
    Definition, DefinitionFault, Element, FaultReason, QuestionKind, ValidatorKind,
};
use linli_rules::survey::Patterns;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Characters of one pattern.
pub const PATTERN_CHARS_MAX: usize = 1_000;
/// UTF-16 units of a text that patterns are looked for in.
pub const SUBJECT_UNITS_MAX: usize = 10_000;
/// Milliseconds that the patterns of one check have together.
pub const PATTERNS_MS_MAX: u64 = 200;

/// The patterns of one check of answers: each is read once, and all share the time.
#[derive(Debug)]
pub struct EcmaPatterns(Mutex<Check>);

#[derive(Debug)]
struct Check {
    read: HashMap<(String, bool), Option<Regex>>,
    left: Duration,
}

impl Default for EcmaPatterns {
    fn default() -> Self {
        Self::within(Duration::from_millis(PATTERNS_MS_MAX))
    }
}

impl EcmaPatterns {
    /// With all of the time before it.
    pub fn new() -> Self {
        Self::default()
    }

    fn within(left: Duration) -> Self {
        let read = HashMap::new();
        Self(Mutex::new(Check { read, left }))
    }
}

impl Patterns for EcmaPatterns {
    fn is_match(&self, pattern: &str, is_case_insensitive: bool, text: &str) -> Option<bool> {
        let mut check = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Check { read, left } = &mut *check;
        if left.is_zero() || text.encode_utf16().nth(SUBJECT_UNITS_MAX).is_some() {
            return None;
        }
        let start = Instant::now();
        let regex = read
            .entry((pattern.to_owned(), is_case_insensitive))
            .or_insert_with(|| compiled(pattern, is_case_insensitive).ok())
            .as_ref();
        let found = regex.and_then(|regex| regex.is_match_within(text, *left).ok());
        *left = left.saturating_sub(start.elapsed());
        found
    }
}

/// The validators of a definition whose pattern does not run here, with their paths.
pub fn pattern_faults(definition: &Definition) -> Vec<DefinitionFault> {
    let pages = definition.pages.iter();
    let mut faults = Vec::new();
    let mut waiting: Vec<&Element> = pages.flat_map(|page| &page.elements).rev().collect();
    while let Some(element) = waiting.pop() {
        let question = match element {
            Element::Panel(panel) => {
                waiting.extend(panel.elements.iter().rev());
                continue;
            }
            Element::Question(question) => question,
        };
        if let QuestionKind::Nested(nested) = &question.kind {
            waiting.extend(nested.elements.iter().rev());
        }
        for validator in &question.validators {
            if let ValidatorKind::Regex {
                pattern: Some(pattern),
                is_case_insensitive,
            } = &validator.kind
                && let Err(reason) = compiled(pattern, *is_case_insensitive)
            {
                let path = format!("{}.regex", validator.path);
                faults.push(DefinitionFault { path, reason });
            }
        }
    }
    faults
}

/// Reads a pattern as `new RegExp(pattern, flags)` does, also in a phone's older browser.
fn compiled(pattern: &str, is_case_insensitive: bool) -> Result<Regex, FaultReason> {
    if pattern.chars().nth(PATTERN_CHARS_MAX).is_some() {
        let limit = PATTERN_CHARS_MAX;
        return Err(FaultReason::TooMany { limit });
    }
    let flags = if is_case_insensitive { "i" } else { "" };
    RegexBuilder::new(pattern)
        .flags(flags)
        .edition(Edition::Es2020)
        .build()
        .map_err(|_| FaultReason::UnsupportedValue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(pattern: &str, text: &str) -> Option<bool> {
        EcmaPatterns::new().is_match(pattern, false, text)
    }

    #[test]
    fn patterns_mean_what_they_mean_in_a_browser() {
        for (pattern, text, wanted, why) in [
            (r"^\d+$", "１２", false, "digits are ASCII's"),
            (r"^\w+$", "好", false, "words are ASCII's"),
            (r"^\s+$", "\u{3000}\u{feff}", true, "spaces are Unicode's"),
            (r"a$", "a\n", false, "only the very end"),
            (r"^.$", "😀", false, "a pair counts as two"),
            (r"^.{2}$", "😀", true, "a pair counts as two"),
            (r"^[\u4e00-\u9fa5]{2,4}$", "张三", true, "\\u escapes"),
            (r"^(a)?\1b$", "b", true, "an unset group is empty"),
            (r"[^]", "\n", true, "anything"),
            (r"[]", "a", false, "nothing"),
            (r"^a{,2}$", "a{,2}", true, "no count: as written"),
            (r"^\p{L}$", "p{L}", true, "no property without the flag"),
            (r"(?<=元)\d", "元5", true, "behind"),
            (r"^1[3-9]\d{9}$", "13800138000", true, "a phone"),
        ] {
            assert_eq!(found(pattern, text), Some(wanted), "{pattern}: {why}");
        }
        assert_eq!(EcmaPatterns::new().is_match("^k$", true, "K"), Some(true));
        assert_eq!(
            EcmaPatterns::new().is_match("^k$", true, "\u{212a}"),
            Some(false)
        );
    }

    /// `tests/peers/survey/patterns.mjs` made them; `LINLI_SURVEY_PATTERNS=FILE` runs others.
    #[test]
    fn patterns_answer_as_in_node() {
        let text = match std::env::var("LINLI_SURVEY_PATTERNS") {
            Ok(path) => std::fs::read_to_string(path).expect("the vectors"),
            Err(_) => include_str!("../../../../tests/cases/survey-patterns.json").into(),
        };
        type Vector = (String, bool, String, Option<bool>);
        let vectors: Vec<Vector> = serde_json::from_str(&text).expect("vectors");
        let patient = |(pattern, is_case_insensitive, text, wanted): &Vector| {
            let patterns = EcmaPatterns::within(Duration::from_secs(60));
            let found = patterns.is_match(pattern, *is_case_insensitive, text);
            (found != *wanted).then(|| format!("{pattern} {text:?}: {found:?}, {wanted:?}"))
        };
        let differences: Vec<String> = vectors.iter().filter_map(patient).collect();
        println!("{} patterns", vectors.len());
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }

    #[test]
    fn a_definition_is_refused_where_its_patterns_are_none() {
        let text = |pattern: &str| {
            let validators = [serde_json::json!({ "type": "regex", "regex": pattern })];
            serde_json::json!({ "type": "text", "name": "t", "validators": validators })
        };
        let json = serde_json::json!({ "elements": [
            { "type": "panel", "name": "p", "elements": [text("(")] },
            { "type": "paneldynamic", "name": "d", "templateElements": [text("a{2,1}")] },
        ] });
        let definition = linli_model::survey::read(&json).expect("read");
        let faults = pattern_faults(&definition);
        let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        let wanted = [
            "elements[0].elements[0].validators[0].regex",
            "elements[1].templateElements[0].validators[0].regex",
        ];
        assert_eq!(paths, wanted);
    }

    #[test]
    fn catastrophes_of_backtracking_are_decided() {
        // Backtracking would take longer than the sun will last; a minute is for slow machines.
        let patient = EcmaPatterns::within(Duration::from_secs(60));
        let long = "a".repeat(SUBJECT_UNITS_MAX - 1) + "!";
        for (pattern, text, wanted) in [
            (r"(a+)+$", &*long, false),
            (r"^(a+)+$", &long, false),
            (r"^(a|aa)+$", &long, false),
            (r"(x+x+)+y|^(a|a)*!$", &long, true),
            (r"(?=(a*)*b)a", &long[..500], false),
            (
                r"^(?=.*(a+)+c)(?=.*!).{8,}$",
                &long[SUBJECT_UNITS_MAX - 500..],
                false,
            ),
        ] {
            let found = patient.is_match(pattern, false, text);
            assert_eq!(found, Some(wanted), "{pattern}");
        }
    }

    #[test]
    fn what_takes_too_long_takes_the_time_of_the_check_and_no_more() {
        let patterns = EcmaPatterns::within(Duration::from_millis(20));
        let long = "a".repeat(2_000) + "!";
        let hopeless = r"^(?:(a+)\1*)+$";
        assert_eq!(patterns.is_match(hopeless, false, &long), None);
        let left = patterns.0.lock().expect("no panic").left;
        assert!(left.is_zero(), "the time is used up");
        assert_eq!(
            patterns.is_match("a", false, "a"),
            None,
            "for all that follow"
        );
    }

    #[test]
    fn limits_of_length_are_no_match() {
        let long = "a".repeat(SUBJECT_UNITS_MAX + 1);
        assert_eq!(found("a", &long), None);
        assert_eq!(found(&"a".repeat(PATTERN_CHARS_MAX + 1), "a"), None);
        assert_eq!(found("(", "a"), None);
        let deep = format!("{}a{}", "(".repeat(499), ")".repeat(499));
        assert!(found(&deep, "a").is_some());
    }

    proptest! {
        /// Nothing but ASCII: `regress` counts a pair as one character.
        #[test]
        fn it_answers_as_regress_does(
            pattern in r"(\^|)([abc.]|[ab]\*|[bc]\+|\[[a-c]+\]|\([ab]\|b?c\)\*|\\[dwsb]|\(\?[=!]a\)|[a-c]\{1,3\}){1,6}(\$|)",
            text in "[abc1 ]{0,12}",
        ) {
            let Ok(theirs) = regress::Regex::new(&pattern) else {
                return Ok(());
            };
            prop_assert_eq!(found(&pattern, &text), Some(theirs.find(&text).is_some()));
        }

        #[test]
        fn no_pattern_panics(pattern in r"[-a-c0-9\\^$.*+?()\[\]{}|:=!<>,bdpukx]{0,40}", text in "[abc]{0,20}") {
            found(&pattern, &text);
        }
    }
}
