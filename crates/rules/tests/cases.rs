//! The rules' cases, as data: `tests/cases/rules/<rule>.json`.

use linli_model::{
    Changes, Choice, ChoiceFault, Credential, Electorate, OptionCount, Outcome, Phase, Poll,
    PollId, PollKind, PollNature, Refusal, ResultsVisibility, Secrecy, Turnout, UtcMs,
};
use linli_rules::{ballot, phase, tally};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

#[derive(Deserialize)]
struct File<T> {
    cases: Vec<T>,
}

fn cases<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/rules");
    let text = std::fs::read_to_string(folder.join(name)).expect(name);
    let file: File<T> = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(!file.cases.is_empty(), "{name} has no case");
    file.cases
}

fn poll(kind: PollKind, opens_at_ms: UtcMs, closes_at_ms: UtcMs) -> Poll {
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
        opens_at_ms,
        closes_at_ms,
        rule: None,
        work_bits: None,
    }
}

#[derive(Deserialize)]
struct BallotCase {
    reason: String,
    kind: PollKind,
    choice: Choice,
    ballot: Option<Choice>,
    fault: Option<ChoiceFault>,
}

#[test]
fn ballots() {
    for case in cases::<BallotCase>("ballot.json") {
        let seen = ballot::check(&poll(case.kind, 0, 1), &case.choice);
        let expected = match (case.ballot, case.fault) {
            (Some(ballot), None) => Ok(ballot),
            (None, Some(fault)) => Err(Refusal::ChoiceInvalid { fault }),
            _ => panic!("{}: either a ballot or a fault", case.reason),
        };
        let seen = seen.map(linli_rules::Ballot::into_choice);
        assert_eq!(seen, expected, "{}: {:?}", case.reason, case.choice);
    }
}

#[derive(Deserialize)]
struct PhaseCase {
    reason: String,
    opens_at_ms: UtcMs,
    closes_at_ms: UtcMs,
    now_ms: UtcMs,
    phase: Phase,
    refusal: Option<Refusal>,
}

#[test]
fn phases() {
    for case in cases::<PhaseCase>("phase.json") {
        let poll = poll(PollKind::Motion, case.opens_at_ms, case.closes_at_ms);
        assert_eq!(phase::at(&poll, case.now_ms), case.phase, "{}", case.reason);
        let refusal = phase::require_open(&poll, case.now_ms).err();
        assert_eq!(refusal, case.refusal, "{}", case.reason);
    }
}

#[derive(Deserialize)]
struct TallyCase {
    reason: String,
    kind: PollKind,
    ballots: Vec<(Choice, u64)>,
    eligible: Option<u64>,
    is_final: bool,
    rule: String,
    /// In the order shown.
    counts: Vec<u64>,
    cast: u64,
    outcome: Outcome,
}

#[test]
fn tallies() {
    for case in cases::<TallyCase>("tally.json") {
        let ballots = case.ballots.iter().map(|(choice, times)| (choice, *times));
        let seen = tally::count(&case.kind, ballots, case.eligible, case.is_final);
        let ids = tally::option_ids(&case.kind);
        assert_eq!(ids.len(), case.counts.len(), "{}", case.reason);
        let counts = ids.into_iter().zip(case.counts);
        let counts: Vec<_> = counts
            .map(|(option, votes)| OptionCount { option, votes })
            .collect();
        assert_eq!(seen.counts, counts, "{}", case.reason);
        assert_eq!(seen.outcome, case.outcome, "{}", case.reason);
        assert_eq!(seen.rule, case.rule, "{}", case.reason);
        assert_eq!(seen.is_final, case.is_final, "{}", case.reason);
        let turnout = Turnout {
            cast: case.cast,
            eligible: case.eligible,
        };
        assert_eq!(seen.turnout, turnout, "{}", case.reason);
    }
}
