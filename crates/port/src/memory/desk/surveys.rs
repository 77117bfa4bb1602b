//! Surveys in memory: definitions with versions, rounds as topics, what a low score
//! obliges to. Definitions are read by the real engine; a report's figures are made up.

mod sample;

pub(super) use sample::sample;

use super::{Caller, Env, Held, HeldTopic, hex};
use crate::desk::{ItemScore, RoundReport};
use linli_model::desk::survey::{
    ActionDraft, InstrumentCard, Obligation, Poster, SourceFault, SurveyCard, SurveyDetail,
    SurveyDraft, SurveyRead, SurveySource, VersionRow, WaveCard,
};
use linli_model::desk::{DeskRefusal, PlaceNode, PollState, TopicDraft};
use linli_model::scoring::Scoring;
use linli_model::survey::{DefinitionFault, Element, FaultReason, QuestionKind};
use linli_model::wave::{ActionOutcome, CorrectiveAction, Wave};
use linli_model::{PlaceId, PlaceRef, PollKind, RequestId, SurveyId, TopicId, UtcMs};
use linli_rules::survey::Program;
use linli_rules::{instruments, scoring, survey_text};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// How long after a round's closing something is to be published.
const OBLIGED_WITHIN_MS: i64 = 15 * 86_400_000;
/// Means below this are low here.
const LOW: u8 = 60;

pub(super) struct HeldSurvey {
    id: SurveyId,
    place: PlaceId,
    title: String,
    rated: String,
    /// The oldest first.
    versions: Vec<(VersionRow, String)>,
    scoring: Scoring,
    actions: Vec<CorrectiveAction>,
}

fn invalid(path: &str, fault: &str) -> DeskRefusal {
    DeskRefusal::Invalid {
        path: path.to_owned(),
        fault: fault.to_owned(),
    }
}

fn version_of(definition: &str) -> String {
    hex(&Sha256::digest(definition))
}

fn wave_of(held: &HeldTopic) -> Option<&Wave> {
    match &held.topic.poll.kind {
        PollKind::Survey { wave } => Some(wave),
        _ => None,
    }
}

/// Shipped instruments, named in `lang` where they are, else in Chinese.
pub(super) fn instruments(lang: &str) -> Vec<InstrumentCard> {
    let card = |(one, definition): (instruments::Instrument, &str)| {
        let word = |words: &instruments::Words| match lang {
            "en" => words.en.clone(),
            _ => words.zh_hans.clone(),
        };
        InstrumentCard {
            title: word(&one.title),
            about: word(&one.about),
            questions: judged(definition).0,
            source: one.source,
            id: one.id,
        }
    };
    instruments::all().map(card).collect()
}

/// What could become a survey.
pub(super) fn read(source: &SurveySource) -> Result<SurveyRead, DeskRefusal> {
    let (definition, scoring, warnings) = match source {
        SurveySource::Instrument { id } => {
            let found = instruments::find(id).ok_or(DeskRefusal::Unknown)?;
            (found.1.to_owned(), found.0.scoring(), Vec::new())
        }
        SurveySource::Text { text } => match survey_text::parse(text) {
            Ok(found) => {
                let warnings = found.warnings.iter().map(|warning| SourceFault {
                    path: format!("line {}", warning.line),
                    fault: word(&warning.kind),
                    found: line(text, warning.line),
                });
                let warnings = warnings.collect();
                (found.definition.to_string(), Scoring::default(), warnings)
            }
            Err(refusal) => return Ok(unread(&refusal)),
        },
        SurveySource::Json { text } => (text.clone(), Scoring::default(), Vec::new()),
    };
    let (questions, faults) = judged(&definition);
    let scoring = match source {
        SurveySource::Instrument { .. } => scoring,
        _ => shown(&definition),
    };
    Ok(SurveyRead {
        definition,
        scoring,
        questions,
        faults,
        warnings,
    })
}

/// The stable word of something that serde writes as a word, alone or as a name.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

fn line(text: &str, number: usize) -> String {
    let line = text.lines().nth(number.saturating_sub(1));
    line.unwrap_or_default().trim().chars().take(60).collect()
}

fn unread(refusal: &survey_text::TextRefusal) -> SurveyRead {
    use survey_text::TextRefusal as R;
    let (at, found) = match refusal {
        R::LineTooLong { line, .. } | R::TooManyChoices { line, .. } => (*line, String::new()),
        R::Unsupported { line, written } => (*line, written.clone()),
        _ => (0, String::new()),
    };
    let path = match at {
        0 => String::new(),
        line => format!("line {line}"),
    };
    SurveyRead {
        definition: String::new(),
        scoring: Scoring::default(),
        questions: 0,
        faults: vec![SourceFault {
            path,
            fault: word(refusal),
            found,
        }],
        warnings: Vec::new(),
    }
}

/// How a definition is scored by what it shows.
fn shown(definition: &str) -> Scoring {
    let tree: Option<Value> = serde_json::from_str(definition).ok();
    let read = tree.and_then(|tree| linli_model::survey::read(&tree).ok());
    read.map_or_else(Scoring::default, |read| scoring::of(&read))
}

/// How many questions take an answer, and what does not run.
fn judged(definition: &str) -> (u32, Vec<SourceFault>) {
    let Ok(tree) = serde_json::from_str::<Value>(definition) else {
        let fault = SourceFault {
            path: "$".to_owned(),
            fault: "not_json".to_owned(),
            found: String::new(),
        };
        return (0, vec![fault]);
    };
    let fault = |fault: DefinitionFault| SourceFault {
        path: format!("$.{}", fault.path),
        found: match &fault.reason {
            FaultReason::UnsupportedType { name } => name.clone(),
            FaultReason::Expression { detail } => detail.clone(),
            _ => String::new(),
        },
        fault: match fault.reason {
            FaultReason::UnsupportedProperty => "unsupported_property",
            FaultReason::UnsupportedValue => "unsupported_value",
            FaultReason::UnsupportedType { .. } => "unsupported_type",
            FaultReason::Name => "name",
            FaultReason::Expression { .. } => "expression",
            FaultReason::Circle => "circle",
            FaultReason::TooMany { .. } => "too_many",
        }
        .to_owned(),
    };
    let faults = |all: Vec<DefinitionFault>| all.into_iter().map(fault).collect();
    match linli_model::survey::read(&tree) {
        Ok(definition) => {
            let questions = definition.pages.iter().map(|page| count(&page.elements));
            let questions = questions.sum();
            match Program::new(definition) {
                Ok(_) => (questions, Vec::new()),
                Err(all) => (questions, faults(all)),
            }
        }
        Err(all) => (0, faults(all)),
    }
}

fn count(elements: &[Element]) -> u32 {
    let one = |element: &Element| match element {
        Element::Panel(panel) => count(&panel.elements),
        Element::Question(question) => u32::from(!matches!(
            question.kind,
            QuestionKind::Shown | QuestionKind::Expression { .. }
        )),
    };
    elements.iter().map(one).sum()
}

impl Held {
    fn survey(&self, id: &SurveyId) -> Result<&HeldSurvey, DeskRefusal> {
        let found = self.surveys.iter().find(|one| one.id == *id);
        found.ok_or(DeskRefusal::Unknown)
    }

    /// Rounds of a survey, the latest first.
    fn waves(&self, id: &SurveyId, now_ms: UtcMs) -> Vec<WaveCard> {
        let mut waves: Vec<WaveCard> = self
            .topics
            .iter()
            .filter_map(|held| {
                let wave = wave_of(held).filter(|wave| wave.survey == *id)?;
                Some(WaveCard {
                    number: wave.number,
                    version: wave.version.clone(),
                    poll: held.card(now_ms),
                    obligation: self.obligation(held, now_ms),
                })
            })
            .collect();
        waves.sort_by_key(|wave| std::cmp::Reverse(wave.number));
        waves
    }

    /// Here every round of somebody rated ends in a low score.
    fn obligation(&self, held: &HeldTopic, now_ms: UtcMs) -> Option<Obligation> {
        let survey = self.survey(&wave_of(held)?.survey).ok()?;
        if survey.rated.is_empty() || held.state(now_ms) != PollState::Closed {
            return None;
        }
        let due_at_ms = held.topic.poll.closes_at_ms + OBLIGED_WITHIN_MS;
        let is_met = survey.actions.iter().any(|one| one.topic == held.topic.id);
        Some(Obligation {
            due_at_ms,
            is_met,
            is_overdue: !is_met && due_at_ms <= now_ms,
        })
    }

    fn card_of(&self, survey: &HeldSurvey, env: &Env) -> Result<SurveyCard, DeskRefusal> {
        let (newest, definition) = survey.versions.last().ok_or(DeskRefusal::Unknown)?;
        Ok(SurveyCard {
            id: survey.id.clone(),
            title: survey.title.clone(),
            rated: survey.rated.clone(),
            place: self.place_ref(&survey.place)?,
            version: newest.version.clone(),
            questions: judged(definition).0,
            waves: self.waves(&survey.id, env.now_ms),
        })
    }

    pub(super) fn survey_cards(&self, env: &Env) -> Vec<SurveyCard> {
        let cards = self.surveys.iter();
        cards
            .filter_map(|one| self.card_of(one, env).ok())
            .collect()
    }

    pub(super) fn survey_detail(
        &self,
        id: &SurveyId,
        env: &Env,
    ) -> Result<SurveyDetail, DeskRefusal> {
        let survey = self.survey(id)?;
        let (_, definition) = survey.versions.last().ok_or(DeskRefusal::Unknown)?;
        let overdue = |one: &CorrectiveAction| CorrectiveAction {
            is_overdue: one.outcome.is_none() && one.due_at_ms <= env.now_ms,
            ..one.clone()
        };
        Ok(SurveyDetail {
            card: self.card_of(survey, env)?,
            definition: definition.clone(),
            scoring: survey.scoring.clone(),
            versions: survey
                .versions
                .iter()
                .rev()
                .map(|one| one.0.clone())
                .collect(),
            actions: survey.actions.iter().rev().map(overdue).collect(),
        })
    }

    pub(super) fn definition(&self, id: &SurveyId, version: &str) -> Result<String, DeskRefusal> {
        let mut versions = self.survey(id)?.versions.iter();
        let found = versions.find(|(row, _)| row.version == version);
        Ok(found.ok_or(DeskRefusal::Unknown)?.1.clone())
    }

    fn wave_topic(&self, topic: &TopicId) -> Result<(&HeldTopic, &Wave), DeskRefusal> {
        let held = self.topics.iter().find(|one| one.topic.id == *topic);
        let held = held.ok_or(DeskRefusal::Unknown)?;
        Ok((held, wave_of(held).ok_or(DeskRefusal::Unknown)?))
    }

    pub(super) fn survey_report(
        &self,
        topic: &TopicId,
        env: &Env,
    ) -> Result<RoundReport, DeskRefusal> {
        let (held, wave) = self.wave_topic(topic)?;
        if held.state(env.now_ms) != PollState::Closed {
            return Err(DeskRefusal::Unknown);
        }
        let survey = self.survey(&wave.survey)?;
        let definition = self.definition(&wave.survey, &wave.version)?;
        let items = survey.scoring.items.iter().enumerate();
        let items = items.map(|(index, item)| {
            let item = linli_model::wave::ItemRef {
                question: item.question.clone(),
                row: item.row.clone(),
            };
            let title = sample::title_of(&definition, &item);
            let score = sample::SCORES[index % sample::SCORES.len()];
            ItemScore { item, title, score }
        });
        let items: Vec<ItemScore> = items.collect();
        let is_low = items.iter().any(|one| one.score < LOW);
        Ok(RoundReport {
            responses: Some(held.turnout().cast),
            obligation: self.obligation(held, env.now_ms).filter(|_| is_low),
            items,
        })
    }

    pub(super) fn posters(&self, topic: &TopicId) -> Result<Vec<Poster>, DeskRefusal> {
        let (held, _) = self.wave_topic(topic)?;
        let at = &held.topic.place;
        let below = self.places.iter().map(|site| &site.node);
        let below = below.filter(|node| node.parent.as_ref() == Some(&at.id));
        let below = below.map(|PlaceNode { id, name, .. }| PlaceRef {
            id: id.clone(),
            name: name.clone(),
        });
        let poster = |place: PlaceRef| Poster {
            address: format!("https://linli.example/p/{topic}#at={}", place.id),
            qr: sample::qr(),
            place,
        };
        Ok(std::iter::once(at.clone())
            .chain(below)
            .map(poster)
            .collect())
    }

    pub(super) fn put_survey(
        &mut self,
        caller: &Caller,
        draft: &SurveyDraft,
        env: &Env,
    ) -> Result<(), DeskRefusal> {
        self.place_ref(&draft.place)?;
        if draft.title.trim().is_empty() {
            return Err(invalid("survey.title", "empty"));
        }
        if let Some(fault) = judged(&draft.definition).1.first() {
            let path = format!("survey.definition.{}", fault.path);
            return Err(invalid(&path, &fault.fault));
        }
        let version = version_of(&draft.definition);
        let row = VersionRow {
            version: version.clone(),
            at_ms: env.now_ms,
            by: caller.name.clone(),
        };
        let scoring = draft.scoring.clone();
        let scoring = scoring.unwrap_or_else(|| shown(&draft.definition));
        let held = self.surveys.iter_mut().find(|one| one.id == draft.id);
        match (held, &draft.based_on) {
            (Some(_), None) => return Err(DeskRefusal::NameTaken),
            (None, Some(_)) => return Err(DeskRefusal::Unknown),
            (Some(held), Some(based_on)) => {
                let newest = held.versions.last().map(|(row, _)| &row.version);
                if newest != Some(based_on) {
                    return Err(DeskRefusal::Conflict);
                }
                if version != *based_on {
                    held.versions.push((row, draft.definition.clone()));
                }
                held.title = draft.title.trim().to_owned();
                held.rated = draft.rated.trim().to_owned();
                held.scoring = scoring;
            }
            (None, None) => self.surveys.push(HeldSurvey {
                id: draft.id.clone(),
                place: draft.place.clone(),
                title: draft.title.trim().to_owned(),
                rated: draft.rated.trim().to_owned(),
                versions: vec![(row, draft.definition.clone())],
                scoring,
                actions: Vec::new(),
            }),
        }
        Ok(())
    }

    /// Whether a draft that is a round asks what there is, under a free number.
    pub(super) fn check_wave(&self, draft: &TopicDraft) -> Result<(), DeskRefusal> {
        let PollKind::Survey { wave } = &draft.poll.kind else {
            return Ok(());
        };
        self.definition(&wave.survey, &wave.version)
            .map_err(|_| invalid("poll.kind.wave.version", "unknown"))?;
        let is_same = |held: &&HeldTopic| {
            held.topic.id != draft.id
                && wave_of(held)
                    .is_some_and(|one| one.survey == wave.survey && one.number == wave.number)
        };
        match self.topics.iter().find(is_same) {
            Some(_) => Err(invalid("poll.kind.wave.number", "taken")),
            None => Ok(()),
        }
    }

    pub(super) fn correct_wave(
        &mut self,
        topic: &TopicId,
        version: &str,
        env: &Env,
    ) -> Result<(), DeskRefusal> {
        let (held, wave) = self.wave_topic(topic)?;
        if held.state(env.now_ms) != PollState::Open {
            return Err(DeskRefusal::Conflict);
        }
        self.definition(&wave.survey, version)?;
        if let PollKind::Survey { wave } = &mut self.held_topic(topic)?.topic.poll.kind {
            version.clone_into(&mut wave.version);
        }
        Ok(())
    }

    pub(super) fn publish_action(
        &mut self,
        topic: &TopicId,
        draft: &ActionDraft,
        env: &Env,
    ) -> Result<(), DeskRefusal> {
        let (held, wave) = self.wave_topic(topic)?;
        if held.state(env.now_ms) != PollState::Closed {
            return Err(DeskRefusal::Conflict);
        }
        let (survey, number) = (wave.survey.clone(), wave.number);
        let required = [
            ("action.items", draft.items.is_empty()),
            ("action.what", draft.what.trim().is_empty()),
            ("action.who", draft.who.trim().is_empty()),
        ];
        if let Some((path, _)) = required.into_iter().find(|(_, is_missing)| *is_missing) {
            return Err(invalid(path, "empty"));
        }
        if draft.due_at_ms <= env.now_ms {
            return Err(invalid("action.due_at_ms", "in_the_past"));
        }
        let action = CorrectiveAction {
            id: RequestId::from_bytes(env.chance[0]),
            topic: topic.clone(),
            wave: number,
            items: draft.items.clone(),
            what: draft.what.trim().to_owned(),
            who: draft.who.trim().to_owned(),
            due_at_ms: draft.due_at_ms,
            published_at_ms: env.now_ms,
            outcome: None,
            is_overdue: false,
        };
        let mut surveys = self.surveys.iter_mut();
        let held = surveys.find(|one| one.id == survey);
        held.ok_or(DeskRefusal::Unknown)?.actions.push(action);
        Ok(())
    }

    pub(super) fn report_action(
        &mut self,
        action: &RequestId,
        text: &str,
        env: &Env,
    ) -> Result<(), DeskRefusal> {
        if text.trim().is_empty() {
            return Err(invalid("text", "empty"));
        }
        let mut actions = self.surveys.iter_mut().flat_map(|one| &mut one.actions);
        let one = actions.find(|one| one.id == *action);
        let one = one.ok_or(DeskRefusal::Unknown)?;
        if one.outcome.is_some() {
            return Err(DeskRefusal::AlreadySettled);
        }
        one.outcome = Some(ActionOutcome {
            text: text.trim().to_owned(),
            at_ms: env.now_ms,
        });
        Ok(())
    }

    /// Where a corrective action belongs.
    pub(super) fn place_of_action(&self, action: &RequestId) -> Option<&PlaceId> {
        let has = |one: &&HeldSurvey| one.actions.iter().any(|held| held.id == *action);
        self.surveys.iter().find(has).map(|one| &one.place)
    }
}
