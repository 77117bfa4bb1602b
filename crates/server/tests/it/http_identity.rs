//! Bad requests to identify without paper, as a table.

use crate::http_table::{FORM, JSON, Row, hold, proof, row};
use crate::identity::listening;
use crate::world::*;
use serde_json::json;

fn asks(why: &'static str, topic: &str, body: impl AsRef<[u8]>) -> Row {
    let path = format!("/api/v1/topics/{topic}/otp");
    row(why, "POST", &path)
        .header("Content-Type", JSON)
        .body(body)
}

#[tokio::test]
async fn requests_for_a_password() {
    let (world, inbox) = listening().await;
    let plain = || json!({ "contact": "13800000001" }).to_string();
    let bad = |why, body: &str| asks(why, "otp", body);
    let contact = |why, contact: &str| asks(why, "otp", json!({ "contact": contact }).to_string());
    let rows = vec![
        bad("nothing", "").is(400, "malformed"),
        bad("not JSON", "contact=13800000001").is(400, "malformed"),
        bad("an empty object", "{}").is(422, "malformed"),
        bad("a number", r#"{"contact":13800000001}"#).is(422, "malformed"),
        bad("more than asked", r#"{"contact":"13800000001","code":"1"}"#).is(422, "malformed"),
        contact("nobody", "").is(422, "malformed"),
        contact("a word", "me").is(422, "malformed"),
        contact("a zero byte", "138\u{0}00000001").is(422, "malformed"),
        contact("a head of a mail", "a@b.cn\r\nBcc: c@d.cn").is(422, "malformed"),
        contact("SQL", "' OR 1=1; --@b.cn").is(422, "malformed"),
        contact("a long one", &"1".repeat(255)).is(422, "malformed"),
        contact("a long address", &format!("{}@b.cn", "a".repeat(249))).is(422, "malformed"),
        asks("another type", "otp", plain())
            .instead("Content-Type", FORM)
            .is(415, "media_type_unsupported"),
        asks("too large", "otp", plain() + &" ".repeat(20_000)).is(413, "too_large"),
        asks("no such topic", "absent", plain()).is(404, "topic_unknown"),
        asks("a poll that wants paper", "recorded", plain()).is(403, "credential_too_weak"),
        asks("where devices vote", "devices", plain()).is(422, "unsupported"),
        asks("a formal poll", "formal", plain()).is(403, "formal_elsewhere"),
        asks("from the host's page", "otp", plain())
            .header("Origin", HOST)
            .is(422, "unsupported"),
        asks("from a page of others", "otp", plain())
            .header("Origin", "https://evil.example")
            .is(403, "origin_not_allowed"),
        row("a look", "GET", "/api/v1/topics/otp/otp").is(405, "method_not_allowed"),
    ];
    hold(&world, rows).await;
    assert!(inbox.try_recv().is_err());
    assert_eq!(world.count("one_time_password"), 0);
}

#[tokio::test]
async fn proofs_without_paper() {
    let (world, _inbox) = listening().await;
    let password = |why, topic: &str, contact: &str, code: &str| {
        let shown = json!({ "type": "one_time_password", "contact": contact, "code": code });
        proof(why, topic, json!({ "proof": shown }).to_string())
    };
    let token = |why, topic: &str, token: &str| {
        let shown = json!({ "type": "host_token", "token": token });
        proof(why, topic, json!({ "proof": shown }).to_string())
    };
    let phone = "13800000001";
    let rows = vec![
        password("no contact", "otp", "", "012345").is(422, "malformed"),
        password("no code", "otp", phone, "").is(403, "code_unknown"),
        password("a word", "otp", phone, "abcdef").is(403, "code_unknown"),
        password("a long code", "otp", phone, &"0".repeat(9_000)).is(403, "code_unknown"),
        password("nothing was sent", "otp", phone, "012345").is(403, "code_unknown"),
        password("where paper is asked", "recorded", phone, "012345")
            .is(403, "credential_too_weak"),
        password("where devices vote", "devices", phone, "012345").is(422, "unsupported"),
        password("from the host's page", "otp", phone, "012345")
            .header("Origin", HOST)
            .is(422, "unsupported"),
        proof(
            "a contact alone",
            "otp",
            r#"{"proof":{"type":"one_time_password","contact":"13800000001"}}"#,
        )
        .is(422, "malformed"),
        token("empty", "hosted", "").is(403, "token_invalid"),
        token("noise", "hosted", "v1.AAAA.AAAA").is(403, "token_invalid"),
        token("nulls", "hosted", "v1.\u{0}.\u{0}").is(403, "token_invalid"),
        token("long", "hosted", &"v1.a".repeat(3_000)).is(403, "token_invalid"),
        token("where paper is asked", "recorded", "v1.a.b").is(403, "credential_too_weak"),
        token("formal polls are on our page", "formal", "v1.a.b").is(403, "formal_elsewhere"),
        proof("no token", "hosted", r#"{"proof":{"type":"host_token"}}"#).is(422, "malformed"),
    ];
    hold(&world, rows).await;
    assert_eq!(world.count("cast_grant"), 0);
}
