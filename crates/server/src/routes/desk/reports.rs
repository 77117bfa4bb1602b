//! Reports of surveys.

use super::{Answered, Door, answer};
use axum::http::StatusCode;
use linli_model::TopicId;
use linli_model::desk::DeskRefusal;
use linli_model::report::PublishedReport;

/// A survey round's report, with what people wrote.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/polls/{topic}/report", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("topic" = String, Path, description = "The round's topic."),
        ("lang" = Option<String>, Query, description = "The language of titles and labels; the topic's where absent."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "The report as residents get it, and `words`.", body = PublishedReport),
        (status = "4XX", description = "Refused; `not_found` where residents do not see counts yet.", body = DeskRefusal),
    ))]
pub(crate) async fn read(door: Door) -> Answered {
    let token = door.token()?;
    // Who is not signed in does not learn which names are ones.
    door.app.service.staff_self(&door.community, &token).await?;
    let topic = TopicId::parse(door.segment("topic")).map_err(|_| DeskRefusal::Unknown)?;
    let lang = door.asked("lang", |lang| {
        Some(linli_texts::negotiate([lang]).to_owned())
    })?;
    let report = door
        .app
        .service
        .desk_report(&door.community, &token, &topic, lang.as_deref())
        .await?;
    Ok(answer(StatusCode::OK, report))
}
