//! `cargo xtask bench <server|topics|desk|idle|first-use|roll>`: how fast, beside something that
//! people know.
//!
//! Each bench but `idle` and `roll` measures two things alternately in one run and judges the median of the
//! ratios within pairs: on a shared machine a ratio can be trusted where a bare figure
//! cannot. Figures and commands of the last runs are in `tests/peers/README.md`.
//!
//! Flags of all: `--short` (a small run that shows that everything works; judges
//! nothing).

mod crowd;
mod desk;
pub(crate) mod first_use;
mod idle;
mod load;
pub(crate) mod paired;
mod roll;
mod serve;
mod server;
mod topics;

use anyhow::{Result, bail};
use pico_args::Arguments;

/// The command.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    match args.subcommand()?.as_deref() {
        Some("server") => server::run(args),
        Some("topics") => topics::run(args),
        Some("desk") => desk::run(args),
        Some("idle") => idle::run(args),
        Some("first-use") => first_use::run(args),
        Some("roll") => roll::run(args),
        Some(other) => {
            bail!(
                "no bench named {other}; there are server, topics, desk, idle, first-use and roll"
            )
        }
        None => bail!("which: server, topics, desk, idle, first-use or roll?"),
    }
}
