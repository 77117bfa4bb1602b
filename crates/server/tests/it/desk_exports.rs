//! Tables that staff take away.

use crate::desk_world::*;
use crate::world::*;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_taken_by_who_may_and_written_down() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "=1+1").await;
    let moderator = world
        .member(&owner, "chen", json!([{ "role": "moderator" }]))
        .await;
    let grid = world
        .member(
            &owner,
            "sun",
            json!([{ "role": "supervisor", "place": "grid-2" }]),
        )
        .await;
    for household in [1, 17] {
        let grant = world.grant("recorded", household).await;
        let choice = options(&[if household == 1 { "a" } else { "b" }]);
        world
            .cast("recorded", &grant, 1, choice, None)
            .await
            .unwrap();
    }
    let audit = world.look(&owner, "exports/audit.csv").await;
    assert_eq!(
        audit.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(
        audit.header("content-disposition"),
        "attachment; filename=\"audit.csv\""
    );
    assert_eq!(audit.header("cache-control"), "no-store");
    let text = audit.text();
    assert!(text.starts_with("\u{feff}number,at,actor,"), "{text}");
    assert!(text.contains(",'=1+1,"), "a name that is a formula: {text}");
    assert!(
        text.contains(",exported,"),
        "its own taking is in it: {text}"
    );
    let polls = world.look(&owner, "exports/polls.csv").await.text();
    let row = "recorded,recorded,江畔社区,open,consultation,households,";
    assert!(
        polls.contains(row) && polls.contains(",2,24\r\n"),
        "{polls}"
    );
    let turnout = world.look(&owner, "exports/turnout.csv").await.text();
    // Grid 2 has eight households: too few, and it would follow from the rest.
    assert!(turnout.contains("recorded,recorded,,2,24"), "{turnout}");
    assert!(
        !turnout.contains("一网格") && !turnout.contains("二网格"),
        "{turnout}"
    );
    let one = world
        .look(&owner, "exports/turnout.csv?topic=recorded")
        .await
        .text();
    assert_eq!(one.lines().count(), 2, "no other poll's: {one}");
    let result = world
        .look(&owner, "exports/result.csv?topic=recorded")
        .await
        .text();
    for row in [
        "part,name,value,base,needed,reached",
        "turnout,,2,24,,",
        "count,甲,1,2,,",
        "count,乙,1,2,,",
        "outcome,tied,,,,",
    ] {
        assert!(result.contains(row), "{row}: {result}");
    }
    let book = world.look(&owner, "exports/polls.xlsx").await;
    assert!(book.body.starts_with(b"PK\x03\x04"));
    let ballots = world
        .look(&owner, "exports/ballots.csv?topic=recorded")
        .await
        .text();
    assert!(
        ballots.contains("一网格,1 号,甲,1,") && ballots.contains("二网格,17 号,乙,1,"),
        "{ballots}"
    );
    // Secret, not yet told, unknown, and without a name.
    for topic in ["secret", "never", "secret-once"] {
        let refused = world
            .look(&owner, &format!("exports/ballots.csv?topic={topic}"))
            .await;
        assert_eq!(refused.json()["fault"], "unsupported", "{topic}");
    }
    for address in [
        "exports/ballots.csv",
        "exports/ballots.csv?topic=moon",
        "exports/result.csv",
        "exports/result.csv?topic=moon",
        "exports/turnout.csv?topic=moon",
        "exports/x.csv",
        "exports/audit.pdf",
        "exports/audit",
    ] {
        assert_eq!(world.look(&owner, address).await.status, 404, "{address}");
    }
    for (member, address) in [
        (&moderator, "exports/audit.csv"),
        (&moderator, "exports/polls.csv"),
        (&moderator, "exports/ballots.csv?topic=recorded"),
        (&moderator, "exports/result.csv?topic=recorded"),
        (&grid, "exports/audit.csv"),
    ] {
        assert_eq!(world.look(member, address).await.status, 403, "{address}");
    }
    // No result before residents have it, also to who may export.
    let early = world.look(&owner, "exports/result.csv?topic=never").await;
    assert_eq!(early.json()["fault"], "unsupported");
    let above = world.look(&grid, "exports/result.csv?topic=recorded").await;
    assert_eq!(above.status, 404, "of a place above theirs");
    // A grid's supervisor takes what is theirs.
    let own = world.look(&grid, "exports/polls.csv").await.text();
    assert_eq!(own.lines().count(), 2, "{own}");
    let taken = world.column("SELECT detail FROM audit WHERE action = 'exported'");
    assert_eq!(taken.len(), 8, "{taken:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_taken_whole() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let at = community("jiangpan");
    for _ in 0..1_100 {
        world.service.invite_owner(&at, "li").await.unwrap();
    }
    let text = world.look(&owner, "exports/audit.csv").await.text();
    assert_eq!(text.lines().count(), 1 + 1_100 + 3);
    assert_eq!(
        world.service.verify_audit(&at).await.unwrap().unwrap().0,
        1_103
    );
}
