//! Work over HTTP: challenges, the header that answers one, and why an answer was refused.

use super::answer::{self, Problem};
use super::topics::{Asked, Named, private};
use crate::metrics::Outcome;
use crate::service::IdentifyFailure;
use crate::state::{App, Peer};
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::Refusal;
use linli_model::work::{Challenge, WorkRefusal};
use std::sync::Arc;

/// Carries a challenge with what was done for it. A header, not a member of the body:
/// widgets write bodies and have no use for it.
const HEADER: &str = "linli-work";

/// A challenge for a poll that asks devices for work. Nothing is kept of it.
#[utoipa::path(post, path = "/api/v1/topics/{topic}/challenges", tag = "topics",
    params(("topic" = String, Path, description = "The topic.")),
    responses(
        (status = 201, description = "A challenge for one grant, to be solved or waited out.", body = Challenge),
        (status = "4XX", description = "Refused; `unsupported` where the poll asks for no work.", body = Refusal),
        (status = 503, description = "Busy; with `Retry-After`.", body = Refusal),
    ))]
pub(crate) async fn challenge(
    State(app): State<Arc<App>>,
    name: Named,
    headers: HeaderMap,
    peer: Option<Extension<Peer>>,
) -> Response {
    let asked = Asked::new(&app, name, &headers, peer).await;
    asked
        .answer(async |topic, caller| {
            let challenge = app.service.challenge(topic, caller).await?;
            Ok(private(StatusCode::CREATED, Json(challenge)))
        })
        .await
}

/// What is shown for a challenge. What is no text is no challenge of ours either.
pub(crate) fn shown(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(HEADER)?;
    Some(value.to_str().unwrap_or_default())
}

/// A refusal of work is an answer like any other; the rest is the usual problem.
pub(crate) fn answered(failure: IdentifyFailure) -> Result<Response, Problem> {
    match failure {
        IdentifyFailure::Work(refusal) => Ok(refused(refusal)),
        IdentifyFailure::Other(failure) => Err(failure.into()),
    }
}

/// The status of each refusal.
pub(crate) fn status(refusal: WorkRefusal) -> StatusCode {
    match refusal {
        WorkRefusal::WorkMissing | WorkRefusal::WorkWrong => StatusCode::FORBIDDEN,
        WorkRefusal::WorkExpired | WorkRefusal::WorkSpent | WorkRefusal::WorkEarly { .. } => {
            StatusCode::CONFLICT
        }
    }
}

/// A refusal as a response.
fn refused(refusal: WorkRefusal) -> Response {
    let mut response = private(status(refusal), Json(refusal)).into_response();
    response.extensions_mut().insert(Outcome(refusal.code()));
    if let WorkRefusal::WorkEarly { left_ms } = refusal {
        let seconds = HeaderValue::from(answer::retry_after_seconds(left_ms));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_readme_tells_every_refusal() {
        let readme = include_str!("../../README.md");
        let rows = readme.lines().filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let code = cells.get(1)?.strip_prefix("`work_")?.strip_suffix('`')?;
            Some((format!("work_{code}"), cells.get(2)?.parse::<u16>().ok()?))
        });
        let told: BTreeMap<String, u16> = rows.collect();
        let all = [
            WorkRefusal::WorkMissing,
            WorkRefusal::WorkWrong,
            WorkRefusal::WorkExpired,
            WorkRefusal::WorkSpent,
            WorkRefusal::WorkEarly { left_ms: 1 },
        ];
        let answered = all.map(|refusal| (refusal.code().to_owned(), status(refusal).as_u16()));
        assert_eq!(told, BTreeMap::from(answered));
    }
}
