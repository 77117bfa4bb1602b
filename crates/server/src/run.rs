//! Starting and stopping: opens the data directory, listens, serves, drains.

use crate::app::app;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::metrics;
use crate::notify::Senders;
use crate::privacy::FieldKeys;
use crate::receipts::Signers;
use crate::seal::{self, hex, unhex};
use crate::service::Service;
use crate::state::{App, Peer};
use crate::store::Store;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;
use crate::uploads::{BlobStore, LocalBlobs, S3Blobs};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tower::ServiceExt;

/// Longest wait for a request's header lines, and longest idle time of a connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections of those who read figures.
const WATCHERS_MAX: usize = 16;
/// When a server first deletes what its time is over: not while it is starting.
const RETAIN_FIRST: Duration = Duration::from_secs(60);
const RETAIN_EVERY: Duration = Duration::from_secs(3_600);

/// A server that runs.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Where it tells its figures.
    pub metrics_addr: Option<SocketAddr>,
    /// What it does, for callers in the same process.
    pub service: Arc<Service>,
    stop: watch::Sender<bool>,
    served: JoinHandle<()>,
}

impl Running {
    /// Stops accepting, finishes requests under way, commits and folds the log in.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        if let Err(error) = self.served.await {
            tracing::error!(%error, "the server did not stop cleanly");
        }
    }
}

/// Starts a server by the machine's clock.
pub async fn start(config: Config) -> Result<Running, String> {
    start_with_clock(config, Arc::new(SystemClock)).await
}

/// Starts a server by the given clock.
pub async fn start_with_clock(config: Config, clock: Arc<dyn Clock>) -> Result<Running, String> {
    let senders = Senders::of(&config)?;
    start_with_senders(config, clock, senders).await
}

/// Starts a server that sends its messages with `senders`, whatever the configuration
/// says of them.
pub async fn start_with_senders(
    config: Config,
    clock: Arc<dyn Clock>,
    senders: Senders,
) -> Result<Running, String> {
    let service = open_service(&config, clock)
        .await?
        .with_senders(senders)
        .with_work_wait(config.work_wait_ms);
    let service = Arc::new(service);
    let told = |error: std::io::Error| format!("{}: {error}", config.listen);
    let listener = TcpListener::bind(config.listen).await.map_err(told)?;
    let addr = listener.local_addr().map_err(told)?;
    let state = App::new(Arc::clone(&service), &config, addr);
    let figures = metrics::router(Arc::clone(&state.metrics));
    let router = app(state);
    let (stop, stopped) = watch::channel(false);
    let metrics_addr = match config.metrics_listen {
        None => None,
        Some(wanted) => {
            let told = |error: std::io::Error| format!("{wanted}: {error}");
            let listener = TcpListener::bind(wanted).await.map_err(told)?;
            let addr = listener.local_addr().map_err(told)?;
            let stopped = stopped.clone();
            tokio::spawn(serve(
                listener,
                figures,
                WATCHERS_MAX,
                HEADER_TIMEOUT,
                stopped,
            ));
            tracing::info!(%addr, "telling figures");
            Some(addr)
        }
    };
    let closing = Arc::clone(&service);
    let drain = Duration::from_millis(config.drain_timeout_ms);
    let connections = config.connections_max;
    let retaining = tokio::spawn(retain_hourly(Arc::clone(&service)));
    // Streams would outlast the wait for requests under way.
    let (streams, mut told) = (Arc::clone(&service), stopped.clone());
    tokio::spawn(async move {
        let _ = told.wait_for(|stop| *stop).await;
        streams.end_streams();
    });
    let served = tokio::spawn(async move {
        serve(listener, router, connections, drain, stopped).await;
        // Every batch is a transaction of its own: nothing is left in the middle.
        retaining.abort();
        if closing.close().await.is_err() {
            tracing::error!("the store did not close cleanly");
        }
    });
    tracing::info!(%addr, "serving");
    Ok(Running {
        addr,
        metrics_addr,
        service,
        stop,
        served,
    })
}

/// Deletes what its time is over. Of several servers on one database, one does it.
async fn retain_hourly(service: Arc<Service>) {
    tokio::time::sleep(RETAIN_FIRST).await;
    loop {
        if let Err(failure) = service.retain(false).await {
            tracing::warn!(?failure, "what its time is over was not deleted");
        }
        tokio::time::sleep(RETAIN_EVERY).await;
    }
}

/// Opens the data directory without listening: for imports and checks.
pub async fn open_service(config: &Config, clock: Arc<dyn Clock>) -> Result<Service, String> {
    let told = |error: std::io::Error| format!("{}: {error}", config.data_dir.display());
    crate::files::create_private_dir(&config.data_dir).map_err(told)?;
    let signers = Signers::load_or_create(&config.receipt_keys())?;
    let path = config.server_secret();
    let secret = crate::files::read_or_create_secret(&path, || hex(&seal::chance::<32>()))?;
    let pepper = unhex::<32>(secret.trim())
        .ok_or_else(|| format!("{}: not 64 hexadecimal digits", path.display()))?;
    let store = open_store(config, Arc::clone(&clock)).await?;
    let blobs = open_blobs(config, Arc::clone(&clock))?;
    let fields = FieldKeys::load_or_create(&config.field_keys())?;
    Ok(Service::new(store, signers, pepper, clock)
        .with_blobs(blobs)
        .with_field_keys(fields))
}

fn open_blobs(config: &Config, clock: Arc<dyn Clock>) -> Result<Arc<dyn BlobStore>, String> {
    Ok(match &config.uploads_s3 {
        Some(bucket) => Arc::new(S3Blobs::new(bucket.clone(), clock)?),
        None => Arc::new(LocalBlobs::new(config.uploads())),
    })
}

async fn open_store(config: &Config, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, String> {
    if let Some(url) = &config.database_url {
        tracing::info!(database = %url, "opening");
        let connections = config.database_connections;
        let store = PostgresStore::open(url.secret(), connections, clock).await?;
        return Ok(Arc::new(store));
    }
    let database = config.database();
    // SQLite would let everybody read it, and gives its log the mode of the file.
    crate::files::create_private_file(&database)
        .map_err(|error| format!("{}: {error}", config.data_dir.display()))?;
    let store = SqliteStore::open(&database, config.read_connections, clock)?;
    Ok(Arc::new(store))
}

/// Serves until told to stop, then waits for requests under way.
async fn serve(
    listener: TcpListener,
    router: Router,
    connections_max: usize,
    drain: Duration,
    mut stopped: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(connections_max.max(1)));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            _ = stopped.wait_for(|stop| *stop) => break,
        };
        let Some((stream, peer, place)) = accepted else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let handle = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            router.clone().oneshot(request)
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .serve_connection(TokioIo::new(stream), handle);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // Clients that hang up in the middle are everyday life, not an error.
            let _ = watched.await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(drain, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time");
    }
}

type Place = tokio::sync::OwnedSemaphorePermit;

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, Place)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            // Mostly: too many open files. Waiting lets some of them close.
            tracing::warn!(%error, "a connection was not accepted");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}
