//! Reports of surveys as staff see them: as residents do and no earlier, with what people
//! wrote.

use super::Answer;
use crate::service::Service;
use crate::store::staff::{Topics, Want};
use linli_model::desk::DeskRefusal;
use linli_model::report::PublishedReport;
use linli_model::{CommunityId, GrantToken, PollKind, Refusal, TopicId};

impl Service {
    /// A round's report in a language; the topic's own where none is named.
    pub async fn desk_report(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        topic: &TopicId,
        lang: Option<&str>,
    ) -> Answer<PublishedReport> {
        let want = Want {
            topics: Topics::One(topic.clone()),
            ..Want::default()
        };
        let desk = self.desk(community, token, want).await?;
        let seen = desk.seen()?;
        let found = seen.iter().find(|found| found.topic().id == *topic);
        let found = found.ok_or(DeskRefusal::Unknown)?.topic();
        if !matches!(found.poll.kind, PollKind::Survey { .. }) {
            return Err(DeskRefusal::Unknown.into());
        }
        let lang = lang.unwrap_or(&found.lang);
        match self.report(topic, lang).await {
            // A draft, or too early.
            Err(crate::store::Failure::Refused(Refusal::TopicUnknown)) => {
                Err(DeskRefusal::from(Refusal::NotFound).into())
            }
            other => Ok(other?.with_words()),
        }
    }
}
