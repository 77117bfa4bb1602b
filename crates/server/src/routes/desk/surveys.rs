//! Surveys as staff read and prepare them. Commands write them.

use super::{Answered, Door, LARGE_BODY_BYTES_MAX, answer, private};
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use linli_model::SurveyId;
use linli_model::desk::DeskRefusal;
use linli_model::desk::survey::{
    InstrumentCard, SurveyCard, SurveyDetail, SurveyRead, SurveySource,
};

/// Surveys of places that this person may see, by title, each with its rounds.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/surveys", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "Surveys by title, each with its rounds, drafts included.", body = Vec<SurveyCard>),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn list(door: Door) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    let surveys = service.desk_surveys(&door.community, &token).await?;
    Ok(answer(StatusCode::OK, surveys))
}

/// One survey in full.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/surveys/{survey}", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("survey" = String, Path, description = "The survey."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "The survey with its newest definition, its versions and what was promised.", body = SurveyDetail),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn show(door: Door) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    service.staff_self(&door.community, &token).await?;
    let survey = named(&door)?;
    let detail = service
        .desk_survey(&door.community, &token, &survey)
        .await?;
    Ok(answer(StatusCode::OK, detail))
}

/// The text of a version's definition, byte by byte.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/surveys/{survey}/versions/{version}", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("survey" = String, Path, description = "The survey."),
        ("version" = String, Path, description = "The version."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "SurveyJS JSON, as it was written.", body = serde_json::Value),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn definition(door: Door) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    service.staff_self(&door.community, &token).await?;
    let (survey, version) = (named(&door)?, door.segment("version"));
    let text = service
        .desk_definition(&door.community, &token, (&survey, version))
        .await?;
    let json = [(header::CONTENT_TYPE, "application/json")];
    let mut response = (json, text).into_response();
    private(&mut response);
    Ok(response)
}

/// Instruments that are shipped.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/instruments", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("lang" = Option<String>, Query, description = "The language of titles; Chinese where it is not one of theirs."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "Instruments that are shipped.", body = Vec<InstrumentCard>),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn instruments(door: Door) -> Answered {
    let token = door.token()?;
    let lang = door.asked("lang", |lang| Some(lang.to_owned()))?;
    let service = &door.app.service;
    let cards = service
        .desk_instruments(&door.community, &token, &lang.unwrap_or_default())
        .await?;
    Ok(answer(StatusCode::OK, cards))
}

/// Reads what could become a survey. Nothing is changed by it.
#[utoipa::path(post, path = "/api/v1/communities/{community}/desk/surveys/read", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    request_body = SurveySource,
    responses(
        (status = 200, description = "What was read, and what of it does not run here.", body = SurveyRead),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn read(door: Door, body: Body) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    service.staff_self(&door.community, &token).await?;
    let source: SurveySource = door.body_up_to(body, LARGE_BODY_BYTES_MAX).await?;
    let read = service
        .desk_read_survey(&door.community, &token, source)
        .await?;
    Ok(answer(StatusCode::OK, read))
}

fn named(door: &Door) -> Result<SurveyId, DeskRefusal> {
    SurveyId::parse(door.segment("survey")).map_err(|_| DeskRefusal::Unknown)
}
