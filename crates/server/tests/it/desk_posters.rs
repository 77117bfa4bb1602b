//! Posters of a round: one for its place and each below it, each with its own code.

use crate::desk_world::*;
use crate::world::*;
use linli_model::desk::survey::Poster;
use serde_json::{Value, json};

const DEFINITION: &str =
    r#"{"title":"保洁","elements":[{"type":"rating","name":"clean","title":"保洁怎么样？"}]}"#;

fn survey() -> Value {
    json!({ "type": "put_survey", "survey": {
        "id": "cleaning", "place": "jiangpan", "title": "保洁", "definition": DEFINITION } })
}

fn round(version: &str) -> Value {
    let mut draft = draft("cleaning-1", "jiangpan");
    draft["poll"]["kind"] = json!({ "type": "survey",
        "wave": { "survey": "cleaning", "number": 1, "version": version } });
    draft
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_round_has_a_poster_for_each_place() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "zhou").await;
    world.done(&owner, &survey()).await;
    let detail = world.seen(&owner, "surveys/cleaning").await;
    let version = detail["card"]["version"].as_str().unwrap();
    world.done(&owner, &create(round(version))).await;
    let rest = "polls/cleaning-1/posters";
    assert_eq!(world.look(&owner, rest).await.status, 404, "a draft");
    world.done(&owner, &open("cleaning-1")).await;
    let posters: Vec<Poster> = serde_json::from_value(world.seen(&owner, rest).await).unwrap();
    assert_eq!(posters[0].place.id.as_str(), "jiangpan");
    assert!(posters.len() > 1, "places below it");
    for poster in &posters {
        let end = format!("/p/cleaning-1#at={}", poster.place.id);
        assert!(poster.address.ends_with(&end), "{}", poster.address);
        // The corner of every QR code.
        assert!(poster.qr.starts_with("fe"), "{}", poster.qr);
    }
    let mut codes: Vec<&str> = posters.iter().map(|one| one.qr.as_str()).collect();
    codes.dedup();
    assert_eq!(codes.len(), posters.len(), "each leads to its own place");

    // Of a poll that is no round, and for nobody.
    world.done(&owner, &create(draft("lot", "grid-2"))).await;
    world.done(&owner, &open("lot")).await;
    assert_eq!(world.look(&owner, "polls/lot/posters").await.status, 404);
    let bare = path("jiangpan", rest);
    assert_eq!(world.ask("GET", &bare, None, None).await.status, 401);
}
