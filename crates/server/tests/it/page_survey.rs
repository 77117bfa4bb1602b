//! Surveys on the hosted page, by its forms alone: from the first page to the receipt, and
//! every way in which that can go wrong.

use crate::desk_world::{Member, create, open};
use crate::page::receipt_number;
use crate::world::*;
use linli_server::survey::version_of;
use serde_json::{Value, json};

/// Three pages: a scale that asks why, a matrix and texts, and a page for a few.
fn definition() -> Value {
    json!({
        "title": "物业服务满意度",
        "completedHtml": "<h3>谢谢您，{nick}</h3><script>alert(1)</script>",
        "pages": [
            { "name": "p1", "elements": [
                { "type": "radiogroup", "name": "overall", "title": "总的来说？", "isRequired": true,
                  "choices": [{ "value": 5, "text": "满意" }, { "value": 1, "text": "不满意" }] },
                { "type": "checkbox", "name": "why", "title": "为什么？", "isRequired": true,
                  "visibleIf": "{overall} = 1", "showOtherItem": true, "maxSelectedChoices": 2,
                  "choices": ["慢", "脏", "贵"] },
            ] },
            { "name": "p2", "elements": [
                { "type": "matrix", "name": "parts", "title": "各项", "eachRowRequired": true,
                  "columns": [{ "value": 1, "text": "差" }, { "value": 2, "text": "好" }],
                  "rows": [{ "value": "lift", "text": "电梯" }, { "value": "gate", "text": "门岗" }] },
                { "type": "text", "name": "nick", "title": "怎么称呼您？" },
                { "type": "text", "inputType": "number", "name": "years", "title": "住了几年？", "min": 0, "max": 99 },
                { "type": "comment", "name": "more", "title": "{nick}，还有什么想说的？" },
            ] },
            { "name": "p3", "visibleIf": "{years} > 50", "elements": [
                { "type": "boolean", "name": "old", "title": "您是老住户？" },
                { "type": "rating", "name": "score", "title": "打分", "rateMax": 10 },
            ] },
        ],
    })
}

impl World {
    /// Writes a survey and opens its first round.
    pub(crate) async fn survey(&self, topic: &str, definition: &Value, adjust: Value) -> Member {
        let owner = self.owner("jiangpan", "王芳").await;
        let text = definition.to_string();
        let put = json!({ "type": "put_survey", "survey": {
            "id": "service", "place": "jiangpan", "title": "物业", "rated": "江畔物业",
            "definition": text,
        } });
        self.done(&owner, &put).await;
        let mut poll = json!({
            "id": topic, "nature": "consultation",
            "kind": { "type": "survey", "wave": { "survey": "service", "number": 1, "version": version_of(&text) } },
            "electorate": "households", "credential": "household_code", "secrecy": "recorded",
            "changes": "until_closing", "results": "after_closing",
            "opens_at_ms": NOW - HOUR, "closes_at_ms": NOW + HOUR,
        });
        for (name, value) in adjust.as_object().unwrap() {
            if name == "quotas" {
                poll["kind"]["wave"]["quotas"] = value.clone();
            } else {
                poll[name] = value.clone();
            }
        }
        let draft = json!({
            "id": topic, "place": "jiangpan", "lang": "zh-Hans", "title": "物业怎么样", "summary": "",
            "poll": poll,
        });
        self.done(&owner, &create(draft)).await;
        self.done(&owner, &open(topic)).await;
        owner
    }

    /// What is stored of the only response.
    fn stored(&self, table: &str) -> Value {
        let rows = self.column(&format!("SELECT choice FROM {table}"));
        assert_eq!(rows.len(), 1, "{rows:?}");
        let choice: Value = serde_json::from_str(&rows[0]).unwrap();
        serde_json::from_str(choice["answers"].as_str().unwrap()).unwrap()
    }
}

/// A browser without scripts.
#[derive(Default, Clone)]
pub(crate) struct Browser {
    pub(crate) topic: &'static str,
    pub(crate) query: &'static str,
    cookie: String,
    /// Hidden fields of the last form.
    hidden: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn at(topic: &'static str) -> Self {
        Self {
            topic,
            query: "?lang=en",
            ..Self::default()
        }
    }

    pub(crate) async fn look(&mut self, world: &World) -> Answer {
        let path = format!("/p/{}{}", self.topic, self.query);
        let headers = [("Cookie", self.cookie.as_str())];
        let request = Request {
            method: "GET",
            path: &path,
            headers: &headers,
            body: b"",
        };
        let page = world.http(request).await;
        self.keep(&page);
        page
    }

    /// Presses a button (none: the form's own) of the last form, with these fields.
    pub(crate) async fn press(
        &mut self,
        world: &World,
        button: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let own = self
            .hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let press = (!button.is_empty()).then_some(("press", button));
        let all: Vec<(&str, &str)> = own.chain(fields.iter().copied()).chain(press).collect();
        let body = serde_urlencoded::to_string(all).unwrap();
        let origin = world.own_origin();
        let headers = [
            ("Cookie", self.cookie.as_str()),
            ("Origin", origin.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let path = format!("/p/{}{}", self.topic, self.query);
        let request = Request {
            method: "POST",
            path: &path,
            headers: &headers,
            body: body.as_bytes(),
        };
        let page = world.http(request).await;
        self.keep(&page);
        page
    }

    fn keep(&mut self, page: &Answer) {
        if let Some(cookie) = page
            .header("set-cookie")
            .split(';')
            .next()
            .filter(|one| !one.is_empty())
        {
            self.cookie = cookie.to_owned();
        }
        let text = page.text();
        let inputs = text.split(r#"<input type="hidden" name=""#).skip(1);
        let fields: Vec<(String, String)> = inputs
            .map(|input| {
                let (name, rest) = input.split_once(r#"" value=""#).unwrap();
                (name.to_owned(), unescaped(rest.split('"').next().unwrap()))
            })
            .collect();
        if !fields.is_empty() {
            self.hidden = fields;
        }
    }

    pub(crate) fn hidden(&self, name: &str) -> &str {
        let mut all = self.hidden.iter().filter(|(known, _)| known == name);
        all.next().map_or("", |(_, value)| value)
    }

    fn set(&mut self, name: &str, value: &str) {
        self.hidden.retain(|(known, _)| known != name);
        self.hidden.push((name.to_owned(), value.to_owned()));
    }

    /// Answers the first two pages, up to where all answers are looked over.
    async fn fill(&mut self, world: &World) -> Answer {
        self.look(world).await;
        self.press(world, "next", &[("q/overall", "5")]).await;
        let page = self.press(world, "next", PAGE_2).await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(
            page.text().contains("Please look it over"),
            "{}",
            page.text()
        );
        page
    }
}

const PAGE_2: &[(&str, &str)] = &[
    ("q/parts/lift", "1"),
    ("q/parts/gate", "2"),
    ("q/nick", "老张"),
    ("q/years", "9"),
];
const CODE: &[(&str, &str)] = &[("code", "AAA1-0000-0001")];

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[tokio::test]
async fn a_person_without_scripts_answers_page_by_page() {
    let world = World::new().await;
    world.survey("wave", &definition(), json!({})).await;
    let mut browser = Browser::at("wave");
    let page = browser.look(&world).await;
    assert_eq!(page.status, 200, "{}", page.text());
    for said in [
        "物业怎么样",
        "About: 江畔物业",
        "Page 1 of 2",
        "总的来说？",
        "required",
    ] {
        assert!(page.text().contains(said), "{said}: {}", page.text());
    }
    assert!(!page.text().contains("为什么？"));
    // Nothing chosen: said beside the question and above it, with the way to it.
    let wrong = browser.press(&world, "next", &[]).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text().contains("One question needs another look"),
        "{}",
        wrong.text()
    );
    assert!(wrong.text().contains(r##"href="#q1-in""##) && wrong.text().contains(r#"id="q1-in""#));
    assert!(
        wrong.text().contains(r#"aria-describedby="q1-fault""#),
        "{}",
        wrong.text()
    );
    // A low score asks why, on the same page and without a reproach.
    let why = browser.press(&world, "next", &[("q/overall", "1")]).await;
    assert_eq!(why.status, 200, "{}", why.text());
    assert!(why.text().contains("为什么？") && why.text().contains("bring up more"));
    assert!(!why.text().contains("needs another look"));
    let many = [
        ("q/overall", "1"),
        ("q/why", "慢"),
        ("q/why", "脏"),
        ("q/why", "贵"),
    ];
    let many = browser.press(&world, "next", &many).await;
    assert_eq!(many.status, 422);
    assert!(many.text().contains("at most 2"), "{}", many.text());
    let other = [("q/overall", "1"), ("q/why", "慢"), ("q/why", "other")];
    let other = browser.press(&world, "next", &other).await;
    assert_eq!(other.status, 422);
    assert!(other.text().contains("Please say what"), "{}", other.text());
    let other = [
        ("q/overall", "1"),
        ("q/why", "慢"),
        ("q/why", "other"),
        ("c/why", "吵"),
    ];
    let second = browser.press(&world, "next", &other).await;
    assert_eq!(second.status, 200, "{}", second.text());
    assert!(second.text().contains("Page 2 of 2") && second.text().contains("电梯"));
    // Back and forth without loss, unfinished as the page may be.
    let back = browser
        .press(&world, "back", &[("q/parts/lift", "1"), ("q/nick", "老张")])
        .await;
    assert!(
        back.text().contains("Page 1 of 2") && back.text().contains("吵"),
        "{}",
        back.text()
    );
    let first = [
        ("q/overall", "1"),
        ("q/why", "慢"),
        ("q/why", "other"),
        ("c/why", "吵"),
    ];
    let second = browser.press(&world, "next", &first).await;
    assert!(
        second.text().contains("老张，还有什么想说的？"),
        "piped: {}",
        second.text()
    );
    let rows = browser
        .press(
            &world,
            "next",
            &[
                ("q/parts/lift", "1"),
                ("q/nick", "老张"),
                ("q/years", "120"),
            ],
        )
        .await;
    assert_eq!(rows.status, 422);
    assert!(
        rows.text().contains("every row") && rows.text().contains("between 0 and 99"),
        "{}",
        rows.text()
    );
    // A condition on the next page, met and then not.
    let long = [
        ("q/parts/lift", "1"),
        ("q/parts/gate", "2"),
        ("q/nick", "老张"),
        ("q/years", "60"),
    ];
    let third = browser.press(&world, "next", &long).await;
    assert!(
        third.text().contains("Page 3 of 3") && third.text().contains("3 of 10"),
        "{}",
        third.text()
    );
    browser
        .press(&world, "back", &[("q/old", "1"), ("q/score", "7")])
        .await;
    let review = browser.press(&world, "next", PAGE_2).await;
    let text = review.text();
    for said in ["不满意", "Other (please say): 吵", "电梯", "老张", "9"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("打分"), "{text}");
    let done = browser.press(&world, "send", CODE).await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert!(
        done.text().contains("谢谢您，老张") && !done.text().contains("alert"),
        "{}",
        done.text()
    );
    assert_eq!(
        world.stored("ballot"),
        json!({
            "overall": 1, "why": ["慢", "other"], "why-Comment": "吵", "nick": "老张", "years": 9,
            "parts": { "lift": 1, "gate": 2 },
        }),
        "and nothing of the page that does not show"
    );
    let report = world.check().await;
    assert_eq!(report.faults, Vec::<String>::new());
}

#[tokio::test]
async fn the_last_form_sent_twice_is_one_response() {
    let world = World::new().await;
    world.survey("wave", &definition(), json!({})).await;
    let mut browser = Browser::at("wave");
    browser.fill(&world).await;
    let mut again = browser.clone();
    let one = browser.press(&world, "send", CODE).await;
    let two = again.press(&world, "send", CODE).await;
    assert_eq!((one.status, two.status), (201, 200), "{}", two.text());
    assert_eq!(receipt_number(&one.text()), receipt_number(&two.text()));
    assert_eq!(world.count("ballot"), 1);
}

#[tokio::test]
async fn a_wrong_code_keeps_everything_and_a_change_is_asked_about() {
    let world = World::new().await;
    world.survey("wave", &definition(), json!({})).await;
    let mut browser = Browser::at("wave");
    browser.fill(&world).await;
    let before = browser.hidden("answers").to_owned();
    let wrong = browser
        .press(&world, "send", &[("code", "AAA1-0000-0009")])
        .await;
    assert_eq!(wrong.status, 403);
    assert!(
        wrong.text().contains("you can try 4 more times"),
        "{}",
        wrong.text()
    );
    assert!(wrong.text().contains("AAA1-0000-0009"));
    assert_eq!(browser.hidden("answers"), before);
    let missing = browser.press(&world, "send", &[("code", "")]).await;
    assert_eq!(missing.status, 422, "{}", missing.text());
    assert_eq!(browser.press(&world, "send", CODE).await.status, 201);
    // Later, otherwise: asked first, then replaced; the same again is only told.
    browser.fill(&world).await;
    let same = browser.press(&world, "send", CODE).await;
    assert_eq!(same.status, 200, "{}", same.text());
    assert_eq!(world.count("ballot_superseded"), 0);
    browser.fill(&world).await;
    browser.press(&world, "go/p1", &[]).await;
    browser
        .press(&world, "next", &[("q/overall", "1"), ("q/why", "贵")])
        .await;
    browser
        .press(&world, "next", &[("q/overall", "1"), ("q/why", "贵")])
        .await;
    browser.press(&world, "next", PAGE_2).await;
    let asked = browser.press(&world, "send", CODE).await;
    assert_eq!(asked.status, 200);
    assert!(
        asked.text().contains("already answered") && asked.text().contains("confirmed"),
        "{}",
        asked.text()
    );
    assert_eq!(world.count("ballot_superseded"), 0, "nothing done yet");
    let changed = browser.press(&world, "", &[("confirmed", "1")]).await;
    assert_eq!(changed.status, 201, "{}", changed.text());
    assert_eq!(world.stored("ballot")["why"], json!(["贵"]));
    assert_eq!(world.count("ballot_superseded"), 1);
}

#[tokio::test]
async fn devices_answer_without_a_code_and_tell_the_place_of_their_poster() {
    let world = World::new().await;
    let devices = json!({ "electorate": "devices", "credential": "device", "changes": "never" });
    world.survey("wave", &definition(), devices).await;
    let mut browser = Browser::at("wave");
    browser.query = "?at=grid-2&lang=en";
    let page = browser.look(&world).await;
    assert!(
        page.text().contains("at=grid-2"),
        "the form leads on with it"
    );
    browser.fill(&world).await;
    let done = browser.press(&world, "send", &[]).await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert_eq!(world.column("SELECT area FROM ballot"), ["grid-2"]);
    // Once and for all: another response of the same browser is refused, and kept.
    browser.fill(&world).await;
    browser.press(&world, "go/p1", &[]).await;
    for fields in [&[("q/overall", "1"), ("q/why", "贵")][..]; 2] {
        browser.press(&world, "next", fields).await;
    }
    browser.press(&world, "next", PAGE_2).await;
    let again = browser.press(&world, "send", &[]).await;
    assert_eq!(again.status, 409, "{}", again.text());
    assert!(browser.hidden("answers").contains("贵"));
    assert_eq!(world.count("ballot"), 1);
}

#[tokio::test]
async fn a_secret_survey_is_changed_in_its_own_browser() {
    let world = World::new().await;
    world
        .survey("wave", &definition(), json!({ "secrecy": "secret" }))
        .await;
    let mut browser = Browser::at("wave");
    browser.fill(&world).await;
    assert_eq!(browser.press(&world, "send", CODE).await.status, 201);
    assert_eq!(world.stored("ballot_box")["nick"], "老张");
    browser.fill(&world).await;
    browser.press(&world, "go/p2", &[]).await;
    let fields = [("q/parts/lift", "2"), ("q/parts/gate", "2")];
    browser.press(&world, "next", &fields).await;
    browser.press(&world, "send", CODE).await;
    let changed = browser.press(&world, "", &[("confirmed", "1")]).await;
    assert_eq!(changed.status, 201, "{}", changed.text());
    assert_eq!(
        world.stored("ballot_box"),
        json!({ "overall": 5, "parts": { "lift": 2, "gate": 2 } })
    );
}

#[tokio::test]
async fn a_corrected_definition_lets_people_finish_what_they_began() {
    let world = World::new().await;
    let owner = world.survey("wave", &definition(), json!({})).await;
    let mut early = Browser::at("wave");
    early.fill(&world).await;
    let first = version_of(&definition().to_string());
    let mut corrected = definition();
    corrected["pages"][0]["elements"][0]["title"] = json!("总体怎么样？");
    let text = corrected.to_string();
    let put = json!({ "type": "put_survey", "survey": {
        "id": "service", "place": "jiangpan", "title": "物业", "rated": "江畔物业",
        "definition": text, "based_on": first,
    } });
    world.done(&owner, &put).await;
    let correct = json!({ "type": "correct_wave", "topic": "wave", "version": version_of(&text), "reason": "错字" });
    world.done(&owner, &correct).await;
    world.pass(2_000);
    let mut late = Browser::at("wave");
    assert!(late.look(&world).await.text().contains("总体怎么样？"));
    let page = early.press(&world, "go/p1", &[]).await;
    assert!(
        page.text().contains("总的来说？") && page.text().contains("corrected meanwhile"),
        "{}",
        page.text()
    );
    early.press(&world, "next", &[("q/overall", "5")]).await;
    early.press(&world, "next", PAGE_2).await;
    let done = early.press(&world, "send", CODE).await;
    assert_eq!(done.status, 201, "{}", done.text());
    let rows = world.column("SELECT choice FROM ballot");
    assert!(rows[0].contains(&first), "{}", rows[0]);
    // A version that nobody asked: what fits goes on, and it is said.
    late.press(&world, "next", &[("q/overall", "5")]).await;
    late.set("version", &"0".repeat(64));
    let page = late.press(&world, "next", PAGE_2).await;
    assert_eq!(page.status, 422, "{}", page.text());
    assert!(
        page.text().contains("that still fit are kept"),
        "{}",
        page.text()
    );
    assert!(
        late.hidden("answers").contains("老张"),
        "{}",
        late.hidden("answers")
    );
}

#[tokio::test]
async fn before_after_and_when_full_there_is_no_form() {
    let world = World::new().await;
    let quotas = json!({ "quotas": [{ "max": 1 }], "changes": "never" });
    world.survey("wave", &definition(), quotas).await;
    let mut slow = Browser::at("wave");
    slow.fill(&world).await;
    let mut quick = Browser::at("wave");
    quick.fill(&world).await;
    assert_eq!(quick.press(&world, "send", CODE).await.status, 201);
    let full = slow
        .press(&world, "send", &[("code", "AAA2-0000-0002")])
        .await;
    assert_eq!(full.status, 409, "{}", full.text());
    assert!(
        full.text().contains("Enough answers are in"),
        "{}",
        full.text()
    );
    let page = Browser::at("wave").look(&world).await;
    assert!(
        page.text().contains("Enough answers are in") && !page.text().contains("<form"),
        "{}",
        page.text()
    );
    world.clock.set(NOW + 2 * HOUR);
    let closed = slow
        .press(&world, "send", &[("code", "AAA2-0000-0002")])
        .await;
    assert_eq!(closed.status, 409);
    assert!(
        closed.text().contains("was not counted") && closed.text().contains("/p/wave/report"),
        "{}",
        closed.text()
    );
    let page = Browser::at("wave").look(&world).await;
    assert!(
        page.text().contains("The survey has closed") && !page.text().contains("<form"),
        "{}",
        page.text()
    );
    world.clock.set(NOW - 2 * HOUR);
    let page = Browser::at("wave").look(&world).await;
    assert!(
        page.text().contains("Opens ") && !page.text().contains("<form"),
        "{}",
        page.text()
    );
    assert_eq!(world.count("ballot"), 1);
}

#[tokio::test]
async fn what_is_no_form_of_ours_is_refused_and_does_nothing() {
    let world = World::new().await;
    world.survey("wave", &definition(), json!({})).await;
    let mut browser = Browser::at("wave");
    browser.fill(&world).await;
    // A tampered check, answers that no page would take, and what is no JSON.
    for (name, value, status) in [
        ("check", "0", 403),
        ("answers", r#"{"overall":1}"#, 422),
        (
            "answers",
            r#"{"overall":"x","parts":7,"nick":{"a":[1]}}"#,
            422,
        ),
        ("answers", "[1]", 422),
        ("answers", "{", 422),
        ("seed", "x", 422),
        ("key", "x", 422),
    ] {
        let mut tampered = browser.clone();
        tampered.set(name, value);
        let page = tampered.press(&world, "send", CODE).await;
        assert_eq!(page.status, status, "{name}={value}: {}", page.text());
    }
    let mut unknown = browser.clone();
    unknown.set("page", "no such page");
    assert_eq!(
        unknown
            .press(&world, "next", &[("q/no", "1"), ("q/overall", "77")])
            .await
            .status,
        422
    );
    let huge = "长".repeat(400_000);
    let page = browser
        .clone()
        .press(&world, "stay", &[("c/overall", &huge)])
        .await;
    assert_eq!(page.status, 413, "{}", page.status);
    assert_eq!(world.count("ballot"), 0);
    // Nothing of that hurt the form itself.
    assert_eq!(browser.press(&world, "send", CODE).await.status, 201);
}

#[tokio::test]
async fn answers_stay_through_another_language_and_size_of_type() {
    let world = World::new().await;
    world.survey("wave", &definition(), json!({})).await;
    let mut browser = Browser::at("wave");
    browser.look(&world).await;
    browser.press(&world, "next", &[("q/overall", "5")]).await;
    browser.query = "?lang=zh-Hans&elder=1";
    let page = browser.press(&world, "stay", &[("q/nick", "老张")]).await;
    let text = page.text();
    assert!(
        text.contains("第 2 页，共 2 页") && text.contains(r#"class="elder""#),
        "{text}"
    );
    assert!(text.contains(r#"value="老张""#), "{text}");
    assert!(
        text.contains(r#"formaction="/p/wave?lang=en&amp;elder=1""#),
        "{text}"
    );
}

#[tokio::test]
async fn somebody_of_the_household_fills_in_for_it() {
    let world = World::new().await;
    world.survey("wave", &definition(), json!({})).await;
    let mut browser = Browser::at("wave");
    browser.fill(&world).await;
    let family = [
        ("code", "AAA1-0000-0001"),
        ("behalf", "1"),
        ("relation", "child"),
    ];
    let done = browser.press(&world, "send", &family).await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert_eq!(world.column("SELECT count(*) FROM ballot_on_behalf"), ["1"]);
}

/// A page before all others, questions inside of questions, and an order.
fn nested() -> Value {
    json!({
        "firstPageIsStartPage": true,
        "pages": [
            { "name": "hello", "elements": [
                { "type": "html", "name": "lead", "html": "<p>欢迎<script>alert(1)</script></p>" },
                { "type": "text", "name": "nick", "title": "称呼", "isRequired": true },
            ] },
            { "name": "pets", "elements": [
                { "type": "matrixdynamic", "name": "pets", "title": "宠物", "rowCount": 1, "maxRowCount": 3,
                  "columns": [
                    { "name": "name", "title": "名字", "cellType": "text", "isRequired": true },
                    { "name": "kind", "title": "种类", "cellType": "dropdown", "choices": ["狗", "猫"] },
                  ] },
                { "type": "paneldynamic", "name": "cars", "title": "车辆", "panelCount": 0,
                  "templateElements": [{ "type": "text", "name": "plate", "title": "车牌" }] },
                { "type": "multipletext", "name": "home", "title": "住址",
                  "items": [{ "name": "block", "title": "栋" }, { "name": "floor", "title": "层" }] },
                { "type": "ranking", "name": "order", "title": "排一排", "choices": ["门", "梯", "车"] },
            ] },
        ],
    })
}

#[tokio::test]
async fn questions_inside_questions_and_an_order_are_forms_as_well() {
    let world = World::new().await;
    world.survey("wave", &nested(), json!({})).await;
    let mut browser = Browser::at("wave");
    let first = browser.look(&world).await;
    assert!(
        first.text().contains("欢迎") && !first.text().contains("alert"),
        "{}",
        first.text()
    );
    assert_eq!(browser.press(&world, "next", &[]).await.status, 422);
    let pets = browser.press(&world, "next", &[("q/nick", "老张")]).await;
    assert_eq!(pets.status, 200, "{}", pets.text());
    assert!(
        pets.text().contains("宠物") && pets.text().contains(r#"name="q/pets/0/name""#),
        "{}",
        pets.text()
    );
    assert!(!pets.text().contains(r#"name="q/cars/0/plate""#));
    // Rows and panels come and go by buttons of the form; what was filled in stays.
    let filled = [
        ("q/pets/0/name", "旺财"),
        ("q/pets/0/kind", "狗"),
        ("q/home/0/block", "3"),
    ];
    browser.press(&world, "add/pets", &filled).await;
    let two = [filled[0], filled[1], filled[2], ("q/pets/1/name", "咪咪")];
    browser.press(&world, "add/cars", &two).await;
    let three = [two[0], two[1], two[2], two[3], ("q/cars/0/plate", "浙A1")];
    let page = browser.press(&world, "add/pets", &three).await;
    let text = page.text();
    assert!(
        text.contains(r#"name="q/pets/2/name""#) && text.contains(r#"value="咪咪""#),
        "{text}"
    );
    assert!(!text.contains("add/pets"), "no more than three: {text}");
    let page = browser.press(&world, "remove/0/pets", &three).await;
    let text = page.text();
    assert!(
        !text.contains("旺财") && text.contains(r#"value="咪咪""#),
        "{text}"
    );
    // A row without its name, and an order with a number twice.
    let rest = [
        ("q/pets/0/name", "咪咪"),
        ("q/pets/1/kind", "猫"),
        ("q/cars/0/plate", "浙A1"),
        ("q/home/0/block", "3"),
        ("q/order/门", "1"),
        ("q/order/梯", "1"),
        ("q/order/车", "2"),
    ];
    let wrong = browser.press(&world, "next", &rest).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    assert!(
        wrong.text().contains("a number of its own"),
        "{}",
        wrong.text()
    );
    assert!(
        wrong.text().contains("Please write an answer"),
        "{}",
        wrong.text()
    );
    let rest = [
        ("q/pets/0/name", "咪咪"),
        ("q/pets/1/name", "黑子"),
        ("q/cars/0/plate", "浙A1"),
        ("q/home/0/block", "3"),
        ("q/order/门", "3"),
        ("q/order/梯", "1"),
        ("q/order/车", "2"),
    ];
    let review = browser.press(&world, "next", &rest).await;
    assert_eq!(review.status, 200, "{}", review.text());
    for said in ["黑子", "浙A1", "梯"] {
        assert!(review.text().contains(said), "{said}: {}", review.text());
    }
    let done = browser.press(&world, "send", CODE).await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert_eq!(
        world.stored("ballot"),
        json!({
            "nick": "老张", "pets": [{ "name": "咪咪" }, { "name": "黑子" }], "cars": [{ "plate": "浙A1" }],
            "home": { "block": "3" }, "order": ["梯", "车", "门"],
        })
    );
}

#[tokio::test]
async fn one_question_at_a_time_goes_and_comes_back() {
    let world = World::new().await;
    let mut single = definition();
    single["questionsOnPageMode"] = json!("questionPerPage");
    world.survey("wave", &single, json!({})).await;
    let mut browser = Browser::at("wave");
    let first = browser.look(&world).await;
    assert!(
        first.text().contains("总的来说？") && !first.text().contains("电梯"),
        "{}",
        first.text()
    );
    let second = browser.press(&world, "next", &[("q/overall", "1")]).await;
    assert!(
        second.text().contains("为什么？") && !second.text().contains("总的来说？"),
        "{}",
        second.text()
    );
    let first = browser.press(&world, "back", &[("q/why", "贵")]).await;
    assert!(first.text().contains("总的来说？"), "{}", first.text());
    browser.press(&world, "next", &[("q/overall", "1")]).await;
    for fields in [
        &[("q/why", "贵")][..],
        &[("q/parts/lift", "1"), ("q/parts/gate", "2")],
        &[("q/nick", "老张")],
    ] {
        browser.press(&world, "next", fields).await;
    }
    let wrong = browser.press(&world, "next", &[("q/years", "120")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    assert!(
        wrong.text().contains(r#"value="120""#),
        "what was typed is there to be mended: {}",
        wrong.text()
    );
    browser.press(&world, "next", &[("q/years", "12")]).await;
    let review = browser.press(&world, "next", &[]).await;
    assert!(
        review.text().contains("Please look it over"),
        "{}",
        review.text()
    );
    let done = browser.press(&world, "send", CODE).await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert_eq!(world.stored("ballot")["why"], json!(["贵"]));
}
