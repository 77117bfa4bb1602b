//! Whether what staff wrote can be a topic: texts, options, times, and what must fit
//! together. The desk's form, the server and the import file all ask here.

use crate::tally::decision::{self, RuleFault};
use linli_model::desk::TopicDraft;
use linli_model::{
    Credential, Electorate, OptionId, Poll, PollKind, PollNature, RuleMethod, UtcMs, limits,
};
use std::collections::BTreeSet;

/// Most characters of a reason, and of what a formal poll rests on.
pub const REASON_CHARS_MAX: usize = 500;
/// Furthest that a closing may be moved beyond the moment of moving it.
pub const EXTEND_MS_MAX: i64 = 90 * 24 * 3_600_000;

/// Furthest that a poll of the desk may close.
pub const CLOSES_MS_MAX: i64 = 10 * 366 * 24 * 3_600_000;

/// Where a draft does not fit, and how: `poll.options.3.text`, `too_long`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Field by field from the draft inward; options are counted from 0.
    pub path: String,
    /// `empty`, `too_long`, `too_many`, `too_few`, `unknown`, `duplicate`,
    /// `in_the_past`, `not_later`, `unsupported`.
    pub fault: &'static str,
}

/// A day as `2026-01-01`.
const DAY_CHARS_MAX: usize = 10;

type Checked = Result<(), Fault>;

/// Checks a draft of the desk. `place_known` tells whether the community has its place.
pub fn check(draft: &TopicDraft, place_known: bool, now_ms: UtcMs) -> Checked {
    if !place_known {
        return fault("place", "unknown");
    }
    check_texts(&draft.lang, &draft.title, &draft.summary)?;
    check_poll(&draft.poll)?;
    if draft.poll.closes_at_ms <= now_ms {
        return fault("poll.closes_at_ms", "in_the_past");
    }
    if draft.poll.closes_at_ms > now_ms.saturating_add(CLOSES_MS_MAX) {
        return fault("poll.closes_at_ms", "too_long");
    }
    Ok(())
}

/// Checks what is written above a poll.
pub fn check_texts(lang: &str, title: &str, summary: &str) -> Checked {
    let tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if lang.is_empty() {
        return fault("lang", "empty");
    }
    if !lang.chars().all(tag) || lang.len() > LANG_CHARS_MAX {
        return fault("lang", "unknown");
    }
    required("title", title, limits::TITLE_CHARS_MAX)?;
    at_most("summary", summary, limits::SUMMARY_CHARS_MAX)
}

/// BCP 47 asks for no less.
const LANG_CHARS_MAX: usize = 35;

/// Checks a poll by itself.
pub fn check_poll(poll: &Poll) -> Checked {
    at_most("poll.question", &poll.question, limits::TITLE_CHARS_MAX)?;
    if poll.opens_at_ms >= poll.closes_at_ms {
        return fault("poll.closes_at_ms", "not_later");
    }
    if !credentials(poll.electorate).contains(&poll.credential) {
        return fault("poll.credential", "unsupported");
    }
    if poll.nature == PollNature::Formal && poll.electorate == Electorate::Devices {
        return fault("poll.electorate", "unsupported");
    }
    check_work(poll)?;
    check_rule(poll)?;
    check_options(&poll.kind)
}

/// What a poll of this electorate may ask for. A device says nothing about who holds it,
/// so every roll needs something stronger; and a household's paper names whoever of the
/// family holds it, so persons need what is their own.
pub const fn credentials(electorate: Electorate) -> &'static [Credential] {
    match electorate {
        Electorate::Devices => &[Credential::Device, Credential::HostToken],
        Electorate::Households | Electorate::Owners | Electorate::Tenants => &[
            Credential::Otp,
            Credential::HostToken,
            Credential::HouseholdCode,
        ],
        Electorate::Persons | Electorate::Members => &[Credential::Otp, Credential::HostToken],
    }
}

/// Work is for devices: whoever shows a code, a password or a website's word has been told
/// apart by more than that.
fn check_work(poll: &Poll) -> Checked {
    match poll.work_bits {
        None => Ok(()),
        Some(_) if poll.credential != Credential::Device => fault("poll.work_bits", "unsupported"),
        Some(bits) if bits < limits::WORK_BITS_MIN => fault("poll.work_bits", "too_few"),
        Some(bits) if bits > limits::WORK_BITS_MAX => fault("poll.work_bits", "too_many"),
        Some(_) => Ok(()),
    }
}

fn check_rule(poll: &Poll) -> Checked {
    if let Some(rule) = &poll.rule {
        at_most("poll.rule.article", &rule.article, REASON_CHARS_MAX)?;
        at_most("poll.rule.basis", &rule.basis, REASON_CHARS_MAX)?;
        match &rule.method {
            Some(RuleMethod::MajorityWithQuorum { in_force_from, .. }) => at_most(
                "poll.rule.method.in_force_from",
                in_force_from,
                DAY_CHARS_MAX,
            )?,
            Some(RuleMethod::OwnersCivilCode278 {
                following: Some(following),
                ..
            }) => at_most(
                "poll.rule.method.following.basis",
                &following.basis,
                REASON_CHARS_MAX,
            )?,
            _ => {}
        }
    }
    let (path, what) = match decision::check(poll) {
        Ok(()) => return Ok(()),
        Err(RuleFault::NotAMotion) => ("poll.kind", "unsupported"),
        Err(RuleFault::Electorate) => ("poll.electorate", "unsupported"),
        Err(RuleFault::Secret) => ("poll.secrecy", "unsupported"),
        Err(RuleFault::LimitInvalid) => ("poll.rule.method.approval", "unknown"),
        Err(RuleFault::Matter) => ("poll.rule.method.matter", "unknown"),
        Err(RuleFault::FollowingBasis) => ("poll.rule.method.following.basis", "empty"),
        Err(RuleFault::BasisMissing) => ("poll.rule.basis", "empty"),
    };
    fault(path, what)
}

fn check_options(kind: &PollKind) -> Checked {
    let options = kind.options();
    if let PollKind::Motion = kind {
        return Ok(());
    }
    if options.len() < 2 {
        return fault("poll.options", "too_few");
    }
    if options.len() > limits::POLL_OPTIONS_MAX {
        return fault("poll.options", "too_many");
    }
    let mut seen: BTreeSet<&OptionId> = BTreeSet::new();
    for (index, option) in options.iter().enumerate() {
        let at = |field: &str| format!("poll.options.{index}.{field}");
        required(&at("text"), &option.text, limits::OPTION_CHARS_MAX)?;
        at_most(
            &at("detail"),
            &option.detail,
            limits::OPTION_DETAIL_CHARS_MAX,
        )?;
        if !seen.insert(&option.id) {
            return fault(&at("id"), "duplicate");
        }
    }
    match kind {
        PollKind::MultipleChoice { min, .. } if *min < 1 => fault("poll.min", "too_few"),
        PollKind::MultipleChoice { min, max, .. } if max < min => fault("poll.max", "too_few"),
        PollKind::MultipleChoice { max, .. } if *max as usize > options.len() => {
            fault("poll.max", "too_many")
        }
        _ => Ok(()),
    }
}

/// Whether a reason is one: 1 to [`REASON_CHARS_MAX`] characters that can be seen.
pub fn is_reason(text: &str) -> bool {
    required("reason", text, REASON_CHARS_MAX).is_ok()
}

/// Text of 1 to `chars_max` characters, not only spaces.
pub fn required(path: &str, text: &str, chars_max: usize) -> Checked {
    if crate::text::displayable(text).trim().is_empty() {
        return fault(path, "empty");
    }
    at_most(path, text, chars_max)
}

fn at_most(path: &str, text: &str, chars_max: usize) -> Checked {
    if text.chars().count() > chars_max {
        return fault(path, "too_long");
    }
    // Nobody writes it, and not every store can keep it.
    if text.contains('\0') {
        return fault(path, "unsupported");
    }
    Ok(())
}

fn fault(path: &str, fault: &'static str) -> Checked {
    Err(Fault {
        path: path.to_owned(),
        fault,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use linli_model::{
        Changes, PlaceId, PollId, PollOption, PollRule, ResultsVisibility, Secrecy, TopicId,
    };

    const NOW: UtcMs = 1_000_000;

    fn option(id: &str) -> PollOption {
        PollOption {
            id: OptionId::parse(id).unwrap(),
            text: id.to_owned(),
            detail: String::new(),
        }
    }

    fn draft() -> TopicDraft {
        TopicDraft {
            id: TopicId::parse("parking").unwrap(),
            place: PlaceId::parse("grid-1").unwrap(),
            lang: "zh-Hans".to_owned(),
            title: "停车".to_owned(),
            summary: String::new(),
            poll: Poll {
                id: PollId::parse("parking").unwrap(),
                question: String::new(),
                kind: PollKind::MultipleChoice {
                    options: vec![option("a"), option("b"), option("c")],
                    min: 1,
                    max: 2,
                },
                nature: PollNature::Consultation,
                electorate: Electorate::Households,
                credential: Credential::HouseholdCode,
                secrecy: Secrecy::Recorded,
                changes: Changes::UntilClosing,
                results: ResultsVisibility::AfterClosing,
                opens_at_ms: NOW - 1,
                closes_at_ms: NOW + 1,
                rule: None,
                work_bits: None,
            },
        }
    }

    fn rule(basis: String) -> PollRule {
        PollRule {
            article: String::new(),
            basis,
            method: None,
        }
    }

    fn options(draft: &mut TopicDraft) -> &mut Vec<PollOption> {
        match &mut draft.poll.kind {
            PollKind::MultipleChoice { options, .. } => options,
            _ => panic!("the sample has options"),
        }
    }

    #[test]
    fn faults_say_where_and_what() {
        type Break = fn(&mut TopicDraft);
        let cases: [(Break, &str, &str); 17] = [
            (
                |d| d.poll.work_bits = Some(18),
                "poll.work_bits",
                "unsupported",
            ),
            (|d| d.summary = "a\0b".into(), "summary", "unsupported"),
            (|d| d.title = " \u{200b}".into(), "title", "empty"),
            (|d| d.title = "长".repeat(121), "title", "too_long"),
            (|d| d.summary = "长".repeat(4_001), "summary", "too_long"),
            (|d| d.lang = "中文".into(), "lang", "unknown"),
            (|d| d.lang.clear(), "lang", "empty"),
            (
                |d| d.poll.question = "问".repeat(121),
                "poll.question",
                "too_long",
            ),
            (
                |d| d.poll.opens_at_ms = d.poll.closes_at_ms,
                "poll.closes_at_ms",
                "not_later",
            ),
            (
                |d| (d.poll.opens_at_ms, d.poll.closes_at_ms) = (1, NOW),
                "poll.closes_at_ms",
                "in_the_past",
            ),
            (
                |d| d.poll.credential = Credential::Device,
                "poll.credential",
                "unsupported",
            ),
            (|d| options(d).truncate(1), "poll.options", "too_few"),
            (
                |d| options(d)[2].text = "选".repeat(81),
                "poll.options.2.text",
                "too_long",
            ),
            (
                |d| options(d)[1].id = option("a").id,
                "poll.options.1.id",
                "duplicate",
            ),
            (
                |d| {
                    d.poll.kind = PollKind::MultipleChoice {
                        options: vec![option("a"), option("b")],
                        min: 1,
                        max: 3,
                    }
                },
                "poll.max",
                "too_many",
            ),
            (
                |d| d.poll.nature = PollNature::Formal,
                "poll.rule.basis",
                "empty",
            ),
            (
                |d| d.poll.rule = Some(rule("据".repeat(501))),
                "poll.rule.basis",
                "too_long",
            ),
        ];
        assert_eq!(check(&draft(), true, NOW), Ok(()));
        for (spoil, path, fault) in cases {
            let mut spoilt = draft();
            spoil(&mut spoilt);
            let told = check(&spoilt, true, NOW).unwrap_err();
            assert_eq!((told.path.as_str(), told.fault), (path, fault));
        }
        assert_eq!(check(&draft(), false, NOW).unwrap_err().path, "place");
        let mut quick = draft();
        (quick.poll.electorate, quick.poll.credential) = (Electorate::Devices, Credential::Device);
        for (bits, expected) in [
            (7, Some("too_few")),
            (8, None),
            (22, None),
            (23, Some("too_many")),
        ] {
            quick.poll.work_bits = Some(bits);
            let told = check(&quick, true, NOW).err().map(|fault| fault.fault);
            assert_eq!(told, expected, "{bits} bits");
        }
        let mut formal = draft();
        formal.poll.nature = PollNature::Formal;
        formal.poll.rule = Some(rule("居民自治章程第十二条".to_owned()));
        assert_eq!(check(&formal, true, NOW), Ok(()));
    }
}
