//! What a view is given: a page as a tree, with texts in a language and answers in them.

use linli_model::survey::read;
use linli_rules::survey::{
    Clock, Content, FaultKind, Language, Patterns, Place, Program, Role, Session, ShownElement,
    ShownQuestion, Word,
};
use serde_json::{Value as Json, json};
use std::sync::Arc;

const CLOCK: Clock = Clock {
    now_ms: 1_795_570_215_250.0,
    ahead_of_utc_minutes: 480,
};

const ENGLISH: Language<'_> = Language {
    locale: "en",
    word: Word::english,
};

const CHINESE: Language<'_> = Language {
    locale: "zh-cn",
    word: Word::english,
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
