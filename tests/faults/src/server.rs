//! The real `linli` as a process, and the door that clients find it by.

use crate::strace::Strace;
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Far above what ending takes.
const ENDS: Duration = Duration::from_secs(60);

/// A program, and the folder that it works in.
pub(crate) struct Linli {
    program: PathBuf,
    data: PathBuf,
    log: PathBuf,
    /// PostgreSQL, where it is not the file.
    url: Option<String>,
}

impl Linli {
    /// In `folder`, which exists.
    pub(crate) fn new(program: &Path, folder: &Path) -> Self {
        Self {
            program: program.to_owned(),
            data: folder.join("data"),
            log: folder.join("server.log"),
            url: None,
        }
    }

    /// On PostgreSQL.
    pub(crate) fn on(mut self, url: String) -> Self {
        self.url = Some(url);
        self
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.data.join("linli.sqlite")
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn import(&self, file: &Path) -> Result<()> {
        self.finish(self.command("import")?.arg(file))
    }

    /// Starts `linli import` under strace.
    pub(crate) fn import_under(&self, strace: &Strace, file: &Path) -> Result<Started> {
        let mut import = self.dressed("import", strace.command(&self.program))?;
        import.arg(file).stdout(Stdio::null());
        let child = import.spawn().context("strace")?;
        Ok(Started { child, told: None })
    }

    /// Starts the server under strace; it has not told its address yet.
    pub(crate) fn spawn_under(&self, strace: &Strace) -> Result<Started> {
        let mut serve = self.dressed("serve", strace.command(&self.program))?;
        serve.args(["--listen", "127.0.0.1:0"]);
        let child = serve.stdout(Stdio::piped()).spawn().context("strace")?;
        Ok(Started { child, told: None })
    }

    /// `linli check-store`: also makes every receipt again.
    pub(crate) fn check_store(&self) -> Result<()> {
        self.finish(&mut self.command("check-store")?)
    }

    /// Starts the server, which has not told its address yet.
    pub(crate) fn spawn(&self) -> Result<Started> {
        let mut serve = self.command("serve")?;
        let serve = serve.args(["--listen", "127.0.0.1:0"]);
        let child = serve.stdout(Stdio::piped()).spawn();
        let child = child.with_context(|| self.program.display().to_string())?;
        Ok(Started { child, told: None })
    }

    fn finish(&self, command: &mut Command) -> Result<()> {
        let shown = format!("{command:?}");
        let output = command.output().with_context(|| shown.clone())?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stdout);
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            bail!("{shown} ended with {}: {said}{log}", output.status);
        }
        Ok(())
    }

    fn command(&self, name: &str) -> Result<Command> {
        self.dressed(name, Command::new(&self.program))
    }

    /// `command` with what follows the program.
    fn dressed(&self, name: &str, mut command: Command) -> Result<Command> {
        let log = File::options().append(true).create(true).open(&self.log);
        let log = log.with_context(|| self.log.display().to_string())?;
        command.arg(name).arg("--data-dir").arg(&self.data);
        // As released: whatever this shell sets is for other commands.
        for (setting, _) in std::env::vars_os() {
            if setting.as_encoded_bytes().starts_with(b"LINLI_") {
                command.env_remove(setting);
            }
        }
        if let Some(url) = &self.url {
            command.env("LINLI_DATABASE_URL", url);
        }
        command.stdin(Stdio::null()).stderr(log);
        Ok(command)
    }
}

/// A server process. Dropping it kills it.
pub(crate) struct Started {
    child: Child,
    /// Kept open: the server must not meet a closed pipe.
    told: Option<BufReader<ChildStdout>>,
}

impl Started {
    /// Waits until it listens; answers where.
    pub(crate) fn listening(&mut self) -> Result<String> {
        let out = self.child.stdout.take().context("it was asked before")?;
        let mut told = BufReader::new(out);
        let mut line = String::new();
        while told.read_line(&mut line)? > 0 {
            if let Some(at) = line.find("http://") {
                let origin = line[at..].trim_end().trim_end_matches('/').to_owned();
                self.told = Some(told);
                return Ok(origin);
            }
            line.clear();
        }
        bail!("linli serve ended before it told its address")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM.
    pub(crate) fn ask_to_end(&self) -> Result<()> {
        let mut kill = Command::new("kill");
        let sent = kill.args(["-TERM", &self.pid().to_string()]).status()?;
        ensure!(sent.success(), "kill ended with {sent}");
        Ok(())
    }

    /// How it ended, once it has.
    pub(crate) fn ended(&mut self) -> Result<ExitStatus> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            ensure!(started.elapsed() < ENDS, "it did not end in {ENDS:?}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// SIGKILL, and waits until the process is gone. An error if it had ended by itself.
    pub(crate) fn kill(mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("linli serve ended by itself with {status}");
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the server is now. Clients wait here while it is down.
#[derive(Default)]
pub(crate) struct Door {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
enum State {
    #[default]
    Shut,
    Open(String),
    /// It will not come back.
    Gone,
}

impl Door {
    pub(crate) fn open(&self, origin: String) {
        self.set(State::Open(origin));
    }

    pub(crate) fn shut(&self) {
        self.set(State::Shut);
    }

    pub(crate) fn give_up(&self) {
        self.set(State::Gone);
    }

    /// The server's origin, as soon as it has one; `None` when it will not come back.
    pub(crate) fn wait(&self) -> Option<String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &*state {
                State::Open(origin) => return Some(origin.clone()),
                State::Gone => return None,
                State::Shut => {
                    let woken = self.changed.wait(state);
                    state = woken.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.changed.notify_all();
    }
}
