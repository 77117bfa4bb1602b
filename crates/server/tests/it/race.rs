//! Many at once: one household, one ballot.

use crate::world::*;
use linli_model::*;
use std::sync::Arc;

const RACERS: u32 = 1_000;

/// Votes for one household from a thousand phones at once, half of them with a grant of
/// their own. Answers how many were told that their ballot is recorded, and how many
/// ballots the file holds.
async fn race(world: &World) -> (u32, i64) {
    let shared = world.grant("never", 1).await;
    let mut phones = Vec::new();
    for n in 0..RACERS {
        let own = if n % 2 == 0 {
            world.grant("never", 1).await
        } else {
            shared.clone()
        };
        phones.push((n, own));
    }
    let start = Arc::new(tokio::sync::Barrier::new(phones.len()));
    let racers = phones.into_iter().map(|(n, grant)| {
        let (service, start) = (world.service.clone(), start.clone());
        tokio::spawn(async move {
            start.wait().await;
            let stance = Stance::ALL[n as usize % 3];
            let ballot = CastBallot {
                choice: motion(stance),
                secret: None,
            };
            let key = key_of(u128::from(n));
            refusal(
                service
                    .cast(&id("never"), &grant, key, ballot, CALLER)
                    .await,
            )
        })
    });
    let mut recorded = 0;
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Ok(_) => recorded += 1,
            Err(Refusal::AlreadyVoted) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    let stored = world.count("ballot");
    (recorded, stored)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_racers_leave_one_ballot() {
    let world = World::new().await;
    assert_eq!(race(&world).await, (1, 1));
    let report = world.check().await;
    assert_eq!(
        (report.ballots, report.receipts, report.faults),
        (1, 1, Vec::new())
    );
}

fn drop_the_constraint(world: &World) {
    if let Some(url) = &world.config.database_url {
        linli_cluster::sql(
            url.secret(),
            "ALTER TABLE ballot DROP CONSTRAINT one_ballot_per_voter",
        );
        return;
    }
    let ddl: String = world
        .database()
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'ballot'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let constraint = "CONSTRAINT one_ballot_per_voter PRIMARY KEY (community_id, poll_id, voter)";
    let broken = ddl
        .replace(&format!(",\n    {constraint}"), "")
        .replace(", WITHOUT ROWID", "");
    let broken = broken.replace(
        "cast_at_ms   INTEGER NOT NULL,",
        "cast_at_ms   INTEGER NOT NULL",
    );
    let broken = broken.replace(constraint, "");
    assert_ne!(broken, ddl);
    world
        .database()
        .execute_batch(&format!("DROP TABLE ballot; {broken}"))
        .unwrap();
}

/// The negative control: without the unique constraint the same race must oversell,
/// else the test above proves nothing, and the checker must see it.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_constraint_the_same_race_oversells() {
    let world = World::new().await;
    drop_the_constraint(&world);
    let world = world.restart().await;
    let (recorded, stored) = race(&world).await;
    assert!(
        recorded > 1 && stored > 1,
        "{recorded} recorded, {stored} stored"
    );
    let report = world.check().await;
    assert!(
        report
            .faults
            .iter()
            .any(|fault| fault.contains("two ballots of one voter"))
    );
}

/// The same command from many connections at once: one effect, one receipt for all.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_command_at_once_gets_the_same_receipt() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let senders = (0..100).map(|_| {
        let (service, grant) = (world.service.clone(), grant.clone());
        tokio::spawn(async move {
            let ballot = CastBallot {
                choice: options(&["a"]),
                secret: None,
            };
            refusal(
                service
                    .cast(&id("recorded"), &grant, key_of(9), ballot, CALLER)
                    .await,
            )
            .unwrap()
        })
    });
    let mut replies = Vec::new();
    for sender in senders.collect::<Vec<_>>() {
        replies.push(sender.await.unwrap());
    }
    assert_eq!(replies.iter().filter(|r| !r.replayed).count(), 1);
    assert!(replies.iter().all(|r| r.reply == replies[0].reply));
}
