//! What else the desk shows: home, people, places, requests, the audit log.

use super::{Answer, Desk};
use crate::service::Service;
use crate::service::lately::LARGE_ROLL;
use crate::store::desk::shown_approval;
use crate::store::staff::{DeskState, PlaceHouseholds, Topics, Want};
use linli_model::desk::{
    Approval, ApprovalState, AuditPage, DeskRefusal, HomeView, InvitationRow, PeopleView,
    Permission, PlaceNode, PollState, SessionRow, StaffRow,
};
use linli_model::{CommunityId, GrantToken, PlaceId};
use linli_rules::desk as rules;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How long a closed poll is news.
const CLOSED_SHOWN_MS: i64 = 30 * 24 * 3_600_000;
/// Entries of the audit log on one page.
const AUDIT_PAGE: u32 = 50;
/// Most characters to search for.
const SEARCH_CHARS_MAX: usize = 100;

impl Service {
    /// Today's work.
    pub async fn desk_home(&self, community: &CommunityId, token: &GrantToken) -> Answer<HomeView> {
        let want = Want {
            topics: Topics::All,
            ..Want::default()
        };
        let desk = self.desk(community, token, want).await?;
        let now_ms = desk.state.now_ms;
        let cards = self.cards(&desk, |_| true).await?;
        let of = |states: &[PollState]| {
            let cards = cards.iter().filter(|card| states.contains(&card.state));
            cards.cloned().collect::<Vec<_>>()
        };
        let mut open = of(&[PollState::Open]);
        open.sort_by_key(|card| card.closes_at_ms);
        let mut coming = of(&[PollState::Draft, PollState::Upcoming]);
        coming.sort_by_key(|card| card.opens_at_ms);
        let mut closed = of(&[PollState::Closed]);
        closed.retain(|card| card.closes_at_ms > now_ms - CLOSED_SHOWN_MS);
        closed.sort_by_key(|card| std::cmp::Reverse(card.closes_at_ms));
        let requests = desk.requests(|now| now == ApprovalState::Waiting)?;
        let me = desk.me()?;
        let (to_decide, others): (Vec<_>, Vec<_>) =
            requests.into_iter().partition(|request| request.may_decide);
        let asked = others
            .into_iter()
            .filter(|request| request.asked_by == me.id);
        let seen = desk.state.places_of(&me.posts, Permission::See);
        let by_place = self.households_by_place(community).await?;
        let households = || {
            by_place
                .iter()
                .filter(|at| seen.contains(at.place.as_str()))
        };
        Ok(HomeView {
            now_ms,
            to_decide,
            asked: asked.collect(),
            open,
            coming,
            closed,
            requests: match desk.permit(Permission::Requests) {
                Ok(()) => self.requests_open(community).await?,
                Err(_) => 0,
            },
            fillable: desk.fillable()?,
            households: households().map(|at| at.households).sum(),
            households_with_code: households().map(|at| at.with_code).sum(),
        })
    }

    /// Households by place: in a large community as they were a moment ago.
    async fn households_by_place(
        &self,
        community: &CommunityId,
    ) -> Answer<Arc<Vec<PlaceHouseholds>>> {
        let is_large = |all: &Vec<PlaceHouseholds>| {
            let households: u64 = all.iter().map(|at| at.households).sum();
            households >= LARGE_ROLL
        };
        let (store, of) = (Arc::clone(&self.store), community.clone());
        let count = async move { store.place_households(&of).await };
        let known = self.households.get(community.clone(), is_large, count);
        Ok(known.await?)
    }

    /// Requests that this person may see, oldest first.
    pub async fn desk_approvals(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        only: Option<ApprovalState>,
    ) -> Answer<Vec<Approval>> {
        let want = Want {
            settled: only != Some(ApprovalState::Waiting),
            ..Want::default()
        };
        let desk = self.desk(community, token, want).await?;
        Ok(desk.requests(|now| only.is_none_or(|only| only == now))?)
    }

    /// Staff, invitations, sessions.
    pub async fn desk_people(
        &self,
        community: &CommunityId,
        token: &GrantToken,
    ) -> Answer<PeopleView> {
        let desk = self.desk(community, token, Want::default()).await?;
        let (state, me) = (&desk.state, desk.me()?);
        let cares = rules::permissions(&me.posts).contains(&Permission::People);
        let staff = state
            .staff
            .iter()
            .filter(|staff| cares || staff.id == me.id);
        let invitations = state.invitations.iter().filter(|invitation| {
            let holds = state.invitation(&invitation.token_hash).is_some();
            holds && cares && state.may_give(&me.posts, &invitation.posts)
        });
        let sessions = state.sessions.iter().filter(|session| {
            let owner = state.member(&session.staff);
            let theirs = owner.is_some_and(|owner| {
                owner.id == me.id || cares && state.may_give(&me.posts, &owner.posts)
            });
            theirs && session.holds_at(state.now_ms)
        });
        Ok(PeopleView {
            staff: staff
                .map(|staff| StaffRow {
                    id: staff.id.clone(),
                    name: staff.name.clone(),
                    login: staff.login.clone(),
                    posts: staff.posts.clone(),
                    signed_in_at_ms: staff.signed_in_at_ms,
                })
                .collect(),
            invitations: invitations
                .map(|invitation| InvitationRow {
                    id: invitation.id.clone(),
                    name: invitation.name.clone(),
                    posts: invitation.posts.clone(),
                    invited_by: invitation.invited_by_name.clone(),
                    expires_at_ms: invitation.expires_at_ms,
                })
                .collect(),
            sessions: sessions
                .map(|session| SessionRow {
                    id: session.id.clone(),
                    staff: session.staff.clone(),
                    started_at_ms: session.started_at_ms,
                    used_at_ms: session.used_at_ms,
                    device: session.device.clone(),
                    is_this: session.token_hash == desk.token_hash,
                })
                .collect(),
        })
    }

    /// The tree of places: parents before their children, siblings by name.
    pub async fn desk_places(
        &self,
        community: &CommunityId,
        token: &GrantToken,
    ) -> Answer<Vec<PlaceNode>> {
        let desk = self.desk(community, token, Want::default()).await?;
        Ok(in_order(&desk.state))
    }

    /// A page of the audit log, newest first.
    pub async fn desk_audit(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        before: Option<u64>,
        search: &str,
    ) -> Answer<AuditPage> {
        let desk = self.desk(community, token, Want::default()).await?;
        desk.permit(Permission::Audit)?;
        // No entry holds a NUL, and PostgreSQL takes none.
        let search = search.trim().chars().filter(|c| *c != '\0');
        let search: String = search.take(SEARCH_CHARS_MAX).collect();
        let newest = self.store.desk_head(community).await?.audit_number;
        let entries = self
            .store
            .audit_before(community, before, &search, AUDIT_PAGE)
            .await?;
        let last = entries.last().map(|entry| entry.number);
        let full = entries.len() == AUDIT_PAGE as usize;
        Ok(AuditPage {
            next_before: last.filter(|number| full && *number > 1),
            entries,
            newest,
        })
    }
}

impl Desk {
    /// Requests in the wanted states that this person may see.
    fn requests(
        &self,
        wanted: impl Fn(ApprovalState) -> bool,
    ) -> Result<Vec<Approval>, DeskRefusal> {
        let (state, me) = (&self.state, self.me()?);
        let seen = state.approvals.iter().filter(|approval| {
            let own = approval.asked_by == me.id;
            let place = approval.place.as_ref();
            wanted(approval.state_at(state.now_ms))
                && (own || state.may(&me.posts, Permission::See, place))
        });
        Ok(seen
            .map(|approval| shown_approval(state, me, approval))
            .collect())
    }

    /// Refuses unless it is permitted in the whole community.
    pub(super) fn permit(&self, needs: Permission) -> Result<(), DeskRefusal> {
        if self.state.may(&self.me()?.posts, needs, None) {
            return Ok(());
        }
        Err(DeskRefusal::NotPermitted { needs })
    }
}

fn in_order(state: &DeskState) -> Vec<PlaceNode> {
    let mut below: HashMap<Option<&PlaceId>, Vec<&PlaceNode>> = HashMap::new();
    let known: HashSet<&PlaceId> = state.places.iter().map(|row| &row.id).collect();
    for row in &state.places {
        let parent = row.parent.as_ref().filter(|parent| known.contains(parent));
        below.entry(parent).or_default().push(row);
    }
    let mut ordered = Vec::with_capacity(state.places.len());
    // A stack, the last to come first; siblings came by name.
    let mut next: Vec<&PlaceNode> = below.remove(&None).unwrap_or_default();
    next.reverse();
    while let Some(row) = next.pop() {
        ordered.push(row.clone());
        let children = below.remove(&Some(&row.id)).unwrap_or_default();
        next.extend(children.into_iter().rev());
    }
    ordered
}
