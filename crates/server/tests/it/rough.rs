//! Bytes that are no good request: what is not HTTP, bodies that never arrive, good
//! requests with bytes changed. The server answers, with no 5xx and no panic.

use crate::http_table::{BALLOT, FORM, JSON, PANICS, ballot, code_proof, count_panics, proof, row};
use crate::world::*;
use linli_model::limits::REQUEST_BYTES_MAX;
use linli_server::seal;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Writes `bytes` and answers the status of what comes back, 0 for nothing.
async fn raw(world: &World, bytes: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(world.addr).await.unwrap();
    // A server that refuses early may close before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let line = String::from_utf8_lossy(&answer[..answer.len().min(32)]).into_owned();
    line.split(' ')
        .nth(1)
        .map_or(0, |status| status.parse().unwrap())
}

#[tokio::test]
async fn what_is_not_http() {
    let world = World::new().await;
    let post = "POST /api/v1/topics/recorded/grants HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let get = "GET /api/v1/topics/recorded HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    let chunk = format!(
        "{:x}\r\n{}\r\n",
        REQUEST_BYTES_MAX + 1,
        " ".repeat(REQUEST_BYTES_MAX + 1)
    );
    let cases: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), &[400]),
        ("prose", b"good morning\r\n\r\n".to_vec(), &[400]),
        ("HTTP/2: hung up on", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &[0]),
        ("a version that is none", b"GET / HTTP/9.9\r\n\r\n".to_vec(), &[400, 505]),
        ("a header without a colon", format!("{get}nonsense\r\n\r\n").into_bytes(), &[400]),
        ("a zero byte in a header", format!("{get}X: a\0b\r\n\r\n").into_bytes(), &[400]),
        ("a name with a space", format!("{get}X Y: z\r\n\r\n").into_bytes(), &[400]),
        ("a thousand headers", format!("{get}{}\r\n", "X: y\r\n".repeat(1_000)).into_bytes(), &[431]),
        ("a header of a megabyte", format!("{get}X: {}\r\n\r\n", "y".repeat(1 << 20)).into_bytes(), &[431]),
        ("an address too long", format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000)).into_bytes(), &[414]),
        ("a length that is none", format!("{post}Content-Length: many\r\n\r\n").into_bytes(), &[400]),
        ("a negative length", format!("{post}Content-Length: -1\r\n\r\n").into_bytes(), &[400]),
        ("two lengths", format!("{post}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx").into_bytes(), &[400]),
        ("a length beyond counting", format!("{post}Content-Length: 99999999999999999999999\r\n\r\n").into_bytes(), &[400]),
        ("a length far too large, and no body", format!("{post}Content-Length: 1000000000000\r\n\r\n").into_bytes(), &[413]),
        ("chunks that are none", format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n").into_bytes(), &[400]),
        ("chunks larger than fits", format!("{post}Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n").into_bytes(), &[413]),
        ("an encoding nobody knows", format!("{post}Transfer-Encoding: gzip\r\n\r\n").into_bytes(), &[400]),
        ("a length and chunks: chunks win", format!("{post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n").into_bytes(), &[422]),
        ("an absolute address", b"GET http://evil.example/api/v1/receipt-keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(), &[200]),
        ("a tunnel", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(), &[404, 405]),
        ("an asterisk", b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(), &[404, 405]),
    ];
    count_panics();
    let mut wrong = Vec::new();
    for (why, bytes, statuses) in cases {
        let status = raw(&world, &bytes).await;
        if !statuses.contains(&status) {
            wrong.push(format!("{why}: {status}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(world.get("/health/ready").await.status, 200);
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "nothing panicked");
}

#[tokio::test]
async fn bodies_that_never_arrive() {
    let world = World::with(|config| config.request_timeout_ms = 4_000).await;
    count_panics();
    for (path, kind) in [
        ("/api/v1/topics/recorded/grants", JSON),
        ("/p/recorded", FORM),
    ] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nOrigin: {}\r\nContent-Type: {kind}\r\n\
             Content-Length: 100\r\n\r\n{{\"proof\":",
            world.own_origin()
        );
        assert_eq!(raw(&world, head.as_bytes()).await, 408, "{path}");
    }
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "nothing panicked");
}

/// Chance that can be told again.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// Below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    /// Changes up to four places of `text`: another byte, one more, one less, an end.
    pub(crate) fn spoil(&mut self, text: &mut Vec<u8>, allowed: fn(u8) -> bool) {
        for _ in 0..=self.roll(4) {
            let (at, byte) = (
                self.roll(text.len() + 1),
                u8::try_from(self.roll(256)).unwrap(),
            );
            match self.roll(5) {
                0 => text.truncate(at),
                1 if at < text.len() => drop(text.remove(at)),
                2 if allowed(byte) => text.insert(at, byte),
                _ if at < text.len() && allowed(byte) => text[at] = byte,
                _ => {}
            }
        }
    }
}

const SPOILED: usize = 600;

/// Good requests with a few bytes changed. Whatever comes of them, it is no 5xx, and the
/// client is answered.
#[tokio::test]
async fn good_requests_with_bytes_changed() {
    let given = std::env::var("LINLI_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from_be_bytes(seal::chance()) | 1);
    println!("LINLI_SEED={seed}");
    let mut dice = Dice(seed);
    let world = World::new().await;
    count_panics();
    let own = world.own_origin();
    let grant = world.grant("recorded", 1).await;
    let bearer = format!("Bearer {}", grant.as_str());
    let good = || {
        [
            proof("", "recorded", code_proof(1)).header("Origin", HOST),
            ballot("", "recorded", grant.as_str(), BALLOT).header("Origin", HOST),
            row("", "GET", "/api/v1/topics/recorded/standing").header("Authorization", &bearer),
            row("", "GET", "/api/v1/topics/recorded").header("If-None-Match", "\"abc\", *"),
            row("", "POST", "/p/recorded?lang=en")
                .header("Origin", &own)
                .header("Cookie", "linli-form=00")
                .header("Content-Type", FORM)
                .body(format!(
                    "key={}&check=00&choice=a&code=AAA1",
                    "ab".repeat(16)
                )),
        ]
    };
    let in_path = |b: u8| b > b' ' && b < 0x7f;
    let in_header = |b: u8| b >= b' ' && b != 0x7f;
    for n in 0..SPOILED {
        let mut rows = good();
        let row = &mut rows[n % 5];
        let mut head = Vec::new();
        let mut path = row.path.clone().into_bytes();
        if dice.roll(3) == 0 {
            dice.spoil(&mut path, in_path);
        }
        let path = if path.first() == Some(&b'/') {
            path
        } else {
            b"/".to_vec()
        };
        head.extend(
            [
                row.method.as_bytes(),
                b" ",
                &path,
                b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n",
            ]
            .concat(),
        );
        for (name, value) in &row.headers {
            let mut value = value.clone().into_bytes();
            if dice.roll(3) == 0 {
                dice.spoil(&mut value, in_header);
            }
            head.extend([name.as_bytes(), b": ", &value, b"\r\n"].concat());
        }
        if dice.roll(3) > 0 {
            dice.spoil(&mut row.body, |_| true);
        }
        head.extend(format!("Content-Length: {}\r\n\r\n", row.body.len()).into_bytes());
        head.extend(&row.body);
        let status = raw(&world, &head).await;
        assert!(
            (200..500).contains(&status),
            "LINLI_SEED={seed}, request {n}: {status}: {}",
            String::from_utf8_lossy(&head)
        );
    }
    assert_eq!(
        PANICS.load(Ordering::SeqCst),
        0,
        "LINLI_SEED={seed}: nothing panicked"
    );
}
