//! The person who reads: language, size of type, times in the community's zone, and
//! texts made safe to show.

use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use linli_model::{Refusal, Stance, Topic, UtcMs};
use linli_texts::{Catalog, Key, LOCALES, RefusalText, deliberation as k, negotiate, page as p};

/// How one person reads.
pub(super) struct Reader {
    pub(super) texts: Catalog,
    pub(super) elder: bool,
    chosen: bool,
}

impl Reader {
    /// By `?lang=` and `?elder=1`, then by `Accept-Language`.
    pub(super) fn of(query: Option<&str>, headers: &HeaderMap) -> Self {
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_str(query.unwrap_or_default()).unwrap_or_default();
        let field = |name: &str| {
            fields
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, v)| v.as_str())
        };
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|v| v.to_str().ok());
        let tag = match field("lang") {
            Some(lang) => negotiate([lang]),
            None => negotiate(by_weight(accepted.unwrap_or_default())),
        };
        Self {
            // Every negotiated tag is an embedded one.
            texts: Catalog::embedded(tag).unwrap_or_else(|| Catalog::new(tag)),
            elder: field("elder") == Some("1"),
            chosen: field("lang").is_some(),
        }
    }

    pub(super) fn text(&self, key: Key) -> &str {
        self.texts.text(key)
    }

    /// A stance on a motion, in a word.
    pub(super) fn stance(&self, stance: Stance) -> &str {
        self.text(match stance {
            Stance::Yes => k::STANCE_YES,
            Stance::No => k::STANCE_NO,
            Stance::Abstain => k::STANCE_ABSTAIN,
        })
    }

    /// `at_ms` in the topic's community.
    pub(super) fn time(&self, topic: &Topic, at_ms: UtcMs) -> String {
        self.time_in(&topic.community.time_zone, at_ms)
    }

    /// `at_ms` in a time zone by its name.
    pub(super) fn time_in(&self, zone: &str, at_ms: UtcMs) -> String {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let Ok(at) = Timestamp::from_millisecond(at_ms) else {
            return String::new();
        };
        at.to_zoned_datetime(zone)
            .strftime(self.text(p::TIME_FORMAT))
            .to_string()
    }

    /// What a refusal means to this person.
    pub(super) fn refusal(&self, topic: &Topic, refusal: &Refusal) -> RefusalText {
        linli_texts::explain(&self.texts, refusal, &|at_ms| self.time(topic, at_ms))
    }

    pub(super) fn form_expired(&self) -> RefusalText {
        self.pair(p::FORM_EXPIRED, p::FORM_EXPIRED_NEXT)
    }

    pub(super) fn code_missing(&self) -> RefusalText {
        self.pair(p::CODE_MISSING, p::CODE_MISSING_NEXT)
    }

    /// Told to everybody who asks, also where nothing was sent.
    pub(super) fn password_sent(&self) -> RefusalText {
        self.pair(p::OTP_SENT, p::OTP_SENT_NEXT)
    }

    pub(super) fn password_missing(&self) -> RefusalText {
        self.pair(p::OTP_MISSING, p::OTP_SENT_NEXT)
    }

    pub(super) fn password_wrong(&self, attempts_left: u32) -> RefusalText {
        RefusalText {
            title: self.text(p::OTP_WRONG).to_owned(),
            next: self
                .texts
                .count(p::OTP_WRONG_NEXT, u64::from(attempts_left), &[]),
        }
    }

    pub(super) fn contact_malformed(&self) -> RefusalText {
        self.pair(p::CONTACT_MALFORMED, p::CONTACT_MALFORMED_NEXT)
    }

    pub(super) fn behalf_code(&self) -> RefusalText {
        self.pair(p::BEHALF_CODE, p::BEHALF_CODE_NEXT)
    }

    pub(super) fn behalf_secret(&self) -> RefusalText {
        self.pair(p::BEHALF_SECRET, p::BEHALF_SECRET_NEXT)
    }

    pub(super) fn host_only(&self) -> RefusalText {
        self.pair(p::HOST_ONLY, p::HOST_ONLY_NEXT)
    }

    pub(super) fn helped_only(&self) -> RefusalText {
        self.pair(p::HELPED_ONLY, p::HELPED_ONLY_NEXT)
    }

    fn pair(&self, title: Key, next: Key) -> RefusalText {
        RefusalText {
            title: self.text(title).to_owned(),
            next: self.text(next).to_owned(),
        }
    }

    /// The query that keeps this way of reading, with `elder` and `lang` as given.
    pub(super) fn query(&self, elder: bool, lang: Option<&str>) -> String {
        let lang = lang.or(self.chosen.then(|| self.texts.tag()));
        let parts = [
            lang.map(|lang| format!("lang={lang}")),
            elder.then(|| "elder=1".to_owned()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            "?".to_owned()
        } else {
            format!("?{}", parts.join("&"))
        }
    }

    /// Other languages: tag and its name in itself.
    pub(super) fn others(&self) -> Vec<(&'static str, String)> {
        let others = LOCALES.iter().filter(|tag| **tag != self.texts.tag());
        let named = others
            .filter_map(|tag| Some((*tag, Catalog::embedded(tag)?.text(p::OWN_NAME).to_owned())));
        named.collect()
    }
}

/// Tags of an `Accept-Language` line, most wanted first.
fn by_weight(line: &str) -> Vec<&str> {
    let mut tags: Vec<(&str, f32)> = line
        .split(',')
        .take(20)
        .map(|part| {
            let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
            let weight = rest.trim().strip_prefix("q=").and_then(|q| q.parse().ok());
            (tag.trim(), weight.unwrap_or(1.0))
        })
        .filter(|(tag, weight)| !tag.is_empty() && *weight > 0.0)
        .collect();
    tags.sort_by(|a, b| b.1.total_cmp(&a.1));
    tags.into_iter().map(|(tag, _)| tag).collect()
}

/// Text without characters that are not seen and only mislead: marks that reorder what
/// follows, and spaces of no width. Joiners that emoji and some scripts need stay.
pub(super) fn plain(text: &str) -> String {
    let misleads = |c: char| {
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}'
            | '\u{061c}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
            || (c.is_control() && c != '\n')
    };
    text.chars().filter(|c| !misleads(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_weighed() {
        assert_eq!(
            by_weight("fr;q=0.5, en-GB, zh;q=0.9"),
            ["en-GB", "zh", "fr"]
        );
        assert_eq!(by_weight("en;q=0, *"), ["*"]);
        assert!(by_weight("").is_empty());
    }

    #[test]
    fn what_misleads_is_left_out_and_emoji_stay_whole() {
        assert_eq!(plain("同\u{202e}意\u{200b}！\u{feff}"), "同意！");
        assert_eq!(plain("👨\u{200d}👩\u{200d}👧"), "👨\u{200d}👩\u{200d}👧");
        assert_eq!(plain("a\u{0}\nb"), "a\nb");
    }
}
