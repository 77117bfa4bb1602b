//! Surveys for the small world: written at the desk, asked in rounds, answered.

use crate::desk_world::*;
use crate::world::*;
use linli_model::*;
use linli_server::{Recorded, survey};
use serde_json::{Value, json};

/// A rating that everybody answers, why it is low, and a matrix.
pub(crate) fn definition(title: &str) -> String {
    json!({ "title": title, "elements": [
        { "type": "rating", "name": "all", "isRequired": true },
        { "type": "comment", "name": "why", "visibleIf": "{all} <= 2" },
        { "type": "matrix", "name": "parts", "columns": [1, 2, 3], "rows": ["clean", "guard"] },
    ]})
    .to_string()
}

pub(crate) fn draft_survey(id: &str, definition: &str) -> Value {
    json!({ "id": id, "place": "jiangpan", "title": "物业满意度", "rated": "某物业公司",
            "definition": definition })
}

pub(crate) fn put(survey: &Value) -> Value {
    json!({ "type": "put_survey", "survey": survey })
}

/// A draft of a round that opens now and closes in an hour.
pub(crate) fn round(topic: &str, survey: &str, number: u32, definition: &str) -> Value {
    let mut draft = draft(topic, "jiangpan");
    draft["poll"]["kind"] = json!({ "type": "survey", "wave": {
        "survey": survey, "number": number, "version": survey::version_of(definition) } });
    draft
}

pub(crate) fn answers(definition: &str, answers: &Value) -> Choice {
    answers_text(definition, &answers.to_string())
}

pub(crate) fn answers_text(definition: &str, answers: &str) -> Choice {
    Choice::Answers {
        version: survey::version_of(definition),
        at: None,
        answers: answers.to_owned(),
    }
}

pub(crate) fn invalid(path: &str, fault: &str) -> Value {
    json!({ "code": "invalid", "path": path, "fault": fault })
}

impl World {
    /// A survey `s` with one round of this topic that is open, and who made it.
    pub(crate) async fn asking(&self, topic: &str, poll: Value) -> (Member, String) {
        let owner = self.owner("jiangpan", "lin").await;
        let definition = definition("一");
        self.done(&owner, &put(&draft_survey("s", &definition)))
            .await;
        let mut draft = round(topic, "s", 1, &definition);
        for (name, value) in poll.as_object().unwrap() {
            match name.as_str() {
                "quotas" => draft["poll"]["kind"]["wave"]["quotas"] = value.clone(),
                name => draft["poll"][name] = value.clone(),
            }
        }
        self.done(&owner, &create(draft)).await;
        self.done(&owner, &open(topic)).await;
        (owner, definition)
    }

    /// A household answers, each with a key of its own.
    pub(crate) async fn respond(
        &self,
        topic: &str,
        household: u32,
        choice: Choice,
    ) -> Result<Recorded, Refusal> {
        let grant = self.grant(topic, household).await;
        let key = 1_000 + u128::from(household);
        self.cast(topic, &grant, key, choice, None).await
    }
}
