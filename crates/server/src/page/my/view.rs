//! The page's HTML. Every value is escaped by `maud`; what people wrote stands in `<bdi>`.

use super::{Notice, Visit};
use crate::page::people::{Reader, plain};
use crate::page::view::{document, foot};
use crate::privacy::notice;
use linli_model::me::{
    CONTACT_CHARS_MAX, ConsentPurpose, Kept, MyBallot, MyConsent, MyData, MyDeletion, MyEntry,
    MyRefusal, MyRequest, REQUEST_CHARS_MAX, RequestKind, RequestState,
};
use linli_model::{Choice, PollId, UtcMs, limits};
use linli_texts::{Key, RefusalText, page as p, privacy as k};
use maud::{Markup, html};

/// The whole page: the person's data, or the form to identify.
pub(super) fn page(visit: &Visit<'_>, data: Option<&MyData>, notice: Option<&Notice>) -> String {
    let reader = visit.reader;
    let community = plain(&visit.community.community.name);
    let body = html! {
        header class="top" { bdi { (community) } }
        main {
            article class="card" {
                @if let Some(notice) = notice { (told(visit, notice, data)) }
                @match data {
                    None => (identify(visit, notice)),
                    Some(data) => (mine(visit, data)),
                }
            }
        }
        (foot(reader))
    };
    document(reader, reader.text(k::MY_TITLE), false, &body)
}

/// A refusal in the person's words.
pub(super) fn explain(reader: &Reader, refusal: &MyRefusal) -> RefusalText {
    let said = |title: Key, next: Key| RefusalText {
        title: reader.text(title).to_owned(),
        next: reader.text(next).to_owned(),
    };
    match refusal {
        MyRefusal::MySessionEnded => said(k::MY_TITLE, k::MY_LEAD),
        MyRefusal::ConsentNeeded { .. } => said(k::MY_CONTACT_MISSING, k::MY_CONTACT_CONSENT),
        MyRefusal::NoticeOutdated { .. } => said(k::MY_CONSENTS, k::MY_GIVE),
        MyRefusal::TextInvalid { .. } => said(k::MY_ASK, k::MY_TEXT),
        MyRefusal::WitnessNeeded => said(k::NOTICE_HELPER, k::MY_HELPER_ONLY),
        MyRefusal::Other(refusal) => {
            linli_texts::explain(&reader.texts, refusal, &|_| String::new())
        }
    }
}

fn told(visit: &Visit<'_>, notice: &Notice, data: Option<&MyData>) -> Markup {
    html! {
        div class="notice" role="alert" {
            @match notice {
                Notice::Said(text) => h2 { (text) },
                Notice::Sent(_) => { h2 { (visit.reader.text(p::OTP_SENT)) } p { (visit.reader.text(p::OTP_SENT_NEXT)) } }
                Notice::Refused(text) => { h2 { (text.title) } p { (text.next) } }
                Notice::Deleted(deletion) => (deleted(visit.reader, deletion, data)),
            }
        }
    }
}

fn deleted(reader: &Reader, deletion: &MyDeletion, data: Option<&MyData>) -> Markup {
    let counts = [
        ("uploads", deletion.uploads.len().to_string()),
        ("grants", deletion.grants.to_string()),
        ("requests", deletion.requests.to_string()),
    ];
    let counts: Vec<(&str, &str)> = counts.iter().map(|(name, n)| (*name, n.as_str())).collect();
    html! {
        h2 { (reader.texts.fill(k::MY_DELETED, &counts)) }
        @if !deletion.kept.is_empty() {
            p { (reader.text(k::MY_KEPT)) }
            ul { @for kept in &deletion.kept { li { bdi { (why(reader, kept, data)) } } } }
        }
    }
}

fn why(reader: &Reader, kept: &Kept, data: Option<&MyData>) -> String {
    let of = |key, poll: &PollId| {
        let title = plain(title(data, poll));
        reader.texts.fill(key, &[("poll", &title)])
    };
    match kept {
        Kept::PollOpen { poll } => of(k::KEPT_POLL_OPEN, poll),
        Kept::PollClosed { poll } => of(k::KEPT_POLL_CLOSED, poll),
        Kept::Registered { poll } => of(k::KEPT_REGISTERED, poll),
        Kept::OnRoll => reader.text(k::KEPT_ON_ROLL).to_owned(),
        Kept::RequestOpen { .. } => reader.text(k::KEPT_REQUEST_OPEN).to_owned(),
        Kept::ConsentProof => reader.text(k::KEPT_CONSENT).to_owned(),
    }
}

/// What a poll is called: its ballots and its entry in the register stay.
fn title<'a>(data: Option<&'a MyData>, poll: &'a PollId) -> &'a str {
    let titles = data.into_iter().flat_map(|data| {
        let ballots = data.ballots.iter().map(|of| (&of.poll, &of.title));
        ballots.chain(data.registered.iter().map(|of| (&of.poll, &of.title)))
    });
    let mut found = titles.filter(|(known, _)| *known == poll);
    found
        .next()
        .map_or(poll.as_str(), |(_, title)| title.as_str())
}

/// For voters of every roll, where the server sends passwords: the contact first, then
/// what was sent to it.
fn by_contact(visit: &Visit<'_>, notice: Option<&Notice>) -> Markup {
    let text = |key| visit.reader.text(key);
    let sent = match notice {
        Some(Notice::Sent(contact)) => Some(contact.as_str()),
        _ => None,
    };
    html! {
        form method="post" class="plain" {
            input type="hidden" name="act" value="send";
            label for="contact" { (text(p::CONTACT_LABEL)) }
            input id="contact" name="contact" type="text" value=[sent] autocomplete="tel"
                autocapitalize="off" spellcheck="false" maxlength=(limits::CONTACT_CHARS_MAX) required;
            p class="muted" { (text(k::MY_CONTACT_HELP)) }
            button type="submit" { (text(if sent.is_some() { p::OTP_AGAIN } else { p::OTP_SEND })) }
        }
        @if let Some(contact) = sent {
            form method="post" class="plain" {
                input type="hidden" name="act" value="password";
                input type="hidden" name="contact" value=(contact);
                label for="password" { (text(p::OTP_LABEL)) }
                input id="password" name="password" type="text" inputmode="numeric"
                    autocomplete="one-time-code" spellcheck="false" maxlength=(limits::OTP_CHARS_MAX)
                    autofocus required;
                button type="submit" class="primary" { (text(k::MY_SHOW)) }
            }
        }
    }
}

fn identify(visit: &Visit<'_>, notice: Option<&Notice>) -> Markup {
    let text = |key| visit.reader.text(key);
    html! {
        h1 { (text(k::MY_TITLE)) }
        p { (text(k::MY_LEAD)) }
        form method="post" class="plain" {
            input type="hidden" name="act" value="identify";
            label for="code" { (text(k::MY_CODE)) }
            input id="code" name="code" type="text" autocomplete="off" autocapitalize="characters"
                spellcheck="false" maxlength="64" required;
            button type="submit" class="primary" { (text(k::MY_SHOW)) }
        }
        @if visit.app.service.sends_passwords() { (by_contact(visit, notice)) }
        form method="post" class="plain" {
            input type="hidden" name="act" value="device";
            button type="submit" { (text(k::MY_DEVICE)) }
        }
        p { a href=(map_address(visit)) { (text(k::TITLE)) } }
    }
}

fn map_address(visit: &Visit<'_>) -> String {
    let query = visit.reader.query(visit.reader.elder, None);
    format!("/privacy/{}{query}", visit.id)
}

fn mine(visit: &Visit<'_>, data: &MyData) -> Markup {
    let reader = visit.reader;
    let text = |key| reader.text(key);
    let name = visit.person.as_ref().map_or("", |person| person.name());
    let until_ms = visit.person.as_ref().map_or(0, |person| person.until_ms());
    let title = if name.is_empty() {
        text(k::MY_OF_DEVICE).to_owned()
    } else {
        let name = plain(name);
        reader
            .texts
            .fill(k::MY_OF_HOUSEHOLD, &[("household", &name)])
    };
    html! {
        h1 { bdi { (title) } }
        p { (reader.texts.fill(k::MY_UNTIL, &[("time", &time(visit, until_ms))])) }
        p {
            a href={ "/my/" (visit.id) "/export" } { (text(k::MY_EXPORT)) }
            " · "
            a href=(map_address(visit)) { (text(k::TITLE)) }
        }
        (one_button(visit, "leave", &[], text(k::MY_LEAVE)))
        @if let Some(household) = &data.household {
            section class="kept" {
                h2 { (text(k::MY_HOUSEHOLD)) }
                p { bdi { (plain(&household.place)) } " · " bdi { (plain(&household.label)) } }
                @if let Some(area) = household.area_csqm {
                    p { (reader.texts.fill(k::MY_AREA, &[("area", &square_metres(area))])) }
                }
                @if household.has_code { p { (text(k::MY_HAS_CODE)) } }
            }
        }
        @if !data.entries.is_empty() {
            section class="kept" {
                h2 { (text(k::MY_HOUSEHOLD)) }
                @for entry in &data.entries { (on_roll(visit, entry)) }
            }
        }
        (voted(visit, data))
        (uploads(visit, data))
        (consents(visit, data))
        (requests(visit, data))
        section class="kept" {
            h2 { (text(k::MY_DELETE)) }
            p { (text(k::MY_DELETE_HELP)) }
            form method="post" class="plain" {
                (hidden(visit, "delete"))
                label { input type="checkbox" name="sure" value="1"; " " (text(k::MY_DELETE_SURE)) }
                button type="submit" { (text(k::MY_DELETE)) }
            }
        }
    }
}

fn on_roll(visit: &Visit<'_>, entry: &MyEntry) -> Markup {
    let reader = visit.reader;
    html! {
        p {
            bdi { (plain(&entry.name)) } " · " bdi { (plain(&entry.place)) }
            @if !entry.label.is_empty() { " · " bdi { (plain(&entry.label)) } }
            @if let Some(area) = entry.area_csqm {
                " · " (reader.texts.fill(k::MY_AREA, &[("area", &square_metres(area))]))
            }
        }
        @if entry.contacts > 0 {
            p { (reader.texts.count(k::MY_CONTACTS_KEPT, u64::from(entry.contacts), &[])) }
        }
    }
}

fn voted(visit: &Visit<'_>, data: &MyData) -> Markup {
    let reader = visit.reader;
    html! {
        (list(reader, k::MY_BALLOTS, data.ballots.iter().map(|ballot| ballot_line(visit, ballot))))
        (list(reader, k::MY_REGISTERED, data.registered.iter().map(|poll| {
            html! { bdi { (plain(&poll.title)) } }
        })))
        (list(reader, k::MY_GRANTS, data.grants.iter().map(|grant| {
            let title = plain(&grant.title);
            let values = [("poll", title.as_str()), ("time", &time(visit, grant.expires_at_ms))];
            html! { bdi { (reader.texts.fill(k::MY_GRANT, &values)) } }
        })))
    }
}

fn ballot_line(visit: &Visit<'_>, ballot: &MyBallot) -> Markup {
    let reader = visit.reader;
    let title = plain(&ballot.title);
    let choice = match &ballot.choice {
        Choice::Motion { stance } => reader.stance(*stance).to_owned(),
        Choice::Options { .. } => plain(&ballot.chosen.join(" · ")),
    };
    let values = [
        ("poll", title.as_str()),
        ("choice", &choice),
        ("time", &time(visit, ballot.cast_at_ms)),
    ];
    html! {
        bdi { (reader.texts.fill(k::MY_BALLOT, &values)) }
        @if !ballot.counts { " " (reader.text(k::MY_REPLACED)) }
    }
}

fn uploads(visit: &Visit<'_>, data: &MyData) -> Markup {
    let reader = visit.reader;
    list(reader, k::MY_UPLOADS, data.uploads.iter().map(|upload| {
        let id = upload.id.to_string();
        html! {
            a href=(upload.address) {
                @match &upload.thumb {
                    Some(thumb) => img src=(thumb) alt=(upload.media_type) loading="lazy" class="thumb";,
                    None => (upload.media_type),
                }
            }
            " " (time(visit, upload.created_at_ms))
            (one_button(visit, "delete_upload", &[("id", &id)], reader.text(k::MY_DELETE_UPLOAD)))
        }
    }))
}

fn consents(visit: &Visit<'_>, data: &MyData) -> Markup {
    let reader = visit.reader;
    let holds = |purpose: ConsentPurpose| {
        let mut given = data.consents.iter();
        given.any(|c| c.purpose == purpose && c.withdrawn_at_ms.is_none())
    };
    html! {
        (list(reader, k::MY_CONSENTS, data.consents.iter().map(|consent| consent_line(visit, consent))))
        @for purpose in notice::PURPOSES {
            @if let (false, Some(newest)) = (holds(purpose), notice::newest(purpose)) {
                details {
                    summary { (reader.text(newest.title)) }
                    p { (reader.text(newest.text)) }
                    @if purpose == ConsentPurpose::Helper {
                        p { (reader.text(k::MY_HELPER_ONLY)) }
                    } @else {
                        (one_button(visit, "give", &[
                            ("purpose", purpose.as_str()),
                            ("version", &newest.version.to_string()),
                        ], reader.text(k::MY_GIVE)))
                    }
                }
            }
        }
    }
}

fn consent_line(visit: &Visit<'_>, consent: &MyConsent) -> Markup {
    let reader = visit.reader;
    let title = notice::newest(consent.purpose).map_or("", |notice| reader.text(notice.title));
    let values = [
        ("purpose", title),
        ("version", &consent.version.to_string()),
        ("time", &time(visit, consent.given_at_ms)),
    ];
    let id = consent.id.to_string();
    html! {
        (reader.texts.fill(k::MY_CONSENT, &values))
        @if let Some(helped) = &consent.helped {
            br;
            bdi { (reader.texts.fill(k::MY_HELPED, &[
                ("helper", &plain(&helped.helper)), ("witness", &plain(&helped.witness)),
            ])) }
        }
        @match consent.withdrawn_at_ms {
            Some(at_ms) => {
                br;
                (reader.texts.fill(k::MY_WITHDRAWN, &[("time", &time(visit, at_ms))]))
            }
            None => (one_button(visit, "withdraw", &[("id", &id)], reader.text(k::MY_WITHDRAW))),
        }
    }
}

fn requests(visit: &Visit<'_>, data: &MyData) -> Markup {
    let reader = visit.reader;
    let text = |key| reader.text(key);
    let contact = notice::newest(ConsentPurpose::Contact);
    html! {
        (list(reader, k::MY_REQUESTS, data.requests.iter().map(|request| request_line(visit, request))))
        section class="kept" {
            h2 { (text(k::MY_ASK)) }
            form method="post" class="plain" {
                (hidden(visit, "ask"))
                select name="kind" aria-label=(text(k::MY_ASK)) {
                    @for kind in [RequestKind::Correct, RequestKind::Delete, RequestKind::Explain] {
                        option value=(kind.as_str()) { (text(kind_text(kind))) }
                    }
                }
                label for="text" { (text(k::MY_TEXT)) }
                textarea id="text" name="text" rows="4" maxlength=(REQUEST_CHARS_MAX) required {}
                label for="contact" { (text(k::MY_CONTACT)) }
                input id="contact" name="contact" type="text" maxlength=(CONTACT_CHARS_MAX) autocomplete="tel";
                @if let Some(contact) = contact {
                    input type="hidden" name="version" value=(contact.version);
                    p class="hint" { (text(contact.text)) }
                    label { input type="checkbox" name="agreed" value="1"; " " (text(k::MY_CONTACT_CONSENT)) }
                }
                button type="submit" { (text(k::MY_SEND)) }
            }
        }
    }
}

fn request_line(visit: &Visit<'_>, request: &MyRequest) -> Markup {
    let reader = visit.reader;
    let state = match request.state {
        RequestState::Open => k::MY_STATE_OPEN,
        RequestState::Done => k::MY_STATE_DONE,
        RequestState::Declined => k::MY_STATE_DECLINED,
    };
    html! {
        (reader.text(kind_text(request.kind))) " · " (time(visit, request.asked_at_ms)) " · "
        strong { (reader.text(state)) }
        br; bdi { (plain(&request.text)) }
        @if !request.contact.is_empty() { br; bdi { (plain(&request.contact)) } }
        @if !request.answer.is_empty() { br; bdi { (plain(&request.answer)) } }
    }
}

fn kind_text(kind: RequestKind) -> Key {
    match kind {
        RequestKind::Correct => k::MY_KIND_CORRECT,
        RequestKind::Delete => k::MY_KIND_DELETE,
        RequestKind::Explain => k::MY_KIND_EXPLAIN,
    }
}

fn list(reader: &Reader, title: Key, items: impl Iterator<Item = Markup>) -> Markup {
    let items: Vec<Markup> = items.collect();
    html! {
        section class="kept" {
            h2 { (reader.text(title)) }
            @if items.is_empty() { p { (reader.text(k::MY_NOTHING)) } }
            @else { ul { @for item in &items { li { (item) } } } }
        }
    }
}

fn hidden(visit: &Visit<'_>, act: &str) -> Markup {
    html! {
        input type="hidden" name="act" value=(act);
        input type="hidden" name="check" value=(visit.check);
    }
}

fn one_button(visit: &Visit<'_>, act: &str, fields: &[(&str, &str)], label: &str) -> Markup {
    html! {
        form method="post" class="plain" {
            (hidden(visit, act))
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button type="submit" { (label) }
        }
    }
}

fn square_metres(area_csqm: u64) -> String {
    format!("{}.{:02}", area_csqm / 100, area_csqm % 100)
}

fn time(visit: &Visit<'_>, at_ms: UtcMs) -> String {
    visit
        .reader
        .time_in(&visit.community.community.time_zone, at_ms)
}
