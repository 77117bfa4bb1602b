//! What a view is given: a page as a tree, with texts in a language and answers in them.

use linli_model::survey::read;
use linli_rules::survey::{
    Around, Clock, Content, FaultKind, Language, Patterns, Place, Program, Role, Session,
    ShownElement, ShownQuestion, Stage, Word,
};
use serde_json::{Value as Json, json};
use std::sync::Arc;

const CLOCK: Clock = Clock {
    now_ms: 1_795_570_215_250.0,
    ahead_of_utc_minutes: 480,
};

const ENGLISH: Language<'_> = Language {
    locale: "en",
    words: Word::ENGLISH,
};

const CHINESE: Language<'_> = Language {
    locale: "zh-cn",
    words: Word::ENGLISH,
};

struct NoPatterns;

impl Patterns for NoPatterns {
    fn is_match(&self, _: &str, _: bool, _: &str) -> Option<bool> {
        Some(true)
    }
}

fn session(json: &Json) -> Session {
    let definition = read(json).unwrap_or_else(|faults| panic!("{faults:?}"));
    let program = Program::new(definition).unwrap_or_else(|faults| panic!("{faults:?}"));
    Session::new(Arc::new(program), CLOCK).expect("a session")
}

fn children<'a>(element: &'a ShownElement<'a>) -> &'a [ShownElement<'a>] {
    match &element.content {
        Content::Panel(children) => children,
        Content::Question(_) => panic!("a question"),
    }
}

fn question<'a>(element: &'a ShownElement<'a>) -> &'a ShownQuestion<'a> {
    match &element.content {
        Content::Question(question) => question,
        Content::Panel(_) => panic!("a panel"),
    }
}

fn survey() -> Json {
    json!({
        "title": { "default": "Lifts of {house}", "zh-cn": "{house}的电梯" },
        "showQuestionNumbers": true,
        "pages": [
            { "name": "p1", "title": "Where", "elements": [
                { "type": "radiogroup", "name": "house", "isRequired": true,
                  "requiredErrorText": "Say where",
                  "choices": [{ "value": 1, "text": { "default": "House 1", "zh-cn": "一号楼" } }, 2],
                  "showOtherItem": true, "showNoneItem": true, "noneText": "Nowhere" },
                { "type": "panel", "name": "inner", "title": "In {house}", "elements": [
                    { "type": "rating", "name": "lift", "title": "How is {house}?", "rateMax": 3,
                      "visibleIf": "{house} = 1", "minRateDescription": "bad in {house}" },
                ] },
                { "type": "comment", "name": "why", "readOnly": true },
            ] },
            { "name": "p2", "elements": [{ "type": "boolean", "name": "again" }] },
        ],
    })
}

fn place(session: &Session, name: &str) -> Place {
    let view = session.view(ENGLISH);
    let pages = view.pages();
    let mut open: Vec<&ShownElement<'_>> = pages.iter().collect();
    while let Some(element) = open.pop() {
        match &element.content {
            Content::Panel(children) => open.extend(children),
            Content::Question(_) if element.name == name => return element.place.clone(),
            Content::Question(_) => {}
        }
    }
    panic!("no {name}");
}

#[test]
fn a_page_is_a_tree_with_answers_in_its_texts() {
    let mut session = session(&survey());
    let view = session.view(ENGLISH);
    assert_eq!(view.text("title").as_deref(), Some("Lifts of "));
    let page = view.page().expect("a page");
    assert_eq!((page.name, &*page.title), ("p1", "Where"));
    let [house, why] = children(&page) else {
        panic!("the empty panel does not show");
    };
    assert_eq!((&*house.title, house.number), ("house", Some(1)));
    assert!(house.is_required && !house.is_read_only);
    assert!(why.is_read_only && !why.is_required);
    let choices: Vec<_> = question(house)
        .choices
        .iter()
        .map(|one| (&*one.text, one.role))
        .collect();
    assert_eq!(
        choices,
        [
            ("House 1", Role::Plain),
            ("2", Role::Plain),
            ("Nowhere", Role::Exclusive),
            ("Other (describe)", Role::Other),
        ]
    );

    let house = place(&session, "house");
    let change = session.answer(&house, &json!(1)).expect("an answer");
    assert!(change.redraw.contains(&house));
    assert!(!change.is_other_page);
    let view = session.view(CHINESE);
    assert_eq!(view.text("title").as_deref(), Some("一号楼的电梯"));
    let page = view.page().expect("a page");
    let [_, inner, _] = children(&page) else {
        panic!("three");
    };
    assert_eq!(inner.title, "In 一号楼");
    let lift = &children(inner)[0];
    assert_eq!((&*lift.title, lift.number), ("How is 一号楼?", Some(2)));
    assert_eq!(
        lift.text("minRateDescription").as_deref(),
        Some("bad in 一号楼")
    );
    let rates = question(lift).choices.iter().map(|one| one.value.clone());
    assert_eq!(rates.collect::<Vec<_>>(), [json!(1), json!(2), json!(3)]);
    let progress = view.progress();
    assert_eq!((progress.page, progress.pages), (1, 2));
    assert_eq!((progress.answered, progress.questions), (1, 4));
}

#[test]
fn an_answer_names_what_is_drawn_again_and_nothing_else() {
    let mut session = session(&survey());
    let again = place(&session, "again");
    let change = session.answer(&again, &json!(true)).expect("an answer");
    assert_eq!(change.redraw, [again]);
    let house = place(&session, "house");
    let change = session.answer(&house, &json!(2)).expect("an answer");
    let view = session.view(ENGLISH);
    let mut names: Vec<&str> = change
        .redraw
        .iter()
        .filter_map(|place| Some(view.element(place)?.name))
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["house"],
        "the panel with the title does not show yet"
    );
}

#[test]
fn words_beside_other_are_read_for_it() {
    let mut session = session(&survey());
    let house = place(&session, "house");
    session.answer(&house, &json!("other")).expect("an answer");
    session.comment(&house, "the shed").expect("words");
    let view = session.view(ENGLISH);
    assert_eq!(view.text("title").as_deref(), Some("Lifts of the shed"));
    let shown = view.element(&house).expect("it shows");
    assert!(question(&shown).asks_comment);
    assert_eq!(question(&shown).comment, "the shed");
}

#[test]
fn a_fault_is_told_in_the_definitions_words_where_it_has_any() {
    let mut session = session(&survey());
    let faults = session.next_page(&NoPatterns).expect_err("a fault");
    assert_eq!(faults[0].kind, FaultKind::Required);
    let told = session.view(ENGLISH).fault(&faults[0]);
    assert_eq!(told.as_deref(), Some("Say where"));
    let house = place(&session, "house");
    assert_eq!(session.faults_at(&house, &NoPatterns), faults);
    session.answer(&house, &json!(2)).expect("an answer");
    assert_eq!(session.faults_at(&house, &NoPatterns), []);
}

#[test]
fn texts_that_lead_to_one_another_end() {
    let mut session = session(&json!({ "elements": [
        { "type": "boolean", "name": "a", "labelTrue": "{b}" },
        { "type": "boolean", "name": "b", "labelTrue": "x {a}", "title": "{a}" },
    ] }));
    for name in ["a", "b"] {
        session.set_answer(name, &json!(true)).expect("an answer");
    }
    let place = place(&session, "b");
    let title = session.view(ENGLISH).element(&place).expect("b").title;
    assert!(title.starts_with("x x "), "{title}");
}

#[test]
fn names_that_nobody_knows_stay_as_they_are_written() {
    let session = session(&json!({ "elements": [
        { "type": "text", "name": "a", "title": "{nobody} {a} { a } {date:x} {" },
    ] }));
    let place = place(&session, "a");
    let title = session.view(ENGLISH).element(&place).expect("a").title;
    assert_eq!(title, "{nobody}   {date:x} {");
}

fn nested() -> Json {
    json!({ "elements": [
        { "type": "text", "name": "city", "defaultValue": "Wuhan" },
        { "type": "matrixdropdown", "name": "rooms", "columns": [
            { "name": "used", "cellType": "boolean", "labelTrue": "{row.size} is used" },
            { "name": "size", "cellType": "text", "title": "Size in {city}",
              "visibleIf": "{row.used} = true", "isRequired": true },
            { "name": "n", "cellType": "expression", "expression": "{rowIndex}" },
        ], "rows": [{ "value": "k", "text": "Kitchen" }, "b"] },
        { "type": "paneldynamic", "name": "people", "keyName": "name", "maxPanelCount": 2,
          "templateTitle": "{panelIndex}: {panel.name} of {city}", "templateElements": [
            { "type": "text", "name": "name" },
            { "type": "matrixdynamic", "name": "pets", "rowCount": 0, "columns": [
                { "name": "pet", "cellType": "text", "requiredIf": "{panel.name} = 'Li'" } ] } ] },
        { "type": "multipletext", "name": "lines", "items": [{ "name": "a", "isRequired": true }] },
    ] })
}

fn groups(session: &Session, name: &str) -> Vec<(String, Vec<String>)> {
    let view = session.view(ENGLISH);
    let element = view.element(&place(session, name)).expect("it shows");
    let group = |group: &linli_rules::survey::ShownGroup<'_>| {
        let titles = group.elements.iter().map(|one| one.title.clone());
        (group.title.clone(), titles.collect())
    };
    question(&element).groups.iter().map(group).collect()
}

#[test]
fn rows_and_panels_are_trees_of_their_own_with_values_around_them() {
    let mut session = session(&nested());
    let row = |title: &str, cells: &[&str]| {
        let cells = cells.iter().map(|one| (*one).to_owned());
        (title.to_owned(), cells.collect::<Vec<_>>())
    };
    assert_eq!(
        groups(&session, "rooms"),
        [row("Kitchen", &["used", "n"]), row("b", &["used", "n"])]
    );
    let used = session.place_of("rooms", &[(0, "used")]).expect("a cell");
    let change = session.answer(&used, &json!(true)).expect("an answer");
    assert!(change.redraw.contains(&used.outermost()));
    assert_eq!(
        groups(&session, "rooms")[0],
        row("Kitchen", &["used", "Size in Wuhan", "n"])
    );
    assert_eq!(
        session.data()["rooms"],
        json!({ "k": { "used": true, "n": 1 }, "b": { "n": 2 } })
    );

    let people = place(&session, "people");
    for _ in 0..3 {
        session.add(&people).expect("a panel, or none beyond two");
    }
    assert_eq!(session.data()["people"], json!([{}, {}]));
    for (panel, name) in [(0, "Li"), (1, "li")] {
        let at = session
            .place_of("people", &[(panel, "name")])
            .expect("a line");
        session.answer(&at, &json!(name)).expect("an answer");
    }
    let titles: Vec<String> = groups(&session, "people")
        .into_iter()
        .map(|one| one.0)
        .collect();
    assert_eq!(titles, ["1: Li of Wuhan", "2: li of Wuhan"]);
    session.remove(&people, 0).expect("one fewer");
    assert_eq!(session.data()["people"], json!([{ "name": "li" }]));
}

#[test]
fn what_is_wrong_inside_is_told_with_its_place() {
    let mut session = session(&nested());
    let used = session.place_of("rooms", &[(1, "used")]).expect("a cell");
    session.answer(&used, &json!(true)).expect("an answer");
    let people = place(&session, "people");
    for panel in 0..2 {
        session.add(&people).expect("a panel");
        let at = session
            .place_of("people", &[(panel, "name")])
            .expect("a line");
        session.answer(&at, &json!("Li")).expect("an answer");
    }
    let pets = session.place_of("people", &[(0, "pets")]).expect("pets");
    session.add(&pets).expect("a row in a panel");
    let faults = session.complete(&NoPatterns).expect_err("faults");
    let told: Vec<_> = faults
        .iter()
        .map(|one| (one.place.clone(), one.kind))
        .collect();
    let at = |question: &str, inside: &[(usize, &str)]| {
        session.place_of(question, inside).expect("a place")
    };
    assert_eq!(
        told,
        [
            (at("rooms", &[(1, "size")]), FaultKind::Required),
            (
                at("people", &[(0, "pets"), (0, "pet")]),
                FaultKind::Required
            ),
            (at("people", &[(1, "name")]), FaultKind::Duplicate),
            (at("lines", &[(0, "a")]), FaultKind::Required),
        ]
    );
}

#[test]
fn answers_with_rows_from_elsewhere_are_checked_and_cleaned() {
    let definition = read(&nested()).expect("read");
    let program = Arc::new(Program::new(definition).expect("runs"));
    let answers = json!({
        "rooms": { "k": { "used": false, "size": "hidden", "junk": 1 }, "x": { "used": true } },
        "people": [{ "name": "Li" }, { "name": "Wu" }, { "name": "one too many" }],
        "lines": { "a": "x", "b": "y" },
    });
    let (session, faults) =
        Session::check(program.clone(), CLOCK, &answers, &NoPatterns).expect("checked");
    assert_eq!(faults, []);
    let data = session.data();
    assert_eq!(data["people"], json!([{ "name": "Li" }, { "name": "Wu" }]));
    assert_eq!(data["lines"], json!({ "a": "x" }));
    assert_eq!(data["rooms"]["k"].get("junk"), None);
    assert_eq!(data["rooms"].get("x"), None);
    for strange in [
        json!(1),
        json!("x"),
        json!([1, [2]]),
        json!({ "k": 3 }),
        json!([]),
    ] {
        let answers = json!({ "rooms": strange, "people": strange, "lines": strange });
        Session::check(program.clone(), CLOCK, &answers, &NoPatterns).expect("no panic");
    }
}

#[test]
fn one_question_at_a_time_then_a_look_over_everything() {
    let mut session = session(&json!({
        "questionsOnPageMode": "questionPerPage",
        "showPreviewBeforeComplete": true,
        "previewMode": "answeredQuestions",
        "firstPageIsStartPage": true,
        "completedHtmlOnCondition": [{ "expression": "{a} = 1", "html": "one, {a}" }],
        "completedHtml": "done",
        "pages": [
            { "name": "intro", "elements": [{ "type": "html", "name": "h", "html": "hello" }] },
            { "name": "p", "elements": [
                { "type": "text", "name": "a", "isRequired": true },
                { "type": "text", "name": "b", "visibleIf": "{a} = 1" },
                { "type": "text", "name": "c" },
            ] },
        ],
    }));
    let here = |session: &Session| {
        let page = session.view(ENGLISH).page().expect("a page");
        let names = children(&page).iter().map(|one| one.name.to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(
        (session.stage(), here(&session)),
        (Stage::Start, vec!["h".into()])
    );
    assert_eq!(session.start_pages(&NoPatterns), Ok(true));
    assert_eq!(
        (session.stage(), here(&session)),
        (Stage::Page, vec!["a".into()])
    );
    assert!(session.next_page(&NoPatterns).is_err(), "a is required");
    session.set_answer("a", &json!(1)).expect("an answer");
    for name in ["b", "c"] {
        assert_eq!(session.next_page(&NoPatterns), Ok(true));
        assert_eq!(here(&session), [name]);
    }
    assert!(session.is_last_page() && !session.next_page(&NoPatterns).expect("nothing wrong"));
    assert_eq!(session.show_preview(&NoPatterns), Ok(true));
    let view = session.view(ENGLISH);
    let pages = view.pages();
    let names: Vec<_> = children(&pages[0]).iter().map(|one| one.name).collect();
    assert_eq!((session.stage(), names), (Stage::Preview, vec!["a"]));
    session.complete(&NoPatterns).expect("done");
    assert_eq!(session.stage(), Stage::Done);
    assert_eq!(session.view(ENGLISH).ending().as_deref(), Some("one, 1"));
}

#[test]
fn a_seed_gives_one_order_and_another_seed_another() {
    let json = json!({ "elements": [{ "type": "radiogroup", "name": "q", "choicesOrder": "random",
        "choices": (0..30).collect::<Vec<_>>() }] });
    let program = Arc::new(Program::new(read(&json).expect("read")).expect("runs"));
    let order = |seed: u64| {
        let around = Around {
            seed,
            ..CLOCK.into()
        };
        let session = Session::new(program.clone(), around).expect("a session");
        let view = session.view(ENGLISH);
        let element = view.element(&place(&session, "q")).expect("q");
        let choices = &question(&element).choices;
        choices
            .iter()
            .map(|one| one.value.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(order(7), order(7));
    assert_ne!(order(7), order(8));
}

#[test]
fn bounds_are_computed_and_days_compared() {
    let mut session = session(&json!({ "elements": [
        { "type": "text", "name": "from", "inputType": "date" },
        { "type": "text", "name": "to", "inputType": "date", "minValueExpression": "{from}" },
        { "type": "text", "name": "half", "inputType": "number", "step": 0.5 },
    ] }));
    session
        .set_answer("from", &json!("2026-11-25"))
        .expect("an answer");
    session
        .set_answer("to", &json!("2026-11-24"))
        .expect("an answer");
    assert_eq!(session.data().get("to"), None, "not kept before its bound");
    session.set_answer("half", &json!(0.7)).expect("an answer");
    let faults = session.complete(&NoPatterns).expect_err("faults");
    let told: Vec<_> = faults
        .iter()
        .map(|one| (&*one.question, one.kind))
        .collect();
    assert_eq!(
        told,
        [("to", FaultKind::BelowMin), ("half", FaultKind::OffStep)]
    );
    session
        .set_answer("to", &json!("2026-11-25"))
        .expect("an answer");
    session.set_answer("half", &json!(1.5)).expect("an answer");
    session.complete(&NoPatterns).expect("done");
}
