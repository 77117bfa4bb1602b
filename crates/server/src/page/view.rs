//! The page's HTML. Every value is escaped by `maud`; texts that residents or staff
//! wrote stand in `<bdi>`, so that they cannot reorder what is around them.

use super::draft::{Draft, Ways};
use super::people::{Reader, plain};
use super::wait::{self, Wait};
use super::{identify, results};
use linli_model::{
    CastReply, Changes, Choice, Electorate, Phase, PollKind, PollNature, PollOption, Refusal,
    ResultsVisibility, Secrecy, Stance, TopicView,
};
use linli_texts::{Key, RefusalText, deliberation as k, grouped, page as p};
use maud::{DOCTYPE, Markup, html};

/// What the page shows.
pub(super) enum Card {
    /// The topic in its phase, after what went wrong if anything did.
    Topic {
        draft: Draft,
        notice: Option<RefusalText>,
    },
    /// The household has voted otherwise: change it?
    Confirm {
        draft: Draft,
        old: Choice,
        new: Choice,
    },
    /// A moment's work or wait, and then the vote.
    Wait(Wait),
    /// Recorded.
    Receipt {
        reply: CastReply,
        voter: String,
        replaced: bool,
        same: bool,
    },
    /// Our fault.
    Fault { incident: String },
}

/// A poll, and how people can say in it who they are.
type Asked<'a> = (&'a TopicView, Ways);

/// The whole page: what was told of changes, the question, and what lies beside it.
pub(super) fn page(
    reader: &Reader,
    asked: Asked<'_>,
    told: &Markup,
    card: &Card,
    beside: &Markup,
    has_widget: bool,
) -> String {
    let view = asked.0;
    let topic = &view.topic;
    let (title, community) = (plain(&topic.title), plain(&topic.community.name));
    let name = reader.texts.fill(
        p::PAGE_TITLE,
        &[("title", &title), ("community", &community)],
    );
    // An answer to the form is a page by itself; the widget would begin anew.
    let is_widget = has_widget && matches!(card, Card::Topic { notice: None, .. });
    let body = html! {
        header class="top" { bdi { (community) } }
        main {
            (told)
            @if is_widget {
                linli-deliberation topic=(topic.id) lang=(reader.texts.tag()) elder[reader.elder] {
                    (self::card(reader, asked, card))
                }
            } @else {
                (self::card(reader, asked, card))
            }
            (beside)
        }
        (foot(reader))
    };
    // A code that was scanned needs its field.
    let body = html! {
        (body)
        @if matches!(card, Card::Topic { .. }) && matches!(asked.1, Ways::Code | Ways::PasswordOrCode) {
            script src="/p.js" {}
        }
        @if matches!(card, Card::Wait(_)) { script src="/p-work.js" {} }
    };
    document(reader, &name, is_widget, &body)
}

/// A page without a topic.
pub(super) fn bare(reader: &Reader, refusal: &Refusal) -> String {
    let text = linli_texts::explain(&reader.texts, refusal, &|_| String::new());
    let body = html! { main { article class="card" { h1 { (text.title) } p { (text.next) } } } (foot(reader)) };
    document(reader, &text.title, false, &body)
}

/// A page that says that we failed.
pub(super) fn bare_fault(reader: &Reader, incident: &str) -> String {
    let body = html! { main { article class="card" { (fault(reader, incident)) } } };
    document(reader, reader.text(k::FAULT_TITLE), false, &body)
}

/// A whole document around `body`.
pub(super) fn document(reader: &Reader, title: &str, is_widget: bool, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(reader.texts.tag()) class=[reader.elder.then_some("elder")] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href="/p.css";
                link rel="icon" type="image/svg+xml" href="/p.svg";
                @if is_widget { script async src="/v1/loader.js" {} }
            }
            body { (body) }
        }
    };
    page.into_string()
}

/// Languages and size of type.
pub(super) fn foot(reader: &Reader) -> Markup {
    let elder = if reader.elder {
        k::ELDER_OFF
    } else {
        k::ELDER_ON
    };
    html! {
        footer {
            a href=(reader.query(!reader.elder, None)) { (reader.text(elder)) }
            @for (tag, name) in reader.others() {
                a href=(reader.query(reader.elder, Some(tag))) lang=(tag) hreflang=(tag) { (name) }
            }
            span { (reader.text(p::SERVICE_BY)) }
        }
    }
}

fn card(reader: &Reader, asked: Asked<'_>, card: &Card) -> Markup {
    let view = asked.0;
    html! {
        article class="card" {
            @match card {
                Card::Topic { draft, notice } => {
                    @if let Some(text) = notice {
                        div class=(if draft.sent { "notice calm" } else { "notice" }) role="alert" { h2 { (text.title) } p { (text.next) } }
                    }
                    (topic(reader, asked, draft))
                }
                Card::Confirm { draft, old, new } => (confirm(reader, view, draft, old, new)),
                Card::Wait(wait) => {
                    (wait::card(reader, &view.topic, wait, &chosen(reader, &view.topic.poll.kind, &wait.choice), &hidden(&wait.draft)))
                }
                Card::Receipt { reply, voter, replaced, same } => {
                    (receipt(reader, view, reply, voter, *replaced, *same))
                }
                Card::Fault { incident } => (fault(reader, incident)),
            }
        }
    }
}

fn fault(reader: &Reader, incident: &str) -> Markup {
    html! {
        h1 { (reader.text(k::FAULT_TITLE)) }
        p { (reader.texts.fill(k::FAULT_LEAD, &[("incident", incident)])) }
    }
}

fn topic(reader: &Reader, asked: Asked<'_>, draft: &Draft) -> Markup {
    let view = asked.0;
    let (topic, poll) = (&view.topic, &view.topic.poll);
    let nature = match poll.nature {
        PollNature::Consultation => k::CONSULTATION,
        PollNature::Formal => k::FORMAL,
    };
    let time = |at_ms| reader.time(topic, at_ms);
    html! {
        p class="tag" { (reader.text(nature)) " · " bdi { (plain(&topic.place.name)) } }
        h1 lang=(topic.lang) { bdi { (plain(&topic.title)) } }
        @for paragraph in topic.summary.split("\n\n").filter(|text| !text.trim().is_empty()) {
            p lang=(topic.lang) class="summary" { bdi { (plain(paragraph)) } }
        }
        @match view.phase {
            Phase::Upcoming => {
                h2 { (reader.text(k::UPCOMING_TITLE)) }
                p { (reader.texts.fill(k::UPCOMING_LEAD, &[("time", &time(poll.opens_at_ms)), ("end", &time(poll.closes_at_ms))])) }
            }
            Phase::Open => {
                p class="muted" { (turnout(reader, view)) }
                @match asked.1 {
                    Ways::Elsewhere => { p { strong { (reader.text(p::HOST_ONLY)) } } p { (reader.text(p::HOST_ONLY_NEXT)) } }
                    Ways::Helped => { p { strong { (reader.text(p::HELPED_ONLY)) } } p { (reader.text(p::HELPED_ONLY_NEXT)) } }
                    _ => (form(reader, asked, draft)),
                }
                @if let Some(result) = &view.result { (results::table(reader, view, result)) }
                @else { p class="muted" { (reader.text(k::RESULTS_HIDDEN)) } }
            }
            Phase::Closed => {
                p class="muted" { (reader.texts.fill(k::CLOSED_AT, &[("time", &time(poll.closes_at_ms))])) " · " (turnout(reader, view)) }
                @match &view.result {
                    Some(result) => (results::table(reader, view, result)),
                    None => p { (reader.text(k::RESULTS_PENDING)) },
                }
            }
        }
        (who_sees(reader, view))
    }
}

fn form(reader: &Reader, asked: Asked<'_>, draft: &Draft) -> Markup {
    let (view, ways) = asked;
    let (topic, poll) = (&view.topic, &view.topic.poll);
    let action = format!("/p/{}{}", topic.id, reader.query(reader.elder, None));
    let kind = if matches!(poll.kind, PollKind::MultipleChoice { .. }) {
        "checkbox"
    } else {
        "radio"
    };
    html! {
        form method="post" action=(action) {
            (hidden(draft))
            fieldset {
                legend {
                    @if !poll.question.is_empty() { bdi lang=(topic.lang) { (plain(&poll.question)) } " " }
                    span class="muted" { (how_many(reader, &poll.kind)) }
                }
                @match &poll.kind {
                    PollKind::Motion => @for stance in Stance::ALL {
                        (row(kind, stance.as_str(), draft, html! { (reader.stance(stance)) }))
                    },
                    PollKind::SingleChoice { options } | PollKind::MultipleChoice { options, .. } => {
                        @for option in options { (row(kind, option.id.as_str(), draft, named(option, &topic.lang))) }
                    }
                }
            }
            @match ways {
                Ways::Code => (identify::code(reader, draft, true)),
                Ways::PasswordOrCode => (identify::ways(reader, draft)),
                Ways::Password => (identify::password(reader, draft, true)),
                Ways::Device | Ways::Elsewhere | Ways::Helped => {}
            }
            @if matches!(ways, Ways::Code | Ways::PasswordOrCode) && poll.secrecy == Secrecy::Recorded { (identify::behalf(reader, draft)) }
            p class="muted" { (reader.text(p::SUBMIT_HINT)) }
            (wait::hint(reader, topic))
            button type="submit" { (reader.text(p::SUBMIT)) }
            p class="muted" { (terms(reader, view)) }
        }
    }
}

fn hidden(draft: &Draft) -> Markup {
    html! {
        input type="hidden" name="key" value=(draft.key.to_string());
        input type="hidden" name="check" value=(draft.check);
        @if !draft.work.is_empty() { input type="hidden" name="work" value=(draft.work); }
    }
}

fn row(kind: &str, value: &str, draft: &Draft, name: Markup) -> Markup {
    let checked = draft.chosen.iter().any(|chosen| chosen == value);
    html! {
        label class="choice" {
            input type=(kind) name="choice" value=(value) checked[checked] required[kind == "radio"];
            span { (name) }
        }
    }
}

fn named(option: &PollOption, lang: &str) -> Markup {
    html! {
        bdi lang=(lang) { (plain(&option.text)) }
        @if !option.detail.is_empty() { small lang=(lang) { bdi { (plain(&option.detail)) } } }
    }
}

fn how_many(reader: &Reader, kind: &PollKind) -> String {
    match kind {
        PollKind::Motion | PollKind::SingleChoice { .. } => reader.text(p::CHOOSE_ONE).to_owned(),
        PollKind::MultipleChoice { min, max, .. } if min == max => {
            reader.texts.count(k::CHOOSE_EXACTLY, u64::from(*min), &[])
        }
        PollKind::MultipleChoice { min, max, .. } => reader.texts.fill(
            k::CHOOSE_BETWEEN,
            &[("min", &min.to_string()), ("max", &max.to_string())],
        ),
    }
}

fn confirm(reader: &Reader, view: &TopicView, draft: &Draft, old: &Choice, new: &Choice) -> Markup {
    let topic = &view.topic;
    let (old, new) = (
        chosen(reader, &topic.poll.kind, old),
        chosen(reader, &topic.poll.kind, new),
    );
    let query = reader.query(reader.elder, None);
    let page = format!("/p/{}{query}", topic.id);
    html! {
        h1 { (reader.text(k::CONFIRM_TITLE)) }
        p { (reader.texts.fill(k::CONFIRM_LEAD, &[("old", &old), ("new", &new)])) }
        form method="post" action=(page) {
            (hidden(draft))
            @for (name, value) in [
                ("code", &draft.code), ("contact", &draft.contact), ("password", &draft.password),
                ("voter", &draft.voter),
            ] {
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            @if let Some(relation) = &draft.relation {
                input type="hidden" name="behalf" value="1";
                input type="hidden" name="relation" value=(relation);
            }
            @for value in &draft.chosen { input type="hidden" name="choice" value=(value); }
            button type="submit" name="confirmed" value="1" {
                (reader.texts.fill(p::CONFIRM_BUTTON, &[("choice", &new)]))
            }
        }
        p { a href=(page) { (reader.text(k::CONFIRM_KEEP)) } }
    }
}

fn receipt(
    reader: &Reader,
    view: &TopicView,
    reply: &CastReply,
    voter: &str,
    replaced: bool,
    same: bool,
) -> Markup {
    let topic = &view.topic;
    let title = match (same, replaced) {
        (true, _) => p::ALREADY_SAME,
        (false, true) => k::RECEIPT_CHANGED,
        (false, false) => k::RECEIPT_TITLE,
    };
    let choice = chosen(reader, &topic.poll.kind, &reply.opening.choice);
    let whole = serde_json::to_string_pretty(reply).unwrap_or_default();
    let page = format!("/p/{}{}", topic.id, reader.query(reader.elder, None));
    html! {
        h1 { (reader.text(title)) }
        p { strong { (reader.texts.fill(k::YOUR_VOTE, &[("choice", &choice)])) } }
        @if !voter.is_empty() { p class="muted" { bdi { (plain(voter)) } } }
        @if reply.receipt.on_behalf { p { (reader.text(p::BEHALF_RECEIPT)) } }
        dl { dt { (reader.text(k::RECEIPT_CODE)) } dd class="number" { (reply.receipt.code) } }
        p { (reader.text(k::RECEIPT_HELP)) }
        @if topic.poll.changes == Changes::UntilClosing && topic.poll.secrecy == Secrecy::Secret {
            p { (reader.text(p::SECRET_HERE)) }
        }
        details {
            summary { (reader.text(p::RECEIPT_DATA)) }
            p { (reader.text(p::RECEIPT_DATA_HELP)) }
            pre { (whole) }
        }
        p { a href=(page) { (reader.text(p::BACK)) } }
    }
}

/// A choice in words.
fn chosen(reader: &Reader, kind: &PollKind, choice: &Choice) -> String {
    match choice {
        Choice::Motion { stance } => reader.stance(*stance).to_owned(),
        Choice::Options { options } => {
            let name = |id: &linli_model::OptionId| {
                let option = kind.options().iter().find(|option| option.id == *id);
                option.map_or_else(|| id.to_string(), |option| plain(&option.text))
            };
            options
                .iter()
                .map(name)
                .collect::<Vec<_>>()
                .join(reader.text(k::AND))
        }
    }
}

fn turnout(reader: &Reader, view: &TopicView) -> String {
    let cast = view.turnout.cast;
    match (view.topic.poll.electorate, view.turnout.eligible) {
        (Electorate::Households, None) => reader.texts.count(k::TURNOUT_HOUSEHOLDS, cast, &[]),
        (Electorate::Devices, _) | (_, None) => reader.texts.count(k::TURNOUT_DEVICES, cast, &[]),
        (electorate, Some(eligible)) => {
            let of = match electorate {
                Electorate::Households => k::TURNOUT_OF,
                _ => k::TURNOUT_OF_VOTERS,
            };
            reader
                .texts
                .count(of, cast, &[("eligible", &grouped(eligible))])
        }
    }
}

/// Who votes, until when, whether it can be changed: beside the act.
fn terms(reader: &Reader, view: &TopicView) -> String {
    let poll = &view.topic.poll;
    let text = |key: Key| reader.text(key).to_owned();
    let parts = [
        text(match poll.electorate {
            Electorate::Households => k::ONE_PER_HOUSEHOLD,
            Electorate::Devices => k::ONE_PER_DEVICE,
            _ => k::ONE_PER_VOTER,
        }),
        text(match poll.changes {
            Changes::UntilClosing => k::CHANGEABLE,
            Changes::Never => k::NOT_CHANGEABLE,
        }),
        reader.texts.fill(
            k::CLOSES_AT,
            &[("time", &reader.time(&view.topic, poll.closes_at_ms))],
        ),
        text(match poll.results {
            ResultsVisibility::AfterClosing => k::RESULTS_AFTER_CLOSING,
            ResultsVisibility::Live => k::RESULTS_LIVE,
        }),
    ];
    parts.join(" · ")
}

fn who_sees(reader: &Reader, view: &TopicView) -> Markup {
    let poll = &view.topic.poll;
    let who = match (poll.electorate, poll.secrecy) {
        (_, Secrecy::Secret) => k::WHO_SEES_SECRET,
        (Electorate::Households, Secrecy::Recorded) => k::WHO_SEES_RECORDED,
        (Electorate::Devices, Secrecy::Recorded) => k::WHO_SEES_DEVICE,
        (_, Secrecy::Recorded) => k::WHO_SEES_RECORDED_VOTER,
    };
    let nature = match poll.nature {
        PollNature::Consultation => k::CONSULTATION_NOTE,
        PollNature::Formal => k::FORMAL_NOTE,
    };
    html! {
        details {
            summary { (reader.text(k::WHO_SEES)) }
            p { (reader.text(who)) }
            p { (reader.text(nature)) }
        }
    }
}
