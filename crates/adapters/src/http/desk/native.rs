//! The desk's requests outside browsers, for tests and the command line. It blocks, and
//! listens to nothing.

use super::DeskTransport;
use super::codec::{DeskRequest, DeskResponse};
use linli_port::desk::News;
use linli_port::{Guard, LocalFuture};
use std::rc::Rc;
use std::time::Duration;
use ureq::Agent;

/// Largest answer read.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// Carries requests with `ureq`, as a page of the API's own origin would.
pub struct NativeDesk {
    base: String,
    agent: Agent,
}

impl NativeDesk {
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
            agent: config.into(),
        }
    }

    fn exchange(&self, request: &DeskRequest) -> Option<DeskResponse> {
        let url = [&self.base, request.path.as_str()].concat();
        let mut built = ureq::http::Request::builder()
            .method(request.method)
            .uri(url)
            .header("Origin", &self.base);
        for (name, value) in &request.headers {
            built = built.header(*name, value);
        }
        let mut response = match &request.body {
            Some((media_type, bytes)) => {
                let built = built.header("Content-Type", *media_type);
                self.agent.run(built.body(bytes.as_slice()).ok()?).ok()?
            }
            None => self.agent.run(built.body(()).ok()?).ok()?,
        };
        let media_type = response.headers().get("Content-Type");
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let media_type = media_type.unwrap_or_default().to_owned();
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        Some(DeskResponse {
            body: body.read_to_vec().ok()?,
            status: response.status().as_u16(),
            media_type,
        })
    }
}

impl DeskTransport for NativeDesk {
    fn send(&self, request: DeskRequest) -> LocalFuture<'_, Option<DeskResponse>> {
        Box::pin(async move { self.exchange(&request) })
    }

    fn listen(&self, _: DeskRequest, hear: Rc<dyn Fn(News)>) -> Guard {
        hear(News::Lost);
        Guard::new(|| {})
    }
}
