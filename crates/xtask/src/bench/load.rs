//! What else the machine is doing: figures taken under load say so.

use std::fs;

/// The average number of running tasks over the last minute, where Linux tells it.
pub(crate) fn before_the_run() -> String {
    let Ok(text) = fs::read_to_string("/proc/loadavg") else {
        return "load unknown".to_owned();
    };
    let average = text.split(' ').next().unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    format!("load before the run {average} on {processors} processors")
}
