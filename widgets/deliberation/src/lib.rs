//! Deliberate and vote: the element `<linli-deliberation topic="…">`.
//!
//! A tap dispatches an [`state::Action`] to the one reducer; views are pure; what the
//! reducer asks of the world is done in [`edge`]. This file only ties them together.

mod edge;
pub mod state;
mod view;

use edge::Edge;
use linli_model::TopicId;
use linli_ui::{Shell, Task, Theme, WidgetEvent, device, speech, theme};
use state::{Action, Effect, Env, State, TopicState};
use view::Looks;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// Properties, made by the suite from the element's attributes.
#[derive(Clone, PartialEq, Properties)]
pub struct DeliberationProps {
    /// The topic to show.
    pub topic: TopicId,
    /// Larger type and targets, unless this person has chosen otherwise.
    #[prop_or_default]
    pub elder: bool,
    /// The palette.
    #[prop_or_default]
    pub theme: Theme,
    /// Address of the same task on our own page; empty where there is none.
    #[prop_or_default]
    pub page: AttrValue,
    /// Backend, texts, events.
    pub shell: Shell,
}

/// Taps that change nothing but the looks, or hand something to the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tap {
    /// Larger or standard text.
    Elder,
    /// Read aloud, or stop.
    Speak,
    /// Save the receipt as a file.
    SaveReceipt,
    /// Copy the receipt's number.
    CopyReceipt,
}

/// What reaches the component.
pub enum Msg {
    /// For the reducer.
    Act(Box<Action>),
    /// For the looks.
    Tapped(Tap),
    /// This person's own choice of type size, from an earlier visit.
    ElderRead(bool),
    /// The receipt number was copied.
    Copied(bool),
    /// The topic is due to be asked for again.
    RefreshDue,
    /// The page is shown again, or the network is back.
    Woken,
}

/// The widget.
pub struct Deliberation {
    state: State,
    edge: Edge,
    elder: Option<bool>,
    speaking: bool,
    copied: bool,
    told_ready: bool,
    focus_due: bool,
    root: NodeRef,
    heading: NodeRef,
    refresh: Option<Task>,
    failures: u32,
}

impl Component for Deliberation {
    type Message = Msg;
    type Properties = DeliberationProps;

    fn create(ctx: &Context<Self>) -> Self {
        let props = ctx.props();
        Self {
            state: State::new(props.shell.world.deliberations.capabilities()),
            edge: Edge::start(props, ctx.link()),
            elder: None,
            speaking: false,
            copied: false,
            told_ready: false,
            focus_due: false,
            root: NodeRef::default(),
            heading: NodeRef::default(),
            refresh: None,
            failures: 0,
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &DeliberationProps) -> bool {
        let props = ctx.props();
        if props.topic != old.topic || props.shell != old.shell {
            self.state = State::new(props.shell.world.deliberations.capabilities());
            self.edge = Edge::start(props, ctx.link());
            (self.refresh, self.told_ready) = (None, false);
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Act(action) => self.act(ctx, *action),
            Msg::Tapped(tap) => self.tapped(ctx, tap),
            Msg::ElderRead(elder) => self.elder = Some(elder),
            Msg::Copied(copied) => self.copied = copied,
            Msg::RefreshDue => self.edge.perform(Effect::LoadTopic, &self.state),
            Msg::Woken => {
                self.edge.perform(Effect::LoadTopic, &self.state);
                return false;
            }
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let elder = self.is_elder(props);
        let looks = Looks {
            texts: &props.shell.texts,
            elder,
            can_speak: speech::is_available(),
            speaking: self.speaking,
            copied: self.copied,
            page: &props.page,
            heading: self.heading.clone(),
            act: ctx.link().callback(|action| Msg::Act(Box::new(action))),
            tap: ctx.link().callback(Msg::Tapped),
        };
        html! {
            <div
                ref={self.root.clone()}
                class="ll"
                lang={props.shell.texts.tag().to_owned()}
                data-theme={props.theme.as_str()}
                data-elder={elder.then_some("")}
            >
                { view::card(&self.state, &looks) }
            </div>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, _first: bool) {
        let props = ctx.props();
        if let Some(root) = self.root.cast::<Element>() {
            theme::apply_accent(&root, props.theme.is_dark());
        }
        if std::mem::take(&mut self.focus_due)
            && let Some(heading) = self.heading.cast::<HtmlElement>()
        {
            let _ = heading.focus();
        }
        if !self.told_ready && !matches!(self.state.topic, TopicState::Loading) {
            self.told_ready = true;
            (props.shell.emit)(WidgetEvent::Ready);
        }
    }

    fn destroy(&mut self, _ctx: &Context<Self>) {
        if self.speaking {
            speech::stop();
        }
    }
}

impl Deliberation {
    fn is_elder(&self, props: &DeliberationProps) -> bool {
        self.elder.unwrap_or(props.elder)
    }

    fn act(&mut self, ctx: &Context<Self>, action: Action) {
        let answered = matches!(action, Action::TopicAnswered(_));
        let failed = matches!(action, Action::TopicAnswered(Err(_)));
        let ambient = &ctx.props().shell.world.ambient;
        let env = Env {
            now_ms: ambient.now_ms(),
            chance: [ambient.chance(), ambient.chance()],
        };
        for effect in state::reduce(&mut self.state, action, &env) {
            match effect {
                Effect::FocusHeading => self.focus_due = true,
                effect => self.edge.perform(effect, &self.state),
            }
        }
        if answered {
            self.failures = if failed { self.failures + 1 } else { 0 };
            self.refresh = self.schedule(ctx, env.now_ms);
        }
        self.copied = false;
    }

    /// The next look at the topic: when it is due to change, or soon after a failure.
    fn schedule(&self, ctx: &Context<Self>, now_ms: i64) -> Option<Task> {
        let wait_ms = match self.state.view() {
            _ if self.failures > 0 => 2_000u32 << self.failures.min(5),
            Some(view) => state::refresh_in_ms(view, now_ms)?,
            None => return None,
        };
        let (ambient, link) = (ctx.props().shell.world.ambient.clone(), ctx.link().clone());
        Some(Task::spawn(async move {
            ambient.sleep(wait_ms).await;
            link.send_message(Msg::RefreshDue);
        }))
    }

    fn tapped(&mut self, ctx: &Context<Self>, tap: Tap) {
        let props = ctx.props();
        match tap {
            Tap::Elder => {
                let elder = !self.is_elder(props);
                self.elder = Some(elder);
                self.edge.save_elder(elder);
            }
            Tap::Speak if self.speaking => {
                speech::stop();
                self.speaking = false;
            }
            Tap::Speak => {
                if let Some(view) = self.state.view() {
                    speech::speak(&view::spoken(view, &props.shell.texts), &view.topic.lang);
                    self.speaking = true;
                }
            }
            Tap::SaveReceipt => {
                if let Some(reply) = self.state.reply()
                    && let Ok(text) = serde_json::to_string(reply)
                {
                    let _ = device::save_file(&format!("linli-{}.json", reply.receipt.code), &text);
                }
            }
            Tap::CopyReceipt => {
                if let Some(reply) = self.state.reply() {
                    let (link, code) = (ctx.link().clone(), reply.receipt.code.clone());
                    link.send_future(async move { Msg::Copied(device::copy(&code).await) });
                }
            }
        }
    }
}
