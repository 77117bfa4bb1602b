//! What commands do to the community in memory.

use super::{
    APPROVAL_MS, Caller, DeskRefusal, Env, Held, HeldTopic, INVITATION_MS, Invitation, Site, rule,
};
use linli_model::desk::{
    Approval, ApprovalState, CodeSlip, Command, CommandReply, Decision, InvitationRow, Notice,
    Permission, PlaceNode, PollState, Post, RollVersion, TopicDraft,
};
use linli_model::{ApprovalId, IdempotencyKey, PlaceId, PlaceTurnout, StaffId, TopicId, Turnout};

const REASON_CHARS_MAX: u32 = 500;
/// How long the link for a new second factor lasts.
const RENEWAL_MS: i64 = 86_400_000;
/// Slips that one command makes here: enough for a page.
const SLIPS: u64 = 8;

impl Held {
    pub(super) fn command(
        &mut self,
        caller: &Caller,
        key: &IdempotencyKey,
        command: &Command,
        env: &Env,
    ) -> Result<CommandReply, DeskRefusal> {
        if let Some((_, known, reply)) = self.replies.iter().find(|(known, ..)| known == key) {
            return if known == command {
                Ok(reply.clone())
            } else {
                Err(DeskRefusal::KeyReused)
            };
        }
        if let Some(needed) = rule::needs(command) {
            caller.may(needed, &self.chain_of(command))?;
        }
        let reply = if rule::takes_two(command) {
            self.wait(caller, command, env)?
        } else {
            self.carry_out(caller, command, env)?
        };
        let detail = serde_json::to_string(command).unwrap_or_default();
        let subject = subject(command);
        self.record(caller, command.word(), &subject, &detail, env.now_ms);
        self.replies
            .push((key.clone(), command.clone(), reply.clone()));
        Ok(reply)
    }

    /// The places that a command is about; none for the whole community.
    pub(super) fn chain_of(&self, command: &Command) -> Vec<PlaceId> {
        let place = match command {
            Command::CreateTopic { topic } | Command::UpdateTopic { topic } => Some(&topic.place),
            Command::DeleteTopic { topic }
            | Command::OpenPoll { topic }
            | Command::ClosePoll { topic, .. }
            | Command::ExtendPoll { topic, .. } => {
                let held = self.topics.iter().find(|one| one.topic.id == *topic);
                held.map(|held| &held.topic.place.id)
            }
            Command::MakeCodes { place, .. } => place.as_ref(),
            Command::Decide { approval, .. } => {
                let known = self.approvals.iter().find(|one| one.id == *approval);
                return known.map_or_else(Vec::new, |one| self.chain_of(&one.command));
            }
            _ => None,
        };
        place.map_or_else(Vec::new, |place| self.chain(place))
    }

    fn wait(
        &mut self,
        caller: &Caller,
        command: &Command,
        env: &Env,
    ) -> Result<CommandReply, DeskRefusal> {
        let about = match command {
            Command::ClosePoll { topic, reason } => {
                check_reason(reason)?;
                let held = self.held_topic(topic)?;
                if held.state(env.now_ms) != PollState::Open {
                    return Err(DeskRefusal::Conflict);
                }
                held.topic.title.clone()
            }
            Command::AdoptRoll { draft, .. } => {
                let preview = self.drafts.iter().find(|preview| preview.draft == *draft);
                preview.ok_or(DeskRefusal::Unknown)?.file_name.clone()
            }
            Command::ResetFactor { staff, reason } => {
                check_reason(reason)?;
                let known = self.staff.iter().find(|member| member.row.id == *staff);
                known.ok_or(DeskRefusal::Unknown)?.row.name.clone()
            }
            _ => String::new(),
        };
        let same = |one: &Approval| {
            one.state == ApprovalState::Waiting && subject(&one.command) == subject(command)
        };
        if self.approvals.iter().any(same) {
            return Err(DeskRefusal::AlreadyAsked);
        }
        let approval = Approval {
            id: ApprovalId::from_bytes(env.chance[0]),
            command: command.clone(),
            about,
            asked_by: caller.id.clone(),
            asked_by_name: caller.name.clone(),
            asked_at_ms: env.now_ms,
            expires_at_ms: env.now_ms + APPROVAL_MS,
            state: ApprovalState::Waiting,
            decided_by_name: String::new(),
            decided_at_ms: None,
            reason: String::new(),
            may_decide: false,
            may_withdraw: true,
        };
        self.approvals.push(approval.clone());
        Ok(CommandReply::Waiting {
            approval: Box::new(approval),
        })
    }

    fn carry_out(
        &mut self,
        caller: &Caller,
        command: &Command,
        env: &Env,
    ) -> Result<CommandReply, DeskRefusal> {
        match command {
            Command::CreateTopic { topic } => self.create(topic)?,
            Command::UpdateTopic { topic } => {
                let new = self.topic_of(topic)?;
                self.draft_of(&topic.id)?.topic = new;
            }
            Command::DeleteTopic { topic } => {
                self.draft_of(topic)?;
                self.topics.retain(|one| one.topic.id != *topic);
            }
            Command::OpenPoll { topic } => {
                let now_ms = env.now_ms;
                let held = self.draft_of(topic)?;
                if held.topic.poll.closes_at_ms <= now_ms {
                    return Err(DeskRefusal::Invalid {
                        path: "poll.closes_at_ms".to_owned(),
                        fault: "in_the_past".to_owned(),
                    });
                }
                held.published = true;
            }
            Command::ExtendPoll {
                topic,
                closes_at_ms,
                reason,
            } => {
                check_reason(reason)?;
                let now_ms = env.now_ms;
                let held = self.held_topic(topic)?;
                let from_ms = held.topic.poll.closes_at_ms;
                if *closes_at_ms <= from_ms {
                    return Err(DeskRefusal::Invalid {
                        path: "closes_at_ms".to_owned(),
                        fault: "not_later".to_owned(),
                    });
                }
                held.topic.poll.closes_at_ms = *closes_at_ms;
                held.notices.push(Notice::Extended {
                    at_ms: now_ms,
                    from_ms,
                    to_ms: *closes_at_ms,
                    reason: reason.clone(),
                });
            }
            Command::ClosePoll { topic, reason } => {
                let at_ms = env.now_ms;
                let held = self.held_topic(topic)?;
                let announced_ms = held.topic.poll.closes_at_ms;
                held.topic.poll.closes_at_ms = at_ms;
                held.notices.push(Notice::ClosedEarly {
                    at_ms,
                    announced_ms,
                    reason: reason.clone(),
                });
            }
            Command::AdoptRoll { draft, .. } => self.adopt(caller, draft, env)?,
            Command::MakeCodes { place, .. } => return Ok(self.make_codes(place.as_ref())),
            Command::Invite { name, posts } => return self.invite(caller, name, posts, env),
            Command::RevokeInvitation { invitation } => {
                self.invitations.retain(|one| one.row.id != *invitation);
            }
            Command::SetPosts { staff, posts } => self.set_posts(staff, posts)?,
            Command::EndSession { session } => {
                self.sessions.retain(|one| one.row.id != *session);
            }
            Command::Decide {
                approval,
                decision,
                reason,
            } => return self.decide(caller, approval, *decision, reason, env),
            Command::ResetFactor { staff, .. } => {
                self.sessions.retain(|session| session.row.staff != *staff);
                return Ok(CommandReply::Invited {
                    token: env.token()?,
                    expires_at_ms: env.now_ms + RENEWAL_MS,
                });
            }
            // Files are sent otherwise.
            Command::AddAttachment { .. } => return Err(DeskRefusal::Unknown),
            Command::RemoveAttachment { topic, upload } => self.detach(topic, upload)?,
            Command::PutPlace { place } => self.put_place(place)?,
            Command::ClosePlace { place } => self.close_place(place)?,
            Command::Withdraw { approval } => {
                let one = self.waiting(approval)?;
                one.state = ApprovalState::Withdrawn;
                one.decided_at_ms = Some(env.now_ms);
            }
        }
        Ok(CommandReply::Done)
    }

    fn create(&mut self, draft: &TopicDraft) -> Result<(), DeskRefusal> {
        if self.topics.iter().any(|one| one.topic.id == draft.id) {
            return Err(DeskRefusal::NameTaken);
        }
        let topic = self.topic_of(draft)?;
        let below = self
            .places
            .iter()
            .filter(|site| site.households > 0 && self.chain(&site.node.id).contains(&draft.place));
        let places = below.filter_map(|site| {
            Some(PlaceTurnout {
                place: self.place_ref(&site.node.id).ok()?,
                turnout: Turnout {
                    cast: 0,
                    eligible: Some(site.households),
                },
            })
        });
        let places = places.collect();
        self.topics.push(HeldTopic {
            topic,
            published: false,
            attachments: Vec::new(),
            places,
            notices: Vec::new(),
            result: None,
        });
        Ok(())
    }

    fn adopt(&mut self, caller: &Caller, draft: &str, env: &Env) -> Result<(), DeskRefusal> {
        let place = self.drafts.iter().position(|one| one.draft == draft);
        let preview = self.drafts.swap_remove(place.ok_or(DeskRefusal::Unknown)?);
        let version = preview.base_version + 1;
        self.rolls.retain(|roll| roll.kind != preview.kind);
        self.rolls.push(RollVersion {
            kind: preview.kind,
            version,
            adopted_at_ms: env.now_ms,
            adopted_by: caller.name.clone(),
            file_name: preview.file_name,
            entries: preview.entries,
            voters: preview.voters,
            diff: preview.diff,
            commitment: super::hex(&env.chance.concat()),
        });
        Ok(())
    }

    fn held_topic(&mut self, id: &TopicId) -> Result<&mut HeldTopic, DeskRefusal> {
        let mut topics = self.topics.iter_mut();
        topics
            .find(|one| one.topic.id == *id)
            .ok_or(DeskRefusal::Unknown)
    }

    fn draft_of(&mut self, id: &TopicId) -> Result<&mut HeldTopic, DeskRefusal> {
        let held = self.held_topic(id)?;
        if held.published {
            return Err(DeskRefusal::AlreadyPublished);
        }
        Ok(held)
    }

    fn make_codes(&mut self, place: Option<&PlaceId>) -> CommandReply {
        let households = self.places.iter().map(|site| site.households).sum();
        self.households_with_code = households;
        let site = self.places.iter().find(|site| match place {
            Some(place) => site.node.id == *place,
            None => site.households > 0,
        });
        let place = site.map_or("", |site| site.node.name.as_str()).to_owned();
        let slip = |n: u64| CodeSlip {
            place: place.clone(),
            label: format!("3 栋 {} 单元 {}0{}", n % 2 + 1, n / 2 + 1, n % 2 + 1),
            typed: format!("7Q4M-KX2P-9TD{n}"),
            scanned: format!("{n:032x}"),
            // Nothing here draws one.
            qr: String::new(),
        };
        let slips = (0..SLIPS).map(slip).collect();
        CommandReply::Codes {
            slips,
            page: String::new(),
        }
    }

    fn invite(
        &mut self,
        caller: &Caller,
        name: &str,
        posts: &[Post],
        env: &Env,
    ) -> Result<CommandReply, DeskRefusal> {
        if name.trim().is_empty() {
            return Err(DeskRefusal::Invalid {
                path: "name".to_owned(),
                fault: "empty".to_owned(),
            });
        }
        let token = env.token()?;
        let expires_at_ms = env.now_ms + INVITATION_MS;
        self.invitations.push(Invitation {
            row: InvitationRow {
                id: format!("i{}", self.audit.len()),
                name: name.trim().to_owned(),
                posts: posts.to_vec(),
                invited_by: caller.name.clone(),
                expires_at_ms,
            },
            token: token.clone(),
            accepted: None,
        });
        Ok(CommandReply::Invited {
            token,
            expires_at_ms,
        })
    }

    fn put_place(&mut self, place: &PlaceNode) -> Result<(), DeskRefusal> {
        let invalid = |path: &str, fault: &str| {
            Err(DeskRefusal::Invalid {
                path: path.to_owned(),
                fault: fault.to_owned(),
            })
        };
        if place.name.trim().is_empty() {
            return invalid("place.name", "empty");
        }
        let above = place.parent.as_ref().map(|parent| self.chain(parent));
        if above.is_some_and(|above| above.contains(&place.id)) {
            return invalid("place.parent", "unsupported");
        }
        match self.places.iter_mut().find(|site| site.node.id == place.id) {
            Some(site) => site.node = place.clone(),
            None => self.places.push(Site {
                node: place.clone(),
                households: 0,
            }),
        }
        for held in &mut self.topics {
            if held.topic.place.id == place.id {
                held.topic.place.name.clone_from(&place.name);
            }
        }
        Ok(())
    }

    fn close_place(&mut self, place: &PlaceId) -> Result<(), DeskRefusal> {
        let is_used = |site: &Site| {
            site.node.parent.as_ref() == Some(place)
                || site.node.id == *place && site.households > 0
        };
        let told = self.topics.iter().any(|held| held.topic.place.id == *place);
        if told || self.places.iter().any(is_used) {
            return Err(DeskRefusal::PlaceInUse);
        }
        self.places.retain(|site| site.node.id != *place);
        Ok(())
    }

    fn set_posts(&mut self, staff: &StaffId, posts: &[Post]) -> Result<(), DeskRefusal> {
        let invites = |posts: &[Post]| rule::may(posts, Permission::People, &[]);
        let others = self.staff.iter().filter(|member| member.row.id != *staff);
        let remains = others.into_iter().any(|member| invites(&member.row.posts));
        if !remains && !invites(posts) {
            return Err(DeskRefusal::LastOwner);
        }
        let mut known = self.staff.iter_mut();
        let member = known.find(|member| member.row.id == *staff);
        member.ok_or(DeskRefusal::Unknown)?.row.posts = posts.to_vec();
        self.sessions.retain(|session| session.row.staff != *staff);
        Ok(())
    }

    fn waiting(&mut self, id: &ApprovalId) -> Result<&mut Approval, DeskRefusal> {
        let mut known = self.approvals.iter_mut();
        let one = known
            .find(|one| one.id == *id)
            .ok_or(DeskRefusal::Unknown)?;
        if one.state != ApprovalState::Waiting {
            return Err(DeskRefusal::AlreadySettled);
        }
        Ok(one)
    }

    fn decide(
        &mut self,
        caller: &Caller,
        id: &ApprovalId,
        decision: Decision,
        reason: &str,
        env: &Env,
    ) -> Result<CommandReply, DeskRefusal> {
        let one = self.waiting(id)?;
        if one.asked_by == caller.id {
            return Err(DeskRefusal::OwnRequest);
        }
        let command = one.command.clone();
        let reply = match decision {
            Decision::Reject => {
                check_reason(reason)?;
                CommandReply::Done
            }
            Decision::Approve => self.carry_out(caller, &command, env)?,
        };
        let one = self.waiting(id)?;
        one.state = match decision {
            Decision::Approve => ApprovalState::Approved,
            Decision::Reject => ApprovalState::Rejected,
        };
        one.decided_by_name.clone_from(&caller.name);
        one.decided_at_ms = Some(env.now_ms);
        reason.clone_into(&mut one.reason);
        Ok(reply)
    }
}

fn check_reason(reason: &str) -> Result<(), DeskRefusal> {
    let chars = reason.trim().chars().count();
    if (1..=REASON_CHARS_MAX as usize).contains(&chars) {
        Ok(())
    } else {
        Err(DeskRefusal::ReasonNeeded {
            max_chars: REASON_CHARS_MAX,
        })
    }
}

fn subject(command: &Command) -> String {
    match command {
        Command::CreateTopic { topic } | Command::UpdateTopic { topic } => topic.id.to_string(),
        Command::DeleteTopic { topic }
        | Command::OpenPoll { topic }
        | Command::ClosePoll { topic, .. }
        | Command::ExtendPoll { topic, .. }
        | Command::AddAttachment { topic, .. }
        | Command::RemoveAttachment { topic, .. } => topic.to_string(),
        Command::SetPosts { staff, .. } | Command::ResetFactor { staff, .. } => staff.to_string(),
        Command::Decide { approval, .. } | Command::Withdraw { approval } => approval.to_string(),
        Command::Invite { name, .. } => name.clone(),
        Command::RevokeInvitation { invitation } => invitation.clone(),
        Command::EndSession { session } => session.clone(),
        Command::AdoptRoll { draft, .. } => draft.clone(),
        Command::MakeCodes { .. } => String::new(),
        Command::PutPlace { place } => place.id.to_string(),
        Command::ClosePlace { place } => place.to_string(),
    }
}
