//! What holds for every count with thresholds. A failure prints its seed and its
//! smallest example.

use linli_model::{
    Base, Bound, Figures, FollowingRule, Limit, MajorityCount, MajorityRule, OwnerBallot,
    OwnerVote, OwnersCount, PollNature, Ruling, Silence, Step, Total, Unit, Verdict,
};
use linli_rules::tally::{majority_quorum, owners_278};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn limits() -> impl Strategy<Value = Limit> {
    let bounds = select(vec![Bound::AtLeast, Bound::MoreThan]);
    (bounds, 1..100u32, 0..100u32).prop_map(|(bound, denominator, part)| {
        let numerator = match bound {
            Bound::AtLeast => part % denominator + 1,
            Bound::MoreThan => part % denominator,
        };
        Limit {
            numerator,
            denominator,
            bound,
        }
    })
}

fn majorities() -> impl Strategy<Value = MajorityCount> {
    let bases = select(vec![Base::Eligible, Base::Participating]);
    let rule = (option::of(limits()), limits(), bases);
    let figures = (0..40u64, 0..40u64, 0..40u64, 0..40u64);
    (rule, figures).prop_map(
        |((participation, approval, base), (yes, no, abstain, silent))| MajorityCount {
            rule: MajorityRule {
                participation,
                approval,
                approval_base: base,
                citation: None,
            },
            nature: PollNature::Consultation,
            basis: String::new(),
            eligible: yes + no + abstain + silent,
            yes,
            no,
            abstain,
        },
    )
}

/// One head: its parts, and its answer if any.
type Owner = (Vec<Option<u64>>, Option<OwnerVote>);

fn owners(area: impl Strategy<Value = Option<u64>> + Clone) -> impl Strategy<Value = Vec<Owner>> {
    let votes = select(vec![
        OwnerVote::Yes,
        OwnerVote::Yes,
        OwnerVote::No,
        OwnerVote::Abstain,
        OwnerVote::Follow,
    ]);
    vec((vec(area, 1..4), option::weighted(0.8, votes)), 1..12)
}

fn known_areas() -> impl Strategy<Value = Option<u64>> + Clone {
    (1..20_000u64).prop_map(Some)
}

fn some_missing() -> impl Strategy<Value = Option<u64>> + Clone {
    option::weighted(0.7, 1..20_000u64)
}

fn matters() -> impl Strategy<Value = u32> {
    select(vec![1, 2, 4, 5, 6, 7, 8, 9])
}

fn following() -> impl Strategy<Value = Option<Silence>> {
    option::of(select(vec![
        Silence::Apart,
        Silence::Follow,
        Silence::Participate,
    ]))
}

fn given(matter: u32, following: Option<Silence>, owners: &[Owner]) -> OwnersCount {
    let mut units = Vec::new();
    let mut ballots = Vec::new();
    for (nth, (areas, vote)) in owners.iter().enumerate() {
        // The first is the developer.
        let (developer, owner) = match nth {
            0 => (true, String::new()),
            _ => (false, format!("o{nth}")),
        };
        for area in areas {
            units.push(Unit {
                unit: format!("u{}", units.len()),
                owner: owner.clone(),
                developer,
                registered_csqm: *area,
                surveyed_csqm: None,
                contract_csqm: None,
            });
        }
        ballots.extend(vote.map(|vote| OwnerBallot {
            owner,
            developer,
            vote,
            proxy: String::new(),
        }));
    }
    OwnersCount {
        matter,
        nature: PollNature::Consultation,
        basis: String::new(),
        following: following.map(|silent| FollowingRule {
            basis: "rules".to_owned(),
            silent,
        }),
        proxy_max: None,
        missing_area_max_csqm: Some(20_000),
        units,
        ballots,
    }
}

fn count(given: &OwnersCount) -> Verdict {
    owners_278::count(given).expect("it can be counted")
}

fn sum(figures: Figures) -> u64 {
    figures.yes + figures.no + figures.abstain + figures.follow + figures.silent
}

/// Exact, by another way than the rule's: with what is left over after dividing.
fn reached(step: &Step, value: u64, base: u64) -> bool {
    let (n, d) = (
        u64::from(step.limit.numerator),
        u64::from(step.limit.denominator),
    );
    let (whole, left) = (base * n / d, base * n % d);
    let above = match step.limit.bound {
        Bound::AtLeast => value > whole || (value == whole && left == 0),
        Bound::MoreThan => value > whole,
    };
    base > 0 && above
}

fn explains_itself(total: &Total) {
    for step in &total.steps {
        assert_eq!(
            step.short,
            step.needed.saturating_sub(step.value),
            "{step:?}"
        );
        assert!(step.needed >= 1);
        if step.base > 0 {
            assert!(reached(step, step.needed, step.base), "{step:?}");
            assert!(!reached(step, step.needed - 1, step.base), "{step:?}");
        }
        match step.range {
            None => {
                assert_eq!(
                    step.passed,
                    reached(step, step.value, step.base),
                    "{step:?}"
                );
                assert_eq!(step.passed, step.base > 0 && step.short == 0, "{step:?}");
            }
            Some(range) => assert!(!step.passed || range.passed_at_most, "{step:?}"),
        }
    }
}

proptest! {
    #[test]
    fn one_more_yes_never_loses_what_was_carried(given in majorities()) {
        let before = majority_quorum::count(&given).expect("it can be counted");
        explains_itself(&before.total);
        let more = MajorityCount { yes: given.yes + 1, eligible: given.eligible.max(given.yes + given.no + given.abstain + 1), ..given.clone() };
        let after = majority_quorum::count(&more).expect("it can be counted");
        // A roll that was full grows by the new voter; then a share of all still rises.
        prop_assert!(before.ruling != Ruling::Carried || after.ruling == Ruling::Carried);
    }

    #[test]
    fn a_no_turned_into_a_yes_never_loses_what_was_carried(given in majorities()) {
        prop_assume!(given.no > 0);
        let before = majority_quorum::count(&given).expect("it can be counted");
        let turned = MajorityCount { yes: given.yes + 1, no: given.no - 1, ..given };
        let after = majority_quorum::count(&turned).expect("it can be counted");
        prop_assert!(before.ruling != Ruling::Carried || after.ruling == Ruling::Carried);
    }

    #[test]
    fn a_silent_owner_who_agrees_never_loses_what_was_carried(
        matter in matters(), mut owners in owners(known_areas()), which in any::<prop::sample::Index>(),
    ) {
        let before = count(&given(matter, None, &owners)).ruling;
        let which = which.index(owners.len());
        owners[which].1 = Some(OwnerVote::Yes);
        let after = count(&given(matter, None, &owners)).ruling;
        prop_assert!(before != Ruling::Carried || after == Ruling::Carried);
    }

    #[test]
    fn the_order_of_roll_and_ballots_does_not_matter(
        matter in matters(), following in following(),
        (owners, seed) in (owners(some_missing()), any::<u64>()),
    ) {
        let one = given(matter, following, &owners);
        let mut other = one.clone();
        other.units.sort_by_key(|unit| scrambled(&unit.unit, seed));
        other.ballots.sort_by_key(|ballot| scrambled(&ballot.owner, seed));
        let (one, mut other) = (count(&one), count(&other));
        // Only the list of missing areas follows the roll.
        other.missing_areas.sort_by_key(|unit| unit[1..].parse::<u32>().unwrap());
        prop_assert_eq!(one, other);
    }

    #[test]
    fn both_totals_are_of_the_same_roll(
        matter in matters(), silence in following(), owners in owners(some_missing()),
    ) {
        let without = count(&given(matter, None, &owners));
        let with = count(&given(matter, silence, &owners));
        prop_assert_eq!(&without.total, &with.total, "followers change only their own total");
        prop_assert_eq!(with.following.is_some(), silence.is_some());
        let area: u64 = owners.iter().flat_map(|(areas, _)| areas).flatten().sum();
        for total in [Some(&with.total), with.following.as_ref().map(|f| &f.total)].into_iter().flatten() {
            explains_itself(total);
            prop_assert_eq!(sum(total.heads), owners.len() as u64);
            prop_assert_eq!(total.area_csqm.map(sum), Some(area));
        }
        let Some(following) = with.following else { return Ok(()) };
        prop_assert_eq!(with.ruling, following.total.ruling);
        let nobody_follows = owners.iter().all(|(_, vote)| *vote != Some(OwnerVote::Follow));
        if following.silent == Silence::Apart && nobody_follows {
            prop_assert_eq!(&following.total, &with.total);
        }
        if following.side.is_some() {
            prop_assert_eq!(following.total.heads.follow, 0);
        }
    }

    /// Whatever the missing areas turn out to be, the ranges have said so.
    #[test]
    fn ranges_hold_for_every_area(
        matter in matters(), silence in following(), owners in owners(some_missing()),
        found in vec(1..=20_000u64, 40),
    ) {
        let open = count(&given(matter, silence, &owners));
        let mut found = found.into_iter().cycle();
        let mut known = owners;
        for area in known.iter_mut().flat_map(|(areas, _)| areas) {
            *area = area.or_else(|| found.next());
        }
        let closed = count(&given(matter, silence, &known));
        match open.ruling {
            Ruling::Undetermined { carried_at_worst, carried_at_best } => {
                prop_assert!(!carried_at_worst || closed.ruling == Ruling::Carried);
                prop_assert!(carried_at_best || closed.ruling != Ruling::Carried);
            }
            ruling => prop_assert_eq!(ruling, closed.ruling),
        }
        let totals = |verdict: Verdict| {
            let following = verdict.following.map(|following| following.total.steps);
            [verdict.total.steps, following.unwrap_or_default()].concat()
        };
        for (open, closed) in totals(open).iter().zip(totals(closed)) {
            prop_assert!(!open.passed || closed.passed, "{open:?} {closed:?}");
            let Some(range) = open.range else {
                prop_assert_eq!(open, &closed);
                continue;
            };
            prop_assert!(range.passed_at_most || !closed.passed, "{open:?} {closed:?}");
            if closed.base > 0 {
                let (v, b) = (closed.value, closed.base);
                prop_assert!(range.least.base == 0 || range.least.value * b <= v * range.least.base);
                prop_assert!(range.most.base == 0 || range.most.value * b >= v * range.most.base);
            }
        }
    }
}

/// Another order for every seed.
fn scrambled(name: &str, seed: u64) -> u64 {
    name.bytes().fold(seed | 1, |sum, byte| {
        (sum ^ u64::from(byte))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(23)
    })
}
