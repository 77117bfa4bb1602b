//! One poll: what it asks, how many have voted and where, what was changed, what came of
//! it, and what can be done with it now.

use super::attachments;
use super::card;
use super::el::{El, div, el, list, says};
use super::kit::{only, table};
use super::polls;
use super::preview::{self, Sketch};
use super::ui::Ui;
use super::words;
use crate::route::Route;
use crate::state::{Action, Dialog};
use crate::zone;
use linli_model::desk::{Notice, Permission, PollState, PollView};
use linli_model::{PlaceTurnout, PollKind, PollResult, ResultStep, TopicId};
use linli_port::desk::Question;
use linli_texts::{deliberation as d, desk as k, grouped};
use linli_ui::kit::{percent, share_bp};
use yew::prelude::*;

/// An extension is proposed for this much later.
const EXTENSION_MS: i64 = 3 * 86_400_000;

/// The screen. What heads it stays in its place while the poll is on its way, so that
/// the focus does.
pub(crate) fn poll(ui: &Ui<'_>, topic: &TopicId) -> Html {
    let view = ui.state.slots.poll(topic);
    let title = view.map_or_else(|| ui.t(k::NAV_POLLS), |view| view.topic.title.clone());
    div("screen")
        .put(ui.link("back", k::ALL_POLLS, &Route::Polls))
        .put(kick(ui, view))
        .put(ui.heading(title))
        .put(ui.shown(
            &Question::Poll(topic.clone()),
            view.map(|view| content(ui, view)),
        ))
        .into()
}

fn kick(ui: &Ui<'_>, view: Option<&PollView>) -> El {
    let kick = el("p").class("kick");
    let Some(view) = view else { return kick };
    kick.put(card::state_tag(ui, view.state))
        .put(says("span", ui.t(preview_nature(view))))
        .put(says("span", view.topic.place.name.clone()))
}

fn content(ui: &Ui<'_>, view: &PollView) -> El {
    let topic = &view.topic;
    let head = div("poll-head")
        .put(says("p", when(ui, view)).class("muted"))
        .put(acts(ui, view));
    let waiting = (!view.waiting.is_empty()).then(|| {
        let cards = card::approvals(ui, &view.waiting);
        ui.section(ui.t(k::WAITING_TITLE)).put(cards)
    });
    let counted = matches!(view.state, PollState::Open | PollState::Closed);
    let sketch = Sketch::of_topic(ui, topic);
    div("parts")
        .put(head)
        .some(waiting)
        .put(only(counted, || turnout(ui, view).into()))
        .some(view.result.as_ref().map(|result| outcome(ui, view, result)))
        .put(only(counted && view.result.is_none(), || {
            ui.note(ui.t(d::RESULTS_HIDDEN)).into()
        }))
        .put(attachments::section(ui, &topic.id))
        .put(only(!view.notices.is_empty(), || notices(ui, view).into()))
        .put(only(counted && ui.state.may(Permission::Export), || {
            exports(ui, view).into()
        }))
        .put(
            ui.section(ui.t(k::RESIDENTS_SEE)).put(
                div("two")
                    .put(preview::preview(ui, &sketch))
                    .put(rules(ui, view)),
            ),
        )
}

/// The poll's own tables; results no earlier than residents see them, and who voted how
/// only of recorded polls.
fn exports(ui: &Ui<'_>, view: &PollView) -> El {
    let told = view.result.is_some();
    let recorded = told && view.topic.poll.secrecy == linli_model::Secrecy::Recorded;
    let rows = [
        ("turnout", k::EXPORT_TURNOUT, true),
        ("result", k::EXPORT_RESULT, told),
        ("ballots", k::EXPORT_BALLOTS, recorded),
    ];
    let rows = rows.into_iter().filter(|(_, _, on)| *on);
    let rows: Vec<Html> = rows
        .map(|(name, label, _)| {
            polls::export_row(ui, ui.t(label), name, Some(&view.topic.id)).into()
        })
        .collect();
    let note = recorded.then(|| says("p", ui.t(k::EXPORT_BALLOTS_NOTE)).class("muted small"));
    ui.section(ui.t(k::EXPORTS_OF_POLL)).put(
        div("card")
            .all(rows)
            .some(note)
            .some(polls::export_problem(ui)),
    )
}

fn preview_nature(view: &PollView) -> linli_texts::Key {
    match view.topic.poll.nature {
        linli_model::PollNature::Consultation => d::CONSULTATION,
        linli_model::PollNature::Formal => d::FORMAL,
    }
}

fn when(ui: &Ui<'_>, view: &PollView) -> String {
    let poll = &view.topic.poll;
    let (opens, closes) = (ui.time(poll.opens_at_ms), ui.time(poll.closes_at_ms));
    match view.state {
        PollState::Draft => ui.fill(k::FROM_TO_DRAFT, &[("from", &opens), ("to", &closes)]),
        PollState::Upcoming => ui.fill(k::FROM_TO, &[("from", &opens), ("to", &closes)]),
        PollState::Open => {
            let left = ui.left(poll.closes_at_ms);
            ui.fill(k::CLOSES_AT_LEFT, &[("time", &closes), ("left", &left)])
        }
        PollState::Closed => ui.fill(k::CLOSED_AT, &[("time", &closes)]),
    }
}

fn acts(ui: &Ui<'_>, view: &PollView) -> El {
    let id = view.topic.id.clone();
    let acts = div("acts");
    if !ui.state.may(Permission::Polls) {
        return acts;
    }
    let ask = |dialog| Action::Opened(dialog);
    match view.state {
        PollState::Draft => acts
            .put(ui.primary(k::PUBLISH, ask(Dialog::Publish(id.clone()))))
            .put(ui.link("btn btn-outline fit", k::EDIT, &Route::EditPoll(id.clone())))
            .put(ui.quiet(k::DELETE, ask(Dialog::Delete(id)))),
        PollState::Open => {
            let proposed = view.topic.poll.closes_at_ms + EXTENSION_MS;
            let proposed = zone::to_field(proposed, ui.state.zone());
            acts.some(fill_in(ui, view))
                .put(ui.outline(k::EXTEND, ask(Dialog::Extend(id.clone(), proposed))))
                .put(ui.quiet(k::CLOSE_EARLY, ask(Dialog::Close(id))))
                .put(hosted(ui, view))
        }
        PollState::Upcoming | PollState::Closed => acts.put(hosted(ui, view)),
    }
}

/// 代填, where the poll allows it.
fn fill_in(ui: &Ui<'_>, view: &PollView) -> Option<El> {
    let poll = &view.topic.poll;
    let fits = poll.secrecy == linli_model::Secrecy::Recorded
        && poll.electorate == linli_model::Electorate::Households;
    let route = Route::Fill(view.topic.id.clone());
    (fits && ui.state.may(Permission::Behalf))
        .then(|| ui.link("btn btn-outline fit", k::FILL_IN, &route))
}

fn hosted(ui: &Ui<'_>, view: &PollView) -> El {
    says("a", ui.t(k::OPEN_PAGE))
        .class("quiet")
        .attr("href", format!("{}/p/{}", ui.origin, view.topic.id))
        .attr("target", "_blank")
        .attr("rel", "noopener")
}

fn turnout(ui: &Ui<'_>, view: &PollView) -> El {
    ui.section(ui.t(k::TURNOUT)).put(
        div("card")
            .put(div("total").put(card::bar(ui, &view.turnout)))
            .put(only(!view.places.is_empty(), || places(ui, &view.places)))
            .put(only(view.places_hidden > 0, || {
                let words = ui.n(k::PLACES_HIDDEN, u64::from(view.places_hidden));
                says("p", words).class("muted small").into()
            })),
    )
}

fn places(ui: &Ui<'_>, places: &[PlaceTurnout]) -> Html {
    let figure = |one: &PlaceTurnout| {
        let cast = grouped(one.turnout.cast);
        match one.turnout.eligible {
            Some(eligible) => format!("{cast} / {}", grouped(eligible)),
            None => cast,
        }
    };
    let share = |one: &PlaceTurnout| share_bp(one.turnout.cast, one.turnout.eligible.unwrap_or(0));
    let line = |one: &PlaceTurnout| {
        let words = el("span")
            .class("line")
            .put(says("span", one.place.name.clone()))
            .put(
                says("span", format!("{} · {}", figure(one), percent(share(one)))).class("figure"),
            );
        el("li")
            .key(one.place.id.to_string())
            .put(words)
            .put(card::meter(share(one)))
            .into()
    };
    let rows = places
        .iter()
        .map(|one| vec![one.place.name.clone(), figure(one), percent(share(one))]);
    let head = vec![ui.t(d::PLACE), ui.t(k::VOTED), ui.t(d::SHARE)];
    let table = el("details")
        .class("more")
        .put(says("summary", ui.t(d::AS_TABLE)))
        .put(table(ui.t(k::TURNOUT), head, rows.collect()));
    let lines: Vec<Html> = places.iter().map(line).collect();
    list([el("ul").class("result").all(lines).into(), table.into()])
}

fn outcome(ui: &Ui<'_>, view: &PollView, result: &PollResult) -> El {
    let kind = &view.topic.poll.kind;
    let name = |id: &linli_model::OptionId| option_name(ui, kind, id);
    // Of the ballots, as residents are told; several choices together are more than all.
    let total = result.turnout.cast;
    let share = |votes| percent(share_bp(votes, total));
    let sentence = linli_texts::outcome(ui.texts, result, &name, &share);
    let by_rule = !result.steps.is_empty();
    let line = |count: &linli_model::OptionCount| {
        let share = share_bp(count.votes, total);
        let votes = ui.n(d::VOTES, count.votes);
        let words = el("span")
            .class("line")
            .put(says("span", name(&count.option)))
            .put(says("span", format!("{votes} · {}", percent(share))).class("figure"));
        el("li").put(words).put(card::meter(share)).into()
    };
    let lines: Vec<Html> = result.counts.iter().map(line).collect();
    let title = if result.is_final {
        k::RESULT
    } else {
        d::OUTCOME_SO_FAR
    };
    ui.section(ui.t(title)).put(
        div("card")
            .put(says("p", sentence).class("verdict"))
            .put(only(by_rule, || thresholds(ui, view, result).into()))
            .put(el("ul").class("result").all(lines)),
    )
}

/// What the poll's rule asks for, each with what there is.
fn thresholds(ui: &Ui<'_>, view: &PollView, result: &PollResult) -> El {
    let line = |step: &ResultStep| {
        let electorate = view.topic.poll.electorate;
        let (name, needed) = linli_texts::threshold(ui.texts, electorate, step);
        let share = share_bp(step.value, step.base);
        let words = el("span")
            .class("line")
            .put(says("span", name))
            .put(says("span", format!("{} · {needed}", percent(share))).class("figure"));
        el("li").put(words).put(card::meter(share)).into()
    };
    let lines: Vec<Html> = result.steps.iter().map(line).collect();
    el("ul").class("result").all(lines)
}

fn option_name(ui: &Ui<'_>, kind: &PollKind, id: &linli_model::OptionId) -> String {
    let option = kind.options().iter().find(|option| option.id == *id);
    match (option, id.as_str()) {
        (Some(option), _) => option.text.clone(),
        (None, "yes") => ui.t(d::STANCE_YES),
        (None, "no") => ui.t(d::STANCE_NO),
        (None, "abstain") => ui.t(d::STANCE_ABSTAIN),
        (None, other) => other.to_owned(),
    }
}

fn notices(ui: &Ui<'_>, view: &PollView) -> El {
    let line = |notice: &Notice| {
        let (at_ms, words, reason) = match notice {
            Notice::Extended {
                at_ms,
                from_ms,
                to_ms,
                reason,
            } => {
                let (from, to) = (ui.time(*from_ms), ui.time(*to_ms));
                let words = ui.fill(k::WAS_EXTENDED, &[("from", &from), ("to", &to)]);
                (*at_ms, words, reason)
            }
            Notice::ClosedEarly {
                at_ms,
                announced_ms,
                reason,
            } => {
                let announced = ui.time(*announced_ms);
                let words = ui.fill(k::WAS_CLOSED_EARLY, &[("announced", &announced)]);
                (*at_ms, words, reason)
            }
        };
        el("li")
            .put(says("strong", words))
            .put(says("p", reason.clone()))
            .put(says("p", ui.time(at_ms)).class("muted small"))
            .into()
    };
    let lines: Vec<Html> = view.notices.iter().map(line).collect();
    ui.section(ui.t(k::NOTICES))
        .put(div("card").put(el("ol").class("notices").all(lines)))
}

fn rules(ui: &Ui<'_>, view: &PollView) -> El {
    let poll = &view.topic.poll;
    let secrecy = match poll.secrecy {
        linli_model::Secrecy::Recorded => k::SECRECY_RECORDED,
        linli_model::Secrecy::Secret => k::SECRECY_SECRET,
    };
    let changes = match poll.changes {
        linli_model::Changes::UntilClosing => d::CHANGEABLE,
        linli_model::Changes::Never => d::NOT_CHANGEABLE,
    };
    let results = match poll.results {
        linli_model::ResultsVisibility::AfterClosing => k::RESULTS_AFTER,
        linli_model::ResultsVisibility::Live => k::RESULTS_LIVE,
    };
    let mut facts = vec![
        ui.fact(k::WHO_VOTES, ui.t(words::electorate(poll.electorate))),
        ui.fact(k::SECRECY, ui.t(secrecy)),
        ui.fact(k::CHANGES, ui.t(changes)),
        ui.fact(k::RESULTS, ui.t(results)),
        ui.fact(k::OPENS, ui.time(poll.opens_at_ms)),
        ui.fact(k::CLOSES, ui.time(poll.closes_at_ms)),
        ui.fact(k::ADDRESS, format!("/p/{}", view.topic.id)),
    ];
    if let Some(rule) = &poll.rule {
        let told = [(k::COUNTED_BY, &rule.article), (k::BASIS, &rule.basis)];
        let told = told.into_iter().filter(|(_, text)| !text.is_empty());
        facts.extend(told.map(|(key, text)| ui.fact(key, text.clone())));
        if let Some(method) = &rule.method {
            let needs = super::rule::needs(ui, poll.electorate, method);
            facts.push(ui.fact(k::METHOD, needs));
        }
    }
    ui.facts(facts)
}
