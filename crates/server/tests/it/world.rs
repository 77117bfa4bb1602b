//! A small world to vote in: one community of two grids, another far away, and a poll
//! of every kind. Time stands until a test moves it.

use ed25519_dalek::SigningKey;
use linli_model::*;
use linli_server::config::DatabaseUrl;
use linli_server::notify::Senders;
use linli_server::receipts::Signers;
use linli_server::seal;
use linli_server::store::{CheckReport, postgres, sqlite};
use linli_server::{
    Caller, Clock, Config, Failure, Page, Recorded, Running, Service, start_with_senders,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Where it is set, worlds lie on PostgreSQL.
pub(crate) const ON_POSTGRES: &str = "LINLI_TEST_ON_POSTGRES";
pub(crate) const NOW: UtcMs = 1_800_000_000_000;
pub(crate) const HOUR: UtcMs = 3_600_000;
pub(crate) const HOST: &str = "https://www.example.cn";

pub(crate) struct SetClock(AtomicI64);

impl SetClock {
    pub(crate) fn set(&self, now_ms: UtcMs) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now_ms(&self) -> UtcMs {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) struct World {
    pub(crate) running: Option<Running>,
    pub(crate) service: Arc<Service>,
    pub(crate) addr: SocketAddr,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) dir: tempfile::TempDir,
    pub(crate) config: Config,
    pub(crate) senders: Senders,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        Self::sending(Senders::default(), adjust).await
    }

    /// Sends messages with `senders`.
    pub(crate) async fn sending(senders: Senders, adjust: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            data_dir: dir.path().join("data"),
            ..Config::default()
        };
        // Set by `postgres.rs`, which runs tests of this program a second time.
        if std::env::var_os(ON_POSTGRES).is_some() {
            let cluster = linli_cluster::Cluster::shared().expect("PostgreSQL");
            config.database_url = Some(DatabaseUrl::new(cluster.database()));
        }
        adjust(&mut config);
        let world = Self::open_sending(dir, config, senders).await;
        world
            .service
            .import_text(&import_file().to_string())
            .await
            .unwrap();
        world
    }

    /// Starts on a data directory as it is.
    pub(crate) async fn open(dir: tempfile::TempDir, config: Config) -> Self {
        Self::open_sending(dir, config, Senders::default()).await
    }

    async fn open_sending(dir: tempfile::TempDir, config: Config, senders: Senders) -> Self {
        let clock = Arc::new(SetClock(AtomicI64::new(NOW)));
        let running = start_with_senders(config.clone(), clock.clone(), senders.clone())
            .await
            .unwrap();
        let (service, addr) = (running.service.clone(), running.addr);
        Self {
            running: Some(running),
            service,
            addr,
            clock,
            dir,
            config,
            senders,
        }
    }

    /// Stops, and starts again on the same data.
    pub(crate) async fn restart(mut self) -> Self {
        self.running.take().unwrap().shutdown().await;
        Self::open_sending(self.dir, self.config, self.senders).await
    }

    pub(crate) async fn grant(&self, topic: &str, household: u32) -> GrantToken {
        self.identify(topic, &long_code(household))
            .await
            .unwrap()
            .token
    }

    pub(crate) async fn identify(&self, topic: &str, code: &str) -> Result<Grant, Refusal> {
        let proof = Proof::HouseholdCode {
            code: code.to_owned(),
        };
        refusal(self.service.identify(&id(topic), &proof, CALLER).await)
    }

    pub(crate) async fn cast(
        &self,
        topic: &str,
        grant: &GrantToken,
        key: u128,
        choice: Choice,
        secret: Option<u128>,
    ) -> Result<Recorded, Refusal> {
        let ballot = CastBallot {
            choice,
            secret: secret.map(secret_of),
        };
        refusal(
            self.service
                .cast(&id(topic), grant, key_of(key), ballot, CALLER)
                .await,
        )
    }

    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.config.database()).unwrap()
    }

    /// The first column of every row, on either store.
    pub(crate) fn column(&self, sql: &str) -> Vec<String> {
        if let Some(url) = &self.config.database_url {
            let rows = linli_cluster::sql(url.secret(), sql);
            return rows.lines().map(str::to_owned).collect();
        }
        let database = self.database();
        let mut select = database.prepare(sql).unwrap();
        let rows = select.query_map([], |row| row.get::<_, rusqlite::types::Value>(0));
        let said = rows.unwrap().map(|value| match value.unwrap() {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => panic!("{sql}: {other:?}"),
        });
        said.collect()
    }

    /// Runs a statement beside the server, on either store.
    pub(crate) fn execute(&self, sql: &str) {
        match &self.config.database_url {
            Some(url) => drop(linli_cluster::sql(url.secret(), sql)),
            None => self.database().execute_batch(sql).unwrap(),
        }
    }

    /// Runs statements on either store; false when one of them is not done.
    pub(crate) fn change(&self, sql: &str) -> bool {
        match &self.config.database_url {
            Some(url) => linli_cluster::is_done(url.secret(), sql),
            None => self.database().execute_batch(sql).is_ok(),
        }
    }

    /// How many rows a table has.
    pub(crate) fn count(&self, table: &str) -> i64 {
        let rows = self.column(&format!("SELECT count(*) FROM {table}"));
        rows[0].parse().unwrap()
    }

    /// What the checker finds, with the receipts.
    pub(crate) async fn check(&self) -> CheckReport {
        let signers = Signers::load_or_create(&self.config.receipt_keys()).unwrap();
        match &self.config.database_url {
            Some(url) => postgres::check(url.secret(), Some(&signers)).await.unwrap(),
            None => sqlite::check(&self.config.database(), Some(&signers)).unwrap(),
        }
    }

    pub(crate) fn own_origin(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) async fn http(&self, request: Request<'_>) -> Answer {
        send(self.addr, request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.http(Request {
            method: "GET",
            path,
            headers: &[],
            body: b"",
        })
        .await
    }
}

/// A program in the same process: no page, nothing to limit by.
pub(crate) const CALLER: Caller = Caller {
    page: Page::Unknown,
    client: None,
};

pub(crate) fn refusal<T>(result: Result<T, Failure>) -> Result<T, Refusal> {
    result.map_err(|failure| match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Fault(detail) => panic!("fault: {detail}"),
    })
}

pub(crate) fn id(topic: &str) -> TopicId {
    TopicId::parse(topic).unwrap()
}

pub(crate) fn key_of(key: u128) -> IdempotencyKey {
    IdempotencyKey::from_bytes(key.to_be_bytes())
}

pub(crate) fn secret_of(secret: u128) -> BallotSecret {
    BallotSecret::from_bytes(secret.to_be_bytes())
}

pub(crate) fn options(ids: &[&str]) -> Choice {
    Choice::Options {
        options: ids.iter().map(|id| OptionId::parse(id).unwrap()).collect(),
    }
}

pub(crate) fn motion(stance: Stance) -> Choice {
    Choice::Motion { stance }
}

/// The scanned code of a household: its number in 26 characters.
pub(crate) fn long_code(household: u32) -> String {
    format!("{household:026}")
}

pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// One request on a connection of its own.
pub(crate) async fn send(addr: SocketAddr, request: Request<'_>) -> Answer {
    let mut head = format!(
        "{} {} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n",
        request.method, request.path
    );
    for (name, value) in request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let has_length = request
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    if !has_length && (request.method == "POST" || !request.body.is_empty()) {
        head.push_str(&format!("Content-Length: {}\r\n", request.body.len()));
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that refuses early may close before it has read everything.
    let _ = stream.write_all(request.body).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .expect("a whole head");
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let mut headers = BTreeMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        let entry: &mut String = headers.entry(name.to_lowercase()).or_default();
        if !entry.is_empty() {
            entry.push_str(", ");
        }
        entry.push_str(value);
    }
    let rest = &bytes[end + 4..];
    let body = if headers
        .get("transfer-encoding")
        .is_some_and(|v| v == "chunked")
    {
        unchunk(rest)
    } else {
        rest.to_vec()
    };
    Answer {
        status,
        headers,
        body,
    }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|w| w == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
    body
}

/// The phone of households 1 to 3.
pub(crate) fn phone(household: u32) -> String {
    format!("1380000{household:04}")
}

/// What the community's host site signs with.
pub(crate) fn host_key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

pub(crate) fn import_file() -> Value {
    let households: Vec<Value> = (1..=24)
        .map(|n| {
            let place = if n <= 16 { "grid-1" } else { "grid-2" };
            let mut household = json!({
                "label": format!("{n} 号"), "place": place, "area_csqm": 8_000 + n, "long_code": long_code(n),
            });
            if n <= 3 {
                household["contacts"] = json!([phone(n), format!("h{n}@example.cn")]);
                household["links"] = json!([{ "host": "club", "sub": format!("user-{n}") }]);
            }
            if n <= 2 {
                household["short_code"] = json!(format!("AAA{n}-0000-000{n}"));
            }
            household
        })
        .collect();
    json!({
        "communities": [
            {
                "id": "jiangpan", "name": "江畔社区", "time_zone": "Asia/Shanghai", "origins": [HOST],
                "places": [
                    { "id": "jiangpan", "name": "江畔社区" },
                    { "id": "grid-1", "name": "一网格", "parent": "jiangpan" },
                    { "id": "grid-2", "name": "二网格", "parent": "jiangpan" },
                ],
                "households": households,
                "host_keys": [
                    { "id": "club-2026", "host": "club", "origins": [HOST],
                      "public_key": seal::hex(host_key().verifying_key().as_bytes()) },
                ],
            },
            {
                "id": "yunping", "name": "云坪村", "time_zone": "Asia/Shanghai",
                "origins": ["https://village.example.cn"],
                "places": [{ "id": "yunping", "name": "云坪村" }],
                "households": [{ "label": "1 号", "place": "yunping", "long_code": long_code(900) }],
            },
        ],
        "topics": topics(),
    })
}

fn topics() -> Vec<Value> {
    let single = json!({ "type": "single_choice", "options": [
        { "id": "a", "text": "甲" }, { "id": "b", "text": "乙" }, { "id": "c", "text": "丙" }] });
    let multiple = json!({ "type": "multiple_choice", "min": 1, "max": 2, "options": [
        { "id": "a", "text": "甲" }, { "id": "b", "text": "乙" }, { "id": "c", "text": "丙" }] });
    let motion = json!({ "type": "motion" });
    let mut other = topic("hill", "yunping", &motion, json!({}));
    other["place"] = json!("yunping");
    let mut grid = topic("grid", "jiangpan", &motion, json!({}));
    grid["place"] = json!("grid-2");
    let mut hostile = topic(
        "hostile",
        "jiangpan",
        &single,
        json!({ "credential": "device", "electorate": "devices" }),
    );
    hostile["title"] = json!("<script>alert(1)</script>\u{202e}停\u{200b}车");
    hostile["summary"] =
        json!("</bdi></p><img src=x onerror=alert(1)>\u{2066}&amp;\n\n\"'><svg/onload=alert(1)>");
    hostile["poll"]["kind"]["options"][0]["text"] = json!("\"><script>alert(1)</script>");
    hostile["poll"]["kind"]["options"][1]["detail"] = json!("{choice} <b>\u{200f}x</b>");
    vec![
        topic("recorded", "jiangpan", &single, json!({})),
        topic(
            "never",
            "jiangpan",
            &motion,
            json!({ "changes": "never", "results": "after_closing" }),
        ),
        topic(
            "secret",
            "jiangpan",
            &multiple,
            json!({ "secrecy": "secret", "results": "after_closing" }),
        ),
        topic(
            "secret-once",
            "jiangpan",
            &motion,
            json!({ "secrecy": "secret", "changes": "never" }),
        ),
        topic(
            "devices",
            "jiangpan",
            &motion,
            json!({ "credential": "device", "electorate": "devices" }),
        ),
        topic(
            "formal",
            "jiangpan",
            &motion,
            json!({ "nature": "formal", "rule": { "article": "", "basis": "A local rule, article 3" } }),
        ),
        topic(
            "upcoming",
            "jiangpan",
            &motion,
            json!({ "opens_at_ms": NOW + HOUR, "closes_at_ms": NOW + 2 * HOUR }),
        ),
        topic(
            "closed",
            "jiangpan",
            &motion,
            json!({ "opens_at_ms": NOW - 2 * HOUR, "closes_at_ms": NOW - HOUR }),
        ),
        topic("otp", "jiangpan", &motion, json!({ "credential": "otp" })),
        topic(
            "otp-secret",
            "jiangpan",
            &motion,
            json!({ "credential": "otp", "secrecy": "secret" }),
        ),
        topic(
            "hosted",
            "jiangpan",
            &motion,
            json!({ "credential": "host_token" }),
        ),
        other,
        grid,
        hostile,
    ]
}

fn topic(id: &str, community: &str, kind: &Value, poll: Value) -> Value {
    let mut whole = json!({
        "id": id, "kind": kind, "nature": "consultation", "electorate": "households",
        "credential": "household_code", "secrecy": "recorded", "changes": "until_closing",
        "results": "live", "opens_at_ms": NOW - HOUR, "closes_at_ms": NOW + HOUR,
    });
    for (name, value) in poll.as_object().unwrap() {
        whole[name] = value.clone();
    }
    json!({ "id": id, "community": community, "place": community, "lang": "zh-Hans", "title": id, "poll": whole })
}
