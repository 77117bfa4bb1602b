//! Rounds of surveys as respondents read them. Their answers are ballots: `topics`.

use super::topics::{Asked, Named, told};
use crate::state::{App, Peer};
use crate::store::Failure;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use linli_model::Refusal;
use linli_model::wave::SurveyView;
use std::sync::Arc;

/// A round of a survey, with the definition that it asks now.
#[utoipa::path(get, path = "/api/v1/surveys/{topic}", tag = "surveys",
    params(
        ("topic" = String, Path, description = "The round's topic."),
        ("If-None-Match" = Option<String>, Header, description = "An earlier answer's `ETag`."),
    ),
    responses(
        (status = 200, description = "The round. With a strong `ETag`. `view` is as a topic by itself is told.", body = SurveyView),
        (status = 304, description = "As before."),
        (status = "4XX", description = "Refused; `topic_unknown` of another kind of poll.", body = Refusal),
    ))]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    name: Named,
    headers: HeaderMap,
    peer: Option<Extension<Peer>>,
) -> Response {
    let asked = Asked::new(&app, name, &headers, peer).await;
    asked
        .answer(async |topic, _| {
            let survey = app.service.told_survey(topic).await?;
            let body = serde_json::to_vec(&survey).map_err(|e| Failure::Fault(e.to_string()))?;
            Ok(told(&headers, body))
        })
        .await
}
