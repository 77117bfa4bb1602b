//! The wasm of the whole suite, as `loader.js` uses it.
//!
//! Owns the table of widgets, the split into pieces, the way from an element's
//! attributes to a mounted Yew app, the choice of backend, and what happens after a
//! panic. The loader owns the custom elements, shadow roots, fallbacks and fetching;
//! widgets own everything a person sees.

// Elsewhere there is nothing to mount into: the crate is empty there.
#![cfg(target_arch = "wasm32")]

mod app;
mod failure;
mod panic;
mod props;
mod registry;
mod settings;
mod words;
mod world;

use crate::app::{Given, Mounted};
use crate::failure::Failure;
use crate::settings::Settings;
use js_sys::{Function, Object, Promise, Reflect};
use linli_port::LocalFuture;
use linli_ui::{Shell, WidgetEvent};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

// The default allocator is twice as large to download.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Called once per instance. `poisoned(message)` is called when a panic ends it.
#[wasm_bindgen]
pub fn start(poisoned: Function) {
    panic::install(poisoned);
}

/// An opened element, as JavaScript holds it.
#[wasm_bindgen]
pub struct App {
    mounted: Rc<RefCell<Option<Box<dyn Mounted>>>>,
    context: Rc<Context>,
}

/// What stays the same while an element is open.
struct Context {
    widget: String,
    /// File of the suite → promise of its text.
    load: Function,
    emit: Rc<dyn Fn(WidgetEvent)>,
}

/// Opens `widget` in `root`, an empty element, or in the element of a parked app:
/// [`App::root`] says which to put into the shadow root.
///
/// `settings` is a plain object of attributes over configuration, `load(file)` gives a
/// promise of a text file of the suite, `emit(name, detail)` tells the host page.
#[wasm_bindgen]
pub fn open(
    widget: String,
    root: HtmlElement,
    settings: JsValue,
    load: Function,
    emit: Function,
) -> Promise {
    promise(Box::pin(async move {
        let app = App::open(widget, root, settings, load, emit).await?;
        Ok(app.into())
    }))
}

// One copy for all futures: boxes are cheaper to download than generic code.
fn promise(future: LocalFuture<'static, Result<JsValue, JsValue>>) -> Promise {
    wasm_bindgen_futures::future_to_promise(future)
}

impl App {
    async fn open(
        widget: String,
        root: HtmlElement,
        settings: JsValue,
        load: Function,
        emit: Function,
    ) -> Result<App, Failure> {
        panic::check()?;
        let emit: Rc<dyn Fn(WidgetEvent)> = Rc::new(move |event| tell(&emit, &event));
        let context = Rc::new(Context { widget, load, emit });
        let given = context.given(Settings::new(settings)).await?;
        let mounted = match app::parked(&context.widget) {
            Some(mut mounted) => {
                if let Err(failure) = mounted.resume(&given) {
                    app::park(&context.widget, mounted);
                    return Err(failure);
                }
                mounted
            }
            None => registry::open(&context.widget, root, given).await?,
        };
        Ok(App {
            mounted: Rc::new(RefCell::new(Some(mounted))),
            context,
        })
    }
}

#[wasm_bindgen]
impl App {
    /// The element to put into the shadow root.
    #[wasm_bindgen(getter)]
    pub fn root(&self) -> Option<HtmlElement> {
        self.mounted
            .borrow()
            .as_ref()
            .map(|mounted| mounted.root().clone())
    }

    /// Takes over changed settings; rejects, and stays as it was, where they make no
    /// sense.
    pub fn update(&self, settings: JsValue) -> Promise {
        let (mounted, context) = (Rc::clone(&self.mounted), Rc::clone(&self.context));
        promise(Box::pin(async move {
            panic::check()?;
            let given = context.given(Settings::new(settings)).await?;
            if let Some(mounted) = mounted.borrow_mut().as_mut() {
                mounted.update(&given)?;
            }
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// Ends the app and releases what it holds.
    pub fn close(self) {
        let mounted = self.mounted.borrow_mut().take();
        if let Some(mounted) = mounted {
            app::park(&self.context.widget, mounted);
        }
    }
}

impl Context {
    async fn given(&self, settings: Settings) -> Result<Given, Failure> {
        let parts = registry::text_parts(&self.widget).ok_or(Failure::UnknownWidget)?;
        let texts = words::catalog(&self.load, &self.widget, parts, settings.locale()).await?;
        let world = world::of(&settings).await?;
        Ok(Given {
            shell: Shell {
                world,
                texts,
                emit: Rc::clone(&self.emit),
            },
            settings,
        })
    }
}

/// What the host page may learn, as the `detail` of a `linli-…` event.
fn tell(emit: &Function, event: &WidgetEvent) {
    let detail = Object::new();
    let set = |name: &str, value: JsValue| {
        // A fresh plain object takes any property.
        let _ = Reflect::set(&detail, &name.into(), &value);
    };
    let name = match event {
        WidgetEvent::Ready => "ready",
        WidgetEvent::Submitted { subject, recorded } => {
            set("subject", subject.into());
            set("recorded", (*recorded).into());
            "submitted"
        }
        WidgetEvent::Refused { code } => {
            set("code", code.into());
            "refused"
        }
        WidgetEvent::Error { incident } => {
            set("reason", "fault".into());
            set("incident", incident.into());
            "error"
        }
    };
    // An exception in the host's listener is the host's: the loader reports it.
    let _ = emit.call2(&JsValue::NULL, &name.into(), &detail);
}
