//! One opened element: a Yew app, what it was given, and how it changes.

use crate::failure::Failure;
use crate::settings::Settings;
use linli_ui::Shell;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;
use web_sys::HtmlElement;
use yew::html::BaseComponent;
use yew::virtual_dom::{Key, VComp};
use yew::{AppHandle, Component, Context, Html, Properties, Renderer};

/// What an element is opened or updated with.
pub(crate) struct Given {
    /// Attributes over configuration.
    pub(crate) settings: Settings,
    /// Backend, texts, events.
    pub(crate) shell: Shell,
}

/// A Yew app of any widget, in an element of its own.
///
/// Yew never takes off the listeners that it puts on an app's root, so that a closed app
/// would stay in memory with its element. Apps are therefore not destroyed but parked
/// empty, and the next element of the same widget takes them over.
pub(crate) trait Mounted {
    /// What to put into the shadow root.
    fn root(&self) -> &HtmlElement;
    /// Takes over changed attributes. On failure everything stays as it was.
    fn update(&mut self, given: &Given) -> Result<(), Failure>;
    /// Ends the widget and releases what it holds; the app is ready for the next one.
    fn park(&mut self);
    /// Starts the widget anew in a parked app.
    fn resume(&mut self, given: &Given) -> Result<(), Failure>;
}

thread_local! {
    /// Widget, and an app of it that nobody uses.
    static PARKED: RefCell<Vec<(String, Box<dyn Mounted>)>> = const { RefCell::new(Vec::new()) };
}

/// Ends the widget in `app` and keeps the app.
pub(crate) fn park(widget: &str, mut app: Box<dyn Mounted>) {
    app.park();
    PARKED.with_borrow_mut(|parked| parked.push((widget.to_owned(), app)));
}

/// A parked app of `widget`, where there is one.
pub(crate) fn parked(widget: &str) -> Option<Box<dyn Mounted>> {
    PARKED.with_borrow_mut(|parked| {
        let index = parked.iter().position(|(name, _)| name == widget)?;
        Some(parked.swap_remove(index).1)
    })
}

type ToProps<C> = fn(&Given) -> Result<<C as BaseComponent>::Properties, Failure>;

struct Opened<C: BaseComponent> {
    handle: AppHandle<Frame<C>>,
    root: HtmlElement,
    to_props: ToProps<C>,
    turn: u32,
}

/// Renders the component into `root`.
pub(crate) fn mount<C: BaseComponent + 'static>(
    root: HtmlElement,
    given: Given,
    to_props: ToProps<C>,
) -> Result<Box<dyn Mounted>, Failure> {
    let inner = Some(Rc::new(to_props(&given)?));
    let props = FrameProps { inner, turn: 0 };
    let handle = Renderer::<Frame<C>>::with_root_and_props(root.clone().into(), props).render();
    Ok(Box::new(Opened {
        handle,
        root,
        to_props,
        turn: 0,
    }))
}

impl<C: BaseComponent + 'static> Mounted for Opened<C> {
    fn root(&self) -> &HtmlElement {
        &self.root
    }

    fn update(&mut self, given: &Given) -> Result<(), Failure> {
        let inner = Some(Rc::new((self.to_props)(given)?));
        self.handle.update(FrameProps {
            inner,
            turn: self.turn,
        });
        Ok(())
    }

    fn park(&mut self) {
        self.handle.update(FrameProps {
            inner: None,
            turn: self.turn,
        });
    }

    fn resume(&mut self, given: &Given) -> Result<(), Failure> {
        self.turn += 1;
        self.update(given)
    }
}

/// Holds the widget's component, or nothing while parked.
struct Frame<C>(PhantomData<C>);

#[derive(PartialEq, Properties)]
struct FrameProps<P: PartialEq> {
    inner: Option<Rc<P>>,
    /// Counts elements: the next one must not inherit the component of the last one,
    /// even where parking and resuming are rendered at once.
    turn: u32,
}

impl<C: BaseComponent + 'static> Component for Frame<C> {
    type Message = ();
    type Properties = FrameProps<C::Properties>;

    fn create(_: &Context<Self>) -> Self {
        Self(PhantomData)
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let FrameProps { inner, turn } = ctx.props();
        match inner {
            Some(props) => VComp::new::<C>(Rc::clone(props), Some(Key::from(*turn))).into(),
            None => Html::default(),
        }
    }
}
