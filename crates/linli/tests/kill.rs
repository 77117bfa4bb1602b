//! The command as a process that dies: `linli serve` under SIGKILL, judged by what its
//! clients were told. The loop and the judge are in `tests/faults`; `cargo xtask soak`
//! runs the same for long.

use linli_faults::campaign::{self, Size};
use std::path::Path;

/// `LINLI_SEED=…` repeats a run, as far as the machine lets it.
#[test]
fn every_acknowledged_ballot_outlives_the_server_once_and_nothing_else_does() {
    let seed = std::env::var("LINLI_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(fresh_seed);
    println!("LINLI_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let linli = Path::new(env!("CARGO_BIN_EXE_linli"));
    let place = folder.path().join("round");
    let report = campaign::round(linli, &place, seed, Size::SMALL, None).unwrap();
    println!("{}", report.summary());
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!(report.duplicates, 0);
    // It was as hard as it says.
    assert!(report.kills >= u64::from(Size::SMALL.kills));
    assert!(report.lost > 0 && report.retries() > 0);
    assert!(report.refused > 0 && report.superseded > 0);
    assert_eq!(report.replayed, report.acknowledged);
    assert!(report.ballots + report.superseded >= report.acknowledged);
}

fn fresh_seed() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(1, |since| u64::from(since.subsec_nanos()))
}
