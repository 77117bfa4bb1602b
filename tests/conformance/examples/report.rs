//! The contract on every implementation, as a table:
//! `cargo run -p linli-conformance --example report`. Fails if a promise is broken.

use linli_cluster::Cluster;
use linli_conformance::memory::Memory;
use linli_conformance::page::PageFixture;
use linli_conformance::server::{HttpFixture, ServiceFixture};
use linli_conformance::verdicts;
use linli_port::contract::{Fixture, Verdict};
use std::process::ExitCode;

/// An implementation: how the table calls it, and how one is made.
type Column<'a> = (&'a str, Box<dyn Fn() -> Box<dyn Fixture> + 'a>);

fn main() -> ExitCode {
    let cluster = Cluster::shared();
    let mut columns: Vec<Column<'_>> = vec![
        ("memory", Box::new(|| Box::new(Memory::new()))),
        ("page's object", Box::new(|| Box::new(PageFixture::new()))),
        ("SQLite", Box::new(|| Box::new(ServiceFixture::new()))),
        ("HTTP", Box::new(|| Box::new(HttpFixture::new()))),
    ];
    match &cluster {
        Some(cluster) => columns.push((
            "PostgreSQL",
            Box::new(|| Box::new(ServiceFixture::on_postgres(cluster.database()))),
        )),
        None => eprintln!("PostgreSQL is not installed: its column is left out"),
    }
    let results: Vec<_> = columns.iter().map(|(_, make)| verdicts(make)).collect();
    println!("| promise | {} |", names(&columns));
    println!("|---|{}", "---|".repeat(columns.len()));
    let mut broken = Vec::new();
    for row in 0..results.first().map_or(0, Vec::len) {
        let promise = results.first().map_or("", |column| column[row].0);
        let cells: Vec<&str> = results.iter().map(|column| word(&column[row].1)).collect();
        println!("| {promise} | {} |", cells.join(" | "));
        for (column, (name, _)) in results.iter().zip(&columns) {
            if let Verdict::Broken(seen) = &column[row].1 {
                broken.push(format!("{name}, {promise}: {seen}"));
            }
        }
    }
    for fault in &broken {
        eprintln!("broken: {fault}");
    }
    ExitCode::from(u8::from(!broken.is_empty()))
}

fn names(columns: &[Column<'_>]) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    names.join(" | ")
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Kept => "kept",
        Verdict::Untold(_) => "cannot tell",
        Verdict::Broken(_) => "**broken**",
    }
}
