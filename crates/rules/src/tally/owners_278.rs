//! The owners' dual count: Civil Code article 278, by exclusive area and by heads.
//!
//! - Owners with at least two thirds of the area, and of the heads, take part. Items 6–8
//!   need at least three quarters of the participating area and heads; the other items
//!   more than half of both (以上 includes the figure, 过 does not: article 1259).
//! - Area is the registry's, else the survey's, else the contract's (judicial
//!   interpretation of owners' rights, article 8). A figure of zero is no figure. Without
//!   any there is no answer in law: the shares are given as ranges.
//! - Heads (article 9 there): one per exclusive part, but one buyer's several parts are
//!   one head, and so is all that the developer has not sold or not handed over.
//! - 从众 counts with the majority where the owners' own rules say so, and both totals
//!   are given. What is followed is the side with more than half of the area *and* of the
//!   heads of those who took a side or abstained; where there is none, nobody follows.
//! - Item 3, electing or recalling the committee, has a procedure of its own and is not
//!   counted here.

mod roll;

use super::steps::{self, Spread};
use linli_model::{
    Base, Block, Bound, CountFault, Figures, Following, FollowingRule, Limit, Measure, OwnersCount,
    PollNature, Ruling, Share, Silence, Stance, Step, Threshold, Total, Verdict,
};
use roll::{Class, Classes};

/// The rule's name on the wire.
pub const NAME: &str = "owners_civil_code_278";

/// Second paragraph, first sentence: 三分之二以上.
pub(super) const PARTICIPATION: Limit = limit(2, 3, Bound::AtLeast);
/// Second paragraph, second sentence: 四分之三以上.
const SPECIAL: Limit = limit(3, 4, Bound::AtLeast);
/// Second paragraph, third sentence: 过半数. Also what makes a majority to follow.
const ORDINARY: Limit = limit(1, 2, Bound::MoreThan);

const fn limit(numerator: u32, denominator: u32, bound: Bound) -> Limit {
    Limit {
        numerator,
        denominator,
        bound,
    }
}

/// Counts, or says everything that stands in the way.
pub fn count(given: &OwnersCount) -> Result<Verdict, Vec<CountFault>> {
    let roll = roll::read(given)?;
    let approval = approval(given.matter);
    let counter = Counter {
        classes: roll.classes,
        missing_max: roll.missing_max,
        is_open: !roll.missing.is_empty(),
        approval,
    };
    let total = counter.total(None, Silence::Apart);
    let following = given.following.as_ref().map(|rule| counter.following(rule));
    Ok(Verdict {
        rule: NAME.to_owned(),
        article: article(given.matter),
        ruling: following.as_ref().map_or(total.ruling, |f| f.total.ruling),
        total,
        following,
        missing_area_max_csqm: (counter.is_open).then_some(roll.missing_max),
        blocks: blocks(given, counter.is_open),
        missing_areas: roll.missing,
    })
}

/// What of the participating areas and heads must agree.
pub(super) const fn approval(matter: u32) -> Limit {
    if matches!(matter, 6..=8) {
        SPECIAL
    } else {
        ORDINARY
    }
}

/// The article as it is cited: 第二百七十八条第一款第（七）项.
pub fn article(matter: u32) -> String {
    const NUMERALS: [&str; 10] = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let item = usize::try_from(matter).ok();
    let item = item.and_then(|item| NUMERALS.get(item)).unwrap_or(&"");
    format!("《中华人民共和国民法典》第二百七十八条第一款第（{item}）项")
}

fn blocks(given: &OwnersCount, is_open: bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    match given.nature {
        PollNature::Consultation => blocks.push(Block::Consultation),
        PollNature::Formal if given.basis.trim().is_empty() => blocks.push(Block::BasisMissing),
        PollNature::Formal => {}
    }
    if is_open {
        blocks.push(Block::AreasMissing);
    }
    blocks
}

struct Counter {
    classes: Classes,
    /// What a missing area is at most.
    missing_max: u64,
    /// Whether any area is missing.
    is_open: bool,
    approval: Limit,
}

/// Which side followers join.
enum Majority {
    None,
    Sure(Stance),
    /// Missing areas leave open whether this side has it. The other cannot: heads are
    /// known. Figures are then those of nobody following; ranges hold for either case.
    Open(Stance),
}

impl Counter {
    fn following(&self, rule: &FollowingRule) -> Following {
        let (side, total) = match self.majority() {
            Majority::None => (None, self.total(None, rule.silent)),
            Majority::Sure(side) => (Some(side), self.total(Some(side), rule.silent)),
            Majority::Open(side) => {
                let mut total = self.total(None, rule.silent);
                let other = self.total(Some(side), rule.silent);
                let pairs = total.steps.into_iter().zip(&other.steps);
                total.steps = pairs
                    .map(|(one, other)| steps::either(one, other))
                    .collect();
                total.ruling = self.ruling(&total.steps);
                (None, total)
            }
        };
        Following {
            basis: rule.basis.clone(),
            silent: rule.silent,
            side,
            total,
        }
    }

    fn majority(&self) -> Majority {
        let Classes {
            yes, no, abstain, ..
        } = self.classes;
        for (stance, this, rest) in [
            (Stance::Yes, yes, no + abstain),
            (Stance::No, no, yes + abstain),
        ] {
            let heads = Share {
                value: this.heads,
                base: this.heads + rest.heads,
            };
            let area = self.area(this, rest);
            if steps::passes(ORDINARY, heads) {
                return match (
                    steps::passes(ORDINARY, area.least),
                    steps::passes(ORDINARY, area.most),
                ) {
                    (true, _) => Majority::Sure(stance),
                    (false, true) => Majority::Open(stance),
                    (false, false) => Majority::None,
                };
            }
        }
        Majority::None
    }

    /// Counts with `side` followed, if any.
    fn total(&self, side: Option<Stance>, silent: Silence) -> Total {
        let answered = self.classes;
        let counted = answered.followed(side, silent);
        let quorum = match silent {
            Silence::Participate => counted,
            Silence::Apart | Silence::Follow => answered,
        };
        let mut steps = Vec::new();
        self.push(
            &mut steps,
            Threshold::Participation,
            PARTICIPATION,
            quorum.participating(),
            quorum.silent,
        );
        let against = counted.no + counted.abstain + counted.follow;
        self.push(
            &mut steps,
            Threshold::Approval,
            self.approval,
            counted.yes,
            against,
        );
        Total {
            ruling: self.ruling(&steps),
            heads: counted.figures(|class| class.heads),
            area_csqm: Some(counted.figures(|class| class.known_csqm)),
            steps,
        }
    }

    /// Area first, as in the law.
    fn push(
        &self,
        steps: &mut Vec<Step>,
        threshold: Threshold,
        limit: Limit,
        part: Class,
        rest: Class,
    ) {
        let base_of = match threshold {
            Threshold::Participation => Base::Eligible,
            _ => Base::Participating,
        };
        let heads = Spread::exact(part.heads, part.heads + rest.heads);
        for (measure, share) in [
            (Measure::Area, self.area(part, rest)),
            (Measure::Heads, heads),
        ] {
            steps.push(steps::step(threshold, measure, base_of, limit, share));
        }
    }

    /// The part's share of the area: least when its missing areas are nothing and the
    /// rest's are all they can be, greatest the other way round.
    fn area(&self, part: Class, rest: Class) -> Spread {
        let most = |class: Class| class.known_csqm + class.missing * self.missing_max;
        let share = |value: u64, rest: u64| Share {
            value,
            base: value + rest,
        };
        Spread {
            known: share(part.known_csqm, rest.known_csqm),
            least: share(part.known_csqm, most(rest)),
            most: share(most(part), rest.known_csqm),
        }
    }

    fn ruling(&self, steps: &[Step]) -> Ruling {
        if self.classes.participating().heads == 0 {
            Ruling::NoBallots
        } else if self.is_open {
            steps::open_ruling(steps)
        } else {
            steps::ruling(steps)
        }
    }
}

impl Classes {
    fn participating(self) -> Class {
        self.yes + self.no + self.abstain + self.follow
    }

    /// With whoever follows moved to `side`.
    fn followed(mut self, side: Option<Stance>, silent: Silence) -> Self {
        let mut followers = self.follow;
        if silent != Silence::Apart {
            followers = followers + self.silent;
        }
        match side {
            Some(Stance::Yes) => self.yes = self.yes + followers,
            Some(Stance::No) => self.no = self.no + followers,
            Some(Stance::Abstain) | None => return self,
        }
        self.follow = Class::default();
        if silent != Silence::Apart {
            self.silent = Class::default();
        }
        self
    }

    fn figures(self, of: impl Fn(Class) -> u64) -> Figures {
        Figures {
            yes: of(self.yes),
            no: of(self.no),
            abstain: of(self.abstain),
            follow: of(self.follow),
            silent: of(self.silent),
        }
    }
}
