//! Answer a survey: the element `<linli-survey topic="…">`.
//!
//! A tap dispatches an [`state::Action`] to the one reducer; views are pure; what the
//! reducer asks of the world is done in [`edge`]. This file only ties them together.

mod clock;
mod edge;
mod keyboard;
pub mod pattern;
pub mod state;
mod view;

use edge::Edge;
use linli_model::{PlaceId, TopicId};
use linli_ui::{Shell, Task, Theme, WidgetEvent, device, speech, theme};
use pattern::BrowserPatterns;
use state::{Action, Effect, Env, RoundState, State};
use view::Looks;
use web_sys::Element;
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
    speaking: bool,
    copied: bool,
    told_ready: bool,
    focus_due: Option<Focus>,
    root: NodeRef,
    heading: NodeRef,
    refresh: Option<Task>,
    failures: u32,
    /// Made once: questions compare them to know that nothing changed.
    act: Callback<Action>,
    tap: Callback<Tap>,
}

impl Component for Survey {
    type Message = Msg;
    type Properties = SurveyProps;

    fn create(ctx: &Context<Self>) -> Self {
        Self {
            state: new_state(ctx.props()),
            edge: Edge::start(ctx.props(), ctx.link()),
            elder: None,
            speaking: false,
            copied: false,
            told_ready: false,
            focus_due: None,
            root: NodeRef::default(),
            heading: NodeRef::default(),
            refresh: None,
            failures: 0,
            act: ctx.link().callback(|action| Msg::Act(Box::new(action))),
            tap: ctx.link().callback(Msg::Tapped),
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &SurveyProps) -> bool {
        let props = ctx.props();
        if props.topic != old.topic || props.shell != old.shell {
            self.state = new_state(props);
            self.edge = Edge::start(props, ctx.link());
            (self.refresh, self.told_ready) = (None, false);
        }
        self.state.at.clone_from(&props.place);
        true
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Act(action) => return self.act(ctx, *action),
            Msg::Tapped(tap) => self.tapped(ctx, tap),
            Msg::ElderRead(elder) => self.elder = Some(elder),
            Msg::Copied(copied) => self.copied = copied,
            Msg::RefreshDue => self.edge.perform(Effect::LoadSurvey, &self.state),
            Msg::Woken => {
                self.edge.perform(Effect::LoadSurvey, &self.state);
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
            act: self.act.clone(),
            tap: self.tap.clone(),
        };
        html! {
            <div
                ref={self.root.clone()}
                class="ll"
                lang={props.shell.texts.tag().to_owned()}
                data-theme={props.theme.as_str()}
                data-elder={elder.then_some("")}
                onfocusin={Callback::from(keyboard::make_room)}
            >
                { view::card(&self.state, &looks) }
            </div>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, _first: bool) {
        let props = ctx.props();
        let root = self.root.cast::<Element>();
        if let Some(root) = &root {
            theme::apply_accent(root, props.theme.is_dark());
        }
        match self.focus_due.take() {
            Some(Focus::Heading) => keyboard::show_heading(self.heading.cast()),
            Some(Focus::Question(question)) => {
                keyboard::show_question(root.as_ref(), question);
            }
            None => {}
        }
        if !self.told_ready && !matches!(self.state.round, RoundState::Loading) {
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

/// Where keyboard and screen reader go once the card is drawn.
enum Focus {
    Heading,
    Question(u32),
}

fn new_state(props: &SurveyProps) -> State {
    State::new(
        props.shell.world.deliberations.capabilities(),
        props.shell.texts.clone(),
        props.place.clone(),
    )
}

impl Survey {
    fn is_elder(&self, props: &SurveyProps) -> bool {
        self.elder.unwrap_or(props.elder)
    }

    /// Tells whether there is anything to draw again.
    fn act(&mut self, ctx: &Context<Self>, action: Action) -> bool {
        let answered = matches!(action, Action::SurveyAnswered(_));
        let failed = matches!(action, Action::SurveyAnswered(Err(_)));
        let is_typing = matches!(action, Action::Typed { .. });
        let ambient = &ctx.props().shell.world.ambient;
        let env = Env {
            now_ms: ambient.now_ms(),
            ahead_of_utc_minutes: clock::ahead_of_utc_minutes(),
            chance: [ambient.chance(), ambient.chance()],
            patterns: &BrowserPatterns,
        };
        for effect in state::reduce(&mut self.state, action, &env) {
            match effect {
                Effect::FocusHeading => self.focus_due = Some(Focus::Heading),
                Effect::FocusQuestion(question) => {
                    self.focus_due = Some(Focus::Question(question));
                }
                effect => self.edge.perform(effect, &self.state),
            }
        }
        if answered {
            self.failures = if failed { self.failures + 1 } else { 0 };
            self.refresh = self.schedule(ctx, env.now_ms);
        }
        if self.focus_due.is_some() && self.speaking {
            speech::stop();
            self.speaking = false;
        }
        self.copied = false;
        !is_typing
    }

    /// The next look at the round: when it is due to change, or soon after a failure.
    fn schedule(&self, ctx: &Context<Self>, now_ms: i64) -> Option<Task> {
        let wait_ms = match self.state.survey() {
            _ if self.failures > 0 => 2_000u32 << self.failures.min(5),
            Some(survey) => state::refresh_in_ms(&survey.view, now_ms)?,
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
                if let (Some(form), Some(survey)) = (&self.state.form, self.state.survey()) {
                    speech::speak(&view::spoken(form), &survey.view.topic.lang);
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
