//! Which backend an element speaks to, and what surrounds it.
//!
//! Elements with the same backend share one world, and with it one outbox: two of them
//! over the same shelf would send twice.

use crate::settings::{Backend, Settings};
use js_sys::{JSON, Object, Promise, Reflect};
use linli_adapters::browser::{BrowserAmbient, IndexedShelf};
use linli_adapters::host::{Host, js::JsPage};
use linli_adapters::http::{Http, transport::fetch::Fetch};
use linli_adapters::outbox::Outbox;
use linli_adapters::scoped::Scoped;
use linli_adapters::webhook::Webhook;
use linli_model::TopicId;
use linli_port::{Ambient, Deliberations, Shelf, World};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// The world of an element with these settings.
pub(crate) fn of(settings: &Settings) -> World {
    let identity = Identity::of(settings);
    let known = KEPT.with_borrow(|kept| {
        let same = kept.iter().find(|known| known.identity == identity);
        same.map(|known| (known.world.clone(), known.http.clone()))
    });
    let (world, http) = known.unwrap_or_else(|| {
        let made = make(identity);
        let parts = (made.world.clone(), made.http.clone());
        KEPT.with_borrow_mut(|kept| kept.push(made));
        parts
    });
    if let (Some(http), Some((topic, answer))) = (http, prefetched(settings)) {
        http.prefetched(&topic, answer);
    }
    world
}

thread_local! {
    static KEPT: RefCell<Vec<Known>> = const { RefCell::new(Vec::new()) };
    // One connection to the device's storage for the page.
    static SHELF: Rc<IndexedShelf> = Rc::new(IndexedShelf::new());
}

struct Known {
    identity: Identity,
    world: World,
    http: Option<Rc<Http<Fetch>>>,
}

/// What two elements must have in common to share a world.
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

fn make(identity: Identity) -> Known {
    let ambient: Rc<dyn Ambient> = Rc::new(BrowserAmbient);
    let mut http = None;
    let json = identity.given.as_ref().map(|(_, json)| json.clone());
    let deliberations: Rc<dyn Deliberations> = match &identity.backend {
        Backend::Http { api } => {
            let is_own_origin = api.is_empty() || *api == own_origin();
            let adapter = Rc::new(Http::new(Fetch::new(api), is_own_origin));
            http = Some(Rc::clone(&adapter));
            adapter
        }
        Backend::Host => {
            let page = JsPage::new(identity.host.clone());
            Rc::new(Host::new(page, Rc::clone(&ambient), json))
        }
        Backend::Webhook { url } => {
            let json = json.unwrap_or_default();
            Rc::new(Webhook::new(Fetch::new(url), Rc::clone(&ambient), json))
        }
    };
    let shelf: Rc<dyn Shelf> = SHELF.with(|shelf| Rc::clone(shelf) as Rc<dyn Shelf>);
    let shelf: Rc<dyn Shelf> = Rc::new(Scoped::new(shelf, &identity.scope()));
    let delivery = Rc::new(Outbox::new(
        Rc::clone(&shelf),
        Rc::clone(&deliberations),
        Rc::clone(&ambient),
        Rc::new(|future| wasm_bindgen_futures::spawn_local(future)),
    ));
    Known {
        identity,
        world: World {
            deliberations,
            delivery,
            shelf,
            ambient,
        },
        http,
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
