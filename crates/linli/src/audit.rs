//! `linli audit`

use crate::admin::told;
use crate::settings::Settings;
use clap::{Args, Subcommand};
use linli_model::CommunityId;
use linli_server::SystemClock;
use std::process::ExitCode;
use std::sync::Arc;

/// A community's audit log.
#[derive(Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Walk the chain of hashes from the first entry to the last. Exits with 1 where it
    /// is broken.
    Verify {
        /// The community.
        community: String,
    },
}

impl Audit {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        let What::Verify { community } = &self.what;
        let community = CommunityId::parse(community).map_err(|e| e.to_string())?;
        let walked = crate::runtime()?.block_on(async {
            let service = linli_server::open_service(&config, Arc::new(SystemClock)).await?;
            let walked = service.verify_audit(&community).await;
            let _ = service.close().await;
            walked.map_err(|failure| told(&community, failure))
        })?;
        match walked {
            Ok((entries, hash)) => {
                println!("{entries} entries, whole; the last one's hash is {hash}");
                Ok(ExitCode::SUCCESS)
            }
            Err(what) => {
                println!("broken: {what}");
                Ok(ExitCode::from(1))
            }
        }
    }
}
