//! The desk's requests by the browser's `fetch`, and its live stream by a streamed one:
//! `EventSource` cannot send a bearer header.

use super::DeskTransport;
use super::codec::{DeskRequest, DeskResponse};
use super::events::Events;
use crate::browser::sleep;
use crate::wait::{map, within};
use js_sys::{Promise, Reflect, Uint8Array};
use linli_port::desk::News;
use linli_port::{Guard, LocalFuture};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, RequestCache, RequestCredentials,
    RequestInit, Response,
};

/// How long one exchange may take.
const EXCHANGE_MS_MAX: u32 = 30_000;
/// First pause before listening again; it doubles up to the longest.
const PAUSE_MS_MIN: u32 = 1_000;
const PAUSE_MS_MAX: u32 = 30_000;

/// Carries requests to the page's own origin.
#[derive(Debug, Default)]
pub struct FetchDesk;

impl DeskTransport for FetchDesk {
    fn send(&self, request: DeskRequest) -> LocalFuture<'_, Option<DeskResponse>> {
        let Some((answer, abort)) = ask(&request, &[]) else {
            return Box::pin(std::future::ready(None));
        };
        let limit = Box::pin(sleep(EXCHANGE_MS_MAX));
        let answer = Box::pin(async move {
            let _abort = abort;
            whole(answer).await
        });
        map(within(limit, answer), Option::flatten)
    }

    fn listen(&self, request: DeskRequest, hear: Rc<dyn Fn(News)>) -> Guard {
        let ended = Rc::new(Cell::new(false));
        let abort = Rc::new(Cell::new(None));
        spawn_local(keep_listening(
            request,
            hear,
            Rc::clone(&ended),
            Rc::clone(&abort),
        ));
        Guard::new(move || {
            ended.set(true);
            drop(abort.take());
        })
    }
}

async fn keep_listening(
    request: DeskRequest,
    hear: Rc<dyn Fn(News)>,
    ended: Rc<Cell<bool>>,
    abort: Rc<Cell<Option<Abort>>>,
) {
    let mut last_id = None;
    let mut pause_ms = PAUSE_MS_MIN;
    while !ended.get() {
        let after: Vec<_> = last_id
            .iter()
            .map(|id: &String| ("Last-Event-ID", id.clone()))
            .collect();
        if let Some((answer, cut)) = ask(&request, &after) {
            abort.set(Some(cut));
            let mut events = Events::after(last_id.clone());
            match open(answer).await {
                Opened::Stream(reader) => {
                    if ended.get() {
                        return;
                    }
                    pause_ms = PAUSE_MS_MIN;
                    hear(News::Connected);
                    while let Some(bytes) = chunk(&reader).await {
                        for event in events.take(&bytes) {
                            if ended.get() {
                                return;
                            }
                            hear(News::Changed(event));
                        }
                    }
                }
                Opened::SignedOut => {
                    if !ended.get() {
                        hear(News::SignedOut);
                    }
                    return;
                }
                Opened::Nothing => {}
            }
            last_id = events.last_id().map(str::to_owned);
        }
        if ended.get() {
            return;
        }
        hear(News::Lost);
        sleep(pause_ms).await;
        pause_ms = (pause_ms * 2).min(PAUSE_MS_MAX);
    }
}

enum Opened {
    Stream(ReadableStreamDefaultReader),
    SignedOut,
    Nothing,
}

async fn open(answer: Promise) -> Opened {
    let Some(response) = response(answer).await else {
        return Opened::Nothing;
    };
    match response.status() {
        200 => {
            let reader = response.body().map(|body| body.get_reader());
            reader.map_or(Opened::Nothing, |reader| {
                Opened::Stream(reader.unchecked_into())
            })
        }
        401 => Opened::SignedOut,
        _ => Opened::Nothing,
    }
}

async fn chunk(reader: &ReadableStreamDefaultReader) -> Option<Vec<u8>> {
    let read = JsFuture::from(reader.read()).await.ok()?;
    let value = Reflect::get(&read, &"value".into()).ok()?;
    // Without a value it is done.
    let bytes: Uint8Array = value.dyn_into().ok()?;
    Some(bytes.to_vec())
}

fn ask(request: &DeskRequest, more: &[(&'static str, String)]) -> Option<(Promise, Abort)> {
    let abort = Abort(AbortController::new().ok()?);
    let init = init(request, more, &abort).ok()?;
    let answer = web_sys::window()?.fetch_with_str_and_init(&request.path, &init);
    Some((answer, abort))
}

fn init(
    request: &DeskRequest,
    more: &[(&'static str, String)],
    abort: &Abort,
) -> Result<RequestInit, JsValue> {
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_credentials(RequestCredentials::Omit);
    // What staff see is nothing to keep on a shared computer.
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&abort.0.signal()));
    let headers = Headers::new()?;
    for (name, value) in request.headers.iter().chain(more) {
        headers.append(name, value)?;
    }
    if let Some((media_type, bytes)) = &request.body {
        headers.append("Content-Type", media_type)?;
        init.set_body(&Uint8Array::from(bytes.as_slice()));
    }
    init.set_headers(&headers);
    Ok(init)
}

async fn response(answer: Promise) -> Option<Response> {
    JsFuture::from(answer).await.ok()?.dyn_into().ok()
}

/// A body that ends before its announced length rejects.
async fn whole(answer: Promise) -> Option<DeskResponse> {
    let response = response(answer).await?;
    let body = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    let media_type = response.headers().get("Content-Type").ok().flatten();
    Some(DeskResponse {
        status: response.status(),
        media_type: media_type.unwrap_or_default(),
        body: Uint8Array::new(&body).to_vec(),
    })
}

/// Ends the exchange when dropped: after it is read, that does nothing.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}
