//! The reference server over SQLite or PostgreSQL: asked as a service in this process,
//! and over HTTP on the loopback.

use crate::memory::{NOW_MS, code};
use linli_adapters::http::Http;
use linli_adapters::http::transport::native::Native;
use linli_model::{
    BallotSecret, Grant, GrantToken, Proof, Receipt, ReceiptKeys, Standing, Topic, TopicId, UtcMs,
};
use linli_port::contract::{self, Fixture, HOUSEHOLDS};
use linli_port::{
    Capabilities, CastCommand, CastOutcome, Deliberations, LocalFuture, PortError, TopicAnswer,
};
use linli_server::config::DatabaseUrl;
use linli_server::{Caller, Clock, Config, Failure, Page, Running, Service, receipts};
use serde_json::json;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A server with a folder, a port and a clock of its own. Dropping it stops it.
pub struct Server {
    runtime: Runtime,
    running: Option<Running>,
    clock: Arc<Pinned>,
    _data: TempDir,
}

impl Server {
    /// With `topics` of the community `contract`, whose roll has [`HOUSEHOLDS`].
    pub fn start(topics: &[Topic]) -> Self {
        Self::start_on(None, topics)
    }

    /// On the PostgreSQL at this address instead of SQLite.
    pub fn start_on(database_url: Option<String>, topics: &[Topic]) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(Pinned(AtomicI64::new(NOW_MS)));
        let config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            data_dir: data.path().join("data"),
            database_url: database_url.map(DatabaseUrl::new),
            ..Config::default()
        };
        let runtime = Runtime::new().expect("a runtime");
        let running = runtime.block_on(async {
            let running = linli_server::start_with_clock(config, clock.clone()).await;
            let running = running.expect("the server starts");
            let import = running.service.import_text(&import_text(topics)).await;
            import.expect("the import is accepted");
            running
        });
        Self {
            runtime,
            running: Some(running),
            clock,
            _data: data,
        }
    }

    /// With the contract's topics.
    pub fn with_contract() -> Self {
        Self::start(&contract::topics(NOW_MS))
    }

    /// Its address.
    pub fn addr(&self) -> std::net::SocketAddr {
        self.running().addr
    }

    /// What it does, without HTTP.
    pub fn service(&self) -> &Service {
        &self.running().service
    }

    /// Waits for something of the service.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs until dropped")
    }

    fn advance(&self, ms: i64) -> bool {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
        true
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}

struct Pinned(AtomicI64);

impl Clock for Pinned {
    fn now_ms(&self) -> UtcMs {
        self.0.load(Ordering::SeqCst)
    }
}

/// The import file of the contract's community with these topics.
fn import_text(topics: &[Topic]) -> String {
    let households = (0..HOUSEHOLDS).map(|nth| {
        json!({
            "label": format!("8 栋 2 单元 {nth}01"),
            "place": "contract-grid",
            "short_code": code(nth),
        })
    });
    let topics = topics.iter().map(|topic| {
        json!({
            "id": topic.id,
            "community": topic.community.id,
            "place": topic.place.id,
            "lang": topic.lang,
            "title": topic.title,
            "poll": topic.poll,
        })
    });
    json!({
        "communities": [{
            "id": "contract",
            "name": "合约社区",
            "time_zone": "Asia/Shanghai",
            "places": [{ "id": "contract-grid", "name": "一网格" }],
            "households": households.collect::<Vec<_>>(),
        }],
        "topics": topics.collect::<Vec<_>>(),
    })
    .to_string()
}

/// The service, asked without HTTP.
pub struct ServiceFixture(Server);

impl ServiceFixture {
    /// With the contract's topics.
    pub fn new() -> Self {
        Self(Server::with_contract())
    }

    /// The same, on an empty PostgreSQL database.
    pub fn on_postgres(database_url: String) -> Self {
        let topics = contract::topics(NOW_MS);
        Self(Server::start_on(Some(database_url), &topics))
    }

    fn ask<'a, T: 'a>(
        &'a self,
        answer: impl Future<Output = Result<T, Failure>> + 'a,
    ) -> LocalFuture<'a, Result<T, PortError>> {
        Box::pin(async move {
            self.0.wait(answer).map_err(|failure| match failure {
                Failure::Refused(refusal) => PortError::Refused(refusal),
                Failure::Fault(incident) => PortError::Fault { incident },
            })
        })
    }
}

impl Default for ServiceFixture {
    fn default() -> Self {
        Self::new()
    }
}

/// Asks from our own origin; its wrong tries are not counted.
pub const CALLER: Caller = Caller {
    page: Page::Own,
    client: None,
};

impl Deliberations for ServiceFixture {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            topics: true,
            receipts: true,
            standing: true,
            formal: true,
        }
    }

    fn topic<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Result<TopicAnswer, PortError>> {
        self.ask(async move {
            let view = self.0.service().topic(topic).await?;
            let text = serde_json::to_string(&view).unwrap_or_default();
            Ok(TopicAnswer { view, text })
        })
    }

    fn identify<'a>(
        &'a self,
        topic: &'a TopicId,
        proof: &'a Proof,
    ) -> LocalFuture<'a, Result<Grant, PortError>> {
        self.ask(self.0.service().identify(topic, proof, CALLER))
    }

    fn cast<'a>(
        &'a self,
        command: &'a CastCommand,
    ) -> LocalFuture<'a, Result<CastOutcome, PortError>> {
        let (key, ballot) = (command.key.clone(), command.ballot.clone());
        self.ask(async move {
            let service = self.0.service();
            let cast = service.cast(&command.topic, &command.grant, key, ballot, CALLER);
            Ok(CastOutcome::Recorded(Box::new(cast.await?.reply)))
        })
    }

    fn standing<'a>(
        &'a self,
        topic: &'a TopicId,
        grant: &'a GrantToken,
        secret: Option<&'a BallotSecret>,
    ) -> LocalFuture<'a, Result<Standing, PortError>> {
        self.ask(
            self.0
                .service()
                .standing(topic, grant, secret.cloned(), CALLER),
        )
    }
}

impl Fixture for ServiceFixture {
    fn deliberations(&self) -> &dyn Deliberations {
        self
    }
    fn code(&self, nth: usize) -> String {
        code(nth)
    }
    fn now_ms(&self) -> UtcMs {
        self.0.clock.now_ms()
    }
    fn advance(&self, ms: i64) -> bool {
        self.0.advance(ms)
    }
    fn signature_holds(&self, receipt: &Receipt) -> Option<bool> {
        let keys = self.0.service().receipt_keys();
        Some(receipts::verify(receipt, &keys).is_ok())
    }
}

/// The server, asked over HTTP by the adapter that native programs use.
pub struct HttpFixture {
    http: Http<Native>,
    keys: ReceiptKeys,
    server: Server,
}

impl HttpFixture {
    /// With the contract's topics.
    pub fn new() -> Self {
        let server = Server::with_contract();
        let http = http_to(server.addr());
        let keys = futures_executor::block_on(http.receipt_keys());
        Self {
            keys: keys.expect("the server tells its keys"),
            http,
            server,
        }
    }
}

impl Default for HttpFixture {
    fn default() -> Self {
        Self::new()
    }
}

/// The HTTP adapter to an address.
pub fn http_to(addr: std::net::SocketAddr) -> Http<Native> {
    let base = format!("http://{addr}");
    Http::new(Native::new(&base, Duration::from_secs(20)), false)
}

impl Fixture for HttpFixture {
    fn deliberations(&self) -> &dyn Deliberations {
        &self.http
    }
    fn code(&self, nth: usize) -> String {
        code(nth)
    }
    fn now_ms(&self) -> UtcMs {
        self.server.clock.now_ms()
    }
    fn advance(&self, ms: i64) -> bool {
        self.server.advance(ms)
    }
    fn signature_holds(&self, receipt: &Receipt) -> Option<bool> {
        Some(receipts::verify(receipt, &self.keys).is_ok())
    }
}
