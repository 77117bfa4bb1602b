//! What tests of the second store need from the machine: PostgreSQL's programs. They
//! start it themselves (`tests/cluster`); here it is only installed where that may be.

use crate::browser::{Missing, may_install};
use crate::sh;
use anyhow::Result;
use std::path::Path;

/// The line that gives a Debian machine what it lacks. Debian would start a cluster of
/// its own for it, which nobody asked for.
const INSTALL: &str = "mkdir -p /etc/postgresql-common/createcluster.d && \
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/linli.conf && \
    apt-get update && apt-get install --yes --no-install-recommends postgresql";

/// What is missing, after making sure that it is there where that may be.
pub(crate) fn prepare() -> Result<Option<Missing>> {
    if !installed() && may_install() {
        sh::step("postgresql", || {
            sh::run(
                sh::command("sh")
                    .args(["-c", INSTALL])
                    .env("DEBIAN_FRONTEND", "noninteractive"),
            )
        })?;
    }
    Ok((!installed()).then(|| Missing {
        name: "postgres",
        notice: "no PostgreSQL: sudo apt-get install postgresql (or set LINLI_POSTGRES_BIN to \
                 the folder of initdb and postgres). Without it nothing is tested on it."
            .to_owned(),
    }))
}

/// As `tests/cluster` looks for it.
fn installed() -> bool {
    if let Some(named) = std::env::var_os("LINLI_POSTGRES_BIN") {
        return Path::new(&named).join("initdb").exists();
    }
    let debian = std::fs::read_dir("/usr/lib/postgresql");
    let mut debian = debian.into_iter().flatten().flatten();
    debian.any(|version| version.path().join("bin/initdb").exists()) || sh::available("initdb")
}
