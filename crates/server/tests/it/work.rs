//! Work before a device's grant: solved or waited out, once, for one poll.

use crate::page::{Browser, field, receipt_number};
use crate::rough::Dice;
use crate::world::*;
use linli_model::work::{Challenge, WorkRefusal};
use linli_model::*;
use linli_server::{Caller, Config, Failure, IdentifyFailure, Page, Shown, seal};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::Arc;

/// The least that a poll may ask for: 256 tries on average.
const BITS: u32 = 8;
/// The wait beside it.
const WAIT_MS: i64 = 20_000;
const VALID_MS: i64 = 30 * 60_000;

async fn world() -> World {
    world_with(|_| {}).await
}

/// With two polls that ask for work.
async fn world_with(adjust: impl FnOnce(&mut Config)) -> World {
    let world = World::with(adjust).await;
    world
        .service
        .import_text(&file().to_string())
        .await
        .unwrap();
    world
}

fn file() -> Value {
    let mut file = import_file();
    let topics = file["topics"].as_array_mut().unwrap();
    let devices = topics
        .iter()
        .find(|topic| topic["id"] == "devices")
        .unwrap()
        .clone();
    for name in ["worked", "worked-too"] {
        let mut worked = devices.clone();
        worked["id"] = json!(name);
        worked["poll"]["id"] = json!(name);
        worked["poll"]["work_bits"] = json!(BITS);
        topics.push(worked);
    }
    file
}

fn at(address: &str) -> Caller {
    Caller {
        page: Page::Unknown,
        client: Some(address.parse::<IpAddr>().unwrap()),
    }
}

async fn challenge(world: &World, topic: &str) -> Challenge {
    world.service.challenge(&id(topic), CALLER).await.unwrap()
}

fn digest(challenge: &str, counter: u64) -> [u8; 32] {
    Sha256::digest(format!("{challenge}{counter}")).into()
}

/// The first counter for which `is_right` says so of the hash's first byte.
fn count_until(challenge: &str, is_right: impl Fn(u8) -> bool) -> String {
    let counter = (0..).find(|counter| is_right(digest(challenge, *counter)[0]));
    format!("{challenge};{}", counter.unwrap())
}

fn solved(challenge: &str) -> String {
    count_until(challenge, |first| first == 0)
}

/// What became of it, with the code of a refusal.
type Told = Result<Grant, &'static str>;

async fn ask(world: &World, topic: &str, device: u128, work: Option<&str>, caller: Caller) -> Told {
    let proof = Proof::Device {
        device: DeviceId::from_bytes(device.to_be_bytes()),
    };
    let shown = Shown { origin: None, work };
    let asked = world
        .service
        .identify_from(&id(topic), &proof, caller, shown)
        .await;
    asked.map_err(|failure| match failure {
        IdentifyFailure::Work(refusal) => refusal.code(),
        IdentifyFailure::Other(Failure::Refused(refusal)) => refusal.code(),
        IdentifyFailure::Other(Failure::Fault(detail)) => panic!("fault: {detail}"),
    })
}

#[tokio::test]
async fn a_solved_challenge_lets_one_device_into_its_poll() {
    let world = world().await;
    let first = challenge(&world, "worked").await;
    assert_eq!((first.bits, first.wait_ms), (BITS, WAIT_MS));
    assert_eq!(first.expires_at_ms, NOW + VALID_MS);
    assert_eq!(first.challenge.len(), 128);
    let answer = solved(&first.challenge);
    for (topic, shown, expected) in [
        ("worked", None, "work_missing"),
        (
            "worked",
            Some(count_until(&first.challenge, |first| first == 1)),
            "work_wrong",
        ),
        ("worked-too", Some(answer.clone()), "work_wrong"),
        ("worked", Some(first.challenge.clone()), "work_early"),
    ] {
        let refused = ask(&world, topic, 1, shown.as_deref(), CALLER).await;
        assert_eq!(refused.unwrap_err(), expected);
    }
    // Refusals cost nothing: the answer is still good.
    let grant = ask(&world, "worked", 1, Some(&answer), CALLER)
        .await
        .unwrap();
    world
        .cast("worked", &grant.token, 1, motion(Stance::Yes), None)
        .await
        .unwrap();
    for device in [1, 2] {
        let again = ask(&world, "worked", device, Some(&answer), CALLER).await;
        assert_eq!(again.unwrap_err(), "work_spent");
    }
    // Another solution, or the wait, of the same challenge is the same challenge.
    world.clock.set(NOW + WAIT_MS);
    let waited = ask(&world, "worked", 2, Some(&first.challenge), CALLER).await;
    assert_eq!(waited.unwrap_err(), "work_spent");
    let world = world.restart().await;
    let later = ask(&world, "worked", 3, Some(&answer), CALLER).await;
    assert_eq!(later.unwrap_err(), "work_spent");
    assert_eq!(world.count("work_spent"), 1);
}

#[tokio::test]
async fn a_challenge_ends_and_its_wait_is_told_to_the_millisecond() {
    let world = world().await;
    let first = challenge(&world, "worked").await;
    world.clock.set(NOW + WAIT_MS - 1);
    let proof = Proof::Device {
        device: DeviceId::from_bytes([7; 16]),
    };
    let shown = Shown {
        origin: None,
        work: Some(&first.challenge),
    };
    let early = world
        .service
        .identify_from(&id("worked"), &proof, CALLER, shown)
        .await;
    let left = WorkRefusal::WorkEarly { left_ms: 1 };
    assert!(matches!(early, Err(IdentifyFailure::Work(told)) if told == left));
    world.clock.set(NOW + WAIT_MS);
    ask(&world, "worked", 7, Some(&first.challenge), CALLER)
        .await
        .unwrap();
    world.clock.set(NOW);
    let second = challenge(&world, "worked").await;
    let answer = solved(&second.challenge);
    world.clock.set(NOW + VALID_MS);
    for shown in [&answer, &second.challenge] {
        let late = ask(&world, "worked", 8, Some(shown), CALLER).await;
        assert_eq!(late.unwrap_err(), "work_expired");
    }
}

#[tokio::test]
async fn stronger_credentials_and_other_polls_need_no_work() {
    let world = world().await;
    let none = world.service.challenge(&id("devices"), CALLER).await;
    assert_eq!(refusal(none).unwrap_err(), Refusal::Unsupported);
    ask(&world, "devices", 1, None, CALLER).await.unwrap();
    // What is not asked for is not looked at.
    ask(&world, "devices", 1, Some("nonsense"), CALLER)
        .await
        .unwrap();
    // An account of a host's site is told apart by the host.
    let token = crate::identity::token(&host_key(), &|payload| {
        payload["topic"] = "worked".into();
        payload["poll"] = "worked".into();
    });
    let proof = Proof::HostToken { token };
    let host = Caller {
        page: Page::Host,
        client: None,
    };
    let shown = Shown {
        origin: Some(HOST),
        work: None,
    };
    let named = world
        .service
        .identify_from(&id("worked"), &proof, host, shown)
        .await;
    assert!(named.is_ok(), "{named:?}");
    assert_eq!(world.count("work_spent"), 0);
}

#[tokio::test]
async fn work_is_for_devices_and_within_limits() {
    let world = world().await;
    for (topic, bits, said) in [
        ("recorded", 18, "poll.work_bits does not fit"),
        ("devices", 7, "poll.work_bits is too few"),
        ("devices", 23, "poll.work_bits is too many"),
    ] {
        let mut file = file();
        let topics = file["topics"].as_array_mut().unwrap();
        let found = topics
            .iter_mut()
            .find(|known| known["id"] == topic)
            .unwrap();
        found["poll"]["work_bits"] = json!(bits);
        let refused = world
            .service
            .import_text(&file.to_string())
            .await
            .unwrap_err();
        assert!(refused.0.contains(said), "{refused}");
    }
    // It may be asked for while a poll runs.
    ask(&world, "devices", 1, None, CALLER).await.unwrap();
    let mut file = file();
    let topics = file["topics"].as_array_mut().unwrap();
    let found = topics
        .iter_mut()
        .find(|known| known["id"] == "devices")
        .unwrap();
    found["poll"]["work_bits"] = json!(12);
    world.service.import_text(&file.to_string()).await.unwrap();
    let refused = ask(&world, "devices", 2, None, CALLER).await;
    assert_eq!(refused.unwrap_err(), "work_missing");
    assert_eq!(challenge(&world, "devices").await.bits, 12);
}

/// Shows one answer for a thousand devices at once. Answers how many were let in.
async fn race(world: &Arc<World>, is_waited: bool) -> usize {
    world.clock.set(NOW);
    let first = challenge(world, "worked").await;
    let answer = if is_waited {
        first.challenge
    } else {
        solved(&first.challenge)
    };
    world.clock.set(NOW + WAIT_MS);
    let start = Arc::new(tokio::sync::Barrier::new(1_000));
    let racers = (0..1_000_u128).map(|device| {
        let (world, start, answer) = (world.clone(), start.clone(), answer.clone());
        tokio::spawn(async move {
            start.wait().await;
            ask(&world, "worked", device, Some(&answer), at("203.0.113.9")).await
        })
    });
    let mut granted = 0;
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Ok(_) => granted += 1,
            Err(code) => assert_eq!(code, "work_spent"),
        }
    }
    granted
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_devices_with_one_answer_get_one_grant() {
    let world = Arc::new(world().await);
    for is_waited in [false, true] {
        assert_eq!(race(&world, is_waited).await, 1);
    }
    let rows = (world.count("work_spent"), world.count("cast_grant"));
    assert_eq!(rows, (2, 2));
}

/// The negative control: without the key the same race lets more in.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_key_the_same_race_lets_many_in() {
    let world = world().await;
    let (bytes, integer) = match world.config.database_url {
        Some(_) => ("BYTEA", "BIGINT"),
        None => ("BLOB", "INTEGER"),
    };
    world.execute(&format!(
        "DROP TABLE work_spent;
         CREATE TABLE work_spent (community_id TEXT, poll_id TEXT, nonce_hash {bytes},
             expires_at_ms {integer}, waiter {bytes}, waits_until_ms {integer})"
    ));
    let world = Arc::new(world.restart().await);
    let granted = race(&world, false).await;
    assert!(granted > 1, "{granted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_subscriber_has_four_waits_in_the_time_of_one() {
    let world = Arc::new(world().await);
    let mut challenges = Vec::new();
    for _ in 0..12 {
        challenges.push(challenge(&world, "worked").await.challenge);
    }
    world.clock.set(NOW + WAIT_MS);
    // All at once, from one home's network.
    let start = Arc::new(tokio::sync::Barrier::new(8));
    let racers = (0..8_u8).map(|n| {
        let (world, start) = (world.clone(), start.clone());
        let (shown, home) = (
            challenges[usize::from(n)].clone(),
            format!("2001:db8:1:2::{n}"),
        );
        tokio::spawn(async move {
            start.wait().await;
            ask(&world, "worked", u128::from(n), Some(&shown), at(&home))
                .await
                .is_ok()
        })
    });
    let mut granted = 0;
    let mut left = challenges[8..].to_vec();
    for (n, racer) in racers.collect::<Vec<_>>().into_iter().enumerate() {
        if racer.await.unwrap() {
            granted += 1;
        } else {
            left.push(challenges[n].clone());
        }
    }
    assert_eq!(granted, 4);
    let refused = ask(
        &world,
        "worked",
        20,
        Some(&left[0]),
        at("2001:db8:1:2:ffff::1"),
    )
    .await;
    assert_eq!(refused.unwrap_err(), "too_many_attempts");
    // The neighbours are others, and so is whoever computes.
    ask(&world, "worked", 21, Some(&left[0]), at("2001:db8:1:3::1"))
        .await
        .unwrap();
    ask(
        &world,
        "worked",
        22,
        Some(&solved(&left[1])),
        at("2001:db8:1:2::1"),
    )
    .await
    .unwrap();
    // A refused wait is not lost: when the first ones are over it is good.
    world.clock.set(NOW + 2 * WAIT_MS - 1);
    let refused = ask(&world, "worked", 23, Some(&left[2]), at("2001:db8:1:2::1")).await;
    assert_eq!(refused.unwrap_err(), "too_many_attempts");
    world.clock.set(NOW + 2 * WAIT_MS);
    ask(&world, "worked", 23, Some(&left[2]), at("2001:db8:1:2::1"))
        .await
        .unwrap();
}

async fn post(world: &World, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut all = vec![("Content-Type", "application/json")];
    all.extend_from_slice(headers);
    let path = format!("/api/v1/topics/{path}");
    let request = Request {
        method: "POST",
        path: &path,
        headers: &all,
        body: body.as_bytes(),
    };
    world.http(request).await
}

fn device(device: u8) -> String {
    json!({ "proof": { "type": "device", "device": format!("{device:032x}") } }).to_string()
}

/// Asks over HTTP, as if forwarded for `client`.
async fn forwarded(world: &World, client: &str, number: u8) -> (u16, Value) {
    world.clock.set(NOW);
    let made = post(world, "worked/challenges", &[], "").await;
    let shown = made.json()["challenge"].as_str().unwrap().to_owned();
    world.clock.set(NOW + WAIT_MS);
    let headers = [("X-Forwarded-For", client), ("Linli-Work", shown.as_str())];
    let told = post(world, "worked/grants", &headers, &device(number)).await;
    (told.status, told.json()["code"].clone())
}

#[tokio::test]
async fn nobody_gets_more_waits_by_naming_other_addresses() {
    let world = world().await;
    for n in 1..=4 {
        let (status, _) = forwarded(&world, &format!("203.0.113.{n}"), n).await;
        assert_eq!(status, 201);
    }
    for client in [
        "203.0.113.5",
        "2001:db8::1",
        "127.0.0.1, 198.51.100.1",
        "junk",
    ] {
        let told = forwarded(&world, client, 9).await;
        assert_eq!(told, (429, json!("too_many_attempts")), "{client}");
    }
    // Where the proxy is configured, its word counts, and the client's own before it not.
    let world = world_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    for n in 1..=4 {
        let (status, _) = forwarded(&world, &format!("198.51.100.{n}, 203.0.113.1"), n).await;
        assert_eq!(status, 201);
    }
    assert_eq!(forwarded(&world, "203.0.113.1", 9).await.0, 429);
    assert_eq!(
        forwarded(&world, "198.51.100.9, 203.0.113.1", 9).await.0,
        429
    );
    assert_eq!(forwarded(&world, "203.0.113.2", 9).await.0, 201);
}

#[tokio::test]
async fn refusals_are_answers_that_say_what_to_do() {
    let world = world().await;
    let missing = post(&world, "worked/grants", &[], &device(1)).await;
    assert_eq!(
        (missing.status, missing.json()),
        (403, json!({ "code": "work_missing" }))
    );
    let made = post(&world, "worked/challenges", &[("Origin", HOST)], "").await;
    assert_eq!(
        (made.status, made.header("cache-control")),
        (201, "no-store")
    );
    assert_eq!(made.header("access-control-allow-origin"), HOST);
    let shown = made.json()["challenge"].as_str().unwrap().to_owned();
    let work = [("Origin", HOST), ("Linli-Work", shown.as_str())];
    let early = post(&world, "worked/grants", &work, &device(1)).await;
    let expected = json!({ "code": "work_early", "left_ms": WAIT_MS });
    assert_eq!((early.status, early.json()), (409, expected));
    assert_eq!(early.header("retry-after"), "21");
    assert_eq!(early.header("access-control-allow-origin"), HOST);
    let answer = solved(&shown);
    let work = [("Linli-Work", answer.as_str())];
    assert_eq!(
        post(&world, "worked/grants", &work, &device(1))
            .await
            .status,
        201
    );
    let spent = post(&world, "worked/grants", &work, &device(2)).await;
    assert_eq!(
        (spent.status, spent.json()),
        (409, json!({ "code": "work_spent" }))
    );
    for topic in ["nowhere", "devices", "closed"] {
        let none = post(&world, &format!("{topic}/challenges"), &[], "").await;
        assert!(
            (400..500).contains(&none.status),
            "{topic}: {}",
            none.status
        );
    }
    let preflight = Request {
        method: "OPTIONS",
        path: "/api/v1/topics/worked/challenges",
        headers: &[("Origin", HOST)],
        body: b"",
    };
    let allowed = world.http(preflight).await;
    assert!(
        allowed
            .header("access-control-allow-headers")
            .contains("linli-work")
    );
}

/// Answers of every broken form: none lets anybody in, none is a fault.
#[tokio::test]
async fn no_mangled_answer_lets_anybody_in() {
    let seed = u64::from_be_bytes(seal::chance()) | 1;
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let world = world().await;
    let made = challenge(&world, "worked").await;
    let answer = solved(&made.challenge);
    world.clock.set(NOW + WAIT_MS);
    for _ in 0..2_000 {
        let mut bytes = answer.clone().into_bytes();
        dice.spoil(&mut bytes, |_| true);
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        // A counter may be cut, or happen to be right; the challenge may not.
        if shown.split(';').next() == Some(made.challenge.as_str()) {
            continue;
        }
        let refused = ask(&world, "worked", 1, Some(&shown), CALLER).await;
        assert_eq!(refused.unwrap_err(), "work_wrong", "seed {seed}: {shown}");
    }
    let ends = [
        "",
        "1",
        "-1",
        "+1",
        " 1",
        "1 ",
        "0x1",
        "١",
        "18446744073709551616",
        "9e9",
        ";1",
    ];
    for counter in ends
        .map(str::to_owned)
        .into_iter()
        .chain(["9".repeat(8_000)])
    {
        let shown = format!("{};{counter}", made.challenge);
        let refused = ask(&world, "worked", 1, Some(&shown), CALLER).await;
        let is_solved = Sha256::digest(format!("{}{counter}", made.challenge))[0] == 0;
        assert!(refused.is_err() || is_solved, "{counter}");
    }
}

#[tokio::test]
async fn a_person_without_scripts_waits_and_keeps_the_choice() {
    let world = world().await;
    let mut browser = Browser::default();
    let page = browser.look(&world, "worked").await.text();
    assert!(
        page.contains("Without scripts, you wait a moment"),
        "{page}"
    );
    let wait = browser.send(&world, "worked", "choice=yes").await;
    let text = wait.text();
    assert_eq!(wait.status, 200, "{text}");
    assert!(
        text.contains("Please wait 20 seconds") && text.contains("“Yes”"),
        "{text}"
    );
    assert!(!text.contains("http-equiv"), "nothing reloads by itself");
    assert_eq!(field(&text, "choice").as_deref(), Some("yes"));
    let work = field(&text, "work").unwrap();
    let fields = format!("choice=yes&counter=&work={work}");
    world.clock.set(NOW + 12_500);
    let early = browser.send(&world, "worked", &fields).await;
    let text = early.text();
    assert_eq!((early.status, early.header("retry-after")), (409, "8"));
    assert!(text.contains("8 more seconds") && text.contains("the time that you waited counts"));
    assert_eq!(field(&text, "work").unwrap(), work, "the wait goes on");
    assert_eq!(field(&text, "choice").as_deref(), Some("yes"));
    world.clock.set(NOW + WAIT_MS);
    let done = browser.send(&world, "worked", &fields).await;
    assert_eq!(done.status, 201, "{}", done.text());
    // The page is reloaded, or the button pressed twice.
    let again = browser.send(&world, "worked", &fields).await;
    assert_eq!(again.status, 200, "{}", again.text());
    assert_eq!(receipt_number(&again.text()), receipt_number(&done.text()));
    assert_eq!((world.count("ballot"), world.count("work_spent")), (1, 1));
    // In another browser the challenge is spent, and a new one is there at once.
    let mut other = Browser::default();
    other.look(&world, "worked").await;
    let spent = other.send(&world, "worked", &fields).await;
    assert_eq!(spent.status, 409);
    assert!(spent.text().contains("a new one has begun"));
    assert_ne!(field(&spent.text(), "work").unwrap(), work);
    assert_eq!(field(&spent.text(), "choice").as_deref(), Some("yes"));
}

#[tokio::test]
async fn a_page_that_computed_casts_at_once_and_changes_by_confirming() {
    let world = world().await;
    let mut browser = Browser::default();
    browser.look(&world, "worked").await;
    for (choice, status) in [("yes", 201), ("no", 200)] {
        let wait = browser
            .send(&world, "worked", &format!("choice={choice}"))
            .await;
        let text = wait.text();
        assert!(text.contains("/p-work.js") && text.contains(r#"data-bits="8""#));
        let work = field(&text, "work").unwrap();
        let answer = solved(&work);
        let counter = answer.split_once(';').unwrap().1;
        let fields = format!("choice={choice}&counter={counter}&work={work}");
        let done = browser.send(&world, "worked", &fields).await;
        assert_eq!(done.status, status, "{}", done.text());
        if choice == "no" {
            // The challenge goes on through the question whether to change.
            assert_eq!(field(&done.text(), "work").unwrap(), work);
            let fields = format!("choice=no&confirmed=1&work={work}");
            let changed = browser.send(&world, "worked", &fields).await;
            assert_eq!(changed.status, 201, "{}", changed.text());
        }
    }
    assert_eq!(world.count("ballot"), 1);
}

#[tokio::test]
async fn too_many_waits_of_one_network_are_told_on_the_page() {
    let world = world().await;
    for n in 0..5 {
        let mut browser = Browser::default();
        world.clock.set(NOW);
        browser.look(&world, "worked").await;
        let wait = browser.send(&world, "worked", "choice=yes").await;
        let work = field(&wait.text(), "work").unwrap();
        world.clock.set(NOW + WAIT_MS);
        let fields = format!("choice=yes&work={work}");
        let done = browser.send(&world, "worked", &fields).await;
        if n < 4 {
            assert_eq!(done.status, 201, "{}", done.text());
            continue;
        }
        assert_eq!(done.status, 429);
        assert!(
            done.text().contains("Several people on your network"),
            "{}",
            done.text()
        );
        assert_eq!(field(&done.text(), "work").unwrap(), work);
        world.clock.set(NOW + 2 * WAIT_MS);
        let done = browser.send(&world, "worked", &fields).await;
        assert_eq!(done.status, 201, "{}", done.text());
    }
}

#[tokio::test]
async fn spent_challenges_are_forgotten_after_their_end() {
    let world = world().await;
    let made = challenge(&world, "worked").await;
    let answer = solved(&made.challenge);
    ask(&world, "worked", 1, Some(&answer), CALLER)
        .await
        .unwrap();
    world.clock.set(NOW + VALID_MS);
    assert!(world.service.retain(false).await.unwrap().is_some());
    assert_eq!(world.count("work_spent"), 1);
    world.clock.set(NOW + VALID_MS + 25 * HOUR);
    assert!(world.service.retain(false).await.unwrap().is_some());
    assert_eq!(world.count("work_spent"), 0);
}
