//! Work over HTTP: the header that answers a challenge, and why an answer was refused.

use super::answer::{self, Problem};
use crate::metrics::Outcome;
use crate::service::IdentifyFailure;
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::work::WorkRefusal;

/// Carries a challenge with what was done for it. A header, not a member of the body:
/// widgets write bodies and have no use for it.
const HEADER: &str = "linli-work";

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
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    let mut response = (status(refusal), no_store, Json(refusal)).into_response();
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
