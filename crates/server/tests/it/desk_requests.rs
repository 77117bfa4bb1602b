//! Residents' requests at the desk.

use crate::desk_world::*;
use crate::world::*;
use linli_model::desk::request::{ANSWER_WITHIN_MS, RequestsView};
use linli_model::me::{AskRequest, RequestKind, RequestState};
use linli_model::{CommunityId, Proof, RequestId};
use serde_json::{Value, json};

/// 1 号 asks; gives how it is named.
async fn ask(world: &World, text: &str) -> RequestId {
    let (jiangpan, code) = (CommunityId::parse("jiangpan").unwrap(), long_code(1));
    let service = &world.service;
    let proof = Proof::HouseholdCode { code };
    let session = service.open_mine(&jiangpan, &proof, CALLER).await.unwrap();
    let person = service.person(&jiangpan, &session.token).await.unwrap();
    let asked = AskRequest {
        kind: RequestKind::Correct,
        text: text.to_owned(),
        contact: String::new(),
    };
    service.ask_request(&person, asked).await.unwrap().id
}

async fn settle(world: &World, member: &Member, id: &RequestId, body: &Value) -> Answer {
    let to = path(member.community, &format!("requests/{id}/answer"));
    world
        .ask("POST", &to, Some(&member.token), Some(body))
        .await
}

async fn list(world: &World, member: &Member) -> RequestsView {
    serde_json::from_value(world.seen(member, "requests").await).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_with_its_date_and_is_answered_once() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "zhou").await;
    let id = ask(&world, "面积应为 81 平方米").await;
    world.pass(HOUR);
    let later = ask(&world, "户主写错了").await;
    assert_eq!(world.seen(&owner, "home").await["requests"], 2);
    let open = list(&world, &owner).await.open;
    assert_eq!(
        (&open[0].id, &open[1].id),
        (&id, &later),
        "the first due first"
    );
    assert_eq!(open[0].who, "一网格 · 1 号");
    assert_eq!(open[0].due_at_ms, open[0].asked_at_ms + ANSWER_WITHIN_MS);

    let done = json!({ "is_done": true, "answer": "已按房产证改好。" });
    let empty = json!({ "is_done": false, "answer": " " });
    let answer = settle(&world, &owner, &id, &empty).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (422, &json!("reason_needed"))
    );
    let answer = settle(&world, &owner, &id, &done).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    let answer = settle(&world, &owner, &id, &done).await;
    assert_eq!(answer.json()["code"], "already_settled");
    let view = list(&world, &owner).await;
    assert_eq!(view.open.len(), 1);
    let told = &view.settled[0];
    assert_eq!(
        (told.state, told.answer.as_str()),
        (RequestState::Done, "已按房产证改好。")
    );
    let audit = world.seen(&owner, "audit?search=answered_request").await;
    let entries = audit["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert!(!audit.to_string().contains("房产证"), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_reads_or_answers() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "zhou").await;
    let id = ask(&world, "x").await;
    let done = json!({ "is_done": true, "answer": "好" });
    let posts = [
        json!([{ "role": "moderator" }]),
        json!([{ "role": "supervisor" }]),
        json!([{ "role": "owner", "place": "grid-1" }]),
    ];
    for (login, posts) in ["chen", "wang", "sun"].into_iter().zip(posts) {
        let member = world.member(&owner, login, posts).await;
        assert_eq!(world.look(&member, "requests").await.status, 403, "{login}");
        let answer = settle(&world, &member, &id, &done).await;
        assert_eq!(answer.json()["code"], "not_permitted", "{login}");
        assert_eq!(world.seen(&member, "home").await["requests"], 0);
    }
    let other = world.owner("yunping", "feng").await;
    let answer = settle(&world, &other, &id, &done).await;
    assert_eq!(answer.json()["code"], "already_settled");
    assert_eq!(list(&world, &owner).await.open.len(), 1);
}
