//! Two `linli serve` on a PostgreSQL with a synchronous standby, through everything that
//! can befall the two. The troubles and the judge are in `tests/faults`; `cargo xtask
//! soak --postgres` runs the same for long.

use linli_faults::replicas::{self, Size};
use std::path::Path;
use std::time::Duration;

/// `LINLI_SEED=…` repeats what the voters do.
#[test]
fn acknowledged_ballots_outlive_the_primary_once() {
    let seed = std::env::var("LINLI_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("LINLI_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let linli = Path::new(env!("CARGO_BIN_EXE_linli"));
    let ran = replicas::rounds(linli, folder.path(), seed, Size::SMALL, Duration::ZERO);
    let Some(report) = ran.unwrap() else {
        return;
    };
    println!("{}", report.summary());
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!(report.duplicates, 0);
    // It was as hard as it says.
    assert_eq!(report.troubles, Size::SMALL.troubles);
    assert!(report.lost + report.busy > 0 && report.recovered > 0);
}

/// The judge sees what is lost where nobody waits for the standby.
#[test]
fn without_a_quorum_the_loss_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let linli = Path::new(env!("CARGO_BIN_EXE_linli"));
    let Some(found) = replicas::without_quorum(linli, &folder.path().join("round")).unwrap() else {
        return;
    };
    let lost = |fault: &String| fault.contains("acknowledged, and it is not there");
    assert!(found.iter().any(lost), "{found:?}");
}
