//! Tables that staff take away. Each one taken is written down first.

use super::polls::Found;
use super::{Answer, Desk, DeskFailure};
use crate::export::{Cell, Form, Rows, Table, Writer};
use crate::service::Service;
use crate::service::results::told_places;
use crate::store::StoredTopic;
use crate::store::staff::{Act, Topics, Want};
use linli_model::desk::{Actor, AuditEntry, DeskRefusal, Permission, PollState};
use linli_model::{
    Bound, Choice, CommunityId, GrantToken, OptionId, Phase, PollResult, ResultsVisibility,
    Secrecy, Topic, TopicId, Turnout,
};
use linli_rules::phase;
use std::fs::File;
use std::sync::Arc;

/// Rows that are read at once.
const BATCH: u32 = 1_000;

/// What can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Export {
    /// The audit log, oldest first.
    Audit,
    /// Every poll with its turnout.
    Polls,
    /// Turnout by place, small places left out: of every poll, or of one.
    Turnout(Option<TopicId>),
    /// What a poll came to: its counts, what its rule asks for, and the outcome.
    Result(TopicId),
    /// Who voted how in a recorded poll.
    Ballots(TopicId),
}

impl Export {
    /// By the name in the address; `topic` where it takes one.
    pub fn parse(name: &str, topic: Option<&TopicId>) -> Option<Self> {
        match (name, topic) {
            ("audit", _) => Some(Self::Audit),
            ("polls", _) => Some(Self::Polls),
            ("turnout", topic) => Some(Self::Turnout(topic.cloned())),
            ("result", Some(topic)) => Some(Self::Result(topic.clone())),
            ("ballots", Some(topic)) => Some(Self::Ballots(topic.clone())),
            _ => None,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Polls => "polls",
            Self::Turnout(_) => "turnout",
            Self::Result(_) => "result",
            Self::Ballots(_) => "ballots",
        }
    }

    fn columns(&self) -> &'static [&'static str] {
        match self {
            Self::Audit => &[
                "number", "at", "actor", "actor_id", "action", "subject", "detail", "hash",
            ],
            Self::Polls => &[
                "topic",
                "title",
                "place",
                "state",
                "nature",
                "electorate",
                "opens_at",
                "closes_at",
                "cast",
                "eligible",
            ],
            Self::Result(_) => &["part", "name", "value", "base", "needed", "reached"],
            Self::Turnout(_) => &["topic", "title", "place", "cast", "eligible"],
            Self::Ballots(_) => &["place", "voter", "choice", "revision", "cast_at"],
        }
    }
}

impl Service {
    /// A table as a file.
    pub async fn desk_export(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        export: &Export,
        form: Form,
    ) -> Answer<File> {
        let topics = match export {
            Export::Audit => Topics::None,
            Export::Polls | Export::Turnout(None) => Topics::All,
            Export::Turnout(Some(topic)) | Export::Result(topic) | Export::Ballots(topic) => {
                Topics::One(topic.clone())
            }
        };
        let want = Want {
            topics,
            ..Want::default()
        };
        let desk = self.desk(community, token, want).await?;
        let one = permitted(&desk, export)?;
        let result = match (export, &one) {
            (Export::Result(_), Some(stored)) => self.result_rows(stored).await?,
            _ => Rows::new(),
        };
        let subject = one.as_ref().map_or("", |stored| stored.topic.id.as_str());
        let facts = serde_json::json!({ "export": export.name(), "form": form.media_type() });
        self.act(
            community,
            Act::Note {
                token_hash: desk.token_hash,
                action: "exported".to_owned(),
                subject: subject.to_owned(),
                detail: facts.to_string(),
            },
        )
        .await?;
        let table = Table {
            columns: export.columns(),
            time_zone: desk.state.community.time_zone.clone(),
        };
        let writer = Writer::begin(table, form);
        match (export, one) {
            (Export::Audit, _) => self.audit_rows(community, &writer).await?,
            (Export::Polls, _) => writer.add(self.poll_rows(&desk).await?).await,
            (Export::Turnout(_), _) => writer.add(self.turnout_rows(&desk).await?).await,
            (Export::Result(_), _) => writer.add(result).await,
            (Export::Ballots(_), Some(stored)) => self.ballot_rows(&stored, &writer).await?,
            (Export::Ballots(_), None) => return Err(DeskRefusal::Unknown.into()),
        }
        writer.end().await.map_err(DeskFailure::Fault)
    }

    /// The audit log as a file, for somebody with a shell on the server.
    pub async fn audit_file(&self, community: &CommunityId, form: Form) -> Answer<File> {
        let state = self.store.desk_state(community, Want::default()).await?;
        let state = state.map_err(|_| DeskRefusal::Unknown)?;
        let table = Table {
            columns: Export::Audit.columns(),
            time_zone: state.community.time_zone,
        };
        let writer = Writer::begin(table, form);
        self.audit_rows(community, &writer).await?;
        writer.end().await.map_err(DeskFailure::Fault)
    }

    async fn audit_rows(&self, community: &CommunityId, writer: &Writer) -> Answer<()> {
        let mut after = 0;
        loop {
            let entries = self.store.audit_after(community, after, BATCH).await?;
            let Some(last) = entries.last() else {
                return Ok(());
            };
            after = last.number;
            writer
                .add(entries.into_iter().map(audit_row).collect())
                .await;
        }
    }

    async fn poll_rows(&self, desk: &Desk) -> Answer<Rows> {
        let places = desk.exported()?;
        let cards = self.cards(desk, |_| true).await?;
        let rows = cards
            .into_iter()
            .filter(|card| places.contains(card.place.id.as_str()));
        Ok(rows
            .map(|card| {
                let mut row = vec![
                    Cell::text(card.topic.as_str()),
                    Cell::text(card.title),
                    Cell::text(card.place.name),
                    Cell::text(card.state.as_str()),
                    Cell::text(card.nature.as_str()),
                    Cell::text(card.electorate.as_str()),
                    Cell::Time(card.opens_at_ms),
                    Cell::Time(card.closes_at_ms),
                ];
                row.extend(turnout_cells(card.turnout));
                row
            })
            .collect())
    }

    async fn turnout_rows(&self, desk: &Desk) -> Answer<Rows> {
        let places = desk.exported()?;
        let mut rows = Rows::new();
        for stored in &desk.state.topics {
            let topic = &stored.topic;
            if !places.contains(topic.place.id.as_str()) {
                continue;
            }
            let is_closed = phase::at(&topic.poll, desk.state.now_ms) == Phase::Closed;
            let counted = self.counted(stored, true, is_closed).await?;
            let counts = &counted.counts;
            for told in told_places(counts) {
                rows.push(turnout_row(topic, &told.place.name, told.turnout));
            }
            rows.push(turnout_row(topic, "", counts.turnout));
        }
        Ok(rows)
    }

    async fn result_rows(&self, stored: &Arc<StoredTopic>) -> Answer<Rows> {
        let view = self.topic_view(stored).await?;
        let result = view.result.ok_or(DeskRefusal::Unknown)?;
        Ok(result_rows(&stored.topic, &result))
    }

    async fn ballot_rows(&self, stored: &StoredTopic, writer: &Writer) -> Answer<()> {
        let mut after = String::new();
        loop {
            let ballots = self.store.recorded_ballots(stored, &after, BATCH).await?;
            let Some(last) = ballots.last() else {
                return Ok(());
            };
            after.clone_from(&last.voter);
            let rows = ballots.into_iter().map(|ballot| {
                vec![
                    Cell::text(ballot.place),
                    Cell::text(ballot.label),
                    Cell::text(chosen(&stored.topic, &ballot.choice)),
                    Cell::Number(i64::from(ballot.revision)),
                    Cell::Time(ballot.cast_at_ms),
                ]
            });
            writer.add(rows.collect()).await;
        }
    }
}

impl Desk {
    /// Places whose tables this person may take.
    fn exported(&self) -> Result<std::collections::HashSet<&str>, DeskRefusal> {
        Ok(self.state.places_of(&self.me()?.posts, Permission::Export))
    }
}

/// Refuses what may not be taken; gives the one topic that it is of.
fn permitted(desk: &Desk, export: &Export) -> Result<Option<Arc<StoredTopic>>, DeskRefusal> {
    let needs = Permission::Export;
    let topic = match export {
        Export::Audit => return desk.permit(Permission::Audit).map(|()| None),
        Export::Polls | Export::Turnout(None) if desk.exported()?.is_empty() => {
            return Err(DeskRefusal::NotPermitted { needs });
        }
        Export::Polls | Export::Turnout(None) => return Ok(None),
        Export::Turnout(Some(topic)) | Export::Result(topic) | Export::Ballots(topic) => topic,
    };
    let found = desk
        .seen()?
        .into_iter()
        .find(|found| found.topic().id == *topic);
    let found = found.ok_or(DeskRefusal::Unknown)?;
    let place = &found.topic().place.id;
    if !desk.state.may(&desk.me()?.posts, needs, Some(place)) {
        return Err(DeskRefusal::NotPermitted { needs });
    }
    let poll = &found.topic().poll;
    // No earlier than residents see counts, and in a secret poll never who voted how.
    let told = match (found.state(desk.state.now_ms), poll.results) {
        (PollState::Closed, _) | (PollState::Open, ResultsVisibility::Live) => true,
        (PollState::Draft | PollState::Upcoming | PollState::Open, _) => false,
    };
    let may = match export {
        Export::Ballots(_) => told && poll.secrecy == Secrecy::Recorded,
        Export::Result(_) => told,
        _ => matches!(found, Found::Published(_)),
    };
    if !may {
        return Err(DeskRefusal::Invalid {
            path: "topic".to_owned(),
            fault: "unsupported".to_owned(),
        });
    }
    let stored = desk
        .state
        .topics
        .iter()
        .find(|stored| stored.topic.id == *topic);
    Ok(stored.map(Arc::clone))
}

fn audit_row(entry: AuditEntry) -> Vec<Cell> {
    let (actor, actor_id) = match entry.actor {
        Actor::Staff { id, name } => (name, id.to_string()),
        Actor::Operator => ("operator".to_owned(), String::new()),
        Actor::Server => ("server".to_owned(), String::new()),
    };
    vec![
        Cell::count(entry.number),
        Cell::Time(entry.at_ms),
        Cell::text(actor),
        Cell::text(actor_id),
        Cell::text(entry.action),
        Cell::text(entry.subject),
        Cell::text(entry.detail),
        Cell::text(entry.hash),
    ]
}

fn turnout_row(topic: &Topic, place: &str, turnout: Turnout) -> Vec<Cell> {
    let mut row = vec![
        Cell::text(topic.id.as_str()),
        Cell::text(&topic.title),
        Cell::text(place),
    ];
    row.extend(turnout_cells(turnout));
    row
}

/// Counts first, then what the rule asks for, then what it comes to.
fn result_rows(topic: &Topic, result: &PollResult) -> Rows {
    let row = |part: &str, name: &str, value: u64, base: Option<u64>| {
        vec![
            Cell::text(part),
            Cell::text(name),
            Cell::count(value),
            base.map_or(Cell::Empty, Cell::count),
        ]
    };
    let turnout = result.turnout;
    let mut rows = vec![row("turnout", "", turnout.cast, turnout.eligible)];
    rows.extend(result.counts.iter().map(|count| {
        let name = named(topic, &count.option);
        row("count", name, count.votes, Some(turnout.cast))
    }));
    rows.extend(result.steps.iter().map(|step| {
        let name = format!("{} {}", step.threshold.as_str(), step.measure.as_str());
        let mut cells = row("threshold", &name, step.value, Some(step.base));
        let limit = step.limit;
        let bound = match limit.bound {
            Bound::AtLeast => "≥",
            Bound::MoreThan => ">",
        };
        let needed = format!("{bound} {}/{}", limit.numerator, limit.denominator);
        cells.push(Cell::text(needed));
        cells.push(Cell::text(if step.passed { "yes" } else { "no" }));
        cells
    }));
    let outcome = serde_json::to_value(&result.outcome).unwrap_or_default();
    let outcome = outcome["type"].as_str().unwrap_or_default().to_owned();
    rows.push(vec![Cell::text("outcome"), Cell::text(outcome)]);
    for cells in &mut rows {
        cells.resize_with(Export::Result(topic.id.clone()).columns().len(), || {
            Cell::Empty
        });
    }
    rows
}

/// An option in the poll's own words.
fn named<'a>(topic: &'a Topic, id: &'a OptionId) -> &'a str {
    let option = topic.poll.kind.options().iter().find(|one| one.id == *id);
    option.map_or(id.as_str(), |option| option.text.as_str())
}

fn turnout_cells(turnout: Turnout) -> [Cell; 2] {
    [
        Cell::count(turnout.cast),
        turnout.eligible.map_or(Cell::Empty, Cell::count),
    ]
}

/// A choice in the poll's own words; as stored where it does not fit any more.
fn chosen(topic: &Topic, choice: &str) -> String {
    match serde_json::from_str(choice) {
        Ok(Choice::Motion { stance }) => stance.as_str().to_owned(),
        Ok(Choice::Options { options }) => {
            let names = options.iter().map(|id| named(topic, id));
            names.collect::<Vec<_>>().join("; ")
        }
        _ => choice.to_owned(),
    }
}
