//! Where effects meet the world: ports in, actions out.

use crate::state::{Action, Draft, Effect, Keepsakes, Profile, State};
use crate::{Msg, Survey, SurveyProps};
use linli_model::wave::SurveyView;
use linli_model::{BallotSecret, DeviceId, GrantToken, Proof, TopicId};
use linli_port::{CastCommand, Guard, PortError, World, shelf};
use linli_ui::{Shell, Task, WidgetEvent};
use std::cell::RefCell;
use std::rc::Rc;
use yew::html::Scope;
use yew::platform::spawn_local;

/// The widget's hold on the world. Dropping it ends loads, timers and listeners;
/// a command that has been handed to the outbox goes on.
pub(crate) struct Edge {
    shell: Shell,
    topic: TopicId,
    link: Scope<Survey>,
    loading: RefCell<Option<Task>>,
    asking: RefCell<Option<Task>>,
    _opening: Task,
    _steps: Guard,
    _wake: Guard,
}

/// Shelf keys.
fn survey_key(topic: &TopicId) -> String {
    format!("survey/{topic}")
}
fn vote_key(topic: &TopicId) -> String {
    format!("vote/{topic}")
}
fn draft_key(topic: &TopicId) -> String {
    format!("draft/{topic}")
}
/// The definition that the draft was begun with, as `[version, text]`.
fn definition_key(topic: &TopicId) -> String {
    format!("definition/{topic}")
}
const DEVICE_KEY: &str = "device/id";
const ELDER_KEY: &str = "device/elder";
/// What the person lets every widget fill in.
const PROFILE_KEY: &str = "device/profile";

impl Edge {
    /// Watches deliveries and connectivity, reads what earlier visits left, and asks for
    /// the round.
    pub(crate) fn start(props: &SurveyProps, link: &Scope<Survey>) -> Self {
        let (shell, topic) = (props.shell.clone(), props.topic.clone());
        let world = &shell.world;
        let on_step = {
            let link = link.clone();
            Rc::new(move |command: &CastCommand, step: &linli_port::Step| {
                let action = Action::Stepped(Box::new(command.clone()), step.clone());
                link.send_message(Msg::Act(Box::new(action)));
            })
        };
        let wake = {
            let link = link.clone();
            Rc::new(move || link.send_message(Msg::Woken))
        };
        let edge = Self {
            _steps: world.delivery.watch(&topic, on_step),
            _wake: world.ambient.on_wake(wake),
            _opening: Task::spawn(read_earlier(world.clone(), topic.clone(), link.clone())),
            loading: RefCell::new(None),
            asking: RefCell::new(None),
            link: link.clone(),
            shell,
            topic,
        };
        edge.load_survey();
        edge
    }

    /// Does what the reducer asked for.
    pub(crate) fn perform(&self, effect: Effect, state: &State) {
        match effect {
            Effect::LoadSurvey => self.load_survey(),
            Effect::IdentifyDevice => self.ask(None),
            Effect::IdentifyCode(code) => self.ask(Some(code)),
            Effect::AskStanding(token, secret) => self.ask_standing(token, secret),
            Effect::Cast(command) => self.cast(*command, &state.keepsakes),
            Effect::SaveKeepsakes => self.save(vote_key(&self.topic), Some(&state.keepsakes)),
            Effect::SaveDraft => {
                self.save(draft_key(&self.topic), state.draft_to_keep().as_ref());
            }
            Effect::SaveDefinition => {
                self.save(definition_key(&self.topic), state.kept.as_ref());
            }
            Effect::SaveProfile => self.save(PROFILE_KEY.to_owned(), Some(&state.profile)),
            Effect::Nudge => self.shell.world.delivery.nudge(),
            Effect::TellSubmitted { recorded } => {
                let subject = self.topic.to_string();
                (self.shell.emit)(WidgetEvent::Submitted { subject, recorded });
            }
            Effect::TellRefused(code) => (self.shell.emit)(WidgetEvent::Refused { code }),
            // The component moves the focus itself, once it has drawn.
            Effect::FocusHeading | Effect::FocusQuestion(_) => {}
        }
    }

    /// Remembers this person's choice of type size, for every widget.
    pub(crate) fn save_elder(&self, elder: bool) {
        self.save(ELDER_KEY.to_owned(), Some(&elder));
    }

    fn load_survey(&self) {
        let (world, topic, link) = (
            self.shell.world.clone(),
            self.topic.clone(),
            self.link.clone(),
        );
        let emit = self.shell.emit.clone();
        *self.loading.borrow_mut() = Some(Task::spawn(async move {
            let answer = world.surveys.survey(&topic).await;
            match &answer {
                Err(PortError::Unreachable) => {
                    let key = survey_key(&topic);
                    if let Some(survey) = shelf::load::<SurveyView>(&*world.shelf, &key).await {
                        let action = Action::SurveyRemembered(Box::new(survey));
                        link.send_message(Msg::Act(Box::new(action)));
                    }
                }
                Err(PortError::Fault { incident }) => {
                    emit(WidgetEvent::Error {
                        incident: incident.clone(),
                    });
                }
                Ok(_) | Err(PortError::Refused(_) | PortError::Newer { .. }) => {}
            }
            let (survey, text) = match answer {
                Ok(answer) => (Ok(Box::new(answer.survey)), answer.text),
                Err(error) => (Err(error), String::new()),
            };
            link.send_message(Msg::Act(Box::new(Action::SurveyAnswered(survey))));
            if !text.is_empty() {
                // For a visit without network.
                world.shelf.put(&survey_key(&topic), text).await;
            }
        }));
    }

    fn ask(&self, code: Option<String>) {
        let (world, topic, link) = (
            self.shell.world.clone(),
            self.topic.clone(),
            self.link.clone(),
        );
        *self.asking.borrow_mut() = Some(Task::spawn(async move {
            let proof = match code {
                Some(code) => Proof::HouseholdCode { code },
                None => Proof::Device {
                    device: device_id(&world).await,
                },
            };
            let answer = world.deliberations.identify(&topic, &proof).await;
            link.send_message(Msg::Act(Box::new(Action::Identified(answer))));
        }));
    }

    fn ask_standing(&self, token: GrantToken, secret: Option<BallotSecret>) {
        let (world, topic, link) = (
            self.shell.world.clone(),
            self.topic.clone(),
            self.link.clone(),
        );
        *self.asking.borrow_mut() = Some(Task::spawn(async move {
            let answer = world
                .deliberations
                .standing(&topic, &token, secret.as_ref())
                .await;
            link.send_message(Msg::Act(Box::new(Action::StandingAnswered(answer))));
        }));
    }

    /// First what is needed to find the answers again, then the answers.
    fn cast(&self, command: CastCommand, keepsakes: &Keepsakes) {
        let (world, key) = (self.shell.world.clone(), vote_key(&self.topic));
        let kept = serde_json::to_string(keepsakes).unwrap_or_default();
        // Not a task: it goes on when the element is removed meanwhile.
        spawn_local(async move {
            world.shelf.put(&key, kept).await;
            world.delivery.submit(command);
        });
    }

    /// Keeps a value, or forgets what was kept. In the order asked for: each write is
    /// begun before the next.
    fn save<T: serde::Serialize>(&self, key: String, value: Option<&T>) {
        let text = value.and_then(|value| serde_json::to_string(value).ok());
        let shelf = self.shell.world.shelf.clone();
        spawn_local(async move {
            match text {
                Some(text) => {
                    shelf.put(&key, text).await;
                }
                None => shelf.remove(&key).await,
            }
        });
    }
}

async fn read_earlier(world: World, topic: TopicId, link: Scope<Survey>) {
    let shelf = &*world.shelf;
    if let Some(elder) = shelf::load::<bool>(shelf, ELDER_KEY).await {
        link.send_message(Msg::ElderRead(elder));
    }
    let act = |action| link.send_message(Msg::Act(Box::new(action)));
    if let Some(profile) = shelf::load::<Profile>(shelf, PROFILE_KEY).await {
        act(Action::ProfileRead(profile));
    }
    if let Some(keepsakes) = shelf::load::<Keepsakes>(shelf, &vote_key(&topic)).await {
        act(Action::KeepsakesRead(keepsakes));
    }
    if let Some(pending) = world.delivery.pending(&topic).await {
        act(Action::PendingFound(pending));
        return;
    }
    if let Some(draft) = shelf::load::<Draft>(shelf, &draft_key(&topic)).await {
        let kept = shelf::load::<(String, String)>(shelf, &definition_key(&topic)).await;
        let kept = kept.filter(|(version, _)| *version == draft.version);
        act(Action::DraftRead(draft, kept.map(|(_, text)| text)));
    }
}

/// This device's random name, made at its first use.
async fn device_id(world: &World) -> DeviceId {
    if let Some(id) = shelf::load::<DeviceId>(&*world.shelf, DEVICE_KEY).await {
        return id;
    }
    let id = DeviceId::from_bytes(world.ambient.chance());
    shelf::save(&*world.shelf, DEVICE_KEY, &id).await;
    id
}
