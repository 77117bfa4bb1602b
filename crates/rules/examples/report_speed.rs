//! How long a report takes: `cargo run --release -p linli-rules --features statistics
//! --example report_speed [RESPONSES]`. 50 questions, 40 places in 8 grids, three kinds of
//! household, two cross-tables.

use linli_model::report::Sampling;
use linli_rules::statistics::counts::{Answer, Counts, Plan};
use linli_rules::statistics::distribution::Scale;
use linli_rules::statistics::report::{Input, Kind, Question, ReportArea, build};
use linli_rules::statistics::weights::{Margin, Weights};
use std::time::Instant;

const QUESTIONS: usize = 50;
const PLACES: usize = 40;
const HOMES: usize = 3;

fn main() {
    let responses: u64 = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(100_000);
    let plan = Plan {
        cells: PLACES * HOMES,
        levels: vec![5; QUESTIONS],
        joint: vec![vec![0, 1], vec![2, 3]],
    };
    let Ok(mut counts) = Counts::new(plan) else {
        return;
    };
    let mut state = 1_u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state >> 33
    };
    let rows: Vec<(usize, Vec<Answer>)> = (0..responses.min(100_000))
        .map(|_| {
            let answer = |x: u64| match x % 11 {
                10 => Answer::DontKnow,
                x => Answer::Level((x / 2) as u8),
            };
            let cell = (next() % (PLACES * HOMES) as u64) as usize;
            (cell, (0..QUESTIONS).map(|_| answer(next())).collect())
        })
        .collect();
    let start = Instant::now();
    for index in 0..responses as usize {
        let (cell, answers) = &rows[index % rows.len()];
        if counts.add(*cell, answers).is_err() {
            return;
        }
    }
    let counted = start.elapsed();
    let margin = |level: &dyn Fn(usize) -> usize, levels: usize| Margin {
        level_of_cell: (0..PLACES * HOMES).map(level).collect(),
        population: vec![3_000_000.0 / levels as f64; levels],
    };
    let margins = [
        margin(&|cell| cell / HOMES, PLACES),
        margin(&|cell| cell % HOMES, HOMES),
    ];
    let Ok(weights) = Weights::rake(counts.respondents(), &margins, None) else {
        return;
    };
    let area = |name: String, from: usize, to: usize| ReportArea {
        id: name.clone(),
        name,
        cells: (from * HOMES..to * HOMES).collect(),
        invited: None,
    };
    let mut areas = vec![area("社区".into(), 0, PLACES)];
    areas.extend((0..8).map(|grid| area(format!("网格{grid}"), grid * 5, grid * 5 + 5)));
    areas.extend((0..PLACES).map(|place| area(format!("微网格{place}"), place, place + 1)));
    let question = |index: usize| Question {
        name: format!("q{index}"),
        row: None,
        title: String::new(),
        kind: Kind::Single,
        levels: (1..=5)
            .map(|level| (level.to_string(), level.to_string()))
            .collect(),
        scale: Some(Scale::of_levels(5, false)),
    };
    let questions: Vec<Question> = (0..QUESTIONS).map(question).collect();
    let input = Input {
        source: "speed",
        as_of_ms: 0,
        sampling: Sampling::OpenLink,
        counts: &counts,
        weights: Some((&weights, &[])),
        questions: &questions,
        areas: &areas,
        headline: 0,
        before: None,
        cross: &[0, 1],
    };
    let report = build(&input);
    let all = start.elapsed();
    println!(
        "{responses} responses: counted in {counted:?}, report in {:?}, all {all:?}; {} questions",
        all - counted,
        report.questions.len()
    );
}
