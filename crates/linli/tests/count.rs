//! `linli count` as its README shows it: the examples there are the files counted here.

use serde_json::Value;
use std::process::{Command, Output};

const README: &str = include_str!("../README.md");

/// The code blocks of `language` under the heading.
fn blocks(heading: &str, language: &str) -> Vec<&'static str> {
    let (_, section) = README.split_once(heading).expect(heading);
    let section = section.split("\n### ").next().unwrap_or_default();
    let fence = format!("```{language}\n");
    let blocks = section.split(fence.as_str()).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap_or_default())
        .collect()
}

fn example(heading: &str) -> Value {
    serde_json::from_str(blocks(heading, "json")[0]).expect(heading)
}

fn count(file: &Value, flags: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("count.json");
    std::fs::write(&path, file.to_string()).expect("written");
    let mut linli = Command::new(env!("CARGO_BIN_EXE_linli"));
    linli
        .arg("count")
        .arg(path)
        .args(flags)
        .output()
        .expect("linli runs")
}

fn printed(output: &Output) -> String {
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn json(file: &Value) -> (i32, Value) {
    let output = count(file, &[]);
    let json = serde_json::from_str(&printed(&output)).expect("JSON");
    (output.status.code().expect("it ended by itself"), json)
}

const OWNERS: &str = "### Owners";

#[test]
fn owners_are_counted_as_the_readme_shows() {
    let output = count(&example(OWNERS), &["--text", "--lang", "en"]);
    assert_eq!(printed(&output), blocks(OWNERS, "text")[0]);
    assert_eq!(output.status.code(), Some(0));
    let words = printed(&count(&example(OWNERS), &["--text"]));
    assert!(words.contains("还差 0.10 m²"), "{words}");
    assert!(words.ends_with("结论：通过。\n"), "{words}");
}

#[test]
fn every_step_is_in_the_json() {
    let (code, seen) = json(&example(OWNERS));
    assert_eq!(code, 0);
    let verdict = &seen["verdict"];
    assert_eq!(verdict["ruling"]["type"], "carried");
    assert_eq!(verdict["total"]["ruling"]["type"], "lost");
    assert_eq!(verdict["following"]["side"], "yes");
    let steps = verdict["total"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 4);
    assert_eq!(steps[2]["threshold"], "approval");
    assert_eq!(steps[2]["needed"], 29_970);
    assert_eq!(steps[2]["short"], 10);
    assert!(verdict.get("blocks").is_none());
}

#[test]
fn majorities_and_options_are_counted() {
    let (code, seen) = json(&example("### Majority"));
    assert_eq!(code, 0);
    assert_eq!(seen["verdict"]["ruling"]["type"], "lost");
    assert_eq!(seen["verdict"]["total"]["steps"][1]["short"], 1);
    let (code, seen) = json(&example("### Options"));
    assert_eq!(code, 0);
    assert_eq!(seen["result"]["outcome"]["option"], "garden");
    let words = printed(&count(&example("### Options"), &["--text"]));
    assert!(words.contains("票数最多的是：小花园"), "{words}");
}

#[test]
fn what_cannot_be_counted_is_told_with_every_reason() {
    let mut file = example(OWNERS);
    file["matter"] = 3.into();
    file["ballots"][1]["owner"] = "sun".into();
    let (code, seen) = json(&file);
    assert_eq!(code, 1);
    let faults = seen["faults"].as_array().unwrap();
    let kinds: Vec<_> = faults.iter().map(|fault| &fault["type"]).collect();
    assert_eq!(kinds, ["election_elsewhere", "owner_unknown"]);
    let words = printed(&count(&file, &["--text"]));
    assert!(words.contains("名册上没有这位业主：sun"), "{words}");
}

#[test]
fn a_file_that_is_none_is_an_error() {
    let mut misspelt = example(OWNERS);
    misspelt["mater"] = 7.into();
    let mut unnamed = example(OWNERS);
    unnamed["count"] = "score".into();
    for (file, told) in [(misspelt, "mater"), (unnamed, "`count` must be")] {
        let output = count(&file, &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(told), "{error}");
    }
}
