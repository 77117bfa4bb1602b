//! The server under strace: which calls it makes on its files, and one of them made to
//! fail or to be the last.
//!
//! strace detaches itself (`-D`), so that the server stays our child and its end is its
//! own.

use anyhow::{Result, ensure};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Everything that changes files, or makes changes last.
const CALLS: &str = "write,pwrite64,fsync,fdatasync,ftruncate,link,linkat,unlink,unlinkat,rename";
/// The calls by which answers leave.
const ANSWERS: &str = "sendto,sendmsg,writev";
/// Longer than any page or answer.
const SHOWN_BYTES: &str = "16384";
const TRACER_ENDS: Duration = Duration::from_secs(30);

/// Whether strace can be used here. Where not, that is told.
///
/// # Panics
/// Where `LINLI_REQUIRE` names `strace` and it cannot be used.
pub fn available() -> bool {
    let mut probe = Command::new("strace");
    probe.args(["-D", "-f", "--seccomp-bpf", "-o", "/dev/null", "true"]);
    let quiet = probe.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if quiet.is_ok_and(|status| status.success()) {
        return true;
    }
    let required = std::env::var("LINLI_REQUIRE").unwrap_or_default();
    let required = required.split(',').any(|name| name.trim() == "strace");
    assert!(!required, "strace is required: {MISSING}");
    eprintln!("skipped: {MISSING}");
    false
}

const MISSING: &str = "no strace that may trace: apt-get install strace. Without it no failing \
                       disk is tested";

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails once, as of a broken disk.
    Io,
    /// It fails once, as of a full disk.
    Full,
    /// It and all later ones of its name fail, as of a full disk.
    StaysFull,
    /// The process is killed as it makes it.
    Kill,
    /// It and all later ones of its name do nothing and say that they did: a disk that
    /// lies. No server can bear it; the judge must see it.
    Lie,
}

impl Fault {
    pub(crate) const ALL: [Self; 4] = [Self::Io, Self::Full, Self::StaysFull, Self::Kill];

    fn told(self, call: &str, nth: u32) -> String {
        let how = match self {
            Self::Io => format!("error=EIO:when={nth}"),
            Self::Full => format!("error=ENOSPC:when={nth}"),
            Self::StaysFull => format!("error=ENOSPC:when={nth}+"),
            Self::Kill => format!("signal=SIGKILL:when={nth}"),
            // As many bytes as the longest of its writes: a page.
            Self::Lie if call == "pwrite64" => format!("retval=4096:when={nth}+"),
            Self::Lie => format!("retval=0:when={nth}+"),
        };
        format!("inject={call}:{how}")
    }
}

/// The `nth` call of a name, counted in each thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) call: String,
    pub(crate) nth: u32,
    pub(crate) fault: Fault,
}

/// What strace watches, and what it does.
#[derive(Debug, Clone)]
pub(crate) struct Strace {
    trace: PathBuf,
    /// Only calls on these; all where it is empty.
    files: Vec<PathBuf>,
    point: Option<Point>,
    with_data: bool,
}

impl Strace {
    /// Writes what it sees to `trace`.
    pub(crate) fn new(trace: PathBuf) -> Self {
        Self {
            trace,
            files: Vec::new(),
            point: None,
            with_data: false,
        }
    }

    /// Only the database in the folder `data`, so that calls are counted alike each time.
    pub(crate) fn on_database(mut self, data: &Path) -> Self {
        let names = ["linli.sqlite", "linli.sqlite-wal", "linli.sqlite-shm", "."];
        self.files = names.map(|name| data.join(name)).to_vec();
        // The folder itself, as strace names it.
        self.files[3] = data.to_owned();
        self
    }

    pub(crate) fn at(mut self, point: Option<Point>) -> Self {
        self.point = point;
        self
    }

    /// Also what was written, and answers.
    pub(crate) fn with_data(mut self) -> Self {
        self.with_data = true;
        self
    }

    /// `program` under it.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("strace");
        command.args(["-D", "-f", "-y", "-o"]).arg(&self.trace);
        // Stops only at the calls that are asked for; but then it delivers no signals.
        if !matches!(&self.point, Some(point) if point.fault == Fault::Kill) {
            command.arg("--seccomp-bpf");
        }
        if self.with_data {
            command.args(["-xx", "-s", SHOWN_BYTES]);
            command.arg(format!("--trace={CALLS},{ANSWERS}"));
        } else {
            command.args(["-s", "0", &format!("--trace={CALLS}")]);
        }
        for file in &self.files {
            command.arg("-P").arg(file);
        }
        if let Some(point) = &self.point {
            command.args(["-e", &point.fault.told(&point.call, point.nth)]);
        }
        command.arg(program);
        command
    }

    /// Every call, once the process and its tracer have ended.
    pub(crate) fn calls(&self, pid: u32) -> Result<Vec<Call>> {
        let started = Instant::now();
        loop {
            let text = fs::read_to_string(&self.trace).unwrap_or_default();
            let is_last = |line: &str| {
                line.split_once(' ').is_some_and(|(thread, rest)| {
                    thread.parse() == Ok(pid) && rest.trim_start().starts_with("+++ ")
                })
            };
            if text.lines().rev().any(is_last) {
                return Ok(read(&text));
            }
            let trace = self.trace.display();
            ensure!(started.elapsed() < TRACER_ENDS, "{trace}: no end of {pid}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A call, at the moment when it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) thread: u32,
    pub(crate) name: String,
    /// Which one of that name in that thread.
    pub(crate) nth: u32,
    /// Everything between the parentheses.
    pub(crate) args: String,
    /// What it came to, and whether that was arranged.
    pub(crate) result: String,
}

impl Call {
    pub(crate) fn is_injected(&self) -> bool {
        self.result.contains("INJECTED")
    }

    /// The file or folder that it was about.
    pub(crate) fn path(&self) -> String {
        let named = self.args.split_once('<').map(|(_, rest)| rest);
        let named = named.and_then(|rest| rest.split_once('>'));
        let path = named.map_or(self.args.trim_matches('"'), |(path, _)| path);
        match path.starts_with("\\x") {
            true => String::from_utf8_lossy(&bytes(path)).into_owned(),
            false => path.to_owned(),
        }
    }

    /// What was written, where data was asked for.
    pub(crate) fn data(&self) -> Vec<u8> {
        let quoted = self.args.split('"').skip(1).step_by(2);
        quoted.flat_map(bytes).collect()
    }

    /// The last argument.
    pub(crate) fn last_number(&self) -> Option<u64> {
        let last = self.args.rsplit(',').next()?;
        last.trim().parse().ok()
    }

    pub(crate) fn is_on_log(&self) -> bool {
        self.path().ends_with(".sqlite-wal")
    }

    pub(crate) fn is_sync(&self) -> bool {
        self.name == "fsync" || self.name == "fdatasync"
    }
}

/// Of `\x` and two digits each.
fn bytes(shown: &str) -> Vec<u8> {
    let digits = shown.split("\\x").skip(1);
    digits
        .filter_map(|two| u8::from_str_radix(two, 16).ok())
        .collect()
}

/// Lines of strace, with calls that others interrupted put together again.
fn read(text: &str) -> Vec<Call> {
    let mut begun: HashMap<u32, (String, String)> = HashMap::new();
    let mut counts: HashMap<(u32, String), u32> = HashMap::new();
    let mut calls = Vec::new();
    for line in text.lines() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let (Ok(thread), rest) = (thread.parse(), rest.trim_start()) else {
            continue;
        };
        let whole = if let Some(rest) = rest.strip_prefix("<... ") {
            let Some((name, args)) = begun.remove(&thread) else {
                continue;
            };
            let more = rest.split_once(" resumed>").map_or("", |(_, more)| more);
            format!("{name}({args}{more}")
        } else if let Some(rest) = rest.strip_suffix(" <unfinished ...>") {
            if let Some((name, args)) = rest.split_once('(') {
                begun.insert(thread, (name.to_owned(), args.to_owned()));
            }
            continue;
        } else {
            rest.to_owned()
        };
        let parts = whole.split_once('(').and_then(|(name, rest)| {
            let (args, result) = rest.rsplit_once(" = ")?;
            Some((name, args.trim_end().trim_end_matches(')'), result))
        });
        let Some((name, args, result)) = parts else {
            continue;
        };
        let nth = counts.entry((thread, name.to_owned())).or_default();
        *nth += 1;
        calls.push(Call {
            thread,
            name: name.to_owned(),
            nth: *nth,
            args: args.to_owned(),
            result: result.to_owned(),
        });
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_put_together_and_counted_in_each_thread() {
        let calls = read(
            "7 pwrite64(9</d/linli.sqlite-wal>, \"\"..., 24, 32) = 24\n\
             7 fsync(9</d/linli.sqlite-wal> <unfinished ...>\n\
             8 pwrite64(9</d/linli.sqlite>, \"\"..., 4096, 0) = -1 EIO (Input/output error) (INJECTED)\n\
             7 <... fsync resumed>)             = 0\n\
             7 unlink(\"/d/linli.sqlite-wal\")   = 0\n\
             7 pwrite64(9</d/linli.sqlite-wal>, \"\"..., 24, 32) = 24\n\
             7 +++ killed by SIGKILL +++\n",
        );
        let shown = calls.iter().map(|call| {
            let (thread, nth) = (call.thread, call.nth);
            format!(
                "{thread} {} {nth} {} {}",
                call.name,
                call.path(),
                call.is_injected()
            )
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                "7 pwrite64 1 /d/linli.sqlite-wal false",
                "8 pwrite64 1 /d/linli.sqlite true",
                "7 fsync 1 /d/linli.sqlite-wal false",
                "7 unlink 1 /d/linli.sqlite-wal false",
                "7 pwrite64 2 /d/linli.sqlite-wal false",
            ]
        );
        assert!(calls[2].is_sync() && calls[2].is_on_log());
    }
}
