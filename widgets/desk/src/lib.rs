//! The staff's desk: today's work, polls, approvals, rolls, codes, people, audit.
//!
//! A tap dispatches a [`state::Action`] to the one reducer; views are pure; what the
//! reducer asks of the world is done in [`edge`]. This file only ties them together.
//!
//! What surveys need is a [`Part`] of its own, which the page loads when they are first
//! opened: most days at a desk are without.

pub mod definition;
mod edge;
pub mod editor;
pub mod route;
pub mod rule;
pub mod state;
mod view;
pub mod zone;

use edge::Edge;
use linli_model::{CommunityId, GrantToken};
use linli_port::LocalFuture;
use linli_port::desk::DeskWorld;
use linli_texts::Catalog;
use linli_ui::Task;
use state::{Action, Effect, Env, State, SurveyAct};
use std::rc::Rc;
use view::Ui;
use yew::prelude::*;

/// How often "in 3 hours" is told anew.
const MINUTE_MS: u32 = 60_000;

/// A part of the desk that is loaded when it is first needed: surveys.
#[derive(Clone, Copy)]
pub struct Part {
    reduce: fn(&mut State, SurveyAct, &Env) -> Vec<Effect>,
    screens: view::Screens,
}

impl Part {
    /// Applies an act of the part; returns what the world is asked to do.
    pub fn reduce(&self, state: &mut State, act: SurveyAct, env: &Env) -> Vec<Effect> {
        (self.reduce)(state, act, env)
    }
}

/// Surveys. Nothing else refers to what they are made of, so that a build can put it into
/// a file of its own.
pub fn surveys() -> Part {
    Part {
        reduce: state::reduce_surveys,
        screens: view::surveys::SCREENS,
    }
}

/// Loads a part; `None` where it did not come.
#[derive(Clone, Copy)]
pub struct Loader(pub fn() -> LocalFuture<'static, Option<Part>>);

impl PartialEq for Loader {
    // A page has one, and does not change it.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Properties, made by the desk's page.
#[derive(Clone, PartialEq, Properties)]
pub struct DeskProps {
    /// Whose desk.
    pub community: CommunityId,
    /// From the address, where somebody comes with one.
    #[prop_or_default]
    pub invitation: Option<GrantToken>,
    /// Backend, what is kept, clock.
    pub world: DeskWorld,
    /// Texts of the chosen language.
    pub texts: Rc<Catalog>,
    /// Loads what surveys need.
    pub surveys: Loader,
    /// The page's origin: links that are handed on begin with it.
    pub origin: AttrValue,
}

/// What reaches the component.
pub enum Msg {
    /// For the reducer.
    Act(Box<Action>),
    /// A file was chosen; it is read first.
    File(web_sys::File),
    /// What surveys need has come, or has not.
    Part(Option<Part>),
}

/// What takes the focus once it is drawn.
enum Focus {
    Heading,
    Id(String),
}

/// How far a part is.
enum Loading {
    Not,
    Asked,
    Here(Part),
}

/// The desk.
pub struct Desk {
    state: State,
    edge: Edge,
    heading: NodeRef,
    dialog: NodeRef,
    focus: Option<Focus>,
    surveys: Loading,
    /// What the frame of a survey is told once it is drawn.
    show: Option<String>,
    _minutes: Task,
}

impl Component for Desk {
    type Message = Msg;
    type Properties = DeskProps;

    fn create(ctx: &Context<Self>) -> Self {
        let props = ctx.props();
        let edge = Edge::start(props, ctx.link());
        let (mut state, effects) = State::new(
            props.community.clone(),
            props.invitation.clone(),
            props.world.pocket.token(),
            edge::route(),
            edge::tastes(&*props.world.pocket),
        );
        props.texts.tag().clone_into(&mut state.lang);
        let mut desk = Self {
            state,
            edge,
            heading: NodeRef::default(),
            dialog: NodeRef::default(),
            focus: None,
            surveys: Loading::Not,
            show: None,
            _minutes: minutes(ctx),
        };
        desk.perform(ctx, effects);
        desk
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let action = match msg {
            Msg::Act(action) => *action,
            Msg::File(file) => {
                self.edge.read(file);
                return false;
            }
            Msg::Part(part) => {
                self.state.surveys.is_lost = part.is_none();
                self.surveys = part.map_or(Loading::Not, Loading::Here);
                if part.is_some() {
                    let mut effects = vec![Effect::Survey(SurveyAct::Sync)];
                    // The heading that had the focus has given way to the part's own.
                    if self.state.route.is_of_surveys() {
                        effects.push(Effect::FocusHeading);
                    }
                    self.perform(ctx, effects);
                }
                return true;
            }
        };
        let env = env(ctx);
        let effects = state::reduce(&mut self.state, action, &env);
        self.perform(ctx, effects);
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        view::desk(&Ui {
            state: &self.state,
            texts: &props.texts,
            act: ctx.link().callback(|action| Msg::Act(Box::new(action))),
            file: ctx.link().callback(Msg::File),
            heading: self.heading.clone(),
            dialog: self.dialog.clone(),
            surveys: match &self.surveys {
                Loading::Here(part) => Some(part.screens),
                _ => None,
            },
            origin: &props.origin,
        })
    }

    fn rendered(&mut self, ctx: &Context<Self>, _first: bool) {
        edge::set_title(&view::title(&self.state, &ctx.props().texts));
        edge::show_dialog(&self.dialog, self.state.dialog.is_some());
        match self.focus.take() {
            Some(Focus::Heading) => edge::focus_heading(&self.heading),
            Some(Focus::Id(id)) => edge::focus(&id),
            None => {}
        }
        if let Some(told) = self.show.take() {
            edge::show(&told);
        }
        self.edge.know(&self.state);
    }
}

impl Desk {
    fn perform(&mut self, ctx: &Context<Self>, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Survey(act) => self.survey(ctx, act),
                Effect::Show(told) => self.show = Some(told),
                Effect::FocusHeading => self.focus = Some(Focus::Heading),
                Effect::Focus(id) => self.focus = Some(Focus::Id(id)),
                effect => self.edge.perform(effect),
            }
        }
    }
}

impl Desk {
    /// Hands an act to the part that knows what to do; loads it first. What is asked for
    /// meanwhile follows from the state when it has come.
    fn survey(&mut self, ctx: &Context<Self>, act: SurveyAct) {
        match &self.surveys {
            Loading::Here(part) => {
                let part = *part;
                let effects = part.reduce(&mut self.state, act, &env(ctx));
                self.perform(ctx, effects);
            }
            Loading::Asked => {}
            Loading::Not => {
                self.surveys = Loading::Asked;
                self.state.surveys.is_lost = false;
                let Loader(load) = ctx.props().surveys;
                let link = ctx.link().clone();
                yew::platform::spawn_local(async move {
                    link.send_message(Msg::Part(load().await));
                });
            }
        }
    }
}

fn env(ctx: &Context<Desk>) -> Env {
    let ambient = &ctx.props().world.ambient;
    Env {
        now_ms: ambient.now_ms(),
        chance: ambient.chance(),
    }
}

fn minutes(ctx: &Context<Desk>) -> Task {
    let (ambient, link) = (ctx.props().world.ambient.clone(), ctx.link().clone());
    Task::spawn(async move {
        loop {
            ambient.sleep(MINUTE_MS).await;
            link.send_message(Msg::Act(Box::new(Action::Ticked)));
        }
    })
}
