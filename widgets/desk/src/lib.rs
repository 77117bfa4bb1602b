//! The staff's desk: today's work, polls, approvals, rolls, codes, people, audit.
//!
//! A tap dispatches a [`state::Action`] to the one reducer; views are pure; what the
//! reducer asks of the world is done in [`edge`]. This file only ties them together.

mod edge;
pub mod editor;
pub mod route;
pub mod rule;
pub mod state;
mod view;
pub mod zone;

use edge::Edge;
use linli_model::{CommunityId, GrantToken};
use linli_port::desk::DeskWorld;
use linli_texts::Catalog;
use linli_ui::Task;
use state::{Action, Effect, Env, State};
use std::rc::Rc;
use view::Ui;
use yew::prelude::*;

/// How often "in 3 hours" is told anew.
const MINUTE_MS: u32 = 60_000;

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
    /// The page's origin: links that are handed on begin with it.
    pub origin: AttrValue,
}

/// What reaches the component.
pub enum Msg {
    /// For the reducer.
    Act(Box<Action>),
    /// A file was chosen; it is read first.
    File(web_sys::File),
}

/// What takes the focus once it is drawn.
enum Focus {
    Heading,
    Id(String),
}

/// The desk.
pub struct Desk {
    state: State,
    edge: Edge,
    heading: NodeRef,
    dialog: NodeRef,
    focus: Option<Focus>,
    _minutes: Task,
}

impl Component for Desk {
    type Message = Msg;
    type Properties = DeskProps;

    fn create(ctx: &Context<Self>) -> Self {
        let props = ctx.props();
        let edge = Edge::start(props, ctx.link());
        let (state, effects) = State::new(
            props.community.clone(),
            props.invitation.clone(),
            props.world.pocket.token(),
            edge::route(),
            edge::tastes(&*props.world.pocket),
        );
        let mut desk = Self {
            state,
            edge,
            heading: NodeRef::default(),
            dialog: NodeRef::default(),
            focus: None,
            _minutes: minutes(ctx),
        };
        desk.perform(effects);
        desk
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let action = match msg {
            Msg::Act(action) => *action,
            Msg::File(file) => {
                self.edge.read(file);
                return false;
            }
        };
        let ambient = &ctx.props().world.ambient;
        let env = Env {
            now_ms: ambient.now_ms(),
            chance: ambient.chance(),
        };
        let effects = state::reduce(&mut self.state, action, &env);
        self.perform(effects);
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
        self.edge.know(&self.state);
    }
}

impl Desk {
    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::FocusHeading => self.focus = Some(Focus::Heading),
                Effect::Focus(id) => self.focus = Some(Focus::Id(id)),
                effect => self.edge.perform(effect),
            }
        }
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
