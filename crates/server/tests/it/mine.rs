//! One's own data: over the API and on the hosted page.

use crate::world::*;
use linli_model::me::*;
use linli_model::upload::UploadPurpose;
use linli_model::*;
use linli_server::{MyFailure, Person, Service};
use serde_json::json;

fn jiangpan() -> CommunityId {
    CommunityId::parse("jiangpan").unwrap()
}

fn my<T>(result: Result<T, MyFailure>) -> Result<T, MyRefusal> {
    result.map_err(|failure| match failure {
        MyFailure::Refused(refusal) => refusal,
        MyFailure::Fault(detail) => panic!("fault: {detail}"),
    })
}

async fn enter(service: &Service, code: &str) -> Result<(Person, GrantToken), MyRefusal> {
    let proof = Proof::HouseholdCode {
        code: code.to_owned(),
    };
    let session = my(service.open_mine(&jiangpan(), &proof, CALLER).await)?;
    let person = my(service.person(&jiangpan(), &session.token).await)?;
    Ok((person, session.token))
}

async fn household(world: &World, n: u32) -> Person {
    enter(&world.service, &long_code(n)).await.unwrap().0
}

/// A vote of the household in each kind of poll, and a picture.
async fn take_part(world: &World, n: u32) {
    let grant = world.grant("recorded", n).await;
    for (key, option) in [(1, "a"), (2, "b")] {
        world
            .cast("recorded", &grant, key, options(&[option]), None)
            .await
            .unwrap();
    }
    let grant = world.grant("secret", n).await;
    world
        .cast("secret", &grant, 3, options(&["a"]), Some(77))
        .await
        .unwrap();
    let mut png = std::io::Cursor::new(Vec::new());
    let picture = image::DynamicImage::new_rgb8(9, 9);
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let owner = world
        .column("SELECT voter FROM ballot ORDER BY cast_at_ms DESC")
        .remove(0);
    let owner = format!("voter:{owner}");
    let put = world
        .service
        .put_upload(
            &jiangpan(),
            &owner,
            UploadPurpose::Personal,
            None,
            png.into_inner(),
        )
        .await;
    assert!(put.is_ok(), "{put:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_household_sees_all_of_its_own_and_nothing_of_others() {
    let world = World::new().await;
    take_part(&world, 1).await;
    let data = my(world.service.my_data(&household(&world, 1).await).await).unwrap();
    let roll = data.household.unwrap();
    assert_eq!(
        (roll.label.as_str(), roll.place.as_str(), roll.area_csqm),
        ("1 号", "一网格", Some(8_001))
    );
    assert!(roll.has_code);
    let ballots: Vec<_> = data
        .ballots
        .iter()
        .map(|b| (b.poll.as_str(), b.revision, b.counts))
        .collect();
    assert_eq!(ballots, [("recorded", 2, true), ("recorded", 1, false)]);
    assert_eq!(data.ballots[0].choice, options(&["b"]));
    assert_eq!(
        (data.ballots[0].title.as_str(), &data.ballots[0].chosen[..]),
        ("recorded", &["乙".to_owned()][..])
    );
    let registered: Vec<&str> = data
        .registered
        .iter()
        .map(|poll| poll.poll.as_str())
        .collect();
    assert_eq!(registered, ["secret"], "that, and not what");
    assert_eq!((data.grants.len(), data.uploads.len()), (2, 1));
    let seen = world.get(&data.uploads[0].address).await;
    assert_eq!(seen.status, 200, "the link in it works");
    let other = my(world.service.my_data(&household(&world, 2).await).await).unwrap();
    assert_eq!(other.household.unwrap().label, "2 号");
    assert!(other.ballots.is_empty() && other.registered.is_empty());
    assert!(other.grants.is_empty() && other.uploads.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_sees_what_it_left_in_each_poll() {
    let world = World::new().await;
    let device = DeviceId::from_bytes([7; 16]);
    let proof = Proof::Device { device };
    let granted = world.service.identify(&id("devices"), &proof, CALLER).await;
    let grant = refusal(granted).unwrap().token;
    world
        .cast("devices", &grant, 1, motion(Stance::Yes), None)
        .await
        .unwrap();
    let session = my(world.service.open_mine(&jiangpan(), &proof, CALLER).await).unwrap();
    assert_eq!(session.name, "");
    let person = my(world.service.person(&jiangpan(), &session.token).await).unwrap();
    let data = my(world.service.my_data(&person).await).unwrap();
    assert_eq!((data.ballots.len(), data.grants.len()), (1, 1));
    assert!(data.household.is_none());
    let other = Proof::Device {
        device: DeviceId::from_bytes([8; 16]),
    };
    let session = my(world.service.open_mine(&jiangpan(), &other, CALLER).await).unwrap();
    let person = my(world.service.person(&jiangpan(), &session.token).await).unwrap();
    let data = my(world.service.my_data(&person).await).unwrap();
    assert!(data.ballots.is_empty() && data.grants.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_are_counted_and_sessions_end() {
    let world = World::new().await;
    let service = &world.service;
    // Five wrong secrets of one selector, then a pause; the right one waits as well.
    for left in (0..5).rev() {
        let refused = enter(service, "AAA1-ZZZZ-ZZZZ").await.unwrap_err();
        let expected = Refusal::CodeUnknown {
            attempts_left: left,
        };
        assert_eq!(refused, MyRefusal::Other(expected));
    }
    let paused = enter(service, "AAA1-0000-0001").await.unwrap_err();
    assert!(matches!(
        paused,
        MyRefusal::Other(Refusal::TooManyAttempts { .. })
    ));
    assert!(enter(service, "AAA2-0000-0002").await.is_ok());
    for (code, what) in [
        (long_code(500), "nobody's"),
        ("甲".to_owned(), "no code"),
        ("9".repeat(99), "too long"),
    ] {
        assert!(enter(service, &code).await.is_err(), "{what}");
    }
    let nowhere = CommunityId::parse("nowhere").unwrap();
    let proof = Proof::HouseholdCode { code: long_code(1) };
    let refused = my(service.open_mine(&nowhere, &proof, CALLER).await).unwrap_err();
    assert_eq!(refused, MyRefusal::Other(Refusal::NotFound));
    // A session is of one community, ends by itself, and when it is left.
    let (_, token) = enter(service, &long_code(3)).await.unwrap();
    let yunping = CommunityId::parse("yunping").unwrap();
    let ended = Err(MyRefusal::MySessionEnded);
    assert_eq!(my(service.person(&yunping, &token).await).map(drop), ended);
    world.clock.set(NOW + 30 * 60_000 - 1);
    assert!(service.person(&jiangpan(), &token).await.is_ok());
    world.clock.set(NOW + 30 * 60_000);
    assert_eq!(
        my(service.person(&jiangpan(), &token).await).map(drop),
        ended
    );
    let (_, token) = enter(service, &long_code(3)).await.unwrap();
    refusal(service.close_mine(&jiangpan(), &token).await).unwrap();
    assert_eq!(
        my(service.person(&jiangpan(), &token).await).map(drop),
        ended
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_are_given_to_a_version_and_taken_back() {
    let world = World::new().await;
    let (service, person) = (&world.service, household(&world, 1).await);
    let give = |purpose, version, helped| GiveConsent {
        purpose,
        version,
        helped,
    };
    let old = my(service
        .give_consent(&person, give(ConsentPurpose::Publish, 0, None))
        .await);
    assert_eq!(old, Err(MyRefusal::NoticeOutdated { version: 1 }));
    let given = my(service
        .give_consent(&person, give(ConsentPurpose::Publish, 1, None))
        .await)
    .unwrap();
    let again = my(service
        .give_consent(&person, give(ConsentPurpose::Publish, 1, None))
        .await);
    assert_eq!(again.as_ref(), Ok(&given), "once");
    let helped = |helper: &str, witness: &str| Helped {
        helper: helper.to_owned(),
        witness: witness.to_owned(),
    };
    for bad in [
        helped("", "李四"),
        helped("王五", " "),
        helped("王五", " 王五 "),
        helped(&"王".repeat(65), "李四"),
    ] {
        let refused = service
            .give_consent(&person, give(ConsentPurpose::Helper, 1, Some(bad)))
            .await;
        assert_eq!(my(refused), Err(MyRefusal::WitnessNeeded));
    }
    let both = helped("王五", "李四");
    let by_helper = give(ConsentPurpose::Helper, 1, Some(both.clone()));
    my(service.give_consent(&person, by_helper).await).unwrap();
    // Other people's consents cannot be taken back.
    let other = household(&world, 2).await;
    let refused = my(service.withdraw_consent(&other, &given.id).await);
    assert_eq!(refused, Err(MyRefusal::Other(Refusal::NotFound)));
    world.clock.set(NOW + 5);
    my(service.withdraw_consent(&person, &given.id).await).unwrap();
    assert!(
        my(service.withdraw_consent(&person, &given.id).await).is_err(),
        "once"
    );
    my(service
        .give_consent(&person, give(ConsentPurpose::Publish, 1, None))
        .await)
    .unwrap();
    let data = my(service.my_data(&person).await).unwrap();
    let mut publish: Vec<_> = data
        .consents
        .iter()
        .filter(|c| c.purpose == ConsentPurpose::Publish)
        .collect();
    publish.sort_by_key(|c| c.given_at_ms);
    let withdrawn: Vec<_> = publish.iter().map(|c| c.withdrawn_at_ms).collect();
    assert_eq!(withdrawn, [Some(NOW + 5), None]);
    let helper = data
        .consents
        .iter()
        .find(|c| c.purpose == ConsentPurpose::Helper)
        .unwrap();
    assert_eq!(helper.helped, Some(both));
    assert_eq!(world.count("consent"), 3);
}

/// Many say yes at once: one consent.
#[tokio::test(flavor = "multi_thread")]
async fn consents_given_at_once_are_one() {
    let world = World::new().await;
    let person = household(&world, 1).await;
    let give = (0..40).map(|_| {
        let (service, person) = (world.service.clone(), person.clone());
        tokio::spawn(async move {
            let given = GiveConsent {
                purpose: ConsentPurpose::Contact,
                version: 1,
                helped: None,
            };
            my(service.give_consent(&person, given).await).unwrap().id
        })
    });
    let mut ids = std::collections::HashSet::new();
    for id in give.collect::<Vec<_>>() {
        ids.insert(id.await.unwrap());
    }
    assert_eq!((ids.len(), world.count("consent")), (1, 1));
}

fn ask(text: &str, contact: &str) -> AskRequest {
    AskRequest {
        kind: RequestKind::Correct,
        text: text.to_owned(),
        contact: contact.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_sealed_seen_by_staff_and_settled_once() {
    let world = World::new().await;
    let (service, person) = (&world.service, household(&world, 1).await);
    let phone = "138-0000-0000";
    let refused = my(service
        .ask_request(&person, ask("面积应为 81 平方米", phone))
        .await);
    assert_eq!(
        refused,
        Err(MyRefusal::ConsentNeeded {
            purpose: ConsentPurpose::Contact
        })
    );
    let consent = GiveConsent {
        purpose: ConsentPurpose::Contact,
        version: 1,
        helped: None,
    };
    my(service.give_consent(&person, consent).await).unwrap();
    for (text, contact) in [
        ("", ""),
        (" ", ""),
        (&"字".repeat(1_001), ""),
        ("x", &"1".repeat(101)),
    ] {
        let refused = my(service.ask_request(&person, ask(text, contact)).await);
        assert!(
            matches!(refused, Err(MyRefusal::TextInvalid { .. })),
            "{text:.9}"
        );
    }
    let asked = my(service
        .ask_request(&person, ask(" 面积应为 81 平方米 ", phone))
        .await)
    .unwrap();
    assert_eq!(asked.text, "面积应为 81 平方米");
    let waiting = my(service
        .requests(&jiangpan(), RequestState::Open, NOW + 1, 10)
        .await)
    .unwrap();
    assert_eq!(waiting, std::slice::from_ref(&asked));
    let settle = async |community: &CommunityId| {
        my(service
            .settle_request(community, &asked.id, true, "已改", "staff:1")
            .await)
    };
    let yunping = CommunityId::parse("yunping").unwrap();
    assert!(settle(&yunping).await.is_err(), "another community's staff");
    assert_eq!(settle(&jiangpan()).await, Ok(()));
    assert!(settle(&jiangpan()).await.is_err(), "once");
    let data = my(service.my_data(&person).await).unwrap();
    assert_eq!(
        (data.requests[0].answer.as_str(), data.requests[0].state),
        ("已改", RequestState::Done)
    );
    // Neither words nor phone lie in the database as they are.
    if world.config.database_url.is_none() {
        let file = std::fs::read(world.config.database()).unwrap();
        let log =
            std::fs::read(world.config.database().with_extension("sqlite-wal")).unwrap_or_default();
        for secret in [phone.as_bytes(), "平方米".as_bytes(), "已改".as_bytes()] {
            for bytes in [&file, &log] {
                assert!(!bytes.windows(secret.len()).any(|w| w == secret));
            }
        }
    }
    for _ in 0..10 {
        my(service.ask_request(&person, ask("x", "")).await).unwrap();
    }
    let refused = my(service.ask_request(&person, ask("x", "")).await);
    assert!(matches!(
        refused,
        Err(MyRefusal::Other(Refusal::TooManyAttempts { .. }))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_deleted_goes_and_the_rest_is_told() {
    let world = World::new().await;
    take_part(&world, 1).await;
    let (service, person) = (&world.service, household(&world, 1).await);
    let request = my(service.ask_request(&person, ask("x", "")).await).unwrap();
    let upload = my(service.my_data(&person).await)
        .unwrap()
        .uploads
        .remove(0)
        .id;
    let other = household(&world, 2).await;
    let refused = my(service.delete_my_upload(&other, &upload).await);
    assert_eq!(refused, Err(MyRefusal::Other(Refusal::NotFound)));
    let gone = my(service.delete_mine(&person).await).unwrap();
    assert_eq!(
        (gone.uploads, gone.grants, gone.requests),
        (vec![upload], 2, 0)
    );
    let poll = |name| PollId::parse(name).unwrap();
    let kept = [
        Kept::PollOpen {
            poll: poll("recorded"),
        },
        Kept::Registered {
            poll: poll("secret"),
        },
        Kept::OnRoll,
        Kept::RequestOpen {
            request: request.id.clone(),
        },
    ];
    assert_eq!(gone.kept, kept);
    assert_eq!(
        (
            world.count("cast_grant"),
            world.count("upload"),
            world.count("ballot")
        ),
        (0, 0, 1)
    );
    my(service
        .settle_request(&jiangpan(), &request.id, false, "不能", "staff:1")
        .await)
    .unwrap();
    world.clock.set(NOW + HOUR);
    let gone = my(service.delete_mine(&household(&world, 1).await).await).unwrap();
    assert_eq!((gone.requests, gone.kept.len()), (1, 3));
    assert_eq!(
        gone.kept[0],
        Kept::PollClosed {
            poll: poll("recorded")
        }
    );
    assert_eq!(world.check().await.faults, Vec::<String>::new());
}

async fn api(
    world: &World,
    method: &str,
    path: &str,
    token: &str,
    body: serde_json::Value,
) -> Answer {
    let bearer = format!("Bearer {token}");
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let path = format!("/api/v1/communities/jiangpan/me{path}");
    let mut headers = vec![("Content-Type", "application/json")];
    if !token.is_empty() {
        headers.push(("Authorization", &bearer));
    }
    world
        .http(Request {
            method,
            path: &path,
            headers: &headers,
            body: body.as_bytes(),
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_does_the_same() {
    let world = World::new().await;
    take_part(&world, 1).await;
    let proof = json!({ "proof": { "type": "household_code", "code": long_code(1) } });
    let opened = api(&world, "POST", "/sessions", "", proof.clone()).await;
    assert_eq!(
        (opened.status, opened.header("cache-control")),
        (201, "no-store"),
        "{}",
        opened.text()
    );
    assert_eq!(opened.json()["name"], "1 号");
    let token = opened.json()["token"].as_str().unwrap().to_owned();
    let seen = api(&world, "GET", "", &token, json!(null)).await;
    let data: MyData = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!((seen.status, data.ballots.len()), (200, 2));
    let consent = json!({ "purpose": "contact", "version": 1 });
    let given = api(&world, "POST", "/consents", &token, consent).await;
    assert_eq!(given.status, 201);
    let request = json!({ "kind": "delete", "text": "x", "contact": "138" });
    assert_eq!(
        api(&world, "POST", "/requests", &token, request)
            .await
            .status,
        201
    );
    let id = given.json()["id"].as_str().unwrap().to_owned();
    let withdrawal = format!("/consents/{id}/withdrawal");
    assert_eq!(
        api(&world, "POST", &withdrawal, &token, json!(null))
            .await
            .status,
        204
    );
    assert_eq!(
        api(&world, "POST", &withdrawal, &token, json!(null))
            .await
            .status,
        404
    );
    let upload = format!("/uploads/{}", data.uploads[0].id);
    assert_eq!(
        api(&world, "DELETE", &upload, &token, json!(null))
            .await
            .status,
        204
    );
    let gone = api(&world, "POST", "/deletion", &token, json!(null)).await;
    assert_eq!(
        (gone.status, gone.json()["grants"].as_u64()),
        (200, Some(2))
    );
    // Not without a session, not from a page of others, not elsewhere.
    for (method, path) in [
        ("GET", ""),
        ("POST", "/requests"),
        ("POST", "/consents"),
        ("POST", "/deletion"),
        ("DELETE", "/uploads/x"),
        ("POST", "/consents/x/withdrawal"),
    ] {
        for token in ["", "x"] {
            let refused = api(&world, method, path, token, json!(null)).await;
            assert_eq!(
                (refused.status, refused.json()["code"].as_str()),
                (401, Some("my_session_ended")),
                "{method} {path}"
            );
        }
    }
    let bearer = format!("Bearer {token}");
    let from_others = Request {
        method: "GET",
        path: "/api/v1/communities/jiangpan/me",
        headers: &[("Authorization", &bearer), ("Origin", HOST)],
        body: b"",
    };
    let refused = world.http(from_others).await;
    assert_eq!(
        (
            refused.status,
            refused.header("access-control-allow-origin")
        ),
        (403, "")
    );
    for body in [
        json!({}),
        json!({ "proof": { "type": "device" } }),
        json!([]),
    ] {
        let refused = api(&world, "POST", "/sessions", "", body).await;
        assert_eq!(
            (refused.status, refused.json()["code"].as_str()),
            (422, Some("malformed"))
        );
    }
    assert_eq!(
        api(&world, "DELETE", "/session", &token, json!(null))
            .await
            .status,
        204
    );
    assert_eq!(
        api(&world, "GET", "", &token, json!(null)).await.status,
        401
    );
}

async fn post(world: &World, cookie: &str, origin: &str, form: &str) -> Answer {
    world
        .http(Request {
            method: "POST",
            path: "/my/jiangpan?lang=en",
            headers: &[
                ("Content-Type", "application/x-www-form-urlencoded"),
                ("Origin", origin),
                ("Cookie", cookie),
            ],
            body: form.as_bytes(),
        })
        .await
}

async fn page_of(world: &World, cookie: &str) -> String {
    let asked = Request {
        method: "GET",
        path: "/my/jiangpan?lang=en",
        headers: &[("Cookie", cookie)],
        body: b"",
    };
    let page = world.http(asked).await;
    assert_eq!(
        (page.status, page.header("cache-control")),
        (200, "no-store")
    );
    page.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_works_without_scripts() {
    let world = World::new().await;
    take_part(&world, 1).await;
    let own = world.own_origin();
    let form = format!("act=identify&code={}", long_code(1));
    assert_eq!(
        post(&world, "", HOST, &form).await.status,
        403,
        "not from others' pages"
    );
    let wrong = post(&world, "", &own, "act=identify&code=ZZZZ").await;
    assert_eq!(wrong.status, 403);
    assert!(wrong.text().contains("role=\"alert\""));
    let entered = post(&world, "", &own, &form).await;
    assert_eq!(
        (entered.status, entered.header("location")),
        (303, "/my/jiangpan?lang=en")
    );
    let cookie = entered.header("set-cookie");
    for part in [
        "HttpOnly",
        "SameSite=Strict",
        "Path=/my/jiangpan",
        "Max-Age=1800",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let page = page_of(&world, &cookie).await;
    for told in [
        "1 号",
        "80.01 m²",
        "recorded: 乙",
        "secret",
        "/my/jiangpan/export",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let check = page
        .split("name=\"check\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let act = async |form: &str| post(&world, &cookie, &own, form).await;
    // Without the check of this session nothing happens.
    assert_eq!(act("act=delete&sure=1&check=x").await.status, 422);
    assert_eq!(act("act=delete&sure=1").await.status, 422);
    let no_contact = format!("act=ask&check={check}&kind=correct&text=hello&contact=138&version=1");
    assert_eq!(act(&no_contact).await.status, 422, "the box was not ticked");
    let asked = act(&format!("{no_contact}&agreed=1")).await;
    assert!(
        asked.status == 200 && asked.text().contains("<bdi>138</bdi>"),
        "{}",
        asked.text()
    );
    let hostile =
        format!("act=ask&check={check}&kind=correct&text=%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    let shown = act(&hostile).await.text();
    assert!(shown.contains("&lt;script&gt;") && !shown.contains("<script>alert"));
    let given = act(&format!("act=give&check={check}&purpose=publish&version=1")).await;
    assert!(given.text().contains("Take back"));
    let id = world
        .column("SELECT consent_id FROM consent WHERE purpose = 'publish'")
        .remove(0);
    let taken = act(&format!("act=withdraw&check={check}&id={id}")).await;
    assert!(taken.text().contains("Taken back at"));
    let export = Request {
        method: "GET",
        path: "/my/jiangpan/export",
        headers: &[("Cookie", &cookie)],
        body: b"",
    };
    let export = world.http(export).await;
    assert!(
        export
            .header("content-disposition")
            .starts_with("attachment")
    );
    let data: MyData = serde_json::from_slice(&export.body).unwrap();
    assert_eq!((data.consents.len(), data.requests.len()), (2, 2));
    let unsure = act(&format!("act=delete&check={check}")).await;
    assert_eq!((unsure.status, world.count("upload")), (422, 1));
    let gone = act(&format!("act=delete&check={check}&sure=1")).await;
    assert!(
        gone.text().contains("Deleted: 1 files, 2 permissions"),
        "{}",
        gone.text()
    );
    assert!(gone.text().contains("the poll is open"));
    let left = act(&format!("act=leave&check={check}")).await;
    assert_eq!(left.status, 303);
    assert!(
        page_of(&world, &cookie)
            .await
            .contains("act\" value=\"identify\"")
    );
    for strange in ["", "act=fly", "act=give", "%%%", "act=ask&check=&kind=x"] {
        let answer = act(strange).await;
        assert!(
            (400..500).contains(&answer.status),
            "{strange}: {}",
            answer.status
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn residents_read_what_is_kept_of_them() {
    let world = World::new().await;
    let set = |what, days| {
        let service = world.service.clone();
        async move { service.set_period(&jiangpan(), what, days).await }
    };
    assert_eq!(set("grant", Some(7)).await, Ok(()));
    for (what, days) in [("grant", 0), ("grant", 366), ("attempt", 2), ("moon", 1)] {
        assert!(set(what, Some(days)).await.is_err(), "{what}");
    }
    for (lang, told) in [("zh-Hans", "结束后 7 天"), ("en", "7 days after its end")] {
        let page = world.get(&format!("/privacy/jiangpan?lang={lang}")).await;
        assert_eq!(page.status, 200);
        assert!(
            page.text().contains(told) && page.text().contains("江畔社区"),
            "{}",
            page.text()
        );
        assert!(
            page.header("content-security-policy")
                .contains("script-src 'self'")
        );
    }
    assert!(
        !world
            .get("/privacy/yunping?lang=en")
            .await
            .text()
            .contains(" 7 days")
    );
    for nowhere in [
        "/privacy/nowhere",
        "/privacy/X",
        "/my/nowhere",
        "/my/X/export",
    ] {
        assert_eq!(world.get(nowhere).await.status, 404, "{nowhere}");
    }
    assert_eq!(set("grant", None).await, Ok(()));
    let store = world.service.store();
    assert!(store.periods("jiangpan").await.unwrap().is_empty());
    assert_eq!(store.communities().await.unwrap().len(), 2);
}
