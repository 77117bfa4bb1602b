//! `linli audit`

use crate::admin::told;
use crate::settings::Settings;
use clap::{Args, Subcommand};
use linli_model::CommunityId;
use linli_server::export::Form;
use linli_server::{Service, SystemClock};
use std::fs::File;
use std::path::{Path, PathBuf};
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
    /// Write the log to a file, oldest entry first: `.csv` or `.xlsx` by its ending.
    Export {
        /// The community.
        community: String,
        /// The file; it must not be there yet.
        file: PathBuf,
    },
}

impl Audit {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        let (What::Verify { community } | What::Export { community, .. }) = &self.what;
        let community = CommunityId::parse(community).map_err(|e| e.to_string())?;
        crate::runtime()?.block_on(async {
            let service = linli_server::open_service(&config, Arc::new(SystemClock)).await?;
            let done = match &self.what {
                What::Verify { .. } => verify(&service, &community).await,
                What::Export { file, .. } => export(&service, &community, file).await,
            };
            let _ = service.close().await;
            done
        })
    }
}

async fn verify(service: &Service, community: &CommunityId) -> Result<ExitCode, String> {
    let walked = service.verify_audit(community).await;
    match walked.map_err(|failure| told(community, failure))? {
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

async fn export(
    service: &Service,
    community: &CommunityId,
    path: &Path,
) -> Result<ExitCode, String> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let form = ending.and_then(Form::parse);
    let form = form.ok_or("the file's name ends in .csv or .xlsx")?;
    let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
    let made = service.audit_file(community, form).await;
    let mut made = made.map_err(|failure| told(community, failure))?;
    let mut file = File::create_new(path).map_err(wrong)?;
    std::io::copy(&mut made, &mut file).map_err(wrong)?;
    file.sync_all().map_err(wrong)?;
    Ok(ExitCode::SUCCESS)
}
