//! A poll as it is being written: what the fields hold, and the draft that they make.
//!
//! What is wrong is said with the wire's own paths and words, so that the server's
//! refusal and ours stand at the same field. The server decides again.

use crate::rule::{Method, RuleDraft};
use crate::zone;
use linli_model::desk::{PollView, TopicDraft};
use linli_model::limits::{
    OPTION_CHARS_MAX, OPTION_DETAIL_CHARS_MAX, POLL_OPTIONS_MAX, SUMMARY_CHARS_MAX, TITLE_CHARS_MAX,
};
use linli_model::{
    Changes, Credential, Electorate, OptionId, PlaceId, Poll, PollId, PollKind, PollNature,
    PollOption, ResultsVisibility, Secrecy, TopicId, UtcMs,
};
use linli_rules::tally::decision::{self, RuleFault};

/// A poll that nobody has saved lasts this long unless told otherwise.
const LASTS_MS: i64 = 7 * 86_400_000;
/// Opening is proposed for the next full hour.
const HOUR_MS: i64 = 3_600_000;
/// Characters in what a formal poll rests on.
pub const BASIS_CHARS_MAX: usize = 500;
/// Fewest options worth a vote.
const OPTIONS_MIN: usize = 2;

/// How the choice is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For, against, abstain.
    Motion,
    /// One of several.
    Single,
    /// Several of several.
    Multiple,
}

/// One option as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionDraft {
    /// Stays with it, wherever it is moved.
    pub id: String,
    /// Its name.
    pub text: String,
    /// More about it.
    pub detail: String,
}

/// What does not fit, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// `title`, `poll.options.3.text` …
    pub path: String,
    /// `empty`, `too_long` …
    pub fault: String,
}

/// The fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Editor {
    /// The draft that is written anew; absent for a new one.
    pub topic: Option<TopicId>,
    /// Name in the address.
    pub id: String,
    /// What is asked.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// The place's identifier; empty while none is chosen.
    pub place: String,
    /// BCP 47 tag of what is written.
    pub lang: String,
    /// How the choice is made.
    pub kind: Kind,
    /// In the order shown. Kept while the kind has none.
    pub options: Vec<OptionDraft>,
    /// Fewest to choose, as typed.
    pub min: String,
    /// Most to choose, as typed.
    pub max: String,
    /// Whether it binds.
    pub nature: PollNature,
    /// On what a formal one rests; kept while it is none.
    pub basis: String,
    /// By what it is decided.
    pub rule: RuleDraft,
    /// The work that each device does first; kept while others than devices vote.
    pub work_bits: Option<u32>,
    /// Who votes.
    pub electorate: Electorate,
    /// How they are known.
    pub credential: Credential,
    /// Who sees it.
    pub secrecy: Secrecy,
    /// Whether it can be changed.
    pub changes: Changes,
    /// When results are shown.
    pub results: ResultsVisibility,
    /// In the community's time zone, as a field holds it.
    pub opens_at: String,
    /// The same.
    pub closes_at: String,
    /// What did not fit when it was last to be saved.
    pub misfits: Vec<Misfit>,
    /// Something was typed since it was opened.
    pub touched: bool,
}

impl Editor {
    /// A new one. `chance` makes its name in the address.
    pub fn blank(now_ms: UtcMs, zone: &str, chance: &[u8; 16]) -> Self {
        let opens_at_ms = (now_ms / HOUR_MS + 1) * HOUR_MS;
        let day: String = zone::to_field(now_ms, zone)
            .chars()
            .filter(char::is_ascii_digit)
            .take(8)
            .collect();
        let mut blank = Self {
            topic: None,
            id: format!("vote-{day}-{:02x}{:02x}", chance[0], chance[1]),
            title: String::new(),
            summary: String::new(),
            place: String::new(),
            lang: "zh-Hans".to_owned(),
            kind: Kind::Single,
            options: Vec::new(),
            min: "1".to_owned(),
            max: "2".to_owned(),
            nature: PollNature::Consultation,
            basis: String::new(),
            rule: RuleDraft::of(None),
            work_bits: None,
            electorate: Electorate::Households,
            credential: Credential::HouseholdCode,
            secrecy: Secrecy::Recorded,
            changes: Changes::UntilClosing,
            results: ResultsVisibility::AfterClosing,
            opens_at: zone::to_field(opens_at_ms, zone),
            closes_at: zone::to_field(opens_at_ms + LASTS_MS, zone),
            misfits: Vec::new(),
            touched: false,
        };
        blank.add_option();
        blank.add_option();
        blank
    }

    /// A draft that exists.
    pub fn of(view: &PollView) -> Self {
        let (topic, poll) = (&view.topic, &view.topic.poll);
        let zone = &topic.community.time_zone;
        let (kind, min, max) = match &poll.kind {
            PollKind::Motion => (Kind::Motion, 1, 2),
            PollKind::SingleChoice { .. } => (Kind::Single, 1, 2),
            PollKind::MultipleChoice { min, max, .. } => (Kind::Multiple, *min, *max),
        };
        let options = poll.kind.options().iter().map(|option| OptionDraft {
            id: option.id.to_string(),
            text: option.text.clone(),
            detail: option.detail.clone(),
        });
        let mut editor = Self {
            topic: Some(topic.id.clone()),
            id: topic.id.to_string(),
            title: topic.title.clone(),
            summary: topic.summary.clone(),
            place: topic.place.id.to_string(),
            lang: topic.lang.clone(),
            kind,
            options: options.collect(),
            min: min.to_string(),
            max: max.to_string(),
            nature: poll.nature,
            basis: poll
                .rule
                .as_ref()
                .map_or_else(String::new, |rule| rule.basis.clone()),
            rule: RuleDraft::of(poll.rule.as_ref()),
            work_bits: poll.work_bits,
            electorate: poll.electorate,
            credential: poll.credential,
            secrecy: poll.secrecy,
            changes: poll.changes,
            results: poll.results,
            opens_at: zone::to_field(poll.opens_at_ms, zone),
            closes_at: zone::to_field(poll.closes_at_ms, zone),
            misfits: Vec::new(),
            touched: false,
        };
        while editor.options.len() < OPTIONS_MIN {
            editor.add_option();
        }
        editor
    }

    /// One more option, with a name that none has.
    pub fn add_option(&mut self) {
        if self.options.len() >= POLL_OPTIONS_MAX {
            return;
        }
        let is_taken = |id: &String| self.options.iter().any(|option| option.id == *id);
        let id = (1..).map(|n| format!("o{n}")).find(|id| !is_taken(id));
        self.options.push(OptionDraft {
            id: id.unwrap_or_default(),
            text: String::new(),
            detail: String::new(),
        });
    }

    /// Takes one away, as long as enough are left.
    pub fn remove_option(&mut self, index: usize) {
        if self.options.len() > OPTIONS_MIN && index < self.options.len() {
            self.options.remove(index);
        }
    }

    /// Moves one up or down; gives where it is now.
    pub fn move_option(&mut self, index: usize, up: bool) -> usize {
        let other = if up {
            index.checked_sub(1)
        } else {
            index.checked_add(1)
        };
        match other.filter(|other| *other < self.options.len()) {
            Some(other) if index < self.options.len() => {
                self.options.swap(index, other);
                other
            }
            _ => index,
        }
    }

    /// Whether options can be added.
    pub fn has_room(&self) -> bool {
        self.options.len() < POLL_OPTIONS_MAX
    }

    /// Whether options can be taken away.
    pub fn can_remove(&self) -> bool {
        self.options.len() > OPTIONS_MIN
    }

    /// What does not fit at `path`, where something does not.
    pub fn fault(&self, path: &str) -> Option<&str> {
        let is_here = |misfit: &&Misfit| {
            // The server names paths from the command's root.
            misfit.path == path || misfit.path.strip_prefix("topic.") == Some(path)
        };
        let misfit = self.misfits.iter().find(is_here)?;
        Some(&misfit.fault)
    }

    /// The draft, or everything that does not fit.
    pub fn draft(&self, now_ms: UtcMs, zone: &str) -> Result<TopicDraft, Vec<Misfit>> {
        let mut check = Check::default();
        let id = check.or_unknown("id", TopicId::parse(self.id.trim()).ok());
        let place = check.or_empty("place", PlaceId::parse(&self.place).ok());
        check.text("title", &self.title, 1, TITLE_CHARS_MAX);
        check.text("summary", &self.summary, 0, SUMMARY_CHARS_MAX);
        let kind = self.poll_kind(&mut check);
        let basis = match self.nature {
            PollNature::Consultation => "",
            PollNature::Formal => {
                check.text("poll.rule.basis", &self.basis, 1, BASIS_CHARS_MAX);
                self.basis.trim()
            }
        };
        let opens = zone::from_field(&self.opens_at, zone);
        let closes = zone::from_field(&self.closes_at, zone);
        let opens_at_ms = check.or_empty("poll.opens_at_ms", opens);
        let closes_at_ms = check.or_empty("poll.closes_at_ms", closes);
        if let (Some(opens_at_ms), Some(closes_at_ms)) = (opens_at_ms, closes_at_ms) {
            if closes_at_ms <= opens_at_ms {
                check.say("poll.closes_at_ms", "not_later");
            } else if closes_at_ms <= now_ms {
                check.say("poll.closes_at_ms", "in_the_past");
            }
        }
        let poll_id = PollId::parse(self.id.trim()).ok();
        match (id, place, poll_id, opens_at_ms, closes_at_ms) {
            (Some(id), Some(place), Some(poll_id), Some(opens_at_ms), Some(closes_at_ms))
                if check.misfits.is_empty() =>
            {
                let draft = TopicDraft {
                    id,
                    place,
                    lang: self.lang.clone(),
                    title: self.title.trim().to_owned(),
                    summary: self.summary.trim().to_owned(),
                    poll: Poll {
                        id: poll_id,
                        question: String::new(),
                        kind,
                        nature: self.nature,
                        electorate: self.electorate,
                        credential: self.credential,
                        secrecy: self.secrecy,
                        changes: self.changes,
                        results: self.results,
                        opens_at_ms,
                        closes_at_ms,
                        rule: self.rule.rule(self.nature == PollNature::Formal, basis),
                        work_bits: self.work_bits.filter(|_| self.is_of_devices()),
                    },
                };
                // What is said above is said for all fields at once; what the server will
                // ask as well has the last word.
                match linli_rules::draft::check(&draft, true, now_ms) {
                    Ok(()) => Ok(draft),
                    Err(fault) => {
                        check.say(&fault.path, fault.fault);
                        Err(check.misfits)
                    }
                }
            }
            _ => Err(check.misfits),
        }
    }

    /// Whether nothing but the device tells voters apart: the only polls that ask for work.
    pub fn is_of_devices(&self) -> bool {
        self.credential == Credential::Device
    }

    /// Why `method` does not go with what else is chosen, where it does not.
    pub fn misfit_of(&self, method: Method) -> Option<RuleFault> {
        let method = self.rule.method(method)?;
        let is_motion = self.kind == Kind::Motion;
        decision::fits(&method, is_motion, self.electorate, self.secrecy).err()
    }

    fn poll_kind(&self, check: &mut Check) -> PollKind {
        if self.kind == Kind::Motion {
            return PollKind::Motion;
        }
        let mut options = Vec::new();
        for (index, option) in self.options.iter().enumerate() {
            let at = |field: &str| format!("poll.options.{index}.{field}");
            let text = option.text.trim();
            check.text(&at("text"), text, 1, OPTION_CHARS_MAX);
            check.text(&at("detail"), &option.detail, 0, OPTION_DETAIL_CHARS_MAX);
            let earlier = self.options.iter().take(index);
            if !text.is_empty() && earlier.into_iter().any(|other| other.text.trim() == text) {
                check.say(&at("text"), "duplicate");
            }
            if let Ok(id) = OptionId::parse(&option.id) {
                options.push(PollOption {
                    id,
                    text: text.to_owned(),
                    detail: option.detail.trim().to_owned(),
                });
            }
        }
        if self.kind == Kind::Single {
            return PollKind::SingleChoice { options };
        }
        let number = |text: &str| text.trim().parse::<u32>().ok().filter(|n| *n > 0);
        let count = u32::try_from(options.len()).unwrap_or(u32::MAX);
        let min = check.or_empty("poll.min", number(&self.min)).unwrap_or(1);
        let max = check.or_empty("poll.max", number(&self.max)).unwrap_or(1);
        if max > count {
            check.say("poll.max", "too_many");
        } else if min > max {
            check.say("poll.max", "too_few");
        }
        PollKind::MultipleChoice { options, min, max }
    }
}

#[derive(Default)]
struct Check {
    misfits: Vec<Misfit>,
}

impl Check {
    fn say(&mut self, path: &str, fault: &str) {
        self.misfits.push(Misfit {
            path: path.to_owned(),
            fault: fault.to_owned(),
        });
    }

    fn text(&mut self, path: &str, text: &str, min: usize, max: usize) {
        let chars = text.trim().chars().count();
        if chars < min {
            self.say(path, "empty");
        } else if chars > max {
            self.say(path, "too_long");
        }
    }

    fn or_empty<T>(&mut self, path: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.say(path, "empty");
        }
        value
    }

    fn or_unknown<T>(&mut self, path: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.say(path, "unknown");
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMs = 1_790_000_000_000;

    fn filled() -> Editor {
        let mut editor = Editor::blank(NOW, "Asia/Shanghai", &[7; 16]);
        editor.title = "东门几点关".to_owned();
        editor.place = "grid-1".to_owned();
        for (option, text) in editor.options.iter_mut().zip(["22:00", "23:00"]) {
            option.text = text.to_owned();
        }
        editor
    }

    /// The server's own rule has the last word, also where no field asks by itself.
    #[test]
    fn choices_that_do_not_go_together_are_told_before_they_are_sent() {
        let draft = |editor: &Editor| editor.draft(NOW, "Asia/Shanghai");
        assert!(draft(&filled()).is_ok());
        let mut formal = filled();
        formal.nature = PollNature::Formal;
        formal.basis = "章程第三条".to_owned();
        let kept = draft(&formal).unwrap().poll.rule.unwrap();
        assert_eq!(
            (kept.article.as_str(), kept.basis.as_str()),
            ("", "章程第三条")
        );
        formal.electorate = Electorate::Devices;
        formal.credential = Credential::Device;
        let misfits = draft(&formal).unwrap_err();
        let told: Vec<_> = misfits.iter().map(|m| (&*m.path, &*m.fault)).collect();
        assert_eq!(told, [("poll.electorate", "unsupported")]);
    }
    #[test]
    fn a_method_is_chosen_and_goes_with_the_rest() {
        let draft = |editor: &Editor| editor.draft(NOW, "Asia/Shanghai");
        let mut editor = filled();
        assert_eq!(
            editor.misfit_of(Method::Quorum),
            Some(RuleFault::NotAMotion)
        );
        editor.kind = Kind::Motion;
        assert_eq!(editor.misfit_of(Method::Quorum), None);
        assert_eq!(
            editor.misfit_of(Method::Owners),
            Some(RuleFault::Electorate)
        );
        editor.rule.method = Method::Owners;
        let misfits = draft(&editor).unwrap_err();
        assert_eq!(misfits[0].path, "poll.electorate");
        editor.electorate = Electorate::Owners;
        editor.rule.matter = "7".to_owned();
        let rule = draft(&editor).unwrap().poll.rule.unwrap();
        assert!(matches!(
            rule.method,
            Some(linli_model::RuleMethod::OwnersCivilCode278 { matter: 7, .. })
        ));
        editor.secrecy = Secrecy::Secret;
        assert_eq!(editor.misfit_of(Method::Owners), Some(RuleFault::Secret));
        editor.rule.method = Method::Most;
        assert_eq!(draft(&editor).unwrap().poll.rule, None);
    }
}
