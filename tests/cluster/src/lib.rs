//! A temporary PostgreSQL for tests: made, started and thrown away by the tests that
//! need it. Test code only.
//!
//! PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`. It listens
//! on a Unix socket in its own folder and on no port. A shell beside it waits for the
//! end of this process, however it comes, and stops it. A standby may follow it, and
//! either can be paused, crashed and started again.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// How the cluster treats what it is told to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing is synced: for tests that end no machine.
    None,
    /// As in real life.
    Full,
}

/// A PostgreSQL that runs until it is dropped, or until this process ends.
pub struct Cluster {
    bin: PathBuf,
    dir: TempDir,
    user: Option<User>,
    keeper: Child,
    // Closing it tells the keeper.
    leash: Option<ChildStdin>,
    names: AtomicU32,
    is_paused: bool,
}

#[derive(Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

impl Cluster {
    /// The one of this test program: started by whoever comes first. None where
    /// PostgreSQL is not installed, which is told.
    ///
    /// # Panics
    /// Where `LINLI_REQUIRE` names `postgres` and there is none, or it does not start.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        SHARED
            .get_or_init(|| {
                let mut cluster = Self::start(Durability::None)?;
                // Nobody drops what is shared: the keeper clears up.
                fs::write(cluster.dir.path().join("shared"), "").expect("a note");
                cluster.dir.disable_cleanup(true);
                Some(cluster)
            })
            .as_ref()
    }

    /// One of its own. See [`Self::shared`].
    pub fn start(durability: Durability) -> Option<Self> {
        let Some(bin) = find() else {
            let required = std::env::var("LINLI_REQUIRE").unwrap_or_default();
            let required = required.split(',').any(|name| name.trim() == "postgres");
            assert!(!required, "postgres is required: {MISSING}");
            eprintln!("skipped: {MISSING}");
            return None;
        };
        Some(Self::start_with(bin, durability))
    }

    fn start_with(bin: PathBuf, durability: Durability) -> Self {
        let (dir, user) = new_folder();
        let mut initdb = Command::new(bin.join("initdb"));
        initdb
            .args(["--username=linli", "--auth=trust", "--no-sync"])
            .args(["--encoding=UTF8", "--locale=C", "--no-instructions"])
            .arg("--pgdata")
            .arg(dir.path().join("data"));
        make(&mut initdb, user);
        Self::open(bin, dir, user, durability)
    }

    /// A streaming standby of this one, under the application name `name`.
    pub fn standby(&self, name: &str, durability: Durability) -> Self {
        let (dir, user) = new_folder();
        let source = format!("{} application_name={name}", self.url("postgres"));
        let mut copy = Command::new(self.bin.join("pg_basebackup"));
        copy.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"])
            .args(["--wal-method=stream", "--dbname", &source, "--pgdata"])
            .arg(dir.path().join("data"));
        make(&mut copy, user);
        Self::open(self.bin.clone(), dir, user, durability)
    }

    /// Starts what lies in `dir`.
    fn open(bin: PathBuf, dir: TempDir, user: Option<User>, durability: Durability) -> Self {
        let (keeper, leash) = keep(&bin, dir.path(), user, durability);
        let mut cluster = Self {
            bin,
            dir,
            user,
            keeper,
            leash: Some(leash),
            names: AtomicU32::new(0),
            is_paused: false,
        };
        cluster.await_answer();
        cluster
    }

    fn await_answer(&mut self) {
        // Counts as ready when a session works; until then psql fails at once.
        while self.try_sql("postgres", "SELECT 1").is_err() {
            let ended = self.keeper.try_wait().expect("the keeper can be asked");
            assert!(
                ended.is_none(),
                "PostgreSQL did not start: {}",
                fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// A new, empty database. Answers its address.
    pub fn database(&self) -> String {
        // Two copies of the template at once get into each other's way.
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = self.names.fetch_add(1, Ordering::Relaxed);
        let name = format!("w{}_{nth}", std::process::id());
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The address of a database.
    pub fn url(&self, name: &str) -> String {
        let dir = self.dir.path().display();
        format!("host={dir} user=linli dbname={name}")
    }

    /// Runs statements in the database at `url`, as [`Self::database`] gave it.
    ///
    /// # Panics
    /// When they fail.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        match self.try_sql(database, sql) {
            Ok(said) => said,
            Err(error) => panic!("{sql}: {error}"),
        }
    }

    fn try_sql(&self, database: &str, sql: &str) -> Result<String, String> {
        psql(&self.bin, &self.url(database), sql)
    }

    /// Where its socket is: what stands for a host in an address.
    pub fn host(&self) -> &Path {
        self.dir.path()
    }

    /// Makes a standby a primary, and waits until it is one.
    pub fn promote(&self) {
        let said = self.sql("postgres", "SELECT pg_promote(true, 300)");
        assert_eq!(said, "t", "it was not promoted");
    }

    /// Changes a setting of the running server, and waits until it holds.
    pub fn set(&self, name: &str, value: &str) {
        self.sql("postgres", &format!("ALTER SYSTEM SET {name} = '{value}'"));
        self.sql("postgres", "SELECT pg_reload_conf()");
        while self.sql("postgres", &format!("SHOW {name}")) != value {
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops all its processes where they stand (SIGSTOP): connections stay, nobody
    /// answers.
    pub fn pause(&mut self) {
        // The first one first: it makes the others.
        self.signal("-STOP");
        self.is_paused = true;
    }

    /// After [`Self::pause`].
    pub fn go_on(&mut self) {
        self.signal("-CONT");
        self.is_paused = false;
    }

    fn signal(&self, signal: &str) {
        let file = self.dir.path().join("data/postmaster.pid");
        let Ok(text) = fs::read_to_string(file) else {
            return;
        };
        let Some(first) = text.lines().next().map(str::trim).map(str::to_owned) else {
            return;
        };
        let send = |pids: &[String]| {
            // One of them may just have ended.
            let _ = Command::new("kill")
                .arg(signal)
                .args(pids)
                .stderr(Stdio::null())
                .status();
        };
        send(std::slice::from_ref(&first));
        send(&children(&first));
    }

    /// Ends it at once, without a word to anybody: as a crash does, it leaves a log to
    /// recover from.
    pub fn crash(&mut self) {
        if self.is_paused {
            self.go_on();
        }
        drop(self.leash.take());
        let _ = self.keeper.wait();
    }

    /// Starts it again after a crash.
    pub fn start_again(&mut self, durability: Durability) {
        let (keeper, leash) = keep(&self.bin, self.dir.path(), self.user, durability);
        self.keeper = keeper;
        self.leash = Some(leash);
        self.await_answer();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.crash();
    }
}

/// Runs statements at an address, with the installed psql: bare rows, a line each.
///
/// # Panics
/// When they fail.
pub fn sql(url: &str, sql: &str) -> String {
    let bin = find().expect("PostgreSQL is installed");
    match psql(&bin, url, sql) {
        Ok(said) => said,
        Err(error) => panic!("{sql}: {error}"),
    }
}

/// Runs statements at an address that may be refused; false when they are.
///
/// # Panics
/// When there is no PostgreSQL.
pub fn is_done(url: &str, sql: &str) -> bool {
    let bin = find().expect("PostgreSQL is installed");
    psql(&bin, url, sql).is_ok()
}

fn psql(bin: &Path, url: &str, sql: &str) -> Result<String, String> {
    let done = Command::new(bin.join("psql"))
        .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
        .args(["--set", "ON_ERROR_STOP=1", "--command", sql, url])
        .output()
        .map_err(|error| error.to_string())?;
    match done.status.success() {
        true => Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned()),
        false => Err(String::from_utf8_lossy(&done.stderr).into_owned()),
    }
}

const MISSING: &str = "no PostgreSQL: apt-get install postgresql (or set LINLI_POSTGRES_BIN to \
                       the folder of initdb and postgres). Without it nothing is tested on it";

/// The folder of the newest PostgreSQL.
fn find() -> Option<PathBuf> {
    let whole = |dir: &PathBuf| {
        let programs = ["initdb", "postgres", "psql"];
        programs.iter().all(|name| dir.join(name).exists())
    };
    if let Some(named) = std::env::var_os("LINLI_POSTGRES_BIN") {
        return Some(PathBuf::from(named)).filter(whole);
    }
    let version = |dir: &PathBuf| {
        let name = dir.parent().and_then(Path::file_name);
        name.and_then(|name| name.to_str()?.parse::<u32>().ok())
    };
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debian = debian.flatten().map(|entry| entry.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .filter(whole)
        .max_by_key(version)
        .or_else(|| std::env::split_paths(&path).find(whole))
}

/// Whom to run as, when this process is root's: its new folder tells.
fn unprivileged(dir: &Path) -> Option<User> {
    if fs::metadata(dir).expect("the folder is there").uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("a list of users");
    let named = |wanted: &str| {
        let line = users
            .lines()
            .find(|line| line.split(':').next() == Some(wanted))?;
        let mut fields = line.split(':').skip(2);
        Some(User {
            uid: fields.next()?.parse().ok()?,
            gid: fields.next()?.parse().ok()?,
        })
    };
    let user = named("postgres").or_else(|| named("nobody"));
    Some(user.expect("a user postgres or nobody"))
}

/// A private folder, and the user that owns it where that is not this one.
fn new_folder() -> (TempDir, Option<User>) {
    let dir = tempfile::Builder::new()
        .prefix("linli-pg-")
        .tempdir_in("/tmp")
        .expect("a temporary folder");
    let user = unprivileged(dir.path());
    if let Some(user) = user {
        chown(dir.path(), Some(user.uid), Some(user.gid)).expect("the folder changes hands");
    }
    let mode = fs::Permissions::from_mode(0o700);
    fs::set_permissions(dir.path(), mode).expect("the folder is private");
    (dir, user)
}

/// Runs a command of PostgreSQL that makes something.
fn make(command: &mut Command, user: Option<User>) {
    run_as(command, user);
    let made = command.output();
    let made = made.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        made.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&made.stderr)
    );
}

/// The processes that `parent` has started.
fn children(parent: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let of_parent = processes.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.to_owned();
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // Behind the name, which may hold anything: state, then parent.
        let (_, rest) = stat.rsplit_once(')')?;
        (rest.split_whitespace().nth(1)? == parent).then_some(pid)
    });
    of_parent.collect()
}

fn run_as(command: &mut Command, user: Option<User>) {
    command.current_dir("/");
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
}

/// Starts PostgreSQL under a shell that ends it when its input ends.
fn keep(bin: &Path, dir: &Path, user: Option<User>, durability: Durability) -> (Child, ChildStdin) {
    let sync = match durability {
        Durability::None => "-c fsync=off -c full_page_writes=off -c synchronous_commit=off",
        Durability::Full => "",
    };
    let (bin, dir) = (bin.display(), dir.display());
    // The shell that reads is its own process: when PostgreSQL ends by itself, so does
    // the whole.
    let script = format!(
        "{bin}/postgres -D {dir}/data -k {dir} -c listen_addresses= -c max_connections=400 \
         {sync} >>{dir}/log 2>&1 </dev/null & server=$!
         {{ cat >/dev/null; kill -QUIT $server; }} <&3 >/dev/null 2>&1 & reader=$!
         exec 3<&-
         wait $server; kill $reader 2>/dev/null
         test ! -e {dir}/shared || rm -rf {dir}
         exit 1"
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec 3<&0; {script}")]);
    shell
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // A signal to the test's terminal must not reach it before its sessions have ended.
    shell.process_group(0);
    run_as(&mut shell, user);
    let mut keeper = shell.spawn().expect("a shell starts");
    let leash = keeper.stdin.take().expect("its input");
    (keeper, leash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn it_runs_and_is_gone_when_dropped() {
        let Some(cluster) = Cluster::start(Durability::None) else {
            return;
        };
        let url = cluster.database();
        assert_eq!(sql(&url, "SELECT 1 + 1"), "2");
        let dir = cluster.dir.path().to_owned();
        let pid = fs::read_to_string(dir.join("data/postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().to_owned();
        drop(cluster);
        assert!(!dir.exists());
        let mut state = String::new();
        let alive = fs::File::open(format!("/proc/{pid}/stat"))
            .and_then(|mut file| file.read_to_string(&mut state));
        assert!(alive.is_err(), "{state}");
    }

    #[test]
    fn a_standby_follows_and_takes_over() {
        let Some(mut primary) = Cluster::start(Durability::None) else {
            return;
        };
        let mut standby = primary.standby("second", Durability::None);
        primary.set("synchronous_standby_names", "second");
        let on = "SET synchronous_commit = on; CREATE TABLE t (n INT)";
        primary.sql("postgres", on);
        standby.pause();
        let waits = "SET synchronous_commit = on; INSERT INTO t VALUES (1)";
        let url = primary.url("postgres");
        let waiting = thread::spawn(move || sql(&url, waits));
        let asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        while primary.sql("postgres", asked) == "0" {
            assert!(!waiting.is_finished(), "it did not wait for the standby");
            thread::sleep(Duration::from_millis(5));
        }
        standby.go_on();
        waiting.join().unwrap();
        primary.crash();
        standby.promote();
        assert_eq!(standby.sql("postgres", "SELECT n FROM t"), "1");
    }
}
