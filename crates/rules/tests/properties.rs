//! What holds for every poll and every ballot. A failure prints its seed and its
//! smallest example.

use linli_model::{
    Changes, Choice, Credential, Electorate, OptionId, Outcome, Poll, PollId, PollKind, PollNature,
    PollOption, ResultsVisibility, Secrecy, Stance,
};
use linli_rules::{ballot, tally};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

fn id(nth: usize) -> OptionId {
    OptionId::parse(&format!("o{nth}")).expect("a slug")
}

fn options(count: usize) -> Vec<PollOption> {
    let option = |nth| PollOption {
        id: id(nth),
        text: format!("选项 {nth}"),
        detail: String::new(),
    };
    (0..count).map(option).collect()
}

fn kinds() -> impl Strategy<Value = PollKind> {
    prop_oneof![
        Just(PollKind::Motion),
        (2..8usize).prop_map(|count| PollKind::SingleChoice {
            options: options(count)
        }),
        (2..8u32, 1..8u32, 1..8u32).prop_map(|(count, one, other)| {
            let (min, max) = (one.min(other).min(count), one.max(other).min(count));
            PollKind::MultipleChoice {
                options: options(count as usize),
                min,
                max,
            }
        }),
    ]
}

/// A choice that fits, in any order.
fn fitting(kind: &PollKind) -> BoxedStrategy<Choice> {
    let some = |count: usize, least: u32, most: u32| {
        let ids: Vec<_> = (0..count).map(id).collect();
        subsequence(ids, least as usize..=most as usize)
            .prop_shuffle()
            .prop_map(|options| Choice::Options { options })
            .boxed()
    };
    match kind {
        PollKind::Motion => select(&Stance::ALL[..])
            .prop_map(|stance| Choice::Motion { stance })
            .boxed(),
        PollKind::SingleChoice { options } => some(options.len(), 1, 1),
        PollKind::MultipleChoice { options, min, max } => some(options.len(), *min, *max),
    }
}

/// Any choice, also nonsense.
fn any_choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        select(&Stance::ALL[..]).prop_map(|stance| Choice::Motion { stance }),
        vec((0..10usize).prop_map(id), 0..10).prop_map(|options| Choice::Options { options }),
    ]
}

fn poll(kind: PollKind) -> Poll {
    Poll {
        id: PollId::parse("poll").expect("a slug"),
        question: String::new(),
        kind,
        nature: PollNature::Consultation,
        electorate: Electorate::Households,
        credential: Credential::HouseholdCode,
        secrecy: Secrecy::Recorded,
        changes: Changes::Never,
        results: ResultsVisibility::Live,
        opens_at_ms: 0,
        closes_at_ms: 1,
        rule: None,
        work_bits: None,
    }
}

fn count(kind: &PollKind, ballots: &[Choice]) -> linli_model::PollResult {
    tally::count(kind, ballots.iter().map(|ballot| (ballot, 1)), None, true)
}

fn counted() -> impl Strategy<Value = (PollKind, Vec<Choice>)> {
    kinds().prop_flat_map(|kind| {
        let ballots = vec(fitting(&kind), 0..40);
        (Just(kind), ballots)
    })
}

proptest! {
    #[test]
    fn the_order_of_ballots_does_not_matter(
        ((kind, ballots), shuffled) in counted().prop_flat_map(|(kind, ballots)| {
            let shuffled = Just(ballots.clone()).prop_shuffle();
            (Just((kind, ballots)), shuffled)
        })
    ) {
        prop_assert_eq!(count(&kind, &ballots), count(&kind, &shuffled));
    }

    #[test]
    fn grouping_ballots_does_not_matter((kind, ballots) in counted()) {
        let mut groups: Vec<(Choice, u64)> = Vec::new();
        for ballot in &ballots {
            match groups.iter_mut().find(|(choice, _)| choice == ballot) {
                Some((_, times)) => *times += 1,
                None => groups.push((ballot.clone(), 1)),
            }
        }
        let grouped = groups.iter().map(|(choice, times)| (choice, *times));
        prop_assert_eq!(count(&kind, &ballots), tally::count(&kind, grouped, None, true));
    }

    #[test]
    fn figures_add_up((kind, ballots) in counted()) {
        let result = count(&kind, &ballots);
        let cast = ballots.len() as u64;
        prop_assert_eq!(result.turnout.cast, cast);
        let votes: u64 = result.counts.iter().map(|count| count.votes).sum();
        let chosen: usize = ballots.iter().map(|ballot| match ballot {
            Choice::Motion { .. } => 1,
            Choice::Options { options } => options.len(),
        }).sum();
        prop_assert_eq!(votes, chosen as u64);
        prop_assert!(result.counts.iter().all(|count| count.votes <= cast));
        prop_assert_eq!(result.outcome == Outcome::NoBallots, cast == 0);
    }

    #[test]
    fn what_leads_or_ties_has_the_most((kind, ballots) in counted()) {
        let result = count(&kind, &ballots);
        let most = result.counts.iter().map(|count| count.votes).max();
        let of = |id: &OptionId| result.counts.iter().find(|c| c.option == *id).map(|c| c.votes);
        let with_most = result.counts.iter().filter(|count| Some(count.votes) == most).count();
        match &result.outcome {
            Outcome::Leading { option } => {
                prop_assert_eq!(of(option), most);
                prop_assert_eq!(with_most, 1);
            }
            Outcome::Tied { options } => {
                prop_assert!(options.iter().all(|id| of(id) == most));
                prop_assert_eq!(with_most, options.len());
            }
            _ => {}
        }
    }

    #[test]
    fn normal_form_is_stable_and_blind_to_order(
        (kind, choice, turned) in kinds().prop_flat_map(|kind| {
            let choice = fitting(&kind);
            (Just(kind), choice).prop_flat_map(|(kind, choice)| {
                let turned = match &choice {
                    Choice::Options { options } => Just(options.clone())
                        .prop_shuffle()
                        .prop_map(|options| Choice::Options { options })
                        .boxed(),
                    Choice::Motion { .. } => Just(choice.clone()).boxed(),
                };
                (Just(kind), Just(choice), turned)
            })
        })
    ) {
        let poll = poll(kind);
        let normal = ballot::check(&poll, &choice).map(ballot::Ballot::into_choice);
        prop_assert!(normal.is_ok(), "{normal:?}");
        let again = normal.as_ref().map(|normal| ballot::check(&poll, normal));
        prop_assert_eq!(again.ok().and_then(Result::ok).map(ballot::Ballot::into_choice), normal.clone().ok());
        prop_assert_eq!(ballot::check(&poll, &turned).map(ballot::Ballot::into_choice), normal);
    }

    #[test]
    fn whatever_is_accepted_fits(kind in kinds(), choice in any_choice()) {
        let poll = poll(kind);
        let Ok(accepted) = ballot::check(&poll, &choice) else { return Ok(()); };
        match (&poll.kind, accepted.choice()) {
            (PollKind::Motion, Choice::Motion { .. }) => {}
            (PollKind::SingleChoice { options }, Choice::Options { options: chosen }) => {
                prop_assert_eq!(chosen.len(), 1);
                prop_assert!(options.iter().any(|option| option.id == chosen[0]));
            }
            (PollKind::MultipleChoice { options, min, max }, Choice::Options { options: chosen }) => {
                prop_assert!((*min as usize..=*max as usize).contains(&chosen.len()));
                let places = chosen.iter().map(|id| options.iter().position(|o| o.id == *id));
                let places: Vec<_> = places.collect();
                prop_assert!(places.iter().all(Option::is_some));
                prop_assert!(places.is_sorted() && places.windows(2).all(|two| two[0] != two[1]));
            }
            other => prop_assert!(false, "{other:?}"),
        }
    }
}
