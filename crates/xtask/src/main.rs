//! Project commands: `cargo xtask <command>`.
//!
//! One module per command. This file only lists them: to add one, write its module
//! with `pub(crate) fn run(args: Arguments) -> Result<()>` and add a line to
//! [`COMMANDS`].

mod bench;
mod browser;
mod demo;
mod demo_data;
mod dev_page;
mod dist;
mod layers;
mod new_widget;
mod peers;
mod postgres;
mod sh;
mod shots;
mod sizes;
mod soak;
mod strace;
mod test;
mod yew_host;

use anyhow::{Result, bail};
use pico_args::Arguments;
use std::process::ExitCode;

struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(Arguments) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "demo",
        about: "everything, served, with addresses to open",
        run: demo::run,
    },
    Command {
        name: "dist",
        about: "build what host pages load",
        run: dist::run,
    },
    Command {
        name: "dev-page",
        about: "build what `trunk serve` shows",
        run: dev_page::run,
    },
    Command {
        name: "sizes",
        about: "what it weighs, against budgets",
        run: sizes::run,
    },
    Command {
        name: "layers",
        about: "check the directions of import",
        run: layers::run,
    },
    Command {
        name: "test",
        about: "everything that must hold",
        run: test::run,
    },
    Command {
        name: "shots",
        about: "screenshots of every state",
        run: shots::run,
    },
    Command {
        name: "new-widget",
        about: "start a widget: folder, texts, registry line",
        run: new_widget::run,
    },
    Command {
        name: "bench",
        about: "how fast: server, first-use, roll",
        run: bench::run,
    },
    Command {
        name: "soak",
        about: "faults for long: kill loop, bad network, racers",
        run: soak::run,
    },
    Command {
        name: "peers",
        about: "beside the software that people would use instead",
        run: peers::run,
    },
];

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<()> {
    let mut args = Arguments::from_env();
    let Some(name) = args.subcommand()? else {
        help();
        return Ok(());
    };
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(args),
        None => {
            help();
            bail!("no command named {name}")
        }
    }
}

fn help() {
    println!("usage: cargo xtask <command> [flags]\n");
    for command in COMMANDS {
        println!("  {:<14}{}", command.name, command.about);
    }
}
