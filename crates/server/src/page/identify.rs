//! Who is voting, on the form: a password sent to a phone or mailbox, in two steps that
//! need no script, or the code on the household's paper.

use super::people::Reader;
use super::view::{self, Draft};
use linli_model::limits;
use linli_texts::page as p;
use maud::{Markup, html};

/// Both ways. The one that is further along is open.
pub(super) fn ways(reader: &Reader, draft: &Draft) -> Markup {
    let by_code = !draft.code.is_empty() && !draft.sent;
    html! {
        // Enter presses a form's first button. With the password typed, it is for casting.
        @if draft.sent { button type="submit" class="unseen" tabindex="-1" aria-hidden="true" {} }
        fieldset class="who" {
            legend { (reader.text(p::OTP_TITLE)) }
            label class="code" for="contact" { (reader.text(p::CONTACT_LABEL)) }
            input id="contact" name="contact" type="text" class="plain" value=(draft.contact)
                autocomplete="tel" autocapitalize="off" spellcheck="false"
                maxlength=(limits::CONTACT_CHARS_MAX) aria-describedby="contact-help";
            p id="contact-help" class="muted" { (reader.text(p::CONTACT_HELP)) }
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
        details open[by_code] {
            summary { (reader.text(p::CODE_INSTEAD)) }
            (view::code(reader, draft, false))
        }
    }
}
