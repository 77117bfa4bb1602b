//! What a topic is shown with, for its staff.

use super::Answer;
use crate::service::Service;
use crate::store::attachments::staff_owner;
use crate::store::desk;
use crate::store::staff::{Topics, Want};
use linli_model::desk::{Attachment, DeskRefusal};
use linli_model::{CommunityId, GrantToken, IdempotencyKey, TopicId};

impl Service {
    /// What a topic is shown with, published or not.
    pub async fn desk_attachments(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        topic: &TopicId,
    ) -> Answer<Vec<Attachment>> {
        let want = Want {
            topics: Topics::One(topic.clone()),
            ..Want::default()
        };
        let desk = self.desk(community, token, want).await?;
        if desk.seen()?.is_empty() {
            return Err(DeskRefusal::Unknown.into());
        }
        let rows = self.store.attachments(community, topic).await?;
        let told = rows.into_iter().map(|row| Attachment {
            upload: self.upload_ref(&row.upload),
            alt: row.alt,
        });
        Ok(told.collect())
    }

    /// Whose upload it will be, unless adding an attachment will be refused anyway: asked
    /// before the file is read. The same is decided again when it is added.
    pub async fn desk_may_attach(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        key: &IdempotencyKey,
        topic: &TopicId,
        alt: &str,
    ) -> Answer<String> {
        let want = Want {
            topics: Topics::One(topic.clone()),
            kept: Some((crate::seal::session_hash(token.as_str()), key.clone())),
            ..Want::default()
        };
        let desk = self.desk(community, token, want).await?;
        let me = desk.me()?;
        desk::may_edit(&desk.state, me, topic)?;
        desk::check_alt(alt)?;
        // What was answered before is answered again, also where there is no room any more.
        if desk.state.kept.is_none() {
            let held = self.store.attachments(community, topic).await?;
            desk::check_room(held.len())?;
        }
        Ok(staff_owner(&me.id))
    }
}
