//! How a poll being written is decided: what the fields hold, and the rule that they make.

use linli_model::{Base, Bound, Limit, PollRule, RuleMethod};

/// Shares that are offered, beside one that was written otherwise.
const SHARES: [&str; 5] = ["1/2", "1/2+", "3/5+", "2/3+", "3/4+"];
/// More than half.
const HALF: Limit = Limit {
    numerator: 1,
    denominator: 2,
    bound: Bound::MoreThan,
};

/// By what a poll is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The most votes; of a motion, more for than against.
    Most,
    /// Enough of the roll takes part, and enough agree.
    Quorum,
    /// Owners by area and by heads.
    Owners,
}

/// The fields.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleDraft {
    /// By what.
    pub method: Method,
    /// Share that must take part, as [`word`] writes it; empty for none.
    pub participation: String,
    /// Share that must agree.
    pub approval: String,
    /// What that is a share of.
    pub base: Base,
    /// Item of article 278.
    pub matter: String,
    /// The article that it follows, as written.
    pub article: String,
    /// From when that article's text is in force, as `2026-01-01`.
    pub in_force_from: String,
    /// As it was: what no field asks for stays.
    kept: Option<PollRule>,
}

impl RuleDraft {
    /// A rule that exists, or none yet.
    pub fn of(rule: Option<&PollRule>) -> Self {
        let mut draft = Self {
            method: Method::Most,
            participation: "1/2".to_owned(),
            approval: "1/2".to_owned(),
            base: Base::Participating,
            matter: "9".to_owned(),
            article: rule.map_or_else(String::new, |rule| rule.article.clone()),
            in_force_from: String::new(),
            kept: rule.cloned(),
        };
        match rule.and_then(|rule| rule.method.as_ref()) {
            None => {}
            Some(RuleMethod::MajorityWithQuorum {
                participation,
                approval,
                approval_base,
                in_force_from,
            }) => {
                draft.method = Method::Quorum;
                draft.participation = participation.map(word).unwrap_or_default();
                draft.approval = word(*approval);
                draft.base = *approval_base;
                draft.in_force_from.clone_from(in_force_from);
            }
            Some(RuleMethod::OwnersCivilCode278 { matter, .. }) => {
                draft.method = Method::Owners;
                draft.matter = matter.to_string();
            }
        }
        draft
    }

    /// The rule as the fields have it. A consultation by the most votes needs none.
    pub fn rule(&self, is_formal: bool, basis: &str) -> Option<PollRule> {
        let method = self.method(self.method);
        if self.kept.is_none() && method.is_none() && !is_formal {
            return None;
        }
        Some(PollRule {
            article: self.article.trim().to_owned(),
            basis: basis.to_owned(),
            method,
        })
    }

    /// What choosing `method` would count by.
    pub fn method(&self, method: Method) -> Option<RuleMethod> {
        match method {
            Method::Most => None,
            Method::Quorum => Some(RuleMethod::MajorityWithQuorum {
                participation: limit(&self.participation),
                approval: limit(&self.approval).unwrap_or(HALF),
                approval_base: self.base,
                in_force_from: self.in_force_from.trim().to_owned(),
            }),
            Method::Owners => {
                let matter = self.matter.parse().unwrap_or_default();
                let kept = self.kept.as_ref().and_then(|rule| rule.method.clone());
                Some(match kept {
                    Some(RuleMethod::OwnersCivilCode278 {
                        following,
                        proxy_max,
                        missing_area_max_csqm,
                        ..
                    }) => RuleMethod::OwnersCivilCode278 {
                        matter,
                        following,
                        proxy_max,
                        missing_area_max_csqm,
                    },
                    _ => RuleMethod::OwnersCivilCode278 {
                        matter,
                        following: None,
                        proxy_max: None,
                        missing_area_max_csqm: None,
                    },
                })
            }
        }
    }
}

/// Shares to choose from: each as [`word`] writes it. `now` is among them.
pub fn shares(now: &str) -> Vec<String> {
    let other = (!now.is_empty() && !SHARES.contains(&now)).then_some(now);
    let all = SHARES.into_iter().chain(other);
    all.map(str::to_owned).collect()
}

/// A share in a word: `2/3+` where the share itself is enough, `1/2` where it is not.
pub fn word(limit: Limit) -> String {
    let bound = match limit.bound {
        Bound::AtLeast => "+",
        Bound::MoreThan => "",
    };
    format!("{}/{}{bound}", limit.numerator, limit.denominator)
}

/// The share that a word says.
pub fn limit(word: &str) -> Option<Limit> {
    let (share, bound) = match word.strip_suffix('+') {
        Some(share) => (share, Bound::AtLeast),
        None => (word, Bound::MoreThan),
    };
    let (numerator, denominator) = share.split_once('/')?;
    Some(Limit {
        numerator: numerator.parse().ok()?,
        denominator: denominator.parse().ok()?,
        bound,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use linli_model::{FollowingRule, Silence};

    #[test]
    fn a_rule_is_the_same_after_it_was_opened() {
        let rule = |method| PollRule {
            article: "章程第八条".to_owned(),
            basis: "业主大会决议".to_owned(),
            method,
        };
        let odd = Limit {
            numerator: 5,
            denominator: 7,
            bound: Bound::AtLeast,
        };
        for method in [
            None,
            Some(RuleMethod::MajorityWithQuorum {
                participation: Some(odd),
                approval: HALF,
                approval_base: Base::Eligible,
                in_force_from: "2026-01-01".to_owned(),
            }),
            Some(RuleMethod::MajorityWithQuorum {
                participation: None,
                approval: odd,
                approval_base: Base::Participating,
                in_force_from: String::new(),
            }),
            Some(RuleMethod::OwnersCivilCode278 {
                matter: 7,
                following: Some(FollowingRule {
                    basis: "议事规则第九条".to_owned(),
                    silent: Silence::Follow,
                }),
                proxy_max: Some(3),
                missing_area_max_csqm: Some(12_000),
            }),
        ] {
            let rule = rule(method);
            let opened = RuleDraft::of(Some(&rule));
            assert_eq!(opened.rule(false, &rule.basis), Some(rule));
        }
        assert_eq!(RuleDraft::of(None).rule(false, ""), None);
        assert!(shares("5/7+").contains(&"5/7+".to_owned()));
    }
}
