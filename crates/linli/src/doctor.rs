//! `linli doctor`

use crate::settings::Settings;
use clap::Args;
use linli_server::doctor::{self, Verdict};
use std::process::ExitCode;

/// Looks over settings, files, database, clock and disk; a line each, with what to do.
/// Exit code 0: nothing fails. 1: something does.
#[derive(Args)]
pub(crate) struct Doctor {}

impl Doctor {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = match settings.load() {
            Ok(config) => config,
            Err(error) => {
                println!("fail  settings: {error}");
                return Ok(ExitCode::FAILURE);
            }
        };
        let findings = crate::runtime()?.block_on(doctor::examine(&config));
        let mut worst = Verdict::Ok;
        for finding in &findings {
            let word = match finding.verdict {
                Verdict::Ok => "ok",
                Verdict::Warn => "warn",
                Verdict::Fail => "fail",
            };
            println!("{word:<5} {}: {}", finding.about, finding.told);
            worst = worst.max(finding.verdict);
        }
        println!("      the ballots themselves: linli check-store");
        Ok(match worst {
            Verdict::Fail => ExitCode::FAILURE,
            Verdict::Ok | Verdict::Warn => ExitCode::SUCCESS,
        })
    }
}
