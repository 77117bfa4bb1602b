//! `cargo xtask bench idle`: the memory of `linli serve` that has answered once and has
//! nothing to do.
//!
//! Flags: `--postgres`.

use super::serve;
use crate::sh;
use anyhow::{Context, Result, bail};
use linli_cluster::{Cluster, Durability};
use pico_args::Arguments;
use serde_json::json;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

const GATE_MIB: f64 = 64.0;

/// The bench.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let is_postgres = args.contains("--postgres");
    sh::no_more(args)?;
    let programs = serve::release(&[])?;
    let cluster = match is_postgres {
        true => Some(Cluster::start(Durability::None).context("no PostgreSQL")?),
        false => None,
    };
    let url = cluster.as_ref().map(Cluster::database);
    let setting = serve::Setting {
        title: "Shall the bicycle shed be built?",
        poll: serve::poll(json!({ "type": "motion" }), "households", "household_code")?,
        origins: &[],
        suite: None,
        database_url: url.as_deref(),
    };
    let server = serve::Served::start(&programs.join("linli"), &setting)?;
    for path in ["/health/ready", "/api/v1/topics/shed", "/p/shed"] {
        ask(server.origin(), path)?;
    }
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = line
        .context("no VmRSS")?
        .trim()
        .trim_end_matches(" kB")
        .parse()?;
    let mib = kib / 1024.0;
    println!("  idle memory of linli serve: {mib:.1} MiB (gate {GATE_MIB})");
    if mib > GATE_MIB {
        bail!("{mib:.1} MiB, the gate is {GATE_MIB}");
    }
    Ok(())
}

fn ask(origin: &str, path: &str) -> Result<()> {
    let mut stream = TcpStream::connect(origin.trim_start_matches("http://"))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if !answer.starts_with("HTTP/1.1 200") {
        bail!("{path}: {answer}");
    }
    Ok(())
}
