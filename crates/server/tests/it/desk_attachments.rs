//! What a topic is shown with: who may add it, what is refused, who sees it and when, and
//! what becomes of its bytes.

use crate::desk_world::*;
use crate::world::*;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use linli_model::desk::Attachment;
use linli_model::upload::UploadPurpose;
use serde_json::{Value, json};
use std::io::Cursor;

const ALT: &str = "东侧空地，摄于九月";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj <</Type/Catalog>> endobj\n%%EOF\n";

fn picture(shade: u8) -> Vec<u8> {
    let pixels = RgbImage::from_fn(1_000, 500, |x, _| Rgb([shade, (x / 4) as u8, 40]));
    let mut out = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(pixels);
    picture.write_to(&mut out, ImageFormat::Jpeg).unwrap();
    out.into_inner()
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn send(
    world: &World,
    member: &Member,
    (topic, alt): (&str, &str),
    key: &str,
    body: &[u8],
) -> Answer {
    let rest = format!("polls/{topic}/attachments?alt={}", escaped(alt));
    let bearer = format!("Bearer {}", member.token);
    world
        .http(Request {
            method: "POST",
            path: &path(member.community, &rest),
            headers: &[("Idempotency-Key", key), ("Authorization", &bearer)],
            body,
        })
        .await
}

async fn add(world: &World, member: &Member, topic: &str, body: &[u8]) -> Attachment {
    let answer = send(world, member, (topic, ALT), &fresh_key(), body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    serde_json::from_value(answer.json()).unwrap()
}

async fn remove(world: &World, member: &Member, topic: &str, upload: &str) -> Answer {
    let to = path(
        member.community,
        &format!("polls/{topic}/attachments/{upload}"),
    );
    world.ask("DELETE", &to, Some(&member.token), None).await
}

async fn listed(world: &World, member: &Member, topic: &str) -> Vec<Attachment> {
    let rest = format!("polls/{topic}/attachments");
    serde_json::from_value(world.seen(member, &rest).await).unwrap()
}

fn invalid(path: &str, fault: &str) -> Value {
    json!({ "code": "invalid", "path": path, "fault": fault })
}

#[tokio::test(flavor = "multi_thread")]
async fn residents_see_a_published_topics_attachments_and_no_drafts() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "zhou").await;
    world.done(&owner, &create(draft("lot", "grid-2"))).await;
    let photo = add(&world, &owner, "lot", &picture(1)).await;
    let paper = add(&world, &owner, "lot", PDF).await;
    let held = listed(&world, &owner, "lot").await;
    let ids: Vec<_> = held.iter().map(|one| &one.upload.id).collect();
    assert_eq!(ids, [&photo.upload.id, &paper.upload.id], "in their order");
    // Staff see them by links that end; without those nobody does.
    let bare = format!("/u/jiangpan/{}", photo.upload.id);
    assert_eq!(world.get(&photo.upload.address).await.status, 200);
    for path in [bare.clone(), format!("{bare}/thumb")] {
        assert_eq!(world.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(world.get("/p/lot").await.status, 404);
    world.done(&owner, &open("lot")).await;
    let page = world.get("/p/lot?lang=en").await;
    let html = page.text();
    let image = format!(
        "<img src=\"{bare}/thumb\" alt=\"{ALT}\" lang=\"zh-Hans\" width=\"400\" \
         height=\"200\" loading=\"lazy\" decoding=\"async\">"
    );
    assert!(html.contains(&image), "{html}");
    assert!(html.contains(&format!("<a href=\"{bare}\">")), "{html}");
    let document = format!("<a href=\"/u/jiangpan/{}\">", paper.upload.id);
    assert!(html.contains(&document), "{html}");
    assert!(html.contains("PDF · 1 KB"), "{html}");
    assert!(!html.contains("signature="), "no link of staff");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("img-src 'self'"), "{policy}");
    let thumb = world.get(&format!("{bare}/thumb")).await;
    assert_eq!(thumb.status, 200);
    let shown = image::load_from_memory(&thumb.body).unwrap();
    assert_eq!(
        (shown.width(), shown.height()),
        (400, 200),
        "as the page said"
    );
    assert_eq!(
        world.get(&bare).await.header("cache-control"),
        "public, max-age=86400, immutable"
    );
    // One more after publishing; one less, and it is gone for everybody at once.
    add(&world, &owner, "lot", &picture(2)).await;
    let removed = remove(&world, &owner, "lot", &photo.upload.id.to_string()).await;
    assert_eq!(removed.status, 200, "{}", removed.text());
    assert_eq!(world.get(&bare).await.status, 404);
    assert_eq!(world.get(&photo.upload.address).await.status, 404);
    assert!(!world.get("/p/lot").await.text().contains(&bare));
    assert_eq!(listed(&world, &owner, "lot").await.len(), 2);
    // A topic without any says nothing of them.
    let plain = world.get("/p/recorded").await.text();
    assert!(!plain.contains("attached"), "{plain}");
    let log = world.seen(&owner, "audit").await.to_string();
    assert_eq!(log.matches("\"add_attachment\"").count(), 3, "{log}");
    assert_eq!(log.matches("\"remove_attachment\"").count(), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_attached_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "zhou").await;
    let posts = json!([{ "role": "moderator", "place": "grid-1" }]);
    let other = world.member(&owner, "sun", posts).await;
    world.done(&owner, &create(draft("lot", "grid-2"))).await;
    let photo = picture(1);
    let long = "字".repeat(201);
    let script = b"%PDF-1.7 1 0 obj <</S/JavaScript>> %%EOF";
    let cases: [(&str, &str, &[u8], u16, Value); 8] = [
        ("lot", "", &photo, 422, invalid("alt", "empty")),
        ("lot", "  ", &photo, 422, invalid("alt", "empty")),
        ("lot", &long, &photo, 422, invalid("alt", "too_long")),
        ("lot", "a\u{0}b", &photo, 422, invalid("alt", "unsupported")),
        ("lot", ALT, b"GIF89a", 422, invalid("file", "unsupported")),
        ("lot", ALT, b"", 422, invalid("file", "unsupported")),
        ("lot", ALT, script, 422, invalid("file", "active")),
        ("none", ALT, &photo, 404, json!({ "code": "unknown" })),
    ];
    for (topic, alt, body, status, refusal) in cases {
        let answer = send(&world, &owner, (topic, alt), &fresh_key(), body).await;
        assert_eq!((answer.status, answer.json()), (status, refusal));
    }
    let denied = send(&world, &other, ("lot", ALT), &fresh_key(), &photo).await;
    assert_eq!(
        (denied.status, denied.json()),
        (403, json!({ "code": "not_permitted", "needs": "polls" }))
    );
    assert_eq!(
        (world.count("topic_attachment"), world.count("upload")),
        (0, 0)
    );
    // What residents sent, staff for something else, or another of the staff for this, is
    // not to be had by its name.
    let here = community("jiangpan");
    let strangers = [
        (format!("staff:{}", owner.id), UploadPurpose::Evidence),
        (format!("staff:{}", other.id), UploadPurpose::Attachment),
        ("voter:h1".to_owned(), UploadPurpose::Personal),
    ];
    for (whose, purpose) in strangers {
        let put = world
            .service
            .put_upload(&here, &whose, purpose, None, photo.clone());
        let upload = put.await.unwrap().id;
        let attach = json!({
            "type": "add_attachment", "topic": "lot", "alt": ALT, "upload": upload,
        });
        assert_eq!(
            world.not_done(&owner, &attach).await,
            json!({ "code": "unknown" })
        );
    }
    let gone = remove(&world, &owner, "lot", "0000000000000000000000000000000a").await;
    assert_eq!(
        (gone.status, gone.json()),
        (404, json!({ "code": "unknown" }))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_adds_one_and_the_thirteenth_is_refused() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "zhou").await;
    world.done(&owner, &create(draft("lot", "grid-2"))).await;
    let (key, photo) = (fresh_key(), picture(0));
    let first = send(&world, &owner, ("lot", ALT), &key, &photo).await;
    let again = send(&world, &owner, ("lot", ALT), &key, &photo).await;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.json()["upload"]["id"], again.json()["upload"]["id"]);
    let reused = send(&world, &owner, ("lot", ALT), &key, &picture(1)).await;
    assert_eq!(
        (reused.status, reused.json()),
        (409, json!({ "code": "key_reused" }))
    );
    let twice = send(&world, &owner, ("lot", ALT), &fresh_key(), &photo).await;
    assert_eq!(twice.json(), invalid("upload", "duplicate"));
    // Eleven more: papers, which cost less to read than pictures.
    for number in 0..11 {
        let paper = [PDF, format!("% {number}\n%%EOF\n").as_bytes()].concat();
        add(&world, &owner, "lot", &paper).await;
    }
    let thirteenth = send(&world, &owner, ("lot", ALT), &fresh_key(), &picture(2)).await;
    assert_eq!(thirteenth.status, 422);
    assert_eq!(thirteenth.json(), invalid("attachments", "too_many"));
    // What was answered is still answered.
    let late = send(&world, &owner, ("lot", ALT), &key, &photo).await;
    assert_eq!(late.status, 200, "{}", late.text());
    assert_eq!(world.count("topic_attachment"), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_stay_while_a_topic_has_them_and_go_after() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "zhou").await;
    for id in ["lot", "shed"] {
        world.done(&owner, &create(draft(id, "grid-2"))).await;
    }
    let one = add(&world, &owner, "lot", &picture(1)).await;
    let same = add(&world, &owner, "shed", &picture(1)).await;
    assert_eq!(one.upload.id, same.upload.id, "one upload of two topics");
    add(&world, &owner, "shed", PDF).await;
    let key = fresh_key();
    let refused = send(&world, &owner, ("lot", ALT), &key, &picture(1)).await;
    assert_eq!(refused.status, 422);
    world.pass(2 * HOUR - 60_000);
    // The session has been quiet for as long as it may be; the sweep asks nobody.
    assert_eq!(world.service.sweep_uploads().await.unwrap(), 0);
    assert_eq!(world.count("upload"), 2);
    let id = one.upload.id.to_string();
    assert_eq!(remove(&world, &owner, "lot", &id).await.status, 200);
    assert_eq!(world.count("upload"), 2, "the other topic has it");
    let thrown = json!({ "type": "delete_topic", "topic": "shed" });
    world.done(&owner, &thrown).await;
    assert_eq!(world.count("topic_attachment"), 0);
    // A picture, its thumbnail, a paper.
    assert_eq!(world.service.sweep_uploads().await.unwrap(), 3);
    assert_eq!((world.count("upload"), world.count("upload_blob")), (0, 0));
}
