//! `cargo xtask bench roll`: a roll of 100,000 rows, previewed and adopted, from CSV and
//! XLSX, on both stores; then the same with one row in a hundred changed; then a file of
//! a million rows. Seconds of the whole command, and its peak memory.
//!
//! No pairs here: the gate is a bare figure, so it is a wide one.
//!
//! Flags: `--rows N` (default 100,000), `--linli PROGRAM` (one that is built already),
//! `--short` (2,000 rows, judges nothing).

use super::{load, serve};
use crate::sh;
use anyhow::{Context, Result, bail};
use linli_cluster::{Cluster, Durability};
use pico_args::Arguments;
use rust_xlsxwriter::Workbook;
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longest time for a roll of 100,000 rows.
const GATE_S: f64 = 10.0;
/// How often the memory is looked at; the kernel keeps the peak itself.
const LOOK: Duration = Duration::from_millis(5);
/// Rows of the file that must be refused.
const TOO_MANY: u32 = 1_000_000;
const HEADER: [&str; 6] = ["网格", "楼栋", "单元", "房号", "产权人", "登记面积"];

/// The bench.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let is_short = args.contains("--short");
    let rows: Option<u32> = args.opt_value_from_str("--rows")?;
    let built: Option<PathBuf> = args.opt_value_from_str("--linli")?;
    let rows = rows.unwrap_or(if is_short { 2_000 } else { 100_000 });
    sh::no_more(args)?;
    let linli = match built {
        Some(built) => built.canonicalize().context("--linli")?,
        None => serve::release(&[])?.join("linli"),
    };
    let folder = Folder::new()?;
    let files = Files::write(&folder.0, rows)?;
    println!("  {}", load::before_the_run());
    println!("\n  {rows} rows{:<21}seconds   peak MiB", "");
    let mut worst = 0.0_f64;
    let cluster = Cluster::start(Durability::Full);
    for store in ["SQLite", "PostgreSQL"] {
        for kind in ["csv", "xlsx"] {
            let database = match (store, &cluster) {
                ("SQLite", _) => None,
                (_, Some(cluster)) => Some(cluster.database()),
                (_, None) => {
                    println!("  PostgreSQL is not installed: left out");
                    break;
                }
            };
            let desk = Desk::open(&linli, &folder.0.join(format!("{store}-{kind}")), database)?;
            for (name, file) in [("first", &files.first), ("again", &files.again)] {
                let used = desk.roll(&file.with_extension(kind), 0)?;
                show(&format!("{store}, {kind}, {name}"), &used);
                worst = worst.max(used.seconds);
            }
            if store == "SQLite" && kind == "csv" {
                show("a million rows, refused", &desk.roll(&files.too_many, 2)?);
            }
        }
    }
    println!();
    if !is_short && worst > GATE_S {
        bail!("the slowest took {worst:.1} s, the gate is {GATE_S} s");
    }
    Ok(())
}

fn show(name: &str, used: &Used) {
    let mib = used.peak_kib as f64 / 1024.0;
    println!("  {name:<30}{:>8.2}{mib:>11.0}", used.seconds);
}

struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let folder = sh::target_dir().join(format!("bench-roll-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Files of owners, without their endings.
struct Files {
    first: PathBuf,
    again: PathBuf,
    too_many: PathBuf,
}

impl Files {
    fn write(folder: &Path, rows: u32) -> Result<Self> {
        let files = Self {
            first: folder.join("first"),
            again: folder.join("again"),
            too_many: folder.join("many.csv"),
        };
        for (file, moved) in [(&files.first, 0), (&files.again, 1)] {
            fs::write(file.with_extension("csv"), text(rows, moved))?;
            workbook(rows, moved)?.save(file.with_extension("xlsx"))?;
        }
        fs::write(&files.too_many, text(TOO_MANY, 0))?;
        Ok(files)
    }
}

/// One unit; of those that `moved` looks at, one in a hundred has another owner.
fn row(n: u32, moved: u32) -> [String; 6] {
    let owner = if n.is_multiple_of(100) { n + moved } else { n };
    [
        format!("{} 网格", n % 40 + 1),
        format!("{}", n / 400 + 1),
        format!("{}", n % 4 + 1),
        format!("{}{:02}", n % 400 / 4 + 1, n % 4 + 1),
        format!("业主 {owner}"),
        format!("{}.{:02}", 60 + n % 90, n % 100),
    ]
}

fn text(rows: u32, moved: u32) -> String {
    let mut text = HEADER.join(",");
    for n in 0..rows {
        let _ = write!(text, "\r\n{}", row(n, moved).join(","));
    }
    text
}

fn workbook(rows: u32, moved: u32) -> Result<Workbook> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, HEADER)?;
    for n in 0..rows {
        let [place, building, entrance, room, owner, area] = row(n, moved);
        sheet.write_row(n + 1, 0, [place, building, entrance, room, owner])?;
        sheet.write_number(n + 1, 5, area.parse::<f64>()?)?;
    }
    Ok(workbook)
}

/// A community on a store of its own.
struct Desk<'a> {
    linli: &'a Path,
    data: PathBuf,
    database: Option<String>,
}

struct Used {
    seconds: f64,
    peak_kib: u64,
}

impl<'a> Desk<'a> {
    fn open(linli: &'a Path, data: &Path, database: Option<String>) -> Result<Self> {
        let desk = Self {
            linli,
            data: data.to_owned(),
            database,
        };
        let grids = (1..=40).map(|n| json!({ "id": format!("g{n}"), "name": format!("{n} 网格"), "parent": serve::PLACE }));
        let root = json!({ "id": serve::PLACE, "name": "All" });
        let places: Vec<_> = std::iter::once(root).chain(grids).collect();
        let file = data.with_extension("json");
        let community = json!({ "communities": [{
            "id": serve::COMMUNITY, "name": "Bench", "time_zone": "Asia/Shanghai", "places": places,
        }] });
        fs::write(&file, community.to_string())?;
        sh::run(desk.command("import").arg(&file).stdout(Stdio::null()))?;
        Ok(desk)
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.linli);
        for (setting, _) in std::env::vars_os() {
            if setting.as_encoded_bytes().starts_with(b"LINLI_") {
                command.env_remove(setting);
            }
        }
        command.arg("--data-dir").arg(&self.data);
        if let Some(url) = &self.database {
            command.env("LINLI_DATABASE_URL", url);
        }
        command.arg(name);
        command
    }

    /// Previews and adopts the file; `code` is how the command must end.
    fn roll(&self, file: &Path, code: i32) -> Result<Used> {
        let mut import = self.command("roll");
        import
            .args(["import", serve::COMMUNITY, "owners"])
            .arg(file)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let started = Instant::now();
        let mut process = import.spawn().context("linli roll")?;
        let mut peak_kib = 0;
        let ended = loop {
            peak_kib = peak_kib.max(peak_memory_kib(process.id()).unwrap_or(0));
            if let Some(ended) = process.try_wait()? {
                break ended;
            }
            std::thread::sleep(LOOK);
        };
        if ended.code() != Some(code) {
            bail!("linli roll import {} ended with {ended}", file.display());
        }
        Ok(Used {
            seconds: started.elapsed().as_secs_f64(),
            peak_kib,
        })
    }
}

/// The peak that the kernel keeps, while the process is there.
fn peak_memory_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
