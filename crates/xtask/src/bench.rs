//! `cargo xtask bench <server|topics|idle|first-use>`: how fast, beside something that
//! people know.
//!
//! Each bench but `idle` measures two things alternately in one run and judges the median of the
//! ratios within pairs: on a shared machine a ratio can be trusted where a bare figure
//! cannot. Figures and commands of the last runs are in `tests/peers/README.md`.
//!
//! Flags of all: `--short` (a small run that shows that everything works; judges
//! nothing).

pub(crate) mod first_use;
mod idle;
mod load;
pub(crate) mod paired;
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
        Some("idle") => idle::run(args),
        Some("first-use") => first_use::run(args),
        Some(other) => {
            bail!("no bench named {other}; there are server, topics, idle and first-use")
        }
        None => bail!("which: server, topics, idle or first-use?"),
    }
}
