//! Expressions beside survey-core 3.1.1: vectors that `tests/peers/survey/expressions.mjs`
//! made, and mutated texts, which never panic.
//!
//! `LINLI_SURVEY_EXPRESSIONS=FILE` runs other vectors; `cargo xtask peers` does.

use linli_rules::survey::expression::{
    EXPRESSION_DEPTH_MAX, Expression, ExpressionFault, JsonScope,
};
use linli_rules::survey::{Clock, Value};
use serde::Deserialize;
use serde_json::Value as Json;

/// 2026-11-25T01:30:15.250Z in China.
const CLOCK: Clock = Clock {
    now_ms: 1_795_570_215_250.0,
    ahead_of_utc_minutes: 480,
};

#[derive(Debug, Deserialize)]
struct Vector {
    text: String,
    values: Json,
    fault: Option<String>,
    result: Option<Json>,
    holds: Option<bool>,
    /// Why a difference is expected.
    listed: Option<String>,
}

fn vectors() -> Vec<Vector> {
    let text = match std::env::var("LINLI_SURVEY_EXPRESSIONS") {
        Ok(path) => std::fs::read_to_string(path).expect("the vectors"),
        Err(_) => include_str!("vectors/survey_expressions.json").into(),
    };
    serde_json::from_str(&text).expect("vectors")
}

/// As the script tells a value.
fn told(value: &Value) -> Json {
    match value {
        Value::Undefined => serde_json::json!({ "$": "undefined" }),
        Value::Number(number) if number.is_nan() => serde_json::json!({ "$": "NaN" }),
        Value::Number(number) if number.is_infinite() => {
            let name = if *number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            };
            serde_json::json!({ "$": name })
        }
        Value::Date(ms) if ms.is_nan() => serde_json::json!({ "$": "date", "ms": null }),
        Value::Date(ms) => {
            serde_json::json!({ "$": "date", "ms": Json::from(&Value::Number(*ms)) })
        }
        Value::List(list) => Json::Array(list.iter().map(told).collect()),
        Value::Map(map) => Json::Object(
            map.iter()
                .map(|(key, one)| (key.clone(), told(one)))
                .collect(),
        ),
        value => Json::from(value),
    }
}

fn difference(vector: &Vector) -> Option<String> {
    let read = Expression::parse(&vector.text);
    match (vector.fault.as_deref(), read) {
        // Where survey-core throws, a refusal and any value are both right.
        (Some("throws"), _) | (Some(_), Err(_)) => None,
        _ if vector.listed.is_some() => None,
        (Some(fault), Ok(_)) => Some(format!("read, but survey-core says {fault}")),
        (None, Err(fault)) => Some(format!("{fault:?}")),
        (None, Ok(expression)) => {
            let scope = JsonScope::new(&vector.values, CLOCK);
            let result = told(&expression.run(&scope));
            let wanted = vector.result.clone().unwrap_or(Json::Null);
            let holds = expression.holds(&scope);
            let same = result == wanted && Some(holds) == vector.holds;
            (!same).then(|| {
                format!(
                    "{result} ({holds}), survey-core {wanted} ({:?})",
                    vector.holds
                )
            })
        }
    }
}

#[test]
fn expressions_give_what_survey_core_gives() {
    let vectors = vectors();
    let differences: Vec<String> = vectors
        .iter()
        .filter_map(|one| {
            difference(one).map(|how| format!("{} over {}: {how}", one.text, one.values))
        })
        .collect();
    let thrown = vectors
        .iter()
        .filter(|one| one.fault.as_deref() == Some("throws"))
        .count();
    let listed = vectors.iter().filter(|one| one.listed.is_some()).count();
    println!(
        "{} expressions; survey-core throws on {thrown}; {listed} listed",
        vectors.len()
    );
    let shown = differences
        .iter()
        .take(40)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{shown}",
        differences.len(),
        vectors.len()
    );
}

#[test]
fn limits_refuse_and_long_chains_run() {
    let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Expression::parse(&nested(EXPRESSION_DEPTH_MAX / 2 - 1)).is_ok());
    let too_deep = Expression::parse(&nested(5_000));
    assert_eq!(too_deep.err(), Some(ExpressionFault::TooDeep));
    let negations = Expression::parse(&format!("{}1", "!".repeat(5_000)));
    assert_eq!(negations.err(), Some(ExpressionFault::TooDeep));
    assert_eq!(
        Expression::parse(&"1".repeat(30_000)).err(),
        Some(ExpressionFault::TooLong)
    );
    let chain = vec!["{a} = 1"; 1_500].join(" or ");
    let chain = Expression::parse(&chain).expect("a long chain is flat");
    assert!(chain.holds(&JsonScope::new(&serde_json::json!({ "a": 1 }), CLOCK)));
}

#[test]
fn functions_that_rules_cannot_run_are_refused_by_name() {
    let name = || "displayValue".to_owned();
    let refused = Expression::parse("displayValue('q') = 'x'").err();
    assert_eq!(
        refused,
        Some(ExpressionFault::AsyncFunction { name: name() })
    );
    let refused = Expression::parse("{a} = mine(1)").err();
    assert_eq!(
        refused,
        Some(ExpressionFault::UnknownFunction {
            name: "mine".into()
        })
    );
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "[-a-z0-9{}()\\[\\]'\".,=<>!+*/%^ \n好]{0,120}") {
        if let Ok(expression) = Expression::parse(&text) {
            expression.run(&JsonScope::new(&serde_json::json!({ "a": "好", "b": [1, "x"] }), CLOCK));
        }
    }

    #[test]
    fn no_mutation_panics(at in 0usize..1_500, cut in 0usize..300, put in ".{0,3}") {
        let vectors: Vec<Vector> = vectors();
        let vector = &vectors[at % vectors.len()];
        let start = vector.text.char_indices().nth(cut % vector.text.chars().count().max(1));
        let start = start.map_or(0, |(at, _)| at);
        let text = format!("{}{put}{}", &vector.text[..start], &vector.text[start..]);
        if let Ok(expression) = Expression::parse(&text) {
            expression.run(&JsonScope::new(&vector.values, CLOCK));
        }
    }
}
