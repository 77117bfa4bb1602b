//! `linli keys`

use crate::settings::Settings;
use clap::{Args, Subcommand};
use linli_server::privacy::FieldKeys;
use linli_server::{Failure, SystemClock};
use std::process::ExitCode;
use std::sync::Arc;

/// Keys of personal fields under encryption.
#[derive(Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Make a new key and seal every field anew with it, while servers run. The old keys
    /// stay in the file.
    Rotate,
    /// Seal what another key than the newest sealed: what a rotation that was cut off
    /// left, or servers that had not seen the new key yet.
    Reseal,
    /// Take keys out of the file that no field needs. A minute after a rotation, so that
    /// every server has seen the new key.
    DropUnused,
}

impl Keys {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        crate::runtime()?.block_on(async {
            let service = linli_server::open_service(&config, Arc::new(SystemClock)).await?;
            let done = match self.act {
                Act::Rotate => match FieldKeys::load_or_create(&config.field_keys())?.add_key() {
                    Ok(()) => service.reseal().await.map(resealed),
                    Err(error) => Err(Failure::Fault(error)),
                },
                Act::Reseal => service.reseal().await.map(resealed),
                Act::DropUnused => service
                    .drop_unused_keys()
                    .await
                    .map(|count| format!("{count} keys taken out")),
            };
            let _ = service.close().await;
            println!("{}", done.map_err(crate::told)?);
            Ok(ExitCode::SUCCESS)
        })
    }
}

fn resealed(count: u64) -> String {
    format!("{count} fields sealed anew")
}
