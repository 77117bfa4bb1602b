//! Bad requests over everything that the server lists in its OpenAPI document. The
//! generator is in `tests/faults`; `cargo xtask soak --requests` sends 100,000.

use linli_faults::requests;
use std::path::Path;

const REQUESTS: u64 = 6_000;

/// `LINLI_SEED=…` repeats a run.
#[test]
fn no_request_is_answered_with_a_failure() {
    let seed = std::env::var("LINLI_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(fresh_seed);
    println!("LINLI_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let linli = Path::new(env!("CARGO_BIN_EXE_linli"));
    let report = requests::pelt(linli, &folder.path().join("pelt"), seed, REQUESTS).unwrap();
    println!("{}", report.summary());
    assert_eq!(report.faults, Vec::<String>::new());
    // It got further than the front door.
    assert!(report.requests >= REQUESTS && report.operations >= 7);
    for status in [200, 400, 401, 404, 405, 413, 415, 422] {
        assert!(report.statuses.contains_key(&status), "{report:?}");
    }
    assert!(report.codes.len() >= 8, "{report:?}");
}

fn fresh_seed() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(1, |since| u64::from(since.subsec_nanos()))
}
