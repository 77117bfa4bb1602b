//! The hosted page: the plain form from first look to receipt, and texts that attack.

use crate::world::*;

/// A browser without scripts: fields of the last form, and a cookie.
#[derive(Default)]
pub(crate) struct Browser {
    cookie: Option<String>,
    key: String,
    check: String,
}

impl Browser {
    pub(crate) async fn look(&mut self, world: &World, topic: &str) -> Answer {
        let cookie = self.cookie.clone().unwrap_or_default();
        let headers = [("Cookie", cookie.as_str()), ("Accept-Language", "en")];
        let path = format!("/p/{topic}");
        let page = world
            .http(Request {
                method: "GET",
                path: &path,
                headers: &headers,
                body: b"",
            })
            .await;
        self.keep(&page);
        page
    }

    pub(crate) async fn send(&mut self, world: &World, topic: &str, fields: &str) -> Answer {
        self.send_from(world, topic, fields, &world.own_origin())
            .await
    }

    async fn send_from(
        &mut self,
        world: &World,
        topic: &str,
        fields: &str,
        origin: &str,
    ) -> Answer {
        let body = format!("key={}&check={}&{fields}", self.key, self.check);
        let cookie = self.cookie.clone().unwrap_or_default();
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Accept-Language", "en"),
            ("Origin", origin),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let path = format!("/p/{topic}");
        let page = world
            .http(Request {
                method: "POST",
                path: &path,
                headers: &headers,
                body: body.as_bytes(),
            })
            .await;
        self.keep(&page);
        page
    }

    fn keep(&mut self, page: &Answer) {
        if !page.header("set-cookie").is_empty() {
            self.cookie = page
                .header("set-cookie")
                .split(';')
                .next()
                .map(str::to_owned);
        }
        let text = page.text();
        if let (Some(key), Some(check)) = (field(&text, "key"), field(&text, "check")) {
            (self.key, self.check) = (key, check);
        }
    }
}

pub(crate) fn field(html: &str, name: &str) -> Option<String> {
    let after = html.split_once(&format!(r#"name="{name}" value=""#))?.1;
    Some(after.split('"').next()?.to_owned())
}

pub(crate) fn receipt_number(html: &str) -> String {
    html.split_once(r#"class="number">"#)
        .unwrap_or_else(|| panic!("no receipt: {html}"))
        .1[..14]
        .to_owned()
}

#[tokio::test]
async fn a_person_without_scripts_votes_looks_again_and_changes() {
    let world = World::new().await;
    let mut browser = Browser::default();
    let page = browser.look(&world, "recorded").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains(r#"<html lang="en""#));
    let code = "code=aaa1+0000+0001";
    let done = browser
        .send(&world, "recorded", &format!("choice=b&{code}"))
        .await;
    assert_eq!(done.status, 201, "{}", done.text());
    let cookie = done.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Strict")
            && cookie.contains("Path=/;")
    );
    let number = receipt_number(&done.text());
    // The page is reloaded: the browser sends the same form again.
    let again = browser
        .send(&world, "recorded", &format!("choice=b&{code}"))
        .await;
    assert_eq!((again.status, receipt_number(&again.text())), (200, number));
    // Another choice asks first, then changes.
    browser.look(&world, "recorded").await;
    let asked = browser
        .send(&world, "recorded", &format!("choice=c&{code}"))
        .await;
    assert_eq!(asked.status, 200);
    assert!(
        asked.text().contains("乙")
            && asked.text().contains("丙")
            && asked.text().contains("confirmed")
    );
    assert_eq!(world.count("ballot_superseded"), 0, "nothing done yet");
    let changed = browser
        .send(&world, "recorded", &format!("choice=c&{code}&confirmed=1"))
        .await;
    assert_eq!(changed.status, 201, "{}", changed.text());
    assert_eq!(
        (world.count("ballot"), world.count("ballot_superseded")),
        (1, 1)
    );
}

#[tokio::test]
async fn a_lost_answer_and_a_second_try_are_one_ballot() {
    let world = World::new().await;
    // The answer, and the cookie with it, never arrives: the same form is sent again.
    for (topic, fields, table) in [
        ("devices", "choice=yes", "ballot"),
        ("secret", "choice=a&code=AAA1-0000-0001", "ballot_box"),
    ] {
        let mut browser = Browser::default();
        browser.look(&world, topic).await;
        let (mut first, mut second) = (
            Browser {
                key: browser.key.clone(),
                check: browser.check.clone(),
                cookie: None,
            },
            Browser {
                key: browser.key,
                check: browser.check,
                cookie: None,
            },
        );
        let one = first.send(&world, topic, fields).await;
        let two = second.send(&world, topic, fields).await;
        assert_eq!(
            (one.status, two.status),
            (201, 200),
            "{topic}: {}",
            two.text()
        );
        assert_eq!(receipt_number(&one.text()), receipt_number(&two.text()));
        assert_eq!(world.count(table), 1, "{topic}");
    }
}

#[tokio::test]
async fn a_secret_ballot_can_be_changed_in_its_own_browser_only() {
    let world = World::new().await;
    let (mut own, mut other) = (Browser::default(), Browser::default());
    own.look(&world, "secret").await;
    let code = "code=AAA1-0000-0001";
    assert_eq!(
        own.send(&world, "secret", &format!("choice=a&choice=b&{code}"))
            .await
            .status,
        201
    );
    other.look(&world, "secret").await;
    let refused = other
        .send(&world, "secret", &format!("choice=c&{code}&confirmed=1"))
        .await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    own.look(&world, "secret").await;
    let changed = own
        .send(&world, "secret", &format!("choice=c&{code}&confirmed=1"))
        .await;
    assert_eq!(changed.status, 201);
    // Another household on the same, borrowed phone has a secret of its own.
    own.look(&world, "secret").await;
    let neighbour = own
        .send(&world, "secret", "choice=a&code=AAA2-0000-0002")
        .await;
    assert_eq!(neighbour.status, 201, "{}", neighbour.text());
    assert_eq!(
        (world.count("ballot_box"), world.count("voted_register")),
        (2, 2)
    );
}

#[tokio::test]
async fn every_refusal_is_a_page_that_says_what_to_do() {
    let world = World::new().await;
    let code = "code=AAA1-0000-0001";
    let cases: [(&str, String, u16, &str); 6] = [
        (
            "recorded",
            code.to_owned(),
            422,
            "Choose at least one option",
        ),
        (
            "recorded",
            "choice=a&code=AAA1-0000-0009".to_owned(),
            403,
            "you can try 4 more times",
        ),
        (
            "recorded",
            "choice=a&code=".to_owned(),
            422,
            "Please enter the voting code",
        ),
        ("upcoming", format!("choice=yes&{code}"), 409, "It opens at"),
        (
            "closed",
            format!("choice=yes&{code}"),
            409,
            "was not counted",
        ),
        (
            "secret",
            format!("choice=a&choice=b&choice=c&{code}"),
            422,
            "at most 2",
        ),
    ];
    for (topic, fields, status, told) in cases {
        let mut browser = Browser::default();
        browser.look(&world, topic).await;
        if browser.key.is_empty() {
            // No form where there is nothing to vote: a stale one is sent.
            browser.look(&world, "recorded").await;
        }
        let page = browser.send(&world, topic, &fields).await;
        let stale = matches!(topic, "upcoming" | "closed");
        let (status, told) = if stale {
            (403, "nothing was cast")
        } else {
            (status, told)
        };
        assert_eq!(page.status, status, "{topic} {fields}: {}", page.text());
        assert!(
            page.text().contains(told),
            "{topic} {fields}: {}",
            page.text()
        );
        assert!(page.header("content-type").starts_with("text/html"));
    }
    let nowhere = Browser::default().look(&world, "absent").await;
    assert_eq!(nowhere.status, 404);
    assert!(nowhere.text().contains("This topic was not found"));
    assert_eq!(world.count("ballot"), 0);
}

#[tokio::test]
async fn a_form_that_is_open_when_the_poll_closes_is_refused_as_closed() {
    let world = World::new().await;
    let mut browser = Browser::default();
    browser.look(&world, "recorded").await;
    world.clock.set(NOW + HOUR);
    let page = browser
        .send(&world, "recorded", "choice=a&code=AAA1-0000-0001")
        .await;
    assert_eq!(page.status, 409);
    assert!(page.text().contains("was not counted"), "{}", page.text());
}

#[tokio::test]
async fn forms_of_other_pages_and_forged_forms_do_nothing() {
    let world = World::new().await;
    let fields = "choice=a&code=AAA1-0000-0001";
    let mut browser = Browser::default();
    browser.look(&world, "recorded").await;
    for origin in ["https://evil.example", "null", HOST, ""] {
        let mut copy = Browser {
            cookie: None,
            key: browser.key.clone(),
            check: browser.check.clone(),
        };
        assert_eq!(
            copy.send_from(&world, "recorded", fields, origin)
                .await
                .status,
            403,
            "{origin}"
        );
    }
    let other_topic = Browser {
        cookie: None,
        key: browser.key.clone(),
        check: browser.check.clone(),
    };
    let mut forged: Vec<(&str, Browser)> = vec![("never", other_topic)];
    forged.push((
        "recorded",
        Browser {
            key: "0".repeat(32),
            check: browser.check.clone(),
            cookie: None,
        },
    ));
    forged.push((
        "recorded",
        Browser {
            key: browser.key.clone(),
            check: "0".repeat(64),
            cookie: None,
        },
    ));
    for (topic, mut browser) in forged {
        let fields = if topic == "never" {
            "choice=yes&code=AAA1-0000-0001"
        } else {
            fields
        };
        assert_eq!(browser.send(&world, topic, fields).await.status, 403);
    }
    let mut junk = Browser {
        key: "x".to_owned(),
        check: browser.check,
        cookie: None,
    };
    assert_eq!(
        junk.send(&world, "recorded", "choice=%ff%fe&&&=")
            .await
            .status,
        422
    );
    assert_eq!((world.count("ballot"), world.count("cast_grant")), (0, 0));
}

#[tokio::test]
async fn texts_that_attack_are_shown_as_text() {
    let world = World::new().await;
    let mut browser = Browser::default();
    let form = browser.look(&world, "hostile").await;
    let receipt = browser.send(&world, "hostile", "choice=a").await;
    assert_eq!(receipt.status, 201, "{}", receipt.text());
    browser.look(&world, "hostile").await;
    let confirm = browser.send(&world, "hostile", "choice=b").await;
    world.clock.set(NOW + HOUR);
    let closed = browser.look(&world, "hostile").await;
    for page in [form, receipt, confirm, closed] {
        let html = page.text();
        for live in [
            "<script>",
            "<img",
            "<svg",
            "onerror=alert(1)>\"",
            "</bdi></p><img",
        ] {
            assert!(!html.contains(live), "{live} is live in {html}");
        }
        assert!(
            !html.contains(['\u{202e}', '\u{2066}', '\u{200b}', '\u{200f}']),
            "{html}"
        );
        assert!(
            html.contains("&lt;script&gt;"),
            "shown as it was written: {html}"
        );
        assert!(
            page.header("content-security-policy")
                .contains("default-src 'none'")
        );
    }
}

#[tokio::test]
async fn language_size_and_frames_are_as_asked() {
    let world = World::new().await;
    let page = world.get("/p/recorded?lang=en&elder=1").await;
    let html = page.text();
    assert!(html.contains(r#"<html lang="en" class="elder">"#), "{html}");
    assert!(
        html.contains("?lang=en\"") && html.contains("lang=zh-Hans&amp;elder=1"),
        "{html}"
    );
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains(&format!("frame-ancestors 'self' {HOST}")),
        "{policy}"
    );
    assert!(
        world
            .get("/p/recorded?lang=%22%3E%3Cscript%3E")
            .await
            .text()
            .contains(r#"<html lang="zh-Hans">"#)
    );
    for (path, kind) in [("/p.css", "text/css"), ("/p.svg", "image/svg+xml")] {
        let file = world.get(path).await;
        assert!(file.header("content-type").starts_with(kind), "{path}");
    }
}
