//! `cargo xtask demo`: everything from a fresh clone to pages that can be opened.
//!
//! Flags: `--port N` of our server (8787), `--site-port N` of the pages that stand for
//! other people's sites (8788), `--data-dir DIR` (default `target/demo-data`), `--fresh`
//! (forgets the votes of earlier starts), `--release` (a faster server, a longer build).

mod site;

use crate::demo_data::{DemoData, Times};
use crate::{dist, sh, yew_host};
use anyhow::{Context, Result, bail};
use pico_args::Arguments;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use std::{fs, thread};

struct Plan {
    port: u16,
    site_port: u16,
    data: PathBuf,
    statics: PathBuf,
    linli: PathBuf,
}

impl Plan {
    fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn site(&self) -> String {
        format!("http://127.0.0.1:{}", self.site_port)
    }

    /// Our command with the demo's configuration.
    fn linli(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.linli);
        command.arg(subcommand);
        command.env("LINLI_LISTEN", format!("127.0.0.1:{}", self.port));
        command.env("LINLI_DATA_DIR", &self.data);
        command.env("LINLI_STATIC_DIR", &self.statics);
        command
    }
}

static STOP: AtomicBool = AtomicBool::new(false);

/// The command.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let port = args.opt_value_from_str("--port")?.unwrap_or(8787);
    let site_port = args.opt_value_from_str("--site-port")?.unwrap_or(8788);
    let data: Option<PathBuf> = args.opt_value_from_str("--data-dir")?;
    let fresh = args.contains("--fresh");
    let release = args.contains("--release");
    sh::no_more(args)?;
    ctrlc::set_handler(|| STOP.store(true, Ordering::SeqCst))?;

    let options = dist::Options::new(false);
    dist::build(&options)?;
    let linli = sh::step("build the server", || server(release))?;
    let yew = sh::step("build the host page that is a Yew app", yew_host::build)?;
    let data = match data {
        Some(dir) => std::env::current_dir()?.join(dir),
        None => sh::target_dir().join("demo-data"),
    };
    let plan = Plan {
        port,
        site_port,
        data,
        statics: options.out,
        linli,
    };
    if fresh && plan.data.join(SEEDED).exists() {
        // Only a folder that an earlier demo has made.
        fs::remove_dir_all(&plan.data)?;
    }
    if !plan.data.join(SEEDED).exists() {
        sh::step("seed the demo's communities", || seed(&plan))?;
    }
    let pages = site::Site::new(&plan.origin(), yew)?;
    let _pages = site::serve(pages, plan.site_port)?;
    let mut server = Server::start(&plan)?;
    let invitation = invite(&plan);
    announce(&plan, &invitation);
    server.wait()
}

/// The link that an owner of the demo's first community enrols with; another one at each
/// start.
fn invite(plan: &Plan) -> Result<String> {
    let mut command = plan.linli("admin");
    command.args(["create", "jiangpan", "--name", "江畔社区 书记"]);
    command.env("LINLI_PUBLIC_URLS", format!("[\"{}\"]", plan.origin()));
    Ok(sh::output(&mut command)?.trim().to_owned())
}

fn announce(plan: &Plan, invitation: &Result<String>) {
    println!("\n  other people's pages with the widget: {}/", plan.site());
    println!(
        "  the backend, with a page for each topic: {}/p/charging-shed",
        plan.origin()
    );
    match invitation {
        Ok(link) => println!(
            "  the staff's desk: {}/desk/jiangpan (join with an authenticator app: {link})",
            plan.origin()
        ),
        Err(error) => println!("  nobody could be invited to the desk: {error:#}"),
    }
    println!("  what pages load: {}/v1/loader.js", plan.origin());
    println!(
        "  votes are in {} (--fresh forgets them)",
        plan.data.display()
    );
    println!("  Ctrl-C ends it\n");
}

fn server(release: bool) -> Result<PathBuf> {
    let mut cargo = sh::cargo();
    cargo.args(["build", "--package", "linli"]);
    if release {
        cargo.arg("--release");
    }
    sh::run(&mut cargo)?;
    let profile = if release { "release" } else { "debug" };
    Ok(sh::target_dir().join(profile).join("linli"))
}

/// In a data folder: the demo's ballots have been cast.
const SEEDED: &str = "demo-seeded";

/// Imports the communities with every poll open, casts the demo's ballots through the
/// API as residents do, then imports the times that the demo shows.
fn seed(plan: &Plan) -> Result<()> {
    fs::create_dir_all(&plan.data)?;
    let data = DemoData::read()?;
    import(plan, &data, Times::Seeding)?;
    let mut server = Server::start(plan)?;
    let cast = data.seed(&plan.origin())?;
    server.stop();
    import(plan, &data, Times::Showing)?;
    fs::write(plan.data.join(SEEDED), "")?;
    println!("  {cast} ballots cast");
    Ok(())
}

fn import(plan: &Plan, data: &DemoData, times: Times) -> Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let now_ms = i64::try_from(now.as_millis())?;
    let site = [plan.site(), format!("http://localhost:{}", plan.site_port)];
    let file = plan.data.join("demo-import.json");
    fs::write(&file, data.import_file(times, now_ms, &site)?)?;
    sh::run(plan.linli("import").arg(&file))
}

/// Our server as a child; ended when dropped.
struct Server(Child);

impl Server {
    /// Starts it and waits until it says that it is ready.
    fn start(plan: &Plan) -> Result<Self> {
        let child = plan
            .linli("serve")
            .spawn()
            .context("could not start the server")?;
        let mut server = Self(child);
        while !is_ready(plan.port) {
            if let Some(status) = server.0.try_wait()? {
                bail!(
                    "the server ended with {status}; is port {} taken?",
                    plan.port
                );
            }
            if STOP.load(Ordering::SeqCst) {
                bail!("stopped");
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Until Ctrl-C, or until it ends by itself, which is an error.
    fn wait(&mut self) -> Result<()> {
        loop {
            if STOP.load(Ordering::SeqCst) {
                self.stop();
                return Ok(());
            }
            if let Some(status) = self.0.try_wait()? {
                // The terminal sends Ctrl-C to both of us.
                if STOP.load(Ordering::SeqCst) {
                    return Ok(());
                }
                bail!("the server ended with {status}");
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Asks it to finish what it has begun; where that cannot be asked, ends it.
    fn stop(&mut self) {
        let asked = Command::new("kill")
            .arg("-TERM")
            .arg(self.0.id().to_string())
            .status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            self.stop();
        }
    }
}

fn is_ready(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(
            b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        )?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

/// The path below `root` that `url` names, if it stays below it.
fn inside(root: &Path, url: &str) -> Option<PathBuf> {
    let mut path = root.to_path_buf();
    for part in url.split('/').filter(|part| !part.is_empty()) {
        if part == "." || part == ".." || part.contains(['\\', '%', '\0', ':']) {
            return None;
        }
        path.push(part);
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_do_not_leave_their_folder() {
        let root = Path::new("/site");
        assert_eq!(
            inside(root, "/cms/theme.css"),
            Some("/site/cms/theme.css".into())
        );
        assert_eq!(inside(root, "//cms//"), Some("/site/cms".into()));
        for bad in [
            "/../etc/passwd",
            "/a/../../b",
            "/%2e%2e/x",
            "/c:/x",
            "/a\\..\\b",
        ] {
            assert_eq!(inside(root, bad), None, "{bad}");
        }
    }
}
