//! The cards of a survey: not yet, a page, all answers, a change, thanks, closed.

use super::control::Sheet;
use super::field::{self, questions};
use super::{display, head, html, words};
use crate::page::draft::{Draft, Ways};
use crate::page::people::{Reader, plain};
use crate::page::way::{Step, Way};
use crate::page::{identify, wait};
use linli_model::wave::Wave;
use linli_model::{Changes, Phase, ResultsVisibility, Secrecy, TopicView};
use linli_rules::survey::{Content, Place, ShownElement, View};
use linli_texts::{
    Key, RefusalText, deliberation as k, page as p, report, survey as s, survey_page as y,
};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The name of the form, which buttons outside of it send.
pub(in crate::page) const FORM: &str = "survey";

/// A topic and how people can say in its poll who they are.
type Asked<'a> = (&'a TopicView, Ways);

/// The round in its phase, after what went wrong if anything did.
pub(in crate::page) fn card(
    reader: &Reader,
    asked: Asked<'_>,
    wave: &Wave,
    draft: &Draft,
    notice: Option<&RefusalText>,
) -> Markup {
    let view = asked.0;
    let (topic, poll) = (&view.topic, &view.topic.poll);
    let time = |at_ms| reader.time(topic, at_ms);
    let told = html! {
        @if let Some(text) = notice {
            div class=(if draft.sent { "notice calm" } else { "notice" }) role="alert" { h2 { (text.title) } p { (text.next) } }
        }
    };
    let title = html! {
        (head::tag(reader, view))
        h1 lang=(topic.lang) { bdi { (plain(&topic.title)) } }
    };
    match (view.phase, &draft.survey) {
        (Phase::Upcoming, _) => html! {
            (told) (title)
            p { (reader.texts.fill(s::UPCOMING_LEAD, &[("time", &time(poll.opens_at_ms)), ("end", &time(poll.closes_at_ms))])) }
            (head::who_sees(reader, view))
        },
        (Phase::Open, Some(way)) => html! {
            (told)
            @match asked.1 {
                Ways::Elsewhere => { (title) p { strong { (reader.text(p::HOST_ONLY)) } } p { (reader.text(p::HOST_ONLY_NEXT)) } }
                Ways::Helped => { (title) p { strong { (reader.text(p::HELPED_ONLY)) } } p { (reader.text(p::HELPED_ONLY_NEXT)) } }
                _ => (open(reader, asked, wave, draft, way)),
            }
        },
        _ => html! {
            (told) (title)
            h2 { (reader.text(s::CLOSED_TITLE)) }
            p class="muted" { (reader.texts.fill(k::CLOSED_AT, &[("time", &time(poll.closes_at_ms))])) " · " (head::turnout(reader, view)) }
            (to_report(reader, view))
        },
    }
}

/// The way to the round's report.
fn to_report(reader: &Reader, view: &TopicView) -> Markup {
    let query = reader.query(reader.elder, None);
    let address = format!("/p/{}/report{query}", view.topic.id);
    html! { p { a class="button outline" href=(address) { (reader.text(report::SEE)) } } }
}

fn open(reader: &Reader, asked: Asked<'_>, wave: &Wave, draft: &Draft, way: &Way) -> Markup {
    let view = asked.0;
    let is_full = wave
        .quotas
        .iter()
        .any(|quota| quota.place.is_none() && view.turnout.cast >= u64::from(quota.max));
    let may_change = view.topic.poll.changes == Changes::UntilClosing;
    let full = html! {
        @if is_full {
            div class="notice calm" role="status" {
                h2 { (reader.text(s::QUOTA_FULL)) }
                p { (reader.text(s::QUOTA_FULL_NEXT)) @if may_change { " " (reader.text(y::FULL_CHANGE)) } }
            }
        }
    };
    if is_full && !may_change {
        return html! {
            (head::tag(reader, view))
            h1 lang=(view.topic.lang) { bdi { (plain(&view.topic.title)) } }
            (full)
        };
    }
    let locale = words::locale(reader);
    let Ok(session) = way.session() else {
        // It rested when it was sent.
        return full;
    };
    let shown = session.view(words::language(reader, &locale));
    html! {
        (full)
        @if way.step == Step::Page && (shown.progress().page <= 1 || way.is_start) {
            (head::intro(reader, view, way, &shown, wave.number))
        } @else {
            (head::again(reader, view, way))
        }
        @if way.round.version != wave.version { p class="muted" { (reader.text(s::OLD_VERSION)) } }
        @match way.step {
            Step::Page => (page(reader, view, draft, way, &shown, &locale)),
            Step::Review => (review(reader, asked, draft, &shown, &locale)),
        }
        (head::who_sees(reader, view))
        @if view.topic.poll.results == ResultsVisibility::Live { (to_report(reader, view)) }
    }
}

/// The current page as a form.
fn page(
    reader: &Reader,
    topic_view: &TopicView,
    draft: &Draft,
    way: &Way,
    view: &View<'_>,
    locale: &str,
) -> Markup {
    let Some(page) = view.page() else {
        return html! { p { (reader.text(y::NOTHING_ASKED)) } };
    };
    let sheet = sheet(reader, topic_view, way, view, &page, locale);
    let elements = match &page.content {
        Content::Panel(elements) => elements.as_slice(),
        Content::Question(_) => &[],
    };
    let progress = view.progress();
    let next = if way.is_last { s::LOOK_OVER } else { s::NEXT };
    let is_first = progress.page <= 1 || way.is_start;
    html! {
        (summary(&sheet, &page))
        @if !way.new.is_empty() {
            div class="notice calm" role="status" tabindex="-1" autofocus {
                h2 { (reader.text(y::MORE_CAME)) } p { (reader.text(y::MORE_CAME_NEXT)) }
                ul {
                    @for asked in questions(&page).iter().filter(|asked| way.new.contains(&asked.path)) {
                        li { a href=(format!("#{}-in", sheet.id(&asked.element.place))) { bdi { (plain(&asked.element.title)) } } }
                    }
                }
            }
        }
        form method="post" action=(action(reader, topic_view)) id=(FORM) {
            (draft.hidden())
            (carried(draft))
            input type="hidden" name="spot" value=(way.spot.as_deref().unwrap_or_default());
            // Enter presses a form's first button.
            button type="submit" class="unseen" name="press" value="next" tabindex="-1" aria-hidden="true" {}
            (head::progress(reader, view))
            @if !page.title.is_empty() { h2 lang=[words::lang(page.shown, locale, &topic_view.topic.lang)] { bdi { (plain(&page.title)) } } }
            @if !page.description.is_empty() { p class="muted" { bdi { (plain(&page.description)) } } }
            @for element in elements { (sheet.element(element)) }
            div class="moves" {
                button type="submit" name="press" value="next" { (reader.text(next)) }
                @if !is_first {
                    button type="submit" name="press" value="back" class="outline" formnovalidate { (reader.text(s::PREVIOUS)) }
                }
            }
        }
    }
}

fn sheet<'a>(
    reader: &'a Reader,
    topic_view: &'a TopicView,
    way: &'a Way,
    view: &View<'_>,
    page: &ShownElement<'_>,
    locale: &'a str,
) -> Sheet<'a> {
    let all = elements(page);
    let numbered = all.iter().enumerate();
    let ids = numbered.map(|(nth, element)| (element.place.clone(), format!("q{nth}")));
    let paths = questions(page).into_iter();
    let paths = paths.map(|asked| (asked.element.place.clone(), asked.path));
    let by_place: BTreeMap<&Place, &ShownElement<'_>> = all
        .iter()
        .map(|element| (&element.place, *element))
        .collect();
    let mut wrong: BTreeMap<Place, Vec<String>> = BTreeMap::new();
    for fault in &way.faults {
        let kind = by_place.get(&fault.place).and_then(|one| words::kind(one));
        let text = words::fault(reader, view, fault, kind);
        let texts = wrong.entry(fault.place.clone()).or_default();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    for element in way.unfit.iter().filter_map(|place| by_place.get(place)) {
        let text = words::unfit(reader, element);
        wrong.entry(element.place.clone()).or_default().push(text);
    }
    Sheet {
        reader,
        locale,
        lang: &topic_view.topic.lang,
        wrong,
        ids: ids.collect(),
        paths: paths.collect(),
        typed: &way.typed,
        action: action(reader, topic_view),
    }
}

/// Every element of a tree, from outside.
fn elements<'e, 'a>(element: &'e ShownElement<'a>) -> Vec<&'e ShownElement<'a>> {
    let inner: Vec<_> = match &element.content {
        Content::Panel(children) => children.iter().flat_map(elements).collect(),
        Content::Question(question) => {
            let inside = question.groups.iter().flat_map(|group| &group.elements);
            inside.flat_map(elements).collect()
        }
    };
    [element].into_iter().chain(inner).collect()
}

/// What is wrong on the page, with the way to each.
fn summary(sheet: &Sheet<'_>, page: &ShownElement<'_>) -> Markup {
    let wrong: Vec<&ShownElement<'_>> = elements(page)
        .into_iter()
        .filter(|element| sheet.wrong.contains_key(&element.place))
        .collect();
    let reader = sheet.reader;
    html! {
        @if !wrong.is_empty() {
            div class="notice" role="alert" tabindex="-1" autofocus {
                h2 { (reader.texts.count(s::FAULTS, wrong.len() as u64, &[])) }
                ul {
                    @for element in wrong {
                        @let id = sheet.id(&element.place);
                        @let target = match element.content {
                            Content::Question(_) => format!("#{id}-in"),
                            Content::Panel(_) if element.place == page.place => format!("#{FORM}"),
                            Content::Panel(_) => format!("#{id}"),
                        };
                        li {
                            a href=(target) { bdi { (plain(&element.title)) } }
                            @for text in &sheet.wrong[&element.place] { " — " bdi { (plain(text)) } }
                        }
                    }
                }
            }
        }
    }
}

/// All answers, then who answers.
fn review(
    reader: &Reader,
    asked: Asked<'_>,
    draft: &Draft,
    view: &View<'_>,
    locale: &str,
) -> Markup {
    let (topic_view, ways) = asked;
    let topic = &topic_view.topic;
    let is_recorded = topic.poll.secrecy == Secrecy::Recorded;
    html! {
        form method="post" action=(action(reader, topic_view)) id=(FORM) {
            (draft.hidden())
            @if !draft.voter.is_empty() { input type="hidden" name="voter" value=(draft.voter); }
            button type="submit" class="unseen" name="press" value="send" tabindex="-1" aria-hidden="true" {}
            @for (nth, page) in view.pages().iter().enumerate() {
                @let asked: Vec<_> = questions(page).into_iter().filter(|one| !one.is_inner).filter(|one| {
                    field::is_asked(one.element, one.question) || display::answer(reader, one.element, one.question).is_some()
                }).collect();
                @if !asked.is_empty() {
                    @let title = match page.title.is_empty() {
                        true => reader.texts.fill(y::PAGE, &[("n", &(nth + 1).to_string())]),
                        false => plain(&page.title),
                    };
                    section class="given" {
                        h2 { bdi { (title) } }
                        dl {
                            @for one in &asked {
                                dt lang=[words::lang(one.element.shown, locale, &topic.lang)] { bdi { (plain(&one.element.title)) } }
                                dd {
                                    @match display::answer(reader, one.element, one.question) {
                                        Some(told) => (told),
                                        None => span class="muted" { (reader.text(s::NO_ANSWER)) },
                                    }
                                }
                            }
                        }
                        button type="submit" class="outline small" name="press" value=(format!("go/{}", page.name)) formnovalidate
                            aria-label=(format!("{}: {title}", reader.text(s::REVIEW_CHANGE))) { (reader.text(s::REVIEW_CHANGE)) }
                    }
                }
            }
            @match ways {
                Ways::Code => (identify::code(reader, draft, false)),
                Ways::PasswordOrCode => (identify::ways(reader, draft)),
                Ways::Password => (identify::password(reader, draft, true)),
                Ways::Device | Ways::Elsewhere | Ways::Helped => {}
            }
            @if matches!(ways, Ways::Code | Ways::PasswordOrCode) && is_recorded { (identify::behalf(reader, draft)) }
            (wait::hint(reader, topic))
            div class="moves" {
                button type="submit" name="press" value="send" { (reader.text(s::SEND)) }
            }
            p class="muted" { (head::terms(reader, topic_view)) }
        }
    }
}

/// Who answers, as far as that was filled in, through the pages.
fn carried(draft: &Draft) -> Markup {
    html! {
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
    }
}

/// Answers are there already: replace them?
pub(in crate::page) fn confirm(reader: &Reader, view: &TopicView, draft: &Draft) -> Markup {
    let page = action(reader, view);
    html! {
        h1 { (reader.text(s::CONFIRM_TITLE)) }
        p { (reader.text(s::CONFIRM_LEAD)) }
        form method="post" action=(page) {
            (draft.hidden())
            (carried(draft))
            button type="submit" name="confirmed" value="1" { (reader.text(s::CONFIRM_REPLACE)) }
        }
        p { a class="button outline" href=(page) { (reader.text(s::CONFIRM_KEEP)) } }
    }
}

/// What the definition says at the end.
pub(in crate::page) fn thanks(reader: &Reader, way: &Way) -> Markup {
    let locale = words::locale(reader);
    let text = way
        .session()
        .ok()
        .and_then(|session| session.view(words::language(reader, &locale)).ending());
    html! { @if let Some(text) = text { div class="shown" { (html::show(&text)) } } }
}

/// The heading over a receipt.
pub(in crate::page) fn receipt_title(is_change: bool) -> Key {
    match is_change {
        true => s::RECEIPT_CHANGED,
        false => s::RECEIPT_TITLE,
    }
}

fn action(reader: &Reader, view: &TopicView) -> String {
    format!("/p/{}{}", view.topic.id, reader.query(reader.elder, None))
}
