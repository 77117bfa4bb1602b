//! Faults: the real `linli serve` is killed again and again while clients vote, and
//! what is left in its database is compared with what the clients were told.
//!
//! [`campaign`] kills it at random, [`syscalls`] makes its disk fail call by call,
//! [`power`] cuts the power, [`replicas`] troubles a PostgreSQL and its standby; [`check`]
//! judges. They share only files: the judge reads
//! the clients' journals and the database, and asks no server. Test code only; no
//! product crate uses this one.

pub mod campaign;
pub mod check;
mod client;
pub mod journal;
pub mod power;
mod replay;
pub mod replicas;
mod server;
pub mod strace;
pub mod syscalls;
mod trial;
mod world;
