//! When counts may be seen, and that nothing tells them before.

use crate::world::*;
use linli_model::*;
use serde_json::json;

#[tokio::test]
async fn hidden_counts_leak_nowhere() {
    // Two worlds in which the same households vote differently.
    let (one, other) = (World::new().await, World::new().await);
    for (world, stance) in [(&one, Stance::Yes), (&other, Stance::No)] {
        for household in 1..=3 {
            let grant = world.grant("never", household).await;
            world
                .cast("never", &grant, u128::from(household), motion(stance), None)
                .await
                .unwrap();
        }
    }
    let (a, b) = (
        one.get("/api/v1/topics/never").await,
        other.get("/api/v1/topics/never").await,
    );
    assert_eq!(a.json()["turnout"]["cast"], 3);
    assert!(a.json().get("result").is_none());
    assert_eq!(a.body, b.body, "the answer depends on hidden choices");
    assert_eq!(
        a.header("etag"),
        b.header("etag"),
        "the ETag depends on hidden choices"
    );
    let page = one.get("/p/never").await.text();
    assert!(!page.contains("<table>"));
    one.clock.set(NOW + HOUR);
    let result = one
        .service
        .topic(&id("never"))
        .await
        .unwrap()
        .result
        .unwrap();
    assert!(result.is_final);
    assert_eq!(result.outcome, Outcome::Carried);
    assert_eq!(
        result.counts.iter().map(|c| c.votes).collect::<Vec<_>>(),
        [3, 0, 0]
    );
}

#[tokio::test]
async fn turnout_by_place_leaves_out_what_is_small() {
    let world = World::new().await;
    for household in [1, 2, 20] {
        let grant = world.grant("recorded", household).await;
        world
            .cast(
                "recorded",
                &grant,
                u128::from(household),
                options(&["a"]),
                None,
            )
            .await
            .unwrap();
    }
    let result = world
        .service
        .topic(&id("recorded"))
        .await
        .unwrap()
        .result
        .unwrap();
    assert_eq!(
        result.turnout,
        Turnout {
            cast: 3,
            eligible: Some(24)
        }
    );
    // Grid 2 has 8 households: too small, and grid 1 would give it away.
    assert_eq!(result.places, Vec::new());
    let grid = world.service.topic(&id("grid")).await.unwrap();
    assert_eq!(
        grid.turnout.eligible,
        Some(8),
        "the electorate is the topic's place"
    );
}

#[tokio::test]
async fn an_unchanged_topic_is_not_sent_again() {
    let world = World::new().await;
    let first = world.get("/api/v1/topics/recorded").await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with('"'), "strong");
    let ask = async |tag: &str| {
        let headers = [("If-None-Match", tag)];
        world
            .http(Request {
                method: "GET",
                path: "/api/v1/topics/recorded",
                headers: &headers,
                body: b"",
            })
            .await
    };
    let same = ask(&etag).await;
    assert_eq!(
        (same.status, same.body.len(), same.header("etag")),
        (304, 0, etag.as_str())
    );
    let grant = world.grant("recorded", 1).await;
    world
        .cast("recorded", &grant, 1, options(&["a"]), None)
        .await
        .unwrap();
    let changed = ask(&etag).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), etag);
}

#[tokio::test]
async fn a_rule_with_thresholds_decides_and_tells_each_step() {
    let world = World::new().await;
    let two_thirds = json!({ "numerator": 2, "denominator": 3, "bound": "at_least" });
    let mut file = import_file();
    let topics = file["topics"].as_array().unwrap();
    let never = topics.iter().find(|topic| topic["id"] == "never");
    let mut topic = never.unwrap().clone();
    topic["id"] = json!("by-rule");
    topic["poll"]["id"] = json!("by-rule-poll");
    topic["poll"]["rule"] = json!({
        "article": "Rules of the meeting, article 14",
        "method": {
            "type": "majority_with_quorum",
            "participation": two_thirds,
            "approval": two_thirds,
            "approval_base": "participating",
        },
    });
    file["topics"] = json!([topic.clone()]);
    world.service.import_text(&file.to_string()).await.unwrap();
    let vote = async |household: u32, stance| {
        let grant = world.grant("by-rule", household).await;
        let cast = world.cast(
            "by-rule",
            &grant,
            u128::from(household),
            motion(stance),
            None,
        );
        cast.await.unwrap();
    };
    // 24 households: 16 are needed, and of 16 ballots 11 in favour.
    for household in 1..=15 {
        vote(household, Stance::Yes).await;
    }
    let verdict = async || world.get("/api/v1/topics/by-rule/verdict").await;
    assert_eq!(verdict().await.status, 404, "not before counts may be seen");
    vote(16, Stance::No).await;
    world.clock.set(NOW + HOUR);
    let view = world.service.topic(&id("by-rule")).await.unwrap();
    let result = view.result.unwrap();
    assert_eq!(result.rule, "majority_with_quorum");
    assert_eq!(result.outcome, Outcome::Carried);
    let figures = |step: &ResultStep| (step.value, step.base, step.short, step.passed);
    let steps: Vec<_> = result.steps.iter().map(figures).collect();
    assert_eq!(steps, [(16, 24, 0, true), (15, 16, 0, true)]);
    let told = verdict().await;
    assert_eq!(told.status, 200);
    assert_eq!(told.json()["ruling"]["type"], "carried");
    assert_eq!(
        told.json()["blocks"],
        json!(["consultation", "citation_missing"]),
        "it binds nobody, and no date was given"
    );
    let page = world.get("/p/by-rule").await.text();
    assert!(page.contains("Rules of the meeting, article 14"), "{page}");

    topic["poll"]["kind"] = json!({ "type": "single_choice", "options": [
        { "id": "a", "text": "A" }, { "id": "b", "text": "B" },
    ] });
    file["topics"] = json!([topic]);
    let refused = world
        .service
        .import_text(&file.to_string())
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("decides a motion"),
        "{refused}"
    );
}

#[tokio::test]
async fn turnout_by_place_counts_who_voted_in_either_kind_of_poll() {
    let world = World::new().await;
    // Enough to be told, and a place further down.
    world.execute(
        "WITH RECURSIVE n(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM n WHERE n < 111)
         INSERT INTO household (community_id, household_id, place_id, label)
         SELECT 'jiangpan', n, 'grid-2', 'more ' || n FROM n",
    );
    world.execute(
        "INSERT INTO roll_entry (community_id, kind, entry_id, since_version, voter_id,
             household_id, place_id, label, name, owner, developer)
         SELECT community_id, 'households', household_id, 1, household_id, household_id,
             place_id, label, '', '', (1 = 0) FROM household WHERE label LIKE 'more %'",
    );
    for topic in ["recorded", "secret"] {
        for household in [1, 2, 20] {
            let grant = world.grant(topic, household).await;
            let secret = (topic == "secret").then_some(u128::from(household) << 64);
            let key = u128::from(household);
            world
                .cast(topic, &grant, key, options(&["a"]), secret)
                .await
                .unwrap();
        }
        world.clock.set(NOW + HOUR);
        let view = world.service.topic(&id(topic)).await.unwrap();
        world.clock.set(NOW);
        let places = view.result.unwrap().places.into_iter().map(|told| {
            let turnout = told.turnout;
            (told.place.id.to_string(), turnout.cast, turnout.eligible)
        });
        let expected = [
            ("grid-1".to_owned(), 2, Some(16)),
            ("grid-2".to_owned(), 1, Some(20)),
        ];
        assert_eq!(places.collect::<Vec<_>>(), expected, "{topic}");
    }
}

/// Of a large poll that is open, answers tell counts of a moment ago and are soon right;
/// after closing they are right at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_poll_is_counted_behind_the_answers() {
    let world = World::new().await;
    let cast = async |household: u32| {
        let grant = world.grant("recorded", household).await;
        let key = u128::from(household);
        let choice = options(&["a"]);
        world.cast("recorded", &grant, key, choice, None).await
    };
    cast(1).await.unwrap();
    world.execute(
        "WITH RECURSIVE n(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM n WHERE n < 11999)
         INSERT INTO ballot (community_id, poll_id, voter, revision, cast_key, choice, nonce,
             key_id, cast_at_ms)
         SELECT community_id, poll_id, 'h' || n, revision, cast_key, choice, nonce, key_id,
             cast_at_ms FROM ballot, n WHERE poll_id = 'recorded'",
    );
    let told = async || {
        let view = world.service.topic(&id("recorded")).await.unwrap();
        view.turnout.cast
    };
    assert_eq!(told().await, 11_001);
    cast(2).await.unwrap();
    let mut now = told().await;
    assert!((11_001..=11_002).contains(&now));
    while now != 11_002 {
        now = told().await;
    }
    cast(3).await.unwrap();
    world.clock.set(NOW + HOUR);
    assert_eq!(told().await, 11_003, "final");
}
