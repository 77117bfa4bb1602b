//! 代填: who may fill in for whom, what is recorded, and what never happens.

use crate::page::Browser;
use crate::world::*;
use linli_model::*;
use linli_server::receipts;
use linli_server::service::{Consent, VoterName};
use linli_server::store::{Manner, Recorder};

fn consent() -> Consent {
    Consent {
        manner: Manner::ByPhone,
        by: "王桂兰".to_owned(),
        relation: "网格员".to_owned(),
        given_at_ms: NOW - 60_000,
    }
}

fn household(number: u32) -> VoterName {
    VoterName {
        label: format!("{number} 号"),
        place: None,
    }
}

async fn fill_in(
    world: &World,
    topic: &str,
    voter: VoterName,
    key: u128,
    choice: Choice,
) -> Result<CastReply, Refusal> {
    let community = CommunityId::parse("jiangpan").unwrap();
    let ballot = (key_of(key), choice);
    let done = world
        .service
        .cast_on_behalf(&community, &id(topic), voter, ballot, consent(), "li.si")
        .await;
    refusal(done).map(|recorded| recorded.reply)
}

#[tokio::test]
async fn a_ballot_filled_in_is_marked_wherever_it_shows() {
    let world = World::new().await;
    let reply = fill_in(&world, "recorded", household(1), 1, options(&["a"])).await;
    let reply = reply.unwrap();
    assert!(reply.receipt.on_behalf);
    receipts::verify(&reply.receipt, &world.service.receipt_keys()).unwrap();
    // Whoever takes the mark off breaks the signature.
    let mut bare = reply.receipt.clone();
    bare.on_behalf = false;
    assert!(receipts::verify(&bare, &world.service.receipt_keys()).is_err());
    // The same command again gives the same bytes, also after a restart.
    let world = world.restart().await;
    let again = fill_in(&world, "recorded", household(1), 1, options(&["a"])).await;
    assert_eq!(again.unwrap(), reply);
    // The household sees it by its own code.
    let own = world.identify("recorded", &long_code(1)).await.unwrap();
    assert_eq!(own.standing.reply, Some(reply));
    let result = world.service.topic(&id("recorded")).await.unwrap().result;
    assert_eq!(result.unwrap().on_behalf, 1);
    let told = world.service.on_behalf(&id("recorded")).await.unwrap();
    assert_eq!(told.len(), 1);
    let told = &told[0];
    assert_eq!((told.label.as_str(), told.revision), ("1 号", 1));
    assert_eq!(told.recorder, Recorder::Staff("li.si".to_owned()));
    assert_eq!(
        (told.consenter.as_str(), told.manner),
        ("王桂兰", Manner::ByPhone)
    );
    assert_eq!(
        (told.consented_at_ms, told.recorded_at_ms),
        (NOW - 60_000, NOW)
    );
    // Not the name itself, and not a text that a search would find.
    world.execute("UPDATE ballot_on_behalf SET consenter = NULL WHERE length(consenter) < 40");
    let kept = world.service.on_behalf(&id("recorded")).await.unwrap();
    assert_eq!(kept[0].consenter, "王桂兰");
    let page = world.get("/p/recorded?lang=zh-Hans").await.text();
    assert!(page.contains("其中代填 1 票"), "{page}");
    let report = world.check().await;
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    assert_eq!(report.receipts, 1);
}

#[tokio::test]
async fn staff_never_replace_what_a_household_cast() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let own = options(&["b"]);
    world
        .cast("recorded", &grant, 1, own.clone(), None)
        .await
        .unwrap();
    let refused = fill_in(&world, "recorded", household(1), 2, options(&["a"])).await;
    assert_eq!(refused.unwrap_err(), Refusal::AlreadyVoted);
    // The other way round the household's own ballot counts, and staff's no longer does.
    fill_in(&world, "recorded", household(2), 3, options(&["a"]))
        .await
        .unwrap();
    let slip = fill_in(&world, "recorded", household(2), 4, options(&["c"])).await;
    assert_eq!(slip.unwrap().receipt.revision, 2, "a slip is corrected");
    let grant = world.grant("recorded", 2).await;
    let changed = world.cast("recorded", &grant, 5, own, None).await.unwrap();
    let receipt = changed.reply.receipt;
    assert_eq!((receipt.revision, receipt.on_behalf), (3, false));
    let refused = fill_in(&world, "recorded", household(2), 6, options(&["a"])).await;
    assert_eq!(refused.unwrap_err(), Refusal::AlreadyVoted);
    let result = world.service.topic(&id("recorded")).await.unwrap().result;
    assert_eq!(result.unwrap().on_behalf, 0);
    // The record of what was filled in stays.
    let told = world.service.on_behalf(&id("recorded")).await.unwrap();
    assert_eq!(told.len(), 2);
    let report = world.check().await;
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    assert_eq!(report.receipts, 4);
    // A record without its ballot is found.
    let sql = "UPDATE ballot_on_behalf SET revision = 9 WHERE revision = 2";
    match &world.config.database_url {
        Some(url) => drop(linli_cluster::sql(url.secret(), sql)),
        None => assert_eq!(world.database().execute(sql, []).unwrap(), 1),
    }
    let faults = world.check().await.faults;
    let found = faults
        .iter()
        .any(|fault| fault.contains("belong to no ballot"));
    assert!(found, "{faults:?}");
}

#[tokio::test]
async fn a_household_and_staff_at_the_same_moment_are_one_ballot() {
    let world = World::new().await;
    for round in 0..8 {
        let number = round + 3;
        let grant = world.grant("never", number).await;
        let (yes, no) = (motion(Stance::Yes), motion(Stance::No));
        let filled = fill_in(&world, "never", household(number), u128::from(number), no);
        let cast = world.cast("never", &grant, 100, yes, None);
        let (filled, cast) = tokio::join!(filled, cast);
        assert_ne!(filled.is_ok(), cast.is_ok(), "round {round}");
    }
    assert_eq!(world.count("ballot"), 8);
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test]
async fn what_cannot_be_filled_in_is_refused() {
    let world = World::new().await;
    let yes = || motion(Stance::Yes);
    let cases = [
        ("secret-once", household(1), Refusal::OnBehalfSecret),
        ("devices", household(1), Refusal::Unsupported),
        ("never", household(99), Refusal::NotFound),
        ("grid", household(1), Refusal::NotFound),
        ("hill", household(1), Refusal::TopicUnknown),
        (
            "closed",
            household(1),
            Refusal::Closed {
                closed_at_ms: NOW - HOUR,
            },
        ),
    ];
    for (topic, voter, expected) in cases {
        let told = fill_in(&world, topic, voter, 1, yes()).await;
        assert_eq!(told.unwrap_err(), expected, "{topic}");
    }
    let place = |name| Some(PlaceId::parse(name).unwrap());
    let elsewhere = VoterName {
        place: place("grid-2"),
        ..household(1)
    };
    let told = fill_in(&world, "never", elsewhere, 1, yes()).await;
    assert_eq!(told.unwrap_err(), Refusal::NotFound);
    let bad = [
        Consent {
            by: " ".to_owned(),
            ..consent()
        },
        Consent {
            by: "王".repeat(41),
            ..consent()
        },
        Consent {
            relation: "网".repeat(41),
            ..consent()
        },
        Consent {
            given_at_ms: NOW + 1,
            ..consent()
        },
    ];
    let community = CommunityId::parse("jiangpan").unwrap();
    for consent in bad {
        let topic = id("never");
        let done = world
            .service
            .cast_on_behalf(
                &community,
                &topic,
                household(1),
                (key_of(1), yes()),
                consent,
                "li.si",
            )
            .await;
        assert_eq!(refusal(done).unwrap_err(), Refusal::Malformed);
    }
    assert_eq!(world.count("ballot"), 0);
    assert_eq!(world.count("ballot_on_behalf"), 0);
}

#[tokio::test]
async fn somebody_of_the_household_fills_in_on_the_page() {
    let world = World::new().await;
    let mut browser = Browser::default();
    let page = browser.look(&world, "recorded").await.text();
    assert!(page.contains(r#"name="behalf""#));
    let code = "code=AAA1-0000-0001";
    let fields = format!("choice=b&{code}&behalf=1&relation=child");
    let done = browser.send(&world, "recorded", &fields).await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert!(done.text().contains("Filled in for the household"));
    assert!(done.text().contains("&quot;on_behalf&quot;: true"));
    // Without the tick the relation, which the form always has, says nothing.
    browser.look(&world, "recorded").await;
    let fields = format!("choice=c&{code}&relation=child&confirmed=1");
    let own = browser.send(&world, "recorded", &fields).await;
    assert_eq!(own.status, 201, "{}", own.text());
    assert!(!own.text().contains("Filled in for the household"));
    // A change that is filled in is asked about first, and keeps its mark.
    browser.look(&world, "recorded").await;
    let fields = format!("choice=a&{code}&behalf=1&relation=spouse");
    let asked = browser.send(&world, "recorded", &fields).await;
    assert!(
        asked.text().contains(r#"name="behalf" value="1""#),
        "{}",
        asked.text()
    );
    let done = browser
        .send(&world, "recorded", &format!("{fields}&confirmed=1"))
        .await;
    assert!(done.text().contains("Filled in for the household"));
    let told = world.service.on_behalf(&id("recorded")).await.unwrap();
    let told: Vec<(u32, &str)> = told
        .iter()
        .map(|one| (one.revision, one.relation.as_str()))
        .collect();
    assert_eq!(told, [(1, "child"), (3, "spouse")]);
    // Secret polls do not offer it, and refuse it.
    let page = browser.look(&world, "secret").await.text();
    assert!(!page.contains(r#"name="behalf""#));
    let fields = format!("choice=a&{code}&behalf=1&relation=child");
    let refused = browser.send(&world, "secret", &fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("nobody can fill in for others"));
    assert_eq!(world.count("voted_register"), 0);
    browser.look(&world, "recorded").await;
    let fields = "choice=a&code=AAA2-0000-0002&behalf=1&relation=president";
    let refused = browser.send(&world, "recorded", fields).await;
    assert_eq!(refused.status, 422);
    assert!(world.check().await.faults.is_empty());
}
