//! From attributes to typed properties, one function per widget. Nothing else knows
//! how attributes are spelt.

use crate::app::Given;
use crate::failure::Failure;
use crate::settings::{Backend, Settings};
use linli_deliberation::DeliberationProps;
use linli_model::TopicId;

/// `topic`, `elder`, `theme`, `page`.
pub(crate) fn deliberation(given: &Given) -> Result<DeliberationProps, Failure> {
    let settings = &given.settings;
    let topic = settings.text("topic").ok_or(Failure::Attribute("topic"))?;
    let topic = TopicId::parse(&topic).map_err(|_| Failure::Attribute("topic"))?;
    Ok(DeliberationProps {
        page: page(settings, topic.as_str()).into(),
        topic,
        elder: settings.flag("elder"),
        theme: settings.theme(),
        shell: given.shell.clone(),
    })
}

/// Where the same task is on a page of its own: as the host page says, else on our own
/// backend, else nowhere.
fn page(settings: &Settings, subject: &str) -> String {
    match (settings.text("page"), settings.backend()) {
        (Some(page), _) => page,
        (None, Backend::Http { api }) => format!("{api}/p/{subject}"),
        (None, Backend::Host | Backend::Webhook { .. }) => String::new(),
    }
}
