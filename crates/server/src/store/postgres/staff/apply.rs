//! Writing what the desk has decided.

use super::number;
use crate::identity::passwords::folded;
use crate::store::DESK_VERSION;
use crate::store::postgres::db::{Params, Tx};
use crate::store::postgres::error::JobError;
use crate::store::postgres::{attachments, grants, roll};
use crate::store::staff::{
    ApprovalRecord, Asked, DeskHead, Effect, InvitationRecord, Remembered, SessionRecord,
    StaffRecord, Written,
};
use linli_model::desk::{Notice, Subject, TopicDraft};
use linli_model::{CommunityId, Refusal, StaffId, Topic, UtcMs};
use serde::Serialize;

/// How long a reply is kept.
pub(super) const REPLY_MS: i64 = 24 * 3_600_000;
/// How long a change is kept for desks that are open.
const EVENT_MS: i64 = 3_600_000;
/// How long the client whose name was taken a moment ago is asked to wait.
const CROSSED_RETRY_MS: i64 = 100;

/// Does every effect, in order. `head` is the community's, locked.
pub(super) async fn effects(
    tx: &Tx<'_>,
    community: &CommunityId,
    now_ms: UtcMs,
    head: &mut DeskHead,
    effects: &[Effect],
) -> Result<(), JobError> {
    if effects.is_empty() {
        return Ok(());
    }
    let writing = Writing {
        tx,
        community: community.as_str(),
        now_ms,
    };
    for effect in effects {
        match effect {
            Effect::Audit(written) => writing.audit(head, written).await?,
            Effect::Tell(subject, id) => writing.tell(head, *subject, id).await?,
            Effect::Settle(settle) => grants::settle(tx, community.as_str(), settle).await?,
            Effect::SetCodes(codes) => roll::set_codes(tx, community.as_str(), codes).await?,
            other => writing.effect(other).await?,
        }
    }
    tx.execute(
        "UPDATE desk_head SET audit_number = $2, audit_hash = $3, event_number = $4
         WHERE community_id = $1",
        &[
            &community.as_str(),
            &number(head.audit_number),
            &head.audit_hash,
            &number(head.event_number),
        ],
    )
    .await
    .map(drop)
}

/// Keeps a command's reply, and forgets those that are too old.
pub(super) async fn remember(
    tx: &Tx<'_>,
    community: &CommunityId,
    now_ms: UtcMs,
    kept: &Remembered,
    asked: &Asked,
) -> Result<(), JobError> {
    tx.execute(
        "DELETE FROM desk_reply WHERE community_id = $1 AND at_ms <= $2",
        &[&community.as_str(), &(now_ms - REPLY_MS)],
    )
    .await?;
    tx.execute(
        "INSERT INTO desk_reply (community_id, staff_id, command_key, command_hash, reply, at_ms)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &community.as_str(),
            &kept.staff.to_string(),
            &asked.key.as_bytes().as_slice(),
            &asked.command_hash.as_slice(),
            &json(&kept.reply)?,
            &now_ms,
        ],
    )
    .await
    .map(drop)
}

fn json(value: &impl Serialize) -> Result<String, JobError> {
    serde_json::to_string(value).map_err(|error| JobError::Corrupt(error.to_string()))
}

struct Writing<'a> {
    tx: &'a Tx<'a>,
    community: &'a str,
    now_ms: UtcMs,
}

impl Writing<'_> {
    async fn run(&self, sql: &str, given: Params<'_>) -> Result<u64, JobError> {
        self.tx.execute(sql, given).await
    }

    async fn effect(&self, effect: &Effect) -> Result<(), JobError> {
        let community = self.community;
        match effect {
            Effect::AddStaff(staff) => self.add_staff(staff).await,
            Effect::SignedIn {
                staff,
                totp_step,
                spent,
            } => self.signed_in(staff, *totp_step, spent.as_ref()).await,
            Effect::SetPosts { staff, posts } => self
                .run(
                    "UPDATE staff SET posts = $3 WHERE community_id = $1 AND staff_id = $2",
                    &[&community, &staff.to_string(), &json(posts)?],
                )
                .await
                .map(drop),
            Effect::DropFactor(staff) => self.set_step(staff, i64::MAX, &[]).await,
            Effect::RenewFactor(staff) => {
                self.set_step(&staff.id, staff.totp_step, &staff.recovery)
                    .await?;
                self.run(
                    "UPDATE staff SET totp_secret = $3, signed_in_at_ms = $4
                     WHERE community_id = $1 AND staff_id = $2",
                    &[
                        &community,
                        &staff.id.to_string(),
                        &staff.totp_secret,
                        &staff.signed_in_at_ms,
                    ],
                )
                .await
                .map(drop)
            }
            Effect::AddSession(session) => self.add_session(session).await,
            Effect::EndSession(token_hash) => self
                .run(
                    "DELETE FROM staff_session WHERE community_id = $1 AND token_hash = $2",
                    &[&community, &token_hash.as_slice()],
                )
                .await
                .map(drop),
            Effect::PutInvitation(invitation) => self.put_invitation(invitation).await,
            Effect::EndInvitation(token_hash) => self
                .run(
                    "DELETE FROM invitation WHERE community_id = $1 AND token_hash = $2",
                    &[&community, &token_hash.as_slice()],
                )
                .await
                .map(drop),
            Effect::PutApproval(approval) => self.put_approval(approval).await,
            Effect::PutDraft(draft) => self.put_draft(draft).await,
            Effect::AddAttachment(new) => attachments::add(self.tx, community, new).await,
            Effect::RemoveAttachment(topic, upload) => {
                attachments::remove(self.tx, community, topic, upload).await
            }
            Effect::DropDraft(topic) => {
                attachments::remove_all(self.tx, community, topic).await?;
                self.run(
                    "DELETE FROM topic_draft WHERE community_id = $1 AND topic_id = $2",
                    &[&community, &topic.as_str()],
                )
                .await?;
                self.run(
                    "DELETE FROM topic_directory WHERE topic_id = $2 AND community_id = $1",
                    &[&community, &topic.as_str()],
                )
                .await
                .map(drop)
            }
            Effect::Publish { topic } => self.publish(topic).await,
            Effect::MoveClosing {
                topic,
                notices,
                grants_end_ms,
            } => self.move_closing(topic, notices, *grants_end_ms).await,
            // Done before these, or beside this.
            Effect::AdoptRoll(_)
            | Effect::ChangePlace(_)
            | Effect::Audit(_)
            | Effect::Tell(..)
            | Effect::Settle(_)
            | Effect::SetCodes(_) => Ok(()),
        }
    }

    async fn audit(&self, head: &mut DeskHead, written: &Written) -> Result<(), JobError> {
        let entry = head.append(written, self.now_ms);
        self.run(
            "INSERT INTO audit (community_id, number, at_ms, actor, action, subject, detail,
                 previous_hash, entry_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                &self.community,
                &number(entry.number),
                &entry.at_ms,
                &json(&entry.actor)?,
                &entry.action,
                &entry.subject,
                &entry.detail,
                &entry.previous,
                &entry.hash,
            ],
        )
        .await?;
        Ok(())
    }

    async fn tell(&self, head: &mut DeskHead, subject: Subject, id: &str) -> Result<(), JobError> {
        head.event_number += 1;
        self.run(
            "DELETE FROM desk_event WHERE community_id = $1 AND at_ms <= $2",
            &[&self.community, &(self.now_ms - EVENT_MS)],
        )
        .await?;
        self.run(
            "INSERT INTO desk_event (community_id, number, at_ms, subject, subject_id)
             VALUES ($1, $2, $3, $4, $5)",
            &[
                &self.community,
                &number(head.event_number),
                &self.now_ms,
                &subject.as_str(),
                &id,
            ],
        )
        .await?;
        Ok(())
    }

    async fn add_staff(&self, staff: &StaffRecord) -> Result<(), JobError> {
        let id = staff.id.to_string();
        self.run(
            "INSERT INTO staff (community_id, staff_id, name, login, login_folded, password_phc,
                 totp_secret, totp_step, posts, signed_in_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                &self.community,
                &id,
                &staff.name,
                &staff.login,
                &folded(&staff.login),
                &staff.password_phc,
                &staff.totp_secret,
                &staff.totp_step,
                &json(&staff.posts)?,
                &staff.signed_in_at_ms,
            ],
        )
        .await?;
        self.add_recovery(&id, &staff.recovery).await
    }

    /// Sets the step of time after which codes are taken (the last of all: none is), and
    /// the recovery codes.
    async fn set_step(
        &self,
        staff: &StaffId,
        totp_step: i64,
        recovery: &[[u8; 32]],
    ) -> Result<(), JobError> {
        let id = staff.to_string();
        self.run(
            "UPDATE staff SET totp_step = $3 WHERE community_id = $1 AND staff_id = $2",
            &[&self.community, &id, &totp_step],
        )
        .await?;
        self.run(
            "DELETE FROM recovery_code WHERE community_id = $1 AND staff_id = $2",
            &[&self.community, &id],
        )
        .await?;
        self.add_recovery(&id, recovery).await
    }

    async fn add_recovery(&self, id: &str, recovery: &[[u8; 32]]) -> Result<(), JobError> {
        for hash in recovery {
            self.run(
                "INSERT INTO recovery_code (community_id, staff_id, code_hash)
                 VALUES ($1, $2, $3)",
                &[&self.community, &id, &hash.as_slice()],
            )
            .await?;
        }
        Ok(())
    }

    async fn signed_in(
        &self,
        staff: &StaffId,
        totp_step: i64,
        spent: Option<&[u8; 32]>,
    ) -> Result<(), JobError> {
        let id = staff.to_string();
        self.run(
            "UPDATE staff SET totp_step = $3, signed_in_at_ms = $4
             WHERE community_id = $1 AND staff_id = $2",
            &[&self.community, &id, &totp_step, &self.now_ms],
        )
        .await?;
        if let Some(hash) = spent {
            self.run(
                "DELETE FROM recovery_code
                 WHERE community_id = $1 AND staff_id = $2 AND code_hash = $3",
                &[&self.community, &id, &hash.as_slice()],
            )
            .await?;
        }
        Ok(())
    }

    async fn add_session(&self, session: &SessionRecord) -> Result<(), JobError> {
        self.run(
            "INSERT INTO staff_session (community_id, token_hash, session_id, staff_id,
                 started_at_ms, used_at_ms, device) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[
                &self.community,
                &session.token_hash.as_slice(),
                &session.id,
                &session.staff.to_string(),
                &session.started_at_ms,
                &session.used_at_ms,
                &session.device,
            ],
        )
        .await?;
        Ok(())
    }

    async fn put_invitation(&self, invitation: &InvitationRecord) -> Result<(), JobError> {
        let half = invitation.half.as_ref();
        self.run(
            "INSERT INTO invitation (community_id, token_hash, invitation_id, name, posts,
                 invited_by, invited_by_name, expires_at_ms, login, password_phc, totp_secret,
                 renews)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (community_id, token_hash) DO UPDATE SET login = excluded.login,
                 password_phc = excluded.password_phc, totp_secret = excluded.totp_secret",
            &[
                &self.community,
                &invitation.token_hash.as_slice(),
                &invitation.id,
                &invitation.name,
                &json(&invitation.posts)?,
                &invitation.invited_by.as_ref().map(StaffId::to_string),
                &invitation.invited_by_name,
                &invitation.expires_at_ms,
                &half.map(|half| &half.login),
                &half.map(|half| &half.password_phc),
                &half.map(|half| &half.totp_secret),
                &invitation.renews.as_ref().map(StaffId::to_string),
            ],
        )
        .await?;
        Ok(())
    }

    async fn put_approval(&self, approval: &ApprovalRecord) -> Result<(), JobError> {
        self.run(
            "INSERT INTO approval (community_id, approval_id, command, about, place_id, asked_by,
                 asked_by_name, asked_at_ms, expires_at_ms, state, decided_by_name,
                 decided_at_ms, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             ON CONFLICT (community_id, approval_id) DO UPDATE SET state = excluded.state,
                 decided_by_name = excluded.decided_by_name,
                 decided_at_ms = excluded.decided_at_ms, reason = excluded.reason",
            &[
                &self.community,
                &approval.id.to_string(),
                &json(&approval.command)?,
                &approval.about,
                &approval.place.as_ref().map(|place| place.as_str()),
                &approval.asked_by.to_string(),
                &approval.asked_by_name,
                &approval.asked_at_ms,
                &approval.expires_at_ms,
                &approval.state.as_str(),
                &approval.decided_by_name,
                &approval.decided_at_ms,
                &approval.reason,
            ],
        )
        .await?;
        Ok(())
    }

    async fn put_draft(&self, draft: &TopicDraft) -> Result<(), JobError> {
        self.take_name(draft.id.as_str()).await?;
        self.run(
            "INSERT INTO topic_draft (community_id, topic_id, poll_id, body)
             VALUES ($1, $2, $3, $4) ON CONFLICT (community_id, topic_id) DO UPDATE
             SET poll_id = excluded.poll_id, body = excluded.body",
            &[
                &self.community,
                &draft.id.as_str(),
                &draft.poll.id.as_str(),
                &json(draft)?,
            ],
        )
        .await?;
        Ok(())
    }

    /// Topics' names are unique over all communities.
    async fn take_name(&self, topic: &str) -> Result<(), JobError> {
        self.run(
            "INSERT INTO topic_directory (topic_id, community_id) VALUES ($1, $2)
             ON CONFLICT DO NOTHING",
            &[&topic, &self.community],
        )
        .await?;
        let ours = self
            .tx
            .opt(
                "SELECT 1 FROM topic_directory WHERE topic_id = $1 AND community_id = $2",
                &[&topic, &self.community],
            )
            .await?
            .is_some();
        if !ours {
            return Err(Refusal::Busy {
                retry_after_ms: CROSSED_RETRY_MS,
            }
            .into());
        }
        Ok(())
    }

    async fn publish(&self, topic: &Topic) -> Result<(), JobError> {
        self.run(
            "DELETE FROM topic_draft WHERE community_id = $1 AND topic_id = $2",
            &[&self.community, &topic.id.as_str()],
        )
        .await?;
        self.run(
            "INSERT INTO topic (community_id, topic_id, poll_id, version, body)
             VALUES ($1, $2, $3, $4, $5)",
            &[
                &self.community,
                &topic.id.as_str(),
                &topic.poll.id.as_str(),
                &DESK_VERSION,
                &json(topic)?,
            ],
        )
        .await?;
        Ok(())
    }

    async fn move_closing(
        &self,
        topic: &Topic,
        notices: &[Notice],
        grants_end_ms: Option<UtcMs>,
    ) -> Result<(), JobError> {
        self.run(
            "UPDATE topic SET body = $3, notices = $4, version = version + $5
             WHERE community_id = $1 AND topic_id = $2",
            &[
                &self.community,
                &topic.id.as_str(),
                &json(topic)?,
                &json(&notices)?,
                &DESK_VERSION,
            ],
        )
        .await?;
        if let Some(end_ms) = grants_end_ms {
            self.run(
                "UPDATE cast_grant SET expires_at_ms = least(expires_at_ms, $3)
                 WHERE community_id = $1 AND poll_id = $2",
                &[&self.community, &topic.poll.id.as_str(), &end_ms],
            )
            .await?;
        }
        Ok(())
    }
}
