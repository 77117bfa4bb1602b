//! A poll with a rule of its own: what may carry one, and what its counts come to.

use super::{majority_quorum, owners_278};
use linli_model::{
    Citation, CountFault, Electorate, MajorityCount, MajorityRule, Outcome, OwnerBallot,
    OwnersCount, Poll, PollKind, PollNature, PollResult, PollRule, ResultStep, RuleMethod, Ruling,
    Secrecy, Stance, Unit, Verdict,
};

/// Why a poll cannot have the rule that it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleFault {
    /// Thresholds decide motions only.
    NotAMotion,
    /// Its voters are not those that the rule counts, or there is no roll of them.
    Electorate,
    /// Areas are counted by name; a secret poll has none.
    Secret,
    /// A share is none that can be reached and missed.
    LimitInvalid,
    /// The article has no such item, or elects and recalls, which has its own procedure.
    Matter,
    /// 从众 without the article that has it.
    FollowingBasis,
    /// A formal poll without the local rule that lets it be held this way.
    BasisMissing,
}

/// Whether the poll may be held by its rule.
pub fn check(poll: &Poll) -> Result<(), RuleFault> {
    let Some(rule) = &poll.rule else {
        // 正式表决 needs a recorded local basis, and only a rule records one.
        return match poll.nature {
            PollNature::Consultation => Ok(()),
            PollNature::Formal => Err(RuleFault::BasisMissing),
        };
    };
    if poll.nature == PollNature::Formal && rule.basis.trim().is_empty() {
        return Err(RuleFault::BasisMissing);
    }
    // Without a method the most votes decide, and it only records article and basis.
    let Some(method) = &rule.method else {
        return Ok(());
    };
    if poll.kind != PollKind::Motion {
        return Err(RuleFault::NotAMotion);
    }
    match method {
        RuleMethod::MajorityWithQuorum {
            participation,
            approval,
            ..
        } => {
            if poll.electorate == Electorate::Devices {
                return Err(RuleFault::Electorate);
            }
            let mut limits = participation.iter().chain([approval]);
            if limits.all(|limit| super::steps::is_valid(*limit)) {
                Ok(())
            } else {
                Err(RuleFault::LimitInvalid)
            }
        }
        RuleMethod::OwnersCivilCode278 {
            matter, following, ..
        } => {
            if poll.electorate != Electorate::Owners {
                return Err(RuleFault::Electorate);
            }
            if poll.secrecy == Secrecy::Secret {
                return Err(RuleFault::Secret);
            }
            if !matches!(matter, 1 | 2 | 4..=9) {
                return Err(RuleFault::Matter);
            }
            let is_founded = |rule: &linli_model::FollowingRule| !rule.basis.trim().is_empty();
            if following.as_ref().is_none_or(is_founded) {
                Ok(())
            } else {
                Err(RuleFault::FollowingBasis)
            }
        }
    }
}

/// The article to show: the Civil Code's own where the rule is that, else as written.
pub fn article(rule: &PollRule) -> String {
    match &rule.method {
        Some(RuleMethod::OwnersCivilCode278 { matter, .. }) => owners_278::article(*matter),
        _ => rule.article.clone(),
    }
}

/// What a motion by majority with quorum comes to. `None` where the poll has another
/// rule, or no roll.
pub fn majority(poll: &Poll, result: &PollResult) -> Option<Result<Verdict, Vec<CountFault>>> {
    let rule = poll.rule.as_ref()?;
    let Some(RuleMethod::MajorityWithQuorum {
        participation,
        approval,
        approval_base,
        in_force_from,
    }) = &rule.method
    else {
        return None;
    };
    let votes = |stance: Stance| {
        let of = |count: &&linli_model::OptionCount| count.option.as_str() == stance.as_str();
        result.counts.iter().find(of).map_or(0, |count| count.votes)
    };
    Some(majority_quorum::count(&MajorityCount {
        rule: MajorityRule {
            participation: *participation,
            approval: *approval,
            approval_base: *approval_base,
            citation: Some(Citation {
                article: rule.article.clone(),
                in_force_from: in_force_from.clone(),
            }),
        },
        nature: poll.nature,
        basis: rule.basis.clone(),
        eligible: result.turnout.eligible?,
        yes: votes(Stance::Yes),
        no: votes(Stance::No),
        abstain: votes(Stance::Abstain),
    }))
}

/// What owners' ballots come to. `None` where the poll has another rule.
pub fn owners(
    poll: &Poll,
    units: Vec<Unit>,
    ballots: Vec<OwnerBallot>,
) -> Option<Result<Verdict, Vec<CountFault>>> {
    let rule = poll.rule.as_ref()?;
    let Some(RuleMethod::OwnersCivilCode278 {
        matter,
        following,
        proxy_max,
        missing_area_max_csqm,
    }) = &rule.method
    else {
        return None;
    };
    Some(owners_278::count(&OwnersCount {
        matter: *matter,
        nature: poll.nature,
        basis: rule.basis.clone(),
        following: following.clone(),
        proxy_max: *proxy_max,
        missing_area_max_csqm: *missing_area_max_csqm,
        units,
        ballots,
    }))
}

/// Puts the verdict's name, thresholds and ruling into a result.
pub fn tell(result: &mut PollResult, verdict: &Verdict) {
    let followed = verdict.following.as_ref().map(|following| &following.total);
    result.rule.clone_from(&verdict.rule);
    let steps = followed.unwrap_or(&verdict.total).steps.iter();
    result.steps = steps
        .map(|step| ResultStep {
            threshold: step.threshold,
            measure: step.measure,
            limit: step.limit,
            base: step.base,
            value: step.value,
            short: step.short,
            passed: step.passed,
        })
        .collect();
    result.outcome = match verdict.ruling {
        Ruling::NoBallots => Outcome::NoBallots,
        Ruling::NotQuorate => Outcome::NotQuorate,
        Ruling::Carried => Outcome::Carried,
        Ruling::Lost => Outcome::Lost,
        Ruling::Undetermined { .. } => Outcome::Undetermined,
        Ruling::Other => Outcome::Other,
    };
}
