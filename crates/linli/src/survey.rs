//! `linli survey`

use clap::{Args, Subcommand};
use linli_model::survey::{
    Definition, DefinitionFault, Element, Page, Question, ValidatorKind, read,
};
use linli_rules::survey::{AnswerFault, Clock, FaultKind, Program, Session, SurveyRefusal};
use linli_server::clock::{Clock as _, SystemClock};
use linli_server::survey::{EcmaPatterns, pattern_faults};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// What surveys' dates are in, where nothing else says.
const AHEAD_OF_UTC_MINUTES: i32 = 480;

/// Surveys from SurveyJS definitions, without a server.
#[derive(Args)]
pub(crate) struct Survey {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Says whether a definition runs, and what it makes of answers, as one JSON document.
    ///
    /// Exit code 0: it runs, and the answers fit. 1: it does not, and why. 2: a file could
    /// not be read.
    Check(Check),
}

#[derive(Args)]
struct Check {
    /// The SurveyJS definition; `-` is standard input.
    definition: PathBuf,
    /// Answers of one person, a JSON object; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Language of titles and error texts, as SurveyJS names it.
    #[arg(long, default_value = "zh-cn")]
    locale: String,
}

impl Survey {
    pub(crate) fn run(&self) -> Result<ExitCode, String> {
        let What::Check(check) = &self.what;
        check.run()
    }
}

/// What is printed.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    /// Whether the definition runs here.
    runs: bool,
    /// Parts that do not.
    unsupported: Vec<DefinitionFault>,
    /// Why it does not go on with these answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'static str>,
    /// Pages that show.
    pages: Vec<Titled>,
    /// Questions that show, over all pages.
    questions: Vec<ShownQuestion>,
    /// The answers that are kept, with defaults and computed values.
    values: Value,
    /// What is wrong with the answers.
    errors: Vec<ShownFault>,
    /// Names of answers that are not kept.
    dropped: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Titled {
    name: String,
    title: String,
}

#[derive(Debug, Serialize)]
struct ShownQuestion {
    #[serde(flatten)]
    titled: Titled,
    page: String,
}

/// An error, with its own words where the definition has some.
#[derive(Debug, Serialize)]
struct ShownFault {
    question: String,
    error: &'static str,
    /// The place among the question's validators.
    #[serde(skip_serializing_if = "Option::is_none")]
    validator: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl Check {
    fn run(&self) -> Result<ExitCode, String> {
        if self.definition == Path::new("-") && self.answers.as_deref() == Some(Path::new("-")) {
            return Err("standard input cannot be both files".into());
        }
        let definition = json(&self.definition)?;
        let answers = self.answers.as_deref().map(json).transpose()?;
        let checked = check(&definition, answers.as_ref(), &self.locale);
        let shown = serde_json::to_string_pretty(&checked).map_err(|error| error.to_string())?;
        writeln!(std::io::stdout(), "{shown}")
            .map_err(|error| format!("the outcome was not written: {error}"))?;
        let fits = checked.runs && checked.refusal.is_none() && checked.errors.is_empty();
        Ok(if fits {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

fn json(path: &Path) -> Result<Value, String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| told(&error))?;
    } else {
        text = std::fs::read_to_string(path).map_err(|error| told(&error))?;
    }
    serde_json::from_str(&text).map_err(|error| told(&error))
}

fn check(definition: &Value, answers: Option<&Value>, locale: &str) -> Checked {
    let unsupported = |unsupported| Checked {
        unsupported,
        values: Value::Object(Map::new()),
        ..Checked::default()
    };
    let definition = match read(definition) {
        Ok(definition) => definition,
        Err(faults) => return unsupported(faults),
    };
    let mut faults = pattern_faults(&definition);
    let program = match Program::new(definition.clone()) {
        Ok(program) if faults.is_empty() => program,
        Ok(_) => return unsupported(faults),
        Err(others) => {
            faults.extend(others);
            return unsupported(faults);
        }
    };
    let runs = Checked {
        runs: true,
        ..unsupported(Vec::new())
    };
    match outcome(Arc::new(program), answers) {
        Ok((session, faults)) => told(&definition, answers, locale, &session, faults),
        // Without answers, it is the definition that does not come to rest.
        Err(refusal) => Checked {
            runs: answers.is_some(),
            refusal: Some(refusal_code(&refusal)),
            ..runs
        },
    }
}

fn outcome(
    program: Arc<Program>,
    answers: Option<&Value>,
) -> Result<(Session, Vec<AnswerFault>), SurveyRefusal> {
    let clock = Clock {
        now_ms: SystemClock.now_ms() as f64,
        ahead_of_utc_minutes: AHEAD_OF_UTC_MINUTES,
    };
    match answers {
        Some(answers) => Session::check(program, clock, answers, &EcmaPatterns::new()),
        None => Ok((Session::new(program, clock)?, Vec::new())),
    }
}

fn told(
    definition: &Definition,
    answers: Option<&Value>,
    locale: &str,
    session: &Session,
    faults: Vec<AnswerFault>,
) -> Checked {
    let pages: BTreeSet<&str> = session.pages().into_iter().collect();
    let shown: BTreeSet<&str> = session.visible_questions().into_iter().collect();
    let titled = |name: &str, title: Option<&str>| Titled {
        name: name.to_owned(),
        title: title.unwrap_or(name).to_owned(),
    };
    let all = || {
        definition
            .pages
            .iter()
            .flat_map(|page| questions(page).map(move |one| (page, one)))
    };
    let values = session.data();
    let dropped = answers.and_then(Value::as_object).into_iter().flatten();
    let dropped = dropped.filter(|(name, _)| values.get(name).is_none());
    Checked {
        runs: true,
        unsupported: Vec::new(),
        refusal: None,
        pages: definition
            .pages
            .iter()
            .filter(|page| pages.contains(&*page.name))
            .map(|page| titled(&page.name, page.shown.text("title", locale)))
            .collect(),
        questions: all()
            .filter(|(_, one)| shown.contains(&*one.name))
            .map(|(page, one)| ShownQuestion {
                titled: titled(&one.name, one.shown.text("title", locale)),
                page: page.name.clone(),
            })
            .collect(),
        errors: faults
            .into_iter()
            .map(|fault| {
                let question = all().find(|(_, one)| one.name == fault.question);
                shown_fault(fault, question.map(|(_, one)| one), locale)
            })
            .collect(),
        dropped: dropped.map(|(name, _)| name.clone()).collect(),
        values,
    }
}

/// The questions of a page, in order, whatever panels are around them.
fn questions(page: &Page) -> impl Iterator<Item = &Question> {
    let mut waiting: Vec<&Element> = page.elements.iter().rev().collect();
    std::iter::from_fn(move || {
        loop {
            match waiting.pop()? {
                Element::Question(question) => return Some(&**question),
                Element::Panel(panel) => waiting.extend(panel.elements.iter().rev()),
            }
        }
    })
}

fn shown_fault(fault: AnswerFault, question: Option<&Question>, locale: &str) -> ShownFault {
    let (error, validator) = match fault.kind {
        FaultKind::Required => ("required", None),
        FaultKind::OneRequired => ("oneRequired", None),
        FaultKind::OtherEmpty => ("otherEmpty", None),
        FaultKind::RowRequired => ("rowRequired", None),
        FaultKind::RowNotUnique => ("rowNotUnique", None),
        FaultKind::NotNumber => ("notNumber", None),
        FaultKind::BelowMin => ("belowMin", None),
        FaultKind::AboveMax => ("aboveMax", None),
        FaultKind::TooFew => ("tooFew", None),
        FaultKind::Email => ("email", None),
        FaultKind::Validator(place) => ("validator", Some(place)),
    };
    let failed = validator.and_then(|place| question?.validators.get(place));
    ShownFault {
        question: fault.question,
        error: failed.map_or(error, |one| validator_name(&one.kind)),
        validator,
        text: failed
            .and_then(|one| one.text.as_ref()?.in_locale(locale))
            .map(str::to_owned),
    }
}

fn validator_name(kind: &ValidatorKind) -> &'static str {
    match kind {
        ValidatorKind::Numeric { .. } => "numeric",
        ValidatorKind::Text { .. } => "text",
        ValidatorKind::AnswerCount { .. } => "answercount",
        ValidatorKind::Regex { .. } => "regex",
        ValidatorKind::Email => "email",
        ValidatorKind::Expression { .. } => "expression",
    }
}

fn refusal_code(refusal: &SurveyRefusal) -> &'static str {
    match refusal {
        SurveyRefusal::UnknownQuestion { .. } => "unknownQuestion",
        SurveyRefusal::NotAnObject => "notAnObject",
        SurveyRefusal::TooLarge { .. } => "tooLarge",
        SurveyRefusal::Restless => "restless",
    }
}
