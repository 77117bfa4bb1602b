//! The router: every address in one place, and what surrounds every request.

use crate::config::Config;
use crate::origin::Origin;
use crate::page;
use crate::routes::{envelope, health, keys, openapi, statics, topics};
use crate::service::Service;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use ipnet::IpNet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What every route can reach.
pub struct App {
    /// Decides.
    pub service: Arc<Service>,
    pub(crate) own_origins: Vec<String>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) static_dir: Option<PathBuf>,
    pub(crate) request_timeout: Duration,
}

impl App {
    /// `addr` is where the server listens, for when no public address is configured.
    pub fn new(service: Arc<Service>, config: &Config, addr: SocketAddr) -> Self {
        let own_origins = if config.public_urls.is_empty() {
            let port = addr.port();
            vec![
                format!("http://127.0.0.1:{port}"),
                format!("http://localhost:{port}"),
            ]
        } else {
            let parsed = config
                .public_urls
                .iter()
                .filter_map(|url| Origin::parse(url));
            parsed.map(|origin| origin.as_str().to_owned()).collect()
        };
        Self {
            service,
            own_origins,
            trusted_proxies: config.trusted_proxies.clone(),
            static_dir: config.static_dir.clone(),
            request_timeout: Duration::from_millis(config.request_timeout_ms),
        }
    }
}

/// Every address of the server.
pub fn app(state: App) -> Router {
    let state = Arc::new(state);
    let topic = "/api/v1/topics/{topic}";
    Router::new()
        .route(topic, get(topics::read).options(topics::preflight))
        .route(
            &format!("{topic}/grants"),
            post(topics::identify).options(topics::preflight),
        )
        .route(
            &format!("{topic}/ballots"),
            post(topics::cast).options(topics::preflight),
        )
        .route(
            &format!("{topic}/standing"),
            get(topics::standing).options(topics::preflight),
        )
        .route("/api/v1/receipt-keys", get(keys::read))
        .route("/api/v1/openapi.json", get(openapi::read))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/p/{topic}", get(page::show).post(page::submit))
        .route("/p.css", get(page::stylesheet))
        .fallback(statics::read)
        .method_not_allowed_fallback(envelope::method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&state), envelope::around))
        .with_state(state)
}
