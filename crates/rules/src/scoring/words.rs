//! What labels say: how good, how sure, or "don't know". Chinese and English.

/// Labels longer than this are sentences, which say more than how good.
const LABEL_CHARS_MAX: usize = 24;

const STRONG: i8 = 4;
const PLAIN: i8 = 3;
const RATHER: i8 = 2;
const BARELY: i8 = 1;

/// Chinese words that are good by themselves.
const GOOD_ZH: &[&str] = &[
    "满意", "同意", "赞成", "支持", "方便", "清楚", "放心", "干净", "及时", "安全", "信任", "愿意",
    "明白", "合理", "有效", "合格", "好", "值", "良",
];
const BAD_ZH: &[&str] = &["糟糕", "差", "糟"];
const NEUTRAL_ZH: &[&str] = &["一般", "中等", "普通", "尚可", "中立", "说不上", "中"];
/// Degrees before a word, the longest first.
const DEGREES_ZH: &[(&str, i8)] = &[
    ("非常不", -STRONG),
    ("十分不", -STRONG),
    ("极不", -STRONG),
    ("很不", -STRONG),
    ("不怎么", -RATHER),
    ("不太", -RATHER),
    ("不大", -RATHER),
    ("比较不", -RATHER),
    ("较不", -RATHER),
    ("不", -PLAIN),
    ("没", -PLAIN),
    ("非常", STRONG),
    ("十分", STRONG),
    ("特别", STRONG),
    ("完全", STRONG),
    ("极其", STRONG),
    ("极", STRONG),
    ("最", STRONG),
    ("很", STRONG),
    ("比较", RATHER),
    ("还算", RATHER),
    ("较", RATHER),
    ("基本", BARELY),
];

const GOOD_EN: &[&str] = &[
    "satisfied",
    "agree",
    "good",
    "content",
    "happy",
    "likely",
    "useful",
    "clean",
    "safe",
    "easy",
    "clear",
];
const BAD_EN: &[&str] = &[
    "dissatisfied",
    "unsatisfied",
    "disagree",
    "poor",
    "bad",
    "unhappy",
    "unlikely",
    "unsafe",
    "difficult",
    "unclear",
];
const NEUTRAL_EN: &[&str] = &["neutral", "average", "fair", "so-so", "ok", "okay"];
const DEGREES_EN: &[(&str, i8)] = &[
    ("not at all ", -STRONG),
    ("not very ", -RATHER),
    ("not ", -PLAIN),
    ("very ", STRONG),
    ("completely ", STRONG),
    ("extremely ", STRONG),
    ("strongly ", STRONG),
    ("rather ", RATHER),
    ("somewhat ", RATHER),
    ("mostly ", RATHER),
    ("fairly ", BARELY),
];

const DONT_KNOW: &[&str] = &[
    "不知道",
    "不清楚",
    "说不清",
    "不了解",
    "没用过",
    "未使用",
    "不适用",
    "无法评价",
    "没接触",
    "don't know",
    "do not know",
    "cannot say",
    "can't say",
    "not applicable",
    "not used",
    "no idea",
];

/// How good a label is, from −5 to 5; `None` where it does not say.
pub(super) fn valence(label: &str) -> Option<i8> {
    let label = label.trim().to_lowercase();
    if label.is_empty() || label.chars().count() > LABEL_CHARS_MAX || is_dont_know(&label) {
        return None;
    }
    if label.is_ascii() {
        return english(&label);
    }
    match label.as_str() {
        "优秀" | "优" => return Some(STRONG),
        _ if NEUTRAL_ZH.contains(&label.as_str()) => return Some(0),
        _ => {}
    }
    let label = label.trim_end_matches(['的', '了']);
    graded(label, DEGREES_ZH, GOOD_ZH, BAD_ZH)
}

fn english(label: &str) -> Option<i8> {
    match label {
        "excellent" => return Some(STRONG + 1),
        "terrible" => return Some(-STRONG - 1),
        _ if label.starts_with("neither ") || NEUTRAL_EN.contains(&label) => return Some(0),
        _ => {}
    }
    graded(label, DEGREES_EN, GOOD_EN, BAD_EN)
}

/// A degree, or none, and then one of the words, exactly.
fn graded(label: &str, degrees: &[(&str, i8)], good: &[&str], bad: &[&str]) -> Option<i8> {
    let split = degrees
        .iter()
        .find_map(|(word, degree)| Some((label.strip_prefix(word)?, *degree)));
    let (word, degree) = split.unwrap_or((label, PLAIN));
    match (good.contains(&word), bad.contains(&word)) {
        (true, _) => Some(degree),
        (_, true) => Some(-degree),
        _ => None,
    }
}

/// Whether a label says that somebody cannot say.
pub fn is_dont_know(label: &str) -> bool {
    let label = label.to_lowercase();
    DONT_KNOW.iter().any(|word| label.contains(word))
}

/// Whether a title asks about everything together.
pub(super) fn is_overall(title: &str) -> bool {
    let title = title.to_lowercase();
    [
        "总的",
        "总体",
        "整体",
        "综合",
        "overall",
        "all in all",
        "in general",
    ]
    .iter()
    .any(|word| title.contains(word))
}

/// Whether a title asks about satisfaction.
pub(super) fn is_about_satisfaction(title: &str) -> bool {
    let title = title.to_lowercase();
    ["满意", "satisf"].iter().any(|word| title.contains(word))
}
