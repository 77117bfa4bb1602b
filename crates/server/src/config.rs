//! What an operator can set: defaults, then a TOML file, then `LINLI_…` in the
//! environment, then flags; the later wins.

use crate::address;
use crate::origin::Origin;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use tokio_postgres::config::Host;

/// Settings of a server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Our own origins as browsers see them; the first decides whether cookies are
    /// `Secure`. Empty: the listening port on `127.0.0.1` and `localhost`, for trying
    /// things out.
    pub public_urls: Vec<String>,
    /// Folder of the key files, and of the database where that is SQLite.
    pub data_dir: PathBuf,
    /// PostgreSQL to use instead of SQLite: `postgresql://user@host/name`.
    pub database_url: Option<DatabaseUrl>,
    /// Connections to PostgreSQL; at least 2.
    pub database_connections: usize,
    /// Bucket that keeps uploads; absent: the folder `uploads` of the data directory.
    pub uploads_s3: Option<S3Config>,
    /// Folder with `v<version>/` and `v1/loader.js`; absent: no static files.
    pub static_dir: Option<PathBuf>,
    /// Proxies whose `X-Forwarded-For` is believed: networks such as `10.0.0.0/8`.
    pub trusted_proxies: Vec<IpNet>,
    /// Connections to SQLite that only read.
    pub read_connections: usize,
    /// Most open client connections; more wait.
    pub connections_max: usize,
    /// Mail server for one-time passwords: `smtps://user:password@host`. None: no mail.
    pub mail_url: Option<Hidden>,
    /// Whom mail is from: `邻里 <vote@example.cn>`.
    pub mail_from: Option<String>,
    /// Address of the provider that sends text messages; `{phone}`, `{national}` and
    /// `{code}` are filled in. None: no text messages.
    pub sms_url: Option<Hidden>,
    /// Header lines of the request to the provider.
    pub sms_headers: Vec<Hidden>,
    /// Body of that request, filled in like the address. None: a GET without a body.
    pub sms_body: Option<Hidden>,
    /// What the provider's answer must contain to count as sent.
    pub sms_expect: Option<String>,
    /// Most requests to the API in a minute from one client address; 0 is no limit.
    pub requests_per_minute: u32,
    /// The wait that stands beside a poll's work, for every poll. None: by its bits.
    pub work_wait_ms: Option<u32>,
    /// Where figures for watchers are told, apart from everything else.
    pub metrics_listen: Option<SocketAddr>,
    /// Longest time for one request.
    pub request_timeout_ms: u64,
    /// Longest wait for requests under way when the server is told to stop.
    pub drain_timeout_ms: u64,
}

/// Where PostgreSQL is. It may hold a password: shown without it in logs and errors.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// As `postgresql://…` or `host=… dbname=…`.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The whole, for connecting.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ok(parsed) = address::read(&self.0) else {
            return f.write_str("PostgreSQL (address not understood)");
        };
        let parsed = parsed.config;
        f.write_str("PostgreSQL")?;
        if let Some(name) = parsed.get_dbname() {
            write!(f, " {name}")?;
        }
        for (nth, host) in parsed.get_hosts().iter().enumerate() {
            f.write_str(if nth == 0 { " at " } else { ", " })?;
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                Host::Unix(path) => write!(f, "{}", path.display())?,
            }
        }
        Ok(())
    }
}

/// A bucket of S3, or of what speaks like it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// `https://s3.example.org`, without a path.
    pub endpoint: String,
    /// Its name.
    pub bucket: String,
    /// As the provider calls it.
    #[serde(default = "S3Config::any_region")]
    pub region: String,
    /// Stands before every key; may be empty.
    #[serde(default)]
    pub prefix: String,
    /// Whether the bucket stands in the path instead of the host's name.
    #[serde(default)]
    pub path_style: bool,
    /// Who signs.
    pub access_key: String,
    /// What is signed with.
    pub secret_key: Hidden,
}

impl S3Config {
    fn any_region() -> String {
        "us-east-1".to_owned()
    }
}

/// A setting that may hold a password or key: not shown in logs and errors.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The whole, for use.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// Names of the settings, as looked for in the environment. Other `LINLI_…` variables
/// belong to other programs.
const FIELDS: &[&str] = &[
    "listen",
    "public_urls",
    "data_dir",
    "database_url",
    "database_connections",
    "uploads_s3",
    "static_dir",
    "trusted_proxies",
    "read_connections",
    "connections_max",
    "mail_url",
    "mail_from",
    "sms_url",
    "sms_headers",
    "sms_body",
    "sms_expect",
    "requests_per_minute",
    "work_wait_ms",
    "metrics_listen",
    "request_timeout_ms",
    "drain_timeout_ms",
];

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_urls: Vec::new(),
            data_dir: PathBuf::from("data"),
            database_url: None,
            database_connections: 16,
            uploads_s3: None,
            static_dir: None,
            trusted_proxies: Vec::new(),
            read_connections: 4,
            connections_max: 10_000,
            mail_url: None,
            mail_from: None,
            sms_url: None,
            sms_headers: Vec::new(),
            sms_body: None,
            sms_expect: None,
            requests_per_minute: 6_000,
            work_wait_ms: None,
            metrics_listen: None,
            request_timeout_ms: 30_000,
            drain_timeout_ms: 20_000,
        }
    }
}

impl Config {
    /// Reads `file` (which must exist when named) and the environment; `flags` is any
    /// map of settings that were given on the command line.
    pub fn load(file: Option<&Path>, flags: impl Serialize) -> Result<Self, String> {
        let mut sources = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            sources = sources.merge(Toml::file_exact(file));
        }
        let sources = sources.merge(Env::prefixed("LINLI_").only(FIELDS));
        let config: Self = sources
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(|error| error.to_string())?;
        config.check()?;
        Ok(config)
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.data_dir.join("linli.sqlite")
    }

    /// The folder of uploads, where no bucket is set.
    pub fn uploads(&self) -> PathBuf {
        self.data_dir.join("uploads")
    }

    /// The file with the keys that seal personal fields.
    pub fn field_keys(&self) -> PathBuf {
        self.data_dir.join("field-keys.json")
    }

    /// The file with the keys that sign receipts.
    pub fn receipt_keys(&self) -> PathBuf {
        self.data_dir.join("receipt-keys.json")
    }

    /// The file with the secret that keys the hashes of codes and addresses.
    pub fn server_secret(&self) -> PathBuf {
        self.data_dir.join("server-secret")
    }

    fn check(&self) -> Result<(), String> {
        if let Some(url) = &self.database_url {
            address::read(url.secret()).map_err(|error| format!("database_url: {error}"))?;
        }
        match self
            .public_urls
            .iter()
            .find(|url| Origin::parse(url).is_none())
        {
            Some(bad) => Err(format!(
                "public_urls: {bad} is not an origin like https://example.org"
            )),
            None => Ok(()),
        }
    }
}
