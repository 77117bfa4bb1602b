//! Which backend an element speaks to, and what surrounds it.
//!
//! Elements with the same backend share one world, and with it one outbox: two of them
//! over the same shelf would send twice.

use crate::failure::Failure;
use crate::settings::{Backend, Settings};
use js_sys::{JSON, Object, Promise, Reflect};
use linli_adapters::browser::{BrowserAmbient, IndexedShelf};
use linli_adapters::http::{Http, transport::fetch::Fetch};
use linli_adapters::outbox::Outbox;
use linli_adapters::scoped::Scoped;
use linli_model::TopicId;
use linli_port::{Ambient, Deliberations, Shelf, World};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// The world of an element with these settings. Loads the code of rarer backends where
/// it is not loaded yet.
pub(crate) async fn of(settings: &Settings) -> Result<World, Failure> {
    let wanted = Wanted::of(settings);
    if let Some(known) = find(&wanted) {
        return Ok(known.at_hand(settings));
    }
    if let Backend::Http { api } = &wanted.backend {
        let is_own_origin = wanted.scope == own_origin();
        let http = Rc::new(Http::new(Fetch::new(api), is_own_origin));
        return Ok(keep(&wanted, Rc::clone(&http) as _, Some(http)).at_hand(settings));
    }
    let rare = rare::backend(wanted.clone(), Rc::new(BrowserAmbient)).await?;
    // Another element may have been first while the code was on its way.
    let known = find(&wanted).unwrap_or_else(|| keep(&wanted, rare, None));
    Ok(known.at_hand(settings))
}

thread_local! {
    static KEPT: RefCell<Vec<Known>> = const { RefCell::new(Vec::new()) };
    // One connection to the device's storage for the page.
    static SHELF: Rc<IndexedShelf> = Rc::new(IndexedShelf::new());
}

/// What two elements must have in common to share a world.
#[derive(Clone)]
struct Wanted {
    backend: Backend,
    /// Names the part of the device's storage that only this backend sees.
    scope: String,
    /// The page's object; `undefined` for other backends.
    host: JsValue,
    /// The topic's JSON as the page gives it, for backends that serve none.
    topic: Option<String>,
}

impl Wanted {
    fn of(settings: &Settings) -> Self {
        let backend = settings.backend();
        let mut scope = match &backend {
            Backend::Http { api } if api.is_empty() => own_origin(),
            Backend::Http { api } => api.clone(),
            Backend::Host => "host".to_owned(),
            Backend::Webhook { url } => url.clone(),
        };
        let (mut host, mut topic) = (JsValue::UNDEFINED, None);
        if !matches!(backend, Backend::Http { .. })
            && let Some((id, json)) = given(settings)
        {
            scope.push(' ');
            scope.push_str(&id);
            topic = Some(json);
        }
        if matches!(backend, Backend::Host) {
            host = settings.value("host").unwrap_or(host);
        }
        Self {
            backend,
            scope,
            host,
            topic,
        }
    }
}

#[derive(Clone)]
struct Known {
    wanted: Wanted,
    world: World,
    http: Option<Rc<Http<Fetch>>>,
}

impl Known {
    /// The world, with what this page knows of its visitors, and the answer that the
    /// loader has already asked for.
    fn at_hand(self, settings: &Settings) -> World {
        if let Some(http) = self.http {
            http.set_tokens(settings.value("token").unwrap_or_default());
            if let Some((topic, answer)) = prefetched(settings) {
                http.prefetched(&topic, answer);
            }
        }
        self.world
    }
}

fn find(wanted: &Wanted) -> Option<Known> {
    let is_it = |known: &&Known| {
        let known = &known.wanted;
        known.scope == wanted.scope
            && known.topic == wanted.topic
            && known.backend == wanted.backend
            && Object::is(&known.host, &wanted.host)
    };
    KEPT.with_borrow(|kept| kept.iter().find(is_it).cloned())
}

fn keep(
    wanted: &Wanted,
    deliberations: Rc<dyn Deliberations>,
    http: Option<Rc<Http<Fetch>>>,
) -> Known {
    let ambient: Rc<dyn Ambient> = Rc::new(BrowserAmbient);
    let shelf: Rc<dyn Shelf> = SHELF.with(|shelf| Rc::clone(shelf) as _);
    let shelf: Rc<dyn Shelf> = Rc::new(Scoped::new(shelf, &wanted.scope));
    let delivery = Rc::new(Outbox::new(
        Rc::clone(&shelf),
        Rc::clone(&deliberations),
        Rc::clone(&ambient),
        Rc::new(wasm_bindgen_futures::spawn_local),
    ));
    let world = World {
        deliberations,
        delivery,
        shelf,
        ambient,
    };
    let known = Known {
        wanted: wanted.clone(),
        world,
        http,
    };
    KEPT.with_borrow_mut(|kept| kept.push(known.clone()));
    known
}

/// Backends that few pages use, in a piece of their own.
mod rare {
    use super::*;
    use linli_adapters::host::{Host, js::JsPage};
    use linli_adapters::webhook::Webhook;

    type Made = Result<Rc<dyn Deliberations>, Failure>;

    #[cfg(feature = "split")]
    #[wasm_split_helpers::wasm_split(backends, fallible)]
    pub(super) fn backend(wanted: Wanted, ambient: Rc<dyn Ambient>) -> Made {
        make(wanted, ambient)
    }

    #[cfg(not(feature = "split"))]
    pub(super) async fn backend(wanted: Wanted, ambient: Rc<dyn Ambient>) -> Made {
        make(wanted, ambient)
    }

    fn make(wanted: Wanted, ambient: Rc<dyn Ambient>) -> Made {
        Ok(match wanted.backend {
            Backend::Webhook { url } => Rc::new(Webhook::new(
                Fetch::new(&url),
                ambient,
                wanted.topic.unwrap_or_default(),
            )),
            Backend::Host | Backend::Http { .. } => {
                Rc::new(Host::new(JsPage::new(wanted.host), ambient, wanted.topic))
            }
        })
    }
}

/// The topic's id and JSON from `linli.configure({ topics: { id: … } })`.
fn given(settings: &Settings) -> Option<(String, String)> {
    let id = settings.text("topic")?;
    let topic = Reflect::get(&settings.value("topics")?, &id.as_str().into()).ok()?;
    // `stringify` of a missing value is undefined, which is no text.
    let json = JsValue::from(JSON::stringify(&topic).ok()?).as_string()?;
    Some((id, json))
}

/// The answer that the loader has already asked for.
fn prefetched(settings: &Settings) -> Option<(TopicId, Promise)> {
    let topic = TopicId::parse(&settings.text("topic")?).ok()?;
    Some((topic, settings.value("prefetched")?.dyn_into().ok()?))
}

fn own_origin() -> String {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok());
    origin.unwrap_or_default()
}
