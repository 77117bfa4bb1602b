//! Elements by method calls, for what is no block: less to compile and to download than
//! a macro's code for each. No `style` attribute can be set: a strict CSP forbids it.

use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;
use yew::virtual_dom::{Key, Listener, VList, VNode, VTag};

/// An element being made. In a box: it is handed on at every call, and a moved pointer is
/// less to download than a moved element.
#[must_use = "an element that is not put anywhere is not shown"]
pub struct El(Box<VTag>);

/// An element without anything.
#[inline(never)]
pub fn el(name: &'static str) -> El {
    El(Box::new(VTag::new(name)))
}

/// An element with a class.
#[inline(never)]
pub fn div(class: &'static str) -> El {
    el("div").class(class)
}

/// Words in an element.
pub fn says(name: &'static str, words: impl Into<AttrValue>) -> El {
    el(name).text(words)
}

/// What may be there or not, as one child that always is.
pub fn maybe(node: Option<impl Into<VNode>>) -> VNode {
    list(node.map(Into::into))
}

/// Nothing.
pub fn nothing() -> VNode {
    VNode::default()
}

/// Nodes in a row, as one child: what comes and goes in it leaves its neighbours as they
/// are. (Children without keys are compared by their place from the end.)
pub fn list(nodes: impl IntoIterator<Item = VNode>) -> VNode {
    VList::with_children(nodes.into_iter().collect(), None).into()
}

impl El {
    /// Its classes.
    #[inline(never)]
    pub fn class(self, class: &'static str) -> Self {
        self.attr("class", class)
    }

    /// Its name in the document.
    pub fn id(self, id: impl Into<AttrValue>) -> Self {
        self.attr("id", id)
    }

    /// An attribute.
    pub fn attr(self, key: &'static str, value: impl Into<AttrValue>) -> Self {
        self.set(key, value.into())
    }

    // One copy for every kind of value.
    #[inline(never)]
    fn set(mut self, key: &'static str, value: AttrValue) -> Self {
        self.0.add_attribute(key, value);
        self
    }

    /// An attribute without a value, or none.
    #[inline(never)]
    pub fn flag(self, key: &'static str, on: bool) -> Self {
        if on { self.attr(key, "") } else { self }
    }

    /// An attribute that says `true`, or none.
    #[inline(never)]
    pub fn tells(self, key: &'static str, on: bool) -> Self {
        if on { self.attr(key, "true") } else { self }
    }

    /// An attribute, where there is a value.
    pub fn maybe(self, key: &'static str, value: Option<impl Into<AttrValue>>) -> Self {
        match value {
            Some(value) => self.attr(key, value),
            None => self,
        }
    }

    /// Words in it.
    pub fn text(self, words: impl Into<AttrValue>) -> Self {
        self.words(words.into())
    }

    #[inline(never)]
    fn words(self, words: AttrValue) -> Self {
        self.child(VNode::from(yew::virtual_dom::VText::new(words)))
    }

    /// A child.
    pub fn put(self, child: impl Into<VNode>) -> Self {
        self.child(child.into())
    }

    #[inline(never)]
    fn child(mut self, child: VNode) -> Self {
        self.0.add_child(child);
        self
    }

    /// Children.
    pub fn all(mut self, children: impl IntoIterator<Item = VNode>) -> Self {
        self.0.add_children(children);
        self
    }

    /// A child, where there is one.
    pub fn some(self, child: Option<impl Into<VNode>>) -> Self {
        match child {
            Some(child) => self.put(child),
            None => self,
        }
    }

    /// What tells it from its siblings.
    pub fn key(mut self, key: impl Into<Key>) -> Self {
        self.0.key = Some(key.into());
        self
    }

    /// For whoever needs the element itself.
    #[inline(never)]
    pub fn node(mut self, node: &NodeRef) -> Self {
        self.0.node_ref = node.clone();
        self
    }

    /// What a field holds.
    #[inline(never)]
    pub fn value(mut self, value: &str) -> Self {
        self.0.set_value(Some(AttrValue::from(value.to_owned())));
        self
    }

    /// Whether a box or radio button is on.
    #[inline(never)]
    pub fn checked(mut self, on: bool) -> Self {
        self.0.set_checked(on);
        self
    }

    /// Whether an option of a list is the one. A property: the attribute would only be
    /// where the list starts.
    #[inline(never)]
    pub fn selected(mut self, on: bool) -> Self {
        if cfg!(target_arch = "wasm32") {
            self.0.add_property("selected", on);
        } else if on {
            self.0.add_attribute("selected", "");
        }
        self
    }

    #[inline(never)]
    fn hears(mut self, listener: Rc<dyn Listener>) -> Self {
        self.0.add_listener(listener);
        self
    }

    /// Called when it is tapped.
    #[inline(never)]
    pub fn click(self, done: Callback<MouseEvent>) -> Self {
        self.hears(Rc::new(yew::html::onclick::Wrapper::new(done)))
    }

    /// Called with what a field holds, at every change.
    #[inline(never)]
    pub fn typed(self, typed: Callback<String>) -> Self {
        let heard = Callback::from(move |event: InputEvent| {
            if let Some(value) = event.target().and_then(|target| held(&target)) {
                typed.emit(value);
            }
        });
        self.hears(Rc::new(yew::html::oninput::Wrapper::new(heard)))
    }

    /// Called at every change of a field.
    #[inline(never)]
    pub fn input(self, heard: Callback<InputEvent>) -> Self {
        self.hears(Rc::new(yew::html::oninput::Wrapper::new(heard)))
    }

    /// Adds a child to an element that is kept.
    pub fn add(&mut self, child: VNode) {
        self.0.add_child(child);
    }

    /// Called when a box, radio button or list changes.
    #[inline(never)]
    pub fn changed(self, changed: Callback<Event>) -> Self {
        self.hears(Rc::new(yew::html::onchange::Wrapper::new(changed)))
    }

    /// Called when a finger or mouse goes down on it, moves, or goes up.
    #[inline(never)]
    pub fn pointer(self, heard: Callback<PointerEvent>) -> Self {
        self.hears(Rc::new(yew::html::onpointerdown::Wrapper::new(
            heard.clone(),
        )))
        .hears(Rc::new(yew::html::onpointermove::Wrapper::new(
            heard.clone(),
        )))
        .hears(Rc::new(yew::html::onpointerup::Wrapper::new(heard.clone())))
        .hears(Rc::new(yew::html::onpointercancel::Wrapper::new(heard)))
    }

    /// Called when the form is submitted, which goes nowhere by itself.
    #[inline(never)]
    pub fn submit(self, done: Callback<()>) -> Self {
        let heard = Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            done.emit(());
        });
        self.hears(Rc::new(yew::html::onsubmit::Wrapper::new(heard)))
    }

    /// Called with every key.
    #[inline(never)]
    pub fn keys(self, heard: Callback<KeyboardEvent>) -> Self {
        self.hears(Rc::new(yew::html::onkeydown::Wrapper::new(heard)))
    }
}

/// What a field holds.
pub fn held(target: &web_sys::EventTarget) -> Option<String> {
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        return Some(input.value());
    }
    if let Some(list) = target.dyn_ref::<HtmlSelectElement>() {
        return Some(list.value());
    }
    let area = target.dyn_ref::<HtmlTextAreaElement>()?;
    Some(area.value())
}

impl From<El> for VNode {
    #[inline(never)]
    fn from(el: El) -> Self {
        (*el.0).into()
    }
}
