//! Cases of the counts that a file may ask for, as data: `majority_quorum.json`,
//! `owners_278.json` and `options.json` in `tests/cases/rules`.

use linli_model::{
    Block, CountFault, Figures, FollowingRule, MajorityCount, MajorityRule, OptionsCount, Outcome,
    OwnerBallot, OwnerVote, OwnersCount, PollNature, Ruling, Stance, Step, Total, Unit, Verdict,
};
use linli_rules::tally::{majority_quorum, options, owners_278};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn read(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/rules");
    let text = std::fs::read_to_string(folder.join(name)).expect(name);
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Every case, each with a reason and a source, none twice.
fn cases<T: DeserializeOwned>(file: &Value) -> Vec<T> {
    let cases = file["cases"].as_array().expect("cases");
    let mut seen = BTreeSet::new();
    for case in cases {
        assert!(seen.insert(case.to_string()), "a case stands twice: {case}");
        for told in ["reason", "source"] {
            let text = case[told].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "no {told}: {case}");
        }
    }
    let parse = |case: &Value| {
        serde_json::from_value(case.clone()).unwrap_or_else(|error| panic!("{error}: {case}"))
    };
    cases.iter().map(parse).collect()
}

/// `"lost"`, or the whole object for what carries data.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Expected {
    Word(String),
    Whole(Ruling),
}

impl Expected {
    fn ruling(&self) -> Ruling {
        match self {
            Self::Word(word) => {
                serde_json::from_value(serde_json::json!({ "type": word })).expect("a word")
            }
            Self::Whole(ruling) => *ruling,
        }
    }
}

fn check_total(total: &Total, ruling: &Expected, pass: &str, short: &[u64], reason: &str) {
    assert_ne!(
        ruling.ruling(),
        Ruling::Other,
        "{reason}: a misspelt ruling"
    );
    let passed = |step: &Step| if step.passed { 'y' } else { 'n' };
    let seen: String = total.steps.iter().map(passed).collect();
    assert_eq!(seen, pass, "{reason}: {total:#?}");
    let seen: Vec<u64> = total.steps.iter().map(|step| step.short).collect();
    assert_eq!(seen, short, "{reason}: {total:#?}");
    assert_eq!(total.ruling, ruling.ruling(), "{reason}: {total:#?}");
}

fn five(figures: Figures) -> [u64; 5] {
    let Figures {
        yes,
        no,
        abstain,
        follow,
        silent,
    } = figures;
    [yes, no, abstain, follow, silent]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MajorityCase {
    reason: String,
    #[serde(rename = "source")]
    _source: String,
    rule: String,
    eligible: u64,
    votes: [u64; 3],
    nature: Option<PollNature>,
    #[serde(default)]
    basis: String,
    ruling: Option<Expected>,
    #[serde(default)]
    pass: String,
    #[serde(default)]
    short: Vec<u64>,
    blocks: Option<Vec<Block>>,
    faults: Option<Vec<CountFault>>,
}

#[test]
fn majorities_with_quorum() {
    let file = read("majority_quorum.json");
    let rules: BTreeMap<String, MajorityRule> =
        serde_json::from_value(file["rules"].clone()).unwrap();
    let mut used = BTreeSet::new();
    for case in cases::<MajorityCase>(&file) {
        let reason = format!("{}: {}", case.rule, case.reason);
        used.insert(case.rule.clone());
        let [yes, no, abstain] = case.votes;
        let seen = majority_quorum::count(&MajorityCount {
            rule: rules[&case.rule].clone(),
            nature: case.nature.unwrap_or(PollNature::Consultation),
            basis: case.basis,
            eligible: case.eligible,
            yes,
            no,
            abstain,
        });
        if let Some(faults) = case.faults {
            assert_eq!(seen, Err(faults), "{reason}");
            continue;
        }
        let verdict = seen.unwrap_or_else(|faults| panic!("{reason}: {faults:?}"));
        let ruling = case.ruling.expect("a ruling or faults");
        check_total(&verdict.total, &ruling, &case.pass, &case.short, &reason);
        assert_eq!(verdict.ruling, verdict.total.ruling, "{reason}");
        let seen = five(verdict.total.heads);
        let silent = case.eligible - yes - no - abstain;
        assert_eq!(seen, [yes, no, abstain, 0, silent], "{reason}");
        if let Some(blocks) = case.blocks {
            assert_eq!(verdict.blocks, blocks, "{reason}");
        }
    }
    let unused: Vec<_> = rules.keys().filter(|rule| !used.contains(*rule)).collect();
    assert!(unused.is_empty(), "rules without a case: {unused:?}");
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnersCase {
    reason: String,
    #[serde(rename = "source")]
    _source: String,
    matter: u32,
    #[serde(default)]
    roll: Vec<(u64, u64, String)>,
    #[serde(default)]
    units: Vec<Unit>,
    #[serde(default)]
    ballots: Vec<OwnerBallot>,
    following: Option<FollowingRule>,
    proxy_max: Option<u32>,
    missing_area_max_csqm: Option<u64>,
    nature: Option<PollNature>,
    #[serde(default)]
    basis: String,
    ruling: Option<Expected>,
    #[serde(default)]
    pass: String,
    #[serde(default)]
    short: Vec<u64>,
    heads: Option<[u64; 5]>,
    area: Option<[u64; 5]>,
    missing: Option<Vec<String>>,
    missing_max: Option<u64>,
    with: Option<With>,
    blocks: Option<Vec<Block>>,
    faults: Option<Vec<CountFault>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    ruling: Expected,
    pass: String,
    short: Vec<u64>,
    side: Option<Stance>,
    heads: Option<[u64; 5]>,
}

impl OwnersCase {
    fn given(&self) -> OwnersCount {
        let (mut units, mut ballots) = (self.units.clone(), self.ballots.clone());
        for (group, (count, area, vote)) in self.roll.iter().enumerate() {
            for nth in 0..*count {
                let owner = format!("group {group} owner {nth}");
                units.push(Unit {
                    unit: format!("unit of {owner}"),
                    owner: owner.clone(),
                    developer: false,
                    registered_csqm: Some(*area),
                    surveyed_csqm: None,
                    contract_csqm: None,
                });
                if vote != "-" {
                    ballots.push(OwnerBallot {
                        owner,
                        developer: false,
                        vote: OwnerVote::parse(vote).expect(vote),
                        proxy: String::new(),
                    });
                }
            }
        }
        OwnersCount {
            matter: self.matter,
            nature: self.nature.unwrap_or(PollNature::Consultation),
            basis: self.basis.clone(),
            following: self.following.clone(),
            proxy_max: self.proxy_max,
            missing_area_max_csqm: self.missing_area_max_csqm,
            units,
            ballots,
        }
    }

    fn check(&self, verdict: &Verdict) {
        let reason = format!("matter {}: {}", self.matter, self.reason);
        let ruling = self.ruling.as_ref().expect("a ruling or faults");
        check_total(&verdict.total, ruling, &self.pass, &self.short, &reason);
        if let Some(heads) = self.heads {
            assert_eq!(five(verdict.total.heads), heads, "{reason}");
        }
        if let Some(area) = self.area {
            let seen = verdict.total.area_csqm.map(five);
            assert_eq!(seen, Some(area), "{reason}");
        }
        let missing = self.missing.as_deref().unwrap_or_default();
        assert_eq!(verdict.missing_areas, missing, "{reason}");
        if self.missing_max.is_some() {
            assert_eq!(verdict.missing_area_max_csqm, self.missing_max, "{reason}");
        }
        if let Some(blocks) = &self.blocks {
            assert_eq!(verdict.blocks, *blocks, "{reason}");
        }
        assert_eq!(
            verdict.following.is_some(),
            self.following.is_some(),
            "{reason}"
        );
        match (&verdict.following, &self.with) {
            (Some(seen), Some(with)) => {
                let reason = format!("{reason} (with followers)");
                check_total(&seen.total, &with.ruling, &with.pass, &with.short, &reason);
                assert_eq!(seen.side, with.side, "{reason}");
                assert_eq!(verdict.ruling, seen.total.ruling, "{reason}");
                if let Some(heads) = with.heads {
                    assert_eq!(five(seen.total.heads), heads, "{reason}");
                }
            }
            (None, None) => assert_eq!(verdict.ruling, verdict.total.ruling, "{reason}"),
            other => panic!("{reason}: {other:?}", other = other.0),
        }
    }
}

#[test]
fn owners() {
    for case in cases::<OwnersCase>(&read("owners_278.json")) {
        let seen = owners_278::count(&case.given());
        match (&case.faults, seen) {
            (Some(faults), seen) => assert_eq!(seen, Err(faults.clone()), "{}", case.reason),
            (None, Ok(verdict)) => case.check(&verdict),
            (None, Err(faults)) => panic!("{}: {faults:?}", case.reason),
        }
    }
}

#[derive(Deserialize)]
struct OptionsCase {
    reason: String,
    #[serde(flatten)]
    given: Value,
    rule: Option<String>,
    counts: Option<Vec<u64>>,
    outcome: Option<Outcome>,
    faults: Option<Vec<CountFault>>,
}

#[test]
fn options_and_motions() {
    for case in cases::<OptionsCase>(&read("options.json")) {
        let mut given = case.given;
        given.as_object_mut().unwrap().remove("source");
        let given: OptionsCount = serde_json::from_value(given).unwrap();
        let seen = options::count(&given);
        if let Some(faults) = case.faults {
            assert_eq!(seen, Err(faults), "{}", case.reason);
            continue;
        }
        let seen = seen.unwrap_or_else(|faults| panic!("{}: {faults:?}", case.reason));
        let counts: Vec<u64> = seen.counts.iter().map(|count| count.votes).collect();
        assert_eq!(Some(counts), case.counts, "{}", case.reason);
        assert_eq!(Some(seen.outcome), case.outcome, "{}", case.reason);
        assert_eq!(Some(seen.rule), case.rule, "{}", case.reason);
    }
}
