//! A whole report from made-up responses: what it says, and what it keeps to itself.
#![expect(
    clippy::unwrap_used,
    reason = "a report of the wrong shape should end the test"
)]

use linli_model::report::{NextStep, Sampling, SurveyReport, Worst};
use linli_rules::statistics::counts::{Answer, Counts, Plan};
use linli_rules::statistics::distribution::Scale;
use linli_rules::statistics::report::{Input, Kind, Question, ReportArea, build, first_estimate};
use linli_rules::statistics::weights::{Margin, Weights};

/// Three 网格 of 2 微网格 each; every 微网格 is a cell.
const CELLS: usize = 6;

fn area(id: &str, cells: std::ops::Range<usize>, invited: u64) -> ReportArea {
    ReportArea {
        id: id.to_owned(),
        name: id.to_owned(),
        cells: cells.collect(),
        invited: Some(invited),
    }
}

fn areas() -> Vec<ReportArea> {
    let grid = |g: usize| area(&format!("grid{g}"), 2 * g..2 * g + 2, 400);
    let micro = |c: usize| area(&format!("micro{c}"), c..c + 1, 200);
    let mut areas = vec![area("all", 0..CELLS, 1_200)];
    areas.extend((0..3).map(grid));
    areas.extend((0..CELLS).map(micro));
    areas
}

fn question(name: &str, kind: Kind, levels: usize, scale: Option<Scale>) -> Question {
    let level = |level: usize| (format!("{}", level + 1), format!("第{}级", level + 1));
    Question {
        name: name.to_owned(),
        row: None,
        title: name.to_owned(),
        kind,
        levels: (0..levels).map(level).collect(),
        scale,
    }
}

fn questions() -> Vec<Question> {
    let ten = Scale {
        scores: (0..=10).map(|score| Some(f64::from(score))).collect(),
        least: 0.0,
        greatest: 10.0,
    };
    vec![
        question("overall", Kind::Single, 5, Some(Scale::of_levels(5, false))),
        question("first", Kind::Multiple, 3, None),
        question("nps", Kind::Nps, 11, Some(ten)),
        question("home", Kind::Single, 3, None),
        question("years", Kind::Number, 0, None),
        question("more", Kind::Words, 0, None),
    ]
}

/// `of_cell(cell)` responses each; cell 5 is less content.
fn counts(of_cell: impl Fn(usize) -> usize) -> Counts {
    let plan = Plan {
        cells: CELLS,
        levels: vec![5, 3, 11, 3, 0, 0],
        joint: vec![vec![0, 3]],
    };
    let mut counts = Counts::new(plan).unwrap();
    for cell in 0..CELLS {
        for i in 0..of_cell(cell) {
            let overall = match (cell, i % 20) {
                (_, 19) => Answer::DontKnow,
                (5, i) => Answer::Level(u8::try_from(i % 3).unwrap()),
                (_, i) => Answer::Level(u8::try_from([4, 3, 4, 3, 2][i % 5]).unwrap()),
            };
            let answers = [
                overall,
                Answer::Levels(1 << (i % 3) | 1),
                Answer::Level(u8::try_from(i * 7 % 11).unwrap()),
                Answer::Level(u8::try_from(i * 5 / 3 % 3).unwrap()),
                Answer::Number(i as f64),
                if i % 9 == 0 {
                    Answer::Words
                } else {
                    Answer::Missing
                },
            ];
            counts.add(cell, &answers).unwrap();
        }
    }
    counts
}

fn report(counts: &Counts, before: Option<&Counts>) -> SurveyReport {
    let margin = Margin {
        level_of_cell: (0..CELLS).map(|cell| cell / 2).collect(),
        population: vec![600.0, 900.0, 1_500.0],
    };
    let weights = Weights::rake(counts.respondents(), &[margin], None).unwrap();
    let (questions, areas) = (questions(), areas());
    let names = ["网格".to_owned()];
    let mut input = Input {
        source: "物业服务满意度, 2026-11",
        as_of_ms: 0,
        sampling: Sampling::OpenLink,
        counts,
        weights: Some((&weights, &names)),
        questions: &questions,
        areas: &areas,
        headline: 0,
        before: None,
        cross: &[0],
    };
    let then = before.map(|before| {
        let input = Input {
            counts: before,
            weights: None,
            ..input
        };
        first_estimate(&input).unwrap()
    });
    input.before = then;
    build(&input)
}

#[test]
fn the_first_screen_names_the_worst_area_and_the_change() {
    let seen = report(
        &counts(|_| 120),
        Some(&counts(|cell| if cell == 5 { 0 } else { 120 })),
    );
    let satisfaction = seen.first.satisfaction.unwrap();
    assert!((0.5..0.8).contains(&satisfaction.value), "{satisfaction:?}");
    assert!(satisfaction.low.unwrap() < satisfaction.value);
    assert!(matches!(&seen.first.worst, Worst::Area { area, .. } if area == "micro5"));
    let change = seen.first.change.unwrap();
    assert!(
        change.value < 0.0 && change.high < 0.0 && change.p < 0.01,
        "{change:?}"
    );
    assert_eq!(seen.first.next, NextStep::AskWhy);
    assert_eq!(seen.responses, Some(720));
    assert_eq!(seen.areas[1].response_rate.unwrap().value, 0.6);
    let weights = seen.weights.clone().unwrap();
    assert!(weights.is_converged && weights.deff > 1.0 && weights.margin_gap < 1e-9);
    let overall = &seen.questions[0].areas[0];
    let (plain, weighted) = (
        overall.mean.unweighted.unwrap(),
        overall.mean.weighted.unwrap(),
    );
    assert!(plain.value != weighted.value && weighted.n_eff.unwrap() < 684.0);
    assert!(seen.questions[2].areas[0].nps.unweighted.is_some());
    assert_eq!(seen.questions[1].areas[0].levels[0].count, Some(720));
    assert!((seen.questions[4].areas[0].mean.unweighted.unwrap().value - 59.5).abs() < 1e-9);
    assert_eq!(seen.cross_tables[0].p, seen.cross_tables[0].p_holm);
    assert_eq!(seen.code_book[0].codes[4].2, Some(5.0));
    assert!(
        seen.methods
            .iter()
            .any(|line| line.source.contains("svychisq"))
    );
    let json = serde_json::to_string(&seen).unwrap();
    let again: SurveyReport = serde_json::from_str(&json).unwrap();
    assert_eq!(again.questions.len(), seen.questions.len());
}

#[test]
fn few_answers_say_nothing_about_areas_and_small_counts_stay_hidden() {
    let seen = report(&counts(|cell| [4, 25, 30, 9, 40, 12][cell]), None);
    assert_eq!(seen.first.change, None);
    assert!(seen.areas.iter().any(|area| area.responses.is_none()));
    for area in &seen.areas {
        assert!(area.responses.is_none_or(|n| n == 0 || n >= seen.shown_min));
        assert!(area.response_rate.is_none() || area.responses.is_some());
    }
    for answers in seen.questions.iter().flat_map(|question| &question.areas) {
        let met = [
            answers.met.dont_know,
            answers.met.refused,
            answers.met.missing,
        ];
        assert!(
            met.iter()
                .flatten()
                .all(|n| *n == 0 || *n >= seen.shown_min)
        );
        for level in &answers.levels {
            assert!(level.count.is_none_or(|n| n == 0 || n >= seen.shown_min));
            assert!(level.count.is_some() || level.share.unweighted.is_none());
        }
        if answers.met.answered.is_none() {
            assert!(answers.mean.unweighted.is_none() && !answers.shows_words);
        }
    }
    let cross = seen.cross_tables[0].counts.iter().flatten().flatten();
    assert!(cross.into_iter().all(|n| *n == 0 || *n >= seen.shown_min));
    let nobody = report(&counts(|cell| [1, 1, 1, 0, 1, 1][cell]), None);
    assert_eq!(
        (nobody.responses, nobody.first.next),
        (None, NextStep::AskMore)
    );
    assert!(nobody.first.satisfaction.is_none());
    assert_eq!(nobody.first.worst, Worst::TooFewToSay);
}
