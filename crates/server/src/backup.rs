//! Backups of a data directory on SQLite: one archive with the database and the key
//! files, made while the server runs, and put back into an empty place.
//!
//! The database is written anew by SQLite itself (`VACUUM INTO`): one moment of it,
//! without the log, with nothing deleted left in it. Before an archive is called good, and
//! before anything of one is put in place, the copy is checked as `check-store` does,
//! receipts included. PostgreSQL has its own tools.

use crate::config::Config;
use crate::files;
use crate::receipts::Signers;
use crate::seal::hex;
use crate::store::{CheckReport, sqlite};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// What an archive says about itself.
const CONTENTS: &str = "backup.json";
const DATABASE: &str = "linli.sqlite";
const RECEIPT_KEYS: &str = "receipt-keys.json";
const SERVER_SECRET: &str = "server-secret";
const FIELD_KEYS: &str = "field-keys.json";
/// In this order.
const FILES: [&str; 4] = [DATABASE, RECEIPT_KEYS, SERVER_SECRET, FIELD_KEYS];
/// The form of archives that this version writes and reads.
const FORM: u32 = 1;
/// Longest `backup.json`.
const CONTENTS_BYTES_MAX: u64 = 64 * 1024;

/// What an archive holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Of the archive.
    form: u32,
    /// The version that made it.
    pub version: String,
    /// When, in UTC milliseconds.
    pub made_at_ms: i64,
    /// Each file's SHA-256.
    files: BTreeMap<String, String>,
    /// Topics in the database.
    pub topics: u64,
    /// Ballots that count.
    pub ballots: u64,
    /// Ballots that later ones replaced.
    pub superseded: u64,
    /// Receipts that were made again and verified.
    pub receipts: u64,
}

/// Makes an archive of `config`'s data directory at `target`, which must not exist.
pub fn make(config: &Config, target: &Path, made_at_ms: i64) -> Result<Contents, String> {
    on_sqlite(config)?;
    refuse_if_there(target)?;
    let source = config.database();
    // Opening it would make an empty one.
    fs::metadata(&source).map_err(|error| told(&source, &error))?;
    let beside = Beside::new(target)?;
    let copy = beside.0.join(DATABASE);
    files::create_private_file(&copy).map_err(|error| told(&copy, &error))?;
    sqlite::copy(&source, &copy)?;
    for (name, path) in keys(config) {
        let kept = beside.0.join(name);
        files::create_private_file(&kept).map_err(|error| told(&kept, &error))?;
        fs::copy(&path, &kept).map_err(|error| told(&path, &error))?;
    }
    let report = check(&beside.0)?;
    let digest = |name: &str| Ok((name.to_owned(), digest(&beside.0.join(name))?));
    let contents = Contents {
        form: FORM,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at_ms,
        files: FILES
            .into_iter()
            .map(digest)
            .collect::<Result<_, String>>()?,
        topics: report.topics,
        ballots: report.ballots,
        superseded: report.superseded,
        receipts: report.receipts,
    };
    let archive = beside.0.join("archive");
    pack(&beside.0, &archive, &contents).map_err(|error| told(&archive, &error))?;
    place(&archive, target)?;
    Ok(contents)
}

/// Puts an archive's files into `config`'s data directory, which must not have any of
/// them.
pub fn restore(config: &Config, archive: &Path) -> Result<Contents, String> {
    on_sqlite(config)?;
    let database = config.database();
    let log = database.with_extension("sqlite-wal");
    let index = database.with_extension("sqlite-shm");
    let others = keys(config).map(|(_, path)| path);
    for path in [&database, &log, &index].into_iter().chain(&others) {
        refuse_if_there(path)?;
    }
    let dir = &config.data_dir;
    files::create_private_dir(dir).map_err(|error| told(dir, &error))?;
    let beside = Beside::new(&database)?;
    let contents = unpack(archive, &beside.0)?;
    for name in FILES {
        let found = digest(&beside.0.join(name))?;
        if contents.files.get(name) != Some(&found) {
            return Err(format!("{}: {name} is damaged", archive.display()));
        }
    }
    check(&beside.0)?;
    for (name, path) in keys(config).into_iter().chain([(DATABASE, database)]) {
        place(&beside.0.join(name), &path)?;
    }
    Ok(contents)
}

fn keys(config: &Config) -> [(&'static str, PathBuf); 3] {
    [
        (RECEIPT_KEYS, config.receipt_keys()),
        (SERVER_SECRET, config.server_secret()),
        (FIELD_KEYS, config.field_keys()),
    ]
}

fn on_sqlite(config: &Config) -> Result<(), String> {
    if config.database_url.is_none() {
        return Ok(());
    }
    Err(format!(
        "the ballots are in PostgreSQL. Back them up with its own tools, for example\n\
         pg_dump --format=custom --file=linli.dump \"$LINLI_DATABASE_URL\"\n\
         (put back with pg_restore), and copy {RECEIPT_KEYS}, {SERVER_SECRET} and {FIELD_KEYS} from {}",
        config.data_dir.display()
    ))
}

fn check(folder: &Path) -> Result<CheckReport, String> {
    let signers = Signers::load_or_create(&folder.join(RECEIPT_KEYS))?;
    let report = sqlite::check(&folder.join(DATABASE), Some(&signers))?;
    match report.faults.first() {
        None => Ok(report),
        Some(first) => Err(format!(
            "the copy is not as it must be ({} faults; see linli check-store): {first}",
            report.faults.len()
        )),
    }
}

fn digest(path: &Path) -> Result<String, String> {
    let mut file = File::open(path).map_err(|error| told(path, &error))?;
    let mut hash = Sha256::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut part).map_err(|error| told(path, &error))?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&part[..read]);
    }
}

fn pack(folder: &Path, archive: &Path, contents: &Contents) -> io::Result<()> {
    files::create_private_file(archive)?;
    let file = File::options().write(true).open(archive)?;
    let mut tar = tar::Builder::new(io::BufWriter::new(file));
    let mut append = |name: &str, size: u64, data: &mut dyn Read| {
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(contents.made_at_ms / 1_000).unwrap_or(0));
        tar.append_data(&mut header, name, data)
    };
    let text = serde_json::to_vec_pretty(contents)?;
    append(CONTENTS, text.len() as u64, &mut &text[..])?;
    for name in FILES {
        let mut file = File::open(folder.join(name))?;
        append(name, file.metadata()?.len(), &mut file)?;
    }
    let mut out = tar.into_inner()?;
    out.flush()?;
    out.get_ref().sync_all()
}

/// Takes the known names out of an archive and nothing else.
fn unpack(archive: &Path, folder: &Path) -> Result<Contents, String> {
    let about = |error: io::Error| told(archive, &error);
    let mut tar = tar::Archive::new(File::open(archive).map_err(about)?);
    let mut contents = None;
    for entry in tar.entries().map_err(about)? {
        let mut entry = entry.map_err(about)?;
        let name = entry.path().map_err(about)?.to_string_lossy().into_owned();
        if name == CONTENTS {
            let mut text = String::new();
            let limited = (&mut entry).take(CONTENTS_BYTES_MAX);
            { limited }.read_to_string(&mut text).map_err(about)?;
            let read: Contents = serde_json::from_str(&text)
                .map_err(|error| format!("{}: {name}: {error}", archive.display()))?;
            if read.form != FORM {
                let of = &read.version;
                return Err(format!("{}: made by version {of}", archive.display()));
            }
            contents = Some(read);
        } else if FILES.contains(&name.as_str()) {
            let path = folder.join(&name);
            files::create_private_file(&path).map_err(|error| told(&path, &error))?;
            let mut file = File::options().write(true).open(&path).map_err(about)?;
            io::copy(&mut entry, &mut file).map_err(about)?;
            file.sync_all().map_err(about)?;
        } else {
            return Err(format!(
                "{}: {name} does not belong here",
                archive.display()
            ));
        }
    }
    contents.ok_or_else(|| format!("{}: not a backup of linli", archive.display()))
}

/// Gives a finished file its name, whole or not at all, and never over another.
fn place(from: &Path, to: &Path) -> Result<(), String> {
    fs::hard_link(from, to).map_err(|error| told(to, &error))?;
    let folder = to.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| told(folder, &error))
}

fn refuse_if_there(path: &Path) -> Result<(), String> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(told(path, &error)),
        Ok(_) => Err(format!("{}: is there already", path.display())),
    }
}

fn told(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

/// A private folder beside a file, on the same disk; gone when dropped.
struct Beside(PathBuf);

impl Beside {
    fn new(target: &Path) -> Result<Self, String> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let path = target.with_file_name(format!(".{name}.{}", std::process::id()));
        files::create_private_dir(&path).map_err(|error| told(&path, &error))?;
        Ok(Self(path))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // What is left is private, and its name says of whom.
        let _ = fs::remove_dir_all(&self.0);
    }
}
