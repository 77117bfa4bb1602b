//! Static files: types, precompressed forms, lifetimes, and nothing else of the disk.

use crate::world::*;

async fn world() -> World {
    let world = World::with(|config| {
        let dir = config.data_dir.with_file_name("dist");
        std::fs::create_dir_all(dir.join("v0.1.0/texts")).unwrap();
        std::fs::create_dir_all(dir.join("v1")).unwrap();
        for (name, text) in [
            ("v0.1.0/linli.wasm", "wasm"),
            ("v0.1.0/linli.wasm.br", "brotli"),
            ("v0.1.0/linli.wasm.gz", "gzip"),
            ("v0.1.0/linli.js", "js"),
            ("v0.1.0/texts/zh.json", "[]"),
            ("v1/loader.js", "loader"),
            ("v1/other.js", "x"),
            ("secret.txt", "secret"),
        ] {
            std::fs::write(dir.join(name), text).unwrap();
        }
        config.static_dir = Some(dir);
    });
    world.await
}

#[tokio::test]
async fn files_come_precompressed_with_their_type_and_lifetime() {
    let world = world().await;
    let ask = async |path: &str, accept: &str| {
        let headers = [
            ("Accept-Encoding", accept),
            ("Origin", "https://anyone.example"),
        ];
        world
            .http(Request {
                method: "GET",
                path,
                headers: &headers,
                body: b"",
            })
            .await
    };
    for (accept, encoding, body) in [
        ("br, gzip", "br", "brotli"),
        ("gzip", "gzip", "gzip"),
        ("identity", "", "wasm"),
    ] {
        let file = ask("/v0.1.0/linli.wasm", accept).await;
        assert_eq!(
            (
                file.status,
                file.header("content-encoding"),
                file.text().as_str()
            ),
            (200, encoding, body)
        );
        assert_eq!(file.header("content-type"), "application/wasm");
        assert_eq!(
            file.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(file.header("access-control-allow-origin"), "*");
        assert_eq!(file.header("cross-origin-resource-policy"), "cross-origin");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(
            file.header("vary")
                .to_lowercase()
                .contains("accept-encoding")
        );
    }
    let script = ask("/v0.1.0/linli.js", "br").await;
    assert!(
        script.header("content-type").starts_with("text/javascript"),
        "{script:?}"
    );
    let loader = ask("/v1/loader.js", "br").await;
    assert_eq!(
        (loader.status, loader.header("cache-control")),
        (200, "public, max-age=300")
    );
    assert_eq!(ask("/v0.1.0/texts/zh.json", "br").await.status, 200);
}

#[tokio::test]
async fn nothing_else_is_served() {
    let world = world().await;
    for path in [
        "/secret.txt",
        "/v1/other.js",
        "/v0.1.0/",
        "/v0.1.0",
        "/v0.1.0/absent.js",
        "/v0.1.0/../secret.txt",
        "/v0.1.0/%2e%2e/secret.txt",
        "/v0.1.0/..%2fsecret.txt",
        "/v0.1.0//etc/passwd",
        "/v0.1.0/texts",
        "/v0.1.0/linli.js%00",
        "/../data/receipt-keys.json",
        "/v0.1.0/%5c..%5csecret.txt",
    ] {
        let found = world.get(path).await;
        assert_eq!(
            (found.status, found.json()["code"].as_str()),
            (404, Some("not_found")),
            "{path}: {found:?}"
        );
    }
}

#[tokio::test]
async fn without_a_folder_there_are_no_files_and_no_loader_on_the_page() {
    let bare = World::new().await;
    assert_eq!(bare.get("/v1/loader.js").await.status, 404);
    assert!(!bare.get("/p/recorded").await.text().contains("loader.js"));
    let served = world().await;
    let page = served.get("/p/recorded").await.text();
    assert!(
        page.contains(r#"<script async src="/v1/loader.js"></script>"#),
        "{page}"
    );
    assert!(
        page.contains(r#"<linli-deliberation topic="recorded""#),
        "{page}"
    );
}
