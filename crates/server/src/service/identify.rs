//! From a proof to a grant.

use super::{Caller, IdentifyFailure, Page, Service, require_own_page, work};
use crate::identity::attempts::{Limit, PER_CLIENT, PER_CODE};
use crate::identity::codes::Code;
use crate::identity::contact::Contact;
use crate::identity::host_token::{self, TokenFault, Unverified, Who};
use crate::identity::{client, otp};
use crate::seal;
use crate::store::{
    Bearer, Charge, Failure, IssueGrant, StoredTopic, Subject, TokenBearer, TokenVoter,
};
use linli_model::desk::roll::RollKind;
use linli_model::{
    Credential, Electorate, Grant, GrantToken, Poll, Proof, Refusal, TopicId, limits,
};
use linli_rules::phase;

/// What is shown beside a proof.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown<'a> {
    /// The page's origin: tokens of host sites are good on their own pages.
    pub origin: Option<&'a str>,
    /// A challenge with what was done for it, where the poll asks for work.
    pub work: Option<&'a str>,
}

impl Service {
    /// Turns a proof into a grant for the topic's poll.
    pub async fn identify(
        &self,
        topic: &TopicId,
        proof: &Proof,
        caller: Caller,
    ) -> Result<Grant, Failure> {
        self.identify_from(topic, proof, caller, Shown::default())
            .await
            .map_err(Failure::from)
    }

    /// The same with a grant that the caller can make again: a form that is sent twice
    /// shows a one-time password twice, and finds its grant by itself the second time.
    pub async fn identify_as(
        &self,
        topic: &TopicId,
        proof: &Proof,
        caller: Caller,
        shown: Shown<'_>,
        token: GrantToken,
    ) -> Result<Grant, IdentifyFailure> {
        self.issue(topic, proof, (caller, shown), token).await
    }

    /// The same with what is shown beside the proof.
    pub async fn identify_from(
        &self,
        topic: &TopicId,
        proof: &Proof,
        caller: Caller,
        shown: Shown<'_>,
    ) -> Result<Grant, IdentifyFailure> {
        let token = seal::hex(&seal::chance::<32>());
        let token = GrantToken::parse(&token).map_err(|e| Failure::Fault(e.to_string()))?;
        self.issue(topic, proof, (caller, shown), token).await
    }

    async fn issue(
        &self,
        topic: &TopicId,
        proof: &Proof,
        (caller, shown): (Caller, Shown<'_>),
        token: GrantToken,
    ) -> Result<Grant, IdentifyFailure> {
        let stored = self.stored(topic).await?;
        require_own_page(&stored, caller)?;
        // The transaction asks again; this spares the slow hash when it is plainly late.
        phase::require_open(&stored.topic.poll, self.clock.now_ms())?;
        require_strength(&stored.topic.poll, proof)?;
        let mut issue = IssueGrant {
            topic: topic.clone(),
            bearer: Bearer::Device([0; 32]),
            token_hash: seal::token_hash(token.as_str()),
            settle: Vec::new(),
            charge: Vec::new(),
            charged_left: None,
        };
        match proof {
            Proof::Device { device } => {
                let device = seal::device_hash(&stored.topic, device.as_bytes());
                issue.bearer = self.device_bearer(&stored, device, shown.work, caller)?;
            }
            Proof::HouseholdCode { code } => self.prove(&stored, code, caller, &mut issue).await?,
            Proof::OneTimePassword { contact, code } => {
                self.prove_password(&stored, (contact, code), caller, &mut issue)
                    .await?;
            }
            Proof::HostToken { token } => {
                let origin = shown.origin.filter(|_| caller.page == Page::Host);
                issue.bearer = self.prove_token(&stored, token, origin).await?;
            }
        }
        let is_device = matches!(issue.bearer, Bearer::WorkedDevice { .. });
        let issued = match self.store.issue_grant(issue).await {
            Err(failure) if is_device => return Err(work::spent(failure)),
            other => other?,
        };
        Ok(Grant {
            token,
            poll: stored.topic.poll.id.clone(),
            voter: issued.voter,
            expires_at_ms: issued.expires_at_ms,
            standing: self.told(issued.standing)?,
        })
    }

    /// Whose contact this is the transaction finds out. As many tries are counted for
    /// one that is on no roll.
    async fn prove_password(
        &self,
        stored: &StoredTopic,
        (contact, code): (&str, &str),
        caller: Caller,
        issue: &mut IssueGrant,
    ) -> Result<(), Failure> {
        self.require_passwords(stored, caller)?;
        let contact = Contact::read(contact).ok_or(Refusal::Malformed)?;
        let index = self.contact_index(stored, &contact);
        let subject = (self.subject("password", &index), PER_CODE);
        let client = caller
            .client
            .map(|ip| (self.subject("client", &client::subscriber(ip)), PER_CLIENT));
        let mut subjects: Vec<(Subject, Limit)> = std::iter::once(subject).chain(client).collect();
        let community = stored.topic.community.id.as_str();
        let attempts_left = self.charge(community, subjects.clone()).await?;
        let Some(password) = otp::read(code) else {
            return Err(Refusal::CodeUnknown { attempts_left }.into());
        };
        let key = self.derived_key("one-time password");
        issue.bearer = Bearer::OneTimePassword {
            contact_index: index,
            password_hash: otp::hash(&key, &stored.topic, &contact, &password),
        };
        subjects.extend(self.sending_subjects(&index, caller));
        issue.settle = subjects;
        issue.charged_left = Some(attempts_left);
        Ok(())
    }

    /// Whom a token names, if it is one of the community's hosts' and for this poll. What
    /// is wrong with one is logged: the person can do the same about all of it.
    async fn prove_token(
        &self,
        stored: &StoredTopic,
        token: &str,
        origin: Option<&str>,
    ) -> Result<Bearer, Failure> {
        let topic = &stored.topic;
        let refused = |fault: TokenFault| {
            tracing::info!(community = %topic.community.id, %fault, "a host token was refused");
            Failure::Refused(Refusal::TokenInvalid)
        };
        let read = Unverified::read(token).map_err(refused)?;
        let key = self
            .store
            .host_key(&topic.community.id, read.key_id())
            .await?;
        let key = key.ok_or(TokenFault::Key).map_err(refused)?;
        if origin.is_some_and(|origin| !key.origins.iter().any(|known| known == origin)) {
            return Err(refused(TokenFault::Origin));
        }
        let word = read
            .verify(&key.public_key, topic, self.clock.now_ms())
            .map_err(refused)?;
        let link_key = self.identity_keys().link;
        let community = topic.community.id.as_str();
        let who = match (word.who, topic.poll.electorate) {
            (Who::Subject(sub), Electorate::Devices) => {
                TokenVoter::Account(host_token::account_hash(&link_key, topic, &key.host, &sub))
            }
            (Who::Voter { .. }, Electorate::Devices) => return Err(refused(TokenFault::Form)),
            (Who::Subject(sub), _) => {
                TokenVoter::Linked(host_token::link_hash(&link_key, community, &key.host, &sub))
            }
            (Who::Voter { label, place, name }, _) => TokenVoter::Listed { label, place, name },
        };
        Ok(Bearer::HostToken(TokenBearer {
            nonce_hash: host_token::nonce_hash(&key.key_id, &word.nonce),
            expires_at_ms: word.expires_at_ms,
            who,
        }))
    }

    /// Finds out whose code this is, as far as that can be known outside the transaction.
    async fn prove(
        &self,
        stored: &StoredTopic,
        code: &str,
        caller: Caller,
        issue: &mut IssueGrant,
    ) -> Result<(), Failure> {
        // The transaction asks again; this spares the slow hash.
        match RollKind::of(stored.topic.poll.electorate) {
            Some(RollKind::Households | RollKind::Owners | RollKind::Tenants) => {}
            // The code would name whoever of the family holds the paper.
            Some(RollKind::Persons | RollKind::Members) | None => {
                return Err(Refusal::Unsupported.into());
            }
        }
        if code.chars().count() > limits::VOTING_CODE_CHARS_MAX {
            return Err(Refusal::Malformed.into());
        }
        let community = stored.topic.community.id.as_str();
        let client = caller
            .client
            .map(|ip| (self.subject("client", &client::subscriber(ip)), PER_CLIENT));
        match Code::read(code) {
            Some(Code::Scanned(bytes)) => {
                issue.bearer = Bearer::ScannedCode {
                    code_hash: seal::scanned_code_hash(&bytes),
                };
                issue.charge = client.into_iter().collect();
            }
            Some(Code::Typed { selector, secret }) => {
                let subject = self.subject("selector", selector.as_bytes());
                let subjects: Vec<(Subject, Limit)> =
                    std::iter::once((subject, PER_CODE)).chain(client).collect();
                let left = self.charge(community, subjects.clone()).await?;
                let phc = self.store.typed_code(community, &selector).await?;
                let secret_phc = phc.clone().unwrap_or_default();
                if !self.verifier.verify(secret, phc).await? {
                    return Err(Refusal::CodeUnknown {
                        attempts_left: left,
                    }
                    .into());
                }
                issue.bearer = Bearer::TypedCode {
                    selector,
                    secret_phc,
                };
                issue.settle = subjects;
                issue.charged_left = Some(left);
            }
            // Not the form of a code at all: a slip of the finger, or noise.
            None => {
                let left = self.charge(community, client.into_iter().collect()).await?;
                return Err(Refusal::CodeUnknown {
                    attempts_left: left.min(PER_CODE.free),
                }
                .into());
            }
        }
        Ok(())
    }

    pub(super) async fn charge(
        &self,
        community: &str,
        subjects: Vec<(Subject, Limit)>,
    ) -> Result<u32, Failure> {
        self.store
            .charge(Charge {
                community: community.to_owned(),
                subjects,
            })
            .await
    }

    /// A keyed hash: the store can count by it, and nobody can read it back.
    pub(super) fn subject(&self, kind: &str, value: &[u8]) -> Subject {
        seal::tagged(
            "linli attempt subject",
            &[&self.pepper, kind.as_bytes(), value],
        )
    }
}

/// Whether a proof of this kind can count in the poll: the least that it accepts, or a
/// stronger one, of the kind that its electorate has.
fn require_strength(poll: &Poll, proof: &Proof) -> Result<(), Refusal> {
    let shown = match proof {
        Proof::Device { .. } => Credential::Device,
        Proof::OneTimePassword { .. } => Credential::Otp,
        Proof::HostToken { .. } => Credential::HostToken,
        Proof::HouseholdCode { .. } => Credential::HouseholdCode,
    };
    let fits = match poll.electorate {
        Electorate::Households | Electorate::Owners | Electorate::Tenants => {
            shown != Credential::Device
        }
        Electorate::Persons | Electorate::Members => {
            matches!(shown, Credential::Otp | Credential::HostToken)
        }
        Electorate::Devices => matches!(shown, Credential::Device | Credential::HostToken),
    };
    if shown < poll.credential {
        let needs = poll.credential;
        return Err(Refusal::CredentialTooWeak { needs });
    }
    if fits {
        Ok(())
    } else {
        Err(Refusal::Unsupported)
    }
}
