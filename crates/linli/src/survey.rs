//! `linli survey`

use clap::{Args, Subcommand};
use linli_model::survey::{DefinitionFault, read};
use linli_rules::survey::{
    AnswerFault, Around, Clock, Content, FaultKind, Language, Patterns, Program, Session,
    ShownElement, SurveyRefusal, View, Word,
};
use linli_server::clock::{Clock as _, SystemClock};
use linli_server::survey::{EcmaPatterns, pattern_faults};
use serde::Serialize;
use serde_json::{Map, Value};
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
    r#type: String,
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
    let program = match Program::new(definition) {
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
        Ok((session, faults)) => told(answers, locale, &session, &faults),
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
    let patterns: Arc<dyn Patterns> = Arc::new(EcmaPatterns::new());
    let around = Around {
        clock: Clock {
            now_ms: SystemClock.now_ms() as f64,
            ahead_of_utc_minutes: AHEAD_OF_UTC_MINUTES,
        },
        seed: 0,
        patterns: Some(patterns.clone()),
    };
    match answers {
        Some(answers) => Session::check(program, around, answers, &*patterns),
        None => Ok((Session::new(program, around)?, Vec::new())),
    }
}

fn told(
    answers: Option<&Value>,
    locale: &str,
    session: &Session,
    faults: &[AnswerFault],
) -> Checked {
    let words = Word::ENGLISH;
    let view = session.view(Language { locale, words });
    let mut questions = Vec::new();
    let pages = view.pages();
    for page in &pages {
        shown_questions(page, page.name, &mut questions);
    }
    let values = session.data();
    let dropped = answers.and_then(Value::as_object).into_iter().flatten();
    let dropped = dropped.filter(|(name, _)| values.get(name).is_none());
    Checked {
        runs: true,
        unsupported: Vec::new(),
        refusal: None,
        pages: pages.iter().map(titled).collect(),
        questions,
        errors: faults
            .iter()
            .map(|fault| shown_fault(fault, &view))
            .collect(),
        dropped: dropped.map(|(name, _)| name.clone()).collect(),
        values,
    }
}

fn titled(element: &ShownElement<'_>) -> Titled {
    Titled {
        name: element.name.to_owned(),
        title: element.title.clone(),
    }
}

/// The questions in a page or panel, in order; what is inside a question is in its answer.
fn shown_questions(element: &ShownElement<'_>, page: &str, into: &mut Vec<ShownQuestion>) {
    match &element.content {
        Content::Panel(inside) => {
            for one in inside {
                shown_questions(one, page, into);
            }
        }
        Content::Question(question) => into.push(ShownQuestion {
            titled: titled(element),
            r#type: question.type_name.to_owned(),
            page: page.to_owned(),
        }),
    }
}

fn shown_fault(fault: &AnswerFault, view: &View<'_>) -> ShownFault {
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
        FaultKind::OffStep => ("offStep", None),
        FaultKind::TooFewRows => ("tooFewRows", None),
        FaultKind::Duplicate => ("duplicate", None),
        FaultKind::Email => ("email", None),
        FaultKind::Validator(place) => ("validator", Some(place)),
    };
    ShownFault {
        question: fault.question.clone(),
        error,
        validator,
        text: view.fault(fault),
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
