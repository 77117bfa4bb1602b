//! Surveys: written, asked in rounds, answered as ballots, corrected, followed up.

use crate::desk_world::*;
use crate::survey_world::{self, *};
use crate::world::*;
use linli_model::wave::SurveyView;
use linli_model::*;
use linli_server::store::surveys::each_response;
use linli_server::survey;
use serde_json::{Value, json};

fn invalid_answers(questions: &[&str]) -> Refusal {
    Refusal::AnswersInvalid {
        questions: questions.iter().map(|name| (*name).to_owned()).collect(),
    }
}

#[tokio::test]
async fn a_survey_is_written_asked_and_answered() {
    let world = World::new().await;
    let (owner, definition) = world.asking("round", json!({ "results": "live" })).await;
    let read = world.get("/api/v1/surveys/round").await;
    assert_eq!(read.status, 200, "{}", read.text());
    let view: SurveyView = serde_json::from_slice(&read.body).unwrap();
    assert_eq!(
        (view.definition.as_str(), view.rated.as_str()),
        (&*definition, "某物业公司")
    );
    assert!(view.actions.is_empty() && view.view.result.is_none());
    let again = Request {
        method: "GET",
        path: "/api/v1/surveys/round",
        headers: &[("If-None-Match", read.header("etag"))],
        body: b"",
    };
    assert_eq!(world.http(again).await.status, 304);
    // One of a grid of 16 households, one of a grid of 8: too few to be told apart.
    let choice = answers(&definition, &json!({ "all": 2, "why": "电梯" }));
    let recorded = world.respond("round", 1, choice.clone()).await.unwrap();
    assert_eq!(recorded.reply.opening.choice, choice);
    let choice = answers(&definition, &json!({ "all": 5 }));
    world.respond("round", 20, choice.clone()).await.unwrap();
    let areas = world.column("SELECT area FROM ballot ORDER BY voter");
    assert_eq!(areas, ["grid-1", "jiangpan"]);
    let topic = world.get("/api/v1/topics/round").await.json();
    assert_eq!(topic["topic"]["poll"]["kind"]["type"], "survey");
    assert_eq!(
        (&topic["turnout"]["cast"], &topic["result"]),
        (&json!(2), &Value::Null)
    );
    // A change keeps the area; an earlier answer of the same key is given again.
    let grant = world.grant("round", 20).await;
    let changed = answers(&definition, &json!({ "all": 4 }));
    world.cast("round", &grant, 1, changed, None).await.unwrap();
    let replay = world
        .cast("round", &grant, 1_020, choice, None)
        .await
        .unwrap();
    assert!(replay.replayed);
    assert_eq!(
        world.column("SELECT area FROM ballot_superseded"),
        ["jiangpan"]
    );
    let stored = world.service.stored(&id("round")).await.unwrap();
    let mut told = Vec::new();
    let shown = each_response(world.service.store(), &stored, |area, choice| {
        let area = area.map(|area| area.as_str().to_owned());
        told.push((area, choice.contains("电梯")));
    });
    assert_eq!(shown.await.unwrap(), 2);
    told.sort();
    let expected = [("grid-1", true), ("jiangpan", false)];
    assert_eq!(
        told,
        expected.map(|(area, has)| (Some(area.to_owned()), has))
    );
    let cards = world.seen(&owner, "surveys").await;
    assert_eq!(cards[0]["waves"][0]["poll"]["turnout"]["cast"], 2);
    assert_eq!(
        (&cards[0]["questions"], &cards[0]["place"]["id"]),
        (&json!(3), &json!("jiangpan"))
    );
    let report = world.check().await;
    assert_eq!((report.ballots, report.faults), (2, Vec::new()));
}

#[tokio::test]
async fn topics_of_another_kind_are_no_surveys_and_surveys_take_no_options() {
    let world = World::new().await;
    let (_, definition) = world.asking("round", json!({})).await;
    for topic in ["recorded", "none"] {
        let read = world.get(&format!("/api/v1/surveys/{topic}")).await;
        assert_eq!(
            (read.status, read.json()["code"].as_str()),
            (404, Some("topic_unknown"))
        );
    }
    let wrong = Err(Refusal::ChoiceInvalid {
        fault: ChoiceFault::WrongKind,
    });
    let told = |result: Result<linli_server::Recorded, Refusal>| result.map(drop);
    assert_eq!(
        told(world.respond("round", 1, options(&["a"])).await),
        wrong
    );
    let choice = answers(&definition, &json!({ "all": 5 }));
    assert_eq!(told(world.respond("recorded", 1, choice).await), wrong);
}

#[tokio::test]
async fn answers_that_do_not_fit_are_refused_by_their_questions() {
    let world = World::new().await;
    let (_, definition) = world.asking("round", json!({})).await;
    let cases = [
        (json!({}), &["all"][..], "needed"),
        (json!({ "all": 5, "why": "x" }), &["why"][..], "invisible"),
        (
            json!({ "all": 5, "cellar": 1 }),
            &["cellar"][..],
            "no question",
        ),
        (json!([]), &[][..], "no object"),
        (json!("all"), &[][..], "no object"),
    ];
    for (given, questions, reason) in cases {
        let refused = world
            .respond("round", 1, answers(&definition, &given))
            .await;
        assert_eq!(
            refused.map(drop),
            Err(invalid_answers(questions)),
            "{reason}"
        );
    }
    for text in ["", "{", "{\"all\":5}{}", "NaN"] {
        let refused = world
            .respond("round", 1, answers_text(&definition, text))
            .await;
        assert_eq!(refused.map(drop), Err(invalid_answers(&[])), "{text}");
    }
    let long = json!({ "all": 1, "why": "长".repeat(400_000) });
    let refused = world.respond("round", 1, answers(&definition, &long)).await;
    let limit_bytes = 1_000_000;
    assert_eq!(refused.map(drop), Err(Refusal::TooLarge { limit_bytes }));
    for version in ["", "x", "\0", &survey::version_of("another")] {
        let choice = Choice::Answers {
            version: version.to_owned(),
            at: None,
            answers: r#"{"all":5}"#.to_owned(),
        };
        let refused = world.respond("round", 1, choice).await;
        assert_eq!(
            refused.map(drop),
            Err(Refusal::VersionUnknown),
            "{version:?}"
        );
    }
    assert_eq!(world.count("ballot"), 0);
    // Whatever its form, the same answers are one command; others are not.
    let spaced = answers_text(&definition, "{ \"all\": 1.0, \"why\": \"\\u77ed\" }");
    let first = world.respond("round", 1, spaced).await.unwrap();
    let plain = answers(&definition, &json!({ "all": 1, "why": "短" }));
    assert_eq!(first.reply.opening.choice, plain);
    let again = world.respond("round", 1, plain.clone()).await.unwrap();
    assert!(again.replayed && again.reply == first.reply);
    let other = answers(&definition, &json!({ "all": 2, "why": "短" }));
    let refused = world.respond("round", 1, other).await;
    assert_eq!(refused.map(drop), Err(Refusal::KeyReused));
}

#[tokio::test]
async fn a_command_is_answered_again_after_closing_and_where_answers_no_longer_fit() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "lin").await;
    // What fits today does not tomorrow.
    let definition = json!({ "elements": [{ "type": "text", "name": "day", "validators": [
        { "type": "expression", "expression": "{day} = today()" }] }] })
    .to_string();
    world
        .done(&owner, &put(&draft_survey("s", &definition)))
        .await;
    let mut draft = round("round", "s", 1, &definition);
    draft["poll"]["closes_at_ms"] = json!(NOW + 48 * HOUR);
    world.done(&owner, &create(draft)).await;
    world.done(&owner, &open("round")).await;
    // 1,800,000,000,000 is 15 January 2027, 16:00 in Shanghai.
    let choice = answers(&definition, &json!({ "day": "2027-01-15" }));
    let grant = world.grant("round", 1).await;
    let first = world
        .cast("round", &grant, 1, choice.clone(), None)
        .await
        .unwrap();
    world.clock.set(NOW + 10 * HOUR);
    let again = world
        .cast("round", &grant, 1, choice.clone(), None)
        .await
        .unwrap();
    assert!(again.replayed && again.reply == first.reply);
    let late = world.cast("round", &grant, 2, choice.clone(), None).await;
    assert_eq!(late.map(drop), Err(invalid_answers(&["day"])));
    world.clock.set(NOW + 48 * HOUR);
    let again = world
        .cast("round", &grant, 1, choice.clone(), None)
        .await
        .unwrap();
    assert!(again.replayed && again.reply == first.reply);
    let late = world.cast("round", &grant, 2, choice, None).await;
    assert!(matches!(late, Err(Refusal::Closed { .. })), "{late:?}");
}

#[tokio::test]
async fn what_a_survey_must_be_is_told_and_nothing_is_lost() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "lin").await;
    let posts = json!([{ "place": "grid-1", "role": "moderator" }]);
    let grid = world.member(&owner, "wang", posts).await;
    let first = definition("一");
    let with = |name: &str, value: Value| {
        let mut draft = draft_survey("s", &first);
        draft[name] = value;
        put(&draft)
    };
    let cases = [
        (
            with("place", json!("nowhere")),
            invalid("survey.place", "unknown"),
        ),
        (with("title", json!(" ")), invalid("survey.title", "empty")),
        (
            with("title", json!("长".repeat(121))),
            invalid("survey.title", "too_long"),
        ),
        (
            with("title", json!("a\0")),
            invalid("survey.title", "unsupported"),
        ),
        (
            with("rated", json!("长".repeat(65))),
            invalid("survey.rated", "too_long"),
        ),
        (with("based_on", json!("x")), json!({ "code": "unknown" })),
        (
            with("scoring", json!({ "headline": "none" })),
            invalid("survey.scoring.headline", "unknown"),
        ),
        (
            with("definition", json!("{")),
            json!({ "code": "definition_invalid",
                    "faults": [{ "path": "line 1", "fault": "not_json" }] }),
        ),
        (
            with(
                "definition",
                json!(r#"{"elements": [{"type": "file", "name": "a"}]}"#),
            ),
            json!({ "code": "definition_invalid", "faults": [
                { "path": "$.elements[0].type", "fault": "unsupported_type", "found": "file" }] }),
        ),
    ];
    for (command, expected) in cases {
        assert_eq!(
            world.not_done(&owner, &command).await,
            expected,
            "{command}"
        );
    }
    let refused = world.not_done(&grid, &with("title", json!("二"))).await;
    assert_eq!(
        refused,
        json!({ "code": "not_permitted", "needs": "polls" })
    );
    assert_eq!(
        (world.count("survey"), world.count("survey_version")),
        (0, 0)
    );
    world.done(&owner, &with("title", json!(" 一 "))).await;
    let taken = world.not_done(&owner, &with("title", json!("二"))).await;
    assert_eq!(taken, json!({ "code": "name_taken" }));
    // Two write on the same version: the second is told, and writes on.
    let next = |definition: &str, based_on: &str| {
        let mut draft = draft_survey("s", definition);
        draft["based_on"] = json!(survey::version_of(based_on));
        put(&draft)
    };
    let (second, third) = (definition("二"), definition("三"));
    world.done(&owner, &next(&second, &first)).await;
    let crossed = world.not_done(&owner, &next(&third, &first)).await;
    assert_eq!(crossed, json!({ "code": "conflict" }));
    world.pass(1);
    world.done(&owner, &next(&third, &second)).await;
    let detail = world.seen(&owner, "surveys/s").await;
    let versions: Vec<&str> = detail["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["version"].as_str().unwrap())
        .collect();
    assert_eq!(versions.len(), 3);
    assert_eq!(versions[0], survey::version_of(&third));
    assert_eq!(
        (&detail["definition"], &detail["versions"][0]["by"]),
        (&json!(third), &json!("lin"))
    );
    assert_eq!(detail["scoring"]["headline"], "all");
    let to = format!("surveys/s/versions/{}", survey::version_of(&second));
    let text = world.look(&owner, &to).await;
    assert_eq!((text.status, text.text()), (200, second));
    for rest in [
        "surveys/none",
        "surveys/s/versions/x",
        "surveys/%00",
        "surveys/s/versions/%00",
    ] {
        assert_eq!(world.look(&owner, rest).await.status, 404, "{rest}");
    }
    // The log names the version, whose hash it is, and does not hold the definition.
    let logged = world.column("SELECT detail FROM audit WHERE action = 'put_survey'");
    assert_eq!(logged.len(), 3);
    assert!(
        logged
            .iter()
            .all(|entry| entry.contains("version") && !entry.contains("elements"))
    );
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test]
async fn a_round_asks_what_there_is_under_a_free_number() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "lin").await;
    let definition = definition("一");
    let mut survey = draft_survey("s", &definition);
    survey["place"] = json!("grid-1");
    world.done(&owner, &put(&survey)).await;
    let at_grid = |topic: &str, number: u32| {
        let mut draft = round(topic, "s", number, &definition);
        draft["place"] = json!("grid-1");
        draft
    };
    let with = |name: &str, value: Value| {
        let mut draft = at_grid("a", 1);
        draft["poll"]["kind"]["wave"][name] = value;
        create(draft)
    };
    let quota = |place: &str| json!([{ "place": place, "max": 3 }]);
    let path = |name: &str| format!("poll.kind.wave.{name}");
    let cases = [
        (
            with("survey", json!("t")),
            invalid(&path("survey"), "unknown"),
        ),
        (
            with("version", json!("x")),
            invalid(&path("version"), "unknown"),
        ),
        (
            with("version", json!("\0")),
            invalid(&path("version"), "unknown"),
        ),
        (
            with("version", json!(survey::version_of("another"))),
            invalid(&path("version"), "unknown"),
        ),
        (
            with("number", json!(0)),
            invalid(&path("number"), "too_few"),
        ),
        (
            with("quotas", quota("nowhere")),
            invalid(&path("quotas.0.place"), "unknown"),
        ),
        (
            with("quotas", quota("grid-2")),
            invalid(&path("quotas.0.place"), "unsupported"),
        ),
        (
            create(round("a", "s", 1, &definition)),
            invalid("place", "unsupported"),
        ),
    ];
    for (command, expected) in cases {
        assert_eq!(
            world.not_done(&owner, &command).await,
            expected,
            "{command}"
        );
    }
    world.done(&owner, &with("quotas", quota("grid-1"))).await;
    let taken = invalid(&path("number"), "duplicate");
    assert_eq!(
        world.not_done(&owner, &create(at_grid("b", 1))).await,
        taken
    );
    // The number is free again once its draft is another's, or gone.
    let update = |draft: Value| json!({ "type": "update_topic", "topic": draft });
    world.done(&owner, &update(at_grid("a", 2))).await;
    world.done(&owner, &create(at_grid("b", 1))).await;
    assert_eq!(
        world.not_done(&owner, &update(at_grid("b", 2))).await,
        taken
    );
    let gone = json!({ "type": "delete_topic", "topic": "a" });
    world.done(&owner, &gone).await;
    world.done(&owner, &update(at_grid("b", 2))).await;
    world.done(&owner, &open("b")).await;
    let cards = world.seen(&owner, "surveys").await;
    let waves = cards[0]["waves"].as_array().unwrap();
    assert_eq!((waves.len(), &waves[0]["number"]), (1, &json!(2)));
    // A survey with rounds stays where it is, and its place stays.
    let mut moved = draft_survey("s", &definition);
    moved["based_on"] = json!(survey::version_of(&definition));
    let refused = world.not_done(&owner, &put(&moved)).await;
    assert_eq!(refused, invalid("survey.place", "unsupported"));
    let empty = json!({ "type": "put_place",
        "place": { "id": "grid-3", "name": "三网格", "parent": "jiangpan" } });
    world.done(&owner, &empty).await;
    let mut other = draft_survey("t", &definition);
    other["place"] = json!("grid-3");
    world.done(&owner, &put(&other)).await;
    let close = json!({ "type": "close_place", "place": "grid-3" });
    assert_eq!(
        world.not_done(&owner, &close).await,
        json!({ "code": "place_in_use" })
    );
}

#[tokio::test]
async fn a_definition_is_corrected_while_somebody_answers() {
    let world = World::new().await;
    let (owner, first) = world.asking("round", json!({})).await;
    let second = definition("二");
    let mut draft = draft_survey("s", &second);
    draft["based_on"] = json!(survey::version_of(&first));
    world.done(&owner, &put(&draft)).await;
    let correct = |version: &str, reason: &str| json!({ "type": "correct_wave", "topic": "round", "version": version, "reason": reason });
    let newest = survey::version_of(&second);
    let cases = [
        (correct("x", "错字"), invalid("version", "unknown")),
        (correct("\0", "错字"), invalid("version", "unknown")),
        (
            correct(&survey::version_of("x"), "错字"),
            invalid("version", "unknown"),
        ),
        (
            correct(&survey::version_of(&first), "错字"),
            invalid("version", "duplicate"),
        ),
        (
            correct(&newest, " "),
            json!({ "code": "reason_needed", "max_chars": 500 }),
        ),
        (
            json!({ "type": "correct_wave", "topic": "recorded", "version": newest, "reason": "x" }),
            json!({ "code": "unknown" }),
        ),
    ];
    for (command, expected) in cases {
        assert_eq!(
            world.not_done(&owner, &command).await,
            expected,
            "{command}"
        );
    }
    let unasked = answers(&second, &json!({ "all": 5 }));
    let refused = world.respond("round", 3, unasked.clone()).await;
    assert_eq!(refused.map(drop), Err(Refusal::VersionUnknown));
    world.done(&owner, &correct(&newest, "错字")).await;
    let view = world.get("/api/v1/surveys/round").await.json();
    assert_eq!(view["definition"], second.as_str());
    let notice = json!([{ "type": "corrected", "at_ms": NOW, "reason": "错字" }]);
    assert_eq!(view["view"]["notices"], notice);
    // Who had begun with the first sends answers to the first.
    world
        .respond("round", 1, answers(&first, &json!({ "all": 4 })))
        .await
        .unwrap();
    world.respond("round", 3, unasked).await.unwrap();
    let page = world.get("/p/round").await;
    assert!(
        page.status == 200 && page.text().contains("错字"),
        "{}",
        page.status
    );
    world.clock.set(NOW + HOUR);
    let back = correct(&survey::version_of(&first), "又错");
    assert_eq!(world.not_done(&owner, &back).await["code"], "closed");
    let stored = world.service.stored(&id("round")).await.unwrap();
    let told = world.service.store().asked_versions(&stored);
    assert_eq!(told.await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_will_be_mended_is_published_asked_again_and_told() {
    let world = World::new().await;
    let (owner, first) = world.asking("round", json!({})).await;
    let action = |items: Value, due_at_ms: i64| {
        json!({ "type": "publish_action", "topic": "round", "action": {
            "items": items, "what": "换电梯", "who": "物业", "due_at_ms": due_at_ms } })
    };
    let clean = json!([{ "question": "parts", "row": "clean" }]);
    let due = NOW + 10 * HOUR;
    let early = world.not_done(&owner, &action(clean.clone(), due)).await;
    assert_eq!(early, json!({ "code": "conflict" }));
    world.clock.set(NOW + HOUR);
    let cases = [
        (action(json!([]), due), invalid("action.items", "empty")),
        (
            action(json!([{ "question": "roof" }]), due),
            invalid("action.items.0", "unknown"),
        ),
        (
            action(json!([{ "question": "parts", "row": "roof" }]), due),
            invalid("action.items.0", "unknown"),
        ),
        (
            action(json!([{ "question": "all" }, { "question": "all" }]), due),
            invalid("action.items.1", "duplicate"),
        ),
        (
            action(json!(vec![json!({ "question": "all" }); 21]), due),
            invalid("action.items", "too_many"),
        ),
        (
            action(clean.clone(), NOW + HOUR),
            invalid("action.due_at_ms", "in_the_past"),
        ),
        (
            action(clean.clone(), i64::MAX),
            invalid("action.due_at_ms", "too_long"),
        ),
    ];
    for (command, expected) in cases {
        assert_eq!(
            world.not_done(&owner, &command).await,
            expected,
            "{command}"
        );
    }
    world.done(&owner, &action(clean, due)).await;
    // The next round must ask about it.
    let silent = json!({ "elements": [{ "type": "rating", "name": "all" }] }).to_string();
    let mut draft = draft_survey("s", &silent);
    draft["based_on"] = json!(survey::version_of(&first));
    world.done(&owner, &put(&draft)).await;
    let next = |definition: &str| {
        let mut draft = round("next", "s", 2, definition);
        draft["poll"]["closes_at_ms"] = json!(NOW + 20 * HOUR);
        draft
    };
    let refused = world.not_done(&owner, &create(next(&silent))).await;
    let missing = json!([{ "question": "parts", "row": "clean" }]);
    assert_eq!(
        refused,
        json!({ "code": "items_not_asked", "items": missing })
    );
    world.done(&owner, &create(next(&first))).await;
    world.done(&owner, &open("next")).await;
    let correct = json!({ "type": "correct_wave", "topic": "next", "reason": "短一点",
                          "version": survey::version_of(&silent) });
    assert_eq!(
        world.not_done(&owner, &correct).await["code"],
        "items_not_asked"
    );
    let view = world.get("/api/v1/surveys/next").await.json();
    assert_eq!(
        (
            &view["actions"][0]["what"],
            &view["actions"][0]["is_overdue"]
        ),
        (&json!("换电梯"), &json!(false))
    );
    world.clock.set(due);
    let view = world.get("/api/v1/surveys/next").await.json();
    assert_eq!(view["actions"][0]["is_overdue"], true);
    let id = view["actions"][0]["id"].as_str().unwrap();
    // Its session has ended meanwhile.
    let code = world.code(&owner.secret);
    let signed = world
        .sign_in("jiangpan", &owner.login, PASSWORD, &code)
        .await
        .json();
    let token = signed["token"].as_str().unwrap().to_owned();
    let owner = Member { token, ..owner };
    let told = |action: &str, text: &str| json!({ "type": "report_action", "action": action, "text": text });
    let nobody = "0".repeat(32);
    let cases = [
        (told(&nobody, "已换"), json!({ "code": "unknown" })),
        (told(id, " "), invalid("text", "empty")),
        (told(id, &"长".repeat(501)), invalid("text", "too_long")),
    ];
    for (command, expected) in cases {
        assert_eq!(
            world.not_done(&owner, &command).await,
            expected,
            "{command}"
        );
    }
    world.done(&owner, &told(id, "已换")).await;
    let twice = world.not_done(&owner, &told(id, "又换")).await;
    assert_eq!(twice, json!({ "code": "already_settled" }));
    let view = world.get("/api/v1/surveys/next").await.json();
    assert_eq!(
        (
            &view["actions"][0]["outcome"]["text"],
            &view["actions"][0]["is_overdue"]
        ),
        (&json!("已换"), &json!(false))
    );
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test]
async fn answers_of_a_secret_round_lie_in_the_box_with_their_area_alone() {
    let world = World::new().await;
    let (_, definition) = world.asking("round", json!({ "secrecy": "secret" })).await;
    for household in [1, 2, 20] {
        let grant = world.grant("round", household).await;
        let choice = answers(&definition, &json!({ "all": household % 5 + 1 }));
        let choice = match household % 5 + 1 {
            2 => answers(&definition, &json!({ "all": 2, "why": "电梯" })),
            1 => answers(&definition, &json!({ "all": 1 })),
            _ => choice,
        };
        let secret = Some(u128::from(household) + 7);
        world
            .cast("round", &grant, 1, choice.clone(), secret)
            .await
            .unwrap();
        let again = world
            .cast("round", &grant, 1, choice, secret)
            .await
            .unwrap();
        assert!(again.replayed);
    }
    // Also once its rows were laid anew, which a stop waits for.
    let world = world.restart().await;
    let mut areas = world.column("SELECT area FROM ballot_box");
    areas.sort();
    assert_eq!(areas, ["grid-1", "grid-1", "jiangpan"]);
    assert_eq!(world.count("ballot"), 0);
    let stored = world.service.stored(&id("round")).await.unwrap();
    let store = world.service.store();
    let first = store.responses(&stored, None, 2).await.unwrap();
    let rest = store
        .responses(&stored, Some(&first[1].key), 2)
        .await
        .unwrap();
    let end = store
        .responses(&stored, Some(&rest[0].key), 2)
        .await
        .unwrap();
    assert_eq!((first.len(), rest.len(), end.len()), (2, 1, 0));
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test]
async fn devices_answer_from_where_their_poster_hung() {
    let world = World::new().await;
    let (_, definition) = world
        .asking(
            "round",
            json!({ "electorate": "devices", "credential": "device" }),
        )
        .await;
    for (device, at) in [
        (1, Some("grid-2")),
        (2, Some("yunping")),
        (3, None),
        (4, Some("jiangpan")),
    ] {
        let proof = Proof::Device {
            device: DeviceId::from_bytes([device; 16]),
        };
        let identified = world.service.identify(&id("round"), &proof, CALLER).await;
        let choice = Choice::Answers {
            version: survey::version_of(&definition),
            at: at.map(|at| PlaceId::parse(at).unwrap()),
            answers: r#"{"all":5}"#.to_owned(),
        };
        let grant = identified.unwrap().token;
        world
            .cast("round", &grant, u128::from(device), choice, None)
            .await
            .unwrap();
    }
    let mut areas = world.column("SELECT area FROM ballot");
    areas.sort();
    assert_eq!(areas, ["", "", "grid-2", "jiangpan"]);
}

#[tokio::test]
async fn staff_fill_in_for_a_household() {
    let world = World::new().await;
    let (owner, definition) = world.asking("round", json!({})).await;
    let fill = |answers: &str| {
        json!({ "label": "5 号", "place": "grid-1",
            "choice": { "type": "answers", "version": survey::version_of(&definition), "answers": answers },
            "manner": "in_person", "consenter": "王桂兰", "relation": "网格员",
            "consented_at_ms": NOW - 60_000 })
    };
    let to = path("jiangpan", "polls/round/behalf");
    let wrong = world
        .ask("POST", &to, Some(&owner.token), Some(&fill("{}")))
        .await;
    assert_eq!(
        wrong.json(),
        json!({ "code": "answers_invalid", "questions": ["all"] })
    );
    let done = world
        .ask("POST", &to, Some(&owner.token), Some(&fill(r#"{"all":3}"#)))
        .await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert_eq!(world.column("SELECT area FROM ballot"), ["grid-1"]);
    assert_eq!(world.count("ballot_on_behalf"), 1);
}

#[tokio::test]
async fn large_definitions_and_large_answers_are_taken() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "lin").await;
    let page = |page: u32| {
        let names = (0..2_500).map(|n| format!("q{}", page * 2_500 + n));
        let questions: Vec<Value> = names
            .map(|name| json!({ "type": "comment", "name": name }))
            .collect();
        json!({ "elements": questions })
    };
    let pages: Vec<Value> = (0..4).map(page).collect();
    let definition = json!({ "pages": pages }).to_string();
    world
        .done(&owner, &put(&draft_survey("s", &definition)))
        .await;
    let draft = round("round", "s", 1, &definition);
    world.done(&owner, &create(draft)).await;
    world.done(&owner, &open("round")).await;
    assert_eq!(
        world.get("/api/v1/surveys/round").await.json()["definition"],
        definition.as_str()
    );
    // 10,000 answers that take a megabyte, half of it quotation marks in JSON.
    let fields = (0..10_000).map(|n| (format!("q{n}"), json!("\"".repeat(40))));
    let text = Value::Object(fields.collect()).to_string();
    assert!((900_000..1_000_000).contains(&text.len()), "{}", text.len());
    let ballot = json!({ "choice": { "type": "answers",
        "version": survey::version_of(&definition), "answers": text } });
    let sent = async |topic: &str, grant: &str, body: &Value| {
        let bearer = format!("Bearer {grant}");
        let path = format!("/api/v1/topics/{topic}/ballots");
        let key = "0".repeat(31) + "9";
        let headers = [
            ("Content-Type", "application/json"),
            ("Authorization", bearer.as_str()),
            ("Idempotency-Key", key.as_str()),
        ];
        let body = body.to_string();
        let request = Request {
            method: "POST",
            path: &path,
            headers: &headers,
            body: body.as_bytes(),
        };
        world.http(request).await
    };
    let grant = world.grant("round", 1).await;
    let nobody = sent("round", "nobody", &ballot).await;
    assert_eq!(
        (nobody.status, nobody.json()["code"].as_str()),
        (401, Some("grant_invalid"))
    );
    let recorded = sent("round", grant.as_str(), &ballot).await;
    assert_eq!(recorded.status, 201);
    let grant = world.grant("recorded", 1).await;
    let refused = sent("recorded", grant.as_str(), &ballot).await;
    let expected = json!({ "code": "too_large", "limit_bytes": 16_384 });
    assert_eq!((refused.status, refused.json()), (413, expected));
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test]
async fn sources_are_read_for_staff_alone() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "lin").await;
    let posts = json!([{ "role": "treasurer" }]);
    let observer = world.member(&owner, "wang", posts).await;
    let to = path("jiangpan", "surveys/read");
    let read = async |member: &Member, source: &Value| {
        world
            .ask("POST", &to, Some(&member.token), Some(source))
            .await
    };
    let instruments = world.seen(&owner, "instruments?lang=en").await;
    let property = instruments
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == "property");
    assert!(property.unwrap()["questions"].as_u64().unwrap() > 3);
    let source = json!({ "type": "instrument", "id": "property" });
    assert_eq!(
        read(&observer, &source).await.json()["code"],
        "not_permitted"
    );
    let told = read(&owner, &source).await.json();
    assert_eq!(
        (&told["faults"], told["scoring"]["headline"].is_string()),
        (&json!([]), true)
    );
    assert_eq!(
        read(&owner, &json!({ "type": "instrument", "id": "x" }))
            .await
            .status,
        404
    );
    let text = "物业\n1. 您满意吗？【单选】\n满意\n一般\n不满意\n2. 建议";
    let told = read(&owner, &json!({ "type": "text", "text": text }))
        .await
        .json();
    assert_eq!(
        (&told["questions"], &told["faults"]),
        (&json!(2), &json!([])),
        "{told}"
    );
    assert_eq!(told["warnings"][0]["path"], "line 6");
    let told = read(&owner, &json!({ "type": "text", "text": " " }))
        .await
        .json();
    assert_eq!(told["faults"][0], json!({ "path": "$", "fault": "empty" }));
    let told = read(&owner, &json!({ "type": "json", "text": "[1" }))
        .await
        .json();
    assert_eq!(told["faults"][0]["fault"], "not_json");
    let long = json!({ "type": "text", "text": "长".repeat(100_001) });
    assert_eq!(
        read(&owner, &long).await.json(),
        invalid("text", "too_long")
    );
    let long = json!({ "type": "json", "text": "x".repeat(2_300_000) });
    assert_eq!(read(&owner, &long).await.status, 413);
}

#[tokio::test]
async fn a_file_brings_surveys_and_their_rounds() {
    let world = World::new().await;
    let definition = |title: &str| {
        let text = survey_world::definition(title);
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let file = |title: &str, number: u32, version: &str| {
        let mut file = import_file();
        file["surveys"] = json!([{ "id": "s", "community": "jiangpan", "place": "jiangpan",
            "title": "物业", "rated": "某物业公司", "definition": definition(title) }]);
        let kind = json!({ "type": "survey", "wave": {
            "survey": "s", "number": number, "version": version } });
        let mut topic = file["topics"][0].clone();
        topic["id"] = json!("round");
        topic["poll"]["id"] = json!("round");
        topic["poll"]["kind"] = kind;
        file["topics"] = json!([topic]);
        file
    };
    let import = async |file: Value| {
        let done = world.service.import_text(&file.to_string()).await;
        done.map(drop).map_err(|error| error.to_string())
    };
    let told = import(file("一", 1, &"0".repeat(64))).await.unwrap_err();
    assert!(told.contains("no version"), "{told}");
    import(file("一", 1, "")).await.unwrap();
    let view = world.get("/api/v1/surveys/round").await.json();
    let first = view["definition"].as_str().unwrap().to_owned();
    assert_eq!(view["rated"], "某物业公司");
    let choice = answers(&first, &json!({ "all": 5 }));
    world.respond("round", 1, choice.clone()).await.unwrap();
    // Answered: another round it cannot become; a corrected definition it may ask.
    let told = import(file("一", 2, "")).await.unwrap_err();
    assert!(told.contains("has ballots"), "{told}");
    import(file("二", 1, "")).await.unwrap();
    let view = world.get("/api/v1/surveys/round").await.json();
    assert_ne!(view["definition"], first.as_str());
    world.respond("round", 2, choice).await.unwrap();
    let mut twice = file("二", 1, "");
    let mut other = twice["topics"][0].clone();
    (other["id"], other["poll"]["id"]) = (json!("other"), json!("other"));
    twice["topics"].as_array_mut().unwrap().push(other.clone());
    assert!(import(twice).await.unwrap_err().contains("there twice"));
    let mut taken = file("二", 1, "");
    taken["topics"] = json!([other]);
    assert!(import(taken).await.unwrap_err().contains("is topic round"));
    let mut broken = file("二", 1, "");
    broken["surveys"][0]["definition"] = json!({ "elements": [{ "type": "file", "name": "a" }] });
    let told = import(broken).await.unwrap_err();
    assert!(
        told.contains("$.elements[0].type: unsupported_type file"),
        "{told}"
    );
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test]
async fn respondents_see_their_own_answers_in_words() {
    let world = World::new().await;
    let (_, definition) = world.asking("round", json!({})).await;
    let given = json!({ "all": 2, "why": "电梯", "parts": { "clean": 3 } });
    world
        .respond("round", 1, answers(&definition, &given))
        .await
        .unwrap();
    let proof = Proof::HouseholdCode { code: long_code(1) };
    let service = &world.service;
    let session = service
        .open_mine(&community("jiangpan"), &proof, CALLER)
        .await;
    let token = session.unwrap().token;
    let person = service
        .person(&community("jiangpan"), &token)
        .await
        .unwrap();
    let data = service.my_data(&person).await.unwrap();
    let ballot = &data.ballots[0];
    assert_eq!(ballot.title, "晾晒区");
    assert_eq!(ballot.chosen, ["all: 2", "why: 电梯", "parts: clean 3"]);
    assert!(matches!(&ballot.choice, Choice::Answers { answers, .. } if answers.contains("电梯")));
}

#[tokio::test]
async fn a_check_sees_what_surveys_lack() {
    let spoils: [(&str, &str); 5] = [
        (
            "DELETE FROM survey_version",
            "surveys whose newest version is missing",
        ),
        (
            "DELETE FROM survey_version",
            "versions that rounds ask are missing",
        ),
        (
            "UPDATE survey_wave SET topic_id = 'gone'",
            "rounds of surveys belong to no topic",
        ),
        (
            "UPDATE corrective_action SET wave = 7",
            "corrective actions belong to no round",
        ),
        (
            "DELETE FROM wave_version",
            "a choice that the poll does not allow",
        ),
    ];
    let world = World::new().await;
    let (owner, definition) = world.asking("round", json!({})).await;
    world
        .respond("round", 1, answers(&definition, &json!({ "all": 5 })))
        .await
        .unwrap();
    world.clock.set(NOW + HOUR);
    let action = json!({ "type": "publish_action", "topic": "round", "action": {
        "items": [{ "question": "all" }], "what": "换电梯", "who": "物业",
        "due_at_ms": NOW + 2 * HOUR } });
    world.done(&owner, &action).await;
    assert!(world.check().await.faults.is_empty());
    for (spoil, expected) in spoils {
        world.execute(spoil);
        let faults = world.check().await.faults;
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "{expected}: {faults:?}"
        );
    }
}
