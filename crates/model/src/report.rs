//! What a survey says, as a report shows it: figures with their uncertainty, and what is
//! hidden so that nobody can be picked out.
//!
//! Shares run from 0 to 1, the net promoter score from −100 to 100. A figure or count that
//! is `None` is hidden (or does not exist); readers show it as such, never as 0.

use crate::UtcMs;
use serde::{Deserialize, Serialize};

/// Who could answer, which decides how far figures reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// Everybody on a roll was asked.
    Roll,
    /// Drawn by chance from a roll.
    Random,
    /// 非概率样本: whoever had the link. Intervals then only say what chance alone would do.
    OpenLink,
}

/// How a figure and its interval came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A share with Wilson's interval.
    Wilson,
    /// A weighted share with Wilson's interval at its effective size.
    WilsonEffective,
    /// A mean with Student's interval.
    Student,
    /// A weighted mean, error by linearisation.
    Linearised,
    /// A net promoter score with the adjusted Wald interval.
    AdjustedWald,
    /// A weighted index of items, error by the delta method.
    IndexDelta,
    /// A difference of two samples, Welch's degrees of freedom.
    Welch,
    /// A difference within the same respondents.
    Paired,
    /// Rao and Scott's second-order test.
    RaoScott,
    /// Holm's adjustment.
    Holm,
}

impl Method {
    /// Where it is described.
    pub fn source(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson (1927), JASA 22, 209–212",
            Self::WilsonEffective => "Wilson (1927) at n = p(1−p)/se²; se as R survey::svymean",
            Self::Student => "Student (1908); R survey::svymean, qt(n − 1)",
            Self::Linearised => "Binder (1983); R survey::svymean after postStratify or rake",
            Self::AdjustedWald => "Rocks (2016), The American Statistician 70(4), AW(3, T)",
            Self::IndexDelta => {
                "Fornell et al. (1996), Journal of Marketing 60(4); R survey::svycontrast"
            }
            Self::Welch => "Welch (1947), Biometrika 34; R t.test",
            Self::Paired => "R t.test(paired = TRUE)",
            Self::RaoScott => "Rao & Scott (1984), Annals of Statistics 12; R survey::svychisq",
            Self::Holm => "Holm (1979), Scandinavian Journal of Statistics 6; R p.adjust",
        }
    }
}

/// A figure and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The figure.
    pub value: f64,
    /// Its standard error, where there is more than one answer.
    pub se: Option<f64>,
    /// The lower end of the 95 % interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Answers behind it, unweighted.
    pub n: u64,
    /// The effective size, where weights make it another.
    pub n_eff: Option<f64>,
    /// How it came about.
    pub method: Method,
}

/// A figure without and with weights, side by side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Everybody counts once.
    pub unweighted: Option<Figure>,
    /// Brought to the population's totals; `None` where there are no weights.
    pub weighted: Option<Figure>,
}

/// How a question was met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// Gave an answer.
    pub answered: Option<u64>,
    /// Does not know.
    pub dont_know: Option<u64>,
    /// Does not want to say.
    pub refused: Option<u64>,
    /// Left it.
    pub missing: Option<u64>,
    /// Was not asked.
    pub not_asked: Option<u64>,
}

/// One answer of a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Its value in the data.
    pub value: String,
    /// What respondents read.
    pub label: String,
    /// How often it was chosen.
    pub count: Option<u64>,
    /// Of those who answered.
    pub share: Pair,
}

/// A question in one area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AreaAnswers {
    /// The area's id.
    pub area: String,
    /// How it was met.
    pub met: Met,
    /// Its answers.
    pub levels: Vec<Level>,
    /// The two best scores.
    pub top2: Pair,
    /// The two worst.
    pub bottom2: Pair,
    /// The mean score.
    pub mean: Pair,
    /// The mean from 0 to 100.
    pub score100: Pair,
    /// The net promoter score.
    pub nps: Pair,
    /// Whether words of this area may be shown.
    pub shows_words: bool,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuestionReport {
    /// Its name in the definition.
    pub name: String,
    /// A matrix's row.
    pub row: Option<String>,
    /// What respondents read.
    pub title: String,
    /// In every area, the whole community first.
    pub areas: Vec<AreaAnswers>,
}

/// An area: 社区, 网格, 微网格.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AreaReport {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Responses; `None` below ten, or where it would give another's away.
    pub responses: Option<u64>,
    /// How many were asked, if known.
    pub invited: Option<u64>,
    /// Responses of those asked.
    pub response_rate: Option<Figure>,
    /// Share of satisfied people.
    pub satisfaction: Option<Figure>,
}

/// Now less before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The difference.
    pub value: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// How often chance alone does this.
    pub p: f64,
    /// How it came about.
    pub method: Method,
}

/// The area that is worst off, honestly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Worst {
    /// Clearly below the others, after Holm's adjustment.
    Area {
        /// Its id.
        area: String,
        /// What people call it.
        name: String,
        /// Its share of satisfied people.
        satisfaction: Figure,
        /// The adjusted p-value.
        p: f64,
    },
    /// Too few answers to tell areas apart.
    TooFewToSay,
    /// There are no areas to compare.
    NoAreas,
}

/// What should happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// Satisfaction is low: the rated body says what it will mend, by when (整改).
    Mend,
    /// It fell clearly since the last wave: find out why.
    AskWhy,
    /// There are too few answers: ask more people.
    AskMore,
    /// Keep on, and ask again.
    KeepOn,
}

/// What people see first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FirstScreen {
    /// Share of satisfied people; weighted where there are weights.
    pub satisfaction: Option<Figure>,
    /// The area that is worst off.
    pub worst: Worst,
    /// Since the last wave.
    pub change: Option<Change>,
    /// What should happen.
    pub next: NextStep,
}

/// Two questions together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CrossTable {
    /// The question down.
    pub rows: String,
    /// The question across.
    pub columns: String,
    /// Labels down; the last line is "no answer".
    pub row_labels: Vec<String>,
    /// Labels across; the last column is "no answer".
    pub column_labels: Vec<String>,
    /// Respondents.
    pub counts: Vec<Vec<Option<u64>>>,
    /// Of those who answered both.
    pub n: u64,
    /// The test's F.
    pub f: f64,
    /// Degrees of freedom.
    pub df: (f64, f64),
    /// Its p-value.
    pub p: f64,
    /// After Holm's adjustment over all cross-tables of this report.
    pub p_holm: f64,
}

/// How weights were made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightsReport {
    /// Margins that were brought to known totals.
    pub margins: Vec<String>,
    /// Rounds of raking.
    pub rounds: u64,
    /// Whether they came to rest.
    pub is_converged: bool,
    /// The greatest relative distance from a known total.
    pub margin_gap: f64,
    /// Respondents whose weight was cut to the bounds.
    pub trimmed: u64,
    /// The least weight over the mean.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
    /// Kish's design effect.
    pub deff: f64,
    /// (Σw)² / Σw².
    pub n_eff: f64,
}

/// A line of the code book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CodeBookLine {
    /// Name in the data; a matrix's row behind a dot.
    pub name: String,
    /// What respondents read.
    pub title: String,
    /// Value, label, score.
    pub codes: Vec<(String, String, Option<f64>)>,
}

/// A method that the report uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodLine {
    /// Which.
    pub method: Method,
    /// Where it is described.
    pub source: String,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurveyReport {
    /// Which survey and wave.
    pub source: String,
    /// Until when responses were counted.
    pub as_of_ms: UtcMs,
    /// Who could answer.
    pub sampling: Sampling,
    /// Responses; `None` below ten.
    pub responses: Option<u64>,
    /// Counts below this are hidden.
    pub shown_min: u64,
    /// What people see first.
    pub first: FirstScreen,
    /// Areas, the whole community first.
    pub areas: Vec<AreaReport>,
    /// Questions.
    pub questions: Vec<QuestionReport>,
    /// Questions together.
    pub cross_tables: Vec<CrossTable>,
    /// How weights were made.
    pub weights: Option<WeightsReport>,
    /// What data mean.
    pub code_book: Vec<CodeBookLine>,
    /// Methods used.
    pub methods: Vec<MethodLine>,
}
