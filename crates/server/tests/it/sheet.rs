//! The printed sheet: what a phone reads off it is what the server knows.

use crate::world::*;
use linli_model::*;
use linli_server::sheet::sheet;
use std::collections::BTreeSet;

/// What a scanner reads in the inline SVG after `from`: its modules are drawn, larger
/// than one pixel each, and given to a reader of another make.
fn scan(svg: &str) -> String {
    const PIXELS: usize = 4;
    let size = svg.split_once("viewBox=\"0 0 ").unwrap().1;
    let size: usize = size.split(' ').next().unwrap().parse().unwrap();
    let path = svg.split_once("d=\"").unwrap().1.split('"').next().unwrap();
    let dark: BTreeSet<(usize, usize)> = path
        .split('M')
        .filter_map(|module| module.split_once('h')?.0.split_once(','))
        .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
        .collect();
    let at = |x: usize, y: usize| match dark.contains(&(x / PIXELS, y / PIXELS)) {
        true => 0,
        false => 255,
    };
    let side = size * PIXELS;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, at);
    let found = image.detect_grids();
    assert_eq!(found.len(), 1);
    found[0].decode().unwrap().1
}

#[tokio::test]
async fn each_slip_opens_the_page_with_its_households_code() {
    let world = World::new().await;
    let place = PlaceId::parse("grid-2").unwrap();
    let community = CommunityId::parse("jiangpan").unwrap();
    let rows = world.service.make_codes(&community, Some(&place)).await;
    let rows = rows.unwrap();
    assert_eq!(rows.len(), 8);
    let topic = world.service.topic(&id("recorded")).await.unwrap().topic;
    for lang in ["zh-Hans", "en"] {
        let page = sheet(&rows, &topic, "https://vote.example.cn", lang).unwrap();
        let slips: Vec<&str> = page.split("<article>").skip(1).collect();
        assert_eq!(slips.len(), rows.len());
        for (slip, row) in slips.iter().zip(&rows) {
            assert!(slip.contains(&row.label) && slip.contains(&row.typed));
            let read = scan(slip);
            let (url, code) = read.split_once("#c=").unwrap();
            assert_eq!(url, "https://vote.example.cn/p/recorded");
            assert!(!page.contains(code), "only the QR has the long code");
            let grant = world.identify("recorded", code).await.unwrap();
            assert_eq!(grant.voter, row.label);
        }
    }
}

#[tokio::test]
async fn a_sheet_runs_nothing_and_loads_nothing() {
    let world = World::new().await;
    let community = CommunityId::parse("jiangpan").unwrap();
    let place = PlaceId::parse("grid-2").unwrap();
    let rows = world.service.make_codes(&community, Some(&place)).await;
    let mut rows = rows.unwrap();
    rows[0].label = "<script>alert(1)</script>\"'&".to_owned();
    rows[0].place_name = "</style><img src=x onerror=alert(1)>".to_owned();
    let hostile = world.service.topic(&id("hostile")).await.unwrap().topic;
    let page = sheet(&rows, &hostile, "https://vote.example.cn", "en").unwrap();
    for bad in ["<script", "<img", "<link", "src=\"", "href=", "url("] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("default-src 'none'"));
    let long = format!("https://{}.example.cn", "a".repeat(4_000));
    assert!(sheet(&rows, &hostile, &long, "en").is_err());
}

/// The page takes the code out of the fragment, and works by typing.
#[tokio::test]
async fn the_page_has_the_script_where_there_is_a_field() {
    let world = World::new().await;
    let script = world.get("/p.js").await;
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert!(script.text().contains("location.hash"));
    for (topic, has) in [("recorded", true), ("devices", false), ("nowhere", false)] {
        let page = world.get(&format!("/p/{topic}")).await.text();
        assert_eq!(page.contains("src=\"/p.js\""), has, "{topic}");
    }
}
