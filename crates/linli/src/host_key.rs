//! `linli host-key`

use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Print the public key of a website's secret key, for `host_keys` of an import.
#[derive(Args)]
pub(crate) struct HostKey {
    /// File with the secret: 64 hexadecimal digits, as of `openssl rand -hex 32`.
    secret_file: PathBuf,
}

impl HostKey {
    pub(crate) fn run(&self) -> Result<ExitCode, String> {
        let told = |what: &str| format!("{}: {what}", self.secret_file.display());
        let secret = std::fs::read_to_string(&self.secret_file);
        let secret = secret.map_err(|error| told(&error.to_string()))?;
        let public = linli_server::identity::host_token::public_key_of(secret.trim());
        println!(
            "{}",
            public.ok_or_else(|| told("not 64 hexadecimal digits"))?
        );
        Ok(ExitCode::SUCCESS)
    }
}
