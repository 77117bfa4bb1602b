//! Text that people wrote, made safe to show beside other text.
//!
//! Markup is no concern here: widgets only make text nodes, pages escape. What is left
//! are characters that cannot be seen and change what *can*: bidirectional overrides
//! that turn a sentence round, zero-width characters that make two options look
//! alike, control characters.

use linli_model::{PollKind, TopicView};
use std::borrow::Cow;

/// `text` without invisible tricks. Line feeds stay; so do the joiners that emoji and
/// several scripts need between visible characters.
pub fn displayable(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_trick) {
        Cow::Owned(text.chars().filter(|c| !is_trick(*c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

fn is_trick(c: char) -> bool {
    matches!(c,
        // Control characters except line feed.
        '\u{0}'..='\u{9}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Marks, embeddings, overrides and isolates (Unicode Standard Annex 9).
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Zero-width and invisible: space, joiner of words, soft hyphen, fillers, tags.
        | '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'
        | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Every text of a topic, made displayable. Both the widget and the hosted page call
/// this on what they are about to show.
pub fn displayable_topic(mut view: TopicView) -> TopicView {
    let clean = |text: &mut String| {
        if let Cow::Owned(cleaned) = displayable(text) {
            *text = cleaned;
        }
    };
    let topic = &mut view.topic;
    for text in [
        &mut topic.title,
        &mut topic.summary,
        &mut topic.community.name,
        &mut topic.place.name,
        &mut topic.poll.question,
    ] {
        clean(text);
    }
    if let PollKind::SingleChoice { options } | PollKind::MultipleChoice { options, .. } =
        &mut topic.poll.kind
    {
        for option in options {
            clean(&mut option.text);
            clean(&mut option.detail);
        }
    }
    for place in view.result.iter_mut().flat_map(|result| &mut result.places) {
        clean(&mut place.place.name);
    }
    view
}

#[cfg(test)]
mod tests {
    use super::displayable;

    #[test]
    fn invisible_tricks_go_and_writing_stays() {
        let cases = [
            ("同意\u{202e}对反", "同意对反"),
            ("A\u{200b}", "A"),
            ("\u{feff}晾晒区\u{2060}", "晾晒区"),
            ("两段\n\n文字", "两段\n\n文字"),
            ("👨\u{200d}👩\u{200d}👧", "👨\u{200d}👩\u{200d}👧"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ];
        for (text, expected) in cases {
            assert_eq!(displayable(text), expected);
        }
    }
}
