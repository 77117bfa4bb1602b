//! Chooses a locale for a person.

use crate::LOCALES;

/// Locale used where nothing fits.
const DEFAULT: &str = "zh-Hans";

/// The first of `wanted` (BCP 47 tags, most wanted first) that we have, by full tag,
/// then by language. `zh-CN`, `zh-SG`, `zh` are zh-Hans; traditional readers get
/// zh-Hans too until there is a zh-Hant.
pub fn negotiate<'a>(wanted: impl IntoIterator<Item = &'a str>) -> &'static str {
    for tag in wanted {
        let tag = tag.trim();
        if let Some(known) = LOCALES.iter().find(|known| known.eq_ignore_ascii_case(tag)) {
            return known;
        }
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        let same_language = |known: &&&str| {
            known
                .split('-')
                .next()
                .is_some_and(|l| l.eq_ignore_ascii_case(language))
        };
        if let Some(known) = LOCALES.iter().find(same_language) {
            return known;
        }
    }
    DEFAULT
}

#[cfg(test)]
mod tests {
    use super::negotiate;

    #[test]
    fn picks_what_a_person_reads() {
        let cases: [(&[&str], &str); 6] = [
            (&["en-GB"], "en"),
            (&["zh-CN", "en"], "zh-Hans"),
            (&["ZH-hans"], "zh-Hans"),
            (&["fr", "en"], "en"),
            (&["fr"], "zh-Hans"),
            (&[], "zh-Hans"),
        ];
        for (wanted, expected) in cases {
            assert_eq!(negotiate(wanted.iter().copied()), expected, "{wanted:?}");
        }
    }
}
