//! Rolls at the desk: the versions in force, and files that become previews. Adopting a
//! preview is a command, since two persons must agree.

use super::Answer;
use crate::service::Service;
use crate::store::Told;
use crate::store::staff::Want;
use linli_model::desk::Permission;
use linli_model::desk::roll::{RollKind, RollPreview, RollVersion};
use linli_model::{CommunityId, GrantToken};

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
