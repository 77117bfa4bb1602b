//! `linli data-map`

use crate::settings::Settings;
use clap::Args;
use linli_server::SystemClock;
use linli_server::privacy::map;
use linli_texts::{Catalog, negotiate};
use std::process::ExitCode;
use std::sync::Arc;

/// Prints every personal field that is kept: what, why, how long, who sees it.
#[derive(Args)]
pub(crate) struct DataMap {
    /// With this community's own periods; needs its database.
    community: Option<String>,
    /// BCP 47 tag of the language.
    #[arg(long, default_value = "zh-Hans")]
    lang: String,
    /// As JSON instead of Markdown.
    #[arg(long)]
    json: bool,
}

impl DataMap {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let texts = Catalog::embedded(negotiate([self.lang.as_str()]));
        let texts = texts.ok_or("no texts are built in")?;
        let periods = match &self.community {
            None => Vec::new(),
            Some(community) => periods(community, settings)?,
        };
        if self.json {
            let told = map::told(&texts, &periods);
            let json = serde_json::to_string_pretty(&told).map_err(|error| error.to_string())?;
            println!("{json}");
        } else {
            print!("{}", map::markdown(&texts, &periods));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn periods(community: &str, settings: &Settings) -> Result<Vec<(String, u32)>, String> {
    let config = settings.load()?;
    crate::runtime()?.block_on(async {
        let service = linli_server::open_service(&config, Arc::new(SystemClock)).await?;
        let periods = service.store().periods(community).await;
        let _ = service.close().await;
        periods.map_err(crate::told)
    })
}
