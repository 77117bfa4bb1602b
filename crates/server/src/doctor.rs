//! Looks over an installation as an operator would: settings, files, database, clock,
//! disk, the widgets' files. Changes nothing but for a file that it writes, syncs and
//! removes again to see whether the disk takes it.
//!
//! What is damaged in the ballots themselves is `check-store`'s to find.

use crate::config::Config;
use crate::files;
use crate::origin::Origin;
use crate::receipts::Signers;
use crate::seal::unhex;
use crate::store::{Inspection, postgres, sqlite};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha384};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Less free than this is worth a word; less than that is no longer safe.
const DISK_BYTES_LOW: u64 = 2 << 30;
const DISK_BYTES_MIN: u64 = 200 << 20;
/// A clock that differs more decides deadlines wrongly.
const CLOCK_OFF_MS: i64 = 2_000;
/// No clock that is right shows an earlier time: 2026-01-01.
const CLOCK_MS_MIN: i64 = 1_767_225_600_000;
/// Kinds of file system that other machines share, as `statfs` numbers them: NFS, SMB,
/// CIFS, SMB2, 9P, Ceph, FUSE. SQLite's log does not work over them.
const NETWORK_FILE_SYSTEMS: [u64; 7] = [
    0x6969,
    0x517b,
    0xff53_4d42,
    0xfe53_4d42,
    0x0102_1997,
    0x00c3_6400,
    0x6573_5546,
];

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and may not later or not for everybody.
    Warn,
    /// It does not work, or loses what was promised.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub about: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was seen, and what to do about it.
    pub told: String,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, about: &'static str, told: impl Into<String>) {
        self.add(about, Verdict::Ok, told.into());
    }

    fn warn(&mut self, about: &'static str, told: impl Into<String>) {
        self.add(about, Verdict::Warn, told.into());
    }

    fn fail(&mut self, about: &'static str, told: impl Into<String>) {
        self.add(about, Verdict::Fail, told.into());
    }

    fn add(&mut self, about: &'static str, verdict: Verdict, told: String) {
        self.0.push(Finding {
            about,
            verdict,
            told,
        });
    }
}

/// Looks at everything that `config` names.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut found = Findings::default();
    addresses(config, &mut found);
    proxies(config, &mut found);
    data_dir(config, &mut found);
    key_files(config, &mut found);
    disk(config, &mut found);
    let database_now_ms = match &config.database_url {
        Some(url) => match postgres::inspect(url.secret()).await {
            Ok(seen) => {
                on_postgres(config, &seen, &mut found);
                seen.now_ms
            }
            Err(error) => {
                let told = format!("{url} is not reached: {error}");
                found.fail("database", told);
                None
            }
        },
        None => {
            on_sqlite(config, &mut found);
            None
        }
    };
    clock(database_now_ms, &mut found);
    static_files(config, &mut found);
    found.0
}

fn addresses(config: &Config, found: &mut Findings) {
    let origins = config
        .public_urls
        .iter()
        .filter_map(|url| Origin::parse(url));
    let origins: Vec<Origin> = origins.collect();
    let is_secure = |origin: &Origin| origin.as_str().starts_with("https:");
    let is_local = |origin: &Origin| {
        let host = origin.as_str().split("//").nth(1).unwrap_or_default();
        host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]")
    };
    match origins.first() {
        None => found.warn(
            "public_urls",
            "none: only for trying things out on this machine. Set the https: origin that \
             residents see",
        ),
        Some(first) if is_secure(first) => {
            found.ok(
                "public_urls",
                format!("{}: cookies are Secure", first.as_str()),
            );
        }
        Some(first) if is_local(first) => {
            found.warn(
                "public_urls",
                format!("{}: for this machine only", first.as_str()),
            );
        }
        Some(first) => found.fail(
            "public_urls",
            format!(
                "{}: not https. Votes and codes would travel in the open, and other sites' \
                 https pages could not embed the widgets. Put TLS in front and set the https: \
                 origin first",
                first.as_str()
            ),
        ),
    }
    if !config.listen.ip().is_loopback() && origins.first().is_some_and(is_secure) {
        found.warn(
            "listen",
            format!(
                "{}: others reach the server without the TLS of your proxy. Listen on \
                 127.0.0.1, or let a firewall admit the proxy alone",
                config.listen
            ),
        );
    } else {
        found.ok("listen", config.listen.to_string());
    }
}

fn proxies(config: &Config, found: &mut Findings) {
    let is_https = config
        .public_urls
        .first()
        .is_some_and(|url| url.starts_with("https:"));
    if config
        .trusted_proxies
        .iter()
        .any(|net| net.prefix_len() == 0)
    {
        found.fail(
            "trusted_proxies",
            "everybody: anyone may write the address that limits count by. Name your proxy's \
             network",
        );
    } else if config.trusted_proxies.is_empty() && is_https {
        found.warn(
            "trusted_proxies",
            "none, but TLS comes from a proxy: all residents share its address and its limits. \
             Name it (127.0.0.1/32 if it runs here) and let it append to X-Forwarded-For",
        );
    } else {
        let shown: Vec<String> = config
            .trusted_proxies
            .iter()
            .map(ToString::to_string)
            .collect();
        found.ok(
            "trusted_proxies",
            match shown.is_empty() {
                true => "none".to_owned(),
                false => shown.join(", "),
            },
        );
    }
}

fn data_dir(config: &Config, found: &mut Findings) {
    const ABOUT: &str = "data_dir";
    let dir = &config.data_dir;
    let shown = dir.display();
    match fs::metadata(dir) {
        Err(error) => {
            found.fail(
                ABOUT,
                format!("{shown}: {error}. The first `linli serve` or `import` makes it"),
            );
            return;
        }
        Ok(data) if !data.is_dir() => {
            found.fail(ABOUT, format!("{shown} is not a folder"));
            return;
        }
        Ok(_) => {}
    }
    if let Some(mode) = files::shared_mode(dir) {
        found.warn(
            ABOUT,
            format!("{shown}: others may enter it (mode {mode:o}); chmod 700 {shown}"),
        );
    }
    let probe = dir.join(format!(".doctor.{}", std::process::id()));
    let written = fs::File::create_new(&probe).and_then(|mut file| {
        file.write_all(b"linli doctor")?;
        file.sync_all()
    });
    let _ = fs::remove_file(&probe);
    match written {
        Ok(()) => found.ok(ABOUT, format!("{shown}: writes and syncs")),
        Err(error) => found.fail(ABOUT, format!("{shown}: cannot be written: {error}")),
    }
}

fn key_files(config: &Config, found: &mut Findings) {
    let keys = config.receipt_keys();
    let secret = config.server_secret();
    let is_secret = |path: &Path| {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let known = unhex::<32>(text.trim()).map(|_| String::new());
        known.ok_or_else(|| "not 64 hexadecimal digits".to_owned())
    };
    let is_keys = |path: &Path| {
        let signers = Signers::load_or_create(path)?;
        Ok(format!("{} keys", signers.public().keys.len()))
    };
    one_key_file("receipt-keys.json", &keys, is_keys, found);
    one_key_file("server-secret", &secret, is_secret, found);
}

fn one_key_file(
    about: &'static str,
    path: &Path,
    read: impl Fn(&Path) -> Result<String, String>,
    found: &mut Findings,
) {
    let shown = path.display();
    if !path.exists() {
        found.warn(
            about,
            format!(
                "{shown}: not there. The first start makes it; with an existing database, \
                     put it back from the backup first"
            ),
        );
    } else if let Some(mode) = files::shared_mode(path) {
        found.fail(
            about,
            format!("{shown}: others may read it (mode {mode:o}); chmod 600 {shown}"),
        );
    } else {
        match read(path) {
            Ok(told) if told.is_empty() => found.ok(about, "private and readable"),
            Ok(told) => found.ok(about, format!("private, {told}")),
            Err(error) => found.fail(about, format!("{shown}: {error}")),
        }
    }
}

fn disk(config: &Config, found: &mut Findings) {
    const ABOUT: &str = "disk";
    let Ok(seen) = rustix::fs::statvfs(&config.data_dir) else {
        // Told already: the folder is not there.
        return;
    };
    let free = seen.f_bavail.saturating_mul(seen.f_frsize);
    let told = format!("{} MiB free", free >> 20);
    if free < DISK_BYTES_MIN {
        found.fail(
            ABOUT,
            format!("{told}: ballots will be refused when it is full"),
        );
    } else if free < DISK_BYTES_LOW || seen.f_favail < 1_000 {
        found.warn(ABOUT, format!("{told}, {} files", seen.f_favail));
    } else {
        found.ok(ABOUT, told);
    }
}

fn on_sqlite(config: &Config, found: &mut Findings) {
    const ABOUT: &str = "database";
    let path = config.database();
    let shown = path.display();
    if !path.exists() {
        found.warn(
            ABOUT,
            format!("{shown}: not there; the first `linli import` makes it"),
        );
        return;
    }
    if let Some(mode) = files::shared_mode(&path) {
        found.fail(
            ABOUT,
            format!("{shown}: others may read it (mode {mode:o}); chmod 600 {shown}*"),
        );
    }
    let kind = rustix::fs::statfs(&path).map(|seen| seen.f_type as u64 & 0xffff_ffff);
    if kind.is_ok_and(|kind| NETWORK_FILE_SYSTEMS.contains(&kind)) {
        found.fail(
            ABOUT,
            format!(
                "{shown}: on a network or user-space file system, over which the log does \
                     not work. Use a local disk, or PostgreSQL"
            ),
        );
    }
    match sqlite::inspect(&path) {
        Err(error) => found.fail(ABOUT, error),
        Ok(seen) => {
            schema(&seen, found);
            match seen.setting("journal_mode") {
                "wal" => found.ok(
                    "durability",
                    "write-ahead log; the server syncs every commit (synchronous=FULL)",
                ),
                other => found.warn(
                    "durability",
                    format!("journal_mode is {other}; the next start sets it to wal"),
                ),
            }
        }
    }
}

fn on_postgres(config: &Config, seen: &Inspection, found: &mut Findings) {
    const ABOUT: &str = "durability";
    schema(seen, found);
    if seen.setting("server_version_num").parse().unwrap_or(0) < 130_000 {
        found.fail(
            "database",
            format!("{}: 13 or later is needed", seen.engine),
        );
    }
    for name in ["fsync", "full_page_writes"] {
        if seen.setting(name) != "on" {
            found.fail(
                ABOUT,
                format!("{name} is off: a power cut loses or damages ballots. Set it on"),
            );
        }
    }
    match seen.setting("synchronous_standby_names") {
        "" => found.warn(
            ABOUT,
            "no synchronous standby: PostgreSQL's disk is the only one that has the latest \
             ballots. Set synchronous_standby_names, or know that it is so",
        ),
        names => found.ok(ABOUT, format!("commits wait for {names}")),
    }
    found.ok(
        ABOUT,
        format!(
            "synchronous_commit is {}",
            seen.setting("synchronous_commit")
        ),
    );
    let most: usize = seen.setting("max_connections").parse().unwrap_or(0);
    if config.database_connections + 5 > most {
        found.fail(
            "connections",
            format!(
                "{} of this server, {most} in all: lower database_connections or raise \
                     max_connections",
                config.database_connections
            ),
        );
    } else {
        found.ok(
            "connections",
            format!("{} of {most}", config.database_connections),
        );
    }
    match seen.setting("tls") {
        "true" => found.ok("database TLS", "on"),
        _ => found.warn(
            "database TLS",
            "off: right for a socket or a trusted network, else add sslmode=verify-full to \
             database_url",
        ),
    }
}

fn schema(seen: &Inspection, found: &mut Findings) {
    let told = format!(
        "{}, schema {} of {}",
        seen.engine, seen.schema, seen.schema_known
    );
    if seen.schema > seen.schema_known {
        found.fail(
            "database",
            format!("{told}: made by a newer version of linli"),
        );
    } else if seen.schema < seen.schema_known {
        found.warn(
            "database",
            format!("{told}: the next start brings it up to date"),
        );
    } else {
        found.ok("database", told);
    }
}

fn clock(database_now_ms: Option<i64>, found: &mut Findings) {
    const ABOUT: &str = "clock";
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now_ms = i64::try_from(now.as_millis()).unwrap_or(0);
    if now_ms < CLOCK_MS_MIN {
        found.fail(
            ABOUT,
            "before this program was made. Polls open and close by it: set it",
        );
        return;
    }
    match database_now_ms.map(|theirs| now_ms - theirs) {
        Some(off) if off.abs() > CLOCK_OFF_MS => found.fail(
            ABOUT,
            format!("{off} ms from the database's. Keep both by NTP"),
        ),
        Some(off) => found.ok(ABOUT, format!("{off} ms from the database's")),
        None => found.ok(ABOUT, format!("{now_ms} ms; keep it by NTP")),
    }
}

#[derive(Deserialize)]
struct Manifest {
    files: BTreeMap<String, ManifestFile>,
}

#[derive(Deserialize)]
struct ManifestFile {
    integrity: String,
}

fn static_files(config: &Config, found: &mut Findings) {
    const ABOUT: &str = "static_dir";
    let Some(dir) = &config.static_dir else {
        found.warn(
            ABOUT,
            "none: pages are plain forms, and other sites cannot load the widgets",
        );
        return;
    };
    let entries = fs::read_dir(dir).map(|entries| entries.flatten().collect::<Vec<_>>());
    let entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            found.fail(ABOUT, format!("{}: {error}", dir.display()));
            return;
        }
    };
    let manifests: Vec<PathBuf> = entries
        .iter()
        .map(|entry| entry.path().join("manifest.json"))
        .filter(|path| path.exists())
        .collect();
    if manifests.is_empty() || !dir.join("v1/loader.js").exists() {
        found.fail(
            ABOUT,
            format!(
                "{}: not what `cargo xtask dist` makes (v<version>/ and v1/loader.js)",
                dir.display()
            ),
        );
        return;
    }
    for manifest in manifests {
        match whole(&manifest) {
            Ok(count) => found.ok(
                ABOUT,
                format!("{}: {count} files are whole", manifest.display()),
            ),
            Err(error) => found.fail(ABOUT, format!("{error}. Copy the folder again")),
        }
    }
}

/// Every file that a manifest names is there as it says.
fn whole(manifest: &Path) -> Result<usize, String> {
    let told = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read_to_string(manifest).map_err(|error| told(manifest, &error))?;
    let read: Manifest = serde_json::from_str(&text).map_err(|error| told(manifest, &error))?;
    for (name, file) in &read.files {
        let path = manifest.with_file_name(name);
        let bytes = fs::read(&path).map_err(|error| told(&path, &error))?;
        let digest = STANDARD.encode(Sha384::digest(&bytes));
        if file.integrity.strip_prefix("sha384-") != Some(digest.as_str()) {
            return Err(told(&path, &"not the file that its manifest names"));
        }
    }
    Ok(read.files.len())
}
