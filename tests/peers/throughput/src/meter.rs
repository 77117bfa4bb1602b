//! What a process has used, as Linux tells it.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// `/proc` counts processor time in hundredths of a second.
const TICKS_PER_S: f64 = 100.0;
const PATIENCE: Duration = Duration::from_secs(20);

/// Processor seconds, user and system, of all threads so far.
pub(crate) fn cpu_s(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold anything; fields are counted after it.
    let (_, fields) = stat
        .rsplit_once(')')
        .context("an unreadable /proc/…/stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |at: usize| -> Result<f64> { Ok(fields.get(at).context("a short stat")?.parse()?) };
    Ok((ticks(11)? + ticks(12)?) / TICKS_PER_S)
}

/// The most memory that the process ever had in use, in KiB.
pub(crate) fn peak_memory_kib(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let text = line.context("no VmHWM")?.trim().trim_end_matches(" kB");
    Ok(text.parse()?)
}

/// Counts a process's calls that wait for the disk, from now until it is stopped.
pub(crate) struct Syncs {
    perf: Child,
    told: PathBuf,
}

impl Syncs {
    /// None where `perf` or its tracepoints are missing.
    pub(crate) fn start(pid: u32, scratch: &Path) -> Result<Option<Self>> {
        let told = scratch.join(format!("syncs-{pid}"));
        let mut command = Command::new("perf");
        command
            .args(["stat", "--field-separator", ",", "--event"])
            .arg("syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync")
            .arg("--pid")
            .arg(pid.to_string())
            .arg("--output")
            .arg(&told);
        let Ok(mut perf) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
            return Ok(None);
        };
        let start = Instant::now();
        while !is_counting(perf.id()) {
            if perf.try_wait()?.is_some() {
                return Ok(None);
            }
            ensure!(start.elapsed() < PATIENCE, "perf does not begin to count");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Some(Self { perf, told }))
    }

    /// How many there were.
    pub(crate) fn stop(mut self) -> Result<u64> {
        let interrupted = Command::new("kill")
            .arg("-INT")
            .arg(self.perf.id().to_string())
            .status()?;
        ensure!(interrupted.success(), "perf could not be stopped");
        self.perf.wait()?;
        sum(&fs::read_to_string(&self.told)?)
    }
}

fn is_counting(perf: u32) -> bool {
    let Ok(open) = fs::read_dir(format!("/proc/{perf}/fd")) else {
        return false;
    };
    open.flatten()
        .filter_map(|fd| fs::read_link(fd.path()).ok())
        .any(|target| target.to_string_lossy().contains("perf_event"))
}

fn sum(told: &str) -> Result<u64> {
    let counts: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("syscalls:sys_enter_"))
        .filter_map(|line| line.split(',').next())
        .collect();
    if counts.len() != 2 {
        bail!("perf told something else: {told}");
    }
    counts
        .iter()
        .try_fold(0, |sum, count| Ok(sum + count.parse::<u64>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_linux_tells_of_this_process() {
        let me = std::process::id();
        assert!(peak_memory_kib(me).unwrap() > 500);
        let before = cpu_s(me).unwrap();
        let mut work = 0u64;
        while cpu_s(me).unwrap() - before < 0.05 {
            work = std::hint::black_box(work.wrapping_mul(31).wrapping_add(7));
        }
    }

    #[test]
    fn reads_what_perf_writes() {
        let told = "# started on Mon\n\n12,,syscalls:sys_enter_fsync,1,100.00,,\n\
                    30,,syscalls:sys_enter_fdatasync,1,100.00,,\n";
        assert_eq!(sum(told).unwrap(), 42);
        assert!(sum("").is_err());
        assert!(sum(&told.replace("12", "<not counted>")).is_err());
    }
}
