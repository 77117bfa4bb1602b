//! Staff, what they are trusted with, invitations, sessions.

use super::el::{El, div, el, says};
use super::kit::only;
use super::ui::Ui;
use super::words;
use crate::state::{Action, Dialog, PostDraft};
use linli_model::desk::{InvitationRow, PeopleView, Permission, Post, Role, SessionRow, StaffRow};
use linli_port::desk::Question;
use linli_texts::desk as k;
use yew::prelude::*;

/// The screen.
pub(crate) fn people(ui: &Ui<'_>) -> Html {
    let invite = ui.state.may(Permission::People).then(|| {
        let post = PostDraft {
            role: Role::Moderator,
            place: String::new(),
        };
        let dialog = Dialog::Invite(String::new(), vec![post]);
        ui.primary(k::INVITE, Action::Opened(dialog))
    });
    let content = ui.state.slots.people().map(|people| content(ui, people));
    div("screen")
        .put(
            div("head")
                .put(ui.heading(ui.t(k::NAV_PEOPLE)))
                .some(invite),
        )
        .put(ui.shown(&Question::People, content))
        .into()
}

fn content(ui: &Ui<'_>, people: &PeopleView) -> El {
    let staff = people.staff.iter().map(|row| member(ui, row));
    let staff = el("ul").class("cards").all(staff);
    let sessions = people.sessions.iter().map(|row| session(ui, row, people));
    let sessions = el("ul").class("cards").all(sessions);
    let invitations = people.invitations.iter().map(|row| invitation(ui, row));
    let invitations: Vec<Html> = invitations.collect();
    div("parts")
        .put(ui.section(ui.t(k::STAFF)).put(staff))
        .put(only(!invitations.is_empty(), || {
            let list = el("ul").class("cards").all(invitations);
            ui.section(ui.t(k::INVITATIONS)).put(list).into()
        }))
        .put(ui.section(ui.t(k::SESSIONS)).put(sessions))
}

fn posts(ui: &Ui<'_>, posts: &[Post]) -> El {
    if posts.is_empty() {
        return says("p", ui.t(k::NO_POSTS)).class("muted");
    }
    let posts = posts
        .iter()
        .map(|post| says("li", words::post(ui, post)).class("tag").into());
    let posts: Vec<Html> = posts.collect();
    el("ul").class("tags").all(posts)
}

fn member(ui: &Ui<'_>, row: &StaffRow) -> Html {
    let me = ui.state.seat().is_some_and(|seat| seat.staff.id == row.id);
    let seen = match row.signed_in_at_ms {
        Some(at_ms) => ui.fill(k::LAST_SEEN, &[("ago", &ui.ago(at_ms))]),
        None => ui.t(k::NEVER_SEEN),
    };
    let line = format!("{} · {seen}", row.login);
    let change = ui.state.may(Permission::People).then(|| {
        let drafts = row.posts.iter().map(PostDraft::of).collect();
        let dialog = Dialog::Posts(row.id.clone(), drafts);
        let named = ui.fill(k::CHANGE_POSTS_OF, &[("name", &row.name)]);
        ui.quiet(k::CHANGE_POSTS, Action::Opened(dialog))
            .attr("aria-label", named)
    });
    let can_reset = ui.state.may(Permission::People) && !row.posts.is_empty();
    let reset = can_reset.then(|| {
        let dialog = Dialog::ResetFactor(row.id.clone(), row.name.clone());
        let named = ui.fill(k::RESET_FACTOR_OF, &[("name", &row.name)]);
        ui.quiet(k::RESET_FACTOR, Action::Opened(dialog))
            .attr("aria-label", named)
    });
    let name = if me {
        ui.fill(k::NAME_AND_ME, &[("name", &row.name)])
    } else {
        row.name.clone()
    };
    el("li")
        .class("card person")
        .key(row.id.to_string())
        .put(
            div("person-words")
                .put(says("h3", name))
                .put(says("p", line).class("muted small")),
        )
        .put(posts(ui, &row.posts))
        .some(change)
        .some(reset)
        .into()
}

fn invitation(ui: &Ui<'_>, row: &InvitationRow) -> Html {
    let line = ui.fill(
        k::INVITED_BY,
        &[
            ("name", &row.invited_by),
            ("time", &ui.time(row.expires_at_ms)),
        ],
    );
    let revoke = Dialog::Revoke(row.id.clone(), row.name.clone());
    let named = ui.fill(k::REVOKE_OF, &[("name", &row.name)]);
    el("li")
        .class("card person")
        .key(row.id.clone())
        .put(
            div("person-words")
                .put(says("h3", row.name.clone()))
                .put(says("p", line).class("muted small")),
        )
        .put(posts(ui, &row.posts))
        .put(
            ui.quiet(k::REVOKE, Action::Opened(revoke))
                .attr("aria-label", named),
        )
        .into()
}

fn session(ui: &Ui<'_>, row: &SessionRow, people: &PeopleView) -> Html {
    let whose = people.staff.iter().find(|one| one.id == row.staff);
    let name = whose.map_or_else(String::new, |one| one.name.clone());
    let title = format!("{name} · {}", row.device);
    let line = ui.fill(
        k::SESSION_LINE,
        &[
            ("since", &ui.time(row.started_at_ms)),
            ("ago", &ui.ago(row.used_at_ms)),
        ],
    );
    let this = row
        .is_this
        .then(|| says("span", ui.t(k::THIS_SESSION)).class("tag tag-open"));
    let end = Dialog::EndSession(row.id.clone());
    let named = ui.fill(k::END_SESSION_OF, &[("session", &title)]);
    el("li")
        .class("card person")
        .key(row.id.clone())
        .put(
            div("person-words")
                .put(says("h3", title))
                .put(says("p", line).class("muted small")),
        )
        .some(this)
        .put(only(!row.is_this, || {
            ui.quiet(k::END_SESSION, Action::Opened(end))
                .attr("aria-label", named)
                .into()
        }))
        .into()
}
