//! One's own data by a one-time password: for voters of every roll, who may have no code.

use crate::identity::attempts::{Limit, PER_CLIENT, PER_CODE};
use crate::identity::contact::{self, Contact};
use crate::identity::{client, otp};
use crate::service::otp::{Put, written};
use crate::service::{Caller, MyFailure, Page, Service};
use crate::store::privacy::MyBearer;
use crate::store::{Failure, MyPassword, Subject};
use linli_model::{CommunityId, Refusal};
use linli_texts::{Catalog, negotiate, privacy as k};

impl Service {
    /// Sends a password for one's own data to `contact`, if it names somebody on a roll.
    /// The answer is the same, and as fast, whether or not it does.
    pub async fn send_my_password(
        &self,
        community: &CommunityId,
        contact: &str,
        lang: &str,
        caller: Caller,
    ) -> Result<(), Failure> {
        let community = self.community(community).await?.community;
        if caller.page == Page::Host {
            return Err(Refusal::Unsupported.into());
        }
        let contact = Contact::read(contact).ok_or(Refusal::Malformed)?;
        let password = otp::fresh();
        let put = self.my_password(&community.id, &contact, &password);
        let tag = negotiate([lang]);
        let texts = Catalog::embedded(tag).unwrap_or_else(|| Catalog::new(tag));
        let title = texts.text(k::MY_TITLE);
        let message = written((title, &community), contact, password, lang);
        self.dispatch(Put::ForOneself(put), message, caller).await
    }

    /// Whom a password names, and what is settled as it was right. As many tries are
    /// counted for a contact that is on no roll.
    pub(super) async fn named_by_password(
        &self,
        community: &CommunityId,
        (contact, code): (&str, &str),
        caller: Caller,
    ) -> Result<(MyBearer, Vec<(Subject, Limit)>), MyFailure> {
        if caller.page == Page::Host {
            return Err(Refusal::Unsupported.into());
        }
        let contact = Contact::read(contact).ok_or(Refusal::Malformed)?;
        let index = contact::index(&self.identity_keys().contact, community.as_str(), &contact);
        let subject = (self.subject("password", &index), PER_CODE);
        let client = caller
            .client
            .map(|ip| (self.subject("client", &client::subscriber(ip)), PER_CLIENT));
        let mut subjects: Vec<(Subject, Limit)> = std::iter::once(subject).chain(client).collect();
        let attempts_left = self.charge(community.as_str(), subjects.clone()).await?;
        let wrong = Refusal::CodeUnknown { attempts_left };
        let password = otp::read(code).ok_or_else(|| wrong.clone())?;
        let shown = self.my_password(community, &contact, &password);
        let voters = self.store.spend_my_password(shown).await?;
        let first = voters.first().ok_or(wrong)?;
        let bearer = MyBearer::Named {
            name: first.name.clone(),
            voters: voters.into_iter().map(|voter| voter.word).collect(),
        };
        subjects.extend(self.sending_subjects(&index, caller));
        Ok((bearer, subjects))
    }

    fn my_password(
        &self,
        community: &CommunityId,
        contact: &Contact,
        password: &str,
    ) -> MyPassword {
        let name = community.as_str();
        let key = self.derived_key("one-time password");
        MyPassword {
            community: community.clone(),
            contact_index: contact::index(&self.identity_keys().contact, name, contact),
            password_hash: otp::hash_for(&key, (name, otp::ONESELF), contact, password),
        }
    }
}
