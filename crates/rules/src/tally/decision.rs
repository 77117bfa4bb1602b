//! A poll with a rule of its own: what may carry one, and what its counts come to.

use super::{majority_quorum, owners_278};
use linli_model::{
    Base, Citation, CountFault, Electorate, MajorityCount, MajorityRule, Measure, Outcome,
    OwnerBallot, OwnersCount, Poll, PollKind, PollNature, PollResult, PollRule, ResultStep,
    RuleMethod, Ruling, Secrecy, Stance, Threshold, Unit, Verdict,
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
    fits(
        method,
        poll.kind == PollKind::Motion,
        poll.electorate,
        poll.secrecy,
    )
}

/// Whether a method goes with what is asked, of whom, and who sees it. Asked by itself
/// where somebody is still choosing.
pub fn fits(
    method: &RuleMethod,
    is_motion: bool,
    electorate: Electorate,
    secrecy: Secrecy,
) -> Result<(), RuleFault> {
    if !is_motion {
        return Err(RuleFault::NotAMotion);
    }
    match method {
        RuleMethod::MajorityWithQuorum {
            participation,
            approval,
            ..
        } => {
            if electorate == Electorate::Devices {
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
            if electorate != Electorate::Owners {
                return Err(RuleFault::Electorate);
            }
            if secrecy == Secrecy::Secret {
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

/// What a method asks for, in the order in which it is counted, before anything is: each
/// with what its share is taken of. Figures are zero and nothing lacks.
pub fn asks(method: &RuleMethod) -> Vec<(ResultStep, Base)> {
    let ask = |threshold, measure, limit, base| {
        let step = ResultStep {
            threshold,
            measure,
            limit,
            base: 0,
            value: 0,
            short: 0,
            passed: true,
        };
        (step, base)
    };
    match method {
        RuleMethod::MajorityWithQuorum {
            participation,
            approval,
            approval_base,
            ..
        } => {
            let quorum = participation.map(|limit| {
                ask(
                    Threshold::Participation,
                    Measure::Heads,
                    limit,
                    Base::Eligible,
                )
            });
            let approval = ask(
                Threshold::Approval,
                Measure::Heads,
                *approval,
                *approval_base,
            );
            quorum.into_iter().chain([approval]).collect()
        }
        RuleMethod::OwnersCivilCode278 { matter, .. } => {
            let measures = [Measure::Area, Measure::Heads];
            let quorum = measures.map(|measure| {
                let limit = owners_278::PARTICIPATION;
                ask(Threshold::Participation, measure, limit, Base::Eligible)
            });
            let approval = measures.map(|measure| {
                let limit = owners_278::approval(*matter);
                ask(Threshold::Approval, measure, limit, Base::Participating)
            });
            quorum.into_iter().chain(approval).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use linli_model::{Bound, Limit};

    const fn limit(numerator: u32, denominator: u32, bound: Bound) -> Limit {
        Limit {
            numerator,
            denominator,
            bound,
        }
    }

    fn owners(matter: u32) -> RuleMethod {
        RuleMethod::OwnersCivilCode278 {
            matter,
            following: None,
            proxy_max: None,
            missing_area_max_csqm: None,
        }
    }

    #[test]
    fn a_method_says_what_it_asks_for() {
        let two_thirds = limit(2, 3, Bound::AtLeast);
        let half = limit(1, 2, Bound::MoreThan);
        let quarters = limit(3, 4, Bound::AtLeast);
        // Civil Code article 278, second paragraph.
        for (matter, approval) in [
            (1, half),
            (5, half),
            (6, quarters),
            (8, quarters),
            (9, half),
        ] {
            let told: Vec<_> = asks(&owners(matter))
                .into_iter()
                .map(|(step, base)| (step.threshold, step.measure, step.limit, base))
                .collect();
            let expected = [
                (
                    Threshold::Participation,
                    Measure::Area,
                    two_thirds,
                    Base::Eligible,
                ),
                (
                    Threshold::Participation,
                    Measure::Heads,
                    two_thirds,
                    Base::Eligible,
                ),
                (
                    Threshold::Approval,
                    Measure::Area,
                    approval,
                    Base::Participating,
                ),
                (
                    Threshold::Approval,
                    Measure::Heads,
                    approval,
                    Base::Participating,
                ),
            ];
            assert_eq!(told, expected, "item {matter}");
        }
        let simple = RuleMethod::MajorityWithQuorum {
            participation: None,
            approval: half,
            approval_base: Base::Eligible,
            in_force_from: String::new(),
        };
        let told = asks(&simple);
        assert_eq!(told.len(), 1, "no quorum is asked for");
        assert_eq!((told[0].0.limit, told[0].1), (half, Base::Eligible));
    }

    #[test]
    fn a_method_goes_only_with_what_it_can_count() {
        let fit = |motion, electorate, secrecy| fits(&owners(7), motion, electorate, secrecy);
        let (of, recorded) = (Electorate::Owners, Secrecy::Recorded);
        assert_eq!(fit(true, of, recorded), Ok(()));
        assert_eq!(fit(false, of, recorded), Err(RuleFault::NotAMotion));
        assert_eq!(fit(true, of, Secrecy::Secret), Err(RuleFault::Secret));
        let others = fit(true, Electorate::Households, recorded);
        assert_eq!(others, Err(RuleFault::Electorate));
        let third = fits(&owners(3), true, of, recorded);
        assert_eq!(third, Err(RuleFault::Matter));
    }
}
