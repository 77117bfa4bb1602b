//! The surveys of 江畔社区: one of its property company in its second round, whose first
//! round was low and is overdue; one of its canteen that was never asked.

use super::super::{Held, HeldTopic};
use super::{HeldSurvey, version_of};
use linli_model::desk::survey::VersionRow;
use linli_model::wave::{CorrectiveAction, ItemRef, Wave};
use linli_model::{
    Changes, Credential, Electorate, PlaceId, PlaceRef, PlaceTurnout, Poll, PollId, PollKind,
    PollNature, RequestId, ResultsVisibility, Secrecy, SurveyId, Topic, TopicId, Turnout, UtcMs,
};
use linli_rules::{instruments, survey_text};
use serde_json::Value;

const DAY_MS: i64 = 86_400_000;

/// Means of a round's items, in turn.
pub(super) const SCORES: [u8; 6] = [54, 61, 38, 72, 47, 66];

const CANTEEN: &str = "食堂开饭时间\n只要两分钟。\n1. 您一般几点来吃午饭？【单选】*\n\
    11:00 前\n11:00 到 12:00\n12:00 以后\n2. 您希望增加哪些菜？【多选】\n清淡的\n面食\n\
    少盐的\n3. 还有什么想说的？【多行文本】";

/// Identifier, round, opens and closes in days from now, who has answered.
type Round<'a> = (&'a str, u32, i64, i64, [u64; 6]);

const ROUNDS: [Round<'_>; 2] = [
    ("property-2025", 1, -40, -26, [58, 49, 31, 36, 1, 52]),
    ("property-2026", 2, -3, 4, [22, 17, 9, 14, 0, 19]),
];

/// Puts them into the community.
pub(in super::super) fn sample(held: &mut Held, now_ms: UtcMs) {
    let add = || -> Option<(HeldSurvey, HeldSurvey)> {
        let (instrument, definition) = instruments::find("property")?;
        let property = HeldSurvey {
            id: SurveyId::parse("property").ok()?,
            place: PlaceId::parse("jiangpan").ok()?,
            title: "物业服务满意度".to_owned(),
            rated: "江畔物业公司".to_owned(),
            versions: vec![version(definition.to_owned(), now_ms - 45 * DAY_MS)],
            scoring: instrument.scoring(),
            actions: vec![action(&instrument.items[1], now_ms)?],
        };
        let canteen = survey_text::parse(CANTEEN).ok()?;
        let canteen = HeldSurvey {
            id: SurveyId::parse("canteen").ok()?,
            place: PlaceId::parse("grid-2").ok()?,
            title: "食堂开饭时间".to_owned(),
            rated: String::new(),
            versions: vec![version(canteen.definition.to_string(), now_ms - DAY_MS)],
            scoring: linli_model::scoring::Scoring::default(),
            actions: Vec::new(),
        };
        Some((property, canteen))
    };
    let Some((property, canteen)) = add() else {
        return;
    };
    let rounds = ROUNDS.iter();
    let rounds: Vec<HeldTopic> = rounds
        .filter_map(|round| topic(held, &property, round, now_ms))
        .collect();
    held.topics.extend(rounds);
    held.surveys.extend([property, canteen]);
}

fn version(definition: String, at_ms: UtcMs) -> (VersionRow, String) {
    let row = VersionRow {
        version: version_of(&definition),
        at_ms,
        by: "周敏".to_owned(),
    };
    (row, definition)
}

/// Promised before the first round that is kept here, and late.
fn action(item: &linli_model::scoring::ScoredItem, now_ms: UtcMs) -> Option<CorrectiveAction> {
    Some(CorrectiveAction {
        id: RequestId::from_bytes([77; 16]),
        topic: TopicId::parse("property-2024").ok()?,
        wave: 0,
        items: vec![ItemRef {
            question: item.question.clone(),
            row: item.row.clone(),
        }],
        what: "楼道每天清扫一次，垃圾桶每晚清空。".to_owned(),
        who: "江畔物业公司 保洁部".to_owned(),
        due_at_ms: now_ms - 6 * DAY_MS,
        published_at_ms: now_ms - 60 * DAY_MS,
        outcome: None,
        is_overdue: true,
    })
}

fn topic(held: &Held, survey: &HeldSurvey, round: &Round<'_>, now_ms: UtcMs) -> Option<HeldTopic> {
    let (id, number, opens, closes, cast) = *round;
    let homes = held.places.iter().filter(|site| site.households > 0);
    let places = homes.zip(cast).map(|(site, cast)| PlaceTurnout {
        place: PlaceRef {
            id: site.node.id.clone(),
            name: site.node.name.clone(),
        },
        turnout: Turnout {
            cast,
            eligible: Some(site.households),
        },
    });
    Some(HeldTopic {
        topic: Topic {
            id: TopicId::parse(id).ok()?,
            community: held.community.clone(),
            place: held.place_ref(&survey.place).ok()?,
            lang: "zh-Hans".to_owned(),
            title: survey.title.clone(),
            summary: String::new(),
            poll: Poll {
                id: PollId::parse(id).ok()?,
                question: String::new(),
                kind: PollKind::Survey {
                    wave: Wave {
                        survey: survey.id.clone(),
                        number,
                        version: survey.versions.last()?.0.version.clone(),
                        quotas: Vec::new(),
                    },
                },
                nature: PollNature::Consultation,
                electorate: Electorate::Households,
                credential: Credential::HouseholdCode,
                secrecy: Secrecy::Recorded,
                changes: Changes::UntilClosing,
                results: ResultsVisibility::AfterClosing,
                opens_at_ms: now_ms + opens * DAY_MS,
                closes_at_ms: now_ms + closes * DAY_MS,
                rule: None,
                work_bits: None,
            },
        },
        published: true,
        places: places.collect(),
        notices: Vec::new(),
        attachments: Vec::new(),
        result: None,
    })
}

/// What respondents read for an item, in Chinese where there is one.
pub(super) fn title_of(definition: &str, item: &ItemRef) -> String {
    let tree: Value = serde_json::from_str(definition).unwrap_or_default();
    let pages = tree["pages"].as_array().into_iter().flatten();
    let mut elements = pages
        .filter_map(|page| page["elements"].as_array())
        .flatten();
    let found = elements.find(|one| one["name"] == item.question.as_str());
    let Some(found) = found else {
        return item.question.clone();
    };
    let Some(row) = &item.row else {
        return words(&found["title"], &item.question);
    };
    let mut rows = found["rows"].as_array().into_iter().flatten();
    let text = rows.find(|one| one["value"] == row.as_str());
    text.map_or_else(|| row.clone(), |one| words(&one["text"], row))
}

fn words(value: &Value, otherwise: &str) -> String {
    let text = value.as_str().or_else(|| value["zh-cn"].as_str());
    text.unwrap_or(otherwise).to_owned()
}

/// Looks like a code to scan and is none.
pub(super) fn qr() -> String {
    const SIDE: usize = 25;
    let dark = |at: usize| {
        let (x, y) = (at % SIDE, at / SIDE);
        let finder = |x: usize, y: usize| {
            let ring = x == 0 || x == 6 || y == 0 || y == 6;
            ring || (2..5).contains(&x) && (2..5).contains(&y)
        };
        let far = SIDE - 7;
        match (x, y) {
            (0..7, 0..7) => finder(x, y),
            (_, 0..7) if x >= far => finder(x - far, y),
            (0..7, _) if y >= far => finder(x, y - far),
            _ => (x * 7 + y * 13 + x * y) % 3 == 0,
        }
    };
    let digit = |from: usize| {
        let bits = (from..from + 4).fold(0, |bits, at| {
            bits << 1 | u32::from(at < SIDE * SIDE && dark(at))
        });
        char::from_digit(bits, 16).unwrap_or('0')
    };
    (0..SIDE * SIDE).step_by(4).map(digit).collect()
}
