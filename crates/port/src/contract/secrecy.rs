//! Secret polls: the client's secret alone addresses the ballot.

use super::receipts::holds_together;
use super::setting::{Scene, YES, options_choice};
use super::{Fixture, Stop, ensure, promises, same};
use crate::CastCommand;
use linli_model::{BallotSecret, Grant, Refusal, Standing};

promises!(
    a_secret_ballot_has_no_time,
    secrets_belong_to_secret_polls,
    without_the_secret_nothing_changes,
    a_secret_addresses_one_ballot,
    with_the_secret_a_change_replaces,
    a_standing_tells_only_the_secrets_holder,
);

fn command(
    scene: &Scene<'_>,
    grant: &Grant,
    tag: u8,
    option: &str,
    secret: &BallotSecret,
) -> CastCommand {
    let mut command = scene.command(grant, tag, options_choice(&[option]));
    command.ballot.secret = Some(secret.clone());
    command
}

async fn a_secret_ballot_has_no_time(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "secret");
    let grant = scene.grant(0).await?;
    let command = command(&scene, &grant, 1, "a", &scene.secret(1));
    let reply = scene.cast(&command).await?;
    holds_together(fixture, &command, &reply, &options_choice(&["a"]))?;
    same("time", reply.receipt.cast_at_ms, None)?;
    same("the same command", scene.cast(&command).await?, reply)?;
    let mut reused = command.clone();
    reused.ballot.choice = options_choice(&["b"]);
    scene
        .refused("another choice under the key", &reused, Refusal::KeyReused)
        .await?;
    scene.counts(1).await
}

async fn secrets_belong_to_secret_polls(fixture: &dyn Fixture) -> Result<(), Stop> {
    let (secret, open) = (Scene::new(fixture, "secret"), Scene::new(fixture, "served"));
    let bare = secret.command(&secret.grant(2).await?, 7, options_choice(&["a"]));
    secret
        .refused("no secret", &bare, Refusal::BallotSecretMissing)
        .await?;
    let mut dressed = open.command(&open.grant(2).await?, 7, YES);
    dressed.ballot.secret = Some(open.secret(7));
    open.refused("a secret", &dressed, Refusal::BallotSecretUnexpected)
        .await
}

async fn without_the_secret_nothing_changes(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "secret-lost");
    let grant = scene.grant(0).await?;
    let first = command(&scene, &grant, 1, "a", &scene.secret(1));
    let reply = scene.cast(&first).await?;
    let lost = command(&scene, &scene.grant(0).await?, 2, "b", &scene.secret(2));
    scene
        .refused("another secret", &lost, Refusal::BallotSecretLost)
        .await?;
    same("the first ballot", scene.cast(&first).await?, reply)?;
    scene.counts(1).await
}

async fn a_secret_addresses_one_ballot(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "secret-taken");
    let (one, other) = (scene.grant(0).await?, scene.grant(1).await?);
    scene
        .cast(&command(&scene, &one, 1, "a", &scene.secret(1)))
        .await?;
    let taken = command(&scene, &other, 2, "b", &scene.secret(1));
    scene
        .refused("a neighbour's secret", &taken, Refusal::BallotSecretTaken)
        .await?;
    ensure(
        "the refused have not voted",
        !scene.standing(&other, None).await?.voted,
    )?;
    // The refusal left no trace: they may still vote.
    scene
        .cast(&command(&scene, &other, 3, "b", &scene.secret(3)))
        .await?;
    scene.counts(2).await
}

async fn with_the_secret_a_change_replaces(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "secret-change");
    let (grant, secret) = (scene.grant(0).await?, scene.secret(1));
    let old = command(&scene, &grant, 1, "a", &secret);
    let first = scene.cast(&old).await?;
    let changed = scene
        .cast(&command(&scene, &grant, 2, "b", &secret))
        .await?;
    same("revision", changed.receipt.revision, 2)?;
    same("the old command", scene.cast(&old).await?, first)?;
    let standing = scene.standing(&grant, Some(&secret)).await?;
    same("ballot", standing.reply, Some(changed))?;
    scene.counts(1).await
}

async fn a_standing_tells_only_the_secrets_holder(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "secret-standing");
    let (grant, neighbour, secret) = (
        scene.grant(0).await?,
        scene.grant(1).await?,
        scene.secret(1),
    );
    let reply = scene
        .cast(&command(&scene, &grant, 1, "a", &secret))
        .await?;
    let voted = |reply| Standing { voted: true, reply };
    let told = scene.standing(&grant, Some(&secret)).await?;
    same("with the secret", told, voted(Some(reply)))?;
    same("without", scene.standing(&grant, None).await?, voted(None))?;
    let other = scene.secret(2);
    same(
        "with another",
        scene.standing(&grant, Some(&other)).await?,
        voted(None),
    )?;
    same(
        "in a new grant",
        scene.grant(0).await?.standing,
        voted(None),
    )?;
    let unvoted = Standing {
        voted: false,
        reply: None,
    };
    let seen = scene.standing(&neighbour, Some(&secret)).await?;
    same("of who has not voted", seen, unvoted)
}
