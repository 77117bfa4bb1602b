//! How far one person is in a survey: what a form carries along, and from which the engine
//! is run again wherever it is needed.
//!
//! Left to `survey`: what comes of a form, and how it looks.

use crate::survey::EcmaPatterns;
use linli_model::PlaceId;
use linli_model::survey::{QuestionKind, Shape};
use linli_model::wave::CorrectiveAction;
use linli_rules::survey::{
    AnswerFault, Around, Clock, Content, Language, Place, Program, Session, ShownElement, Stage,
    SurveyRefusal, Word,
};
use maud::{Markup, html};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a round asks, ready to run.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) version: String,
    pub(super) program: Arc<Program>,
    pub(super) clock: Clock,
    /// Who is rated; empty where nobody is.
    pub(super) rated: String,
    /// What was promised after earlier rounds, the latest first.
    pub(super) actions: Vec<CorrectiveAction>,
}

/// How far one person is. The engine itself stays on one thread, and is run again from
/// this wherever it is needed.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) round: Arc<Round>,
    /// The place that the link or poster named.
    pub(super) at: Option<PlaceId>,
    /// What random orders come from.
    pub(super) seed: u64,
    pub(super) answers: Arc<serde_json::Value>,
    /// Where one is; none: where the survey begins.
    pub(super) spot: Option<String>,
    pub(super) step: Step,
    /// Whether it is the page before all others.
    pub(super) is_start: bool,
    /// Whether completing is next.
    pub(super) is_last: bool,
    /// Whether nothing was filled in yet.
    pub(super) is_fresh: bool,
    /// What is wrong on the page.
    pub(super) faults: Vec<AnswerFault>,
    /// Questions of which more is chosen than may be, or whose order is unfinished.
    pub(super) unfit: Vec<Place>,
    /// Paths of questions that have come up on the page by its answers.
    pub(super) new: Vec<String>,
    /// How many rows the page's growing questions have: the engine does not keep new ones
    /// among the answers before there is something in them.
    pub(super) rows: Vec<usize>,
    /// What was typed into fields of the page, by their names.
    pub(super) typed: BTreeMap<String, String>,
}

/// Which form it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The current page of the survey.
    Page,
    /// All answers, to be looked over and sent.
    Review,
}

impl Way {
    pub(super) fn of(
        round: Arc<Round>,
        at: Option<PlaceId>,
        seed: u64,
        session: &Session,
        step: Step,
    ) -> Self {
        Self {
            round,
            at,
            seed,
            answers: Arc::new(session.data()),
            spot: Some(session.spot()),
            step,
            is_start: session.stage() == Stage::Start,
            is_last: session.stage() == Stage::Page && session.completes_here(),
            is_fresh: false,
            faults: Vec::new(),
            unfit: Vec::new(),
            new: Vec::new(),
            rows: lists(session).into_iter().map(|(_, rows)| rows).collect(),
            typed: BTreeMap::new(),
        }
    }

    /// Whether this is the first look at the survey.
    pub(super) fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// The engine, where the person is.
    pub(super) fn session(&self) -> Result<Session, SurveyRefusal> {
        let around = around(self.round.clock, self.seed);
        let program = Arc::clone(&self.round.program);
        let mut session = Session::resume(program, around, &self.answers, self.spot.as_deref())?;
        grow(&mut session, &self.rows)?;
        Ok(session)
    }

    /// What a form carries along: the answers so far, and to which version.
    pub(super) fn fields(&self) -> Markup {
        html! {
            input type="hidden" name="version" value=(self.round.version);
            input type="hidden" name="seed" value=(self.seed);
            @if !self.rows.is_empty() {
                input type="hidden" name="rows" value=(self.rows.iter().map(usize::to_string).collect::<Vec<_>>().join(","));
            }
            input type="hidden" name="answers" value=(self.answers);
        }
    }
}

/// Rows that one question grows to again; survey-core's own bound.
const ROWS_MAX: usize = 1_000;

/// Questions of the page whose rows or panels come and go, and how many there are.
fn lists(session: &Session) -> Vec<(Place, usize)> {
    fn collect(element: &ShownElement<'_>, lists: &mut Vec<(Place, usize)>) {
        match &element.content {
            Content::Panel(children) => children.iter().for_each(|child| collect(child, lists)),
            Content::Question(question) => {
                if let QuestionKind::Nested(nested) = question.kind
                    && matches!(nested.shape, Shape::List(_))
                {
                    lists.push((element.place.clone(), question.groups.len()));
                }
            }
        }
    }
    let mut lists = Vec::new();
    let bare = Language {
        locale: "",
        words: Word::ENGLISH,
    };
    if let Some(page) = session.view(bare).page() {
        collect(&page, &mut lists);
    }
    lists
}

/// Brings back rows without an answer.
pub(super) fn grow(session: &mut Session, rows: &[usize]) -> Result<(), SurveyRefusal> {
    for ((place, there), wanted) in lists(session).into_iter().zip(rows) {
        for _ in there..(*wanted).min(ROWS_MAX) {
            session.add(&place)?;
        }
    }
    Ok(())
}

/// What the engine takes from the world.
pub(super) fn around(clock: Clock, seed: u64) -> Around {
    Around {
        clock,
        seed,
        patterns: Some(Arc::new(EcmaPatterns::new())),
    }
}
