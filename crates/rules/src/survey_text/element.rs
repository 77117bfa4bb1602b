//! A SurveyJS element of each type, from a question's items.

use super::limits::Limits;
use super::lines::Kind;
use super::{CHOICES_MAX, TextRefusal, Warning, WarningKind};
use serde_json::{Map, Value, json};

/// The widest scale that is taken from a range.
const SCALE_LEVELS_MAX: i64 = 11;
const OTHERS: &[&str] = &["其他", "其它", "other"];
const DONT_KNOW: &[&str] = &["不知道", "不清楚", "说不清", "不了解", "don't know"];
const REFUSE: &[&str] = &[
    "不想说",
    "不便回答",
    "不愿回答",
    "拒绝回答",
    "prefer not to say",
];
const SATISFACTION: &[&str] = &["非常不满意", "不满意", "基本满意", "满意", "非常满意"];

/// An element in the making.
pub(super) struct Element<'a> {
    pub(super) fields: Map<String, Value>,
    pub(super) warnings: &'a mut Vec<Warning>,
    pub(super) line: usize,
}

impl Element<'_> {
    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.fields.insert(name.to_owned(), value);
    }

    pub(super) fn warn(&mut self, kind: WarningKind) {
        self.warnings.push(Warning {
            line: self.line,
            kind,
        });
    }

    pub(super) fn body(
        &mut self,
        kind: Kind,
        items: Vec<String>,
        limits: Limits,
    ) -> Result<(), TextRefusal> {
        match kind {
            Kind::Single => self.choices("radiogroup", items),
            Kind::Dropdown => self.choices("dropdown", items),
            Kind::Ranking => self.choices("ranking", items),
            Kind::Multiple => {
                self.choices("checkbox", items);
                let (least, most) = (limits.least, limits.most);
                for (name, count) in [("minSelectedChoices", least), ("maxSelectedChoices", most)] {
                    if let Some(count) = count.filter(|_| self.fields["type"] == "checkbox") {
                        self.set(name, json!(count));
                    }
                }
            }
            Kind::Scale => self.scale(&items),
            Kind::Nps => {
                self.set("type", json!("rating"));
                self.set("rateMin", json!(0));
                self.set("rateMax", json!(10));
                self.ends(&items);
            }
            Kind::Matrix => return self.matrix(&items),
            Kind::Boolean => {
                self.set("type", json!("boolean"));
                if let [yes, no] = &items[..] {
                    self.set("labelTrue", json!(yes));
                    self.set("labelFalse", json!(no));
                } else {
                    self.unused(&items);
                }
            }
            Kind::Comment => self.words("comment", None, &items),
            Kind::Number => self.words("text", Some("number"), &items),
            Kind::Date => self.words("text", Some("date"), &items),
            Kind::Phone => self.words("text", Some("tel"), &items),
            Kind::Note => self.set("type", json!("html")),
            Kind::Text | Kind::Page | Kind::Unsupported => self.words("text", None, &items),
        }
        Ok(())
    }

    fn words(&mut self, of_type: &str, input: Option<&str>, items: &[String]) {
        self.set("type", json!(of_type));
        if let Some(input) = input {
            self.set("inputType", json!(input));
        }
        let is_blank = |item: &String| item.chars().all(|c| matches!(c, '_' | ' '));
        let items: Vec<String> = items
            .iter()
            .filter(|item| !is_blank(item))
            .cloned()
            .collect();
        self.unused(&items);
    }

    fn unused(&mut self, items: &[String]) {
        if !items.is_empty() {
            self.warn(WarningKind::LinesNotUsed);
            self.set("description", json!(items.join("\n")));
        }
    }

    fn choices(&mut self, of_type: &str, items: Vec<String>) {
        self.set("type", json!(of_type));
        let mut choices: Vec<Value> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let is_plain = of_type != "ranking";
        for item in items {
            let bare = bare(&item);
            let is_one_of =
                |words: &[&str]| is_plain && words.contains(&bare.to_lowercase().as_str());
            if seen.contains(&bare) {
                self.warn(WarningKind::ChoiceRepeated);
                continue;
            }
            if is_one_of(OTHERS) {
                self.set("showOtherItem", json!(true));
                self.set("otherText", json!(bare));
            } else if is_one_of(DONT_KNOW) {
                self.set("showDontKnowItem", json!(true));
                self.set("dontKnowText", json!(bare));
            } else if is_one_of(REFUSE) {
                self.set("showRefuseItem", json!(true));
                self.set("refuseText", json!(bare));
            } else {
                choices.push(json!({ "value": choices.len() + 1, "text": bare }));
            }
            seen.push(bare);
        }
        if choices.is_empty() {
            self.warn(WarningKind::ChoicesMissing);
            let kept = ["name", "title", "isRequired"];
            self.fields.retain(|name, _| kept.contains(&name.as_str()));
            self.set("type", json!("comment"));
        } else {
            self.set("choices", choices.into());
        }
    }

    fn scale(&mut self, items: &[String]) {
        self.set("type", json!("rating"));
        let ranges: Vec<(usize, (i64, i64))> = items
            .iter()
            .enumerate()
            .filter_map(|(at, item)| Some((at, range(item)?)))
            .collect();
        let rest = |at: usize| -> Vec<String> {
            items
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at)
                .map(|(_, i)| i.clone())
                .collect()
        };
        if let Some((at, (low, high))) = ranges.first() {
            self.set("rateMin", json!(low));
            self.set("rateMax", json!(high));
            self.ends(&rest(*at));
            return;
        }
        let levels: Vec<String> = match items {
            [one] if !one.contains('~') => split(one),
            _ => items.to_vec(),
        };
        if levels.len() >= 3 {
            let value = |(at, text): (usize, &String)| json!({ "value": at + 1, "text": text });
            let values: Vec<Value> = levels.iter().enumerate().map(value).collect();
            self.set("rateValues", values.into());
            return;
        }
        self.set("rateMin", json!(1));
        self.set("rateMax", json!(5));
        self.ends(items);
    }

    /// "非常不满意~非常满意", or the two ends on two lines.
    fn ends(&mut self, items: &[String]) {
        let ends: Vec<&str> = match items {
            [] => return,
            [one] => one.split('~').map(str::trim).collect(),
            _ => items.iter().map(String::as_str).collect(),
        };
        if let [low, high] = ends[..] {
            self.set("minRateDescription", json!(low));
            self.set("maxRateDescription", json!(high));
        } else {
            self.warn(WarningKind::ScaleGuessed);
            self.set("description", json!(items.join("\n")));
        }
    }

    /// "行：" and "列：" lines, or a first line of several columns with a row per line below.
    fn matrix(&mut self, items: &[String]) -> Result<(), TextRefusal> {
        let (mut rows, mut columns, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            match head(item) {
                Some((true, rest)) => rows.extend(split(rest)),
                Some((false, rest)) => columns.extend(split(rest)),
                None => plain.push(item.clone()),
            }
        }
        if columns.is_empty() && plain.first().is_some_and(|first| split(first).len() > 1) {
            columns = split(&plain.remove(0));
        }
        rows.append(&mut plain);
        if columns.is_empty() {
            self.warn(WarningKind::ColumnsGuessed);
            columns = SATISFACTION
                .iter()
                .map(|level| (*level).to_owned())
                .collect();
        }
        if rows.len().max(columns.len()) > CHOICES_MAX {
            return Err(TextRefusal::TooManyChoices {
                line: self.line,
                max: CHOICES_MAX,
            });
        }
        if rows.is_empty() {
            self.choices("radiogroup", columns);
            self.warn(WarningKind::ChoicesMissing);
            return Ok(());
        }
        self.set("type", json!("matrix"));
        let column = |(at, text): (usize, &String)| json!({ "value": at + 1, "text": text });
        let row =
            |(at, text): (usize, &String)| json!({ "value": format!("r{}", at + 1), "text": text });
        self.set("columns", columns.iter().enumerate().map(column).collect());
        self.set("rows", rows.iter().enumerate().map(row).collect());
        if self.fields.remove("isRequired").is_some() {
            self.set("isRequired", json!(true));
            self.set("eachRowRequired", json!(true));
        }
        Ok(())
    }
}

/// Whether a matrix line names rows, and what it names.
fn head(item: &str) -> Option<(bool, &str)> {
    let rows = ["行:", "行：", "rows:"]
        .iter()
        .find_map(|head| item.strip_prefix(head));
    let columns = ["列:", "列：", "columns:"]
        .iter()
        .find_map(|head| item.strip_prefix(head));
    rows.map(|rest| (true, rest))
        .or(columns.map(|rest| (false, rest)))
}

/// "1-5", "1~10分".
fn range(item: &str) -> Option<(i64, i64)> {
    let item = item.trim_end_matches(['分', '级', '星', ' ']);
    let (low, high) = item.split_once(['~', '-', '—', '–', '至', '到'])?;
    let low: i64 = low.trim().trim_end_matches('分').parse().ok()?;
    let high: i64 = high.trim().parse().ok()?;
    (low >= 0 && low < high && high - low < SCALE_LEVELS_MAX).then_some((low, high))
}

/// Several items of one line.
pub(super) fn split(line: &str) -> Vec<String> {
    let separators = |c: char| matches!(c, ' ' | '/' | ';' | '；' | '|' | '、' | ',' | '，');
    // English choices have blanks inside: only a stronger mark parts them.
    let is_strong = line.contains(['/', ';', '；', '|', '、', ',', '，']);
    let parts = line.split(|c| separators(c) && !(is_strong && c == ' '));
    parts
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// A choice without the line to write on, or the request to write.
fn bare(item: &str) -> String {
    let mut text = item.trim_end_matches(['_', ' ', ':', '：']);
    for ending in [
        "(请注明)",
        "（请注明）",
        "(请填写)",
        "（请填写）",
        "(请说明)",
        "（请说明）",
        "请注明",
    ] {
        text = text.strip_suffix(ending).unwrap_or(text);
    }
    let text = text.trim_end_matches(['_', ' ', ':', '：', ',', '，']);
    if text.is_empty() {
        item.to_owned()
    } else {
        text.to_owned()
    }
}

/// Words between questions, as HTML that holds no markup of the writer's.
pub(super) fn note(title: &str, items: &[String]) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let lines = std::iter::once(title).chain(items.iter().map(String::as_str));
    lines
        .map(|line| format!("<p>{}</p>", escape(line)))
        .collect()
}
