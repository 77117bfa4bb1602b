//! `linli roll`: rolls from spreadsheets, their templates, records and proofs.

use crate::settings::Settings;
use clap::{Args, Subcommand, ValueEnum};
use linli_model::CommunityId;
use linli_model::desk::roll::{RollKind, RollProof, RollRefusal};
use linli_server::store::AdoptRoll;
use linli_server::{Service, SystemClock, roll, seal};
use linli_texts::{Catalog, preview_lines, roll_kind, roll_refusal, version_lines};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Reads, adopts and proves rolls. Columns and limits are in the server's README.
#[derive(Args)]
pub(crate) struct Roll {
    /// Language of what is printed.
    #[arg(long, global = true, value_enum, default_value_t = Language::ZhHans)]
    lang: Language,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read a CSV or XLSX file, show what it changes, and adopt it. Exit code 1: there
    /// are errors, and nothing was adopted.
    Import(Import),
    /// Print a CSV file to fill in.
    Template {
        /// The kind of roll.
        kind: Kind,
    },
    /// Print the current version of every roll of a community.
    List {
        /// The community.
        community: String,
    },
    /// Print what a version's commitment is made of, as JSON. It holds every entry.
    Record {
        /// The community.
        community: String,
        /// The kind of roll.
        kind: Kind,
        /// The version; the current one if absent.
        #[arg(long)]
        version: Option<u32>,
    },
    /// Make a record's commitment again, without a server. Exit code 1: it is another.
    Verify {
        /// The JSON file that `linli roll record` printed.
        file: PathBuf,
        /// The commitment that was published; else the one in the file.
        #[arg(long, value_name = "HEX")]
        commitment: Option<String>,
    },
}

#[derive(Args)]
struct Import {
    /// The community.
    community: String,
    /// The kind of roll.
    kind: Kind,
    /// The CSV or XLSX file.
    file: PathBuf,
    /// Adopt although rows have errors; these rows are left out.
    #[arg(long)]
    leave_out_errors: bool,
    /// Only show what the file would change.
    #[arg(long)]
    dry_run: bool,
    /// Who adopts it, as it is recorded.
    #[arg(long, default_value = "linli roll import")]
    by: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Language {
    ZhHans,
    En,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Households,
    Persons,
    Owners,
    Tenants,
    Members,
}

impl From<Kind> for RollKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Households => Self::Households,
            Kind::Persons => Self::Persons,
            Kind::Owners => Self::Owners,
            Kind::Tenants => Self::Tenants,
            Kind::Members => Self::Members,
        }
    }
}

impl Roll {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let tag = match self.lang {
            Language::ZhHans => "zh-Hans",
            Language::En => "en",
        };
        let texts = Catalog::embedded(tag).ok_or(format!("no texts in {tag}"))?;
        match &self.command {
            Command::Import(import) => import.run(settings, &texts),
            Command::Template { kind } => {
                // The mark tells Excel that this is UTF-8.
                print_all(&["\u{FEFF}", &roll::template((*kind).into())])
            }
            Command::List { community } => list(settings, &texts, community),
            Command::Record {
                community,
                kind,
                version,
            } => record(settings, &texts, community, (*kind).into(), *version),
            Command::Verify { file, commitment } => verify(file, commitment.as_deref()),
        }
    }
}

impl Import {
    fn run(&self, settings: &Settings, texts: &Catalog) -> Result<ExitCode, String> {
        let community = id(&self.community)?;
        let told = |what: &dyn std::fmt::Display| format!("{}: {what}", self.file.display());
        let bytes = std::fs::read(&self.file).map_err(|error| told(&error))?;
        let name = self.file.to_string_lossy();
        with_service(settings, async |service| {
            let read = service.preview_roll(&community, self.kind.into(), bytes, &name);
            let preview = match read.await.map_err(fault)? {
                Ok(preview) => preview,
                Err(refusal) => return Err(told(&roll_refusal(texts, &refusal))),
            };
            for line in preview_lines(texts, &preview) {
                println!("{line}");
            }
            if self.dry_run {
                return Ok(match preview.errors_total {
                    0 => ExitCode::SUCCESS,
                    _ => ExitCode::FAILURE,
                });
            }
            let adopt = AdoptRoll {
                community: community.clone(),
                draft: preview.draft,
                leave_out_errors: self.leave_out_errors,
                by: self.by.clone(),
            };
            match service.adopt_roll(adopt).await.map_err(fault)? {
                Ok(version) => {
                    for line in version_lines(texts, &version) {
                        println!("{line}");
                    }
                    Ok(ExitCode::SUCCESS)
                }
                Err(refusal @ RollRefusal::DraftHasErrors { .. }) => {
                    eprintln!("{} (--leave-out-errors)", roll_refusal(texts, &refusal));
                    Ok(ExitCode::FAILURE)
                }
                Err(refusal) => Err(told(&roll_refusal(texts, &refusal))),
            }
        })
    }
}

fn list(settings: &Settings, texts: &Catalog, community: &str) -> Result<ExitCode, String> {
    let community = id(community)?;
    with_service(settings, async |service| {
        let rolls = service.rolls(&community).await.map_err(fault)?;
        for version in rolls.map_err(|refusal| roll_refusal(texts, &refusal))? {
            println!("{}", roll_kind(texts, version.kind));
            for line in version_lines(texts, &version) {
                println!("  {line}");
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn record(
    settings: &Settings,
    texts: &Catalog,
    community: &str,
    kind: RollKind,
    version: Option<u32>,
) -> Result<ExitCode, String> {
    let community = id(community)?;
    with_service(settings, async |service| {
        let found = service.roll_proof(&community, kind, version).await;
        let proof = found
            .map_err(fault)?
            .map_err(|refusal| roll_refusal(texts, &refusal))?;
        let json = serde_json::to_string_pretty(&proof).map_err(|error| error.to_string())?;
        print_all(&[&json, "\n"])
    })
}

fn verify(file: &Path, published: Option<&str>) -> Result<ExitCode, String> {
    let told = |what: &dyn std::fmt::Display| format!("{}: {what}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| told(&error))?;
    let RollProof { record, commitment } =
        serde_json::from_str(&text).map_err(|error| told(&error))?;
    let entries = record.entries.iter();
    let (community, salt) = (&record.community, &record.salt);
    let made = roll::commitment(community, record.kind, record.version, salt, entries);
    let made = seal::hex(&made);
    println!("{made}");
    let published = published.unwrap_or(&commitment);
    if made == published.trim().to_ascii_lowercase() {
        Ok(ExitCode::SUCCESS)
    } else {
        eprintln!("{}", told(&format!("the commitment is not {published}")));
        Ok(ExitCode::FAILURE)
    }
}

/// Runs `work` on the service of the settings, and closes it.
fn with_service(
    settings: &Settings,
    work: impl AsyncFnOnce(&Service) -> Result<ExitCode, String>,
) -> Result<ExitCode, String> {
    let config = settings.load()?;
    crate::runtime()?.block_on(async {
        let service = linli_server::open_service(&config, Arc::new(SystemClock)).await?;
        let done = work(&service).await;
        let _ = service.close().await;
        done
    })
}

fn id(community: &str) -> Result<CommunityId, String> {
    CommunityId::parse(community).map_err(|error| error.to_string())
}

fn fault(failure: linli_server::Failure) -> String {
    match failure {
        linli_server::Failure::Refused(refusal) => refusal.code().to_owned(),
        linli_server::Failure::Fault(detail) => detail,
    }
}

fn print_all(texts: &[&str]) -> Result<ExitCode, String> {
    let mut out = std::io::stdout().lock();
    let written = texts
        .iter()
        .try_for_each(|text| out.write_all(text.as_bytes()));
    written
        .and_then(|()| out.flush())
        .map_err(|error| error.to_string())?;
    Ok(ExitCode::SUCCESS)
}
