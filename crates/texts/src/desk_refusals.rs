//! What a member of staff reads when the desk did not do something.

use crate::{Catalog, Key, RefusalText, desk as k, explain};
use linli_model::UtcMs;
use linli_model::desk::DeskRefusal;

/// What happened, and what to do next. `time` writes an instant in the community's time
/// zone.
pub fn explain_desk(
    catalog: &Catalog,
    refusal: &DeskRefusal,
    time: &dyn Fn(UtcMs) -> String,
) -> RefusalText {
    let text = |key: Key| catalog.text(key).to_owned();
    let count = |key: Key, n: u32| catalog.count(key, u64::from(n), &[]);
    let (title, next) = match refusal {
        DeskRefusal::Resident(refusal) => return explain(catalog, refusal, time),
        DeskRefusal::SignInFailed { attempts_left } => (
            text(k::REFUSED_SIGN_IN_FAILED),
            count(k::REFUSED_SIGN_IN_FAILED_NEXT, *attempts_left),
        ),
        DeskRefusal::PasswordWeak { min_chars } => (
            text(k::REFUSED_PASSWORD_WEAK),
            count(k::REFUSED_PASSWORD_WEAK_NEXT, *min_chars),
        ),
        DeskRefusal::ReasonNeeded { max_chars } => (
            text(k::REFUSED_REASON_NEEDED),
            count(k::REFUSED_REASON_NEEDED_NEXT, *max_chars),
        ),
        DeskRefusal::Invalid { path, .. } => (
            text(k::INVALID),
            catalog.fill(k::REFUSED_INVALID_NEXT, &[("path", path)]),
        ),
        other => {
            let (title, next) = plain(other);
            (text(title), text(next))
        }
    };
    RefusalText { title, next }
}

/// Those whose sentences have nothing to be filled in.
const fn plain(refusal: &DeskRefusal) -> (Key, Key) {
    match refusal {
        DeskRefusal::SignedOut => (k::REFUSED_SIGNED_OUT, k::REFUSED_SIGNED_OUT_NEXT),
        DeskRefusal::InvitationInvalid => (
            k::REFUSED_INVITATION_INVALID,
            k::REFUSED_INVITATION_INVALID_NEXT,
        ),
        DeskRefusal::LoginTaken => (k::REFUSED_LOGIN_TAKEN, k::REFUSED_LOGIN_TAKEN_NEXT),
        DeskRefusal::CodeWrong => (k::REFUSED_CODE_WRONG, k::REFUSED_CODE_WRONG_NEXT),
        DeskRefusal::NotPermitted { .. } => {
            (k::REFUSED_NOT_PERMITTED, k::REFUSED_NOT_PERMITTED_NEXT)
        }
        DeskRefusal::OwnRequest => (k::REFUSED_OWN_REQUEST, k::REFUSED_OWN_REQUEST_NEXT),
        DeskRefusal::AlreadySettled => {
            (k::REFUSED_ALREADY_SETTLED, k::REFUSED_ALREADY_SETTLED_NEXT)
        }
        DeskRefusal::AlreadyAsked => (k::REFUSED_ALREADY_ASKED, k::REFUSED_ALREADY_ASKED_NEXT),
        DeskRefusal::LastOwner => (k::REFUSED_LAST_OWNER, k::REFUSED_LAST_OWNER_NEXT),
        DeskRefusal::PlaceInUse => (k::REFUSED_PLACE_IN_USE, k::REFUSED_PLACE_IN_USE_NEXT),
        DeskRefusal::AlreadyPublished => (
            k::REFUSED_ALREADY_PUBLISHED,
            k::REFUSED_ALREADY_PUBLISHED_NEXT,
        ),
        DeskRefusal::NameTaken => (k::REFUSED_NAME_TAKEN, k::REFUSED_NAME_TAKEN_NEXT),
        DeskRefusal::Conflict => (k::REFUSED_CONFLICT, k::REFUSED_CONFLICT_NEXT),
        DeskRefusal::VotedThemselves => (
            k::REFUSED_VOTED_THEMSELVES,
            k::REFUSED_VOTED_THEMSELVES_NEXT,
        ),
        DeskRefusal::SecretNotFilledIn => (
            k::REFUSED_SECRET_NOT_FILLED_IN,
            k::REFUSED_SECRET_NOT_FILLED_IN_NEXT,
        ),
        // The others are told with figures; a key that made another command is our own slip.
        _ => (k::REFUSED_UNKNOWN, k::REFUSED_UNKNOWN_NEXT),
    }
}
