//! Opening, closing, expiry. These move the clock, forward only.

use super::setting::{CLOSING_MS, NO, OPENING_MS, Scene, YES};
use super::{Fixture, Stop, ensure, promises, same};
use crate::PortError;
use linli_model::{Outcome, Phase, Proof, Refusal};

promises!(
    a_poll_opens,
    a_poll_closes,
    a_secret_poll_closes,
    a_grant_expires
);

const STILL: Stop = Stop::Untold("this fixture's clock cannot be moved");

async fn a_poll_opens(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "opening");
    let view = scene.view().await?;
    same("phase", view.phase, Phase::Upcoming)?;
    let opens_at_ms = view.topic.poll.opens_at_ms;
    let code = fixture.code(0);
    let seen = scene.identify(Proof::HouseholdCode { code }).await;
    same(
        "identify",
        seen,
        Err(PortError::Refused(Refusal::NotYetOpen { opens_at_ms })),
    )?;
    if !fixture.advance(OPENING_MS) {
        return Err(STILL);
    }
    same("phase", scene.view().await?.phase, Phase::Open)?;
    scene
        .cast(&scene.command(&scene.grant(0).await?, 1, YES))
        .await?;
    scene.counts(1).await
}

async fn a_poll_closes(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "closing");
    let (voter, late) = (scene.grant(0).await?, scene.grant(1).await?);
    let command = scene.command(&voter, 1, YES);
    let reply = scene.cast(&command).await?;
    same("result before closing", scene.view().await?.result, None)?;
    let closed_at_ms = scene.view().await?.topic.poll.closes_at_ms;
    if !fixture.advance((closed_at_ms - fixture.now_ms()).min(CLOSING_MS)) {
        return Err(STILL);
    }
    let closed = Refusal::Closed { closed_at_ms };
    scene
        .refused("too late", &scene.command(&late, 1, NO), closed.clone())
        .await?;
    scene
        .refused("a late change", &scene.command(&voter, 2, NO), closed)
        .await?;
    // Its sender may have lost the first answer: it was in time and must be told so.
    same(
        "the command that was in time",
        scene.cast(&command).await?,
        reply,
    )?;
    let view = scene.view().await?;
    same("phase", view.phase, Phase::Closed)?;
    let Some(result) = view.result else {
        return Err(Stop::Broken("no result after closing".to_owned()));
    };
    ensure("the result is final", result.is_final)?;
    let counts: Vec<_> = result
        .counts
        .iter()
        .map(|c| (c.option.as_str(), c.votes))
        .collect();
    same(
        "counts",
        counts,
        vec![("yes", 1), ("no", 0), ("abstain", 0)],
    )?;
    same("outcome", result.outcome, Outcome::Carried)
}

async fn a_secret_poll_closes(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "closing-secret");
    let view = scene.view().await?;
    if view.phase == Phase::Closed {
        // On a shared backend the check before has moved the clock past it.
        return Err(Stop::Untold("closed before the check began"));
    }
    let grant = scene.grant(0).await?;
    let mut command = scene.command(&grant, 1, YES);
    command.ballot.secret = Some(scene.secret(1));
    let reply = scene.cast(&command).await?;
    let closed_at_ms = view.topic.poll.closes_at_ms;
    if !fixture.advance(closed_at_ms - fixture.now_ms()) {
        return Err(STILL);
    }
    same(
        "the command that was in time",
        scene.cast(&command).await?,
        reply,
    )?;
    let mut late = scene.command(&grant, 2, NO);
    late.ballot.secret = Some(scene.secret(1));
    scene
        .refused("a late change", &late, Refusal::Closed { closed_at_ms })
        .await
}

async fn a_grant_expires(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "expiry");
    let closes_at_ms = scene.view().await?.topic.poll.closes_at_ms;
    let (voter, idle) = (scene.grant(0).await?, scene.grant(1).await?);
    let command = scene.command(&voter, 1, YES);
    let reply = scene.cast(&command).await?;
    if idle.expires_at_ms >= closes_at_ms {
        return Err(Stop::Untold("grants last until closing"));
    }
    if !fixture.advance(idle.expires_at_ms - fixture.now_ms()) {
        return Err(STILL);
    }
    let expired = scene.command(&idle, 1, YES);
    scene
        .refused("an expired grant", &expired, Refusal::GrantExpired)
        .await?;
    same(
        "what was recorded in time",
        scene.cast(&command).await?,
        reply,
    )?;
    scene.counts(1).await?;
    let again = scene.grant(1).await?;
    scene.cast(&scene.command(&again, 1, YES)).await?;
    scene.counts(2).await
}
