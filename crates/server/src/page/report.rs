//! The public page `/p/{topic}/report`: a survey's result in words, what it obliges to,
//! and every figure with its table. It needs no script.
//!
//! Left to others: figures (`crate::service::report`), charts (`chart`).

mod areas;
mod chart;
mod figures;
mod first;
mod mend;
mod methods;
mod questions;

use super::people::{Reader, plain};
use super::{Named, view};
use crate::service::Report;
use crate::state::App;
use crate::store::Failure;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::report::PublishedReport;
use linli_model::{Refusal, Topic, TopicId};
use linli_texts::{Key, page as p, report as k};
use maud::{Markup, html};
use std::sync::Arc;

/// `GET /p/{topic}/report`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    name: Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let reader = Reader::of(query.as_deref(), &headers);
    let topic = name.ok().and_then(|Path(name)| TopicId::parse(&name).ok());
    let Some(topic) = topic else {
        return super::nowhere(&reader, Refusal::TopicUnknown.into());
    };
    match app.service.report(&topic, reader.texts.tag()).await {
        Ok(report) => {
            let html = page(&reader, &report);
            super::answer_page(StatusCode::OK, html, &report.stored.origins)
        }
        Err(Failure::Refused(Refusal::NotFound)) => {
            let html = not_yet(&reader, &topic);
            super::answer_page(StatusCode::NOT_FOUND, html, &[])
        }
        Err(failure) => super::nowhere(&reader, failure),
    }
}

/// `GET /p-report.css`
pub(crate) async fn stylesheet() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=300"),
    ];
    (headers, include_str!("report/report.css")).into_response()
}

fn not_yet(reader: &Reader, topic: &TopicId) -> String {
    let text = |key| reader.text(key);
    let back = format!("/p/{topic}{}", reader.query(reader.elder, None));
    let body = html! {
        main { article class="card" {
            h1 { (text(k::NOT_YET)) }
            p { (text(k::NOT_YET_NEXT)) }
            p { a href=(back) { (text(k::BACK)) } }
        } }
        (view::foot(reader))
    };
    view::document(reader, text(k::NOT_YET), false, &body)
}

/// What every part of the page reads.
struct Shown<'a> {
    reader: &'a Reader,
    topic: &'a Topic,
    told: &'a PublishedReport,
}

impl Shown<'_> {
    fn text(&self, key: Key) -> &str {
        self.reader.text(key)
    }

    fn fill(&self, key: Key, values: &[(&str, &str)]) -> String {
        self.reader.texts.fill(key, values)
    }

    fn time(&self, at_ms: i64) -> String {
        self.reader.time(self.topic, at_ms)
    }

    /// The name of a part of the page that scrolls.
    fn region(&self, title: &str, part: Key) -> String {
        format!("{} — {}", plain(title), self.text(part))
    }

    fn table_of(&self, title: Key) -> String {
        self.region(self.text(title), k::TABLE)
    }

    /// A count, or that it is hidden.
    fn count(&self, count: Option<u64>) -> Markup {
        match count {
            Some(count) => html! { (linli_texts::grouped(count)) },
            None => html! { span class="muted" { (self.text(k::HIDDEN_CELL)) } },
        }
    }
}

fn page(reader: &Reader, report: &Report) -> String {
    let shown = Shown {
        reader,
        topic: &report.stored.topic,
        told: &report.published,
    };
    let community = plain(&shown.topic.community.name);
    let title = plain(&shown.told.title);
    let name = shown.fill(
        p::PAGE_TITLE,
        &[("title", &title), ("community", &community)],
    );
    let back = format!("/p/{}{}", shown.topic.id, reader.query(reader.elder, None));
    let data = format!(
        "/api/v1/surveys/{}/report?lang={}",
        shown.topic.id,
        reader.texts.tag()
    );
    let body = html! {
        link rel="stylesheet" href="/p-report.css";
        (chart::textures())
        header class="top" { bdi { (community) } }
        main class="report" {
            (first::card(&shown))
            (mend::card(&shown))
            (areas::card(&shown))
            (areas::waves(&shown))
            (questions::card(&shown))
            (methods::card(&shown))
            p class="ways" {
                a href=(back) { (shown.text(k::BACK)) }
                a href=(data) { (shown.text(k::DOWNLOAD)) }
            }
        }
        (view::foot(reader))
    };
    view::document(reader, &name, false, &body)
}
