//! Statistics against R's `survey`: vectors that `tests/peers/statistics/vectors.R` made.
//!
//! `LINLI_STATISTICS_VECTORS` names a folder with more of them (`cargo xtask peers`).

#![expect(
    clippy::unwrap_used,
    reason = "vectors of the wrong shape should end the test"
)]

use linli_rules::statistics::counts::{Answer, Counts, Plan};
use linli_rules::statistics::distribution::{self, Scale, Summary};
use linli_rules::statistics::estimate::Estimate;
use linli_rules::statistics::index::{self, Item};
use linli_rules::statistics::weights::{Margin, Weights};
use linli_rules::statistics::{crosstab, wave};
use serde_json::Value;
use std::path::PathBuf;

/// Of estimates and errors, relative.
const ESTIMATE_GAP_MAX: f64 = 1e-9;
/// Of p-values, absolute.
const P_GAP_MAX: f64 = 1e-6;

fn files() -> Vec<PathBuf> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/statistics");
    let folder = std::env::var("LINLI_STATISTICS_VECTORS").map_or(own, PathBuf::from);
    let entries = std::fs::read_dir(&folder).expect("the folder of vectors");
    let files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().contains("survey-"))
        .collect();
    assert!(!files.is_empty(), "no vectors in {}", folder.display());
    files
}

#[track_caller]
fn near(what: &str, seen: f64, expected: &Value) {
    let expected = expected
        .as_f64()
        .unwrap_or_else(|| panic!("{what}: no figure"));
    let gap = (seen - expected).abs();
    assert!(
        gap <= ESTIMATE_GAP_MAX * expected.abs().max(1.0),
        "{what}: {seen} instead of {expected}"
    );
}

#[track_caller]
fn near_p(what: &str, seen: f64, expected: &Value) {
    let expected = expected.as_f64().expect("a p-value");
    assert!(
        (seen - expected).abs() <= P_GAP_MAX,
        "{what}: {seen} instead of {expected}"
    );
}

#[track_caller]
fn same(what: &str, seen: Option<Estimate>, expected: &Value) {
    let seen = seen.unwrap_or_else(|| panic!("{what}: no estimate"));
    near(&format!("{what}, value"), seen.value, &expected["value"]);
    near(&format!("{what}, error"), seen.se, &expected["se"]);
}

/// Columns: q1, q2, i1, i2, i3, nps (from 0), p2, home, place.
fn count(file: &Value, is_in: &dyn Fn(&[i64]) -> bool) -> Counts {
    let plan = Plan {
        cells: 12,
        levels: vec![5, 4, 10, 10, 10, 11, 5, 3, 4],
        joint: vec![vec![2, 3, 4], vec![0, 7], vec![1, 8], vec![0, 6]],
    };
    // In two halves, so that merging is under test as well.
    let mut halves = [
        Counts::new(plan.clone()).unwrap(),
        Counts::new(plan).unwrap(),
    ];
    for (index, row) in file["rows"].as_array().expect("rows").iter().enumerate() {
        let row: Vec<i64> = row
            .as_array()
            .unwrap()
            .iter()
            .map(|x| x.as_i64().unwrap())
            .collect();
        if !is_in(&row) {
            continue;
        }
        let answer = |(question, value): (usize, &i64)| match *value {
            -1 => Answer::Missing,
            value if question == 5 => Answer::Level(u8::try_from(value).unwrap()),
            value => Answer::Level(u8::try_from(value - 1).unwrap()),
        };
        let answers: Vec<Answer> = row[1..].iter().enumerate().map(answer).collect();
        halves[index % 2]
            .add(usize::try_from(row[0]).unwrap(), &answers)
            .unwrap();
    }
    let [mut first, second] = halves;
    assert!(first.merge(&second));
    first
}

fn weights(file: &Value, counts: &Counts, design: &str) -> Weights {
    let known = |name: &str| -> Vec<f64> {
        let known = file["population"][name].as_array().expect("a margin");
        known.iter().map(|x| x.as_f64().unwrap()).collect()
    };
    let place = Margin {
        level_of_cell: (0..12).map(|cell| cell / 3).collect(),
        population: known("place"),
    };
    let home = Margin {
        level_of_cell: (0..12).map(|cell| cell % 3).collect(),
        population: known("home"),
    };
    let margins = match design {
        "equal" => vec![],
        "poststratified" => vec![place],
        _ => vec![place, home],
    };
    let weights = Weights::rake(counts.respondents(), &margins, None).unwrap();
    assert!(weights.is_converged && weights.margin_gap < 1e-12);
    weights
}

#[test]
fn estimates_errors_and_tests_are_those_of_r() {
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        let counts = count(&file, &|_| true);
        for design in ["equal", "poststratified", "raked"] {
            let at = format!("{}, {design}", path.display());
            let (expected, weights) = (&file["expected"][design], weights(&file, &counts, design));
            check_estimates(&at, expected, &counts, &weights);
            for (joint, name) in [(1, "q1_home"), (2, "q2_place")] {
                let seen = crosstab::rao_scott(&counts, &weights, joint).expect("a test");
                let at = format!("{at}, {name}");
                near(&format!("{at}, F"), seen.f, &expected[name]["f"]);
                near(&format!("{at}, df1"), seen.df1, &expected[name]["df1"]);
                near(&format!("{at}, df2"), seen.df2, &expected[name]["df2"]);
                near_p(&at, seen.p, &expected[name]["p"]);
            }
        }
        check_plain(&file, &counts);
    }
}

fn check_estimates(at: &str, expected: &Value, counts: &Counts, weights: &Weights) {
    let scale = Scale::of_levels(5, false);
    let whole = distribution::summarise(counts, weights, 0, &|_| true, Some(&scale));
    let place2 = distribution::summarise(counts, weights, 0, &|cell| cell / 3 == 1, Some(&scale));
    same(&format!("{at}, mean"), whole.mean, &expected["mean"]);
    same(&format!("{at}, top-2"), whole.top2, &expected["top2"]);
    same(
        &format!("{at}, a place's mean"),
        place2.mean,
        &expected["mean_place2"],
    );
    let nps = distribution::nps(counts, weights, 5, &|_| true);
    same(&format!("{at}, NPS"), nps, &expected["nps"]);
    let item = Item {
        share: 1.0,
        scores: (1..=10).map(|score| Some(f64::from(score))).collect(),
        least: 1.0,
        greatest: 10.0,
    };
    let index = index::index(counts, weights, 0, &[item.clone(), item.clone(), item]);
    same(&format!("{at}, index"), index, &expected["index"]);
    near(&format!("{at}, deff"), weights.deff(), &expected["deff"]);
    near(&format!("{at}, n_eff"), weights.n_eff(), &expected["n_eff"]);
}

/// `t.test`, `prop.test` and `p.adjust` of unweighted answers.
fn check_plain(file: &Value, counts: &Counts) {
    let equal = Weights::equal(counts.respondents());
    let scale = Scale::of_levels(5, false);
    let of = |is_in: &dyn Fn(usize) -> bool| -> Summary {
        distribution::summarise(counts, &equal, 0, is_in, Some(&scale))
    };
    let top2 = of(&|_| true).top2.unwrap();
    let alone = linli_rules::statistics::interval::wilson(top2.value, top2.n as f64, 0.95);
    near("Wilson, low", alone.low, &file["wilson"]["low"]);
    near("Wilson, high", alone.high, &file["wilson"]["high"]);
    let paired = wave::paired(counts, &equal, 3, &|level| Some(level as f64 + 1.0)).unwrap();
    let expected = &file["paired"];
    near("paired", paired.value, &expected["value"]);
    near("paired, low", paired.interval.low, &expected["low"]);
    near("paired, high", paired.interval.high, &expected["high"]);
    near("paired, df", paired.df, &expected["df"]);
    near_p("paired", paired.p, &expected["p"]);
    check_samples(file, &scale);
    let list = |name: &str| -> Vec<f64> {
        file["holm"][name]
            .as_array()
            .unwrap()
            .iter()
            .map(|x| x.as_f64().unwrap())
            .collect()
    };
    for (seen, expected) in crosstab::holm(&list("p")).iter().zip(list("adjusted")) {
        assert!((seen - expected).abs() < 1e-12);
    }
}

/// Samples without gaps: the classical tests, to the last digit.
fn check_samples(file: &Value, scale: &Scale) {
    let mean = |is_in: &dyn Fn(&[i64]) -> bool| {
        let counts = count(file, is_in);
        let equal = Weights::equal(counts.respondents());
        let summary = distribution::summarise(&counts, &equal, 0, &|_| true, Some(scale));
        summary.mean.unwrap()
    };
    let all = mean(&|row| row[1] > 0);
    near("mean, low", all.interval.low, &file["student"]["low"]);
    near("mean, high", all.interval.high, &file["student"]["high"]);
    let of_place = |place: i64| mean(&|row| row[1] > 0 && row[9] == place);
    let seen = wave::between(&of_place(1), &of_place(2)).unwrap();
    let expected = &file["welch"];
    near("Welch", seen.value, &expected["value"]);
    near("Welch, low", seen.interval.low, &expected["low"]);
    near("Welch, high", seen.interval.high, &expected["high"]);
    near("Welch, df", seen.df, &expected["df"]);
    near_p("Welch", seen.p, &expected["p"]);
}
