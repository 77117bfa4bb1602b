//! What operators type: backup, restore, doctor, as processes, beside a store in use.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what cannot be read ends the test"
)]

use linli_model::{CastBallot, Choice, GrantToken, IdempotencyKey, Proof, Stance, TopicId};
use linli_server::{Caller, Config, Page, Service, SystemClock, open_service};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

const CALLER: Caller = Caller {
    page: Page::Unknown,
    client: None,
};

fn linli(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linli"));
    for (setting, _) in std::env::vars_os() {
        if setting.as_encoded_bytes().starts_with(b"LINLI_") {
            command.env_remove(setting);
        }
    }
    command
        .env("LINLI_LOG", "error")
        .arg("--data-dir")
        .arg(data);
    command
}

fn said(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    format!("{out}{}", String::from_utf8_lossy(&output.stderr))
}

async fn open(data: &Path) -> Service {
    let config = Config {
        data_dir: data.to_owned(),
        ..Config::default()
    };
    open_service(&config, Arc::new(SystemClock)).await.unwrap()
}

/// One community, two households, a poll that is open.
async fn world(data: &Path) -> Service {
    let service = open(data).await;
    let household = |n: u32| json!({ "label": format!("{n}"), "place": "all", "long_code": format!("{n:026}") });
    let import = json!({
        "communities": [{
            "id": "here", "name": "Here", "time_zone": "Asia/Shanghai",
            "places": [{ "id": "all", "name": "All" }],
            "households": [household(1), household(2)],
        }],
        "topics": [{
            "id": "shed", "community": "here", "place": "all", "lang": "en", "title": "Shed",
            "poll": {
                "id": "shed", "kind": { "type": "motion" }, "nature": "consultation",
                "electorate": "households", "credential": "household_code",
                "secrecy": "recorded", "changes": "until_closing", "results": "live",
                "opens_at_ms": 0, "closes_at_ms": 9_000_000_000_000_i64,
            },
        }],
    });
    service.import_text(&import.to_string()).await.unwrap();
    service
}

async fn grant(service: &Service, household: u32) -> GrantToken {
    let proof = Proof::HouseholdCode {
        code: format!("{household:026}"),
    };
    let shed = TopicId::parse("shed").unwrap();
    service.identify(&shed, &proof, CALLER).await.unwrap().token
}

/// The reply as it is sent.
async fn cast(service: &Service, grant: &GrantToken, key: u8) -> String {
    let ballot = CastBallot {
        choice: Choice::Motion {
            stance: Stance::Yes,
        },
        secret: None,
    };
    let shed = TopicId::parse("shed").unwrap();
    let key = IdempotencyKey::from_bytes([key; 16]);
    let recorded = service
        .cast(&shed, grant, key, ballot, CALLER)
        .await
        .unwrap();
    serde_json::to_string(&recorded.reply).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_while_serving_gives_everything_back() {
    let folder = tempfile::tempdir().unwrap();
    let (data, other) = (folder.path().join("data"), folder.path().join("other"));
    let archive = folder.path().join("linli.backup");
    let service = world(&data).await;
    let first = grant(&service, 1).await;
    let before = cast(&service, &first, 1).await;

    let made = linli(&data).arg("backup").arg(&archive).output().unwrap();
    assert!(made.status.success(), "{}", said(&made));
    assert!(said(&made).contains("1 ballots"), "{}", said(&made));
    let mode = fs::metadata(&archive).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Serving went on; this is not in it.
    let second = grant(&service, 2).await;
    cast(&service, &second, 2).await;
    let again = linli(&data).arg("backup").arg(&archive).output().unwrap();
    assert!(!again.status.success(), "an archive was written over");
    service.close().await.unwrap();

    let back = linli(&other).arg("restore").arg(&archive).output().unwrap();
    assert!(back.status.success(), "{}", said(&back));
    let check = linli(&other).arg("check-store").output().unwrap();
    assert!(check.status.success(), "{}", said(&check));
    let restored = open(&other).await;
    // The same keys, grants and rows: the same receipt, byte for byte.
    assert_eq!(cast(&restored, &first, 1).await, before);
    let view = restored
        .topic(&TopicId::parse("shed").unwrap())
        .await
        .unwrap();
    assert_eq!(view.turnout.cast, 1);
    restored.close().await.unwrap();
    let over = linli(&other).arg("restore").arg(&archive).output().unwrap();
    assert!(said(&over).contains("is there already"), "{}", said(&over));
    let names = |dir: &Path| {
        let entries = fs::read_dir(dir).unwrap().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(
        names(&other),
        [
            "field-keys.json",
            "linli.sqlite",
            "receipt-keys.json",
            "server-secret"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_archive_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (data, other) = (folder.path().join("data"), folder.path().join("other"));
    let archive = folder.path().join("linli.backup");
    let service = world(&data).await;
    let first = grant(&service, 1).await;
    cast(&service, &first, 1).await;
    service.close().await.unwrap();
    let made = linli(&data).arg("backup").arg(&archive).output().unwrap();
    assert!(made.status.success(), "{}", said(&made));

    let sound = fs::read(&archive).unwrap();
    let find = |part: &[u8]| sound.windows(part.len()).position(|at| at == part).unwrap();
    let mut other_choice = sound.clone();
    let at = find(br#""stance":"yes""#);
    other_choice[at + 10..at + 13].copy_from_slice(b"nay");
    let mut other_name = sound.clone();
    let at = find(b"server-secret\0");
    other_name[at..at + 13].copy_from_slice(b"../../../file");
    let cut = sound[..sound.len() / 2].to_vec();
    for (what, bytes) in [
        ("another choice", other_choice),
        ("another name", other_name),
        ("cut", cut),
        ("no archive", b"ballots".to_vec()),
        ("empty", Vec::new()),
    ] {
        fs::write(&archive, bytes).unwrap();
        let back = linli(&other).arg("restore").arg(&archive).output().unwrap();
        assert_eq!(back.status.code(), Some(2), "{what}: {}", said(&back));
        assert_eq!(fs::read_dir(&other).unwrap().count(), 0, "{what}");
    }
    assert!(!folder.path().join("file").exists());
}

#[test]
fn on_postgresql_it_says_what_to_use_instead() {
    let folder = tempfile::tempdir().unwrap();
    let mut backup = linli(folder.path());
    backup.env("LINLI_DATABASE_URL", "postgresql://linli@nowhere/linli");
    let done = backup
        .arg("backup")
        .arg(folder.path().join("b"))
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(said(&done).contains("pg_dump"), "{}", said(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let service = world(&data).await;
    let examine = |arguments: &[&str]| {
        let done = linli(&data).arg("doctor").args(arguments).output().unwrap();
        (done.status.code(), said(&done))
    };
    let has = |told: &str, word: &str, about: &str| {
        let is = |line: &str| line.starts_with(word) && line.contains(&format!(" {about}: "));
        assert!(told.lines().any(is), "no {word} of {about} in\n{told}");
    };
    let site = folder.path().join("dist");
    fs::create_dir_all(site.join("v0.1.0")).unwrap();
    fs::create_dir_all(site.join("v1")).unwrap();
    fs::write(site.join("v1/loader.js"), "").unwrap();
    fs::write(site.join("v0.1.0/a.js"), "hello").unwrap();
    // openssl dgst -sha384 -binary | base64
    let integrity = "sha384-WeF0h3dEjGnea4ANejO7+5/xtGPkQ1TDVTvNucZm+pASWjx5+QOXvfX2oT3oKGhP";
    let files = json!({ "files": { "a.js": { "integrity": integrity } } });
    fs::write(site.join("v0.1.0/manifest.json"), files.to_string()).unwrap();
    let good = [
        "--public-url",
        "https://linli.example",
        "--trusted-proxy",
        "127.0.0.1/32",
        "--static-dir",
        site.to_str().unwrap(),
    ];

    // While serving.
    let (code, told) = examine(&good);
    assert_eq!(code, Some(0), "{told}");
    for about in [
        "public_urls",
        "listen",
        "trusted_proxies",
        "data_dir",
        "receipt-keys.json",
        "server-secret",
        "database",
        "durability",
        "clock",
    ] {
        has(&told, "ok", about);
    }
    service.close().await.unwrap();

    let (code, told) = examine(&[]);
    assert_eq!(code, Some(0), "{told}");
    has(&told, "warn", "public_urls");
    has(&told, "warn", "static_dir");
    let (code, told) = examine(&["--public-url", "http://linli.example"]);
    assert_eq!(code, Some(1), "{told}");
    has(&told, "fail", "public_urls");
    let (_, told) = examine(&["--public-url", "https://linli.example"]);
    has(&told, "warn", "trusted_proxies");
    let (_, told) = examine(&["--trusted-proxy", "0.0.0.0/0"]);
    has(&told, "fail", "trusted_proxies");
    let (_, told) = examine(&["--database-url", "host=/nowhere user=linli dbname=linli"]);
    has(&told, "fail", "database");

    fs::write(site.join("v0.1.0/a.js"), "hullo").unwrap();
    has(&examine(&good).1, "fail", "static_dir");
    let keys = data.join("receipt-keys.json");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).unwrap();
    has(&examine(&good).1, "fail", "receipt-keys.json");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(data.join("server-secret"), "short").unwrap();
    has(&examine(&good).1, "fail", "server-secret");
    fs::write(
        data.join("linli.sqlite"),
        "not a database, whatever its name",
    )
    .unwrap();
    let (code, told) = examine(&good);
    assert_eq!(code, Some(1), "{told}");
    has(&told, "fail", "database");
}
