//! A roll that two persons put in force.

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
    let kept = world
        .service
        .store()
        .save_roll_draft(RollDraft { preview, entries });
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
