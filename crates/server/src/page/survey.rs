//! Rounds of surveys on the hosted page: the engine runs here, and each page of the survey
//! is a form that carries the answers so far, so that conditions, piping, triggers and
//! checks work without scripts.
//!
//! Nothing is kept between two forms. What comes back is the person's own and is checked
//! anew; the last step casts it as polls cast theirs. To the parts: fields (`field`),
//! controls (`control`), cards (`card`), what is read (`words`).

mod card;
mod control;
mod display;
mod field;
mod group;
mod head;
mod html;
mod step;
mod words;

use super::form::{self, Filled};
use super::way::{Round, Step, Way, around};
use super::{Visit, answer};
use crate::seal;
use crate::service::Caller;
use crate::state::App;
use crate::store::{Failure, StoredTopic};
use axum::http::StatusCode;
use axum::response::Response;
pub(super) use card::{FORM, card, confirm, receipt_title, thanks};
use linli_model::wave::Wave;
use linli_model::{Phase, PlaceId, PollKind, Refusal, TopicView};
use linli_rules::survey::Session;
use linli_texts::{RefusalText, survey as s};
use std::sync::Arc;
use step::{Sent, Turn};

/// Bytes of a form: every byte of the answers may take three, and the rest is small.
pub(super) const FORM_BYTES_MAX: usize =
    3 * linli_rules::survey::ANSWERS_BYTES_MAX + 4 * linli_model::limits::REQUEST_BYTES_MAX;

/// Bytes of a form that anybody may send; larger ones are few at once.
pub(super) const SMALL_FORM_BYTES_MAX: usize = 64 * 1024;

/// The wave that a topic asks, if it is one of a survey.
pub(super) fn wave(kind: &PollKind) -> Option<&Wave> {
    match kind {
        PollKind::Survey { wave } => Some(wave),
        _ => None,
    }
}

/// The start of the way through an open round; none for other polls and at other times.
///
/// # Errors
///
/// A stored definition that does not run.
pub(super) async fn start(
    app: &App,
    stored: &StoredTopic,
    view: &TopicView,
    at: Option<&PlaceId>,
) -> Result<Option<Way>, Failure> {
    let Some(wave) = wave(&view.topic.poll.kind).filter(|_| view.phase == Phase::Open) else {
        return Ok(None);
    };
    let told = app.service.told_survey(&view.topic.id).await?;
    let asked = app.service.asked_version(stored, &wave.version).await;
    let (ready, clock) = asked?;
    let round = Arc::new(Round {
        version: wave.version.clone(),
        program: Arc::clone(ready.program()),
        clock,
        rated: told.rated,
        actions: told.actions,
    });
    Ok(Some(begin(round, at.cloned())?))
}

fn begin(round: Arc<Round>, at: Option<PlaceId>) -> Result<Way, Failure> {
    let seed = u64::from_be_bytes(seal::chance());
    let session = Session::new(Arc::clone(&round.program), around(round.clock, seed));
    let session = session.map_err(|refusal| Failure::Fault(format!("{refusal:?}")))?;
    let way = Way::of(round, at, seed, &session, Step::Page);
    Ok(Way {
        spot: None,
        is_fresh: true,
        ..way
    })
}

impl Round {
    /// The same round by another version of its survey.
    async fn in_version(
        &self,
        app: &App,
        stored: &StoredTopic,
        version: &str,
    ) -> Result<Self, Failure> {
        let (ready, clock) = app.service.asked_version(stored, version).await?;
        Ok(Self {
            version: version.to_owned(),
            program: Arc::clone(ready.program()),
            clock,
            rated: self.rated.clone(),
            actions: self.actions.clone(),
        })
    }
}

impl Visit<'_> {
    /// Takes a form of an open survey.
    pub(super) async fn take_survey(
        &mut self,
        fields: Vec<(String, String)>,
        caller: Caller,
    ) -> Response {
        match self.try_survey(fields, caller).await {
            Ok(response) => response,
            Err(Failure::Refused(refusal)) => self.refused(refusal, self.draft()),
            Err(Failure::Fault(detail)) => self.failed(&detail),
        }
    }

    async fn try_survey(
        &mut self,
        fields: Vec<(String, String)>,
        caller: Caller,
    ) -> Result<Response, Failure> {
        let poll = &self.view.topic.poll;
        match self.view.phase {
            Phase::Upcoming => {
                let opens_at_ms = poll.opens_at_ms;
                return Err(Refusal::NotYetOpen { opens_at_ms }.into());
            }
            Phase::Closed => {
                let closed_at_ms = poll.closes_at_ms;
                return Err(Refusal::Closed { closed_at_ms }.into());
            }
            Phase::Open => {}
        }
        let start = self.survey.clone().ok_or(Refusal::Malformed)?;
        let sent = Sent::read(&fields).ok_or(Refusal::Malformed)?;
        let is_current = start.round.version == sent.version;
        let round = match is_current {
            true => Ok(Arc::clone(&start.round)),
            false => {
                let other = start
                    .round
                    .in_version(self.app, &self.stored, &sent.version);
                other.await.map(Arc::new)
            }
        };
        let is_unknown = matches!(round, Err(Failure::Refused(Refusal::VersionUnknown)));
        let round = match round {
            // Nobody asked that: what fits goes on with what is asked.
            Err(_) if is_unknown => Arc::clone(&start.round),
            round => round?,
        };
        let choice = linli_model::Choice::Answers {
            version: round.version.clone(),
            at: start.at.clone(),
            answers: String::new(),
        };
        let filled = Filled::of(&fields, Vec::new(), choice).ok_or(Refusal::Malformed)?;
        let work = move || step::turn(round, start.at, &sent, &fields, is_unknown);
        let turn = self.app.service.run_survey(work).await?;
        match turn? {
            Turn::Show(way) => Ok(self.show_survey(&filled, way, is_unknown)),
            Turn::Cast(way, choice) => {
                let filled = Filled {
                    way: Some(way),
                    choice,
                    ..filled
                };
                Ok(self.cast_survey(filled, caller).await)
            }
        }
    }

    fn show_survey(&self, filled: &Filled, way: Way, is_unknown: bool) -> Response {
        let status = match way.faults.is_empty() && way.unfit.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let mut draft = self.again(filled);
        draft.survey = Some(way);
        if is_unknown {
            let notice = RefusalText {
                title: self.reader.text(s::VERSION_UNKNOWN).to_owned(),
                next: self.reader.text(s::CARRIED).to_owned(),
            };
            return self.told(answer::status(&Refusal::VersionUnknown), draft, notice);
        }
        self.page(
            status,
            &super::Card::Topic {
                draft,
                notice: None,
            },
        )
    }

    /// Only what casts needs to be a form that we made for this browser: the pages before
    /// have no effect.
    async fn cast_survey(&mut self, filled: Filled, caller: Caller) -> Response {
        let (topic, session) = (&self.view.topic.id, self.session.as_ref());
        if !form::is_ours(self.app, session, topic, &filled.key, &filled.check) {
            let notice = self.reader.form_expired();
            return self.told(StatusCode::FORBIDDEN, self.again(&filled), notice);
        }
        if self.session.is_none() {
            self.session = Some(form::Session::of_form(self.app, &filled.key));
        }
        self.cast(filled, caller).await
    }
}
