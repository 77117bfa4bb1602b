//! A topic that the host page hands over, for backends that serve none.

use linli_model::tree;
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
    let mut view = tree::read::<TopicView>(json).or_else(|| tree::read(json).map(bare))?;
    view.phase = phase::at(&view.topic.poll, now_ms);
    (view.topic.id == *topic).then_some(view)
}
