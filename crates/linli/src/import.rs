//! `linli import`

use crate::settings::Settings;
use clap::Args;
use linli_server::SystemClock;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Adds and updates; never removes. The form is in this crate's README.
#[derive(Args)]
pub(crate) struct Import {
    /// The JSON file.
    file: PathBuf,
}

impl Import {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        let told = |what: &dyn std::fmt::Display| format!("{}: {what}", self.file.display());
        let text = std::fs::read_to_string(&self.file).map_err(|error| told(&error))?;
        crate::runtime()?.block_on(async {
            let service = linli_server::open_service(&config, Arc::new(SystemClock)).await?;
            let report = service.import_text(&text).await;
            let _ = service.close().await;
            let report = report.map_err(|error| told(&error))?;
            if report.changed {
                println!(
                    "{} communities, {} households ({} new, {} codes set), {} topics",
                    report.communities,
                    report.households,
                    report.households_added,
                    report.codes_set,
                    report.topics
                );
            } else {
                println!("nothing to do: this file was imported last time");
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}
