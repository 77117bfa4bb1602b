//! Signing in and out, invitations, enrolment.
//!
//! A try is charged before it is looked at, per login and per client; a login that does
//! not exist costs as much time as a wrong password.

use super::{Answer, DeskFailure, told_self};
use crate::identity::attempts::Limit;
use crate::identity::{client, passwords, totp};
use crate::privacy::{Place, SealFault, map};
use crate::seal;
use crate::service::Service;
use crate::store::audit::Walk;
use crate::store::staff::{
    Act, ActReply, DeskState, Factor, HalfEnrolment, InvitationRecord, NewSession, SESSION_MS,
    StaffRecord, Want,
};
use crate::store::{Charge, Subject};
use linli_model::desk::{
    AcceptInvitation, ConfirmEnrolment, DeskRefusal, Enrolled, Enrolment, InvitationView, Post,
    Role, Session, SignIn,
};
use linli_model::{CommunityId, GrantToken, Refusal, StaffId};
use std::net::IpAddr;
use std::sync::Arc;

/// Wrong tries per login before the first pause.
const PER_LOGIN: Limit = Limit { free: 5 };
/// Per client address: an office shares one.
const PER_CLIENT: Limit = Limit { free: 20 };
/// Per invitation, so that its link alone does not let anybody guess on.
const PER_INVITATION: Limit = Limit { free: 5 };
/// Entries of the audit log that are read at once.
const AUDIT_STEP: u32 = 1_000;
/// Longest of any field in a body of sign-in, in characters.
const FIELD_CHARS_MAX: usize = 256;

/// Who is at the door, as far as the connection tells.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// The address that wrong tries are counted by; `None` does not count.
    pub client: Option<IpAddr>,
    /// Family of browser and system.
    pub device: String,
}

impl Service {
    /// Opens a session for a login, a password and a one-time or recovery code.
    pub async fn sign_in(
        &self,
        community: &CommunityId,
        body: SignIn,
        visitor: Visitor,
    ) -> Answer<Session> {
        let too_long = |text: &String| text.chars().count() > FIELD_CHARS_MAX;
        if [&body.login, &body.password, &body.code]
            .into_iter()
            .any(too_long)
        {
            return Err(Refusal::Malformed.into());
        }
        let login = passwords::folded(&body.login);
        // None: there is no such community, and nothing to count by.
        let state = self
            .store
            .desk_state(community, Want::default())
            .await?
            .ok();
        let settle = self.subjects("desk login", login.as_bytes(), PER_LOGIN, &visitor);
        let attempts_left = match &state {
            Some(_) => self.charged(community, &settle).await?,
            None => PER_LOGIN.free - 1,
        };
        let failed = DeskRefusal::SignInFailed { attempts_left };
        let staff = state.as_ref().and_then(|state| {
            let mut staff = state.staff.iter();
            staff.find(|s| passwords::folded(&s.login) == login && !s.posts.is_empty())
        });
        let phc = staff.map(|staff| staff.password_phc.clone());
        let password = passwords::normal(&body.password);
        let is_right = self.verifier.verify(password, phc).await?;
        let (Some(state), Some(staff)) = (&state, staff) else {
            return Err(failed.into());
        };
        if !is_right {
            self.note_failed(community, &staff.id);
            return Err(failed.into());
        }
        let factor = self.factor(state, staff, &body.code)?;
        let (token, session) = new_session(&visitor);
        let act = Act::SignIn {
            staff: staff.id.clone(),
            password_phc: staff.password_phc.clone(),
            factor,
            session,
            settle,
            attempts_left,
        };
        let reply = self.act(community, act).await?;
        begun(state, token, reply)
    }

    /// Writes a failed try down, aside: how long that takes must not tell that the
    /// login exists.
    fn note_failed(&self, community: &CommunityId, staff: &StaffId) {
        let (store, community) = (Arc::clone(&self.store), community.clone());
        let act = Act::SignInFailed {
            staff: staff.clone(),
        };
        tokio::spawn(async move {
            if let Err(failure) = store.desk_act(&community, act).await {
                tracing::error!(?failure, "a failed sign-in was not written down");
            }
        });
    }

    fn factor(&self, state: &DeskState, staff: &StaffRecord, code: &str) -> Answer<Option<Factor>> {
        if totp::is_code(code) {
            let row = staff.id.to_string();
            let secret = self.secret(
                map::STAFF_SECRET.of(state.community.id.as_str(), &row),
                &staff.totp_secret,
            )?;
            let step = totp::step_of(&secret, code, state.now_ms);
            return Ok(step.map(|step| Factor::Totp { step }));
        }
        let hash = passwords::recovery_hash(code);
        Ok(hash.map(|hash| Factor::Recovery { hash }))
    }

    fn secret(&self, place: Place<'_>, sealed: &[u8]) -> Answer<totp::Secret> {
        let opened = self.field_keys()?.open(place, sealed).map_err(unopened)?;
        let secret = opened.try_into();
        secret.map_err(|_| DeskFailure::Fault(format!("{place:?} holds no secret")))
    }

    fn sealed(&self, place: Place<'_>, secret: &totp::Secret) -> Answer<Vec<u8>> {
        self.field_keys()?.seal(place, secret).map_err(unopened)
    }

    /// Ends the session.
    pub async fn sign_out(&self, community: &CommunityId, token: &GrantToken) -> Answer<()> {
        let token_hash = seal::session_hash(token.as_str());
        self.act(community, Act::SignOut { token_hash }).await?;
        Ok(())
    }

    /// What an invitation says.
    pub async fn invitation(
        &self,
        community: &CommunityId,
        token: &GrantToken,
    ) -> Answer<InvitationView> {
        let (state, found) = self.invited(community, token).await?;
        Ok(InvitationView {
            community: state.community,
            name: found.name,
            posts: found.posts,
            expires_at_ms: found.expires_at_ms,
            renews: found.renews.is_some(),
        })
    }

    async fn invited(
        &self,
        community: &CommunityId,
        token: &GrantToken,
    ) -> Answer<(DeskState, InvitationRecord)> {
        let state = self.store.desk_state(community, Want::default()).await?;
        let state = state.map_err(|_| DeskRefusal::InvitationInvalid)?;
        let found = state.invitation(&seal::invitation_hash(token.as_str()));
        let found = found.ok_or(DeskRefusal::InvitationInvalid)?.clone();
        Ok((state, found))
    }

    /// The first step: login and password. Answers what the authenticator app needs.
    pub async fn accept_invitation(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        body: AcceptInvitation,
        visitor: &Visitor,
    ) -> Answer<Enrolment> {
        let (state, found) = self.invited(community, token).await?;
        let login = body.login.trim();
        let password_phc = match &found.renews {
            Some(whose) => {
                let known = self.known(&state, &found, whose, &body, visitor);
                known.await?
            }
            None => self.chosen(&state, &found, login, &body.password).await?,
        };
        let named = &state.community;
        let secret = totp::new_secret();
        let half = HalfEnrolment {
            login: login.to_owned(),
            password_phc,
            totp_secret: self.sealed(
                map::INVITATION_SECRET.of(community.as_str(), &found.id),
                &secret,
            )?,
        };
        let invitation = found.token_hash;
        self.act(community, Act::BeginEnrolment { invitation, half })
            .await?;
        let shown = totp::enrolment(&secret, &named.name, login)
            .or_else(|| totp::enrolment(&secret, named.id.as_str(), login));
        shown.ok_or_else(|| DeskFailure::Fault("the QR code was not made".to_owned()))
    }

    /// The hash of the password of an account whose second factor is renewed, if login and
    /// password are its own. Tries are counted: a link alone must not let anybody guess.
    async fn known(
        &self,
        state: &DeskState,
        found: &InvitationRecord,
        whose: &StaffId,
        body: &AcceptInvitation,
        visitor: &Visitor,
    ) -> Answer<String> {
        let hash = found.token_hash;
        let tries = self.subjects("desk invitation", &hash, PER_INVITATION, visitor);
        let attempts_left = self.charged(&state.community.id, &tries).await?;
        let account = state
            .member(whose)
            .filter(|account| passwords::folded(&account.login) == passwords::folded(&body.login));
        let phc = account.map(|account| account.password_phc.clone());
        let too_long = body.password.chars().count() > FIELD_CHARS_MAX;
        let password = passwords::normal(&body.password);
        let is_right = !too_long && self.verifier.verify(password, phc.clone()).await?;
        match phc {
            Some(phc) if is_right => Ok(phc),
            _ => Err(DeskRefusal::SignInFailed { attempts_left }.into()),
        }
    }

    /// The hash of the password that somebody new chooses, with a login that is free.
    async fn chosen(
        &self,
        state: &DeskState,
        found: &InvitationRecord,
        login: &str,
        password: &str,
    ) -> Answer<String> {
        let fits = linli_rules::draft::required("login", login, passwords::LOGIN_CHARS_MAX);
        fits.map_err(|fault| DeskRefusal::Invalid {
            path: fault.path,
            fault: fault.fault.to_owned(),
        })?;
        let folded = passwords::folded(login);
        if state
            .staff
            .iter()
            .any(|s| passwords::folded(&s.login) == folded)
        {
            return Err(DeskRefusal::LoginTaken.into());
        }
        let named = &state.community;
        let beside = [login, &found.name, &named.name, named.id.as_str()];
        passwords::check(password, &beside)?;
        Ok(self.verifier.hash(passwords::normal(password)).await?)
    }

    /// The second step: the password again and a code of the app. Opens a session.
    pub async fn confirm_enrolment(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        body: ConfirmEnrolment,
        visitor: Visitor,
    ) -> Answer<Enrolled> {
        let (state, found) = self.invited(community, token).await?;
        let half = found.half.clone().ok_or(DeskRefusal::Conflict)?;
        let hash = found.token_hash;
        let settle = self.subjects("desk invitation", &hash, PER_INVITATION, &visitor);
        let attempts_left = self.charged(community, &settle).await?;
        let password = passwords::normal(&body.password);
        let phc = Some(half.password_phc.clone());
        if !self.verifier.verify(password, phc).await? {
            return Err(DeskRefusal::SignInFailed { attempts_left }.into());
        }
        let place = map::INVITATION_SECRET.of(community.as_str(), &found.id);
        let secret = self.secret(place, &half.totp_secret)?;
        let step = totp::step_of(&secret, &body.code, state.now_ms);
        let totp_step = step.ok_or(DeskRefusal::CodeWrong)?;
        let fresh = || StaffId::from_bytes(seal::chance());
        let staff = found.renews.clone().unwrap_or_else(fresh);
        let codes = (0..passwords::RECOVERY_CODES).map(|_| passwords::new_recovery_code());
        let (recovery_codes, recovery): (Vec<String>, Vec<[u8; 32]>) = codes.unzip();
        let (session_token, session) = new_session(&visitor);
        let act = Act::Enrol {
            invitation: hash,
            password_phc: half.password_phc,
            totp_step,
            totp_secret: self.sealed(
                map::STAFF_SECRET.of(community.as_str(), &staff.to_string()),
                &secret,
            )?,
            staff,
            recovery,
            session,
            settle,
        };
        let reply = self.act(community, act).await?;
        Ok(Enrolled {
            session: begun(&state, session_token, reply)?,
            recovery_codes,
        })
    }

    /// Invites an owner of the whole community, for somebody with a shell on the server.
    /// Answers the token.
    pub async fn invite_owner(&self, community: &CommunityId, name: &str) -> Answer<GrantToken> {
        let state = self.store.desk_state(community, Want::default()).await?;
        state.map_err(|_| DeskRefusal::Unknown)?;
        let token = seal::hex(&seal::chance::<32>());
        let act = Act::Invite(InvitationRecord {
            token_hash: seal::invitation_hash(&token),
            id: seal::hex(&seal::chance::<16>()),
            name: name.to_owned(),
            posts: vec![Post {
                role: Role::Owner,
                place: None,
            }],
            invited_by: None,
            invited_by_name: "linli admin".to_owned(),
            expires_at_ms: 0,
            half: None,
            renews: None,
        });
        self.act(community, act).await?;
        GrantToken::parse(&token).map_err(|error| DeskFailure::Fault(error.to_string()))
    }

    /// Takes the second factor of a login away and makes a link for a new one, for somebody
    /// with a shell on the server: where one owner is left, nobody could agree.
    pub async fn reset_factor(&self, community: &CommunityId, login: &str) -> Answer<GrantToken> {
        let login = passwords::folded(login);
        let staff = self.staff(community).await?.into_iter();
        let mut found = staff.filter(|one| passwords::folded(&one.login) == login);
        let staff = found.next().ok_or(DeskRefusal::Invalid {
            path: "login".to_owned(),
            fault: "unknown".to_owned(),
        })?;
        let token = seal::hex(&seal::chance::<32>());
        let link = InvitationRecord {
            token_hash: seal::invitation_hash(&token),
            id: seal::hex(&seal::chance::<16>()),
            name: String::new(),
            posts: Vec::new(),
            invited_by: None,
            invited_by_name: "linli admin".to_owned(),
            expires_at_ms: 0,
            half: None,
            renews: None,
        };
        let staff = staff.id;
        self.act(community, Act::Renew { staff, link }).await?;
        GrantToken::parse(&token).map_err(|error| DeskFailure::Fault(error.to_string()))
    }

    /// Everyone with an account, for somebody with a shell on the server.
    pub async fn staff(&self, community: &CommunityId) -> Answer<Vec<StaffRecord>> {
        let state = self.store.desk_state(community, Want::default()).await?;
        Ok(state.map_err(|_| DeskRefusal::Unknown)?.staff)
    }

    /// Walks the audit log from its first entry. Inside: how many entries there are and
    /// the last one's hash, or what is broken.
    pub async fn verify_audit(
        &self,
        community: &CommunityId,
    ) -> Answer<Result<(u64, String), String>> {
        self.staff(community).await?;
        // What is written while we walk may be missed; what was there is not.
        let head = self.store.desk_head(community).await?;
        let mut walk = Walk::default();
        while walk.at().0 < head.audit_number {
            let missing = head.audit_number - walk.at().0;
            let limit = AUDIT_STEP.min(u32::try_from(missing).unwrap_or(u32::MAX));
            let entries = self
                .store
                .audit_after(community, walk.at().0, limit)
                .await?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                if let Err(what) = walk.step(entry) {
                    return Ok(Err(what));
                }
            }
        }
        let end = walk.end(&head);
        let (number, hash) = walk.at();
        Ok(end.map(|()| (number, hash.to_owned())))
    }

    fn subjects(
        &self,
        kind: &str,
        value: &[u8],
        limit: Limit,
        visitor: &Visitor,
    ) -> Vec<(Subject, Limit)> {
        let client = visitor.client.map(|ip| {
            let subject = self.subject("desk client", &client::subscriber(ip));
            (subject, PER_CLIENT)
        });
        std::iter::once((self.subject(kind, value), limit))
            .chain(client)
            .collect()
    }

    async fn charged(&self, community: &CommunityId, subjects: &[(Subject, Limit)]) -> Answer<u32> {
        let charge = Charge {
            community: community.to_string(),
            subjects: subjects.to_vec(),
        };
        Ok(self.store.charge(charge).await?)
    }
}

fn unopened(fault: SealFault) -> DeskFailure {
    DeskFailure::Fault(fault.to_string())
}

/// A token of 256 bits, and what is stored of its session. Made after the door was
/// passed, so that nobody can know it beforehand.
fn new_session(visitor: &Visitor) -> (String, NewSession) {
    let token = seal::hex(&seal::chance::<32>());
    let session = NewSession {
        token_hash: seal::session_hash(&token),
        id: seal::hex(&seal::chance::<16>()),
        device: visitor.device.clone(),
    };
    (token, session)
}

fn begun(state: &DeskState, token: String, reply: ActReply) -> Answer<Session> {
    let ActReply::Session(staff) = reply else {
        return Err(DeskFailure::Fault("a session did not begin".to_owned()));
    };
    let token = GrantToken::parse(&token);
    Ok(Session {
        token: token.map_err(|error| DeskFailure::Fault(error.to_string()))?,
        expires_at_ms: state.now_ms + SESSION_MS,
        staff: told_self(state, &staff),
    })
}
