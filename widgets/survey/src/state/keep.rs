//! What this device remembers: receipts, the draft, and the facts that a person lets
//! every widget fill in. Never who somebody is.

use linli_model::{BallotSecret, CastReply, Choice, GrantToken, UtcMs};
use serde::Serialize;

/// What this device remembers of one respondent in one round.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Keepsake {
    /// The answers' receipt and opening, once known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<CastReply>,
    /// The secret that addresses this respondent's answers in a secret poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<BallotSecret>,
    /// What was handed to a backend that gives no receipts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispatched: Option<Choice>,
    /// Permits asking and changing, until it expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<(GrantToken, UtcMs)>,
}

/// Everything that this device remembers of one round; respondents by their label.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Keepsakes {
    /// The respondent shown last. Absent after “answer with another code”.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Label and what is remembered, each label once. A device's label is empty.
    pub voters: Vec<(String, Keepsake)>,
}

impl Keepsakes {
    /// What is remembered of a respondent.
    pub fn of(&self, label: &str) -> Option<&Keepsake> {
        let (_, keepsake) = self.voters.iter().find(|(known, _)| known == label)?;
        Some(keepsake)
    }

    /// What is remembered of a respondent, to be added to.
    pub fn of_mut(&mut self, label: &str) -> &mut Keepsake {
        let place = self.voters.iter().position(|(known, _)| known == label);
        let place = place.unwrap_or_else(|| {
            self.voters.push((label.to_owned(), Keepsake::default()));
            self.voters.len() - 1
        });
        &mut self.voters[place].1
    }
}

/// Answers that are not sent yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// The definition that they are given to.
    pub version: String,
    /// JSON text of an object, as `survey-core` keeps answers.
    pub answers: String,
    /// The page that was open; empty before the first.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub page: String,
    /// Orders what the definition wants in random order, as it was shown.
    pub seed: i64,
    /// Whether it is to replace answers that are recorded.
    pub is_changing: bool,
}

/// Names of questions that ask the same of somebody every time: typed once, they may be
/// filled in by every widget. None of them says who somebody is.
pub const PROFILE_NAMES: [&str; 8] = [
    "building",
    "age_group",
    "gender",
    "years_here",
    "household_size",
    "tenure",
    "has_pet",
    "employment",
];

/// A question's name and its answer as JSON text.
pub type Fact = (String, String);

/// What the person lets every widget fill in. Kept under one key for all of them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Profile {
    /// Whether facts may be kept; absent until the person was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_keep: Option<bool>,
    /// Each name of [`PROFILE_NAMES`] at most once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
}

impl Profile {
    /// The answer kept under a name.
    pub fn fact(&self, name: &str) -> Option<serde_json::Value> {
        let (_, json) = self.facts.iter().find(|(known, _)| known == name)?;
        linli_model::ecma::read(json)
    }

    /// Takes over facts, newer ones in place of older.
    pub fn learn(&mut self, facts: Vec<Fact>) {
        for (name, json) in facts {
            self.facts.retain(|(known, _)| *known != name);
            self.facts.push((name, json));
        }
    }
}

linli_model::from_tree!(Keepsake {} or default { reply, secret, dispatched, grant });
linli_model::from_tree!(Keepsakes { voters } or default { current });
linli_model::from_tree!(Draft { version, answers, seed } or default { page, is_changing });
linli_model::from_tree!(Profile {} or default { may_keep, facts });
