//! Recorded ballots as their voter reads them again.

use super::{MyFailure, poll_id, title_of, topic_of};
use crate::service::Service;
use crate::store::StoredTopic;
use crate::store::privacy::MyBallotRow;
use crate::survey;
use linli_model::me::MyBallot;
use linli_model::{Choice, PollId, PollOption};
use std::sync::Arc;

impl Service {
    /// Ballots with what was chosen in words.
    pub(super) async fn my_ballots(
        &self,
        rows: Vec<MyBallotRow>,
        topics: &[Arc<StoredTopic>],
    ) -> Result<Vec<MyBallot>, MyFailure> {
        let mut ballots = Vec::with_capacity(rows.len());
        for row in rows {
            let poll = poll_id(&row.poll)?;
            let choice: Choice = serde_json::from_str(&row.choice)
                .map_err(|error| MyFailure::Fault(error.to_string()))?;
            ballots.push(MyBallot {
                title: title_of(topics, &poll),
                chosen: self.chosen_in_words(&choice, &poll, topics).await?,
                poll,
                revision: row.revision,
                choice,
                cast_at_ms: row.cast_at_ms,
                counts: row.counts,
            });
        }
        Ok(ballots)
    }

    async fn chosen_in_words(
        &self,
        choice: &Choice,
        poll: &PollId,
        topics: &[Arc<StoredTopic>],
    ) -> Result<Vec<String>, MyFailure> {
        let stored = topics.iter().find(|stored| stored.topic.poll.id == *poll);
        match choice {
            Choice::Options { options } => {
                let offered = topic_of(topics, poll);
                let offered = offered.map_or(&[][..], |topic| topic.poll.kind.options());
                let is_chosen = |option: &&PollOption| options.contains(&option.id);
                let chosen = offered.iter().filter(is_chosen);
                Ok(chosen.map(|option| option.text.clone()).collect())
            }
            Choice::Answers {
                version, answers, ..
            } => {
                let definition = match stored {
                    Some(stored) => self.store.asked_definition(stored, version).await?,
                    None => None,
                };
                let lang = stored.map_or("", |stored| stored.topic.lang.as_str());
                Ok(survey::shown(definition.as_deref(), answers, lang))
            }
            _ => Ok(Vec::new()),
        }
    }
}
