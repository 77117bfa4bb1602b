//! HTTP by the browser's `fetch`: CORS, no cookies, the browser's own cache.

use crate::browser::sleep;
use crate::http::codec::{Request, Response, topic_path};
use crate::http::{Http, Transport};
use crate::wait::{map, within};
use js_sys::{Function, Promise};
use linli_model::TopicId;
use linli_port::LocalFuture;
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestCredentials, RequestInit, RequestMode};

/// How long one exchange may take.
const EXCHANGE_MS_MAX: u32 = 20_000;

/// Carries requests with `fetch`.
pub struct Fetch {
    base: String,
    prefetched: RefCell<Vec<(String, Promise)>>,
    tokens: RefCell<JsValue>,
}

impl Fetch {
    /// To the API at `base`, an origin without a slash at the end; empty is this page's.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            prefetched: RefCell::default(),
            tokens: RefCell::default(),
        }
    }

    async fn exchange(&self, request: Request) -> Option<Response> {
        if let Some(answer) = self.take_prefetched(&request)
            && let Some(response) = in_time(answer).await
        {
            return Some(response);
        }
        let (answer, _abort) = self.ask(&request)?;
        in_time(answer).await
    }

    fn ask(&self, request: &Request) -> Option<(Promise, Abort)> {
        let abort = Abort(AbortController::new().ok()?);
        let init = init(request, &abort).ok()?;
        let url = [&self.base, request.path.as_str()].concat();
        let answer = web_sys::window()?.fetch_with_str_and_init(&url, &init);
        Some((answer, abort))
    }

    fn take_prefetched(&self, request: &Request) -> Option<Promise> {
        let mut prefetched = self.prefetched.borrow_mut();
        let mut known = prefetched.iter();
        let index = known.position(|(path, _)| *path == request.path && request.body.is_none())?;
        Some(prefetched.swap_remove(index).1)
    }
}

impl Http<Fetch> {
    /// Uses `answer`, the promise of a `Response`, for the next question for `topic`
    /// instead of asking. Where it fails, the question is asked.
    pub fn prefetched(&self, topic: &TopicId, answer: Promise) {
        let path = topic_path(topic, "");
        let mut prefetched = self.transport().prefetched.borrow_mut();
        prefetched.retain(|(known, _)| *known != path);
        prefetched.push((path, answer));
    }

    /// Asks `tokens`, a function of the page, who is signed in to it.
    pub fn set_tokens(&self, tokens: JsValue) {
        *self.transport().tokens.borrow_mut() = tokens;
    }
}

impl Transport for Fetch {
    const CACHES: bool = true;

    fn send(&self, request: Request) -> LocalFuture<'_, Option<Response>> {
        Box::pin(self.exchange(request))
    }

    fn token<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Option<String>> {
        let tokens = self.tokens.borrow();
        let said = tokens
            .dyn_ref::<Function>()
            .and_then(|ask| ask.call1(&JsValue::NULL, &topic.as_str().into()).ok());
        let Some(said) = said else {
            return Box::pin(std::future::ready(None));
        };
        // A page that says nothing in time says nothing.
        let said = JsFuture::from(Promise::resolve(&said));
        let limit = Box::pin(sleep(EXCHANGE_MS_MAX));
        map(within(limit, Box::pin(said)), |said| {
            said?.ok()?.as_string()
        })
    }
}

fn init(request: &Request, abort: &Abort) -> Result<RequestInit, JsValue> {
    let init = RequestInit::new();
    init.set_mode(RequestMode::Cors);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(&abort.0.signal()));
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.append(name, value)?;
    }
    if let Some(body) = &request.body {
        init.set_method("POST");
        headers.append("Content-Type", "application/json")?;
        init.set_body(&body.as_str().into());
    }
    init.set_headers(&headers);
    Ok(init)
}

fn in_time(answer: Promise) -> LocalFuture<'static, Option<Response>> {
    let limit = Box::pin(sleep(EXCHANGE_MS_MAX));
    map(within(limit, Box::pin(read(answer))), Option::flatten)
}

/// A body that ends before its announced length rejects.
async fn read(sent: Promise) -> Option<Response> {
    let response = JsFuture::from(sent).await.ok()?;
    let response: web_sys::Response = response.dyn_into().ok()?;
    let body = JsFuture::from(response.text().ok()?).await.ok()?;
    Some(Response {
        status: response.status(),
        etag: None,
        body: body.as_string()?,
    })
}

/// Ends the exchange when its future is dropped: after it is read, that does nothing.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}
