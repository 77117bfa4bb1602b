//! The `linli` command: runs the backend and does what its staff do from a shell.
//!
//! Each subcommand is one file; none decides anything that the server does not.

mod admin;
mod audit;
mod backup;
mod check_store;
mod codes;
mod count;
mod data_map;
mod doctor;
mod host_key;
mod import;
mod keys;
mod receipt;
mod retain;
mod roll;
mod serve;
mod settings;

use clap::{Parser, Subcommand};
use settings::Settings;
use std::process::ExitCode;

/// Linli: resident participation.
#[derive(Parser)]
#[command(name = "linli", version)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the backend until told to stop.
    Serve(serve::Serve),
    /// Add and update communities, rolls and topics from a JSON file.
    Import(import::Import),
    /// Make voting codes for households that have none, and print them once as CSV.
    Codes(codes::Codes),
    /// Print the public key of a website that may say who its visitors are.
    HostKey(host_key::HostKey),
    /// Read, adopt and prove rolls of voters from CSV and XLSX files.
    Roll(roll::Roll),
    /// Count a poll from a JSON file, with every step.
    Count(count::Count),
    /// Check a receipt that a voter kept.
    VerifyReceipt(receipt::VerifyReceipt),
    /// Check every invariant of a database file.
    CheckStore(check_store::CheckStore),
    /// Print every personal field that is kept: what, why, how long, who sees it.
    DataMap(data_map::DataMap),
    /// Delete what its time is over, or count it.
    Retain(retain::Retain),
    /// Keys of personal fields under encryption.
    Keys(keys::Keys),
    /// Invite the first owner of a community's desk; list its staff.
    Admin(admin::Admin),
    /// Check a community's audit log.
    Audit(audit::Audit),
    /// Copy database and keys into one archive, also while serving.
    Backup(backup::Backup),
    /// Put an archive back into an empty data directory.
    Restore(backup::Restore),
    /// Look over the installation, with what to do.
    Doctor(doctor::Doctor),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    settings::log_to_stderr();
    let result = match cli.command {
        Command::Serve(command) => command.run(&cli.settings),
        Command::Import(command) => command.run(&cli.settings),
        Command::Codes(command) => command.run(&cli.settings),
        Command::HostKey(command) => command.run(),
        Command::Roll(command) => command.run(&cli.settings),
        Command::Count(command) => command.run(),
        Command::VerifyReceipt(command) => command.run(),
        Command::CheckStore(command) => command.run(&cli.settings),
        Command::DataMap(command) => command.run(&cli.settings),
        Command::Retain(command) => command.run(&cli.settings),
        Command::Keys(command) => command.run(&cli.settings),
        Command::Admin(command) => command.run(&cli.settings),
        Command::Audit(command) => command.run(&cli.settings),
        Command::Backup(command) => command.run(&cli.settings),
        Command::Restore(command) => command.run(&cli.settings),
        Command::Doctor(command) => command.run(&cli.settings),
    };
    match result {
        Ok(code) => code,
        Err(what) => {
            eprintln!("linli: {what}");
            ExitCode::from(2)
        }
    }
}

/// The runtime that a command's asynchronous part runs on.
fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime did not start: {error}"))
}

/// A failure in an operator's words.
fn told(failure: linli_server::Failure) -> String {
    match failure {
        linli_server::Failure::Refused(refusal) => refusal.code().to_owned(),
        linli_server::Failure::Fault(detail) => detail,
    }
}
