//! Two `linli serve` on one PostgreSQL, while one of them restarts or is killed, or the
//! database crashes: every command is sent to both, and has one effect.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what cannot be read ends the test"
)]

use linli_cluster::{Cluster, Durability, sql};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const VOTERS: u64 = 8;
const TROUBLES: u64 = 4;
/// Commands that must be settled between two of them.
const BETWEEN: u64 = 40;

/// One `linli serve` of its own.
struct Server {
    child: Child,
    addr: SocketAddr,
}

impl Server {
    fn start(data: &Path, url: &str) -> Self {
        let mut child = linli(data, url)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let addr = line.trim().rsplit("http://").next().unwrap();
        let addr = addr.parse().expect(&line);
        Self { child, addr }
    }

    /// Ends it: asked to, or without being asked.
    fn end(mut self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.unwrap().success());
        let ended = self.child.wait().unwrap();
        assert_eq!(ended.success(), signal == "-TERM", "{ended}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn linli(data: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linli"));
    command
        .env("LINLI_DATABASE_URL", url)
        .env("LINLI_LOG", "error")
        .env("LINLI_REQUESTS_PER_MINUTE", "0")
        .arg("--data-dir")
        .arg(data);
    command
}

fn run(mut command: Command) -> String {
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let error = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}{error}");
    assert!(!error.contains("FAULT"), "{error}");
    said
}

/// One request; none where no whole answer came.
fn post(addr: SocketAddr, path: &str, headers: &str, body: &Value) -> Option<(u16, String)> {
    let body = body.to_string();
    let mut stream = TcpStream::connect(addr).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(40)))
        .ok()?;
    let length = body.len();
    write!(
        stream,
        "POST /api/v1/topics/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    if length != Some(body.len()) {
        return None;
    }
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// The servers' addresses; they change with every restart.
struct Shared {
    addrs: Mutex<[SocketAddr; 2]>,
    settled: AtomicU64,
    lost: AtomicU64,
    done: AtomicBool,
}

impl Shared {
    fn addr(&self, server: u64) -> SocketAddr {
        self.addrs.lock().unwrap()[(server % 2) as usize]
    }

    /// Sends until there is an answer that settles it, to one server after the other.
    fn settle(&self, first: u64, path: &str, headers: &str, body: &Value) -> String {
        // The end of patience: restarts take seconds, not minutes.
        for nth in 0..10_000 {
            match post(self.addr(first + nth), path, headers, body) {
                Some((200 | 201, answer)) => return answer,
                // Busy, or not known.
                Some((500 | 503, _)) | None => {
                    self.lost.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                }
                Some(other) => panic!("{path}: {other:?}"),
            }
        }
        panic!("{path}: never settled");
    }

    /// Waits until somebody has met the trouble.
    fn await_loss(&self, before: u64) {
        while self.lost.load(Ordering::SeqCst) == before {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Changes a ballot again and again. Answers how often.
    fn vote(&self, voter: u64) -> u64 {
        let proof = json!({ "proof": { "type": "household_code", "code": code(voter) } });
        let grant = self.settle(voter, "square/grants", "", &proof);
        let grant: Value = serde_json::from_str(&grant).unwrap();
        let token = grant["token"].as_str().unwrap();
        let mut nth = 0;
        while !self.done.load(Ordering::SeqCst) {
            nth += 1;
            let key = u128::from(voter) << 64 | u128::from(nth);
            let headers =
                format!("Authorization: Bearer {token}\r\nIdempotency-Key: {key:032x}\r\n");
            let stance = ["yes", "no", "abstain"][(nth % 3) as usize];
            let body = json!({ "choice": { "type": "motion", "stance": stance } });
            let one = self.settle(nth, "square/ballots", &headers, &body);
            // The same command by the other server: the same receipt, byte for byte.
            let other = self.settle(nth + 1, "square/ballots", &headers, &body);
            assert_eq!(one, other);
            let reply: Value = serde_json::from_str(&one).unwrap();
            // Nothing lost and nothing doubled, or the numbers would say so.
            assert_eq!(reply["receipt"]["revision"], nth);
            assert_eq!(reply["opening"]["choice"]["stance"], stance);
            self.settled.fetch_add(1, Ordering::SeqCst);
        }
        nth
    }
}

fn code(voter: u64) -> String {
    format!("{:026}", voter + 1)
}

fn import_file() -> Value {
    let households = (0..VOTERS).map(|voter| {
        json!({ "label": format!("{voter} 号"), "place": "jiangpan", "long_code": code(voter) })
    });
    json!({
        "communities": [{
            "id": "jiangpan", "name": "江畔社区", "time_zone": "Asia/Shanghai",
            "places": [{ "id": "jiangpan", "name": "江畔社区" }],
            "households": households.collect::<Vec<_>>(),
        }],
        "topics": [{
            "id": "square", "community": "jiangpan", "place": "jiangpan", "lang": "zh-Hans",
            "title": "广场", "poll": {
                "id": "square", "kind": { "type": "motion" }, "nature": "consultation",
                "electorate": "households", "credential": "household_code",
                "secrecy": "recorded", "changes": "until_closing", "results": "live",
                "opens_at_ms": 0, "closes_at_ms": 9_000_000_000_000_i64,
            },
        }],
    })
}

/// Two servers, [`VOTERS`] that vote, and trouble again and again; then everything must
/// be there once.
fn storm(url: &str, mut trouble: impl FnMut(u64, &mut Pair)) {
    let dir = tempfile::tempdir().unwrap();
    // Keys are of the folder, so both use the same.
    let data = dir.path().join("data");
    let file = dir.path().join("import.json");
    std::fs::write(&file, import_file().to_string()).unwrap();
    let mut import = linli(&data, url);
    import.arg("import").arg(&file);
    run(import);
    let servers = [Server::start(&data, url), Server::start(&data, url)];
    let shared = Shared {
        addrs: Mutex::new([servers[0].addr, servers[1].addr]),
        settled: AtomicU64::new(0),
        lost: AtomicU64::new(0),
        done: AtomicBool::new(false),
    };
    let cast: u64 = std::thread::scope(|scope| {
        let shared = &shared;
        let voters: Vec<_> = (0..VOTERS)
            .map(|voter| scope.spawn(move || shared.vote(voter)))
            .collect();
        let mut pair = Pair {
            servers,
            shared,
            data: &data,
            url,
        };
        for nth in 0..TROUBLES {
            let enough = shared.settled.load(Ordering::SeqCst) + BETWEEN;
            while shared.settled.load(Ordering::SeqCst) < enough
                && !voters.iter().any(|voter| voter.is_finished())
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            trouble(nth, &mut pair);
        }
        shared.done.store(true, Ordering::SeqCst);
        voters.into_iter().map(|voter| voter.join().unwrap()).sum()
    });
    assert!(cast >= TROUBLES * BETWEEN);
    let lost = shared.lost.load(Ordering::SeqCst);
    let count = |table: &str| sql(url, &format!("SELECT count(*) FROM {table}"));
    assert_eq!(count("ballot"), VOTERS.to_string());
    assert_eq!(count("ballot_superseded"), (cast - VOTERS).to_string());
    let mut check = linli(&data, url);
    check.arg("check-store");
    let said = run(check);
    assert!(
        said.contains(&format!("{cast} receipts made again")),
        "{said}"
    );
    println!("{cast} commands, each sent twice; {lost} times in vain; {TROUBLES} troubles");
}

/// The servers as they are now.
struct Pair<'a> {
    servers: [Server; 2],
    shared: &'a Shared,
    data: &'a Path,
    url: &'a str,
}

impl Pair<'_> {
    /// Puts a new server in the place of one, which ends while votes go on coming to it.
    fn replace(&mut self, which: usize, signal: &str) {
        let fresh = Server::start(self.data, self.url);
        let addr = fresh.addr;
        let lost = self.shared.lost.load(Ordering::SeqCst);
        std::mem::replace(&mut self.servers[which], fresh).end(signal);
        self.shared.await_loss(lost);
        self.shared.addrs.lock().unwrap()[which] = addr;
    }
}

#[test]
fn one_restarts_while_both_take_votes() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    storm(&cluster.database(), |nth, pair| {
        let signal = if nth % 4 < 2 { "-TERM" } else { "-KILL" };
        pair.replace((nth % 2) as usize, signal);
    });
}

#[test]
fn the_database_crashes_while_both_take_votes() {
    // The kernel lives on, so syncing would change nothing here.
    let Some(mut cluster) = Cluster::start(Durability::None) else {
        return;
    };
    let url = cluster.database();
    storm(&url, |_, pair| {
        let lost = pair.shared.lost.load(Ordering::SeqCst);
        cluster.crash();
        pair.shared.await_loss(lost);
        cluster.start_again(Durability::None);
    });
}
