//! Uploads: from a resident's grant to bytes under their hash, and away again.

use crate::world::*;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use linli_model::upload::*;
use linli_model::*;
use linli_server::store::UploadRow;
use linli_server::{Failure, UploadFailure, Viewer};
use std::io::Cursor;

const DAY: UtcMs = 24 * HOUR;

fn picture(shade: u8) -> Vec<u8> {
    let pixels = RgbImage::from_fn(120, 80, |x, _| Rgb([shade, x as u8, 40]));
    let mut out = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(pixels);
    picture.write_to(&mut out, ImageFormat::Jpeg).unwrap();
    out.into_inner()
}

fn community() -> CommunityId {
    CommunityId::parse("jiangpan").unwrap()
}

async fn put(
    world: &World,
    owner: &str,
    purpose: UploadPurpose,
    bytes: Vec<u8>,
) -> Result<UploadRef, UploadRefusal> {
    let community = community();
    let put = world
        .service
        .put_upload(&community, owner, purpose, None, bytes);
    put.await.map_err(|failure| match failure {
        UploadFailure::Refused(refusal) => refusal,
        UploadFailure::Fault(detail) => panic!("fault: {detail}"),
    })
}

async fn see(world: &World, id: &UploadId, viewer: Viewer) -> Result<Vec<u8>, Refusal> {
    let file = world.service.upload(&community(), id, &viewer, false).await;
    refusal(file).map(|file| file.bytes)
}

async fn post(world: &World, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    world
        .http(Request {
            method: "POST",
            path,
            headers,
            body,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_uploads_and_everybody_sees_what_is_for_everybody() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let bearer = format!("Bearer {}", grant.as_str());
    let path = "/api/v1/topics/recorded/uploads?purpose=photo";
    let headers = [("Authorization", bearer.as_str()), ("Origin", HOST)];
    let kept = post(&world, path, &headers, &picture(1)).await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    assert_eq!(kept.header("access-control-allow-origin"), HOST);
    let kept: UploadRef = serde_json::from_slice(&kept.body).unwrap();
    assert_eq!((kept.width, kept.height), (Some(120), Some(80)));
    let seen = world.get(&kept.address).await;
    assert_eq!(seen.status, 200);
    assert_eq!(seen.body.len() as u64, kept.bytes);
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "inline"),
        ("cache-control", "public, max-age=86400, immutable"),
        (
            "content-security-policy",
            "default-src 'none'; sandbox; frame-ancestors 'none'",
        ),
    ] {
        assert_eq!(seen.header(name), value, "{name}");
    }
    let etag = seen.header("etag").to_owned();
    let again = Request {
        method: "GET",
        path: &kept.address,
        headers: &[("If-None-Match", &etag)],
        body: b"",
    };
    assert_eq!(world.http(again).await.status, 304);
    let thumb = world.get(kept.thumb.as_deref().unwrap()).await;
    assert_eq!(
        (thumb.status, thumb.header("content-type")),
        (200, "image/jpeg")
    );
    // Once more is the same upload.
    let again = post(&world, path, &headers, &picture(1)).await;
    assert_eq!(again.json()["id"], kept.id.to_string());
    assert_eq!(world.column("SELECT owner FROM upload"), ["voter:h1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_come_in_is_refused_and_leaves_nothing() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let bearer = format!("Bearer {}", grant.as_str());
    let photo = "/api/v1/topics/recorded/uploads?purpose=photo";
    let paper = "/api/v1/topics/recorded/uploads?purpose=evidence";
    let authorized = [("Authorization", bearer.as_str())];
    let pdf = b"%PDF-1.7 1 0 obj <</S/JavaScript>> %%EOF";
    let length = [authorized[0], ("Content-Length", "99999999")];
    let foreign = [authorized[0], ("Origin", "https://elsewhere.example")];
    let cut = &picture(1)[..300];
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [u8], u16, &'a str);
    let cases: Vec<Case<'_>> = vec![
        (photo, &[], b"x", 401, "grant_invalid"),
        (photo, &foreign, b"x", 403, "origin_not_allowed"),
        (photo, &length, b"x", 413, "too_large"),
        (
            photo,
            &authorized,
            b"<svg onload='alert(1)'/>",
            415,
            "upload_type_unsupported",
        ),
        (
            photo,
            &authorized,
            b"GIF89a",
            415,
            "upload_type_unsupported",
        ),
        (photo, &authorized, pdf, 415, "upload_type_unsupported"),
        (paper, &authorized, pdf, 422, "upload_pdf_active"),
        (photo, &authorized, cut, 422, "upload_unreadable"),
        (
            "/api/v1/topics/recorded/uploads",
            &authorized,
            b"x",
            422,
            "malformed",
        ),
        (
            "/api/v1/topics/recorded/uploads?purpose=certificate",
            &authorized,
            b"x",
            422,
            "malformed",
        ),
        (
            "/api/v1/topics/nowhere/uploads?purpose=photo",
            &authorized,
            b"x",
            404,
            "topic_unknown",
        ),
        (
            "/api/v1/topics/never/uploads?purpose=photo",
            &authorized,
            b"x",
            401,
            "grant_invalid",
        ),
    ];
    for (path, headers, body, status, code) in cases {
        let answer = post(&world, path, headers, body).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (status, Some(code)),
            "{path}"
        );
    }
    assert_eq!((world.count("upload"), world.count("upload_blob")), (0, 0));
    for path in [
        "/u/jiangpan/x",
        "/u/jiangpan/00000000000000000000000000000000",
        "/u/JIANG/0/thumb",
    ] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn papers_are_handed_out_for_saving() {
    let world = World::new().await;
    let pdf = b"%PDF-1.7\n1 0 obj <</Type/Catalog>> endobj\n%%EOF\n";
    let kept = put(&world, "staff:a", UploadPurpose::Certificate, pdf.to_vec())
        .await
        .unwrap();
    assert_eq!((kept.thumb, kept.width), (None, None));
    let seen = world.get(&kept.address).await;
    assert_eq!(seen.header("content-type"), "application/pdf");
    assert_eq!(
        seen.header("content-disposition"),
        format!("attachment; filename=\"{}.pdf\"", kept.id)
    );
    assert_eq!(
        world.get(&format!("{}/thumb", kept.address)).await.status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_see_it_is_told_by_its_purpose() {
    let world = World::new().await;
    let owner = || Viewer::Owner("voter:h1".to_owned());
    let other = || Viewer::Owner("voter:h2".to_owned());
    use UploadPurpose::{Evidence, Personal, Photo};
    let cases = [
        (Photo, [true, true, true, true]),
        (Evidence, [false, true, false, true]),
        (Personal, [false, true, false, false]),
    ];
    for (shade, (purpose, expected)) in (1..).zip(cases) {
        let kept = put(&world, "voter:h1", purpose, picture(shade))
            .await
            .unwrap();
        let viewers = [Viewer::Anyone, owner(), other(), Viewer::Staff];
        for (viewer, may) in viewers.into_iter().zip(expected) {
            let seen = see(&world, &kept.id, viewer.clone()).await;
            assert_eq!(seen.is_ok(), may, "{purpose:?} {viewer:?}");
        }
        // The signed address opens it for an hour, and for nothing else.
        let bare = format!("/u/jiangpan/{}", kept.id);
        let is_public = purpose == Photo;
        assert_eq!(
            world.get(&bare).await.status,
            if is_public { 200 } else { 404 }
        );
        assert_eq!(world.get(&kept.address).await.status, 200);
        if !is_public {
            let forged = kept.address.replace("until=18", "until=19");
            assert_eq!(world.get(&forged).await.status, 404);
            world.clock.set(NOW + HOUR);
            assert_eq!(world.get(&kept.address).await.status, 404, "too late");
            world.clock.set(NOW);
        }
    }
    let elsewhere = CommunityId::parse("yunping").unwrap();
    let id = world.column("SELECT upload_id FROM upload").remove(0);
    let id = UploadId::parse(&id).unwrap();
    let found = world
        .service
        .upload(&elsewhere, &id, &Viewer::Staff, false)
        .await;
    assert!(
        matches!(found, Err(Failure::Refused(Refusal::NotFound))),
        "another community"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_stay_as_long_as_somebody_refers_to_them() {
    let world = World::new().await;
    let (photo, bytes) = (UploadPurpose::Photo, picture(7));
    let one = put(&world, "voter:h1", photo, bytes.clone()).await.unwrap();
    let two = put(&world, "voter:h2", photo, bytes).await.unwrap();
    assert_ne!(one.id, two.id);
    assert_eq!(world.count("upload_blob"), 2, "one picture, one thumbnail");
    world.clock.set(NOW + 2 * HOUR);
    assert_eq!(world.service.sweep_uploads().await.unwrap(), 0);
    let delete = |id: UploadId, owner: &'static str| {
        let service = world.service.clone();
        async move { refusal(service.delete_upload(&community(), &id, Some(owner)).await) }
    };
    assert_eq!(
        delete(one.id.clone(), "voter:h2").await,
        Err(Refusal::NotFound),
        "not theirs"
    );
    assert_eq!(delete(one.id.clone(), "voter:h1").await, Ok(()));
    assert_eq!(
        delete(one.id.clone(), "voter:h1").await,
        Err(Refusal::NotFound)
    );
    assert_eq!(world.service.sweep_uploads().await.unwrap(), 0);
    assert!(see(&world, &two.id, Viewer::Anyone).await.is_ok());
    assert_eq!(delete(two.id.clone(), "voter:h2").await, Ok(()));
    assert_eq!(world.service.sweep_uploads().await.unwrap(), 2);
    assert_eq!((world.count("upload"), world.count("upload_blob")), (0, 0));
    assert_eq!(files(&world), 0);
}

/// Files under the folder of uploads.
fn files(world: &World) -> usize {
    fn below(folder: &std::path::Path) -> usize {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return 0;
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .map(|path| if path.is_dir() { below(&path) } else { 1 })
            .sum()
    }
    below(&world.config.uploads())
}

/// The process may end between bytes and row: the bytes go, the person sends again.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_cleared_and_loses_nothing() {
    let world = World::new().await;
    let kept = put(&world, "voter:h1", UploadPurpose::Photo, picture(1))
        .await
        .unwrap();
    let store = world.service.store();
    // As if it had ended right after the bytes of another were written.
    let hash = [9; 32];
    store.note_blobs("jiangpan", vec![hash]).await.unwrap();
    let row = UploadRow {
        community: "jiangpan".to_owned(),
        id: UploadId::from_bytes([1; 16]),
        owner: "voter:h1".to_owned(),
        purpose: UploadPurpose::Photo,
        policy: UploadPolicy::Public,
        media_type: "image/jpeg".to_owned(),
        blob: hash,
        thumb: None,
        bytes: 1,
        size: None,
        created_at_ms: 0,
    };
    world.clock.set(NOW + HOUR);
    assert_eq!(
        world.service.sweep_uploads().await.unwrap(),
        0,
        "an hour is not over"
    );
    world.clock.set(NOW + HOUR + 1);
    // Ends once more, in the middle of the sweep. No other sweep takes what that one
    // claimed, and nobody refers to it, until the claim runs out.
    let claimed = store.claim_blobs(NOW + 1, 10).await.unwrap();
    assert_eq!(claimed.len(), 1);
    let late = store.add_upload(row.clone()).await;
    assert!(matches!(late, Err(Failure::Refused(Refusal::Busy { .. }))));
    let noted = store.note_blobs("jiangpan", vec![hash]).await;
    assert!(matches!(noted, Err(Failure::Refused(Refusal::Busy { .. }))));
    assert_eq!(store.count_unused_blobs(NOW + 1).await.unwrap(), 1);
    assert_eq!(store.claim_blobs(NOW + 1, 10).await.unwrap(), []);
    assert_eq!(world.service.sweep_uploads().await.unwrap(), 0);
    world.clock.set(NOW + 2 * HOUR + 1);
    assert_eq!(world.service.sweep_uploads().await.unwrap(), 1);
    // The first sweep was only slow: what it forgets now is nobody's any more.
    store.forget_blobs(claimed).await.unwrap();
    assert!(
        store.add_upload(row.clone()).await.is_err(),
        "its bytes are gone"
    );
    store.note_blobs("jiangpan", vec![hash]).await.unwrap();
    assert!(store.add_upload(row).await.is_ok());
    assert!(see(&world, &kept.id, Viewer::Anyone).await.is_ok());
}

/// Many come with the same picture while it is swept away again and again: whoever was
/// told that it is kept finds its bytes. Without the claim this fails.
#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_takes_nothing_that_somebody_just_brought() {
    let world = World::new().await;
    let world = std::sync::Arc::new(world);
    for round in 0..12 {
        world.clock.set(NOW + i64::from(round) * 2 * HOUR);
        let brought: Vec<_> = (0..6)
            .map(|n| {
                let world = world.clone();
                tokio::spawn(async move {
                    let owner = format!("voter:h{n}");
                    put(&world, &owner, UploadPurpose::Photo, picture(3)).await
                })
            })
            .collect();
        let sweeps: Vec<_> = (0..4)
            .map(|_| {
                let world = world.clone();
                tokio::spawn(async move { world.service.sweep_uploads().await.unwrap() })
            })
            .collect();
        for swept in sweeps {
            swept.await.unwrap();
        }
        for kept in brought {
            match kept.await.unwrap() {
                Ok(kept) => {
                    assert!(see(&world, &kept.id, Viewer::Anyone).await.is_ok());
                    let gone = world
                        .service
                        .delete_upload(&community(), &kept.id, None)
                        .await;
                    assert!(gone.is_ok());
                }
                Err(UploadRefusal::Other(Refusal::Busy { .. })) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_has_so_many_uploads_of_one_person() {
    let world = World::new().await;
    let store = world.service.store();
    let charge = |bytes| linli_server::store::UploadCharge {
        community: "jiangpan".to_owned(),
        subjects: vec!["voter:h1".to_owned()],
        bytes,
        uploads_max: UPLOADS_PER_DAY_MAX,
        bytes_max: BYTES_PER_DAY_MAX,
    };
    for _ in 0..UPLOADS_PER_DAY_MAX - 1 {
        store.charge_upload(charge(1)).await.unwrap();
    }
    let too_much = store.charge_upload(charge(BYTES_PER_DAY_MAX)).await;
    assert!(matches!(
        too_much,
        Err(Failure::Refused(Refusal::TooManyAttempts { .. }))
    ));
    let last = put(&world, "voter:h1", UploadPurpose::Photo, picture(1)).await;
    assert!(last.is_ok(), "the last of the day");
    let one_more = put(&world, "voter:h1", UploadPurpose::Photo, picture(2)).await;
    let Err(UploadRefusal::Other(Refusal::TooManyAttempts { retry_after_ms })) = one_more else {
        panic!("{one_more:?}");
    };
    world.clock.set(NOW + retry_after_ms - 1);
    assert!(
        put(&world, "voter:h1", UploadPurpose::Photo, picture(2))
            .await
            .is_err()
    );
    world.clock.set(NOW + retry_after_ms);
    assert!(
        put(&world, "voter:h1", UploadPurpose::Photo, picture(2))
            .await
            .is_ok()
    );
    assert!((1..=DAY).contains(&retry_after_ms));
    assert!(
        put(&world, "voter:h2", UploadPurpose::Photo, picture(2))
            .await
            .is_ok()
    );
}
