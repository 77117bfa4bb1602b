//! From attributes to typed properties, one function per widget. Nothing else knows
//! how attributes are spelt.

use crate::app::Given;
use crate::failure::Failure;
use crate::settings::{Backend, Settings};
use linli_model::TopicId;

/// `topic`, `elder`, `theme`, `page`.
#[cfg(feature = "deliberation")]
pub(crate) fn deliberation(
    given: &Given,
) -> Result<linli_deliberation::DeliberationProps, Failure> {
    let settings = &given.settings;
    let topic = topic(settings)?;
    Ok(linli_deliberation::DeliberationProps {
        page: page(settings, topic.as_str()).into(),
        topic,
        elder: settings.flag("elder"),
        theme: settings.theme(),
        shell: given.shell.clone(),
    })
}

/// `topic`, `place`, `elder`, `theme`, `page`.
#[cfg(feature = "survey")]
pub(crate) fn survey(given: &Given) -> Result<linli_survey::SurveyProps, Failure> {
    let settings = &given.settings;
    let topic = topic(settings)?;
    Ok(linli_survey::SurveyProps {
        page: page(settings, topic.as_str()).into(),
        topic,
        place: place(settings)?,
        elder: settings.flag("elder"),
        theme: settings.theme(),
        shell: given.shell.clone(),
    })
}

fn topic(settings: &Settings) -> Result<TopicId, Failure> {
    let topic = settings.text("topic").ok_or(Failure::Attribute("topic"))?;
    TopicId::parse(&topic).map_err(|_| Failure::Attribute("topic"))
}

/// Which place's poster or link led here: as the element says, else as the page's address
/// does (`#at=grid-2`). What stands in an address is anybody's: nonsense there is nothing.
#[cfg(feature = "survey")]
fn place(settings: &Settings) -> Result<Option<linli_model::PlaceId>, Failure> {
    use linli_model::PlaceId;
    if let Some(place) = settings.text("place") {
        let place = PlaceId::parse(&place).map_err(|_| Failure::Attribute("place"))?;
        return Ok(Some(place));
    }
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    let hash = hash.unwrap_or_default();
    let mut settings = hash.trim_start_matches('#').split('&');
    let at = settings.find_map(|setting| setting.strip_prefix("at="));
    Ok(at.and_then(|at| PlaceId::parse(at).ok()))
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
