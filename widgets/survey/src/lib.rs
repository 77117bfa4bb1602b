//! Answer a survey: the element `<linli-survey topic="…">`.
//!
//! A tap dispatches an [`state::Action`] to the one reducer; views are pure; what the
//! reducer asks of the world is done in [`edge`]. This file only ties them together.

mod edge;
pub mod pattern;
pub mod state;
mod view;

use edge::Edge;
use linli_model::{PlaceId, TopicId};
use linli_ui::{Shell, Task, Theme, WidgetEvent, theme};
use state::{Action, Effect, Env, State};
use view::Looks;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// Properties, made by the suite from the element's attributes.
#[derive(Clone, PartialEq, Properties)]
pub struct SurveyProps {
    /// The round to answer: its topic.
    pub topic: TopicId,
    /// The place that the poster or link named; absent where it named none.
    #[prop_or_default]
    pub place: Option<PlaceId>,
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
}

/// What reaches the component.
pub enum Msg {
    /// For the reducer.
    Act(Box<Action>),
    /// For the looks.
    Tapped(Tap),
    /// This person's own choice of type size, from an earlier visit.
    ElderRead(bool),
    /// The round is due to be asked for again.
    RefreshDue,
    /// The page is shown again, or the network is back.
    Woken,
}

/// The widget.
pub struct Survey {
    state: State,
    edge: Edge,
    elder: Option<bool>,
    told_ready: bool,
    focus_due: bool,
    root: NodeRef,
    heading: NodeRef,
    refresh: Option<Task>,
    failures: u32,
}

impl Component for Survey {
    type Message = Msg;
    type Properties = SurveyProps;

    fn create(ctx: &Context<Self>) -> Self {
        Self {
            state: State::default(),
            edge: Edge::start(ctx.props(), ctx.link()),
            elder: None,
            told_ready: false,
            focus_due: false,
            root: NodeRef::default(),
            heading: NodeRef::default(),
            refresh: None,
            failures: 0,
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &SurveyProps) -> bool {
        let props = ctx.props();
        if props.topic != old.topic || props.shell != old.shell {
            self.state = State::default();
            self.edge = Edge::start(props, ctx.link());
            (self.refresh, self.told_ready) = (None, false);
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Act(action) => self.act(ctx, *action),
            Msg::Tapped(Tap::Elder) => {
                let elder = !self.is_elder(ctx.props());
                self.elder = Some(elder);
                self.edge.save_elder(elder);
            }
            Msg::ElderRead(elder) => self.elder = Some(elder),
            Msg::RefreshDue => self.edge.perform(Effect::LoadSurvey),
            Msg::Woken => {
                self.edge.perform(Effect::LoadSurvey);
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
        if !self.told_ready && !self.state.is_loading() {
            self.told_ready = true;
            (props.shell.emit)(WidgetEvent::Ready);
        }
    }
}

impl Survey {
    fn is_elder(&self, props: &SurveyProps) -> bool {
        self.elder.unwrap_or(props.elder)
    }

    fn act(&mut self, ctx: &Context<Self>, action: Action) {
        let answered = matches!(action, Action::SurveyAnswered(_));
        let failed = matches!(action, Action::SurveyAnswered(Err(_)));
        let ambient = &ctx.props().shell.world.ambient;
        let env = Env {
            now_ms: ambient.now_ms(),
            chance: [ambient.chance(), ambient.chance()],
        };
        for effect in state::reduce(&mut self.state, action, &env) {
            match effect {
                Effect::FocusHeading => self.focus_due = true,
                effect => self.edge.perform(effect),
            }
        }
        if answered {
            self.failures = if failed { self.failures + 1 } else { 0 };
            self.refresh = self.schedule(ctx, failed);
        }
    }

    /// Another look soon after a failure.
    fn schedule(&self, ctx: &Context<Self>, failed: bool) -> Option<Task> {
        if !failed {
            return None;
        }
        let wait_ms = 2_000u32 << self.failures.min(5);
        let (ambient, link) = (ctx.props().shell.world.ambient.clone(), ctx.link().clone());
        Some(Task::spawn(async move {
            ambient.sleep(wait_ms).await;
            link.send_message(Msg::RefreshDue);
        }))
    }
}
