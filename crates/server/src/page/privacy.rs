//! The hosted page `/privacy/{community}`: the data map in residents' words.

use super::people::{Reader, plain};
use super::view;
use crate::privacy::map;
use crate::routes::me;
use crate::state::App;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::Response;
use linli_texts::privacy as k;
use maud::html;
use std::sync::Arc;

/// `GET /privacy/{community}`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let reader = Reader::of(query.as_deref(), &headers);
    let found = async {
        let id = me::community(name)?;
        let found = app.service.community(&id).await?;
        let periods = app.service.store().periods(id.as_str()).await?;
        Ok((found, periods))
    };
    let (found, periods) = match found.await {
        Ok(found) => found,
        Err(failure) => return super::nowhere(&reader, failure),
    };
    let name = plain(&found.community.name);
    let text = |key| reader.text(key);
    let to_mine = format!(
        "/my/{}{}",
        found.community.id,
        reader.query(reader.elder, None)
    );
    let body = html! {
        header class="top" { bdi { (name) } }
        main {
            article class="card" {
                h1 { (text(k::TITLE)) }
                p { (reader.texts.fill(k::LEAD, &[("community", &name)])) }
                p { a href=(to_mine) { (text(k::TO_MINE)) } }
                @for told in map::told(&reader.texts, &periods) {
                    section class="kept" {
                        h2 id=(told.name) { (told.what) }
                        dl {
                            dt { (text(k::WHY)) } dd { (told.why) }
                            dt { (text(k::BASIS)) } dd { (told.basis) }
                            dt { (text(k::HOW_LONG)) } dd { (told.kept) }
                            dt { (text(k::WHO)) }
                            dd { @for (nth, seen) in told.seen_by.iter().enumerate() {
                                @if nth > 0 { " · " } (seen)
                            } }
                            dt { (text(k::FORM)) } dd { (told.form) }
                        }
                    }
                }
            }
        }
        (view::foot(&reader))
    };
    let html = view::document(&reader, text(k::TITLE), false, &body);
    super::answer_page(StatusCode::OK, html, &found.origins)
}
