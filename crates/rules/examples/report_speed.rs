//! How long a report takes from responses as they are stored: `cargo run --release -p
//! linli-rules --features statistics --example report_speed [RESPONSES [PLACES]]`. 50
//! questions (single, several, a matrix, numbers, words), 40 places in 8 grids that are
//! weighted to known totals, two cross-tables. A line of JSON comes out.

use linli_model::report::Sampling;
use linli_model::scoring::Scoring;
use linli_model::survey::read;
use linli_rules::scoring;
use linli_rules::statistics::collect::{Collector, shape};
use linli_rules::statistics::report::{Input, ReportArea, build};
use linli_rules::statistics::weights::{Margin, Weights};
use serde_json::{Map, Value, json};
use std::time::Instant;

const SINGLES: usize = 30;
const ROWS: usize = 10;
const SEVERAL: usize = 6;
/// Texts that are made; more responses repeat them.
const DISTINCT_MAX: usize = 100_000;

fn definition() -> Value {
    let words = ["非常满意", "满意", "基本满意", "不满意", "非常不满意"];
    let choices: Vec<Value> = (0..5)
        .map(|at| json!({ "value": 5 - at, "text": words[at] }))
        .collect();
    let mut elements: Vec<Value> = (0..SINGLES)
        .map(|at| {
            json!({ "type": "radiogroup", "name": format!("q{at:02}"), "title": "您满意吗？",
                "choices": choices, "showDontKnowItem": true })
        })
        .collect();
    let rows: Vec<String> = (0..ROWS).map(|row| format!("r{row}")).collect();
    elements
        .push(json!({ "type": "matrix", "name": "services", "columns": choices, "rows": rows }));
    elements.extend((0..SEVERAL).map(|at| {
        json!({ "type": "checkbox", "name": format!("s{at}"), "choices": ["a", "b", "c", "d"],
            "visibleIf": format!("{{q{at:02}}} <= 2") })
    }));
    elements.push(json!({ "type": "radiogroup", "name": "who", "choices": ["self", "family"] }));
    elements.push(json!({ "type": "text", "name": "years", "inputType": "number" }));
    elements.push(json!({ "type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10 }));
    elements.push(json!({ "type": "comment", "name": "more" }));
    json!({ "elements": elements })
}

fn responses(count: usize) -> Vec<String> {
    let mut state = 1_u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state >> 33
    };
    let mut one = || {
        let mut answers = Map::new();
        for at in 0..SINGLES {
            let value = match next() % 11 {
                10 => json!("dontknow"),
                score => json!(score / 2 + 1),
            };
            answers.insert(format!("q{at:02}"), value);
        }
        let rows = (0..ROWS).map(|row| (format!("r{row}"), json!(next() % 5 + 1)));
        answers.insert("services".into(), Value::Object(rows.collect()));
        for at in 0..SEVERAL {
            if answers[&format!("q{at:02}")]
                .as_u64()
                .is_some_and(|score| score <= 2)
            {
                answers.insert(format!("s{at}"), json!(["a", "c"]));
            }
        }
        answers.insert(
            "who".into(),
            json!(["self", "family"][(next() % 2) as usize]),
        );
        answers.insert("years".into(), json!(next() % 40));
        answers.insert("nps".into(), json!(next() % 11));
        if next().is_multiple_of(10) {
            answers.insert("more".into(), json!("请多安排一些老人能参加的活动"));
        }
        Value::Object(answers).to_string()
    };
    (0..count).map(|_| one()).collect()
}

/// Processor time of this process so far, where the system tells it: beside others, time
/// on the wall tells how busy they were as well.
fn cpu_ms() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let ns: f64 = told.split(' ').next()?.parse().ok()?;
    Some(ns / 1e6)
}

fn main() {
    let mut given = std::env::args().skip(1);
    let mut number = |default: usize| given.next().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (count, places) = (number(100_000), number(40));
    let Ok(definition) = read(&definition()) else {
        return;
    };
    let texts = responses(count.min(DISTINCT_MAX));
    let bytes: usize = texts.iter().map(String::len).sum();
    let scoring = Scoring {
        cross: vec![("who".into(), "q00".into()), ("who".into(), "nps".into())],
        ..scoring::of(&definition)
    };
    let (start, cpu) = (Instant::now(), cpu_ms());
    let shape = shape(&[&definition], &scoring);
    let Ok(mut collector) = Collector::new(&shape, places) else {
        return;
    };
    for index in 0..count {
        if collector
            .add(index * 7 % places, &texts[index % texts.len()])
            .is_err()
        {
            return;
        }
    }
    let (counts, _) = collector.finish();
    let counted = start.elapsed();
    let margin = Margin {
        level_of_cell: (0..places).collect(),
        population: vec![3_000_000.0 / places as f64; places],
    };
    let Ok(weights) = Weights::rake(counts.respondents(), &[margin], None) else {
        return;
    };
    let area = |name: String, from: usize, to: usize| ReportArea {
        id: name.clone(),
        name,
        cells: (from..to).collect(),
        invited: None,
    };
    let mut areas = vec![area("社区".into(), 0, places)];
    areas.extend((0..places / 5).map(|grid| area(format!("网格{grid}"), grid * 5, grid * 5 + 5)));
    areas.extend((0..places).map(|place| area(format!("微网格{place}"), place, place + 1)));
    let report = build(&Input {
        source: "speed",
        as_of_ms: 0,
        sampling: Sampling::OpenLink,
        counts: &counts,
        weights: Some((&weights, &[])),
        questions: &shape.questions("zh-cn"),
        areas: &areas,
        headline: shape.headline.unwrap_or(0),
        before: None,
        cross: &shape.cross,
    });
    let all = start.elapsed();
    let cpu = cpu_ms().zip(cpu).map(|(now, then)| now - then);
    println!(
        "{}",
        json!({
            "responses": count, "places": places, "items": report.questions.len(),
            "bytes_each": bytes / texts.len(), "counted_ms": counted.as_secs_f64() * 1e3,
            "report_ms": (all - counted).as_secs_f64() * 1e3, "all_ms": all.as_secs_f64() * 1e3,
            "cpu_ms": cpu,
        })
    );
}
