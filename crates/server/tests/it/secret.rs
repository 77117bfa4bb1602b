//! Secret polls: the ballot's secret alone addresses it, and what is stored about who
//! and about what has nothing in common.

use crate::world::*;
use linli_model::*;
use std::collections::BTreeSet;

#[tokio::test]
async fn the_secret_opens_retries_changes_and_nothing_else_does() {
    let world = World::new().await;
    let grant = world.grant("secret", 1).await;
    let missing = world.cast("secret", &grant, 1, options(&["a"]), None).await;
    assert_eq!(missing.unwrap_err(), Refusal::BallotSecretMissing);
    let first = world
        .cast("secret", &grant, 1, options(&["a"]), Some(11))
        .await
        .unwrap();
    assert_eq!(
        first.reply.receipt.cast_at_ms, None,
        "time would link voter and ballot"
    );
    let again = world
        .cast("secret", &grant, 1, options(&["a"]), Some(11))
        .await
        .unwrap();
    assert_eq!((again.replayed, &again.reply), (true, &first.reply));
    let reused = world
        .cast("secret", &grant, 1, options(&["b"]), Some(11))
        .await;
    assert_eq!(reused.unwrap_err(), Refusal::KeyReused);
    let changed = world
        .cast("secret", &grant, 2, options(&["b", "c"]), Some(11))
        .await
        .unwrap();
    assert_eq!(changed.reply.receipt.revision, 2);
    let replay = world
        .cast("secret", &grant, 1, options(&["a"]), Some(11))
        .await
        .unwrap();
    assert_eq!(replay.reply, first.reply);
    let lost = world
        .cast("secret", &grant, 3, options(&["a"]), Some(12))
        .await;
    assert_eq!(lost.unwrap_err(), Refusal::BallotSecretLost);
    let neighbour = world.grant("secret", 2).await;
    let taken = world
        .cast("secret", &neighbour, 4, options(&["a"]), Some(11))
        .await;
    assert_eq!(taken.unwrap_err(), Refusal::BallotSecretTaken);
    // The neighbour's refused try left no entry in the register: they can still vote.
    world
        .cast("secret", &neighbour, 5, options(&["a"]), Some(22))
        .await
        .unwrap();
    let view = world.service.topic(&id("secret")).await.unwrap();
    assert_eq!((view.turnout.cast, view.result), (2, None));
}

#[tokio::test]
async fn changes_are_refused_where_they_are_not_allowed() {
    let world = World::new().await;
    let grant = world.grant("secret-once", 1).await;
    world
        .cast("secret-once", &grant, 1, motion(Stance::Yes), Some(1))
        .await
        .unwrap();
    let second = world
        .cast("secret-once", &grant, 2, motion(Stance::No), Some(1))
        .await;
    assert_eq!(second.unwrap_err(), Refusal::AlreadyVoted);
    let third = world
        .cast("secret-once", &grant, 3, motion(Stance::No), Some(2))
        .await;
    assert_eq!(third.unwrap_err(), Refusal::BallotSecretLost);
}

#[tokio::test]
async fn standing_tells_the_ballot_only_to_its_secret() {
    let world = World::new().await;
    let grant = world.grant("secret", 1).await;
    let stands = async |secret: Option<u128>| {
        let secret = secret.map(secret_of);
        world
            .service
            .standing(&id("secret"), &grant, secret, CALLER)
            .await
            .unwrap()
    };
    assert_eq!(
        stands(Some(11)).await,
        Standing {
            voted: false,
            reply: None
        }
    );
    let reply = world
        .cast("secret", &grant, 1, options(&["a"]), Some(11))
        .await
        .unwrap()
        .reply;
    assert_eq!(
        stands(None).await,
        Standing {
            voted: true,
            reply: None
        }
    );
    assert_eq!(
        stands(Some(12)).await,
        Standing {
            voted: true,
            reply: None
        }
    );
    assert_eq!(
        stands(Some(11)).await,
        Standing {
            voted: true,
            reply: Some(reply)
        }
    );
}

/// What the file holds about who voted and about what was voted: no column in common
/// but the poll, no time, no row numbers, and no order of arrival.
#[tokio::test]
async fn register_and_box_share_no_key_no_order_and_no_time() {
    let world = World::new().await;
    for household in 1..=20u32 {
        let grant = world.grant("secret", household).await;
        let secret = Some(u128::from(household) << 64);
        world
            .cast(
                "secret",
                &grant,
                u128::from(household),
                options(&["a"]),
                secret,
            )
            .await
            .unwrap();
    }
    let db = world.database();
    let columns = |table: &str| -> BTreeSet<String> {
        let mut select = db
            .prepare("SELECT name FROM pragma_table_info(?1)")
            .unwrap();
        select
            .query_map([table], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    };
    let poll: BTreeSet<String> = ["community_id", "poll_id"].map(String::from).into();
    for boxed in ["ballot_box", "ballot_box_superseded"] {
        let shared: BTreeSet<String> = columns("voted_register")
            .intersection(&columns(boxed))
            .cloned()
            .collect();
        assert_eq!(shared, poll, "{boxed}");
    }
    for table in ["voted_register", "ballot_box", "ballot_box_superseded"] {
        assert!(
            columns(table).iter().all(|name| !name.ends_with("_ms")),
            "{table} has a time"
        );
        assert!(
            db.prepare(&format!("SELECT rowid FROM {table}")).is_err(),
            "{table} has row numbers"
        );
    }
    // Stored order is the order of hashes; with 20 rows, arrival order would be a
    // coincidence of one in 20!.
    let marks: Vec<Vec<u8>> = column(&db, "SELECT voter_mark FROM voted_register");
    let addresses: Vec<Vec<u8>> = column(&db, "SELECT address FROM ballot_box");
    let sorted = |rows: &[Vec<u8>]| rows.windows(2).all(|pair| pair[0] < pair[1]);
    assert_eq!((marks.len(), addresses.len()), (20, 20));
    assert!(sorted(&marks) && sorted(&addresses));
    let keys: Vec<Vec<u8>> = column(&db, "SELECT cast_key FROM ballot_box");
    assert!(
        !sorted(&keys),
        "ballots lie in the order in which they came"
    );
    assert!(marks.iter().all(|mark| !addresses.contains(mark)));
    // Nothing that the box holds is found anywhere else in the file.
    for address in &addresses {
        let elsewhere: i64 = db
            .query_row(
                "SELECT count(*) FROM cast_grant WHERE token_hash = ?1 OR voter = hex(?1)",
                [address],
                |r| r.get(0),
            )
            .unwrap();
        assert_eq!(elsewhere, 0);
    }
}

fn column(db: &rusqlite::Connection, sql: &str) -> Vec<Vec<u8>> {
    db.prepare(sql)
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}
