//! `linli codes`

use crate::settings::Settings;
use clap::Args;
use linli_model::{CommunityId, PlaceId};
use linli_server::SystemClock;
use linli_server::export::harmless;
use std::process::ExitCode;
use std::sync::Arc;

/// Makes a typed and a scanned code for every household of a community that has none.
/// The sheet is the only copy: the database keeps hashes.
#[derive(Args)]
pub(crate) struct Codes {
    /// The community.
    community: String,
    /// Also replace the codes of this place's households; the old ones end.
    #[arg(long, value_name = "PLACE")]
    renew_place: Option<String>,
}

impl Codes {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        let community = CommunityId::parse(&self.community).map_err(|e| e.to_string())?;
        let renew = self.renew_place.as_deref().map(PlaceId::parse).transpose();
        let renew = renew.map_err(|e| e.to_string())?;
        let sheet = crate::runtime()?.block_on(async {
            let service = linli_server::open_service(&config, Arc::new(SystemClock)).await?;
            let sheet = service.make_codes(&community, renew.as_ref()).await;
            let _ = service.close().await;
            sheet.map_err(|error| error.to_string())
        })?;
        let mut out = csv::Writer::from_writer(std::io::stdout());
        let told = |error: csv::Error| format!("the sheet was not written: {error}");
        out.write_record(["place", "household", "typed code", "scanned code"])
            .map_err(told)?;
        for row in &sheet {
            let cells = [&row.place_name, &row.label, &row.typed, &row.scanned];
            out.write_record(cells.map(|cell| harmless(cell)))
                .map_err(told)?;
        }
        out.flush()
            .map_err(|error| format!("the sheet was not written: {error}"))?;
        eprintln!(
            "{} households; keep this sheet safe, it cannot be printed again",
            sheet.len()
        );
        Ok(ExitCode::SUCCESS)
    }
}
