//! Surveys at the desk: where a new one comes from, one being written, what follows from
//! a round. What happens then (`reduce`) is loaded when surveys are first opened.

mod reduce;

pub(crate) use reduce::{correction, reduce};

use crate::definition::{Definition, Op};
use crate::editor::Misfit;
use linli_model::desk::survey::{SourceFault, SurveyRead};
use linli_model::scoring::Scoring;
use linli_model::wave::ItemRef;
use linli_model::{RequestId, SurveyId, TopicId};
use linli_port::desk::{DeskError, Told};

/// Where a new survey comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// A shipped instrument.
    #[default]
    Instruments,
    /// Pasted text.
    Text,
    /// SurveyJS JSON.
    Json,
}

/// The state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Surveys {
    /// Which way is open.
    pub source: Source,
    /// As pasted or typed.
    pub pasted: String,
    /// As pasted, or read from a file.
    pub json: String,
    /// An answer to a reading is awaited.
    pub is_reading: bool,
    /// What was read and cannot be asked.
    pub unfit: Option<SurveyRead>,
    /// Why it was not read.
    pub problem: Option<DeskError>,
    /// The one being written.
    pub editor: Option<SurveyEditor>,
    /// 整改 being written.
    pub mend: Mend,
    /// What came of a corrective action, being written.
    pub outcome: Option<(RequestId, String)>,
    /// This part of the desk did not load.
    pub is_lost: bool,
}

/// A survey being written.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyEditor {
    /// Its identifier; a new one has one that nobody has.
    pub id: SurveyId,
    /// The version that it was written from; absent for a new one.
    pub based_on: Option<String>,
    /// The place's identifier.
    pub place: String,
    /// Who is rated, as typed.
    pub rated: String,
    /// What it asks.
    pub definition: Definition,
    /// How that is scored, as far as it was known when it was opened.
    pub scoring: Scoring,
    /// The language that is being written.
    pub lang: String,
    /// The question whose fields are open.
    pub open: Option<usize>,
    /// The type of the next question to add.
    pub adding: String,
    /// Whether the preview has the screen, where there is room for one alone.
    pub previews: bool,
    /// What does not run, by JSON path.
    pub faults: Vec<SourceFault>,
    /// What was guessed from a text.
    pub warnings: Vec<SourceFault>,
    /// What is missing.
    pub misfits: Vec<Misfit>,
    /// Something was changed since it was opened.
    pub touched: bool,
}

/// What will be mended, as typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mend {
    /// After which round.
    pub topic: Option<TopicId>,
    /// About what.
    pub items: Vec<ItemRef>,
    /// What.
    pub what: String,
    /// Who.
    pub who: String,
    /// By when, as a field holds it.
    pub due: String,
    /// The field that is missing or does not fit.
    pub missing: Option<&'static str>,
}

/// What is typed where. Questions are counted as they are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field of its name")]
pub enum SurveyField {
    Pasted,
    Json,
    Title,
    Intro,
    Rated,
    Place,
    Lang,
    Adding,
    /// A text of a question, by its property.
    Text(usize, &'static str),
    /// An item of a list.
    Item(usize, &'static str, usize),
    /// A rating's ends, as `1-5`.
    Scale(usize),
    ConditionQuestion(usize),
    ConditionOp(usize),
    ConditionValue(usize),
    MendWhat,
    MendWho,
    MendDue,
    Outcome,
}

/// What is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the choice of its name")]
pub enum SurveyPick {
    Source(Source),
    Open(usize),
    Require(usize, bool),
    Shift {
        question: usize,
        up: bool,
    },
    Remove(usize),
    Add,
    AddItem(usize, &'static str),
    RemoveItem(usize, &'static str, usize),
    ShiftItem {
        question: usize,
        list: &'static str,
        index: usize,
        up: bool,
    },
    Unconditional(usize),
    Previews(bool),
    MendItem(ItemRef),
    ReportOn(Option<RequestId>),
}

/// What the frame that shows a survey says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameSaid {
    /// It can be shown something.
    Ready,
    /// Somebody answered: the version and the answers' JSON text.
    Answers(String, String),
}

/// Everything that happens.
#[derive(Debug, Clone, PartialEq)]
pub enum SurveyAct {
    /// The route or an answer has changed.
    Sync,
    /// Typed.
    Typed(SurveyField, String),
    /// Chosen.
    Picked(SurveyPick),
    /// Read what is pasted.
    ReadAsked,
    /// Read an instrument; its identifier.
    InstrumentAsked(String),
    /// Begin with nothing.
    BlankAsked,
    /// A file was read.
    FileRead(String),
    /// What could become a survey.
    Read(Result<Told<SurveyRead>, DeskError>),
    /// Keep what is written.
    SaveAsked,
    /// The same, after what another person wrote meanwhile.
    SaveOverAsked,
    /// Publish what will be mended.
    MendAsked,
    /// Tell what came of it.
    OutcomeAsked,
    /// The frame spoke.
    Frame(FrameSaid),
}

impl SurveyEditor {
    /// What does not fit at `path`, where something does not.
    pub fn fault(&self, path: &str) -> Option<&str> {
        let misfit = self.misfits.iter().find(|misfit| misfit.path == path)?;
        Some(&misfit.fault)
    }

    /// Ways to compare with a question's answer.
    pub fn ops(takes_many: bool) -> &'static [Op] {
        if takes_many {
            &[Op::Has, Op::HasNot]
        } else {
            &[Op::Is, Op::IsNot, Op::AtMost]
        }
    }
}
