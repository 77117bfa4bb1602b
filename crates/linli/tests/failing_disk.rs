//! `linli` on a disk that fails at one call or another, and on one that loses power. The
//! trials and the judge are in `tests/faults`; `cargo xtask soak --strace` walks over
//! every call.

use linli_faults::power::{self, Syncs};
use linli_faults::strace;
use linli_faults::syscalls::{self, Ground, Walk};
use std::path::Path;

/// `LINLI_SEED=…` repeats which sectors a power cut leaves.
#[test]
fn a_failing_disk_loses_no_acknowledged_ballot_and_doubles_none() {
    if !strace::available() {
        return;
    }
    let seed = std::env::var("LINLI_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("LINLI_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let linli = Path::new(env!("CARGO_BIN_EXE_linli"));
    let ground = Ground::lay(linli, &folder.path().join("disk")).unwrap();

    let walk = syscalls::walk(&ground, Walk::Few).unwrap();
    println!("{}", walk.summary());
    assert_eq!(walk.faults, Vec::<String>::new());
    // It was as hard as it says.
    assert_eq!(walk.reached, walk.points);
    assert!(walk.ended > walk.aborted && walk.aborted > 0 && walk.failures > 0);

    let cuts = power::cut(&ground, seed, 3, Syncs::Kept).unwrap();
    println!("{}", cuts.summary());
    assert_eq!(cuts.faults, Vec::<String>::new());
    assert!(cuts.cuts > 0 && cuts.unsynced > 0 && cuts.acknowledged > 0);

    // The judge sees what is lost where syncs or writes do nothing: single ballots, or,
    // as the sectors fall, a database that cannot be read at all.
    let signs = ["acknowledged, and it is not there", "it cannot be read"];
    let lost = |fault: &String| signs.iter().any(|sign| fault.contains(sign));
    let unsynced = power::cut(&ground, seed, 6, Syncs::Ignored).unwrap();
    assert!(unsynced.faults.iter().any(lost), "{:?}", unsynced.faults);
    let unwritten = syscalls::lying_disk(&ground).unwrap();
    assert!(unwritten.iter().any(lost), "{unwritten:?}");
}
