//! Which polls may have which rule.

use linli_model::Poll;
use linli_rules::tally::decision::{self, RuleFault};
use serde_json::{Value, json};

#[test]
fn a_poll_has_only_a_rule_that_can_decide_it() {
    let two_thirds = json!({ "numerator": 2, "denominator": 3, "bound": "at_least" });
    let impossible = json!({ "numerator": 3, "denominator": 2, "bound": "at_least" });
    let majority = |limit: &Value| json!({ "type": "majority_with_quorum", "approval": limit, "approval_base": "eligible" });
    let owners = |more: Value| {
        let mut method = json!({ "type": "owners_civil_code_278", "matter": 7 });
        method
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        method
    };
    let rule = |basis: &str, method: Value| {
        let mut rule = json!({ "article": "art. 1", "basis": basis });
        if !method.is_null() {
            rule["method"] = method;
        }
        json!({ "rule": rule })
    };
    let with = |mut poll: Value, more: Value| {
        poll.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        poll
    };
    let formal = json!({ "nature": "formal" });
    let devices = json!({ "electorate": "devices", "credential": "device" });
    let options = json!({ "kind": { "type": "single_choice", "options": [
        { "id": "a", "text": "A" }, { "id": "b", "text": "B" } ] } });
    let good = majority(&two_thirds);
    let by_owners = |more: Value| with(rule("", owners(more)), json!({ "electorate": "owners" }));
    let cases = [
        ("no rule", json!({}), Ok(())),
        (
            "formal without basis",
            formal.clone(),
            Err(RuleFault::BasisMissing),
        ),
        (
            "formal, blank basis",
            with(rule(" ", Value::Null), formal.clone()),
            Err(RuleFault::BasisMissing),
        ),
        (
            "formal, by the most votes",
            with(rule("b", Value::Null), with(formal, options.clone())),
            Ok(()),
        ),
        ("thresholds on a motion", rule("", good.clone()), Ok(())),
        (
            "thresholds on options",
            with(rule("", good.clone()), options),
            Err(RuleFault::NotAMotion),
        ),
        (
            "devices have no roll",
            with(rule("", good), devices),
            Err(RuleFault::Electorate),
        ),
        (
            "more than all",
            rule("", majority(&impossible)),
            Err(RuleFault::LimitInvalid),
        ),
        ("item 7", by_owners(json!({})), Ok(())),
        (
            "households are not owners",
            rule("", owners(json!({}))),
            Err(RuleFault::Electorate),
        ),
        (
            "areas are counted by name",
            with(by_owners(json!({})), json!({ "secrecy": "secret" })),
            Err(RuleFault::Secret),
        ),
        (
            "item 3 elects",
            by_owners(json!({ "matter": 3 })),
            Err(RuleFault::Matter),
        ),
        (
            "no item 10",
            by_owners(json!({ "matter": 10 })),
            Err(RuleFault::Matter),
        ),
        (
            "following by no rule",
            by_owners(json!({ "following": { "basis": "", "silent": "apart" } })),
            Err(RuleFault::FollowingBasis),
        ),
    ];
    for (reason, change, expected) in cases {
        let poll = json!({
            "id": "p", "kind": { "type": "motion" }, "nature": "consultation",
            "electorate": "households", "credential": "household_code", "secrecy": "recorded",
            "changes": "never", "results": "after_closing", "opens_at_ms": 0, "closes_at_ms": 1,
        });
        let poll: Poll = serde_json::from_value(with(poll, change)).unwrap();
        assert_eq!(decision::check(&poll), expected, "{reason}");
    }
}

#[test]
fn the_civil_codes_article_is_not_for_staff_to_write() {
    let rule = json!({ "article": "anything", "method": { "type": "owners_civil_code_278", "matter": 7 } });
    let rule = serde_json::from_value(rule).unwrap();
    assert_eq!(
        decision::article(&rule),
        "《中华人民共和国民法典》第二百七十八条第一款第（七）项"
    );
}
