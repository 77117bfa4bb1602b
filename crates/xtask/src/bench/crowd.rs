//! What the benches of large polls share: a server with a small poll, then one with a
//! large poll, read while ballots come in. `tests/peers/throughput` fills the poll and
//! measures; the verdict is each bench's own.

use super::{load, serve};
use crate::sh;
use anyhow::{Context, Result};
use linli_cluster::{Cluster, Durability};
use pico_args::Arguments;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::process::Command;

/// Beside a large poll an answer may take this many times as long.
pub(super) const GATE: f64 = 1.5;
const SMALL_BALLOTS: u64 = 1_000;

/// Of many answers, in microseconds.
#[derive(Deserialize)]
pub(super) struct Latency {
    pub(super) p50: u32,
    pub(super) p95: u32,
    pub(super) p99: u32,
    pub(super) max: u32,
}

impl Latency {
    /// `p50 / p95 / p99 / max`, in milliseconds.
    pub(super) fn line(&self) -> String {
        [self.p50, self.p95, self.p99, self.max].map(ms).join(" / ")
    }

    /// How many times as long as `other`, by the p95.
    pub(super) fn over(&self, other: &Self) -> f64 {
        f64::from(self.p95) / f64::from(other.p95)
    }
}

/// Microseconds as milliseconds.
pub(super) fn ms(us: u32) -> String {
    format!("{:.2}", f64::from(us) / 1000.0)
}

/// Sizes and lengths of the runs.
pub(super) struct Crowd {
    ballots: u64,
    seconds: u64,
    seed: u64,
    is_postgres: bool,
    /// Too short for a verdict.
    pub(super) is_short: bool,
}

impl Crowd {
    /// From the command's flags.
    pub(super) fn of(mut args: Arguments) -> Result<Self> {
        let is_short = args.contains("--short");
        let ballots: Option<u64> = args.opt_value_from_str("--ballots")?;
        let seconds: Option<u64> = args.opt_value_from_str("--seconds")?;
        let seed: Option<u64> = args.opt_value_from_str("--seed")?;
        let crowd = Self {
            ballots: ballots.unwrap_or(if is_short { 20_000 } else { 1_000_000 }),
            seconds: seconds.unwrap_or(if is_short { 2 } else { 20 }),
            seed: seed.unwrap_or(20_260_101),
            is_postgres: args.contains("--postgres"),
            is_short,
        };
        sh::no_more(args)?;
        Ok(crowd)
    }

    /// Runs `bench` of `linli-throughput` with the small poll and with the large one, and
    /// shows each report.
    pub(super) fn measure<R: DeserializeOwned>(
        &self,
        bench: &str,
        poll: &Value,
        flags: &[String],
        show: fn(&R),
    ) -> Result<(R, R)> {
        let programs = serve::release(&["linli-throughput"])?;
        println!("  {}", load::before_the_run());
        let measure = |ballots: u64| -> Result<R> {
            let cluster = match self.is_postgres {
                true => Some(Cluster::start(Durability::Full).context("no PostgreSQL")?),
                false => None,
            };
            let url = cluster.as_ref().map(Cluster::database);
            let setting = serve::Setting {
                title: "Shall the bicycle shed be built?",
                poll: poll.clone(),
                origins: &[],
                suite: None,
                database_url: url.as_deref(),
            };
            let server = serve::Served::start(&programs.join("linli"), &setting)?;
            let mut command = Command::new(programs.join("linli-throughput"));
            command
                .arg(bench)
                .args(["--server", server.origin().trim_start_matches("http://")])
                .args(["--pid", &server.pid().to_string()])
                .args(["--ballots", &ballots.to_string()])
                .args(serve::NAMES)
                .args(flags)
                .args(["--seconds", &self.seconds.to_string()])
                .args(["--seed", &self.seed.to_string()]);
            match &url {
                Some(url) => command.args(["--database-url", url]),
                None => command.arg("--database").arg(server.database()),
            };
            let report: R = serde_json::from_str(&sh::output(&mut command)?)?;
            show(&report);
            Ok(report)
        };
        Ok((measure(SMALL_BALLOTS)?, measure(self.ballots)?))
    }
}
