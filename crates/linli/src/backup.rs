//! `linli backup` and `linli restore`

use crate::settings::Settings;
use clap::Args;
use linli_server::backup::{self, Contents};
use linli_server::{Clock as _, SystemClock};
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes one archive (mode 0600) with the database and the key files, checked; a server
/// may go on meanwhile. On PostgreSQL it says what to use instead.
#[derive(Args)]
pub(crate) struct Backup {
    /// The archive, which must not exist.
    file: PathBuf,
}

impl Backup {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        let contents = backup::make(&config, &self.file, SystemClock.now_ms())?;
        println!("{}: {}", self.file.display(), told(&contents));
        println!("it holds private keys and who voted: keep it as closed as the data directory");
        Ok(ExitCode::SUCCESS)
    }
}

/// Puts an archive's files into the data directory, checked, and never over others.
#[derive(Args)]
pub(crate) struct Restore {
    /// The archive.
    file: PathBuf,
}

impl Restore {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        let contents = backup::restore(&config, &self.file)?;
        println!("{}: {}", config.data_dir.display(), told(&contents));
        Ok(ExitCode::SUCCESS)
    }
}

fn told(contents: &Contents) -> String {
    format!(
        "{} topics, {} ballots, {} replaced ballots, {} receipts made again and verified; \
         made by linli {}",
        contents.topics, contents.ballots, contents.superseded, contents.receipts, contents.version
    )
}
