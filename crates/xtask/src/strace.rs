//! What tests of the failing disk need from the machine: strace, and leave to trace.

use crate::browser::{Missing, may_install};
use crate::sh;
use anyhow::Result;

const INSTALL: &str = "apt-get update && apt-get install --yes --no-install-recommends strace";

/// What is missing, after making sure that it is there where that may be.
pub(crate) fn prepare() -> Result<Option<Missing>> {
    if !sh::available("strace") && may_install() {
        let mut install = sh::command("sh");
        install.args(["-c", INSTALL]);
        install.env("DEBIAN_FRONTEND", "noninteractive");
        sh::step("strace", || sh::run(&mut install))?;
    }
    Ok((!sh::available("strace")).then(|| Missing {
        name: "strace",
        notice: "no strace: sudo apt-get install strace. Without it no failing disk is tested."
            .to_owned(),
    }))
}
