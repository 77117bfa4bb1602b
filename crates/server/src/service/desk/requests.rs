//! Residents' requests at the desk: what waits, and answering it. The audit log says that
//! one was answered and how it ended, never in which words.

use super::{Answer, DeskFailure};
use crate::service::{MyFailure, Service};
use crate::store::Failure;
use crate::store::privacy::{MyRowsOf, RequestRow, Whose};
use crate::store::staff::{Act, Want};
use linli_model::desk::request::{
    ANSWER_WITHIN_MS, AnswerRequest, REQUESTS_OPEN_TOLD_MAX, REQUESTS_SETTLED_TOLD_MAX,
    RequestsView, ResidentRequest,
};
use linli_model::desk::{DeskRefusal, Permission};
use linli_model::me::{MyRefusal, REQUEST_CHARS_MAX, RequestState};
use linli_model::{CommunityId, GrantToken, Refusal, RequestId, UtcMs};
use serde_json::json;

impl Service {
    /// What residents asked for.
    pub async fn desk_requests(
        &self,
        community: &CommunityId,
        token: &GrantToken,
    ) -> Answer<RequestsView> {
        let desk = self.desk(community, token, Want::default()).await?;
        desk.permit(Permission::Requests)?;
        let told = |state, limit| self.told_requests(community, state, limit);
        let mut open = told(RequestState::Open, REQUESTS_OPEN_TOLD_MAX).await?;
        open.sort_by_key(|one| one.due_at_ms);
        let mut settled = told(RequestState::Done, REQUESTS_SETTLED_TOLD_MAX).await?;
        settled.extend(told(RequestState::Declined, REQUESTS_SETTLED_TOLD_MAX).await?);
        settled.sort_by_key(|one| std::cmp::Reverse(one.settled_at_ms));
        settled.truncate(REQUESTS_SETTLED_TOLD_MAX as usize);
        Ok(RequestsView { open, settled })
    }

    /// Answers one, once.
    pub async fn desk_answer_request(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        id: &RequestId,
        body: AnswerRequest,
    ) -> Answer<()> {
        let desk = self.desk(community, token, Want::default()).await?;
        desk.permit(Permission::Requests)?;
        let by = format!("staff:{}", desk.me()?.id);
        let settled = self
            .settle_request(community, id, body.is_done, &body.answer, &by)
            .await;
        settled.map_err(at_the_desk)?;
        let note = Act::Note {
            token_hash: desk.token_hash,
            action: "answered_request".to_owned(),
            subject: id.to_string(),
            detail: json!({ "is_done": body.is_done }).to_string(),
        };
        self.act(community, note).await?;
        Ok(())
    }

    /// How many requests wait.
    pub(super) async fn requests_open(&self, community: &CommunityId) -> Answer<u64> {
        let open = self.store.requests(
            community.as_str(),
            RequestState::Open,
            UtcMs::MAX,
            REQUESTS_OPEN_TOLD_MAX,
        );
        Ok(open.await?.len() as u64)
    }

    async fn told_requests(
        &self,
        community: &CommunityId,
        state: RequestState,
        limit: u32,
    ) -> Answer<Vec<ResidentRequest>> {
        let rows = self
            .store
            .requests(community.as_str(), state, UtcMs::MAX, limit);
        let mut told = Vec::new();
        for row in rows.await? {
            let who = self.who_asks(&row).await?;
            let request = self.my_request(&row).map_err(at_the_desk)?;
            told.push(ResidentRequest {
                id: request.id,
                who,
                kind: request.kind,
                text: request.text,
                contact: request.contact,
                state: request.state,
                asked_at_ms: request.asked_at_ms,
                due_at_ms: request.asked_at_ms.saturating_add(ANSWER_WITHIN_MS),
                answer: request.answer,
                settled_at_ms: request.settled_at_ms,
            });
        }
        Ok(told)
    }

    /// Place and name of who asks, by the roll; empty for a device.
    async fn who_asks(&self, row: &RequestRow) -> Result<String, Failure> {
        let asked = MyRowsOf {
            whose: Whose {
                community: row.community.clone(),
                subject: row.subject.clone(),
                voters: vec![row.subject.clone()],
            },
            marks: Vec::new(),
        };
        let rows = self.store.my_rows(asked).await?;
        let household = rows.household.map(|one| (one.place, one.label));
        let entry = || {
            rows.entries
                .first()
                .map(|one| (one.place.clone(), one.called()))
        };
        Ok(household
            .or_else(entry)
            .map_or_else(String::new, |(place, name)| format!("{place} · {name}")))
    }
}

fn at_the_desk(failure: MyFailure) -> DeskFailure {
    match failure {
        MyFailure::Fault(detail) => DeskFailure::Fault(detail),
        // Answered meanwhile, or never asked: the list tells which.
        MyFailure::Refused(MyRefusal::Other(Refusal::NotFound)) => {
            DeskRefusal::AlreadySettled.into()
        }
        MyFailure::Refused(MyRefusal::Other(refusal)) => refusal.into(),
        MyFailure::Refused(_) => DeskRefusal::ReasonNeeded {
            max_chars: REQUEST_CHARS_MAX as u32,
        }
        .into(),
    }
}
