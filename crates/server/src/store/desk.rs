//! What every store decides alike about what staff do. How it is found and written is
//! each store's own.
//!
//! Pure: a [`DeskState`] and an [`Act`] become effects and an answer. The order for a
//! command: session, an answer given before, permission, whether it is possible, and
//! for some a second person.

mod account;
mod approvals;
mod attachments;
mod commands;
mod factor;
mod people;
pub(super) mod places;
mod polls;
mod rolls;
mod written;

use super::rolls::AdoptRoll;
use super::staff::{
    Act, ActReply, ApprovalRecord, Asked, Decided, DeskState, Effect, PlaceChange, Remembered,
    Topics, Want,
};
pub use approvals::shown as shown_approval;
pub use attachments::{check_alt, check_room, may_edit};
use linli_model::TopicId;
use linli_model::desk::roll::RollRefusal;
use linli_model::desk::{Command, CommandReply, DeskRefusal};
use linli_rules::desk as rules;

/// What a command changes, and the reply.
type Outcome = Result<(Vec<Effect>, CommandReply), DeskRefusal>;

/// What must be loaded to decide about `act`.
pub(super) fn want(act: &Act) -> Want {
    let Act::Command(asked) = act else {
        return Want::default();
    };
    let mut want = Want {
        kept: Some((asked.token_hash, asked.key.clone())),
        topics: topic_of(&asked.command).map_or(Topics::None, |id| Topics::One(id.clone())),
        ..Want::default()
    };
    match &asked.command {
        Command::CreateTopic { topic } | Command::UpdateTopic { topic } => {
            want.poll = Some(topic.poll.id.clone());
        }
        Command::MakeCodes { topic, .. } => {
            want.households = true;
            want.topics = topic.clone().map_or(Topics::None, Topics::One);
        }
        Command::AddAttachment { topic, upload, .. }
        | Command::RemoveAttachment { topic, upload } => {
            want.attachment = Some((topic.clone(), upload.clone()));
        }
        // Drafts at the place count as well.
        Command::ClosePlace { .. } => want.topics = Topics::All,
        // What is no name of a preview names none.
        Command::AdoptRoll { draft, .. } if !draft.contains('\0') => {
            want.roll_draft = Some(draft.clone());
        }
        Command::Decide { approval, .. } | Command::Withdraw { approval } => {
            want.approval = Some(approval.clone());
        }
        _ => {}
    }
    want
}

/// The topic that a command is about.
pub fn topic_of(command: &Command) -> Option<&TopicId> {
    match command {
        Command::CreateTopic { topic } | Command::UpdateTopic { topic } => Some(&topic.id),
        Command::DeleteTopic { topic }
        | Command::OpenPoll { topic }
        | Command::ClosePoll { topic, .. }
        | Command::ExtendPoll { topic, .. }
        | Command::AddAttachment { topic, .. }
        | Command::RemoveAttachment { topic, .. } => Some(topic),
        _ => None,
    }
}

/// The topic to load where one request is decided on.
pub(super) fn topic_of_approval<'a>(
    want: &Want,
    approvals: &'a [ApprovalRecord],
) -> Option<&'a TopicId> {
    let named = want.approval.as_ref()?;
    let approval = approvals.iter().find(|approval| approval.id == *named)?;
    topic_of(&approval.command)
}

/// The preview of a roll to load where one request is decided on, or asked for.
pub(super) fn roll_draft<'a>(want: &'a Want, approvals: &'a [ApprovalRecord]) -> Option<&'a str> {
    let named = want.approval.as_ref().and_then(|named| {
        let approval = approvals.iter().find(|approval| approval.id == *named)?;
        match &approval.command {
            Command::AdoptRoll { draft, .. } => Some(draft.as_str()),
            _ => None,
        }
    });
    named.or(want.roll_draft.as_deref())
}

/// The roll that `decided` makes the one in force.
pub(super) fn adopted(decided: &Decided) -> Option<&AdoptRoll> {
    decided.effects.iter().find_map(|effect| match effect {
        Effect::AdoptRoll(adopt) => Some(adopt),
        _ => None,
    })
}

/// The change of the tree of places that `decided` makes.
pub(super) fn replaced(decided: &Decided) -> Option<&PlaceChange> {
    decided.effects.iter().find_map(|effect| match effect {
        Effect::ChangePlace(change) => Some(change),
        _ => None,
    })
}

/// Why a roll was not adopted that could be a moment before: it is looked at again.
pub(super) fn not_adopted(refusal: &RollRefusal) -> DeskRefusal {
    tracing::debug!(?refusal, "a roll was not adopted");
    DeskRefusal::Conflict
}

/// What `act` comes to.
pub(super) fn decide(state: &DeskState, act: &Act) -> Decided {
    let decided = match act {
        Act::Command(asked) => command(state, asked),
        other => account::decide(state, other),
    };
    decided.unwrap_or_else(|refusal| Decided {
        effects: Vec::new(),
        reply: Err(refusal),
        remember: None,
    })
}

fn command(state: &DeskState, asked: &Asked) -> Result<Decided, DeskRefusal> {
    let me = state.me(&asked.token_hash)?;
    if let Some((hash, reply)) = &state.kept {
        if *hash != asked.command_hash {
            return Err(DeskRefusal::KeyReused);
        }
        return Ok(Decided {
            effects: Vec::new(),
            reply: Ok(ActReply::Command {
                reply: reply.clone(),
                replayed: true,
            }),
            remember: None,
        });
    }
    let (effects, reply) = match &asked.command {
        Command::Decide {
            approval,
            decision,
            reason,
        } => approvals::settle(state, me, asked, approval, *decision, reason)?,
        Command::Withdraw { approval } => approvals::withdraw(state, me, approval)?,
        command if rules::takes_two(command) => approvals::ask(state, me, asked)?,
        command => commands::run(state, me.staff, asked, command)?,
    };
    let told_once = matches!(
        reply,
        CommandReply::Codes { .. } | CommandReply::Invited { .. }
    );
    let remembered = if told_once {
        CommandReply::Done
    } else {
        reply.clone()
    };
    Ok(Decided {
        effects,
        reply: Ok(ActReply::Command {
            reply,
            replayed: false,
        }),
        remember: Some(Remembered {
            staff: me.staff.id.clone(),
            reply: remembered,
        }),
    })
}
