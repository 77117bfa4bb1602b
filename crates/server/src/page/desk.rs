//! The staff's page `/desk/{community}`: an empty frame that loads the desk. What it
//! shows and who may see it is the desk's API's affair; the page says nothing about any
//! community, not even whether there is one.
//!
//! Screens are told apart behind `#`, which browsers do not send. So is the token of an
//! invitation, `/desk/{community}/join#{token}`: no log and no proxy sees it.

use super::people::Reader;
use crate::state::App;
use crate::store::Failure;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::{CommunityId, Refusal};
use linli_texts::desk as d;
use maud::{DOCTYPE, html};
use std::sync::Arc;

/// The release that this server was built with: its files have the same version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Our own scripts, styles and connections; the code for the authenticator is inline SVG.
/// Nobody may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'none'; \
     base-uri 'none'; frame-ancestors 'none'";

/// `GET /desk/{community}` and `GET /desk/{community}/join`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let reader = Reader::of(query.as_deref(), &headers);
    let community = name
        .ok()
        .and_then(|Path(name)| CommunityId::parse(&name).ok());
    if community.is_none() || app.static_dir.is_none() {
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
        (
            header::HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
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
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (reader.text(d::APP)) }
                link rel="stylesheet" href=(file("desk.css"));
                link rel="icon" type="image/svg+xml" href="/p.svg";
                link rel="preload" as="fetch" crossorigin="anonymous" href=(file("desk.wasm"));
                script type="module" src=(file("desk.js")) {}
            }
            body {
                div id="desk" { p class="wait" { (reader.text(d::LOADING)) } }
                p class="failed" role="alert" { (reader.text(d::PAGE_FAILED)) }
                noscript { p class="wait" { (reader.text(d::PAGE_NEEDS_SCRIPTS)) } }
            }
        }
    };
    page.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_nothing_inline_and_no_frame() {
        assert!(!POLICY.contains("unsafe-inline"));
        assert!(POLICY.contains("frame-ancestors 'none'"));
        let html = page(&Reader::of(Some("lang=en"), &HeaderMap::new()));
        assert!(
            !html.contains("<script>") && !html.contains("<style"),
            "{html}"
        );
        assert!(!html.contains(" style="), "{html}");
        assert!(
            html.contains(&format!("src=\"/v{VERSION}/desk.js\"")),
            "{html}"
        );
    }
}
