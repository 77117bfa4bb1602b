//! One line of the text: its number or letter, its type in brackets, its marks.

use super::{LINE_CHARS_MAX, TextRefusal};

/// What a bracket asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Single,
    Multiple,
    Dropdown,
    Scale,
    Nps,
    Text,
    Comment,
    Number,
    Date,
    Phone,
    Matrix,
    Ranking,
    Boolean,
    Note,
    Page,
    Unsupported,
}

/// Names of types, without a closing 题, in lower case.
const KINDS: &[(Kind, &[&str])] = &[
    (
        Kind::Single,
        &[
            "单选",
            "单项选择",
            "选择",
            "single",
            "single choice",
            "radio",
        ],
    ),
    (
        Kind::Multiple,
        &[
            "多选",
            "多项选择",
            "不定项",
            "不定项选择",
            "multiple",
            "multiple choice",
            "checkbox",
        ],
    ),
    (
        Kind::Dropdown,
        &["下拉", "下拉单选", "下拉选择", "dropdown"],
    ),
    (
        Kind::Scale,
        &[
            "量表",
            "打分",
            "评分",
            "评价",
            "星级",
            "满意度",
            "rating",
            "scale",
        ],
    ),
    (Kind::Nps, &["nps", "nps量表", "推荐度"]),
    (
        Kind::Text,
        &["填空", "单行填空", "单行文本", "文本", "text", "short text"],
    ),
    (
        Kind::Comment,
        &[
            "问答",
            "简答",
            "多行填空",
            "多行文本",
            "建议",
            "主观",
            "long text",
            "comment",
        ],
    ),
    (Kind::Number, &["数字", "数值", "数字填空", "number"]),
    (Kind::Date, &["日期", "日期填空", "date"]),
    (
        Kind::Phone,
        &["手机", "手机号", "电话", "手机填空", "phone"],
    ),
    (Kind::Matrix, &["矩阵", "矩阵单选", "矩阵量表", "matrix"]),
    (Kind::Ranking, &["排序", "ranking"]),
    (
        Kind::Boolean,
        &["是非", "判断", "是否", "yes/no", "boolean"],
    ),
    (
        Kind::Note,
        &["说明", "段落", "段落说明", "文字说明", "note"],
    ),
    (Kind::Page, &["分页", "分页符", "下一页", "page"]),
    (
        Kind::Unsupported,
        &[
            "上传",
            "文件",
            "上传文件",
            "文件上传",
            "图片上传",
            "签名",
            "手写签名",
            "矩阵多选",
            "矩阵填空",
            "比重",
            "定位",
            "位置",
            "file",
            "signature",
        ],
    ),
];

/// What a line says.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: usize,
    /// Trimmed, structure in half width.
    pub(super) raw: String,
    /// "3." → 3.
    pub(super) ordinal: Option<u32>,
    /// "A." or "①" or "-".
    pub(super) is_lettered: bool,
    /// Without number, letter, type and required mark.
    pub(super) text: String,
    /// Behind the type.
    pub(super) tail: String,
    pub(super) kind: Option<Kind>,
    pub(super) written_type: Option<String>,
    pub(super) is_type_unknown: bool,
    pub(super) is_required: bool,
}

/// Lines that are not blank.
pub(super) fn read(text: &str) -> Result<Vec<Line>, TextRefusal> {
    let mut lines = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let number = index + 1;
        if raw.chars().count() > LINE_CHARS_MAX {
            return Err(TextRefusal::LineTooLong {
                line: number,
                max: LINE_CHARS_MAX,
            });
        }
        let raw: String = raw
            .chars()
            .filter(|c| !is_invisible(*c))
            .map(half_width)
            .collect();
        let raw = raw.trim();
        if !raw.is_empty() {
            lines.push(line(number, raw));
        }
    }
    Ok(lines)
}

fn line(number: usize, raw: &str) -> Line {
    let mut is_required = false;
    let bare = raw.trim_start_matches('*').trim_start();
    is_required |= bare.len() < raw.len();
    let (ordinal, is_lettered, body) = numbering(bare);
    let found = find_type(body);
    let (mut text, mut tail) = match &found {
        Some((_, _, before, after)) if before.is_empty() => (after.clone(), String::new()),
        Some((_, _, before, after)) => (before.clone(), after.clone()),
        None => (body.to_owned(), String::new()),
    };
    for part in [&mut text, &mut tail] {
        is_required |= take_required(part);
    }
    let is_type_unknown = found.is_none() && has_odd_type(body);
    Line {
        number,
        raw: raw.to_owned(),
        ordinal,
        is_lettered,
        text,
        tail,
        kind: found.as_ref().map(|(kind, ..)| *kind),
        written_type: found.map(|(_, written, ..)| written),
        is_type_unknown,
        is_required,
    }
}

/// The first bracket that names a type: kind, as written, before, after.
fn find_type(body: &str) -> Option<(Kind, String, String, String)> {
    let mut from = 0;
    while let Some(open) = body[from..].find('[').map(|at| at + from) {
        let close = body[open..].find(']')? + open;
        let written = body[open + 1..close].trim();
        let (name, rest) = split_range(written);
        if let Some(kind) = kind_of(name) {
            let before = body[..open].trim().to_owned();
            let after = format!("{rest} {}", body[close + 1..].trim());
            return Some((kind, written.to_owned(), before, after.trim().to_owned()));
        }
        from = close + 1;
    }
    None
}

/// "量表题 1-10" → "量表题", "1-10".
fn split_range(written: &str) -> (&str, &str) {
    match written.find(|c: char| c.is_ascii_digit()) {
        Some(at) if at > 0 => (
            written[..at].trim_end_matches([' ', ':', '：', ',', '，']),
            &written[at..],
        ),
        _ => (written, ""),
    }
}

fn kind_of(name: &str) -> Option<Kind> {
    let name = name.to_lowercase();
    let name = name.strip_suffix('题').unwrap_or(&name).trim();
    let is_named = |(_, names): &&(Kind, &[&str])| names.contains(&name);
    KINDS.iter().find(is_named).map(|(kind, _)| *kind)
}

fn has_odd_type(body: &str) -> bool {
    body.split('[').skip(1).any(|rest| {
        let written = rest
            .split_once(']')
            .map_or("", |(written, _)| written.trim());
        written.ends_with('题') && written.chars().count() <= 8
    })
}

/// Number or letter at the head, and what follows.
fn numbering(raw: &str) -> (Option<u32>, bool, &str) {
    let stop = |c: char| matches!(c, '.' | '、' | ')' | '）' | ':' | '：' | '．');
    let open = raw.strip_prefix(['(', '（']).unwrap_or(raw);
    let open = open
        .strip_prefix(['Q', 'q', '第'])
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or(open);
    let digits = open.chars().take_while(char::is_ascii_digit).count();
    if (1..=3).contains(&digits) {
        let rest = open[digits..].strip_prefix('题').unwrap_or(&open[digits..]);
        // "1.5 米" is a figure, "1. 您好" a number.
        if let Some(body) = rest.strip_prefix(stop)
            && !body.starts_with(|c: char| c.is_ascii_digit())
        {
            return (open[..digits].parse().ok(), false, body.trim_start());
        }
    }
    let mut chars = open.chars();
    if let Some(first) = chars.next() {
        let rest = chars.as_str();
        if first.is_ascii_alphabetic() && rest.starts_with(stop) {
            return (
                None,
                true,
                rest[rest.chars().next().map_or(0, char::len_utf8)..].trim_start(),
            );
        }
        // "A 没有": in Chinese text a letter alone is no word.
        if first.is_ascii_uppercase()
            && rest.starts_with(' ')
            && !rest.trim_start().starts_with(|c: char| c.is_ascii())
        {
            return (None, true, rest.trim_start());
        }
        if ('①'..='⑳').contains(&first) || matches!(first, '-' | '•' | '·' | '○' | '□' | '●' | '◯')
        {
            return (None, true, rest.trim_start_matches(stop).trim_start());
        }
    }
    (None, false, raw)
}

/// Takes a required (or optional) mark away; whether it said required.
fn take_required(text: &mut String) -> bool {
    let mut is_required = false;
    for (mark, says) in [
        ("[必填]", true),
        ("[必答]", true),
        ("(必填)", true),
        ("（必填）", true),
        ("(必答)", true),
        ("（必答）", true),
        ("[选填]", false),
        ("(选填)", false),
        ("（选填）", false),
        ("(required)", true),
        ("(optional)", false),
    ] {
        if text.contains(mark) {
            *text = text.replace(mark, "");
            is_required |= says;
        }
    }
    let bare = text.trim().trim_end_matches('*').trim_end();
    is_required |= bare.len() < text.trim().len();
    *text = bare.trim_start_matches('*').trim().to_owned();
    is_required
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{202a}'..='\u{202e}')
        || (c.is_control() && c != '\t')
}

/// Structure in half width; sentences keep their punctuation.
fn half_width(c: char) -> char {
    match c {
        '【' | '［' | '〔' | '〖' => '[',
        '】' | '］' | '〕' | '〗' => ']',
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '＊' | '．' | '＿' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
        }
        '～' | '〜' => '~',
        '\u{3000}' | '\u{a0}' | '\t' => ' ',
        _ => c,
    }
}
