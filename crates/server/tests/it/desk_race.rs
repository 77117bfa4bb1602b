//! At the same moment: one code twice, one decision twice, ballots and a closing.

use crate::desk_world::*;
use crate::world::*;
use linli_model::*;
use serde_json::json;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn of_two_sign_ins_with_one_code_exactly_one_wins() {
    let world = Arc::new(World::new().await);
    let owner = world.owner("jiangpan", "wang").await;
    for _ in 0..5 {
        world.pass(60_000);
        let code = world.code(&owner.secret);
        let tries = (0..4).map(|_| {
            let (world, code) = (Arc::clone(&world), code.clone());
            tokio::spawn(async move {
                world
                    .sign_in("jiangpan", "wang", PASSWORD, &code)
                    .await
                    .status
            })
        });
        let mut statuses = Vec::new();
        for one in tries.collect::<Vec<_>>() {
            statuses.push(one.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 403, 403, 403]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_decisions_one_is_done() {
    let world = Arc::new(World::new().await);
    let owner = world.owner("jiangpan", "wang").await;
    let second = world.owner("jiangpan", "li").await;
    let asked = world.done(&owner, &close("recorded")).await;
    let decide =
        json!({ "type": "decide", "approval": asked["approval"]["id"], "decision": "approve" });
    let tries = (0..8).map(|_| {
        let (world, second, decide) = (Arc::clone(&world), second.clone(), decide.clone());
        tokio::spawn(async move { world.order(&second, &decide).await.status })
    });
    let mut done = 0;
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            201 => done += 1,
            409 => {}
            other => panic!("{other}"),
        }
    }
    assert_eq!(done, 1);
    let notices = world.seen(&owner, "polls/recorded").await["notices"].clone();
    assert_eq!(notices.as_array().unwrap().len(), 1);
    let walked = world
        .service
        .verify_audit(&community("jiangpan"))
        .await
        .unwrap();
    assert!(walked.is_ok());
}

/// Ballots and a closing at once. Each ballot that was told to be recorded is in the
/// final count, and the count that is told after the closing never changes.
#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_is_before_a_closing_or_refused() {
    let world = Arc::new(World::new().await);
    let owner = world.owner("jiangpan", "wang").await;
    let second = world.owner("jiangpan", "li").await;
    let asked = world.done(&owner, &close("recorded")).await;
    let decide =
        json!({ "type": "decide", "approval": asked["approval"]["id"], "decision": "approve" });
    let mut grants = Vec::new();
    for household in 1..=24 {
        grants.push(world.grant("recorded", household).await);
    }
    let start = Arc::new(tokio::sync::Barrier::new(grants.len() + 1));
    let voters = grants.into_iter().enumerate().map(|(n, grant)| {
        let (world, start) = (Arc::clone(&world), Arc::clone(&start));
        tokio::spawn(async move {
            start.wait().await;
            let mut cast = 0;
            // Each changes their mind until the poll is closed.
            for round in 0..200_u128 {
                let key = (n as u128) << 32 | round;
                match world
                    .cast("recorded", &grant, key, options(&["a"]), None)
                    .await
                {
                    Ok(_) => cast += 1,
                    Err(Refusal::Closed { .. }) => return (cast, true),
                    Err(other) => panic!("{other:?}"),
                }
            }
            (cast, false)
        })
    });
    let voters: Vec<_> = voters.collect();
    start.wait().await;
    world.done(&second, &decide).await;
    let counted = ballots(&world);
    let (mut acknowledged, mut refused) = (0, 0);
    for voter in voters {
        let (cast, closed) = voter.await.unwrap();
        acknowledged += cast;
        refused += u32::from(closed);
    }
    // The negative control of this test: somebody did meet the closing.
    assert!(refused > 0, "nobody was still voting when it closed");
    assert_eq!(ballots(&world), counted, "a ballot after the count");
    assert_eq!(
        counted, acknowledged,
        "a recorded ballot is not in the count"
    );
    assert!(world.check().await.faults.is_empty());
}

/// How many ballots are recorded, replaced ones included.
fn ballots(world: &World) -> i64 {
    world.count("ballot") + world.count("ballot_superseded")
}
