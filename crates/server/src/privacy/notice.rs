//! The notices that consents name: one to each purpose, in versions. A version that was
//! shown to somebody is never edited; a new one is a new line.

use linli_model::me::ConsentPurpose;
use linli_texts::{Key, privacy as k};

/// What a person reads before they consent.
#[derive(Debug, Clone, Copy)]
pub struct Notice {
    /// To what.
    pub purpose: ConsentPurpose,
    /// 1, 2, 3 …
    pub version: u32,
    /// In a few words.
    pub title: Key,
    /// All of it.
    pub text: Key,
}

/// Every version of every notice, each purpose's newest last.
pub const NOTICES: &[Notice] = &[
    Notice {
        purpose: ConsentPurpose::Contact,
        version: 1,
        title: k::NOTICE_CONTACT,
        text: k::NOTICE_CONTACT_1,
    },
    Notice {
        purpose: ConsentPurpose::Publish,
        version: 1,
        title: k::NOTICE_PUBLISH,
        text: k::NOTICE_PUBLISH_1,
    },
    Notice {
        purpose: ConsentPurpose::Helper,
        version: 1,
        title: k::NOTICE_HELPER,
        text: k::NOTICE_HELPER_1,
    },
];

/// Every purpose.
pub const PURPOSES: [ConsentPurpose; 3] = [
    ConsentPurpose::Contact,
    ConsentPurpose::Publish,
    ConsentPurpose::Helper,
];

/// The newest notice for a purpose.
pub fn newest(purpose: ConsentPurpose) -> Option<&'static Notice> {
    NOTICES
        .iter()
        .rev()
        .find(|notice| notice.purpose == purpose)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_every_purpose_count_up() {
        for purpose in PURPOSES {
            let versions: Vec<u32> = NOTICES
                .iter()
                .filter(|notice| notice.purpose == purpose)
                .map(|notice| notice.version)
                .collect();
            let expected: Vec<u32> = (1..=versions.len() as u32).collect();
            assert!(!versions.is_empty());
            assert_eq!(versions, expected, "{purpose:?}");
        }
    }
}
