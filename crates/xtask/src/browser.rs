//! What browser tests and screenshots need from the machine: Chromium, a font with
//! Chinese characters, npm packages. Installs what it may; says exactly what is missing
//! otherwise.

use crate::{dist, sh, yew_host};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The line that gives a Debian machine what it lacks.
const INSTALL: &str =
    "apt-get update && apt-get install --yes --no-install-recommends chromium fonts-noto-cjk";

/// What a part of the run needs and does not have, and what going on without it costs.
#[derive(Debug)]
pub(crate) struct Missing {
    /// The name by which `LINLI_REQUIRE` asks for it.
    pub(crate) name: &'static str,
    /// What to type, and what is skipped.
    pub(crate) notice: String,
}

/// Chromium's path, after making sure that it and everything around it is there.
pub(crate) fn prepare() -> Result<Result<PathBuf, Missing>> {
    if !sh::npm_packages() || !sh::root().join("node_modules/@playwright/test").exists() {
        let notice = "install Node ≥ 20 and npm, then: npm ci. \
                      Without it nothing is tested in a browser."
            .to_owned();
        return Ok(Err(Missing {
            name: "npm",
            notice,
        }));
    }
    if (chromium().is_none() || !has_chinese_font()) && may_install() {
        sh::step("chromium and fonts-noto-cjk", || {
            sh::run(
                sh::command("sh")
                    .args(["-c", INSTALL])
                    .env("DEBIAN_FRONTEND", "noninteractive"),
            )
        })?;
    }
    let missing = |what: &str| Missing {
        name: "browser",
        notice: format!(
            "{what}: sudo sh -c '{INSTALL}' (or set LINLI_CHROMIUM to a Chromium ≥ 116). \
             Without it nothing is tested in a browser."
        ),
    };
    Ok(match chromium() {
        None => Err(missing("no Chromium")),
        Some(_) if !has_chinese_font() => Err(missing("no font with Chinese characters")),
        Some(path) => Ok(path),
    })
}

/// Playwright with this configuration, after building what is out of date: both
/// flavours of the suite, the desk with its made-up community, the server, the host page
/// that is a Yew app.
pub(crate) fn playwright(chromium: &Path, config: &str) -> Result<Command> {
    let closed = dist::Options::new(false);
    let open = dist::Options::new(true);
    dist::build(&closed)?;
    dist::build(&open)?;
    let dev_page = sh::target_dir().join("dev-page");
    sh::step("desk", || dist::desk::plainly(&dev_page))?;
    let yew_host = sh::step("yew-host", yew_host::build)?;
    sh::step("linli", || {
        sh::run(sh::cargo().args(["build", "--quiet", "--package", "linli"]))
    })?;
    let mut playwright = sh::command("node");
    playwright.args([
        "node_modules/@playwright/test/cli.js",
        "test",
        "--config",
        config,
    ]);
    playwright
        .env("LINLI_CHROMIUM", chromium)
        .env("LINLI_BIN", sh::target_dir().join("debug/linli"))
        .env("LINLI_DIST", closed.out)
        .env("LINLI_DIST_OPEN", open.out)
        .env("LINLI_DEV_PAGE", dev_page)
        .env("LINLI_YEW_HOST", yew_host);
    Ok(playwright)
}

/// Fails where `LINLI_REQUIRE` (names with commas) asks for what is missing.
pub(crate) fn excuse(missing: &Missing) -> Result<()> {
    let required = std::env::var("LINLI_REQUIRE").unwrap_or_default();
    if required.split(',').any(|name| name.trim() == missing.name) {
        bail!("{} is required: {}", missing.name, missing.notice);
    }
    Ok(())
}

fn chromium() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("LINLI_CHROMIUM") {
        return Some(PathBuf::from(path)).filter(|path| path.exists());
    }
    let usual = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    usual.iter().map(PathBuf::from).find(|path| path.exists())
}

/// Without one, every screenshot is full of boxes and every width is wrong.
fn has_chinese_font() -> bool {
    let list = Command::new("fc-list")
        .args([":lang=zh", "family"])
        .output();
    list.is_ok_and(|list| !list.stdout.is_empty())
}

/// Whether packages may be installed: as root, on Debian.
pub(crate) fn may_install() -> bool {
    let is_root = Command::new("id").arg("-u").output();
    is_root.is_ok_and(|id| id.stdout.trim_ascii() == b"0") && sh::available("apt-get")
}
