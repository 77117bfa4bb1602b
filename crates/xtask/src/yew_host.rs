//! Builds `demo-site/yew-host`: a host page that is itself a Yew app. Not part of the
//! workspace, so it is compiled apart; packed by the same wasm-bindgen.

use crate::dist::pack;
use crate::sh;
use anyhow::Result;
use std::path::PathBuf;

/// Builds what is out of date; gives the folder of `yew_host.js` and its wasm.
pub(crate) fn build() -> Result<PathBuf> {
    sh::wasm_target()?;
    let target = sh::target_dir().join("yew-host");
    let mut cargo = sh::cargo();
    cargo.args([
        "build",
        "--release",
        "--quiet",
        "--locked",
        "--target",
        "wasm32-unknown-unknown",
    ]);
    cargo.args(["--manifest-path", "demo-site/yew-host/Cargo.toml"]);
    cargo.arg("--target-dir").arg(&target);
    sh::run(&mut cargo)?;
    let site = target.join("site");
    let wasm = target.join("wasm32-unknown-unknown/release/yew_host.wasm");
    pack::bind_plainly(&wasm, "yew_host", true, &site)?;
    Ok(site)
}
