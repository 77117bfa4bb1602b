//! Pasted text, as data: `tests/cases/survey-text/NAME.txt` with `NAME.json` beside it,
//! which holds the definition and the warnings, or the refusal.
//!
//! `LINLI_BLESS=1` writes the second from the first; look at the difference then.

use linli_rules::survey_text::{TEXT_BYTES_MAX, TextRefusal, parse};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;

fn seen(text: &str) -> Value {
    match parse(text) {
        Ok(found) => json!({ "definition": found.definition, "warnings": found.warnings }),
        Err(refusal) => json!({ "refusal": refusal }),
    }
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/survey-text");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "txt") {
            continue;
        }
        count += 1;
        let seen = seen(&std::fs::read_to_string(&path).expect("a case"));
        let beside = path.with_extension("json");
        if std::env::var_os("LINLI_BLESS").is_some() {
            let pretty = serde_json::to_string_pretty(&seen).expect("JSON");
            std::fs::write(&beside, pretty + "\n").expect("writable");
        }
        let expected = std::fs::read_to_string(&beside).expect("the expectation");
        let expected: Value = serde_json::from_str(&expected).expect("JSON");
        assert_eq!(seen, expected, "{}", path.display());
    }
    assert!(count >= 8, "{count} cases");
}

#[test]
fn limits_are_refused_with_their_line() {
    let long = format!("标题\n{}", "长".repeat(1_001));
    assert_eq!(
        parse(&long),
        Err(TextRefusal::LineTooLong {
            line: 2,
            max: 1_000
        })
    );
    let text = "a".repeat(TEXT_BYTES_MAX + 1);
    assert_eq!(
        parse(&text),
        Err(TextRefusal::TooLong {
            max: TEXT_BYTES_MAX
        })
    );
    let many = "问 [填空]\n".repeat(201);
    assert_eq!(
        parse(&many),
        Err(TextRefusal::TooManyQuestions { max: 200 })
    );
    let wide = format!(
        "1. 问 [单选]\n{}",
        (0..201).map(|n| format!("项{n}甲\n")).collect::<String>()
    );
    assert_eq!(
        parse(&wide),
        Err(TextRefusal::TooManyChoices { line: 1, max: 200 })
    );
}

/// Pieces that texts are made of, so that random texts reach every branch.
fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "1.",
        "２、",
        "(3)",
        "Q4:",
        "A.",
        "①",
        "-",
        "【单选】",
        "[多选题]",
        "[量表题 1-10]",
        "［矩阵］",
        "[排序]",
        "[nps]",
        "[说明]",
        "[分页]",
        "[上传]",
        "[判断]",
        "*",
        "（必填）",
        "（最多选3项）",
        "1-5",
        "非常不满意~非常满意",
        "其他____",
        "不知道",
        "行：",
        "列：",
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "满意",
        "/",
        "[",
        "]",
        "（",
        "）",
        "<b>",
        "\u{feff}",
        "\u{0}",
        "?",
        "？",
        "99999999999",
        "…",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_is_too_strange(pieces in prop::collection::vec(piece(), 0..60)) {
        let text = pieces.concat();
        let lines = text.lines().count();
        match parse(&text) {
            Err(_) => {}
            Ok(found) => {
                let pages = found.definition["pages"].as_array().expect("pages");
                prop_assert!(!pages.is_empty());
                let mut names = std::collections::BTreeSet::new();
                for element in pages.iter().flat_map(|page| page["elements"].as_array().expect("elements")) {
                    prop_assert!(element["type"].is_string(), "{element}");
                    prop_assert!(names.insert(element["name"].to_string()), "a name twice");
                    prop_assert!(element.get("choices").is_none_or(|c| c != &json!([])));
                }
                prop_assert!(found.warnings.iter().all(|w| (1..=lines).contains(&w.line)));
            }
        }
    }
}
