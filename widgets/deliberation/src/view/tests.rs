//! Every card, rendered to text: names, roles, words. With `LINLI_PREVIEW_DIR` set,
//! each is also written there as a page, in both languages, to be looked at.

use super::{Looks, card};
use crate::state::{
    Action, Env, Keepsakes, Problem, Progress, ProgressStep, Recorded, Stage, State, TopicState,
    Trouble, Voter, reduce,
};
use linli_model::*;
use linli_port::Capabilities;
use linli_texts::Catalog;
use yew::prelude::*;

const CLOSES: UtcMs = 1_793_448_000_000;
const ENV: Env = Env {
    now_ms: CLOSES - 3_600_000,
    chance: [[1; 16], [2; 16]],
};

#[derive(Clone, PartialEq, Properties)]
struct ProbeProps {
    state: State,
    tag: &'static str,
    elder: bool,
    dark: bool,
}

#[component]
fn Probe(props: &ProbeProps) -> Html {
    let texts = Catalog::embedded(props.tag).expect("the locale exists");
    let looks = Looks {
        texts: &texts,
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

fn render(state: &State, tag: &'static str, elder: bool, dark: bool) -> String {
    let props = ProbeProps {
        state: state.clone(),
        tag,
        elder,
        dark,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let set = tokio::task::LocalSet::new();
    let renderer = yew::LocalServerRenderer::<Probe>::with_props(props).hydratable(false);
    set.block_on(&runtime, renderer.render())
}

fn opt(id: &str, text: &str, detail: &str) -> PollOption {
    let id = OptionId::parse(id).expect("a slug");
    PollOption {
        id,
        text: text.into(),
        detail: detail.into(),
    }
}

fn topic() -> TopicView {
    let kind = PollKind::SingleChoice {
        options: vec![
            opt("sun", "晾晒区和长椅", "约 1.2 万元，占地 40 ㎡"),
            opt("charge", "电动车充电棚", "12 个车位，离楼 6 米，带烟感"),
            opt("sand", "儿童沙坑", ""),
            opt("keep", "保持原样", ""),
        ],
    };
    TopicView {
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
            title: "3 号楼前空地，改成什么？".into(),
            summary: "拆除旧车棚后空出约 60 ㎡。四种用法都已经和消防、物业核过，可以做。".into(),
            poll: Poll {
                id: PollId::parse("q").expect("a slug"),
                question: String::new(),
                kind,
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
    }
}

fn loaded(change: impl FnOnce(&mut TopicView)) -> State {
    let mut view = topic();
    change(&mut view);
    let (receipts, formal) = (true, false);
    let mut state = State::new(Capabilities {
        topics: true,
        receipts,
        standing: true,
        formal,
    });
    reduce(&mut state, Action::TopicAnswered(Ok(Box::new(view))), &ENV);
    state
}

fn chosen(names: &[&str]) -> Vec<OptionId> {
    names
        .iter()
        .map(|name| OptionId::parse(name).expect("a slug"))
        .collect()
}

fn with_receipt(mut state: State, revision: u32) -> State {
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
            choice: Choice::Options {
                options: chosen(&["charge"]),
            },
            nonce: "0".repeat(64),
        },
    };
    let recorded = Some(Recorded::Seen(Box::new(reply)));
    state.voter = Some(Voter {
        label: "8 栋 2 单元 301".into(),
        grant: None,
        recorded,
    });
    state.stage = Stage::Receipt;
    state
}

fn counted(view: &mut TopicView, votes: &[(&str, u64)]) {
    let choices: Vec<(Choice, u64)> = votes
        .iter()
        .map(|(name, times)| {
            (
                Choice::Options {
                    options: chosen(&[name]),
                },
                *times,
            )
        })
        .collect();
    let pairs = choices.iter().map(|(choice, times)| (choice, *times));
    let mut result = linli_rules::tally::count(&view.topic.poll.kind, pairs, Some(240), true);
    result.places = ["一网格", "二网格", "三网格"]
        .iter()
        .zip([51, 60, 45])
        .map(|(name, cast)| PlaceTurnout {
            place: PlaceRef {
                id: PlaceId::parse("p").expect("a slug"),
                name: (*name).to_owned(),
            },
            turnout: Turnout {
                cast,
                eligible: Some(80),
            },
        })
        .collect();
    view.turnout = result.turnout;
    view.result = Some(result);
    view.phase = Phase::Closed;
}

fn casting(step: ProgressStep, durable: bool) -> State {
    let mut state = loaded(|_| {});
    let choice = Choice::Options {
        options: chosen(&["charge"]),
    };
    state.stage = Stage::Casting(Progress {
        step,
        durable,
        choice,
    });
    state
}

fn staged(stage: Stage) -> State {
    let mut state = loaded(|_| {});
    state.draft = chosen(&["charge"]);
    state.stage = stage;
    state
}

/// As with a backend that serves no topics: the page's own topic, and nothing counted.
fn uncounted(mut state: State) -> State {
    (state.capabilities.topics, state.capabilities.receipts) = (false, false);
    if let TopicState::Loaded { view, .. } = &mut state.topic {
        view.turnout = Turnout {
            cast: 0,
            eligible: None,
        };
    }
    state
}

/// Every state by name.
fn gallery() -> Vec<(&'static str, State)> {
    let drafting = |mut state: State, names: &[&str]| {
        state.draft = chosen(names);
        state
    };
    let mut failed = loaded(|_| {});
    failed.topic = TopicState::Failed(Trouble::Unreachable);
    let mut fault = loaded(|_| {});
    fault.topic = TopicState::Failed(Trouble::Fault("k7-2f".into()));
    let mut unknown = loaded(|_| {});
    unknown.topic = TopicState::Refused(Refusal::TopicUnknown);
    let mut newer = loaded(|_| {});
    reduce(
        &mut newer,
        Action::TopicAnswered(Err(linli_port::PortError::Newer {
            title: "电梯加装方案排序".into(),
            lang: "zh-Hans".into(),
        })),
        &ENV,
    );
    let mut loading = loaded(|_| {});
    loading.topic = TopicState::Loading;
    let mut stale = loaded(|_| {});
    reduce(
        &mut stale,
        Action::TopicAnswered(Err(linli_port::PortError::Unreachable)),
        &ENV,
    );
    let mut confirming = with_receipt(loaded(|_| {}), 1);
    confirming.draft = chosen(&["sun"]);
    confirming.stage = Stage::Confirming;
    let multiple = |view: &mut TopicView| {
        let options = view.topic.poll.kind.options().to_vec();
        view.topic.poll.kind = PollKind::MultipleChoice {
            options,
            min: 2,
            max: 3,
        };
    };
    let motion = |view: &mut TopicView| view.topic.poll.kind = PollKind::Motion;
    let identify = |problem| {
        staged(Stage::Identifying {
            busy: false,
            problem,
        })
    };
    vec![
        ("loading", loading),
        ("upcoming", loaded(|view| view.phase = Phase::Upcoming)),
        ("open", loaded(|_| {})),
        ("drafting", drafting(loaded(|_| {}), &["charge"])),
        ("motion", drafting(loaded(motion), &["yes"])),
        ("multiple", drafting(loaded(multiple), &["charge"])),
        ("identifying", identify(None)),
        ("code-malformed", identify(Some(Problem::CodeMalformed))),
        (
            "code-unknown",
            identify(Some(Problem::Refused(Refusal::CodeUnknown {
                attempts_left: 4,
            }))),
        ),
        ("confirming", confirming),
        ("sending", casting(ProgressStep::Sending, true)),
        (
            "offline",
            casting(ProgressStep::Waiting { offline: true }, true),
        ),
        (
            "offline-page",
            casting(ProgressStep::Waiting { offline: true }, false),
        ),
        ("sending-page", casting(ProgressStep::Sending, false)),
        (
            "server-away",
            casting(ProgressStep::Waiting { offline: false }, true),
        ),
        ("receipt", with_receipt(loaded(|_| {}), 1)),
        ("receipt-changed", with_receipt(loaded(|_| {}), 2)),
        ("changing", {
            let mut state = with_receipt(loaded(|_| {}), 1);
            reduce(&mut state, Action::ChangeAsked, &ENV);
            state
        }),
        ("dispatched", staged(Stage::Dispatched)),
        ("dispatched-closed", {
            let mut state = uncounted(loaded(|view| view.phase = Phase::Closed));
            let mut keepsakes = Keepsakes {
                current: Some(String::new()),
                ..Keepsakes::default()
            };
            keepsakes.of_mut("").dispatched = Some(Choice::Options {
                options: chosen(&["sun"]),
            });
            reduce(&mut state, Action::KeepsakesRead(keepsakes), &ENV);
            state
        }),
        ("uncounted", uncounted(loaded(|_| {}))),
        (
            "uncounted-formal",
            uncounted(loaded(|view| view.topic.poll.nature = PollNature::Formal)),
        ),
        (
            "refused-already",
            staged(Stage::Refused(Refusal::AlreadyVoted)),
        ),
        (
            "refused-closed",
            staged(Stage::Refused(Refusal::Closed {
                closed_at_ms: CLOSES,
            })),
        ),
        (
            "secret-lost",
            staged(Stage::Refused(Refusal::BallotSecretLost)),
        ),
        (
            "closed",
            loaded(|view| {
                counted(
                    view,
                    &[("sun", 31), ("charge", 98), ("sand", 19), ("keep", 8)],
                )
            }),
        ),
        (
            "closed-tie",
            loaded(|view| counted(view, &[("sun", 40), ("charge", 40)])),
        ),
        ("closed-none", loaded(|view| counted(view, &[]))),
        (
            "closed-mine",
            with_receipt(
                loaded(|view| counted(view, &[("sun", 31), ("charge", 98)])),
                1,
            ),
        ),
        ("closed-counting", loaded(|view| view.phase = Phase::Closed)),
        (
            "formal-elsewhere",
            loaded(|view| view.topic.poll.nature = PollNature::Formal),
        ),
        ("unreachable", failed),
        ("fault", fault),
        ("topic-unknown", unknown),
        ("newer", newer),
        ("stale", stale),
    ]
}

fn page(body: &str, dark: bool) -> String {
    let css = concat!(
        include_str!("../../../../crates/ui/src/tokens.css"),
        include_str!("../../style.css")
    );
    let ground = if dark { "#141817" } else { "#f4efe6" };
    format!(
        "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <style>body{{margin:0;padding:16px;background:{ground}}}{css}</style>{body}"
    )
}

#[test]
fn every_state_renders_in_every_language_and_mode() {
    let folder = std::env::var_os("LINLI_PREVIEW_DIR").map(std::path::PathBuf::from);
    for (name, state) in gallery() {
        for tag in ["zh-Hans", "en"] {
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
                    let file = folder.join(mode).with_extension("html");
                    std::fs::write(file, page(&html, dark)).expect("the folder is writable");
                }
            }
        }
    }
}

fn text_of(name: &str) -> String {
    let states = gallery();
    let (_, state) = states
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a known state");
    render(state, "zh-Hans", false, false)
}

#[test]
fn the_button_says_what_it_will_do() {
    for (name, expected) in [
        ("open", "先选一项"),
        ("drafting", "投给「电动车充电棚」"),
        ("motion", "投「同意」"),
        ("multiple", "还要选 1 项"),
        ("identifying", "确认，并投给「电动车充电棚」"),
        ("confirming", "改投「晾晒区和长椅」"),
        ("changing", "改投「电动车充电棚」"),
    ] {
        assert!(
            text_of(name).contains(expected),
            "{name}: {}",
            text_of(name)
        );
    }
}

#[test]
fn options_are_native_radios_and_checkboxes_in_a_named_group() {
    let single = text_of("drafting");
    assert_eq!(single.matches("type=\"radio\"").count(), 4);
    assert_eq!(single.matches(" checked").count(), 1);
    assert!(single.contains("<legend"));
    assert_eq!(text_of("multiple").matches("type=\"checkbox\"").count(), 4);
    assert_eq!(text_of("motion").matches("type=\"radio\"").count(), 3);
}

#[test]
fn what_is_not_recorded_is_not_said_to_be() {
    for name in ["sending", "offline", "server-away"] {
        let text = text_of(name);
        assert!(!text.contains("这一票已入账"), "{name}");
        assert!(!text.contains("<li class=\"done\">已入账"), "{name}");
    }
    let dispatched = text_of("dispatched");
    assert!(dispatched.contains("已送出") && !dispatched.contains(">已入账"));
}

#[test]
fn a_turnout_that_nobody_counts_is_not_shown() {
    for name in ["uncounted", "uncounted-formal", "dispatched-closed"] {
        assert!(!text_of(name).contains("参与"), "{}", text_of(name));
    }
    assert!(text_of("open").contains("240 户中已有 87 户参与"));
    assert!(text_of("formal-elsewhere").contains("87 户参与"));
}

#[test]
fn after_closing_a_dispatched_ballot_is_not_denied_and_no_result_promised() {
    let text = text_of("dispatched-closed");
    assert!(text.contains("您投的是「晾晒区和长椅」"), "{text}");
    assert!(!text.contains("您没有在这台手机上投票"), "{text}");
    assert!(!text.contains("正在计票"), "{text}");
    assert!(text_of("closed-counting").contains("正在计票"));
}

#[test]
fn a_ballot_that_closing_the_page_would_lose_is_said_to_be_one() {
    for name in ["sending-page", "offline-page"] {
        assert!(text_of(name).contains("只保存在这个页面里"), "{name}");
    }
    for name in ["sending", "offline", "server-away"] {
        assert!(!text_of(name).contains("只保存在这个页面里"), "{name}");
    }
    assert!(!text_of("sending-page").contains("现在再送一次"));
}

#[test]
fn counts_are_nowhere_before_they_may_be_seen() {
    assert!(!text_of("open").contains("result"));
    assert!(text_of("receipt").contains("截止后才公布结果"));
    assert!(text_of("closed").contains("「电动车充电棚」得票最多：98 票，占 62.8%。"));
}

#[test]
fn texts_of_people_are_text() {
    let state = loaded(|view| {
        view.topic.title = "<script>alert(1)</script>".into();
        view.topic.summary = "<img src=x onerror=alert(1)>".into();
    });
    let html = render(&state, "zh-Hans", false, false);
    assert!(
        !html.contains("<script") && !html.contains("<img"),
        "{html}"
    );
    assert!(html.contains("&lt;script&gt;"));
}

#[test]
fn a_rule_shows_each_threshold_and_what_is_missing() {
    let state = loaded(|view| {
        view.topic.poll.kind = PollKind::Motion;
        view.topic.poll.nature = PollNature::Formal;
        view.topic.poll.rule = Some(PollRule {
            article: "《民法典》第二百七十八条".into(),
            basis: "《物业管理条例》第三十二条".into(),
            method: None,
        });
        let half = Limit {
            numerator: 1,
            denominator: 2,
            bound: Bound::MoreThan,
        };
        let quorum = Limit {
            numerator: 2,
            denominator: 3,
            bound: Bound::AtLeast,
        };
        let step = |threshold, measure, limit, value, base, short| ResultStep {
            threshold,
            measure,
            limit,
            base,
            value,
            short,
            passed: short == 0,
        };
        let mut result = linli_rules::tally::count(&PollKind::Motion, [], Some(240), true);
        result.outcome = Outcome::Lost;
        result.steps = vec![
            step(
                Threshold::Participation,
                Measure::Heads,
                quorum,
                165,
                240,
                0,
            ),
            step(
                Threshold::Approval,
                Measure::Area,
                half,
                468_000,
                1_000_000,
                32_001,
            ),
        ];
        view.result = Some(result);
        view.phase = Phase::Closed;
    });
    let html = render(&state, "zh-Hans", false, false);
    for expected in [
        "《民法典》第二百七十八条",
        "没有通过：同意的还不够。",
        "参与 · 户数",
        "68.8%",
        "须达 2/3",
        "同意 · 面积",
        "46.8%",
        "须超过 1/2 · 还差 321 m²",
    ] {
        assert!(html.contains(expected), "{expected}: {html}");
    }
    assert_eq!(html.matches("bar-limit").count(), 2, "{html}");
}
