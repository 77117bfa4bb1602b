//! Linli's reference backend: axum over SQLite or PostgreSQL.
//!
//! [`start`] runs it; [`app`] is the router alone; [`Service`] is what it does, without
//! HTTP. Rules are `linli-rules`, run again inside the store's transaction; texts are
//! `linli-texts`. The command line is the crate `linli`.

mod address;
pub mod app;
pub mod backup;
pub mod clock;
pub mod config;
pub mod doctor;
pub mod export;
mod files;
pub mod identity;
pub mod import;
mod metrics;
pub mod notify;
pub mod origin;
mod page;
pub mod privacy;
pub mod receipts;
pub mod roll;
mod routes;
pub mod run;
pub mod seal;
pub mod service;
pub mod sheet;
mod state;
pub mod store;
pub mod uploads;

pub use app::app;
pub use clock::{Clock, SystemClock};
pub use config::Config;
pub use routes::openapi::document as openapi;
pub use run::{Running, open_service, start, start_with_clock, start_with_senders};
pub use service::{
    Caller, IdentifyFailure, MyFailure, Page, Person, Recorded, Retained, Service, Shown,
    UploadFailure, UploadFile, Viewer,
};
pub use state::App;
pub use store::Failure;
