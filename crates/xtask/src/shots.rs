//! `cargo xtask shots`: screenshots of every state, and one sheet of them all, in
//! `shots/`. Flags: `--grep PATTERN` (of their names).

use crate::{browser, sh};
use anyhow::{Result, bail};
use pico_args::Arguments;

/// Takes them with the browser of the tests.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let grep: Option<String> = args.opt_value_from_str("--grep")?;
    sh::no_more(args)?;
    let chromium = match browser::prepare()? {
        Ok(path) => path,
        Err(missing) => bail!(missing.notice),
    };
    let mut playwright = browser::playwright(&chromium, "tests/e2e/shots.config.ts")?;
    if let Some(grep) = grep {
        playwright.args(["--grep", &grep]);
    }
    sh::run(&mut playwright)
}
