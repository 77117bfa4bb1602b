//! Settings from the command line, over those of the environment and the file.

use clap::Args;
use linli_server::Config;
use serde::Serialize;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Flags that every command takes. What is absent falls through to `LINLI_…`, then to
/// the file, then to the default.
#[derive(Args, Serialize)]
pub(crate) struct Settings {
    /// TOML file with settings.
    #[arg(long, global = true, env = "LINLI_CONFIG")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Folder of the key files, and of the database where that is SQLite.
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<PathBuf>,
    /// PostgreSQL to use instead of SQLite. A password is better given in
    /// LINLI_DATABASE_URL: others can see flags.
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    database_url: Option<String>,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, global = true, value_name = "ADDR:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// Our own origin as browsers see it; may be repeated.
    #[arg(long = "public-url", global = true, value_name = "ORIGIN")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    public_urls: Vec<String>,
    /// Folder with `v<version>/` and `v1/loader.js`.
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    static_dir: Option<PathBuf>,
    /// Proxy network whose `X-Forwarded-For` is believed; may be repeated.
    #[arg(long = "trusted-proxy", global = true, value_name = "NET")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trusted_proxies: Vec<String>,
}

impl Settings {
    /// All sources together.
    pub(crate) fn load(&self) -> Result<Config, String> {
        Config::load(self.config.as_deref(), self)
    }
}

/// Logs go to standard error; `LINLI_LOG` chooses, e.g. `debug`.
pub(crate) fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LINLI_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use clap::{Args, Command};

    /// The server's README names every flag, and no other.
    #[test]
    fn the_readme_names_every_flag() {
        let readme = include_str!("../../server/README.md");
        let table = readme.lines().filter(|line| line.contains("| `LINLI_"));
        let mut told: Vec<&str> = table
            .filter_map(|line| line.split("`--").nth(1)?.split('`').next())
            .chain(["config"])
            .collect();
        let command = Settings::augment_args(Command::new("linli"));
        let mut flags: Vec<&str> = command
            .get_arguments()
            .filter_map(|a| a.get_long())
            .collect();
        told.sort_unstable();
        flags.sort_unstable();
        assert_eq!(told, flags);
        assert!(readme.contains("`--config FILE`") && readme.contains("`LINLI_CONFIG`"));
    }
}
