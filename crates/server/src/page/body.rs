//! What a form brings along: how much it may be, and whether it is one of ours.

use super::form::{self, Filled};
use super::view::Card;
use super::{Visit, survey};
use crate::routes::{answer, decode};
use crate::store::Failure;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::{Refusal, limits};
use tokio::sync::OwnedSemaphorePermit;

/// Bytes of a form, and the right to send so many.
pub(super) fn bytes_max(
    visit: &Visit<'_>,
    headers: &HeaderMap,
) -> Result<(usize, Option<OwnedSemaphorePermit>), Refusal> {
    if survey::wave(&visit.view.topic.poll.kind).is_none() {
        return Ok((limits::REQUEST_BYTES_MAX, None));
    }
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length <= survey::SMALL_FORM_BYTES_MAX) {
        return Ok((survey::SMALL_FORM_BYTES_MAX, None));
    }
    let turn = visit.app.service.large_answers()?;
    Ok((survey::FORM_BYTES_MAX, Some(turn)))
}

/// The bytes of a form; else the page that says what is wrong with it.
pub(super) async fn read(
    visit: &Visit<'_>,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Bytes, Box<Response>> {
    let is_form = headers.get(header::CONTENT_TYPE).is_some_and(|value| {
        value
            .as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    if !is_form {
        return Err(Box::new(
            visit.refused(Refusal::MediaTypeUnsupported, visit.draft()),
        ));
    }
    match decode::bytes_up_to(visit.app, headers, body, limit).await {
        Ok(bytes) => Ok(bytes),
        Err(answer::Problem::Late) => {
            let mut response = visit.refused(answer::late(), visit.draft());
            *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
            Err(Box::new(response))
        }
        Err(answer::Problem::Failure(Failure::Refused(refusal))) => {
            Err(Box::new(visit.refused(refusal, visit.draft())))
        }
        Err(problem) => Err(Box::new(problem.into_response())),
    }
}

/// A form of ours about a poll.
pub(super) fn form(visit: &Visit<'_>, bytes: &[u8]) -> Result<Filled, Box<Response>> {
    let filled = Filled::read(bytes, &visit.view.topic.poll.kind)
        .ok_or_else(|| visit.refused(Refusal::Malformed, visit.draft()))?;
    let (topic, session) = (&visit.view.topic.id, visit.session.as_ref());
    if !form::is_ours(visit.app, session, topic, &filled.key, &filled.check) {
        let card = Card::Topic {
            draft: visit.draft(),
            notice: Some(visit.reader.form_expired()),
        };
        return Err(Box::new(visit.page(StatusCode::FORBIDDEN, &card)));
    }
    Ok(filled)
}
