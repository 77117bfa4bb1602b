//! HTTP outside browsers. It blocks: for the command line, tests and load.

use crate::http::Transport;
use crate::http::codec::{Request, Response};
use linli_port::LocalFuture;
use std::time::Duration;
use ureq::Agent;

/// Largest answer read. A topic with every text at its limit is far below.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Carries requests with `ureq`.
pub struct Native {
    base: String,
    origin: Option<String>,
    agent: Agent,
}

impl Native {
    /// To the API at `base` (`http://127.0.0.1:8080`, no slash at the end); gives up
    /// after `timeout`.
    pub fn new(base: &str, timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        Self {
            base: base.to_owned(),
            origin: None,
            agent: config.into(),
        }
    }

    /// Says that requests come from the API's own pages, where formal polls take place.
    /// A browser says so by itself, and only when it is true.
    pub fn from_own_pages(mut self) -> Self {
        self.origin = Some(self.base.clone());
        self
    }

    fn exchange(&self, request: &Request) -> Result<Response, ureq::Error> {
        let url = [&self.base, request.path.as_str()].concat();
        let mut response = match &request.body {
            Some(body) => {
                let post = self.agent.post(url);
                let post = post.header("Content-Type", "application/json");
                let post = match &self.origin {
                    Some(origin) => post.header("Origin", origin),
                    None => post,
                };
                let headers = request.headers.iter();
                let post = headers.fold(post, |post, (name, value)| post.header(*name, value));
                post.send(body)?
            }
            None => {
                let headers = request.headers.iter();
                let get = self.agent.get(url);
                let get = headers.fold(get, |get, (name, value)| get.header(*name, value));
                get.call()?
            }
        };
        let etag = response.headers().get("ETag");
        let etag = etag.and_then(|etag| Some(etag.to_str().ok()?.to_owned()));
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        Ok(Response {
            body: body.read_to_string()?,
            status: response.status().as_u16(),
            etag,
        })
    }
}

impl Transport for Native {
    const CACHES: bool = false;

    fn send(&self, request: Request) -> LocalFuture<'_, Option<Response>> {
        Box::pin(async move { self.exchange(&request).ok() })
    }
}
