//! `linli serve`

use crate::settings::Settings;
use clap::Args;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Runs the backend until SIGTERM or SIGINT. Prints its address on standard output.
#[derive(Args)]
pub(crate) struct Serve {}

impl Serve {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        crate::runtime()?.block_on(async {
            let told = |error: std::io::Error| format!("signals cannot be received: {error}");
            let mut terminate = signal(SignalKind::terminate()).map_err(told)?;
            let mut interrupt = signal(SignalKind::interrupt()).map_err(told)?;
            let running = linli_server::start(config).await?;
            println!("listening on http://{}", running.addr);
            if let Some(addr) = running.metrics_addr {
                println!("figures on http://{addr}/metrics");
            }
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("stopping");
            running.shutdown().await;
            tracing::info!("stopped");
            Ok(ExitCode::SUCCESS)
        })
    }
}
