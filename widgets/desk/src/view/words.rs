//! The model's words as people read them.

use super::ui::Ui;
use crate::state::Said;
use linli_model::desk::roll::{FileFault, RollRefusal, RowError, RowFault};
use linli_model::desk::{ApprovalState, Command, DeskRefusal, PollState, Post, Role, RollKind};
use linli_model::{Electorate, PlaceId};
use linli_port::desk::DeskError;
use linli_texts::{Key, desk as k};

/// What happened, and what to do next.
pub(crate) fn error(ui: &Ui<'_>, error: &DeskError) -> (String, String) {
    match error {
        DeskError::Refused(refusal) => {
            let text = linli_texts::explain_desk(ui.texts, refusal, &|at_ms| ui.time(at_ms));
            (text.title, text.next)
        }
        DeskError::RollRefused(refusal) => (ui.t(k::ROLL_REFUSED), roll_refused(ui, refusal)),
        DeskError::Unreachable => (ui.t(k::UNREACHABLE), ui.t(k::UNREACHABLE_NEXT)),
        DeskError::Fault { incident } => {
            let next = ui.fill(k::FAULT_NEXT, &[("incident", incident)]);
            (ui.t(k::FAULT), next)
        }
    }
}

/// Of a command whose fate is not known: what to do is another thing.
pub(crate) fn command_error(ui: &Ui<'_>, problem: &DeskError) -> (String, String) {
    match problem {
        DeskError::Refused(DeskRefusal::Invalid { fault, .. }) => {
            (ui.t(k::INVALID), ui.t(misfit(fault)))
        }
        DeskError::Unreachable => (ui.t(k::UNKNOWN_OUTCOME), ui.t(k::UNKNOWN_OUTCOME_NEXT)),
        other => error(ui, other),
    }
}

pub(crate) const fn said(said: Said) -> Key {
    match said {
        Said::Saved => k::SAID_SAVED,
        Said::Deleted => k::SAID_DELETED,
        Said::Published => k::SAID_PUBLISHED,
        Said::Extended => k::SAID_EXTENDED,
        Said::Asked => k::SAID_ASKED,
        Said::Approved => k::SAID_APPROVED,
        Said::Rejected => k::SAID_REJECTED,
        Said::Withdrawn => k::SAID_WITHDRAWN,
        Said::PostsSet => k::SAID_POSTS_SET,
        Said::Revoked => k::SAID_REVOKED,
        Said::Ended => k::SAID_ENDED,
        Said::CodesMade => k::SAID_CODES_MADE,
        Said::ShownOnce => k::SAID_SHOWN_ONCE,
        Said::Copied => k::SAID_COPIED,
        Said::NotCopied => k::SAID_NOT_COPIED,
        Said::Exported => k::SAID_EXPORTED,
        Said::Answered => k::SAID_ANSWERED,
        Said::PlacePut => k::SAID_PLACE_PUT,
        Said::PlaceClosed => k::SAID_PLACE_CLOSED,
        Said::Attached => k::SAID_ATTACHED,
        Said::Detached => k::SAID_DETACHED,
    }
}

/// What a field's word of fault means.
pub(crate) fn misfit(fault: &str) -> Key {
    match fault {
        "empty" => k::MISFIT_EMPTY,
        "too_long" => k::MISFIT_TOO_LONG,
        "too_many" => k::MISFIT_TOO_MANY,
        "too_few" => k::MISFIT_TOO_FEW,
        "duplicate" => k::MISFIT_DUPLICATE,
        "in_the_past" => k::MISFIT_IN_THE_PAST,
        "not_later" => k::MISFIT_NOT_LATER,
        "taken" => k::MISFIT_TAKEN,
        "unsupported" => k::MISFIT_UNSUPPORTED,
        "unreadable" => k::MISFIT_UNREADABLE,
        "active" => k::MISFIT_ACTIVE,
        _ => k::MISFIT_UNKNOWN,
    }
}

pub(crate) const fn state(state: PollState) -> Key {
    match state {
        PollState::Draft => k::STATE_DRAFT,
        PollState::Upcoming => k::STATE_UPCOMING,
        PollState::Open => k::STATE_OPEN,
        PollState::Closed => k::STATE_CLOSED,
    }
}

pub(crate) const fn approval(state: ApprovalState) -> Key {
    match state {
        ApprovalState::Waiting => k::APPROVAL_WAITING,
        ApprovalState::Approved => k::APPROVAL_APPROVED,
        ApprovalState::Rejected => k::APPROVAL_REJECTED,
        ApprovalState::Withdrawn => k::APPROVAL_WITHDRAWN,
        ApprovalState::Lapsed => k::APPROVAL_LAPSED,
    }
}

/// Every role, in the order in which it is offered.
pub(crate) const ROLES: [Role; 5] = [
    Role::Owner,
    Role::Moderator,
    Role::Supervisor,
    Role::VolunteerLead,
    Role::Treasurer,
];

pub(crate) const fn role(role: Role) -> Key {
    match role {
        Role::Owner => k::ROLE_OWNER,
        Role::Moderator => k::ROLE_MODERATOR,
        Role::VolunteerLead => k::ROLE_VOLUNTEER_LEAD,
        Role::Treasurer => k::ROLE_TREASURER,
        Role::Supervisor => k::ROLE_SUPERVISOR,
    }
}

pub(crate) const fn role_more(role: Role) -> Key {
    match role {
        Role::Owner => k::ROLE_OWNER_MORE,
        Role::Moderator => k::ROLE_MODERATOR_MORE,
        Role::VolunteerLead => k::ROLE_VOLUNTEER_LEAD_MORE,
        Role::Treasurer => k::ROLE_TREASURER_MORE,
        Role::Supervisor => k::ROLE_SUPERVISOR_MORE,
    }
}

/// Words of electorates that the desk has names for; the model may know fewer.
pub(crate) const ELECTORATES: [&str; 6] = [
    "households",
    "devices",
    "persons",
    "owners",
    "tenants",
    "members",
];

pub(crate) fn electorate(electorate: Electorate) -> Key {
    electorate_word(electorate.as_str())
}

fn electorate_word(word: &str) -> Key {
    match word {
        "devices" => k::ELECTORATE_DEVICES,
        "persons" => k::ELECTORATE_PERSONS,
        "owners" => k::ELECTORATE_OWNERS,
        "tenants" => k::ELECTORATE_TENANTS,
        "members" => k::ELECTORATE_MEMBERS,
        _ => k::ELECTORATE_HOUSEHOLDS,
    }
}

pub(crate) const fn roll(kind: RollKind) -> Key {
    match kind {
        RollKind::Households => k::ROLL_HOUSEHOLDS,
        RollKind::Persons => k::ROLL_PERSONS,
        RollKind::Owners => k::ROLL_OWNERS,
        RollKind::Tenants => k::ROLL_TENANTS,
        RollKind::Members => k::ROLL_MEMBERS,
    }
}

/// What a command will do, in a sentence.
pub(crate) fn command(ui: &Ui<'_>, command: &Command, about: &str) -> String {
    match command {
        Command::ClosePoll { .. } => ui.fill(k::WILL_CLOSE, &[("poll", about)]),
        Command::ResetFactor { .. } => ui.fill(k::WILL_RESET_FACTOR, &[("name", about)]),
        Command::AdoptRoll {
            kind,
            leave_out_errors,
            ..
        } => {
            let roll = RollKind::parse(kind.as_str()).map_or(k::NAV_ROLLS, roll);
            let key = if *leave_out_errors {
                k::WILL_ADOPT_WITHOUT_ERRORS
            } else {
                k::WILL_ADOPT
            };
            ui.fill(key, &[("roll", &ui.t(roll)), ("file", about)])
        }
        other => {
            let what = ui.t(action(other.word()));
            if about.is_empty() {
                what
            } else {
                ui.fill(k::WHAT_AND_ABOUT, &[("what", &what), ("about", about)])
            }
        }
    }
}

/// An entry's action in the audit log; an unknown one is shown as it is.
pub(crate) fn action(word: &str) -> Key {
    match word {
        "create_topic" => k::DID_CREATE_TOPIC,
        "update_topic" => k::DID_UPDATE_TOPIC,
        "delete_topic" => k::DID_DELETE_TOPIC,
        "open_poll" => k::DID_OPEN_POLL,
        "close_poll" => k::DID_CLOSE_POLL,
        "extend_poll" => k::DID_EXTEND_POLL,
        "adopt_roll" => k::DID_ADOPT_ROLL,
        "make_codes" => k::DID_MAKE_CODES,
        "invite" => k::DID_INVITE,
        "revoke_invitation" => k::DID_REVOKE_INVITATION,
        "set_posts" => k::DID_SET_POSTS,
        "end_session" => k::DID_END_SESSION,
        "decide" => k::DID_DECIDE,
        "withdraw" => k::DID_WITHDRAW,
        "signed_in" => k::DID_SIGN_IN,
        "sign_in_failed" => k::DID_FAIL_TO_SIGN_IN,
        "signed_out" => k::DID_SIGN_OUT,
        "enrolled" => k::DID_ENROL,
        "exported" => k::DID_EXPORT,
        "filled_in" => k::DID_FILLED_IN,
        "answered_request" => k::DID_ANSWERED_REQUEST,
        "approved" => k::DID_APPROVE,
        "rejected" => k::DID_REJECT,
        "roll_read" => k::DID_READ_ROLL,
        "reset_factor" => k::DID_RESET_FACTOR,
        "put_place" => k::DID_PUT_PLACE,
        "close_place" => k::DID_CLOSE_PLACE,
        "add_attachment" => k::DID_ADD_ATTACHMENT,
        "remove_attachment" => k::DID_REMOVE_ATTACHMENT,
        _ => k::DID_OTHER,
    }
}

/// `议事主持 · 二网格`.
pub(crate) fn post(ui: &Ui<'_>, post: &Post) -> String {
    let place = match &post.place {
        Some(id) => place(ui, id),
        None => ui.t(k::EVERYWHERE),
    };
    format!("{} · {place}", ui.t(role(post.role)))
}

/// A place by its name; by its identifier while names are not known.
pub(crate) fn place(ui: &Ui<'_>, id: &PlaceId) -> String {
    let known = ui.state.slots.places().iter().find(|one| one.id == *id);
    known.map_or_else(|| id.to_string(), |one| one.name.clone())
}

/// The tree of places as a list to choose from; deeper ones are indented.
pub(crate) fn places(ui: &Ui<'_>, none: String) -> Vec<(String, String)> {
    let places = ui.state.slots.places();
    let mut options = vec![(String::new(), none)];
    options.extend(places.iter().map(|one| {
        let mut depth = 0;
        let mut above = one.parent.as_ref();
        while let Some(id) = above
            && depth < linli_model::desk::roll::PLACE_LEVELS_MAX
        {
            depth += 1;
            let parent = places.iter().find(|other| other.id == *id);
            above = parent.and_then(|parent| parent.parent.as_ref());
        }
        let name = format!("{}{}", "\u{3000}".repeat(depth), one.name);
        (one.id.to_string(), name)
    }));
    options
}

/// What is wrong with a row of a file.
pub(crate) fn row_fault(ui: &Ui<'_>, error: &RowError) -> String {
    let max = |max: &u32| ui.n(k::ROW_TOO_LONG, u64::from(*max));
    match &error.kind {
        RowFault::Missing => ui.t(k::ROW_MISSING),
        RowFault::TooLong { max: most } => max(most),
        RowFault::NotText => ui.t(k::ROW_NOT_TEXT),
        RowFault::PlaceUnknown => ui.t(k::ROW_PLACE_UNKNOWN),
        RowFault::PlaceAmbiguous => ui.t(k::ROW_PLACE_AMBIGUOUS),
        RowFault::AreaInvalid => ui.t(k::ROW_AREA_INVALID),
        RowFault::DateInvalid => ui.t(k::ROW_DATE_INVALID),
        RowFault::FlagInvalid => ui.t(k::ROW_FLAG_INVALID),
        RowFault::UnderAge => ui.t(k::ROW_UNDER_AGE),
        RowFault::ContactInvalid => ui.t(k::ROW_CONTACT_INVALID),
        RowFault::ContactShared { of_row } => {
            ui.fill(k::ROW_CONTACT_SHARED, &[("row", &of_row.to_string())])
        }
        RowFault::GroupUnknown => ui.t(k::ROW_GROUP_UNKNOWN),
        RowFault::GroupOther { group } => {
            ui.fill(k::ROW_GROUP_OTHER, &[("roll", &ui.t(roll(*group)))])
        }
        RowFault::Duplicate { of_row } => {
            ui.fill(k::ROW_DUPLICATE, &[("row", &of_row.to_string())])
        }
        RowFault::FormulaWithoutValue => ui.t(k::ROW_FORMULA),
        RowFault::CellError => ui.t(k::ROW_CELL_ERROR),
    }
}

fn roll_refused(ui: &Ui<'_>, refusal: &RollRefusal) -> String {
    match refusal {
        RollRefusal::File { fault } => file_fault(ui, fault),
        RollRefusal::VersionMoved { .. } => ui.t(k::ROLL_MOVED),
        RollRefusal::DraftHasErrors { .. } => ui.t(k::ROLL_HAS_ERRORS),
        RollRefusal::RollEmpty => ui.t(k::ROLL_EMPTY),
        RollRefusal::PlaceGone { .. } => ui.t(k::ROLL_PLACE_GONE),
        _ => ui.t(k::ROLL_DRAFT_GONE),
    }
}

/// Why a file cannot be read as a roll.
fn file_fault(ui: &Ui<'_>, fault: &FileFault) -> String {
    match fault {
        FileFault::Empty => ui.t(k::FILE_EMPTY),
        FileFault::FormatUnknown => ui.t(k::FILE_FORMAT),
        FileFault::EncodingUnknown => ui.t(k::FILE_ENCODING),
        FileFault::Damaged => ui.t(k::FILE_DAMAGED),
        FileFault::UnpacksTooLarge | FileFault::TooLarge { .. } => ui.t(k::FILE_TOO_LARGE),
        FileFault::TooManyRows { max } => ui.n(k::FILE_TOO_MANY_ROWS, u64::from(*max)),
        FileFault::TooManyColumns { max } => ui.n(k::FILE_TOO_MANY_COLUMNS, u64::from(*max)),
        FileFault::HeaderMissing { columns } => {
            ui.fill(k::FILE_HEADER_MISSING, &[("columns", &columns.join("、"))])
        }
        FileFault::HeaderRepeated { column } => {
            ui.fill(k::FILE_HEADER_REPEATED, &[("column", column)])
        }
    }
}
