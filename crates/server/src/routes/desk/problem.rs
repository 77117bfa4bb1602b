//! Refusals of the desk as responses.

use crate::routes::answer::{self, Problem};
use crate::service::desk::DeskFailure;
use crate::store::Failure;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::desk::{DeskRefusal, RollRefusal};

/// Why a request did not get what it asked for.
#[derive(Debug)]
pub(crate) enum DeskProblem {
    /// Refused by the desk.
    Refused(DeskRefusal),
    /// A roll was refused.
    Roll(RollRefusal),
    /// As on every other address: refused as residents are, or failed.
    Common(Problem),
}

impl From<DeskRefusal> for DeskProblem {
    fn from(refusal: DeskRefusal) -> Self {
        match refusal {
            DeskRefusal::Resident(refusal) => Self::Common(refusal.into()),
            other => Self::Refused(other),
        }
    }
}

impl From<DeskFailure> for DeskProblem {
    fn from(failure: DeskFailure) -> Self {
        match failure {
            DeskFailure::Refused(refusal) => refusal.into(),
            DeskFailure::Fault(detail) => Self::Common(Failure::Fault(detail).into()),
        }
    }
}

impl From<Problem> for DeskProblem {
    fn from(problem: Problem) -> Self {
        Self::Common(problem)
    }
}

impl IntoResponse for DeskProblem {
    fn into_response(self) -> Response {
        let refusal = match self {
            Self::Refused(refusal) => refusal,
            Self::Roll(refusal) => return roll(&refusal),
            Self::Common(problem) => return problem.into_response(),
        };
        let mut response = (status(&refusal), Json(&refusal)).into_response();
        super::private(&mut response);
        if matches!(refusal, DeskRefusal::SignedOut) {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}

fn roll(refusal: &RollRefusal) -> Response {
    let status = match refusal {
        RollRefusal::CommunityUnknown | RollRefusal::DraftUnknown | RollRefusal::VersionUnknown => {
            StatusCode::NOT_FOUND
        }
        RollRefusal::VersionMoved { .. } | RollRefusal::PlaceGone { .. } => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut response = (status, Json(refusal)).into_response();
    super::private(&mut response);
    response
}

/// The status of each refusal.
pub(crate) fn status(refusal: &DeskRefusal) -> StatusCode {
    match refusal {
        DeskRefusal::SignedOut => StatusCode::UNAUTHORIZED,
        DeskRefusal::SignInFailed { .. }
        | DeskRefusal::CodeWrong
        | DeskRefusal::NotPermitted { .. }
        | DeskRefusal::OwnRequest => StatusCode::FORBIDDEN,
        DeskRefusal::InvitationInvalid | DeskRefusal::Unknown => StatusCode::NOT_FOUND,
        DeskRefusal::LoginTaken
        | DeskRefusal::AlreadySettled
        | DeskRefusal::AlreadyAsked
        | DeskRefusal::LastOwner
        | DeskRefusal::PlaceInUse
        | DeskRefusal::AlreadyPublished
        | DeskRefusal::NameTaken
        | DeskRefusal::Conflict
        | DeskRefusal::KeyReused
        | DeskRefusal::VotedThemselves
        | DeskRefusal::SecretNotFilledIn => StatusCode::CONFLICT,
        DeskRefusal::PasswordWeak { .. }
        | DeskRefusal::ReasonNeeded { .. }
        | DeskRefusal::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        DeskRefusal::Resident(refusal) => answer::status(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    /// The README's table of the desk has every code that the OpenAPI document has, each
    /// with the status that it is answered with.
    #[test]
    fn the_readme_tells_every_refusal_of_the_desk() {
        let readme = include_str!("../../../README.md");
        let (_, section) = readme
            .split_once("### What the desk refuses")
            .expect("the desk's table");
        let section = section.split("\n## ").next().unwrap_or_default();
        let rows = section.lines().filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let status = cells.get(2)?.parse::<u16>().ok()?;
            Some((cells[1].trim_matches('`').to_owned(), status))
        });
        let told: BTreeMap<String, u16> = rows.collect();
        let document: Value = serde_json::from_str(&crate::routes::openapi::document()).unwrap();
        let kinds = &document["components"]["schemas"]["DeskRefusal"]["oneOf"];
        let codes = kinds.as_array().unwrap().iter().filter_map(|kind| {
            // The last one stands for the refusals of residents.
            kind["properties"]["code"]["enum"][0].as_str()
        });
        let answered = codes.map(|code| {
            let refusal: DeskRefusal = serde_json::from_value(json!({
                "code": code, "attempts_left": 1, "min_chars": 1, "needs": "see",
                "max_chars": 1, "path": "a", "fault": "empty",
            }))
            .unwrap();
            assert_eq!(serde_json::to_value(&refusal).unwrap()["code"], code);
            (code.to_owned(), status(&refusal).as_u16())
        });
        assert_eq!(told, answered.collect());
    }
}
