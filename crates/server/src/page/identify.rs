//! Who is voting, on the form: a password sent to a phone or mailbox, in two steps that
//! need no script, or the code on the household's paper.

use super::draft::Draft;
use super::people::Reader;
use linli_model::limits;
use linli_texts::{deliberation as k, page as p};
use maud::{Markup, html};

/// Both ways. The one that is further along is open.
pub(super) fn ways(reader: &Reader, draft: &Draft) -> Markup {
    let by_code = !draft.code.is_empty() && !draft.sent;
    html! {
        (password(reader, draft, false))
        details open[by_code] {
            summary { (reader.text(p::CODE_INSTEAD)) }
            (code(reader, draft, false))
        }
    }
}

/// A password that is sent; to a person, or to whoever answers for a household or flat.
pub(super) fn password(reader: &Reader, draft: &Draft, is_person: bool) -> Markup {
    let (title, help) = match is_person {
        true => (p::OTP_TITLE_PERSON, p::CONTACT_HELP_PERSON),
        false => (p::OTP_TITLE, p::CONTACT_HELP),
    };
    html! {
        // Enter presses a form's first button. With the password typed, it is for casting.
        @if draft.sent { button type="submit" class="unseen" tabindex="-1" aria-hidden="true" {} }
        fieldset class="who" {
            legend { (reader.text(title)) }
            label class="code" for="contact" { (reader.text(p::CONTACT_LABEL)) }
            input id="contact" name="contact" type="text" class="plain" value=(draft.contact)
                autocomplete="tel" autocapitalize="off" spellcheck="false"
                maxlength=(limits::CONTACT_CHARS_MAX) aria-describedby="contact-help";
            p id="contact-help" class="muted" { (reader.text(help)) }
            // The choice may wait until the password is here.
            button type="submit" name="send" value="1" class="outline" formnovalidate {
                (reader.text(if draft.sent { p::OTP_AGAIN } else { p::OTP_SEND }))
            }
            @if draft.sent || !draft.password.is_empty() {
                label class="code" for="password" { (reader.text(p::OTP_LABEL)) }
                input id="password" name="password" type="text" class="plain" value=(draft.password)
                    inputmode="numeric" autocomplete="one-time-code" spellcheck="false"
                    maxlength=(limits::OTP_CHARS_MAX) autofocus[draft.sent]
                    aria-describedby="password-help";
                p id="password-help" class="muted" { (reader.text(p::OTP_HELP)) }
            }
        }
    }
}

/// The field for the code on the household's paper.
pub(super) fn code(reader: &Reader, draft: &Draft, required: bool) -> Markup {
    html! {
        label class="code" for="code" { (reader.text(k::CODE_LABEL)) }
        input id="code" name="code" type="text" value=(draft.code) required[required] autocomplete="off"
            autocapitalize="characters" spellcheck="false" maxlength="64" aria-describedby="code-help";
        p id="code-help" class="muted" { (reader.text(k::IDENTIFY_LEAD)) " " (reader.text(k::CODE_HINT)) }
    }
}

/// Filling in for somebody of the household, folded away. What is chosen is a word of the
/// record, not of this page's language.
pub(super) fn behalf(reader: &Reader, draft: &Draft) -> Markup {
    let relations = [
        ("child", p::BEHALF_CHILD),
        ("spouse", p::BEHALF_SPOUSE),
        ("relative", p::BEHALF_RELATIVE),
        ("carer", p::BEHALF_CARER),
    ];
    let chosen = draft.relation.as_deref();
    html! {
        details open[chosen.is_some()] {
            summary { (reader.text(p::BEHALF_TITLE)) }
            label class="choice" {
                input type="checkbox" name="behalf" value="1" checked[chosen.is_some()]
                    aria-describedby="behalf-help";
                span { (reader.text(p::BEHALF_CHECK)) }
            }
            label class="code" for="relation" { (reader.text(p::BEHALF_RELATION)) }
            select id="relation" name="relation" {
                @for (word, name) in relations {
                    option value=(word) selected[chosen == Some(word)] { (reader.text(name)) }
                }
            }
            p id="behalf-help" class="muted" { (reader.text(p::BEHALF_HELP)) }
        }
    }
}

/// Whether `relation` is one that the form offers.
pub(super) fn is_relation(relation: &str) -> bool {
    matches!(relation, "child" | "spouse" | "relative" | "carer")
}
