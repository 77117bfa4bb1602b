//! Screens rendered to text: names, roles, words.

use super::{Ui, desk};
use crate::route::Route;
use crate::state::{Action, Dialog, Effect, Env, Field, FillAct, Pick, State, Tastes, reduce};
use futures::executor::block_on;
use linli_model::{CommunityId, TopicId, UtcMs};
use linli_port::desk::{Desk, FileBytes};
use linli_port::memory::{CODE, Fault, MemoryDesk, PASSWORD, TestAmbient};
use linli_texts::Catalog;
use std::rc::Rc;
use yew::prelude::*;

const NOW: UtcMs = 1_793_448_000_000;

#[derive(Clone, PartialEq, Properties)]
struct ProbeProps {
    state: State,
    tag: &'static str,
}

#[component]
fn Probe(props: &ProbeProps) -> Html {
    let texts = Catalog::embedded(props.tag).expect("the locale exists");
    desk(&Ui {
        state: &props.state,
        texts: &texts,
        act: Callback::noop(),
        file: Callback::noop(),
        heading: NodeRef::default(),
        dialog: NodeRef::default(),
        origin: "https://linli.example",
    })
}

fn render(state: &State, tag: &'static str) -> String {
    let props = ProbeProps {
        state: state.clone(),
        tag,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let set = tokio::task::LocalSet::new();
    let renderer = yew::LocalServerRenderer::<Probe>::with_props(props).hydratable(false);
    set.block_on(&runtime, renderer.render())
}

/// A state after these actions, the community in memory answering.
fn played(backend: &MemoryDesk, actions: Vec<Action>) -> State {
    let tastes = Tastes {
        elder: false,
        theme: linli_ui::Theme::Light,
        keys: true,
    };
    let community = CommunityId::parse("jiangpan").unwrap();
    let (mut state, _) = State::new(community, None, None, Route::Home, tastes);
    let typed = |field, text: &str| Action::Typed(field, text.to_owned());
    let mut due = vec![
        typed(Field::Login, "zhou"),
        typed(Field::Password, PASSWORD),
        typed(Field::Code, CODE),
        Action::Entered,
    ];
    due.extend(actions);
    let mut due = std::collections::VecDeque::from(due);
    let env = Env {
        now_ms: NOW,
        chance: [7; 16],
    };
    while let Some(action) = due.pop_front() {
        for effect in reduce(&mut state, action, &env).into_iter().rev() {
            match effect {
                Effect::SignIn(body) => {
                    due.push_front(Action::SignedIn(block_on(backend.sign_in(&body))));
                }
                Effect::Ask(token, question) => {
                    let answer = block_on(backend.ask(&token, &question));
                    due.push_front(Action::Answered(question, answer));
                }
                Effect::Send(token, key, command) => {
                    let reply = block_on(backend.command(&token, &key, &command));
                    due.push_front(Action::Replied(key, reply));
                }
                Effect::Attach(token, key, topic, alt, file) => {
                    let told = block_on(backend.attach(&token, &key, &topic, &alt, &file));
                    due.push_front(Action::Attached(key, told));
                }
                Effect::FillIn(token, key, topic, body) => {
                    let told = block_on(backend.fill_in(&token, &key, &topic, &body));
                    due.push_front(Action::FilledIn(key, told));
                }
                _ => {}
            }
        }
    }
    state
}

fn backend() -> MemoryDesk {
    MemoryDesk::sample(Rc::new(TestAmbient::new(NOW, 7)))
}

fn topic(id: &str) -> TopicId {
    TopicId::parse(id).unwrap()
}

/// Filling in for 401 室 of 4 栋, so many steps of it.
fn filling(steps: usize) -> State {
    let backend = backend();
    let mut acts = vec![Action::Went(Route::Fill(topic("empty-lot")))];
    let searched = [
        Action::Typed(Field::FillSearch, "4 栋 40".to_owned()),
        Action::Fill(FillAct::Search),
    ];
    if steps > 0 {
        acts.extend(searched);
    }
    if steps > 1 {
        acts.push(Action::Fill(FillAct::Voter(3)));
    }
    if steps > 2 {
        acts.push(Action::Picked(Pick::FillChoice("shed".to_owned())));
        acts.push(Action::Typed(Field::Consenter, "王桂兰".to_owned()));
        acts.push(Action::Fill(FillAct::Next));
    }
    if steps > 3 {
        acts.push(Action::Fill(FillAct::Go));
    }
    played(&backend, acts)
}

#[test]
fn what_is_read_back_names_the_household_and_its_choice() {
    let choosing = render(&filling(2), "zh-Hans");
    assert!(choosing.contains("4 栋 · 404 室"), "{choosing}");
    let html = render(&filling(3), "zh-Hans");
    assert!(html.contains("请向居民复述"), "{html}");
    assert!(html.contains("您的选择是：电动车充电棚"), "{html}");
    let html = render(&filling(4), "zh-Hans");
    assert!(html.contains("7K2M-0QXD-0001"), "{html}");
    assert!(
        !html.contains("王桂兰"),
        "done: nothing of it stays on screen"
    );
}

/// Every screen, as somebody who may do everything finds it.
fn screens() -> Vec<(&'static str, State)> {
    let at = |route: Route| played(&backend(), vec![Action::Went(route)]);
    vec![
        ("home", played(&backend(), Vec::new())),
        ("polls", at(Route::Polls)),
        ("open", at(Route::Poll(topic("empty-lot")))),
        ("closed", at(Route::Poll(topic("waste-hours")))),
        ("draft", at(Route::Poll(topic("sport-field")))),
        ("new", at(Route::NewPoll)),
        ("edit", at(Route::EditPoll(topic("sport-field")))),
        ("approvals", at(Route::Approvals)),
        ("rolls", at(Route::Rolls)),
        ("codes", at(Route::Codes)),
        ("people", at(Route::People)),
        ("audit", at(Route::Audit)),
        ("places", at(Route::Places)),
        (
            "roll",
            at(Route::Roll(linli_model::desk::RollKind::Households)),
        ),
        ("more", at(Route::More)),
        ("requests", at(Route::Requests)),
        ("fill", filling(0)),
        ("fill: found", filling(1)),
        ("fill: choosing", filling(2)),
        ("fill: reading back", filling(3)),
        ("fill: done", filling(4)),
    ]
}

#[test]
fn every_screen_has_one_heading_landmarks_and_all_its_words() {
    for (name, state) in screens() {
        for tag in ["zh-Hans", "en"] {
            let html = render(&state, tag);
            assert_eq!(html.matches("<h1").count(), 1, "{name}: {html}");
            for part in ["<main", "<nav", "role=\"status\"", "class=\"skip\""] {
                assert!(html.contains(part), "{name}: no {part}");
            }
            assert!(!html.contains(" style="), "{name}: a strict CSP forbids it");
            let left = html.match_indices('{').count();
            assert_eq!(left, 0, "{name}, {tag}: a placeholder is left: {html}");
        }
    }
}

/// Labels say `for`; what they name must be there, once.
#[test]
fn every_label_has_its_field_and_every_field_its_name() {
    for (name, state) in screens() {
        let html = render(&state, "zh-Hans");
        for id in attributes(&html, " for=\"") {
            let fields = html.matches(&format!(" id=\"{id}\"")).count();
            assert_eq!(fields, 1, "{name}: {id}");
        }
        for id in attributes(&html, " aria-describedby=\"") {
            for one in id.split(' ') {
                assert!(html.contains(&format!(" id=\"{one}\"")), "{name}: {one}");
            }
        }
        for button in html.split("<button").skip(1) {
            let (head, rest) = button.split_once('>').unwrap();
            let words = rest.split("</button>").next().unwrap();
            let named = head.contains("aria-label=\"") || !words.is_empty();
            assert!(named, "{name}: a button without a name: {button}");
        }
    }
}

fn attributes<'a>(html: &'a str, key: &str) -> Vec<&'a str> {
    let found = html.split(key).skip(1);
    found.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn small_places_are_left_out_and_said_so() {
    let state = played(
        &backend(),
        vec![Action::Went(Route::Poll(topic("empty-lot")))],
    );
    let html = render(&state, "zh-Hans");
    assert!(!html.contains("门卫宿舍"), "{html}");
    assert!(html.contains("另有 1 处人数太少"), "{html}");
    assert!(html.contains("<table"), "the bars have a table beside them");
}

#[test]
fn ones_own_request_says_why_it_waits() {
    let backend = backend();
    let state = played(
        &backend,
        vec![
            Action::Went(Route::Poll(topic("empty-lot"))),
            Action::Opened(Dialog::Close(topic("empty-lot"))),
            Action::Typed(Field::Reason, "定了".to_owned()),
            Action::ConfirmAsked,
            Action::Went(Route::Approvals),
        ],
    );
    let html = render(&state, "zh-Hans");
    assert!(
        html.contains("这是您提出的，要由另一个人来决定。"),
        "{html}"
    );
    assert!(html.contains("李卫东"), "and the other's can be decided");
}

#[test]
fn what_cannot_be_shown_says_what_to_do() {
    let backend = backend();
    let state = played(&backend, Vec::new());
    backend.faults().always(Some(Fault::Broken));
    let failed = played_on(&backend, state, Action::Went(Route::People));
    let html = render(&failed, "en");
    assert!(
        html.contains("tell the operator this number: memory"),
        "{html}"
    );
    assert!(html.contains("Try again"), "{html}");
}

fn played_on(backend: &MemoryDesk, mut state: State, action: Action) -> State {
    let env = Env {
        now_ms: NOW,
        chance: [9; 16],
    };
    for effect in reduce(&mut state, action, &env) {
        if let Effect::Ask(token, question) = effect {
            let answer = block_on(backend.ask(&token, &question));
            reduce(&mut state, Action::Answered(question, answer), &env);
        }
    }
    state
}

#[test]
fn what_people_write_is_never_markup() {
    let backend = backend();
    let mut state = played(&backend, vec![Action::Went(Route::NewPoll)]);
    if let Some(editor) = &mut state.editor {
        editor.title = "<img src=x onerror=alert(1)>".to_owned();
    }
    let html = render(&state, "en");
    assert!(!html.contains("<img"), "{html}");
}

/// What it takes to pass stands in one sentence; what cannot be chosen says why.
#[test]
fn a_rule_says_what_it_takes_and_why_it_cannot_be_chosen() {
    use crate::editor::Kind;
    use crate::rule::Method;
    use crate::state::Pick;
    use linli_model::Electorate;
    let mut actions = vec![Action::Went(Route::NewPoll)];
    let html = render(&played(&backend(), actions.clone()), "zh-Hans");
    let off = |html: &str, id: &str| {
        let input = html.split("<input").find(|input| {
            let head = input.split('>').next().unwrap_or_default();
            head.contains(&format!("id=\"{id}\""))
        });
        let head = input.unwrap().split('>').next().unwrap().to_owned();
        head.contains("disabled")
    };
    assert!(off(&html, "method-1") && off(&html, "method-2"), "{html}");
    assert!(html.contains("只能用于“同意、反对、弃权”的表决"), "{html}");
    actions.extend([
        Action::Picked(Pick::Kind(Kind::Motion)),
        Action::Picked(Pick::Electorate(Electorate::Owners)),
        Action::Picked(Pick::Method(Method::Owners)),
        Action::Typed(Field::Matter, "7".to_owned()),
    ]);
    let html = render(&played(&backend(), actions.clone()), "zh-Hans");
    assert!(!off(&html, "method-1") && !off(&html, "method-2"));
    let sentence = "要通过：参与 · 面积须达 2/3（占名册全部），并且参与 · 人数须达 2/3（占名册全部），\
                    并且同意 · 面积须达 3/4（占参与的），并且同意 · 人数须达 3/4（占参与的）。";
    assert!(html.contains(sentence), "{html}");
    actions.push(Action::Picked(Pick::Electorate(Electorate::Devices)));
    let html = render(&played(&backend(), actions), "en");
    assert!(off(&html, "nature-1") && off(&html, "method-2"), "{html}");
    assert!(html.contains("does not show who voted"), "{html}");
}

/// A slip says where to go in words as well, and its code is a picture with a name.
#[test]
fn slips_have_their_code_to_scan_and_the_address_in_words() {
    let mut state = played(&backend(), vec![Action::Went(Route::Codes)]);
    let slip = |label: &str, qr: &str| linli_model::desk::CodeSlip {
        place: "一网格".to_owned(),
        label: label.to_owned(),
        typed: "7Q4M-KX2P".to_owned(),
        scanned: "ab".repeat(16),
        qr: qr.to_owned(),
    };
    state.slips = vec![slip("1 号", "c78")];
    state.slips_page = "https://linli.example/p/parking".to_owned();
    let html = render(&state, "zh-Hans");
    assert!(html.contains("linli.example/p/parking，输入"), "{html}");
    assert!(html.contains("viewBox=\"-4 -4 11 11\""), "{html}");
    assert!(html.contains("aria-label=\"投票二维码\""), "{html}");
    assert!(
        !html.contains(&"ab".repeat(16)),
        "the long code is in the picture alone"
    );
    (state.slips, state.slips_page) = (vec![slip("1 号", "")], String::new());
    let html = render(&state, "zh-Hans");
    assert!(
        !html.contains("slip-qr") && html.contains("7Q4M-KX2P"),
        "{html}"
    );
}

#[test]
fn attachments_are_named_for_the_ear_and_say_what_is_missing() {
    let backend = backend();
    let file = |media_type: &str| {
        Action::FileChosen(FileBytes {
            name: "file".to_owned(),
            media_type: media_type.to_owned(),
            bytes: vec![0; 2_000],
        })
    };
    let alt = |text: &str| Action::Typed(Field::AttachmentAlt, text.to_owned());
    let added = |media_type: &str, words: &str| {
        let screen = Action::Went(Route::Poll(topic("empty-lot")));
        vec![screen, file(media_type), alt(words), Action::AttachAsked]
    };
    let html = render(
        &played(&backend, added("image/jpeg", "The lot <east>")),
        "en",
    );
    for part in [
        "<h2>Attachments</h2>",
        ">The lot &lt;east&gt;</a>",
        "alt=\"\" loading=\"lazy\"",
        "aria-label=\"Remove “The lot &lt;east&gt;”\"",
        "Picture · 2 KB",
        "for=\"f-attachment-file\"",
        "for=\"f-attachment-alt\"",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let backend = self::backend();
    let mut acts = added("application/pdf", "Plan");
    acts.extend([file("image/png"), Action::AttachAsked]);
    let html = render(&played(&backend, acts), "zh-Hans");
    for part in [
        "PDF · 2 KB",
        "aria-describedby=\"f-attachment-alt-fault f-attachment-alt-hint\"",
        "aria-invalid=\"true\"",
        "已选：file",
        "移除“Plan”",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
}
