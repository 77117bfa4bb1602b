//! Quotas: so many responses and no more, however many come at once.

use crate::survey_world::*;
use crate::world::*;
use linli_model::*;
use serde_json::json;
use std::sync::Arc;

/// Every household answers at once. Answers how many were recorded, how many were told
/// that there is no room, and how many ballots are stored.
async fn race(world: &World, definition: &str, secrecy: Secrecy) -> (u32, u32, i64) {
    let mut grants = Vec::new();
    for household in 1..=24 {
        grants.push((household, world.grant("round", household).await));
    }
    let start = Arc::new(tokio::sync::Barrier::new(grants.len()));
    let racers = grants.into_iter().map(|(household, grant)| {
        let (service, start) = (world.service.clone(), start.clone());
        let choice = answers(definition, &json!({ "all": 5 }));
        tokio::spawn(async move {
            start.wait().await;
            let secret = match secrecy {
                Secrecy::Secret => Some(secret_of(u128::from(household))),
                Secrecy::Recorded => None,
            };
            let ballot = CastBallot { choice, secret };
            let key = key_of(u128::from(household));
            refusal(
                service
                    .cast(&id("round"), &grant, key, ballot, CALLER)
                    .await,
            )
        })
    });
    let (mut recorded, mut full) = (0, 0);
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Ok(_) => recorded += 1,
            Err(Refusal::QuotaFull) => full += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    let stored = world.count(match secrecy {
        Secrecy::Recorded => "ballot",
        Secrecy::Secret => "ballot_box",
    });
    (recorded, full, stored)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_takes_as_many_as_it_says_however_many_come_at_once() {
    for (word, secrecy) in [("recorded", Secrecy::Recorded), ("secret", Secrecy::Secret)] {
        let world = World::new().await;
        let quotas = json!([{ "max": 9 }]);
        let poll = json!({ "secrecy": word, "quotas": quotas });
        let (_, definition) = world.asking("round", poll).await;
        assert_eq!(
            race(&world, &definition, secrecy).await,
            (9, 15, 9),
            "{word}"
        );
        if secrecy == Secrecy::Secret {
            assert_eq!(world.count("voted_register"), 9);
        }
        assert!(world.check().await.faults.is_empty());
    }
}

/// The negative control: where responses do not wait for each other, the same race must
/// take too many. SQLite has one writer, which no lock makes.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_lock_the_same_race_takes_too_many() {
    let world = World::new().await;
    if world.config.database_url.is_none() {
        return;
    }
    let (_, definition) = world
        .asking("round", json!({ "quotas": [{ "max": 2 }] }))
        .await;
    // A function's rows cannot be locked.
    world.execute(
        "ALTER TABLE survey_wave RENAME TO unlocked_wave;
         CREATE FUNCTION waves() RETURNS SETOF unlocked_wave LANGUAGE sql
             AS 'SELECT * FROM unlocked_wave';
         CREATE VIEW survey_wave AS SELECT * FROM waves()",
    );
    let world = world.restart().await;
    let (recorded, _, stored) = race(&world, &definition, Secrecy::Recorded).await;
    assert!(
        recorded > 2 && stored > 2,
        "{recorded} recorded, {stored} stored"
    );
}

#[tokio::test]
async fn a_quota_counts_its_place_and_lets_who_is_in_change_and_ask_again() {
    let world = World::new().await;
    let quotas = json!([{ "place": "grid-1", "max": 2 }, { "max": 4 }]);
    let (_, definition) = world.asking("round", json!({ "quotas": quotas })).await;
    let choice = |all: u32| answers(&definition, &json!({ "all": all }));
    let full = Err(Refusal::QuotaFull);
    let told = |result: Result<linli_server::Recorded, Refusal>| result.map(drop);
    world.respond("round", 1, choice(5)).await.unwrap();
    world.respond("round", 2, choice(5)).await.unwrap();
    assert_eq!(told(world.respond("round", 3, choice(5)).await), full);
    // Those of the small grid count for the community alone.
    world.respond("round", 17, choice(5)).await.unwrap();
    world.respond("round", 18, choice(5)).await.unwrap();
    assert_eq!(told(world.respond("round", 19, choice(5)).await), full);
    assert!(world.respond("round", 1, choice(5)).await.unwrap().replayed);
    let grant = world.grant("round", 1).await;
    let changed = world
        .cast("round", &grant, 7, choice(4), None)
        .await
        .unwrap();
    assert!(!changed.replayed);
    assert_eq!(world.count("ballot"), 4);
    world.clock.set(NOW + HOUR);
    let again = world
        .cast("round", &grant, 7, choice(4), None)
        .await
        .unwrap();
    assert!(again.replayed && again.reply == changed.reply);
    assert!(world.check().await.faults.is_empty());
}
