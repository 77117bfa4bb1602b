//! Posters of a survey's round: where each leads, and its code to scan.

use super::{Answered, Door, answer};
use crate::service::desk::DeskFailure;
use crate::sheet;
use axum::http::StatusCode;
use linli_model::desk::survey::Poster;
use linli_model::desk::{DeskRefusal, PollState};
use linli_model::{PlaceRef, PollKind, TopicId};

/// Posters of a round that residents can find.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/polls/{topic}/posters", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("topic" = String, Path, description = "The round's topic; it is published."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "One for the round's place, then one for each place directly below it.", body = Vec<Poster>),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn list(door: Door) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    // Who is not signed in does not learn which names are ones.
    service.staff_self(&door.community, &token).await?;
    let topic = TopicId::parse(door.segment("topic")).map_err(|_| DeskRefusal::Unknown)?;
    let view = service.desk_poll(&door.community, &token, &topic).await?;
    let is_round = matches!(view.topic.poll.kind, PollKind::Survey { .. });
    if !is_round || view.state == PollState::Draft {
        return Err(DeskRefusal::Unknown.into());
    }
    let at = view.topic.place;
    let places = service.desk_places(&door.community, &token).await?;
    let below = places
        .into_iter()
        .filter(|place| place.parent.as_ref() == Some(&at.id))
        .map(|place| PlaceRef {
            id: place.id,
            name: place.name,
        });
    let below: Vec<PlaceRef> = below.collect();
    let page = format!("{}/p/{topic}", door.app.own_origins[0]);
    let poster = |place: PlaceRef| {
        let address = format!("{page}#at={}", place.id);
        let qr = sheet::modules(&address).map_err(DeskFailure::Fault)?;
        Ok::<_, DeskFailure>(Poster { place, address, qr })
    };
    let posters = std::iter::once(at).chain(below).map(poster);
    Ok(answer(
        StatusCode::OK,
        posters.collect::<Result<Vec<_>, _>>()?,
    ))
}
