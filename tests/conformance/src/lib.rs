//! One contract, run on every backend; and the fixtures that bring them.
//!
//! Test code only: no product crate uses this one. The checks themselves are in
//! `linli_port::contract`.

pub mod lossy;
pub mod memory;
pub mod page;
pub mod server;

use linli_port::contract::{self, Fixture, Verdict};

/// How every check ended, each on a fixture of its own.
pub fn verdicts(fixture: impl Fn() -> Box<dyn Fixture>) -> Vec<(&'static str, Verdict)> {
    contract::checks()
        .map(|check| {
            let fixture = fixture();
            let verdict = futures_executor::block_on((check.run)(&*fixture));
            (check.name, verdict)
        })
        .collect()
}

/// Runs every check; panics with everything that is broken. `untold` lists the checks
/// that this kind of fixture cannot decide: neither more nor fewer.
pub fn keeps_the_contract(name: &str, fixture: impl Fn() -> Box<dyn Fixture>, untold: &[&str]) {
    let mut faults = Vec::new();
    let mut seen_untold = Vec::new();
    let mut kept = 0;
    for (check, verdict) in verdicts(fixture) {
        match verdict {
            Verdict::Kept => kept += 1,
            Verdict::Untold(_) => seen_untold.push(check),
            Verdict::Broken(seen) => faults.push(format!("{check}: {seen}")),
        }
    }
    println!("{name}: {kept} promises kept");
    assert!(
        faults.is_empty(),
        "{name} breaks\n  {}",
        faults.join("\n  ")
    );
    assert_eq!(
        seen_untold, untold,
        "{name}: checks that could not be decided"
    );
}
