//! `linli codes`

use crate::settings::Settings;
use clap::Args;
use linli_model::{CommunityId, PlaceId, Topic, TopicId};
use linli_server::export::harmless;
use linli_server::service::CodeSheetRow;
use linli_server::{Config, Service, SystemClock, sheet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
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
    /// Write a page to print, with a slip for each household, instead of CSV. The file
    /// must not exist yet.
    #[arg(long, value_name = "FILE", requires = "topic")]
    html: Option<PathBuf>,
    /// The topic whose page the printed QR codes open.
    #[arg(long, value_name = "TOPIC", requires = "html")]
    topic: Option<String>,
    /// The language of the printed page.
    #[arg(long, value_name = "TAG", default_value = "zh-Hans")]
    lang: String,
}

impl Codes {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        let community = CommunityId::parse(&self.community).map_err(|e| e.to_string())?;
        let renew = self.renew_place.as_deref().map(PlaceId::parse).transpose();
        let renew = renew.map_err(|e| e.to_string())?;
        let (rows, page) = crate::runtime()?.block_on(async {
            let service = linli_server::open_service(&config, Arc::new(SystemClock)).await?;
            // Before any code is made: afterwards it could not be made again.
            let page = match &self.html {
                Some(file) => Some(self.page(file, &community, &config, &service).await),
                None => None,
            };
            let page = page.transpose()?;
            let rows = service.make_codes(&community, renew.as_ref()).await;
            let _ = service.close().await;
            match (rows, page) {
                (Ok(rows), page) if !rows.is_empty() => Ok((rows, page)),
                (Ok(rows), None) => Ok((rows, None)),
                (Ok(_), Some(page)) => {
                    page.forget();
                    Err("every household has a code; --renew-place makes new ones".to_owned())
                }
                (Err(error), page) => {
                    page.into_iter().for_each(Page::forget);
                    Err(error.to_string())
                }
            }
        })?;
        match page {
            Some(page) => page.write(&rows, &self.lang)?,
            None => csv(&rows)?,
        }
        eprintln!(
            "{} households; keep this sheet safe, it cannot be printed again",
            rows.len()
        );
        Ok(ExitCode::SUCCESS)
    }

    async fn page(
        &self,
        file: &Path,
        community: &CommunityId,
        config: &Config,
        service: &Service,
    ) -> Result<Page, String> {
        let name = self.topic.as_deref().unwrap_or_default();
        let topic = TopicId::parse(name).map_err(|e| e.to_string())?;
        let view = service.topic(&topic).await;
        let topic = view.map_err(|_| format!("topic {topic} is unknown"))?.topic;
        if topic.community.id != *community {
            return Err(format!("topic {name} is not of community {community}"));
        }
        let origin = config.public_urls.first().cloned();
        let origin = origin.ok_or("the QR codes need --public-url, an address for phones")?;
        // Tried once, so that an address that is too long costs no codes.
        let sample = CodeSheetRow {
            place_name: String::new(),
            label: String::new(),
            typed: String::new(),
            scanned: "0".repeat(26),
        };
        sheet::sheet(&[sample], &topic, &origin, &self.lang)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let told = |error: std::io::Error| format!("{}: {error}", file.display());
        Ok(Page {
            file: options.open(file).map_err(told)?,
            path: file.to_owned(),
            topic,
            origin,
        })
    }
}

/// A page that waits for its codes.
struct Page {
    path: PathBuf,
    file: File,
    topic: Topic,
    origin: String,
}

impl Page {
    /// There is nothing to write: takes the empty file away.
    fn forget(self) {
        let _ = std::fs::remove_file(self.path);
    }

    fn write(mut self, rows: &[CodeSheetRow], lang: &str) -> Result<(), String> {
        let html = sheet::sheet(rows, &self.topic, &self.origin, lang)?;
        let written = self.file.write_all(html.as_bytes());
        let written = written.and_then(|()| self.file.sync_all());
        written.map_err(|error| format!("the sheet was not written: {error}"))
    }
}

fn csv(rows: &[CodeSheetRow]) -> Result<(), String> {
    let mut out = csv::Writer::from_writer(std::io::stdout());
    let told = |error: csv::Error| format!("the sheet was not written: {error}");
    out.write_record(["place", "household", "typed code", "scanned code"])
        .map_err(told)?;
    for row in rows {
        let cells = [&row.place_name, &row.label, &row.typed, &row.scanned];
        out.write_record(cells.map(|cell| harmless(cell)))
            .map_err(told)?;
    }
    out.flush()
        .map_err(|error| format!("the sheet was not written: {error}"))
}
