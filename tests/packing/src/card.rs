//! What every stand-in does alike: ask for its subject, keep a draft, identify, hand a
//! command to the outbox and show where it stands.
//!
//! Compiled once for each stand-in, as each widget has a component and an edge of its
//! own.

use crate::app::Given;
use crate::failure::Failure;
use crate::help::parts;
use linli_model::{
    BallotSecret, CastBallot, Choice, DeviceId, Grant, IdempotencyKey, Phase, Proof, TopicId,
    TopicView,
};
use linli_port::{CastCommand, Guard, PortError, Settlement, Step, shelf};
use linli_texts::{Catalog, deliberation as k};
use linli_ui::block::{Look, Tone, render, text};
use linli_ui::{Block, Shell, Task, Theme, WidgetEvent};
use std::rc::Rc;
use yew::prelude::*;

/// What a stand-in is.
pub(crate) trait StandIn: Sized + 'static {
    /// What a person can do.
    type Action: Clone + 'static;
    /// Names its drafts on the device.
    const NAME: &'static str;
    /// Its subject, from what the backend gave; `None` where that does not fit.
    fn read(view: &TopicView) -> Option<Self>;
    /// Takes over what was kept at an earlier visit.
    fn restore(&mut self, draft: &str);
    /// What to keep until the next visit.
    fn draft(&self) -> String;
    /// The one reducer. True where the command is to be sent.
    fn act(&mut self, action: Self::Action) -> bool;
    /// What is sent.
    fn choice(&self) -> Choice;
    /// What is on screen.
    fn blocks(&self, looks: &Looks<'_, Self::Action>) -> Vec<Block>;
}

/// What a view needs besides the state.
pub(crate) struct Looks<'a, A: 'static> {
    pub(crate) texts: &'a Catalog,
    pub(crate) act: Callback<A>,
    pub(crate) view: &'a TopicView,
    pub(crate) now_ms: i64,
}

impl<A: Clone + 'static> Looks<'_, A> {
    pub(crate) fn button(&self, look: Look, label: String, off: bool, action: A) -> Block {
        let act = self.act.clone();
        let tap = Some(Callback::from(move |_| act.emit(action.clone())));
        Block::Button {
            look,
            label,
            off,
            tap,
        }
    }

    pub(crate) fn quiet(&self, label: String, action: A) -> Block {
        let act = self.act.clone();
        let tap = Callback::from(move |_| act.emit(action.clone()));
        Block::Quiet { label, tap }
    }

    pub(crate) fn time(&self, at_ms: i64) -> String {
        let zone = &self.view.topic.community.time_zone;
        linli_ui::time::format(at_ms, zone, self.texts.tag())
    }
}

/// Properties of every stand-in.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct CardProps {
    topic: TopicId,
    elder: bool,
    theme: Theme,
    shell: Shell,
}

impl CardProps {
    pub(crate) fn of(given: &Given) -> Result<Self, Failure> {
        let settings = &given.settings;
        let topic = settings.text("topic").ok_or(Failure::Attribute("topic"))?;
        let topic = TopicId::parse(&topic).map_err(|_| Failure::Attribute("topic"))?;
        Ok(Self {
            topic,
            elder: settings.flag("elder"),
            theme: settings.theme(),
            shell: given.shell.clone(),
        })
    }
}

pub(crate) enum Msg<A> {
    Answered(Result<Box<TopicView>, PortError>),
    DraftRead(String),
    Act(A),
    Identified(Result<Grant, PortError>),
    Stepped(Step),
    Woken,
}

enum Stage {
    Loading,
    Failed(PortError),
    Ready,
    Sending(Step),
}

/// The component of a stand-in.
pub(crate) struct Card<S: StandIn> {
    stage: Stage,
    view: Option<TopicView>,
    stand_in: Option<S>,
    draft: Option<String>,
    asking: Option<Task>,
    identifying: Option<Task>,
    _steps: Guard,
    _wake: Guard,
}

impl<S: StandIn> Component for Card<S> {
    type Message = Msg<S::Action>;
    type Properties = CardProps;

    fn create(ctx: &Context<Self>) -> Self {
        let CardProps { topic, shell, .. } = ctx.props();
        let world = &shell.world;
        let link = ctx.link().clone();
        let on_step = Rc::new(move |_: &CastCommand, step: &Step| {
            link.send_message(Msg::Stepped(step.clone()));
        });
        let link = ctx.link().clone();
        let wake = Rc::new(move || link.send_message(Msg::Woken));
        Self {
            stage: Stage::Loading,
            view: None,
            stand_in: None,
            draft: None,
            asking: Some(ask(ctx)),
            identifying: None,
            _steps: world.delivery.watch(topic, on_step),
            _wake: world.ambient.on_wake(wake),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Self::Message) -> bool {
        let shell = &ctx.props().shell;
        match msg {
            Msg::Answered(Ok(view)) => {
                self.stand_in = S::read(&view);
                if let (Some(stand_in), Some(draft)) = (&mut self.stand_in, &self.draft) {
                    stand_in.restore(draft);
                }
                self.view = Some(*view);
                self.stage = Stage::Ready;
                (shell.emit)(WidgetEvent::Ready);
            }
            Msg::Answered(Err(error)) => self.stage = Stage::Failed(error),
            Msg::DraftRead(draft) => {
                if let Some(stand_in) = &mut self.stand_in {
                    stand_in.restore(&draft);
                }
                self.draft = Some(draft);
            }
            Msg::Act(action) => self.act(ctx, action),
            Msg::Identified(Ok(grant)) => self.submit(ctx, grant),
            Msg::Identified(Err(error)) => self.stage = Stage::Failed(error),
            Msg::Stepped(step) => {
                if let Step::Settled(settlement) = &step {
                    tell::<S>(ctx, settlement);
                }
                self.stage = Stage::Sending(step);
            }
            Msg::Woken => self.asking = Some(ask(ctx)),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let texts = &props.shell.texts;
        let blocks = match (&self.stage, &self.stand_in, &self.view) {
            (Stage::Loading, ..) => vec![Block::Ghosts(texts.text(k::LOADING).to_owned())],
            (Stage::Failed(error), ..) => parts::failed(texts, error),
            (Stage::Sending(step), ..) => parts::sending(texts, step),
            (Stage::Ready, Some(stand_in), Some(view)) => {
                let looks = Looks {
                    texts,
                    act: ctx.link().callback(Msg::Act),
                    view,
                    now_ms: props.shell.world.ambient.now_ms(),
                };
                let mut blocks = parts::head(texts, view);
                match view.phase {
                    Phase::Upcoming => {
                        let opens = looks.time(view.topic.poll.opens_at_ms);
                        let ends = looks.time(view.topic.poll.closes_at_ms);
                        let values = [("time", &*opens), ("end", &*ends)];
                        blocks.push(text(Tone::Muted, texts.fill(k::UPCOMING_LEAD, &values)));
                    }
                    Phase::Open | Phase::Closed => blocks.extend(stand_in.blocks(&looks)),
                }
                blocks
            }
            _ => parts::failed(texts, &PortError::Unreachable),
        };
        html! {
            <div
                class="ll"
                lang={texts.tag().to_owned()}
                data-theme={props.theme.as_str()}
                data-elder={props.elder.then_some("")}
            >
                <section class="card" part="card">{ for render(&blocks) }</section>
            </div>
        }
    }
}

impl<S: StandIn> Card<S> {
    fn act(&mut self, ctx: &Context<Self>, action: S::Action) {
        let Some(stand_in) = &mut self.stand_in else {
            return;
        };
        let sends = stand_in.act(action);
        let draft = stand_in.draft();
        let (world, key) = (
            ctx.props().shell.world.clone(),
            key::<S>(&ctx.props().topic),
        );
        yew::platform::spawn_local(async move {
            world.shelf.put(&key, draft).await;
        });
        if sends {
            self.identifying = Some(identify(ctx));
        }
    }

    fn submit(&mut self, ctx: &Context<Self>, grant: Grant) {
        let (Some(stand_in), Some(view)) = (&self.stand_in, &self.view) else {
            return;
        };
        let world = &ctx.props().shell.world;
        let secret = matches!(view.topic.poll.secrecy, linli_model::Secrecy::Secret);
        world.delivery.submit(CastCommand {
            key: IdempotencyKey::from_bytes(world.ambient.chance()),
            topic: view.topic.id.clone(),
            poll: view.topic.poll.id.clone(),
            grant: grant.token,
            ballot: CastBallot {
                choice: stand_in.choice(),
                secret: secret.then(|| BallotSecret::from_bytes(world.ambient.chance())),
            },
        });
    }
}

fn key<S: StandIn>(topic: &TopicId) -> String {
    [S::NAME, "/", topic.as_str()].concat()
}

fn ask<S: StandIn>(ctx: &Context<Card<S>>) -> Task {
    let (world, link) = (ctx.props().shell.world.clone(), ctx.link().clone());
    let topic = ctx.props().topic.clone();
    Task::spawn(async move {
        if let Some(draft) = world.shelf.get(&key::<S>(&topic)).await {
            link.send_message(Msg::DraftRead(draft));
        }
        let answer = world.deliberations.topic(&topic).await;
        link.send_message(Msg::Answered(answer.map(|answer| Box::new(answer.view))));
    })
}

fn identify<S: StandIn>(ctx: &Context<Card<S>>) -> Task {
    let (world, link) = (ctx.props().shell.world.clone(), ctx.link().clone());
    let topic = ctx.props().topic.clone();
    Task::spawn(async move {
        let known = shelf::load::<DeviceId>(&*world.shelf, "device/id").await;
        let device = known.unwrap_or_else(|| DeviceId::from_bytes(world.ambient.chance()));
        shelf::save(&*world.shelf, "device/id", &device).await;
        let proof = Proof::Device { device };
        let answer = world.deliberations.identify(&topic, &proof).await;
        link.send_message(Msg::Identified(answer));
    })
}

fn tell<S: StandIn>(ctx: &Context<Card<S>>, settlement: &Settlement) {
    let props = ctx.props();
    let subject = props.topic.to_string();
    let event = match settlement {
        Settlement::Recorded(_) => WidgetEvent::Submitted {
            subject,
            recorded: true,
        },
        Settlement::Dispatched => WidgetEvent::Submitted {
            subject,
            recorded: false,
        },
        Settlement::Refused(refusal) => WidgetEvent::Refused {
            code: refusal.code().to_owned(),
        },
    };
    (props.shell.emit)(event);
}
