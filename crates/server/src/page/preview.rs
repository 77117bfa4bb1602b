//! `GET /desk-preview/`: the frame in which the desk shows a survey. The real widget, whose
//! backend is the page: nothing is read from here and nothing sent. Only pages of our own
//! may frame it.

use super::people::Reader;
use crate::state::App;
use crate::store::Failure;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::Refusal;
use linli_texts::survey_desk as s;
use maud::{DOCTYPE, html};
use std::sync::Arc;

/// The release that this server was built with: its files have the same version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Our own scripts and styles; pictures of a survey may stand anywhere.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; connect-src 'self'; img-src 'self' data: https:; form-action 'none'; \
     base-uri 'none'; frame-ancestors 'self'";

/// `GET /desk-preview` and `GET /desk-preview/`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let reader = Reader::of(query.as_deref(), &headers);
    if app.static_dir.is_none() {
        return super::nowhere(&reader, Failure::Refused(Refusal::NotFound));
    }
    let mut response = (StatusCode::OK, super::html_type(), page(&reader)).into_response();
    let headers = response.headers_mut();
    let pairs = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Accept-Language"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in pairs {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn page(reader: &Reader) -> String {
    let file = |name: &str| format!("/v{VERSION}/{name}");
    let page = html! {
        (DOCTYPE)
        html lang=(reader.texts.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (reader.text(s::FRAME_TITLE)) }
                link rel="stylesheet" href=(file("desk.css"));
                link rel="icon" type="image/svg+xml" href="/p.svg";
            }
            body.framed data-words=(reader.text(s::FRAME_FAILED)) {
                main id="shown" {}
                script src=(file("desk-preview.js")) {}
                script async src="/v1/loader.js" {}
            }
        }
    };
    page.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_frame_it() {
        assert!(!POLICY.contains("unsafe-inline"));
        assert!(POLICY.contains("frame-ancestors 'self'"));
        let html = page(&Reader::of(Some("lang=en"), &HeaderMap::new()));
        assert!(
            !html.contains(" style=") && !html.contains("<script>"),
            "{html}"
        );
    }
}
