//! 代填 at the desk: who may for whom, what is written down, and what is not.

use crate::desk_world::*;
use crate::world::*;
use linli_model::desk::{FilledIn, Voted, VotersFound};
use serde_json::{Value, json};

fn fill_in(label: &str, place: &str, option: &str) -> Value {
    json!({
        "place": place, "label": label, "choice": { "type": "options", "options": [option] },
        "manner": "in_person", "consenter": "王桂兰", "relation": "网格员",
        "consented_at_ms": NOW - 60_000,
    })
}

async fn send(world: &World, member: &Member, topic: &str, key: &str, body: &Value) -> Answer {
    let to = path(member.community, &format!("polls/{topic}/behalf"));
    let bearer = format!("Bearer {}", member.token);
    world
        .http(Request {
            method: "POST",
            path: &to,
            headers: &[
                ("Idempotency-Key", key),
                ("Authorization", &bearer),
                ("Content-Type", "application/json"),
            ],
            body: body.to_string().as_bytes(),
        })
        .await
}

async fn found(world: &World, member: &Member, topic: &str, search: &str) -> VotersFound {
    let search: String = search.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let rest = format!("polls/{topic}/voters?search={search}");
    serde_json::from_value(world.seen(member, &rest).await).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_worker_fills_in_for_their_grid_alone() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "zhou").await;
    let posts = json!([{ "role": "moderator", "place": "grid-2" }]);
    let grid = world.member(&owner, "sun", posts).await;
    // The community's polls are above their place; they find them on home all the same,
    // secret ones apart.
    let home = world.seen(&grid, "home").await;
    let fillable = home["fillable"].as_array().unwrap();
    let offered = |topic: &str| fillable.iter().any(|one| one["topic"] == topic);
    assert!(offered("recorded") && !offered("secret"), "{home}");
    assert_eq!(world.seen(&owner, "home").await["fillable"], json!([]));
    // 17 to 24 live there; 1 to 16 do not, and are not found.
    let hits = found(&world, &grid, "recorded", "1").await;
    let labels: Vec<&str> = hits.voters.iter().map(|hit| hit.label.as_str()).collect();
    assert_eq!(labels, ["17 号", "18 号", "19 号", "21 号"]);
    assert!(!hits.more && hits.voters.iter().all(|hit| hit.voted == Voted::NotYet));
    let hits = found(&world, &grid, "recorded", "二网格 21").await;
    assert_eq!(hits.voters.len(), 1, "{hits:?}");
    assert!(
        found(&world, &grid, "recorded", " ")
            .await
            .voters
            .is_empty()
    );
    for none in ["%", "_", "21 二网格"] {
        let hits = found(&world, &grid, "recorded", none).await;
        assert!(hits.voters.is_empty(), "{none}: {hits:?}");
    }
    let all = found(&world, &owner, "recorded", "号").await;
    assert_eq!((all.voters.len(), all.more), (20, true));

    let key = fresh_key();
    let answer = send(
        &world,
        &grid,
        "recorded",
        &key,
        &fill_in("21 号", "grid-2", "a"),
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let told: FilledIn = serde_json::from_value(answer.json()).unwrap();
    assert_eq!((told.revision, told.recorded_at_ms), (1, Some(NOW)));
    // The same again is answered as before, and noted once.
    let again = send(
        &world,
        &grid,
        "recorded",
        &key,
        &fill_in("21 号", "grid-2", "a"),
    )
    .await;
    assert_eq!((again.status, again.json()), (200, answer.json()));
    let audit = world.seen(&owner, "audit?search=filled_in").await;
    let entries = audit["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{audit}");
    let detail = entries[0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("21 号") && detail.contains(&told.code),
        "{detail}"
    );
    assert!(
        !detail.contains("options") && !detail.contains("王桂兰"),
        "{detail}"
    );
    let hits = found(&world, &grid, "recorded", "21").await;
    assert_eq!(hits.voters[0].voted, Voted::FilledIn);

    // Not elsewhere, also where it is claimed to be at home.
    for place in ["grid-1", "jiangpan", "moon"] {
        let body = fill_in("1 号", place, "a");
        let answer = send(&world, &grid, "recorded", &fresh_key(), &body).await;
        assert_eq!(answer.json()["code"], "not_permitted", "{place}");
    }
    let body = fill_in("1 号", "grid-2", "a");
    let answer = send(&world, &grid, "recorded", &fresh_key(), &body).await;
    assert_eq!(answer.json()["code"], "unknown");
    let counts = world.service.topic(&id("recorded")).await.unwrap().turnout;
    assert_eq!(counts.cast, 1);
    let report = world.check().await;
    assert!(report.faults.is_empty(), "{:?}", report.faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_hear_why_not() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "zhou").await;
    let supervisor = world
        .member(&owner, "wang", json!([{ "role": "supervisor" }]))
        .await;
    let grant = world.grant("recorded", 3).await;
    let own = options(&["b"]);
    world.cast("recorded", &grant, 1, own, None).await.unwrap();
    let hits = found(&world, &owner, "recorded", "3 号").await;
    let own = hits.voters.iter().find(|hit| hit.label == "3 号").unwrap();
    assert_eq!(own.voted, Voted::Themselves);
    let mut unsaid = fill_in("4 号", "grid-1", "a");
    unsaid["consenter"] = json!(" ");
    let mut early = fill_in("4 号", "grid-1", "a");
    early["consented_at_ms"] = json!(NOW + HOUR);
    let cases = [
        (
            &owner,
            "recorded",
            fill_in("3 号", "grid-1", "a"),
            "voted_themselves",
            409,
        ),
        (
            &owner,
            "secret",
            fill_in("4 号", "grid-1", "a"),
            "secret_not_filled_in",
            409,
        ),
        (
            &owner,
            "nothing",
            fill_in("4 号", "grid-1", "a"),
            "unknown",
            404,
        ),
        (
            &owner,
            "hill",
            fill_in("1 号", "yunping", "a"),
            "unknown",
            404,
        ),
        (&owner, "recorded", unsaid, "malformed", 422),
        (&owner, "recorded", early, "malformed", 422),
        (
            &supervisor,
            "recorded",
            fill_in("4 号", "grid-1", "a"),
            "not_permitted",
            403,
        ),
    ];
    for (member, topic, body, code, status) in cases {
        let answer = send(&world, member, topic, &fresh_key(), &body).await;
        let got = (answer.json()["code"].clone(), answer.status);
        assert_eq!(got, (json!(code), status), "{topic} {body}");
    }
    let answer = world
        .look(&supervisor, "polls/recorded/voters?search=1")
        .await;
    assert_eq!(answer.json()["code"], "not_permitted");
    let answer = world.look(&owner, "polls/secret/voters?search=1").await;
    assert_eq!(answer.json()["code"], "secret_not_filled_in");
    let counts = world.service.topic(&id("recorded")).await.unwrap().turnout;
    assert_eq!(counts.cast, 1, "nothing of it was recorded");
}
