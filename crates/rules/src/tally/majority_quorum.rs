//! Majority with quorum: enough of the voters take part, and enough agree. Abstentions
//! take part. Both shares, whether the figure itself is enough, and what approval is a
//! share of, are data: villagers', residents' and members' meetings differ in nothing else.

use super::steps::{self, Spread};
use linli_model::{
    Base, Block, Citation, CountFault, Figures, MajorityCount, Measure, PollNature, Ruling,
    Threshold, Total, Verdict,
};

/// The rule's name on the wire.
pub const NAME: &str = "majority_with_quorum";

/// Counts, or says everything that stands in the way.
pub fn count(given: &MajorityCount) -> Result<Verdict, Vec<CountFault>> {
    let cast = check(given)?;
    let rule = &given.rule;
    let mut steps = Vec::new();
    if let Some(limit) = rule.participation {
        let share = Spread::exact(cast, given.eligible);
        steps.push(steps::step(
            Threshold::Participation,
            Measure::Heads,
            Base::Eligible,
            limit,
            share,
        ));
    }
    let base = match rule.approval_base {
        Base::Eligible => given.eligible,
        Base::Participating => cast,
    };
    steps.push(steps::step(
        Threshold::Approval,
        Measure::Heads,
        rule.approval_base,
        rule.approval,
        Spread::exact(given.yes, base),
    ));
    let ruling = if cast == 0 {
        Ruling::NoBallots
    } else {
        steps::ruling(&steps)
    };
    let heads = Figures {
        yes: given.yes,
        no: given.no,
        abstain: given.abstain,
        follow: 0,
        silent: given.eligible - cast,
    };
    let citation = rule.citation.as_ref().filter(|citation| is_whole(citation));
    Ok(Verdict {
        rule: NAME.to_owned(),
        article: citation.map_or_else(String::new, |citation| citation.article.clone()),
        ruling,
        total: Total {
            ruling,
            heads,
            area_csqm: None,
            steps,
        },
        following: None,
        missing_areas: Vec::new(),
        missing_area_max_csqm: None,
        blocks: blocks(given.nature, &given.basis, citation.is_some()),
    })
}

/// A citation without its article or its date is none.
fn is_whole(citation: &Citation) -> bool {
    !citation.article.trim().is_empty() && !citation.in_force_from.trim().is_empty()
}

fn blocks(nature: PollNature, basis: &str, is_cited: bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    match nature {
        PollNature::Consultation => blocks.push(Block::Consultation),
        PollNature::Formal if basis.trim().is_empty() => blocks.push(Block::BasisMissing),
        PollNature::Formal => {}
    }
    if !is_cited {
        blocks.push(Block::CitationMissing);
    }
    blocks
}

/// The number of ballots.
fn check(given: &MajorityCount) -> Result<u64, Vec<CountFault>> {
    let mut faults = Vec::new();
    let limits = given
        .rule
        .participation
        .iter()
        .chain([&given.rule.approval]);
    if !limits.copied().all(steps::is_valid) {
        faults.push(CountFault::LimitInvalid);
    }
    let cast = given
        .yes
        .checked_add(given.no)
        .and_then(|sum| sum.checked_add(given.abstain));
    match cast {
        None => faults.push(CountFault::TooLarge),
        Some(ballots) if ballots > given.eligible => faults.push(CountFault::TooManyBallots {
            ballots,
            eligible: given.eligible,
        }),
        Some(ballots) if faults.is_empty() => return Ok(ballots),
        Some(_) => {}
    }
    Err(faults)
}
