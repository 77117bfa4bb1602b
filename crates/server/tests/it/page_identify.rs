//! The hosted page's plain form where a password is sent: two steps without scripts.

use crate::identity::{listening, next, wrong};
use crate::page::{Browser, receipt_number};
use crate::world::*;
use linli_model::*;

#[tokio::test]
async fn a_vote_in_two_steps_without_scripts() {
    let (world, inbox) = listening().await;
    let mut browser = Browser::default();
    let page = browser.look(&world, "otp").await.text();
    assert!(page.contains(r#"name="contact""#) && page.contains(r#"name="code""#));
    assert!(!page.contains(r#"name="password""#), "nothing was sent yet");
    // The choice made before the password is asked for stays.
    let who = "contact=138+0000+0001";
    let fields = format!("choice=yes&{who}&send=1");
    let sent = browser.send(&world, "otp", &fields).await;
    assert_eq!(sent.status, 202, "{}", sent.text());
    let text = sent.text();
    for part in [
        "on its way",
        r#"value="138 0000 0001""#,
        r#"value="yes" checked"#,
        r#"name="password""#,
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let code = next(&inbox).await.code;
    let fields = format!("choice=yes&{who}&password={}", wrong(&code));
    let bad = browser.send(&world, "otp", &fields).await;
    assert_eq!(bad.status, 403);
    assert!(bad.text().contains("4 more times"), "{}", bad.text());
    let fields = format!("choice=yes&{who}&password={code}");
    let done = browser.send(&world, "otp", &fields).await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert!(done.text().contains("1 号"));
    // The page is reloaded: the same form, though the password is used up.
    let number = receipt_number(&done.text());
    let again = browser.send(&world, "otp", &fields).await;
    assert_eq!((again.status, receipt_number(&again.text())), (200, number));
    // The same password in another browser is no good.
    let mut other = Browser::default();
    other.look(&world, "otp").await;
    assert_eq!(other.send(&world, "otp", &fields).await.status, 403);
}

#[tokio::test]
async fn a_change_is_confirmed_with_one_password() {
    let (world, inbox) = listening().await;
    for (topic, household) in [("otp", 1), ("otp-secret", 2)] {
        let who = format!("contact={}", phone(household));
        let mut browser = Browser::default();
        browser.look(&world, topic).await;
        browser.send(&world, topic, &format!("{who}&send=1")).await;
        let code = next(&inbox).await.code;
        let fields = format!("choice=yes&{who}&password={code}");
        let first = browser.send(&world, topic, &fields).await;
        assert_eq!(first.status, 201, "{topic}: {}", first.text());
        // Later, with a new password.
        browser.look(&world, topic).await;
        browser.send(&world, topic, &format!("{who}&send=1")).await;
        let code = next(&inbox).await.code;
        let fields = format!("choice=no&{who}&password={code}");
        let asked = browser.send(&world, topic, &fields).await;
        assert_eq!(asked.status, 200, "{topic}: {}", asked.text());
        let kept = format!(r#"name="password" value="{code}""#);
        assert!(asked.text().contains(&kept), "{}", asked.text());
        let fields = format!("{fields}&confirmed=1&voter=x");
        let changed = browser.send(&world, topic, &fields).await;
        assert_eq!(changed.status, 201, "{topic}: {}", changed.text());
    }
    assert_eq!(world.count("ballot_superseded"), 1);
    assert_eq!(world.count("ballot_box_superseded"), 1);
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test]
async fn what_is_missing_is_said_and_costs_nothing() {
    let (world, inbox) = listening().await;
    let cases = [
        ("choice=yes", 422, "neither a phone number"),
        (
            "choice=yes&contact=nonsense&send=1",
            422,
            "neither a phone number",
        ),
        ("choice=yes&contact=13800000001", 422, "6-digit code"),
        ("contact=13800000001&password=000000", 422, "not complete"),
        ("contact=13899999999&send=1", 202, "If this number"),
        ("choice=yes&code=AAA1-0000-0001", 201, "Receipt number"),
    ];
    for (fields, status, told) in cases {
        let mut browser = Browser::default();
        browser.look(&world, "otp").await;
        let page = browser.send(&world, "otp", fields).await;
        assert_eq!(page.status, status, "{fields}: {}", page.text());
        assert!(page.text().contains(told), "{fields}: {}", page.text());
    }
    assert!(inbox.try_recv().is_err());
    // Each says it in the reader's own words.
    let zh = world.get("/p/otp?lang=zh-Hans&elder=1").await.text();
    assert!(zh.contains("获取验证码") && zh.contains(r#"class="elder""#));
}

#[tokio::test]
async fn where_no_password_can_be_sent_the_page_asks_for_the_code() {
    let world = World::new().await;
    let page = world.get("/p/otp").await.text();
    assert!(page.contains(r#"name="code""#) && !page.contains(r#"name="contact""#));
    let page = world.get("/p/hosted").await.text();
    assert!(page.contains(r#"name="code""#));
    // A visitor's vote where there is no household to have a code.
    let mut file = import_file();
    let topics = file["topics"].as_array_mut().unwrap();
    let devices = topics.iter_mut().find(|topic| topic["id"] == "devices");
    devices.unwrap()["poll"]["credential"] = "host_token".into();
    world.service.import_text(&file.to_string()).await.unwrap();
    let page = world.get("/p/devices?lang=en").await.text();
    assert!(
        page.contains("signed in") && !page.contains("<form"),
        "{page}"
    );
    let device = Proof::Device {
        device: DeviceId::from_bytes([7; 16]),
    };
    let topic = id("devices");
    let weak = world.service.identify(&topic, &device, CALLER).await;
    let needs = Credential::HostToken;
    let expected = Refusal::CredentialTooWeak { needs };
    assert_eq!(refusal(weak).unwrap_err(), expected);
}
