//! One opened element: a Yew app, what it was given, and how it changes.

use crate::failure::Failure;
use crate::settings::Settings;
use linli_ui::Shell;
use web_sys::HtmlElement;
use yew::html::BaseComponent;
use yew::{AppHandle, Renderer};

/// What an element is opened or updated with.
pub(crate) struct Given {
    /// Attributes over configuration.
    pub(crate) settings: Settings,
    /// Backend, texts, events.
    pub(crate) shell: Shell,
}

/// An opened element of any widget.
pub(crate) trait Mounted {
    /// Takes over changed attributes. On failure everything stays as it was.
    fn update(&mut self, given: &Given) -> Result<(), Failure>;
    /// Ends the app and releases its listeners.
    fn close(self: Box<Self>);
}

type ToProps<C> = fn(&Given) -> Result<<C as BaseComponent>::Properties, Failure>;

struct Opened<C: BaseComponent> {
    handle: AppHandle<C>,
    to_props: ToProps<C>,
}

/// Renders the component into `root`.
pub(crate) fn mount<C: BaseComponent + 'static>(
    root: HtmlElement,
    given: Given,
    to_props: ToProps<C>,
) -> Result<Box<dyn Mounted>, Failure> {
    let props = to_props(&given)?;
    let handle = Renderer::<C>::with_root_and_props(root.into(), props).render();
    Ok(Box::new(Opened { handle, to_props }))
}

impl<C: BaseComponent + 'static> Mounted for Opened<C> {
    fn update(&mut self, given: &Given) -> Result<(), Failure> {
        let props = (self.to_props)(given)?;
        self.handle.update(props);
        Ok(())
    }

    fn close(self: Box<Self>) {
        self.handle.destroy();
    }
}
