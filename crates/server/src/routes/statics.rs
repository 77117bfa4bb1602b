//! The widgets' files: `/v<version>/…` never change, `/v1/loader.js` leads to the
//! newest. Precompressed `.br` and `.gz` beside a file are used where accepted.

use super::answer::Problem;
use crate::state::App;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use linli_model::Refusal;
use std::sync::Arc;
use tower::ServiceExt;
use tower_http::services::ServeDir;

/// A file of the static folder, or nothing.
pub(crate) async fn read(State(app): State<Arc<App>>, request: Request) -> Response {
    let not_found = || Problem::from(Refusal::NotFound).into_response();
    let (Some(folder), Some(cache)) = (&app.static_dir, lifetime(request.uri().path())) else {
        return not_found();
    };
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Problem::from(Refusal::MethodNotAllowed).into_response();
    }
    let files = ServeDir::new(folder)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let Ok(found) = files.oneshot(request).await;
    if found.status().is_client_error() || found.status().is_redirection() && found.status() != 304
    {
        return not_found();
    }
    let mut response = found.map(axum::body::Body::new);
    let headers = response.headers_mut();
    let pairs = [
        (header::CACHE_CONTROL, cache),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
        (header::VARY, "Accept-Encoding"),
    ];
    for (name, value) in pairs {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// How long a file may be kept; `None` for what is not ours to serve.
fn lifetime(path: &str) -> Option<&'static str> {
    let (version, file) = path.strip_prefix("/v")?.split_once('/')?;
    let parts = version.split('.').count();
    let numeric = version.bytes().next()?.is_ascii_digit();
    match (parts, file) {
        (1, "loader.js") if version == "1" => Some("public, max-age=300"),
        _ if numeric && parts >= 3 => Some("public, max-age=31536000, immutable"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::lifetime;

    #[test]
    fn versions_are_forever_and_the_loader_is_not() {
        assert!(lifetime("/v0.1.0/linli.wasm").is_some_and(|c| c.contains("immutable")));
        assert!(lifetime("/v1.2.3-rc.1/a/b.js").is_some_and(|c| c.contains("immutable")));
        assert_eq!(lifetime("/v1/loader.js"), Some("public, max-age=300"));
        for other in [
            "/",
            "/v1/secret",
            "/v2/loader.js",
            "/x",
            "/v",
            "/v1",
            "/vx.y.z/a",
            "/data/linli.sqlite",
        ] {
            assert_eq!(lifetime(other), None, "{other}");
        }
    }
}
