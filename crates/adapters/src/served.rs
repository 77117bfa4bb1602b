//! A topic that a backend serves, which may be newer than this widget.

use linli_model::{TopicHead, TopicId, TopicView, tree};
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
