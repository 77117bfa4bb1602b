//! The wasm of the staff's page `/desk/{community}`.
//!
//! Owns the way from the page's address to a mounted desk: which community, which
//! language, which backend; and what happens after a panic. It is a file of its own, since a second
//! widget in the residents' suite would cost every resident some kilobytes. The widget
//! owns everything a person sees; the server owns the page around it.

// Elsewhere there is nothing to mount into: the crate is empty there.
#![cfg(target_arch = "wasm32")]

use linli_adapters::browser::BrowserAmbient;
use linli_desk::{Desk, DeskProps};
use linli_model::{CommunityId, GrantToken};
use linli_port::Ambient;
use linli_port::desk::{DeskWorld, Pocket};
use linli_texts::Catalog;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, HtmlElement, Response, Window};

// The default allocator is twice as large to download.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Text parts of the desk's file, in order. The build writes the file by them.
const PARTS: &[&str] = include!("parts.in");

/// The element that the desk is mounted in. The page says in it that it is loading, and
/// what to do where `data-failed` is set.
const ROOT: &str = "desk";

/// Name under which a chosen language is kept.
const LANG: &str = "lang";

/// Called by the script, once.
///
/// `base` is where the release's files are, with a slash at the end.
#[wasm_bindgen]
pub fn start(base: String) {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        fail();
    }));
    spawn_local(async move {
        if open(&base).await.is_none() {
            fail();
        }
    });
}

async fn open(base: &str) -> Option<()> {
    let window = web_sys::window()?;
    let document = window.document()?;
    let place = Place::of(&window)?;
    let pocket: Rc<dyn Pocket> = Rc::new(linli_adapters::browser::BrowserPocket::new(
        place.community.as_str(),
    ));
    let tag = language(&window, &*pocket);
    let texts = texts(&window, base, tag).await?;
    if let Some(html) = document.document_element() {
        let _ = html.set_attribute("lang", tag);
    }
    let root = root(&document)?;
    root.set_inner_html("");
    let ambient: Rc<dyn Ambient> = Rc::new(BrowserAmbient);
    let props = DeskProps {
        world: DeskWorld {
            desk: backend(&place.community, &ambient),
            pocket,
            ambient,
        },
        community: place.community,
        invitation: place.invitation,
        texts: Rc::new(texts),
        origin: window.location().origin().ok()?.into(),
    };
    yew::Renderer::<Desk>::with_root_and_props(root.into(), props).render();
    Some(())
}

#[cfg(not(feature = "memory"))]
fn backend(community: &CommunityId, _: &Rc<dyn Ambient>) -> Rc<dyn linli_port::desk::Desk> {
    use linli_adapters::http::desk::{HttpDesk, fetch::FetchDesk};
    Rc::new(HttpDesk::new(FetchDesk, community))
}

#[cfg(feature = "memory")]
fn backend(_: &CommunityId, ambient: &Rc<dyn Ambient>) -> Rc<dyn linli_port::desk::Desk> {
    memory::desk(Rc::clone(ambient))
}

#[cfg(feature = "memory")]
mod memory;

/// Where the address leads.
struct Place {
    community: CommunityId,
    invitation: Option<GrantToken>,
}

impl Place {
    /// `/desk/{community}` or `/desk/{community}/join#{token}`.
    fn of(window: &Window) -> Option<Self> {
        let path = window.location().pathname().ok()?;
        let mut steps = path.split('/').skip_while(|step| *step != "desk").skip(1);
        let community = CommunityId::parse(steps.next()?).ok()?;
        let joins = steps.next() == Some("join");
        let token = joins.then(|| window.location().hash().ok()).flatten();
        let token = token.map(|hash| hash.trim_start_matches('#').to_owned());
        Some(Self {
            community,
            invitation: token.and_then(|token| GrantToken::parse(&token).ok()),
        })
    }
}

/// What the address asks for, what was chosen before, what the browser wants.
fn language(window: &Window, pocket: &dyn Pocket) -> &'static str {
    let search = window.location().search().unwrap_or_default();
    let asked = web_sys::UrlSearchParams::new_with_str(&search)
        .ok()
        .and_then(|asked| asked.get(LANG));
    let mut wanted: Vec<String> = asked.clone().into_iter().collect();
    wanted.extend(pocket.taste(LANG));
    let languages = window.navigator().languages();
    wanted.extend(languages.iter().filter_map(|one| one.as_string()));
    let tag = linli_texts::negotiate(wanted.iter().map(String::as_str));
    if asked.is_some() {
        pocket.keep_taste(LANG, tag);
    }
    tag
}

async fn texts(window: &Window, base: &str, tag: &str) -> Option<Catalog> {
    let file = format!("{base}texts/{tag}/desk.json");
    let answer = JsFuture::from(window.fetch_with_str(&file)).await.ok()?;
    let answer: Response = answer.dyn_into().ok()?;
    let text = JsFuture::from(answer.text().ok()?).await.ok()?;
    let mut catalog = Catalog::new(tag);
    catalog
        .load_all(PARTS, &text.as_string()?)
        .then_some(catalog)
}

fn root(document: &Document) -> Option<HtmlElement> {
    document.get_element_by_id(ROOT)?.dyn_into().ok()
}

/// The page's own words about it are shown instead.
fn fail() {
    let document = web_sys::window().and_then(|window| window.document());
    let body = document.and_then(|document| document.body());
    if let Some(body) = body {
        let _ = body.set_attribute("data-failed", "");
    }
}
