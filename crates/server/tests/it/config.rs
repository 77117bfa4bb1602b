//! File, then environment, then flags: the later wins.

use linli_server::Config;
use linli_server::config::DatabaseUrl;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Settings with an environment need a process of their own: this test starts itself.
const CHILD: &str = "LINLI_TEST_CONFIG_CHILD";

#[test]
fn flags_win_over_the_environment_over_the_file() {
    if let Ok(file) = std::env::var(CHILD) {
        let flags = json!({ "listen": "127.0.0.1:3" });
        let config = Config::load(Some(Path::new(&file)), flags).unwrap();
        println!("{}", serde_json::to_string(&config).unwrap());
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("linli.toml");
    let settings = "listen = '127.0.0.1:1'\ndata_dir = 'from-file'\nread_connections = 1\n\
                    trusted_proxies = ['10.0.0.0/8']\n";
    std::fs::write(&file, settings).unwrap();
    let out = Command::new(std::env::current_exe().unwrap())
        .args([
            "config::flags_win_over_the_environment_over_the_file",
            "--exact",
            "--nocapture",
        ])
        .env(CHILD, &file)
        .env("LINLI_LISTEN", "127.0.0.1:2")
        .env("LINLI_READ_CONNECTIONS", "2")
        .env("LINLI_PUBLIC_URLS", "[\"https://vote.example.cn\"]")
        .env("LINLI_UNRELATED", "left alone")
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.find('{').map(|at| &line[at..]))
        .expect(&text);
    let line = &line[..=line.rfind('}').unwrap()];
    let config: Config = serde_json::from_str(line).unwrap();
    assert_eq!(config.listen.port(), 3, "the flag");
    assert_eq!(config.read_connections, 2, "the environment");
    assert_eq!(
        config.public_urls,
        ["https://vote.example.cn"],
        "the environment"
    );
    assert_eq!(config.data_dir, Path::new("from-file"), "the file");
    assert_eq!(config.trusted_proxies.len(), 1, "the file");
    assert_eq!(config.connections_max, 10_000, "the default");
}

#[test]
fn the_readme_tells_every_setting_and_its_default() {
    let readme = include_str!("../../README.md");
    let settings = serde_json::to_value(Config::default()).unwrap();
    let settings = settings.as_object().unwrap();
    let rows: Vec<Vec<&str>> = readme
        .lines()
        .filter(|line| line.contains("| `LINLI_"))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), settings.len());
    for (name, default) in settings {
        let row = rows.iter().find(|row| row[1] == format!("`{name}`"));
        let row = row.unwrap_or_else(|| panic!("{name} is not in the README"));
        assert_eq!(row[2], format!("`LINLI_{}`", name.to_uppercase()));
        let default = match default {
            Value::String(text) => format!("`{text}`"),
            Value::Null => "none".to_owned(),
            Value::Array(list) if list.is_empty() => "none".to_owned(),
            other => format!("`{other}`"),
        };
        assert_eq!(row[4], default, "{name}");
    }
}

#[test]
fn mistakes_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("linli.toml");
    let cases = [
        ("lisen = '127.0.0.1:1'", "lisen"),
        ("listen = 'here'", "listen"),
        ("public_urls = ['https://a.cn/path']", "public_urls"),
        ("trusted_proxies = ['everyone']", "trusted_proxies"),
        ("database_url = 'mysql://a'", "database_url"),
    ];
    for (settings, told) in cases {
        std::fs::write(&file, settings).unwrap();
        let error = Config::load(Some(&file), json!({})).unwrap_err();
        assert!(error.contains(told), "{settings}: {error}");
    }
    assert!(Config::load(Some(&dir.path().join("absent.toml")), json!({})).is_err());
}

#[test]
fn a_password_is_not_shown() {
    let cases = [
        "postgresql://linli:hunter2@db.example.cn,b.example.cn/votes",
        "host=db.example.cn,b.example.cn user=linli password=hunter2 dbname=votes",
    ];
    for url in cases {
        let config = Config {
            database_url: Some(DatabaseUrl::new(url)),
            ..Config::default()
        };
        let shown = format!("{config:?} {}", config.database_url.as_ref().unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
        let told = "PostgreSQL votes at db.example.cn, b.example.cn";
        assert!(shown.contains(told), "{shown}");
    }
    let bad = DatabaseUrl::new("postgresql://linli:hunter2@db:port/votes");
    assert!(!bad.to_string().contains("hunter2"), "{bad}");
}
