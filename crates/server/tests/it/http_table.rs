//! Bad requests as a table: malformed, oversized, mistyped, forged, replayed, expired,
//! cross-origin. Each gets the refusal that says so and changes nothing; none ends in a
//! 5xx or a panic. What no well-formed request can carry is in `rough`.

use crate::world::*;
use linli_model::limits::REQUEST_BYTES_MAX;
use linli_model::*;
use linli_server::seal;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) const JSON: &str = "application/json";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const BALLOT: &str = r#"{"choice":{"type":"options","options":["a"]}}"#;
const OTHER_BALLOT: &str = r#"{"choice":{"type":"options","options":["b"]}}"#;
const EVIL: &str = "https://evil.example";

/// One bad request and its answer.
pub(crate) struct Row {
    why: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    status: u16,
    code: &'static str,
}

pub(crate) fn row(why: &'static str, method: &'static str, path: &str) -> Row {
    Row {
        why,
        method,
        path: path.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        status: 0,
        code: "",
    }
}

/// A proof sent for `topic`.
pub(crate) fn proof(why: &'static str, topic: &str, body: impl AsRef<[u8]>) -> Row {
    let path = format!("/api/v1/topics/{topic}/grants");
    row(why, "POST", &path)
        .header("Content-Type", JSON)
        .body(body)
}

/// A ballot sent for `topic`, with a key of its own.
pub(crate) fn ballot(why: &'static str, topic: &str, grant: &str, body: impl AsRef<[u8]>) -> Row {
    let path = format!("/api/v1/topics/{topic}/ballots");
    let key = seal::hex(&seal::chance::<16>());
    row(why, "POST", &path)
        .header("Content-Type", JSON)
        .header("Authorization", &format!("Bearer {grant}"))
        .header("Idempotency-Key", &key)
        .body(body)
}

impl Row {
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// In place of what the row has under `name`; nothing in place of it for `""`.
    pub(crate) fn instead(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        if value.is_empty() {
            return self;
        }
        self.header(name, value)
    }

    pub(crate) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    pub(crate) fn is(mut self, status: u16, code: &'static str) -> Self {
        (self.status, self.code) = (status, code);
        self
    }

    async fn send(&self, world: &World) -> Answer {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(n, v)| (*n, &**v)).collect();
        let request = Request {
            method: self.method,
            path: &self.path,
            headers: &headers,
            body: &self.body,
        };
        world.http(request).await
    }
}

/// Sends every row and holds the answers against the table.
pub(crate) async fn hold(world: &World, rows: Vec<Row>) {
    count_panics();
    let mut wrong = Vec::new();
    for row in rows {
        let answer = row.send(world).await;
        let told = answer.json()["code"].as_str().unwrap_or("").to_owned();
        if (answer.status, told.as_str()) != (row.status, row.code) {
            wrong.push(format!(
                "{}: {} {}: {} {told}, not {} {}",
                row.why,
                row.method,
                &row.path[..row.path.len().min(80)],
                answer.status,
                row.status,
                row.code
            ));
            continue;
        }
        assert_eq!(
            answer.header("x-content-type-options"),
            "nosniff",
            "{}",
            row.why
        );
        if !row.code.is_empty() {
            assert_eq!(answer.header("content-type"), JSON, "{}", row.why);
        }
        if row.status == 401 {
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{}", row.why);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(world.get("/health/ready").await.status, 200);
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "nothing panicked");
}

/// Panics outside of the tests' own assertions.
pub(crate) static PANICS: AtomicUsize = AtomicUsize::new(0);

pub(crate) fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let ours = info
                .location()
                .is_some_and(|l| l.file().contains("tests/it/"));
            PANICS.fetch_add(usize::from(!ours), Ordering::SeqCst);
            before(info);
        }));
    });
}

/// Rows of every table that a person's command changes.
fn stored(world: &World) -> Vec<i64> {
    let tables = [
        "ballot",
        "ballot_superseded",
        "ballot_box",
        "ballot_box_superseded",
        "voted_register",
        "cast_grant",
    ];
    let count = |table| {
        let sql = format!("SELECT count(*) FROM {table}");
        world
            .database()
            .query_row(&sql, [], |row| row.get(0))
            .unwrap()
    };
    tables.map(count).to_vec()
}

pub(crate) fn code_proof(household: u32) -> String {
    format!(
        r#"{{"proof":{{"type":"household_code","code":"{}"}}}}"#,
        long_code(household)
    )
}

#[tokio::test]
async fn addresses_and_methods_that_do_not_exist() {
    let world = World::new().await;
    let get = |why, path: &str| row(why, "GET", path);
    let long = "x".repeat(65);
    let very_long = "x".repeat(60_000);
    let rows = vec![
        get("no such topic", "/api/v1/topics/absent").is(404, "topic_unknown"),
        get("not UTF-8", "/api/v1/topics/%ff%fe").is(404, "topic_unknown"),
        get("a broken escape", "/api/v1/topics/%zz").is(404, "topic_unknown"),
        get("upper case", "/api/v1/topics/Recorded").is(404, "topic_unknown"),
        get("a zero byte", "/api/v1/topics/recorded%00").is(404, "topic_unknown"),
        get("an escaped slash", "/api/v1/topics/recorded%2Fgrants").is(404, "topic_unknown"),
        get("SQL", "/api/v1/topics/recorded'%20OR%201=1--").is(404, "topic_unknown"),
        get("a name too long", &format!("/api/v1/topics/{long}")).is(404, "topic_unknown"),
        get(
            "a name far too long",
            &format!("/api/v1/topics/{very_long}"),
        )
        .is(404, "topic_unknown"),
        get(
            "a name that hides itself",
            "/api/v1/topics/%E2%80%AErecorded",
        )
        .is(404, "topic_unknown"),
        get("a slash at the end", "/api/v1/topics/recorded/").is(404, "not_found"),
        get("a room that is not there", "/api/v1/topics/recorded/voters").is(404, "not_found"),
        get("another version", "/api/v2/topics/recorded").is(404, "not_found"),
        get("up and out", "/api/v1/topics/../../../etc/passwd").is(404, "not_found"),
        get("the database", "/data/linli.sqlite").is(404, "not_found"),
        get("grants are posted", "/api/v1/topics/recorded/grants").is(405, "method_not_allowed"),
        get("ballots are posted", "/api/v1/topics/recorded/ballots").is(405, "method_not_allowed"),
        row("a topic is read", "POST", "/api/v1/topics/recorded").is(405, "method_not_allowed"),
        row("no deleting", "DELETE", "/api/v1/topics/recorded/ballots")
            .is(405, "method_not_allowed"),
        row("no putting", "PUT", "/api/v1/receipt-keys").is(405, "method_not_allowed"),
        row("a made-up method", "VOTE", "/api/v1/topics/recorded").is(405, "method_not_allowed"),
        row("health is read", "POST", "/health/ready").is(405, "method_not_allowed"),
        get("a tag that is none", "/api/v1/topics/recorded")
            .header("If-None-Match", "W/,,\"\u{e9}")
            .is(200, ""),
        get(
            "a query nobody reads",
            "/api/v1/topics/recorded?%ff=%zz&&&==",
        )
        .is(200, ""),
    ];
    hold(&world, rows).await;
}

#[tokio::test]
async fn proofs_that_are_malformed_mistyped_or_oversized() {
    let world = World::new().await;
    let plain = || code_proof(1);
    let typed = |kind: &'static str| {
        proof("a type that is none", "recorded", plain()).instead("Content-Type", kind)
    };
    let padded = |bytes: usize| plain() + &" ".repeat(bytes - plain().len());
    let code = |why, code: &str| {
        let body = format!(r#"{{"proof":{{"type":"household_code","code":{code}}}}}"#);
        proof(why, "recorded", body)
    };
    let bad = |why, body: &str| proof(why, "recorded", body);
    let rows = vec![
        typed("").is(415, "media_type_unsupported"),
        typed("text/plain").is(415, "media_type_unsupported"),
        typed(FORM).is(415, "media_type_unsupported"),
        typed("application/json; charset=gb18030").is(415, "media_type_unsupported"),
        typed("application/jsonp").is(415, "media_type_unsupported"),
        typed(JSON).header("Content-Type", JSON).is(415, "media_type_unsupported"),
        bad("nothing", "").is(400, "malformed"),
        bad("half of it", &plain()[..20]).is(400, "malformed"),
        bad("two of it", &plain().repeat(2)).is(400, "malformed"),
        bad("not JSON", "proof=device").is(400, "malformed"),
        bad("a byte order mark", &format!("\u{feff}{}", plain())).is(400, "malformed"),
        bad("a half surrogate", r#"{"proof":"\ud800"}"#).is(400, "malformed"),
        proof("not UTF-8", "recorded", b"{\"proof\":\"\xff\xfe\"}").is(400, "malformed"),
        bad("lists without end", &"[".repeat(10_000)).is(422, "malformed"),
        bad("a proof without end", &format!(r#"{{"proof":{}"#, r#"{"type":"#.repeat(1_500))).is(422, "malformed"),
        bad("a field without end", &format!(r#"{{"proof":{{"x":{}"#, "[".repeat(10_000))).is(400, "malformed"),
        bad("a number too large", r#"{"proof":1e999}"#).is(400, "malformed"),
        bad("null", "null").is(422, "malformed"),
        bad("a list", "[]").is(422, "malformed"),
        bad("an empty object", "{}").is(422, "malformed"),
        bad("no proof", r#"{"proof":null}"#).is(422, "malformed"),
        bad("two proofs", r#"{"proof":{"type":"household_code","code":"x"},"proof":{"type":"household_code","code":"x"}}"#)
            .is(422, "malformed"),
        bad("an unknown proof", r#"{"proof":{"type":"face","image":""}}"#).is(422, "malformed"),
        bad("no code", r#"{"proof":{"type":"household_code"}}"#).is(422, "malformed"),
        code("a number for a code", "7").is(422, "malformed"),
        code("a list for a code", "[\"A\"]").is(422, "malformed"),
        code("a code too long", &format!("\"{}\"", "A".repeat(65))).is(422, "malformed"),
        code("a code of many marks", &format!("\"{}\"", "👨\u{200d}".repeat(40))).is(422, "malformed"),
        bad("a device without a name", r#"{"proof":{"type":"device"}}"#).is(422, "malformed"),
        bad("a device in capitals", &format!(r#"{{"proof":{{"type":"device","device":"{}"}}}}"#, "AB".repeat(16)))
            .is(422, "malformed"),
        bad("a device too short", r#"{"proof":{"type":"device","device":"ab"}}"#).is(422, "malformed"),
        bad("more than fits", &padded(REQUEST_BYTES_MAX + 1)).is(413, "too_large"),
        bad("far more than fits", &padded(40 * REQUEST_BYTES_MAX)).is(413, "too_large"),
        proof("no such topic", "absent", plain()).is(404, "topic_unknown"),
        code("an empty code", "\"\"").is(403, "code_unknown"),
        code("a zero byte in a code", r#""\u0000""#).is(403, "code_unknown"),
        code("SQL for a code", r#""' OR 1=1; --""#).is(403, "code_unknown"),
        code("a code nobody has", &format!("{:?}", long_code(7_777))).is(403, "code_unknown"),
        code("a code beyond 128 bits", &format!("{:?}", "Z".repeat(26))).is(403, "code_unknown"),
        code("another community's code", &format!("{:?}", long_code(900))).is(403, "code_unknown"),
        proof("a household of another place", "grid", plain()).is(403, "code_unknown"),
        proof("a code where devices vote", "devices", plain()).is(422, "unsupported"),
        proof("a device where households vote", "recorded", format!(r#"{{"proof":{{"type":"device","device":"{}"}}}}"#, "ab".repeat(16)))
            .is(403, "credential_too_weak"),
        proof("too early", "upcoming", plain()).is(409, "not_yet_open"),
        proof("too late", "closed", plain()).is(409, "closed"),
        proof("not on our page", "formal", plain()).is(403, "formal_elsewhere"),
    ];
    let before = stored(&world);
    hold(&world, rows).await;
    assert_eq!(stored(&world), before);
    let fits = proof("just fits", "recorded", padded(REQUEST_BYTES_MAX)).is(201, "");
    hold(&world, vec![fits]).await;
}

#[tokio::test]
async fn ballots_that_are_malformed_mistyped_or_oversized() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let secret_grant = world.grant("secret", 1).await;
    let (grant, secret_grant) = (grant.as_str(), secret_grant.as_str());
    let bad = |why, body: &str| ballot(why, "recorded", grant, body);
    let keyed = |why, key: &str| bad(why, BALLOT).instead("Idempotency-Key", key);
    let secret = |why, secret: &str| {
        let body =
            format!(r#"{{"choice":{{"type":"options","options":["a"]}},"secret":{secret}}}"#);
        ballot(why, "secret", secret_grant, body)
    };
    let many = format!(
        r#"{{"choice":{{"type":"options","options":[{}]}}}}"#,
        vec!["\"a\""; 2_000].join(",")
    );
    let rows = vec![
        bad("nothing", "").is(400, "malformed"),
        bad("half of it", &BALLOT[..12]).is(400, "malformed"),
        bad("null", "null").is(422, "malformed"),
        bad("no choice", "{}").is(422, "malformed"),
        bad("text for a choice", r#"{"choice":"a"}"#).is(422, "malformed"),
        bad(
            "an unknown kind",
            r#"{"choice":{"type":"ranking","options":["a"]}}"#,
        )
        .is(422, "malformed"),
        bad(
            "text for a list",
            r#"{"choice":{"type":"options","options":"a"}}"#,
        )
        .is(422, "malformed"),
        bad(
            "a number for an option",
            r#"{"choice":{"type":"options","options":[1]}}"#,
        )
        .is(422, "malformed"),
        bad(
            "an option no name allows",
            r#"{"choice":{"type":"options","options":["A B"]}}"#,
        )
        .is(422, "malformed"),
        bad(
            "an option in disguise",
            r#"{"choice":{"type":"options","options":["a\u200b"]}}"#,
        )
        .is(422, "malformed"),
        bad(
            "no stance",
            r#"{"choice":{"type":"motion","stance":"maybe"}}"#,
        )
        .is(422, "malformed"),
        bad(
            "another kind",
            r#"{"choice":{"type":"motion","stance":"yes"}}"#,
        )
        .is(422, "choice_invalid"),
        bad(
            "nothing chosen",
            r#"{"choice":{"type":"options","options":[]}}"#,
        )
        .is(422, "choice_invalid"),
        bad(
            "too many chosen",
            r#"{"choice":{"type":"options","options":["a","b"]}}"#,
        )
        .is(422, "choice_invalid"),
        bad(
            "chosen twice",
            r#"{"choice":{"type":"options","options":["a","a"]}}"#,
        )
        .is(422, "choice_invalid"),
        bad("chosen 2,000 times", &many).is(422, "choice_invalid"),
        bad(
            "not offered",
            r#"{"choice":{"type":"options","options":["z"]}}"#,
        )
        .is(422, "choice_invalid"),
        bad(
            "more than fits",
            &(BALLOT.to_owned() + &" ".repeat(REQUEST_BYTES_MAX)),
        )
        .is(413, "too_large"),
        bad("not JSON by its type", BALLOT)
            .instead("Content-Type", "text/plain")
            .is(415, "media_type_unsupported"),
        keyed("no key", "").is(422, "key_invalid"),
        keyed("a short key", "abc").is(422, "key_invalid"),
        keyed("a key in capitals", &"AB".repeat(16)).is(422, "key_invalid"),
        keyed("a key of other letters", &"zz".repeat(16)).is(422, "key_invalid"),
        keyed("a key too long", &"ab".repeat(5_000)).is(422, "key_invalid"),
        keyed("a key that is not ASCII", "钥匙").is(422, "key_invalid"),
        bad("two keys", BALLOT)
            .header("Idempotency-Key", &"ab".repeat(16))
            .is(422, "key_invalid"),
        secret("null for a secret", "null").is(422, "ballot_secret_missing"),
        secret("a number for a secret", "1").is(422, "malformed"),
        secret("a secret too short", "\"ab\"").is(422, "malformed"),
        secret("a secret in capitals", &format!("{:?}", "AB".repeat(16))).is(422, "malformed"),
        ballot("no secret", "secret", secret_grant, BALLOT).is(422, "ballot_secret_missing"),
        ballot(
            "a secret where none belongs",
            "recorded",
            grant,
            format!(
                r#"{{"choice":{{"type":"options","options":["a"]}},"secret":"{}"}}"#,
                "ab".repeat(16)
            ),
        )
        .is(422, "ballot_secret_unexpected"),
    ];
    let before = stored(&world);
    hold(&world, rows).await;
    assert_eq!(stored(&world), before);
}

#[tokio::test]
async fn grants_and_addresses_that_are_forged() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let elsewhere = world.grant("never", 1).await;
    let secret_grant = world.grant("secret", 1).await;
    let good = grant.as_str();
    let shown =
        |why, value: &str| ballot(why, "recorded", good, BALLOT).instead("Authorization", value);
    let standing = |why, grant: &str| {
        row(why, "GET", "/api/v1/topics/recorded/standing")
            .header("Authorization", &format!("Bearer {grant}"))
    };
    let opened = |why, secret: &str| {
        row(why, "GET", "/api/v1/topics/secret/standing")
            .header(
                "Authorization",
                &format!("Bearer {}", secret_grant.as_str()),
            )
            .header("Linli-Ballot-Secret", secret)
    };
    let mut cut = good.to_owned();
    cut.pop();
    let rows = vec![
        shown("no grant", "").is(401, "grant_invalid"),
        shown("no token", "Bearer").is(401, "grant_invalid"),
        shown("an empty token", "Bearer ").is(401, "grant_invalid"),
        shown("another scheme", &format!("Basic {good}")).is(401, "grant_invalid"),
        shown("a bare token", good).is(401, "grant_invalid"),
        shown("made up", &format!("Bearer {}", "ab".repeat(32))).is(401, "grant_invalid"),
        shown("cut short", &format!("Bearer {cut}")).is(401, "grant_invalid"),
        shown("in capitals", &format!("Bearer {}", good.to_uppercase())).is(401, "grant_invalid"),
        shown("with a tail", &format!("Bearer {good} {good}")).is(401, "grant_invalid"),
        shown("not ASCII", "Bearer 通行证").is(401, "grant_invalid"),
        shown("far too long", &format!("Bearer {}", "a".repeat(20_000))).is(401, "grant_invalid"),
        shown("SQL", "Bearer '||(SELECT+token_hash)||'").is(401, "grant_invalid"),
        shown(
            "the stored hash",
            &format!("Bearer {}", seal::hex(&seal::token_hash(good))),
        )
        .is(401, "grant_invalid"),
        ballot("two grants", "recorded", good, BALLOT)
            .header("Authorization", &format!("Bearer {good}"))
            .is(401, "grant_invalid"),
        ballot(
            "another poll's grant",
            "recorded",
            elsewhere.as_str(),
            BALLOT,
        )
        .is(401, "grant_invalid"),
        ballot("another community's poll", "hill", good, BALLOT).is(401, "grant_invalid"),
        standing("made up", &"ab".repeat(32)).is(401, "grant_invalid"),
        standing("another poll's grant", elsewhere.as_str()).is(401, "grant_invalid"),
        row("no grant", "GET", "/api/v1/topics/recorded/standing").is(401, "grant_invalid"),
        standing("a secret where none belongs", good)
            .header("Linli-Ballot-Secret", &"ab".repeat(16))
            .is(422, "ballot_secret_unexpected"),
        opened("a secret too short", "ab").is(422, "malformed"),
        opened("a secret that is not ASCII", "秘密").is(422, "malformed"),
        opened("two secrets", &"ab".repeat(16))
            .header("Linli-Ballot-Secret", &"ab".repeat(16))
            .is(422, "malformed"),
    ];
    let before = stored(&world);
    hold(&world, rows).await;
    assert_eq!(stored(&world), before);
    // Nobody is a proxy here, so no word about where a request came from buys more tries.
    let forged = |n: u32| {
        let body = code_proof(7_000 + n);
        let row = proof("a forged address", "recorded", body)
            .header("X-Forwarded-For", &format!("203.0.113.{n}, junk, ::1"))
            .header("X-Real-IP", "127.0.0.1");
        if n < 60 {
            row.is(403, "code_unknown")
        } else {
            row.is(429, "too_many_attempts")
        }
    };
    hold(&world, (0..64).map(forged).collect()).await;
    assert_eq!(stored(&world), before);
}

#[tokio::test]
async fn commands_that_are_replayed() {
    let world = World::new().await;
    let grants = [
        world.grant("recorded", 1).await,
        world.grant("recorded", 1).await,
    ];
    let [grant, again] = [grants[0].as_str(), grants[1].as_str()];
    let neighbour = world.grant("recorded", 2).await;
    let once = world.grant("never", 3).await;
    let key = "0a".repeat(16);
    let sent = |why, grant: &str, body: &str| {
        ballot(why, "recorded", grant, body).instead("Idempotency-Key", &key)
    };
    let first = sent("first", grant, BALLOT).send(&world).await;
    assert_eq!(first.status, 201);
    for why in ["sent again", "and again"] {
        let replay = sent(why, grant, BALLOT).send(&world).await;
        assert_eq!(
            (replay.status, replay.body),
            (200, first.body.clone()),
            "{why}"
        );
    }
    let same_elsewhere = sent("with another grant", again, BALLOT).send(&world).await;
    assert_eq!(
        (same_elsewhere.status, same_elsewhere.body),
        (200, first.body)
    );
    let motion = r#"{"choice":{"type":"motion","stance":"yes"}}"#;
    let secret = |household: u32, secret: &str| {
        let body =
            format!(r#"{{"choice":{{"type":"options","options":["a"]}},"secret":"{secret}"}}"#);
        (household, body)
    };
    let mut rows = vec![
        sent("the key of another ballot", grant, OTHER_BALLOT).is(409, "key_reused"),
        sent("the same by another grant", again, OTHER_BALLOT).is(409, "key_reused"),
        sent(
            "a neighbour's key is the neighbour's",
            neighbour.as_str(),
            OTHER_BALLOT,
        )
        .is(201, ""),
        ballot("once", "never", once.as_str(), motion).is(201, ""),
        ballot("twice", "never", once.as_str(), motion).is(409, "already_voted"),
    ];
    let boxed = [
        (secret(1, &"aa".repeat(16)), 201, ""),
        (secret(1, &"bb".repeat(16)), 409, "ballot_secret_lost"),
        (secret(2, &"aa".repeat(16)), 409, "ballot_secret_taken"),
        (secret(2, &"bb".repeat(16)), 201, ""),
    ];
    for ((household, body), status, code) in boxed {
        let grant = world.grant("secret", household).await;
        rows.push(ballot("secrets", "secret", grant.as_str(), body).is(status, code));
    }
    hold(&world, rows).await;
    assert_eq!(stored(&world)[..5], [3, 0, 2, 0, 2]);
}

#[tokio::test]
async fn what_has_expired() {
    let world = World::new().await;
    let mut file = import_file();
    let mut long = file["topics"][0].clone();
    long["id"] = "long".into();
    long["poll"]["id"] = "long".into();
    long["poll"]["closes_at_ms"] = (NOW + 100 * HOUR).into();
    file["topics"].as_array_mut().unwrap().push(long);
    world.service.import_text(&file.to_string()).await.unwrap();
    let (short, long) = (
        world.grant("recorded", 1).await,
        world.grant("long", 1).await,
    );
    let key = "0b".repeat(16);
    let cast =
        ballot("in time", "recorded", short.as_str(), BALLOT).instead("Idempotency-Key", &key);
    let in_time = cast.send(&world).await;
    assert_eq!(in_time.status, 201);
    let before = stored(&world);
    world.clock.set(NOW + 24 * HOUR);
    let replay = cast.send(&world).await;
    assert_eq!(
        (replay.status, replay.body),
        (200, in_time.body),
        "its own receipt, also after closing"
    );
    let standing = |topic: &str, grant: &GrantToken| {
        row(
            "standing",
            "GET",
            &format!("/api/v1/topics/{topic}/standing"),
        )
        .header("Authorization", &format!("Bearer {}", grant.as_str()))
    };
    let rows = vec![
        ballot(
            "another ballot after closing",
            "recorded",
            short.as_str(),
            OTHER_BALLOT,
        )
        .is(409, "closed"),
        proof("a grant after closing", "recorded", code_proof(2)).is(409, "closed"),
        standing("recorded", &short).is(401, "grant_expired"),
        ballot("a grant of yesterday", "long", long.as_str(), BALLOT).is(401, "grant_expired"),
        standing("long", &long).is(401, "grant_expired"),
    ];
    hold(&world, rows).await;
    assert_eq!(stored(&world), before);
    let renewed = world.grant("long", 1).await;
    hold(
        &world,
        vec![ballot("a new grant", "long", renewed.as_str(), BALLOT).is(201, "")],
    )
    .await;
}

#[tokio::test]
async fn pages_of_other_origins() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let mut rows = Vec::new();
    let junk = "https://".to_owned() + &"a".repeat(10_000);
    let origins = [
        EVIL,
        "null",
        "",
        "*",
        "https://www.example.cn/",
        "https://www.example.cn.",
        "江畔",
        &junk,
    ];
    for origin in origins {
        let bearer = format!("Bearer {}", grant.as_str());
        let all = [
            row("read", "GET", "/api/v1/topics/recorded"),
            row("preflight", "OPTIONS", "/api/v1/topics/recorded/ballots"),
            proof("identify", "recorded", code_proof(2)),
            ballot("a grant that leaked", "recorded", grant.as_str(), BALLOT),
            row("standing", "GET", "/api/v1/topics/recorded/standing")
                .header("Authorization", &bearer),
        ];
        rows.extend(all.map(|row| row.header("Origin", origin).is(403, "origin_not_allowed")));
    }
    rows.extend([
        ballot("two origins", "recorded", grant.as_str(), BALLOT)
            .header("Origin", EVIL)
            .header("Origin", HOST)
            .is(403, "origin_not_allowed"),
        row("another community's page", "GET", "/api/v1/topics/hill")
            .header("Origin", HOST)
            .is(403, "origin_not_allowed"),
        proof("a formal poll elsewhere", "formal", code_proof(1))
            .header("Origin", HOST)
            .is(403, "formal_elsewhere"),
        row(
            "preflight of nothing",
            "OPTIONS",
            "/api/v1/topics/absent/ballots",
        )
        .header("Origin", HOST)
        .is(204, ""),
    ]);
    let before = stored(&world);
    hold(&world, rows).await;
    assert_eq!(stored(&world), before);
}

#[tokio::test]
async fn forms_that_no_page_of_ours_sent() {
    let world = World::new().await;
    let own = world.own_origin();
    let form = |why, body: &str| {
        row(why, "POST", "/p/recorded")
            .header("Origin", &own)
            .header("Content-Type", FORM)
            .body(body)
    };
    let (key, check) = ("ab".repeat(16), "cd".repeat(32));
    let fields = format!("key={key}&check={check}&choice=a&code={}", long_code(1));
    let mut rows = vec![
        form("nothing", "").is(422, ""),
        form("not UTF-8", "key=%ff&check=%fe").is(422, ""),
        form("no key", "check=x&choice=a").is(422, ""),
        form("two keys", &format!("key={key}&{fields}")).is(422, ""),
        form(
            "an option no name allows",
            &fields.replace("choice=a", "choice=A+B"),
        )
        .is(422, ""),
        form(
            "more than fits",
            &("x=".to_owned() + &"y".repeat(REQUEST_BYTES_MAX)),
        )
        .is(413, ""),
        form("JSON", BALLOT)
            .instead("Content-Type", JSON)
            .is(415, ""),
        form("no type", &fields)
            .instead("Content-Type", "")
            .is(415, ""),
        form("a check that we did not make", &fields).is(403, ""),
        form("a cookie of somebody else's making", &fields)
            .header("Cookie", &format!("linli-form={}; ;=;;", "ef".repeat(32)))
            .is(403, ""),
        form("a page of another origin", &fields)
            .instead("Origin", EVIL)
            .is(403, ""),
        form("no page", &fields).instead("Origin", "").is(403, ""),
        row("no such topic", "POST", "/p/absent")
            .header("Origin", &own)
            .is(404, ""),
        row("not UTF-8", "GET", "/p/%ff").is(404, ""),
        row("no such method", "PUT", "/p/recorded").is(405, "method_not_allowed"),
        row(
            "a query that is none",
            "GET",
            "/p/recorded?lang=%ff&elder=%zz&&=",
        )
        .is(200, ""),
        row("a cookie that is none", "GET", "/p/recorded")
            .header("Cookie", "linli-form=\u{202e}; linli-form")
            .is(200, ""),
    ];
    for languages in [
        "en;q=NaN, zh;q=inf, ;;;q=-1",
        "\u{202e}",
        &"x,".repeat(10_000),
    ] {
        rows.push(
            row("languages that are none", "GET", "/p/recorded")
                .header("Accept-Language", languages)
                .is(200, ""),
        );
    }
    let before = stored(&world);
    hold(&world, rows).await;
    assert_eq!(stored(&world), before);
}
