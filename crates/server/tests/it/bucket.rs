//! Uploads in a bucket: against a server on loopback that checks every signature the way
//! Amazon describes it, apart from the code that signs.

use crate::world::*;
use hmac::{Hmac, KeyInit, Mac};
use image::{DynamicImage, ImageFormat, RgbImage};
use linli_model::upload::UploadPurpose;
use linli_model::{CommunityId, UtcMs};
use linli_server::config::{Hidden, S3Config};
use linli_server::{UploadFailure, Viewer};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+example";
const REGION: &str = "cn-east-3";

#[derive(Default)]
struct Bucket {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    /// So many requests are answered 503 first.
    failures: AtomicU32,
    refused: AtomicU32,
}

impl Bucket {
    async fn start(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let bucket = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let bucket = Arc::clone(&bucket);
                tokio::spawn(async move { bucket.serve(stream).await });
            }
        });
        address
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut read = Vec::new();
        let end = loop {
            if let Some(end) = read.windows(4).position(|w| w == b"\r\n\r\n") {
                break end;
            }
            if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let head = String::from_utf8(read[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let first: Vec<&str> = lines.next().unwrap().split(' ').collect();
        let headers: BTreeMap<String, String> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers
            .get("content-length")
            .map_or(0, |v| v.parse().unwrap());
        while read.len() < end + 4 + length {
            if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let body = &read[end + 4..end + 4 + length];
        let (status, answer) = self.answer(first[0], first[1], &headers, body);
        let head = format!(
            "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            answer.len()
        );
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(&answer).await;
    }

    fn answer(
        &self,
        method: &str,
        path: &str,
        headers: &BTreeMap<String, String>,
        body: &[u8],
    ) -> (u16, Vec<u8>) {
        if !is_signed(method, path, headers, body) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return (
                403,
                b"<Error><Code>SignatureDoesNotMatch</Code></Error>".to_vec(),
            );
        }
        let failing = |left: u32| left.checked_sub(1);
        if self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, failing)
            .is_ok()
        {
            return (503, b"SlowDown".to_vec());
        }
        let mut objects = self.objects.lock().unwrap();
        match method {
            "PUT" => {
                objects.insert(path.to_owned(), body.to_vec());
                (200, Vec::new())
            }
            "GET" => match objects.get(path) {
                Some(object) => (200, object.clone()),
                None => (404, b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
            },
            "DELETE" => {
                objects.remove(path);
                (204, Vec::new())
            }
            _ => (405, Vec::new()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// "Signature Version 4": every step of the documentation, from what was received.
fn is_signed(method: &str, path: &str, headers: &BTreeMap<String, String>, body: &[u8]) -> bool {
    let authorization = &headers["authorization"];
    let part = |name: &str| {
        let rest = authorization.split_once(&format!("{name}=")).unwrap().1;
        rest.split(',').next().unwrap().trim().to_owned()
    };
    let (credential, names, signature) =
        (part("Credential"), part("SignedHeaders"), part("Signature"));
    let (access_key, scope) = credential.split_once('/').unwrap();
    let payload = hex(&Sha256::digest(body));
    let at = &headers["x-amz-date"];
    if access_key != "linli" || headers["x-amz-content-sha256"] != payload {
        return false;
    }
    let signed: String = names
        .split(';')
        .map(|name| format!("{name}:{}\n", headers[name]))
        .collect();
    let canonical = [method, path, "", &signed, &names, &payload].join("\n");
    let text = [
        "AWS4-HMAC-SHA256",
        at,
        scope,
        &hex(&Sha256::digest(canonical)),
    ]
    .join("\n");
    let mut key = keyed(format!("AWS4{SECRET}").as_bytes(), &at[..8]);
    for part in [REGION, "s3", "aws4_request"] {
        key = keyed(&key, part);
    }
    hex(&keyed(&key, &text)) == signature
}

async fn world_on(address: String, secret: &str) -> World {
    World::with(|config| {
        config.uploads_s3 = Some(S3Config {
            endpoint: address,
            bucket: "uploads".to_owned(),
            region: REGION.to_owned(),
            prefix: "linli/test".to_owned(),
            path_style: true,
            access_key: "linli".to_owned(),
            secret_key: Hidden::new(secret),
        });
    })
    .await
}

fn picture() -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(RgbImage::new(30, 20));
    picture.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_lie_in_a_bucket_and_requests_are_signed() {
    let bucket = Arc::new(Bucket::default());
    let world = world_on(bucket.start().await, SECRET).await;
    let community = CommunityId::parse("jiangpan").unwrap();
    // What passes is tried again.
    bucket.failures.store(2, Ordering::SeqCst);
    let put =
        world
            .service
            .put_upload(&community, "staff:a", UploadPurpose::Photo, None, picture());
    let kept = put.await.unwrap();
    {
        let objects = bucket.objects.lock().unwrap();
        assert!(!objects.is_empty());
        for (path, bytes) in objects.iter() {
            let hash = hex(&Sha256::digest(bytes));
            assert_eq!(
                path,
                &format!("/uploads/linli/test/jiangpan/{}/{}", &hash[..2], &hash[2..])
            );
        }
    }
    let seen = world.get(&kept.address).await;
    assert_eq!((seen.status, seen.body.len() as u64), (200, kept.bytes));
    world
        .service
        .delete_upload(&community, &kept.id, None)
        .await
        .unwrap();
    let later: UtcMs = NOW + 2 * HOUR;
    world.clock.set(later);
    world.service.sweep_uploads().await.unwrap();
    assert!(bucket.objects.lock().unwrap().is_empty());
    assert_eq!(bucket.refused.load(Ordering::SeqCst), 0);
    assert!(!world.config.uploads().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_refuses_is_a_fault_and_keeps_nothing() {
    let bucket = Arc::new(Bucket::default());
    let world = world_on(bucket.start().await, "another secret").await;
    let community = CommunityId::parse("jiangpan").unwrap();
    let put =
        world
            .service
            .put_upload(&community, "staff:a", UploadPurpose::Photo, None, picture());
    match put.await {
        Err(UploadFailure::Fault(detail)) => {
            assert!(
                detail.contains("403") && !detail.contains("another secret"),
                "{detail}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.count("upload"), 0);
    // Other bytes than those that were put are not handed out.
    let bucket = Arc::new(Bucket::default());
    let world = world_on(bucket.start().await, SECRET).await;
    let put =
        world
            .service
            .put_upload(&community, "staff:a", UploadPurpose::Photo, None, picture());
    let kept = put.await.unwrap();
    for object in bucket.objects.lock().unwrap().values_mut() {
        object.push(0);
    }
    let seen = world
        .service
        .upload(&community, &kept.id, &Viewer::Anyone, false)
        .await;
    assert!(seen.is_err());
    assert!(!format!("{:?}", world.config).contains(SECRET));
}
