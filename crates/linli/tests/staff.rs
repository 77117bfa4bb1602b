//! The first owner of a desk, and its log, from a shell.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what cannot be read ends the test"
)]

use std::path::Path;
use std::process::{Command, Output};

const FILE: &str = r#"{ "communities": [{ "id": "jiangpan", "name": "江畔社区",
    "time_zone": "Asia/Shanghai", "places": [{ "id": "jiangpan", "name": "江畔社区" }] }] }"#;

fn linli(data: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linli"));
    command.arg("--data-dir").arg(data).args(args);
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn an_owner_is_invited_and_the_log_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("c.json"));
    std::fs::write(&file, FILE).unwrap();
    assert!(
        linli(&data, &["import", file.to_str().unwrap()])
            .status
            .success()
    );
    let url = ["--public-url", "https://linli.example"];
    let created = linli(
        &data,
        &[&url[..], &["admin", "create", "jiangpan", "--name", "王芳"]].concat(),
    );
    let link = said(&created);
    let token = link
        .trim()
        .strip_prefix("https://linli.example/desk/jiangpan/join#")
        .unwrap();
    assert_eq!(token.len(), 64);
    assert_eq!(said(&linli(&data, &["admin", "list", "jiangpan"])), "");
    let verified = linli(&data, &["audit", "verify", "jiangpan"]);
    assert!(verified.status.success());
    assert!(said(&verified).starts_with("1 entries, whole"));
    let out = dir.path().join("log.csv");
    let export = ["audit", "export", "jiangpan", out.to_str().unwrap()];
    assert!(linli(&data, &export).status.success());
    let log = std::fs::read_to_string(&out).unwrap();
    assert!(log.contains("invite") && !log.contains(token), "{log}");
    // What is there is not written over; who is not there is told.
    assert_eq!(linli(&data, &export).status.code(), Some(2));
    let nowhere = linli(&data, &["admin", "create", "moon", "--name", "x"]);
    assert_eq!(nowhere.status.code(), Some(2));
    let told = String::from_utf8(nowhere.stderr).unwrap();
    assert!(told.contains("no community moon"), "{told}");
    assert!(linli(&data, &["check-store"]).status.success());
}
