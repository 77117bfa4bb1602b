//! The commands about personal data, as an operator runs them.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what cannot be read ends the test"
)]

use std::path::Path;
use std::process::{Command, Output};

fn linli(data: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_linli"))
        .args(args)
        .env("LINLI_DATA_DIR", data)
        .env_remove("LINLI_DATABASE_URL")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn seeded() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("community.json");
    let community = r#"{"communities":[{"id":"jiangpan","name":"江畔社区",
        "time_zone":"Asia/Shanghai","places":[{"id":"jiangpan","name":"江畔社区"}],
        "households":[{"label":"1 号","place":"jiangpan"}]}],"topics":[]}"#;
    std::fs::write(&file, community).unwrap();
    said(&linli(dir.path(), &["import", file.to_str().unwrap()]));
    dir
}

#[test]
fn the_map_is_printed_in_two_languages_and_as_json() {
    let dir = seeded();
    let chinese = said(&linli(dir.path(), &["data-map"]));
    assert!(chinese.contains("名册上的户") && chinese.contains("`household.label`"));
    let english = said(&linli(dir.path(), &["data-map", "--lang", "en"]));
    assert!(english.contains("Households on the roll") && english.contains("30 days after"));
    let set = ["retain", "--community", "jiangpan", "--set", "grant=7"];
    assert_eq!(said(&linli(dir.path(), &set)), "nothing\n");
    let json = said(&linli(
        dir.path(),
        &["data-map", "jiangpan", "--lang", "en", "--json"],
    ));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let entries = json.as_array().unwrap();
    let grant = entries
        .iter()
        .find(|entry| entry["name"] == "grant")
        .unwrap();
    assert_eq!(grant["kept"], "7 days after its end");
    for bad in ["grant=x", "grant", "grant=0", "moon=1"] {
        let done = linli(
            dir.path(),
            &["retain", "--community", "jiangpan", "--set", bad],
        );
        assert_eq!(done.status.code(), Some(2), "{bad}");
    }
    assert_eq!(
        said(&linli(dir.path(), &["retain", "--dry-run"])),
        "nothing\n"
    );
}

#[test]
fn keys_are_turned_and_taken_out() {
    let dir = seeded();
    let keys = || {
        let text = std::fs::read_to_string(dir.path().join("field-keys.json")).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        file["keys"].as_array().unwrap().clone()
    };
    let before = keys();
    assert_eq!(
        said(&linli(dir.path(), &["keys", "rotate"])),
        "0 fields sealed anew\n"
    );
    let both = keys();
    assert_eq!((both.len(), &both[1]), (2, &before[0]));
    assert_eq!(
        said(&linli(dir.path(), &["keys", "reseal"])),
        "0 fields sealed anew\n"
    );
    assert_eq!(
        said(&linli(dir.path(), &["keys", "drop-unused"])),
        "1 keys taken out\n"
    );
    assert_eq!(keys(), both[..1]);
}
