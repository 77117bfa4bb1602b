//! The head of a card: what kind of vote, where, and the question.

use super::Looks;
use linli_model::{Changes, Electorate, PollNature, ResultsVisibility, Secrecy, TopicView};
use linli_texts::{Key, deliberation as k};
use linli_ui::kit;
use yew::prelude::*;

/// Kind, community, place, and the question as heading.
pub(super) fn head(view: &TopicView, looks: &Looks<'_>) -> Html {
    html! {
        <>
            { kicker(view, looks) }
            { heading(question(view), &view.topic.lang, looks) }
        </>
    }
}

/// Kind, community and place.
pub(super) fn kicker(view: &TopicView, looks: &Looks<'_>) -> Html {
    let nature = match view.topic.poll.nature {
        PollNature::Consultation => k::CONSULTATION,
        PollNature::Formal => k::FORMAL,
    };
    let (community, place) = (&view.topic.community.name, &view.topic.place.name);
    html! {
        <p class="kick" lang={view.topic.lang.clone()}>
            <span lang={looks.texts.tag().to_owned()}>{ kit::tag(looks.text(nature)) }</span>
            <span>{ community }{ if place == community { String::new() } else { format!(" · {place}") } }</span>
        </p>
    }
}

/// A heading that can take focus when the card changes.
pub(super) fn heading(text: &str, lang: &str, looks: &Looks<'_>) -> Html {
    html! {
        <h2 ref={looks.heading.clone()} tabindex="-1" lang={lang.to_owned()}>{ text }</h2>
    }
}

/// The poll's question; the topic's title where it has none of its own.
pub(super) fn question(view: &TopicView) -> &str {
    let question = &view.topic.poll.question;
    if question.is_empty() {
        &view.topic.title
    } else {
        question
    }
}

/// Who votes, until when, whether it can be changed: the consequence, beside the act.
pub(super) fn terms(view: &TopicView, looks: &Looks<'_>) -> Html {
    let poll = &view.topic.poll;
    let text = |key: Key| looks.text(key).to_owned();
    let parts = [
        text(match poll.electorate {
            Electorate::Households => k::ONE_PER_HOUSEHOLD,
            Electorate::Devices => k::ONE_PER_DEVICE,
        }),
        text(match poll.changes {
            Changes::UntilClosing => k::CHANGEABLE,
            Changes::Never => k::NOT_CHANGEABLE,
        }),
        looks.texts.fill(
            k::CLOSES_AT,
            &[("time", &looks.time(view, poll.closes_at_ms))],
        ),
        text(match poll.results {
            ResultsVisibility::AfterClosing => k::RESULTS_AFTER_CLOSING,
            ResultsVisibility::Live => k::RESULTS_LIVE,
        }),
    ];
    let is_chinese = looks.texts.tag().starts_with("zh");
    let (joint, end) = if is_chinese {
        ("，", "。")
    } else {
        (", ", ".")
    };
    html! { <p class="muted">{ format!("{}{end}", sentence(&parts.join(joint))) }</p> }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        std::iter::once(first.to_ascii_uppercase())
            .chain(chars)
            .collect()
    })
}

/// What the topic is about, below the question.
pub(super) fn summary(view: &TopicView) -> Html {
    let (lang, title) = (view.topic.lang.clone(), &view.topic.title);
    let needs_title = !view.topic.poll.question.is_empty();
    if view.topic.summary.is_empty() && !needs_title {
        return Html::default();
    }
    html! {
        <div {lang}>
            if needs_title { <p><strong>{ title }</strong></p> }
            if !view.topic.summary.is_empty() {
                <p class="body-text">{ &view.topic.summary }</p>
            }
        </div>
    }
}

/// How many have voted.
pub(super) fn turnout(view: &TopicView, looks: &Looks<'_>) -> String {
    let cast = view.turnout.cast;
    match (view.topic.poll.electorate, view.turnout.eligible) {
        (Electorate::Households, Some(eligible)) => {
            let eligible = linli_texts::grouped(eligible);
            looks
                .texts
                .count(k::TURNOUT_OF, cast, &[("eligible", &eligible)])
        }
        (Electorate::Households, None) => looks.texts.count(k::TURNOUT_HOUSEHOLDS, cast, &[]),
        (Electorate::Devices, _) => looks.texts.count(k::TURNOUT_DEVICES, cast, &[]),
    }
}

/// Who can see the choice, and what the kind of vote means.
pub(super) fn who_sees(view: &TopicView, looks: &Looks<'_>) -> Html {
    let poll = &view.topic.poll;
    let who = match (poll.electorate, poll.secrecy) {
        (_, Secrecy::Secret) => k::WHO_SEES_SECRET,
        (Electorate::Households, Secrecy::Recorded) => k::WHO_SEES_RECORDED,
        (Electorate::Devices, Secrecy::Recorded) => k::WHO_SEES_DEVICE,
    };
    let nature = match poll.nature {
        PollNature::Consultation => k::CONSULTATION_NOTE,
        PollNature::Formal => k::FORMAL_NOTE,
    };
    let content = html! { <><p>{ looks.text(who) }</p><p>{ looks.text(nature) }</p></> };
    kit::disclosure(looks.text(k::WHO_SEES), content)
}
