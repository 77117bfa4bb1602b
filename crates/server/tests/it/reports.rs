//! Reports of surveys: figures, what stays hidden wherever one looks, rounds beside each
//! other, what a low score obliges to, tables.

use crate::desk_world::*;
use crate::world::*;
use linli_model::report::{NextStep, PublishedReport, Sampling};
use linli_model::*;
use linli_rules::instruments;
use serde_json::{Value, json};

const DAY: UtcMs = 24 * HOUR;
const AT: &str = "xinyuan";
/// Households of each grid. The fourth answers too little to be shown, the last is too
/// small to be told apart at all.
const GRIDS: [u32; 5] = [80, 70, 60, 14, 6];
const ROWS: [&str; 7] = [
    "cleaning", "guarding", "repairs", "green", "lifts", "parking", "waste",
];

fn definition() -> &'static str {
    instruments::find("property").unwrap().1
}

/// The grid of a household, and how many of it come before it there.
fn seat(household: u32) -> (usize, u32) {
    let mut before = 0;
    for (grid, size) in GRIDS.iter().enumerate() {
        if household <= before + size {
            return (grid, household - before - 1);
        }
        before += size;
    }
    panic!("no such household");
}

fn households() -> impl Iterator<Item = u32> {
    1..=GRIDS.iter().sum()
}

struct Reported {
    world: World,
    owner: Member,
}

impl Reported {
    async fn new() -> Self {
        let world = World::new().await;
        let mut places = vec![json!({ "id": AT, "name": "新园社区" })];
        places.extend((0..GRIDS.len()).map(
            |grid| json!({ "id": format!("g{grid}"), "name": format!("第{}网格", grid + 1), "parent": AT }),
        ));
        let of = |household: u32| {
            json!({ "label": format!("{household} 室"), "place": format!("g{}", seat(household).0),
                "area_csqm": 8_000, "long_code": long_code(5_000 + household) })
        };
        let file = json!({ "communities": [{
            "id": AT, "name": "新园社区", "time_zone": "Asia/Shanghai",
            "origins": ["https://xinyuan.example.cn"], "places": places,
            "households": households().map(of).collect::<Vec<Value>>(),
        }], "topics": [] });
        world.service.import_text(&file.to_string()).await.unwrap();
        let owner = world.owner(AT, "lin").await;
        let survey = json!({ "id": "property", "place": AT, "title": "物业服务满意度",
            "rated": "安居物业公司", "definition": definition(),
            "scoring": scoring() });
        let put = json!({ "type": "put_survey", "survey": survey });
        world.done(&owner, &put).await;
        Self { world, owner }
    }

    /// Opens a round that closes in an hour.
    async fn round(&self, topic: &str, number: u32, poll: Value) {
        let now_ms = linli_server::Clock::now_ms(&*self.world.clock);
        let mut draft = draft(topic, AT);
        draft["title"] = json!("物业服务满意度调查");
        draft["poll"]["opens_at_ms"] = json!(now_ms - HOUR);
        draft["poll"]["closes_at_ms"] = json!(now_ms + HOUR);
        draft["poll"]["kind"] = json!({ "type": "survey", "wave": {
            "survey": "property", "number": number, "version": version() } });
        for (name, value) in poll.as_object().unwrap() {
            draft["poll"][name] = value.clone();
        }
        self.world.done(&self.owner, &create(draft)).await;
        self.world.done(&self.owner, &open(topic)).await;
    }

    async fn respond(&self, topic: &str, household: u32, answers: &Value) {
        let code = long_code(5_000 + household);
        let grant = self.world.identify(topic, &code).await.unwrap().token;
        let choice = Choice::Answers {
            version: version(),
            at: None,
            answers: answers.to_string(),
        };
        let secret = u128::from(household) + 77;
        let topic_now = self.world.service.topic(&id(topic)).await.unwrap().topic;
        let secret = (topic_now.poll.secrecy == Secrecy::Secret).then_some(secret);
        let key = u128::from(household) + 10_000;
        self.world
            .cast(topic, &grant, key, choice, secret)
            .await
            .unwrap();
    }

    /// Everybody but some of the fourth grid answers, discontent or content.
    async fn answered(&self, topic: &str, is_content: bool) {
        for household in households() {
            let (grid, nth) = seat(household);
            if grid != 3 || nth < 7 {
                self.respond(topic, household, &answers(household, is_content))
                    .await;
            }
        }
    }

    /// Lets time pass, after which staff sign in again.
    async fn pass(&mut self, ms: UtcMs) {
        self.world.pass(ms);
        let code = self.world.code(&self.owner.secret);
        let answer = self
            .world
            .sign_in(AT, &self.owner.login, PASSWORD, &code)
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        self.owner.token = answer.json()["token"].as_str().unwrap().to_owned();
    }

    async fn report(&self, topic: &str, lang: &str) -> PublishedReport {
        let path = format!("/api/v1/surveys/{topic}/report?lang={lang}");
        let answer = self.world.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }

    async fn page(&self, topic: &str, query: &str) -> String {
        let answer = self.world.get(&format!("/p/{topic}/report?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        keep(&format!("{topic}-{query}"), &answer.text());
        answer.text()
    }
}

fn version() -> String {
    linli_server::survey::version_of(definition())
}

fn scoring() -> Value {
    let mut scoring = instruments::find("property").unwrap().0.scoring();
    scoring.cross = vec![("answered".into(), "overall".into())];
    serde_json::to_value(scoring).unwrap()
}

fn one_of<'a>(words: &[&'a str], chance: u32) -> &'a str {
    words[chance as usize % words.len()]
}

/// What a household says, always the same.
fn answers(household: u32, is_content: bool) -> Value {
    let (grid, nth) = seat(household);
    let mix = |salt: u32| {
        let mixed = (household + salt * 97).wrapping_mul(2_654_435_761);
        (mixed >> 16) % 10
    };
    let level = |salt: u32| -> u32 {
        let low = if grid == 1 { 5 } else { 3 };
        match (is_content, mix(salt)) {
            (true, x) => [5, 5, 4, 4, 4, 4, 5, 3, 3, 4][x as usize],
            (false, x) if x < low => 2,
            (false, x) => [1, 3, 4, 1, 4, 3, 4, 1, 3, 3][x as usize],
        }
    };
    let overall = if nth == 3 {
        json!("dontknow")
    } else {
        json!(level(1))
    };
    let rows = ROWS.iter().zip(2..).map(|(row, salt)| {
        let value = if mix(salt) == 9 {
            json!("na")
        } else {
            json!(level(salt))
        };
        ((*row).to_owned(), value)
    });
    let mut out = json!({
        "overall": overall, "services": Value::Object(rows.collect()),
        "answered": one_of(&["solved", "partly", "no", "none"], mix(20)),
        "accounts": mix(21) % 4 + 1, "worth": mix(22) % 4 + 1,
        "first": [one_of(&["cleaning", "parking"], mix(23)), one_of(&["repairs", "lifts"], mix(25))],
    });
    if overall.as_u64().is_some_and(|level| level <= 2) {
        out["reasons"] = json!([
            one_of(&["slow", "clean"], mix(24)),
            one_of(&["fees", "manner"], mix(26))
        ]);
    }
    if nth % 3 == 0 {
        out["more"] = json!(format!("{household} 室说：电梯要修一修"));
    }
    out
}

/// Writes a page where somebody wants to look at it.
fn keep(name: &str, html: &str) {
    if let Some(folder) = std::env::var_os("LINLI_KEEP_PAGES") {
        let name = name.replace(['&', '='], "-");
        std::fs::write(
            std::path::Path::new(&folder).join(format!("{name}.html")),
            html,
        )
        .unwrap();
    }
}

fn area<'a>(report: &'a PublishedReport, id: &str) -> Option<&'a report::AreaReport> {
    report.report.areas.iter().find(|area| area.id == id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_low_score_obliges_and_the_next_round_shows_both() {
    let mut reported = Reported::new().await;
    reported.round("first", 1, json!({})).await;
    reported.answered("first", false).await;
    reported.pass(2 * HOUR).await;
    let told = reported.report("first", "zh-Hans").await;
    let report = &told.report;
    assert_eq!((told.wave, told.rated.as_str()), (1, "安居物业公司"));
    assert_eq!(report.sampling, Sampling::Roll);
    assert_eq!(report.responses, Some(223));
    assert_eq!(report.first.next, NextStep::Mend);
    assert!(report.weights.as_ref().unwrap().is_converged);
    assert_eq!(report.questions[0].title, "总的来说，您对物业服务满意吗？");
    assert_eq!(report.questions.len(), 14);
    assert_eq!(report.cross_tables.len(), 1);
    // The fourth grid has seven answers; the fifth has six households, and whoever answered
    // there is nowhere below the whole.
    let grid = area(&told, "g0").unwrap();
    assert_eq!((grid.responses, grid.invited), (Some(80), Some(80)));
    let few = area(&told, "g3").unwrap();
    assert_eq!((few.responses, few.satisfaction), (None, None));
    assert_eq!(few.invited, Some(14));
    assert!(area(&told, "g4").is_none());
    // English of the same; words are the desk's alone.
    assert!(
        reported.report("first", "en").await.report.questions[0]
            .title
            .starts_with("All in all")
    );
    assert!(told.words.is_empty());
    let desk = reported
        .world
        .seen(&reported.owner, "polls/first/report?lang=zh-Hans")
        .await;
    let words = desk["words"][0]["texts"].as_array().unwrap();
    assert!(words.len() > 10, "{words:?}");
    assert_eq!(desk["report"], serde_json::to_value(report).unwrap());
    // Due in fifteen days; then overdue, in public.
    let due = told.obligation.unwrap();
    assert_eq!(due.due_at_ms, NOW + HOUR + 15 * DAY);
    assert!(!due.is_met && !due.is_overdue);
    let surveys = reported.world.seen(&reported.owner, "surveys").await;
    assert_eq!(
        surveys[0]["waves"][0]["obligation"]["is_overdue"],
        json!(false)
    );
    reported.pass(16 * DAY).await;
    assert!(
        reported
            .report("first", "en")
            .await
            .obligation
            .unwrap()
            .is_overdue
    );
    let page = reported.page("first", "lang=zh-Hans").await;
    assert!(page.contains("逾期未公布整改"), "{page}");
    // Late, but it comes.
    let now_ms = linli_server::Clock::now_ms(&*reported.world.clock);
    let action = json!({ "type": "publish_action", "topic": "first", "action": {
        "items": [{ "question": "overall" }, { "question": "services", "row": "lifts" }],
        "what": "更换 3 号楼电梯钢丝绳", "who": "安居物业公司 <李经理>", "due_at_ms": now_ms + 5 * DAY } });
    reported.world.done(&reported.owner, &action).await;
    let told = reported.report("first", "zh-Hans").await;
    assert!(told.obligation.unwrap().is_met);
    assert!(told.actions[0].items[0].then.is_some() && told.actions[0].items[0].now.is_none());
    reported.round("second", 2, json!({})).await;
    reported.answered("second", true).await;
    reported.pass(6 * DAY).await;
    let told = reported.report("second", "zh-Hans").await;
    // Weighted to the roll, where that gives no grid away.
    assert!(told.report.first.satisfaction.unwrap().n_eff.is_some());
    let change = told.report.first.change.unwrap();
    assert!(change.low > 0.0, "{change:?}");
    assert!(told.obligation.is_none());
    assert_eq!(told.waves.len(), 2);
    let item = &told.actions[0].items[0];
    assert!(
        item.now.unwrap().value > item.then.unwrap().value,
        "{item:?}"
    );
    assert!(
        told.actions[0].action.is_overdue,
        "its time is over, nothing was told"
    );
    // The same voters answered both rounds.
    assert!(!told.paired.is_empty());
    assert!(
        told.paired[0].n > 200 && told.paired[0].change.value > 0.0,
        "{:?}",
        told.paired[0]
    );
    let page = reported.page("second", "lang=zh-Hans").await;
    for text in [
        "逾期，没有说明结果",
        "更换 3 号楼电梯钢丝绳",
        "安居物业公司 &lt;李经理&gt;",
        "比上一期高",
        "同一批人，两期对比",
        "历期变化",
        "电梯",
        "第4网格",
        "未公布",
        "Wilson (1927)",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("室说"), "words are not public");
    assert!(!page.contains("<script"), "{page}");
    let english = reported.page("second", "lang=en&elder=1").await;
    assert!(english.contains("What will be mended") && english.contains("class=\"elder\""));
    let poll = reported.world.get("/p/second?lang=en").await.text();
    assert!(poll.contains("/p/second/report?lang=en"), "{poll}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_figures_before_residents_may() {
    let mut reported = Reported::new().await;
    reported.round("late", 1, json!({})).await;
    reported.respond("late", 1, &answers(1, true)).await;
    for path in ["/api/v1/surveys/late/report", "/p/late/report"] {
        assert_eq!(reported.world.get(path).await.status, 404, "{path}");
    }
    let early = reported
        .world
        .look(&reported.owner, "polls/late/report")
        .await;
    assert_eq!(
        (early.status, early.json()["code"].clone()),
        (404, json!("not_found"))
    );
    for name in ["responses", "report", "codebook"] {
        let path = format!("exports/{name}.csv?topic=late");
        assert_eq!(
            reported.world.look(&reported.owner, &path).await.status,
            422,
            "{name}"
        );
    }
    // Closed with one answer: a report that shows no figure, and no table to take away.
    reported.pass(2 * HOUR).await;
    let told = reported.report("late", "zh-Hans").await;
    assert_eq!(told.report.responses, None);
    assert_eq!(told.report.first.satisfaction, None);
    for question in &told.report.questions {
        // That nobody answered in a grid picks nobody out.
        for area in &question.areas {
            assert_eq!(area.met.answered.unwrap_or(0), 0, "{question:?}");
            let counts = area.levels.iter().filter_map(|level| level.count);
            assert_eq!(counts.sum::<u64>(), 0, "{question:?}");
        }
    }
    let page = reported.page("late", "lang=zh-Hans").await;
    assert!(page.contains("回答太少"), "{page}");
    let refused = reported
        .world
        .look(&reported.owner, "exports/responses.csv?topic=late")
        .await;
    assert_eq!(
        refused.json(),
        json!({ "code": "invalid", "path": "topic", "fault": "too_few" })
    );
    // Polls of another kind have none; what nobody knows is not known.
    for (topic, code) in [("recorded", "topic_unknown"), ("nowhere", "topic_unknown")] {
        let answer = reported
            .world
            .get(&format!("/api/v1/surveys/{topic}/report"))
            .await;
        assert_eq!(
            (answer.status, answer.json()["code"].clone()),
            (404, json!(code))
        );
        assert_eq!(
            reported
                .world
                .get(&format!("/p/{topic}/report"))
                .await
                .status,
            404
        );
    }
    assert_eq!(
        reported
            .world
            .look(&reported.owner, "polls/recorded/report")
            .await
            .status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_report_moves_by_ten_answers_at_a_time() {
    let mut reported = Reported::new().await;
    reported
        .round("live", 1, json!({ "results": "live" }))
        .await;
    for household in 1..=12 {
        reported
            .respond("live", household, &answers(household, true))
            .await;
    }
    assert_eq!(
        reported.report("live", "en").await.report.responses,
        Some(12)
    );
    for household in 13..=21 {
        reported
            .respond("live", household, &answers(household, true))
            .await;
    }
    // The difference to what was seen would be the answers of nine people.
    assert_eq!(
        reported.report("live", "en").await.report.responses,
        Some(12)
    );
    reported.respond("live", 22, &answers(22, true)).await;
    assert_eq!(
        reported.report("live", "en").await.report.responses,
        Some(22)
    );
    reported.respond("live", 23, &answers(23, true)).await;
    reported.pass(2 * HOUR).await;
    assert_eq!(
        reported.report("live", "en").await.report.responses,
        Some(23)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_tell_what_the_report_tells_and_nobodys_name() {
    let mut reported = Reported::new().await;
    reported
        .round("box", 1, json!({ "secrecy": "secret" }))
        .await;
    reported.answered("box", false).await;
    reported.pass(2 * HOUR).await;
    let told = reported.report("box", "zh-Hans").await;
    assert!(told.paired.is_empty());
    let taken = reported
        .world
        .look(&reported.owner, "exports/responses.csv?topic=box")
        .await
        .text();
    let lines: Vec<&str> = taken.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 224);
    assert!(
        lines[0].starts_with("area,overall,reasons,"),
        "{}",
        lines[0]
    );
    let of_area = |area: &str| lines.iter().filter(|line| line.starts_with(area)).count();
    assert_eq!(of_area("g0,"), 80);
    assert_eq!(of_area("g3,"), 0, "seven answers");
    assert!(!taken.contains("室,"), "no household: {taken}");
    let read = reported
        .world
        .look(&reported.owner, "exports/responses.json?topic=box")
        .await
        .json();
    assert_eq!(read.as_array().unwrap().len(), 223);
    let overall = read
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["overall"] == 2)
        .count() as u64;
    let level = told.report.questions[0].areas[0]
        .levels
        .iter()
        .find(|level| level.value == "2");
    assert_eq!(level.unwrap().count, Some(overall));
    let book = reported
        .world
        .look(
            &reported.owner,
            "exports/codebook.csv?topic=box&lang=zh-Hans",
        )
        .await
        .text();
    assert!(
        book.contains("services.lifts,") && book.contains(",5,非常满意,5"),
        "{book}"
    );
    assert!(
        reported
            .world
            .look(&reported.owner, "exports/report.xlsx?topic=box")
            .await
            .body
            .starts_with(b"PK")
    );
    hides_the_same(&reported, &told).await;
    let audit = reported
        .world
        .seen(&reported.owner, "audit?search=exported")
        .await
        .to_string();
    assert!(
        audit.contains("responses") && audit.contains("codebook"),
        "{audit}"
    );
    // Who may not export does not.
    let sun = reported
        .world
        .member(&reported.owner, "sun", json!([{ "role": "moderator" }]))
        .await;
    let refused = reported
        .world
        .look(&sun, "exports/responses.csv?topic=box")
        .await;
    assert_eq!(
        refused.json()["code"],
        "not_permitted",
        "{}",
        refused.text()
    );
}

/// Counts that the report hides are in no table and on no page.
async fn hides_the_same(reported: &Reported, told: &PublishedReport) {
    let rows = reported
        .world
        .look(
            &reported.owner,
            "exports/report.json?topic=box&lang=zh-Hans",
        )
        .await
        .json();
    let rows = rows.as_array().unwrap();
    let mut hidden = 0;
    for question in &told.report.questions {
        for (answers, area) in question.areas.iter().zip(&told.report.areas) {
            let own = |part: &str, value: &str| {
                let row = rows.iter().find(|row| {
                    row["part"] == part
                        && row["question"] == question.name.as_str()
                        && row["row"].as_str() == question.row.as_deref()
                        && row["area"] == area.name.as_str()
                        && row["value"] == value
                });
                row.unwrap_or_else(|| panic!("{}: {value}", question.name))["count"].as_u64()
            };
            assert_eq!(own("question", "answered"), answers.met.answered);
            for level in &answers.levels {
                assert_eq!(own("level", &level.value), level.count);
                hidden += usize::from(level.count.is_none());
                assert!(level.count.is_none_or(|n| n == 0 || n >= 10));
            }
        }
    }
    assert!(hidden > 0, "something is hidden in this world");
    let figures = rows.iter().filter(|row| row["figure"].is_number()).count();
    let of_pair = |pair: &report::Pair| {
        usize::from(pair.unweighted.is_some()) + usize::from(pair.weighted.is_some())
    };
    let of_area = |area: &report::AreaAnswers| {
        let levels: usize = area.levels.iter().map(|level| of_pair(&level.share)).sum();
        levels
            + [area.top2, area.bottom2, area.mean, area.score100, area.nps]
                .iter()
                .map(of_pair)
                .sum::<usize>()
    };
    let questions = told.report.questions.iter().flat_map(|one| &one.areas);
    let areas = told.report.areas.iter();
    let of_areas: usize = areas
        .map(|area| {
            usize::from(area.response_rate.is_some()) + usize::from(area.satisfaction.is_some())
        })
        .sum();
    let cross = 3 * told.report.cross_tables.len();
    assert_eq!(
        figures,
        questions.map(of_area).sum::<usize>() + of_areas + cross
    );
    // Every row of a table on the page has as many counts as the report has, no more.
    let page = reported.page("box", "lang=zh-Hans").await;
    let whole = &told.report.questions[0].areas[0];
    for level in &whole.levels {
        let row = format!(">{}</th><td>", level.label);
        let at = page.find(&row).unwrap_or_else(|| panic!("{row}")) + row.len();
        let cell = &page[at..page[at..].find("</td>").unwrap() + at];
        let expected = match level.count {
            Some(count) => count.to_string(),
            None => "<span class=\"muted\">未公布</span>".to_owned(),
        };
        assert_eq!(cell, expected, "{}", level.label);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_link_is_no_sample() {
    let mut reported = Reported::new().await;
    let poll = json!({ "electorate": "devices", "credential": "device" });
    reported.round("open", 1, poll).await;
    for number in 1..=40_u8 {
        let device = DeviceId::from_bytes([number; 16]);
        let proof = Proof::Device { device };
        let grant = refusal(
            reported
                .world
                .service
                .identify(&id("open"), &proof, CALLER)
                .await,
        );
        let at = PlaceId::parse(if number <= 25 { "g0" } else { "g1" }).unwrap();
        let choice = Choice::Answers {
            version: version(),
            at: Some(at),
            answers: answers(u32::from(number), true).to_string(),
        };
        let token = grant.unwrap().token;
        let cast = reported
            .world
            .cast("open", &token, u128::from(number), choice, None);
        cast.await.unwrap();
    }
    reported.pass(2 * HOUR).await;
    let told = reported.report("open", "zh-Hans").await;
    assert_eq!(told.report.sampling, Sampling::OpenLink);
    assert!(told.report.weights.is_none());
    assert_eq!(area(&told, "g0").unwrap().responses, Some(25));
    assert!(told.report.areas.iter().all(|area| area.invited.is_none()));
    let page = reported.page("open", "lang=zh-Hans").await;
    assert!(page.contains("非概率样本"), "{page}");
}
