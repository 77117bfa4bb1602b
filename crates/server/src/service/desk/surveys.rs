//! Surveys as staff see and write them.

use super::{Answer, Desk, DeskFailure};
use crate::seal;
use crate::service::Service;
use crate::service::surveys::wave_of;
use crate::store::staff::{Topics, Want};
use crate::store::surveys::{PreparedSurvey, SurveyRow};
use crate::survey;
use linli_model::desk::survey::{
    InstrumentCard, SourceFault, SurveyCard, SurveyDetail, SurveyDraft, SurveyRead, SurveySource,
    VersionRow, WaveCard,
};
use linli_model::desk::{DeskRefusal, Permission, PollState};
use linli_model::scoring::Scoring;
use linli_model::{CommunityId, GrantToken, IdempotencyKey, PlaceRef, SurveyId, TopicId};
use linli_rules::{instruments, scoring, survey_text};
use serde_json::Value;
use std::collections::HashMap;

/// Characters of a text that becomes a survey.
const TEXT_CHARS_MAX: usize = 100_000;
/// Characters of a line that is shown again.
const LINE_CHARS_MAX: usize = 60;

/// A round before its card is whole.
struct Round {
    survey: SurveyId,
    number: u32,
    version: String,
}

impl Service {
    /// Every survey of places that this person may see, by title, with its rounds.
    pub async fn desk_surveys(
        &self,
        community: &CommunityId,
        token: &GrantToken,
    ) -> Answer<Vec<SurveyCard>> {
        let desk = self.desk_with_topics(community, token).await?;
        let rows = self.store.surveys(community, None).await?;
        let mut waves = self.wave_cards(&desk).await?;
        let mut cards = Vec::new();
        for row in rows {
            cards.extend(card(&desk, row, &mut waves)?);
        }
        Ok(cards)
    }

    /// One survey in full.
    pub async fn desk_survey(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        id: &SurveyId,
    ) -> Answer<SurveyDetail> {
        let desk = self.desk_with_topics(community, token).await?;
        let row = self.seen_survey(&desk, community, id).await?;
        let version = row.version.clone();
        let mut waves = self.wave_cards(&desk).await?;
        let card = card(&desk, row, &mut waves)?.ok_or(DeskRefusal::Unknown)?;
        let stored = self.store.survey_version(community, id, &version).await?;
        let stored = stored.ok_or(DeskRefusal::Unknown)?;
        let versions = self.store.survey_versions(community, id).await?;
        let versions = versions.into_iter().map(|one| VersionRow {
            version: one.version,
            at_ms: one.written_at_ms,
            by: one.written_by,
        });
        let store = &self.store;
        let actions = store.corrective_actions(community, id, desk.state.now_ms);
        Ok(SurveyDetail {
            card,
            scoring: match stored.scoring {
                Some(scoring) => scoring,
                None => shown_scoring(&stored.definition),
            },
            definition: (*stored.definition).to_owned(),
            versions: versions.collect(),
            actions: actions.await?,
        })
    }

    /// The text of a version's definition.
    pub async fn desk_definition(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        (id, version): (&SurveyId, &str),
    ) -> Answer<String> {
        let desk = self.desk(community, token, Want::default()).await?;
        self.seen_survey(&desk, community, id).await?;
        if !survey::is_version(version) {
            return Err(DeskRefusal::Unknown.into());
        }
        let stored = self.store.survey_version(community, id, version).await?;
        let stored = stored.ok_or(DeskRefusal::Unknown)?;
        Ok((*stored.definition).to_owned())
    }

    /// Shipped instruments, in the language of `lang`.
    pub async fn desk_instruments(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        lang: &str,
    ) -> Answer<Vec<InstrumentCard>> {
        self.desk(community, token, Want::default()).await?.me()?;
        let card = |(one, definition): (instruments::Instrument, &str)| {
            let words = |words: &instruments::Words| match lang.starts_with("en") {
                true => words.en.clone(),
                false => words.zh_hans.clone(),
            };
            InstrumentCard {
                title: words(&one.title),
                about: words(&one.about),
                questions: survey::prepare(definition).map_or(0, |read| read.questions),
                source: one.source,
                id: one.id,
            }
        };
        Ok(instruments::all().map(card).collect())
    }

    /// Reads what could become a survey; nothing is changed by it.
    pub async fn desk_read_survey(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        source: SurveySource,
    ) -> Answer<SurveyRead> {
        let desk = self.desk(community, token, Want::default()).await?;
        let me = desk.me()?;
        let needs = Permission::Polls;
        if desk.state.places_of(&me.posts, needs).is_empty() {
            return Err(DeskRefusal::NotPermitted { needs }.into());
        }
        let read = tokio::task::spawn_blocking(move || read(source)).await;
        Ok(read.map_err(|error| DeskFailure::Fault(error.to_string()))??)
    }

    /// What is made ready of a survey outside of the transaction. None where that will
    /// answer what it has answered before.
    pub(super) async fn prepared_survey(
        &self,
        community: &CommunityId,
        token: &GrantToken,
        key: &IdempotencyKey,
        draft: &SurveyDraft,
    ) -> Answer<Option<Result<PreparedSurvey, DeskRefusal>>> {
        let kept = Some((seal::session_hash(token.as_str()), key.clone()));
        let want = Want {
            kept,
            ..Want::default()
        };
        let desk = self.desk(community, token, want).await?;
        desk.me()?;
        if desk.state.kept.is_some() {
            return Ok(None);
        }
        let (text, scoring) = (draft.definition.clone(), draft.scoring.clone());
        let prepared = tokio::task::spawn_blocking(move || {
            let read = survey::prepare(&text)
                .map_err(|faults| DeskRefusal::DefinitionInvalid { faults })?;
            let fault = scoring.and_then(|scoring| survey::scoring_fault(&read, &scoring));
            match fault {
                Some((path, fault)) => Err(invalid(path, fault)),
                None => Ok(PreparedSurvey {
                    version: read.version,
                    items: read.items,
                    questions: read.questions,
                }),
            }
        });
        let prepared = prepared.await;
        Ok(Some(
            prepared.map_err(|error| DeskFailure::Fault(error.to_string()))?,
        ))
    }

    async fn desk_with_topics(&self, community: &CommunityId, token: &GrantToken) -> Answer<Desk> {
        let want = Want {
            topics: Topics::All,
            ..Want::default()
        };
        self.desk(community, token, want).await
    }

    /// A survey of a place that this person may see.
    async fn seen_survey(
        &self,
        desk: &Desk,
        community: &CommunityId,
        id: &SurveyId,
    ) -> Answer<SurveyRow> {
        let me = desk.me()?;
        let rows = self.store.surveys(community, Some(id)).await?;
        let seen = rows.into_iter().find(|row| {
            let state = &desk.state;
            state.may(&me.posts, Permission::See, Some(&row.place))
        });
        Ok(seen.ok_or(DeskRefusal::Unknown)?)
    }

    /// Rounds that this person may see, of every survey, the latest first.
    async fn wave_cards(&self, desk: &Desk) -> Answer<HashMap<SurveyId, Vec<WaveCard>>> {
        let mut rounds: HashMap<TopicId, Round> = HashMap::new();
        for found in desk.seen()? {
            if let Some(wave) = wave_of(found.topic()) {
                let round = Round {
                    survey: wave.survey.clone(),
                    number: wave.number,
                    version: wave.version.clone(),
                };
                rounds.insert(found.topic().id.clone(), round);
            }
        }
        let mut waves: HashMap<SurveyId, Vec<WaveCard>> = HashMap::new();
        for poll in self
            .cards_of(desk, |topic, _| rounds.contains_key(topic))
            .await?
        {
            let Some(round) = rounds.remove(&poll.topic) else {
                continue;
            };
            let obligation = match poll.state {
                PollState::Closed => self.obligation(&poll.topic).await?,
                _ => None,
            };
            waves.entry(round.survey).or_default().push(WaveCard {
                number: round.number,
                version: round.version,
                poll,
                obligation,
            });
        }
        for waves in waves.values_mut() {
            waves.sort_by_key(|wave| std::cmp::Reverse(wave.number));
        }
        Ok(waves)
    }
}

/// A survey's card, with the rounds that `waves` has of it; none where it may not be seen.
fn card(
    desk: &Desk,
    row: SurveyRow,
    waves: &mut HashMap<SurveyId, Vec<WaveCard>>,
) -> Result<Option<SurveyCard>, DeskRefusal> {
    let (state, me) = (&desk.state, desk.me()?);
    if !state.may(&me.posts, Permission::See, Some(&row.place)) {
        return Ok(None);
    }
    let place = state.places.iter().find(|place| place.id == row.place);
    Ok(Some(SurveyCard {
        place: PlaceRef {
            name: place.map_or_else(String::new, |place| place.name.clone()),
            id: row.place,
        },
        waves: waves.remove(&row.id).unwrap_or_default(),
        id: row.id,
        title: row.title,
        rated: row.rated,
        version: row.version,
        questions: row.questions,
    }))
}

/// How a definition would be scored.
fn shown_scoring(definition: &str) -> Scoring {
    survey::prepare(definition)
        .map_or_else(|_| Scoring::default(), |read| scoring::of(&read.definition))
}

/// Scoring as it is given, with the cross-tables that the definition suggests where it
/// has none.
fn with_cross(given: Option<Scoring>, shown: Scoring) -> Scoring {
    match given {
        Some(given) if given.cross.is_empty() => Scoring {
            cross: shown.cross,
            ..given
        },
        Some(given) => given,
        None => shown,
    }
}

/// What could become a survey.
fn read(source: SurveySource) -> Result<SurveyRead, DeskRefusal> {
    let (definition, scoring, warnings) = match source {
        SurveySource::Instrument { id } => {
            let found = instruments::find(&id).ok_or(DeskRefusal::Unknown)?;
            (found.1.to_owned(), Some(found.0.scoring()), Vec::new())
        }
        SurveySource::Text { text } => {
            if text.chars().count() > TEXT_CHARS_MAX {
                return Err(invalid("text", "too_long"));
            }
            match survey_text::parse(&text) {
                Ok(found) => {
                    let warnings = found.warnings.iter().map(|warning| SourceFault {
                        path: format!("line {}", warning.line),
                        fault: word(&warning.kind),
                        found: line(&text, warning.line),
                    });
                    (found.definition.to_string(), None, warnings.collect())
                }
                Err(refusal) => return Ok(unread(&refusal)),
            }
        }
        SurveySource::Json { text } => (text, None, Vec::new()),
    };
    Ok(match survey::prepare(&definition) {
        Ok(read) => SurveyRead {
            scoring: with_cross(scoring, scoring::of(&read.definition)),
            questions: read.questions,
            faults: Vec::new(),
            definition,
            warnings,
        },
        Err(faults) => SurveyRead {
            definition,
            scoring: scoring.unwrap_or_default(),
            questions: 0,
            faults,
            warnings,
        },
    })
}

/// A text that nothing could be made of, and where that shows.
fn unread(refusal: &survey_text::TextRefusal) -> SurveyRead {
    use survey_text::TextRefusal as R;
    let (at, found) = match refusal {
        R::LineTooLong { line, .. } | R::TooManyChoices { line, .. } => (*line, ""),
        R::Unsupported { line, written } => (*line, written.as_str()),
        R::Empty | R::NoQuestion | R::TooLong { .. } | R::TooManyQuestions { .. } => (0, ""),
    };
    let path = match at {
        0 => "$".to_owned(),
        line => format!("line {line}"),
    };
    SurveyRead {
        definition: String::new(),
        scoring: Scoring::default(),
        questions: 0,
        faults: vec![SourceFault {
            path,
            fault: word(refusal),
            found: found.to_owned(),
        }],
        warnings: Vec::new(),
    }
}

/// The stable word of what serde writes as a word, alone or as the name of its fields.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

fn line(text: &str, number: usize) -> String {
    let line = text.lines().nth(number.saturating_sub(1));
    let line = line.unwrap_or_default().trim();
    line.chars().take(LINE_CHARS_MAX).collect()
}

fn invalid(path: &str, fault: &str) -> DeskRefusal {
    DeskRefusal::Invalid {
        path: path.to_owned(),
        fault: fault.to_owned(),
    }
}
