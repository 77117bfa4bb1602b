//! A suite of six stand-in widgets, for the trial that decides how widgets are packed.
//!
//! Not part of the product. Base, backends, outbox and kit are the product's own (the
//! suite's modules are compiled in from where they lie); the stand-ins differ from each
//! other as real widgets do, and some of their helpers are used by all, some by two or
//! three. `cargo xtask peers --only packing` measures; `crates/suite/README.md` says
//! what was decided.

#![cfg(target_arch = "wasm32")]

#[path = "../../../crates/suite/src/app.rs"]
mod app;
#[path = "../../../crates/suite/src/failure.rs"]
mod failure;
#[path = "../../../crates/suite/src/panic.rs"]
mod panic;
#[path = "../../../crates/suite/src/settings.rs"]
mod settings;
#[path = "../../../crates/suite/src/words.rs"]
mod words;
#[path = "../../../crates/suite/src/world.rs"]
mod world;

mod card;
mod help;
mod points;

mod desk;
mod pledge;
mod report;
mod results;
mod signup;
mod survey;

use crate::app::{Given, Mounted};
use crate::failure::Failure;
use crate::settings::Settings;
use js_sys::{Function, Promise};
use linli_ui::{Shell, WidgetEvent};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

/// The texts that every stand-in reads: a real widget has a file of its own.
const PARTS: [&str; 2] = ["deliberation", "refusal"];

/// Called once per instance, as in the suite.
#[wasm_bindgen]
pub fn start(poisoned: Function) {
    panic::install(poisoned);
}

/// An opened stand-in, as JavaScript holds it.
#[wasm_bindgen]
pub struct App {
    widget: String,
    load: Function,
    emit: Rc<dyn Fn(WidgetEvent)>,
    mounted: Rc<RefCell<Option<Box<dyn Mounted>>>>,
}

/// Opens `widget` in `root`, as in the suite.
#[wasm_bindgen]
pub async fn open(
    widget: String,
    root: HtmlElement,
    settings: JsValue,
    load: Function,
    emit: Function,
) -> Result<App, JsValue> {
    panic::check()?;
    let emit: Rc<dyn Fn(WidgetEvent)> = Rc::new(move |event| {
        // What the host page gets is the same for every packing.
        let _ = emit.call1(&JsValue::NULL, &format!("{event:?}").into());
    });
    let given = given(&widget, &load, &emit, Settings::new(settings)).await?;
    let mounted = match app::parked(&widget) {
        Some(mut mounted) => {
            mounted.resume(&given)?;
            mounted
        }
        None => points::open(&widget, root, given).await?,
    };
    let mounted = Rc::new(RefCell::new(Some(mounted)));
    Ok(App {
        widget,
        load,
        emit,
        mounted,
    })
}

#[wasm_bindgen]
impl App {
    /// The element to put into the shadow root.
    #[wasm_bindgen(getter)]
    pub fn root(&self) -> Option<HtmlElement> {
        let mounted = self.mounted.borrow();
        mounted.as_ref().map(|mounted| mounted.root().clone())
    }

    /// Takes over changed settings.
    pub fn update(&self, settings: JsValue) -> Promise {
        let (widget, load) = (self.widget.clone(), self.load.clone());
        let (emit, mounted) = (Rc::clone(&self.emit), Rc::clone(&self.mounted));
        wasm_bindgen_futures::future_to_promise(async move {
            let given = given(&widget, &load, &emit, Settings::new(settings)).await?;
            if let Some(mounted) = mounted.borrow_mut().as_mut() {
                mounted.update(&given)?;
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Ends the app and releases what it holds.
    pub fn close(self) {
        let mounted = self.mounted.borrow_mut().take();
        if let Some(mounted) = mounted {
            app::park(&self.widget, mounted);
        }
    }
}

async fn given(
    widget: &str,
    load: &Function,
    emit: &Rc<dyn Fn(WidgetEvent)>,
    settings: Settings,
) -> Result<Given, Failure> {
    let texts = words::catalog(load, widget, &PARTS, settings.locale()).await?;
    let world = world::of(&settings).await?;
    let emit = Rc::clone(emit);
    Ok(Given {
        shell: Shell { world, texts, emit },
        settings,
    })
}
