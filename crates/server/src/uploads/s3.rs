//! Blobs in a bucket of S3, or of what speaks like it (OSS, COS, MinIO, Garage).

use super::blobs::{BlobFuture, BlobName, BlobStore, off_the_threads, whole};
use super::sigv4::{Signed, Signer};
use crate::clock::Clock;
use crate::config::S3Config;
use crate::seal::hex;
use crate::store::Failure;
use axum::http::Uri;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::io::Error;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::http::Request;

/// Longest time for one request.
const REQUEST_MAX: Duration = Duration::from_secs(30);
/// Most bytes that a blob has; nothing larger is ever put.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How often a request is sent before it has failed.
const ATTEMPTS_MAX: u32 = 3;

/// Blobs in one bucket.
pub struct S3Blobs {
    remote: Arc<Remote>,
}

struct Remote {
    config: S3Config,
    /// `https://host[:port]`
    base: String,
    host: String,
    /// Before each blob's path: the bucket where addresses have it in the path.
    prefix: String,
    agent: Agent,
    clock: Arc<dyn Clock>,
}

impl S3Blobs {
    /// In the bucket that `config` names. Nothing is asked of it yet.
    pub fn new(config: S3Config, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let (base, host, prefix) = address(&config)?;
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(REQUEST_MAX))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .into();
        let remote = Remote {
            config,
            base,
            host,
            prefix,
            agent,
            clock,
        };
        Ok(Self {
            remote: Arc::new(remote),
        })
    }

    async fn ask(
        &self,
        method: &'static str,
        name: &BlobName,
        body: Vec<u8>,
    ) -> Result<Answer, Failure> {
        let (remote, path) = (Arc::clone(&self.remote), name.path());
        off_the_threads(move || remote.insist(method, &path, &body)).await
    }
}

/// Status and body.
type Answer = (u16, Vec<u8>);

impl BlobStore for S3Blobs {
    fn put(&self, name: BlobName, bytes: Vec<u8>) -> BlobFuture<'_, ()> {
        Box::pin(async move {
            let (status, said) = self.ask("PUT", &name, bytes).await?;
            expect(status, &[200, 201, 204], &said)
        })
    }

    fn get(&self, name: BlobName) -> BlobFuture<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            let (status, body) = self.ask("GET", &name, Vec::new()).await?;
            if status == 404 {
                return Ok(None);
            }
            expect(status, &[200], &body)?;
            whole(&name, Some(body))
        })
    }

    fn delete(&self, name: BlobName) -> BlobFuture<'_, ()> {
        Box::pin(async move {
            let (status, said) = self.ask("DELETE", &name, Vec::new()).await?;
            expect(status, &[200, 204, 404], &said)
        })
    }
}

fn expect(status: u16, accepted: &[u16], said: &[u8]) -> Result<(), Failure> {
    if accepted.contains(&status) {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&said[..said.len().min(300)]);
    Err(Failure::Fault(format!(
        "the bucket answered {status}: {said}"
    )))
}

impl Remote {
    /// Sends again what did not arrive, or met a failure of the other side: every request
    /// may be sent twice.
    fn insist(&self, method: &str, path: &str, body: &[u8]) -> std::io::Result<Answer> {
        let mut attempt = 1;
        loop {
            let done = self.send(method, path, body);
            let passing = match &done {
                Ok((status, _)) => *status >= 500 || *status == 429,
                Err(_) => true,
            };
            if !passing || attempt == ATTEMPTS_MAX {
                return done;
            }
            std::thread::sleep(Duration::from_millis(100) * attempt);
            attempt += 1;
        }
    }

    fn send(&self, method: &str, path: &str, body: &[u8]) -> std::io::Result<Answer> {
        let told = |error: String| Error::other(format!("the bucket: {error}"));
        let at = Timestamp::from_millisecond(self.clock.now_ms())
            .map_err(|error| told(error.to_string()))?
            .strftime("%Y%m%dT%H%M%SZ")
            .to_string();
        let payload = hex(&Sha256::digest(body));
        // Communities, hashes and prefixes have no character that needs encoding.
        let path = format!("{}/{path}", self.prefix);
        let signer = Signer {
            access_key: &self.config.access_key,
            secret_key: self.config.secret_key.secret(),
            region: &self.config.region,
        };
        let authorization = signer.authorization(&Signed {
            method,
            path: &path,
            headers: &[
                ("host", &self.host),
                ("x-amz-content-sha256", &payload),
                ("x-amz-date", &at),
            ],
            payload: &payload,
            at: &at,
        });
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("x-amz-content-sha256", &payload)
            .header("x-amz-date", &at)
            .header("authorization", authorization);
        let sent = if method == "PUT" {
            let request = request
                .body(body)
                .map_err(|error| told(error.to_string()))?;
            self.agent.run(request)
        } else {
            let request = request.body(()).map_err(|error| told(error.to_string()))?;
            self.agent.run(request)
        };
        let mut response = sent.map_err(|error| told(error.to_string()))?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let body = body
            .read_to_vec()
            .map_err(|error| told(error.to_string()))?;
        Ok((status, body))
    }
}

/// Base address, host as sent, and what stands before each path.
fn address(config: &S3Config) -> Result<(String, String, String), String> {
    let wrong = |what: &str| Err(format!("uploads_s3: {what}"));
    let Ok(uri) = config.endpoint.parse::<Uri>() else {
        return wrong("endpoint is not an address like https://s3.example.org");
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return wrong("endpoint is not an address like https://s3.example.org");
    };
    if uri.path() != "/" || !matches!(scheme, "http" | "https") {
        return wrong("endpoint has no path");
    }
    let plain = |text: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._/".contains(&b);
        text.bytes().all(fits) && !text.contains("..") && !text.contains("//")
    };
    if config.bucket.is_empty() || !plain(&config.bucket) || !plain(&config.prefix) {
        return wrong("bucket and prefix have letters, digits, '-', '.', '_' (and '/') only");
    }
    if config.access_key.is_empty() || config.secret_key.secret().is_empty() {
        return wrong("access_key and secret_key are needed");
    }
    let prefix = config.prefix.trim_matches('/');
    let prefix = if prefix.is_empty() {
        String::new()
    } else {
        format!("/{prefix}")
    };
    Ok(if config.path_style {
        let host = authority.as_str().to_owned();
        (
            format!("{scheme}://{host}"),
            host,
            format!("/{}{prefix}", config.bucket),
        )
    } else {
        let host = format!("{}.{authority}", config.bucket);
        (format!("{scheme}://{host}"), host, prefix)
    })
}
