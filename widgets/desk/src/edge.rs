//! What the reducer asks of the world: the backend, what is kept, the address, the
//! keyboard, the clipboard, files.

use crate::route::Route;
use crate::state::{Action, Dialog, Effect, Gate, State, Tastes};
use crate::{Desk, DeskProps, Msg};
use js_sys::Uint8Array;
use linli_model::{CommunityId, GrantToken};
use linli_port::Guard;
use linli_port::desk::{DeskWorld, FileBytes, News, Pocket};
use linli_ui::{Theme, device};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, EventTarget, HtmlDialogElement, HtmlElement, KeyboardEvent};
use yew::NodeRef;
use yew::html::Scope;
use yew::platform::spawn_local;

/// Names under which tastes are kept.
const ELDER: &str = "elder";
const THEME: &str = "theme";
const KEYS: &str = "keys";

/// Holds what runs beside the component.
pub(crate) struct Edge {
    world: DeskWorld,
    link: Scope<Desk>,
    community: CommunityId,
    /// Whose answers are still wanted.
    token: Rc<RefCell<Option<GrantToken>>>,
    listening: RefCell<Option<Guard>>,
    /// Whether letters do something now.
    keys: Rc<Cell<bool>>,
    _listeners: Vec<Guard>,
}

impl Edge {
    pub(crate) fn start(props: &DeskProps, link: &Scope<Desk>) -> Self {
        let keys = Rc::new(Cell::new(false));
        let mut listeners = Vec::new();
        if let Some(window) = web_sys_window() {
            let went = link.clone();
            listeners.push(listen(&window, "hashchange", move |_| {
                went.send_message(act(Action::Went(route())));
            }));
            let (pressed, on) = (link.clone(), Rc::clone(&keys));
            listeners.push(listen(&window, "keydown", move |event| {
                if let Some(action) = event.dyn_ref().and_then(|event| shortcut(event, on.get())) {
                    event.prevent_default();
                    if let Action::Went(route) = &action {
                        go(route);
                    } else {
                        pressed.send_message(act(action));
                    }
                }
            }));
        }
        Self {
            world: props.world.clone(),
            link: link.clone(),
            community: props.community.clone(),
            token: Rc::default(),
            listening: RefCell::default(),
            keys,
            _listeners: listeners,
        }
    }

    /// What listeners need to know of the state.
    pub(crate) fn know(&self, state: &State) {
        let is_in = matches!(state.gate, Gate::In(_));
        self.keys
            .set(is_in && state.tastes.keys && state.dialog.is_none());
    }

    pub(crate) fn perform(&self, effect: Effect) {
        let desk = Rc::clone(&self.world.desk);
        match effect {
            Effect::SignIn(body) => {
                self.then(async move { Action::SignedIn(desk.sign_in(&body).await) });
            }
            Effect::Resume(token) => {
                self.then(async move { Action::Resumed(desk.resume(&token).await) });
            }
            // Nobody waits for the end of a session that is given up.
            Effect::SignOut(token) => spawn_local(async move {
                let _ = desk.sign_out(&token).await;
            }),
            Effect::ReadInvitation(token) => {
                self.then(async move { Action::InvitationRead(desk.invitation(&token).await) });
            }
            Effect::Accept(token, body) => {
                self.then(async move { Action::Accepted(desk.accept(&token, &body).await) });
            }
            Effect::Confirm(token, body) => {
                self.then(async move { Action::Confirmed(desk.confirm(&token, &body).await) });
            }
            Effect::Ask(token, question) => {
                let asked = token.clone();
                self.then_for(asked, async move {
                    let answer = desk.ask(&token, &question).await;
                    Action::Answered(question, answer)
                });
            }
            Effect::Send(token, key, command) => {
                let asked = token.clone();
                self.then_for(asked, async move {
                    let reply = desk.command(&token, &key, &command).await;
                    Action::Replied(key, reply)
                });
            }
            Effect::FillIn(token, key, topic, body) => {
                let asked = token.clone();
                self.then_for(asked, async move {
                    let told = desk.fill_in(&token, &key, &topic, &body).await;
                    Action::FilledIn(key, told)
                });
            }
            Effect::Attach(token, key, topic, alt, file) => {
                let asked = token.clone();
                self.then_for(asked, async move {
                    let told = desk.attach(&token, &key, &topic, &alt, &file).await;
                    Action::Attached(key, told)
                });
            }
            Effect::AnswerRequest(token, key, request, body) => {
                let asked = token.clone();
                self.then_for(asked, async move {
                    let settled = desk.answer_request(&token, &request, &body).await;
                    Action::RequestSettled(key, settled)
                });
            }
            Effect::Preview(token, kind, file) => {
                let asked = token.clone();
                self.then_for(asked, async move {
                    Action::Previewed(desk.preview_roll(&token, kind, &file).await)
                });
            }
            Effect::Export(token, export) => {
                let asked = token.clone();
                self.then_for(asked, async move {
                    Action::Exported(desk.export(&token, &export).await)
                });
            }
            other => self.around(other),
        }
    }

    /// What needs no backend.
    fn around(&self, effect: Effect) {
        match effect {
            Effect::KeepToken(token) => self.world.pocket.keep_token(token.as_ref()),
            Effect::KeepTastes(tastes) => keep(&*self.world.pocket, tastes),
            Effect::Listen(token) => {
                *self.token.borrow_mut() = Some(token.clone());
                let link = self.link.clone();
                let hear: Rc<dyn Fn(News)> = Rc::new(move |news| {
                    link.send_message(act(Action::Heard(news)));
                });
                *self.listening.borrow_mut() = Some(self.world.desk.live(&token, hear));
            }
            Effect::StopListening => {
                *self.token.borrow_mut() = None;
                *self.listening.borrow_mut() = None;
            }
            Effect::Navigate(route) => go(&route),
            Effect::LeaveInvitation => leave_invitation(&self.community),
            Effect::Copy(text) => {
                self.then(async move { Action::Copied(device::copy(&text).await) });
            }
            Effect::SaveFile(file) => {
                let _ = device::save_bytes(&file.name, &file.media_type, &file.bytes);
            }
            Effect::Print => {
                if let Some(window) = web_sys_window() {
                    let _ = window.print();
                }
            }
            // The others are the backend's, or the component's own.
            _ => {}
        }
    }

    /// Reads a chosen file.
    pub(crate) fn read(&self, file: web_sys::File) {
        let link = self.link.clone();
        spawn_local(async move {
            let read = wasm_bindgen_futures::JsFuture::from(file.array_buffer()).await;
            let Ok(buffer) = read else { return };
            link.send_message(act(Action::FileChosen(FileBytes {
                name: file.name(),
                media_type: file.type_(),
                bytes: Uint8Array::new(&buffer).to_vec(),
            })));
        });
    }

    fn then(&self, future: impl Future<Output = Action> + 'static) {
        let link = self.link.clone();
        spawn_local(async move { link.send_message(act(future.await)) });
    }

    /// The same, where the answer is for one session: the next person must not see it.
    fn then_for(&self, token: GrantToken, future: impl Future<Output = Action> + 'static) {
        let (link, current) = (self.link.clone(), Rc::clone(&self.token));
        spawn_local(async move {
            let action = future.await;
            if current.borrow().as_ref() == Some(&token) {
                link.send_message(act(action));
            }
        });
    }
}

fn act(action: Action) -> Msg {
    Msg::Act(Box::new(action))
}

fn web_sys_window() -> Option<web_sys::Window> {
    // Tests outside browsers have none to ask for.
    if cfg!(target_arch = "wasm32") {
        web_sys::window()
    } else {
        None
    }
}

/// Where the address says that somebody is.
pub(crate) fn route() -> Route {
    let hash = web_sys_window().and_then(|window| window.location().hash().ok());
    Route::parse(&hash.unwrap_or_default())
}

fn go(route: &Route) {
    if let Some(window) = web_sys_window() {
        let _ = window.location().set_hash(&route.hash());
    }
}

/// The invitation's token must not stay in the address, nor in what the browser
/// remembers of it.
fn leave_invitation(community: &CommunityId) {
    let history = web_sys_window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        let address = format!("/desk/{community}#/");
        let nothing = wasm_bindgen::JsValue::NULL;
        let _ = history.replace_state_with_url(&nothing, "", Some(&address));
    }
}

/// How this person likes it, from an earlier visit.
pub(crate) fn tastes(pocket: &dyn Pocket) -> Tastes {
    Tastes {
        elder: pocket.taste(ELDER).as_deref() == Some("yes"),
        theme: match pocket.taste(THEME).as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        },
        keys: pocket.taste(KEYS).as_deref() != Some("no"),
    }
}

fn keep(pocket: &dyn Pocket, tastes: Tastes) {
    let word = |on: bool| if on { "yes" } else { "no" };
    pocket.keep_taste(ELDER, word(tastes.elder));
    pocket.keep_taste(THEME, tastes.theme.as_str());
    pocket.keep_taste(KEYS, word(tastes.keys));
}

/// What a key does, where it does something.
fn shortcut(event: &KeyboardEvent, on: bool) -> Option<Action> {
    let is_plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
    if !on || !is_plain || event.is_composing() || is_typing(event) {
        return None;
    }
    let route = match event.key().as_str() {
        "?" => return Some(Action::Opened(Dialog::Keys)),
        "h" => Route::Home,
        "p" => Route::Polls,
        "n" => Route::NewPoll,
        "a" => Route::Approvals,
        "r" => Route::Rolls,
        "c" => Route::Codes,
        "e" => Route::People,
        "l" => Route::Audit,
        _ => return None,
    };
    Some(Action::Went(route))
}

fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| {
        let name = target.tag_name();
        matches!(name.as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    })
}

/// Calls `heard` for every event, until the guard is dropped.
fn listen(
    target: &EventTarget,
    name: &'static str,
    heard: impl Fn(web_sys::Event) + 'static,
) -> Guard {
    let heard = Closure::<dyn Fn(web_sys::Event)>::new(heard);
    let target = target.clone();
    let function = heard.as_ref().unchecked_ref::<js_sys::Function>();
    let _ = target.add_event_listener_with_callback(name, function);
    Guard::new(move || {
        let function = heard.as_ref().unchecked_ref::<js_sys::Function>();
        let _ = target.remove_event_listener_with_callback(name, function);
    })
}

/// What the browser's tab says.
pub(crate) fn set_title(title: &str) {
    let document = web_sys_window().and_then(|window| window.document());
    if let Some(document) = document
        && document.title() != title
    {
        document.set_title(title);
    }
}

/// Opens or closes the dialog; closing gives the focus back to what opened it.
pub(crate) fn show_dialog(dialog: &NodeRef, open: bool) {
    let Some(dialog) = dialog.cast::<HtmlDialogElement>() else {
        return;
    };
    if open && !dialog.open() {
        let _ = dialog.show_modal();
    } else if !open && dialog.open() {
        dialog.close();
    }
}

/// A new screen begins at its top.
pub(crate) fn focus_heading(heading: &NodeRef) {
    let Some(heading) = heading.cast::<HtmlElement>() else {
        return;
    };
    if let Some(window) = web_sys_window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = heading.focus_with_options(&options);
}

/// Gives the focus to the element with this id.
pub(crate) fn focus(id: &str) {
    let document = web_sys_window().and_then(|window| window.document());
    let element = document.and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
