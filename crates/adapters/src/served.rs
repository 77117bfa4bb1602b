//! A topic, or a round of a survey, that a backend serves and that may be newer than this
//! widget.

#[cfg(feature = "survey")]
use linli_model::{PollKind, Refusal, wave::SurveyView};
use linli_model::{TopicHead, TopicId, TopicView, tree};
#[cfg(feature = "survey")]
use linli_port::SurveyAnswer;
use linli_port::{PortError, TopicAnswer};

/// Reads the JSON of a `TopicView`. `None` when it is none, or about another topic.
pub(crate) fn topic(json: &str, topic: &TopicId) -> Option<Result<TopicAnswer, PortError>> {
    if let Some(view) = tree::read::<TopicView>(json) {
        let text = json.to_owned();
        return (view.topic.id == *topic).then_some(Ok(TopicAnswer { view, text }));
    }
    let head = TopicHead::read_view(json).filter(|head| head.id == *topic)?;
    let (title, lang) = (head.title, head.lang);
    Some(Err(PortError::Newer { title, lang }))
}

/// Reads the JSON of a `SurveyView`. `None` when it is none, or about another topic.
#[cfg(feature = "survey")]
pub(crate) fn survey(json: &str, topic: &TopicId) -> Option<Result<SurveyAnswer, PortError>> {
    if let Some(survey) = tree::read::<SurveyView>(json) {
        if survey.view.topic.id != *topic {
            return None;
        }
        let is_survey = matches!(survey.view.topic.poll.kind, PollKind::Survey { .. });
        let text = json.to_owned();
        return Some(if is_survey {
            Ok(SurveyAnswer { survey, text })
        } else {
            Err(Refusal::TopicUnknown.into())
        });
    }
    let head = tree::read::<NewerSurvey>(json)?.view.topic;
    let (title, lang) = (head.title, head.lang);
    (head.id == *topic).then_some(Err(PortError::Newer { title, lang }))
}

/// As much of a `SurveyView` as every version has.
#[cfg(feature = "survey")]
struct NewerSurvey {
    view: NewerView,
}

#[cfg(feature = "survey")]
struct NewerView {
    topic: TopicHead,
}

#[cfg(feature = "survey")]
linli_model::from_tree!(NewerSurvey { view });
#[cfg(feature = "survey")]
linli_model::from_tree!(NewerView { topic });
