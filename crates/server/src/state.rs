//! What routes and pages find around a request: the app's state, and where the
//! connection comes from. The router fills in the first, the accepting loop the second.

use crate::config::Config;
use crate::identity::rate::RateLimit;
use crate::metrics::Metrics;
use crate::origin::Origin;
use crate::service::Service;
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
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) rate: Option<RateLimit>,
    pub(crate) request_timeout: Duration,
    /// How long a request's body may take: half of the whole, so that what arrives
    /// late can still be refused instead of cut off.
    pub(crate) body_timeout: Duration,
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
            metrics: Arc::new(Metrics::new(&service)),
            rate: RateLimit::new(config.requests_per_minute),
            service,
            own_origins,
            trusted_proxies: config.trusted_proxies.clone(),
            static_dir: config.static_dir.clone(),
            request_timeout: Duration::from_millis(config.request_timeout_ms),
            body_timeout: Duration::from_millis(config.request_timeout_ms / 2),
        }
    }
}

/// The address that a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);
