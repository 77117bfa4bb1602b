//! A made-up community inside the page. `window.linliDesk` lets a test make answers
//! fail, slow down, or residents vote.

use js_sys::{Object, Reflect};
use linli_port::Ambient;
use linli_port::desk::Desk;
use linli_port::memory::{Fault, MemoryDesk};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

pub(crate) fn desk(ambient: Rc<dyn Ambient>) -> Rc<dyn Desk> {
    let desk = Rc::new(MemoryDesk::sample(ambient));
    let handle = Object::new();
    let set = |name: &str, function: JsValue| {
        // A fresh plain object takes any property.
        let _ = Reflect::set(&handle, &name.into(), &function);
    };
    let held = Rc::clone(&desk);
    let fail = Closure::<dyn Fn(String)>::new(move |word: String| {
        held.faults().always(match word.as_str() {
            "unreachable" => Some(Fault::UnreachableBefore),
            "lost" => Some(Fault::UnreachableAfter),
            "broken" => Some(Fault::Broken),
            _ => None,
        });
    });
    set("fail", fail.into_js_value());
    let held = Rc::clone(&desk);
    let slow = Closure::<dyn Fn(u32)>::new(move |ms| held.faults().set_latency_ms(ms));
    set("slow", slow.into_js_value());
    let held = Rc::clone(&desk);
    let cast = Closure::<dyn Fn(u32)>::new(move |count| held.cast(u64::from(count)));
    set("cast", cast.into_js_value());
    let _ = Reflect::set(&js_sys::global(), &"linliDesk".into(), &handle);
    desk
}
