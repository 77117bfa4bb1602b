//! 代填: finding the voter, and recording what they chose.

use super::{Answered, Door, answer};
use crate::routes::decode;
use axum::body::Body;
use axum::http::StatusCode;
use linli_model::TopicId;
use linli_model::desk::{DeskRefusal, FillIn, FilledIn, VotersFound};

/// Households that the person may fill in for, by words of their place and label.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/polls/{topic}/voters", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("topic" = String, Path, description = "The topic."),
        ("search" = Option<String>, Query, description = "Words of place and label in this order, at most 60 characters. None: no voters, only the topic."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "At most 20.", body = VotersFound),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn voters(door: Door) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    // Who is not signed in does not learn which names are ones.
    service.staff_self(&door.community, &token).await?;
    let topic = TopicId::parse(door.segment("topic")).map_err(|_| DeskRefusal::Unknown)?;
    let search = door.asked("search", |text| Some(text.to_owned()))?;
    let search = search.unwrap_or_default();
    let found = service
        .desk_voters(&door.community, &token, &topic, &search)
        .await?;
    Ok(answer(StatusCode::OK, found))
}

/// Records what a household chose and consented to have filled in.
#[utoipa::path(post, path = "/api/v1/communities/{community}/desk/polls/{topic}/behalf", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("topic" = String, Path, description = "The topic."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
        ("Idempotency-Key" = String, Header, description = "32 lowercase hexadecimal digits, made once per ballot."),
    ),
    request_body = FillIn,
    responses(
        (status = 201, description = "Recorded.", body = FilledIn),
        (status = 200, description = "This very ballot was recorded before.", body = FilledIn),
        (status = "4XX", description = "Refused; nothing changed.", body = DeskRefusal),
    ))]
pub(crate) async fn fill_in(door: Door, body: Body) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    service.staff_self(&door.community, &token).await?;
    let topic = TopicId::parse(door.segment("topic")).map_err(|_| DeskRefusal::Unknown)?;
    let key = decode::key(door.headers()).map_err(DeskRefusal::from)?;
    let body: FillIn = door.body(body).await?;
    let (told, replayed) = service
        .desk_fill_in(&door.community, &token, &topic, key, body)
        .await?;
    let status = if replayed {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok(answer(status, told))
}
