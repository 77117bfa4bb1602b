//! `linli retain`

use crate::settings::Settings;
use clap::Args;
use linli_model::CommunityId;
use linli_server::SystemClock;
use std::process::ExitCode;
use std::sync::Arc;

/// Deletes what its time is over, as a running server does every hour.
#[derive(Args)]
pub(crate) struct Retain {
    /// Only count what would be deleted.
    #[arg(long)]
    dry_run: bool,
    /// Set a community's own period first: `grant=7`, or `grant=` for the usual one.
    #[arg(long, value_name = "WHAT=DAYS", requires = "community")]
    set: Vec<String>,
    /// Whose period is set.
    #[arg(long, value_name = "COMMUNITY")]
    community: Option<String>,
}

impl Retain {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        let community = self
            .community
            .as_deref()
            .map(CommunityId::parse)
            .transpose();
        let community = community.map_err(|error| error.to_string())?;
        let set = self.set.iter().map(|text| period(text));
        let set = set.collect::<Result<Vec<_>, _>>()?;
        crate::runtime()?.block_on(async {
            let service = linli_server::open_service(&config, Arc::new(SystemClock)).await?;
            for (what, days) in set {
                if let Some(community) = &community {
                    service.set_period(community, what, days).await?;
                }
            }
            let retained = service.retain(self.dry_run).await;
            let _ = service.close().await;
            match retained.map_err(crate::told)? {
                None => println!("a server is at it"),
                Some(retained) if retained.is_empty() => println!("nothing"),
                Some(retained) => {
                    for (what, count) in retained {
                        println!("{what} {count}");
                    }
                }
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

fn period(text: &str) -> Result<(&str, Option<u32>), String> {
    let wrong = || format!("{text}: not like grant=7");
    let (what, days) = text.split_once('=').ok_or_else(wrong)?;
    if days.is_empty() {
        return Ok((what, None));
    }
    Ok((what, Some(days.parse().map_err(|_| wrong())?)))
}
