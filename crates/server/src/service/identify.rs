//! From a proof to a grant.

use super::{Caller, Service, require_own_page};
use crate::identity::attempts::{Limit, PER_CLIENT, PER_CODE};
use crate::identity::client;
use crate::identity::codes::Code;
use crate::seal;
use crate::store::{Bearer, Charge, Failure, IssueGrant, StoredTopic, Subject};
use linli_model::{Credential, Electorate, Grant, GrantToken, Proof, Refusal, TopicId, limits};
use linli_rules::phase;

impl Service {
    /// Turns a proof into a grant for the topic's poll.
    pub async fn identify(
        &self,
        topic: &TopicId,
        proof: &Proof,
        caller: Caller,
    ) -> Result<Grant, Failure> {
        let stored = self.stored(topic).await?;
        require_own_page(&stored, caller)?;
        // The transaction asks again; this spares the slow hash when it is plainly late.
        phase::require_open(&stored.topic.poll, self.clock.now_ms())?;
        let token = seal::hex(&seal::chance::<32>());
        let mut issue = IssueGrant {
            topic: topic.clone(),
            bearer: Bearer::Device([0; 32]),
            token_hash: seal::token_hash(&token),
            settle: Vec::new(),
            charge: Vec::new(),
            charged_left: None,
        };
        match proof {
            Proof::Device { device } => {
                if stored.topic.poll.credential != Credential::Device {
                    let needs = stored.topic.poll.credential;
                    return Err(Refusal::CredentialTooWeak { needs }.into());
                }
                issue.bearer = Bearer::Device(seal::device_hash(&stored.topic, device.as_bytes()));
            }
            Proof::HouseholdCode { code } => self.prove(&stored, code, caller, &mut issue).await?,
        }
        let issued = self.store.issue_grant(issue).await?;
        let token = GrantToken::parse(&token).map_err(|e| Failure::Fault(e.to_string()))?;
        Ok(Grant {
            token,
            poll: stored.topic.poll.id.clone(),
            voter: issued.voter,
            expires_at_ms: issued.expires_at_ms,
            standing: self.told(issued.standing)?,
        })
    }

    /// Finds out whose code this is, as far as that can be known outside the transaction.
    async fn prove(
        &self,
        stored: &StoredTopic,
        code: &str,
        caller: Caller,
        issue: &mut IssueGrant,
    ) -> Result<(), Failure> {
        if stored.topic.poll.electorate != Electorate::Households {
            return Err(Refusal::Unsupported.into());
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
