//! A roll that two persons put in force.

use crate::desk_world::*;
use crate::world::*;
use linli_model::desk::roll::{RollEntry, RollPreview};
use linli_server::store::RollDraft;
use serde_json::{Value, json};

/// Keeps a preview of so many households, compared with version `base`.
async fn keep(world: &World, draft: &str, households: u32, base: u32, errors: u32) {
    let entry = |n: u32| {
        let place = if n <= 16 { "grid-1" } else { "grid-2" };
        json!({ "place": place, "label": format!("{n} 号") })
    };
    let entries: Vec<Value> = (1..=households).map(entry).collect();
    let preview: RollPreview = serde_json::from_value(json!({
        "draft": draft, "expires_at_ms": NOW + 24 * HOUR, "community": "jiangpan",
        "kind": "households", "file_name": "户册.xlsx", "encoding": "xlsx", "hidden_rows": 0,
        "columns_ignored": [], "rows": households + errors, "entries": households,
        "voters": households, "owners_of_several": 0, "without_area": 0,
        "errors_total": errors, "errors": [], "first": [], "base_version": base,
        "diff": { "added": 1, "changed": 0, "removed": 0, "unchanged": 24 },
    }))
    .unwrap();
    let entries: Vec<RollEntry> = serde_json::from_value(json!(entries)).unwrap();
    let kept = world.service.store().save_roll_draft(RollDraft {
        preview,
        entries,
        contacts: None,
    });
    kept.await.unwrap().unwrap();
}

fn adopt(draft: &str) -> Value {
    json!({ "type": "adopt_roll", "kind": "households", "draft": draft })
}

fn approve(asked: &Value) -> Value {
    json!({ "type": "decide", "approval": asked["approval"]["id"], "decision": "approve" })
}

async fn eligible(world: &World) -> Value {
    let topic = world.get("/api/v1/topics/recorded").await.json();
    topic["turnout"]["eligible"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_is_adopted_when_a_second_person_agrees() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let second = world
        .member(&owner, "li", json!([{ "role": "supervisor" }]))
        .await;
    keep(&world, "first", 25, 1, 0).await;
    keep(&world, "second", 26, 1, 0).await;
    keep(&world, "faulty", 25, 1, 3).await;
    keep(&world, "empty", 0, 1, 0).await;
    let mut other_kind = adopt("first");
    other_kind["kind"] = json!("persons");
    let refused = [
        (adopt("nothing"), "draft", "unknown"),
        (other_kind, "kind", "unsupported"),
        (adopt("faulty"), "leave_out_errors", "unsupported"),
        (adopt("empty"), "draft", "empty"),
    ];
    for (command, path, fault) in refused {
        let told = world.not_done(&owner, &command).await;
        assert_eq!(
            told,
            json!({ "code": "invalid", "path": path, "fault": fault })
        );
    }
    let told = world.not_done(&second, &adopt("first")).await;
    assert_eq!(told["needs"], "rolls");
    let asked = world.done(&owner, &adopt("first")).await;
    let approval = &asked["approval"];
    assert_eq!(approval["about"], "户册.xlsx: 25 (+1 ~0 −0)");
    // It lapses with the preview.
    assert_eq!(approval["expires_at_ms"], NOW + 24 * HOUR);
    let again = world.not_done(&owner, &adopt("second")).await;
    assert_eq!(again["code"], "already_asked");
    assert_eq!(eligible(&world).await, 24);
    world.done(&second, &approve(&asked)).await;
    assert_eq!(eligible(&world).await, 25);
    let by = world.column("SELECT adopted_by FROM roll_version WHERE version = 2");
    assert_eq!(by, ["wang"]);
    let actions = world.column("SELECT action FROM audit ORDER BY number DESC LIMIT 2");
    assert_eq!(actions, ["adopt_roll", "approved"]);
    // A preview that was compared with what is no longer so: nothing of the decision is
    // done, and the request waits still.
    let asked = world.done(&owner, &adopt("second")).await;
    let before = world.count("audit");
    let told = world.not_done(&second, &approve(&asked)).await;
    assert_eq!(told["code"], "conflict");
    assert_eq!(
        (eligible(&world).await, world.count("audit")),
        (json!(25), before)
    );
    let waiting = world.seen(&owner, "approvals?state=waiting").await;
    assert_eq!(waiting.as_array().unwrap().len(), 1);
    assert!(world.check().await.faults.is_empty());
}

/// From a file to the roll in force, by the desk's own addresses.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_a_preview_and_two_persons_make_it_the_roll() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let second = world
        .member(&owner, "li", json!([{ "role": "supervisor" }]))
        .await;
    let base = "/api/v1/communities/jiangpan/desk/rolls";
    let send = async |token: &str, at: &str, body: &[u8]| {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str())];
        let path = format!("{base}{at}");
        let request = Request {
            method: "POST",
            path: &path,
            headers: &headers,
            body,
        };
        world.http(request).await
    };
    let csv = "网格,房号,面积\n一网格,1 号,80.5\n一网格,2 号,\n二网格,99 号,120\n月亮,1 号,1\n";
    let at = "/households/drafts?file_name=%E6%88%B7%E5%86%8C.csv";
    assert_eq!(send("x", at, csv.as_bytes()).await.status, 401);
    let refused = send(&second.token, at, csv.as_bytes()).await;
    assert_eq!(
        (refused.status, &refused.json()["needs"]),
        (403, &json!("rolls"))
    );
    let none = send(&owner.token, "/moon/drafts", csv.as_bytes()).await;
    assert_eq!(none.status, 404);
    let noise = send(&owner.token, at, b"\x00\x01\x02").await;
    assert_eq!((noise.status, &noise.json()["code"]), (422, &json!("file")));
    let made = send(&owner.token, at, csv.as_bytes()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let preview = made.json();
    assert_eq!(preview["file_name"], "户册.csv");
    assert_eq!(
        (&preview["entries"], &preview["errors_total"]),
        (&json!(3), &json!(1))
    );
    let mut command = adopt(preview["draft"].as_str().unwrap());
    command["leave_out_errors"] = json!(true);
    let asked = world.done(&owner, &command).await;
    world.done(&second, &approve(&asked)).await;
    assert_eq!(eligible(&world).await, 3);
    let rolls = world.seen(&second, "rolls").await;
    assert_eq!(
        (&rolls[0]["kind"], &rolls[0]["entries"]),
        (&json!("households"), &json!(3))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_is_read_where_one_may_and_that_is_written_down() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let at_grid = json!([{ "role": "owner", "place": "grid-2" }]);
    let of_grid = world.member(&owner, "sun", at_grid).await;
    let moderator = json!([{ "role": "moderator" }]);
    let moderator = world.member(&owner, "chen", moderator).await;
    let at = path("jiangpan", "rolls/households/entries");
    let read = async |member: &Member, asked: Value| {
        world
            .ask("POST", &at, Some(&member.token), Some(&asked))
            .await
    };
    let all = read(&owner, json!({})).await;
    assert_eq!(all.json()["lines"].as_array().unwrap().len(), 24);
    let found = read(&owner, json!({ "search": "17 号" })).await.json();
    assert_eq!(found["lines"][0]["label"], "17 号");
    assert_eq!(found["lines"].as_array().unwrap().len(), 1);
    let own = read(&of_grid, json!({ "place": "grid-2" })).await.json();
    assert_eq!(own["lines"].as_array().unwrap().len(), 8);
    let last = own["lines"][6]["entry"].as_i64().unwrap();
    let rest = json!({ "place": "grid-2", "after": last });
    let rest = read(&of_grid, rest).await.json();
    assert_eq!(rest["lines"].as_array().unwrap().len(), 1);
    for (member, asked, code) in [
        (&of_grid, json!({}), "not_permitted"),
        (&of_grid, json!({ "place": "grid-1" }), "not_permitted"),
        (&moderator, json!({}), "not_permitted"),
        (&owner, json!({ "place": "moon" }), "unknown"),
        (&owner, json!({ "place": "b a d" }), "malformed"),
    ] {
        let refused = read(member, asked).await;
        assert_eq!(refused.json()["code"], code, "{}", refused.text());
    }
    let written = world.column("SELECT detail FROM audit WHERE action = 'roll_read'");
    assert_eq!(written.len(), 4, "{written:?}");
    assert!(!written.join(" ").contains("17 号"), "{written:?}");
}
