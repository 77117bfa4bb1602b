//! Every card, rendered to text: names, roles, words. With `LINLI_PREVIEW_DIR` set,
//! each is also written there as a page, in both languages, to be looked at.

use super::{Looks, card};
use crate::state::{
    Action, COMMENT_FIELD, Env, Node, Problem, Profile, Progress, ProgressStep, Recorded,
    RoundState, Stage, State, Trouble, Voter, reduce,
};
use linli_model::wave::{ActionOutcome, CorrectiveAction, ItemRef, SurveyView, Wave};
use linli_model::*;
use linli_port::Capabilities;
use linli_rules::survey::Patterns;
use linli_texts::Catalog;
use std::rc::Rc;
use yew::prelude::*;

const PROPERTY: &str = include_str!("../../tests/definitions/property.json");
const CLOSES: UtcMs = 1_793_448_000_000;

struct Regress;

impl Patterns for Regress {
    fn is_match(&self, pattern: &str, is_case_insensitive: bool, text: &str) -> Option<bool> {
        let flags = if is_case_insensitive { "i" } else { "" };
        Some(
            regress::Regex::with_flags(pattern, flags)
                .ok()?
                .find(text)
                .is_some(),
        )
    }
}

const ENV: Env = Env {
    now_ms: CLOSES - 3_600_000,
    ahead_of_utc_minutes: 480,
    chance: [[1; 16], [2; 16]],
    patterns: &Regress,
};

#[derive(Clone, Properties)]
struct ProbeProps {
    state: Rc<State>,
    tag: &'static str,
    elder: bool,
    dark: bool,
}

impl PartialEq for ProbeProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.state, &other.state)
    }
}

#[component]
fn Probe(props: &ProbeProps) -> Html {
    let looks = Looks {
        texts: &props.state.texts,
        elder: props.elder,
        can_speak: true,
        speaking: false,
        copied: false,
        page: "https://linli.example/p/t",
        heading: NodeRef::default(),
        act: Callback::noop(),
        tap: Callback::noop(),
    };
    let theme = if props.dark { "dark" } else { "light" };
    html! {
        <div class="ll" lang={props.tag} data-theme={theme} data-elder={props.elder.then_some("")}>
            { card(&props.state, &looks) }
        </div>
    }
}

fn render(state: &Rc<State>, tag: &'static str, elder: bool, dark: bool) -> String {
    let props = ProbeProps {
        state: state.clone(),
        tag,
        elder,
        dark,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let renderer = yew::LocalServerRenderer::<Probe>::with_props(props).hydratable(false);
    tokio::task::LocalSet::new().block_on(&runtime, renderer.render())
}

fn survey(definition: &str) -> SurveyView {
    let wave = Wave {
        survey: SurveyId::parse("property").expect("a slug"),
        number: 2,
        version: "a".repeat(64),
        quotas: Vec::new(),
    };
    let view = TopicView {
        topic: Topic {
            id: TopicId::parse("t").expect("a slug"),
            community: CommunityRef {
                id: CommunityId::parse("c").expect("a slug"),
                name: "江畔社区".into(),
                time_zone: "Asia/Shanghai".into(),
            },
            place: PlaceRef {
                id: PlaceId::parse("p").expect("a slug"),
                name: "二网格".into(),
            },
            lang: "zh-Hans".into(),
            title: "2026 年物业服务满意度调查".into(),
            summary: "每半年一次。结果公开，分数低的项目，物业要公布整改办法和期限。".into(),
            poll: Poll {
                id: PollId::parse("q").expect("a slug"),
                question: String::new(),
                kind: PollKind::Survey { wave },
                nature: PollNature::Consultation,
                electorate: Electorate::Households,
                credential: Credential::HouseholdCode,
                secrecy: Secrecy::Recorded,
                changes: Changes::UntilClosing,
                results: ResultsVisibility::AfterClosing,
                opens_at_ms: 0,
                closes_at_ms: CLOSES,
                rule: None,
                work_bits: None,
            },
        },
        phase: Phase::Open,
        turnout: Turnout {
            cast: 87,
            eligible: Some(240),
        },
        result: None,
    };
    let action = |what: &str, overdue, outcome: Option<&str>| CorrectiveAction {
        id: RequestId::parse(&"a".repeat(32)).expect("a slug"),
        topic: TopicId::parse("t0").expect("a slug"),
        wave: 1,
        items: vec![ItemRef {
            question: "items".into(),
            row: Some("repair".into()),
        }],
        what: what.into(),
        who: "江畔物业 王经理".into(),
        due_at_ms: CLOSES - 86_400_000,
        published_at_ms: 0,
        outcome: outcome.map(|text| ActionOutcome {
            text: text.into(),
            at_ms: 0,
        }),
        is_overdue: overdue,
    };
    SurveyView {
        view,
        definition: definition.into(),
        rated: "江畔物业服务有限公司".into(),
        actions: vec![
            action("报修 24 小时内上门", true, None),
            action("3 号楼电梯更换钢丝绳", false, Some("已更换并通过年检")),
        ],
    }
}

fn loaded(tag: &str, change: impl FnOnce(&mut SurveyView)) -> State {
    loaded_with(tag, PROPERTY, change)
}

fn loaded_with(tag: &str, definition: &str, change: impl FnOnce(&mut SurveyView)) -> State {
    let mut view = survey(definition);
    change(&mut view);
    let texts = Rc::new(Catalog::embedded(tag).expect("the locale exists"));
    let capabilities = Capabilities {
        topics: true,
        receipts: true,
        standing: true,
        formal: false,
    };
    let mut state = State::new(capabilities, texts, None);
    act(&mut state, Action::SurveyAnswered(Ok(Box::new(view))));
    assert!(state.survey().is_some(), "{:?}", state.round);
    state
}

fn act(state: &mut State, action: Action) {
    reduce(state, action, &ENV);
}

fn cards(nodes: &[Node]) -> Vec<Rc<crate::state::Card>> {
    let mut all = Vec::new();
    for node in nodes {
        match node {
            Node::Panel { nodes, .. } => all.extend(cards(nodes)),
            Node::Question(card) => all.push(card.clone()),
        }
    }
    all
}

/// The question of this key on the present page.
fn id(state: &State, key: &str) -> u32 {
    let form = state.form.as_ref().expect("a form");
    let cards = cards(&form.nodes);
    let card = cards.iter().find(|card| card.key == key);
    card.unwrap_or_else(|| panic!("no {key} on the page")).id
}

fn pick(state: &mut State, key: &str, row: usize, item: usize) {
    let question = id(state, key);
    act(
        state,
        Action::Picked {
            question,
            row,
            item,
        },
    );
}

fn write(state: &mut State, key: &str, field: usize, text: &str) {
    let (question, text) = (id(state, key), text.to_owned());
    act(
        state,
        Action::Wrote {
            question,
            field,
            text,
        },
    );
}

fn begun(tag: &str) -> State {
    let mut state = loaded(tag, |_| {});
    act(&mut state, Action::Started);
    state
}

fn on_page_two(tag: &str) -> State {
    let mut state = begun(tag);
    pick(&mut state, "overall", 0, 1);
    write(&mut state, "why", 0, "电梯常坏，打电话没人接");
    pick(&mut state, "nps", 0, 4);
    act(&mut state, Action::NextAsked);
    state
}

fn on_page_three(tag: &str) -> State {
    let mut state = on_page_two(tag);
    for (row, item) in [(0, 1), (1, 0), (2, 3)] {
        pick(&mut state, "items", row, item);
    }
    pick(&mut state, "mend", 0, 0);
    act(&mut state, Action::NextAsked);
    state
}

fn reviewing(tag: &str) -> State {
    let mut state = on_page_three(tag);
    pick(&mut state, "age_group", 0, 2);
    pick(&mut state, "building", 0, 7);
    write(&mut state, "years_here", 0, "12");
    act(&mut state, Action::NextAsked);
    assert_eq!(state.stage, Stage::Review);
    state
}

fn with_receipt(tag: &str, revision: u32) -> State {
    let mut state = reviewing(tag);
    act(&mut state, Action::NextAsked);
    let choice = state.ready.clone().expect("answers");
    let reply = CastReply {
        receipt: Receipt {
            version: 1,
            code: "7Q4M-KX2P-9TDA".into(),
            community: CommunityId::parse("c").expect("a slug"),
            topic: TopicId::parse("t").expect("a slug"),
            poll: PollId::parse("q").expect("a slug"),
            secrecy: Secrecy::Recorded,
            revision,
            commitment: "0".repeat(64),
            cast_at_ms: Some(0),
            key_id: "k".into(),
            on_behalf: false,
            signature: "s".into(),
        },
        opening: Opening {
            choice,
            nonce: "0".repeat(64),
        },
    };
    state.voter = Some(Voter {
        label: "8 栋 2 单元 301".into(),
        grant: None,
        recorded: Some(Recorded::Seen(Box::new(reply))),
    });
    state.offer = vec![
        ("building".into(), "\"8 栋\"".into()),
        ("age_group".into(), "\"60+\"".into()),
    ];
    state.form = None;
    state.stage = Stage::Receipt;
    state
}

fn staged(tag: &str, stage: Stage) -> State {
    let mut state = reviewing(tag);
    state.stage = stage;
    state
}

fn one_page(tag: &str, elements: &str) -> State {
    let definition = format!(r#"{{"elements":[{elements}]}}"#);
    let mut state = loaded_with(tag, &definition, |_| {});
    act(&mut state, Action::Started);
    state
}

/// A matrix of many rows and columns, as some authorities send it.
fn large_matrix(tag: &str, rows: usize, columns: usize) -> State {
    let list = |what: &str, count: usize| {
        let each: Vec<String> = (1..=count).map(|at| format!("\"{what} {at}\"")).collect();
        each.join(",")
    };
    one_page(
        tag,
        &format!(
            r#"{{"type":"matrix","name":"large","columns":[{}],"rows":[{}]}}"#,
            list("列", columns),
            list("第", rows)
        ),
    )
}

/// Every state by name.
fn gallery(tag: &'static str) -> Vec<(&'static str, State)> {
    let state = |change: fn(&mut SurveyView)| loaded(tag, change);
    let troubled = |round: RoundState| {
        let mut state = loaded(tag, |_| {});
        state.round = round;
        state
    };
    let casting = |step, durable| staged(tag, Stage::Casting(Progress { step, durable }));
    let waiting = |offline| ProgressStep::Waiting { offline };
    let mut drafted = begun(tag);
    pick(&mut drafted, "overall", 0, 1);
    act(&mut drafted, Action::BackAsked);
    let mut faulty = on_page_two(tag);
    pick(&mut faulty, "items", 1, 0);
    act(&mut faulty, Action::NextAsked);
    let mut faulty_first = begun(tag);
    act(&mut faulty_first, Action::NextAsked);
    let mut prefilled = loaded(tag, |_| {});
    let profile = Profile {
        may_keep: Some(true),
        facts: vec![("age_group".into(), "\"60+\"".into())],
    };
    act(&mut prefilled, Action::ProfileRead(profile));
    act(&mut prefilled, Action::Started);
    let mut filled = on_page_two(tag);
    pick(&mut filled, "items", 0, 1);
    pick(&mut filled, "mend", 0, 1);
    pick(&mut filled, "mend", 0, 5);
    write(&mut filled, "mend", COMMENT_FIELD, "垃圾桶太少");
    let mut newer = loaded(tag, |_| {});
    let title = "满意度".to_owned();
    let lang = "zh-Hans".to_owned();
    newer.round = RoundState::Newer { title, lang };
    let unknown = Problem::Refused(Refusal::CodeUnknown { attempts_left: 4 });
    vec![
        ("intro", state(|_| {})),
        ("intro-draft", drafted),
        ("upcoming", state(|one| one.view.phase = Phase::Upcoming)),
        ("closed", state(|one| one.view.phase = Phase::Closed)),
        ("page-1", begun(tag)),
        ("page-1-faulty", faulty_first),
        ("page-2", on_page_two(tag)),
        ("page-2-filled", filled),
        ("page-2-faulty", faulty),
        ("page-3", on_page_three(tag)),
        ("prefilled", prefilled),
        ("review", reviewing(tag)),
        (
            "identify",
            staged(
                tag,
                Stage::Identifying {
                    busy: false,
                    problem: None,
                },
            ),
        ),
        (
            "identify-wrong",
            staged(
                tag,
                Stage::Identifying {
                    busy: false,
                    problem: Some(unknown),
                },
            ),
        ),
        ("confirming", staged(tag, Stage::Confirming)),
        ("sending", casting(ProgressStep::Sending, true)),
        ("offline", casting(waiting(true), true)),
        ("offline-page", casting(waiting(true), false)),
        ("server-away", casting(waiting(false), true)),
        ("receipt", with_receipt(tag, 1)),
        ("dispatched", staged(tag, Stage::Dispatched)),
        (
            "quota-full",
            staged(tag, Stage::Refused(Refusal::QuotaFull)),
        ),
        (
            "version-unknown",
            staged(tag, Stage::Refused(Refusal::VersionUnknown)),
        ),
        ("loading", troubled(RoundState::Loading)),
        (
            "unreachable",
            troubled(RoundState::Failed(Trouble::Unreachable)),
        ),
        (
            "fault",
            troubled(RoundState::Failed(Trouble::Fault("k7-2f".into()))),
        ),
        (
            "unknown",
            troubled(RoundState::Refused(Refusal::TopicUnknown)),
        ),
        ("newer", newer),
        ("matrix-large", large_matrix(tag, 8, 12)),
        ("looks", one_page(tag, LOOKS)),
        ("inside", inside(tag)),
    ]
}

/// Questions inside questions, and an order.
fn inside(tag: &str) -> State {
    let mut state = one_page(tag, INSIDE);
    let question = id(&state, "people");
    act(&mut state, Action::RowAdded(question));
    state
}

const INSIDE: &str = r#"
    {"type":"ranking","name":"order","title":"哪件事最要紧？","choices":["加装电梯","停车位","儿童乐园"]},
    {"type":"multipletext","name":"lines","title":"家里各有几口人？","items":[{"name":"old","title":"60 岁以上"},{"name":"young","title":"18 岁以下"}]},
    {"type":"paneldynamic","name":"people","title":"需要照料的老人","panelCount":1,"panelAddText":"再加一位","templateTitle":"老人","templateElements":[{"type":"text","name":"age","inputType":"number","title":"年龄"},{"type":"boolean","name":"alone","title":"独居吗？"}]},
    {"type":"matrixdropdown","name":"table","title":"这些地方去得多吗？","columns":[{"name":"often","title":"多久一次","cellType":"radiogroup","choices":["每天","每周","很少"]}],"rows":["活动室","食堂"]}
"#;

/// One of each look that the property survey has not.
const LOOKS: &str = r#"
    {"type":"rating","name":"stars","rateType":"stars","title":"星级"},
    {"type":"rating","name":"five","title":"1–5 分","minRateDescription":"很差","maxRateDescription":"很好"},
    {"type":"rating","name":"long","title":"文字等级","rateValues":["非常满意而且愿意推荐","满意","说不清"],"autoGenerate":false},
    {"type":"radiogroup","name":"other","title":"单选带其他","choices":["甲","乙"],"showOtherItem":true,"showDontKnowItem":true},
    {"type":"checkbox","name":"all","title":"多选带全选","choices":["甲","乙","丙"],"showSelectAllItem":true,"colCount":2},
    {"type":"text","name":"tel","inputType":"tel","title":"电话","placeholder":"例如 0551-…"},
    {"type":"text","name":"readonly","readOnly":true,"defaultValue":"不能改","title":"只读"}
"#;

fn page(html: &str, dark: bool) -> String {
    let styles = concat!(
        include_str!("../../../../crates/ui/src/tokens.css"),
        include_str!("../../style.css")
    );
    let styles = styles.replace(":host", "#host");
    let ground = if dark { "#141817" } else { "#f4efe6" };
    format!(
        "<!doctype html><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <style>body{{margin:0;padding:16px;background:{ground}}}{styles}</style><div id=host>{html}</div>"
    )
}

#[test]
fn every_card_renders_in_every_language_and_look() {
    let folder = std::env::var_os("LINLI_PREVIEW_DIR").map(std::path::PathBuf::from);
    for tag in ["zh-Hans", "en"] {
        for (name, state) in gallery(tag) {
            let state = Rc::new(state);
            for (elder, dark) in [(false, false), (true, false), (false, true), (true, true)] {
                let html = render(&state, tag, elder, dark);
                assert!(html.contains("card"), "{name}");
                assert!(
                    !html.contains("style="),
                    "{name}: a strict CSP refuses style attributes"
                );
                assert!(
                    !html.contains('{'),
                    "{name} in {tag}: an unfilled placeholder in {html}"
                );
                if let Some(folder) = &folder {
                    let mode = format!(
                        "{name}-{tag}{}{}",
                        if elder { "-elder" } else { "" },
                        if dark { "-dark" } else { "" }
                    );
                    let file = folder.join(format!("{mode}.html"));
                    std::fs::write(file, page(&html, dark)).expect("the folder is writable");
                }
            }
        }
    }
}

#[test]
fn the_definition_of_these_tests_is_supported() {
    let json = serde_json::from_str(PROPERTY).expect("JSON");
    let faults = linli_model::survey::read(&json).err();
    assert_eq!(faults, None);
}

fn text_of(name: &str, tag: &'static str) -> String {
    let states = gallery(tag);
    let (_, state) = states
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap_or_else(|| panic!("no state {name}"));
    render(&Rc::new(state), tag, false, false)
}

#[test]
fn a_rate_says_where_on_the_scale_it_is() {
    let first = text_of("page-1", "zh-Hans");
    assert!(
        first.contains(r#"aria-label="3，共 5 级，基本满意""#),
        "{first}"
    );
    // A scale of numbers is called by them, its ends by their meaning.
    assert!(
        first.contains(r#"aria-label="0，共 10 级，完全不愿意""#),
        "{first}"
    );
    assert!(first.contains(r#"aria-label="7，共 10 级""#), "{first}");
    let first = text_of("page-1", "en");
    assert!(
        first.contains(r#"aria-label="3 of 5, Fairly satisfied""#),
        "{first}"
    );
    let looks = text_of("looks", "zh-Hans");
    assert!(
        looks.contains(r#"aria-label="2，共 5 级""#),
        "stars: {looks}"
    );
    assert!(
        looks.contains(r#"aria-label="1，共 3 级，非常满意而且愿意推荐""#),
        "{looks}"
    );
}

#[test]
fn a_matrix_row_is_a_group_called_by_its_row_and_a_cell_by_its_column() {
    let page = text_of("page-2", "zh-Hans");
    let row = page.split("mrow").nth(2).expect("a second row");
    assert!(row.contains(r#"role="radiogroup""#), "{row}");
    let named = row.split("aria-labelledby=\"").nth(1).expect("a name");
    let id = named.split('"').next().expect("an id");
    assert!(row.contains(&format!(r#"id="{id}">门岗和巡逻"#)), "{row}");
    assert!(row.contains("<span>很满意</span>"), "{row}");
}

#[test]
fn a_question_is_a_named_group_and_its_error_describes_it() {
    let page = text_of("page-1-faulty", "zh-Hans");
    assert!(page.contains("<legend class=\"ask\">"), "{page}");
    assert!(page.contains(r#"aria-describedby="q0-wrong""#), "{page}");
    assert!(page.contains(r#"id="q0-wrong"><span>请选一项"#), "{page}");
    assert!(page.contains(r#"aria-invalid="true""#), "{page}");
    assert!(page.contains(r#"role="alert""#), "{page}");
    assert!(page.contains("还有 1 题要看一看"), "{page}");
}

#[test]
fn a_field_has_its_label_and_the_right_keyboard() {
    let page = text_of("page-3", "zh-Hans");
    let field = page
        .split("<input")
        .find(|one| one.contains("inputmode=\"decimal\""));
    let id = field
        .and_then(|one| one.split("id=\"").nth(1))
        .expect("an id");
    let id = id.split('"').next().expect("an id");
    assert!(page.contains(&format!(r#"for="{id}""#)), "{page}");
    assert!(page.contains(r#"type="email" inputmode="email""#), "{page}");
    assert!(page.contains("<select"), "{page}");
    assert!(page.contains("<strong>不是必答</strong>"), "{page}");
}

#[test]
fn the_review_names_what_a_tap_would_change() {
    let review = text_of("review", "en");
    assert!(
        review.contains("Fairly") || review.contains("Dissatisfied"),
        "{review}"
    );
    assert!(review.contains("Guards and patrols: Great"), "{review}");
    assert!(review.contains("No answer"), "{review}");
    assert!(
        review.contains(r#"aria-labelledby="q0-change q0-title""#),
        "{review}"
    );
}

#[test]
fn nobody_is_told_that_answers_are_recorded_before_they_are() {
    for name in [
        "sending",
        "offline",
        "offline-page",
        "server-away",
        "dispatched",
    ] {
        let html = text_of(name, "en");
        assert!(!html.contains("are recorded. Thank"), "{name}: {html}");
    }
    assert!(text_of("receipt", "en").contains("7Q4M-KX2P-9TDA"));
}
