//! How long a report takes from responses in a store: `cargo run --release -p linli-server
//! --example report_store -- [--postgres] RESPONSES`. 50 questions, ten places; the first
//! report, which reads every response, and the next one. A line of JSON comes out.

use linli_cluster::{Cluster, Durability};
use linli_model::TopicId;
use linli_server::config::DatabaseUrl;
use linli_server::store::sqlite::open_to_write;
use linli_server::{Config, Failure, start};
use serde_json::{Map, Value, json};
use std::error::Error;
use std::time::Instant;

const COMMUNITY: &str = "bench";
const TOPIC: &str = "round";
const QUESTIONS: usize = 50;
const PLACES: u64 = 10;
const DAY_MS: i64 = 86_400_000;
/// Responses that one statement writes.
const AT_ONCE: u64 = 120;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let is_postgres = given.iter().any(|one| one == "--postgres");
    let count: u64 = given
        .iter()
        .find_map(|one| one.parse().ok())
        .unwrap_or(100_000);
    let folder = tempfile::tempdir()?;
    let mut config = Config {
        listen: "127.0.0.1:0".parse()?,
        data_dir: folder.path().join("data"),
        ..Config::default()
    };
    let cluster = match is_postgres {
        true => Some(Cluster::start(Durability::Full).ok_or("no PostgreSQL")?),
        false => None,
    };
    let url = cluster.as_ref().map(Cluster::database);
    config.database_url = url.as_ref().map(DatabaseUrl::new);
    let running = start(config.clone()).await?;
    let service = &running.service;
    service.import_text(&import_file().to_string()).await?;
    let topic = TopicId::parse(TOPIC)?;
    let version = service.stored(&topic).await.map_err(told)?;
    let version = serde_json::to_value(&version.topic.poll.kind)?["wave"]["version"].clone();
    for from in (0..count).step_by(AT_ONCE as usize) {
        let sql = insert(from..count.min(from + AT_ONCE), &version, is_postgres);
        match &url {
            Some(url) => drop(linli_cluster::sql(url, &sql)),
            None => open_to_write(&config.database())?.execute_batch(&sql)?,
        }
    }
    let started = Instant::now();
    let report = service.report(&topic, "zh-Hans").await.map_err(told)?;
    let first = started.elapsed();
    let started = Instant::now();
    service.report(&topic, "zh-Hans").await.map_err(told)?;
    let again = started.elapsed();
    println!(
        "{}",
        json!({
            "responses": report.published.report.responses,
            "store": if is_postgres { "PostgreSQL" } else { "SQLite" },
            "first_ms": first.as_secs_f64() * 1e3, "again_ms": again.as_secs_f64() * 1e3,
        })
    );
    running.shutdown().await;
    Ok(())
}

fn told(failure: Failure) -> String {
    format!("{failure:?}")
}

fn import_file() -> Value {
    let words = ["非常满意", "满意", "基本满意", "不满意", "非常不满意"];
    let choices: Vec<Value> = (0..5)
        .map(|at| json!({ "value": 5 - at, "text": words[at] }))
        .collect();
    let question = |at: usize| {
        json!({ "type": "radiogroup", "name": format!("q{at:02}"), "choices": choices,
            "showDontKnowItem": true })
    };
    let elements: Vec<Value> = (0..QUESTIONS).map(question).collect();
    let now_ms = std::time::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_millis());
    let now_ms = i64::try_from(now_ms).unwrap_or(0);
    let mut places = vec![json!({ "id": "all", "name": "社区" })];
    places.extend((0..PLACES).map(
        |at| json!({ "id": format!("g{at}"), "name": format!("第{at}网格"), "parent": "all" }),
    ));
    json!({
        "communities": [{ "id": COMMUNITY, "name": "社区", "time_zone": "Asia/Shanghai",
            "origins": [], "places": places }],
        "surveys": [{ "id": "survey", "community": COMMUNITY, "place": "all", "title": "满意度",
            "definition": { "elements": elements } }],
        "topics": [{ "id": TOPIC, "community": COMMUNITY, "place": "all", "lang": "zh-Hans",
            "title": "满意度", "poll": { "id": TOPIC,
                "kind": { "type": "survey", "wave": { "survey": "survey", "number": 1, "version": "" } },
                "nature": "consultation", "electorate": "devices", "credential": "device",
                "secrecy": "recorded", "changes": "never", "results": "live",
                "opens_at_ms": now_ms - DAY_MS, "closes_at_ms": now_ms + DAY_MS } }],
    })
}

/// A statement that writes responses as the server stores them.
fn insert(some: std::ops::Range<u64>, version: &Value, is_postgres: bool) -> String {
    let row = |number: u64| {
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state >> 33
        };
        let answer = |(at, chance): (usize, u64)| {
            let value = match chance % 11 {
                10 => json!("dontknow"),
                score => json!(score / 2 + 1),
            };
            (format!("q{at:02}"), value)
        };
        let answers: Map<String, Value> = (0..QUESTIONS).map(|at| answer((at, next()))).collect();
        let answers = Value::Object(answers).to_string();
        let choice = json!({ "answers": answers, "type": "answers", "version": version });
        let bytes = |digits: String| match is_postgres {
            true => format!("'\\x{digits}'::bytea"),
            false => format!("x'{digits}'"),
        };
        format!(
            "('{COMMUNITY}', '{TOPIC}', 'd{number:032x}', 1, {}, '{choice}', {}, \
             '0123456789abcdef', 1800000000000, 'g{}')",
            bytes(format!("{number:032x}")),
            bytes(format!("{number:064x}")),
            number % PLACES,
        )
    };
    let rows: Vec<String> = some.map(row).collect();
    format!(
        "INSERT INTO ballot (community_id, poll_id, voter, revision, cast_key, choice, nonce, \
         key_id, cast_at_ms, area) VALUES {};",
        rows.join(",")
    )
}
