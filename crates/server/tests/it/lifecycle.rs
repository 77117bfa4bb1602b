//! Starting, stopping, keys and what is written to disk.

use crate::world::*;
use linli_model::*;
use linli_server::receipts;
use std::os::unix::fs::PermissionsExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_is_finished_before_the_server_ends() {
    let mut world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let body = br#"{"choice":{"type":"options","options":["a"]}}"#;
    let head = format!(
        "POST /api/v1/topics/recorded/ballots HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Idempotency-Key: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        grant.as_str(),
        key_of(1),
        body.len()
    );
    let mut stream = TcpStream::connect(world.addr).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // The interim answer says that the handler waits for the body: it is under way.
    let mut interim = [0u8; 12];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100");
    let running = world.running.take().unwrap();
    let stopped = tokio::spawn(running.shutdown());
    // New connections are refused from some moment on.
    while TcpStream::connect(world.addr).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(body).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("HTTP/1.1 201 Created"), "{answer}");
    stopped.await.unwrap();
    let wal = world.config.database().with_extension("sqlite-wal");
    assert!(
        std::fs::metadata(&wal).map_or(0, |m| m.len()) == 0,
        "the log was folded in"
    );
    let ballots: i64 = world
        .database()
        .query_row("SELECT count(*) FROM ballot", [], |r| r.get(0))
        .unwrap();
    assert_eq!(ballots, 1);
    let refused = world
        .service
        .cast(
            &id("recorded"),
            &grant,
            key_of(2),
            CastBallot {
                choice: options(&["a"]),
                secret: None,
            },
            CALLER,
        )
        .await;
    assert!(refused.is_err(), "a closed store takes nothing");
}

#[tokio::test]
async fn files_are_private_and_keys_outlive_a_restart() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let reply = world
        .cast("recorded", &grant, 1, options(&["a"]), None)
        .await
        .unwrap()
        .reply;
    let database = world.config.database();
    for path in [
        world.config.receipt_keys(),
        world.config.server_secret(),
        database.with_extension("sqlite-wal"),
        database,
    ] {
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            path.display()
        );
    }
    let world = world.restart().await;
    let keys = world.get("/api/v1/receipt-keys").await;
    let keys: ReceiptKeys = serde_json::from_value(keys.json()).unwrap();
    receipts::verify(&reply.receipt, &keys).unwrap();
    let path = world.config.receipt_keys();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let shared = receipts::Signers::load_or_create(&path).err().unwrap();
    assert!(shared.contains("chmod 600"), "{shared}");
}

#[tokio::test]
async fn a_retired_key_still_answers_for_its_receipts() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let old = world
        .cast("recorded", &grant, 1, options(&["a"]), None)
        .await
        .unwrap()
        .reply;
    let path = world.config.receipt_keys();
    let mut file: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    file["secret_keys"]
        .as_array_mut()
        .unwrap()
        .insert(0, "07".repeat(32).into());
    std::fs::write(&path, file.to_string()).unwrap();
    let world = world.restart().await;
    let again = world
        .cast("recorded", &grant, 1, options(&["a"]), None)
        .await
        .unwrap()
        .reply;
    assert_eq!(again, old, "byte for byte, by the old key");
    let new = world
        .cast("recorded", &grant, 2, options(&["b"]), None)
        .await
        .unwrap()
        .reply;
    assert_ne!(new.receipt.key_id, old.receipt.key_id);
    for reply in [old, new] {
        receipts::verify(&reply.receipt, &world.service.receipt_keys()).unwrap();
    }
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused() {
    let mut world = World::new().await;
    world.running.take().unwrap().shutdown().await;
    world
        .database()
        .pragma_update(None, "user_version", 999)
        .unwrap();
    let started = linli_server::start(world.config.clone()).await;
    assert!(started.err().unwrap().contains("newer version"));
}

#[tokio::test]
async fn health_tells_the_store() {
    let world = World::new().await;
    assert_eq!(world.get("/health/live").await.status, 200);
    assert_eq!(world.get("/health/ready").await.status, 200);
    world.service.close().await.unwrap();
    assert_eq!(world.get("/health/live").await.status, 200);
    let ready = world.get("/health/ready").await;
    assert_eq!(
        (ready.status, ready.json()["code"].as_str()),
        (503, Some("busy"))
    );
    assert!(!ready.header("retry-after").is_empty());
}
