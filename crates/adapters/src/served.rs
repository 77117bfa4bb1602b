//! A topic that a backend serves, which may be newer than this widget.

use linli_model::{TopicHead, TopicId, TopicView, tree};
use linli_port::PortError;

/// Reads the JSON of a `TopicView`. `None` when it is none, or about another topic.
pub(crate) fn topic(json: &str, topic: &TopicId) -> Option<Result<TopicView, PortError>> {
    if let Some(view) = tree::read::<TopicView>(json) {
        return (view.topic.id == *topic).then_some(Ok(view));
    }
    let head = TopicHead::read_view(json).filter(|head| head.id == *topic)?;
    let (title, lang) = (head.title, head.lang);
    Some(Err(PortError::Newer { title, lang }))
}
