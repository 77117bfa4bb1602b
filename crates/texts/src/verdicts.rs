//! A count in a person's words: the thresholds one by one, then what they come to.

use crate::{Catalog, Key, count as k, grouped};
use linli_model::{
    Base, Block, Bound, CountFault, Figures, Following, Measure, OptionId, Outcome, PollKind,
    PollResult, Ruling, Share, Silence, Stance, Step, Threshold, Total, Verdict,
};

/// A verdict, a line each: the rule, every total with its steps, the result, and what
/// keeps it from being certified.
pub fn verdict_lines(catalog: &Catalog, verdict: &Verdict) -> Vec<String> {
    let words = Words(catalog);
    let mut lines = vec![if verdict.article.is_empty() {
        words.text(k::BY_TEMPLATE)
    } else {
        catalog.fill(k::BY, &[("article", &verdict.article)])
    }];
    if let Some(max) = verdict.missing_area_max_csqm {
        let units = verdict.missing_areas.join(" · ");
        let count = u64::try_from(verdict.missing_areas.len()).unwrap_or(u64::MAX);
        let max = words.figure(Measure::Area, max);
        lines.push(catalog.count(k::MISSING, count, &[("max", &max), ("units", &units)]));
    }
    lines.push(words.text(k::TOTAL));
    words.total(&verdict.total, &mut lines);
    if let Some(following) = &verdict.following {
        words.following(following, &mut lines);
    }
    let ruling = words.text(ruling(verdict.ruling));
    lines.push(catalog.fill(k::VERDICT, &[("ruling", &ruling)]));
    lines.extend(verdict.blocks.iter().map(|why| words.text(block(*why))));
    lines
}

/// A poll of options or a motion, a line each.
pub fn result_lines(catalog: &Catalog, kind: &PollKind, result: &PollResult) -> Vec<String> {
    let words = Words(catalog);
    let name = |id: &OptionId| words.option(kind, id);
    let mut lines = vec![catalog.count(k::TURNOUT, result.turnout.cast, &[])];
    for count in &result.counts {
        let option = name(&count.option);
        lines.push(catalog.count(k::VOTES, count.votes, &[("option", &option)]));
    }
    let ruling = match &result.outcome {
        Outcome::NoBallots => words.text(k::NO_BALLOTS),
        Outcome::Leading { option } => catalog.fill(k::LEADING, &[("option", &name(option))]),
        Outcome::Tied { options } => {
            let names: Vec<String> = options.iter().map(name).collect();
            catalog.fill(k::TIED, &[("options", &names.join(" · "))])
        }
        Outcome::Carried => words.text(k::CARRIED),
        Outcome::Lost => words.text(k::LOST),
        Outcome::NotQuorate => words.text(k::NOT_QUORATE),
        Outcome::Undetermined => words.text(k::UNDETERMINED_OPEN),
        Outcome::Other => words.text(k::RULING_OTHER),
    };
    lines.push(catalog.fill(k::VERDICT, &[("ruling", &ruling)]));
    lines
}

/// Why something cannot be counted.
pub fn count_fault(catalog: &Catalog, fault: &CountFault) -> String {
    let text = |key: Key| catalog.text(key).to_owned();
    let unit = |key: Key, unit: &str| catalog.fill(key, &[("unit", unit)]);
    let owner = |key: Key, owner: &str| catalog.fill(key, &[("owner", owner)]);
    match fault {
        CountFault::LimitInvalid => text(k::LIMIT_INVALID),
        CountFault::MatterUnknown { matter } => {
            catalog.fill(k::MATTER_UNKNOWN, &[("matter", &matter.to_string())])
        }
        CountFault::ElectionElsewhere => text(k::ELECTION_ELSEWHERE),
        CountFault::TooManyBallots { ballots, eligible } => catalog.fill(
            k::TOO_MANY_BALLOTS,
            &[
                ("ballots", &grouped(*ballots)),
                ("eligible", &grouped(*eligible)),
            ],
        ),
        CountFault::ChoiceInvalid { .. } => text(k::CHOICE_INVALID),
        CountFault::TooLarge => text(k::TOO_LARGE),
        CountFault::FollowingBasisMissing => text(k::FOLLOWING_BASIS_MISSING),
        CountFault::NoUnits => text(k::NO_UNITS),
        CountFault::NoAreas => text(k::NO_AREAS),
        CountFault::UnitRepeated { unit: name } => unit(k::UNIT_REPEATED, name),
        CountFault::OwnerMissing { unit: name } => unit(k::OWNER_MISSING, name),
        CountFault::AreaTooLarge { unit: name } => unit(k::AREA_TOO_LARGE, name),
        CountFault::OwnerUnknown { owner: name } => owner(k::OWNER_UNKNOWN, name),
        CountFault::DeveloperHoldsNothing => text(k::DEVELOPER_HOLDS_NOTHING),
        CountFault::VoterAmbiguous { owner: name } => owner(k::VOTER_AMBIGUOUS, name),
        CountFault::BallotRepeated { owner: name } => owner(k::BALLOT_REPEATED, name),
        CountFault::DeveloperBallotRepeated => text(k::DEVELOPER_BALLOT_REPEATED),
        CountFault::TooManyMandates {
            proxy,
            mandates,
            max,
        } => catalog.fill(
            k::TOO_MANY_MANDATES,
            &[
                ("proxy", proxy),
                ("mandates", &grouped(*mandates)),
                ("max", &max.to_string()),
            ],
        ),
        CountFault::Other => text(k::FAULT_OTHER),
    }
}

fn ruling(ruling: Ruling) -> Key {
    match ruling {
        Ruling::NoBallots => k::NO_BALLOTS,
        Ruling::NotQuorate => k::NOT_QUORATE,
        Ruling::Carried => k::CARRIED,
        Ruling::Lost => k::LOST,
        Ruling::Undetermined {
            carried_at_worst: true,
            ..
        } => k::UNDETERMINED_CARRIED,
        Ruling::Undetermined {
            carried_at_best: true,
            ..
        } => k::UNDETERMINED_OPEN,
        Ruling::Undetermined { .. } => k::UNDETERMINED_LOST,
        Ruling::Other => k::RULING_OTHER,
    }
}

fn block(block: Block) -> Key {
    match block {
        Block::Consultation => k::CONSULTATION,
        Block::BasisMissing => k::BASIS_MISSING,
        Block::CitationMissing => k::CITATION_MISSING,
        Block::AreasMissing => k::AREAS_MISSING,
        Block::Other => k::BLOCK_OTHER,
    }
}

struct Words<'a>(&'a Catalog);

impl Words<'_> {
    fn text(&self, key: Key) -> String {
        self.0.text(key).to_owned()
    }

    fn following(&self, following: &Following, lines: &mut Vec<String>) {
        let values = [("basis", following.basis.as_str())];
        lines.push(self.0.fill(k::TOTAL_FOLLOWING, &values));
        lines.push(self.text(match following.silent {
            Silence::Apart => k::SILENT_APART,
            Silence::Follow => k::SILENT_FOLLOW,
            Silence::Participate => k::SILENT_PARTICIPATE,
        }));
        lines.push(self.text(match following.side {
            Some(Stance::Yes) => k::SIDE_YES,
            Some(Stance::No) => k::SIDE_NO,
            Some(Stance::Abstain) | None => k::SIDE_NONE,
        }));
        self.total(&following.total, lines);
    }

    fn total(&self, total: &Total, lines: &mut Vec<String>) {
        lines.push(self.figures(Measure::Heads, total.heads));
        lines.extend(
            total
                .area_csqm
                .map(|area| self.figures(Measure::Area, area)),
        );
        lines.extend(total.steps.iter().map(|step| self.step(step)));
        lines.push(self.text(ruling(total.ruling)));
    }

    fn figures(&self, measure: Measure, figures: Figures) -> String {
        let tell = |figure| self.figure(measure, figure);
        self.0.fill(
            k::FIGURES,
            &[
                ("measure", &self.measure(measure)),
                ("yes", &tell(figures.yes)),
                ("no", &tell(figures.no)),
                ("abstain", &tell(figures.abstain)),
                ("follow", &tell(figures.follow)),
                ("silent", &tell(figures.silent)),
            ],
        )
    }

    fn step(&self, step: &Step) -> String {
        let tell = |figure| self.figure(step.measure, figure);
        let name = match step.threshold {
            Threshold::Participation => k::PARTICIPATION,
            Threshold::Approval => k::APPROVAL,
            Threshold::Other => k::OTHER_THRESHOLD,
        };
        let base = match step.base_of {
            Base::Eligible => k::BASE_ELIGIBLE,
            Base::Participating => k::BASE_PARTICIPATING,
        };
        let limit = match step.limit.bound {
            Bound::AtLeast => k::AT_LEAST,
            Bound::MoreThan => k::MORE_THAN,
        };
        let share = format!("{}/{}", step.limit.numerator, step.limit.denominator);
        self.0.fill(
            k::STEP,
            &[
                (
                    "name",
                    &self
                        .0
                        .fill(name, &[("measure", &self.measure(step.measure))]),
                ),
                ("value", &tell(step.value)),
                ("base", &self.0.fill(base, &[("base", &tell(step.base))])),
                ("limit", &self.0.fill(limit, &[("share", &share)])),
                ("needed", &tell(step.needed)),
                ("outcome", &self.outcome(step)),
            ],
        )
    }

    fn outcome(&self, step: &Step) -> String {
        let tell = |figure| self.figure(step.measure, figure);
        let share = |share: Share| format!("{} / {}", tell(share.value), tell(share.base));
        let Some(range) = step.range else {
            return if step.passed {
                self.text(k::PASSED)
            } else {
                self.0.fill(k::SHORT, &[("short", &tell(step.short))])
            };
        };
        let key = match (step.passed, range.passed_at_most) {
            (true, _) => k::PASSED_OPEN,
            (false, true) => k::OPEN,
            (false, false) => k::FAILED_OPEN,
        };
        let (least, most) = (share(range.least), share(range.most));
        self.0.fill(key, &[("least", &least), ("most", &most)])
    }

    fn measure(&self, measure: Measure) -> String {
        self.text(match measure {
            Measure::Heads | Measure::Other => k::HEADS,
            Measure::Area => k::AREA,
        })
    }

    fn figure(&self, measure: Measure, figure: u64) -> String {
        match measure {
            Measure::Heads => self.0.count(k::HEADS_N, figure, &[]),
            Measure::Area => {
                let metres = format!("{}.{:02}", grouped(figure / 100), figure % 100);
                self.0.fill(k::AREA_N, &[("n", &metres)])
            }
            Measure::Other => grouped(figure),
        }
    }

    fn option(&self, kind: &PollKind, id: &OptionId) -> String {
        let written = kind.options().iter().find(|option| option.id == *id);
        match (written, Stance::parse(id.as_str())) {
            (Some(option), _) => option.text.clone(),
            (None, Some(Stance::Yes)) => self.text(k::YES),
            (None, Some(Stance::No)) => self.text(k::NO),
            (None, Some(Stance::Abstain)) => self.text(k::ABSTAIN),
            (None, None) => id.as_str().to_owned(),
        }
    }
}
