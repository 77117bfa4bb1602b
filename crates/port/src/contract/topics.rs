//! What anyone may see of a topic.

use super::setting::{HOUSEHOLDS, Scene, YES, options_choice};
use super::{Fixture, Stop, ensure, promises, same};
use crate::PortError;
use linli_model::{Outcome, Phase, Refusal, TopicId};

promises!(
    a_topic_is_served,
    an_unknown_topic_is_refused,
    live_results_count,
    a_closed_poll_has_a_result
);

async fn a_topic_is_served(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "served");
    let view = scene.view().await?;
    same("id", &view.topic.id, &scene.topic)?;
    same("phase", view.phase, Phase::Open)?;
    same("cast", view.turnout.cast, 0)?;
    same(
        "eligible",
        view.turnout.eligible,
        u64::try_from(HOUSEHOLDS).ok(),
    )?;
    same("result before closing", view.result, None)?;
    // Asked again, as widgets do on every return to the page.
    let again = scene.view().await?;
    same("topic asked again", again.topic, view.topic)
}

async fn an_unknown_topic_is_refused(fixture: &dyn Fixture) -> Result<(), Stop> {
    let Ok(unknown) = TopicId::parse("contract-none") else {
        return Err(Stop::Broken("not a slug".to_owned()));
    };
    let seen = fixture.deliberations().topic(&unknown).await;
    let seen = seen.map(|answer| answer.view);
    same(
        "topic",
        seen,
        Err(PortError::Refused(Refusal::TopicUnknown)),
    )
}

async fn live_results_count(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "live");
    for (nth, choice) in [(0, "c"), (1, "a"), (2, "c")] {
        let grant = scene.grant(nth).await?;
        let tag = u8::try_from(nth).unwrap_or(0);
        scene
            .cast(&scene.command(&grant, tag, options_choice(&[choice])))
            .await?;
    }
    scene.counts(3).await?;
    let Some(result) = scene.view().await?.result else {
        return Err(Stop::Broken("no live result".to_owned()));
    };
    let counts: Vec<_> = result
        .counts
        .iter()
        .map(|c| (c.option.as_str(), c.votes))
        .collect();
    same(
        "counts",
        counts,
        vec![("d", 0), ("c", 2), ("b", 0), ("a", 1)],
    )?;
    ensure("an open poll's result is not final", !result.is_final)?;
    let leads = matches!(&result.outcome, Outcome::Leading { option } if option.as_str() == "c");
    ensure("c leads", leads)
}

async fn a_closed_poll_has_a_result(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "closed");
    let view = scene.view().await?;
    same("phase", view.phase, Phase::Closed)?;
    let Some(result) = view.result else {
        return Err(Stop::Broken("no result after closing".to_owned()));
    };
    ensure("a closed poll's result is final", result.is_final)?;
    same("outcome", result.outcome, Outcome::NoBallots)?;
    // Without a grant that could be used, casting is refused whatever the order of
    // checks is; nothing may come of it.
    let other = Scene::new(fixture, "served").grant(0).await?;
    let cast = scene.try_cast(&scene.command(&other, 1, YES)).await;
    ensure(
        "a ballot was taken after closing",
        matches!(cast, Err(PortError::Refused(_))),
    )?;
    scene.counts(0).await
}
