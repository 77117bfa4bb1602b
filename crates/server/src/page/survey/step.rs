//! One form of a survey: what it brought along, and what comes of it. Pure but for the
//! patterns' clock; a long survey takes time, so callers run it off the async threads.

use super::field::{self, Fields, questions};
use super::words::BARE;
use crate::page::way::{Round, Step, Way, around, grow};
use crate::survey::{EcmaPatterns, normal_form};
use linli_model::survey::Checks;
use linli_model::{Choice, PlaceId, Refusal};
use linli_rules::survey::{AnswerFault, Content, Session, ShownElement, Stage, SurveyRefusal};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;

/// What a form brought along beside its fields.
pub(super) struct Sent {
    pub(super) version: String,
    seed: u64,
    answers: Value,
    /// Rows of the page's growing questions.
    rows: Vec<usize>,
    /// Where the fields are from; none where all answers were looked over.
    spot: Option<String>,
    press: Press,
}

/// The button that sent the form.
#[derive(Debug, PartialEq, Eq)]
enum Press {
    Next,
    Back,
    /// The same again: in another language or size of type.
    Stay,
    /// To the page of this name.
    Go(String),
    /// Add a row or panel to the question of this path.
    Add(String),
    /// Remove one of them, by its place.
    Remove(usize, String),
    /// Send the answers, or whatever another button of the last form does.
    Send,
}

/// What comes of a form.
pub(super) enum Turn {
    /// Something is to be shown.
    Show(Way),
    /// The answers are complete.
    Cast(Way, Choice),
}

impl Sent {
    /// `None` when this is not our form.
    pub(super) fn read(fields: &Fields) -> Option<Self> {
        let one = |name: &str| {
            let mut values = fields.iter().filter(|(known, _)| known == name);
            values.next().map(|(_, value)| value.as_str())
        };
        let spot = one("spot").map(str::to_owned);
        let press = match (one("press"), &spot) {
            (Some("next"), _) | (None, Some(_)) => Press::Next,
            (Some("back"), _) => Press::Back,
            (Some("stay"), _) => Press::Stay,
            (Some("send") | None, _) => Press::Send,
            (Some(press), _) => match press.split_once('/')? {
                ("go", page) => Press::Go(page.to_owned()),
                ("add", path) => Press::Add(path.to_owned()),
                ("remove", rest) => {
                    let (index, path) = rest.split_once('/')?;
                    Press::Remove(index.parse().ok()?, path.to_owned())
                }
                _ => return None,
            },
        };
        Some(Self {
            version: one("version")?.to_owned(),
            seed: one("seed")?.parse().ok()?,
            answers: serde_json::from_str(one("answers")?).ok()?,
            rows: match one("rows") {
                Some(rows) => rows
                    .split(',')
                    .map(|one| one.parse().ok())
                    .collect::<Option<_>>()?,
                None => Vec::new(),
            },
            spot,
            press,
        })
    }
}

/// Where a form leads from.
struct Place {
    round: Arc<Round>,
    at: Option<PlaceId>,
    seed: u64,
}

impl Place {
    fn way(&self, session: &Session, step: Step) -> Way {
        Way::of(
            Arc::clone(&self.round),
            self.at.clone(),
            self.seed,
            session,
            step,
        )
    }
}

/// Takes a form. Where `is_stranger`, it was made for a version that nobody asked: what fits
/// is kept, and nothing else is done.
///
/// # Errors
///
/// Answers that are none, and surveys that never rest.
pub(super) fn turn(
    round: Arc<Round>,
    at: Option<PlaceId>,
    sent: &Sent,
    fields: &Fields,
    is_stranger: bool,
) -> Result<Turn, Refusal> {
    let world = around(round.clock, sent.seed);
    let program = Arc::clone(&round.program);
    let session = Session::resume(program, world, &sent.answers, sent.spot.as_deref());
    let mut session = session.map_err(refusal)?;
    grow(&mut session, &sent.rows).map_err(refusal)?;
    let place = Place {
        round,
        at,
        seed: sent.seed,
    };
    if is_stranger {
        if sent.spot.is_some() {
            field::take(&mut session, fields).map_err(refusal)?;
        }
        return Ok(Turn::Show(place.way(&session, Step::Page)));
    }
    if sent.spot.is_some() {
        return page(&place, session, &sent.press, fields).map(Turn::Show);
    }
    let step = match &sent.press {
        Press::Go(page) => {
            session.go_to(&format!("page/{page}"));
            Step::Page
        }
        Press::Back => {
            let last = session.pages().last().map(|page| format!("page/{page}"));
            session.go_to(&last.unwrap_or_default());
            Step::Page
        }
        Press::Stay | Press::Add(_) | Press::Remove(..) => Step::Review,
        Press::Next | Press::Send => return whole(&place, session),
    };
    Ok(Turn::Show(place.way(&session, step)))
}

/// Takes the answers of one page.
fn page(
    place: &Place,
    mut session: Session,
    press: &Press,
    fields: &Fields,
) -> Result<Way, Refusal> {
    let before = asked(&session);
    let unfit = field::take(&mut session, fields).map_err(refusal)?;
    let way = |session: &Session, step| Way {
        typed: field::typed(fields),
        ..place.way(session, step)
    };
    match press {
        Press::Back => {
            session.previous_page();
            return Ok(place.way(&session, Step::Page));
        }
        Press::Stay => return Ok(way(&session, Step::Page)),
        Press::Go(name) => {
            session.go_to(&format!("page/{name}"));
            return Ok(place.way(&session, Step::Page));
        }
        Press::Add(path) => {
            if let Some(question) = place_of(&session, path) {
                session.add(&question).map_err(refusal)?;
            }
            return Ok(way(&session, Step::Page));
        }
        Press::Remove(index, path) => {
            if let Some(question) = place_of(&session, path) {
                session.remove(&question, *index).map_err(refusal)?;
            }
            // What was typed belongs to rows that have other places now.
            return Ok(place.way(&session, Step::Page));
        }
        Press::Next | Press::Send => {}
    }
    let new = asked(&session).into_iter();
    let new: Vec<_> = new.filter(|one| !before.contains(one)).collect();
    if !new.is_empty() {
        return Ok(Way {
            new,
            ..way(&session, Step::Page)
        });
    }
    let patterns = EcmaPatterns::new();
    let faults = match session.checks() {
        Checks::End => Vec::new(),
        _ => page_faults(&session, &patterns),
    };
    if !faults.is_empty() || !unfit.is_empty() {
        return Ok(Way {
            faults,
            unfit,
            ..way(&session, Step::Page)
        });
    }
    if session.stage() == Stage::Start {
        // Its faults were looked for.
        return match session.start_pages(&patterns) {
            Ok(_) => Ok(place.way(&session, Step::Page)),
            Err(faults) => Ok(Way {
                faults,
                ..way(&session, Step::Page)
            }),
        };
    }
    if session.completes_here() {
        return Ok(place.way(&session, Step::Review));
    }
    match session.next_page(&patterns) {
        Ok(_) if session.is_completed() => Ok(place.way(&session, Step::Review)),
        Ok(_) => Ok(place.way(&session, Step::Page)),
        Err(faults) => Ok(Way {
            faults,
            ..way(&session, Step::Page)
        }),
    }
}

/// The place of a question on the page, by its path.
fn place_of(session: &Session, path: &str) -> Option<linli_rules::survey::Place> {
    let page = session.view(BARE).page()?;
    let mut all = questions(&page).into_iter();
    let found = all.find(|asked| asked.path == path)?;
    Some(found.element.place.clone())
}

/// Takes all answers together, as casting does.
fn whole(place: &Place, mut session: Session) -> Result<Turn, Refusal> {
    let patterns = EcmaPatterns::new();
    let (round, data) = (&place.round, session.data());
    let world = around(round.clock, place.seed);
    let checked = Session::check(Arc::clone(&round.program), world, &data, &patterns);
    let (checked, faults) = checked.map_err(refusal)?;
    if faults.is_empty() {
        let choice = Choice::Answers {
            version: round.version.clone(),
            at: place.at.clone(),
            answers: normal_form(&checked.data()),
        };
        return Ok(Turn::Cast(place.way(&session, Step::Review), choice));
    }
    // Back to the first page that has any.
    let pages: Vec<String> = session.pages().into_iter().map(str::to_owned).collect();
    for page in pages {
        session.go_to(&format!("page/{page}"));
        let faults = page_faults(&session, &patterns);
        if !faults.is_empty() {
            return Ok(Turn::Show(Way {
                faults,
                ..place.way(&session, Step::Page)
            }));
        }
    }
    let questions = faults.into_iter().map(|fault| fault.question).collect();
    Err(Refusal::AnswersInvalid { questions })
}

/// What is asked on the page, by its paths.
fn asked(session: &Session) -> HashSet<String> {
    let page = session.view(BARE).page();
    let all = page.iter().flat_map(questions);
    all.filter(|asked| field::is_asked(asked.element, asked.question))
        .map(|asked| asked.path)
        .collect()
}

/// What is wrong on the page, from outside to inside and in order.
fn page_faults(session: &Session, patterns: &EcmaPatterns) -> Vec<AnswerFault> {
    fn collect(
        session: &Session,
        patterns: &EcmaPatterns,
        element: &ShownElement<'_>,
        faults: &mut Vec<AnswerFault>,
    ) {
        faults.extend(session.faults_at(&element.place, patterns));
        if let Content::Panel(children) = &element.content {
            for child in children {
                collect(session, patterns, child, faults);
            }
        }
    }
    let mut faults = Vec::new();
    if let Some(page) = session.view(BARE).page() {
        collect(session, patterns, &page, &mut faults);
    }
    faults
}

fn refusal(refusal: SurveyRefusal) -> Refusal {
    match refusal {
        SurveyRefusal::TooLarge { bytes_max } => Refusal::TooLarge {
            limit_bytes: bytes_max as u64,
        },
        SurveyRefusal::UnknownQuestion { name } => Refusal::AnswersInvalid {
            questions: vec![name],
        },
        SurveyRefusal::NotAnObject => Refusal::Malformed,
        SurveyRefusal::Restless => Refusal::AnswersInvalid {
            questions: Vec::new(),
        },
    }
}
