//! `linli check-store`

use crate::settings::Settings;
use clap::Args;
use linli_server::receipts::Signers;
use linli_server::store::{Attest, postgres, sqlite};
use std::path::PathBuf;
use std::process::ExitCode;

/// Exit code 0: everything is as it must be. 1: it is not, and the faults are listed.
#[derive(Args)]
pub(crate) struct CheckStore {
    /// The SQLite file; by default the one in the data directory, or PostgreSQL where
    /// `database_url` is set.
    file: Option<PathBuf>,
}

impl CheckStore {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        let file = self.file.clone().unwrap_or_else(|| config.database());
        let beside = file.with_file_name("receipt-keys.json");
        let signers = match beside.exists() {
            true => Some(Signers::load_or_create(&beside)?),
            false => None,
        };
        let receipts = signers.as_ref().map(|signers| signers as &dyn Attest);
        let report = match (&self.file, &config.database_url) {
            (None, Some(url)) => {
                crate::runtime()?.block_on(postgres::check(url.secret(), receipts))?
            }
            _ => sqlite::check(&file, receipts)?,
        };
        println!(
            "{} topics, {} ballots, {} replaced ballots, {} receipts made again and verified",
            report.topics, report.ballots, report.superseded, report.receipts
        );
        if signers.is_none() {
            println!("no {}: receipts were not checked", beside.display());
        }
        for fault in &report.faults {
            println!("FAULT: {fault}");
        }
        Ok(if report.faults.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
