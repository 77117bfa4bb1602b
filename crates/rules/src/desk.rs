//! Who of the staff may do what, and what needs two persons.

use linli_model::PlaceId;
use linli_model::desk::{Command, Permission, Post, Role};

/// Every permission, in the order of the model.
pub const PERMISSIONS: [Permission; 10] = [
    Permission::See,
    Permission::Polls,
    Permission::Rolls,
    Permission::Codes,
    Permission::People,
    Permission::Approve,
    Permission::Audit,
    Permission::Export,
    Permission::Behalf,
    Permission::Requests,
];

/// What a role brings.
pub const fn brings(role: Role) -> &'static [Permission] {
    match role {
        Role::Owner => &PERMISSIONS,
        Role::Moderator => &[Permission::See, Permission::Polls, Permission::Behalf],
        Role::VolunteerLead | Role::Treasurer => &[Permission::See],
        // A supervisor changes nothing, so that approving is their own judgement of
        // somebody else's work.
        Role::Supervisor => &[
            Permission::See,
            Permission::Approve,
            Permission::Audit,
            Permission::Export,
        ],
    }
}

/// What a command needs, where it needs one. Deciding on a request needs
/// [`Permission::Approve`] where the request's own command is at home; withdrawing one's
/// own request and ending one's own session need nothing but being its owner.
pub const fn needs(command: &Command) -> Option<Permission> {
    match command {
        Command::CreateTopic { .. }
        | Command::UpdateTopic { .. }
        | Command::DeleteTopic { .. }
        | Command::OpenPoll { .. }
        | Command::ClosePoll { .. }
        | Command::ExtendPoll { .. }
        | Command::AddAttachment { .. }
        | Command::RemoveAttachment { .. } => Some(Permission::Polls),
        Command::AdoptRoll { .. } | Command::PutPlace { .. } | Command::ClosePlace { .. } => {
            Some(Permission::Rolls)
        }
        Command::MakeCodes { .. } => Some(Permission::Codes),
        Command::Invite { .. }
        | Command::RevokeInvitation { .. }
        | Command::SetPosts { .. }
        | Command::ResetFactor { .. } => Some(Permission::People),
        Command::Decide { .. } => Some(Permission::Approve),
        Command::EndSession { .. } | Command::Withdraw { .. } => None,
    }
}

/// Whether a second person must agree before it is done.
pub const fn takes_two(command: &Command) -> bool {
    matches!(
        command,
        Command::ClosePoll { .. } | Command::AdoptRoll { .. } | Command::ResetFactor { .. }
    )
}

/// Whether these posts permit it at a place. `chain` is the place and everything above
/// it; empty means the whole community, which only a post without a place covers.
pub fn may(posts: &[Post], permission: Permission, chain: &[PlaceId]) -> bool {
    posts.iter().any(|post| {
        let here = post
            .place
            .as_ref()
            .is_none_or(|place| chain.contains(place));
        here && brings(post.role).contains(&permission)
    })
}

/// Whether a holder of `posts` may give `given` to somebody, or take it away: they must
/// be permitted to care for people wherever those posts hold. `chain_of` tells a place
/// and everything above it; nothing for a place that is unknown.
pub fn may_give(
    posts: &[Post],
    given: &[Post],
    chain_of: impl Fn(&PlaceId) -> Option<Vec<PlaceId>>,
) -> bool {
    given.iter().all(|post| match &post.place {
        None => may(posts, Permission::People, &[]),
        Some(place) => chain_of(place).is_some_and(|chain| may(posts, Permission::People, &chain)),
    })
}

/// Whether these posts let somebody invite others for the whole community.
pub fn owns_all(posts: &[Post]) -> bool {
    may(posts, Permission::People, &[])
}

/// What these posts permit somewhere.
pub fn permissions(posts: &[Post]) -> Vec<Permission> {
    let held = |permission: &Permission| {
        let brought = |post: &Post| brings(post.role).contains(permission);
        posts.iter().any(brought)
    };
    PERMISSIONS.into_iter().filter(held).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: &str) -> PlaceId {
        PlaceId::parse(id).unwrap()
    }

    fn post(role: Role, at: Option<&str>) -> Post {
        Post {
            role,
            place: at.map(place),
        }
    }

    #[test]
    fn a_post_holds_at_its_place_and_below() {
        let chain = [place("b8"), place("g2"), place("village")];
        let cases: [(Post, Permission, &[PlaceId], bool, &str); 9] = [
            (
                post(Role::Moderator, Some("g2")),
                Permission::Polls,
                &chain,
                true,
                "below its place",
            ),
            (
                post(Role::Moderator, Some("b8")),
                Permission::Polls,
                &chain,
                true,
                "at its place",
            ),
            (
                post(Role::Moderator, Some("g2")),
                Permission::Polls,
                &chain[2..],
                false,
                "above it",
            ),
            (
                post(Role::Moderator, Some("g3")),
                Permission::Polls,
                &chain,
                false,
                "elsewhere",
            ),
            (
                post(Role::Moderator, None),
                Permission::Polls,
                &chain,
                true,
                "everywhere",
            ),
            (
                post(Role::Owner, Some("village")),
                Permission::Rolls,
                &[],
                false,
                "not the whole",
            ),
            (
                post(Role::Owner, None),
                Permission::Rolls,
                &[],
                true,
                "the whole",
            ),
            (
                post(Role::Supervisor, None),
                Permission::Polls,
                &chain,
                false,
                "supervisors change nothing",
            ),
            (
                post(Role::Supervisor, None),
                Permission::Approve,
                &chain,
                true,
                "they approve",
            ),
        ];
        for (post, permission, chain, expected, reason) in cases {
            assert_eq!(may(&[post], permission, chain), expected, "{reason}");
        }
        assert!(!may(&[], Permission::See, &[]), "no post, nothing");
    }

    #[test]
    fn nobody_gives_more_than_their_own_place() {
        let chain_of = |place: &PlaceId| match place.as_str() {
            "b8" => Some(vec![place.clone(), self::place("g2")]),
            "g2" | "g3" => Some(vec![place.clone()]),
            _ => None,
        };
        let owner = [post(Role::Owner, Some("g2"))];
        let cases = [
            (post(Role::Moderator, Some("b8")), true, "below"),
            (post(Role::Owner, Some("g2")), true, "at the place"),
            (post(Role::Moderator, Some("g3")), false, "beside"),
            (post(Role::Supervisor, None), false, "above"),
            (post(Role::Moderator, Some("moon")), false, "unknown"),
        ];
        for (given, expected, reason) in cases {
            assert_eq!(may_give(&owner, &[given], chain_of), expected, "{reason}");
        }
        let moderator = [post(Role::Moderator, None)];
        assert!(!may_give(
            &moderator,
            &[post(Role::Moderator, None)],
            chain_of
        ));
        assert!(owns_all(&[post(Role::Owner, None)]) && !owns_all(&owner));
    }

    #[test]
    fn nobody_but_owners_can_make_themselves_a_second_person() {
        for role in [
            Role::Moderator,
            Role::VolunteerLead,
            Role::Treasurer,
            Role::Supervisor,
        ] {
            let held = brings(role);
            assert!(!held.contains(&Permission::People), "{role:?}");
            assert!(
                !held.contains(&Permission::Approve) || !held.contains(&Permission::Polls),
                "{role:?}"
            );
        }
    }
}
