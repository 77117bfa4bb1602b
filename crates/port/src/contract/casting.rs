//! One voter, one ballot, however often and in whatever order commands arrive.

use super::receipts::holds_together;
use super::setting::{NO, Scene, YES, option_id, options_choice};
use super::{Fixture, Stop, ensure, promises, same};
use linli_model::{Choice, ChoiceFault, Refusal, Standing};

promises!(
    a_cast_gives_a_receipt,
    the_same_command_gives_the_same_receipt,
    a_key_is_good_for_one_command,
    a_change_replaces,
    an_old_command_changes_nothing_back,
    without_changes_the_first_counts,
    a_household_has_one_ballot,
    choices_of_a_motion_are_checked,
    choices_of_one_are_checked,
    choices_of_several_are_checked,
    a_standing_tells_the_ballot,
);

async fn a_cast_gives_a_receipt(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "receipt");
    let command = scene.command(&scene.grant(0).await?, 1, YES);
    let reply = scene.cast(&command).await?;
    holds_together(fixture, &command, &reply, &YES)?;
    same("revision", reply.receipt.revision, 1)?;
    scene.counts(1).await?;
    let other = scene.command(&scene.grant(1).await?, 1, YES);
    let other = scene.cast(&other).await?;
    ensure(
        "equal choices do not show in commitments",
        other.receipt.commitment != reply.receipt.commitment,
    )?;
    scene.counts(2).await
}

async fn the_same_command_gives_the_same_receipt(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "replay");
    let command = scene.command(&scene.grant(0).await?, 1, NO);
    let reply = scene.cast(&command).await?;
    for _ in 0..3 {
        same("reply", scene.cast(&command).await?, reply.clone())?;
    }
    scene.counts(1).await
}

async fn a_key_is_good_for_one_command(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "reuse");
    let grant = scene.grant(0).await?;
    let reply = scene.cast(&scene.command(&grant, 1, YES)).await?;
    let reused = scene.command(&grant, 1, NO);
    scene
        .refused("another choice under the key", &reused, Refusal::KeyReused)
        .await?;
    let standing = scene.standing(&grant, None).await?;
    same("ballot", standing.reply, Some(reply))
}

async fn a_change_replaces(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "change");
    let grant = scene.grant(0).await?;
    scene
        .cast(&scene.command(&grant, 1, options_choice(&["a"])))
        .await?;
    let change = scene.command(&grant, 2, options_choice(&["b"]));
    let changed = scene.cast(&change).await?;
    holds_together(fixture, &change, &changed, &options_choice(&["b"]))?;
    same("revision", changed.receipt.revision, 2)?;
    scene.counts(1).await?;
    same(
        "ballot",
        scene.standing(&grant, None).await?.reply,
        Some(changed),
    )
}

async fn an_old_command_changes_nothing_back(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "change-replay");
    let grant = scene.grant(0).await?;
    let (old, new) = (scene.command(&grant, 1, YES), scene.command(&grant, 2, NO));
    let (first, second) = (scene.cast(&old).await?, scene.cast(&new).await?);
    // A duplicate of the first command that the network kept back.
    same("the old command", scene.cast(&old).await?, first)?;
    same("the new command", scene.cast(&new).await?, second.clone())?;
    same(
        "ballot",
        scene.standing(&grant, None).await?.reply,
        Some(second),
    )
}

async fn without_changes_the_first_counts(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "never");
    let grant = scene.grant(0).await?;
    let command = scene.command(&grant, 1, YES);
    let reply = scene.cast(&command).await?;
    let change = scene.command(&grant, 2, NO);
    scene
        .refused("a change", &change, Refusal::AlreadyVoted)
        .await?;
    same(
        "the same command",
        scene.cast(&command).await?,
        reply.clone(),
    )?;
    same(
        "ballot",
        scene.standing(&grant, None).await?.reply,
        Some(reply),
    )?;
    scene.counts(1).await
}

async fn a_household_has_one_ballot(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "household");
    let (one, other) = (scene.grant(0).await?, scene.grant(0).await?);
    let reply = scene.cast(&scene.command(&one, 1, YES)).await?;
    let late = scene.command(&other, 2, NO);
    scene
        .refused("the second member", &late, Refusal::AlreadyVoted)
        .await?;
    let expected = Standing {
        voted: true,
        reply: Some(reply),
    };
    same(
        "standing in a new grant",
        scene.grant(0).await?.standing,
        expected,
    )?;
    scene.counts(1).await
}

async fn choices_of_a_motion_are_checked(fixture: &dyn Fixture) -> Result<(), Stop> {
    let wrong = [
        (options_choice(&["yes"]), ChoiceFault::WrongKind),
        (options_choice(&[]), ChoiceFault::WrongKind),
    ];
    are_refused(&Scene::new(fixture, "motion"), &wrong).await
}

async fn choices_of_one_are_checked(fixture: &dyn Fixture) -> Result<(), Stop> {
    let wrong = [
        (YES, ChoiceFault::WrongKind),
        (
            options_choice(&[]),
            ChoiceFault::TooFew { min: 1, chosen: 0 },
        ),
        (
            options_choice(&["a", "b"]),
            ChoiceFault::TooMany { max: 1, chosen: 2 },
        ),
        (
            options_choice(&["x"]),
            ChoiceFault::UnknownOption {
                option: option_id("x"),
            },
        ),
    ];
    are_refused(&Scene::new(fixture, "single"), &wrong).await
}

async fn choices_of_several_are_checked(fixture: &dyn Fixture) -> Result<(), Stop> {
    let wrong = [
        (
            options_choice(&["a"]),
            ChoiceFault::TooFew { min: 2, chosen: 1 },
        ),
        (
            options_choice(&["a", "b", "c", "d"]),
            ChoiceFault::TooMany { max: 3, chosen: 4 },
        ),
        (
            options_choice(&["a", "a"]),
            ChoiceFault::Repeated {
                option: option_id("a"),
            },
        ),
    ];
    let scene = Scene::new(fixture, "multiple");
    are_refused(&scene, &wrong).await?;
    // The poll's order is d, c, b, a.
    let command = scene.command(&scene.grant(1).await?, 9, options_choice(&["a", "d"]));
    let reply = scene.cast(&command).await?;
    let in_order = options_choice(&["d", "a"]);
    holds_together(fixture, &command, &reply, &in_order)?;
    let mut turned = command.clone();
    turned.ballot.choice = in_order;
    same(
        "the same choice in another order",
        scene.cast(&turned).await?,
        reply,
    )
}

async fn are_refused(scene: &Scene<'_>, wrong: &[(Choice, ChoiceFault)]) -> Result<(), Stop> {
    let grant = scene.grant(0).await?;
    for (tag, (choice, fault)) in (1..).zip(wrong) {
        let command = scene.command(&grant, tag, choice.clone());
        let fault = fault.clone();
        let what = format!("{choice:?}");
        scene
            .refused(&what, &command, Refusal::ChoiceInvalid { fault })
            .await?;
    }
    scene.counts(0).await
}

async fn a_standing_tells_the_ballot(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "standing");
    let grant = scene.grant(0).await?;
    let before = Standing {
        voted: false,
        reply: None,
    };
    same(
        "before",
        scene.standing(&grant, None).await?,
        before.clone(),
    )?;
    let reply = scene.cast(&scene.command(&grant, 1, NO)).await?;
    let after = Standing {
        voted: true,
        reply: Some(reply),
    };
    same("after", scene.standing(&grant, None).await?, after)?;
    let neighbour = scene.grant(1).await?;
    same(
        "of the neighbour",
        scene.standing(&neighbour, None).await?,
        before,
    )
}
