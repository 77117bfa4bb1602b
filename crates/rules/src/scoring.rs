//! How a survey is scored, from what its definition shows: scales by their numbers or by
//! the words of their ends, the question that a report begins with, what is "don't know".
//!
//! Staff may correct it; this is what they find when they begin. A level's score is its
//! value where all values of the scale are whole numbers, else its place from 1.

mod words;

use linli_model::scoring::{Direction, LowScore, ScoredItem, Scoring};
use linli_model::survey::{Choice, Definition, Element, Logic, Question, QuestionKind, Scale};
use serde_json::Value;

pub use words::is_dont_know;

/// Languages whose labels are looked at.
const LOCALES: [&str; 3] = ["zh-cn", "en", "default"];
/// A scale has at least so many levels: with two there is no middle to be above.
const SCALE_LEVELS_MIN: usize = 3;
/// And at most so many.
pub const SCALE_LEVELS_MAX: usize = 64;
/// survey-core's greatest rating where nothing says so.
const RATE_MAX: f64 = 5.0;
/// Items that are scored without being asked to.
const ITEMS_MAX: usize = 400;
/// Cross-tables that are made without being asked for.
const CROSS_MAX: usize = 3;
/// The widest question that stands in such a cross-table.
const CROSS_LEVELS_MAX: usize = 12;
/// Values that SurveyJS stores for "don't know" and that the instruments use.
const DONT_KNOW: [&str; 2] = ["dontknow", "na"];

/// How a definition would be scored.
pub fn of(definition: &Definition) -> Scoring {
    let mut out = Scoring {
        dont_know: DONT_KNOW.map(str::to_owned).to_vec(),
        ..Scoring::default()
    };
    let questions = questions(definition);
    let mut singles = Vec::new();
    for (question, _) in &questions {
        let found = scale_of(question);
        let Some(found) = found else { continue };
        for value in found.dont_know {
            if !out.dont_know.contains(&value) {
                out.dont_know.push(value);
            }
        }
        let item = |row: Option<String>| ScoredItem {
            question: question.name.clone(),
            row,
            least: found.least,
            greatest: found.greatest,
            direction: found.direction,
        };
        match &question.kind {
            QuestionKind::Matrix { rows, .. } if !rows.is_empty() => {
                out.items
                    .extend(rows.iter().map(|row| item(Some(value_text(&row.value)))));
            }
            _ => {
                out.items.push(item(None));
                singles.push(*question);
            }
        }
    }
    out.items.truncate(ITEMS_MAX);
    let headline = headline(&singles);
    out.headline = headline.map(|question| question.name.clone());
    if let Some(headline) = headline {
        out.low_score_asks = low_score(&questions, headline);
        out.cross = cross(&questions, headline, &out.items);
    }
    out
}

/// A question with the conditions around it, outermost first.
pub type Placed<'a> = (&'a Question, Vec<&'a Logic>);

/// Every question in order, with its pages' and panels' conditions and its own.
pub fn questions(definition: &Definition) -> Vec<Placed<'_>> {
    fn walk<'a>(elements: &'a [Element], around: &[&'a Logic], out: &mut Vec<Placed<'a>>) {
        for element in elements {
            let inside = |logic: &'a Logic| around.iter().copied().chain([logic]).collect();
            match element {
                Element::Panel(panel) => {
                    let around: Vec<&Logic> = inside(&panel.logic);
                    walk(&panel.elements, &around, out);
                }
                Element::Question(question) => out.push((question, inside(&question.logic))),
            }
        }
    }
    let mut out = Vec::new();
    for page in &definition.pages {
        walk(&page.elements, &[&page.logic], &mut out);
    }
    out
}

/// A value as text, as the data and the report name it.
pub fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The numbers or words that a rating offers.
pub fn rating_levels(scale: &Scale) -> Vec<Choice> {
    if !scale.values.is_empty() {
        return scale.values.clone();
    }
    let (min, step) = (scale.min, if scale.step > 0.0 { scale.step } else { 1.0 });
    let last = match (scale.max, scale.count) {
        (Some(max), _) => max,
        (None, Some(count)) => min + (count - 1.0) * step,
        (None, None) => RATE_MAX,
    };
    let level = |index: usize| min + index as f64 * step;
    let levels = (0..SCALE_LEVELS_MAX).map(level);
    let choice = |number: f64| Choice {
        value: match number.fract() == 0.0 {
            // Ratings are small; the cast saturates.
            true => Value::from(number as i64),
            false => Value::from(number),
        },
        text: None,
        image: None,
        visible_if: None,
        path: String::new(),
    };
    levels
        .take_while(|number| *number <= last)
        .map(choice)
        .collect()
}

/// The score of each level as an item has it, greater being better; `None` outside.
pub fn scores(levels: &[Choice], item: &ScoredItem, dont_know: &[String]) -> Vec<Option<f64>> {
    let is_scored = |choice: &Choice| !dont_know.contains(&value_text(&choice.value));
    let has_numbers = levels
        .iter()
        .filter(|choice| is_scored(choice))
        .all(|choice| whole(&choice.value).is_some());
    let (least, greatest) = (i64::from(item.least), i64::from(item.greatest));
    let mut place = 0;
    let score = |choice: &Choice| {
        if !is_scored(choice) {
            return None;
        }
        place += 1;
        let raw = match has_numbers {
            true => whole(&choice.value)?,
            false => least + place - 1,
        };
        (least..=greatest)
            .contains(&raw)
            .then(|| match item.direction {
                Direction::GreaterIsBetter => raw as f64,
                Direction::SmallerIsBetter => (least + greatest - raw) as f64,
            })
    };
    levels.iter().map(score).collect()
}

/// A scale that was recognised.
struct Found {
    least: u8,
    greatest: u8,
    direction: Direction,
    dont_know: Vec<String>,
}

fn scale_of(question: &Question) -> Option<Found> {
    match &question.kind {
        QuestionKind::Rating(scale) => {
            let levels = rating_levels(scale);
            let of_words = scale_of_levels(&levels);
            of_words.or_else(|| rating(question, &levels))
        }
        QuestionKind::One(select) => scale_of_levels(&select.choices),
        QuestionKind::Matrix { columns, .. } => scale_of_levels(columns),
        _ => None,
    }
}

/// Numbers without words: greater is better, unless the ends say the reverse.
fn rating(question: &Question, levels: &[Choice]) -> Option<Found> {
    let (least, greatest) = ends(levels)?;
    let end = |name: &str| {
        let mut texts = LOCALES
            .iter()
            .filter_map(|locale| question.shown.text(name, locale));
        texts.find_map(words::valence)
    };
    let (low, high) = (end("minRateDescription"), end("maxRateDescription"));
    let is_reversed = matches!((low, high), (Some(low), Some(high)) if low > high);
    Some(Found {
        least,
        greatest,
        direction: direction(!is_reversed),
        dont_know: Vec::new(),
    })
}

/// The least and the greatest of whole numbers.
fn ends(levels: &[Choice]) -> Option<(u8, u8)> {
    let numbers: Option<Vec<i64>> = levels.iter().map(|choice| whole(&choice.value)).collect();
    let numbers = numbers?;
    let least = u8::try_from(*numbers.iter().min()?).ok()?;
    let greatest = u8::try_from(*numbers.iter().max()?).ok()?;
    let is_fit = (SCALE_LEVELS_MIN..=SCALE_LEVELS_MAX).contains(&levels.len());
    (is_fit && least < greatest).then_some((least, greatest))
}

fn scale_of_levels(choices: &[Choice]) -> Option<Found> {
    let is_known = |choice: &&Choice| {
        let value = value_text(&choice.value);
        !DONT_KNOW.contains(&value.as_str()) && !labels(choice).any(is_dont_know)
    };
    let levels: Vec<Choice> = choices.iter().filter(is_known).cloned().collect();
    // "None" beside numbers is outside the scale: "4, 3, 2, 1, none".
    let numbered: Vec<Choice> = levels
        .iter()
        .filter(|choice| whole(&choice.value).is_some())
        .cloned()
        .collect();
    let scaled = match numbered.len() >= SCALE_LEVELS_MIN {
        true => numbered,
        false => levels,
    };
    if !(SCALE_LEVELS_MIN..=SCALE_LEVELS_MAX).contains(&scaled.len()) {
        return None;
    }
    let by_words = falls_by_words(&scaled);
    // Numbers that fall from the first choice on were written as scores, best first.
    let found = ends(&scaled);
    let are_numbers_falling = found.is_some() && falls_by_numbers(&scaled);
    let falls = by_words.or_else(|| are_numbers_falling.then_some(true))?;
    let (least, greatest) = found.or_else(|| {
        u8::try_from(scaled.len())
            .ok()
            .map(|greatest| (1, greatest))
    })?;
    let outside = choices
        .iter()
        .filter(|choice| whole(&choice.value).is_none());
    let outside = outside.filter(|choice| !scaled.iter().any(|one| one.value == choice.value));
    Some(Found {
        least,
        greatest,
        direction: direction(falls == are_numbers_falling),
        dont_know: outside.map(|choice| value_text(&choice.value)).collect(),
    })
}

/// Whether labels go from good to bad; `None` where they do not go one way.
fn falls_by_words(levels: &[Choice]) -> Option<bool> {
    let in_locale = |locale: &str| {
        let label = |choice: &Choice| match &choice.text {
            Some(text) => words::valence(text.in_locale(locale)?),
            None => words::valence(choice.value.as_str()?),
        };
        let valences: Option<Vec<i8>> = levels.iter().map(label).collect();
        let valences = valences?;
        let falls = valences.windows(2).all(|pair| pair[0] > pair[1]);
        let rises = valences.windows(2).all(|pair| pair[0] < pair[1]);
        (falls || rises).then_some(falls)
    };
    LOCALES.iter().find_map(|locale| in_locale(locale))
}

fn falls_by_numbers(levels: &[Choice]) -> bool {
    let numbers: Option<Vec<i64>> = levels.iter().map(|choice| whole(&choice.value)).collect();
    numbers.is_some_and(|numbers| numbers.windows(2).all(|pair| pair[0] - pair[1] == 1))
}

fn direction(is_greater_better: bool) -> Direction {
    match is_greater_better {
        true => Direction::GreaterIsBetter,
        false => Direction::SmallerIsBetter,
    }
}

/// The first that speaks of the whole, else of satisfaction, else the first.
fn headline<'a>(singles: &[&'a Question]) -> Option<&'a Question> {
    let titled = |is: fn(&str) -> bool| {
        let mut found = singles.iter().filter(move |question| {
            let mut titles = LOCALES
                .iter()
                .filter_map(|locale| question.shown.text("title", locale));
            titles.any(is)
        });
        found.next().copied()
    };
    titled(words::is_overall)
        .or_else(|| titled(words::is_about_satisfaction))
        .or_else(|| singles.first().copied())
}

/// `{headline} <= 2` in front of a question is what a low score asks.
fn low_score(questions: &[Placed<'_>], headline: &Question) -> Option<LowScore> {
    let condition = format!("{{{}}}<=", headline.value_name);
    questions.iter().find_map(|(question, _)| {
        let written = question.logic.visible_if.as_ref()?.replace(' ', "");
        let at_most = written.strip_prefix(&condition)?.parse().ok()?;
        Some(LowScore {
            question: headline.name.clone(),
            at_most,
            reasons: question.name.clone(),
        })
    })
}

/// The headline by who answers: single choices that are no scale and that everybody is
/// asked.
fn cross(
    questions: &[Placed<'_>],
    headline: &Question,
    items: &[ScoredItem],
) -> Vec<(String, String)> {
    let is_group = |(question, around): &&Placed<'_>| {
        let levels = match &question.kind {
            QuestionKind::One(select) => select.choices.len(),
            _ => 0,
        };
        let is_scored = items.iter().any(|item| item.question == question.name);
        (2..=CROSS_LEVELS_MAX).contains(&levels)
            && !is_scored
            && around.iter().all(|logic| logic.visible_if.is_none())
    };
    let pair = |(question, _): &Placed<'_>| (question.name.clone(), headline.name.clone());
    questions
        .iter()
        .filter(is_group)
        .take(CROSS_MAX)
        .map(pair)
        .collect()
}

fn labels(choice: &Choice) -> impl Iterator<Item = &str> {
    let text = choice.text.as_ref();
    let texts = LOCALES
        .iter()
        .filter_map(move |locale| text?.in_locale(locale));
    texts.chain(choice.value.as_str())
}

/// A whole number, written as one or as text.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            number
                .as_f64()
                .filter(|x| x.fract() == 0.0)
                .map(|x| x as i64)
        }),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
