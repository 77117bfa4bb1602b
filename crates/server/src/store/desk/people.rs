//! Codes, invitations, posts, sessions.

use super::{Outcome, polls, written};
use crate::seal;
use crate::store::staff::{Asked, DeskState, Effect, InvitationRecord, SessionRecord, StaffRecord};
use linli_model::desk::{Command, CommandReply, DeskRefusal, Permission, Post, Subject};
use linli_model::{GrantToken, PlaceId, StaffId};
use linli_rules::desk as rules;
use linli_rules::draft;

/// How long an invitation lasts.
pub(crate) const INVITATION_MS: i64 = 7 * 24 * 3_600_000;
/// Most characters of a person's name.
const NAME_CHARS_MAX: usize = 64;
/// Most posts of one person.
const POSTS_MAX: usize = 32;

pub(super) fn run(
    state: &DeskState,
    staff: &StaffRecord,
    asked: &Asked,
    command: &Command,
) -> Outcome {
    match command {
        Command::MakeCodes {
            place,
            renew,
            topic,
        } => {
            // The slips' page must be one that residents find.
            if let Some(topic) = topic {
                polls::published(state, topic).map_err(|_| DeskRefusal::Invalid {
                    path: "topic".to_owned(),
                    fault: "unknown".to_owned(),
                })?;
            }
            make_codes(state, staff, asked, place.as_ref(), *renew)
        }
        Command::Invite { name, posts } => invite(state, staff, asked, name, posts),
        Command::RevokeInvitation { invitation } => revoke(state, staff, asked, invitation),
        Command::SetPosts {
            staff: whose,
            posts,
        } => set_posts(state, staff, asked, whose, posts),
        Command::EndSession { session } => end_session(state, staff, asked, session),
        _ => Err(DeskRefusal::Unknown),
    }
}

/// The codes lie ready; they are set where nobody has made others meanwhile.
fn make_codes(
    state: &DeskState,
    staff: &StaffRecord,
    asked: &Asked,
    place: Option<&PlaceId>,
    renew: bool,
) -> Outcome {
    if place.is_some_and(|place| state.chain(place).is_none()) {
        return Err(DeskRefusal::Invalid {
            path: "place".to_owned(),
            fault: "unknown".to_owned(),
        });
    }
    let needs = Permission::Codes;
    if !state.may(&staff.posts, needs, place) {
        return Err(DeskRefusal::NotPermitted { needs });
    }
    let below = state.below(place);
    let fits = asked.codes.iter().all(|codes| {
        let inside = below.contains(codes.place.as_str());
        let key = (codes.place.clone(), codes.label.clone());
        let has_code = state.households.get(&key);
        inside && has_code.is_some_and(|has_code| renew || !has_code)
    });
    if !fits {
        return Err(DeskRefusal::Conflict);
    }
    let subject = place.map_or("", PlaceId::as_str);
    let mut effects = vec![
        Effect::SetCodes(asked.codes.clone()),
        written::by(
            staff,
            asked.command.word(),
            subject,
            written::json(&serde_json::json!({
                "command": asked.command, "households": asked.codes.len(),
            })),
        ),
    ];
    effects.push(Effect::Tell(Subject::Roll, String::new()));
    // Whoever made the codes knows them and puts them in place of this.
    let reply = CommandReply::Codes {
        slips: Vec::new(),
        page: String::new(),
    };
    Ok((effects, reply))
}

fn invite(
    state: &DeskState,
    staff: &StaffRecord,
    asked: &Asked,
    name: &str,
    posts: &[Post],
) -> Outcome {
    check_invitation(state, name, posts)?;
    give(state, staff, posts)?;
    let record = InvitationRecord {
        token_hash: seal::invitation_hash(&asked.invitation_token),
        id: seal::hex(&asked.fresh),
        name: name.to_owned(),
        posts: posts.to_vec(),
        invited_by: Some(staff.id.clone()),
        invited_by_name: staff.name.clone(),
        expires_at_ms: state.now_ms + INVITATION_MS,
        half: None,
        renews: None,
    };
    let token = GrantToken::parse(&asked.invitation_token).map_err(|_| DeskRefusal::Conflict)?;
    let reply = CommandReply::Invited {
        token,
        expires_at_ms: record.expires_at_ms,
    };
    let effects = vec![
        written::command(staff, &asked.command, &record.id),
        Effect::PutInvitation(record),
        Effect::Tell(Subject::People, String::new()),
    ];
    Ok((effects, reply))
}

/// Whether an invitation says whom and as what.
pub(super) fn check_invitation(
    state: &DeskState,
    name: &str,
    posts: &[Post],
) -> Result<(), DeskRefusal> {
    draft::required("name", name, NAME_CHARS_MAX).map_err(|fault| DeskRefusal::Invalid {
        path: fault.path,
        fault: fault.fault.to_owned(),
    })?;
    if posts.is_empty() {
        return Err(DeskRefusal::Invalid {
            path: "posts".to_owned(),
            fault: "empty".to_owned(),
        });
    }
    check_posts(state, posts)
}

fn check_posts(state: &DeskState, posts: &[Post]) -> Result<(), DeskRefusal> {
    let invalid = |path: String, fault: &str| {
        Err(DeskRefusal::Invalid {
            path,
            fault: fault.to_owned(),
        })
    };
    if posts.len() > POSTS_MAX {
        return invalid("posts".to_owned(), "too_many");
    }
    for (index, post) in posts.iter().enumerate() {
        let known = post.place.as_ref();
        if known.is_some_and(|place| state.chain(place).is_none()) {
            return invalid(format!("posts.{index}.place"), "unknown");
        }
        if posts[..index].contains(post) {
            return invalid(format!("posts.{index}"), "duplicate");
        }
    }
    Ok(())
}

/// Refuses where the posts are not this person's to give.
pub(super) fn give(
    state: &DeskState,
    staff: &StaffRecord,
    posts: &[Post],
) -> Result<(), DeskRefusal> {
    if state.may_give(&staff.posts, posts) {
        return Ok(());
    }
    Err(DeskRefusal::NotPermitted {
        needs: Permission::People,
    })
}

fn revoke(state: &DeskState, staff: &StaffRecord, asked: &Asked, invitation: &str) -> Outcome {
    let open =
        |found: &&InvitationRecord| found.id == *invitation && state.now_ms < found.expires_at_ms;
    let found = state.invitations.iter().find(open);
    let found = found.ok_or(DeskRefusal::Unknown)?;
    give(state, staff, &found.posts)?;
    let effects = vec![
        Effect::EndInvitation(found.token_hash),
        written::command(staff, &asked.command, invitation),
        Effect::Tell(Subject::People, String::new()),
    ];
    Ok((effects, CommandReply::Done))
}

/// Both what is given and what is taken must be the giver's to give.
fn set_posts(
    state: &DeskState,
    staff: &StaffRecord,
    asked: &Asked,
    whose: &StaffId,
    posts: &[Post],
) -> Outcome {
    if !rules::permissions(&staff.posts).contains(&Permission::People) {
        return Err(DeskRefusal::NotPermitted {
            needs: Permission::People,
        });
    }
    let found = state.member(whose).ok_or(DeskRefusal::Unknown)?;
    check_posts(state, posts)?;
    give(state, staff, &found.posts)?;
    give(state, staff, posts)?;
    let others = |other: &&StaffRecord| other.id != *whose && rules::owns_all(&other.posts);
    let somebody_stays = rules::owns_all(posts) || state.staff.iter().find(others).is_some();
    if rules::owns_all(&found.posts) && !somebody_stays {
        return Err(DeskRefusal::LastOwner);
    }
    let mut effects = vec![
        Effect::SetPosts {
            staff: whose.clone(),
            posts: posts.to_vec(),
        },
        written::command(staff, &asked.command, &whose.to_string()),
        Effect::Tell(Subject::People, String::new()),
    ];
    let theirs = state.sessions.iter().filter(|s| s.staff == *whose);
    effects.extend(theirs.map(|session| Effect::EndSession(session.token_hash)));
    Ok((effects, CommandReply::Done))
}

fn end_session(state: &DeskState, staff: &StaffRecord, asked: &Asked, session: &str) -> Outcome {
    let named = |found: &&SessionRecord| found.id == *session && found.holds_at(state.now_ms);
    let found = state.sessions.iter().find(named);
    let found = found.ok_or(DeskRefusal::Unknown)?;
    if found.staff != staff.id {
        let owner = state.member(&found.staff).ok_or(DeskRefusal::Unknown)?;
        give(state, staff, &owner.posts)?;
    }
    let effects = vec![
        Effect::EndSession(found.token_hash),
        written::command(staff, &asked.command, session),
        Effect::Tell(Subject::People, String::new()),
    ];
    Ok((effects, CommandReply::Done))
}
