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
    let identity = Identity::of(settings);
    let known = match find(&identity) {
        Some(known) => known,
        None => {
            let made = make(identity).await?;
            // Another element may have been first while the code was on its way.
            find(&made.identity).unwrap_or_else(|| {
                KEPT.with_borrow_mut(|kept| kept.push(made.clone()));
                made
            })
        }
    };
    if let (Some(http), Some((topic, answer))) = (known.http, prefetched(settings)) {
        http.prefetched(&topic, answer);
    }
    Ok(known.world)
}

fn find(identity: &Identity) -> Option<Known> {
    KEPT.with_borrow(|kept| {
        kept.iter()
            .find(|known| known.identity == *identity)
            .cloned()
    })
}

thread_local! {
    static KEPT: RefCell<Vec<Known>> = const { RefCell::new(Vec::new()) };
    // One connection to the device's storage for the page.
    static SHELF: Rc<IndexedShelf> = Rc::new(IndexedShelf::new());
}

#[derive(Clone)]
struct Known {
    identity: Identity,
    world: World,
    http: Option<Rc<Http<Fetch>>>,
}

/// What two elements must have in common to share a world.
#[derive(Clone)]
struct Identity {
    backend: Backend,
    /// The page's object; `undefined` for other backends.
    host: JsValue,
    /// The topic as the page gives it, for backends that serve none.
    given: Option<(String, String)>,
}

impl Identity {
    fn of(settings: &Settings) -> Self {
        let backend = settings.backend();
        let host = match backend {
            Backend::Host => settings.value("host").unwrap_or(JsValue::UNDEFINED),
            Backend::Http { .. } | Backend::Webhook { .. } => JsValue::UNDEFINED,
        };
        let given = match backend {
            Backend::Http { .. } => None,
            Backend::Host | Backend::Webhook { .. } => given(settings),
        };
        Self {
            backend,
            host,
            given,
        }
    }

    /// Names the part of the device's storage that only this backend sees.
    fn scope(&self) -> String {
        let backend = match &self.backend {
            Backend::Http { api } if api.is_empty() => own_origin(),
            Backend::Http { api } => api.clone(),
            Backend::Host => "host".to_owned(),
            Backend::Webhook { url } => url.clone(),
        };
        match &self.given {
            Some((topic, _)) => format!("{backend} {topic}"),
            None => backend,
        }
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.backend == other.backend
            && self.given == other.given
            && Object::is(&self.host, &other.host)
    }
}

async fn make(identity: Identity) -> Result<Known, Failure> {
    let ambient: Rc<dyn Ambient> = Rc::new(BrowserAmbient);
    let mut http = None;
    let deliberations: Rc<dyn Deliberations> = match &identity.backend {
        Backend::Http { api } => {
            let is_own_origin = api.is_empty() || *api == own_origin();
            let adapter = Rc::new(Http::new(Fetch::new(api), is_own_origin));
            http = Some(Rc::clone(&adapter));
            adapter
        }
        Backend::Host | Backend::Webhook { .. } => {
            rare::backend(identity.clone(), Rc::clone(&ambient)).await?
        }
    };
    let shelf: Rc<dyn Shelf> = SHELF.with(|shelf| Rc::clone(shelf) as Rc<dyn Shelf>);
    let shelf: Rc<dyn Shelf> = Rc::new(Scoped::new(shelf, &identity.scope()));
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
    Ok(Known {
        identity,
        world,
        http,
    })
}

/// Backends that few pages use, in a piece of their own.
mod rare {
    use super::*;
    use linli_adapters::host::{Host, js::JsPage};
    use linli_adapters::webhook::Webhook;

    type Made = Result<Rc<dyn Deliberations>, Failure>;

    #[cfg(feature = "split")]
    #[wasm_split_helpers::wasm_split(backends, fallible)]
    pub(super) fn backend(identity: Identity, ambient: Rc<dyn Ambient>) -> Made {
        make(identity, ambient)
    }

    #[cfg(not(feature = "split"))]
    pub(super) async fn backend(identity: Identity, ambient: Rc<dyn Ambient>) -> Made {
        make(identity, ambient)
    }

    fn make(identity: Identity, ambient: Rc<dyn Ambient>) -> Made {
        let json = identity.given.map(|(_, json)| json);
        Ok(match identity.backend {
            Backend::Webhook { url } => Rc::new(Webhook::new(
                Fetch::new(&url),
                ambient,
                json.unwrap_or_default(),
            )),
            Backend::Host | Backend::Http { .. } => {
                Rc::new(Host::new(JsPage::new(identity.host), ambient, json))
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
