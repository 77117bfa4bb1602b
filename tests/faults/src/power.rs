//! Power cuts: what would be on the disk if the power went at some moment, worked out
//! from the calls that the real server made.
//!
//! SIGKILL leaves what the kernel has taken; a power cut leaves what was synced, and of
//! the rest any part. So strace records every write with its data, every sync, and every
//! answer that left. From the record the files are built as they would be found: all
//! that was synced, and by chance any of what was not, in sectors. At that moment the
//! voter had been told of so many ballots; the judge compares.

use crate::check;
use crate::journal::Line;
use crate::strace::{Call, Fault, Point, Strace};
use crate::syscalls::Ground;
use crate::trial::Trial;
use anyhow::{Context as _, Result, ensure};
use linli_conformance::lossy::Chance;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const SECTOR_BYTES: usize = 512;

/// What happened.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Moments at which the power went.
    pub cuts: u64,
    /// Ballots that had been acknowledged by the last of them.
    pub acknowledged: u64,
    /// Writes that a cut found unsynced, of which any part may be there.
    pub unsynced: u64,
    /// Everything that is not as it must be.
    pub faults: Vec<String>,
}

impl Report {
    /// A line of counts.
    pub fn summary(&self) -> String {
        format!(
            "{} power cuts, {} ballots acknowledged, {} unsynced writes kept in part, {} faults",
            self.cuts,
            self.acknowledged,
            self.unsynced,
            self.faults.len()
        )
    }
}

/// How the disk treats syncs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syncs {
    /// As it must.
    Kept,
    /// It says that it did and does nothing: as if the server never asked. The negative
    /// control.
    Ignored,
}

/// Votes on the real server, and power cuts after answers and before syncs: one in
/// `share` of those moments.
pub fn cut(ground: &Ground, seed: u64, share: u64, syncs: Syncs) -> Result<Report> {
    let place = ground.place(&format!("power-{syncs:?}"))?;
    let linli = ground.copy(&place)?;
    let mut disk = Disk::of(linli.data(), seed)?;
    let point = (syncs == Syncs::Ignored).then(|| Point {
        call: "fsync".to_owned(),
        nth: 1,
        fault: Fault::Lie,
    });
    let strace = Strace::new(place.join("trace")).with_data().at(point);
    let server = linli.spawn_under(&strace)?;
    let pid = server.pid();
    let mut trial = Trial::new(&linli, server, ground.lines.clone())?;
    trial.visit_all()?;
    trial.kill()?;

    let mut report = Report::default();
    let earlier = ground.lines.iter().filter(|line| is_told(line)).count();
    for call in strace.calls(pid)? {
        report.acknowledged += u64::from(is_receipt(&call));
        let is_moment = is_receipt(&call) || call.is_sync();
        if is_moment && disk.chance.below(share) == 0 {
            let told = earlier + usize::try_from(report.acknowledged)?;
            let image = place.join("image");
            report.unsynced += disk.cut(&image)?;
            report.cuts += 1;
            let after = format!(
                "cut {}, after {} receipts",
                report.cuts, report.acknowledged
            );
            let found = judge(&known(&trial.lines, told), &image);
            let found = found.into_iter().map(|fault| format!("{after}: {fault}"));
            report.faults.extend(found);
            fs::remove_dir_all(&image)?;
        }
        disk.take(&call)?;
    }
    let told = trial.lines.iter().filter(|line| is_told(line)).count();
    ensure!(
        earlier + usize::try_from(report.acknowledged)? == told,
        "{} answers were seen, {} were received",
        report.acknowledged,
        told - earlier
    );
    fs::remove_dir_all(&place)?;
    Ok(report)
}

fn judge(lines: &[Line], image: &Path) -> Vec<String> {
    let lines = [lines.to_vec()];
    match check::check_lines(&lines, &image.join("linli.sqlite")) {
        Ok(found) => found.faults,
        Err(error) => vec![format!("it cannot be read: {error:#}")],
    }
}

/// A receipt leaves.
fn is_receipt(call: &Call) -> bool {
    if !matches!(
        call.name.as_str(),
        "sendto" | "sendmsg" | "writev" | "write"
    ) {
        return false;
    }
    let data = call.data();
    let has = |part: &[u8]| data.windows(part.len()).any(|window| window == part);
    data.starts_with(b"HTTP/1.1 20") && has(b"{\"receipt\":{")
}

fn is_told(line: &Line) -> bool {
    matches!(line, Line::Acknowledged { .. })
}

/// What the voter knew when it had been told of the first `told` ballots.
fn known(lines: &[Line], told: usize) -> Vec<Line> {
    let mut count = 0;
    let is_known = |line: &&Line| {
        count += usize::from(is_told(line));
        !is_told(line) || count <= told
    };
    lines.iter().filter(is_known).cloned().collect()
}

/// Files of the data folder: as synced, and what came after.
struct Disk {
    files: BTreeMap<String, File>,
    folder: String,
    chance: Chance,
}

#[derive(Default)]
struct File {
    synced: Vec<u8>,
    /// In their order.
    pending: Vec<Change>,
}

enum Change {
    Write { at: usize, data: Vec<u8> },
    Length(usize),
}

impl File {
    fn sync(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            apply(&mut self.synced, &change, |_| true);
        }
    }
}

impl Disk {
    /// As it is now, all of it synced.
    fn of(folder: &Path, seed: u64) -> Result<Self> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            // The index of the log is memory, not a file to keep.
            if entry.file_name().to_string_lossy().ends_with("-shm") {
                continue;
            }
            let file = File {
                synced: fs::read(entry.path())?,
                ..File::default()
            };
            files.insert(entry.path().display().to_string(), file);
        }
        Ok(Self {
            files,
            folder: folder.display().to_string(),
            chance: Chance::new(seed),
        })
    }

    /// Notes a call.
    fn take(&mut self, call: &Call) -> Result<()> {
        let path = call.path();
        let is_own = path.starts_with(&self.folder) && !path.ends_with("-shm");
        if !is_own || call.result.starts_with('-') || path == self.folder {
            return Ok(());
        }
        let number = || {
            let number = call.last_number().context("a call without its number")?;
            Ok::<_, anyhow::Error>(usize::try_from(number)?)
        };
        let file = self.files.entry(path).or_default();
        match call.name.as_str() {
            "pwrite64" => file.pending.push(Change::Write {
                at: number()?,
                data: call.data(),
            }),
            "ftruncate" => file.pending.push(Change::Length(number()?)),
            "fsync" | "fdatasync" if !call.is_injected() => file.sync(),
            _ => {}
        }
        Ok(())
    }

    /// Writes to `image` what a power cut would leave now. Answers how many writes it
    /// found unsynced.
    fn cut(&mut self, image: &Path) -> Result<u64> {
        fs::create_dir(image)?;
        let mut unsynced = 0;
        for (path, file) in &self.files {
            let mut bytes = file.synced.clone();
            for change in &file.pending {
                unsynced += 1;
                apply(&mut bytes, change, |_| self.chance.below(2) == 0);
            }
            let name = Path::new(path).file_name().context("a name")?;
            fs::write(image.join(name), bytes)?;
        }
        Ok(unsynced)
    }
}

/// Applies a change, of a write those sectors that `keep` says.
fn apply(bytes: &mut Vec<u8>, change: &Change, mut keep: impl FnMut(usize) -> bool) {
    match change {
        Change::Length(length) => {
            if keep(0) {
                bytes.resize(*length, 0);
            }
        }
        Change::Write { at, data } => {
            let mut from = 0;
            while from < data.len() {
                let sector = (at + from) / SECTOR_BYTES;
                let to = data.len().min((sector + 1) * SECTOR_BYTES - at);
                if keep(sector) {
                    if bytes.len() < at + to {
                        bytes.resize(at + to, 0);
                    }
                    bytes[at + from..at + to].copy_from_slice(&data[from..to]);
                }
                from = to;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_may_be_kept_in_part_by_sectors() {
        let mut bytes = vec![1; 600];
        let write = Change::Write {
            at: 500,
            data: vec![2; 600],
        };
        // Bytes 500–511 lie in the first sector, 512–1023 in the second, the rest in the third.
        apply(&mut bytes, &write, |sector| sector != 1);
        let count = |wanted: u8| bytes.iter().filter(|byte| **byte == wanted).count();
        assert_eq!((bytes.len(), count(2)), (1100, 12 + 76));
        assert_eq!(bytes[512..600], [1; 88]);
        assert_eq!(bytes[600..1024], [0; 424]);
        apply(&mut bytes, &Change::Length(10), |_| false);
        assert_eq!(bytes.len(), 1100);
        apply(&mut bytes, &Change::Length(10), |_| true);
        assert_eq!(bytes.len(), 10);
    }
}
