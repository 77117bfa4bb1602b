//! Commands: what can be made ready outside of the transaction, and the reply.

use super::{Answer, Desk, DeskFailure};
use crate::seal;
use crate::service::{CodeSheetRow, Service};
use crate::store::staff::{Act, ActReply, Asked, Want};
use crate::store::{HouseholdCodes, HouseholdRow};
use linli_model::desk::{CodeSlip, Command, CommandReply, DeskRefusal, Permission};
use linli_model::{CommunityId, GrantToken, IdempotencyKey, PlaceId};

/// Most households whose codes one command makes: their slow hashes must be done within
/// one request. A larger community makes them place by place, or from a shell.
const CODES_MAX: usize = 500;

impl Service {
    /// Does what a member of staff asks for. True beside the reply: it had been answered
    /// before.
    pub async fn desk_command(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        key: IdempotencyKey,
        command: Command,
    ) -> Answer<(CommandReply, bool)> {
        let text = serde_json_canonicalizer::to_string(&command);
        let text = text.map_err(|error| DeskFailure::Fault(error.to_string()))?;
        let (sheet, codes) = match &command {
            Command::MakeCodes { place, renew, .. } => {
                let kept = Some((seal::session_hash(token.as_str()), key.clone()));
                let want = Want {
                    kept,
                    households: true,
                    ..Want::default()
                };
                let desk = self.desk(community, token, want).await?;
                self.made_codes(&desk, place.as_ref(), *renew).await?
            }
            _ => (Vec::new(), Vec::new()),
        };
        let asked = Asked {
            token_hash: seal::session_hash(token.as_str()),
            key,
            command_hash: seal::tagged("linli desk command", &[text.as_bytes()]),
            command,
            fresh: seal::chance(),
            invitation_token: seal::hex(&seal::chance::<32>()),
            codes,
        };
        let reply = self.act(community, Act::Command(Box::new(asked))).await?;
        // Who may ask about a topic is decided by a copy; ballots by the stored one.
        self.forget_recent();
        match reply {
            ActReply::Command {
                reply: CommandReply::Codes { .. },
                replayed: false,
            } => Ok((
                CommandReply::Codes {
                    slips: sheet.into_iter().map(slip).collect(),
                    page: String::new(),
                },
                false,
            )),
            ActReply::Command { reply, replayed } => Ok((reply, replayed)),
            ActReply::Done | ActReply::Session(_) => {
                Err(DeskFailure::Fault("a command was not answered".to_owned()))
            }
        }
    }

    /// New codes for those of a place that lack one, or for all of them. None when the
    /// transaction will refuse, or answer what it has answered before.
    async fn made_codes(
        &self,
        desk: &Desk,
        place: Option<&PlaceId>,
        renew: bool,
    ) -> Answer<(Vec<CodeSheetRow>, Vec<HouseholdCodes>)> {
        let (state, me) = (&desk.state, desk.me()?);
        if state.kept.is_some() || !state.may(&me.posts, Permission::Codes, place) {
            return Ok((Vec::new(), Vec::new()));
        }
        let below = state.below(place);
        let community = &state.community.id;
        let households = self.store.households(community.as_str()).await?;
        let wanted: Vec<HouseholdRow> = households
            .into_iter()
            .filter(|h| (renew || !h.has_code) && below.contains(h.place.as_str()))
            .collect();
        if wanted.len() > CODES_MAX {
            return Err(DeskRefusal::Invalid {
                path: "place".to_owned(),
                fault: "too_many".to_owned(),
            }
            .into());
        }
        Ok(self.codes_for(community, wanted).await?)
    }
}

fn slip(row: CodeSheetRow) -> CodeSlip {
    CodeSlip {
        place: row.place_name,
        label: row.label,
        typed: row.typed,
        scanned: row.scanned,
        qr: String::new(),
    }
}
