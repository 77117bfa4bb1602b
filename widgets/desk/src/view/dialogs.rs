//! Questions before something is done: what will happen, a reason where one is due, one
//! button that says it.

use super::card;
use super::el::{El, div, el, list, nothing, says};
use super::kit::Input;
use super::preview::{self, Sketch};
use super::ui::Ui;
use super::{places, posts, words};
use crate::editor::Misfit;
use crate::state::{Action, Dialog, Field, Pick, needs_reason};
use linli_model::desk::{Decision, DeskRefusal, PollState};
use linli_model::{ApprovalId, Electorate, GrantToken, TopicId, UtcMs};
use linli_port::desk::DeskError;
use linli_texts::{Key, desk as k};
use yew::prelude::*;

const REASON_CHARS_MAX: usize = 500;
const NAME_CHARS_MAX: usize = 64;

/// The one dialog. It is always there; the edge opens and closes it, so that the focus
/// goes in and comes back.
pub(crate) fn dialog(ui: &Ui<'_>) -> Html {
    let content = ui.state.dialog.as_ref().map(|dialog| content(ui, dialog));
    let act = ui.act.clone();
    let cancelled = Callback::from(move |event: Event| {
        // The state decides whether it closes.
        event.prevent_default();
        act.emit(Action::Dismissed);
    });
    html! {
        <dialog
            ref={ui.dialog.clone()}
            class="dialog"
            aria-labelledby="dialog-title"
            open={!cfg!(target_arch = "wasm32") && ui.state.dialog.is_some()}
            oncancel={cancelled}
        >
            { content.map_or_else(nothing, Html::from) }
        </dialog>
    }
}

struct Words {
    title: String,
    body: Html,
    go: String,
    /// The button brings something to an end.
    ends: bool,
}

fn content(ui: &Ui<'_>, dialog: &Dialog) -> El {
    let Words {
        title,
        body,
        go,
        ends,
    } = words_of(ui, dialog);
    let doing = ui.state.doing.as_ref();
    let busy = doing.is_some_and(|doing| doing.busy);
    let problem = doing.and_then(|doing| doing.problem.as_ref());
    let problem = problem.map(|problem| command_problem(ui, problem));
    let act = ui.act.clone();
    let label = if busy { ui.t(k::ONE_MOMENT) } else { go };
    let tells = matches!(dialog, Dialog::Keys | Dialog::Invited(..));
    let class = if ends {
        "btn btn-care fit"
    } else {
        "btn btn-primary fit"
    };
    let go = says("button", label)
        .class(class)
        .attr("type", "submit")
        .tells("aria-disabled", busy);
    let cancel = (!tells).then(|| ui.quiet(k::CANCEL, Action::Dismissed));
    let reason = needs_reason(dialog).then(|| reason(ui));
    el("form")
        .flag("novalidate", true)
        .tells("aria-busy", busy)
        .submit(Callback::from(move |()| act.emit(Action::ConfirmAsked)))
        .put(
            says("h2", title)
                .id("dialog-title")
                .attr("tabindex", "-1")
                .flag("autofocus", true),
        )
        .put(body)
        .some(reason)
        .some(problem)
        .put(div("acts").put(go).some(cancel))
}

/// Why a command was not done, or that it is not known.
pub(crate) fn command_problem(ui: &Ui<'_>, problem: &DeskError) -> El {
    let (title, next) = words::command_error(ui, problem);
    div("problem")
        .attr("role", "alert")
        .put(says("strong", title))
        .put(says("span", next))
}

fn reason(ui: &Ui<'_>) -> El {
    let hint = match &ui.state.dialog {
        Some(Dialog::Decide(..) | Dialog::ResetFactor(..)) => k::REASON_HINT_STAFF,
        Some(Dialog::Answer(..)) => k::ANSWER_HINT,
        _ => k::REASON_HINT,
    };
    let label = match &ui.state.dialog {
        Some(Dialog::Answer(..)) => k::REQUEST_ANSWER,
        _ => k::REASON,
    };
    ui.area(Input {
        hint: ui.t(hint),
        fault: ui.state.reason_due.then(|| ui.t(k::REASON_DUE)),
        max: Some(REASON_CHARS_MAX),
        ..Input::new("reason", ui.t(label), &ui.state.reason, Field::Reason)
    })
}

fn paragraph(words: String) -> Html {
    says("p", words).into()
}

fn words_of(ui: &Ui<'_>, dialog: &Dialog) -> Words {
    let plain = |title: Key, lead: Key, go: Key| Words {
        title: ui.t(title),
        body: paragraph(ui.t(lead)),
        go: ui.t(go),
        ends: false,
    };
    match dialog {
        Dialog::Publish(topic) => publish(ui, topic),
        Dialog::Delete(_) => Words {
            ends: true,
            ..plain(k::DELETE_TITLE, k::DELETE_LEAD, k::DELETE)
        },
        Dialog::Extend(topic, closes_at) => extend(ui, topic, closes_at),
        Dialog::Close(_) => Words {
            body: list([
                paragraph(ui.t(k::CLOSE_LEAD)),
                ui.note(ui.t(k::CLOSE_TAKES_TWO)).into(),
            ]),
            ..plain(k::CLOSE_TITLE, k::CLOSE_LEAD, k::CLOSE_ASK)
        },
        Dialog::Decide(id, decision) => decide(ui, id, *decision),
        Dialog::Withdraw(_) => plain(k::WITHDRAW_TITLE, k::WITHDRAW_LEAD, k::WITHDRAW),
        Dialog::Invite(name, drafts) => Words {
            body: list([
                paragraph(ui.t(k::INVITE_LEAD)),
                invite_name(ui, name).into(),
                posts::posts(ui, drafts).into(),
            ]),
            ..plain(k::INVITE_TITLE, k::INVITE_LEAD, k::INVITE_GO)
        },
        Dialog::Answer(_, true) => plain(k::REQUEST_DONE, k::REQUEST_DONE_LEAD, k::ANSWER_GO),
        Dialog::Answer(_, false) => Words {
            ends: true,
            ..plain(k::REQUEST_DECLINE, k::REQUEST_DECLINE_LEAD, k::ANSWER_GO)
        },
        Dialog::Invited(token, expires_at_ms) => invited(ui, token, *expires_at_ms),
        Dialog::Revoke(_, name) => Words {
            body: paragraph(ui.fill(k::REVOKE_LEAD, &[("name", name)])),
            ends: true,
            ..plain(k::REVOKE_TITLE, k::REVOKE_LEAD, k::REVOKE)
        },
        Dialog::Posts(_, drafts) => Words {
            body: list([
                paragraph(ui.t(k::POSTS_LEAD)),
                posts::posts(ui, drafts).into(),
            ]),
            ..plain(k::POSTS_TITLE, k::POSTS_LEAD, k::POSTS_GO)
        },
        Dialog::EndSession(_) => Words {
            ends: true,
            ..plain(k::END_SESSION_TITLE, k::END_SESSION_LEAD, k::END_SESSION)
        },
        Dialog::Codes {
            place,
            renew,
            topic,
        } => codes(ui, place, *renew, topic),
        Dialog::Adopt { leave_out } => adopt(ui, *leave_out),
        Dialog::ResetFactor(_, name) => Words {
            title: ui.fill(k::RESET_FACTOR_OF, &[("name", name)]),
            body: list([
                paragraph(ui.t(k::RESET_FACTOR_LEAD)),
                ui.note(ui.t(k::RESET_FACTOR_TAKES_TWO)).into(),
            ]),
            go: ui.t(k::RESET_FACTOR_ASK),
            ends: false,
        },
        Dialog::Place { id, name, parent } => {
            let known = ui
                .state
                .slots
                .places()
                .iter()
                .any(|one| one.id.as_str() == id);
            let title = if known { k::PLACE_EDIT } else { k::PLACE_ADD };
            Words {
                body: places::fields(ui, id, name, parent),
                ..plain(title, title, k::PLACE_SAVE)
            }
        }
        Dialog::ClosePlace(place) => Words {
            title: ui.fill(k::PLACE_CLOSE_OF, &[("place", &words::place(ui, place))]),
            ends: true,
            ..plain(k::PLACE_CLOSE, k::PLACE_CLOSE_LEAD, k::PLACE_CLOSE)
        },
        Dialog::Detach(_, _, alt) => Words {
            title: ui.fill(k::DETACH_OF, &[("alt", alt)]),
            ends: true,
            ..plain(k::DETACH, k::DETACH_LEAD, k::DETACH)
        },
        Dialog::Leave(_) => Words {
            ends: true,
            ..plain(k::LEAVE_TITLE, k::LEAVE_LEAD, k::LEAVE_GO)
        },
        Dialog::Keys => keys(ui),
    }
}

fn publish(ui: &Ui<'_>, topic: &TopicId) -> Words {
    let view = ui.state.slots.poll(topic);
    let sketch = view.map(|view| Sketch::of_topic(ui, &view.topic));
    let terms = sketch.as_ref().map(|sketch| preview::terms(ui, sketch));
    let opens = view.map(|view| {
        let opens_at_ms = view.topic.poll.opens_at_ms;
        if opens_at_ms <= ui.state.now_ms {
            ui.t(k::OPENS_NOW)
        } else {
            ui.fill(k::OPENS_AT, &[("time", &ui.time(opens_at_ms))])
        }
    });
    let card = sketch.map(|sketch| preview::preview(ui, &sketch));
    let body = div("publish")
        .put(says("p", opens.unwrap_or_default()).class("verdict"))
        .put(says("p", terms.unwrap_or_default()))
        .some(card)
        .put(ui.note(ui.t(k::PUBLISH_MEANS)));
    Words {
        title: ui.t(k::PUBLISH_TITLE),
        body: body.into(),
        go: ui.t(k::PUBLISH_GO),
        ends: false,
    }
}

fn extend(ui: &Ui<'_>, topic: &TopicId, closes_at: &str) -> Words {
    let view = ui.state.slots.poll(topic);
    let now = view.map_or_else(String::new, |view| ui.time(view.topic.poll.closes_at_ms));
    let field = Input {
        kind: "datetime-local",
        hint: ui.fill(k::ZONE, &[("zone", ui.state.zone())]),
        ..Input::new("f-closes", ui.t(k::NEW_CLOSING), closes_at, Field::ClosesAt)
    };
    Words {
        title: ui.t(k::EXTEND_TITLE),
        body: list([
            paragraph(ui.fill(k::EXTEND_LEAD, &[("time", &now)])),
            ui.field(field).into(),
        ]),
        go: ui.t(k::EXTEND_GO),
        ends: false,
    }
}

fn decide(ui: &Ui<'_>, id: &ApprovalId, decision: Decision) -> Words {
    let (title, go) = match decision {
        Decision::Approve => (k::APPROVE_TITLE, k::APPROVE_GO),
        Decision::Reject => (k::REJECT_TITLE, k::REJECT_GO),
    };
    let body = match ui.state.approval(id) {
        Some(one) => {
            let reason = card::reason_of(&one.command);
            let reason = reason.map(|reason| {
                el("blockquote")
                    .class("reason")
                    .put(says("p", reason.to_owned()))
            });
            let asked = ui.fill(
                k::ASKED_BY,
                &[
                    ("name", &one.asked_by_name),
                    ("ago", &ui.ago(one.asked_at_ms)),
                ],
            );
            div("decide")
                .put(says("p", words::command(ui, &one.command, &one.about)).class("verdict"))
                .put(says("p", asked).class("muted small"))
                .some(reason)
                .into()
        }
        None => nothing(),
    };
    Words {
        title: ui.t(title),
        body,
        go: ui.t(go),
        ends: false,
    }
}

fn invite_name(ui: &Ui<'_>, name: &str) -> El {
    let refused = ui
        .state
        .doing
        .as_ref()
        .and_then(|doing| doing.problem.as_ref());
    let fault = match refused {
        Some(DeskError::Refused(DeskRefusal::Invalid { path, fault })) if path == "name" => {
            Some(Misfit {
                path: path.clone(),
                fault: fault.clone(),
            })
        }
        _ => None,
    };
    ui.field(Input {
        hint: ui.t(k::INVITE_NAME_HINT),
        fault: fault.map(|misfit| ui.t(words::misfit(&misfit.fault))),
        max: Some(NAME_CHARS_MAX),
        ..Input::new("f-name", ui.t(k::NAME), name, Field::InviteName)
    })
}

fn invited(ui: &Ui<'_>, token: &GrantToken, expires_at_ms: UtcMs) -> Words {
    let link = format!(
        "{}/desk/{}/join#{}",
        ui.origin,
        ui.state.community,
        token.as_str()
    );
    let until = ui.fill(k::INVITED_LEAD, &[("time", &ui.time(expires_at_ms))]);
    let body = list([
        paragraph(until),
        says("code", link.clone())
            .class("receipt-code secret")
            .into(),
        ui.outline(k::COPY, Action::CopyAsked(link)).into(),
        ui.note(ui.t(k::INVITED_ONCE)).into(),
    ]);
    Words {
        title: ui.t(k::INVITED_TITLE),
        body,
        go: ui.t(k::DONE),
        ends: false,
    }
}

fn codes(ui: &Ui<'_>, place: &str, renew: bool, topic: &str) -> Words {
    let field = Input::new(
        "f-codes-place",
        ui.t(k::CODES_FOR),
        place,
        Field::CodesPlace,
    );
    let page = Input {
        hint: ui.t(k::CODES_TOPIC_HINT),
        ..Input::new(
            "f-codes-topic",
            ui.t(k::CODES_TOPIC),
            topic,
            Field::CodesTopic,
        )
    };
    let home = ui.state.slots.home();
    let polls = home
        .into_iter()
        .flat_map(|home| home.open.iter().chain(&home.coming));
    // What residents cannot find yet is not printed for them.
    let polls = polls
        .filter(|card| card.state != PollState::Draft && card.electorate == Electorate::Households);
    let mut pages = vec![(String::new(), ui.t(k::CODES_TOPIC_NONE))];
    pages.extend(polls.map(|card| (card.topic.to_string(), card.title.clone())));
    let changed = ui.picked(Pick::Renew(!renew));
    let body = list([
        paragraph(ui.t(k::MAKE_CODES_LEAD)),
        ui.choose(field, words::places(ui, ui.t(k::EVERYWHERE)))
            .into(),
        ui.choose(page, pages).into(),
        ui.tick(
            "f-renew",
            ui.t(k::RENEW),
            ui.t(k::RENEW_MORE),
            renew,
            changed,
        ),
        ui.note(ui.t(k::SHOWN_ONCE_LEAD)).into(),
    ]);
    Words {
        title: ui.t(k::MAKE_CODES),
        body,
        go: ui.t(if renew { k::RENEW_GO } else { k::MAKE_CODES_GO }),
        ends: renew,
    }
}

fn adopt(ui: &Ui<'_>, leave_out: bool) -> Words {
    let preview = ui
        .state
        .upload
        .as_ref()
        .and_then(|upload| upload.preview.as_ref());
    let errors = preview.map_or(0, |preview| u64::from(preview.errors_total));
    let tick = (errors > 0).then(|| {
        let changed = ui.picked(Pick::LeaveOut(!leave_out));
        let label = ui.n(k::LEAVE_OUT, errors);
        ui.tick(
            "f-leave-out",
            label,
            ui.t(k::LEAVE_OUT_MORE),
            leave_out,
            changed,
        )
    });
    let body = list([
        paragraph(ui.t(k::ADOPT_LEAD)),
        tick.unwrap_or_default(),
        ui.note(ui.t(k::ADOPTING_TAKES_TWO)).into(),
    ]);
    Words {
        title: ui.t(k::ADOPT_TITLE),
        body,
        go: ui.t(k::ADOPT_GO),
        ends: false,
    }
}

/// Letters and what they do; also read by the edge.
pub(crate) const KEYS: [(&str, Key); 9] = [
    ("h", k::NAV_HOME),
    ("p", k::NAV_POLLS),
    ("n", k::NEW_POLL),
    ("a", k::NAV_APPROVALS),
    ("r", k::NAV_ROLLS),
    ("c", k::NAV_CODES),
    ("e", k::NAV_PEOPLE),
    ("l", k::NAV_AUDIT),
    ("?", k::KEYS_SHOW),
];

fn keys(ui: &Ui<'_>) -> Words {
    let line = |(key, name): &(&'static str, Key)| {
        div("fact")
            .put(el("dt").put(says("kbd", *key)))
            .put(says("dd", ui.t(*name)))
            .into()
    };
    let mut lines: Vec<Html> = KEYS.iter().map(line).collect();
    lines.push(
        div("fact")
            .put(el("dt").put(says("kbd", "Alt ↑ ↓")))
            .put(says("dd", ui.t(k::KEYS_MOVE)))
            .into(),
    );
    let off = (!ui.state.tastes.keys).then(|| ui.note(ui.t(k::KEYS_ARE_OFF)));
    let body = list([ui.facts(lines).into(), off.map_or_else(nothing, Html::from)]);
    Words {
        title: ui.t(k::KEYS_TITLE),
        body,
        go: ui.t(k::DONE),
        ends: false,
    }
}
