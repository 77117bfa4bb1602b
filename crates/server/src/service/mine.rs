//! "My data": what a resident sees of themselves, asks for, consents to and deletes.

mod contact;

use super::{Caller, Service};
use crate::identity::attempts::{Limit, PER_CLIENT, PER_CODE};
use crate::identity::client;
use crate::identity::codes::Code;
use crate::privacy::{FieldKeys, SealFault, map, notice};
use crate::seal::{self, hex};
use crate::store::privacy::{
    CommunityRow, ConsentRow, MyBallotRow, MyBearer, MyEntryRow, MyRowsOf, MySessionRow,
    OpenMySession, RequestBody, RequestRow, SettleRequest, Whose,
};
use crate::store::{Charge, Failure, StoredTopic, Subject};
use linli_model::me::{
    AskRequest, CONTACT_CHARS_MAX, ConsentPurpose, GiveConsent, Helped, Kept, MyBallot, MyConsent,
    MyData, MyDeletion, MyEntry, MyGrant, MyHousehold, MyPoll, MyRefusal, MyRequest, MySession,
    NAME_CHARS_MAX, REQUEST_CHARS_MAX, REQUESTS_OPEN_MAX, RequestState,
};
use linli_model::{
    Choice, CommunityId, ConsentId, Credential, GrantToken, Phase, PollId, PollOption, Proof,
    Refusal, RequestId, Secrecy, Topic, UploadId, limits,
};
use linli_rules::phase;
use std::sync::Arc;

/// How long a session of one's own holds.
const SESSION_MS: i64 = 30 * 60_000;

/// Why something of one's own was not done.
#[derive(Debug)]
pub enum MyFailure {
    /// Understood and not done.
    Refused(MyRefusal),
    /// The store failed. For the log, never for clients.
    Fault(String),
}

impl<R: Into<MyRefusal>> From<R> for MyFailure {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Failure> for MyFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal.into()),
            Failure::Fault(detail) => Self::Fault(detail),
        }
    }
}

impl From<SealFault> for MyFailure {
    fn from(fault: SealFault) -> Self {
        Self::Fault(fault.to_string())
    }
}

/// Somebody who has identified for their own data.
#[derive(Debug, Clone)]
pub struct Person {
    community: CommunityId,
    session: MySessionRow,
}

impl Person {
    /// How the household is called; empty for a device.
    pub fn name(&self) -> &str {
        &self.session.label
    }

    /// When they must identify again.
    pub fn until_ms(&self) -> i64 {
        self.session.expires_at_ms
    }

    /// Voters, each with the poll that knows it by that name where it is only one.
    fn voters(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.session
            .voters
            .iter()
            .map(|voter| match voter.split_once('/') {
                Some((poll, voter)) => (Some(poll), voter),
                None => (None, voter.as_str()),
            })
    }

    fn whose(&self) -> Whose {
        Whose {
            community: self.community.to_string(),
            subject: self.session.subject.clone(),
            voters: self.voters().map(|(_, voter)| voter.to_owned()).collect(),
        }
    }

    fn owners(&self) -> Vec<String> {
        self.voters()
            .map(|(_, voter)| format!("voter:{voter}"))
            .collect()
    }
}

impl Service {
    /// Keeps sealed fields by `keys`. Without, what would be sealed is refused.
    pub fn with_field_keys(mut self, keys: FieldKeys) -> Self {
        self.field_keys = Some(keys);
        self
    }

    /// The keys of sealed fields.
    pub fn field_keys(&self) -> Result<&FieldKeys, Refusal> {
        self.field_keys.as_ref().ok_or(Refusal::Unsupported)
    }

    /// What a community is called, and who may frame its pages.
    pub async fn community(&self, community: &CommunityId) -> Result<CommunityRow, Failure> {
        let found = self.store.community(community.as_str()).await?;
        Ok(found.ok_or(Refusal::NotFound)?)
    }

    /// Turns a proof into a session of one's own.
    pub async fn open_mine(
        &self,
        community: &CommunityId,
        proof: &Proof,
        caller: Caller,
    ) -> Result<MySession, MyFailure> {
        self.community(community).await?;
        let (bearer, settle) = match proof {
            Proof::Device { device } => (self.device(community, device.as_bytes()).await?, vec![]),
            Proof::HouseholdCode { code } => self.household(community, code, caller).await?,
            Proof::OneTimePassword { contact, code } => {
                self.named_by_password(community, (contact, code), caller)
                    .await?
            }
            // Of one poll each: they say nothing of what is kept elsewhere.
            Proof::HostToken { .. } => {
                return Err(Refusal::Unsupported.into());
            }
        };
        let is_scanned = matches!(bearer, MyBearer::ScannedCode { .. });
        let token = hex(&seal::chance::<32>());
        let opened = self.store.open_my_session(OpenMySession {
            community: community.to_string(),
            bearer,
            token_hash: my_token_hash(&token),
            lasts_ms: SESSION_MS,
            settle: Charge {
                community: community.to_string(),
                subjects: settle,
            },
        });
        let session = match opened.await {
            Err(Failure::Refused(Refusal::CodeUnknown { .. })) => {
                let client = if is_scanned {
                    self.client(caller)
                } else {
                    None
                };
                return Err(self.unknown_code(community, client).await?.into());
            }
            other => other?,
        };
        Ok(MySession {
            token: GrantToken::parse(&token).map_err(|e| MyFailure::Fault(e.to_string()))?,
            expires_at_ms: session.expires_at_ms,
            name: session.label,
        })
    }

    /// Whose session this is.
    pub async fn person(
        &self,
        community: &CommunityId,
        token: &GrantToken,
    ) -> Result<Person, MyFailure> {
        let hash = my_token_hash(token.as_str());
        let now_ms = self.clock.now_ms();
        let found = self
            .store
            .my_session(community.as_str(), hash, now_ms)
            .await?;
        Ok(Person {
            community: community.clone(),
            session: found.ok_or(MyRefusal::MySessionEnded)?,
        })
    }

    /// Ends a session.
    pub async fn close_mine(
        &self,
        community: &CommunityId,
        token: &GrantToken,
    ) -> Result<(), Failure> {
        let hash = my_token_hash(token.as_str());
        self.store.close_my_session(community.as_str(), hash).await
    }

    /// Everything that is kept of `person`.
    pub async fn my_data(&self, person: &Person) -> Result<MyData, MyFailure> {
        let topics = self.topics(&person.community).await?;
        let secret = topics.iter().map(|stored| &stored.topic);
        let secret = secret.filter(|topic| topic.poll.secrecy == Secrecy::Secret);
        let marks = secret.flat_map(|topic| {
            let poll = topic.poll.id.as_str();
            let known = person
                .voters()
                .filter(move |(of, _)| of.is_none_or(|of| of == poll));
            known.map(|(_, voter)| (topic.poll.id.clone(), seal::voter_mark(topic, voter)))
        });
        let asked = MyRowsOf {
            whose: person.whose(),
            marks: marks.collect(),
        };
        let rows = self.store.my_rows(asked).await?;
        let mut uploads = Vec::new();
        for owner in person.owners() {
            uploads.extend(self.uploads_of(&person.community, &owner).await?);
        }
        let registered = rows.registered.iter().filter_map(|poll| {
            let topic = topic_of(&topics, poll)?;
            Some(MyPoll {
                topic: topic.id.clone(),
                title: topic.title.clone(),
                poll: poll.clone(),
                closes_at_ms: topic.poll.closes_at_ms,
            })
        });
        let consents = rows.consents.iter().map(|row| self.my_consent(row));
        let requests = rows.requests.iter().map(|row| self.my_request(row));
        Ok(MyData {
            community: self.community(&person.community).await?.community,
            at_ms: self.clock.now_ms(),
            household: rows.household.map(|row| MyHousehold {
                label: row.label,
                place: row.place,
                area_csqm: row.area_csqm,
                has_code: row.has_code,
            }),
            entries: rows.entries.into_iter().map(my_entry).collect(),
            grants: rows
                .grants
                .into_iter()
                .map(|(poll, expires_at_ms)| {
                    let poll = poll_id(&poll)?;
                    Ok(MyGrant {
                        title: title_of(&topics, &poll),
                        poll,
                        expires_at_ms,
                    })
                })
                .collect::<Result<_, MyFailure>>()?,
            ballots: rows
                .ballots
                .into_iter()
                .map(|row| my_ballot(row, &topics))
                .collect::<Result<_, MyFailure>>()?,
            registered: registered.collect(),
            uploads,
            consents: consents.collect::<Result<_, _>>()?,
            requests: requests.collect::<Result<_, _>>()?,
        })
    }

    /// Records a consent to the newest version of a notice.
    pub async fn give_consent(
        &self,
        person: &Person,
        given: GiveConsent,
    ) -> Result<MyConsent, MyFailure> {
        let newest = notice::newest(given.purpose).ok_or(Refusal::Unsupported)?;
        if given.version != newest.version {
            return Err(MyRefusal::NoticeOutdated {
                version: newest.version,
            }
            .into());
        }
        let id = ConsentId::from_bytes(seal::chance());
        let helped = match given.helped {
            None => None,
            Some(helped) => Some(self.seal_helped(person, &id, helped)?),
        };
        let row = self.store.give_consent(ConsentRow {
            community: person.community.to_string(),
            id,
            subject: person.session.subject.clone(),
            purpose: given.purpose,
            version: given.version,
            helped,
            given_at_ms: 0,
            withdrawn_at_ms: None,
        });
        self.my_consent(&row.await?)
    }

    /// Takes a consent back.
    pub async fn withdraw_consent(
        &self,
        person: &Person,
        consent: &ConsentId,
    ) -> Result<(), MyFailure> {
        let (community, subject) = (person.community.as_str(), &person.session.subject);
        match self
            .store
            .withdraw_consent(community, subject, consent)
            .await?
        {
            true => Ok(()),
            false => Err(Refusal::NotFound.into()),
        }
    }

    /// Records a request to staff.
    pub async fn ask_request(
        &self,
        person: &Person,
        asked: AskRequest,
    ) -> Result<MyRequest, MyFailure> {
        let text = fitting(&asked.text, 1, REQUEST_CHARS_MAX)?;
        let contact = fitting(&asked.contact, 0, CONTACT_CHARS_MAX)?;
        if !contact.is_empty() {
            self.require_consent(person, ConsentPurpose::Contact)
                .await?;
        }
        let id = RequestId::from_bytes(seal::chance());
        let body = serde_json::to_vec(&RequestBody { text, contact })
            .map_err(|error| MyFailure::Fault(error.to_string()))?;
        let row = id.to_string();
        let place = map::REQUEST_BODY.of(person.community.as_str(), &row);
        let body = self.field_keys()?.seal(place, &body)?;
        let request = RequestRow {
            community: person.community.to_string(),
            id,
            subject: person.session.subject.clone(),
            kind: asked.kind,
            state: RequestState::Open,
            body,
            asked_at_ms: 0,
            answer: None,
            settled_at_ms: None,
        };
        let row = self.store.ask_request(request, REQUESTS_OPEN_MAX).await?;
        self.my_request(&row)
    }

    /// Requests of a community in a state, for its staff.
    pub async fn requests(
        &self,
        community: &CommunityId,
        state: RequestState,
        before_ms: i64,
        limit: u32,
    ) -> Result<Vec<MyRequest>, MyFailure> {
        let rows = self
            .store
            .requests(community.as_str(), state, before_ms, limit);
        rows.await?.iter().map(|row| self.my_request(row)).collect()
    }

    /// Settles a request: `by` names who did, as `staff:<id>`.
    pub async fn settle_request(
        &self,
        community: &CommunityId,
        id: &RequestId,
        is_done: bool,
        answer: &str,
        by: &str,
    ) -> Result<(), MyFailure> {
        let answer = fitting(answer, 1, REQUEST_CHARS_MAX)?;
        let row = id.to_string();
        let place = map::REQUEST_ANSWER.of(community.as_str(), &row);
        let answer = self.field_keys()?.seal_text(place, &answer)?;
        let state = if is_done {
            RequestState::Done
        } else {
            RequestState::Declined
        };
        let settled = self.store.settle_request(SettleRequest {
            community: community.to_string(),
            id: id.clone(),
            state,
            answer,
            by: by.to_owned(),
        });
        match settled.await? {
            true => Ok(()),
            false => Err(Refusal::NotFound.into()),
        }
    }

    /// Deletes one's own file.
    pub async fn delete_my_upload(
        &self,
        person: &Person,
        upload: &UploadId,
    ) -> Result<(), MyFailure> {
        for owner in person.owners() {
            match self
                .delete_upload(&person.community, upload, Some(&owner))
                .await
            {
                Err(Failure::Refused(Refusal::NotFound)) => {}
                other => return Ok(other?),
            }
        }
        Err(Refusal::NotFound.into())
    }

    /// Deletes what a person may delete by themselves, and says what stays and why.
    pub async fn delete_mine(&self, person: &Person) -> Result<MyDeletion, MyFailure> {
        let data = self.my_data(person).await?;
        let mut uploads = Vec::with_capacity(data.uploads.len());
        for upload in &data.uploads {
            match self.delete_my_upload(person, &upload.id).await {
                Ok(()) => uploads.push(upload.id.clone()),
                // Somebody was faster.
                Err(MyFailure::Refused(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        let (grants, requests) = self.store.delete_mine(person.whose()).await?;
        Ok(MyDeletion {
            uploads,
            grants,
            requests,
            kept: self.kept(&person.community, &data).await?,
        })
    }

    async fn kept(&self, community: &CommunityId, data: &MyData) -> Result<Vec<Kept>, MyFailure> {
        let topics = self.topics(community).await?;
        let now_ms = self.clock.now_ms();
        let is_closed = |poll: &PollId| {
            topic_of(&topics, poll)
                .is_none_or(|topic| phase::at(&topic.poll, now_ms) == Phase::Closed)
        };
        let counting = data.ballots.iter().filter(|ballot| ballot.counts);
        let ballots = counting.map(|ballot| {
            let poll = ballot.poll.clone();
            match is_closed(&poll) {
                true => Kept::PollClosed { poll },
                false => Kept::PollOpen { poll },
            }
        });
        let registered = data.registered.iter().map(|of| Kept::Registered {
            poll: of.poll.clone(),
        });
        let waiting = data
            .requests
            .iter()
            .filter(|of| of.state == RequestState::Open);
        let waiting = waiting.map(|of| Kept::RequestOpen {
            request: of.id.clone(),
        });
        let is_on_roll = data.household.is_some() || !data.entries.is_empty();
        let roll = is_on_roll.then_some(Kept::OnRoll);
        let proof = data.consents.first().map(|_| Kept::ConsentProof);
        Ok(ballots
            .chain(registered)
            .chain(roll)
            .chain(waiting)
            .chain(proof)
            .collect())
    }

    /// Every topic of a community, at most a second old.
    pub(super) async fn topics(
        &self,
        community: &CommunityId,
    ) -> Result<Vec<Arc<StoredTopic>>, Failure> {
        let mut topics = Vec::new();
        for id in self.store.topics_of(community.as_str()).await? {
            topics.push(self.stored(&id).await?);
        }
        Ok(topics)
    }

    async fn require_consent(
        &self,
        person: &Person,
        purpose: ConsentPurpose,
    ) -> Result<(), MyFailure> {
        let asked = MyRowsOf {
            whose: Whose {
                voters: Vec::new(),
                ..person.whose()
            },
            marks: Vec::new(),
        };
        let consents = self.store.my_rows(asked).await?.consents;
        let holds = |row: &ConsentRow| row.purpose == purpose && row.withdrawn_at_ms.is_none();
        match consents.iter().any(holds) {
            true => Ok(()),
            false => Err(MyRefusal::ConsentNeeded { purpose }.into()),
        }
    }

    fn seal_helped(
        &self,
        person: &Person,
        id: &ConsentId,
        helped: Helped,
    ) -> Result<Vec<u8>, MyFailure> {
        let name =
            |text: &str| fitting(text, 1, NAME_CHARS_MAX).map_err(|_| MyRefusal::WitnessNeeded);
        let helped = Helped {
            helper: name(&helped.helper)?,
            witness: name(&helped.witness)?,
        };
        if helped.helper == helped.witness {
            return Err(MyRefusal::WitnessNeeded.into());
        }
        let text = serde_json::to_vec(&helped).map_err(|e| MyFailure::Fault(e.to_string()))?;
        let row = id.to_string();
        let place = map::HELPED.of(person.community.as_str(), &row);
        Ok(self.field_keys()?.seal(place, &text)?)
    }

    fn my_consent(&self, row: &ConsentRow) -> Result<MyConsent, MyFailure> {
        let helped = match &row.helped {
            None => None,
            Some(sealed) => {
                let id = row.id.to_string();
                let place = map::HELPED.of(&row.community, &id);
                let text = self.field_keys()?.open(place, sealed)?;
                Some(serde_json::from_slice(&text).map_err(|e| MyFailure::Fault(e.to_string()))?)
            }
        };
        Ok(MyConsent {
            id: row.id.clone(),
            purpose: row.purpose,
            version: row.version,
            given_at_ms: row.given_at_ms,
            helped,
            withdrawn_at_ms: row.withdrawn_at_ms,
        })
    }

    pub(super) fn my_request(&self, row: &RequestRow) -> Result<MyRequest, MyFailure> {
        let id = row.id.to_string();
        let keys = self.field_keys()?;
        let body = keys.open(map::REQUEST_BODY.of(&row.community, &id), &row.body)?;
        let body: RequestBody =
            serde_json::from_slice(&body).map_err(|error| MyFailure::Fault(error.to_string()))?;
        let answer = match &row.answer {
            None => String::new(),
            Some(sealed) => keys.open_text(map::REQUEST_ANSWER.of(&row.community, &id), sealed)?,
        };
        Ok(MyRequest {
            id: row.id.clone(),
            kind: row.kind,
            text: body.text,
            contact: body.contact,
            state: row.state,
            asked_at_ms: row.asked_at_ms,
            answer,
            settled_at_ms: row.settled_at_ms,
        })
    }

    /// The names that polls know a device by, and one of the community's.
    async fn device(
        &self,
        community: &CommunityId,
        device: &[u8; 16],
    ) -> Result<MyBearer, Failure> {
        let own = seal::tagged(
            "linli device in community",
            &[community.as_str().as_bytes(), device],
        );
        let subject = format!("d{}", hex(&own));
        let topics = self.topics(community).await?;
        let topics = topics.iter().map(|stored| &stored.topic);
        let by_device = topics.filter(|topic| topic.poll.credential == Credential::Device);
        let voters = by_device.map(|topic| {
            let voter = hex(&seal::device_hash(topic, device));
            format!("{}/d{voter}", topic.poll.id)
        });
        let voters = std::iter::once(subject.clone()).chain(voters).collect();
        Ok(MyBearer::Device { subject, voters })
    }

    async fn household(
        &self,
        community: &CommunityId,
        code: &str,
        caller: Caller,
    ) -> Result<(MyBearer, Vec<(Subject, Limit)>), MyFailure> {
        if code.chars().count() > limits::VOTING_CODE_CHARS_MAX {
            return Err(Refusal::Malformed.into());
        }
        let client = self.client(caller);
        match Code::read(code) {
            Some(Code::Scanned(bytes)) => {
                let code_hash = seal::scanned_code_hash(&bytes);
                Ok((MyBearer::ScannedCode { code_hash }, Vec::new()))
            }
            Some(Code::Typed { selector, secret }) => {
                let subject = self.subject("selector", selector.as_bytes());
                let subjects: Vec<_> = std::iter::once((subject, PER_CODE)).chain(client).collect();
                let left = self.charge(community.as_str(), subjects.clone()).await?;
                let phc = self.store.typed_code(community.as_str(), &selector).await?;
                let secret_phc = phc.clone().unwrap_or_default();
                if !self.verifier.verify(secret, phc).await? {
                    return Err(Refusal::CodeUnknown {
                        attempts_left: left,
                    }
                    .into());
                }
                let bearer = MyBearer::TypedCode {
                    selector,
                    secret_phc,
                };
                Ok((bearer, subjects))
            }
            None => Err(self.unknown_code(community, client).await?.into()),
        }
    }

    fn client(&self, caller: Caller) -> Option<(Subject, Limit)> {
        let address = client::subscriber(caller.client?);
        Some((self.subject("client", &address), PER_CLIENT))
    }

    /// Counts a code that nobody has against the client.
    async fn unknown_code(
        &self,
        community: &CommunityId,
        client: Option<(Subject, Limit)>,
    ) -> Result<Refusal, Failure> {
        let left = self
            .charge(community.as_str(), client.into_iter().collect())
            .await?;
        Ok(Refusal::CodeUnknown {
            attempts_left: left.min(PER_CODE.free),
        })
    }
}

fn topic_of<'a>(topics: &'a [Arc<StoredTopic>], poll: &PollId) -> Option<&'a Topic> {
    let found = topics.iter().find(|stored| stored.topic.poll.id == *poll);
    found.map(|stored| &stored.topic)
}

fn title_of(topics: &[Arc<StoredTopic>], poll: &PollId) -> String {
    topic_of(topics, poll).map_or_else(String::new, |topic| topic.title.clone())
}

fn my_entry(row: MyEntryRow) -> MyEntry {
    MyEntry {
        electorate: row.roll.electorate(),
        label: row.label,
        name: row.name,
        place: row.place,
        area_csqm: row.area_csqm,
        contacts: row.contacts,
    }
}

fn my_ballot(row: MyBallotRow, topics: &[Arc<StoredTopic>]) -> Result<MyBallot, MyFailure> {
    let poll = poll_id(&row.poll)?;
    let choice: Choice =
        serde_json::from_str(&row.choice).map_err(|error| MyFailure::Fault(error.to_string()))?;
    let offered = topic_of(topics, &poll).map_or(&[][..], |topic| topic.poll.kind.options());
    let chosen = match &choice {
        Choice::Motion { .. } => Vec::new(),
        Choice::Options { options } => {
            let is_chosen = |option: &&PollOption| options.contains(&option.id);
            let chosen = offered.iter().filter(is_chosen);
            chosen.map(|option| option.text.clone()).collect()
        }
    };
    Ok(MyBallot {
        title: title_of(topics, &poll),
        poll,
        revision: row.revision,
        choice,
        chosen,
        cast_at_ms: row.cast_at_ms,
        counts: row.counts,
    })
}

fn my_token_hash(token: &str) -> [u8; 32] {
    seal::tagged("linli my session", &[token.as_bytes()])
}

fn poll_id(text: &str) -> Result<PollId, MyFailure> {
    PollId::parse(text).map_err(|error| MyFailure::Fault(error.to_string()))
}

/// A text as kept: without spaces at its ends, of a length that fits.
fn fitting(text: &str, min: usize, max: usize) -> Result<String, MyRefusal> {
    let text = text.trim();
    let chars = text.chars().count();
    let max_chars = u32::try_from(max).unwrap_or(u32::MAX);
    if (min..=max).contains(&chars) {
        Ok(text.to_owned())
    } else {
        Err(MyRefusal::TextInvalid { max_chars })
    }
}
