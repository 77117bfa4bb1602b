//! What operators set and watch: limits by client, figures, the way to the database.

use crate::world::*;
use linli_cluster::Cluster;
use linli_model::*;
use linli_server::config::DatabaseUrl;
use linli_server::store::postgres;

fn ask<'a>(path: &'a str, headers: &'a [(&'a str, &'a str)]) -> Request<'a> {
    Request {
        method: "GET",
        path,
        headers,
        body: b"",
    }
}

const TOPIC: &str = "/api/v1/topics/recorded";

#[tokio::test]
async fn a_client_that_asks_too_often_is_refused_for_a_while() {
    let world = World::with(|config| config.requests_per_minute = 5).await;
    let host = [("Origin", HOST)];
    for _ in 0..5 {
        assert_eq!(world.http(ask(TOPIC, &host)).await.status, 200);
    }
    // Nobody believes a stranger's word about where it comes from.
    let forged = [("Origin", HOST), ("X-Forwarded-For", "203.0.113.9")];
    for headers in [&host[..], &forged[..]] {
        let refused = world.http(ask(TOPIC, headers)).await;
        assert_eq!(refused.status, 429);
        assert_eq!(refused.json()["code"], "too_many_attempts");
        let wait_ms = refused.json()["retry_after_ms"].as_i64().unwrap();
        assert!((1..=12_000).contains(&wait_ms), "{wait_ms}");
        let seconds: i64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=13).contains(&seconds));
        // A page can read why.
        assert_eq!(refused.header("access-control-allow-origin"), "*");
    }
    // All API routes, and none beside.
    assert_eq!(world.get("/api/v1/receipt-keys").await.status, 429);
    assert_eq!(world.get("/health/ready").await.status, 200);
    assert_eq!(world.get("/p/recorded").await.status, 200);
    let preflight = Request {
        method: "OPTIONS",
        ..ask(TOPIC, &host)
    };
    assert_eq!(world.http(preflight).await.status, 204);
}

#[tokio::test]
async fn clients_behind_a_known_proxy_are_counted_apart() {
    let world = World::with(|config| {
        config.requests_per_minute = 2;
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    for (client, expected) in [
        ("203.0.113.1", [200, 200, 429]),
        ("203.0.113.2", [200, 200, 429]),
        ("203.0.113.1, 203.0.113.3", [200, 200, 429]),
    ] {
        for status in expected {
            let headers = [("X-Forwarded-For", client)];
            assert_eq!(
                world.http(ask(TOPIC, &headers)).await.status,
                status,
                "{client}"
            );
        }
    }
}

#[tokio::test]
async fn figures_are_told_apart_and_say_nothing_of_anybody() {
    let world = World::with(|config| {
        config.metrics_listen = Some("127.0.0.1:0".parse().unwrap());
    })
    .await;
    let addr = world.running.as_ref().unwrap().metrics_addr.unwrap();
    let grant = world.grant("recorded", 1).await;
    world
        .cast("recorded", &grant, 1, options(&["a"]), None)
        .await
        .unwrap();
    assert_eq!(world.get(TOPIC).await.status, 200);
    assert_eq!(world.get("/api/v1/topics/nowhere").await.status, 404);
    assert_eq!(world.get("/such/a/secret/address").await.status, 404);
    assert_eq!(world.get("/metrics").await.status, 404, "not for everybody");
    let told = send(addr, ask("/metrics", &[])).await;
    assert_eq!(told.status, 200);
    let text = told.text();
    let route = r#"route="/api/v1/topics/{topic}""#;
    for line in [
        format!(r#"linli_requests_total{{method="GET",{route},status="200",outcome="ok"}} 1"#),
        format!(
            r#"linli_requests_total{{method="GET",{route},status="404",outcome="topic_unknown"}} 1"#
        ),
        format!(r#"linli_request_seconds_count{{method="GET",{route}}} 2"#),
        "linli_store_waiting_max 4096".to_owned(),
    ] {
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
    let commands = text
        .lines()
        .find_map(|line| line.strip_prefix("linli_store_commands_total "));
    // The import, the grant, the ballot.
    assert!(commands.unwrap().parse::<u64>().unwrap() >= 3, "{text}");
    for secret in ["recorded", "nowhere", "secret", "127.0.0.1", &long_code(1)] {
        assert!(!text.contains(secret), "{secret} is in\n{text}");
    }
    assert_eq!(send(addr, ask(TOPIC, &[])).await.status, 404);
}

/// `sslmode` means what PostgreSQL's clients mean by it.
#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_postgresql_is_encrypted_where_the_address_says_so() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_pem();
    let Some(cluster) = Cluster::start_encrypted(&made.cert.pem(), &key) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] =
        [("ours.pem", made.cert), ("theirs.pem", other.cert)].map(|(name, cert)| {
            let path = folder.path().join(name);
            std::fs::write(&path, cert.pem()).unwrap();
            path.display().to_string()
        });
    let name = cluster.database();
    let name = name.rsplit('=').next().unwrap();
    let port = cluster.port().unwrap();
    let url = |host: &str, query: &str| format!("postgresql://linli@{host}:{port}/{name}{query}");
    let verified = url(
        "localhost",
        &format!("?sslmode=verify-full&sslrootcert={ours}"),
    );
    for good in [
        verified.clone(),
        url("localhost", "?sslmode=require"),
        url("127.0.0.1", "?sslmode=require"),
    ] {
        let seen = postgres::inspect(&good).await.expect(&good);
        assert_eq!(seen.setting("tls"), "true", "{good}");
    }
    for (bad, why) in [
        (url("localhost", ""), "the server takes nothing unencrypted"),
        (url("localhost", "?sslmode=disable"), "the same"),
        (
            url("localhost", "?sslmode=verify-full"),
            "the system knows no such certificate",
        ),
        (
            url(
                "localhost",
                &format!("?sslmode=verify-full&sslrootcert={theirs}"),
            ),
            "another certificate vouches for nothing",
        ),
        (
            url(
                "127.0.0.1",
                &format!("?sslmode=verify-full&sslrootcert={ours}"),
            ),
            "the certificate is for another name",
        ),
        (
            url("localhost", "?sslmode=verify-full&sslrootcert=/nowhere.pem"),
            "there is no such file",
        ),
    ] {
        assert!(postgres::inspect(&bad).await.is_err(), "{bad}: {why}");
    }
    // And votes go that way.
    let config = |config: &mut linli_server::Config| {
        config.database_url = Some(DatabaseUrl::new(verified));
    };
    let world = World::with(config).await;
    let grant = world.grant("never", 1).await;
    world
        .cast("never", &grant, 1, motion(Stance::Yes), None)
        .await
        .unwrap();
    let view = world.service.topic(&id("never")).await.unwrap();
    assert_eq!(view.turnout.cast, 1);
}
