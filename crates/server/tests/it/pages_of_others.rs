//! Pages of other origins: who may ask, and what a browser is told.

use crate::world::*;

async fn ask(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    world
        .http(Request {
            method,
            path,
            headers,
            body: b"",
        })
        .await
}

#[tokio::test]
async fn a_listed_page_may_read_and_ask_first() {
    let world = World::new().await;
    let read = ask(
        &world,
        "GET",
        "/api/v1/topics/recorded",
        &[("Origin", HOST)],
    )
    .await;
    assert_eq!(
        (read.status, read.header("access-control-allow-origin")),
        (200, HOST)
    );
    assert!(
        read.header("access-control-expose-headers")
            .contains("ETag")
    );
    assert!(read.header("vary").contains("Origin"));
    assert_eq!(read.header("access-control-allow-credentials"), "");
    let before = [
        ("Origin", HOST),
        ("Access-Control-Request-Method", "POST"),
        (
            "Access-Control-Request-Headers",
            "authorization,content-type,idempotency-key",
        ),
    ];
    for part in ["", "/grants", "/ballots", "/standing"] {
        let path = format!("/api/v1/topics/recorded{part}");
        let answer = ask(&world, "OPTIONS", &path, &before).await;
        assert_eq!(
            (answer.status, answer.header("access-control-allow-origin")),
            (204, HOST),
            "{path}"
        );
        for header in [
            "authorization",
            "content-type",
            "idempotency-key",
            "linli-ballot-secret",
            "if-none-match",
        ] {
            assert!(
                answer
                    .header("access-control-allow-headers")
                    .contains(header),
                "{header}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_that_is_not_listed_is_refused_before_anything_happens() {
    let world = World::new().await;
    let origins = [
        "https://evil.example",
        "null",
        "https://www.example.cn.evil.example",
        "http://www.example.cn",
        "https://www.example.cn:8443",
        "https://village.example.cn",
        "HTTPS://WWW.EXAMPLE.CN",
    ];
    for origin in origins {
        let before = [
            ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
        ];
        let asked = ask(
            &world,
            "OPTIONS",
            "/api/v1/topics/recorded/ballots",
            &before,
        )
        .await;
        assert_eq!(
            (asked.status, asked.header("access-control-allow-origin")),
            (403, ""),
            "{origin}"
        );
        let headers = [("Origin", origin), ("Content-Type", "application/json")];
        let body = format!(
            r#"{{"proof":{{"type":"household_code","code":"{}"}}}}"#,
            long_code(1)
        );
        let request = Request {
            method: "POST",
            path: "/api/v1/topics/recorded/grants",
            headers: &headers,
            body: body.as_bytes(),
        };
        let answer = world.http(request).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (403, Some("origin_not_allowed")),
            "{origin}"
        );
        // The refusal is readable, so that the page can tell its visitors.
        let read = ask(
            &world,
            "GET",
            "/api/v1/topics/recorded",
            &[("Origin", origin)],
        )
        .await;
        assert_eq!(
            (read.status, read.header("access-control-allow-origin")),
            (403, "*"),
            "{origin}"
        );
    }
    let grants: i64 = world
        .database()
        .query_row("SELECT count(*) FROM cast_grant", [], |r| r.get(0))
        .unwrap();
    assert_eq!(grants, 0);
    let unknown = ask(&world, "GET", "/api/v1/topics/absent", &[("Origin", HOST)]).await;
    assert_eq!(
        (
            unknown.status,
            unknown.header("access-control-allow-origin")
        ),
        (404, "*")
    );
}

#[tokio::test]
async fn formal_polls_take_place_on_our_own_pages() {
    let world = World::new().await;
    let own = world.own_origin();
    let identify = async |origin: Option<&str>| {
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(origin.map(|origin| ("Origin", origin)));
        let body = format!(
            r#"{{"proof":{{"type":"household_code","code":"{}"}}}}"#,
            long_code(1)
        );
        let request = Request {
            method: "POST",
            path: "/api/v1/topics/formal/grants",
            headers: &headers,
            body: body.as_bytes(),
        };
        world.http(request).await
    };
    for origin in [Some(HOST), None] {
        let refused = identify(origin).await;
        assert_eq!(
            (refused.status, refused.json()["code"].as_str()),
            (403, Some("formal_elsewhere"))
        );
    }
    let grant = identify(Some(&own)).await;
    assert_eq!(grant.status, 201, "{}", grant.text());
    let token = grant.json()["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let cast = async |origin: &str| {
        let headers = [
            ("Origin", origin),
            ("Content-Type", "application/json"),
            ("Authorization", &bearer),
            ("Idempotency-Key", "00000000000000000000000000000001"),
        ];
        let body = br#"{"choice":{"type":"motion","stance":"yes"}}"#;
        world
            .http(Request {
                method: "POST",
                path: "/api/v1/topics/formal/ballots",
                headers: &headers,
                body,
            })
            .await
    };
    assert_eq!(
        cast(HOST).await.json()["code"],
        "formal_elsewhere",
        "a grant that leaked to a host page"
    );
    assert_eq!(cast(&own).await.status, 201);
    // The topic itself may be shown anywhere: with a link to our page.
    assert_eq!(
        ask(&world, "GET", "/api/v1/topics/formal", &[("Origin", HOST)])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect() {
    let world = World::new().await;
    for path in [
        "/api/v1/topics/recorded",
        "/api/v1/receipt-keys",
        "/health/live",
        "/absent",
        "/p/recorded",
        "/p.css",
        "/p.svg",
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!answer.header("referrer-policy").is_empty(), "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors"),
            "{path}"
        );
        assert!(
            !answer
                .header("content-security-policy")
                .contains("unsafe-inline"),
            "{path}"
        );
        assert_eq!(answer.header("set-cookie"), "", "{path}");
    }
}
