//! Attachments in memory: what a file is its media type says, and nothing is made smaller.

use super::{Caller, Env, Held, HeldTopic};
use crate::desk::FileBytes;
use linli_model::desk::attachment::{ATTACHMENTS_MAX, alt_fault};
use linli_model::desk::{Attachment, DeskRefusal, Permission};
use linli_model::upload::{UploadPolicy, UploadPurpose, UploadRef};
use linli_model::{IdempotencyKey, TopicId, UploadId};

/// Sides of every picture here, in pixels.
const SIDES: (u32, u32) = (1_600, 1_200);

impl Held {
    pub(super) fn attachments(&self, topic: &TopicId) -> Result<Vec<Attachment>, DeskRefusal> {
        let one = self.topics.iter().find(|one| one.topic.id == *topic);
        Ok(one.ok_or(DeskRefusal::Unknown)?.attachments.clone())
    }

    pub(super) fn attach(
        &mut self,
        caller: &Caller,
        key: &IdempotencyKey,
        (topic, alt, file): (&TopicId, &str, &FileBytes),
        env: &Env,
    ) -> Result<Attachment, DeskRefusal> {
        let place = self.any_topic(topic)?.topic.place.id.clone();
        caller.may(Permission::Polls, &self.chain(&place))?;
        if let Some((_, before)) = self.attached.iter().find(|(known, _)| known == key) {
            return Ok(before.clone());
        }
        if let Some(fault) = alt_fault(alt) {
            return Err(invalid("alt", fault));
        }
        let is_picture = file.media_type.starts_with("image/");
        if !is_picture && file.media_type != "application/pdf" {
            return Err(invalid("file", "unsupported"));
        }
        let id = UploadId::from_bytes(env.chance[0]);
        let one = self.any_topic(topic)?;
        if one.attachments.len() >= ATTACHMENTS_MAX {
            return Err(invalid("attachments", "too_many"));
        }
        let address = format!("/u/jiangpan/{id}");
        let added = Attachment {
            upload: UploadRef {
                purpose: UploadPurpose::Attachment,
                policy: UploadPolicy::Staff,
                media_type: file.media_type.clone(),
                bytes: file.bytes.len() as u64,
                width: is_picture.then_some(SIDES.0),
                height: is_picture.then_some(SIDES.1),
                thumb: is_picture.then(|| format!("{address}/thumb")),
                address,
                created_at_ms: env.now_ms,
                id,
            },
            alt: alt.trim().to_owned(),
        };
        one.attachments.push(added.clone());
        self.attached.push((key.clone(), added.clone()));
        self.record(caller, "add_attachment", topic.as_str(), "", env.now_ms);
        Ok(added)
    }

    pub(super) fn detach(&mut self, topic: &TopicId, upload: &UploadId) -> Result<(), DeskRefusal> {
        let held = &mut self.any_topic(topic)?.attachments;
        let index = held.iter().position(|one| one.upload.id == *upload);
        held.remove(index.ok_or(DeskRefusal::Unknown)?);
        Ok(())
    }

    fn any_topic(&mut self, topic: &TopicId) -> Result<&mut HeldTopic, DeskRefusal> {
        let mut known = self.topics.iter_mut();
        let one = known.find(|one| one.topic.id == *topic);
        one.ok_or(DeskRefusal::Unknown)
    }
}

fn invalid(path: &str, fault: &str) -> DeskRefusal {
    DeskRefusal::Invalid {
        path: path.to_owned(),
        fault: fault.to_owned(),
    }
}
