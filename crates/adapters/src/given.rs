//! A topic, or a round of a survey, that the host page hands over, for backends that serve
//! none.

use linli_model::tree;
#[cfg(feature = "survey")]
use linli_model::{PollKind, wave::SurveyView};
use linli_model::{Topic, TopicId, TopicView, Turnout, UtcMs};
use linli_rules::phase;

/// Reads the JSON of a `TopicView` or of a bare `Topic`. The phase is told by `now_ms`:
/// nobody else tells it. `None` when the JSON is neither, or about another topic.
pub(crate) fn topic(json: &str, topic: &TopicId, now_ms: UtcMs) -> Option<TopicView> {
    let bare = |topic: Topic| TopicView {
        phase: phase::at(&topic.poll, now_ms),
        turnout: Turnout {
            cast: 0,
            eligible: None,
        },
        result: None,
        topic,
    };
    let view = tree::read::<TopicView>(json).or_else(|| tree::read(json).map(bare));
    #[cfg(feature = "survey")]
    let view = view.or_else(|| tree::read::<SurveyView>(json).map(|survey| survey.view));
    let mut view = view?;
    view.phase = phase::at(&view.topic.poll, now_ms);
    (view.topic.id == *topic).then_some(view)
}

/// Reads the JSON of a `SurveyView`, whose phase is told by `now_ms`. `None` when it is
/// none, about another topic, or asks no survey.
#[cfg(feature = "survey")]
pub(crate) fn survey(json: &str, topic: &TopicId, now_ms: UtcMs) -> Option<SurveyView> {
    let mut survey = tree::read::<SurveyView>(json)?;
    let view = &mut survey.view;
    view.phase = phase::at(&view.topic.poll, now_ms);
    let is_survey = matches!(view.topic.poll.kind, PollKind::Survey { .. });
    (view.topic.id == *topic && is_survey).then_some(survey)
}
