//! Rules as data: the shares that decide, who follows, and what a poll is held by.

use crate::from_tree;
use crate::wire::words;
use serde::{Deserialize, Serialize};

/// By what a poll is decided and held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PollRule {
    /// The article that it follows, shown to residents. Empty: a template, which no
    /// statute stands behind.
    pub article: String,
    /// Formal polls: the local rule that lets this vote be held this way.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
    /// How ballots are counted; absent: the most votes decide. A client that shows what
    /// was counted does not read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<RuleMethod>,
}

/// How ballots are counted, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum RuleMethod {
    /// Enough of the roll takes part, and enough agree.
    MajorityWithQuorum {
        /// Share of the roll that must take part; absent where none is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        participation: Option<Limit>,
        /// Share of `approval_base` that must be in favour.
        approval: Limit,
        /// What `approval` is a share of.
        approval_base: Base,
        /// Day from which the article's text is in force, as `2026-01-01`. Whoever
        /// writes it has read that text; without it the rule is a template.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        in_force_from: String,
    },
    /// Owners by area and by heads, Civil Code article 278.
    #[serde(rename = "owners_civil_code_278")]
    OwnersCivilCode278 {
        /// Item of the article's first paragraph, 1–9 without 3.
        matter: u32,
        /// 从众, where the owners' adopted rules have it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        following: Option<FollowingRule>,
        /// Most mandates that one proxy may hold; absent where no local rule limits it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proxy_max: Option<u32>,
        /// What a unit without any figure has at most; absent: the largest on the roll.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missing_area_max_csqm: Option<u64>,
    },
}

impl crate::tree::FromTree for PollRule {
    fn from_tree(tree: crate::tree::Tree, fit: &mut crate::tree::Fit) -> Self {
        let mut fields = tree.fields(fit);
        Self {
            article: fields.need("article", fit),
            basis: fields.or_default("basis", fit),
            method: None,
        }
    }
}

/// What a share is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Base {
    /// Everyone on the roll.
    Eligible,
    /// Those who took part, abstentions included.
    Participating,
}

words!(Base { Eligible = "eligible", Participating = "participating" });

/// A share that must be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Limit {
    /// Upper part of the fraction.
    pub numerator: u32,
    /// Lower part of the fraction.
    pub denominator: u32,
    /// Whether the share itself is enough.
    pub bound: Bound,
}

/// Whether a limit's own figure is enough (Civil Code article 1259).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Bound {
    /// 以上: the figure is enough.
    AtLeast,
    /// 过, 超过: it is not.
    MoreThan,
}

words!(Bound { AtLeast = "at_least", MoreThan = "more_than" });

/// 从众: who is counted with the majority, by the owners' own adopted rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FollowingRule {
    /// The article of the owners' rules that says so.
    pub basis: String,
    /// How those rules read people who never answered.
    pub silent: Silence,
}

/// How people who never answered are read. What 参与表决 means for them is disputed, so a
/// rule names its reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Silence {
    /// They stay out; only ballots marked 从众 follow.
    Apart,
    /// They do not help to reach the quorum; then they are counted with the majority.
    Follow,
    /// They take part, with the majority.
    Participate,
}

words!(Silence { Apart = "apart", Follow = "follow", Participate = "participate" });

from_tree!(Limit {
    numerator,
    denominator,
    bound
});
