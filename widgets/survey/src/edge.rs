//! Where effects meet the world: ports in, actions out.

use crate::state::{Action, Effect};
use crate::{Msg, Survey, SurveyProps};
use linli_model::TopicId;
use linli_model::wave::SurveyView;
use linli_port::{Guard, PortError, World, shelf};
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
    _opening: Task,
    _wake: Guard,
}

/// Shelf keys.
fn survey_key(topic: &TopicId) -> String {
    format!("survey/{topic}")
}
const ELDER_KEY: &str = "device/elder";

impl Edge {
    /// Watches connectivity, reads what earlier visits left, and asks for the round.
    pub(crate) fn start(props: &SurveyProps, link: &Scope<Survey>) -> Self {
        let (shell, topic) = (props.shell.clone(), props.topic.clone());
        let wake = {
            let link = link.clone();
            Rc::new(move || link.send_message(Msg::Woken))
        };
        let edge = Self {
            _wake: shell.world.ambient.on_wake(wake),
            _opening: Task::spawn(read_earlier(shell.world.clone(), link.clone())),
            loading: RefCell::new(None),
            link: link.clone(),
            shell,
            topic,
        };
        edge.load_survey();
        edge
    }

    /// Does what the reducer asked for.
    pub(crate) fn perform(&self, effect: Effect) {
        match effect {
            Effect::LoadSurvey => self.load_survey(),
            // The component moves the focus itself, once it has drawn.
            Effect::FocusHeading => {}
        }
    }

    /// Remembers this person's choice of type size, for every widget.
    pub(crate) fn save_elder(&self, elder: bool) {
        let shelf = self.shell.world.shelf.clone();
        spawn_local(async move {
            shelf::save(&*shelf, ELDER_KEY, &elder).await;
        });
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
}

async fn read_earlier(world: World, link: Scope<Survey>) {
    if let Some(elder) = shelf::load::<bool>(&*world.shelf, ELDER_KEY).await {
        link.send_message(Msg::ElderRead(elder));
    }
}
