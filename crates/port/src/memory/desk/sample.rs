//! The made-up community 江畔社区, as its staff find it on an ordinary day.

use super::{Held, HeldTopic, Member, PASSWORD, Site};
use linli_model::desk::request::{ANSWER_WITHIN_MS, ResidentRequest};
use linli_model::desk::roll::{RollContactFigures, RollDiff, RollEntry, RowError, RowFault};
use linli_model::desk::{
    Approval, ApprovalState, Command, Notice, PlaceNode, Post, Role, RollKind, RollPreview,
    RollVersion, StaffRow,
};
use linli_model::me::{RequestKind, RequestState};
use linli_model::{
    ApprovalId, Changes, CommunityId, CommunityRef, Credential, Electorate, OptionCount, OptionId,
    Outcome, PlaceId, PlaceRef, PlaceTurnout, Poll, PollId, PollKind, PollNature, PollOption,
    PollResult, RequestId, ResultsVisibility, Secrecy, StaffId, Topic, TopicId, Turnout, UtcMs,
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Identifier, name, parent, households.
const PLACES: [(&str, &str, Option<&str>, u64); 9] = [
    ("jiangpan", "江畔社区", None, 0),
    ("grid-1", "一网格", Some("jiangpan"), 0),
    ("b1", "1 栋", Some("grid-1"), 96),
    ("b2", "2 栋", Some("grid-1"), 88),
    ("grid-2", "二网格", Some("jiangpan"), 0),
    ("b3", "3 栋", Some("grid-2"), 72),
    ("b4", "4 栋", Some("grid-2"), 64),
    ("guard", "门卫宿舍", Some("grid-2"), 3),
    ("grid-3", "三网格", Some("jiangpan"), 117),
];

/// Identifier, name, login, role, place.
const STAFF: [(u8, &str, &str, Role, Option<&str>); 3] = [
    (1, "周敏", "zhou", Role::Owner, None),
    (2, "李卫东", "li", Role::Moderator, Some("grid-2")),
    (3, "王秀兰", "wang", Role::Supervisor, None),
];

pub(super) fn community(now_ms: UtcMs) -> Held {
    let staff = STAFF.into_iter().map(|(n, name, login, role, at)| Member {
        row: StaffRow {
            id: StaffId::from_bytes([n; 16]),
            name: name.to_owned(),
            login: login.to_owned(),
            posts: vec![Post {
                role,
                place: at.and_then(place),
            }],
            signed_in_at_ms: Some(now_ms - i64::from(n) * 7 * HOUR_MS),
        },
        password: PASSWORD.to_owned(),
    });
    let places = PLACES
        .into_iter()
        .filter_map(|(id, name, parent, households)| {
            Some(Site {
                node: PlaceNode {
                    id: place(id)?,
                    name: name.to_owned(),
                    parent: parent.and_then(place),
                },
                households,
            })
        });
    let mut held = Held {
        community: CommunityRef {
            id: CommunityId::parse("jiangpan").unwrap_or_else(|_| unreachable!("a slug")),
            name: "江畔社区".to_owned(),
            time_zone: "Asia/Shanghai".to_owned(),
        },
        places: places.collect(),
        rolls: vec![roll(now_ms)],
        drafts: Vec::new(),
        staff: staff.collect(),
        invitations: Vec::new(),
        sessions: Vec::new(),
        topics: Vec::new(),
        approvals: Vec::new(),
        audit: Vec::new(),
        attached: Vec::new(),
        filled: Vec::new(),
        requests: requests(now_ms),
        replies: Vec::new(),
        households_with_code: 398,
        wrong_tries: 0,
        pause_until_ms: 0,
        listens: 0,
    };
    held.topics = topics(&held.community, now_ms);
    held.approvals.extend(request(now_ms));
    held
}

fn requests(now_ms: UtcMs) -> Vec<ResidentRequest> {
    let request = |n: u8, who: &str, kind, text: &str, days: i64| ResidentRequest {
        id: RequestId::from_bytes([n; 16]),
        who: who.to_owned(),
        kind,
        text: text.to_owned(),
        contact: String::new(),
        state: RequestState::Open,
        asked_at_ms: now_ms - days * DAY_MS,
        due_at_ms: now_ms - days * DAY_MS + ANSWER_WITHIN_MS,
        answer: String::new(),
        settled_at_ms: None,
    };
    let settled = ResidentRequest {
        state: RequestState::Done,
        answer: "已按房产证改为 81 ㎡。".to_owned(),
        settled_at_ms: Some(now_ms - 3 * DAY_MS),
        ..request(
            2,
            "3 栋 · 204 室",
            RequestKind::Correct,
            "面积应为 81 平方米。",
            9,
        )
    };
    let open = request(
        1,
        "1 栋 · 502 室",
        RequestKind::Correct,
        "户主写错了，应为王桂兰。",
        26,
    );
    vec![open, settled]
}

fn place(id: &str) -> Option<PlaceId> {
    PlaceId::parse(id).ok()
}

/// What 李卫东 asked for yesterday evening.
fn request(now_ms: UtcMs) -> Option<Approval> {
    Some(Approval {
        id: ApprovalId::from_bytes([9; 16]),
        command: Command::ClosePoll {
            topic: TopicId::parse("stair-light").ok()?,
            reason: "物业已经把全部楼道灯换好了，不需要再投。".to_owned(),
        },
        about: "楼道灯换成声控，同意吗？".to_owned(),
        asked_by: StaffId::from_bytes([2; 16]),
        asked_by_name: "李卫东".to_owned(),
        asked_at_ms: now_ms - 14 * HOUR_MS,
        expires_at_ms: now_ms + 6 * DAY_MS,
        state: ApprovalState::Waiting,
        decided_by_name: String::new(),
        decided_at_ms: None,
        reason: String::new(),
        may_decide: false,
        may_withdraw: false,
    })
}

fn roll(now_ms: UtcMs) -> RollVersion {
    RollVersion {
        kind: RollKind::Households,
        version: 3,
        adopted_at_ms: now_ms - 40 * DAY_MS,
        adopted_by: "周敏".to_owned(),
        file_name: "江畔户册-10月.xlsx".to_owned(),
        entries: 440,
        voters: 440,
        diff: RollDiff {
            added: 6,
            changed: 2,
            removed: 1,
            unchanged: 432,
        },
        commitment: "9f2c51d07ab3".repeat(5) + "9f2c",
    }
}

/// What reading any file gives here: a few rows, two of them wrong.
pub(super) fn preview(
    community: &CommunityRef,
    kind: RollKind,
    file_name: &str,
    now_ms: UtcMs,
) -> RollPreview {
    let entry = |label: &str, name: &str| RollEntry {
        place: place("b3").unwrap_or_else(|| unreachable!("a slug")),
        label: label.to_owned(),
        name: name.to_owned(),
        owner: String::new(),
        developer: false,
        registered_csqm: None,
        surveyed_csqm: None,
        contract_csqm: None,
    };
    let shared = |row: u32, of_row: u32| RowError {
        row,
        column: "手机号".to_owned(),
        kind: RowFault::ContactShared { of_row },
        value_excerpt: String::new(),
    };
    RollPreview {
        draft: format!("draft-{now_ms}"),
        expires_at_ms: now_ms + DAY_MS,
        community: community.id.clone(),
        kind,
        file_name: file_name.to_owned(),
        encoding: "utf-8".to_owned(),
        sheet: String::new(),
        hidden_rows: 0,
        columns_ignored: vec!["身份证号".to_owned()],
        rows: 446,
        entries: 444,
        voters: 444,
        owners_of_several: 0,
        without_area: 0,
        errors_total: 2,
        errors: vec![
            RowError {
                row: 17,
                column: "楼栋".to_owned(),
                kind: RowFault::PlaceUnknown,
                value_excerpt: "33 栋".to_owned(),
            },
            RowError {
                row: 203,
                column: "房号".to_owned(),
                kind: RowFault::Duplicate { of_row: 202 },
                value_excerpt: "3 栋 1 单元 502".to_owned(),
            },
        ],
        contacts: Some(RollContactFigures {
            with_phone: Some(431),
            with_mail: None,
            shared: 2,
            warnings: vec![shared(88, 87), shared(87, 88)],
        }),
        first: vec![
            entry("3 栋 1 单元 101", "陈立"),
            entry("3 栋 1 单元 102", "赵国庆"),
            entry("3 栋 1 单元 201", "孙桂英"),
        ],
        base_version: 3,
        diff: RollDiff {
            added: 5,
            changed: 1,
            removed: 1,
            unchanged: 438,
        },
    }
}

struct Line<'a> {
    id: &'a str,
    title: &'a str,
    summary: &'a str,
    at: (&'a str, &'a str),
    options: &'a [(&'a str, &'a str, &'a str)],
    nature: PollNature,
    hours: (i64, i64),
    published: bool,
    cast: [u64; 6],
}

fn topics(community: &CommunityRef, now_ms: UtcMs) -> Vec<HeldTopic> {
    let lines = [
        Line {
            id: "empty-lot",
            title: "3 号楼前空地，改成什么？",
            summary: "空地约 60 ㎡。施工两周，费用由社区公益金出，不向居民收钱。",
            at: ("jiangpan", "江畔社区"),
            options: &[
                ("sun", "晾晒区和长椅", "约 1.2 万元"),
                ("shed", "电动车充电棚", "12 个车位，带烟感"),
                ("sand", "儿童沙坑", ""),
                ("keep", "保持原样", ""),
            ],
            nature: PollNature::Consultation,
            hours: (-70, 5),
            published: true,
            cast: [41, 33, 20, 12, 1, 30],
        },
        Line {
            id: "stair-light",
            title: "楼道灯换成声控，同意吗？",
            summary: "二网格三个楼栋。",
            at: ("grid-2", "二网格"),
            options: &[],
            nature: PollNature::Consultation,
            hours: (-48, 96),
            published: true,
            cast: [0, 0, 25, 31, 2, 0],
        },
        Line {
            id: "gate-hours",
            title: "东门夜间关闭时间",
            summary: "",
            at: ("jiangpan", "江畔社区"),
            options: &[
                ("ten", "22:00", ""),
                ("eleven", "23:00", ""),
                ("open", "不关", ""),
            ],
            nature: PollNature::Consultation,
            hours: (20, 200),
            published: true,
            cast: [0; 6],
        },
        Line {
            id: "sport-field",
            title: "篮球场开放时间怎么定？",
            summary: "周边楼栋反映晚上有噪声，先听大家的意见。",
            at: ("grid-1", "一网格"),
            options: &[
                ("nine", "到 21:00", ""),
                ("ten", "到 22:00", "周末放宽半小时"),
            ],
            nature: PollNature::Consultation,
            hours: (48, 240),
            published: false,
            cast: [0; 6],
        },
        Line {
            id: "waste-hours",
            title: "垃圾分类投放时间",
            summary: "",
            at: ("jiangpan", "江畔社区"),
            options: &[
                ("early", "早 6:30–8:30、晚 18:30–20:30", ""),
                ("late", "早 7:00–9:00、晚 19:00–21:00", ""),
            ],
            nature: PollNature::Consultation,
            hours: (-400, -90),
            published: true,
            cast: [66, 52, 44, 39, 2, 70],
        },
    ];
    let held = lines
        .iter()
        .filter_map(|line| topic(community, line, now_ms));
    held.collect()
}

fn topic(community: &CommunityRef, line: &Line<'_>, now_ms: UtcMs) -> Option<HeldTopic> {
    let option = |(id, text, detail): &(&str, &str, &str)| {
        Some(PollOption {
            id: OptionId::parse(id).ok()?,
            text: (*text).to_owned(),
            detail: (*detail).to_owned(),
        })
    };
    let options: Vec<PollOption> = line.options.iter().filter_map(option).collect();
    let is_closed = line.hours.1 < 0;
    let poll = Poll {
        id: PollId::parse(line.id).ok()?,
        question: String::new(),
        kind: if options.is_empty() {
            PollKind::Motion
        } else {
            PollKind::SingleChoice { options }
        },
        nature: line.nature,
        electorate: Electorate::Households,
        credential: Credential::HouseholdCode,
        secrecy: Secrecy::Recorded,
        changes: Changes::UntilClosing,
        results: ResultsVisibility::AfterClosing,
        opens_at_ms: now_ms + line.hours.0 * HOUR_MS,
        closes_at_ms: now_ms + line.hours.1 * HOUR_MS,
        rule: None,
        work_bits: None,
    };
    let voters = PLACES.into_iter().filter(|place| place.3 > 0);
    let voters = voters
        .zip(line.cast)
        .filter(|((_, _, parent, _), _)| line.at.0 == "jiangpan" || *parent == Some(line.at.0));
    let places = voters.filter_map(|((id, name, _, households), cast)| {
        Some(PlaceTurnout {
            place: PlaceRef {
                id: place(id)?,
                name: name.to_owned(),
            },
            turnout: Turnout {
                cast,
                eligible: Some(households),
            },
        })
    });
    let notices = (line.id == "waste-hours").then(|| Notice::Extended {
        at_ms: now_ms - 200 * HOUR_MS,
        from_ms: now_ms - 162 * HOUR_MS,
        to_ms: now_ms - 90 * HOUR_MS,
        reason: "中秋假期不少人不在家，延长三天。".to_owned(),
    });
    let result = is_closed.then(|| result(&poll.kind));
    Some(HeldTopic {
        topic: Topic {
            id: TopicId::parse(line.id).ok()?,
            community: community.clone(),
            place: PlaceRef {
                id: place(line.at.0)?,
                name: line.at.1.to_owned(),
            },
            lang: "zh-Hans".to_owned(),
            title: line.title.to_owned(),
            summary: line.summary.to_owned(),
            poll,
        },
        published: line.published,
        places: places.collect(),
        attachments: Vec::new(),
        notices: notices.into_iter().collect(),
        result,
    })
}

fn result(kind: &PollKind) -> PollResult {
    let options: Vec<OptionId> = kind.options().iter().map(|one| one.id.clone()).collect();
    let votes = [161, 112];
    let counts = options
        .iter()
        .zip(votes)
        .map(|(option, votes)| OptionCount {
            option: option.clone(),
            votes,
        });
    PollResult {
        rule: "plurality".to_owned(),
        counts: counts.collect(),
        turnout: Turnout {
            cast: 273,
            eligible: Some(440),
        },
        outcome: options
            .first()
            .map_or(Outcome::NoBallots, |option| Outcome::Leading {
                option: option.clone(),
            }),
        steps: Vec::new(),
        places: Vec::new(),
        on_behalf: 0,
        is_final: true,
    }
}

/// Side of [`qr_path`].
pub(super) const QR_MODULES: u32 = 29;

/// Looks like a QR code and is none: nobody shall enrol with it.
pub(super) fn qr_path() -> String {
    let finder = |x: u32, y: u32| {
        let near = |from: u32| (from..from + 7).contains(&x) && (4..11).contains(&y);
        let low = (4..11).contains(&x) && (18..25).contains(&y);
        near(4) || near(18) || low
    };
    let mut path = String::new();
    for y in 4..25 {
        for x in 4..25 {
            let dark = if finder(x, y) {
                let (dx, dy) = ((x - 4) % 14, (y - 4) % 14);
                let ring = dx == 0 || dx == 6 || dy == 0 || dy == 6;
                ring || ((2..5).contains(&dx) && (2..5).contains(&dy))
            } else {
                (x * 7 + y * 13 + x * y) % 3 == 0
            };
            if dark {
                path.push_str(&format!("M{x} {y}h1v1h-1z"));
            }
        }
    }
    path
}
