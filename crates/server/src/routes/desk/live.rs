//! What changes, as a stream in the form of server-sent events. It is read by `fetch`,
//! because `EventSource` can send no session.

use super::{Answered, Door, private};
use crate::service::desk::News;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use linli_model::Refusal;
use linli_model::desk::{DeskRefusal, LiveEvent};
use std::convert::Infallible;

/// What changes, as it does.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/live", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
        ("Last-Event-ID" = Option<u64>, Header, description = "Where to resume."),
    ),
    responses(
        (status = 200, description = "`text/event-stream`: `id` and `data`, of which each is one change. It ends with the session.", body = LiveEvent, content_type = "text/event-stream"),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn listen(door: Door) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    service.staff_self(&door.community, &token).await?;
    let after = match door.headers().get("last-event-id") {
        None => None,
        Some(value) => {
            let number = value.to_str().ok().and_then(|text| text.parse().ok());
            Some(number.ok_or(DeskRefusal::from(Refusal::Malformed))?)
        }
    };
    let live = service.desk_live(&door.community, &token, after).await?;
    let lines = unfold(live, async |mut live| {
        let news = live.next().await?;
        Some((Ok::<_, Infallible>(line(news)), live))
    });
    let mut response: Response = Body::from_stream(lines).into_response();
    private(&mut response);
    let headers = response.headers_mut();
    let event_stream = HeaderValue::from_static("text/event-stream");
    headers.insert(header::CONTENT_TYPE, event_stream);
    // nginx would keep lines back.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

fn line(news: News) -> Bytes {
    let text = match news {
        News::Beat => ":\n\n".to_owned(),
        News::Changed(number, event) => {
            let id = number.map(|number| format!("id: {number}\n"));
            let data = serde_json::to_string(&event).unwrap_or_default();
            format!("{}data: {data}\n\n", id.unwrap_or_default())
        }
    };
    Bytes::from(text)
}
