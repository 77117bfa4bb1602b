//! Ways in that must stay shut: guessing, replaying, outliving one's role, approving
//! oneself, giving more than one has, stolen links and sessions, changed logs.

use crate::desk_world::*;
use crate::world::*;
use serde_json::json;

const MINUTE: i64 = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn guessing_a_password_ends_in_pauses() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    world.pass(MINUTE);
    for left in (0..5).rev() {
        let code = world.code(&owner.secret);
        let answer = world
            .sign_in("jiangpan", "wang", "wrong password 1", &code)
            .await;
        let refused = json!({ "code": "sign_in_failed", "attempts_left": left });
        assert_eq!((answer.status, answer.json()), (403, refused));
    }
    // Now the right one is not looked at either.
    let right = async || {
        let code = world.code(&owner.secret);
        world.sign_in("jiangpan", " ＷANG ", PASSWORD, &code).await
    };
    let answer = right().await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (429, &json!("too_many_attempts"))
    );
    assert_eq!(answer.header("retry-after"), "61");
    // The pause holds for that login alone, and ends.
    let other = world
        .sign_in("jiangpan", "nobody", PASSWORD, "123456")
        .await;
    assert_eq!(other.json()["attempts_left"], 4);
    world.pass(MINUTE);
    assert_eq!(right().await.status, 201);
    // A right one is forgiven what came before it.
    world.pass(MINUTE);
    let answer = world
        .sign_in("jiangpan", "wang", "wrong password 2", "000000")
        .await;
    assert_eq!(answer.json()["attempts_left"], 4);
    // Failed ones are in the log, beside the path of the answer.
    until(async || {
        world
            .column("SELECT action FROM audit WHERE action = 'sign_in_failed'")
            .len()
            == 6
    })
    .await;
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    // The end of patience, not a measure.
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("never");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_a_code_ends_in_pauses() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    world.pass(MINUTE);
    let wrong = |n: u32| {
        let right = world.code(&owner.secret);
        format!(
            "{:06}",
            (right.parse::<u32>().unwrap() + 1_000 + n) % 1_000_000
        )
    };
    for n in 0..5 {
        let answer = world.sign_in("jiangpan", "wang", PASSWORD, &wrong(n)).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
    }
    let code = world.code(&owner.secret);
    let answer = world.sign_in("jiangpan", "wang", PASSWORD, &code).await;
    assert_eq!(answer.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_login_is_told_as_a_wrong_password() {
    let world = World::new().await;
    world.owner("jiangpan", "wang").await;
    let known = world
        .sign_in("jiangpan", "wang", "wrong password 1", "123456")
        .await;
    let unknown = world
        .sign_in("jiangpan", "wong", "wrong password 1", "123456")
        .await;
    let nowhere = world
        .sign_in("nowhere", "wang", "wrong password 1", "123456")
        .await;
    assert_eq!(
        (known.status, known.json()),
        (unknown.status, unknown.json())
    );
    assert_eq!(
        (known.status, known.json()),
        (nowhere.status, nowhere.json())
    );
    // Nothing is stored for communities that do not exist.
    let counted = world.column("SELECT community_id FROM attempt WHERE community_id = 'nowhere'");
    assert!(counted.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_once() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    // The code of the enrolment is used up.
    let code = world.code(&owner.secret);
    let answer = world.sign_in("jiangpan", "wang", PASSWORD, &code).await;
    assert_eq!(answer.status, 403);
    world.pass(MINUTE);
    let code = world.code(&owner.secret);
    assert_eq!(
        world
            .sign_in("jiangpan", "wang", PASSWORD, &code)
            .await
            .status,
        201
    );
    let answer = world.sign_in("jiangpan", "wang", PASSWORD, &code).await;
    assert_eq!(answer.json()["code"], "sign_in_failed");
    // Nor an earlier one that its window still covers.
    world.pass(MINUTE);
    let earlier = world.code(&owner.secret);
    world.pass(30_000);
    let later = world.code(&owner.secret);
    assert_eq!(
        world
            .sign_in("jiangpan", "wang", PASSWORD, &later)
            .await
            .status,
        201
    );
    let answer = world.sign_in("jiangpan", "wang", PASSWORD, &earlier).await;
    assert_eq!(answer.status, 403);
    // Recovery codes too.
    let recovery = owner.recovery[0].to_lowercase();
    assert_eq!(
        world
            .sign_in("jiangpan", "wang", PASSWORD, &recovery)
            .await
            .status,
        201
    );
    let answer = world.sign_in("jiangpan", "wang", PASSWORD, &recovery).await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        world.seen(&owner, "session").await["recovery_codes_left"],
        9
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_role_with_an_open_desk_loses_at_once() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let moderator = world
        .member(&owner, "chen", json!([{ "role": "moderator" }]))
        .await;
    world
        .done(&moderator, &create(draft("drying", "grid-1")))
        .await;
    let asked = world.done(&moderator, &close("recorded")).await;
    let set = |posts: serde_json::Value| json!({ "type": "set_posts", "staff": moderator.id.to_string(), "posts": posts });
    world.done(&owner, &set(json!([]))).await;
    let refused = world.not_done(&moderator, &open("drying")).await;
    assert_eq!(refused, json!({ "code": "signed_out" }));
    assert_eq!(world.look(&moderator, "home").await.status, 401);
    // What they asked for before cannot be agreed to any more.
    let decide =
        json!({ "type": "decide", "approval": asked["approval"]["id"], "decision": "approve" });
    assert_eq!(world.not_done(&owner, &decide).await["code"], "conflict");
    assert_eq!(
        world.get("/api/v1/topics/recorded").await.json()["phase"],
        "open"
    );
    // Nor can they sign in.
    world.pass(MINUTE);
    let code = world.code(&moderator.secret);
    let answer = world.sign_in("jiangpan", "chen", PASSWORD, &code).await;
    assert_eq!(answer.json()["code"], "sign_in_failed");
    // An invitation of somebody who may not invite any more is worth nothing.
    let second = world.owner("jiangpan", "zhou").await;
    let invite = json!({ "type": "invite", "name": "x", "posts": [{ "role": "owner" }] });
    let token = world.done(&second, &invite).await["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let demote = json!({ "type": "set_posts", "staff": second.id.to_string(), "posts": [] });
    world.done(&owner, &demote).await;
    let to = path("jiangpan", &format!("invitations/{token}"));
    assert_eq!(
        world.ask("GET", &to, None, None).await.json()["code"],
        "invitation_invalid"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_their_own_second_person() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let asked = world.done(&owner, &close("recorded")).await;
    let decide =
        json!({ "type": "decide", "approval": asked["approval"]["id"], "decision": "approve" });
    assert_eq!(world.not_done(&owner, &decide).await["code"], "own_request");
    // Not by a second account of the same name either.
    let invite = json!({ "type": "invite", "name": "ＷANG", "posts": [{ "role": "supervisor" }] });
    let token = world.done(&owner, &invite).await["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let double = world.enrol("jiangpan", &token, "wang-2").await;
    assert_eq!(
        world.not_done(&double, &decide).await["code"],
        "own_request"
    );
    // Who may see may not decide; who decides elsewhere may not here.
    let moderator = world
        .member(&owner, "chen", json!([{ "role": "moderator" }]))
        .await;
    assert_eq!(
        world.not_done(&moderator, &decide).await["needs"],
        "approve"
    );
    let far = world
        .member(
            &owner,
            "sun",
            json!([{ "role": "supervisor", "place": "grid-1" }]),
        )
        .await;
    assert_eq!(world.not_done(&far, &decide).await["code"], "not_permitted");
    // A request cannot be made to hold another decision.
    let nested = json!({ "type": "decide", "approval": "0".repeat(32), "decision": "approve" });
    assert_eq!(world.not_done(&moderator, &nested).await["code"], "unknown");
    assert_eq!(
        world.get("/api/v1/topics/recorded").await.json()["phase"],
        "open"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_more_than_they_have() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let grid = world
        .member(
            &owner,
            "chen",
            json!([{ "role": "owner", "place": "grid-2" }]),
        )
        .await;
    let invite =
        |posts: serde_json::Value| json!({ "type": "invite", "name": "x", "posts": posts });
    let refused = [
        json!([{ "role": "owner" }]),
        json!([{ "role": "supervisor" }]),
        json!([{ "role": "moderator", "place": "grid-1" }]),
        json!([{ "role": "moderator", "place": "grid-2" }, { "role": "moderator" }]),
    ];
    for posts in refused {
        let answer = world.not_done(&grid, &invite(posts)).await;
        assert_eq!(
            answer,
            json!({ "code": "not_permitted", "needs": "people" })
        );
    }
    world
        .done(
            &grid,
            &invite(json!([{ "role": "moderator", "place": "grid-2" }])),
        )
        .await;
    let set = |whose: &Member, posts: serde_json::Value| json!({ "type": "set_posts", "staff": whose.id.to_string(), "posts": posts });
    // Not to themselves, nor taking from those above, nor their sessions.
    let answer = world
        .not_done(&grid, &set(&grid, json!([{ "role": "owner" }])))
        .await;
    assert_eq!(answer["code"], "not_permitted");
    assert_eq!(
        world.not_done(&grid, &set(&owner, json!([]))).await["code"],
        "not_permitted"
    );
    let sessions = world.seen(&owner, "people").await["sessions"].clone();
    let of_owner = sessions
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["staff"] == owner.id.to_string());
    let end = json!({ "type": "end_session", "session": of_owner.unwrap()["id"] });
    assert_eq!(world.not_done(&grid, &end).await["code"], "not_permitted");
    // Somebody must stay who can invite others.
    let answer = world
        .not_done(&owner, &set(&owner, json!([{ "role": "supervisor" }])))
        .await;
    assert_eq!(answer["code"], "last_owner");
    let moderator = world
        .member(&owner, "sun", json!([{ "role": "moderator" }]))
        .await;
    let answer = world
        .not_done(&moderator, &invite(json!([{ "role": "moderator" }])))
        .await;
    assert_eq!(answer["needs"], "people");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_used_once_and_needs_its_password() {
    let world = World::new().await;
    let at = community("jiangpan");
    let token = world.service.invite_owner(&at, "wang").await.unwrap();
    let to = path("jiangpan", &format!("invitations/{}", token.as_str()));
    let view = world.ask("GET", &to, None, None).await;
    assert_eq!((view.status, &view.json()["name"]), (200, &json!("wang")));
    let weak = json!({ "login": "wang", "password": "password1234" });
    let answer = world.ask("POST", &to, None, Some(&weak)).await;
    assert_eq!(
        answer.json(),
        json!({ "code": "password_weak", "min_chars": 12 })
    );
    // A thief goes through the first step, then the invited person does.
    let step = async |login: &str, password: &str| {
        let accept = json!({ "login": login, "password": password });
        let answer = world.ask("POST", &to, None, Some(&accept)).await;
        let secret = answer.json()["secret"].as_str().unwrap().to_owned();
        linli_server::identity::totp::read_secret(&secret).unwrap()
    };
    let stolen = step("thief", "the thief's password").await;
    let secret = step("wang", PASSWORD).await;
    let confirm = async |password: &str, code: String| {
        let body = json!({ "password": password, "code": code });
        world
            .ask("POST", &format!("{to}/confirmation"), None, Some(&body))
            .await
    };
    let answer = confirm("the thief's password", world.code(&stolen)).await;
    assert_eq!(answer.json()["code"], "sign_in_failed");
    let answer = confirm(PASSWORD, world.code(&stolen)).await;
    assert_eq!(answer.json()["code"], "code_wrong");
    assert_eq!(confirm(PASSWORD, world.code(&secret)).await.status, 201);
    for answer in [
        world.ask("GET", &to, None, None).await,
        confirm(PASSWORD, world.code(&secret)).await,
        world
            .ask(
                "POST",
                &to,
                None,
                Some(&json!({ "login": "x", "password": PASSWORD })),
            )
            .await,
    ] {
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (404, &json!("invitation_invalid"))
        );
    }
    // A login is one person's, however it is written.
    let token = world.service.invite_owner(&at, "li").await.unwrap();
    let to = path("jiangpan", &format!("invitations/{}", token.as_str()));
    let taken = json!({ "login": "ＷＡＮＧ", "password": PASSWORD });
    assert_eq!(
        world.ask("POST", &to, None, Some(&taken)).await.json()["code"],
        "login_taken"
    );
    // Not in another community, not after a week.
    let elsewhere = path("yunping", &format!("invitations/{}", token.as_str()));
    assert_eq!(world.ask("GET", &elsewhere, None, None).await.status, 404);
    world.pass(7 * 24 * HOUR);
    assert_eq!(world.ask("GET", &to, None, None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_new_each_time_and_ends() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    // A token that somebody has chosen is not taken over by signing in.
    let chosen = "f".repeat(64);
    world.pass(MINUTE);
    let code = world.code(&owner.secret);
    let body = json!({ "login": "wang", "password": PASSWORD, "code": code });
    let answer = world
        .ask(
            "POST",
            &path("jiangpan", "sessions"),
            Some(&chosen),
            Some(&body),
        )
        .await;
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    assert!(token != chosen && token != owner.token && token.len() == 64);
    let fixed = Member {
        token: chosen,
        ..owner.clone()
    };
    assert_eq!(world.look(&fixed, "session").await.status, 401);
    // Only hashes are stored.
    let stored = world.column(if world.config.database_url.is_some() {
        "SELECT encode(token_hash, 'hex') FROM staff_session"
    } else {
        "SELECT lower(hex(token_hash)) FROM staff_session"
    });
    assert!(stored.len() == 2 && !stored.contains(&token));
    let second = Member {
        token,
        ..owner.clone()
    };
    // Signing out ends one and leaves the other.
    let out = world
        .ask(
            "DELETE",
            &path("jiangpan", "session"),
            Some(&owner.token),
            None,
        )
        .await;
    assert_eq!(out.status, 204);
    assert_eq!(
        world.look(&owner, "session").await.json(),
        json!({ "code": "signed_out" })
    );
    // Use keeps it, idleness ends it.
    world.pass(2 * HOUR - 2 * MINUTE);
    assert_eq!(world.look(&second, "session").await.status, 200);
    world.pass(2 * HOUR - 2 * MINUTE);
    assert_eq!(world.look(&second, "session").await.status, 200);
    world.pass(2 * HOUR);
    assert_eq!(world.look(&second, "session").await.status, 401);
    // However much it is used, it ends after half a day.
    let code = world.code(&owner.secret);
    let answer = world.sign_in("jiangpan", "wang", PASSWORD, &code).await;
    let third = Member {
        token: answer.json()["token"].as_str().unwrap().to_owned(),
        ..owner
    };
    for _ in 0..11 {
        world.pass(HOUR);
        assert_eq!(world.look(&third, "session").await.status, 200);
    }
    world.pass(HOUR);
    assert_eq!(world.look(&third, "session").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_cannot_be_changed_and_a_change_is_found() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    world.done(&owner, &create(draft("drying", "grid-1"))).await;
    let at = community("jiangpan");
    assert!(world.service.verify_audit(&at).await.unwrap().is_ok());
    for change in ["UPDATE audit SET detail = ''", "DELETE FROM audit"] {
        assert!(!world.change(change), "{change}");
    }
    // Somebody who owns the database can take the guard away, and is found out.
    let guard = match world.config.database_url {
        Some(_) => "ALTER TABLE audit DISABLE TRIGGER USER",
        None => "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted",
    };
    assert!(world.change(guard));
    assert!(world.change("UPDATE audit SET detail = '{}' WHERE number = 2"));
    let found = world.service.verify_audit(&at).await.unwrap();
    assert_eq!(found, Err("entry 2 was changed".to_owned()));
    assert!(world.change("DELETE FROM audit WHERE number >= 2"));
    let found = world.service.verify_audit(&at).await.unwrap();
    assert_eq!(
        found,
        Err("the log ends at entry 1, and should end at 3".to_owned())
    );
    let faults = world.check().await.faults;
    assert!(
        faults[0].starts_with("audit log of jiangpan: the log ends"),
        "{faults:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_pages_cannot_use_a_desk() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let bearer = format!("Bearer {}", owner.token);
    let own = world.own_origin();
    for (origin, status) in [(HOST, 403), ("null", 403), (own.as_str(), 200)] {
        let headers = [("Authorization", bearer.as_str()), ("Origin", origin)];
        let path = path("jiangpan", "home");
        for method in ["GET", "OPTIONS"] {
            let request = Request {
                method,
                path: &path,
                headers: &headers,
                body: b"",
            };
            let answer = world.http(request).await;
            let expected = if method == "GET" { status } else { 405 };
            assert_eq!(answer.status, expected, "{method} from {origin}");
            let shared = answer
                .headers
                .keys()
                .find(|name| name.starts_with("access-control"));
            assert_eq!(shared, None, "{method} from {origin}");
        }
    }
    // Not a form, not a cookie.
    let headers = [("Cookie", bearer.as_str()), ("Content-Type", "text/plain")];
    let request = Request {
        method: "POST",
        path: &path("jiangpan", "sessions"),
        headers: &headers,
        body: b"{}",
    };
    assert_eq!(world.http(request).await.status, 415);
}

fn reset(whose: &Member) -> serde_json::Value {
    json!({ "type": "reset_factor", "staff": whose.id, "reason": "手机丢了" })
}

fn approve(waiting: &serde_json::Value) -> serde_json::Value {
    let id = &waiting["approval"]["id"];
    json!({ "type": "decide", "approval": id, "decision": "approve" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_factor_is_renewed_by_two_owners_and_the_password() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let second = world.owner("jiangpan", "zhou").await;
    let posts = json!([{ "role": "moderator" }]);
    let lost = world.member(&owner, "chen", posts).await;
    let waiting = world.done(&owner, &reset(&lost)).await;
    assert_eq!(waiting["type"], "waiting");
    assert_eq!(waiting["approval"]["about"], "chen");
    // Nothing has happened yet; and one cannot agree with oneself.
    assert_eq!(world.look(&lost, "home").await.status, 200);
    let own = world.not_done(&owner, &approve(&waiting)).await;
    assert_eq!(own["code"], "own_request");
    let again = world.not_done(&second, &reset(&lost)).await;
    assert_eq!(again["code"], "already_asked");

    let key = fresh_key();
    let agree = approve(&waiting).to_string();
    let bearer = format!("Bearer {}", second.token);
    let send = async || {
        let headers = [
            ("Idempotency-Key", key.as_str()),
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
        ];
        let request = Request {
            method: "POST",
            path: &path("jiangpan", "commands"),
            headers: &headers,
            body: agree.as_bytes(),
        };
        world.http(request).await
    };
    let link = send().await.json();
    assert_eq!(link["type"], "invited", "{link}");
    let replayed = send().await;
    assert_eq!(
        (replayed.status, replayed.json()),
        (200, json!({ "type": "done" }))
    );
    let settled = world.not_done(&second, &approve(&waiting)).await;
    assert_eq!(settled["code"], "already_settled");

    // Sessions, codes of the app and recovery codes have ended.
    assert_eq!(world.look(&lost, "home").await.status, 401);
    world.pass(MINUTE);
    for code in [world.code(&lost.secret), lost.recovery[0].clone()] {
        let answer = world.sign_in("jiangpan", "chen", PASSWORD, &code).await;
        assert_eq!(answer.json()["code"], "sign_in_failed");
    }
    // The link alone is worth nothing: it wants this account's login and password.
    let token = link["token"].as_str().unwrap();
    let at = path("jiangpan", &format!("invitations/{token}"));
    assert_eq!(
        world.ask("GET", &at, None, None).await.json()["renews"],
        true
    );
    for (login, password) in [("chen", "another password 1"), ("wang", PASSWORD)] {
        let body = json!({ "login": login, "password": password });
        let answer = world.ask("POST", &at, None, Some(&body)).await;
        assert_eq!(answer.json()["code"], "sign_in_failed", "{login}");
    }
    let renewed = world.enrol("jiangpan", token, "chen").await;
    assert_eq!(renewed.id, lost.id, "the same account");
    assert_ne!(renewed.secret, lost.secret);
    let view = world.seen(&renewed, "session").await;
    assert_eq!(view["posts"], json!([{ "role": "moderator" }]));
    assert_eq!(view["recovery_codes_left"], 10);
    let used = world.ask("GET", &at, None, None).await;
    assert_eq!(used.json()["code"], "invitation_invalid");
    world.pass(MINUTE);
    let old = world.code(&lost.secret);
    let answer = world.sign_in("jiangpan", "chen", PASSWORD, &old).await;
    assert_eq!(answer.status, 403);
    let new = world.code(&renewed.secret);
    let answer = world.sign_in("jiangpan", "chen", PASSWORD, &new).await;
    assert_eq!(answer.status, 201);
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_resets_who_has_more_rights_and_the_link_ends() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let lone = world.owner("jiangpan", "zhou").await;
    let at_grid = json!([{ "role": "owner", "place": "grid-2" }]);
    let of_grid = world.member(&owner, "sun", at_grid).await;
    let supervisor = json!([{ "role": "supervisor" }]);
    let supervisor = world.member(&owner, "li", supervisor).await;
    let moderator = json!([{ "role": "moderator" }]);
    let moderator = world.member(&owner, "chen", moderator).await;
    for member in [&of_grid, &supervisor, &moderator] {
        let refused = world.not_done(member, &reset(&owner)).await;
        assert_eq!(refused["code"], "not_permitted", "{}", member.login);
    }
    // A supervisor may agree to much, and not to this; nor may the person concerned.
    let waiting = world.done(&owner, &reset(&lone)).await;
    let refused = world.not_done(&supervisor, &approve(&waiting)).await;
    assert_eq!(refused["code"], "not_permitted");
    let concerned = world.not_done(&lone, &approve(&waiting)).await;
    assert_eq!(concerned["code"], "own_request");
    let seen = world.seen(&supervisor, "approvals").await;
    assert_eq!(seen[0]["may_decide"], false);
    assert_eq!(world.look(&lone, "home").await.status, 200);

    // From a shell, where nobody else is left. It lasts a day, and the later one holds.
    let at = community("jiangpan");
    let first = world.service.reset_factor(&at, " ZHOU ").await.unwrap();
    let token = world.service.reset_factor(&at, "zhou").await.unwrap();
    assert!(world.service.reset_factor(&at, "nobody").await.is_err());
    assert_eq!(world.look(&lone, "home").await.status, 401);
    let to = |token: &str| path("jiangpan", &format!("invitations/{token}"));
    let ended = world.ask("GET", &to(first.as_str()), None, None).await;
    assert_eq!(ended.status, 404);
    world.pass(24 * 60 * MINUTE);
    let late = world.ask("GET", &to(token.as_str()), None, None).await;
    assert_eq!(late.status, 404);
    let written = world.column("SELECT actor FROM audit WHERE action = 'reset_factor'");
    assert_eq!(written.len(), 2, "{written:?}");
}
