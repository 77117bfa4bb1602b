//! What is deleted when, and fields that are sealed anew.

use crate::desk_world::PASSWORD;
use crate::world::*;
use linli_model::me::*;
use linli_model::*;
use linli_server::privacy::FieldKeys;
use linli_server::{MyFailure, Person, Retained};

const DAY: UtcMs = 24 * HOUR;

fn jiangpan() -> CommunityId {
    CommunityId::parse("jiangpan").unwrap()
}

async fn retain(world: &World, now_ms: UtcMs) -> Vec<(&'static str, u64)> {
    world.clock.set(now_ms);
    let would: Retained = world.service.retain(true).await.unwrap().unwrap();
    let did = world.service.retain(false).await.unwrap().unwrap();
    assert_eq!(would, did, "a dry run counts the same");
    assert!(
        world
            .service
            .retain(true)
            .await
            .unwrap()
            .unwrap()
            .is_empty()
    );
    did.into_iter().collect()
}

async fn person(world: &World, household: u32) -> Person {
    let proof = Proof::HouseholdCode {
        code: long_code(household),
    };
    let session = world
        .service
        .open_mine(&jiangpan(), &proof, CALLER)
        .await
        .unwrap();
    world
        .service
        .person(&jiangpan(), &session.token)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_goes_in_its_time() {
    let world = World::new().await;
    let mut client = CALLER;
    client.client = Some("203.0.113.9".parse().unwrap());
    let wrong = Proof::HouseholdCode {
        code: "AAA1-ZZZZ-ZZZZ".to_owned(),
    };
    assert!(
        world
            .service
            .identify(&id("recorded"), &wrong, client)
            .await
            .is_err()
    );
    for household in 1..=3 {
        world.grant("recorded", household).await;
    }
    let person = person(&world, 1).await;
    let given = GiveConsent {
        purpose: ConsentPurpose::Publish,
        version: 1,
        helped: None,
    };
    let consent = world.service.give_consent(&person, given).await.unwrap();
    world
        .service
        .withdraw_consent(&person, &consent.id)
        .await
        .unwrap();
    let asked = AskRequest {
        kind: RequestKind::Explain,
        text: "?".to_owned(),
        contact: String::new(),
    };
    let settled = world
        .service
        .ask_request(&person, asked.clone())
        .await
        .unwrap();
    let open = world.service.ask_request(&person, asked).await.unwrap();
    assert_ne!(settled.id, open.id);
    let here = jiangpan();
    let settle = world
        .service
        .settle_request(&here, &settled.id, true, "!", "staff:1");
    settle.await.unwrap();
    assert_eq!(retain(&world, NOW).await, []);
    assert_eq!(retain(&world, NOW + HOUR).await, [("my_session", 1)]);
    assert_eq!(retain(&world, NOW + DAY).await, []);
    assert_eq!(retain(&world, NOW + DAY + 1).await, [("attempt", 2)]);
    // Grants end with the poll, in an hour; a month later they go.
    assert_eq!(retain(&world, NOW + HOUR + 30 * DAY).await, []);
    assert_eq!(
        retain(&world, NOW + HOUR + 30 * DAY + 1).await,
        [("grant", 3)]
    );
    assert_eq!(retain(&world, NOW + 365 * DAY + 1).await, [("request", 1)]);
    assert_eq!(
        retain(&world, NOW + 1_095 * DAY + 1).await,
        [("consent", 1)]
    );
    assert_eq!(retain(&world, NOW + 9_999 * DAY).await, []);
    assert_eq!(world.count("person_request"), 1, "the open one waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_community_decides_how_long() {
    let world = World::new().await;
    world.grant("recorded", 1).await;
    let hill = Proof::HouseholdCode {
        code: long_code(900),
    };
    world
        .service
        .identify(&id("hill"), &hill, CALLER)
        .await
        .unwrap();
    world
        .service
        .set_period(&jiangpan(), "grant", Some(1))
        .await
        .unwrap();
    assert_eq!(retain(&world, NOW + HOUR + DAY + 1).await, [("grant", 1)]);
    assert_eq!(
        world.column("SELECT community_id FROM cast_grant"),
        ["yunping"]
    );
}

/// More rows than one batch takes.
#[tokio::test(flavor = "multi_thread")]
async fn many_rows_go_in_batches() {
    let world = World::new().await;
    for n in 0..1_203_u32 {
        let mut device = [0; 16];
        device[..4].copy_from_slice(&n.to_le_bytes());
        let proof = Proof::Device {
            device: DeviceId::from_bytes(device),
        };
        world
            .service
            .identify(&id("devices"), &proof, CALLER)
            .await
            .unwrap();
    }
    assert_eq!(retain(&world, NOW + 31 * DAY).await, [("grant", 1_203)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ballots_forget_their_devices_a_year_after_closing() {
    let world = World::new().await;
    let proof = |n| Proof::Device {
        device: DeviceId::from_bytes([n; 16]),
    };
    for n in 1..=3 {
        let granted = world
            .service
            .identify(&id("devices"), &proof(n), CALLER)
            .await
            .unwrap();
        for (key, stance) in [(1, Stance::No), (2, Stance::Yes)] {
            world
                .cast("devices", &granted.token, key, motion(stance), None)
                .await
                .unwrap();
        }
    }
    let grant = world.grant("recorded", 1).await;
    world
        .cast("recorded", &grant, 1, options(&["a"]), None)
        .await
        .unwrap();
    let of_devices = "SELECT voter FROM ballot WHERE poll_id = 'devices' ORDER BY voter";
    let before = world.column(of_devices);
    retain(&world, NOW + HOUR + 365 * DAY).await;
    assert_eq!(world.column(of_devices), before);
    assert_eq!(
        retain(&world, NOW + HOUR + 365 * DAY + 1).await,
        [("device_ballot", 3)]
    );
    let after = world.column(of_devices);
    assert_eq!(after.len(), 3);
    assert!(
        after
            .iter()
            .all(|voter| voter.starts_with('x') && !before.contains(voter))
    );
    assert_eq!(
        world.column("SELECT count(DISTINCT voter) FROM ballot_superseded"),
        ["3"]
    );
    assert_eq!(
        world.column("SELECT voter FROM ballot WHERE poll_id = 'recorded'"),
        ["h1"]
    );
    // The result is what it was, and the store is sound.
    let view = world.service.topic(&id("devices")).await.unwrap();
    assert_eq!(view.turnout.cast, 3);
    assert_eq!(world.check().await.faults, Vec::<String>::new());
    let session = world
        .service
        .open_mine(&jiangpan(), &proof(1), CALLER)
        .await
        .unwrap();
    let person = world
        .service
        .person(&jiangpan(), &session.token)
        .await
        .unwrap();
    assert!(
        world
            .service
            .my_data(&person)
            .await
            .unwrap()
            .ballots
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_sealed_anew_while_people_go_on() {
    let world = World::new().await;
    let person = person(&world, 1).await;
    let staff = world.owner("jiangpan", "wang").await;
    let ask = |n: u32| AskRequest {
        kind: RequestKind::Correct,
        text: format!("request {n}"),
        contact: String::new(),
    };
    for n in 0..5 {
        world.service.ask_request(&person, ask(n)).await.unwrap();
    }
    // Another process turns the key.
    let keys = FieldKeys::load_or_create(&world.config.field_keys()).unwrap();
    keys.add_key().unwrap();
    let other = World::open(tempfile::tempdir().unwrap(), world.config.clone()).await;
    let (resealed, asked) = tokio::join!(other.service.reseal(), async {
        for n in 5..9 {
            world.service.ask_request(&person, ask(n)).await.unwrap();
        }
    });
    let () = asked;
    // Five requests and an authenticator's secret at least.
    assert!(resealed.unwrap() >= 6);
    // What was sealed by the old key meanwhile.
    other.service.reseal().await.unwrap();
    assert_eq!(other.service.reseal().await.unwrap(), 0);
    assert_eq!(other.service.drop_unused_keys().await.unwrap(), 1);
    let mut texts: Vec<String> = world
        .service
        .my_data(&person)
        .await
        .unwrap()
        .requests
        .into_iter()
        .map(|request| request.text)
        .collect();
    texts.sort();
    let expected: Vec<String> = (0..9).map(|n| format!("request {n}")).collect();
    assert_eq!(texts, expected);
    world.pass(60_000);
    let code = world.code(&staff.secret);
    let signed_in = world.sign_in("jiangpan", "wang", PASSWORD, &code).await;
    assert_eq!(signed_in.status, 201, "{}", signed_in.text());
    // A lost key is told by its name.
    std::fs::remove_file(world.config.field_keys()).unwrap();
    let world = other.restart().await;
    match world.service.my_data(&person).await {
        Err(MyFailure::Fault(detail)) => assert!(detail.contains("field-keys.json"), "{detail}"),
        other => panic!("{other:?}"),
    }
}
