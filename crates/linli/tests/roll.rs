//! `linli roll` from a spreadsheet to a proof, as staff type it.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what cannot be read ends the test"
)]

use std::path::Path;
use std::process::{Command, Output};

const COMMUNITY: &str = r#"{ "communities": [{
    "id": "jiangpan", "name": "江畔社区", "time_zone": "Asia/Shanghai",
    "places": [
        { "id": "jiangpan", "name": "江畔社区" },
        { "id": "grid-1", "name": "一网格", "parent": "jiangpan" }
    ] }] }"#;

fn linli(dir: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_linli"))
        .current_dir(dir)
        .env("LINLI_LOG", "error")
        .args(["--data-dir", "data"])
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn from_a_template_to_a_proof() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let run = |arguments: &[&str]| linli(dir, arguments);
    std::fs::write(dir.join("community.json"), COMMUNITY).unwrap();
    assert_eq!(run(&["import", "community.json"]).0, Some(0));
    let (code, template, _) = run(&["roll", "template", "owners"]);
    assert_eq!(code, Some(0));
    assert!(template.starts_with("\u{FEFF}网格,楼栋,"), "{template}");
    std::fs::write(dir.join("owners.csv"), &template).unwrap();

    let import = [
        "roll",
        "--lang",
        "en",
        "import",
        "jiangpan",
        "owners",
        "owners.csv",
    ];
    let (code, said, _) = run(&[&import[..], &["--dry-run"]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 added, 0 changed, 0 removed"), "{said}");
    assert_eq!(
        run(&["roll", "list", "jiangpan"]).1,
        "",
        "a dry run adopts nothing"
    );
    let (code, said, _) = run(&import);
    assert_eq!(code, Some(0));
    assert!(
        said.contains("Adopted as version 1: 2 entries, 2 voters"),
        "{said}"
    );

    // An error adopts nothing, unless the row is left out.
    let wrong = format!("{template}三网格,8,2,303,王五,,,1,,\r\n");
    std::fs::write(dir.join("owners.csv"), wrong).unwrap();
    let (code, said, why) = run(&import);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("row 4, 网格 “三网格”: there is no such grid"),
        "{said}"
    );
    assert!(why.contains("--leave-out-errors"), "{why}");
    let (code, said, _) = run(&[&import[..], &["--leave-out-errors"]].concat());
    assert_eq!(
        (code, said.contains("Adopted as version 2")),
        (Some(0), true),
        "{said}"
    );

    let (code, record, _) = run(&["roll", "record", "jiangpan", "owners", "--version", "1"]);
    assert_eq!(code, Some(0));
    std::fs::write(dir.join("record.json"), &record).unwrap();
    let (code, hash, _) = run(&["roll", "verify", "record.json"]);
    assert_eq!((code, hash.trim().len()), (Some(0), 64));
    assert!(record.contains(hash.trim()));
    let other = "0".repeat(64);
    let published = ["roll", "verify", "record.json", "--commitment"];
    assert_eq!(run(&[&published[..], &[hash.trim()]].concat()).0, Some(0));
    assert_eq!(run(&[&published[..], &[&other]].concat()).0, Some(1));
    std::fs::write(dir.join("record.json"), record.replace("张三", "李四")).unwrap();
    assert_eq!(run(&["roll", "verify", "record.json"]).0, Some(1));

    // What cannot be read, and who is not there.
    std::fs::write(dir.join("owners.csv"), "姓名\n张三\n").unwrap();
    let (code, _, why) = run(&import);
    assert_eq!(
        (code, why.contains("these columns are needed")),
        (Some(2), true),
        "{why}"
    );
    assert_eq!(run(&["roll", "list", "nowhere"]).0, Some(2));
}
