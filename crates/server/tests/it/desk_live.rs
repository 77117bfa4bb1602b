//! The stream of changes to a desk that is open.

use crate::desk_world::*;
use crate::world::*;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The end of patience, not a measure.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Listener {
    stream: TcpStream,
    heard: String,
}

impl Listener {
    pub(crate) async fn open(world: &World, path: &str, token: &str, after: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(world.addr).await.unwrap();
        let mut head = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n",
            world.addr
        );
        if let Some(after) = after {
            head.push_str(&format!("Last-Event-ID: {after}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut listener = Self {
            stream,
            heard: String::new(),
        };
        // The first line comes at once, and with it everything from now on.
        listener.until(":\n\n").await;
        listener
    }

    /// Reads until `text` was heard; what came up to its end is then forgotten.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.heard.find(text) {
                let rest = self.heard.split_off(at + text.len());
                return std::mem::replace(&mut self.heard, rest);
            }
            assert!(self.more().await, "it ended before {text}: {}", self.heard);
        }
    }

    /// Reads to the end of the stream.
    async fn end(&mut self) -> &str {
        while self.more().await {}
        &self.heard
    }

    async fn more(&mut self) -> bool {
        let mut bytes = [0; 4_096];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut bytes));
        let Ok(length) = read.await.unwrap() else {
            return false;
        };
        self.heard
            .push_str(std::str::from_utf8(&bytes[..length]).unwrap());
        // The last chunk of a body; the connection stays open behind it.
        length > 0 && !self.heard.ends_with("0\r\n\r\n")
    }
}

fn about(subject: &str, id: &str) -> String {
    format!("data: {{\"subject\":\"{subject}\",\"id\":\"{id}\"}}\n\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_and_ballots_arrive_and_the_stream_ends_with_the_session() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let second = world.owner("jiangpan", "li").await;
    let live = path("jiangpan", "live");
    let mut here = Listener::open(&world, &live, &second.token, None).await;
    world.done(&owner, &create(draft("drying", "grid-1"))).await;
    let heard = here.until(&about("poll", "drying")).await;
    let number = heard.rsplit_once("id: ").unwrap().1;
    let number = number.split_once('\n').unwrap().0.to_owned();
    let grant = world.grant("recorded", 1).await;
    let cast = world.cast("recorded", &grant, 1, options(&["a"]), None);
    cast.await.unwrap();
    here.until(&about("turnout", "recorded")).await;
    world.done(&owner, &close("recorded")).await;
    here.until("\"subject\":\"approval\"").await;
    // Who was cut off hears what came since, and nothing from before.
    let mut again = Listener::open(&world, &live, &owner.token, Some(&number)).await;
    let missed = again.until("\"subject\":\"approval\"").await;
    assert!(!missed.contains("drying"), "{missed}");
    // Who was away for too long is told to look at everything.
    let mut late = Listener::open(&world, &live, &owner.token, Some("9999")).await;
    late.until("{\"subject\":\"all\"}").await;
    let set = json!({ "type": "set_posts", "staff": second.id.to_string(), "posts": [] });
    world.done(&owner, &set).await;
    here.end().await;
    // And by the clock alone.
    world.pass(12 * HOUR);
    again.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_what_one_may_not_see_are_not_told() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let posts = json!([{ "role": "moderator", "place": "grid-2" }]);
    let moderator = world.member(&owner, "chen", posts).await;
    let live = path("jiangpan", "live");
    let mut here = Listener::open(&world, &live, &moderator.token, None).await;
    world
        .done(&owner, &create(draft("elsewhere", "grid-1")))
        .await;
    world.done(&owner, &create(draft("drying", "grid-2"))).await;
    let heard = here.until(&about("poll", "drying")).await;
    assert!(heard.contains("{\"subject\":\"poll\"}"), "{heard}");
    assert!(!heard.contains("elsewhere"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn open_desks_do_not_hold_a_server_up_that_stops() {
    let mut world = World::with(|config| config.drain_timeout_ms = 60_000).await;
    let owner = world.owner("jiangpan", "wang").await;
    let mut here = Listener::open(&world, &path("jiangpan", "live"), &owner.token, None).await;
    let stopped = world.running.take().unwrap().shutdown();
    tokio::time::timeout(PATIENCE / 2, stopped).await.unwrap();
    here.end().await;
}
