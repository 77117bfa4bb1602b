//! The real server for a bench: `linli import`, then `linli serve`, in a folder that is
//! removed afterwards. One community, one topic that asks one question, nobody's data.

use crate::sh;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) const COMMUNITY: &str = "bench";
pub(crate) const PLACE: &str = "all";
pub(crate) const TOPIC: &str = "shed";
/// The same as flags of `linli-throughput`.
pub(crate) const NAMES: [&str; 8] = [
    "--community",
    COMMUNITY,
    "--place",
    PLACE,
    "--topic",
    TOPIC,
    "--poll",
    TOPIC,
];
const DAY_MS: i64 = 86_400_000;

/// Builds `packages` beside the command in the release profile, and gives the folder of
/// the programs.
pub(crate) fn release(packages: &[&str]) -> Result<PathBuf> {
    let mut build = sh::cargo();
    build.args(["build", "--release", "--package", "linli"]);
    for package in packages {
        build.args(["--package", package]);
    }
    sh::step("release build", || sh::run(&mut build))?;
    Ok(sh::target_dir().join("release"))
}

/// A poll that is open for a day.
pub(crate) fn poll(kind: Value, electorate: &str, credential: &str) -> Result<Value> {
    let now_ms = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    Ok(json!({
        "id": TOPIC,
        "kind": kind,
        "nature": "consultation",
        "electorate": electorate,
        "credential": credential,
        "secrecy": "recorded",
        "changes": "never",
        "results": "after_closing",
        "opens_at_ms": now_ms - DAY_MS,
        "closes_at_ms": now_ms + DAY_MS,
    }))
}

/// What there is to serve.
pub(crate) struct Setting<'a> {
    /// The title of the topic is the question.
    pub(crate) title: &'a str,
    pub(crate) poll: Value,
    /// Pages of these origins may embed the widget.
    pub(crate) origins: &'a [String],
    /// The folder with what host pages load.
    pub(crate) suite: Option<&'a Path>,
    /// PostgreSQL to use instead of SQLite.
    pub(crate) database_url: Option<&'a str>,
}

/// A running server; ended and cleaned up when dropped.
pub(crate) struct Served {
    process: Child,
    /// Kept open: the server must not meet a closed pipe.
    _told: BufReader<ChildStdout>,
    folder: PathBuf,
    is_first: bool,
    origin: String,
}

impl Served {
    /// Starts `linli` on a free port of the loopback.
    pub(crate) fn start(linli: &Path, setting: &Setting<'_>) -> Result<Self> {
        let folder = sh::target_dir().join(format!("bench-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let file = folder.join("import.json");
        fs::write(&file, serde_json::to_string(&import_file(setting))?)?;
        sh::run(
            command(linli, &folder, setting, "import")
                .arg(&file)
                .stdout(Stdio::null()),
        )?;
        Self::serve(linli, setting, folder, true)
    }

    /// One more server on the same PostgreSQL, with the same keys.
    pub(crate) fn another(&self, linli: &Path, setting: &Setting<'_>) -> Result<Self> {
        Self::serve(linli, setting, self.folder.clone(), false)
    }

    fn serve(linli: &Path, setting: &Setting<'_>, folder: PathBuf, is_first: bool) -> Result<Self> {
        let mut serve = command(linli, &folder, setting, "serve");
        serve.args(["--listen", "127.0.0.1:0"]);
        if let Some(suite) = setting.suite {
            serve.arg("--static-dir").arg(suite);
        }
        let mut process = serve
            .stdout(Stdio::piped())
            .spawn()
            .context("linli serve")?;
        let mut told = BufReader::new(process.stdout.take().context("no output")?);
        let mut line = String::new();
        while told.read_line(&mut line)? > 0 {
            if let Some(at) = line.find("http://") {
                let origin = line[at..].split_whitespace().next().unwrap_or_default();
                let origin = origin.trim_end_matches('/').to_owned();
                return Ok(Self {
                    process,
                    _told: told,
                    folder,
                    is_first,
                    origin,
                });
            }
            line.clear();
        }
        let _ = process.kill();
        bail!("linli serve ended before it told its address");
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The SQLite file.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("data/linli.sqlite")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if self.is_first {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn command(linli: &Path, folder: &Path, of: &Setting<'_>, name: &str) -> Command {
    let mut command = Command::new(linli);
    command.arg(name).arg("--data-dir").arg(folder.join("data"));
    // As released: whatever this shell sets is for other commands.
    for (setting, _) in std::env::vars_os() {
        if setting.as_encoded_bytes().starts_with(b"LINLI_") {
            command.env_remove(setting);
        }
    }
    // All clients are one address here.
    command.env("LINLI_REQUESTS_PER_MINUTE", "0");
    if let Some(url) = of.database_url {
        command.env("LINLI_DATABASE_URL", url);
    }
    command
}

/// Places below the one that votes.
pub(crate) const PARTS: u32 = 10;

fn import_file(setting: &Setting<'_>) -> Value {
    let mut places = vec![json!({ "id": PLACE, "name": "All" })];
    let part = |nth| json!({ "id": format!("part-{nth}"), "name": "Part", "parent": PLACE });
    places.extend((0..PARTS).map(part));
    json!({
        "communities": [{
            "id": COMMUNITY,
            "name": "Bench",
            "time_zone": "Asia/Shanghai",
            "origins": setting.origins,
            "places": places,
        }],
        "topics": [{
            "id": TOPIC,
            "community": COMMUNITY,
            "place": PLACE,
            "lang": "en",
            "title": setting.title,
            "poll": setting.poll,
        }],
    })
}
