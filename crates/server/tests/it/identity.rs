//! Who may vote without a code on paper: one-time passwords and tokens of host sites.

use crate::world::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use linli_model::*;
use linli_server::identity::contact::ContactKind;
use linli_server::notify::{Message, SendFailure, Sender, Senders};
use linli_server::{Caller, Failure, Page, Shown, seal};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// Keeps what is sent, for the test to look at.
struct Recorder(Mutex<mpsc::Sender<Message>>);

impl Sender for Recorder {
    fn send(&self, message: &Message) -> Result<(), SendFailure> {
        let sent = self.0.lock().unwrap().send(message.clone());
        sent.map_err(|_| SendFailure::Lasting("nobody listens".to_owned()))
    }
}

/// A world whose messages arrive at the second.
pub(crate) async fn listening() -> (World, mpsc::Receiver<Message>) {
    let (sender, receiver) = mpsc::channel();
    let recorder = Arc::new(Recorder(Mutex::new(sender)));
    let mut senders = Senders::default();
    senders.set(ContactKind::Phone, recorder.clone());
    senders.set(ContactKind::Mail, recorder);
    (World::sending(senders, |_| {}).await, receiver)
}

/// The password in the next message. Its end of patience is no measure.
pub(crate) async fn next(inbox: &mpsc::Receiver<Message>) -> Message {
    for _ in 0..1_200 {
        if let Ok(message) = inbox.try_recv() {
            return message;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("no message came");
}

async fn ask(world: &World, topic: &str, contact: &str) -> Result<(), Refusal> {
    let service = &world.service;
    refusal(
        service
            .send_password(&id(topic), contact, "en", CALLER)
            .await,
    )
}

async fn give(world: &World, topic: &str, contact: &str, code: &str) -> Result<Grant, Refusal> {
    let proof = Proof::OneTimePassword {
        contact: contact.to_owned(),
        code: code.to_owned(),
    };
    refusal(world.service.identify(&id(topic), &proof, CALLER).await)
}

pub(crate) fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn a_password_sent_to_the_roll_is_one_grant() {
    let (world, inbox) = listening().await;
    ask(&world, "otp", "+86 138 0000 0001").await.unwrap();
    let message = next(&inbox).await;
    assert_eq!(message.to.value, "+8613800000001");
    assert!(message.text.contains(&message.code) && message.text.contains("otp"));
    let grant = give(&world, "otp", &phone(1), &message.code).await.unwrap();
    assert_eq!(grant.voter, "1 号");
    // The same household by paper is the same voter.
    let yes = motion(Stance::Yes);
    world.cast("otp", &grant.token, 1, yes, None).await.unwrap();
    let paper = world.identify("otp", &long_code(1)).await.unwrap();
    assert!(paper.standing.voted);
    // One use.
    let again = give(&world, "otp", &phone(1), &message.code).await;
    assert!(matches!(again, Err(Refusal::CodeUnknown { .. })));
    assert_eq!(world.count("one_time_password"), 0);
}

#[tokio::test]
async fn nothing_tells_whether_a_contact_is_on_the_roll() {
    let (world, inbox) = listening().await;
    let url = "/api/v1/topics/otp/otp";
    let mut answers = Vec::new();
    for contact in ["13800000001", "13899999999"] {
        let body = json!({ "contact": contact }).to_string();
        let headers = [("Content-Type", "application/json")];
        let request = Request {
            method: "POST",
            path: url,
            headers: &headers,
            body: body.as_bytes(),
        };
        let mut answer = world.http(request).await;
        answer.headers.remove("date");
        answers.push((answer.status, answer.headers, answer.body));
        let wrong = give(&world, "otp", contact, "12345").await;
        assert_eq!(
            wrong.unwrap_err(),
            Refusal::CodeUnknown { attempts_left: 4 }
        );
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 202);
    assert_eq!(next(&inbox).await.to.value, "+8613800000001");
    // What was kept was kept for one of them, and the other gets no second message.
    let world = world.restart().await;
    assert!(inbox.try_recv().is_err());
    assert_eq!(world.count("one_time_password"), 1);
    let kept = world.column("SELECT kind FROM voter_contact WHERE kind NOT IN ('phone', 'mail')");
    assert!(kept.is_empty());
}

#[tokio::test]
async fn a_password_ends_after_ten_minutes_and_after_five_tries_on_any_server() {
    let (world, inbox) = listening().await;
    ask(&world, "otp", &phone(1)).await.unwrap();
    let message = next(&inbox).await;
    let (code, bad) = (message.code.clone(), wrong(&message.code));
    for left in [4, 3, 2] {
        let told = give(&world, "otp", &phone(1), bad).await.unwrap_err();
        assert_eq!(
            told,
            Refusal::CodeUnknown {
                attempts_left: left
            }
        );
    }
    // A restart forgets neither the password nor the tries.
    let world = world.restart().await;
    for left in [1, 0] {
        let told = give(&world, "otp", &phone(1), bad).await.unwrap_err();
        assert_eq!(
            told,
            Refusal::CodeUnknown {
                attempts_left: left
            }
        );
    }
    let paused = give(&world, "otp", &phone(1), &code).await.unwrap_err();
    assert!(matches!(paused, Refusal::TooManyAttempts { .. }));
    world.clock.set(NOW + 60_000);
    let ended = give(&world, "otp", &phone(1), &code).await.unwrap_err();
    assert!(matches!(ended, Refusal::CodeUnknown { .. }), "{ended:?}");
    // By time.
    ask(&world, "otp", &phone(2)).await.unwrap();
    let late = next(&inbox).await.code;
    world.clock.set(NOW + 60_000 + 10 * 60_000);
    let ended = give(&world, "otp", &phone(2), &late).await.unwrap_err();
    assert!(matches!(ended, Refusal::CodeUnknown { .. }));
    // Another poll's password is none.
    ask(&world, "otp", &phone(3)).await.unwrap();
    let other = next(&inbox).await.code;
    let elsewhere = give(&world, "otp-secret", &phone(3), &other).await;
    assert!(matches!(elsewhere, Err(Refusal::CodeUnknown { .. })));
    give(&world, "otp", &phone(3), &other).await.unwrap();
}

#[tokio::test]
async fn tries_at_the_same_moment_share_five() {
    let (world, inbox) = listening().await;
    ask(&world, "otp", &phone(1)).await.unwrap();
    let bad = wrong(&next(&inbox).await.code);
    let tries = (0..40).map(|_| {
        let service = world.service.clone();
        tokio::spawn(async move {
            let proof = Proof::OneTimePassword {
                contact: phone(1),
                code: bad.to_owned(),
            };
            refusal(service.identify(&id("otp"), &proof, CALLER).await).unwrap_err()
        })
    });
    let mut looked_at = 0;
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Refusal::CodeUnknown { .. } => looked_at += 1,
            Refusal::TooManyAttempts { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn the_right_password_at_the_same_moment_is_right_once() {
    let (world, inbox) = listening().await;
    ask(&world, "otp", &phone(1)).await.unwrap();
    let code = next(&inbox).await.code;
    let tries = (0..5).map(|_| {
        let (service, code) = (world.service.clone(), code.clone());
        tokio::spawn(async move {
            let proof = Proof::OneTimePassword {
                contact: phone(1),
                code,
            };
            service.identify(&id("otp"), &proof, CALLER).await.is_ok()
        })
    });
    let mut right = 0;
    for one in tries.collect::<Vec<_>>() {
        right += usize::from(one.await.unwrap());
    }
    assert_eq!((right, world.count("cast_grant")), (1, 1));
}

#[tokio::test]
async fn asking_is_limited_by_contact_and_by_client() {
    let (world, inbox) = listening().await;
    for _ in 0..3 {
        ask(&world, "otp", &phone(1)).await.unwrap();
        next(&inbox).await;
    }
    let told = ask(&world, "otp", &phone(1)).await.unwrap_err();
    assert!(matches!(told, Refusal::TooManyAttempts { .. }));
    // One that is on no roll is limited just so.
    for _ in 0..3 {
        ask(&world, "otp", "13899999999").await.unwrap();
    }
    let told = ask(&world, "otp", "13899999999").await.unwrap_err();
    assert!(matches!(told, Refusal::TooManyAttempts { .. }));
    let client = Caller {
        page: Page::Own,
        client: Some("203.0.113.9".parse().unwrap()),
    };
    let mut sent = 0;
    for n in 0..100 {
        let contact = format!("137{n:08}");
        let asked = world
            .service
            .send_password(&id("otp"), &contact, "en", client)
            .await;
        match refusal(asked) {
            Ok(()) => sent += 1,
            Err(Refusal::TooManyAttempts { .. }) => break,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(sent, 60);
}

#[tokio::test]
async fn passwords_are_for_our_own_pages_and_for_polls_that_take_them() {
    let (world, _inbox) = listening().await;
    let host = Caller {
        page: Page::Host,
        client: None,
    };
    let asked = world
        .service
        .send_password(&id("otp"), &phone(1), "en", host)
        .await;
    assert_eq!(refusal(asked).unwrap_err(), Refusal::Unsupported);
    let proof = Proof::OneTimePassword {
        contact: phone(1),
        code: "000000".to_owned(),
    };
    let given = world.service.identify(&id("otp"), &proof, host).await;
    assert_eq!(refusal(given).unwrap_err(), Refusal::Unsupported);
    let cases = [
        (
            "recorded",
            Refusal::CredentialTooWeak {
                needs: Credential::HouseholdCode,
            },
        ),
        (
            "hosted",
            Refusal::CredentialTooWeak {
                needs: Credential::HostToken,
            },
        ),
        ("devices", Refusal::Unsupported),
        ("nowhere", Refusal::TopicUnknown),
    ];
    for (topic, expected) in cases {
        assert_eq!(ask(&world, topic, &phone(1)).await.unwrap_err(), expected);
    }
    let bad = ask(&world, "otp", "not a contact").await;
    assert_eq!(bad.unwrap_err(), Refusal::Malformed);
    // Without a sender there is nothing to wait for.
    let silent = World::new().await;
    let asked = ask(&silent, "otp", &phone(1)).await;
    assert_eq!(asked.unwrap_err(), Refusal::Unsupported);
}

/// What is in the database does not give a password or a contact away.
#[tokio::test]
async fn the_store_keeps_no_password() {
    let (world, inbox) = listening().await;
    ask(&world, "otp", &phone(1)).await.unwrap();
    let message = next(&inbox).await;
    let kept = world.column(
        "SELECT hex FROM (SELECT count(*) AS n, 'x' AS hex FROM one_time_password) t WHERE n = 1",
    );
    assert_eq!(kept, ["x"]);
    let guess = seal::tagged("linli one-time password", &[message.code.as_bytes()]);
    let on_postgres = world.config.database_url.is_some();
    let hashes = world.column(if on_postgres {
        "SELECT encode(password_hash, 'hex') FROM one_time_password"
    } else {
        "SELECT lower(hex(password_hash)) FROM one_time_password"
    });
    assert_eq!(hashes.len(), 1);
    assert_ne!(hashes[0], seal::hex(&guess));
}

/// A token with `change` made to what it says.
pub(crate) fn token(key: &SigningKey, change: &dyn Fn(&mut Value)) -> String {
    let mut payload = json!({
        "iss": "club-2026", "community": "jiangpan", "topic": "hosted", "sub": "user-1",
        "iat": NOW / 1_000, "exp": NOW / 1_000 + 300, "nonce": seal::hex(&seal::chance::<16>()),
    });
    change(&mut payload);
    let canonical = serde_json::to_string(&payload).unwrap();
    let signed = format!("v1.{}", URL_SAFE_NO_PAD.encode(canonical));
    let signature = key.sign(signed.as_bytes()).to_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn show(world: &World, topic: &str, token: &str, origin: &str) -> Result<Grant, Refusal> {
    let proof = Proof::HostToken {
        token: token.to_owned(),
    };
    let host = Caller {
        page: Page::Host,
        client: None,
    };
    let shown = Shown {
        origin: Some(origin),
        work: None,
    };
    let granted = world
        .service
        .identify_from(&id(topic), &proof, host, shown)
        .await;
    refusal(granted.map_err(Failure::from))
}

#[tokio::test]
async fn a_hosts_word_is_a_linked_household_or_one_by_its_label() {
    let world = World::new().await;
    let key = host_key();
    let linked = token(&key, &|_| {});
    let grant = show(&world, "hosted", &linked, HOST).await.unwrap();
    assert_eq!(grant.voter, "1 号");
    let yes = motion(Stance::Yes);
    world
        .cast("hosted", &grant.token, 1, yes, None)
        .await
        .unwrap();
    // The stronger credential is accepted too, and is the same voter.
    let paper = world.identify("hosted", &long_code(1)).await.unwrap();
    assert!(paper.standing.voted);
    let named = |change: Value| {
        token(&key, &move |payload: &mut Value| {
            payload.as_object_mut().unwrap().remove("sub");
            for (name, value) in change.as_object().unwrap() {
                payload[name] = value.clone();
            }
        })
    };
    let by_label = named(json!({ "voter": "5 号" }));
    let grant = show(&world, "hosted", &by_label, HOST).await.unwrap();
    assert_eq!(grant.voter, "5 号");
    let by_place = named(json!({ "voter": "5 号", "place": "grid-2" }));
    let refused = show(&world, "hosted", &by_place, HOST).await;
    assert_eq!(refused.unwrap_err(), Refusal::TokenInvalid);
    // A household that the topic does not concern.
    let far = token(&key, &|payload| payload["topic"] = "grid".into());
    let refused = show(&world, "grid", &far, HOST).await.unwrap_err();
    let needs = Credential::HouseholdCode;
    assert_eq!(refused, Refusal::CredentialTooWeak { needs });
}

#[tokio::test]
async fn a_token_is_good_once_for_its_poll_and_page() {
    let world = World::new().await;
    let good = token(&host_key(), &|_| {});
    show(&world, "hosted", &good, HOST).await.unwrap();
    let again = show(&world, "hosted", &good, HOST).await;
    assert_eq!(again.unwrap_err(), Refusal::TokenInvalid);
    let world = world.restart().await;
    let again = show(&world, "hosted", &good, HOST).await;
    assert_eq!(again.unwrap_err(), Refusal::TokenInvalid);
    assert_eq!(world.count("host_nonce"), 1);
    // Spent ones are forgotten when they could not be used anyway.
    world.clock.set(NOW + 400_000);
    let later = token(&host_key(), &|payload| {
        payload["iat"] = (NOW / 1_000 + 400).into();
        payload["exp"] = (NOW / 1_000 + 1_000).into();
    });
    show(&world, "hosted", &later, HOST).await.unwrap();
    assert_eq!(world.count("host_nonce"), 1);
}

#[tokio::test]
async fn a_token_that_is_not_exactly_right_is_refused() {
    let world = World::new().await;
    let key = host_key();
    let s = NOW / 1_000;
    let cases: Vec<(&str, String)> = vec![
        (
            "another key",
            token(&SigningKey::from_bytes(&[1; 32]), &|_| {}),
        ),
        (
            "unknown key",
            token(&key, &|p| p["iss"] = "club-1999".into()),
        ),
        (
            "another community",
            token(&key, &|p| p["community"] = "yunping".into()),
        ),
        ("another topic", token(&key, &|p| p["topic"] = "otp".into())),
        ("another poll", token(&key, &|p| p["poll"] = "otp".into())),
        (
            "no poll",
            token(&key, &|p| drop(p.as_object_mut().unwrap().remove("topic"))),
        ),
        (
            "expired",
            token(&key, &|p| {
                p["iat"] = (s - 300).into();
                p["exp"] = s.into();
            }),
        ),
        ("too long", token(&key, &|p| p["exp"] = (s + 601).into())),
        (
            "from the future",
            token(&key, &|p| {
                p["iat"] = (s + 61).into();
            }),
        ),
        ("backwards", token(&key, &|p| p["iat"] = (s + 400).into())),
        (
            "far times",
            token(&key, &|p| {
                p["iat"] = i64::MIN.into();
                p["exp"] = i64::MAX.into();
            }),
        ),
        (
            "nobody",
            token(&key, &|p| drop(p.as_object_mut().unwrap().remove("sub"))),
        ),
        ("two persons", token(&key, &|p| p["voter"] = "2 号".into())),
        ("not linked", token(&key, &|p| p["sub"] = "user-99".into())),
        (
            "no such household",
            token(&key, &|p| {
                p.as_object_mut().unwrap().remove("sub");
                p["voter"] = "99 号".into();
            }),
        ),
        ("short nonce", token(&key, &|p| p["nonce"] = "1".into())),
        ("unknown member", token(&key, &|p| p["admin"] = true.into())),
        ("altered", {
            let good = token(&key, &|_| {});
            let other = token(&key, &|p| p["sub"] = "user-2".into());
            let (_, signature) = good.rsplit_once('.').unwrap();
            format!("{}.{signature}", other.rsplit_once('.').unwrap().0)
        }),
        (
            "another version",
            token(&key, &|_| {}).replacen("v1.", "v2.", 1),
        ),
        ("padding", format!("{}=", token(&key, &|_| {}))),
        ("empty", String::new()),
        ("dots", "v1..".to_owned()),
        ("long", "v1.".repeat(2_000)),
    ];
    for (why, bad) in cases {
        let told = show(&world, "hosted", &bad, HOST).await;
        assert_eq!(told.unwrap_err(), Refusal::TokenInvalid, "{why}");
    }
    let elsewhere = show(
        &world,
        "hosted",
        &token(&key, &|_| {}),
        "https://other.example",
    )
    .await;
    assert_eq!(elsewhere.unwrap_err(), Refusal::TokenInvalid);
    assert_eq!(world.count("cast_grant"), 0);
    // By the poll's name as well as by the topic's.
    let by_poll = token(&key, &|p| {
        p.as_object_mut().unwrap().remove("topic");
        p["poll"] = "hosted".into();
    });
    show(&world, "hosted", &by_poll, HOST).await.unwrap();
}

#[tokio::test]
async fn where_devices_vote_a_visitor_is_one_voter_on_every_device() {
    let world = World::new().await;
    for (key, revision) in [(1, 1), (2, 2)] {
        let word = token(&host_key(), &|p| p["topic"] = "devices".into());
        let grant = show(&world, "devices", &word, HOST).await.unwrap();
        assert_eq!(grant.voter, "");
        let yes = motion(Stance::Yes);
        let cast = world.cast("devices", &grant.token, key, yes, None).await;
        assert_eq!(cast.unwrap().reply.receipt.revision, revision);
    }
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test]
async fn importing_contacts_again_replaces_and_moves_them() {
    let (world, inbox) = listening().await;
    let mut file = import_file();
    // The phone of household 1 is household 2's now; 3 keeps what it has.
    file["communities"][0]["households"][0]["contacts"] = json!([]);
    file["communities"][0]["households"][1]["contacts"] = json!([phone(1)]);
    let third = file["communities"][0]["households"][2].as_object_mut();
    third.unwrap().remove("contacts");
    world.service.import_text(&file.to_string()).await.unwrap();
    ask(&world, "otp", &phone(1)).await.unwrap();
    let code = next(&inbox).await.code;
    let grant = give(&world, "otp", &phone(1), &code).await.unwrap();
    assert_eq!(grant.voter, "2 号");
    assert_eq!(world.count("voter_contact"), 3);
    let bad = [
        ("/contacts", json!(["nonsense"]), "neither"),
        ("/contacts", json!([phone(1)]), "too"),
        (
            "/links",
            json!([{ "host": "club", "sub": "user-2" }]),
            "somebody else",
        ),
        ("/links", json!([{ "host": "", "sub": "x" }]), "characters"),
    ];
    for (path, value, told) in bad {
        let mut file = file.clone();
        file["communities"][0]["households"][4][&path[1..]] = value;
        let refused = world.service.import_text(&file.to_string()).await;
        let said = refused.unwrap_err().0;
        assert!(said.contains(told) && !said.contains("138"), "{said}");
    }
    let keys = [
        json!({ "public_key": "00".repeat(32), "id": "a", "origins": [HOST] }),
        json!({ "public_key": "xyz", "id": "a", "origins": [HOST] }),
        json!({ "public_key": seal::hex(host_key().verifying_key().as_bytes()), "id": "a", "origins": [] }),
    ];
    for key in keys {
        let mut file = file.clone();
        file["communities"][0]["host_keys"] = json!([key]);
        let refused = world.service.import_text(&file.to_string()).await;
        assert!(refused.unwrap_err().0.contains("host key a"), "{key}");
    }
    assert_eq!(world.count("host_key"), 1);
}
