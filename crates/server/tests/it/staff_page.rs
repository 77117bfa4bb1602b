//! The staff's page: what it loads, what it forbids, what it tells nobody.

use crate::world::*;

async fn world() -> World {
    World::with(|config| config.static_dir = Some(config.data_dir.clone())).await
}

#[tokio::test]
async fn the_page_loads_the_desk_and_forbids_everything_else() {
    let world = world().await;
    for path in ["/desk/hill", "/desk/hill/", "/desk/hill/join"] {
        let page = world.get(path).await;
        assert_eq!(page.status, 200, "{path}: {page:?}");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(
            policy.contains("script-src 'self' 'wasm-unsafe-eval'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        let html = page.text();
        for file in ["desk.js", "desk.wasm", "desk.css"] {
            let address = format!("/v{}/{file}", env!("CARGO_PKG_VERSION"));
            assert!(html.contains(&address), "{address}: {html}");
        }
        assert!(
            !html.contains("<script>") && !html.contains("<style"),
            "{html}"
        );
    }
}

#[tokio::test]
async fn the_page_does_not_tell_which_communities_there_are() {
    let world = world().await;
    let known = world.get("/desk/hill").await;
    let unknown = world.get("/desk/no-such-place").await;
    assert_eq!(
        (unknown.status, unknown.text()),
        (known.status, known.text())
    );
    for path in [
        "/desk/A%20b",
        "/desk/%2e%2e",
        "/desk/hill/join/more",
        "/desk/",
    ] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
    let posted = world
        .http(Request {
            method: "POST",
            path: "/desk/hill",
            headers: &[],
            body: b"",
        })
        .await;
    assert_eq!(posted.status, 405);
}

#[tokio::test]
async fn without_the_desks_files_there_is_no_page() {
    assert_eq!(World::new().await.get("/desk/hill").await.status, 404);
}
