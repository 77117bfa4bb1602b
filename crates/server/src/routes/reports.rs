//! Reports of surveys.

use super::topics::{Asked, Named};
use crate::state::{App, Peer};
use axum::Json;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use linli_model::Refusal;
use linli_model::report::PublishedReport;
use std::sync::Arc;

/// What a survey's round says.
#[utoipa::path(get, path = "/api/v1/surveys/{topic}/report", tag = "surveys",
    params(
        ("topic" = String, Path, description = "The round's topic."),
        ("lang" = Option<String>, Query, description = "The language of titles and labels; the topic's where absent."),
    ),
    responses(
        (status = 200, description = "Figures with their intervals, small counts hidden; earlier rounds, what the result obliges to, and corrective actions.", body = PublishedReport),
        (status = "4XX", description = "Refused; `not_found` where counts may not be seen yet, `topic_unknown` of another kind of poll.", body = Refusal),
    ))]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    name: Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    peer: Option<Extension<Peer>>,
) -> Response {
    let asked = Asked::new(&app, name, &headers, peer).await;
    asked
        .answer(async |topic, _| {
            let lang = lang(query.as_deref());
            let lang = match &lang {
                Some(lang) => linli_texts::negotiate([lang.as_str()]).to_owned(),
                None => app.service.stored(topic).await?.topic.lang.clone(),
            };
            let report = app.service.report(topic, &lang).await?;
            let no_cache = [(header::CACHE_CONTROL, "no-cache")];
            Ok((no_cache, Json(report.published)).into_response())
        })
        .await
}

/// `lang` of a query.
fn lang(query: Option<&str>) -> Option<String> {
    let fields: Vec<(String, String)> =
        serde_urlencoded::from_str(query.unwrap_or_default()).unwrap_or_default();
    let mut named = fields.into_iter().filter(|(name, _)| name == "lang");
    named.next().map(|(_, lang)| lang)
}
