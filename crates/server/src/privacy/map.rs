//! The data map: every personal field that is stored, why, for how long, who sees it.
//!
//! One table, next to nothing else that would say the same: the page for residents, the
//! command, and the deleting follow it, and a test holds it to the columns of both
//! schemas.

use super::fields::Place;
use crate::store::retention::{Expiry, SealedColumn};
use linli_texts::{Catalog, Key, privacy as k};
use serde::Serialize;

/// Fields that are kept for one purpose.
#[derive(Debug)]
pub struct Entry {
    /// Names it in files.
    pub name: &'static str,
    /// Tables, each with its columns.
    pub columns: &'static [(&'static str, &'static [&'static str])],
    /// What it is.
    pub what: Key,
    /// Why it is kept.
    pub why: Key,
    /// On what ground.
    pub basis: Basis,
    /// For how long.
    pub kept: Kept,
    /// Who can see it.
    pub seen_by: &'static [Seen],
    /// How it is kept.
    pub form: Form,
}

/// The ground on which something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A duty under the law.
    Duty,
    /// The service that the person asks for.
    Service,
    /// Their consent.
    Consent,
    /// Security.
    Security,
}

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// As long as the roll has it.
    WithRoll,
    /// As long as the poll's records.
    WithPoll,
    /// The same; by device, only until this [`Rule`] removes the link.
    WithPollOr(&'static str),
    /// Until somebody deletes it.
    UntilDeleted,
    /// For good.
    Always,
    /// By this [`Rule`].
    By(&'static str),
}

/// Who can see something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Whom it is about.
    Oneself,
    /// Staff of the community.
    Staff,
    /// Everybody.
    Everybody,
    /// No person.
    Nobody,
}

/// How something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Plain,
    /// As a hash.
    Hashed,
    /// What it says is sealed; see [`SEALED`].
    Sealed,
}

/// Rows that are deleted some days after they ended.
#[derive(Debug)]
pub struct Rule {
    /// Names it in settings, logs and the map.
    pub what: &'static str,
    /// The rows. `None` for ballots by device, whose link to the device is removed.
    pub expiry: Option<Expiry>,
    /// Days after the end.
    pub days: u32,
    /// Fewest and most that a community may set; the same where it may not.
    pub bounds: (u32, u32),
}

/// Everything personal.
pub const ENTRIES: &[Entry] = &[
    Entry {
        name: "household",
        columns: &[(
            "household",
            &["household_id", "place_id", "label", "area_csqm"],
        )],
        what: k::HOUSEHOLD,
        why: k::HOUSEHOLD_WHY,
        basis: Basis::Duty,
        kept: Kept::WithRoll,
        seen_by: &[Seen::Oneself, Seen::Staff],
        form: Form::Plain,
    },
    Entry {
        name: "code",
        columns: &[
            ("typed_code", &["selector", "household_id", "secret_phc"]),
            ("scanned_code", &["code_hash", "household_id"]),
        ],
        what: k::CODE,
        why: k::CODE_WHY,
        basis: Basis::Service,
        kept: Kept::WithRoll,
        seen_by: &[Seen::Nobody],
        form: Form::Hashed,
    },
    Entry {
        name: "attempt",
        columns: &[(
            "attempt",
            &["subject", "failures", "blocked_until_ms", "last_at_ms"],
        )],
        what: k::ATTEMPT,
        why: k::ATTEMPT_WHY,
        basis: Basis::Security,
        kept: Kept::By("attempt"),
        seen_by: &[Seen::Nobody],
        form: Form::Hashed,
    },
    Entry {
        name: "grant",
        columns: &[(
            "cast_grant",
            &["poll_id", "token_hash", "voter", "expires_at_ms"],
        )],
        what: k::GRANT,
        why: k::GRANT_WHY,
        basis: Basis::Service,
        kept: Kept::By("grant"),
        seen_by: &[Seen::Oneself],
        form: Form::Hashed,
    },
    Entry {
        name: "recorded",
        columns: &[("ballot", BALLOT), ("ballot_superseded", BALLOT)],
        what: k::RECORDED,
        why: k::RECORDED_WHY,
        basis: Basis::Duty,
        kept: Kept::WithPollOr("device_ballot"),
        seen_by: &[Seen::Oneself, Seen::Staff],
        form: Form::Plain,
    },
    Entry {
        name: "on_behalf",
        columns: &[(
            "ballot_on_behalf",
            &[
                "poll_id",
                "voter",
                "revision",
                "recorder_kind",
                "recorder",
                "manner",
                "consenter",
                "relation",
                "consented_at_ms",
                "recorded_at_ms",
                "record_id",
            ],
        )],
        what: k::ON_BEHALF,
        why: k::ON_BEHALF_WHY,
        basis: Basis::Consent,
        kept: Kept::WithPoll,
        seen_by: &[Seen::Staff],
        form: Form::Sealed,
    },
    Entry {
        name: "register",
        columns: &[("voted_register", &["poll_id", "voter_mark"])],
        what: k::REGISTER,
        why: k::REGISTER_WHY,
        basis: Basis::Duty,
        kept: Kept::WithPoll,
        seen_by: &[Seen::Oneself],
        form: Form::Hashed,
    },
    Entry {
        name: "secret",
        columns: &[("ballot_box", SECRET), ("ballot_box_superseded", SECRET)],
        what: k::SECRET,
        why: k::SECRET_WHY,
        basis: Basis::Duty,
        kept: Kept::WithPoll,
        seen_by: &[Seen::Nobody],
        form: Form::Plain,
    },
    Entry {
        name: "upload",
        columns: &[
            (
                "upload",
                &[
                    "upload_id",
                    "owner",
                    "purpose",
                    "policy",
                    "media_type",
                    "blob_hash",
                    "thumb_hash",
                    "bytes",
                    "width",
                    "height",
                    "created_at_ms",
                ],
            ),
            (
                "upload_blob",
                &["blob_hash", "noted_at_ms", "claimed_at_ms"],
            ),
        ],
        what: k::UPLOAD,
        why: k::UPLOAD_WHY,
        basis: Basis::Consent,
        kept: Kept::UntilDeleted,
        seen_by: &[Seen::Oneself, Seen::Staff, Seen::Everybody],
        form: Form::Plain,
    },
    Entry {
        name: "upload_quota",
        columns: &[("upload_quota", &["subject", "day", "uploads", "bytes"])],
        what: k::QUOTA,
        why: k::QUOTA_WHY,
        basis: Basis::Security,
        kept: Kept::By("upload_quota"),
        seen_by: &[Seen::Nobody],
        form: Form::Plain,
    },
    Entry {
        name: "my_session",
        columns: &[(
            "my_session",
            &["token_hash", "subject", "voters", "label", "expires_at_ms"],
        )],
        what: k::MY_SESSION,
        why: k::MY_SESSION_WHY,
        basis: Basis::Service,
        kept: Kept::By("my_session"),
        seen_by: &[Seen::Nobody],
        form: Form::Plain,
    },
    Entry {
        name: "consent",
        columns: &[(
            "consent",
            &[
                "consent_id",
                "subject",
                "purpose",
                "version",
                "given_at_ms",
                "helped",
                "withdrawn_at_ms",
            ],
        )],
        what: k::CONSENT,
        why: k::CONSENT_WHY,
        basis: Basis::Duty,
        kept: Kept::By("consent"),
        seen_by: &[Seen::Oneself, Seen::Staff],
        form: Form::Sealed,
    },
    Entry {
        name: "request",
        columns: &[(
            "person_request",
            &[
                "request_id",
                "subject",
                "kind",
                "state",
                "body",
                "asked_at_ms",
                "answer",
                "settled_by",
                "settled_at_ms",
            ],
        )],
        what: k::REQUEST,
        why: k::REQUEST_WHY,
        basis: Basis::Duty,
        kept: Kept::By("request"),
        seen_by: &[Seen::Oneself, Seen::Staff],
        form: Form::Sealed,
    },
    Entry {
        name: "roll",
        columns: &[(
            "roll_entry",
            &[
                "kind",
                "entry_id",
                "since_version",
                "until_version",
                "voter_id",
                "household_id",
                "place_id",
                "label",
                "name",
                "owner",
                "developer",
                "registered_csqm",
                "surveyed_csqm",
                "contract_csqm",
            ],
        )],
        what: k::ROLL,
        why: k::ROLL_WHY,
        basis: Basis::Duty,
        kept: Kept::WithRoll,
        seen_by: &[Seen::Oneself, Seen::Staff],
        form: Form::Plain,
    },
    Entry {
        name: "roll_draft",
        columns: &[(
            "roll_draft",
            &[
                "draft_id",
                "kind",
                "base_version",
                "errors",
                "expires_at_ms",
                "preview",
                "body",
                "contacts",
            ],
        )],
        what: k::ROLL_DRAFT,
        why: k::ROLL_DRAFT_WHY,
        basis: Basis::Duty,
        kept: Kept::By("roll_draft"),
        seen_by: &[Seen::Staff],
        form: Form::Plain,
    },
    Entry {
        name: "contact",
        columns: &[("voter_contact", &["contact_index", "voter", "kind"])],
        what: k::CONTACT,
        why: k::CONTACT_WHY,
        basis: Basis::Service,
        kept: Kept::WithRoll,
        seen_by: &[Seen::Oneself],
        form: Form::Hashed,
    },
    Entry {
        name: "one_time",
        columns: &[(
            "one_time_password",
            &[
                "poll_id",
                "contact_index",
                "password_hash",
                "tries",
                "expires_at_ms",
            ],
        )],
        what: k::ONE_TIME,
        why: k::ONE_TIME_WHY,
        basis: Basis::Service,
        kept: Kept::By("one_time"),
        seen_by: &[Seen::Nobody],
        form: Form::Hashed,
    },
    Entry {
        name: "work",
        columns: &[(
            "work_spent",
            &[
                "poll_id",
                "nonce_hash",
                "expires_at_ms",
                "waiter",
                "waits_until_ms",
            ],
        )],
        what: k::WORK,
        why: k::WORK_WHY,
        basis: Basis::Service,
        kept: Kept::By("work_spent"),
        seen_by: &[Seen::Nobody],
        form: Form::Hashed,
    },
    Entry {
        name: "link",
        columns: &[
            ("voter_link", &["link_hash", "voter"]),
            ("host_nonce", &["poll_id", "nonce_hash", "expires_at_ms"]),
        ],
        what: k::LINK,
        why: k::LINK_WHY,
        basis: Basis::Service,
        kept: Kept::WithRoll,
        seen_by: &[Seen::Nobody],
        form: Form::Hashed,
    },
    Entry {
        name: "staff",
        columns: &[
            (
                "staff",
                &[
                    "staff_id",
                    "name",
                    "login",
                    "login_folded",
                    "password_phc",
                    "totp_secret",
                    "totp_step",
                    "posts",
                    "signed_in_at_ms",
                ],
            ),
            ("recovery_code", &["staff_id", "code_hash"]),
        ],
        what: k::STAFF,
        why: k::STAFF_WHY,
        basis: Basis::Service,
        kept: Kept::UntilDeleted,
        seen_by: &[Seen::Oneself, Seen::Staff],
        form: Form::Sealed,
    },
    Entry {
        name: "invitation",
        columns: &[(
            "invitation",
            &[
                "token_hash",
                "invitation_id",
                "name",
                "posts",
                "invited_by",
                "invited_by_name",
                "expires_at_ms",
                "login",
                "password_phc",
                "totp_secret",
                "renews",
            ],
        )],
        what: k::INVITATION,
        why: k::INVITATION_WHY,
        basis: Basis::Service,
        kept: Kept::By("invitation"),
        seen_by: &[Seen::Staff],
        form: Form::Sealed,
    },
    Entry {
        name: "staff_session",
        columns: &[(
            "staff_session",
            &[
                "token_hash",
                "session_id",
                "staff_id",
                "started_at_ms",
                "used_at_ms",
                "device",
            ],
        )],
        what: k::STAFF_SESSION,
        why: k::STAFF_SESSION_WHY,
        basis: Basis::Security,
        kept: Kept::By("staff_session"),
        seen_by: &[Seen::Oneself],
        form: Form::Plain,
    },
    Entry {
        name: "audit",
        columns: &[
            (
                "audit",
                &[
                    "number",
                    "at_ms",
                    "actor",
                    "action",
                    "subject",
                    "detail",
                    "previous_hash",
                    "entry_hash",
                ],
            ),
            (
                "approval",
                &[
                    "approval_id",
                    "command",
                    "about",
                    "place_id",
                    "asked_by",
                    "asked_by_name",
                    "asked_at_ms",
                    "expires_at_ms",
                    "state",
                    "decided_by_name",
                    "decided_at_ms",
                    "reason",
                ],
            ),
        ],
        what: k::AUDIT,
        why: k::AUDIT_WHY,
        basis: Basis::Duty,
        kept: Kept::Always,
        seen_by: &[Seen::Staff],
        form: Form::Plain,
    },
    Entry {
        name: "desk_reply",
        columns: &[(
            "desk_reply",
            &["staff_id", "command_key", "command_hash", "reply", "at_ms"],
        )],
        what: k::DESK_REPLY,
        why: k::DESK_REPLY_WHY,
        basis: Basis::Service,
        kept: Kept::By("desk_reply"),
        seen_by: &[Seen::Nobody],
        form: Form::Plain,
    },
];

const BALLOT: &[&str] = &[
    "poll_id",
    "voter",
    "revision",
    "cast_key",
    "choice",
    "nonce",
    "key_id",
    "cast_at_ms",
];
const SECRET: &[&str] = &[
    "poll_id", "address", "revision", "cast_key", "choice", "nonce", "key_id",
];

/// Columns that say nothing of a person, besides `community_id` everywhere.
pub const NOT_PERSONAL: &[(&str, &[&str])] = &[
    ("community", &["name", "time_zone"]),
    ("community_origin", &["origin"]),
    ("place", &["place_id", "parent_id", "name"]),
    ("topic_directory", &["topic_id"]),
    // What staff publish.
    (
        "topic",
        &["topic_id", "poll_id", "version", "body", "notices"],
    ),
    ("last_import", &["only_row", "version", "digest"]),
    ("poll_generation", &["poll_id", "slot", "ballots"]),
    ("linli_schema", &["version"]),
    ("roll", &["kind", "version"]),
    (
        "roll_version",
        &[
            "kind",
            "version",
            "adopted_at_ms",
            "adopted_by",
            "file_name",
            "entries",
            "voters",
            "added",
            "changed",
            "removed",
            "unchanged",
            "salt",
            "commitment",
        ],
    ),
    ("host_key", &["key_id", "host", "public_key", "origins"]),
    ("desk_head", &["audit_number", "audit_hash", "event_number"]),
    ("desk_event", &["number", "at_ms", "subject", "subject_id"]),
    ("topic_draft", &["topic_id", "poll_id", "body"]),
    (
        "topic_attachment",
        &["topic_id", "position", "upload_id", "alt"],
    ),
    ("retention_period", &["what", "days"]),
    ("poll_unlinked", &["poll_id", "unlinked_at_ms"]),
];

/// Everything that is deleted by time.
pub const RULES: &[Rule] = &[
    Rule {
        what: "attempt",
        expiry: Some(Expiry {
            table: "attempt",
            key: &["subject"],
            ended_at_ms: "CASE WHEN last_at_ms > blocked_until_ms THEN last_at_ms
                ELSE blocked_until_ms END",
        }),
        days: 1,
        bounds: (1, 1),
    },
    Rule {
        what: "grant",
        expiry: Some(Expiry {
            table: "cast_grant",
            key: &["poll_id", "token_hash"],
            ended_at_ms: "expires_at_ms",
        }),
        days: 30,
        bounds: (1, 365),
    },
    Rule {
        what: "my_session",
        expiry: Some(Expiry {
            table: "my_session",
            key: &["token_hash"],
            ended_at_ms: "expires_at_ms",
        }),
        days: 0,
        bounds: (0, 0),
    },
    Rule {
        what: "upload_quota",
        expiry: Some(Expiry {
            table: "upload_quota",
            key: &["subject", "day"],
            ended_at_ms: "(day + 1) * 86400000",
        }),
        days: 1,
        bounds: (1, 1),
    },
    Rule {
        what: "consent",
        expiry: Some(Expiry {
            table: "consent",
            key: &["consent_id"],
            ended_at_ms: "withdrawn_at_ms",
        }),
        days: 1_095,
        bounds: (365, 3_650),
    },
    Rule {
        what: "request",
        expiry: Some(Expiry {
            table: "person_request",
            key: &["request_id"],
            ended_at_ms: "settled_at_ms",
        }),
        days: 365,
        bounds: (30, 1_825),
    },
    Rule {
        what: "roll_draft",
        expiry: Some(Expiry {
            table: "roll_draft",
            key: &["draft_id"],
            ended_at_ms: "expires_at_ms",
        }),
        days: 0,
        bounds: (0, 0),
    },
    Rule {
        what: "one_time",
        expiry: Some(Expiry {
            table: "one_time_password",
            key: &["poll_id", "contact_index"],
            ended_at_ms: "expires_at_ms",
        }),
        days: 1,
        bounds: (1, 1),
    },
    Rule {
        what: "work_spent",
        expiry: Some(Expiry {
            table: "work_spent",
            key: &["poll_id", "nonce_hash"],
            ended_at_ms: "expires_at_ms",
        }),
        days: 1,
        bounds: (1, 1),
    },
    Rule {
        what: "host_nonce",
        expiry: Some(Expiry {
            table: "host_nonce",
            key: &["poll_id", "nonce_hash"],
            ended_at_ms: "expires_at_ms",
        }),
        days: 1,
        bounds: (1, 1),
    },
    Rule {
        what: "invitation",
        expiry: Some(Expiry {
            table: "invitation",
            key: &["token_hash"],
            ended_at_ms: "expires_at_ms",
        }),
        days: 30,
        bounds: (30, 30),
    },
    Rule {
        what: "staff_session",
        expiry: Some(Expiry {
            table: "staff_session",
            key: &["token_hash"],
            ended_at_ms: "started_at_ms + 43200000",
        }),
        days: 1,
        bounds: (1, 1),
    },
    Rule {
        what: "desk_reply",
        expiry: Some(Expiry {
            table: "desk_reply",
            key: &["staff_id", "command_key"],
            ended_at_ms: "at_ms",
        }),
        days: 1,
        bounds: (1, 1),
    },
    Rule {
        what: "device_ballot",
        expiry: None,
        days: 365,
        bounds: (30, 3_650),
    },
];

/// Who helped with a consent.
pub const HELPED: SealedColumn = sealed("consent", "helped", "consent_id");
/// What a person asks for.
pub const REQUEST_BODY: SealedColumn = sealed("person_request", "body", "request_id");
/// What they are answered.
pub const REQUEST_ANSWER: SealedColumn = sealed("person_request", "answer", "request_id");
/// Who consented that staff fill in for them.
pub const CONSENTER: SealedColumn = sealed("ballot_on_behalf", "consenter", "record_id");
/// The secret of a staff member's authenticator.
pub const STAFF_SECRET: SealedColumn = sealed("staff", "totp_secret", "staff_id");
/// The same while they enrol.
pub const INVITATION_SECRET: SealedColumn = sealed("invitation", "totp_secret", "invitation_id");

/// Every column whose fields are sealed.
pub const SEALED: &[SealedColumn] = &[
    HELPED,
    REQUEST_BODY,
    REQUEST_ANSWER,
    CONSENTER,
    STAFF_SECRET,
    INVITATION_SECRET,
];

const fn sealed(table: &'static str, field: &'static str, row: &'static str) -> SealedColumn {
    SealedColumn { table, field, row }
}

impl SealedColumn {
    /// Where one row's field stands.
    pub const fn of<'a>(&self, community: &'a str, row: &'a str) -> Place<'a> {
        Place {
            community,
            table: self.table,
            field: self.field,
            row,
        }
    }
}

/// The rule of a name.
pub fn rule(what: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.what == what)
}

/// How many days a rule waits in a community that decided `periods`.
pub fn days(rule: &Rule, periods: &[(String, u32)]) -> u32 {
    let own = periods.iter().find(|(what, _)| what == rule.what);
    let (fewest, most) = rule.bounds;
    own.map_or(rule.days, |(_, days)| (*days).clamp(fewest, most))
}

/// An [`Entry`] in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Names it.
    pub name: &'static str,
    /// `table.column`
    pub columns: Vec<String>,
    /// What it is.
    pub what: String,
    /// Why it is kept.
    pub why: String,
    /// On what ground.
    pub basis: String,
    /// For how long.
    pub kept: String,
    /// Who can see it.
    pub seen_by: Vec<String>,
    /// How it is kept.
    pub form: String,
}

/// The whole map in the words of a locale, with a community's own periods.
pub fn told(texts: &Catalog, periods: &[(String, u32)]) -> Vec<Told> {
    ENTRIES
        .iter()
        .map(|entry| tell(entry, texts, periods))
        .collect()
}

fn tell(entry: &Entry, texts: &Catalog, periods: &[(String, u32)]) -> Told {
    let basis = match entry.basis {
        Basis::Duty => k::BASIS_DUTY,
        Basis::Service => k::BASIS_SERVICE,
        Basis::Consent => k::BASIS_CONSENT,
        Basis::Security => k::BASIS_SECURITY,
    };
    let form = match entry.form {
        Form::Plain => k::FORM_PLAIN,
        Form::Hashed => k::FORM_HASHED,
        Form::Sealed => k::FORM_SEALED,
    };
    let seen = |seen: &Seen| {
        let key = match seen {
            Seen::Oneself => k::SEEN_SELF,
            Seen::Staff => k::SEEN_STAFF,
            Seen::Everybody => k::SEEN_PUBLIC,
            Seen::Nobody => k::SEEN_NOBODY,
        };
        texts.text(key).to_owned()
    };
    let of_table = |(table, columns): &(&str, &'static [&'static str])| {
        let named: Vec<String> = columns
            .iter()
            .map(|column| format!("{table}.{column}"))
            .collect();
        named
    };
    Told {
        name: entry.name,
        columns: entry.columns.iter().flat_map(of_table).collect(),
        what: texts.text(entry.what).to_owned(),
        why: texts.text(entry.why).to_owned(),
        basis: texts.text(basis).to_owned(),
        kept: how_long(entry.kept, texts, periods),
        seen_by: entry.seen_by.iter().map(seen).collect(),
        form: texts.text(form).to_owned(),
    }
}

fn how_long(kept: Kept, texts: &Catalog, periods: &[(String, u32)]) -> String {
    let after = |what| rule(what).map_or(0, |rule| days(rule, periods));
    match kept {
        Kept::WithRoll => texts.text(k::KEPT_ROLL).to_owned(),
        Kept::WithPoll => texts.text(k::KEPT_POLL).to_owned(),
        Kept::WithPollOr(what) => {
            let days = after(what).to_string();
            texts.fill(k::KEPT_POLL_OR, &[("days", &days)])
        }
        Kept::UntilDeleted => texts.text(k::KEPT_DELETED).to_owned(),
        Kept::Always => texts.text(k::KEPT_ALWAYS).to_owned(),
        Kept::By(what) => match after(what) {
            0 => texts.text(k::KEPT_NOW).to_owned(),
            days => texts.count(k::KEPT_DAYS, u64::from(days), &[]),
        },
    }
}

/// The map as Markdown.
pub fn markdown(texts: &Catalog, periods: &[(String, u32)]) -> String {
    let text = |key| texts.text(key);
    let head = [
        k::WHAT,
        k::WHY,
        k::BASIS,
        k::HOW_LONG,
        k::WHO,
        k::FORM,
        k::COLUMNS,
    ];
    let mut out = format!("# {}\n\n", text(k::TITLE));
    out.push_str(&row(&head.map(|key| text(key).to_owned())));
    out.push_str(&format!("|{}\n", "---|".repeat(head.len())));
    for told in told(texts, periods) {
        let columns: Vec<String> = told
            .columns
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        out.push_str(&row(&[
            told.what,
            told.why,
            told.basis,
            told.kept,
            told.seen_by.join("; "),
            told.form,
            columns.join(", "),
        ]));
    }
    out
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every `table.column` of a SQLite schema.
    fn columns() -> BTreeSet<String> {
        let conn = rusqlite::Connection::open_in_memory().unwrap();
        for migration in crate::store::sqlite::MIGRATIONS {
            conn.execute_batch(migration).unwrap();
        }
        let mut select = conn
            .prepare(
                "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c
                 WHERE t.type = 'table'",
            )
            .unwrap();
        let names = select.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    }

    /// A new column is in the map, or said to be of no person: nobody forgets it. Tests
    /// of PostgreSQL hold its tables to these, and to the map where it has more.
    #[test]
    fn every_column_is_in_the_map_or_said_to_be_of_no_person() {
        let mapped = ENTRIES.iter().flat_map(|entry| entry.columns);
        let known: Vec<String> = mapped
            .chain(NOT_PERSONAL)
            .flat_map(|(table, columns)| columns.iter().map(move |c| format!("{table}.{c}")))
            .collect();
        let once: BTreeSet<String> = known.iter().cloned().collect();
        assert_eq!(once.len(), known.len(), "a column is told twice");
        let only_postgres = |name: &String| {
            name.starts_with("poll_generation.") || name.starts_with("linli_schema.")
        };
        let there: BTreeSet<String> = columns()
            .into_iter()
            .filter(|name| !name.ends_with(".community_id"))
            .collect();
        let told: BTreeSet<String> = once
            .into_iter()
            .filter(|name| !only_postgres(name))
            .collect();
        assert_eq!(told, there);
    }

    #[test]
    fn rules_and_sealed_columns_are_those_of_the_map() {
        let columns = columns();
        for rule in RULES {
            let (fewest, most) = rule.bounds;
            assert!((fewest..=most).contains(&rule.days), "{}", rule.what);
            for key in rule.expiry.iter().flat_map(|expiry| expiry.key) {
                let table = rule.expiry.as_ref().unwrap().table;
                assert!(columns.contains(&format!("{table}.{key}")), "{table}.{key}");
            }
            let named = ENTRIES.iter().any(|entry| {
                matches!(entry.kept, Kept::By(what) | Kept::WithPollOr(what) if what == rule.what)
            });
            // Tokens of hosts go with the links that they belong to.
            assert!(
                named || rule.what == "host_nonce",
                "{} is in no entry",
                rule.what
            );
        }
        for entry in ENTRIES {
            if let Kept::By(what) | Kept::WithPollOr(what) = entry.kept {
                assert!(rule(what).is_some(), "{what}");
            }
            let sealed = SEALED.iter().any(|sealed| {
                let of = |(table, columns): &(&str, &[&str])| {
                    *table == sealed.table
                        && columns.contains(&sealed.field)
                        && columns.contains(&sealed.row)
                };
                entry.columns.iter().any(of)
            });
            assert_eq!(sealed, entry.form == Form::Sealed, "{}", entry.name);
        }
    }

    #[test]
    fn a_community_decides_within_bounds() {
        let grant = rule("grant").unwrap();
        let of = |days: u32| super::days(grant, &[("grant".to_owned(), days)]);
        assert_eq!((of(7), of(0), of(9_999)), (7, 1, 365));
        assert_eq!(super::days(grant, &[]), 30);
        for tag in linli_texts::LOCALES {
            let texts = Catalog::embedded(tag).unwrap();
            let page = markdown(&texts, &[("grant".to_owned(), 7)]);
            assert_eq!(page.lines().count(), 4 + ENTRIES.len(), "{page}");
            assert!(page.contains('7') && !page.contains('{'), "{page}");
        }
    }
}
