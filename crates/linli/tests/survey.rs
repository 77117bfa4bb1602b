//! `linli survey check` as its README shows it, and what it does with what does not run.

use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Output, Stdio};

const README: &str = include_str!("../README.md");

/// The code blocks of the section, in order.
fn blocks() -> Vec<&'static str> {
    let (_, section) = README
        .split_once("## Checking a survey")
        .expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let blocks = section.split("```json\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap_or_default())
        .collect()
}

/// Runs with the definition on standard input and the answers in a file.
fn check(definition: &str, answers: Option<&str>, flags: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("answers.json");
    let mut linli = Command::new(env!("CARGO_BIN_EXE_linli"));
    linli.args(["survey", "check", "-"]).args(flags);
    if let Some(answers) = answers {
        std::fs::write(&path, answers).expect("written");
        linli.arg("--answers").arg(&path);
    }
    let piped = linli.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = piped.stderr(Stdio::piped()).spawn().expect("linli runs");
    let mut input = running.stdin.take().expect("standard input");
    input.write_all(definition.as_bytes()).expect("taken");
    drop(input);
    running.wait_with_output().expect("it ends")
}

fn told(output: &Output) -> (Option<i32>, Value) {
    let shown = String::from_utf8_lossy(&output.stdout);
    let told = serde_json::from_str(&shown).unwrap_or_else(|error| {
        panic!(
            "{error}: {shown}{}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    (output.status.code(), told)
}

#[test]
fn answers_are_checked_as_the_readme_shows() {
    let [definition, answers, shown] = blocks()[..] else {
        panic!("three blocks");
    };
    let output = check(definition, Some(answers), &[]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), shown);
    assert_eq!(output.status.code(), Some(1));
    let (code, told) = told(&check(definition, None, &["--locale", "en"]));
    assert_eq!(code, Some(0));
    assert_eq!(told["errors"], json!([]));
    assert_eq!(told["questions"][0]["title"], "How satisfied are you?");
}

#[test]
fn answers_that_fit_end_in_success() {
    let definition = blocks()[0];
    let answers = json!({ "score": 5, "phone": "13800138000" }).to_string();
    let (code, told) = told(&check(definition, Some(&answers), &[]));
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(
        told["values"],
        json!({ "score": 5, "phone": "13800138000" })
    );
}

#[test]
fn what_does_not_run_is_listed_by_path() {
    let definition = json!({ "elements": [
        { "type": "file", "name": "f" },
        { "type": "text", "name": "t", "visibleIf": "{a} = " },
    ] });
    let (code, shown) = told(&check(&definition.to_string(), None, &[]));
    assert_eq!(code, Some(1));
    assert_eq!(shown["runs"], false);
    assert_eq!(shown["unsupported"][0]["path"], "elements[0].type");
    let definition = json!({ "elements": [{ "type": "panel", "name": "p", "elements": [
        { "type": "text", "name": "t", "visibleIf": "{a} = ",
          "validators": [{ "type": "regex", "regex": "(" }] },
    ] }] });
    let (code, shown) = told(&check(&definition.to_string(), None, &[]));
    assert_eq!(code, Some(1));
    let paths: Vec<&str> = shown["unsupported"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["path"].as_str())
        .collect();
    let question = "elements[0].elements[0]";
    assert_eq!(
        paths,
        [
            format!("{question}.validators[0].regex"),
            format!("{question}.visibleIf")
        ]
    );
}

#[test]
fn refusals_are_told_apart_from_what_cannot_be_read() {
    let definition = json!({ "elements": [{ "type": "text", "name": "t" }] }).to_string();
    let (code, shown) = told(&check(&definition, Some("[]"), &[]));
    assert_eq!((code, &shown["refusal"]), (Some(1), &json!("notAnObject")));
    let large = json!({ "t": "x".repeat(1_100_000) }).to_string();
    let (code, shown) = told(&check(&definition, Some(&large), &[]));
    assert_eq!((code, &shown["refusal"]), (Some(1), &json!("tooLarge")));
    for unread in ["{", "", &"[".repeat(100_000)] {
        let output = check(unread, None, &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        assert!(!output.stderr.is_empty());
    }
    assert_eq!(check(&definition, None, &["--what"]).status.code(), Some(2));
}
