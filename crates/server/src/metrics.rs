//! Figures for whoever watches the server, in the text form that Prometheus reads:
//! requests by route and outcome, how long they took, and what the store does. Nothing
//! about anybody: no address, no name, no topic.

use crate::service::Service;
use axum::Router;
use axum::http::{Method, header};
use axum::response::IntoResponse;
use axum::routing::get;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Upper ends of the classes of durations, in seconds.
const SECONDS: [f64; 10] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];
const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How a request ended, as a word: left on its response for the count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome(pub(crate) &'static str);

/// The counts of one server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u32,
    outcome: &'static str,
}

impl Metrics {
    pub(crate) fn new(service: &Arc<Service>) -> Self {
        let mut registry = Registry::with_prefix("linli");
        let requests = Family::default();
        let buckets: fn() -> Histogram = || Histogram::new(SECONDS);
        let seconds = Family::new_with_constructor(buckets);
        registry.register("requests", "Requests, by how they ended", requests.clone());
        let help = "How long requests took";
        registry.register("request_seconds", help, seconds.clone());
        registry.register_collector(Box::new(OfStore(Arc::clone(service))));
        Self {
            registry,
            requests,
            seconds,
        }
    }

    /// Counts one. `route` is the pattern, never what a client wrote.
    pub(crate) fn count(
        &self,
        method: &Method,
        route: Option<&str>,
        (status, outcome): (u16, Option<Outcome>),
        took: Duration,
    ) {
        let method = word(method);
        let route = route.unwrap_or("other").to_owned();
        let seconds = self.seconds.get_or_create(&Route {
            method,
            route: route.clone(),
        });
        seconds.observe(took.as_secs_f64());
        drop(seconds);
        let unnamed = if status < 400 { "ok" } else { "refused" };
        let answered = Answered {
            method,
            route,
            status: u32::from(status),
            outcome: outcome.map_or(unnamed, |outcome| outcome.0),
        };
        self.requests.get_or_create(&answered).inc();
    }
}

/// The one address of the listener that only watchers reach.
pub(crate) fn router(metrics: Arc<Metrics>) -> Router {
    let read = move || {
        let metrics = Arc::clone(&metrics);
        async move {
            let mut text = String::new();
            // Writing to a String does not fail.
            let _ = encode(&mut text, &metrics.registry);
            ([(header::CONTENT_TYPE, TYPE)], text).into_response()
        }
    };
    Router::new().route("/metrics", get(read))
}

/// Methods that no route takes are one: a client could invent any number.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// What the store says at the moment of reading.
struct OfStore(Arc<Service>);

impl fmt::Debug for OfStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OfStore")
    }
}

impl Collector for OfStore {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let figures = self.0.store_figures();
        let gauges = [
            (
                "store_waiting",
                "Commands that wait for the store",
                figures.waiting,
            ),
            (
                "store_waiting_max",
                "Most that may wait",
                figures.waiting_max,
            ),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(value);
            let of = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(of)?;
        }
        let counters = [
            (
                "store_commits",
                "Transactions that were kept",
                figures.commits,
            ),
            ("store_commands", "Commands in them", figures.commands),
            (
                "store_undone",
                "Transactions that came to nothing",
                figures.undone,
            ),
        ];
        for (name, help, value) in counters {
            let counter = ConstCounter::new(value);
            let of = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(of)?;
        }
        Ok(())
    }
}
