//! Before somebody is signed in: the session of an earlier page, signing in, an
//! invitation. One calm card each.

use super::el::{El, div, el, list, says};
use super::kit::Input;
use super::ui::Ui;
use super::words;
use crate::state::{Action, Field, Gate, Join, JoinStep, SignInForm, is_dead};
use linli_model::desk::{Enrolled, Enrolment};
use linli_port::desk::FileBytes;
use linli_texts::desk as k;
use yew::prelude::*;

const LOGIN_CHARS_MAX: usize = 64;
const PASSWORD_CHARS_MAX: usize = 256;
const CODE_CHARS_MAX: usize = 32;

/// The gate.
pub(crate) fn gate(ui: &Ui<'_>, gate: &Gate) -> Html {
    let card = match gate {
        Gate::Resuming(_) => div("card")
            .tells("aria-busy", true)
            .put(ui.heading(ui.t(k::RESUMING)))
            .put(says("p", ui.t(k::LOADING)).class("muted")),
        Gate::ResumeFailed(_, error) => div("card")
            .put(ui.heading(ui.t(k::APP)))
            .put(ui.problem(error))
            .put(ui.button("btn btn-primary", ui.t(k::RETRY), Action::RetryAsked))
            .put(ui.quiet(k::SIGN_IN_ANEW, Action::SignOutAsked)),
        Gate::Out(form) => sign_in(ui, form),
        Gate::Joining(join) => joining(ui, join),
        Gate::In(_) => div("card"),
    };
    el("main")
        .id("desk-main")
        .class("gate")
        .put(says("p", ui.t(k::BRAND)).class("brand"))
        .put(card)
        .into()
}

fn sign_in(ui: &Ui<'_>, form: &SignInForm) -> El {
    let ended = form
        .ended
        .then(|| ui.note(ui.t(k::SESSION_ENDED)).attr("role", "status"));
    let problem = form.problem.as_ref().map(|problem| ui.problem(problem));
    let fields = el("form")
        .flag("novalidate", true)
        .tells("aria-busy", form.busy)
        .submit(entered(ui))
        .put(ui.field(login(ui, &form.login, "username")))
        .put(ui.field(password(
            ui,
            &form.password,
            "current-password",
            String::new(),
        )))
        .put(ui.field(Input {
            hint: ui.t(k::CODE_HINT),
            ..code(ui, &form.code)
        }))
        .some(problem)
        .put(submit(ui, form.busy, k::SIGN_IN));
    div("card")
        .put(ui.heading(ui.t(k::SIGN_IN_TITLE)))
        .put(
            says(
                "p",
                ui.fill(
                    k::SIGN_IN_LEAD,
                    &[("community", ui.state.community.as_str())],
                ),
            )
            .class("muted"),
        )
        .some(ended)
        .put(fields)
        .put(fold(ui, k::SIGN_IN_HELP, k::SIGN_IN_HELP_TEXT))
}

fn fold(ui: &Ui<'_>, summary: linli_texts::Key, text: linli_texts::Key) -> El {
    el("details")
        .class("more")
        .put(says("summary", ui.t(summary)))
        .put(says("p", ui.t(text)).class("more-body"))
}

fn entered(ui: &Ui<'_>) -> Callback<()> {
    let act = ui.act.clone();
    Callback::from(move |()| act.emit(Action::Entered))
}

fn submit(ui: &Ui<'_>, busy: bool, label: linli_texts::Key) -> El {
    let words = if busy {
        ui.t(k::ONE_MOMENT)
    } else {
        ui.t(label)
    };
    says("button", words)
        .class("btn btn-primary")
        .attr("type", "submit")
        .tells("aria-disabled", busy)
}

fn login<'a>(ui: &Ui<'_>, value: &'a str, complete: &'static str) -> Input<'a> {
    Input {
        complete: Some(complete),
        max: Some(LOGIN_CHARS_MAX),
        required: true,
        ..Input::new("f-login", ui.t(k::LOGIN), value, Field::Login)
    }
}

fn password<'a>(ui: &Ui<'_>, value: &'a str, complete: &'static str, hint: String) -> Input<'a> {
    Input {
        hint,
        kind: "password",
        complete: Some(complete),
        max: Some(PASSWORD_CHARS_MAX),
        required: true,
        ..Input::new("f-password", ui.t(k::PASSWORD), value, Field::Password)
    }
}

fn code<'a>(ui: &Ui<'_>, value: &'a str) -> Input<'a> {
    Input {
        complete: Some("one-time-code"),
        max: Some(CODE_CHARS_MAX),
        required: true,
        ..Input::new("f-code", ui.t(k::CODE), value, Field::Code)
    }
}

fn joining(ui: &Ui<'_>, join: &Join) -> El {
    let problem = join.problem.as_ref();
    let Some(invitation) = &join.invitation else {
        let card = div("card").put(ui.heading(ui.t(k::JOIN_TITLE)));
        return match problem {
            Some(problem) if is_dead(Some(problem)) => card.put(ui.problem(problem)),
            Some(problem) => card.put(ui.problem(problem)).put(ui.button(
                "btn btn-primary",
                ui.t(k::RETRY),
                Action::Entered,
            )),
            None => card
                .tells("aria-busy", true)
                .put(says("p", ui.t(k::LOADING)).class("muted")),
        };
    };
    let (step, content) = match &join.step {
        JoinStep::Choosing => (1, choosing(ui, join, invitation.renews)),
        JoinStep::Enrolling(enrolment) => (2, enrolling(ui, join, enrolment)),
        JoinStep::Saving { enrolled, saved } => (3, saving(ui, enrolled, *saved)),
    };
    let posts = invitation.posts.iter().map(|post| {
        let name = match &post.place {
            Some(place) => format!("{} · {place}", ui.t(words::role(post.role))),
            None => ui.t(words::role(post.role)),
        };
        says("li", name).into()
    });
    let posts: Vec<Html> = posts.collect();
    let values = [
        ("name", invitation.name.as_str()),
        ("community", invitation.community.name.as_str()),
    ];
    let words = if invitation.renews {
        ui.t(k::RENEW_LEAD)
    } else {
        ui.fill(k::JOIN_LEAD, &values)
    };
    let lead = list([
        says("p", words).into(),
        el("ul").class("plain").all(posts).into(),
    ]);
    div("card")
        .put(says("p", ui.n(k::JOIN_STEP, step)).class("kick"))
        .put(content.0)
        .put(if step == 1 { lead } else { Html::default() })
        .put(content.1)
}

type Part = (El, Html);

fn form(ui: &Ui<'_>, join: &Join, fields: Vec<El>, label: linli_texts::Key) -> Html {
    let problem = join.problem.as_ref().map(|problem| ui.problem(problem));
    el("form")
        .flag("novalidate", true)
        .tells("aria-busy", join.busy)
        .submit(entered(ui))
        .all(fields.into_iter().map(Html::from))
        .some(problem)
        .put(submit(ui, join.busy, label))
        .into()
}

fn choosing(ui: &Ui<'_>, join: &Join, renews: bool) -> Part {
    // Who has an account shows it; who has none chooses.
    let hint = |key| if renews { String::new() } else { ui.t(key) };
    let kind = if renews {
        "current-password"
    } else {
        "new-password"
    };
    let fields = vec![
        ui.field(Input {
            hint: hint(k::LOGIN_HINT),
            ..login(ui, &join.login, "username")
        }),
        ui.field(password(ui, &join.password, kind, hint(k::PASSWORD_HINT))),
    ];
    (
        ui.heading(ui.t(k::JOIN_TITLE)),
        form(ui, join, fields, k::JOIN_NEXT),
    )
}

fn enrolling(ui: &Ui<'_>, join: &Join, enrolment: &Enrolment) -> Part {
    let side = enrolment.qr_modules;
    let qr = el("svg")
        .class("qr")
        .attr("viewBox", format!("0 0 {side} {side}"))
        .attr("role", "img")
        .attr("aria-label", ui.t(k::QR_LABEL))
        .put(el("path").attr("d", enrolment.qr_path.clone()));
    let secret = says("code", grouped(&enrolment.secret)).class("receipt-code secret");
    let typed = el("details")
        .class("more")
        .put(says("summary", ui.t(k::SECRET_TITLE)))
        .put(
            div("more-body")
                .put(says("p", ui.t(k::SECRET_LEAD)))
                .put(secret)
                .put(ui.quiet(k::COPY, Action::CopyAsked(enrolment.secret.clone()))),
        );
    let fields = vec![ui.field(Input {
        hint: ui.t(k::ENROL_CODE_HINT),
        mode: Some("numeric"),
        ..code(ui, &join.code)
    })];
    let content = list([
        says("p", ui.t(k::ENROL_LEAD)).into(),
        qr.into(),
        typed.into(),
        form(ui, join, fields, k::ENROL_CONFIRM),
    ]);
    (ui.heading(ui.t(k::ENROL_TITLE)), content)
}

/// In groups of four, to be typed.
fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups = letters.chunks(4).map(|group| group.iter().collect());
    groups.collect::<Vec<String>>().join(" ")
}

fn saving(ui: &Ui<'_>, enrolled: &Enrolled, saved: bool) -> Part {
    let codes = enrolled
        .recovery_codes
        .iter()
        .map(|code| el("li").put(says("code", code.clone())).into());
    let codes: Vec<Html> = codes.collect();
    let file = FileBytes {
        name: format!("linli-{}.txt", ui.state.community),
        media_type: "text/plain; charset=utf-8".to_owned(),
        bytes: enrolled.recovery_codes.join("\r\n").into_bytes(),
    };
    let act = ui.act.clone();
    let ticked = Callback::from(move |_| act.emit(Action::SavedTicked(!saved)));
    let go = ui
        .button("btn btn-primary", ui.t(k::RECOVERY_GO), Action::Entered)
        .tells("aria-disabled", !saved);
    let content = list([
        says("p", ui.t(k::RECOVERY_LEAD)).into(),
        el("ol").class("recovery").all(codes).into(),
        div("foot")
            .put(ui.quiet(k::SAVE_FILE, Action::KeepAsked(file)))
            .put(ui.quiet(k::PRINT, Action::PrintAsked))
            .into(),
        ui.tick(
            "f-saved",
            ui.t(k::RECOVERY_SAVED),
            String::new(),
            saved,
            ticked,
        ),
        go.into(),
    ]);
    (ui.heading(ui.t(k::RECOVERY_TITLE)), content)
}
