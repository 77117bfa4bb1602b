//! 代填: filling in for a voter, with the consent that was given.
//!
//! Who fills in must have asked: staff record who consented, how and when; somebody of
//! the household, who has its code, says what they are to the voter. Not in secret polls:
//! whoever fills in knows the choice, and the record would name a voter beside a ballot.

use super::{Caller, Recorded, Service, require_own_page};
use crate::privacy::{SealFault, map};
use crate::seal;
use crate::store::{Bearer, Failure, IssueGrant, Manner, OnBehalf, Recorder, StoredTopic};
use linli_model::{
    CastBallot, Choice, CommunityId, Electorate, GrantToken, IdempotencyKey, PlaceId, Refusal,
    Secrecy, TopicId, UtcMs,
};

/// Characters of a name or a relation.
const NAME_CHARS_MAX: usize = linli_model::desk::behalf::CONSENTER_CHARS_MAX;
/// Characters of the name of a member of staff.
const RECORDER_CHARS_MAX: usize = 64;

/// A household, as staff call it.
#[derive(Debug, Clone)]
pub struct VoterName {
    /// Its label.
    pub label: String,
    /// Its place; where it is absent, the label must be the only one that the topic
    /// concerns.
    pub place: Option<PlaceId>,
}

/// A voter's consent that somebody fills in for them.
#[derive(Debug, Clone)]
pub struct Consent {
    /// How it was given.
    pub manner: Manner,
    /// Who gave it, 1 to 40 characters.
    pub by: String,
    /// What the recorder is to the voter, at most 40 characters.
    pub relation: String,
    /// When it was given; not in the future.
    pub given_at_ms: UtcMs,
}

/// The record of one ballot that was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BehalfRecord {
    /// The household's label.
    pub label: String,
    /// Which of the household's ballots.
    pub revision: u32,
    /// Who filled it in.
    pub recorder: Recorder,
    /// How the voter consented.
    pub manner: Manner,
    /// Who consented; empty for family.
    pub consenter: String,
    /// What the recorder is to the voter.
    pub relation: String,
    /// When the voter consented.
    pub consented_at_ms: UtcMs,
    /// When it was recorded.
    pub recorded_at_ms: UtcMs,
}

impl Service {
    /// Records a ballot that staff fill in. The caller has made sure that `recorder` may.
    /// It replaces an earlier one that was filled in, never one that the household cast
    /// (`already_voted`); the household itself can replace it while the poll is open.
    pub async fn cast_on_behalf(
        &self,
        community: &CommunityId,
        topic: &TopicId,
        voter: VoterName,
        (key, choice): (IdempotencyKey, Choice),
        consent: Consent,
        recorder: &str,
    ) -> Result<Recorded, Failure> {
        let stored = self.fresh(topic).await?;
        if stored.topic.community.id != *community {
            return Err(Refusal::TopicUnknown.into());
        }
        require_fillable(&stored)?;
        let is_name = |text: &str, max| (1..=max).contains(&text.trim().chars().count());
        let is_known = is_name(&consent.by, NAME_CHARS_MAX)
            && is_name(recorder, RECORDER_CHARS_MAX)
            && consent.relation.chars().count() <= NAME_CHARS_MAX
            && consent.given_at_ms <= self.clock.now_ms();
        if !is_known {
            return Err(Refusal::Malformed.into());
        }
        let record_id = seal::hex(&seal::chance::<16>());
        let place = map::CONSENTER.of(community.as_str(), &record_id);
        let keys = self.field_keys()?;
        let sealed = keys.seal_text(place, consent.by.trim());
        let consenter = sealed.map_err(|fault| Failure::Fault(fault.to_string()))?;
        let on_behalf = OnBehalf {
            recorder: Recorder::Staff(recorder.to_owned()),
            manner: consent.manner,
            consenter: Some(consenter),
            record_id,
            relation: consent.relation,
            consented_at_ms: consent.given_at_ms,
        };
        let grant = self.grant_by_name(topic, voter).await?;
        let ballot = CastBallot {
            choice,
            secret: None,
        };
        self.record(topic, &grant, key, (ballot, Some(on_behalf)))
            .await
    }

    /// Casts or changes the household's ballot, marked as filled in by somebody of the
    /// household. The grant is one that its code gave.
    pub async fn cast_for_family(
        &self,
        topic: &TopicId,
        grant: &GrantToken,
        (key, choice): (IdempotencyKey, Choice),
        relation: &str,
        caller: Caller,
    ) -> Result<Recorded, Failure> {
        let stored = self.stored(topic).await?;
        require_own_page(&stored, caller)?;
        require_fillable(&stored)?;
        if !(1..=NAME_CHARS_MAX).contains(&relation.chars().count()) {
            return Err(Refusal::Malformed.into());
        }
        let on_behalf = OnBehalf {
            recorder: Recorder::Family,
            manner: Manner::InPerson,
            consenter: None,
            record_id: seal::hex(&seal::chance::<16>()),
            relation: relation.to_owned(),
            consented_at_ms: self.clock.now_ms(),
        };
        let ballot = CastBallot {
            choice,
            secret: None,
        };
        self.record(topic, grant, key, (ballot, Some(on_behalf)))
            .await
    }

    /// Who filled in for whom in the topic's poll; for staff.
    pub async fn on_behalf(&self, topic: &TopicId) -> Result<Vec<BehalfRecord>, Failure> {
        let stored = self.fresh(topic).await?;
        let rows = self.store.on_behalf(&stored).await?;
        let keys = self.field_keys()?;
        let community = stored.topic.community.id.as_str();
        let told = rows.into_iter().map(|row| {
            let place = map::CONSENTER.of(community, &row.on_behalf.record_id);
            let sealed = row.on_behalf.consenter.as_deref();
            let consenter = sealed.map(|sealed| keys.open_text(place, sealed));
            Ok(BehalfRecord {
                label: row.label,
                revision: row.revision,
                consenter: consenter.transpose()?.unwrap_or_default(),
                recorder: row.on_behalf.recorder,
                manner: row.on_behalf.manner,
                relation: row.on_behalf.relation,
                consented_at_ms: row.on_behalf.consented_at_ms,
                recorded_at_ms: row.recorded_at_ms,
            })
        });
        told.collect::<Result<_, SealFault>>()
            .map_err(|fault| Failure::Fault(fault.to_string()))
    }

    /// A grant for a household on the word of staff. It stays in this process.
    async fn grant_by_name(
        &self,
        topic: &TopicId,
        voter: VoterName,
    ) -> Result<GrantToken, Failure> {
        let token = seal::hex(&seal::chance::<32>());
        let issue = IssueGrant {
            topic: topic.clone(),
            bearer: Bearer::Household {
                label: voter.label,
                place: voter.place.map(String::from),
            },
            token_hash: seal::token_hash(&token),
            settle: Vec::new(),
            charge: Vec::new(),
            charged_left: Some(0),
        };
        match self.store.issue_grant(issue).await {
            Err(Failure::Refused(Refusal::CodeUnknown { .. })) => Err(Refusal::NotFound.into()),
            Err(other) => Err(other),
            Ok(_) => GrantToken::parse(&token).map_err(|e| Failure::Fault(e.to_string())),
        }
    }
}

pub(super) fn require_fillable(stored: &StoredTopic) -> Result<(), Refusal> {
    let poll = &stored.topic.poll;
    match (poll.secrecy, poll.electorate) {
        (Secrecy::Secret, _) => Err(Refusal::OnBehalfSecret),
        (Secrecy::Recorded, Electorate::Households) => Ok(()),
        // Others are not named by a household's label alone.
        (Secrecy::Recorded, _) => Err(Refusal::Unsupported),
    }
}
