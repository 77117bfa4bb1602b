//! Rolls at the desk: the versions in force, and files that become previews. Adopting a
//! preview is a command, since two persons must agree.

use super::Answer;
use crate::service::Service;
use crate::store::EntriesQuery;
use crate::store::Told;
use crate::store::staff::{Act, Want};
use linli_model::desk::roll::{EntriesAsked, RollKind, RollPage, RollPreview, RollVersion};
use linli_model::desk::{DeskRefusal, Permission};
use linli_model::{CommunityId, GrantToken};

/// Entries of a roll on one page.
const ENTRIES_PAGE: u32 = 50;

impl Service {
    /// The version in force of every roll.
    pub async fn desk_rolls(
        &self,
        community: &CommunityId,
        token: &GrantToken,
    ) -> Answer<Told<Vec<RollVersion>>> {
        let desk = self.desk(community, token, Want::default()).await?;
        desk.permit(Permission::See)?;
        Ok(self.rolls(community).await?)
    }

    /// Whether this session may bring a roll: asked before its file is taken in.
    pub async fn require_rolls(&self, community: &CommunityId, token: &GrantToken) -> Answer<()> {
        let desk = self.desk(community, token, Want::default()).await?;
        Ok(desk.permit(Permission::Rolls)?)
    }

    /// A page of a roll. That it was read is written down, not what was looked for: a name
    /// would stand in the log for good.
    pub async fn desk_roll_entries(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        kind: RollKind,
        asked: EntriesAsked,
    ) -> Answer<Told<RollPage>> {
        let desk = self.desk(community, token, Want::default()).await?;
        let place = asked.place.as_ref();
        if place.is_some_and(|place| desk.state.chain(place).is_none()) {
            return Err(DeskRefusal::Unknown.into());
        }
        let needs = Permission::Rolls;
        if !desk.state.may(&desk.me()?.posts, needs, place) {
            return Err(DeskRefusal::NotPermitted { needs }.into());
        }
        let facts = serde_json::json!({
            "place": place, "after": asked.after, "searched": !asked.search.trim().is_empty(),
        });
        let note = Act::Note {
            token_hash: desk.token_hash,
            action: "roll_read".to_owned(),
            subject: kind.as_str().to_owned(),
            detail: facts.to_string(),
        };
        self.act(community, note).await?;
        let query = EntriesQuery {
            community: community.clone(),
            kind,
            after: asked.after,
            limit: ENTRIES_PAGE,
            search: asked.search,
            place: asked.place,
        };
        let mut page = self.roll_entries(query).await?;
        if let Ok(page) = &mut page {
            for line in &mut page.lines {
                // What groups the units of one buyer may be made of a document's number,
                // and nobody reads a roll by it.
                line.content.owner.clear();
            }
        }
        Ok(page)
    }

    /// Reads a file, and keeps what it would change for a day.
    pub async fn desk_roll_preview(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        kind: RollKind,
        (bytes, file_name): (Vec<u8>, &str),
    ) -> Answer<Told<RollPreview>> {
        self.require_rolls(community, token).await?;
        Ok(self.preview_roll(community, kind, bytes, file_name).await?)
    }
}
