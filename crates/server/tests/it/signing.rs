//! The README's signing examples, run where their interpreters are.

use crate::world::*;
use linli_server::identity::host_token::{Unverified, Who};
use linli_server::seal;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

const CALL: &str = r#"sign("2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a", "club-2026", "jiangpan", "hosted", "用户 \"7\"")"#;

fn example(language: &str) -> String {
    let readme = include_str!("../../README.md");
    let (_, after) = readme.split_once(&format!("```{language}\n")).unwrap();
    let (code, _) = after.split_once("```").unwrap();
    assert!(code.lines().count() <= 20, "{language}");
    code.to_owned()
}

/// Runs `code`; none, and a notice, where the interpreter or a library is not there.
fn run(program: &str, flag: &str, needs: &str, code: &str) -> Option<String> {
    let runs = |code: &str| Command::new(program).args([flag, code]).output();
    if !runs(needs).is_ok_and(|out| out.status.success()) {
        println!("skipped: {program} with what the example needs is not here");
        return None;
    }
    let out = runs(code).unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{program}: {said}");
    Some(String::from_utf8(out.stdout).unwrap().trim().to_owned())
}

#[tokio::test]
async fn the_examples_sign_what_the_server_believes() {
    let world = World::new().await;
    let topic = world.service.topic(&id("hosted")).await.unwrap().topic;
    let python = format!("{}\nprint({CALL})", example("python"));
    let js = format!("{}\nconsole.log({CALL})", example("js"));
    let ed25519 = "import cryptography.hazmat.primitives.asymmetric.ed25519";
    let tokens = [
        run("python3", "-c", ed25519, &python),
        run("node", "-e", "require('node:crypto')", &js),
    ];
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now_ms = i64::try_from(now.as_millis()).unwrap();
    for token in tokens.into_iter().flatten() {
        let read = Unverified::read(&token).unwrap();
        assert_eq!(read.key_id(), "club-2026");
        let key = host_key().verifying_key().to_bytes();
        let word = read.verify(&key, &topic, now_ms).unwrap();
        assert_eq!(word.who, Who::Subject("用户 \"7\"".to_owned()));
        // The payload is canonical.
        let payload = token.split('.').nth(1).unwrap();
        let bytes =
            base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload);
        let value: serde_json::Value = serde_json::from_slice(bytes.as_ref().unwrap()).unwrap();
        let canonical = serde_json_canonicalizer::to_vec(&value).unwrap();
        assert_eq!(seal::hex(&canonical), seal::hex(&bytes.unwrap()));
    }
}
