//! A day at the desk: drafts, publishing, extending, two persons, codes, people.

use crate::desk_world::*;
use crate::world::*;
use linli_model::*;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_nothing_to_residents_until_it_is_published() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    world.done(&owner, &create(draft("drying", "grid-1"))).await;
    for address in ["/api/v1/topics/drying", "/p/drying"] {
        assert_eq!(world.get(address).await.status, 404, "{address}");
    }
    assert_eq!(
        world.identify("drying", &long_code(1)).await.unwrap_err(),
        Refusal::TopicUnknown
    );
    let view = world.seen(&owner, "polls/drying").await;
    assert_eq!(view["state"], "draft");
    assert_eq!(view["turnout"]["eligible"], 16);
    let mut changed = draft("drying", "grid-1");
    changed["title"] = json!("晾晒区与车棚");
    let update = json!({ "type": "update_topic", "topic": changed });
    world.done(&owner, &update).await;
    world.done(&owner, &open("drying")).await;
    let topic = world.get("/api/v1/topics/drying").await.json();
    assert_eq!(topic["topic"]["title"], "晾晒区与车棚");
    assert_eq!(topic["phase"], "open");
    let grant = world.grant("drying", 1).await;
    let cast = world.cast("drying", &grant, 1, motion(Stance::Yes), None);
    assert!(cast.await.is_ok());
    // What residents have seen stays.
    assert_eq!(
        world.not_done(&owner, &update).await["code"],
        "already_published"
    );
    let delete = json!({ "type": "delete_topic", "topic": "drying" });
    assert_eq!(
        world.not_done(&owner, &delete).await["code"],
        "already_published"
    );
    // Counts no earlier than residents; turnout at any time, small places left out.
    let view = world.seen(&owner, "polls/drying").await;
    assert_eq!(
        (&view["state"], &view["turnout"]["cast"]),
        (&json!("open"), &json!(1))
    );
    assert!(view.get("result").is_none());
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_checked_and_names_are_taken_once() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let far = world.owner("yunping", "zhao").await;
    let mut bad = draft("bad", "grid-1");
    bad["poll"]["closes_at_ms"] = json!(NOW);
    let refused = world.not_done(&owner, &create(bad)).await;
    assert_eq!(
        refused,
        json!({ "code": "invalid", "path": "poll.closes_at_ms", "fault": "in_the_past" })
    );
    let refused = world.not_done(&owner, &create(draft("bad", "moon"))).await;
    assert_eq!(refused["path"], "place");
    let mut formal = draft("formal-2", "grid-1");
    formal["poll"]["nature"] = json!("formal");
    let refused = world.not_done(&owner, &create(formal.clone())).await;
    assert_eq!(refused["path"], "poll.rule.basis");
    formal["poll"]["rule"] = json!({ "article": "", "basis": "居民自治章程第十二条" });
    world.done(&owner, &create(formal)).await;
    world.done(&owner, &open("formal-2")).await;
    let page = world.get("/p/formal-2?lang=zh-Hans").await.text();
    assert!(page.contains("依据：居民自治章程第十二条"), "{page}");
    // Published, drafted here, drafted elsewhere; and the poll's name.
    world.done(&far, &create(draft("taken", "yunping"))).await;
    for name in ["recorded", "formal-2", "taken"] {
        let refused = world.not_done(&owner, &create(draft(name, "grid-1"))).await;
        assert_eq!(refused["code"], "name_taken", "{name}");
    }
    let mut poll = draft("other", "grid-1");
    poll["poll"]["id"] = json!("recorded");
    assert_eq!(
        world.not_done(&owner, &create(poll)).await["code"],
        "name_taken"
    );
    // Thrown away, a name is free again.
    let delete = json!({ "type": "delete_topic", "topic": "taken" });
    world.done(&far, &delete).await;
    world.done(&owner, &create(draft("taken", "grid-1"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_takes_two_persons_and_residents_are_told() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let second = world
        .member(&owner, "li", json!([{ "role": "supervisor" }]))
        .await;
    let grant = world.grant("recorded", 1).await;
    let reply = world.done(&owner, &close("recorded")).await;
    assert_eq!(reply["type"], "waiting");
    let approval = reply["approval"].clone();
    assert_eq!(
        (
            &approval["about"],
            &approval["may_decide"],
            &approval["may_withdraw"]
        ),
        (&json!("recorded"), &json!(false), &json!(true))
    );
    assert_eq!(
        world.not_done(&owner, &close("recorded")).await["code"],
        "already_asked"
    );
    let home = world.seen(&second, "home").await;
    assert_eq!(home["to_decide"][0]["id"], approval["id"]);
    let decide = |decision: &str, reason: &str| json!({ "type": "decide", "approval": approval["id"], "decision": decision, "reason": reason });
    let refused = world.not_done(&second, &decide("reject", "")).await;
    assert_eq!(refused["code"], "reason_needed");
    // Votes until the moment of closing, none after it.
    let cast = |key| world.cast("recorded", &grant, key, options(&["a"]), None);
    assert!(cast(1).await.is_ok());
    world.pass(1_000);
    world.done(&second, &decide("approve", "")).await;
    let late = world
        .cast("recorded", &grant, 2, options(&["b"]), None)
        .await;
    assert_eq!(
        late.unwrap_err(),
        Refusal::Closed {
            closed_at_ms: NOW + 1_000
        }
    );
    // Its receipt can still be fetched again.
    assert!(cast(1).await.unwrap().replayed);
    assert_eq!(
        world.not_done(&second, &decide("approve", "")).await["code"],
        "already_settled"
    );
    let view = world.seen(&owner, "polls/recorded").await;
    assert_eq!(
        view["notices"],
        json!([{ "type": "closed_early", "at_ms": NOW + 1_000, "announced_ms": NOW + HOUR,
                 "reason": "下雨" }])
    );
    assert_eq!(view["result"]["is_final"], true);
    let told = world.get("/api/v1/topics/recorded").await.json();
    assert_eq!(told["phase"], "closed");
    assert_eq!(told["notices"], view["notices"]);
    let page = world.get("/p/recorded?lang=zh-Hans").await.text();
    assert!(
        page.contains("提前截止") && page.contains("原因：下雨"),
        "{page}"
    );
    let grants = world.column("SELECT max(expires_at_ms) FROM cast_grant");
    assert_eq!(grants, [(NOW + 1_000).to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_can_be_rejected_withdrawn_and_lapse() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let second = world
        .member(&owner, "li", json!([{ "role": "supervisor" }]))
        .await;
    let ask = async |topic: &str| {
        world.pass(1);
        let reply = world.done(&owner, &close(topic)).await;
        reply["approval"]["id"].as_str().unwrap().to_owned()
    };
    let first = ask("recorded").await;
    let reject = json!({ "type": "decide", "approval": first, "decision": "reject",
                         "reason": "没有必要" });
    world.done(&second, &reject).await;
    let withdrawn = ask("recorded").await;
    let withdraw = json!({ "type": "withdraw", "approval": withdrawn });
    // Others' requests are not known to who may only take back their own.
    assert_eq!(world.not_done(&second, &withdraw).await["code"], "unknown");
    world.done(&owner, &withdraw).await;
    let extend = json!({ "type": "extend_poll", "topic": "recorded", "reason": "雨天",
                         "closes_at_ms": NOW + 20 * 24 * HOUR });
    world.done(&owner, &extend).await;
    let lapsed = ask("recorded").await;
    world.pass(7 * 24 * HOUR);
    let owner = again(&world, &owner).await;
    let second = again(&world, &second).await;
    let late = json!({ "type": "decide", "approval": lapsed, "decision": "approve" });
    assert_eq!(
        world.not_done(&second, &late).await["code"],
        "already_settled"
    );
    let all = world.seen(&owner, "approvals").await;
    let states: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["rejected", "withdrawn", "lapsed"]);
    let waiting = world.seen(&owner, "approvals?state=waiting").await;
    assert_eq!(waiting, json!([]));
}

/// The same person in a new session.
async fn again(world: &World, member: &Member) -> Member {
    let code = world.code(&member.secret);
    let answer = world
        .sign_in(member.community, &member.login, PASSWORD, &code)
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    Member {
        token,
        ..member.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_is_later_within_bounds_and_said_why() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let extend = |closes_at_ms: UtcMs, reason: &str| {
        json!({ "type": "extend_poll", "topic": "recorded", "closes_at_ms": closes_at_ms,
                "reason": reason })
    };
    let cases = [
        (extend(NOW + HOUR, "雨"), "invalid", "not after the old one"),
        (extend(NOW + 91 * 24 * HOUR, "雨"), "invalid", "too far"),
        (
            extend(NOW + 2 * HOUR, " \u{200b}"),
            "reason_needed",
            "no reason",
        ),
        (
            extend(NOW + 2 * HOUR, &"长".repeat(501)),
            "reason_needed",
            "too long a reason",
        ),
    ];
    for (command, code, reason) in cases {
        assert_eq!(
            world.not_done(&owner, &command).await["code"],
            code,
            "{reason}"
        );
    }
    let done = extend(NOW + 2 * HOUR, "雨");
    world.done(&owner, &done).await;
    let told = world.get("/api/v1/topics/recorded").await.json();
    assert_eq!(told["topic"]["poll"]["closes_at_ms"], NOW + 2 * HOUR);
    world.pass(HOUR + 1);
    let grant = world.grant("recorded", 3).await;
    assert!(
        world
            .cast("recorded", &grant, 1, options(&["a"]), None)
            .await
            .is_ok()
    );
    let closed = json!({ "type": "extend_poll", "topic": "closed", "reason": "雨",
                         "closes_at_ms": NOW + 20 * HOUR });
    assert_eq!(world.not_done(&owner, &closed).await["code"], "closed");
    let upcoming = json!({ "type": "close_poll", "topic": "upcoming", "reason": "雨" });
    world.clock.set(NOW);
    assert_eq!(
        world.not_done(&owner, &upcoming).await["code"],
        "not_yet_open"
    );
    // An import of the same file changes nothing; the next one is seen all the same.
    let mut file = import_file();
    file["communities"][0]["name"] = json!("新江畔");
    world.service.import_text(&file.to_string()).await.unwrap();
    let told = world.get("/api/v1/topics/recorded").await.json();
    assert_eq!(told["topic"]["community"]["name"], "新江畔");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_has_one_effect_however_often_it_is_sent() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let send = async |owner: &Member, key: &str, command: &Value| {
        let (bearer, body) = (format!("Bearer {}", owner.token), command.to_string());
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Idempotency-Key", key),
            ("Content-Type", "application/json"),
        ];
        let request = Request {
            method: "POST",
            path: &path("jiangpan", "commands"),
            headers: &headers,
            body: body.as_bytes(),
        };
        world.http(request).await
    };
    let key = fresh_key();
    let invite = json!({ "type": "invite", "name": "li", "posts": [{ "role": "moderator" }] });
    let first = send(&owner, &key, &invite).await;
    assert_eq!(
        (first.status, &first.json()["type"]),
        (201, &json!("invited"))
    );
    let second = send(&owner, &key, &invite).await;
    assert_eq!(
        (second.status, second.json()),
        (200, json!({ "type": "done" }))
    );
    assert_eq!(world.count("invitation"), 1);
    let other = create(draft("drying", "grid-1"));
    assert_eq!(
        send(&owner, &key, &other).await.json()["code"],
        "key_reused"
    );
    let key = fresh_key();
    let close = close("recorded");
    let first = send(&owner, &key, &close).await;
    let second = send(&owner, &key, &close).await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.json(), second.json());
    // After a day the key is forgotten, and the request waits still.
    world.pass(24 * HOUR);
    let owner = again(&world, &owner).await;
    assert_eq!(send(&owner, &key, &invite).await.status, 201);
    assert_eq!(
        world.not_done(&owner, &json!({ "type": "fly" })).await["code"],
        "malformed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_made_once_and_open_polls() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let home = world.seen(&owner, "home").await;
    assert_eq!(
        (&home["households"], &home["households_with_code"]),
        (&json!(24), &json!(24))
    );
    let none = world.done(&owner, &json!({ "type": "make_codes" })).await;
    assert_eq!(none, json!({ "type": "codes", "slips": [] }));
    let renew = json!({ "type": "make_codes", "place": "grid-2", "renew": true });
    let made = world.done(&owner, &renew).await;
    let slips = made["slips"].as_array().unwrap();
    assert_eq!(slips.len(), 8);
    let slip = slips.iter().find(|slip| slip["label"] == "17 号").unwrap();
    assert!(
        world.identify("recorded", &long_code(17)).await.is_err(),
        "the old one ends"
    );
    for code in [&slip["typed"], &slip["scanned"]] {
        let grant = world
            .identify("recorded", code.as_str().unwrap())
            .await
            .unwrap();
        assert_eq!(grant.voter, "17 号");
    }
    // Slips with a page to open have a QR code each: of the page, and of nobody else's code.
    assert!(slip.get("qr").is_none() && made.get("page").is_none());
    let mut paged = renew.clone();
    paged["topic"] = json!("recorded");
    let drawn = world.done(&owner, &paged).await;
    let page = drawn["page"].as_str().unwrap();
    assert!(page.ends_with("/p/recorded"), "{page}");
    let codes = drawn["slips"].as_array().unwrap();
    let codes = codes.iter().map(|slip| slip["qr"].as_str().unwrap());
    let codes: std::collections::BTreeSet<&str> = codes.collect();
    assert_eq!(codes.len(), 8);
    world.done(&owner, &create(draft("unseen", "grid-1"))).await;
    for topic in ["unseen", "moon", "hill"] {
        paged["topic"] = json!(topic);
        let refused = world.not_done(&owner, &paged).await;
        let told = (&refused["path"], &refused["fault"]);
        assert_eq!(told, (&json!("topic"), &json!("unknown")), "{topic}");
    }
    let slips = drawn["slips"].as_array().unwrap();
    let unknown = json!({ "type": "make_codes", "place": "moon" });
    assert_eq!(world.not_done(&owner, &unknown).await["code"], "invalid");
    // No code is written down.
    let written = world.column("SELECT detail FROM audit").join("\n");
    let written = written + &world.column("SELECT reply FROM desk_reply").join("\n");
    for slip in slips {
        for code in [&slip["typed"], &slip["scanned"]] {
            assert!(!written.contains(code.as_str().unwrap()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_places_are_shown_to_who_cares_for_them() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let posts = json!([{ "role": "moderator", "place": "grid-2" }]);
    let moderator = world.member(&owner, "chen", posts).await;
    let people = world.seen(&owner, "people").await;
    assert_eq!(people["staff"].as_array().unwrap().len(), 2);
    assert_eq!(people["sessions"].as_array().unwrap().len(), 2);
    let own = world.seen(&moderator, "people").await;
    assert_eq!(own["staff"].as_array().unwrap().len(), 1);
    assert_eq!(own["sessions"][0]["is_this"], true);
    let places = world.seen(&moderator, "places").await;
    let names: Vec<&str> = places
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["id"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["jiangpan", "grid-1", "grid-2"]);
    assert_eq!(places[1]["parent"], "jiangpan");
    // They see and write what concerns their place, and nothing else.
    let polls = world.seen(&moderator, "polls").await;
    let topics: Vec<&str> = polls
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["topic"].as_str().unwrap())
        .collect();
    assert_eq!(topics, ["grid"]);
    assert_eq!(world.look(&moderator, "polls/recorded").await.status, 404);
    let elsewhere = world
        .not_done(&moderator, &create(draft("drying", "grid-1")))
        .await;
    assert_eq!(
        elsewhere,
        json!({ "code": "not_permitted", "needs": "polls" })
    );
    world
        .done(&moderator, &create(draft("drying", "grid-2")))
        .await;
    let mut moved = draft("drying", "jiangpan");
    moved["title"] = json!("全社区");
    let update = json!({ "type": "update_topic", "topic": moved });
    assert_eq!(
        world.not_done(&moderator, &update).await["code"],
        "not_permitted"
    );
    assert_eq!(world.look(&moderator, "audit").await.status, 403);
    let home = world.seen(&moderator, "home").await;
    assert_eq!(home["households"], 8);
    let whose = world.seen(&moderator, "session").await;
    assert_eq!(whose["permissions"], json!(["see", "polls", "behalf"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_is_written_down() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    world.done(&owner, &create(draft("drying", "grid-1"))).await;
    world.done(&owner, &open("drying")).await;
    let page = world.seen(&owner, "audit").await;
    let actions: Vec<&str> = page["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["open_poll", "create_topic", "enrolled", "invite"]);
    assert_eq!(page["newest"], 4);
    let found = world.seen(&owner, "audit?search=create_topic").await;
    assert_eq!(found["entries"].as_array().unwrap().len(), 1);
    let older = world.seen(&owner, "audit?before=2").await;
    assert_eq!(older["entries"].as_array().unwrap().len(), 1);
    let community = community("jiangpan");
    let walked = world
        .service
        .verify_audit(&community)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(walked.0, 4);
    for _ in 0..60 {
        world.service.invite_owner(&community, "li").await.unwrap();
    }
    let page = world.seen(&owner, "audit").await;
    assert_eq!(page["next_before"], 15);
    let rest = world.seen(&owner, "audit?before=15").await;
    assert_eq!(rest["entries"].as_array().unwrap().len(), 14);
    assert!(rest.get("next_before").is_none());
}

/// Texts and numbers at their limits are refused or kept, never a fault.
#[tokio::test(flavor = "multi_thread")]
async fn odd_values_are_refused_or_kept() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let with = |name: &str, value: Value| {
        let mut odd = draft("odd", "grid-1");
        match name.split_once('.') {
            Some((outer, inner)) => odd[outer][inner] = value,
            None => odd[name] = value,
        }
        create(odd)
    };
    let extend = |closes_at_ms: i64, reason: &str| {
        json!({ "type": "extend_poll", "topic": "recorded", "closes_at_ms": closes_at_ms,
                "reason": reason })
    };
    let invite =
        |name: &str| json!({ "type": "invite", "name": name, "posts": [{ "role": "moderator" }] });
    let refused = [
        with("title", json!("a\u{0}b")),
        with("summary", json!("a\u{0}b")),
        with("poll.question", json!("a\u{0}b")),
        with("poll.closes_at_ms", json!(i64::MAX)),
        with("poll.opens_at_ms", json!(i64::MAX)),
        with("poll.opens_at_ms", json!(1e300)),
        with("lang", json!("\u{0}")),
        with("id", json!("\u{0}")),
        extend(i64::MAX, "雨"),
        extend(i64::MIN, "雨"),
        extend(NOW + 2 * HOUR, "\u{0}"),
        invite("a\u{0}b"),
        invite(""),
        json!({ "type": "invite", "name": "x", "posts": [] }),
        json!({ "type": "revoke_invitation", "invitation": "\u{0}" }),
        json!({ "type": "end_session", "session": "\u{0}'--" }),
        json!({ "type": "adopt_roll", "kind": "households", "draft": "\u{0}" }),
        json!({ "type": "withdraw", "approval": "f".repeat(32) }),
        json!([]),
        json!(null),
    ];
    for command in &refused {
        let answer = world.order(&owner, command).await;
        assert!(
            (400..500).contains(&answer.status),
            "{command}: {}",
            answer.text()
        );
    }
    // The earliest of times is kept as now.
    world
        .done(&owner, &with("poll.opens_at_ms", json!(i64::MIN)))
        .await;
    assert_eq!(world.look(&owner, "exports/polls.xlsx").await.status, 200);
    world.done(&owner, &open("odd")).await;
    let told = world.get("/api/v1/topics/odd").await.json();
    assert_eq!(told["topic"]["poll"]["opens_at_ms"], NOW);
    for address in [
        "audit?search=%00",
        "audit?search=%27%20OR%201=1&before=18446744073709551615",
        "people?x=%ff",
    ] {
        assert_eq!(world.look(&owner, address).await.status, 200, "{address}");
    }
    for address in ["polls?state=%00", "approvals?state=x", "audit?before=-1"] {
        assert_eq!(world.look(&owner, address).await.status, 422, "{address}");
    }
    let answer = world.sign_in("jiangpan", "\u{0}", "\u{0}", "\u{0}").await;
    assert_eq!(answer.status, 403);
    let token = world
        .service
        .invite_owner(&community("jiangpan"), "li")
        .await
        .unwrap();
    let to = path("jiangpan", &format!("invitations/{}", token.as_str()));
    let odd = json!({ "login": "a\u{0}", "password": PASSWORD });
    assert_eq!(
        world.ask("POST", &to, None, Some(&odd)).await.json()["path"],
        "login"
    );
    let odd = json!({ "login": "li", "password": "a\u{0} password of some length" });
    assert_eq!(world.ask("POST", &to, None, Some(&odd)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_added_renamed_moved_and_closed() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let at_grid = json!([{ "role": "owner", "place": "grid-2" }]);
    let of_grid = world.member(&owner, "sun", at_grid).await;
    let moderator = json!([{ "role": "moderator" }]);
    let moderator = world.member(&owner, "chen", moderator).await;
    let put = |id: &str, name: &str, parent: Option<&str>| {
        let mut place = json!({ "id": id, "name": name });
        if let Some(parent) = parent {
            place["parent"] = json!(parent);
        }
        json!({ "type": "put_place", "place": place })
    };
    let close = |id: &str| json!({ "type": "close_place", "place": id });

    // Below one's own place, and nowhere else; no building is taken from another grid.
    world
        .done(&of_grid, &put("b8", "8 栋", Some("grid-2")))
        .await;
    for (member, command) in [
        (&of_grid, put("b9", "9 栋", Some("grid-1"))),
        (&of_grid, put("b8", "8 栋", Some("grid-1"))),
        (&of_grid, put("grid-1", "我的网格", Some("grid-2"))),
        (&of_grid, put("b8", "8 栋", None)),
        (&of_grid, close("grid-2")),
        (&moderator, put("b9", "9 栋", Some("grid-1"))),
        (&moderator, close("b8")),
    ] {
        let refused = world.not_done(member, &command).await;
        assert_eq!(refused["code"], "not_permitted", "{command}");
    }
    for (command, path, fault) in [
        (put("b9", "8 栋", Some("grid-2")), "place.name", "duplicate"),
        (put("b9", " ", Some("grid-2")), "place.name", "unsupported"),
        (put("b9", "9 栋", Some("moon")), "place.parent", "unknown"),
        (
            put("grid-2", "二网格", Some("b8")),
            "place.parent",
            "unsupported",
        ),
    ] {
        let refused = world.not_done(&owner, &command).await;
        let told = (refused["path"].as_str(), refused["fault"].as_str());
        assert_eq!(told, (Some(path), Some(fault)), "{command}");
    }

    // A new name and place are those of everything that belongs to it.
    world.done(&owner, &create(draft("drying", "b8"))).await;
    let in_use = world.not_done(&owner, &close("b8")).await;
    assert_eq!(in_use["code"], "place_in_use", "a draft is there");
    world.done(&owner, &open("drying")).await;
    world.done(&owner, &put("b8", "八栋", Some("grid-1"))).await;
    let topic = world.get("/api/v1/topics/drying").await.json();
    assert_eq!(topic["topic"]["place"]["name"], "八栋");
    let cards = world.seen(&of_grid, "polls").await;
    let cards = cards.as_array().unwrap();
    let theirs = cards.iter().any(|card| card["topic"] == "drying");
    assert!(!theirs, "it went to the other grid");

    // Closed where nothing belongs to it.
    world.done(&owner, &put("b9", "9 栋", Some("grid-1"))).await;
    for place in ["grid-1", "grid-2", "jiangpan", "b8"] {
        let refused = world.not_done(&owner, &close(place)).await;
        assert_eq!(refused["code"], "place_in_use", "{place}");
    }
    world.done(&owner, &close("b9")).await;
    assert_eq!(
        world.not_done(&owner, &close("b9")).await["code"],
        "unknown"
    );
    let places = world.seen(&owner, "places").await;
    let ids: Vec<&str> = places
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["jiangpan", "grid-1", "b8", "grid-2"]);
    let written = world
        .column("SELECT action FROM audit ORDER BY number")
        .join(" ");
    assert_eq!(written.matches("put_place").count(), 3, "{written}");
    assert_eq!(written.matches("close_place").count(), 1, "{written}");
    assert!(world.check().await.faults.is_empty());
}
