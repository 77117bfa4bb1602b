//! `linli count`

use clap::{Args, ValueEnum};
use linli_model::{CountFault, MajorityCount, OptionsCount, OwnersCount, Verdict};
use linli_rules::tally::{majority_quorum, options, owners_278};
use linli_texts::{Catalog, count as k, count_fault, result_lines, verdict_lines};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Counts a poll from a file, and prints every step. The form is in this crate's README.
///
/// Exit code 0: counted. 1: it cannot be counted, and why. 2: the file could not be read.
#[derive(Args)]
pub(crate) struct Count {
    /// The JSON file.
    file: PathBuf,
    /// In words instead of JSON.
    #[arg(long)]
    text: bool,
    /// Language of the words.
    #[arg(long, value_enum, default_value_t = Language::ZhHans, requires = "text")]
    lang: Language,
}

#[derive(Clone, Copy, ValueEnum)]
enum Language {
    ZhHans,
    En,
}

/// What there is to print.
struct Counted {
    json: String,
    lines: Vec<String>,
}

impl Count {
    pub(crate) fn run(&self) -> Result<ExitCode, String> {
        let told = |what: &dyn std::fmt::Display| format!("{}: {what}", self.file.display());
        let text = std::fs::read_to_string(&self.file).map_err(|error| told(&error))?;
        let tag = match self.lang {
            Language::ZhHans => "zh-Hans",
            Language::En => "en",
        };
        let texts = Catalog::embedded(tag).ok_or(format!("no texts in {tag}"))?;
        let counted = count(&text, &texts).map_err(|error| told(&error))?;
        let (code, counted) = match counted {
            Ok(counted) => (ExitCode::SUCCESS, counted),
            Err(faults) => (ExitCode::FAILURE, refused(&faults, &texts)?),
        };
        let shown = if self.text {
            counted.lines.join("\n")
        } else {
            counted.json
        };
        writeln!(std::io::stdout(), "{shown}")
            .map_err(|error| format!("the count was not written: {error}"))?;
        Ok(code)
    }
}

fn count(text: &str, texts: &Catalog) -> Result<Result<Counted, Vec<CountFault>>, String> {
    let mut file: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let kind = file.as_object_mut().and_then(|file| file.remove("count"));
    let verdict = |counted: Result<Verdict, Vec<CountFault>>| match counted {
        Err(faults) => Ok(Err(faults)),
        Ok(verdict) => Ok(Ok(Counted {
            json: named("verdict", &verdict)?,
            lines: verdict_lines(texts, &verdict),
        })),
    };
    match kind.as_ref().and_then(Value::as_str) {
        Some("owners") => verdict(owners_278::count(&read::<OwnersCount>(file)?)),
        Some("majority") => verdict(majority_quorum::count(&read::<MajorityCount>(file)?)),
        Some("options") => {
            let given: OptionsCount = read(file)?;
            match options::count(&given) {
                Err(faults) => Ok(Err(faults)),
                Ok(result) => Ok(Ok(Counted {
                    json: named("result", &result)?,
                    lines: result_lines(texts, &given.kind, &result),
                })),
            }
        }
        _ => Err("`count` must be \"owners\", \"majority\" or \"options\"".to_owned()),
    }
}

fn read<T: DeserializeOwned>(file: Value) -> Result<T, String> {
    serde_json::from_value(file).map_err(|error| error.to_string())
}

/// `{"name": value}`, members in the order of their type.
fn named<T: Serialize + ?Sized>(name: &str, value: &T) -> Result<String, String> {
    let object = BTreeMap::from([(name, value)]);
    serde_json::to_string_pretty(&object).map_err(|error| error.to_string())
}

fn refused(faults: &[CountFault], texts: &Catalog) -> Result<Counted, String> {
    let mut lines = vec![texts.text(k::FAULT).to_owned()];
    lines.extend(faults.iter().map(|fault| count_fault(texts, fault)));
    Ok(Counted {
        json: named("faults", faults)?,
        lines,
    })
}
